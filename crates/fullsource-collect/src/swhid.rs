//! Software Heritage ids: of content, directories and revisions they are git's SHA-1 ids, spelled
//! otherwise (ISO/IEC 18670).

use std::fmt;

use fullsource_format::digest::GitId;
use fullsource_format::evidence::{ContentFact, ContentFactKind};

use crate::git_tree::{GitObject, GitTreeError, ObjectFormat};

/// What a Software Heritage id is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SwhidKind {
    /// The bytes of a file: git's blob.
    Content,
    /// A directory: git's tree.
    Directory,
    /// A state of a project: git's commit.
    Revision,
}

/// A Software Heritage id, without qualifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swhid {
    kind: SwhidKind,
    id: [u8; 20],
}

impl Swhid {
    /// The id of a git object, or `None` where the repository is a SHA-256 one: its ids are none.
    pub const fn of(kind: SwhidKind, id: &GitId) -> Option<Self> {
        match id {
            GitId::Sha1(id) => Some(Self { kind, id: *id }),
            GitId::Sha256(_) => None,
        }
    }

    /// The id of a file with these bytes. Fails where they are a SHA-1 collision attack (`digest-10`).
    pub fn of_bytes(bytes: &[u8]) -> Result<Self, GitTreeError> {
        let id = match GitObject::of(ObjectFormat::Sha1, "blob", bytes).id(b"")? {
            GitId::Sha1(id) => id,
            GitId::Sha256(_) => unreachable!("the format asked for is SHA-1"),
        };
        Ok(Self { kind: SwhidKind::Content, id })
    }

    /// The id as evidence has it.
    pub fn fact(&self) -> ContentFact {
        ContentFact::new(ContentFactKind::Swhid).saying(self.to_string())
    }
}

impl fmt::Display for Swhid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            SwhidKind::Content => "cnt",
            SwhidKind::Directory => "dir",
            SwhidKind::Revision => "rev",
        };
        write!(f, "swh:1:{kind}:{}", GitId::Sha1(self.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `swh.model` of these bytes, and `git hash-object`.
    #[test]
    fn a_files_id_is_that_of_its_blob() {
        let empty = Swhid::of_bytes(b"").unwrap().to_string();
        assert_eq!(empty, "swh:1:cnt:e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
        let id: GitId = "4b825dc642cb6eb9a060e54bf8d69288fbee4904".parse().unwrap();
        let directory = Swhid::of(SwhidKind::Directory, &id).unwrap().to_string();
        assert_eq!(directory, "swh:1:dir:4b825dc642cb6eb9a060e54bf8d69288fbee4904");
        assert_eq!(Swhid::of(SwhidKind::Revision, &GitId::Sha256([0; 32])), None);
    }
}
