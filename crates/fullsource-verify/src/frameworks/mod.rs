//! What other definitions say of a release, each from verified facts, beside the verdict.
//!
//! Spec: `spec/v0.1/classification.md`, section "Frameworks".

mod ai_act;
mod badges;
mod eu_index;
mod mof;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::class::{Class, Standing, Tri};

pub use ai_act::{AiAct, training_flop};
pub use badges::{Badges, Band, Dependence};
pub use eu_index::{EuIndex, Openness};
pub use mof::{Component, Mof, MofClass};

/// The answers of all frameworks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Frameworks {
    /// The Open Source AI Definition 1.0.
    pub osaid: Answer<Osaid>,
    /// Debian's groups of models.
    pub debian: Answer<Debian>,
    /// The Free Software Foundation on machine learning.
    pub fsf: Answer<Fsf>,
    /// The Model Openness Framework 1.0.
    pub mof: Mof,
    /// The European Open Source AI Index: its dimensions of availability.
    pub eu_index: EuIndex,
    /// The EU AI Act, Articles 53 and 51: a screen, no legal advice.
    pub ai_act: AiAct,
}

/// An answer and the rule that decided it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Answer<T> {
    /// The answer.
    pub answer: T,
    /// The rule that decided.
    pub rule: String,
}

impl<T> Answer<T> {
    pub(crate) fn of(answer: T, rule: impl Into<String>) -> Self {
        Self { answer, rule: rule.into() }
    }
}

/// Whether a release is Open Source AI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Osaid {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// It could not be established.
    Undetermined,
}

/// The group that Debian's machine-learning policy puts a model in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Debian {
    /// Free weights from free, public data by a complete program.
    Free,
    /// Free weights, and something else is missing or not free.
    ToxicCandy,
    /// The weights are not free.
    #[serde(rename = "Non-free")]
    NonFree,
    /// It could not be established.
    #[serde(rename = "undetermined")]
    Undetermined,
}

/// What the Free Software Foundation would call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fsf {
    /// Software, scripts and all training data grant the four freedoms.
    Free,
    /// They do not.
    Nonfree,
    /// It could not be established.
    Undetermined,
}

/// The answers of all frameworks. `parameters`: how many the weights have, where that is known.
pub fn frameworks(class: &Class<'_>, parameters: Option<u64>) -> Frameworks {
    let standing = class.verified();
    Frameworks {
        osaid: osaid(standing),
        debian: debian(standing),
        fsf: fsf(standing),
        mof: Mof::of(class),
        eu_index: EuIndex::of(class),
        ai_act: AiAct::of(class, parameters),
    }
}

impl Frameworks {
    /// Whether those answers that rest on the class alone are those of this class.
    pub(crate) fn are_of(&self, standing: Standing) -> bool {
        let of_class = (osaid(standing).answer, debian(standing).answer, fsf(standing).answer);
        of_class == (self.osaid.answer, self.debian.answer, self.fsf.answer)
    }
}

/// The badges of a release. `parameters`: how many the weights have, where that is known.
pub fn badges(class: &Class<'_>, parameters: Option<u64>) -> Badges {
    Badges::of(class, parameters)
}

// cls-60
fn osaid(standing: Standing) -> Answer<Osaid> {
    match standing.freedom.meets(2) {
        Tri::T => Answer::of(Osaid::Yes, "F2 is established: code, weights and data information"),
        Tri::F => Answer::of(Osaid::No, "F2 is impossible: code, weights or data information"),
        Tri::U => Answer::of(Osaid::Undetermined, "F2 is possible and not established"),
    }
}

// cls-61
fn debian(standing: Standing) -> Answer<Debian> {
    match (standing.freedom.meets(1), standing.freedom.meets(3)) {
        (Tri::F, _) => Answer::of(Debian::NonFree, "F1 is impossible: the weights are not free"),
        (_, Tri::T) => Answer::of(Debian::Free, "F3 is established"),
        (Tri::T, Tri::F) => {
            Answer::of(Debian::ToxicCandy, "F1 is established and F3 is impossible")
        }
        _ => Answer::of(Debian::Undetermined, "F1 or F3 is possible and not established"),
    }
}

// cls-62
fn fsf(standing: Standing) -> Answer<Fsf> {
    match standing.freedom.meets(3) {
        Tri::T => Answer::of(Fsf::Free, "F3 is established: software, scripts and training data"),
        Tri::F => Answer::of(Fsf::Nonfree, "F3 is impossible: software, scripts or training data"),
        Tri::U => Answer::of(Fsf::Undetermined, "F3 is possible and not established"),
    }
}
