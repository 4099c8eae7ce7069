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

/// At how many sides somebody looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looks {
    Neither,
    One,
    Both,
}

impl Looks {
    pub(super) const fn of(before: &Side, after: &Side) -> Self {
        match (before.basis, after.basis) {
            (Basis::Claim, Basis::Claim) => Self::Neither,
            (Basis::Report, Basis::Report) => Self::Both,
            _ => Self::One,
        }
    }
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
    /// Of these, artifacts that somebody saw, or saw to be gone.
    pub artifacts_seen: u64,
    /// Of these, artifacts that nobody could see whole. The rest has nothing to see.
    pub artifacts_unseen: u64,
}

impl Side {
    pub(super) fn of(report: &Report) -> Self {
        let sights = || report.artifacts().iter().map(|artifact| artifact.status);
        let unseen = sights().filter(|status| sight(*status) == Some(Tri::U)).count();
        let seen =
            sights().filter(|status| matches!(sight(*status), Some(Tri::T | Tri::F))).count();
        let nobody_looked = report.files().is_none() && !sights().any(looked_at);
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
            artifacts_unseen: unseen as u64,
        }
    }

    /// Whether files were taken for what they were, and not read.
    pub(super) fn took_unread(&self) -> bool {
        self.files.as_ref().is_some_and(|files| files.unread.is_some())
    }

    /// Whether a fault of this layer would have been found here, too, as far as no artifact is concerned.
    pub(super) fn looked_for(&self, layer: Layer) -> bool {
        match layer {
            Layer::Input => self.statement.is_some(),
            Layer::Signature => self.signatures_checked,
            Layer::Files => self.files.is_some() && !self.took_unread(),
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
    let (was, is) = sides;
    let seen = "what was seen, and who signed: nobody looked at";
    let mut texts = match (was.basis, is.basis) {
        (Basis::Claim, Basis::Claim) => vec![format!(
            "{seen} either side; to compare that, verify both with `--format json` and give the reports"
        )],
        (Basis::Claim, Basis::Report) => vec![format!("{seen} the first side")],
        (Basis::Report, Basis::Claim) => vec![format!("{seen} the second side")],
        (Basis::Report, Basis::Report) => of_reports(before, after, sides),
    };
    let keyless = |side: &Side| side.basis == Basis::Report && !side.signatures_checked;
    if keyless(was) || keyless(is) {
        texts.push("who signed: no signature was held against a key on one side".to_owned());
    }
    texts
}

fn of_reports(before: &Report, after: &Report, (was, is): (&Side, &Side)) -> Vec<String> {
    let mut texts = Vec::new();
    if was.artifacts_unseen != is.artifacts_unseen {
        texts.push(format!(
            "the looks differ: {} of {} artifacts could not be seen before, {} of {} after",
            was.artifacts_unseen, was.artifacts, is.artifacts_unseen, is.artifacts
        ));
    }
    if weighs_otherwise(before, after) {
        texts.push("one code weighs otherwise: the policies may differ".to_owned());
    }
    texts.push("under which policy, and when, each report was made: reports do not say".to_owned());
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
