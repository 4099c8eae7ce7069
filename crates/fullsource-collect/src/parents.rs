//! The look at parent models: the statement that a manifest names for each, what that statement claims,
//! and its own parents, generation by generation, each statement once.
//!
//! No signature is checked here, and nothing is trusted: what a statement says tells only where to look
//! next. Whoever judges opens the documents again, with keys.
//!
//! Spec: `spec/v0.1/looking.md`, section "Parents".

mod at_once;
mod beside;
mod document;
mod index;
mod place;

use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;
use std::path::Path;

use fullsource_format::digest::Sha256;
use fullsource_format::envelope::Unverified;
use fullsource_format::evidence::{ArtifactSeen, Local, Observation, ParentSeen, Status};
use fullsource_format::index::FileTable;
use fullsource_format::json::UnknownFields;
use fullsource_format::limits;
use fullsource_format::manifest::Manifest;
use fullsource_format::statement::{Covered, Statement};
use jiff::Timestamp;

use crate::cache::Cache;
use crate::directory::Directory;
use crate::net::Net;
use crate::places::Places;
use crate::progress::{Progress, Stopped};
use crate::source::Access;
use at_once::at_once;
use beside::Known;
use document::{Document, Found};
use index::Index;
use place::Place;

/// Places of one statement that are tried: as many as an artifact has.
const PLACES: usize = 64;

/// Bytes of documents that are kept in all, so that evidence stays below its limit when they are
/// written into it.
const KEPT: usize = limits::EVIDENCE_BYTES / 2;

/// How to look at the parents of a model.
#[derive(Debug, Clone, Copy)]
pub struct Parents<'a> {
    /// The network, with its budget.
    pub net: &'a Net,
    /// What the verifier's side brings: credentials, endpoints, and what it allows.
    pub access: &'a Access,
    /// The release, where statements may lie, too.
    pub release: Option<&'a Directory>,
    /// Documents that the caller has already, in place of a search.
    pub given: &'a [Given],
    /// Where documents are kept for the next run, which stand in where none can be had then.
    pub cache: Option<&'a Cache>,
    /// What this run saw already: bytes that it read are not read again for a parent's own files.
    pub seen: &'a [ArtifactSeen],
    /// Places looked at at once.
    pub jobs: NonZeroUsize,
    /// Where temporary files go.
    pub temporary: &'a Path,
    /// Told of progress, and asked whether to stop.
    pub progress: &'a Progress,
}

/// A document with a parent's statement, or with a manifest that somebody wrote for one.
#[derive(Debug, Clone)]
pub struct Given {
    /// The id of the statement; of a document without an envelope, SHA-256 of its bytes.
    pub statement: Sha256,
    /// The document.
    pub text: String,
    /// Which models it is for.
    pub local: Local,
}

/// A statement that somebody is made from, and places where it may lie.
struct Wanted {
    statement: Sha256,
    places: Vec<Place>,
}

/// One round of tries for a statement.
struct Try {
    nth: usize,
    statement: Sha256,
    places: Vec<Place>,
}

impl Parents<'_> {
    /// Looks for the statements of all ancestors of a target, and at what they claim, the nearest
    /// first. Fails only where it was stopped.
    pub fn look(&self, target: Sha256, manifest: &Manifest) -> Result<Vec<ParentSeen>, Stopped> {
        let mut round = Round::new(target);
        let mut known = Known::of(self.seen);
        let mut wanted = wanted_by(manifest, None);
        for given in self.given {
            let Some((nth, document)) = round.take(given) else { continue };
            wanted.extend(self.follow(&mut round, nth, &document, &mut known)?);
        }
        for _generation in 0..limits::LINEAGE_DEPTH {
            let tries = round.tries(std::mem::take(&mut wanted));
            if tries.is_empty() {
                break;
            }
            let found = at_once(self.jobs, &tries, |wanted| {
                document::look(self, wanted.statement, &wanted.places)
            })?;
            for (Try { nth, .. }, found) in tries.iter().zip(found) {
                let Some(document) = round.keep(*nth, found) else { continue };
                wanted.extend(self.follow(&mut round, *nth, &document, &mut known)?);
            }
        }
        round.leave(wanted);
        Ok(round.parents)
    }

    /// Looks at what a parent claims, and gives the statements of its own parents.
    fn follow(
        &self,
        round: &mut Round,
        nth: usize,
        document: &Document,
        known: &mut Known,
    ) -> Result<Vec<Wanted>, Stopped> {
        let local = round.parents[nth].local.is_some();
        let Some((manifest, statement)) = claimed(document, local) else { return Ok(Vec::new()) };
        let covered = self.covered(round, nth, statement.as_ref(), &document.place)?;
        let parent = Opened { manifest, covered };
        let Self { net, access, jobs, temporary, progress, .. } = *self;
        let (manifest, indexes) = (&parent.manifest, &HashMap::new());
        let elsewhere =
            Places { manifest, indexes, net, access, jobs, temporary, progress }.look()?;
        known.add(&elsewhere);
        let own = beside::look(self, &parent, &document.place, known)?;
        known.add(&own);
        let wanted = wanted_by(manifest, Some(&document.place));
        round.parents[nth].artifacts = joined(manifest, [elsewhere, own]);
        Ok(wanted)
    }

    /// The files that a parent's statement covers, or why they are not known. An index that was read is
    /// kept for whoever judges.
    fn covered(
        &self,
        round: &mut Round,
        nth: usize,
        statement: Option<&Statement>,
        place: &Place,
    ) -> Result<Result<FileTable, String>, Stopped> {
        let Some(statement) = statement else {
            return Ok(Err("it is a manifest, which binds no files".to_owned()));
        };
        let stated = match statement.covered() {
            Covered::Listed(files) => return Ok(Ok(files.clone())),
            Covered::Indexed(stated) => stated,
        };
        let room = KEPT.saturating_sub(round.kept);
        Ok(match index::read(self, statement, stated, place, room)? {
            Ok(Index { text, files }) => {
                round.kept += text.len();
                round.parents[nth].index = Some(text);
                Ok(files)
            }
            Err(why) => Err(format!("its file index was not read: {why}")),
        })
    }
}

/// What a document says, although nobody vouches for it: only to know where to look next.
struct Opened {
    manifest: Manifest,
    /// The files that it covers, or why they are not known.
    covered: Result<FileTable, String>,
}

/// The statement in a document, and its manifest; of a document that was written locally, also a
/// manifest alone.
fn claimed(document: &Document, local: bool) -> Option<(Manifest, Option<Statement>)> {
    let bytes = document.text.as_bytes();
    let statement = match &document.envelope {
        Some(envelope) => envelope.danger_unverified().ok(),
        None => Unverified::from_payload(bytes).ok(),
    };
    let Some(statement) = statement else {
        let manifest = local.then(|| Manifest::parse(bytes, UnknownFields::Ignore).ok());
        return Some((manifest??, None));
    };
    Some((statement.value().manifest().clone(), Some(statement.value().clone())))
}

/// The statements that are looked for, each once.
struct Round {
    parents: Vec<ParentSeen>,
    numbers: HashMap<Sha256, usize>,
    tried: HashSet<(Sha256, Place)>,
    target: Sha256,
    kept: usize,
}

impl Round {
    fn new(target: Sha256) -> Self {
        let (numbers, tried) = (HashMap::new(), HashSet::new());
        Self { parents: Vec::new(), numbers, tried, target, kept: 0 }
    }

    /// What is to be tried: statements that were not found yet, at places that were not tried yet.
    fn tries(&mut self, wanted: Vec<Wanted>) -> Vec<Try> {
        let mut tries: Vec<Try> = Vec::new();
        let mut here: HashMap<Sha256, usize> = HashMap::new();
        for Wanted { statement, places } in wanted {
            let Some(nth) = self.number(statement) else { continue };
            if self.parents[nth].envelope.is_some() {
                continue;
            }
            let new =
                places.into_iter().filter(|place| self.tried.insert((statement, place.clone())));
            let new: Vec<Place> = new.collect();
            let slot = *here.entry(statement).or_insert_with(|| {
                tries.push(Try { nth, statement, places: Vec::new() });
                tries.len() - 1
            });
            let room = PLACES.saturating_sub(tries[slot].places.len());
            tries[slot].places.extend(new.into_iter().take(room));
        }
        tries.retain(|one| !one.places.is_empty());
        tries
    }

    /// The number of a statement; none for the target itself, and beyond the limit.
    fn number(&mut self, statement: Sha256) -> Option<usize> {
        if statement == self.target {
            return None;
        }
        if let Some(nth) = self.numbers.get(&statement) {
            return Some(*nth);
        }
        // lim-17
        if self.parents.len() >= limits::ANCESTORS {
            return None;
        }
        self.parents.push(ParentSeen::new(statement));
        self.numbers.insert(statement, self.parents.len() - 1);
        Some(self.parents.len() - 1)
    }

    /// Takes a document that the caller has.
    fn take(&mut self, given: &Given) -> Option<(usize, Document)> {
        let nth = self.number(given.statement)?;
        let parent = &mut self.parents[nth];
        parent.envelope = Some(given.text.clone());
        parent.local = Some(given.local.clone());
        Some((nth, Document::given(given.statement, &given.text)))
    }

    /// Writes down what became of a statement. Gives the document where it is kept.
    fn keep(&mut self, nth: usize, found: Found) -> Option<Document> {
        let parent = &mut self.parents[nth];
        parent.observations.extend(found.observations);
        let document = found.document?;
        if self.kept + document.text.len() > KEPT {
            let text = "the documents of parents that were found before fill the evidence";
            if let Some(seen) = parent.observations.last_mut() {
                let blank = Observation::new(seen.locator.as_str(), seen.at, Status::Skipped);
                *seen = blank.saying(text);
            }
            return None;
        }
        self.kept += document.text.len();
        parent.envelope = Some(document.text.clone());
        Some(document)
    }

    /// Writes down that nobody looked beyond the last generation (`lim-16`).
    fn leave(&mut self, wanted: Vec<Wanted>) {
        let at = Timestamp::now();
        for Try { nth, places, .. } in self.tries(wanted) {
            let skipped = places.iter().map(|place| {
                let text = format!("more than {} generations away", limits::LINEAGE_DEPTH);
                Observation::new(&place.written, at, Status::Skipped).saying(&text)
            });
            self.parents[nth].observations.extend(skipped);
        }
    }
}

/// The statements that a manifest names, and where they lie. `of`: where the manifest's own bundle
/// lies; absent for the target.
fn wanted_by(manifest: &Manifest, of: Option<&Place>) -> Vec<Wanted> {
    let named = manifest.artifacts().iter().filter_map(|artifact| artifact.statement.as_ref());
    let wanted = named.map(|named| {
        let locators = named.locators.iter().take(PLACES);
        let places = locators.flat_map(|pinned| Place::all(&pinned.uri, of)).collect();
        Wanted { statement: named.sha256, places }
    });
    wanted.collect()
}

/// What was seen of each artifact, in document order.
fn joined<const N: usize>(manifest: &Manifest, parts: [Vec<ArtifactSeen>; N]) -> Vec<ArtifactSeen> {
    let mut observations: HashMap<_, Vec<Observation>> = HashMap::new();
    for seen in parts.into_iter().flatten() {
        observations.entry(seen.id).or_default().extend(seen.observations);
    }
    let seen = manifest.artifacts().iter().map(|artifact| &artifact.id);
    let seen = seen.filter_map(|id| observations.remove_entry(id));
    seen.map(|(id, observations)| ArtifactSeen { id, observations }).collect()
}
