//! Places outside the release: what was seen at each, held against the claim and the pin.
//!
//! Spec: `spec/v0.1/verification.md`, rules `ver-48` to `ver-52` and `ver-78`.

use fullsource_format::digest::{Digest, DigestSet, Match};
use fullsource_format::evidence::{Access, Observation, Status as Seen, Strength};
use fullsource_format::locator::Locator;
use fullsource_format::manifest::PinnedLocator;

use super::artifacts::{Outcome, Status, Subject};
use crate::finding::Code;

impl Subject<'_> {
    /// Places outside the release: the best observation counts (`ver-50`).
    pub(super) fn judge_places(&self, observations: &[&Observation]) -> Outcome {
        if self.artifact.locators.is_empty() {
            let text = "it is only named: no file, no place";
            return Outcome::with(Status::Unchecked, Code::ArtifactUnchecked, text);
        }
        self.best(self.outcomes(observations))
    }

    /// The best of what was seen at all places (`ver-50`).
    pub(super) fn best(&self, outcomes: Vec<Option<Outcome>>) -> Outcome {
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
    pub(super) fn outcomes(&self, observations: &[&Observation]) -> Vec<Option<Outcome>> {
        let elsewhere = self.artifact.locators.iter();
        let elsewhere = elsewhere.filter(|pinned| !matches!(pinned.uri, Locator::Relative(_)));
        let outcome = |pinned: &PinnedLocator| {
            let seen = newest(observations, &pinned.uri.to_string())?;
            Some(self.judge_seen(seen, Some(pinned), self.artifact.digest.as_ref()))
        };
        elsewhere.map(outcome).collect()
    }

    pub(super) fn judge_seen(
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
pub(super) fn newest<'o>(observations: &[&'o Observation], place: &str) -> Option<&'o Observation> {
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
pub(super) fn compared(
    claimed: &DigestSet,
    observed: Option<&DigestSet>,
    status: Status,
) -> Outcome {
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
