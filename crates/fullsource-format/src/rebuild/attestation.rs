//! The attestation: an in-toto Statement v1 about what was claimed, whose predicate tells what came out
//! when it was made again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rules::{self, Incoherent};
use super::{PREDICATE_TYPE, Rebuild};
use crate::digest::Sha256;
use crate::index::FileTable;
use crate::json::{JsonError, Profiled, UnknownFields};
use crate::limits;
use crate::manifest::{Artifact, Manifest, Stage};
use crate::path::{FileSelector, RelPath};
use crate::statement::{Subject, SubjectDigest, TYPE};

/// The subject's name where nothing of what is claimed has a SHA-256: the statement itself (`reb-7`).
pub const STATEMENT: &str = "statement";

/// The attestation as JSON holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "fullsource rebuild attestation")]
pub struct WireAttestation {
    /// The type of an in-toto Statement v1.
    #[serde(rename = "_type")]
    #[schemars(extend("const" = TYPE))]
    attestation_type: String,
    /// What was claimed: files of the release, or artifacts by their ids.
    #[schemars(length(min = 1, max = 1000))]
    subject: Vec<Subject>,
    /// The type of the predicate.
    #[schemars(extend("const" = PREDICATE_TYPE))]
    predicate_type: String,
    /// What was run, of what, where, and what came out.
    predicate: Rebuild,
}

/// The head of any in-toto statement, read before the rest.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    #[serde(rename = "_type")]
    attestation_type: String,
    predicate_type: String,
}

/// An attestation whose parts agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation(WireAttestation);

/// Why a payload is no attestation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttestationError {
    /// It cannot be read.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// Another `_type`.
    #[error("`_type` is `{0}`, not `{TYPE}`")]
    Type(String),
    /// Another `predicateType`.
    #[error("`predicateType` is `{0}`, not `{PREDICATE_TYPE}`")]
    PredicateType(String),
    /// Its parts cannot all be so.
    #[error(transparent)]
    Incoherent(#[from] Incoherent),
}

impl Attestation {
    /// Reads an attestation from its payload bytes.
    pub fn parse(payload: &[u8]) -> Result<Self, AttestationError> {
        let payload = Profiled::of(payload, limits::DOCUMENT_BYTES)?;
        let head: Head = payload.read(UnknownFields::Ignore)?;
        if head.attestation_type != TYPE {
            return Err(AttestationError::Type(head.attestation_type));
        }
        if head.predicate_type != PREDICATE_TYPE {
            return Err(AttestationError::PredicateType(head.predicate_type));
        }
        let wire: WireAttestation = payload.read(UnknownFields::Ignore)?;
        rules::check(&wire.subject, &wire.predicate)?;
        Ok(Self(wire))
    }

    /// An attestation of a rebuild, about these subjects: see [`subjects`].
    pub fn new(subject: Vec<Subject>, predicate: Rebuild) -> Result<Self, Incoherent> {
        rules::check(&subject, &predicate)?;
        let (attestation_type, predicate_type) = (TYPE.to_owned(), PREDICATE_TYPE.to_owned());
        Ok(Self(WireAttestation { attestation_type, subject, predicate_type, predicate }))
    }

    /// The payload bytes, to be signed as they stand ([`crate::envelope::sign`]).
    pub fn to_payload(&self) -> Vec<u8> {
        crate::envelope::to_json(&self.0).into_bytes()
    }

    /// What it is about.
    pub fn subjects(&self) -> &[Subject] {
        &self.0.subject
    }

    /// What was run, of what, where, and what came out.
    pub const fn rebuild(&self) -> &Rebuild {
        &self.0.predicate
    }
}

/// What a stage of a statement claims, as subjects of an attestation (`reb-7`): the files of its
/// outputs, outputs without files by their ids, and where there is neither, the statement. The first
/// 1,000 in the order of their names.
pub fn subjects(
    manifest: &Manifest,
    covered: &FileTable,
    statement: Sha256,
    stage: &Stage,
) -> Vec<Subject> {
    let outputs = stage.outputs.iter().filter_map(|id| manifest.artifact(id));
    let mut subjects: Vec<Subject> =
        outputs.flat_map(|output| of_output(output, covered)).collect();
    subjects.sort_by(|a, b| a.name.as_str().cmp(b.name.as_str()));
    subjects.dedup_by(|a, b| a.name == b.name);
    subjects.truncate(limits::SUBJECTS);
    if subjects.is_empty() {
        subjects.extend(subject(STATEMENT, statement));
    }
    subjects
}

fn of_output(output: &Artifact, covered: &FileTable) -> Vec<Subject> {
    if output.selectors().next().is_none() {
        let sha256 = output.digest.as_ref().and_then(crate::digest::DigestSet::sha256);
        return sha256.and_then(|sha256| subject(output.id.as_str(), sha256)).into_iter().collect();
    }
    let places = output.selectors().flat_map(|selector| match selector {
        FileSelector::File(path) => {
            covered.index_of(path.as_str()).map_or(0..0, |nth| nth..nth + 1)
        }
        FileSelector::Below(directory) => covered.below(directory.as_str()),
    });
    let records = places.map(|nth| covered.record(nth));
    records.filter_map(|file| subject(file.path, file.sha256?)).take(limits::SUBJECTS).collect()
}

fn subject(name: &str, sha256: Sha256) -> Option<Subject> {
    let name: RelPath = name.parse().ok()?;
    Some(Subject { name, digest: SubjectDigest { sha256 } })
}

/// Whether a subject is what the stage claims, also where [`subjects`] would leave it out.
pub fn is_claimed(
    manifest: &Manifest,
    covered: &FileTable,
    statement: Sha256,
    stage: &Stage,
    subject: &Subject,
) -> bool {
    let (name, sha256) = (&subject.name, subject.digest.sha256);
    let mut outputs = stage.outputs.iter().filter_map(|id| manifest.artifact(id));
    let of_file = |output: &Artifact| output.selectors().any(|selector| selector.selects(name));
    let by_id = |output: &Artifact| {
        let digest = output.digest.as_ref().and_then(crate::digest::DigestSet::sha256);
        output.id.as_str() == name.as_str()
            && output.selectors().next().is_none()
            && digest == Some(sha256)
    };
    let same = covered.get(name.as_str()).is_some_and(|file| file.sha256 == Some(sha256));
    outputs.any(|output| by_id(output) || same && of_file(output))
        || name.as_str() == STATEMENT && sha256 == statement
}
