//! The European Open Source AI Index: its five dimensions of availability, from what was seen
//! instead of by hand. Its documentation and access dimensions are not judged.

use fullsource_format::manifest::Stage;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::class::{Class, Pair, Relation, Tri, View};

/// The dimensions of availability.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EuIndex {
    /// Data sources of the base model.
    pub datasources_basemodel: Openness,
    /// Data sources of the model that users get.
    pub datasources_endmodel: Openness,
    /// Weights of the base model.
    pub weights_basemodel: Openness,
    /// Weights of the model that users get.
    pub weights_endmodel: Openness,
    /// Training code.
    pub trainingcode: Openness,
}

/// How open something is, in the index's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Openness {
    /// There, for everyone, under a libre licence.
    Open,
    /// There, but gated or not libre.
    Partial,
    /// Not there.
    Closed,
    /// It could not be established.
    Undetermined,
}

impl Openness {
    fn of(worth: Pair) -> Self {
        match (worth.availability, worth.freedom) {
            (_, Tri::T) => Self::Open,
            (Tri::F, _) => Self::Closed,
            (Tri::T, Tri::F) => Self::Partial,
            _ => Self::Undetermined,
        }
    }
}

/// Whether a stage makes a base model, in the index's sense.
fn is_base(stage: &Stage) -> bool {
    matches!(stage.kind.as_str(), "pretrain" | "midtrain" | "train" | "distill")
}

impl EuIndex {
    // cls-64
    pub(super) fn of(class: &Class<'_>) -> Self {
        let view = View::Verified;
        let bases = || class.elsewhere().filter(|(_, model)| model.relation == Relation::Init);
        let of_bases =
            |rung: u8| bases().map(|(_, model)| model.standing.meets(rung)).reduce(Pair::and);
        let weights = class.of_role("weights.final", view);
        let tuning = class.of_data(|stage| !is_base(stage) && !stage.kind.is_transform(), view);
        let own_base = class.of_data(is_base, view);
        let base_data = of_bases(3).or(own_base).unwrap_or(Pair::F);
        Self {
            datasources_basemodel: Openness::of(base_data),
            datasources_endmodel: Openness::of(tuning.unwrap_or(base_data)),
            weights_basemodel: Openness::of(of_bases(1).unwrap_or(weights)),
            weights_endmodel: Openness::of(weights),
            trainingcode: Openness::of(class.of_role("code.training", view)),
        }
    }
}
