//! The two sides of a comparison, and what can be told of each.

use fullsource_format::evidence::StatementRef;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::artifacts::Status;
use crate::class::Tri;
use crate::finding::{Code, Layer, Severity};
use crate::report::{FilesReport, ReleaseReport, Report, Verdict};

/// What is known of one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// What a release claims of itself: nobody looked at anything.
    Claim,
    /// What somebody says that a look came to.
    Report,
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Side {
    /// What is known of it.
    pub basis: Basis,
    /// Its statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<StatementRef>,
    /// The release, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<ReleaseReport>,
    /// The verdict of its report.
    pub verdict: Verdict,
    /// Its class, by what was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headline: Option<String>,
    /// Its class, by what it claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<String>,
    /// Whether signatures were held against keys.
    pub signatures_checked: bool,
    /// Its files, where somebody looked at them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<FilesReport>,
    /// Its artifacts.
    pub artifacts: u64,
    /// Of these, artifacts at which somebody looked.
    pub artifacts_seen: u64,
}

impl Side {
    pub(super) fn of(report: &Report) -> Self {
        let seen = report.artifacts().iter().filter(|artifact| looked_at(artifact.status)).count();
        let nobody_looked = report.files().is_none() && seen == 0;
        let class = report.class();
        let basis = if nobody_looked { Basis::Claim } else { Basis::Report };
        let has = |code| report.findings().iter().any(|finding| finding.code == code);
        let keyless =
            has(Code::SignatureNoKey) || basis == Basis::Claim && has(Code::SignatureNone);
        Self {
            basis,
            statement: report.statement().map(|sha256| StatementRef { sha256 }),
            release: report.release().cloned(),
            verdict: report.verdict(),
            headline: class.map(|class| class.headline.clone()),
            claimed: class.map(|class| class.claimed.headline().to_owned()),
            signatures_checked: report.statement().is_some() && !keyless,
            files: report.files().cloned(),
            artifacts: report.artifacts().len() as u64,
            artifacts_seen: seen as u64,
        }
    }

    /// Whether a fault of this layer would have been found here, too, as far as no artifact is concerned.
    pub(super) fn looked_for(&self, layer: Layer) -> bool {
        match layer {
            Layer::Input => self.statement.is_some(),
            Layer::Signature => self.signatures_checked,
            Layer::Files => self.files.is_some(),
            Layer::Artifacts | Layer::Policy => self.basis == Basis::Report,
        }
    }
}

/// What a verdict is worth: known to be good, known to be bad, or neither.
pub(super) const fn worth(verdict: Verdict) -> Tri {
    match verdict {
        Verdict::Pass => Tri::T,
        Verdict::Fail => Tri::F,
        Verdict::Incomplete | Verdict::Error => Tri::U,
    }
}

/// Whether somebody saw something, or saw that nothing is there. What the publisher says is no look.
const fn looked_at(status: Status) -> bool {
    !matches!(status, Status::Unchecked | Status::Internal | Status::RecipeOnly | Status::Withheld)
}

/// What was seen of an artifact; `None` where the publisher's word alone decides.
pub(super) const fn sight(status: Status) -> Option<Tri> {
    match status {
        Status::Verified | Status::Gated => Some(Tri::T),
        Status::Mismatch | Status::Placeholder | Status::Absent => Some(Tri::F),
        Status::Metadata
        | Status::Partial
        | Status::Unchecked
        | Status::Unreachable
        | Status::Closed => Some(Tri::U),
        Status::Internal | Status::RecipeOnly | Status::Withheld => None,
    }
}

/// What could not be compared, in words for people (`dif-2`).
pub(super) fn not_compared(before: &Report, after: &Report, sides: (&Side, &Side)) -> Vec<String> {
    let mut texts = Vec::new();
    for (name, side) in [("before", sides.0), ("after", sides.1)] {
        if side.basis == Basis::Claim {
            let text = "what the release claims: nobody looked, no signature was checked";
            texts.push(format!("`{name}` is {text}; nothing that was seen is compared with it"));
        } else if !side.signatures_checked {
            texts.push(format!("`{name}`: no signature was held against a key"));
        }
    }
    let (one, other) = (sides.0.artifacts_seen, sides.1.artifacts_seen);
    if sides.0.basis == Basis::Report && sides.1.basis == Basis::Report {
        let (of_one, of_other) = (sides.0.artifacts, sides.1.artifacts);
        if of_one - one != of_other - other {
            texts.push(format!(
                "the looks differ: {one} of {of_one} artifacts were looked at before, {other} of {of_other} after"
            ));
        }
        let weighs_otherwise = weighs_otherwise(before, after);
        if weighs_otherwise {
            texts.push("one code weighs otherwise: the policies may differ".to_owned());
        }
        texts.push(
            "under which policy, and when, each report was made: reports do not say".to_owned(),
        );
    }
    texts
}

/// Whether a code has one weight in one report and another in the other: somebody's policy says so.
fn weighs_otherwise(before: &Report, after: &Report) -> bool {
    use std::collections::{BTreeMap, BTreeSet};
    let weights = |report: &Report| {
        let mut weights: BTreeMap<Code, BTreeSet<Severity>> = BTreeMap::new();
        for finding in report.findings() {
            weights.entry(finding.code).or_default().insert(finding.severity);
        }
        weights
    };
    let (before, after) = (weights(before), weights(after));
    before
        .iter()
        .any(|(code, weights)| after.get(code).is_some_and(|others| others.is_disjoint(weights)))
}
