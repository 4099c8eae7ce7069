//! The id that git gives a directory: what `git add -A --force && git write-tree` prints, with no
//! content filter at work (`core.autocrlf`, attributes), for which the bytes on disk are the bytes in
//! git.
//!
//! Spec: `spec/v0.1/digest.md`, section "gitTree".

mod fold;
mod object;

use std::cmp::Reverse;
use std::io;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use fullsource_format::digest::GitId;
use fullsource_format::limits;
use rustix::fs::FileType;

use crate::directory::Directory;
use crate::hash::{FileTrouble, OpenFile, locked};
use crate::progress::{Progress, Stopped};
use crate::tree::escaped;
pub use fold::{Leaf, LeafKind, TreeFold};
pub use object::GitObject;

/// The hash function of a git repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectFormat {
    /// SHA-1, with the detection of collision attacks that git has.
    Sha1,
    /// SHA-256.
    Sha256,
}

/// Why a directory has no git tree id, or none that can be told. Paths are escaped texts.
#[derive(Debug, thiserror::Error)]
pub enum GitTreeError {
    /// A directory cannot be read.
    #[error("`{path}` cannot be read: {source}")]
    Directory {
        /// The directory, empty for the one asked about.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// A file has no digest.
    #[error("`{path}`: {trouble}")]
    File {
        /// The file.
        path: String,
        /// Why.
        trouble: FileTrouble,
    },
    /// A `.git` below the root, however it is written: a repository of its own, or nothing git takes.
    #[error("`{path}` makes its directory a repository of its own, which has no tree in this one")]
    Embedded {
        /// Where it stands.
        path: String,
    },
    /// A file where a directory of the same name is, or an entry that stands twice: no tree of git.
    #[error("`{path}` stands twice, or is both a file and a directory")]
    Twice {
        /// The entry.
        path: String,
    },
    /// A commit of another repository whose id is of the other object format.
    #[error("the commit at `{path}` has an id of another object format")]
    Format {
        /// Where it stands.
        path: String,
    },
    /// A content made to collide under SHA-1.
    #[error("`{path}` is a SHA-1 collision attack")]
    Collision {
        /// The file or directory.
        path: String,
    },
    /// More directories in each other than the limit.
    #[error("`{path}` lies deeper than {limit} directories", limit = limits::TREE_DEPTH)]
    TooDeep {
        /// The directory that is too deep.
        path: String,
    },
    /// More entries than the limit.
    #[error("there are more than {limit} entries", limit = limits::FILES)]
    TooManyEntries,
    /// Stopped by the caller.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// The tree id of a directory in one object format.
///
/// As in git: a `.git` at the root is left out, directories without a file below have no entry, FIFOs,
/// sockets and devices neither, a file is executable if its owner may execute it, and a symbolic link
/// is the text it holds. Names are any bytes.
pub fn git_tree(
    root: &Directory,
    format: ObjectFormat,
    threads: NonZeroUsize,
    progress: &Progress,
) -> Result<GitId, GitTreeError> {
    git_tree_of(root, format, &|_, _| true, threads, progress)
}

/// The tree id of those regular files below a directory that `chosen` says yes to, by their path
/// bytes and their size; everything else counts as not there (`digest-12`).
pub fn git_tree_of(
    root: &Directory,
    format: ObjectFormat,
    chosen: &dyn Fn(&[u8], u64) -> bool,
    threads: NonZeroUsize,
    progress: &Progress,
) -> Result<GitId, GitTreeError> {
    let (path, leaves, blobs) = (Vec::new(), Vec::new(), Vec::new());
    let mut survey = Survey { format, chosen, progress, path, leaves, blobs, entries: 0 };
    survey.look_into(root, 0)?;
    let Survey { mut leaves, blobs, .. } = survey;
    let ids = hash_blobs(root, format, &blobs, threads, progress)?;
    leaves.sort_unstable_by(|a, b| a.path(&blobs).cmp(b.path(&blobs)));
    let mut tree = TreeFold::new(format);
    for leaf in &leaves {
        let path = leaf.path(&blobs);
        let (kind, id) = match leaf {
            Found::File { blob, executable } => (LeafKind::file(*executable), ids[*blob]),
            Found::Symlink(_, id) => (LeafKind::Symlink, *id),
        };
        tree.push(&Leaf { path, kind, id })?;
    }
    tree.finish()
}

/// What stands in the tree, without the ids of files yet.
enum Found {
    /// The place in the list of blobs.
    File { blob: usize, executable: bool },
    /// Its text is hashed at once.
    Symlink(Vec<u8>, GitId),
}

impl Found {
    fn path<'a>(&'a self, blobs: &'a [Blob]) -> &'a [u8] {
        match self {
            Self::File { blob, .. } => &blobs[*blob].path,
            Self::Symlink(path, _) => path,
        }
    }
}

/// A file to be hashed.
struct Blob {
    path: Vec<u8>,
    size: u64,
}

struct Survey<'a> {
    format: ObjectFormat,
    chosen: &'a dyn Fn(&[u8], u64) -> bool,
    progress: &'a Progress,
    /// Of the directory being looked into: empty for the root, else with a `/` at its end.
    path: Vec<u8>,
    leaves: Vec<Found>,
    blobs: Vec<Blob>,
    entries: usize,
}

impl Survey<'_> {
    fn look_into(&mut self, directory: &Directory, depth: usize) -> Result<(), GitTreeError> {
        let refuse = |path: &[u8], source| GitTreeError::Directory { path: escaped(path), source };
        let listed = directory.list().and_then(|names| names.collect::<io::Result<Vec<_>>>());
        for listed in listed.map_err(|error| refuse(&self.path, error))? {
            self.progress.check()?;
            if depth == 0 && listed.name == b".git" {
                continue;
            }
            let path = [self.path.as_slice(), &listed.name].concat();
            if listed.name.eq_ignore_ascii_case(b".git") {
                return Err(GitTreeError::Embedded { path: escaped(&path) });
            }
            self.entries += 1;
            if self.entries > limits::FILES {
                return Err(GitTreeError::TooManyEntries);
            }
            self.look_at(directory, &listed.name, path, depth)?;
        }
        Ok(())
    }

    /// Takes down what the entry is in git; it may be nothing.
    fn look_at(
        &mut self,
        directory: &Directory,
        name: &[u8],
        path: Vec<u8>,
        depth: usize,
    ) -> Result<(), GitTreeError> {
        let file_error = |path: &[u8], trouble| GitTreeError::File { path: escaped(path), trouble };
        let stat = directory.stat(name).map_err(|error| file_error(&path, error.into()))?;
        #[allow(clippy::cast_sign_loss, reason = "a size is not negative")]
        let size = stat.st_size as u64;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile | FileType::Symlink if !(self.chosen)(&path, size) => {}
            FileType::RegularFile => {
                self.blobs.push(Blob { path, size });
                let executable = stat.st_mode & 0o100 != 0;
                self.leaves.push(Found::File { blob: self.blobs.len() - 1, executable });
            }
            FileType::Symlink => {
                let target = directory
                    .read_link(name)
                    .map_err(|error| file_error(&path, FileTrouble::Unreadable(error.into())))?;
                let id = GitObject::of(self.format, "blob", &target).id(&path)?;
                self.leaves.push(Found::Symlink(path, id));
            }
            FileType::Directory => {
                self.descend(directory, name, path, depth + 1)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn descend(
        &mut self,
        parent: &Directory,
        name: &[u8],
        mut path: Vec<u8>,
        depth: usize,
    ) -> Result<(), GitTreeError> {
        if depth > limits::TREE_DEPTH {
            return Err(GitTreeError::TooDeep { path: escaped(&path) });
        }
        let directory = parent
            .open_directory(name)
            .map_err(|source| GitTreeError::Directory { path: escaped(&path), source })?;
        path.push(b'/');
        let above = std::mem::replace(&mut self.path, path);
        self.look_into(&directory, depth)?;
        self.path = above;
        Ok(())
    }
}

/// The ids of all files, in their order.
fn hash_blobs(
    root: &Directory,
    format: ObjectFormat,
    blobs: &[Blob],
    threads: NonZeroUsize,
    progress: &Progress,
) -> Result<Vec<GitId>, GitTreeError> {
    let mut order: Vec<usize> = (0..blobs.len()).collect();
    order.sort_by_key(|index| Reverse(blobs[*index].size));
    let next = AtomicUsize::new(0);
    let ids = Mutex::new(vec![GitId::Sha1([0; 20]); blobs.len()]);
    let work = || -> Result<(), GitTreeError> {
        let mut buffer = vec![0; 256 << 10];
        loop {
            let Some(&index) = order.get(next.fetch_add(1, Ordering::Relaxed)) else {
                return Ok(());
            };
            let id = hash_blob(root, format, &blobs[index], &mut buffer, progress)?;
            locked(&ids)[index] = id;
            progress.add_file();
        }
    };
    std::thread::scope(|scope| {
        let helpers: Vec<_> =
            (1..threads.get().min(blobs.len())).map(|_| scope.spawn(work)).collect();
        let mut outcome = work();
        for helper in helpers {
            let helped = helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            outcome = outcome.and(helped);
        }
        outcome
    })?;
    Ok(ids.into_inner().unwrap_or_else(PoisonError::into_inner))
}

fn hash_blob(
    root: &Directory,
    format: ObjectFormat,
    blob: &Blob,
    buffer: &mut [u8],
    progress: &Progress,
) -> Result<GitId, GitTreeError> {
    let refuse = |trouble| GitTreeError::File { path: escaped(&blob.path), trouble };
    let file = OpenFile::open(root, &blob.path, blob.size).map_err(refuse)?;
    let mut object = GitObject::new(format, "blob", blob.size);
    let mut offset = 0;
    while offset < blob.size {
        progress.check()?;
        let left = usize::try_from(blob.size - offset).unwrap_or(usize::MAX);
        let length = left.min(buffer.len());
        let block = &mut buffer[..length];
        file.read_at(offset, block).map_err(refuse)?;
        object.update(block);
        offset += block.len() as u64;
        progress.add_bytes(block.len());
    }
    file.still_same().map_err(refuse)?;
    object.id(&blob.path)
}
