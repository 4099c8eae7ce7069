//! Stages of two releases.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::artifacts::Names;
use super::fields::{Changed, Fields, word};
use super::pairs::Pairs;
use crate::made::StageReport;

/// What became of the stages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StageChanges {
    /// Stages that are new.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<SoleStage>,
    /// Stages that are gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<SoleStage>,
    /// Stages that are not the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<StageChange>,
}

/// A stage that only one side has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SoleStage {
    /// Its id.
    pub stage: String,
    /// What kind of step it is.
    pub kind: String,
}

/// A stage that both sides have, and that is not the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StageChange {
    /// Its id.
    pub stage: String,
    /// The fields that changed. An artifact that has another id now is no change.
    pub changed: Vec<Changed>,
}

impl StageChanges {
    /// Whether all stages are the same.
    pub const fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }

    pub(super) fn of(before: &[StageReport], after: &[StageReport], names: &Names<'_>) -> Self {
        let pairs = Pairs::of(before, after)
            .by(|nth| vec![&before[nth].id], |nth| vec![&after[nth].id])
            .sorted(|nth| &before[nth].id, |nth| &after[nth].id);
        let sole =
            |stage: &StageReport| SoleStage { stage: stage.id.clone(), kind: stage.kind.clone() };
        let both = pairs.both.iter().map(|(one, other)| (&before[*one], &after[*other]));
        Self {
            added: pairs.new.iter().map(|nth| sole(&after[*nth])).collect(),
            removed: pairs.gone.iter().map(|nth| sole(&before[*nth])).collect(),
            changed: both.filter_map(|(one, other)| change(one, other, names)).collect(),
        }
    }
}

fn change(before: &StageReport, after: &StageReport, names: &Names<'_>) -> Option<StageChange> {
    let now = |stage: &StageReport, is_before: bool| -> Vec<String> {
        let name = |id: &str| if is_before { names.now(id).to_owned() } else { id.to_owned() };
        let models = stage.models.iter();
        models
            .map(|used| format!("{} ({})", name(used.artifact.as_str()), word(&used.usage)))
            .collect()
    };
    let changed = Fields::default()
        .value("kind", Some(&before.kind), Some(&after.kind))
        .list("code", names.all(&before.code), after.code.clone())
        .list("config", names.all(&before.config), after.config.clone())
        .list("environment", names.all(&before.environment), after.environment.clone())
        .list("data", names.all(&before.data), after.data.clone())
        .list("models", now(before, true), now(after, false))
        .list("outputs", names.all(&before.outputs), after.outputs.clone())
        .0;
    (!changed.is_empty()).then(|| StageChange { stage: after.id.clone(), changed })
}
