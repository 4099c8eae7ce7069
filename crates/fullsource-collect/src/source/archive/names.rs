//! The names in an archive: which can be, and which cannot be beside each other.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use fullsource_format::limits;

use super::super::Trouble;
use super::limit::Over;
use crate::tree::escaped;

/// Why a member of an archive cannot have its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NameFault {
    #[error("a member has no name")]
    Empty,
    #[error("the member `{0}` has an absolute name")]
    Absolute(String),
    #[error("the member `{0}` has a name with an empty part")]
    EmptyPart(String),
    #[error("the member `{0}` has a name with a part `{1}`")]
    Dots(String, &'static str),
    #[error("the member `{0}` has a name with a NUL byte")]
    Nul(String),
    #[error("a member has a name of {0} bytes; at most {limit} are read", limit = limits::PATH_BYTES)]
    TooLong(usize),
    #[error("the member `{0}` lies deeper than {limit} directories", limit = limits::TREE_DEPTH)]
    TooDeep(String),
    #[error("the name `{0}` stands for two members")]
    Twice(String),
    #[error("the name `{0}` stands for a directory and for something else")]
    AlsoDirectory(String),
    #[error("the member `{0}` lies below something that is not a directory")]
    BelowFile(String),
    #[error("the member `{0}` lies below a symbolic link, and links are not followed")]
    BelowLink(String),
}

impl From<NameFault> for Trouble {
    fn from(fault: NameFault) -> Self {
        Self::faulty(fault.to_string())
    }
}

/// The name of a member: relative, without empty parts, `.` and `..`, within the limits; else any
/// bytes but NUL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MemberPath(Vec<u8>);

impl MemberPath {
    /// The name with these bytes.
    pub(super) fn new(name: Vec<u8>) -> Result<Self, NameFault> {
        if name.is_empty() {
            return Err(NameFault::Empty);
        }
        if name.len() > limits::PATH_BYTES {
            return Err(NameFault::TooLong(name.len()));
        }
        if name.contains(&0) {
            return Err(NameFault::Nul(escaped(&name)));
        }
        if name.starts_with(b"/") {
            return Err(NameFault::Absolute(escaped(&name)));
        }
        for part in name.split(|byte| *byte == b'/') {
            match part {
                b"" => return Err(NameFault::EmptyPart(escaped(&name))),
                b"." => return Err(NameFault::Dots(escaped(&name), ".")),
                b".." => return Err(NameFault::Dots(escaped(&name), "..")),
                _ => {}
            }
        }
        if name.iter().filter(|byte| **byte == b'/').count() > limits::TREE_DEPTH {
            return Err(NameFault::TooDeep(escaped(&name)));
        }
        Ok(Self(name))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The name to show.
    pub(super) fn shown(&self) -> String {
        escaped(&self.0)
    }
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Symlink,
    Directory,
}

/// 128 bits of a digest of a name. Two names that share them, which cost 2^64 tries to find, only make
/// an archive that is refused.
type Key = [u8; 16];

/// The names seen so far, and those of the directories that they lie in. Some 40 bytes of memory for
/// each, however long it is.
pub(super) struct Names {
    seen: HashMap<Key, Kind>,
    limit: usize,
}

impl Names {
    pub(super) fn new(limit: usize) -> Self {
        Self { seen: HashMap::new(), limit }
    }

    /// Takes the name of one more member.
    pub(super) fn add(&mut self, path: &MemberPath, kind: Kind) -> Result<(), Trouble> {
        let mut key = Key::default();
        let mut parts = path.as_bytes().split(|byte| *byte == b'/').peekable();
        while let Some(part) = parts.next() {
            key = below(&key, part);
            if parts.peek().is_some() {
                match self.put(key, Kind::Directory)? {
                    None | Some(Kind::Directory) => {}
                    Some(Kind::File) => return Err(NameFault::BelowFile(path.shown()).into()),
                    Some(Kind::Symlink) => return Err(NameFault::BelowLink(path.shown()).into()),
                }
            }
        }
        match (self.put(key, kind)?, kind) {
            // A directory may be named after what lies in it, and once more.
            (None, _) | (Some(Kind::Directory), Kind::Directory) => Ok(()),
            (Some(Kind::Directory), _) | (Some(_), Kind::Directory) => {
                Err(NameFault::AlsoDirectory(path.shown()).into())
            }
            (Some(_), _) => Err(NameFault::Twice(path.shown()).into()),
        }
    }

    /// Puts a name where there is none, or says what it stands for.
    fn put(&mut self, key: Key, kind: Kind) -> Result<Option<Kind>, Over> {
        let full = self.seen.len() >= self.limit;
        match self.seen.entry(key) {
            Entry::Occupied(seen) => Ok(Some(*seen.get())),
            Entry::Vacant(_) if full => Err(Over::Entries(self.limit)),
            Entry::Vacant(free) => {
                free.insert(kind);
                Ok(None)
            }
        }
    }
}

/// The key of a name in the directory with this key.
fn below(directory: &Key, name: &[u8]) -> Key {
    let mut hasher = blake3::Hasher::new();
    hasher.update(directory).update(name);
    let mut key = Key::default();
    hasher.finalize_xof().fill(&mut key);
    key
}
