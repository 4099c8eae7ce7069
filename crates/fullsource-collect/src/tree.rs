//! The walk: every entry of every kind below a directory, without an opinion about any of them.
//!
//! Spec: `spec/v0.1/digest.md`, section "Tree".

use std::io;
use std::ops::ControlFlow;

use fullsource_format::digest::{Blake3, Sha256};
use fullsource_format::index::{FileRecord, FileTable, FileTableBuilder, TableError};
use fullsource_format::limits;
use fullsource_format::path::{PathError, RelPath};
use rustix::fs::{FileType, Stat};
use rustix::io::Errno;

use crate::directory::{Directory, Listed};
use crate::progress::{Progress, Stopped};
use crate::refusal::Refusal;

/// What stands below a directory.
#[derive(Debug, Default)]
pub struct Tree {
    /// Regular files with their sizes, their digests as far as they are known.
    pub files: FileTable,
    /// Everything else, sorted by path bytes.
    pub others: Vec<Entry>,
}

/// An entry of a tree that is not a regular file with a valid name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Where it stands. For [`EntryKind::InvalidName`] an escaped text, else a valid
    /// [`RelPath`].
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A symbolic link, to whatever.
    Symlink,
    /// A FIFO, a socket or a device.
    Special,
    /// A directory without any entry.
    EmptyDirectory,
    /// A directory that the caller does not want looked into.
    Pruned,
    /// Anything whose name is not valid; if it is a directory, it was not looked into.
    InvalidName(InvalidName),
    /// A directory that could not be looked into, or not to its end, or an entry of unknown kind.
    Unreadable(Refusal),
}

/// Why a name is not valid in a release.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum InvalidName {
    /// Its bytes are not UTF-8.
    #[error("the name is not UTF-8")]
    NotUtf8,
    /// It is not a path of a release.
    #[error("{0}")]
    Path(String),
}

impl From<PathError> for InvalidName {
    fn from(error: PathError) -> Self {
        Self::Path(error.to_string())
    }
}

/// Why a directory cannot be walked to its end.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The directory itself cannot be read.
    #[error("the directory cannot be read: {0}")]
    Root(#[source] io::Error),
    /// More directories in each other than the limit.
    #[error("`{path}` lies deeper than {limit} directories", limit = limits::TREE_DEPTH)]
    TooDeep {
        /// The directory that is too deep.
        path: String,
    },
    /// More entries other than files than the limit.
    #[error("there are more than {limit} entries that are not files", limit = limits::FILES)]
    TooManyEntries,
    /// More files or bytes than a table holds.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Stopped by the caller.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// Walks a directory. A directory for whose path `prune` says true is reported and not looked into.
///
/// Names come from the file system as it is now; a file that changes kind later is found by
/// [`hash_files`](crate::hash::hash_files).
pub fn walk(
    root: &Directory,
    prune: &dyn Fn(&str) -> bool,
    progress: &Progress,
) -> Result<Tree, TreeError> {
    walk_knowing(root, prune, &|_, _| (None, None), progress)
}

/// What is known of a file's bytes before it is read.
pub(crate) type Known = (Option<Sha256>, Option<Blake3>);

/// The same as [`walk`], with what is known of the bytes of files by their paths and marks.
pub(crate) fn walk_knowing(
    root: &Directory,
    prune: &dyn Fn(&str) -> bool,
    known: &dyn Fn(&str, &Stat) -> Known,
    progress: &Progress,
) -> Result<Tree, TreeError> {
    let mut walk = Walk {
        prune,
        known,
        progress,
        files: FileTable::builder(),
        others: Vec::new(),
        path: String::new(),
    };
    match walk.look_into(root, 0) {
        Ok(_) => {}
        Err(Trouble::Listing(error)) => return Err(TreeError::Root(error)),
        Err(Trouble::End(error)) => return Err(error),
    }
    walk.others.sort_unstable();
    Ok(Tree { files: walk.files.build()?, others: walk.others })
}

struct Walk<'a> {
    prune: &'a dyn Fn(&str) -> bool,
    known: &'a dyn Fn(&str, &Stat) -> Known,
    progress: &'a Progress,
    files: FileTableBuilder,
    others: Vec<Entry>,
    /// Of the directory being looked into: empty for the root, else with a `/` at its end.
    path: String,
}

enum Trouble {
    /// This directory cannot be listed; the rest can.
    Listing(io::Error),
    /// The walk is over.
    End(TreeError),
}

impl<E: Into<TreeError>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self::End(error.into())
    }
}

impl Walk<'_> {
    /// Reports all entries of a directory and below; breaks with nothing where it has none.
    fn look_into(
        &mut self,
        directory: &Directory,
        depth: usize,
    ) -> Result<ControlFlow<()>, Trouble> {
        let mut empty = ControlFlow::Break(());
        let mut below = Vec::new();
        for listed in directory.list().map_err(Trouble::Listing)? {
            self.progress.check()?;
            let Listed { name, kind } = listed.map_err(Trouble::Listing)?;
            empty = ControlFlow::Continue(());
            if self.look_at(directory, &name, kind)? {
                below.push(name);
            }
        }
        below.sort_unstable();
        for name in below {
            self.descend(directory, &name, depth + 1)?;
        }
        Ok(empty)
    }

    /// Reports an entry, or says that it is a directory to descend into.
    fn look_at(
        &mut self,
        directory: &Directory,
        name: &[u8],
        kind: FileType,
    ) -> Result<bool, TreeError> {
        let Ok(text) = std::str::from_utf8(name) else {
            let path = self.path.clone() + &escaped(name);
            self.report(path, EntryKind::InvalidName(InvalidName::NotUtf8))?;
            return Ok(false);
        };
        let path = self.path.clone() + text;
        // Sizes are needed of files, and kinds where the file system's listing has none.
        let (kind, about) = match kind {
            FileType::RegularFile | FileType::Unknown => match directory.stat(name) {
                Ok(stat) => (FileType::from_raw_mode(stat.st_mode), Some(stat)),
                // Removed since it was listed (tree-7).
                Err(Errno::NOENT) => return Ok(false),
                Err(error) => {
                    self.report_named(path, EntryKind::Unreadable(error.into()))?;
                    return Ok(false);
                }
            },
            known => (known, None),
        };
        match (kind, about) {
            (FileType::RegularFile, Some(about)) => self.add_file(path, &about)?,
            (kind, _) => return self.look_at_other(path, kind),
        }
        Ok(false)
    }

    /// Reports what is not a file, or says that it is a directory to descend into.
    fn look_at_other(&mut self, path: String, kind: FileType) -> Result<bool, TreeError> {
        match kind {
            FileType::Directory => match path.parse::<RelPath>() {
                Ok(_) if !(self.prune)(&path) => return Ok(true),
                _ => self.report_named(path, EntryKind::Pruned)?,
            },
            FileType::Symlink => self.report_named(path, EntryKind::Symlink)?,
            _ => self.report_named(path, EntryKind::Special)?,
        }
        Ok(false)
    }

    fn add_file(&mut self, path: String, about: &Stat) -> Result<(), TreeError> {
        let (sha256, blake3) = (self.known)(&path, about);
        #[allow(clippy::cast_sign_loss, reason = "a size is not negative")]
        let size = about.st_size as u64;
        match self.files.push(FileRecord { path: &path, size, sha256, blake3 }) {
            Ok(()) => {
                self.progress.add_file();
                Ok(())
            }
            Err(TableError::Path { reason, .. }) => {
                self.report(escaped(path.as_bytes()), EntryKind::InvalidName(reason.into()))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn descend(&mut self, parent: &Directory, name: &[u8], depth: usize) -> Result<(), Trouble> {
        let before = self.path.len();
        let name_text = String::from_utf8_lossy(name);
        self.path.push_str(&name_text);
        if depth > limits::TREE_DEPTH {
            return Err(TreeError::TooDeep { path: self.path.clone() }.into());
        }
        let here = self.path.clone();
        self.path.push('/');
        let looked = match parent.open_directory(name) {
            Ok(directory) => self.look_into(&directory, depth),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(ControlFlow::Continue(())),
            Err(error) => Err(Trouble::Listing(error)),
        };
        match looked {
            Ok(ControlFlow::Continue(())) => {}
            Ok(ControlFlow::Break(())) => self.report(here, EntryKind::EmptyDirectory)?,
            Err(Trouble::Listing(error)) => {
                self.report(here, EntryKind::Unreadable(error.into()))?;
            }
            Err(end) => return Err(end),
        }
        self.path.truncate(before);
        Ok(())
    }

    /// Reports what is not a file, as what it is or for its name.
    fn report_named(&mut self, path: String, kind: EntryKind) -> Result<(), TreeError> {
        match path.parse::<RelPath>() {
            Ok(_) => self.report(path, kind),
            Err(reason) => {
                self.report(escaped(path.as_bytes()), EntryKind::InvalidName(reason.into()))
            }
        }
    }

    fn report(&mut self, path: String, kind: EntryKind) -> Result<(), TreeError> {
        if self.others.len() >= limits::FILES {
            return Err(TreeError::TooManyEntries);
        }
        self.others.push(Entry { path, kind });
        Ok(())
    }
}

/// A name to show: `\xNN` for each byte that is not UTF-8, control characters and backslashes
/// escaped as in Rust.
pub fn escaped(name: &[u8]) -> String {
    let mut text = String::new();
    for chunk in name.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() || c == '\\' {
                text.extend(c.escape_default());
            } else {
                text.push(c);
            }
        }
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}
