//! Badges: what a reader wants to know beside the rungs, and what never moves one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ai_act::training_flop;
use crate::class::{Class, Relation, Tri};
use crate::rebuilds::Reproduced;

/// The badges of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Badges {
    /// Artifacts that are there, and not for everyone.
    pub gated: Vec<String>,
    /// Models of others that only their makers can make again.
    pub vendor_dependent: Vec<Dependence>,
    /// Who could make it again, by what its training took.
    pub exercisability: Band,
    /// Whether somebody made it again. Absent: nobody.
    #[serde(default, skip_serializing_if = "Reproduced::is_no")]
    pub reproduced: Reproduced,
}

/// A model that a release depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Dependence {
    /// The artifact that stands for it.
    pub artifact: String,
    /// How it went in.
    pub relation: Relation,
    /// Whether its sources are known to be closed (`yes`), or only not known to be open.
    pub closed: Tri,
}

/// Who could make a model again, by accelerator-hours.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Band {
    /// Below 1,000 accelerator-hours.
    Workstation,
    /// Below 100,000.
    Lab,
    /// Below 1,000,000.
    Institution,
    /// 1,000,000 and more.
    Hyperscale,
    /// A stage does not say.
    Undisclosed,
}

/// Floating-point operations in an accelerator-hour, where only those are stated. Llama 3.1 405B:
/// 3.8e25 in 30.84 million hours.
const FLOP_PER_HOUR: f64 = 1.2e18;

impl Badges {
    // cls-66, cls-67
    pub(super) fn of(class: &Class<'_>, parameters: Option<u64>) -> Self {
        let dependences = class.elsewhere().filter_map(|(id, model)| {
            let closed = match model.standing.freedom.meets(3) {
                Tri::T => return None,
                Tri::U => Tri::U,
                Tri::F => Tri::T,
            };
            Some(Dependence { artifact: id.to_string(), relation: model.relation, closed })
        });
        let mut vendor_dependent: Vec<_> = dependences.collect();
        vendor_dependent.sort_by(|a, b| (&a.artifact, a.relation).cmp(&(&b.artifact, b.relation)));
        vendor_dependent.dedup();
        Self {
            gated: class.gated().map(ToString::to_string).collect(),
            vendor_dependent,
            exercisability: Band::of(hours(class, parameters)),
            reproduced: Reproduced::default(),
        }
    }
}

impl Band {
    /// The band of a number of accelerator-hours.
    pub fn of(hours: Option<f64>) -> Self {
        match hours {
            None => Self::Undisclosed,
            Some(hours) if hours < 1e3 => Self::Workstation,
            Some(hours) if hours < 1e5 => Self::Lab,
            Some(hours) if hours < 1e6 => Self::Institution,
            Some(_) => Self::Hyperscale,
        }
    }
}

/// Accelerator-hours of all training stages, stated or from floating-point operations.
fn hours(class: &Class<'_>, parameters: Option<u64>) -> Option<f64> {
    let training = class.stages().filter(|(_, stage)| !stage.kind.is_transform());
    let stated: Option<Vec<f64>> =
        training.map(|(_, stage)| Some(stage.compute.as_ref()?.hours.as_ref()?.to_f64())).collect();
    match stated {
        Some(hours) if !hours.is_empty() => Some(hours.iter().sum()),
        _ => Some(training_flop(class, parameters)? / FLOP_PER_HOUR),
    }
}
