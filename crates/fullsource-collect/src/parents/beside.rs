//! The artifacts of a parent that are files of its own release: they lie beside its bundle (`look-52`).

use std::collections::HashMap;
use std::io::Read;
use std::num::NonZeroUsize;

use fullsource_format::digest::{Digest, DigestSet, GitId};
use fullsource_format::evidence::{
    Access as Who, ArtifactSeen, FILES, Observation, Status, Strength,
};
use fullsource_format::index::{self, FileTable};
use fullsource_format::locator::Locator;
use fullsource_format::manifest::{Artifact, Availability};
use fullsource_format::path::FileSelector;
use fullsource_format::text::Text;
use jiff::Timestamp;

use super::at_once::at_once;
use super::place::{At, Place};
use super::{Opened, Parents};
use crate::content::{Reader, Wanted};
use crate::places::{LOOKS, file_name, is_private, troubled, written};
use crate::progress::Stopped;
use crate::source::{self, Context, Entry, Sink, SinkError, Told, Trouble, TroubleKind, Want};

/// Bytes that were read already in this run, anonymously, by what they hash to.
pub(super) struct Known(HashMap<Digest, Observation>);

impl Known {
    pub(super) fn of(seen: &[ArtifactSeen]) -> Self {
        let mut known = Self(HashMap::new());
        known.add(seen);
        known
    }

    pub(super) fn add(&mut self, seen: &[ArtifactSeen]) {
        for seen in seen.iter().flat_map(|artifact| &artifact.observations) {
            let read = seen.status == Status::Seen && seen.strength == Some(Strength::Bytes);
            // The files of the release on this disk prove nothing of what is published.
            let elsewhere = seen.locator.as_str() != FILES || seen.endpoint.is_some();
            if !(read && elsewhere && seen.access == Some(Who::Anonymous)) {
                continue;
            }
            for digest in seen.digests.iter().flat_map(DigestSet::digests) {
                if digest.is_strong() {
                    self.0.entry(digest).or_insert_with(|| seen.clone());
                }
            }
        }
    }

    /// What was seen of these bytes, as an observation of an artifact's own files.
    fn as_files(&self, stated: Digest) -> Option<Observation> {
        let seen = self.0.get(&stated)?;
        let endpoint = seen.endpoint.clone().or_else(|| Some(seen.locator.clone()));
        Some(Observation { locator: Text::clipped(FILES), endpoint, ..seen.clone() })
    }
}

/// One observation `files` for each artifact of a parent that names files of its release.
pub(super) fn look(
    parents: &Parents<'_>,
    parent: &Opened,
    place: &Place,
    known: &Known,
) -> Result<Vec<ArtifactSeen>, Stopped> {
    let artifacts = parent.manifest.artifacts().iter().filter(|artifact| {
        let published = matches!(artifact.availability, Availability::Public | Availability::Gated);
        published && artifact.selectors().next().is_some()
    });
    let artifacts: Vec<&Artifact> = artifacts.collect();
    let observed = at_once(parents.jobs, &artifacts, |artifact| {
        parents.progress.check()?;
        let covered = match &parent.covered {
            Ok(covered) => covered,
            Err(why) => {
                let blank = Observation::new(FILES, Timestamp::now(), Status::Skipped);
                return Ok(blank.saying(why));
            }
        };
        let own = Own { artifact, covered, selected: selected(artifact, covered), place };
        match own.stated().and_then(|stated| known.as_files(stated)) {
            Some(seen) => Ok(seen),
            None => own.look(parents),
        }
    })?;
    let seen = artifacts.iter().zip(observed);
    let seen = seen
        .map(|(artifact, seen)| ArtifactSeen { id: artifact.id.clone(), observations: vec![seen] });
    Ok(seen.collect())
}

/// An artifact, and the files of its release that it is.
struct Own<'a> {
    artifact: &'a Artifact,
    covered: &'a FileTable,
    /// Ascending places in the table.
    selected: Vec<usize>,
    place: &'a Place,
}

impl Own<'_> {
    /// The strong digest of its content that the statement binds (`digest-7`).
    fn stated(&self) -> Option<Digest> {
        if let Some(nth) = self.only() {
            return self.covered.record(nth).sha256.map(Digest::Sha256);
        }
        let root = self.artifact.root().len();
        let files = self.selected.iter().map(|nth| self.covered.record(*nth));
        let lines = files.filter_map(|file| Some((&file.path[root..], file.sha256?)));
        index::dir_hash(lines).ok().map(Digest::DirHash)
    }

    /// Its file, where it is one and no tree.
    fn only(&self) -> Option<usize> {
        let mut selectors = self.artifact.selectors();
        match (selectors.next(), selectors.next(), &self.selected[..]) {
            (Some(FileSelector::File(_)), None, [nth]) => Some(*nth),
            _ => None,
        }
    }

    /// Looks, and looks again where the bytes differ (`look-5`).
    fn look(&self, parents: &Parents<'_>) -> Result<Observation, Stopped> {
        let stated = self.stated();
        let mut left = LOOKS;
        loop {
            left -= 1;
            let seen = self.look_once(parents)?;
            let own = |digest: &Digest| {
                stated.is_some_and(|stated| stated.algorithm() == digest.algorithm())
            };
            let found = seen.digests.iter().flat_map(DigestSet::digests).find(own);
            if left == 0 || found.is_none() || found == stated {
                return Ok(seen);
            }
        }
    }

    fn look_once(&self, parents: &Parents<'_>) -> Result<Observation, Stopped> {
        let at = Timestamp::now();
        let blank = |status| Observation::new(FILES, at, status);
        let budget = |entry: &Entry<'_>| match entry.size {
            Some(size) if size > parents.net.budget().left() => Want::Word,
            _ => Want::Bytes,
        };
        let name = self.only().map(|nth| self.covered.record(nth).path);
        let reader = Reader::new(Wanted {
            name: file_name(name.unwrap_or("content")),
            budget: Some(&budget),
            roles: &self.artifact.roles,
            progress: Some(parents.progress),
            ..Wanted::default()
        });
        let told = self.read(parents, &reader);
        let seen = told.and_then(|told| {
            Ok((told, reader.finish().map_err(|error| Trouble::faulty(error.to_string()))?))
        });
        match seen {
            Ok((told, content)) => Ok(written(blank(Status::Seen), told, content)),
            Err(trouble) if trouble.kind == TroubleKind::Stopped => Err(Stopped),
            Err(trouble) => Ok(troubled(blank, &trouble)),
        }
    }

    /// Hands its files over, one place each.
    fn read(&self, parents: &Parents<'_>, sink: &Reader<'_>) -> Result<Told, Trouble> {
        let root = self.artifact.root().len();
        let mut all: Option<Told> = None;
        for nth in &self.selected {
            let path = self.covered.record(*nth).path;
            let below = if self.only().is_some() { "" } else { &path[root..] };
            let told = match self.place.beside(path) {
                At::Elsewhere(locator) => {
                    fetched(parents, &locator, &Renamed { sink, path: below })?
                }
                // Nobody but the release that is judged has it.
                At::Release(_) | At::Unknown => {
                    let text = "what lies beside its bundle cannot be told";
                    return Err(Trouble::skipped(text));
                }
            };
            all = Some(all.map_or(told.clone(), |all| both(all, told)));
        }
        all.ok_or_else(|| Trouble::skipped("it names no file of its release"))
    }
}

fn fetched(parents: &Parents<'_>, locator: &Locator, sink: &dyn Sink) -> Result<Told, Trouble> {
    let directory = tempfile::tempdir_in(parents.temporary)
        .map_err(|error| Trouble::skipped(format!("no temporary directory: {error}")))?;
    let context = Context {
        net: parents.net,
        progress: parents.progress,
        threads: NonZeroUsize::MIN,
        temporary: directory.path(),
    };
    let told = source::look(locator, false, parents.access, &context, sink)?;
    let private = locator.carries_credential() || is_private(locator);
    let access = if private { Some(Who::Credential) } else { told.access };
    let endpoint = told.endpoint.or_else(|| Some(locator.to_string()));
    // What was served is one file of several, and the commit is not of the files alone.
    Ok(Told { access, endpoint, digests: None, served: None, ..told })
}

fn both(first: Told, second: Told) -> Told {
    let credential = [first.access, second.access].contains(&Some(Who::Credential));
    let access = if credential { Some(Who::Credential) } else { first.access };
    let facts = first.facts.into_iter().chain(second.facts).collect();
    Told { access, proxied: first.proxied || second.proxied, facts, ..first }
}

/// Hands one file on under another path.
struct Renamed<'a> {
    sink: &'a Reader<'a>,
    path: &'a str,
}

impl Sink for Renamed<'_> {
    fn want(&self, entry: &Entry<'_>) -> Want {
        self.sink.want(&Entry { path: self.path.as_bytes(), ..*entry })
    }

    fn file(&self, entry: &Entry<'_>, bytes: &mut dyn Read) -> Result<(), SinkError> {
        one_file(entry)?;
        self.sink.file(&Entry { path: self.path.as_bytes(), ..*entry }, bytes)
    }

    fn word(&self, entry: &Entry<'_>, digests: &DigestSet) -> Result<(), SinkError> {
        one_file(entry)?;
        self.sink.word(&Entry { path: self.path.as_bytes(), ..*entry }, digests)
    }

    fn symlink(&self, _: &[u8], _: &[u8]) -> Result<(), SinkError> {
        Err(no_file())
    }

    fn submodule(&self, _: &[u8], _: &GitId) -> Result<(), SinkError> {
        Err(no_file())
    }
}

fn one_file(entry: &Entry<'_>) -> Result<(), SinkError> {
    if entry.path.is_empty() { Ok(()) } else { Err(no_file()) }
}

fn no_file() -> SinkError {
    SinkError::Refused("where one of its files should be is something else".to_owned())
}

/// The covered files that an artifact names.
fn selected(artifact: &Artifact, covered: &FileTable) -> Vec<usize> {
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
