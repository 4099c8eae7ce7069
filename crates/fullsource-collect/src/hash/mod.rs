//! Digests of many files: one read of each yields all digests asked for, on all cores, in bounded
//! memory.
//!
//! Large files come first. Where BLAKE3 alone is asked for, they are split into segments that any
//! worker may take. SHA-256 cannot be split: there, a worker that finds no more files takes the
//! reading and the BLAKE3 of a file off the worker that hashes it. Files are read, never mapped into
//! memory: one that shrinks meanwhile must not end the process.

mod file;
mod queue;
mod split;
mod stream;

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use fullsource_format::digest::{Blake3, Sha256};
use fullsource_format::index::{FileRecord, FileTable};
use sha2::Digest as _;

use crate::directory::Directory;
use crate::progress::{Progress, Stopped};
use crate::record::Marks;
pub use file::{Change, FileTrouble, OpenFile, ReadError, open_file, read_file};
use queue::{Outcome, Queue, Task};

/// Bytes read at once. Small enough to stay in a core's own cache between two digests.
const BLOCK: usize = 256 << 10;
/// A file above this many bytes is worth several workers.
const LARGE: u64 = 4 << 20;

/// Which digests are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// SHA-256 alone.
    Sha256,
    /// BLAKE3 alone.
    Blake3,
    /// Both, of the same bytes.
    Both,
}

impl Wanted {
    pub(crate) const fn sha256(self) -> bool {
        matches!(self, Self::Sha256 | Self::Both)
    }
    pub(crate) const fn blake3(self) -> bool {
        matches!(self, Self::Blake3 | Self::Both)
    }
}

/// The digests of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Digests {
    sha256: Option<Sha256>,
    blake3: Option<Blake3>,
}

impl Digests {
    /// The same, of a file with these marks.
    const fn marked(self, marks: Marks) -> Marked {
        Marked { digests: self, marks }
    }
}

/// The digests of one file, and the marks that it had before and after it was read.
#[derive(Debug, Clone, Copy)]
struct Marked {
    digests: Digests,
    marks: Marks,
}

/// Fills in the digests of all files of a table, whose sizes a [`walk`](crate::tree::walk) of the
/// same directory has found.
///
/// Gives the files, by their index in the table and in its order, that have none and why. What has those
/// that are wanted already is not read. Uses `threads` threads, this one among them.
pub fn hash_files(
    root: &Directory,
    files: &mut FileTable,
    wanted: Wanted,
    threads: NonZeroUsize,
    progress: &Progress,
) -> Result<Vec<(usize, FileTrouble)>, Stopped> {
    hash_needed(root, files, wanted, &|_| true, threads, progress)
}

/// The same, but a file that is not needed is not even opened, and has no trouble.
pub(crate) fn hash_needed(
    root: &Directory,
    files: &mut FileTable,
    wanted: Wanted,
    needed: &dyn Fn(&FileRecord<'_>) -> bool,
    threads: NonZeroUsize,
    progress: &Progress,
) -> Result<Vec<(usize, FileTrouble)>, Stopped> {
    let queue = Queue::new(files, wanted).only(needed);
    Ok(hashed(root, queue, wanted, threads, progress)?.troubles)
}

/// What hashing came to.
#[derive(Debug)]
pub(crate) struct Hashed {
    /// The files that have no digests, by their index, and why.
    pub(crate) troubles: Vec<(usize, FileTrouble)>,
    /// By the index of each file the marks that it had before and after, where it was read.
    pub(crate) marks: Vec<Option<Marks>>,
}

/// The same as [`hash_needed`], with the marks of the files that were read.
pub(crate) fn hash_and_mark(
    root: &Directory,
    files: &mut FileTable,
    wanted: Wanted,
    needed: &dyn Fn(&FileRecord<'_>) -> bool,
    threads: NonZeroUsize,
    progress: &Progress,
) -> Result<Hashed, Stopped> {
    let queue = Queue::new(files, wanted).only(needed).marking();
    hashed(root, queue, wanted, threads, progress)
}

fn hashed(
    root: &Directory,
    queue: Queue<'_>,
    wanted: Wanted,
    threads: NonZeroUsize,
    progress: &Progress,
) -> Result<Hashed, Stopped> {
    progress.expect(queue.bytes());
    let small = queue.len() <= 16 && queue.bytes() <= LARGE;
    let helpers = if small { 0 } else { threads.get() - 1 };
    let queue = Mutex::new(queue);
    let worker = Worker { root, wanted, progress, queue: &queue };
    std::thread::scope(|scope| {
        for _ in 0..helpers {
            // Where the system gives no more threads, those that there are do the work.
            let _ = std::thread::Builder::new().spawn_scoped(scope, || worker.run());
        }
        worker.run();
    });
    progress.check()?;
    let queue = queue.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(queue.into_hashed())
}

#[derive(Clone, Copy)]
struct Worker<'a, 't> {
    root: &'a Directory,
    wanted: Wanted,
    progress: &'a Progress,
    queue: &'a Mutex<Queue<'t>>,
}

impl Worker<'_, '_> {
    /// Takes tasks until there are none left.
    fn run(&self) {
        let mut buffer = vec![0; BLOCK];
        let mut outcomes = Vec::new();
        while self.progress.check().is_ok() {
            let Some(task) = locked(self.queue).exchange(&mut outcomes) else { return };
            match task {
                Task::Batch(files) => {
                    for file in files {
                        let digests = self.digest_whole(&file.path, file.size, &mut buffer);
                        self.done(&mut outcomes, file.index, digests);
                    }
                }
                Task::Stream(stream) => {
                    let _at = self.progress.at(&stream.path);
                    let digests = self.run_stream(&stream, &mut buffer);
                    self.done(&mut outcomes, stream.index, digests);
                }
                Task::Help(stream) => self.help(&stream),
                Task::Segment(split, segment) => {
                    let _at = self.progress.at(&split.path);
                    if let Some(digests) = self.run_segment(&split, segment, &mut buffer) {
                        self.done(&mut outcomes, split.index, digests);
                    }
                }
            }
        }
    }

    fn done(
        &self,
        outcomes: &mut Vec<Outcome>,
        index: usize,
        digests: Result<Marked, Interrupted>,
    ) {
        match digests {
            Ok(digests) => outcomes.push(Outcome { index, digests: Ok(digests) }),
            Err(Interrupted::File(trouble)) => {
                outcomes.push(Outcome { index, digests: Err(trouble) });
            }
            Err(Interrupted::Run(Stopped)) => return,
        }
        self.progress.add_file();
    }

    /// Reads and digests one file alone.
    fn digest_whole(
        &self,
        path: &str,
        size: u64,
        buffer: &mut [u8],
    ) -> Result<Marked, Interrupted> {
        let file = OpenFile::open(self.root, path.as_bytes(), size)?;
        let digests = if size <= BLOCK as u64 {
            #[allow(clippy::cast_possible_truncation, reason = "at most a block")]
            let content = &mut buffer[..size as usize];
            file.read_at(0, content)?;
            self.progress.add_bytes(content.len());
            Digests {
                sha256: self.wanted.sha256().then(|| Sha256::of(content)),
                blake3: self.wanted.blake3().then(|| blake3::hash(content).into()).map(Blake3::new),
            }
        } else {
            let mut hashers = Hashers::new(self.wanted);
            let mut offset = 0;
            while offset < size {
                let block = block_at(buffer, offset, size);
                file.read_at(offset, block)?;
                hashers.update(block);
                offset += block.len() as u64;
                self.progress.add_bytes(block.len());
                self.progress.check()?;
            }
            hashers.finish()
        };
        Ok(digests.marked(file.still_same()?))
    }
}

/// Why a file has no digests: for its own sake, or because the run is over.
#[derive(Debug, Clone, Copy)]
enum Interrupted {
    File(FileTrouble),
    Run(Stopped),
}

impl From<FileTrouble> for Interrupted {
    fn from(trouble: FileTrouble) -> Self {
        Self::File(trouble)
    }
}

impl From<Stopped> for Interrupted {
    fn from(stopped: Stopped) -> Self {
        Self::Run(stopped)
    }
}

/// The hashers of one file.
struct Hashers {
    sha256: Option<sha2::Sha256>,
    blake3: Option<Box<blake3::Hasher>>,
}

impl Hashers {
    fn new(wanted: Wanted) -> Self {
        Self {
            sha256: wanted.sha256().then(sha2::Sha256::new),
            blake3: wanted.blake3().then(Box::default),
        }
    }

    fn update(&mut self, block: &[u8]) {
        if let Some(sha256) = &mut self.sha256 {
            sha256.update(block);
        }
        if let Some(blake3) = &mut self.blake3 {
            blake3.update(block);
        }
    }

    fn finish(self) -> Digests {
        Digests {
            sha256: self.sha256.map(|sha256| Sha256::new(sha256.finalize().into())),
            blake3: self.blake3.map(|blake3| Blake3::new(blake3.finalize().into())),
        }
    }
}

/// The part of the buffer that the block at an offset fills.
fn block_at(buffer: &mut [u8], offset: u64, end: u64) -> &mut [u8] {
    let left = usize::try_from(end - offset).unwrap_or(usize::MAX);
    let length = left.min(buffer.len());
    &mut buffer[..length]
}

/// A lock whose holders never leave it half-changed.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
