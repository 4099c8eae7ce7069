//! Parent models: other statements, and where they stand now.

use fullsource_format::evidence::StatementRef;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::artifacts::Names;
use super::class::ChainChange;
use super::fields::{Changed, Fields, word};
use super::pairs::Pairs;
use super::trend::Trend;
use crate::class::{Chain, Interval, Standing, Tri};
use crate::parents::{ParentReport, ParentStatus};

/// What became of the parents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ParentChanges {
    /// Statements that are named now alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<SoleParent>,
    /// Statements that were named before alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<SoleParent>,
    /// Parents that are not the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<ParentChange>,
}

/// A parent that only one side has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SoleParent {
    /// Its statement.
    pub statement: StatementRef,
    /// The artifacts of the release that stand for it. Empty for a parent's parent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<String>,
    /// The name that its statement gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A parent that both sides have, and that is not the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ParentChange {
    /// Its statement now.
    pub statement: StatementRef,
    /// Its statement before, where that was another: the same artifact stood for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<StatementRef>,
    /// The artifacts of the release that stand for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<String>,
    /// The fields that changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<Changed>,
    /// How its standing moved, by what was seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verified: Vec<ChainChange>,
    /// The same, by what its statement claims.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claimed: Vec<ChainChange>,
    /// Which way that is, all taken together.
    pub trend: Trend,
}

impl ParentChanges {
    /// Whether all parents are the same.
    pub const fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }

    pub(super) fn of(before: &[ParentReport], after: &[ParentReport], names: &Names<'_>) -> Self {
        let standing_for = |parent: &ParentReport| names.all(&parent.artifacts).collect::<Vec<_>>();
        let id = |parent: &ParentReport| parent.statement.sha256;
        let pairs = Pairs::of(before, after)
            .by(|nth| vec![id(&before[nth])], |nth| vec![id(&after[nth])])
            .by(|nth| standing_for(&before[nth]), |nth| after[nth].artifacts.clone())
            .sorted(|nth| id(&before[nth]), |nth| id(&after[nth]));
        let both = pairs.both.iter().map(|(one, other)| (&before[*one], &after[*other]));
        Self {
            added: pairs.new.iter().map(|nth| sole(&after[*nth])).collect(),
            removed: pairs.gone.iter().map(|nth| sole(&before[*nth])).collect(),
            changed: both.filter_map(|(one, other)| change(one, other, names)).collect(),
        }
    }
}

fn sole(parent: &ParentReport) -> SoleParent {
    SoleParent {
        statement: parent.statement,
        artifacts: parent.artifacts.clone(),
        name: parent.release.as_ref().map(|release| release.name.clone()),
    }
}

fn change(before: &ParentReport, after: &ParentReport, names: &Names<'_>) -> Option<ParentChange> {
    let was = (before.statement != after.statement).then_some(before.statement);
    let changed = fields(before, after, names);
    let verified = chains(before.verified, after.verified, Trend::of_interval);
    let claimed = chains(before.claimed, after.claimed, Trend::of_claim);
    if was.is_none() && changed.is_empty() && verified.is_empty() && claimed.is_empty() {
        return None;
    }
    let moved = verified.iter().chain(&claimed).map(|chain| chain.trend);
    let counts = Trend::of(counts(before.status), counts(after.status));
    // Whether anybody trusted its signer is a matter of the verifier's keys.
    let trusted = Trend::of(trusted(before), trusted(after));
    let trend = moved.chain(counts).chain(trusted).max().unwrap_or(Trend::Neutral);
    let (statement, artifacts) = (after.statement, after.artifacts.clone());
    Some(ParentChange { statement, was, artifacts, changed, verified, claimed, trend })
}

const fn trusted(parent: &ParentReport) -> Tri {
    if parent.trusted { Tri::T } else { Tri::U }
}

/// Whether a statement is known to count for the model, or known not to.
const fn counts(status: ParentStatus) -> Tri {
    match status {
        ParentStatus::Counts => Tri::T,
        ParentStatus::Unrelated
        | ParentStatus::Unchecked
        | ParentStatus::Unreachable
        | ParentStatus::Closed => Tri::U,
        ParentStatus::Absent
        | ParentStatus::Malformed
        | ParentStatus::Revoked
        | ParentStatus::Mismatch => Tri::F,
    }
}

fn fields(before: &ParentReport, after: &ParentReport, names: &Names<'_>) -> Vec<Changed> {
    let signers = |parent: &ParentReport| -> Vec<String> {
        let who = parent.signers.iter();
        who.map(|one| format!("{} ({})", one.key_id, word(&one.standing))).collect()
    };
    let name = |of: &ParentReport| of.release.as_ref().map(|release| release.name.clone());
    let version = |of: &ParentReport| of.release.as_ref().and_then(|r| r.version.clone());
    let producer = |of: &ParentReport| of.release.as_ref().map(|r| r.producer.clone());
    let uri = |of: &ParentReport| of.release.as_ref().and_then(|r| r.producer_uri.clone());
    let made = |of: &ParentReport| -> Vec<String> {
        let artifacts = of.made.iter().flat_map(|made| &made.artifacts);
        artifacts.map(|one| format!("{} {}", one.id, one.status.as_str())).collect()
    };
    Fields::default()
        .list("artifacts", names.all(&before.artifacts), after.artifacts.clone())
        .value("status", Some(word(&before.status)), Some(word(&after.status)))
        .value("reason", before.reason.as_ref(), after.reason.as_ref())
        .value("name", name(before), name(after))
        .value("version", version(before), version(after))
        .value("producer", producer(before), producer(after))
        .value("producerUri", uri(before), uri(after))
        .list("signers", signers(before), signers(after))
        .value("trusted", Some(before.trusted), Some(after.trusted))
        .value("local", Some(before.local), Some(after.local))
        .list("made", made(before), made(after))
        .0
}

fn chains(
    before: Option<Standing>,
    after: Option<Standing>,
    trend: impl Fn(Interval, Interval) -> Option<Trend>,
) -> Vec<ChainChange> {
    // Where it was not judged, anything may be.
    let on = |standing: Option<Standing>, chain| {
        standing.map_or(Interval::UNKNOWN, |standing| standing.on(chain))
    };
    let moved = Chain::BOTH.into_iter().filter_map(|chain| {
        let (from, to) = (on(before, chain), on(after, chain));
        Some(ChainChange { chain, from, to, trend: trend(from, to)? })
    });
    moved.collect()
}
