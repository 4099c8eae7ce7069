//! The claimed artifacts: what was seen of each, held against its digests.
//!
//! Spec: `spec/v0.1/verification.md`, step "Artifacts".

use std::collections::{HashMap, HashSet};

use fullsource_format::digest::{Digest, DigestSet, Match};
use fullsource_format::evidence::{
    Access, ArtifactSeen, Evidence, FILES, Observation, Status as Seen, Strength,
};
use fullsource_format::index::{self, FileTable};
use fullsource_format::loadable::is_weight_file;
use fullsource_format::locator::Locator;
use fullsource_format::manifest::{Artifact, Availability, Manifest, PinnedLocator};
use fullsource_format::path::{FileSelector, RelPath};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::content::{self, Held};
use crate::check::files::Files;
use crate::finding::{Code, Finding, Severity};

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

/// One artifact in the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArtifactReport {
    /// Its id.
    pub id: String,
    /// Its roles.
    pub roles: Vec<String>,
    /// What it is worth.
    pub status: Status,
    /// Its licence, as claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
}

/// What became of the artifacts.
pub(crate) struct Artifacts {
    pub(crate) findings: Vec<Finding>,
    pub(crate) reports: Vec<ArtifactReport>,
}

/// Judges each artifact by what was seen of it.
pub(crate) fn check(
    manifest: &Manifest,
    covered: &FileTable,
    files: &Files,
    evidence: &Evidence,
    vouched: bool,
    contradicted: &HashSet<String>,
) -> Artifacts {
    checked(manifest, covered, Some(files), &evidence.artifacts, vouched, contradicted)
}

/// Judges each artifact of a release that lies elsewhere: its own files by what was seen of them beside
/// its bundle (`ver-92`).
pub(crate) fn check_elsewhere(
    manifest: &Manifest,
    covered: &FileTable,
    seen: &[ArtifactSeen],
    vouched: bool,
) -> Artifacts {
    checked(manifest, covered, None, seen, vouched, &HashSet::new())
}

fn checked(
    manifest: &Manifest,
    covered: &FileTable,
    files: Option<&Files>,
    artifacts: &[ArtifactSeen],
    vouched: bool,
    contradicted: &HashSet<String>,
) -> Artifacts {
    let mut seen: HashMap<&str, Vec<&Observation>> = HashMap::new();
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
    let mut reports = Vec::new();
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
        reports.push(ArtifactReport {
            id: id.to_owned(),
            roles: one.artifact.roles.iter().map(ToString::to_string).collect(),
            status: outcome.status,
            license: one.artifact.license.as_ref().map(ToString::to_string),
        });
    }
    findings.extend(weighed.findings);
    findings.extend(unclaimed_weights(manifest, covered));
    findings.extend(manifest.cycle().map(|ids| {
        let names: Vec<_> = ids.iter().map(ToString::to_string).collect();
        Finding::new(Code::StageCycle, format!("made from itself: {}", names.join(" ← ")))
    }));
    Artifacts { findings, reports }
}

struct Outcome {
    status: Status,
    finding: Option<(Code, String)>,
    /// A mirror that serves something else, beside a good one (`ver-52`).
    warning: Option<String>,
}

impl Outcome {
    const fn plain(status: Status) -> Self {
        Self { status, finding: None, warning: None }
    }

    fn with(status: Status, code: Code, text: impl Into<String>) -> Self {
        Self { status, finding: Some((code, text.into())), warning: None }
    }
}

/// One artifact and what surrounds it.
struct Subject<'a> {
    artifact: &'a Artifact,
    covered: &'a FileTable,
    /// What became of the covered files. None where they do not lie here.
    files: Option<&'a Files>,
    vouched: bool,
    made: bool,
}

impl<'a> Subject<'a> {
    /// What it holds for certain, and what was seen of that (`ver-70`).
    fn held(&self, status: Status, observations: &[&'a Observation]) -> Held<'a> {
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

    /// Places outside the release: the best observation counts (`ver-50`).
    fn judge_places(&self, observations: &[&Observation]) -> Outcome {
        if self.artifact.locators.is_empty() {
            let text = "it is only named: no file, no place";
            return Outcome::with(Status::Unchecked, Code::ArtifactUnchecked, text);
        }
        self.best(self.outcomes(observations))
    }

    /// The best of what was seen at all places (`ver-50`).
    fn best(&self, outcomes: Vec<Option<Outcome>>) -> Outcome {
        let mismatch = |outcome: &&Outcome| outcome.status == Status::Mismatch;
        let served = outcomes.iter().flatten().find(mismatch).and_then(|o| o.finding.clone());
        let all_absent = outcomes
            .iter()
            .all(|outcome| outcome.as_ref().is_some_and(|o| o.status == Status::Absent));
        let known = outcomes.into_iter().flatten();
        let best = known
            .filter(|outcome| all_absent || outcome.status != Status::Absent)
            .min_by_key(|outcome| (outcome.status as u8, outcome.finding.as_ref().map(|f| f.0)));
        let Some(mut best) = best else {
            let text = "nobody looked at every place where it is said to lie";
            return Outcome::with(Status::Unchecked, Code::ArtifactUnchecked, text);
        };
        if matches!(best.status, Status::Verified | Status::Gated) {
            best.warning = served.map(|(_, text)| text);
        }
        if !self.vouched
            && matches!(best.status, Status::Verified | Status::Gated | Status::Metadata)
        {
            // `evidence-unsigned` says why (ver-49).
            best = Outcome { status: Status::Unchecked, finding: None, ..best };
        }
        best
    }

    /// For each place outside the release, what the newest look at it came to (`evd-15`).
    fn outcomes(&self, observations: &[&Observation]) -> Vec<Option<Outcome>> {
        let elsewhere = self.artifact.locators.iter();
        let elsewhere = elsewhere.filter(|pinned| !matches!(pinned.uri, Locator::Relative(_)));
        let outcome = |pinned: &PinnedLocator| {
            let seen = newest(observations, &pinned.uri.to_string())?;
            Some(self.judge_seen(seen, Some(pinned), self.artifact.digest.as_ref()))
        };
        elsewhere.map(outcome).collect()
    }

    fn judge_seen(
        &self,
        seen: &Observation,
        pinned: Option<&PinnedLocator>,
        claimed: Option<&DigestSet>,
    ) -> Outcome {
        let gated = pinned.is_some_and(|pinned| pinned.uri.carries_credential());
        let detail = seen.detail.as_ref().map_or("", |detail| detail.as_str());
        let told = |what: &str| match detail {
            "" => format!("`{}`: {what}", seen.locator),
            detail => format!("`{}`: {what}: {detail}", seen.locator),
        };
        let unchecked = |status, what| Outcome::with(status, Code::ArtifactUnchecked, told(what));
        match seen.status {
            Seen::Seen => {
                let status = match (seen.strength, seen.access) {
                    (Some(Strength::Metadata), _) => Status::Metadata,
                    (_, Some(Access::Credential)) => Status::Gated,
                    _ if gated => Status::Gated,
                    _ => Status::Verified,
                };
                let sizes = (self.artifact.size, seen.size);
                if let (Some(claimed), Some(found)) = sizes
                    && claimed != found
                {
                    let text =
                        told(&format!("it has {} bytes, {} were claimed", found.0, claimed.0));
                    return Outcome::with(Status::Mismatch, Code::ArtifactMismatch, text);
                }
                let unlike = pinned.and_then(|pinned| unlike_its_pin(seen, pinned));
                if let Some((code, text)) = unlike {
                    let status = match code {
                        Code::ArtifactMismatch => Status::Mismatch,
                        _ => Status::Unchecked,
                    };
                    return Outcome::with(status, code, told(&text));
                }
                match claimed {
                    Some(_) if seen.digests.is_none() && !detail.is_empty() => unchecked(
                        Status::Unchecked,
                        "what lies there cannot be read as its content",
                    ),
                    Some(claimed) => {
                        let outcome = compared(claimed, seen.digests.as_ref(), status);
                        if outcome.status == Status::Mismatch || status != Status::Metadata {
                            return outcome;
                        }
                        let text = told("only its host's word was taken");
                        Outcome::with(Status::Metadata, Code::ArtifactUnchecked, text)
                    }
                    None => {
                        let text = told("it is there, and no digest is claimed");
                        Outcome::with(Status::Unchecked, Code::ArtifactUndigested, text)
                    }
                }
            }
            Seen::Absent => {
                Outcome::with(Status::Absent, Code::ArtifactAbsent, told("it is not there"))
            }
            Seen::Closed => unchecked(Status::Closed, "it may not be had"),
            Seen::Unreachable => unchecked(Status::Unreachable, "the place did not answer"),
            Seen::Skipped => unchecked(Status::Unchecked, "nobody looked"),
            Seen::Partial => match seen.sample.as_ref().filter(|sample| sample.differing.0 > 0) {
                Some(sample) => {
                    let text = told(&format!("{} of its drawn files differ", sample.differing.0));
                    Outcome::with(Status::Mismatch, Code::ArtifactMismatch, text)
                }
                None => unchecked(Status::Partial, "only some of it was seen"),
            },
        }
    }
}

/// The newest observation of a place; of equal times, the last (`evd-15`).
fn newest<'o>(observations: &[&'o Observation], place: &str) -> Option<&'o Observation> {
    let there = observations.iter().filter(|seen| seen.locator.as_str() == place);
    there.max_by_key(|seen| seen.at).copied()
}

/// Where what was served is not what the locator itself pins, or nobody can tell (`ver-78`).
fn unlike_its_pin(seen: &Observation, pinned: &PinnedLocator) -> Option<(Code, String)> {
    let whole = seen.served.as_ref().or(seen.digests.as_ref());
    let (name, claimed, observed) = match (&pinned.uri, pinned.sha256) {
        (Locator::Git { commit, .. }, _) => {
            let observed = seen.digests.iter().flat_map(DigestSet::digests);
            let observed = observed.filter(|digest| matches!(digest, Digest::GitCommit(_)));
            let claimed = Digest::GitCommit(*commit);
            ("commit", claimed, observed.last())
        }
        (Locator::Oci { digest, .. }, _) => (
            "digest",
            Digest::Sha256(*digest),
            whole.and_then(DigestSet::sha256).map(Digest::Sha256),
        ),
        (_, Some(sha256)) => (
            "sha256",
            Digest::Sha256(sha256),
            whole.and_then(DigestSet::sha256).map(Digest::Sha256),
        ),
        _ => return None,
    };
    match observed {
        Some(observed) if observed == claimed => None,
        Some(observed) => Some((
            Code::ArtifactMismatch,
            format!("what is served has the {name} {observed}, the locator pins {claimed}"),
        )),
        None if matches!(seen.strength, Some(Strength::Metadata)) || seen.digests.is_none() => None,
        None => Some((
            Code::ArtifactUnchecked,
            format!("nobody computed the {name} that the locator pins"),
        )),
    }
}

/// Holds observed digests against claimed ones.
fn compared(claimed: &DigestSet, observed: Option<&DigestSet>, status: Status) -> Outcome {
    let observed = observed.cloned().unwrap_or_default();
    match claimed.compare(&observed) {
        Match::Equal => Outcome::plain(status),
        Match::Differs { claimed, observed } => {
            let text = format!("its {} is {observed}, {claimed} was claimed", claimed.algorithm());
            Outcome::with(Status::Mismatch, Code::ArtifactMismatch, text)
        }
        Match::Incomplete => {
            let text = "a claimed digest was not computed";
            Outcome::with(Status::Unchecked, Code::ArtifactUnchecked, text)
        }
        Match::Weak => {
            let text = "only SHA-1 git ids are claimed";
            Outcome::with(Status::Unchecked, Code::ArtifactWeak, text)
        }
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
fn unclaimed_weights(manifest: &Manifest, covered: &FileTable) -> Vec<Finding> {
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
