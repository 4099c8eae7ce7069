//! One document with a parent's statement: fetched, bounded, and held against the id alone.

use std::fs::File;
use std::io::Read;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use fullsource_format::digest::{Digest, DigestSet, GitId, Sha256};
use fullsource_format::envelope::{Envelope, joined};
use fullsource_format::evidence::{
    Access as Who, ContentFact, ContentFactKind, Observation, Route, Status, Strength,
};
use fullsource_format::limits;
use fullsource_format::path::RelPath;
use fullsource_format::text::{Count, Text};
use jiff::Timestamp;

use super::Parents;
use super::place::{At, Place};
use crate::cache::{Cache, Note};
use crate::directory::Directory;
use crate::places::{is_private, troubled};
use crate::progress::Stopped;
use crate::source::{self, Context, Entry, Sink, SinkError, Told, Trouble, TroubleKind, Want};

/// What became of the search for one statement.
pub(super) struct Found {
    /// One observation for each place tried.
    pub(super) observations: Vec<Observation>,
    /// The document, where one of them has it.
    pub(super) document: Option<Document>,
}

/// A document that holds the statement with the id that was looked for.
pub(super) struct Document {
    /// As received.
    pub(super) text: String,
    /// Where it lies.
    pub(super) place: Place,
    /// The envelope in it; none where the document is the statement itself.
    pub(super) envelope: Option<Envelope>,
}

impl Document {
    /// A document of the caller's, beside which nothing is looked for.
    pub(super) fn given(statement: Sha256, text: &str) -> Self {
        let holding = read_document(text.as_bytes(), statement).ok().and_then(|(_, held)| held);
        let envelope = holding.and_then(|held| held.envelope);
        let place = Place { written: String::new(), at: At::Unknown };
        Self { text: text.to_owned(), place, envelope }
    }
}

/// Tries places in their order up to the first that has the statement (`look-51`).
pub(super) fn look(
    parents: &Parents<'_>,
    statement: Sha256,
    places: &[Place],
) -> Result<Found, Stopped> {
    let mut found = Found { observations: Vec::new(), document: None };
    for place in places {
        parents.progress.check()?;
        let (seen, document) = look_at(parents, statement, place)?;
        // Names that a repository may have for its bundle are one place (look-50).
        let absent = |seen: &Observation| seen.status == Status::Absent;
        match found.observations.last_mut().filter(|last| last.locator == seen.locator) {
            Some(last) if absent(last) || !absent(&seen) => *last = seen,
            Some(_) => {}
            None => found.observations.push(seen),
        }
        if document.is_some() {
            found.document = document;
            break;
        }
    }
    if let Some(cache) = parents.cache {
        match &found.document {
            Some(document) => remember(cache, statement, &document.text),
            None => found.document = remembered(cache, statement),
        }
    }
    Ok(found)
}

/// What the note about a statement is kept under.
fn key(statement: Sha256) -> String {
    format!("statement:{statement}")
}

/// Keeps a document for the next run. A cache that cannot be written costs that run a fetch, and this
/// one nothing.
fn remember(cache: &Cache, statement: Sha256, text: &str) {
    let key = key(statement);
    // A note alone says nothing: what it is about may have been removed, or changed.
    if cache.note(&key).is_some_and(|note| matches!(cache.get(&note.sha256), Ok(Some(_)))) {
        return;
    }
    if let Ok(sha256) = cache.put(text.as_bytes(), None) {
        let (size, at) = (text.len() as u64, Timestamp::now());
        let _ = cache.keep_note(&Note { key, sha256, size, etag: None, at });
    }
}

/// A document of an earlier run, which holds the statement that was looked for. It says nothing of
/// whether it still lies anywhere (`look-54`).
fn remembered(cache: &Cache, statement: Sha256) -> Option<Document> {
    let note = cache.note(&key(statement))?;
    let mut file = cache.get(&note.sha256).ok()??;
    let bytes = bounded(&mut file, limits::ENVELOPE_BYTES).ok()?;
    let (_, held) = read_document(&bytes, statement).ok()?;
    let envelope = held?.envelope;
    let place = Place { written: String::new(), at: At::Unknown };
    Some(Document { text: String::from_utf8(bytes).ok()?, place, envelope })
}

fn look_at(
    parents: &Parents<'_>,
    statement: Sha256,
    place: &Place,
) -> Result<(Observation, Option<Document>), Stopped> {
    let at = Timestamp::now();
    let blank = |status| Observation::new(&place.written, at, status);
    let read = match &place.at {
        At::Unknown => Err(Trouble::skipped("what lies beside such a place cannot be told")),
        At::Release(path) => in_release(parents.release, path, limits::ENVELOPE_BYTES),
        At::Elsewhere(locator) => fetched(parents, locator, limits::ENVELOPE_BYTES),
    };
    let (bytes, told) = match read {
        Ok(read) => read,
        Err(trouble) if trouble.kind == TroubleKind::Stopped => return Err(Stopped),
        Err(trouble) => return Ok((troubled(blank, &trouble), None)),
    };
    let (payload, fault, document) = match read_document(bytes.as_slice(), statement) {
        Ok((payload, None)) => (Some(payload), None, None),
        Ok((payload, Some(Holding { envelope }))) => match String::from_utf8(bytes.clone()) {
            Ok(text) => {
                (Some(payload), None, Some(Document { text, place: place.clone(), envelope }))
            }
            Err(_) => (Some(payload), Some("it is not UTF-8".to_owned()), None),
        },
        Err(fault) => (None, Some(fault), None),
    };
    let fault = fault.map(|text| ContentFact::new(ContentFactKind::Fault).saying(text));
    let private = matches!(&place.at, At::Elsewhere(locator)
        if locator.carries_credential() || is_private(locator));
    let access = if private { Who::Credential } else { told.access.unwrap_or(Who::Anonymous) };
    let whole = DigestSet::from(Digest::Sha256(Sha256::of(&bytes)));
    let seen = Observation {
        endpoint: told.endpoint.map(|text| Text::clipped(&text)),
        digests: payload.map(|payload| Digest::Sha256(payload).into()),
        size: Some(Count(bytes.len() as u64)),
        strength: Some(Strength::Bytes),
        access: Some(access),
        served: Some(whole),
        route: told.proxied.then_some(Route::Proxy),
        facts: fault.into_iter().collect(),
        ..blank(Status::Seen)
    };
    Ok((seen, document))
}

/// How a document holds the statement that was looked for.
struct Holding {
    envelope: Option<Envelope>,
}

/// The payload of a document, and how it holds the statement where it does. A document without an
/// envelope is taken for the statement itself only where its bytes have the id.
fn read_document(bytes: &[u8], statement: Sha256) -> Result<(Sha256, Option<Holding>), String> {
    if Sha256::of(bytes) == statement {
        return Ok((statement, Some(Holding { envelope: None })));
    }
    let envelopes = Envelope::parse_all(bytes).map_err(|error| error.to_string())?;
    let id = |envelope: &Envelope| Sha256::of(envelope.danger_payload());
    let mut envelopes = joined(envelopes);
    match envelopes.iter().position(|envelope| id(envelope) == statement) {
        Some(nth) => Ok((statement, Some(Holding { envelope: Some(envelopes.swap_remove(nth)) }))),
        None => {
            let other = envelopes.first().map(id);
            Ok((other.ok_or_else(|| "there is no envelope in it".to_owned())?, None))
        }
    }
}

/// The bytes of a file of the release that is judged, at most so many.
pub(super) fn in_release(
    release: Option<&Directory>,
    path: &RelPath,
    most: usize,
) -> Result<(Vec<u8>, Told), Trouble> {
    let Some(directory) = release else {
        return Err(Trouble::skipped("it lies in the release, which was not given"));
    };
    let file = directory.open_file(path.as_str().as_bytes()).map_err(|error| match error {
        rustix::io::Errno::NOENT => Trouble::absent("it is not in the release"),
        error => Trouble::unreachable(format!("it cannot be read: {error}")),
    })?;
    let file = File::from(file);
    if !file.metadata().is_ok_and(|about| about.is_file()) {
        return Err(Trouble::faulty("it is no regular file"));
    }
    Ok((bounded(&mut &file, most).map_err(source::http::refused)?, Told::default()))
}

/// The bytes of one file elsewhere, at most so many.
pub(super) fn fetched(
    parents: &Parents<'_>,
    locator: &fullsource_format::locator::Locator,
    most: usize,
) -> Result<(Vec<u8>, Told), Trouble> {
    let directory = tempfile::tempdir_in(parents.temporary)
        .map_err(|error| Trouble::skipped(format!("no temporary directory: {error}")))?;
    let context = Context {
        net: parents.net,
        progress: parents.progress,
        threads: NonZeroUsize::MIN,
        temporary: directory.path(),
    };
    let one = OneFile { most, bytes: Mutex::default() };
    let told = source::look(locator, false, parents.access, &context, &one)?;
    let bytes = one.bytes.into_inner().unwrap_or_else(PoisonError::into_inner);
    let bytes = bytes.ok_or_else(|| Trouble::faulty("it is no file"))?;
    Ok((bytes, told))
}

/// Keeps the bytes of one file.
struct OneFile {
    most: usize,
    bytes: Mutex<Option<Vec<u8>>>,
}

fn no_file() -> SinkError {
    SinkError::Refused("it is a tree, and not one file".to_owned())
}

/// All bytes, where there are at most so many.
pub(super) fn bounded(bytes: &mut dyn Read, most: usize) -> Result<Vec<u8>, SinkError> {
    let mut kept = Vec::new();
    bytes.take(most as u64 + 1).read_to_end(&mut kept)?;
    if kept.len() > most { Err(too_large(most)) } else { Ok(kept) }
}

fn too_large(most: usize) -> SinkError {
    SinkError::Refused(format!("it has more than {most} bytes: nothing is as large here"))
}

impl Sink for OneFile {
    fn want(&self, _: &Entry<'_>) -> Want {
        Want::Bytes
    }

    fn file(&self, entry: &Entry<'_>, bytes: &mut dyn Read) -> Result<(), SinkError> {
        if !entry.path.is_empty() {
            return Err(no_file());
        }
        if entry.size.is_some_and(|size| size > self.most as u64) {
            return Err(too_large(self.most));
        }
        let kept = bounded(bytes, self.most)?;
        *self.bytes.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        Ok(())
    }

    fn word(&self, _: &Entry<'_>, _: &DigestSet) -> Result<(), SinkError> {
        Err(no_file())
    }

    fn symlink(&self, _: &[u8], _: &[u8]) -> Result<(), SinkError> {
        Err(no_file())
    }

    fn submodule(&self, _: &[u8], _: &GitId) -> Result<(), SinkError> {
        Err(no_file())
    }
}
