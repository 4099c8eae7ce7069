//! Evidence: what was seen, where and when, without an opinion.
//!
//! A file of its own, so that a judgement can be made again, later, elsewhere, without a look.
//!
//! Spec: `spec/v0.1/evidence.md`.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::{Blake3, DigestSet, Sha256};
use crate::index::{FileRecord, FileTable, TableError};
use crate::json::{self, JsonError, UnknownFields};
use crate::limits;
use crate::path::RelPath;
use crate::text::{Count, Id, Name, Text};

/// `_type` of every evidence document (`evd-1`).
pub const TYPE: &str = "https://fullsource.dev/evidence/v0.1";

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
    /// The envelopes of parent models, to be opened again with the verifier's own keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<ParentSeen>,
}

/// The schema of a [`Timestamp`].
#[derive(JsonSchema)]
#[schemars(transparent)]
struct Instant(
    #[allow(dead_code)]
    #[schemars(extend("format" = "date-time"))]
    String,
);

/// Reads a time that is written in UTC, with `Z`.
fn in_utc<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
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

/// Which digests of the release's files were computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Digests {
    /// Both.
    #[default]
    All,
    /// SHA-256 alone.
    Sha256,
    /// BLAKE3 alone.
    Blake3,
}

/// Why what was seen of a release contradicts itself (`evd-1`, `evd-3`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseError {
    /// A file that was read and has no digest.
    #[error("the file `{0}` has neither `sha256` nor `blake3`")]
    Undigested(RelPath),
    /// One path as a file and as something else.
    #[error("`{0}` stands among the files and among the other entries")]
    Twofold(RelPath),
    /// Files that cannot be held in one list.
    #[error(transparent)]
    Files(#[from] TableError),
}

/// What lay in a release directory.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "WireReleaseSeen", into = "WireReleaseSeen")]
pub struct ReleaseSeen {
    /// Which digests were computed.
    pub digests: Digests,
    /// Every regular file that is neither ignored nor excluded, with the digests computed.
    pub files: FileTable,
    /// Every other entry.
    pub entries: Vec<EntrySeen>,
    /// What the files say that bears on loading them.
    pub facts: Vec<Fact>,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
struct WireReleaseSeen {
    /// Which digests were computed.
    digests: Digests,
    /// Every regular file that is neither ignored nor excluded.
    files: Vec<FileSeen>,
    /// Every other entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    entries: Vec<EntrySeen>,
    /// What the files say that bears on loading them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    facts: Vec<Fact>,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
struct FileSeen {
    /// Its path in the release.
    path: RelPath,
    /// Size in bytes.
    size: Count,
    /// SHA-256 of the bytes read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<Sha256>,
    /// BLAKE3 of the bytes read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    blake3: Option<Blake3>,
}

/// An entry of a release directory that is not one of its files, or could not be read as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EntrySeen {
    /// Its path, escaped where it is no path of a release.
    pub path: Text,
    /// What it is.
    pub kind: EntryKind,
    /// What the system said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Text>,
}

/// What an entry of a release directory is, where it is not one of its files.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// A symbolic link.
    Symlink,
    /// A FIFO, a socket or a device.
    Special,
    /// A directory without entries.
    EmptyDirectory,
    /// A reserved name, a signature, version control, or download records.
    Ignored,
    /// Left out by a glob of the statement.
    Excluded,
    /// A file or a directory that could not be read.
    Unreadable,
    /// A file that changed while it was read.
    Unstable,
    /// A name that no path of a release has.
    InvalidName,
}

/// What a file of the release says that bears on loading it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", try_from = "WireFact")]
#[schemars(!try_from)]
pub enum Fact {
    /// A configuration that makes a framework load code from another repository.
    RemoteCode {
        /// The configuration.
        path: RelPath,
        /// The value that points elsewhere.
        value: Text,
    },
    /// A configuration, or a weights index, that could not be read.
    ConfigUnread {
        /// The file.
        path: RelPath,
        /// Why.
        value: Text,
    },
    /// A weights index that names a file.
    WeightMap {
        /// The index.
        path: RelPath,
        /// The file, as it is named there.
        target: Text,
    },
}

/// A fact as JSON holds it: serde's own reading of tagged enums takes arrays, too, and passes over
/// fields that it does not know.
#[derive(Deserialize)]
struct WireFact {
    kind: String,
    path: RelPath,
    value: Option<Text>,
    target: Option<Text>,
}

impl TryFrom<WireFact> for Fact {
    type Error = String;
    fn try_from(wire: WireFact) -> Result<Self, String> {
        let WireFact { kind, path, value, target } = wire;
        match (kind.as_str(), value, target) {
            ("remote-code", Some(value), None) => Ok(Self::RemoteCode { path, value }),
            ("config-unread", Some(value), None) => Ok(Self::ConfigUnread { path, value }),
            ("weight-map", None, Some(target)) => Ok(Self::WeightMap { path, target }),
            _ => Err(format!("`{kind}` is no fact, or has other fields than it takes")),
        }
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
    /// What the other side said, or why there was no look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Text>,
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

/// The signed statement of a parent model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ParentSeen {
    /// Its id.
    pub statement: StatementRef,
    /// Its envelope or bundle, as received.
    pub envelope: String,
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
        let evidence: Self = json::parse(document, limits::EVIDENCE_BYTES, UnknownFields::Ignore)?;
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

impl From<ReleaseSeen> for WireReleaseSeen {
    fn from(seen: ReleaseSeen) -> Self {
        let file = |file: FileRecord| FileSeen {
            // A table holds paths that were read as such.
            path: RelPath::from_checked(file.path),
            size: Count(file.size),
            sha256: file.sha256,
            blake3: file.blake3,
        };
        // What could not be read stands among the entries.
        let read = seen.files.iter().filter(|f| f.sha256.is_some() || f.blake3.is_some());
        let files = read.map(file).collect();
        Self { digests: seen.digests, files, entries: seen.entries, facts: seen.facts }
    }
}

impl TryFrom<WireReleaseSeen> for ReleaseSeen {
    type Error = ReleaseError;
    fn try_from(wire: WireReleaseSeen) -> Result<Self, ReleaseError> {
        let troubled = |kind| matches!(kind, EntryKind::Unreadable | EntryKind::Unstable);
        let others: std::collections::HashSet<&str> = wire
            .entries
            .iter()
            .filter(|entry| !troubled(entry.kind))
            .map(|entry| entry.path.as_str())
            .collect();
        let mut files = FileTable::builder();
        for FileSeen { path, size, sha256, blake3 } in &wire.files {
            let (sha256, blake3) = (*sha256, *blake3);
            if sha256.is_none() && blake3.is_none() {
                return Err(ReleaseError::Undigested(path.clone()));
            }
            if others.contains(path.as_str()) {
                return Err(ReleaseError::Twofold(path.clone()));
            }
            files.push(FileRecord { path: path.as_str(), size: size.0, sha256, blake3 })?;
        }
        let files = files.build()?;
        Ok(Self { digests: wire.digests, files, entries: wire.entries, facts: wire.facts })
    }
}
