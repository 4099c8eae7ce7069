//! Findings that are gone or new, and other signers.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::artifacts::Names;
use super::pairs::Pairs;
use super::sides::{Side, sight};
use super::trend::Trend;
use crate::class::Tri;
use crate::finding::{Code, Finding, Layer, Severity};
use crate::report::Report;
use crate::signers::{Signer, Standing};

/// A finding that only one side has, or that weighs otherwise now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FindingChange {
    /// What it is about.
    pub code: Code,
    /// How much it weighs; of one that both sides have, how much now.
    pub severity: Severity,
    /// How much it weighed, where both sides have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Severity>,
    /// The artifact concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact: Option<String>,
    /// The path or the place in a document concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What happened.
    pub message: String,
    /// Which way that is.
    pub trend: Trend,
}

/// What became of the findings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FindingChanges {
    /// Findings that are new.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub new: Vec<FindingChange>,
    /// Findings that are gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<FindingChange>,
    /// Findings that weigh otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weighed: Vec<FindingChange>,
}

impl FindingChanges {
    /// Whether both sides have the same findings.
    pub const fn is_empty(&self) -> bool {
        self.new.is_empty() && self.gone.is_empty() && self.weighed.is_empty()
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &FindingChange> {
        self.new.iter().chain(&self.gone).chain(&self.weighed)
    }

    /// `after`: what can be told of the second side.
    pub(super) fn of(before: &Report, after: &Report, is: &Side, names: &Names<'_>) -> Self {
        let (ours, theirs) = (before.findings(), after.findings());
        let about = |finding: &Finding, was: bool| {
            let name = |id: &String| if was { names.now(id).to_owned() } else { id.clone() };
            (finding.code, finding.artifact.as_ref().map(name), finding.path.clone())
        };
        let weighed = |finding: &Finding, was| (about(finding, was), finding.severity);
        let pairs = Pairs::of(ours, theirs)
            .by(|nth| vec![weighed(&ours[nth], true)], |nth| vec![weighed(&theirs[nth], false)])
            .by(|nth| vec![about(&ours[nth], true)], |nth| vec![about(&theirs[nth], false)])
            .sorted(|nth| nth, |nth| nth);
        let seen = Sights::of(after);
        let both = pairs.both.iter().map(|(one, other)| (&ours[*one], &theirs[*other]));
        let both = both.filter(|(one, other)| one.severity != other.severity);
        Self {
            new: pairs.new.iter().map(|nth| new(&theirs[*nth])).collect(),
            gone: pairs.gone.iter().map(|nth| gone(&ours[*nth], is, &seen, names)).collect(),
            weighed: both.map(|(one, other)| weighs(one, other)).collect(),
        }
    }
}

fn told(finding: &Finding, trend: Trend) -> FindingChange {
    FindingChange {
        code: finding.code,
        severity: finding.severity,
        was: None,
        artifact: finding.artifact.clone(),
        path: finding.path.clone(),
        message: finding.message.clone(),
        trend,
    }
}

fn new(finding: &Finding) -> FindingChange {
    told(
        finding,
        match finding.severity {
            Severity::Error => Trend::Worse,
            Severity::Incomplete => Trend::Unseen,
            Severity::Warning | Severity::Note => Trend::Neutral,
        },
    )
}

/// What is gone is mended only where somebody looked for it again (`dif-14`).
fn gone(finding: &Finding, is: &Side, seen: &Sights<'_>, names: &Names<'_>) -> FindingChange {
    let layer = finding.code.layer();
    let artifact = finding.artifact.as_deref().map(|id| names.now(id));
    let looked = is.looked_for(layer) && artifact.is_none_or(|id| seen.of_artifact(id));
    told(
        finding,
        match (finding.severity, layer) {
            (Severity::Error, Layer::Policy) => Trend::Neutral,
            (Severity::Error, _) if looked => Trend::Better,
            (Severity::Error, _) => Trend::Unseen,
            (Severity::Incomplete, _) => Trend::Seen,
            (Severity::Warning | Severity::Note, _) => Trend::Neutral,
        },
    )
}

fn weighs(before: &Finding, after: &Finding) -> FindingChange {
    let trend = match after.severity.cmp(&before.severity) {
        std::cmp::Ordering::Greater => new(after).trend,
        _ => Trend::Neutral,
    };
    FindingChange { was: Some(before.severity), ..told(after, trend) }
}

/// What was seen of the artifacts of a report.
struct Sights<'a>(HashMap<&'a str, Option<Tri>>);

impl<'a> Sights<'a> {
    fn of(report: &'a Report) -> Self {
        let artifacts = report.artifacts().iter();
        Self(artifacts.map(|one| (one.id.as_str(), sight(one.status))).collect())
    }

    /// Whether somebody saw it; one that is no longer claimed cannot be seen.
    fn of_artifact(&self, id: &str) -> bool {
        matches!(self.0.get(id), Some(Some(Tri::T | Tri::F)))
    }
}

/// Who signed before, and who now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignerChanges {
    /// Signatures that are gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<Signer>,
    /// Signatures that are new.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub new: Vec<Signer>,
    /// Worse where nobody signed as the producer any more, unseen where nobody held it against a key.
    pub trend: Trend,
}

impl SignerChanges {
    pub(super) fn of(
        (before, was): (&[Signer], &Side),
        (after, is): (&[Signer], &Side),
    ) -> Option<Self> {
        let key =
            |signer: &Signer| (signer.key_id.clone(), signer.principal.clone(), signer.standing);
        let pairs = Pairs::of(before, after)
            .by(|nth| vec![key(&before[nth])], |nth| vec![key(&after[nth])])
            .sorted(|nth| key(&before[nth]), |nth| key(&after[nth]));
        let vouched = |signers: &[Signer], side: &Side| {
            let by_producer = signers.iter().any(|signer| signer.standing == Standing::Producer);
            if side.signatures_checked { Tri::of(by_producer) } else { Tri::U }
        };
        let trend = Trend::of(vouched(before, was), vouched(after, is));
        if pairs.gone.is_empty() && pairs.new.is_empty() && trend.is_none() {
            return None;
        }
        Some(Self {
            gone: pairs.gone.iter().map(|nth| before[*nth].clone()).collect(),
            new: pairs.new.iter().map(|nth| after[*nth].clone()).collect(),
            trend: trend.unwrap_or(Trend::Neutral),
        })
    }
}
