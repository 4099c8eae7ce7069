//! From a sorted list of entries to the id of their tree, in memory for the open directories alone.

use fullsource_format::digest::GitId;
use fullsource_format::limits;

use super::{GitObject, GitTreeError, ObjectFormat};
use crate::tree::escaped;

/// An entry of a tree that is no directory.
#[derive(Debug, Clone, Copy)]
pub struct Leaf<'a> {
    /// From the root, parts joined by `/`; any other bytes.
    pub path: &'a [u8],
    /// What it is.
    pub kind: LeafKind,
    /// The id of its content, or the commit.
    pub id: GitId,
}

/// What an entry of a tree is (`digest-9`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeafKind {
    /// A file.
    File,
    /// A file that its owner may execute.
    Executable,
    /// A symbolic link, whose target is the content.
    Symlink,
    /// A commit of another repository.
    Submodule,
}

impl LeafKind {
    /// A regular file.
    pub const fn file(executable: bool) -> Self {
        if executable { Self::Executable } else { Self::File }
    }

    const fn mode(self) -> &'static str {
        match self {
            Self::File => "100644",
            Self::Executable => "100755",
            Self::Symlink => "120000",
            Self::Submodule => "160000",
        }
    }
}

/// A tree being hashed. Its entries come in the order of their path bytes, which is git's: a directory
/// is sorted as if a `/` stood behind its name.
#[derive(Debug)]
pub struct TreeFold {
    format: ObjectFormat,
    /// Of the last entry: with the open directories, each with a `/` at its end, before its name.
    path: Vec<u8>,
    /// The root, then the directories that lead to the last entry.
    open: Vec<Open>,
}

#[derive(Debug)]
struct Open {
    /// Bytes of its path, its `/` included.
    length: usize,
    content: Vec<u8>,
    /// Its last entries, as far as each name is the start of the next: one that stands twice is among
    /// them, even with `a-b` between the file `a` and the directory `a`.
    last: Vec<Vec<u8>>,
}

impl TreeFold {
    /// A tree without entries yet.
    pub fn new(format: ObjectFormat) -> Self {
        let root = Open { length: 0, content: Vec::new(), last: Vec::new() };
        Self { format, path: Vec::new(), open: vec![root] }
    }

    /// Takes the next entry. Fails where it is no entry of a tree of git: it stands twice, is a `.git`
    /// below a directory, or lies too deep.
    pub fn push(&mut self, leaf: &Leaf<'_>) -> Result<(), GitTreeError> {
        while !leaf.path.starts_with(&self.path[..self.top().length]) {
            self.close()?;
        }
        let mut rest = &leaf.path[self.top().length..];
        while let Some(slash) = rest.iter().position(|b| *b == b'/') {
            self.path.truncate(self.top().length);
            self.path.extend_from_slice(&rest[..=slash]);
            if self.open.len() > limits::TREE_DEPTH {
                return Err(GitTreeError::TooDeep { path: escaped(&self.path) });
            }
            let length = self.path.len();
            self.open.push(Open { length, content: Vec::new(), last: Vec::new() });
            rest = &rest[slash + 1..];
        }
        if rest.eq_ignore_ascii_case(b".git") {
            return Err(GitTreeError::Embedded { path: escaped(leaf.path) });
        }
        let same = matches!(
            (self.format, leaf.id),
            (ObjectFormat::Sha1, GitId::Sha1(_)) | (ObjectFormat::Sha256, GitId::Sha256(_))
        );
        if !same {
            return Err(GitTreeError::Format { path: escaped(leaf.path) });
        }
        self.add(rest, leaf.kind.mode(), &leaf.id)
    }

    /// The id of the whole tree.
    pub fn finish(mut self) -> Result<GitId, GitTreeError> {
        while self.open.len() > 1 {
            self.close()?;
        }
        GitObject::of(self.format, "tree", &self.top().content).id(b"")
    }

    #[allow(clippy::expect_used, reason = "the root is never closed")]
    fn top(&self) -> &Open {
        self.open.last().expect("the root is open")
    }

    fn close(&mut self) -> Result<(), GitTreeError> {
        let Some(Open { length, content, .. }) = self.open.pop() else { return Ok(()) };
        let path = self.path[..length.saturating_sub(1)].to_vec();
        let id = GitObject::of(self.format, "tree", &content).id(&path)?;
        let name = path[self.top().length..].to_vec();
        if name.eq_ignore_ascii_case(b".git") {
            return Err(GitTreeError::Embedded { path: escaped(&path) });
        }
        self.add(&name, "40000", &id)
    }

    fn add(&mut self, name: &[u8], mode: &str, id: &GitId) -> Result<(), GitTreeError> {
        let Some(top) = self.open.last_mut() else { return Ok(()) };
        while top.last.last().is_some_and(|last| !name.starts_with(last)) {
            top.last.pop();
        }
        if top.last.last().is_some_and(|last| last == name) {
            let path = [&self.path[..top.length], name].concat();
            return Err(GitTreeError::Twice { path: escaped(&path) });
        }
        top.last.push(name.to_vec());
        top.content.extend_from_slice(mode.as_bytes());
        top.content.push(b' ');
        top.content.extend_from_slice(name);
        top.content.push(0);
        match id {
            GitId::Sha1(bytes) => top.content.extend_from_slice(bytes),
            GitId::Sha256(bytes) => top.content.extend_from_slice(bytes),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(paths: &[&str]) -> Result<GitId, GitTreeError> {
        let mut tree = TreeFold::new(ObjectFormat::Sha1);
        for path in paths {
            let (path, kind) = (path.as_bytes(), LeafKind::File);
            tree.push(&Leaf { path, kind, id: GitId::Sha1([1; 20]) })?;
        }
        tree.finish()
    }

    #[test]
    fn what_is_no_tree_of_git_is_refused() {
        let twice = |paths: &[&str]| match fold(paths) {
            Err(GitTreeError::Twice { path }) => path,
            other => panic!("{paths:?}: {other:?}"),
        };
        assert_eq!(twice(&["a", "a"]), "a");
        assert_eq!(twice(&["a", "a-b", "a-b-c", "a/b", "b"]), "a");
        assert_eq!(twice(&["d/a", "d/a/b"]), "d/a");
        assert!(matches!(fold(&["a/.GIT/x"]), Err(GitTreeError::Embedded { .. })));
        assert!(matches!(fold(&["a/.git"]), Err(GitTreeError::Embedded { .. })));
        assert!(fold(&["a", "a-b", "a.b", "b/a", "b/a-b/c"]).is_ok());
        let deep = "d/".repeat(limits::TREE_DEPTH + 1) + "f";
        assert!(matches!(fold(&[&deep]), Err(GitTreeError::TooDeep { .. })));
    }
}
