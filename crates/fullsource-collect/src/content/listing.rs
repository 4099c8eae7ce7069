//! The files of a tree in little memory, in whatever order they come, and the digests of all.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use fullsource_format::digest::{Blake3, Digest, DigestSet, DirHash, GitId, Sha256};
use fullsource_format::index::{FileRecord, FileTable, FileTableBuilder, TableError};
use fullsource_format::limits;
use sha2::Digest as _;

use crate::git_tree::{GitTreeError, Leaf, LeafKind, ObjectFormat, TreeFold};
use crate::tree::escaped;

/// A file that was read, or of which there is a word.
#[derive(Debug, Clone, Copy)]
pub(super) struct File<'a> {
    pub(super) path: &'a [u8],
    pub(super) size: u64,
    pub(super) executable: bool,
    pub(super) sha256: Option<Sha256>,
    pub(super) blake3: Option<Blake3>,
    pub(super) blob: Option<GitId>,
}

/// The files so far.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Those that are not marked in the index.
    table: FileTableBuilder,
    /// The files of the index that are what it says: a bit for each.
    marks: Vec<u64>,
    marked_bytes: u64,
    /// Files whose names are no paths of a release.
    odd: Vec<(Vec<u8>, u64, Option<Sha256>)>,
    /// What git has of a file, by the hash of its path.
    blobs: Vec<(u64, LeafKind, GitId)>,
    /// Symbolic links and submodules.
    links: Vec<(Vec<u8>, LeafKind, GitId)>,
    paths: Paths,
    /// Why there is no tree id.
    no_tree: Option<String>,
}

/// The paths so far, each as 64 bits of a keyed hash: nobody can make two paths of one hash.
#[derive(Debug, Default)]
struct Paths {
    keys: RandomState,
    seen: HashSet<u64>,
}

impl Listing {
    /// Adds a file. Fails with a sentence where the tree cannot have it.
    pub(super) fn add(&mut self, file: &File<'_>, git: bool) -> Result<(), String> {
        let key = self.claim(file.path)?;
        let File { size, sha256, blake3, .. } = *file;
        let path = std::str::from_utf8(file.path).ok();
        match path.map(|path| self.table.push(FileRecord { path, size, sha256, blake3 })) {
            Some(Ok(())) => {}
            None | Some(Err(TableError::Path { .. })) => {
                self.odd.push((file.path.to_vec(), size, sha256));
            }
            Some(Err(error)) => return Err(error.to_string()),
        }
        self.note_blob(file, key, git);
        Ok(())
    }

    /// Adds a file that was read and is what the index says of it, by its number there. Costs one bit.
    pub(super) fn mark(
        &mut self,
        index: &FileTable,
        number: usize,
        file: &File<'_>,
        git: bool,
    ) -> Result<(), String> {
        let key = self.claim(file.path)?;
        self.marks.resize(index.len().div_ceil(64), 0);
        if let Some(word) = self.marks.get_mut(number / 64) {
            *word |= 1 << (number % 64);
        }
        self.marked_bytes = self.marked_bytes.saturating_add(file.size);
        self.note_blob(file, key, git);
        Ok(())
    }

    fn note_blob(&mut self, file: &File<'_>, key: u64, git: bool) {
        match file.blob {
            Some(id) if git => self.blobs.push((key, LeafKind::file(file.executable), id)),
            None if git => self.has_no_tree(format!("`{}` was not read", escaped(file.path))),
            _ => {}
        }
    }

    /// Adds a symbolic link or a submodule, with its id where git is asked for.
    pub(super) fn link(
        &mut self,
        path: &[u8],
        kind: LeafKind,
        id: Option<GitId>,
    ) -> Result<(), String> {
        self.claim(path)?;
        self.links.extend(id.map(|id| (path.to_vec(), kind, id)));
        Ok(())
    }

    /// Says why there is no tree id.
    pub(super) fn has_no_tree(&mut self, reason: String) {
        self.no_tree.get_or_insert(reason);
    }

    fn claim(&mut self, path: &[u8]) -> Result<u64, String> {
        check(path)?;
        let key = self.paths.keys.hash_one(path);
        if self.paths.seen.len() >= limits::FILES {
            return Err(format!("there are more than {} entries", limits::FILES));
        }
        if !self.paths.seen.insert(key) {
            return Err(format!("`{}` stands twice", escaped(path)));
        }
        Ok(key)
    }

    /// The table, and the digests as far as they can be told.
    pub(super) fn finish(
        mut self,
        git: Option<ObjectFormat>,
        index: Option<&FileTable>,
    ) -> Result<Listed, TableError> {
        self.paths.seen = HashSet::new();
        let table = std::mem::take(&mut self.table).build()?;
        let marks = Marks(std::mem::take(&mut self.marks));
        let files = || in_order(index, &marks, &table);
        self.odd.sort_unstable();
        let dir_hash = self.dir_hash(files());
        let (tree, no_tree) = match (git, self.no_tree.take()) {
            (None, _) => (None, None),
            (Some(_), Some(reason)) => (None, Some(reason)),
            (Some(format), None) => match self.git_tree(files(), format) {
                Ok(id) => (Some(id), None),
                Err(error) => (None, Some(error.to_string())),
            },
        };
        let digests = [dir_hash.map(Digest::DirHash), tree.map(Digest::GitTree)];
        let digests = digests.into_iter().flatten();
        let digests = digests.fold(None, |set: Option<DigestSet>, digest| {
            Some(set.unwrap_or_default().with(digest))
        });
        let odd_bytes = self.odd.iter().map(|(_, size, _)| size).sum::<u64>();
        let bytes = table.total_bytes().saturating_add(odd_bytes).saturating_add(self.marked_bytes);
        let first = self.odd.first().map(|(path, ..)| escaped(path));
        let odd = first.map(|first| (self.odd.len() as u64, first));
        Ok(Listed { table, marks, digests, bytes, odd, no_tree })
    }

    /// `digest-6`. None where a file has no SHA-256, or a name that leaves it undefined.
    fn dir_hash<'t>(&self, files: impl Iterator<Item = FileRecord<'t>>) -> Option<DirHash> {
        let mut lines = sha2::Sha256::new();
        let mut line = |path: &[u8], sha256: Option<Sha256>| {
            let sha256 = sha256.filter(|_| !path.iter().any(|b| matches!(b, b'\\' | b'\n')))?;
            lines.update(sha256.to_string());
            lines.update("  ");
            lines.update(path);
            lines.update("\n");
            Some(())
        };
        let mut odd = self.odd.iter().peekable();
        for file in files {
            while let Some((path, _, sha256)) = odd.next_if(|odd| odd.0[..] < *file.path.as_bytes())
            {
                line(path, *sha256)?;
            }
            line(file.path.as_bytes(), file.sha256)?;
        }
        odd.try_for_each(|(path, _, sha256)| line(path, *sha256))?;
        Some(DirHash::new(lines.finalize().into()))
    }

    /// `digest-9`.
    fn git_tree<'t>(
        &mut self,
        files: impl Iterator<Item = FileRecord<'t>>,
        format: ObjectFormat,
    ) -> Result<GitId, GitTreeError> {
        self.blobs.sort_unstable_by_key(|(key, ..)| *key);
        self.links.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let mut tree = TreeFold::new(format);
        let mut others: Vec<&[u8]> = self
            .odd
            .iter()
            .map(|odd| &odd.0[..])
            .chain(self.links.iter().map(|l| &l.0[..]))
            .collect();
        others.sort_unstable();
        let mut push = |path: &[u8]| {
            let key = self.paths.keys.hash_one(path);
            let blob =
                self.blobs.binary_search_by_key(&key, |(key, ..)| *key).map(|at| self.blobs[at]);
            let link = self.links.binary_search_by(|link| link.0[..].cmp(path));
            let (kind, id) = match (blob, link) {
                (Ok((_, kind, id)), _) => (kind, id),
                (Err(_), Ok(at)) => (self.links[at].1, self.links[at].2),
                _ => return Ok(()),
            };
            // What git keeps for itself.
            if path.starts_with(b".git/") { Ok(()) } else { tree.push(&Leaf { path, kind, id }) }
        };
        let mut others = others.into_iter().peekable();
        for file in files {
            while let Some(path) = others.next_if(|other| *other < file.path.as_bytes()) {
                push(path)?;
            }
            push(file.path.as_bytes())?;
        }
        others.try_for_each(push)?;
        tree.finish()
    }
}

/// Which files of an index are there and are what it says.
#[derive(Debug, Default)]
pub(super) struct Marks(Vec<u64>);

impl Marks {
    pub(super) fn has(&self, number: usize) -> bool {
        self.0.get(number / 64).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }
}

/// The files marked in an index and those of a table, which are others, in the order of their paths.
fn in_order<'t>(
    index: Option<&'t FileTable>,
    marks: &'t Marks,
    table: &'t FileTable,
) -> impl Iterator<Item = FileRecord<'t>> {
    let marked = index.into_iter().flat_map(|index| {
        (0..index.len()).filter(|number| marks.has(*number)).map(|number| index.record(number))
    });
    let (mut marked, mut others) = (marked.peekable(), table.iter().peekable());
    std::iter::from_fn(move || match (marked.peek(), others.peek()) {
        (Some(one), Some(other)) if one.path < other.path => marked.next(),
        (Some(_), None) => marked.next(),
        _ => others.next(),
    })
}

/// A listing that is complete.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) table: FileTable,
    pub(super) marks: Marks,
    pub(super) digests: Option<DigestSet>,
    /// Of all files.
    pub(super) bytes: u64,
    /// How many names are no paths of a release, and the first of them, escaped.
    pub(super) odd: Option<(u64, String)>,
    /// Why there is no tree id though one was asked for.
    pub(super) no_tree: Option<String>,
}

/// A path below a root: any bytes, without empty parts, `.` and `..`.
fn check(path: &[u8]) -> Result<(), String> {
    let bad = |part: &[u8]| matches!(part, b"" | b"." | b"..") || part.contains(&0);
    if path.len() > limits::PATH_BYTES {
        return Err(format!("a path of {} bytes", path.len()));
    }
    if path.split(|b| *b == b'/').any(bad) {
        return Err(format!("`{}` leads nowhere below the root", escaped(path)));
    }
    Ok(())
}
