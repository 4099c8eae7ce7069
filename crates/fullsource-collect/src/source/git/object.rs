//! Objects of a repository, held against their ids while they are read.

use std::io::{self, Read};

use fullsource_format::digest::GitId;

use crate::git_tree::{GitObject, ObjectFormat};
use crate::source::Trouble;

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Commit,
    Tree,
    Blob,
    Tag,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
            Self::Tag => "tag",
        }
    }

    pub(super) fn named(name: &[u8]) -> Option<Self> {
        let all = [Self::Commit, Self::Tree, Self::Blob, Self::Tag];
        all.into_iter().find(|kind| kind.name().as_bytes() == name)
    }
}

impl From<gix::objs::Kind> for Kind {
    fn from(kind: gix::objs::Kind) -> Self {
        match kind {
            gix::objs::Kind::Commit => Self::Commit,
            gix::objs::Kind::Tree => Self::Tree,
            gix::objs::Kind::Blob => Self::Blob,
            gix::objs::Kind::Tag => Self::Tag,
        }
    }
}

/// The hash function that an id was made with.
pub(super) const fn format_of(id: &GitId) -> ObjectFormat {
    match id {
        GitId::Sha1(_) => ObjectFormat::Sha1,
        GitId::Sha256(_) => ObjectFormat::Sha256,
    }
}

/// The bytes of an id.
pub(super) const fn bytes_of(id: &GitId) -> &[u8] {
    match id {
        GitId::Sha1(bytes) => bytes,
        GitId::Sha256(bytes) => bytes,
    }
}

/// The id with these bytes, in a repository of this format.
pub(super) fn id_from(bytes: &[u8], format: ObjectFormat) -> Option<GitId> {
    match format {
        ObjectFormat::Sha1 => bytes.try_into().ok().map(GitId::Sha1),
        ObjectFormat::Sha256 => bytes.try_into().ok().map(GitId::Sha256),
    }
}

/// The id written in hexadecimal digits, in a repository of this format.
pub(super) fn id_written(digits: &[u8], format: ObjectFormat) -> Option<GitId> {
    let id: GitId = std::str::from_utf8(digits).ok()?.parse().ok()?;
    (format_of(&id) == format).then_some(id)
}

/// An object that was found. Its bytes end in an error where they are not those of its id, so that
/// whoever has read them to their end has read the right ones.
pub(super) struct Found<'a> {
    pub(super) kind: Kind,
    pub(super) size: u64,
    pub(super) bytes: Box<dyn Read + 'a>,
}

impl<'a> Found<'a> {
    /// An object whose bytes come from `bytes`, unchecked yet.
    pub(super) fn new(id: &GitId, kind: Kind, size: u64, bytes: impl Read + 'a) -> Self {
        let hash = Some(GitObject::new(format_of(id), kind.name(), size));
        Self { kind, size, bytes: Box::new(Rehashed { id: *id, kind, hash, inner: bytes }) }
    }

    /// All its bytes. Fails where there are more than the limit.
    pub(super) fn whole(self, limit: usize) -> Result<Vec<u8>, Trouble> {
        if self.size > limit as u64 {
            let kind = self.kind.name();
            return Err(Trouble::skipped(format!("a {kind} object of more than {limit} bytes")));
        }
        let mut bytes = Vec::new();
        // One byte more than promised is noticed by its hash.
        let mut reader = self.bytes.take(self.size.saturating_add(1));
        reader.read_to_end(&mut bytes).map_err(|error| Trouble::of(&error))?;
        if bytes.len() as u64 > self.size {
            return Err(Trouble::faulty("an object is longer than it says"));
        }
        Ok(bytes)
    }
}

/// Hashes what passes, and fails at the end where that is not the id.
struct Rehashed<R> {
    id: GitId,
    kind: Kind,
    /// `None` once the end was seen.
    hash: Option<GitObject>,
    inner: R,
}

impl<R: Read> Read for Rehashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let read = self.inner.read(buffer).map_err(|error| {
            let broken = || Trouble::faulty(format!("{} {}: {error}", self.kind.name(), self.id));
            let known = error.get_ref().is_some_and(|inner| inner.is::<Trouble>());
            if known { error } else { io::Error::other(broken()) }
        })?;
        let Some(hash) = self.hash.as_mut() else { return Ok(read) };
        hash.update(&buffer[..read]);
        if read == 0
            && let Some(hash) = self.hash.take()
        {
            held_against(&self.id, self.kind, hash).map_err(io::Error::other)?;
        }
        Ok(read)
    }
}

fn held_against(id: &GitId, kind: Kind, hash: GitObject) -> Result<(), Trouble> {
    let kind = kind.name();
    match hash.id(b"") {
        Ok(found) if found == *id => Ok(()),
        Ok(found) => {
            let text =
                format!("the {kind} object stored as {id} is not that: it hashes to {found}");
            Err(Trouble::faulty(text))
        }
        // digest-10
        Err(_) => {
            Err(Trouble::faulty(format!("the {kind} object {id} is a SHA-1 collision attack")))
        }
    }
}

/// What a commit says of its content and its history.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) tree: GitId,
    pub(super) parents: Vec<GitId>,
}

impl Commit {
    /// Reads the first lines of a commit object; the others are nobody's business here.
    pub(super) fn parse(content: &[u8], format: ObjectFormat) -> Option<Self> {
        let mut lines = content.split(|byte| *byte == b'\n');
        let tree = id_written(lines.next()?.strip_prefix(b"tree ")?, format)?;
        let mut parents = Vec::new();
        for line in lines {
            let Some(parent) = line.strip_prefix(b"parent ") else { break };
            parents.push(id_written(parent, format)?);
        }
        Some(Self { tree, parents })
    }
}

/// The object that a tag object points to.
pub(super) fn tag_target(content: &[u8], format: ObjectFormat) -> Option<GitId> {
    let line = content.split(|byte| *byte == b'\n').next()?;
    id_written(line.strip_prefix(b"object ")?, format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_those_of_their_id_end_in_an_error() {
        let id: GitId = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391".parse().unwrap();
        let right = Found::new(&id, Kind::Blob, 0, &b""[..]);
        assert_eq!(right.whole(10).unwrap(), b"");
        for (kind, size, bytes) in
            [(Kind::Blob, 1, &b"x"[..]), (Kind::Tree, 0, b""), (Kind::Blob, 0, b"x")]
        {
            let wrong = Found::new(&id, kind, size, bytes).whole(10).unwrap_err();
            assert_eq!(wrong.kind, crate::source::TroubleKind::Faulty, "{wrong}");
        }
    }

    #[test]
    fn a_commit_without_its_first_line_is_none() {
        let tree = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n";
        let parent = "parent e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\n";
        let good = format!("{tree}{parent}{parent}author x\n\nparent of nothing\n");
        let commit = Commit::parse(good.as_bytes(), ObjectFormat::Sha1).unwrap();
        assert_eq!(commit.parents.len(), 2);
        for bad in ["", parent, "tree 4b82\n", &format!("{tree}parent x\n")] {
            assert_eq!(Commit::parse(bad.as_bytes(), ObjectFormat::Sha1), None, "{bad}");
        }
        assert_eq!(Commit::parse(good.as_bytes(), ObjectFormat::Sha256), None);
    }
}
