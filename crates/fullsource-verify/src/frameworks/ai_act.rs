//! The EU AI Act: a screen of what Article 53(2) exempts a general-purpose model from. It shows which
//! facts are there; it is no legal advice.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Answer;
use crate::class::{Class, Tri, View};

/// The screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AiAct {
    /// Whether the conditions of Article 53(2) are met: free licence, public weights, public
    /// information on architecture and use.
    pub exemption: Answer<Tri>,
    /// Whether the training compute is presumed to bring systemic risk (Article 51(2)), which ends
    /// the exemption.
    pub systemic_risk: Answer<Tri>,
    /// Whether a summary of the training content is there (Article 53(1)(d)), which no licence
    /// replaces.
    pub training_content_summary: Answer<Tri>,
}

/// Training compute above which systemic risk is presumed, in floating-point operations.
const SYSTEMIC_FLOP: f64 = 1e25;

impl AiAct {
    // cls-65
    pub(super) fn of(class: &Class<'_>, parameters: Option<u64>) -> Self {
        let systemic = match training_flop(class, parameters) {
            Some(flop) if flop > SYSTEMIC_FLOP => Tri::T,
            Some(_) => Tri::F,
            None => Tri::U,
        };
        let view = View::Verified;
        let weights = class.verified().freedom.meets(1);
        let architecture = class
            .of_role("config.model", view)
            .or(class.of_role("code.architecture", view))
            .availability;
        let usage = class.of_role("doc.model-card", view).availability;
        let parts = [
            (weights, "weights under a free licence (F1)"),
            (architecture, "information on the architecture"),
            (usage, "information on usage (model card)"),
            (opposite(systemic), "training compute of at most 10^25 FLOP (Article 51(2))"),
        ];
        let worst = parts.iter().min_by_key(|(value, _)| *value);
        let (exemption, rule) = worst.map_or((Tri::U, ""), |(value, rule)| (*value, *rule));
        let rule = match exemption {
            Tri::T => "Article 53(2): every condition is met".to_owned(),
            Tri::F => format!("Article 53(2): not met: {rule}"),
            Tri::U => format!("Article 53(2): not established: {rule}"),
        };
        let summary = class.of_role("doc.training-content-summary", view).availability;
        Self {
            exemption: Answer::of(exemption, rule),
            systemic_risk: Answer::of(systemic, "Article 51(2): more than 10^25 FLOP of training"),
            training_content_summary: Answer::of(summary, "Article 53(1)(d)"),
        }
    }
}

const fn opposite(value: Tri) -> Tri {
    match value {
        Tri::T => Tri::F,
        Tri::U => Tri::U,
        Tri::F => Tri::T,
    }
}

/// Floating-point operations of all training stages of this release: stated, or 6·N·D from
/// parameters and tokens. `None` where a stage gives neither.
pub fn training_flop(class: &Class<'_>, parameters: Option<u64>) -> Option<f64> {
    let training = class.stages().filter(|(_, stage)| !stage.kind.is_transform());
    let mut total = None;
    for (_, stage) in training {
        let stated = stage.compute.as_ref().and_then(|compute| compute.flop.as_ref());
        let tokens = || {
            let counts = stage.data.iter().map(|data| Some(data.tokens.as_ref()?.to_f64()));
            counts.sum::<Option<f64>>().filter(|tokens| *tokens > 0.0)
        };
        #[allow(clippy::cast_precision_loss, reason = "an estimate")]
        let estimated = || Some(6.0 * parameters? as f64 * tokens()?);
        let flop = stated.map(fullsource_format::text::Amount::to_f64).or_else(estimated)?;
        total = Some(total.unwrap_or(0.0) + flop);
    }
    total
}
