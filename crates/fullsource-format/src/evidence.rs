//! Evidence: what was seen, where and when, without an opinion.
//!
//! A file of its own, so that a judgement can be made again, later, elsewhere, without a look.
//!
//! Spec: `spec/v0.1/evidence.md`.

mod content;
mod release;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::{DigestSet, Sha256};
use crate::json::{JsonError, Profiled, UnknownFields};
use crate::limits;
use crate::text::{Count, Id, Name, Text};

pub use content::{ContentFact, ContentFactKind, HOLLOW, NameAndShape};
use release::WireReleaseSeen;
pub use release::{Digests, EntryKind, EntrySeen, Fact, ReleaseError, ReleaseSeen, Unread};

/// Bytes of memory that a value of an evidence file takes until all is judged, as measured.
const VALUE_BYTES: usize = 100;

/// `_type` of every evidence document (`evd-1`).
pub const TYPE: &str = "https://fullsource.dev/evidence/v0.1";

/// The locator of an observation of the artifact's own files in the release (`evd-18`).
pub const FILES: &str = "files";

/// What was seen of one release and of the artifacts that its statement claims.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "fullsource evidence")]
pub struct Evidence {
    /// The type of evidence.
    #[serde(rename = "_type")]
    #[schemars(extend("const" = TYPE))]
    pub evidence_type: String,
    /// The statement that it belongs to.
    pub statement: StatementRef,
    /// What looked.
    pub tool: Tool,
    /// When the look ended (UTC, RFC 3339).
    #[schemars(with = "Instant")]
    #[serde(deserialize_with = "in_utc")]
    pub collected_at: Timestamp,
    /// What lay in the release directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<WireReleaseSeen>")]
    pub release: Option<ReleaseSeen>,
    /// What was seen of each artifact.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<ArtifactSeen>,
    /// What was seen of parent models; their envelopes are opened again with the verifier's own keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<ParentSeen>,
}

/// The schema of a [`Timestamp`].
#[derive(JsonSchema)]
#[schemars(transparent)]
pub(crate) struct Instant(
    #[allow(dead_code)]
    #[schemars(extend("format" = "date-time"))]
    String,
);

/// Reads a time that is written in UTC, with `Z`.
pub(crate) fn in_utc<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    use serde::de::Error;
    let text = String::deserialize(from)?;
    let time = text.ends_with('Z').then(|| text.parse().ok()).flatten();
    time.ok_or_else(|| D::Error::custom(format!("`{text}` is not like 2026-01-31T12:00:00Z")))
}

/// A statement by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatementRef {
    /// SHA-256 of the payload bytes.
    pub sha256: Sha256,
}

/// What looked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// Its name.
    pub name: Name,
    /// Its version.
    pub version: Name,
}

impl Tool {
    /// This program, by the names its package gives it.
    pub fn this(name: &str, version: &str) -> Self {
        Self { name: Name::clipped(name), version: Name::clipped(version) }
    }
}

/// What was seen of one artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ArtifactSeen {
    /// Its id.
    pub id: Id,
    /// One observation for each place tried.
    pub observations: Vec<Observation>,
}

/// What was seen at one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Observation {
    /// The place, as the statement has it; `files` for the artifact's files of the release.
    pub locator: Text,
    /// When (UTC, RFC 3339).
    #[schemars(with = "Instant")]
    #[serde(deserialize_with = "in_utc")]
    pub at: Timestamp,
    /// The endpoint that answered, where it is not the locator itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Text>,
    /// What was seen.
    pub status: Status,
    /// The digests of what was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digests: Option<DigestSet>,
    /// Its size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Count>,
    /// Whether bytes were read, or a host's word was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strength: Option<Strength>,
    /// Whether a credential was needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// The digests of what was served as a whole, where the content is inside it: an archive, a commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub served: Option<DigestSet>,
    /// What the content says about itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<ContentFact>,
    /// Which part was read, where it was a drawn sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<Sample>,
    /// What stood between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<Route>,
    /// What the other side said, or why there was no look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Text>,
}

impl Observation {
    /// An observation that says no more than a status.
    pub fn new(locator: &str, at: Timestamp, status: Status) -> Self {
        Self {
            locator: Text::clipped(locator),
            at,
            endpoint: None,
            status,
            digests: None,
            size: None,
            strength: None,
            access: None,
            served: None,
            facts: Vec::new(),
            sample: None,
            route: None,
            detail: None,
        }
    }

    /// The same, with what the other side said.
    #[must_use]
    pub fn saying(self, detail: &str) -> Self {
        Self { detail: Some(Text::clipped(detail)), ..self }
    }
}

/// A part of an indexed tree, drawn at random after the index was fetched (`evd-21`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sample {
    /// Files of the index that were drawn and matched.
    pub seen: Count,
    /// Files of the index.
    pub of: Count,
    /// Files that were drawn, and are something else or not there.
    pub differing: Count,
    /// What the draw started from (64 hexadecimal digits).
    pub seed: Sha256,
}

/// What stood between the collector and a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Route {
    /// Nothing: addresses were checked.
    Direct,
    /// A proxy: which address it asked, nobody here knows.
    Proxy,
}

/// What was seen at a place. That nobody could look is never that there is nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It is there.
    Seen,
    /// The place answered that it is not there.
    Absent,
    /// The place answered that it may not be had.
    Closed,
    /// The place did not answer.
    Unreachable,
    /// There was no look.
    Skipped,
    /// Some of it is there.
    Partial,
}

/// How strong a look was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// The bytes were read and hashed here.
    Bytes,
    /// The host's word on the digest was taken.
    Metadata,
}

/// Who could look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Anyone.
    Anonymous,
    /// Whoever has a credential.
    Credential,
}

/// What was seen of a parent model: of its statement, and of what that claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ParentSeen {
    /// The id of its statement; of a document that somebody wrote locally, SHA-256 of its bytes.
    pub statement: StatementRef,
    /// One observation for each place where the statement was looked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observations: Vec<Observation>,
    /// The document that holds it, as received: a bundle, an envelope, JSON Lines, or the statement
    /// itself. Absent where none was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub envelope: Option<String>,
    /// Where somebody on the verifier's side wrote it, since nobody published one: which models it is
    /// for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local: Option<Local>,
    /// The file index that its statement binds, as received (`evd-26`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<String>,
    /// What was seen of the artifacts that it claims.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<ArtifactSeen>,
}

impl ParentSeen {
    /// A parent of which nothing was seen yet.
    pub fn new(sha256: Sha256) -> Self {
        let statement = StatementRef { sha256 };
        let (observations, artifacts) = (Vec::new(), Vec::new());
        Self { statement, observations, envelope: None, local: None, index: None, artifacts }
    }
}

/// Which models an unsigned, locally written document is for (`evd-25`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Local {
    /// Artifacts of the statement that is judged. Absent: whatever model has the digests that it
    /// states.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<Id>,
}

/// Why a document is no evidence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// The document cannot be read.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// Another `_type`.
    #[error("`_type` is `{0}`, not `{TYPE}`")]
    Type(String),
    /// It belongs to another statement.
    #[error("the evidence belongs to statement {found}, not to {expected}")]
    Foreign {
        /// The statement that is judged.
        expected: Sha256,
        /// The statement that the evidence names.
        found: Sha256,
    },
}

impl Evidence {
    /// Reads the evidence for one statement.
    pub fn parse(document: &[u8], statement: Sha256) -> Result<Self, EvidenceError> {
        Self::read(Profiled::of(document, limits::EVIDENCE_BYTES)?, statement)
    }

    /// Reads the evidence for one statement from a document that keeps the profile.
    pub fn read(document: Profiled<'_>, statement: Sha256) -> Result<Self, EvidenceError> {
        let document = document.within(limits::EVIDENCE_BYTES)?.with_room(VALUE_BYTES)?;
        let evidence: Self = document.read(UnknownFields::Ignore)?;
        if evidence.evidence_type != TYPE {
            return Err(EvidenceError::Type(evidence.evidence_type));
        }
        let found = evidence.statement.sha256;
        if found != statement {
            return Err(EvidenceError::Foreign { expected: statement, found });
        }
        Ok(evidence)
    }
}
