//! A release brought here: its files, several at once, verified while they stream.
//!
//! What comes in lies under `.fullsource-partial/` of the release directory until its SHA-256 (and
//! BLAKE3, where it is stated) holds; only then it gets its name. A run that was ended, by whatever, is
//! taken up where it stopped: what lies there is hashed again, and the rest is asked for.
//!
//! ```text
//! Receiving::open(&directory)  one run at a time
//! Fetch { .. }.survey(&files)  what stands there already, and what is in the way
//! Fetch { .. }.files(..)       the rest comes in
//! Fetch { .. }.hold(..)        a file that is wanted now and gets its name later: an index
//! receiving.finish()           what was needed for it goes away
//! ```

mod base;
mod part;
mod receive;
mod survey;

use std::collections::BTreeSet;
use std::fs::File;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use fullsource_format::index::{FileRecord, FileTable};
use fullsource_format::path::RelPath;

use crate::directory::Standing;
use crate::hash::locked;
use crate::net::Net;
use crate::progress::Progress;
use crate::source::Trouble;

pub use base::{Base, BaseError};
pub use part::{ReceiveError, Receiving};
pub use survey::{InTheWay, Stands, Survey};

/// How files come in.
#[derive(Debug, Clone, Copy)]
pub struct Fetch<'a> {
    /// The network.
    pub net: &'a Net,
    /// Where the files lie.
    pub base: &'a Base,
    /// Where they go.
    pub receiving: &'a Receiving,
    /// How many at once.
    pub jobs: NonZeroUsize,
    /// Whether another file of the same name is replaced.
    pub replace: bool,
    /// Told of progress, and asked whether to stop.
    pub progress: &'a Progress,
}

/// Why a file did not come.
#[derive(Debug, thiserror::Error)]
pub enum Missed {
    /// What is served is not what was signed.
    #[error("what is served is not what was signed: {0}")]
    Differs(Difference),
    /// It could not be had.
    #[error(transparent)]
    Place(#[from] Trouble),
    /// It could not be written.
    #[error("it cannot be written: {0}")]
    Write(#[from] std::io::Error),
    /// The run was stopped. What came is kept.
    #[error(transparent)]
    Stopped(#[from] crate::progress::Stopped),
}

impl Missed {
    /// Whether the others need not be tried.
    const fn ends_all(&self) -> bool {
        matches!(self, Self::Write(_) | Self::Stopped(_))
    }
}

/// How a file differs from the one that was signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// Another number of bytes, and as it is told before they come.
    #[error("it has {served} bytes, {signed} were signed")]
    Size {
        /// Bytes served.
        served: u64,
        /// Bytes signed.
        signed: u64,
    },
    /// More bytes than were signed; nobody waited for the rest.
    #[error("it goes on after the {0} bytes that were signed")]
    Longer(u64),
    /// Another digest.
    #[error("its {algorithm} is {served}, {signed} was signed")]
    Digest {
        /// The algorithm's name in the format.
        algorithm: &'static str,
        /// Of the bytes served.
        served: String,
        /// Of the bytes signed.
        signed: String,
    },
}

/// What came of a run.
#[derive(Debug, Default)]
pub struct Fetched {
    /// Files that came, by their number.
    pub files: u64,
    /// Bytes that came over the network.
    pub received: u64,
    /// Bytes of these files that an earlier run had left.
    pub resumed: u64,
    /// Files that did not come: their index in the table, and why.
    pub missed: Vec<(usize, Missed)>,
}

impl Fetch<'_> {
    /// Brings those files of a table that are not there yet. Goes on with the others where one does
    /// not come, but for a disk that takes no more and the wish to stop.
    pub fn files(&self, files: &FileTable, survey: &Survey) -> Fetched {
        let sizes = survey.missing.iter().map(|index| files.record(*index).size);
        self.progress.expect(sizes.sum());
        let next = AtomicUsize::new(0);
        let done = Mutex::new((Fetched::default(), BTreeSet::new()));
        let work = || {
            loop {
                let Some(index) = survey.missing.get(next.fetch_add(1, Ordering::Relaxed)) else {
                    return;
                };
                let record = files.record(*index);
                let came = self.file(&record);
                let mut done = locked(&done);
                match came {
                    Ok(came) => {
                        done.0.files += 1;
                        done.0.received += came.received;
                        done.0.resumed += came.resumed;
                        done.1.insert(parent_of(record.path).to_owned());
                    }
                    Err(missed) => {
                        if missed.ends_all() {
                            next.store(survey.missing.len(), Ordering::Relaxed);
                        }
                        done.0.missed.push((*index, missed));
                    }
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.jobs.get().min(survey.missing.len()) {
                // Where the system gives no more threads, those that there are do the work.
                let _ = std::thread::Builder::new().spawn_scoped(scope, work);
            }
            work();
        });
        let (mut fetched, parents) = done.into_inner().unwrap_or_else(|e| e.into_inner());
        fetched.missed.sort_by_key(|(index, _)| *index);
        for parent in parents {
            // The files are there; a directory that cannot be synced does not undo it.
            let _ = self.receiving.sync_directory(&parent);
        }
        fetched
    }

    /// Brings a file and gives it its name.
    fn file(&self, record: &FileRecord<'_>) -> Result<receive::Came, Missed> {
        let _at = self.progress.at(record.path);
        let path: RelPath = record.path.parse().map_err(std::io::Error::other)?;
        let (part, came) = self.receive(record)?;
        part.place(&path, self.standing())?;
        self.progress.add_file();
        Ok(came)
    }

    /// Brings a file that gets its name later, by [`Fetch::place`]. It may be read from its start.
    pub fn hold(&self, record: &FileRecord<'_>) -> Result<File, Missed> {
        let (part, _) = self.receive(record)?;
        Ok(part.into_file()?)
    }

    /// Gives a file that was held its name.
    pub fn place(&self, record: &FileRecord<'_>) -> Result<(), Missed> {
        self.file(record).map(drop)
    }

    const fn standing(&self) -> Standing {
        if self.replace { Standing::Replaced } else { Standing::Kept }
    }
}

fn parent_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}
