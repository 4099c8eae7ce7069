//! Notes: what was told of an address when it was asked. They save asking for the same bytes again,
//! and decide nothing: the bytes that a note points to are hashed like any others.

use std::fs::File;
use std::io::{self, Read as _, Write as _};

use fullsource_format::digest::Sha256;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Cache, CacheError, place_of};

/// Bytes of a note. A long address and its tag fit.
const BYTES: u64 = 64 << 10;

/// What an address served once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Note {
    /// What it is about, such as an address.
    pub key: String,
    /// SHA-256 of the bytes.
    pub sha256: Sha256,
    /// Their number.
    pub size: u64,
    /// The entity tag that came with them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// When they were served.
    pub at: Timestamp,
}

impl Cache {
    /// The note about a key. One that cannot be read is none.
    pub fn note(&self, key: &str) -> Option<Note> {
        let (directory, name) = place_of(&Sha256::of(key.as_bytes()));
        let directory = self.notes.open_directory(directory.as_bytes()).ok()?;
        let note = read(directory.open_file(name.as_bytes()).ok()?.into())?;
        (note.key == key).then_some(note)
    }

    /// Keeps a note in the place of an older one about the same key.
    pub fn keep_note(&self, note: &Note) -> Result<(), CacheError> {
        self.write_note(note).map_err(|error| self.refused(error))
    }

    fn write_note(&self, note: &Note) -> io::Result<()> {
        let bytes = serde_json::to_vec(note)?;
        if bytes.len() as u64 > BYTES {
            return Ok(());
        }
        let (directory, name) = place_of(&Sha256::of(note.key.as_bytes()));
        let directory = self.notes.make_directory(&directory, 0o700)?;
        let mut new = self.incoming().map_err(io::Error::other)?;
        new.write_all(&bytes)?;
        // Not synced: a note that is lost is asked for again.
        new.rename(&directory, &name)
    }
}

/// Reads a note.
pub(super) fn read(file: File) -> Option<Note> {
    let mut bytes = Vec::new();
    file.take(BYTES).read_to_end(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_kept_by_key_and_a_broken_one_is_none() {
        let root = tempfile::tempdir().unwrap();
        let cache = Cache::open(root.path()).unwrap();
        let note = |key: &str, size| Note {
            key: key.to_owned(),
            sha256: Sha256::of(b"abc"),
            size,
            etag: Some("\"1\"".to_owned()),
            at: Timestamp::UNIX_EPOCH,
        };
        assert_eq!(cache.note("a"), None);
        for kept in [note("a", 3), note("b", 4), note("a", 5)] {
            cache.keep_note(&kept).unwrap();
            assert_eq!(cache.note(&kept.key), Some(kept));
        }
        cache.keep_note(&note(&"long".repeat(BYTES as usize), 1)).unwrap();
        assert_eq!(cache.note(&"long".repeat(BYTES as usize)), None);
        let (directory, name) = place_of(&Sha256::of(b"a"));
        let path = root.path().join("notes").join(directory).join(name);
        let other = serde_json::to_vec(&note("other", 1)).unwrap();
        for broken in [&b"{"[..], b"", &other] {
            std::fs::write(&path, broken).unwrap();
            assert_eq!(cache.note("a"), None);
        }
        assert_eq!(cache.note("b"), Some(note("b", 4)));
        assert_eq!(std::fs::read_dir(root.path().join("new")).unwrap().count(), 0);
    }
}
