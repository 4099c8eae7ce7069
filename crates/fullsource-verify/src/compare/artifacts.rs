//! Artifacts of two releases: which is which, and what became of each.

use std::collections::{HashMap, HashSet};

use fullsource_format::digest::{DigestSet, Match};
use fullsource_format::manifest::Availability;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Release;
use super::fields::{Changed, Fields, word};
use super::files::Touched;
use super::license::{Relicensed, relicensed};
use super::pairs::Pairs;
use super::sides::{Looks, sight};
use super::trend::Trend;
use crate::check::artifacts::Status;
use crate::class::Tri;
use crate::made::ArtifactReport;

/// An artifact that only one side has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sole {
    /// Its id.
    pub artifact: String,
    /// Its roles.
    pub roles: Vec<String>,
    /// Its licence, as claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// What it is worth.
    pub status: Status,
    /// Worse or better where it is the last, or the first, of one of its roles.
    pub trend: Trend,
}

/// An artifact that both sides have, and that is not the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArtifactChange {
    /// Its id now.
    pub artifact: String,
    /// Its id before, where that was another: its digests say that it is the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// Whether its bytes are the same.
    pub bytes: Bytes,
    /// The fields that changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<Changed>,
    /// What it was worth, and is now, where somebody looked on both sides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusChange>,
    /// Which way that is, all taken together.
    pub trend: Trend,
}

/// Whether the bytes of an artifact are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Bytes {
    /// A strong digest is equal, and none differs.
    Same,
    /// A digest differs.
    Differ,
    /// Nothing tells.
    Unknown,
}

/// What an artifact was worth, and is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatusChange {
    /// Before.
    pub from: Status,
    /// Now.
    pub to: Status,
    /// Which way that is.
    pub trend: Trend,
}

/// An artifact that fewer can have, or more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Access {
    /// The artifact.
    pub artifact: String,
    /// Who says so.
    pub by: By,
    /// Before: what the publisher said, or what a look came to.
    pub from: String,
    /// Now.
    pub to: String,
    /// Which way that is. `unseen`: nobody could see it, and it need not be gone.
    pub trend: Trend,
}

/// Whose word a change of access is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The publisher says so.
    Publisher,
    /// A look came to it.
    Look,
}

/// What became of the artifacts.
pub(super) struct Artifacts {
    pub(super) added: Vec<Sole>,
    pub(super) removed: Vec<Sole>,
    pub(super) changed: Vec<ArtifactChange>,
    pub(super) relicensed: Vec<Relicensed>,
    pub(super) withdrawn: Vec<Access>,
    pub(super) opened: Vec<Access>,
}

/// The names that artifacts of the first side have on the second (`dif-6`).
pub(super) struct Names<'a>(HashMap<&'a str, &'a str>);

impl<'a> Names<'a> {
    /// The name now of what had this name before.
    pub(super) fn now<'b>(&self, id: &'b str) -> &'b str
    where
        'a: 'b,
    {
        self.0.get(id).copied().unwrap_or(id)
    }

    /// The names now, as they stand in a list.
    pub(super) fn all<'b>(&'b self, ids: &'b [String]) -> impl Iterator<Item = String> + 'b {
        ids.iter().map(|id| self.now(id).to_owned())
    }
}

/// Which artifact is which: by id, then by a digest, first among those of the same roles.
pub(super) fn pair(before: Release<'_>, after: Release<'_>) -> Pairs {
    let (ours, theirs) = (before.report.artifacts(), after.report.artifacts());
    let id = |list: &[ArtifactReport], nth: usize| list[nth].id.clone();
    let alike = |side: Release<'_>, nth: usize| {
        let mut roles = side.report.artifacts()[nth].roles.clone();
        roles.sort();
        contents(side, nth).into_iter().map(|digest| (roles.clone(), digest)).collect()
    };
    Pairs::of(ours, theirs)
        .by(|nth| vec![id(ours, nth)], |nth| vec![id(theirs, nth)])
        .sorted(|nth| id(ours, nth), |nth| id(theirs, nth))
        .by(|nth| alike(before, nth), |nth| alike(after, nth))
        .by(|nth| contents(before, nth), |nth| contents(after, nth))
        .sorted(|nth| id(ours, nth), |nth| id(theirs, nth))
}

/// The strong digests that tell an artifact: its own, or that of the one file it is.
fn contents(side: Release<'_>, nth: usize) -> Vec<(&'static str, String)> {
    let artifact = &side.report.artifacts()[nth];
    let own = artifact.digest.iter().flat_map(DigestSet::digests);
    let own = own.filter(|digest| digest.is_strong());
    let mut all: Vec<_> = own.map(|digest| (digest.algorithm(), digest.to_string())).collect();
    if let ([path], Some(files)) = (&artifact.places[..], side.files) {
        let sha256 = files.get(path).and_then(|file| file.sha256);
        all.extend(sha256.map(|sha256| ("sha256", sha256.to_string())));
    }
    all
}

pub(super) fn names<'a>(before: Release<'a>, after: Release<'a>, pairs: &Pairs) -> Names<'a> {
    let both = pairs.both.iter().map(|(one, other)| {
        let (was, is) = (&before.report.artifacts()[*one], &after.report.artifacts()[*other]);
        (was.id.as_str(), is.id.as_str())
    });
    Names(both.filter(|(was, is)| was != is).collect())
}

/// Compares all artifacts.
pub(super) fn compare(
    (before, after): (Release<'_>, Release<'_>),
    looks: Looks,
    pairs: &Pairs,
    names: &Names<'_>,
    touched: Option<&Touched<'_>>,
) -> Artifacts {
    let (ours, theirs) = (before.report.artifacts(), after.report.artifacts());
    let mut all = Artifacts {
        added: soles(theirs, &pairs.new, &roles(ours), Trend::Better),
        removed: soles(ours, &pairs.gone, &roles(theirs), Trend::Worse),
        changed: Vec::new(),
        relicensed: Vec::new(),
        withdrawn: Vec::new(),
        opened: Vec::new(),
    };
    for (one, other) in &pairs.both {
        let (one, other) = (&ours[*one], &theirs[*other]);
        let license = relicensed(one, other);
        let said = said(one, other);
        let status = (looks == Looks::Both).then(|| status(one, other)).flatten();
        let seen = status.and_then(|status| access(other, status));
        let trends = license.iter().map(|change| change.trend);
        let trends = trends.chain(said.iter().map(|change| change.trend));
        let trend = trends.chain(status.map(|change| change.trend)).max();
        all.changed.extend(change(one, other, names, touched, status, trend));
        all.relicensed.extend(license);
        for access in said.into_iter().chain(seen) {
            match access.trend {
                Trend::Worse | Trend::Unseen => all.withdrawn.push(access),
                Trend::Better | Trend::Seen | Trend::Neutral => all.opened.push(access),
            }
        }
    }
    all
}

fn roles(artifacts: &[ArtifactReport]) -> HashSet<&str> {
    artifacts.iter().flat_map(|artifact| &artifact.roles).map(String::as_str).collect()
}

/// Artifacts of one side. `trend`: where the other side has nothing of one of their roles (`dif-7`).
fn soles(
    artifacts: &[ArtifactReport],
    which: &[usize],
    others: &HashSet<&str>,
    trend: Trend,
) -> Vec<Sole> {
    let sole = |nth: &usize| {
        let artifact = &artifacts[*nth];
        let can_be_had = rank(artifact.availability) >= rank(Some(Availability::Gated));
        let last = artifact.roles.iter().any(|role| !others.contains(role.as_str()));
        Sole {
            artifact: artifact.id.clone(),
            roles: artifact.roles.clone(),
            license: artifact.license.clone(),
            status: artifact.status,
            trend: if can_be_had && last { trend } else { Trend::Neutral },
        }
    };
    which.iter().map(sole).collect()
}

fn change(
    before: &ArtifactReport,
    after: &ArtifactReport,
    names: &Names<'_>,
    touched: Option<&Touched<'_>>,
    status: Option<StatusChange>,
    trend: Option<Trend>,
) -> Option<ArtifactChange> {
    let was = (before.id != after.id).then(|| before.id.clone());
    let bytes = bytes(before, after, touched);
    let changed = fields(before, after, names);
    if was.is_none() && changed.is_empty() && status.is_none() && bytes != Bytes::Differ {
        return None;
    }
    let trend = trend.unwrap_or(Trend::Neutral);
    Some(ArtifactChange { artifact: after.id.clone(), was, bytes, changed, status, trend })
}

fn fields(before: &ArtifactReport, after: &ArtifactReport, names: &Names<'_>) -> Vec<Changed> {
    let digests = |artifact: &ArtifactReport| -> Vec<String> {
        let digests = artifact.digest.iter().flat_map(DigestSet::digests);
        digests.map(|digest| format!("{}:{digest}", digest.algorithm())).collect()
    };
    let availability = |of: &ArtifactReport| word(&of.availability.unwrap_or_default());
    Fields::default()
        .value("name", before.name.as_ref(), after.name.as_ref())
        .list("roles", before.roles.clone(), after.roles.clone())
        .value("availability", Some(availability(before)), Some(availability(after)))
        .value("license", before.license.as_ref(), after.license.as_ref())
        .list("digest", digests(before), digests(after))
        .value("size", before.size.map(|size| size.0), after.size.map(|size| size.0))
        .list("places", before.places.clone(), after.places.clone())
        .list("collectedBy", names.all(&before.collected_by), after.collected_by.clone())
        .list("generatedBy", names.all(&before.generated_by), after.generated_by.clone())
        .list("derivedFrom", names.all(&before.derived_from), after.derived_from.clone())
        .value("statement", before.statement, after.statement)
        .0
}

/// Whether the bytes are the same, by the digests of both and by the files of the release (`dif-9`).
fn bytes(before: &ArtifactReport, after: &ArtifactReport, touched: Option<&Touched<'_>>) -> Bytes {
    let digests = before.digest.as_ref().zip(after.digest.as_ref());
    let by_digest = digests.map_or(Bytes::Unknown, |(before, after)| match before.compare(after) {
        Match::Differs { .. } => Bytes::Differ,
        Match::Equal => Bytes::Same,
        Match::Incomplete if shares_strong(before, after) => Bytes::Same,
        Match::Incomplete | Match::Weak => Bytes::Unknown,
    });
    if by_digest != Bytes::Unknown {
        return by_digest;
    }
    touched.map_or(Bytes::Unknown, |touched| touched.bytes(&before.places, &after.places))
}

fn shares_strong(before: &DigestSet, after: &DigestSet) -> bool {
    let strong = before.digests().filter(|digest| digest.is_strong());
    strong.into_iter().any(|digest| after.digests().any(|other| other == digest))
}

/// What the publisher says of who can have it.
fn said(before: &ArtifactReport, after: &ArtifactReport) -> Option<Access> {
    let (was, is) = (rank(before.availability), rank(after.availability));
    Some(Access {
        artifact: after.id.clone(),
        by: By::Publisher,
        from: word(&before.availability.unwrap_or_default()),
        to: word(&after.availability.unwrap_or_default()),
        trend: Trend::of_rank(Some(was), Some(is))?,
    })
}

const fn rank(availability: Option<Availability>) -> u8 {
    match availability {
        None | Some(Availability::Public) => 3,
        Some(Availability::Gated) => 2,
        Some(Availability::RecipeOnly) => 1,
        Some(Availability::Withheld) => 0,
    }
}

fn status(before: &ArtifactReport, after: &ArtifactReport) -> Option<StatusChange> {
    let (from, to) = (before.status, after.status);
    if from == to {
        return None;
    }
    let trend = match (from, to) {
        // The same bytes; now a credential is needed, or no longer.
        (Status::Verified, Status::Gated) => Trend::Worse,
        (Status::Gated, Status::Verified) => Trend::Better,
        _ => {
            let seen = sight(from).zip(sight(to)).and_then(|(from, to)| Trend::of(from, to));
            seen.unwrap_or(Trend::Neutral)
        }
    };
    Some(StatusChange { from, to, trend })
}

/// A status that tells of who can have it: seen before and not now, or the other way round.
fn access(after: &ArtifactReport, status: StatusChange) -> Option<Access> {
    let StatusChange { from, to, trend } = status;
    let told = match trend {
        Trend::Worse => matches!(to, Status::Absent | Status::Gated),
        Trend::Better => matches!(from, Status::Absent | Status::Gated),
        Trend::Unseen => sight(from) == Some(Tri::T),
        Trend::Seen | Trend::Neutral => false,
    };
    let (artifact, by) = (after.id.clone(), By::Look);
    told.then(|| Access {
        artifact,
        by,
        from: from.as_str().to_owned(),
        to: to.as_str().to_owned(),
        trend,
    })
}
