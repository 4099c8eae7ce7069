//! One parent's statement, opened with the verifier's keys, and what was seen of what it claims.

use fullsource_format::digest::{DigestSet, Sha256};
use fullsource_format::envelope::{Envelope, Unverified, joined};
use fullsource_format::evidence::{Local, Observation, ParentSeen, Status as At};
use fullsource_format::index::FileTable;
use fullsource_format::json::UnknownFields;
use fullsource_format::manifest::Manifest;
use fullsource_format::statement::{Covered, Statement};
use jiff::Timestamp;

use super::{ParentStatus, Taking};
use crate::check::{self, artifacts::Status};
use crate::class::{self, Seen, Trusting};
use crate::finding::Code;
use crate::judge::Verifier;
use crate::lineage::{Layers, Link, Member};
use crate::signers::{self, Signer, Trust};

/// What became of a parent's statement.
pub(super) enum Tried {
    /// It was read.
    Opened(Box<Opened>),
    /// There is none, or none that can be read.
    Lost { status: ParentStatus, why: String },
}

/// A parent's statement.
pub(super) struct Opened {
    pub(super) id: Sha256,
    pub(super) manifest: Manifest,
    /// The files that it covers; none where a file index lists them, which was not read (`ver-97`).
    pub(super) covered: FileTable,
    pub(super) signers: Vec<Signer>,
    /// Whether a signer is trusted as the producer of that model.
    pub(super) by_producer: bool,
    pub(super) local: Option<Local>,
    /// What each of its artifacts is worth, in its manifest's order.
    pub(super) statuses: Vec<Status>,
    /// The digests that its statement states of each.
    pub(super) digests: Vec<DigestSet>,
    seen: Vec<Seen>,
    contradictions: Vec<String>,
    unclaimed_weights: Option<String>,
    layers: Vec<Layers>,
}

/// Opens a parent's document (`ver-90`), and judges what was seen of the artifacts in it (`ver-92`).
pub(super) fn open(seen: &ParentSeen, verifier: &Verifier, taking: Taking<'_>) -> Tried {
    let id = seen.statement.sha256;
    let revoked = |list: &fullsource_format::revoked::RevocationList| list.revokes_statement(&id);
    if verifier.trust.revoked.as_ref().is_some_and(revoked) {
        return Tried::Lost { status: ParentStatus::Revoked, why: "it is revoked".to_owned() };
    }
    let Some(document) = &seen.envelope else { return lost(&seen.observations) };
    // cls-53: a key given by itself vouches for the target alone.
    let trust = Trust { keys: Vec::new(), ..verifier.trust.clone() };
    match read(seen, document.as_bytes(), &trust, verifier.now) {
        Ok(Read { manifest, covered, signers, by_producer }) => {
            let mut opened = Opened {
                id,
                manifest,
                covered,
                signers,
                by_producer,
                local: seen.local.clone(),
                statuses: Vec::new(),
                digests: Vec::new(),
                seen: Vec::new(),
                contradictions: Vec::new(),
                unclaimed_weights: None,
                layers: Vec::new(),
            };
            opened.look(seen, taking);
            Tried::Opened(Box::new(opened))
        }
        Err(why) => Tried::Lost { status: ParentStatus::Malformed, why },
    }
}

struct Read {
    manifest: Manifest,
    covered: FileTable,
    signers: Vec<Signer>,
    by_producer: bool,
}

impl Read {
    fn of(statement: &Statement, seen: &ParentSeen, by: Vec<Signer>, by_producer: bool) -> Self {
        let covered = match statement.covered() {
            Covered::Listed(files) => files.clone(),
            // ver-97
            Covered::Indexed(stated) => {
                let index = seen.index.as_ref().map(String::as_bytes);
                let files = index.and_then(|bytes| statement.open_index(stated, bytes).ok());
                files.unwrap_or_default()
            }
        };
        let manifest = statement.manifest().clone();
        Self { manifest, covered, signers: by, by_producer }
    }
}

/// Reads the statement with this id in a document; of a document that was written locally, also a
/// manifest alone.
fn read(seen: &ParentSeen, document: &[u8], trust: &Trust, now: Timestamp) -> Result<Read, String> {
    let (id, local) = (seen.statement.sha256, seen.local.is_some());
    if Sha256::of(document) == id {
        return match Unverified::from_payload(document) {
            Ok(statement) => Ok(Read::of(statement.value(), seen, Vec::new(), false)),
            Err(error) if !local => Err(error.to_string()),
            Err(_) => {
                let manifest = Manifest::parse(document, UnknownFields::Ignore);
                let manifest = manifest.map_err(|error| error.to_string())?;
                let (covered, signers) = (FileTable::default(), Vec::new());
                Ok(Read { manifest, covered, signers, by_producer: false })
            }
        };
    }
    let envelopes = Envelope::parse_all(document).map_err(|error| error.to_string())?;
    let named = |envelope: &Envelope| Sha256::of(envelope.danger_payload()) == id;
    let envelope = joined(envelopes).into_iter().find(named);
    let envelope = envelope.ok_or_else(|| "the document holds another statement".to_owned())?;
    if let Ok(statement) = envelope.open(&trust.all_keys()) {
        let release = statement.value().manifest().release();
        let signed_by = statement.signers();
        let by_producer = signers::is_producers(signed_by, release, trust, now);
        let signers = signers::assess(signed_by, release, trust, now).signers;
        return Ok(Read::of(statement.value(), seen, signers, by_producer));
    }
    // The child's statement names its payload by SHA-256 (ver-91).
    let statement = envelope.danger_unverified().map_err(|error| error.to_string())?;
    Ok(Read::of(statement.value(), seen, Vec::new(), false))
}

/// Why there is no document: absent only where every place answered that it does not have it.
fn lost(observations: &[Observation]) -> Tried {
    let Some(last) = observations.last() else {
        let why = "no place is named where it lies".to_owned();
        return Tried::Lost { status: ParentStatus::Unchecked, why };
    };
    let status = |seen: &Observation| match seen.status {
        At::Absent | At::Seen => ParentStatus::Absent,
        At::Unreachable => ParentStatus::Unreachable,
        At::Closed => ParentStatus::Closed,
        At::Skipped | At::Partial => ParentStatus::Unchecked,
    };
    let worst = |seen: &&Observation| status(seen) != ParentStatus::Absent;
    let seen = observations.iter().find(worst).unwrap_or(last);
    let what = match seen.status {
        At::Absent => "it is not there",
        At::Seen if seen.digests.is_some() => "another statement lies there",
        At::Seen => "no statement lies there",
        At::Closed => "it may not be had",
        At::Unreachable => "the place did not answer",
        At::Skipped | At::Partial => "nobody looked",
    };
    let why = match &seen.detail {
        Some(detail) => format!("`{}`: {what}: {detail}", seen.locator),
        None => format!("`{}`: {what}", seen.locator),
    };
    Tried::Lost { status: status(seen), why }
}

impl Opened {
    fn look(&mut self, seen: &ParentSeen, taking: Taking<'_>) {
        let Taking { vouched, word_of } = taking;
        let judged = check::artifacts::check_elsewhere(
            &self.manifest,
            &self.covered,
            &seen.artifacts,
            vouched,
        );
        let by_producer = self.by_producer;
        let trusting = Trusting { by_producer, vouched, word_of };
        let looked = class::look(&self.manifest, &judged.statuses, &judged.spoken, trusting);
        self.seen = looked.seen;
        self.statuses = judged.statuses;
        self.digests = judged.digests;
        self.layers = judged.layers;
        self.contradictions = looked.undeclared.iter().map(ToString::to_string).collect();
        let unclaimed = judged.findings.iter().find(|found| found.code == Code::WeightsUnclaimed);
        self.unclaimed_weights = unclaimed.and_then(|found| found.path.clone());
    }

    pub(super) fn member(&self, parents: Vec<Link>, more: Vec<String>) -> Member<'_> {
        let mut contradictions = self.contradictions.clone();
        contradictions.extend(more);
        Member {
            statement: self.id,
            manifest: &self.manifest,
            seen: self.seen.clone(),
            by_producer: self.by_producer,
            contradictions,
            unclaimed_weights: self.unclaimed_weights.clone(),
            layers: self.layers.clone(),
            parents,
        }
    }
}
