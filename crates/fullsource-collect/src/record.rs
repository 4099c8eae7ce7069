//! A record of what earlier looks at one directory read: of each file the marks that it had, and the
//! digests of its bytes. A file that still has these marks may be taken unread.
//!
//! Marks are no digest. Whoever can write the record, set the clock, or change bytes past the file system
//! can make a changed file look unchanged; so this is asked for in so many words, and told.
//!
//! Spec: `spec/v0.1/digest.md`, section "Files taken unread".

mod form;
mod marks;
mod volume;

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use fullsource_format::digest::Sha256;
use fullsource_format::evidence::Unread;
use fullsource_format::index::{FileRecord, FileTable, FileTableBuilder};
use fullsource_format::text::Count;
use jiff::Timestamp;
use rustix::fs::Stat;

use crate::cache::{Cache, RecordTrouble};
use crate::directory::Directory;
use crate::hash::Wanted;
use crate::tree::Known;
pub use form::Fault;
pub(crate) use form::heading;
pub use marks::Marks;

/// Files of one record: some 200 MB on the disk.
const FILES: usize = 1_000_000;

/// What earlier looks at one directory read, and what this one adds.
#[derive(Debug)]
pub struct Record {
    /// What it is filed under: the directory.
    key: Sha256,
    /// The device of the directory. What lies on another is not taken unread.
    device: u64,
    /// The clock at the start of this look, in seconds since 1970.
    now: i64,
    files: FileTable,
    /// For each of these, in the order of the table.
    seen: Vec<Seen>,
    changed: bool,
}

/// When a file was read, and the marks that it had before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    marks: Marks,
    /// The clock at the start of that look, in seconds since 1970.
    read: i64,
}

/// Why nothing, or nothing more, is remembered of a directory. Never a reason not to verify it.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The directory cannot be told from others.
    #[error("the directory has no path of its own: {0}")]
    Place(#[source] std::io::Error),
    /// Its file system is not known to change a file's times whenever its bytes change.
    #[error("the file system of `{0}` is not one whose times can be relied on")]
    Volume(String),
    /// What lies in the cache is not to be used.
    #[error(transparent)]
    Cache(#[from] RecordTrouble),
    /// It cannot be read as a record.
    #[error("the record of this directory is of no use: {0}")]
    Malformed(#[from] Fault),
    /// More than a record holds.
    #[error("a record holds at most {limit} files", limit = FILES)]
    TooManyFiles,
}

impl RecordError {
    /// What to do about it.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Place(_) | Self::Cache(_) => "check the cache: `fullsource cache`",
            Self::Volume(_) => {
                "its files are read each time; a local disk (ext4, xfs, btrfs) can be remembered"
            }
            Self::Malformed(_) => "its files are read, and it is written anew",
            Self::TooManyFiles => "its files are read each time",
        }
    }
}

impl Record {
    /// An empty record of a directory. `now`: the system's clock, before anything is looked at.
    pub fn empty(directory: &Directory, path: &Path, now: SystemTime) -> Result<Self, RecordError> {
        let path = path.canonicalize().map_err(RecordError::Place)?;
        let about = directory.about().map_err(|error| RecordError::Place(error.into()))?;
        if !volume::keeps_times(directory) {
            return Err(RecordError::Volume(path.display().to_string()));
        }
        let marks = Marks::of(&about);
        let place = [path.as_os_str().as_bytes(), &[0]].concat();
        let key = [&place[..], &marks.device.to_le_bytes(), &marks.inode.to_le_bytes()].concat();
        Ok(Self {
            key: Sha256::of(&key),
            device: marks.device,
            now: seconds(now),
            files: FileTable::default(),
            seen: Vec::new(),
            changed: false,
        })
    }

    /// The same, with what the cache has of this directory. Where that is of no use, it says why.
    pub fn recall(&mut self, cache: &Cache) -> Result<(), RecordError> {
        let Some(bytes) = cache.record(&self.key)? else { return Ok(()) };
        let (files, seen) = form::read(&bytes, &self.key)?;
        (self.files, self.seen) = (files, seen);
        Ok(())
    }

    /// Files that it holds.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Keeps it for later looks, if it is not what the cache has already.
    pub fn keep(&self, cache: &Cache) -> Result<(), RecordError> {
        if !self.changed {
            cache.record_was_used(&self.key);
            return Ok(());
        }
        if self.files.len() > FILES {
            return Err(RecordError::TooManyFiles);
        }
        Ok(cache.keep_record(&self.key, &form::written(&self.key, &self.files, &self.seen))?)
    }

    /// The digests wanted of a file that has all the marks that it had when it was read (`tree-15`).
    pub(crate) fn unchanged(&self, path: &str, about: &Stat, wanted: Wanted) -> Known {
        let same = |seen: &Seen| seen.marks == Marks::of(about) && self.can_be_relied_on(seen);
        let Some((file, _)) = self.entry(path).filter(|(_, seen)| same(seen)) else {
            return (None, None);
        };
        let sha256 = file.sha256.filter(|_| wanted.sha256());
        let blake3 = file.blake3.filter(|_| wanted.blake3());
        let all = sha256.is_some() == wanted.sha256() && blake3.is_some() == wanted.blake3();
        if all { (sha256, blake3) } else { (None, None) }
    }

    /// A clock that is behind the one of that look was set: nothing is known of what came first.
    fn can_be_relied_on(&self, seen: &Seen) -> bool {
        seen.marks.device == self.device && seen.read <= self.now && seen.marks.settled(seen.read)
    }

    /// Takes in what a look came to. `taken`: for each file of the table, whether it was taken unread;
    /// `marks`: those of each file that was read.
    pub(crate) fn replace(&mut self, files: &FileTable, taken: &[bool], marks: &[Option<Marks>]) {
        let mut kept = FileTable::builder();
        let mut all = Vec::new();
        for (index, file) in files.iter().enumerate() {
            let entry = match (taken.get(index), marks.get(index)) {
                (Some(true), _) => self.entry(file.path),
                (_, Some(Some(marks))) => Some((file, Seen { marks: *marks, read: self.now })),
                _ => None,
            };
            let Some((file, seen)) = entry.filter(|(_, seen)| self.can_be_relied_on(seen)) else {
                continue;
            };
            if push(&mut kept, file) {
                all.push(seen);
            }
        }
        // In the order of a table already.
        let kept = kept.build().unwrap_or_default();
        self.changed = all != self.seen || !kept.iter().eq(self.files.iter());
        (self.files, self.seen) = (kept, all);
    }

    fn entry(&self, path: &str) -> Option<(FileRecord<'_>, Seen)> {
        let index = self.files.index_of(path)?;
        Some((self.files.record(index), *self.seen.get(index)?))
    }

    /// What is told of the files that were taken unread; none where none was.
    pub(crate) fn told(&self, files: &FileTable, taken: &[bool]) -> Option<Unread> {
        let taken = || files.iter().zip(taken).filter(|(_, taken)| **taken).map(|(file, _)| file);
        let since = taken().filter_map(|file| Some(self.entry(file.path)?.1.read)).min()?;
        Some(Unread {
            files: Count(taken().count() as u64),
            bytes: Count(taken().map(|file| file.size).sum()),
            since: Timestamp::from_second(since).ok()?,
        })
    }
}

/// Whether a file could be added.
fn push(files: &mut FileTableBuilder, file: FileRecord<'_>) -> bool {
    (file.sha256.is_some() || file.blake3.is_some()) && files.push(file).is_ok()
}

/// Seconds since 1970; a clock before that tells nothing.
fn seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or_default()
}
