//! What each artifact counts for on both chains, in the category of a role, and what it lacks.

use std::collections::HashMap;

use fullsource_format::digest::{Digest, DigestSet};
use fullsource_format::manifest::{Artifact, Manifest};
use fullsource_format::path::FileSelector;
use fullsource_format::role::Category;

use super::graph::Nth;
use super::seen::Seen;
use super::tri::{Chain, Pair, Tri};
use crate::licenses::{self, Freedom, Subject};

/// The worth of every artifact of a manifest.
pub(super) struct Worths<'a> {
    manifest: &'a Manifest,
    seen: Vec<Seen>,
    licenses: Vec<[Freedom; COLUMNS.len()]>,
}

const COLUMNS: [Category; 4] = [Category::Code, Category::Data, Category::Weights, Category::Doc];

/// Why an artifact is not worth more, by what decides first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    /// It is not there: withheld, gone, another, or empty of what it should hold.
    Missing,
    /// Nobody could establish that it is there.
    Unseen,
    /// It is there, and not for everyone.
    Gated,
    /// Its licence is not libre, or says nothing that is known.
    License(Freedom),
    /// The text of its licence is another's, or was not found.
    Text(Tri),
}

impl<'a> Worths<'a> {
    /// From what is known of each artifact, in document order. What is not given is unknown.
    pub(super) fn of(manifest: &'a Manifest, seen: impl Fn(Nth) -> Seen) -> Self {
        let artifacts = manifest.artifacts();
        let mut judged: HashMap<&str, [Freedom; COLUMNS.len()]> = HashMap::new();
        let licenses = artifacts.iter().map(|artifact| match &artifact.license {
            None => [Freedom::Unknown; COLUMNS.len()],
            Some(license) => *judged.entry(license.as_str()).or_insert_with(|| {
                COLUMNS.map(|column| licenses::judge(license, Subject::Of(column)).freedom)
            }),
        });
        let licenses = licenses.collect();
        let mut worths =
            Self { manifest, seen: (0..artifacts.len()).map(seen).collect(), licenses };
        worths.empty_what_was_read_too_often();
        worths.empty_what_is_code_and_data();
        worths
    }

    /// More tokens than bytes: what was read is not what lies there (`cls-7`).
    fn empty_what_was_read_too_often(&mut self) {
        let manifest = self.manifest;
        let ids = manifest.artifacts().iter().enumerate();
        let index: HashMap<&str, Nth> = ids.map(|(nth, a)| (a.id.as_str(), nth)).collect();
        for data in manifest.stages().iter().flat_map(|stage| &stage.data) {
            let (Some(tokens), Some(nth)) = (&data.tokens, index.get(data.artifact.as_str()))
            else {
                continue;
            };
            let Some(bytes) = self.seen[*nth].bytes() else { continue };
            let epochs = data.epochs.as_ref().map_or(1.0, |epochs| epochs.to_f64().max(1.0));
            #[allow(clippy::cast_precision_loss, reason = "a bound, not a count")]
            let most = bytes as f64 * epochs;
            if tokens.to_f64() > most {
                self.seen[*nth] = self.seen[*nth].hollow();
            }
        }
    }

    /// The same bytes as code and as data are neither (`cls-6`).
    fn empty_what_is_code_and_data(&mut self) {
        let mut sides: HashMap<Bytes<'_>, [Vec<Nth>; 2]> = HashMap::new();
        for (nth, artifact) in self.manifest.artifacts().iter().enumerate() {
            let has =
                |side: &str| artifact.roles.iter().any(|role| role.as_str().starts_with(side));
            if !has("code.") && !has("data.") {
                continue;
            }
            for bytes in Bytes::of(nth, artifact) {
                let known = sides.entry(bytes).or_default();
                for (members, side) in known.iter_mut().zip(["code.", "data."]) {
                    members.extend(has(side).then_some(nth));
                }
            }
        }
        for [code, data] in sides.into_values().filter(|sides| sides.iter().all(|s| !s.is_empty()))
        {
            for nth in code.into_iter().chain(data) {
                self.seen[nth] = self.seen[nth].hollow();
            }
        }
    }

    /// What an artifact counts for, in a category: there is the minimum of all (`cls-3`).
    pub(super) fn of_artifact(&self, nth: Nth, category: Category) -> Pair {
        let seen = self.seen[nth];
        let license = Tri::from(self.license(nth, category));
        let freedom = seen.exists().min(seen.public()).min(license).min(seen.text());
        Pair { availability: seen.exists(), freedom }
    }

    pub(super) fn exists(&self, nth: Nth) -> Tri {
        self.seen[nth].exists()
    }

    pub(super) fn public(&self, nth: Nth) -> Tri {
        self.seen[nth].public()
    }

    pub(super) fn license(&self, nth: Nth, category: Category) -> Freedom {
        let column = COLUMNS.iter().position(|column| *column == category);
        column.map_or(Freedom::Unknown, |column| self.licenses[nth][column])
    }

    /// What an artifact lacks on a chain, in the order in which one would mend it.
    pub(super) fn lack(&self, nth: Nth, category: Category, chain: Chain) -> Option<Lack> {
        let seen = self.seen[nth];
        let license = self.license(nth, category);
        match (seen.exists(), chain) {
            (Tri::F, _) => Some(Lack::Missing),
            (_, Chain::Freedom) if license == Freedom::Restricted => Some(Lack::License(license)),
            (_, Chain::Freedom) if seen.public() == Tri::F => Some(Lack::Gated),
            (_, Chain::Freedom) if seen.text() == Tri::F => Some(Lack::Text(Tri::F)),
            (Tri::U, _) => Some(Lack::Unseen),
            (Tri::T, Chain::Availability) => None,
            (Tri::T, Chain::Freedom) => match (seen.public(), license, seen.text()) {
                (Tri::U, ..) => Some(Lack::Unseen),
                (_, Freedom::Unknown, _) => Some(Lack::License(license)),
                (.., Tri::U) => Some(Lack::Text(Tri::U)),
                _ => None,
            },
        }
    }
}

/// What tells that two artifacts hold the same bytes.
#[derive(PartialEq, Eq, Hash)]
enum Bytes<'a> {
    /// They are one.
    Same(Nth),
    Digest(&'static str, String),
    Files(&'a [FileSelector]),
}

impl<'a> Bytes<'a> {
    fn of(nth: Nth, artifact: &'a Artifact) -> impl Iterator<Item = Self> {
        // A commit says nothing of the part of it that is meant.
        let of_content = |digest: &Digest| !matches!(digest, Digest::GitCommit(_));
        let digests = artifact.digest.iter().flat_map(DigestSet::digests).filter(of_content);
        let files = (!artifact.files.is_empty()).then_some(&artifact.files[..]);
        let same = std::iter::once(Self::Same(nth));
        same.chain(digests.map(|digest| Self::Digest(digest.algorithm(), digest.to_string())))
            .chain(files.map(Self::Files))
    }
}
