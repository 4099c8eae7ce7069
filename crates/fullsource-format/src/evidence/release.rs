//! What lay in a release directory: its files, every other entry, and what they say.

use std::collections::HashSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::{Blake3, Sha256};
use crate::index::{FileRecord, FileTable, TableError};
use crate::path::RelPath;
use crate::text::{Count, Text};

use super::{Instant, in_utc};

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
    /// One path as a file and as something else.
    #[error("`{0}` stands among the files and among the other entries")]
    Twofold(RelPath),
    /// More files, or bytes, were taken unread than there are; or none were, and it says so.
    #[error("`unread` has {files} files with {bytes} bytes, which these files cannot be")]
    Unread {
        /// Files taken unread.
        files: u64,
        /// Their bytes.
        bytes: u64,
    },
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
    /// Every regular file that is neither ignored nor excluded, with the digests computed: none of one that
    /// need not be read (`tree-19`), or could not be.
    pub files: FileTable,
    /// Every other entry.
    pub entries: Vec<EntrySeen>,
    /// What the files say that bears on loading them.
    pub facts: Vec<Fact>,
    /// Files whose bytes were not read in this look, where there are any.
    pub unread: Option<Unread>,
}

/// Files that were taken for what they were when an earlier look read them, by their marks alone
/// (`tree-14`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unread {
    /// How many.
    pub files: Count,
    /// Their bytes.
    pub bytes: Count,
    /// When the one was read that was read longest ago (UTC, RFC 3339).
    #[schemars(with = "Instant")]
    #[serde(deserialize_with = "in_utc")]
    pub since: Timestamp,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub(super) struct WireReleaseSeen {
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
    /// Files whose bytes were not read in this look: they were taken for what an earlier look read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unread: Option<Unread>,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
struct FileSeen {
    /// Its path in the release.
    path: RelPath,
    /// Size in bytes.
    size: Count,
    /// SHA-256 of the bytes read; without a digest the file was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<Sha256>,
    /// BLAKE3 of the bytes read; without a digest the file was not read.
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

/// Whether a file of the release may be such an entry, too (`evd-3`).
const fn is_trouble(kind: EntryKind) -> bool {
    matches!(kind, EntryKind::Unreadable | EntryKind::Unstable)
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
        // What could not be read stands among the entries (evd-28).
        let troubled = seen.entries.iter().filter(|entry| is_trouble(entry.kind));
        let troubled: HashSet<&str> = troubled.map(|entry| entry.path.as_str()).collect();
        let has_digest = |file: &FileRecord<'_>| file.sha256.is_some() || file.blake3.is_some();
        let told = |file: &FileRecord<'_>| has_digest(file) || !troubled.contains(file.path);
        let files = seen.files.iter().filter(told).map(file).collect();
        let ReleaseSeen { digests, entries, facts, unread, .. } = seen;
        Self { digests, files, entries, facts, unread }
    }
}

impl TryFrom<WireReleaseSeen> for ReleaseSeen {
    type Error = ReleaseError;
    fn try_from(wire: WireReleaseSeen) -> Result<Self, ReleaseError> {
        let others = wire.entries.iter().filter(|entry| !is_trouble(entry.kind));
        let others: HashSet<&str> = others.map(|entry| entry.path.as_str()).collect();
        let mut files = FileTable::builder();
        for FileSeen { path, size, sha256, blake3 } in &wire.files {
            let (sha256, blake3) = (*sha256, *blake3);
            if others.contains(path.as_str()) {
                return Err(ReleaseError::Twofold(path.clone()));
            }
            files.push(FileRecord { path: path.as_str(), size: size.0, sha256, blake3 })?;
        }
        let files = files.build()?;
        let WireReleaseSeen { digests, entries, facts, unread, .. } = wire;
        if let Some(Unread { files: Count(count), bytes: Count(bytes), .. }) = unread
            && (count == 0 || count > files.len() as u64 || bytes > files.total_bytes())
        {
            return Err(ReleaseError::Unread { files: count, bytes });
        }
        Ok(Self { digests, files, entries, facts, unread })
    }
}
