//! Two releases, or two reports, held against each other: what changed, which way, and why the verdict moved.
//!
//! Nothing is judged again, and nothing is looked at: what a report or a claim says is taken as said. What
//! nobody saw is never taken for gone.
//!
//! Spec: `spec/v0.1/diff.md`.

mod artifacts;
mod claims;
mod class;
mod fields;
mod files;
mod findings;
mod frameworks;
mod license;
mod pairs;
mod parents;
mod sides;
mod stages;
mod trend;

use fullsource_format::index::FileTable;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::report::{ReleaseReport, Report, Verdict};
use fields::Fields;
use files::Touched;
use sides::Looks;

pub use artifacts::{Access, ArtifactChange, By, Bytes, Sole, StatusChange};
pub use class::{ChainChange, ClassChange, Decided, LinkageChange, NeedChange};
pub use fields::Changed;
pub use files::{FileChanges, FileList, FilesCompared};
pub use findings::{FindingChange, FindingChanges, SignerChanges};
pub use frameworks::{AnswerChange, BadgeChange};
pub use license::Relicensed;
pub use parents::{ParentChange, ParentChanges, SoleParent};
pub use sides::{Basis, Side};
pub use stages::{SoleStage, StageChange, StageChanges};
pub use trend::Trend;

/// `_type` of every comparison.
pub const TYPE: &str = "https://fullsource.dev/diff/v0.1";

/// One side, as it comes in.
#[derive(Clone, Copy)]
pub struct Release<'a> {
    /// Its report, or a report of what it claims.
    pub report: &'a Report,
    /// The files that its statement covers, where they are at hand.
    pub files: Option<&'a FileTable>,
}

/// What is not the same, and which way it went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "fullsource diff")]
pub struct Diff {
    /// The type of a comparison.
    #[serde(rename = "_type")]
    #[schemars(extend("const" = TYPE))]
    diff_type: String,
    /// What all of it comes to: the greatest of all trends. Absent: nothing differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trend: Option<Trend>,
    /// The first side.
    pub before: Side,
    /// The second side.
    pub after: Side,
    /// What could not be compared, in words for people.
    pub not_compared: Vec<String>,
    /// How the look moved, where nobody looked at one side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look: Option<Trend>,
    /// How the verdict moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<VerdictChange>,
    /// How the class moved, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<ClassChange>,
    /// The release in its own words, and its statement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub release: Vec<Changed>,
    /// Other licences, and what they do to the four freedoms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relicensed: Vec<Relicensed>,
    /// What fewer can have now, or nobody could see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withdrawn: Vec<Access>,
    /// What more can have now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opened: Vec<Access>,
    /// Artifacts that are no longer claimed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Sole>,
    /// Artifacts that are claimed now alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<Sole>,
    /// Artifacts that are not the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<ArtifactChange>,
    /// The stages.
    #[serde(default, skip_serializing_if = "StageChanges::is_empty")]
    pub stages: StageChanges,
    /// The covered files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<FileChanges>,
    /// The signatures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signers: Option<SignerChanges>,
    /// The parents.
    #[serde(default, skip_serializing_if = "ParentChanges::is_empty")]
    pub parents: ParentChanges,
    /// Findings that are gone or new.
    #[serde(default, skip_serializing_if = "FindingChanges::is_empty")]
    pub findings: FindingChanges,
    /// What other definitions say now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frameworks: Vec<AnswerChange>,
    /// What readers want to know beside the class.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub badges: Vec<BadgeChange>,
    /// What the reports say that they do not show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_checked: Option<Changed>,
}

/// How the verdict moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VerdictChange {
    /// Before.
    pub from: Verdict,
    /// Now.
    pub to: Verdict,
    /// Which way that is.
    pub trend: Trend,
}

impl Diff {
    /// Compares two sides, the earlier first.
    pub fn of(before: Release<'_>, after: Release<'_>) -> Self {
        let (one, other) = (before.report, after.report);
        let (was, is) = (Side::of(one), Side::of(other));
        let looks = Looks::of(&was, &is);
        let pairs = artifacts::pair(before, after);
        let names = artifacts::names(before, after, &pairs);
        let touched = before.files.zip(after.files).map(|(one, other)| Touched::of(one, other));
        let made = artifacts::compare((before, after), looks, &pairs, &names, touched.as_ref());
        let class = one.class().zip(other.class());
        let mut not_compared = sides::not_compared(one, other, (&was, &is));
        not_compared.extend(files_not_compared(touched.is_some(), one, other));
        let mut diff = Self {
            diff_type: TYPE.to_owned(),
            trend: None,
            not_compared,
            look: look(&was, &is),
            verdict: verdict(one.verdict(), other.verdict()),
            class: class.and_then(|(from, to)| ClassChange::of(from, to, &names, looks)),
            release: release(one, other),
            relicensed: made.relicensed,
            withdrawn: made.withdrawn,
            opened: made.opened,
            removed: made.removed,
            added: made.added,
            changed: made.changed,
            stages: StageChanges::of(one.stages(), other.stages(), &names),
            files: FileChanges::of((one.files(), other.files()), touched),
            signers: SignerChanges::of((one.signers(), &was), (other.signers(), &is)),
            parents: ParentChanges::of(one.parents(), other.parents(), &names),
            findings: FindingChanges::of(one, other, &is, &names),
            frameworks: one
                .frameworks()
                .zip(other.frameworks())
                .map_or_else(Vec::new, |(from, to)| frameworks::answers(from, to)),
            badges: one
                .badges()
                .zip(other.badges())
                .map_or_else(Vec::new, |(from, to)| frameworks::badges(from, to, &names)),
            not_checked: fields::changed(
                "notChecked",
                one.not_checked().iter().cloned(),
                other.not_checked().iter().cloned(),
            ),
            before: was,
            after: is,
        };
        if looks == Looks::Neither {
            diff.of_claims();
        }
        diff.trend = diff.trends().max();
        diff
    }

    /// How the verdict and the class moved, claims included; `None` where neither did.
    pub fn verdict_trend(&self) -> Option<Trend> {
        let verdict = self.verdict.iter().map(|change| change.trend);
        let class = self.class.iter().filter_map(ClassChange::trend);
        verdict.chain(class).chain(self.look).max()
    }

    /// The trend of everything that differs.
    fn trends(&self) -> impl Iterator<Item = Trend> {
        let neutral = |differs: bool| differs.then_some(Trend::Neutral);
        let made = [
            self.relicensed.iter().map(|one| one.trend).max(),
            self.withdrawn.iter().chain(&self.opened).map(|one| one.trend).max(),
            self.removed.iter().chain(&self.added).map(|one| one.trend).max(),
            self.changed.iter().map(|one| one.trend).max(),
            self.signers.as_ref().map(|signers| signers.trend),
            self.parents.changed.iter().map(|one| one.trend).max(),
            self.findings.all().map(|one| one.trend).max(),
            self.frameworks.iter().map(|one| one.trend).max(),
            self.badges.iter().map(|one| one.trend).max(),
            neutral(!self.release.is_empty() || self.files.is_some() || self.class.is_some()),
            neutral(!self.stages.is_empty() || !self.parents.is_empty()),
            neutral(self.not_checked.is_some()),
        ];
        made.into_iter().flatten().chain(self.verdict_trend())
    }
}

fn verdict(from: Verdict, to: Verdict) -> Option<VerdictChange> {
    let trend = Trend::of(sides::worth(from), sides::worth(to)).unwrap_or(Trend::Neutral);
    (from != to).then_some(VerdictChange { from, to, trend })
}

/// What is known of one side alone (`dif-2`): nobody looked at the other, said nothing of its class, or
/// took its files unread.
fn look(was: &Side, is: &Side) -> Option<Trend> {
    match (was.basis, is.basis) {
        (Basis::Report, Basis::Claim) => return Some(Trend::Unseen),
        (Basis::Claim, Basis::Report) => return Some(Trend::Seen),
        _ => {}
    }
    match (&was.headline, &is.headline) {
        (Some(_), None) => return Some(Trend::Unseen),
        (None, Some(_)) => return Some(Trend::Seen),
        _ => {}
    }
    match (was.took_unread(), is.took_unread()) {
        (false, true) => Some(Trend::Unseen),
        (true, false) => Some(Trend::Seen),
        _ => None,
    }
}

/// The release in its own words, and its statement: of another one not all may be in a report.
fn release(before: &Report, after: &Report) -> Vec<Changed> {
    let (statement, other) = (before.statement(), after.statement());
    let (before, after) = (before.release(), after.release());
    let version = |of: Option<&ReleaseReport>| of.and_then(|release| release.version.clone());
    let uri = |of: Option<&ReleaseReport>| of.and_then(|release| release.producer_uri.clone());
    Fields::default()
        .value("name", before.map(|r| &r.name), after.map(|r| &r.name))
        .value("version", version(before), version(after))
        .value("producer", before.map(|r| &r.producer), after.map(|r| &r.producer))
        .value("producerUri", uri(before), uri(after))
        .value("statement", statement, other)
        .0
}

/// A report has the number of its files, and no list (`dif-9`).
fn files_not_compared(listed: bool, before: &Report, after: &Report) -> Option<String> {
    if listed || before.statement() == after.statement() {
        return None;
    }
    let undigested = |report: &Report| {
        let artifacts = report.artifacts().iter();
        artifacts.filter(|one| one.digest.is_none() && !one.places.is_empty()).count()
    };
    let count = undigested(before).max(undigested(after));
    let text = "the files one by one: a report and a manifest do not list them";
    Some(match count {
        0 => text.to_owned(),
        1 => format!("{text}; whether the bytes of 1 artifact changed is not known"),
        _ => format!("{text}; whether the bytes of {count} artifacts changed is not known"),
    })
}
