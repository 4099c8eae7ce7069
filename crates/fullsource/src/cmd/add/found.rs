//! What is recorded of an artifact: where it lies, what it comes to, and what it says of itself.

use std::collections::BTreeSet;

use fullsource_format::digest::{Digest, DigestSet};
use fullsource_format::evidence::{
    Access, ContentFact, ContentFactKind, Observation, Route, Status, Strength,
};
use fullsource_format::license::LicenseExpression;
use fullsource_format::locator::{GitTransport, Locator};
use fullsource_format::manifest::{Artifact, Availability, LicenseFile, PinnedLocator};
use fullsource_format::path::FileSelector;
use fullsource_format::role::Role;
use fullsource_format::text::{Count, Id, Name};

use super::license::Granted;

/// Where an artifact lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// In the release: its statement pins it.
    Release(FileSelector),
    /// Elsewhere.
    Elsewhere(PinnedLocator),
}

/// What was found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) place: Place,
    pub(super) digest: Option<DigestSet>,
    pub(super) size: Option<Count>,
    pub(super) granted: Granted,
    pub(super) availability: Availability,
}

/// Why what was seen cannot be recorded.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotSeen {
    /// The place answers that there is nothing.
    #[error("nothing lies at `{locator}`{detail}")]
    Absent { locator: String, detail: String },
    /// It refuses.
    #[error("`{locator}` may not be read{detail}")]
    Closed { locator: String, detail: String },
    /// It does not answer.
    #[error("`{locator}` does not answer{detail}")]
    Unreachable { locator: String, detail: String },
    /// It was not looked at, or not to its end.
    #[error("`{locator}` could not be looked at{detail}")]
    Unseen { locator: String, detail: String },
    /// It was seen, and nothing tells what it is.
    #[error("of `{locator}` no digest could be computed{detail}")]
    Undigested { locator: String, detail: String },
}

/// Endings of archives that are unpacked.
const ARCHIVES: &[&str] = &[".tar", ".tar.gz", ".tgz", ".tar.zst", ".zip"];
/// Things of one kind that are told.
const TOLD: usize = 3;

/// Whether what is served at a locator is an archive whose content is meant.
pub(super) fn is_archive(locator: &Locator) -> bool {
    let Locator::Https { url, path } = locator else { return false };
    let address = url.split('?').next().unwrap_or(url).to_ascii_lowercase();
    path.is_some() || ARCHIVES.iter().any(|ending| address.ends_with(ending))
}

impl Found {
    /// From what was seen at a locator.
    pub(super) fn of(
        locator: Locator,
        seen: &Observation,
        license: Option<&LicenseExpression>,
        said: &mut Vec<String>,
    ) -> Result<Self, NotSeen> {
        let digest = digest(&locator, seen)?;
        let archive = is_archive(&locator);
        if archive {
            said.push("an archive is served: recorded is what is in it".to_owned());
        }
        match &digest {
            None => said.push("its bytes were not read: no digest is recorded".to_owned()),
            Some(set) if !set.has_strong() => said.push(
                "only SHA-1 ids tell what it is: alone they establish nothing (digest-5)"
                    .to_owned(),
            ),
            Some(_) => {}
        }
        if seen.strength == Some(Strength::Metadata) {
            said.push("the digest is the host's word: its bytes were not read".to_owned());
        }
        if seen.route == Some(Route::Proxy) {
            said.push("it was read through a proxy".to_owned());
        }
        let availability = availability(&locator, seen, said);
        let granted = Granted::of(&seen.facts, license, said);
        tell(&seen.facts, said);
        // Archives that a host packs when asked differ from day to day.
        let served = seen.served.as_ref().filter(|_| archive && !is_packed_anew(&locator));
        let sha256 = served.and_then(DigestSet::sha256);
        let place = Place::Elsewhere(PinnedLocator { uri: locator, sha256 });
        Ok(Self { place, digest, size: seen.size, granted, availability })
    }

    /// The artifact.
    pub(super) fn artifact(&self, id: Id, name: Option<Name>, role: Role) -> Artifact {
        let (files, locators) = match self.place.clone() {
            Place::Release(selector) => (vec![selector], Vec::new()),
            Place::Elsewhere(locator) => (Vec::new(), vec![locator]),
        };
        let texts = self.granted.texts.iter().cloned();
        Artifact {
            id,
            name,
            roles: vec![role],
            files,
            locators,
            digest: self.digest.clone(),
            size: self.size,
            index: None,
            license: self.granted.license.clone(),
            license_files: texts.map(|path| LicenseFile::Path { path }).collect(),
            availability: self.availability,
            reason: None,
            collected_by: Vec::new(),
            generated_by: Vec::new(),
            derived_from: Vec::new(),
            documented_by: Vec::new(),
            human_authored: None,
            content_rights: None,
            statement: None,
            output_terms: None,
        }
    }
}

impl Place {
    /// Whether an artifact names this place (`loc-12`, `man-31`).
    pub(super) fn is_of(&self, artifact: &Artifact) -> bool {
        let located = |uri: &Locator| artifact.locators.iter().any(|there| there.uri == *uri);
        match self {
            Self::Elsewhere(locator) => located(&locator.uri),
            Self::Release(selector) => {
                artifact.files.contains(selector) || located(&Locator::Relative(selector.clone()))
            }
        }
    }

    /// The place as the manifest has it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Elsewhere(locator) => locator.uri.to_string(),
            Self::Release(selector) => selector.to_string(),
        }
    }

    /// An id made of the last name in it that tells something, not taken yet.
    pub(super) fn id(&self, role: &Role, taken: impl Fn(&str) -> bool) -> Option<Id> {
        let name = match self {
            Self::Release(selector) => last(selector.to_string().trim_end_matches('/')),
            Self::Elsewhere(locator) => named(&locator.uri),
        };
        let base = plain(&name);
        let base = if base.is_empty() { plain(&role.as_str().replace('.', "-")) } else { base };
        let numbered = (2..).map(|number: u64| format!("{base}-{number}"));
        let mut ids = std::iter::once(base.clone()).chain(numbered);
        ids.find(|id| !taken(id))?.parse().ok()
    }
}

/// The digests that the manifest takes: of a file, or of a tree.
fn digest(locator: &Locator, seen: &Observation) -> Result<Option<DigestSet>, NotSeen> {
    let said = seen.detail.as_ref();
    let detail = said.map_or_else(String::new, |said| format!(": {}", said.as_str()));
    let shown = locator.to_string();
    let drawn = seen.sample.is_some();
    match seen.status {
        Status::Seen => {}
        Status::Partial if seen.digests.is_some() && !drawn => {}
        Status::Absent => return Err(NotSeen::Absent { locator: shown, detail }),
        Status::Closed => return Err(NotSeen::Closed { locator: shown, detail }),
        Status::Unreachable => return Err(NotSeen::Unreachable { locator: shown, detail }),
        Status::Partial | Status::Skipped => {
            return Err(NotSeen::Unseen { locator: shown, detail });
        }
    }
    let all: Vec<Digest> = seen.digests.iter().flat_map(DigestSet::digests).collect();
    let file = |digest: &&Digest| matches!(digest, Digest::Sha256(_) | Digest::Blake3(_));
    let git = matches!(locator, Locator::Git { .. });
    let tree = |digest: &&Digest| match digest {
        Digest::DirHash(_) => true,
        Digest::GitTree(_) => git,
        _ => false,
    };
    let of_file: Vec<&Digest> = all.iter().filter(file).collect();
    let chosen = if of_file.is_empty() { all.iter().filter(tree).collect() } else { of_file };
    let set = chosen
        .into_iter()
        .fold(None, |set: Option<DigestSet>, digest| Some(set.unwrap_or_default().with(*digest)));
    match (set, locator) {
        (None, Locator::Swh(_)) => Ok(None),
        (None, _) => Err(NotSeen::Undigested { locator: shown, detail }),
        (set, _) => Ok(set),
    }
}

/// Whether anyone can have it (`loc-13`).
fn availability(locator: &Locator, seen: &Observation, said: &mut Vec<String>) -> Availability {
    let why = if locator.carries_credential() {
        "the address holds a signature, which the manifest shows to everyone, and which will expire"
    } else if matches!(locator, Locator::Git { transport: GitTransport::File, .. }) {
        "it lies on this machine, where others cannot look"
    } else if seen.access == Some(Access::Credential) {
        "it was read with a credential"
    } else {
        return Availability::Public;
    };
    said.push(format!("{why}: recorded as `gated`"));
    Availability::Gated
}

/// What else is worth knowing before somebody verifies it.
fn tell(facts: &[ContentFact], said: &mut Vec<String>) {
    let of = |kind| facts.iter().filter(move |fact: &&ContentFact| fact.kind == kind);
    let path = |fact: &ContentFact| fact.path.as_ref().map_or("", |t| t.as_str()).to_owned();
    let value = |fact: &ContentFact| fact.value.as_ref().map_or("", |t| t.as_str()).to_owned();
    let count = |fact: &ContentFact| fact.count.map_or(0, |count| count.0);
    let mut lines = Vec::new();
    for fact in of(ContentFactKind::Hollow).take(1) {
        lines.push(format!("there is nothing of its kind in it: {}", value(fact)));
    }
    for fact in of(ContentFactKind::LfsPointers).take(1) {
        let (count, first) = (count(fact), path(fact));
        lines.push(format!(
            "{count} files are Git LFS pointers, the first `{first}`: what they point to is not in it"
        ));
    }
    for fact in of(ContentFactKind::Submodule).take(TOLD) {
        let path = path(fact);
        lines.push(format!("`{path}` is a submodule, whose content lies elsewhere: add it, too"));
    }
    for _ in of(ContentFactKind::CommitUnreachable).take(1) {
        lines.push(
            "no branch and no tag of the repository leads to the commit: it may be a fork's"
                .to_owned(),
        );
    }
    for fact in of(ContentFactKind::WordOnly).take(1) {
        lines.push(format!("of {} files the host's word was taken", count(fact)));
    }
    for fact in of(ContentFactKind::Fault).take(TOLD) {
        lines.push(format!("something in it cannot be read: {}", value(fact)));
    }
    for (kind, what) in [
        (ContentFactKind::NamesBaseModel, "the base model"),
        (ContentFactKind::NamesDataset, "the data set"),
        (ContentFactKind::NamesTokenizer, "the tokenizer"),
    ] {
        let names: BTreeSet<_> = of(kind).map(|fact| (value(fact), path(fact))).collect();
        lines.extend(names.into_iter().take(TOLD).map(|(name, path)| {
            format!("`{path}` names {what} `{name}`: add it, too, where the manifest lacks it")
        }));
    }
    said.extend(lines);
}

fn is_packed_anew(locator: &Locator) -> bool {
    matches!(locator, Locator::Https { url, .. } if url.contains("/archive/"))
}

fn last(path: &str) -> String {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned()
}

/// The name of what lies at a locator, with the part that is selected.
fn named(locator: &Locator) -> String {
    let inside = |name: String, path: &Option<fullsource_format::path::RelPath>| match path {
        Some(path) => format!("{name}-{}", path.file_name()),
        None => name,
    };
    match locator {
        Locator::Relative(selector) => last(&selector.to_string()),
        Locator::Https { url, path } => {
            let address = url.split('?').next().unwrap_or(url);
            let name = last(address);
            let lower = name.to_ascii_lowercase();
            // The longest ending that is there: `.tar.gz` before `.gz`.
            let ending = ARCHIVES.iter().filter(|e| lower.ends_with(**e)).map(|e| e.len()).max();
            inside(name[..name.len() - ending.unwrap_or(0)].to_owned(), path)
        }
        Locator::Git { repository, path, .. } => {
            let name = last(repository);
            inside(name.strip_suffix(".git").unwrap_or(&name).to_owned(), path)
        }
        Locator::Hub { name, path, .. } => inside(last(name), path),
        Locator::Object { address, .. } => last(address),
        Locator::Oci { reference, .. } => last(reference),
        Locator::Swh(id) => {
            let mut parts = id.rsplit(':');
            let (digits, kind) = (parts.next().unwrap_or_default(), parts.next().unwrap_or("swh"));
            format!("{kind}-{}", digits.get(..12).unwrap_or(digits))
        }
    }
}

/// What an id may hold, of a name.
fn plain(name: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let text: String = name.chars().map(allowed).take(80).collect();
    text.trim_matches(['-', '.', '_']).to_owned()
}

#[cfg(test)]
#[path = "found_tests.rs"]
mod tests;
