//! The claimed artifacts: what was seen of each, held against its digests.
//!
//! Spec: `spec/v0.1/verification.md`, step "Artifacts".

use std::collections::{HashMap, HashSet};

use fullsource_format::digest::{Digest, DigestSet, Match};
use fullsource_format::evidence::{ArtifactSeen, Evidence, FILES, Observation, Status as Seen};
use fullsource_format::index::{self, FileTable};
use fullsource_format::loadable::is_weight_file;
use fullsource_format::locator::Locator;
use fullsource_format::manifest::{Artifact, Availability, Manifest};
use fullsource_format::path::{FileSelector, RelPath};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::content::{self, Held};
use crate::check::files::Files;
use crate::check::places::{compared, newest};
use crate::finding::{Code, Finding, Severity};
use crate::lineage::Layers;

/// What an artifact is worth, in the words of the spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Bytes were read, and all digests are equal.
    Verified,
    /// The same, where a credential was needed.
    Gated,
    /// What was seen is something else.
    Mismatch,
    /// What was claimed is there, and there is nothing of its kind in it.
    Placeholder,
    /// A host's word was taken.
    Metadata,
    /// Some of it was seen.
    Partial,
    /// Nobody looked, or nothing tells what it should be.
    Unchecked,
    /// No place answered.
    Unreachable,
    /// A door that was not opened.
    Closed,
    /// It is at none of its places.
    Absent,
    /// The output of a stage that needs neither bytes nor a place.
    Internal,
    /// Only instructions to make it again are published.
    RecipeOnly,
    /// The publisher says that it is not published.
    Withheld,
}

impl Status {
    /// The status in words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Gated => "gated",
            Self::Mismatch => "mismatch",
            Self::Placeholder => "placeholder",
            Self::Metadata => "metadata",
            Self::Partial => "partial",
            Self::Unchecked => "unchecked",
            Self::Unreachable => "unreachable",
            Self::Closed => "closed",
            Self::Absent => "absent",
            Self::Internal => "internal",
            Self::RecipeOnly => "recipe-only",
            Self::Withheld => "withheld",
        }
    }
}

/// What became of the artifacts.
pub(crate) struct Artifacts<'e> {
    pub(crate) findings: Vec<Finding>,
    /// What each is worth, in the order of the manifest.
    pub(crate) statuses: Vec<Status>,
    /// The digests of each that the statement states: claimed, or of the covered files that it names.
    pub(crate) digests: Vec<DigestSet>,
    /// What is known of the layers of each.
    pub(crate) layers: Vec<Layers>,
    /// The observations that speak of each (`ver-70`).
    pub(crate) spoken: Vec<Vec<&'e Observation>>,
}

/// Judges each artifact by what was seen of it.
pub(crate) fn check<'e>(
    manifest: &'e Manifest,
    covered: &'e FileTable,
    files: &'e Files,
    evidence: &'e Evidence,
    vouched: bool,
    contradicted: &HashSet<String>,
) -> Artifacts<'e> {
    checked(manifest, covered, Some(files), &evidence.artifacts, vouched, contradicted)
}

/// Judges each artifact of a release that lies elsewhere: its own files by what was seen of them beside
/// its bundle (`ver-92`).
pub(crate) fn check_elsewhere<'e>(
    manifest: &'e Manifest,
    covered: &'e FileTable,
    seen: &'e [ArtifactSeen],
    vouched: bool,
) -> Artifacts<'e> {
    checked(manifest, covered, None, seen, vouched, &HashSet::new())
}

fn checked<'e>(
    manifest: &'e Manifest,
    covered: &'e FileTable,
    files: Option<&'e Files>,
    artifacts: &'e [ArtifactSeen],
    vouched: bool,
    contradicted: &HashSet<String>,
) -> Artifacts<'e> {
    let mut seen: HashMap<&str, Vec<&'e Observation>> = HashMap::new();
    for artifact in artifacts {
        seen.entry(artifact.id.as_str()).or_default().extend(&artifact.observations);
    }
    let made: HashSet<_> = manifest.stages().iter().flat_map(|stage| &stage.outputs).collect();
    let mut findings = Vec::new();
    let mut outcomes = Vec::new();
    let mut held = Vec::new();
    for artifact in manifest.artifacts() {
        let observations = seen.get(artifact.id.as_str()).map_or(&[][..], Vec::as_slice);
        let subject =
            Subject { artifact, covered, files, vouched, made: made.contains(&artifact.id) };
        let mut outcome = subject.judge(observations);
        if contradicted.contains(artifact.id.as_str()) {
            // The index has its finding.
            outcome.status = Status::Mismatch;
        }
        held.push(subject.held(outcome.status, observations));
        outcomes.push(outcome);
    }
    let weighed = content::weigh(manifest, &held);
    let layers = held.iter().map(|one| Layers::of(one.facts())).collect();
    let mut statuses = Vec::with_capacity(held.len());
    let mut spoken = Vec::with_capacity(held.len());
    let mut digests = Vec::with_capacity(held.len());
    for (nth, (one, mut outcome)) in held.into_iter().zip(outcomes).enumerate() {
        let id = one.artifact.id.as_str();
        if let Some(&status) = weighed.statuses.get(&nth) {
            // What is inside has a finding of its own.
            outcome = Outcome { status, finding: None, ..outcome };
        }
        findings.extend(outcome.finding.map(|(code, text)| Finding::new(code, text).of(id)));
        findings.extend(outcome.warning.map(|text| {
            Finding::new(Code::ArtifactMismatch, text).of(id).weighing(Severity::Warning)
        }));
        findings.extend(unlisted_license(one.artifact));
        statuses.push(outcome.status);
        spoken.push(one.seen);
        digests.push(one.digests);
    }
    findings.extend(weighed.findings);
    findings.extend(unclaimed_weights(manifest, covered));
    findings.extend(manifest.cycle().map(|ids| {
        let names: Vec<_> = ids.iter().map(ToString::to_string).collect();
        Finding::new(Code::StageCycle, format!("made from itself: {}", names.join(" ← ")))
    }));
    Artifacts { findings, statuses, digests, layers, spoken }
}

pub(super) struct Outcome {
    pub(super) status: Status,
    pub(super) finding: Option<(Code, String)>,
    /// A mirror that serves something else, beside a good one (`ver-52`).
    pub(super) warning: Option<String>,
}

impl Outcome {
    pub(super) const fn plain(status: Status) -> Self {
        Self { status, finding: None, warning: None }
    }

    pub(super) fn with(status: Status, code: Code, text: impl Into<String>) -> Self {
        Self { status, finding: Some((code, text.into())), warning: None }
    }
}

/// One artifact and what surrounds it.
pub(super) struct Subject<'a> {
    pub(super) artifact: &'a Artifact,
    pub(super) covered: &'a FileTable,
    /// What became of the covered files. None where they do not lie here.
    pub(super) files: Option<&'a Files>,
    pub(super) vouched: bool,
    pub(super) made: bool,
}

impl<'a> Subject<'a> {
    /// What it holds for certain, and what was seen of that (`ver-70`).
    fn held<'e>(&self, status: Status, observations: &[&'e Observation]) -> Held<'e>
    where
        'a: 'e,
    {
        let claimed = self.artifact.digest.clone().unwrap_or_default();
        let selected = selected(self.artifact, self.covered);
        let stated = match selected.is_empty() {
            true => DigestSet::default(),
            false => self.digests(&selected).unwrap_or_default(),
        };
        let digests = stated.digests().fold(claimed, |set, digest| match has(&set, &digest) {
            true => set,
            false => set.with(digest),
        });
        let agrees = |seen: &&Observation| {
            let observed = seen.digests.clone().unwrap_or_default();
            matches!(seen.status, Seen::Seen | Seen::Partial)
                && !matches!(digests.compare(&observed), Match::Differs { .. })
        };
        let places = self.places().map(|uri| uri.to_string());
        let own = places.chain(std::iter::once(FILES.to_owned()));
        let seen = own.filter_map(|place| newest(observations, &place)).filter(agrees).collect();
        Held { artifact: self.artifact, status, digests, seen }
    }

    /// Its places outside the release.
    fn places(&self) -> impl Iterator<Item = &'a Locator> + use<'a> {
        let places = self.artifact.locators.iter().map(|pinned| &pinned.uri);
        places.filter(|uri| !matches!(uri, Locator::Relative(_)))
    }

    fn judge(&self, observations: &[&Observation]) -> Outcome {
        match self.artifact.availability {
            Availability::Withheld => {
                let reason = self.artifact.reason.as_ref().map_or("", |reason| reason.as_str());
                return Outcome::with(Status::Withheld, Code::ArtifactWithheld, reason);
            }
            Availability::RecipeOnly => return Outcome::plain(Status::RecipeOnly),
            Availability::Public | Availability::Gated => {}
        }
        let selected = selected(self.artifact, self.covered);
        if let (Some(files), false) = (self.files, selected.is_empty()) {
            let mut outcome = self.judge_files(files, &selected, observations);
            if outcome.status == Status::Verified {
                // ver-52: the files are as good a place as any.
                let mut elsewhere = self.outcomes(observations).into_iter().flatten();
                let other = elsewhere.find(|place| place.status == Status::Mismatch);
                outcome.warning = other.and_then(|place| place.finding).map(|(_, text)| text);
            }
            return outcome;
        }
        if !selected.is_empty() {
            return self.judge_beside(&selected, observations);
        }
        if self.artifact.locators.is_empty() && self.artifact.digest.is_none() && self.made {
            return Outcome::plain(Status::Internal);
        }
        self.judge_places(observations)
    }

    /// Files of this release: theirs are the digests that the statement binds (`ver-47`).
    fn judge_files(
        &self,
        files: &Files,
        selected: &[usize],
        observations: &[&Observation],
    ) -> Outcome {
        let stated = self.digests(selected).unwrap_or_default();
        if let Some(outcome) = self.contradicted(selected, &stated) {
            return outcome;
        }
        let broken: Vec<_> =
            selected.iter().filter(|index| !files.intact[**index]).copied().collect();
        if !broken.is_empty() {
            // The files have findings of their own.
            let changed = |index: &usize| files.changed.contains(index);
            return Outcome::plain(match broken.iter().any(changed) {
                true => Status::Mismatch,
                false => Status::Unchecked,
            });
        }
        let Some(claimed) = &self.artifact.digest else {
            return Outcome::plain(Status::Verified);
        };
        // What takes a walk to compute, the collector gives.
        let walked =
            observations.iter().filter(|seen| self.vouched && seen.locator.as_str() == FILES);
        let told = walked.flat_map(|seen| seen.digests.iter().flat_map(DigestSet::digests));
        let observed = told.fold(stated, |set, digest| match has(&set, &digest) {
            true => set,
            false => set.with(digest),
        });
        compared(claimed, Some(&observed), Status::Verified)
    }

    /// Files of a release that lies elsewhere: what lies beside its bundle is one more place, and it
    /// must be what the statement binds (`ver-92`).
    fn judge_beside(&self, selected: &[usize], observations: &[&Observation]) -> Outcome {
        let stated = self.digests(selected).unwrap_or_default();
        if let Some(outcome) = self.contradicted(selected, &stated) {
            return outcome;
        }
        let own = self.artifact.digest.iter().flat_map(DigestSet::digests);
        let claimed = own.fold(stated, |set, digest| match has(&set, &digest) {
            true => set,
            false => set.with(digest),
        });
        let claimed = claimed.digests().next().is_some().then_some(&claimed);
        let beside = newest(observations, FILES);
        let mut outcomes = self.outcomes(observations);
        outcomes.push(beside.map(|seen| self.judge_seen(seen, None, claimed)));
        self.best(outcomes)
    }

    /// Where the artifact's digest or size cannot be that of the files it names (`stm-14`).
    fn contradicted(&self, selected: &[usize], stated: &DigestSet) -> Option<Outcome> {
        let mismatch = |text| Some(Outcome::with(Status::Mismatch, Code::ArtifactMismatch, text));
        let bytes: u64 = selected.iter().map(|index| self.covered.record(*index).size).sum();
        if let Some(size) = self.artifact.size.filter(|size| size.0 != bytes) {
            return mismatch(format!("its files have {bytes} bytes, {} were claimed", size.0));
        }
        let claimed = self.artifact.digest.as_ref()?;
        let is_tree = stated.dir_hash().is_some();
        let impossible = claimed.digests().find(|digest| match digest {
            Digest::Sha256(_) | Digest::Blake3(_) => is_tree,
            Digest::DirHash(_) | Digest::GitTree(_) => !is_tree,
            Digest::GitCommit(_) => false,
        });
        if let Some(digest) = impossible {
            let what = if is_tree { "a tree" } else { "a file" };
            return mismatch(format!("{what} has no {}", digest.algorithm()));
        }
        match claimed.compare(stated) {
            Match::Differs { claimed, observed } => {
                let name = claimed.algorithm();
                mismatch(format!("its {name} is {observed}, {claimed} was claimed"))
            }
            _ => None,
        }
    }

    /// The digests of intact files: of the one, or of the tree they form (`digest-7`).
    fn digests(&self, selected: &[usize]) -> Option<DigestSet> {
        // No files are no tree: else all that lies elsewhere would be the same (ver-73).
        if selected.is_empty() {
            return None;
        }
        let selectors: Vec<_> = self.artifact.selectors().collect();
        if let ([index], [FileSelector::File(_)]) = (selected, &selectors[..]) {
            let record = self.covered.record(*index);
            let mut set = DigestSet::from(Digest::Sha256(record.sha256?));
            set = record.blake3.map_or(set.clone(), |blake3| set.with(Digest::Blake3(blake3)));
            return Some(set);
        }
        let root = self.artifact.root().len();
        let lines = selected.iter().map(|index| self.covered.record(*index));
        let lines = lines.filter_map(|file| Some((&file.path[root..], file.sha256?)));
        index::dir_hash(lines).ok().map(|digest| DigestSet::from(Digest::DirHash(digest)))
    }
}

fn has(set: &DigestSet, digest: &Digest) -> bool {
    set.digests().any(|known| known.algorithm() == digest.algorithm())
}

/// The covered files that an artifact names, as ascending places in the table.
pub(crate) fn selected(artifact: &Artifact, covered: &FileTable) -> Vec<usize> {
    let mut places = Vec::new();
    for selector in artifact.selectors() {
        match selector {
            FileSelector::File(path) => places.extend(covered.index_of(path.as_str())),
            FileSelector::Below(directory) => places.extend(covered.below(directory.as_str())),
        }
    }
    places.sort_unstable();
    places.dedup();
    places
}

/// Weight files that no artifact claims as weights (`ver-46`): real weights beside toy ones.
pub(crate) fn unclaimed_weights(manifest: &Manifest, covered: &FileTable) -> Vec<Finding> {
    let weights = manifest.artifacts().iter().filter(|a| a.roles.iter().any(|r| r.is_weights()));
    let mut claimed = vec![false; covered.len()];
    weights.flat_map(|artifact| selected(artifact, covered)).for_each(|nth| claimed[nth] = true);
    let unclaimed = covered.iter().zip(claimed).filter(|(_, claimed)| !claimed);
    let weight = |path: &str| path.parse().is_ok_and(|path: RelPath| is_weight_file(&path));
    let finding = |path: &str| {
        let text = "a weight file that belongs to no artifact with a `weights.*` role";
        Finding::new(Code::WeightsUnclaimed, text).at(path)
    };
    unclaimed.filter(|(file, _)| weight(file.path)).map(|(file, _)| finding(file.path)).collect()
}

fn unlisted_license(artifact: &Artifact) -> Option<Finding> {
    let ids = artifact.license.as_ref().map(|license| license.unlisted().join("`, `"))?;
    if ids.is_empty() {
        return None;
    }
    let text = format!("`{ids}` is not on the SPDX list and is no `LicenseRef-`");
    Some(Finding::new(Code::LicenseUnknown, text).of(artifact.id.as_str()))
}
