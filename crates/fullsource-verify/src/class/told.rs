//! The class as a report has it, with the whole derivation.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::need::Conjunct;
use super::standing::{TOP, name};
use super::{Chain, Class, Interval, Linkage, Need, Next, Pair, Standing};

/// The class of a release, as the report has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClassReport {
    /// The name on the chain of freedom, else on that of availability.
    pub headline: String,
    /// Is it there?
    pub availability: Interval,
    /// May anyone use it, for anything?
    pub freedom: Interval,
    /// The same, by what the statement claims.
    pub claimed: Standing,
    /// The same, without what is asked of the models it starts from. Absent where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delta: Option<Standing>,
    /// Whether anything but the signer's word says that these sources made these weights.
    pub linkage: Linkage,
    /// What is missing for the next rung of freedom. Absent at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Next>,
    /// For each rung, what it needs, with its value and what decided.
    pub rungs: Vec<RungReport>,
}

/// One rung.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RungReport {
    /// 1 to 4.
    pub rung: u8,
    /// Its name on the chain of availability.
    pub availability: String,
    /// Its name on the chain of freedom.
    pub freedom: String,
    /// What it needs, beside all that the rungs below need.
    pub needs: Vec<ConjunctReport>,
}

/// One need of a rung.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConjunctReport {
    /// What is needed.
    pub need: Need,
    /// The stage that needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Arc<str>>,
    /// The data set or the model that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Arc<str>>,
    /// Its value on both chains.
    #[serde(flatten)]
    pub value: Pair,
    /// The artifact that decided on availability.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_availability: Option<Arc<str>>,
    /// The artifact that decided on freedom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_freedom: Option<Arc<str>>,
}

impl Class<'_> {
    /// The class as a report has it.
    pub fn report(&self, linkage: Linkage) -> ClassReport {
        let Standing { availability, freedom } = self.verified;
        ClassReport {
            headline: self.headline().to_owned(),
            availability,
            freedom,
            claimed: self.claimed,
            delta: self.delta,
            linkage,
            next: self.next(Chain::Freedom),
            rungs: (1..=TOP).map(|rung| self.rung(rung)).collect(),
        }
    }

    fn rung(&self, rung: u8) -> RungReport {
        let needs = self.asked.iter().filter(|conjunct| conjunct.rung == rung);
        RungReport {
            rung,
            availability: name(Chain::Availability, rung).to_owned(),
            freedom: name(Chain::Freedom, rung).to_owned(),
            needs: needs.map(|conjunct| self.conjunct(conjunct)).collect(),
        }
    }

    fn conjunct(&self, conjunct: &Conjunct) -> ConjunctReport {
        let id = |nth: usize| self.graph.artifacts[nth].id.shared();
        let [decided_availability, decided_freedom] = conjunct.decided.map(|nth| nth.map(id));
        ConjunctReport {
            need: conjunct.need,
            stage: conjunct.stage.map(|number| self.graph.stages[number].id.shared()),
            about: conjunct.about.map(id),
            value: conjunct.worth,
            decided_availability,
            decided_freedom,
        }
    }
}
