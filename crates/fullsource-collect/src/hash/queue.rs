//! What is to be done, largest first, and what came of it.

use std::cmp::Reverse;
use std::sync::Arc;

use fullsource_format::index::{FileRecord, FileTable};

use super::file::FileTrouble;
use super::split::SplitFile;
use super::stream::Stream;
use super::{Digests, Hashed, LARGE, Marked, Wanted};
use crate::record::Marks;

/// The work of all workers, behind one lock.
pub(super) struct Queue<'t> {
    files: &'t mut FileTable,
    wanted: Wanted,
    /// Indexes of the files to read: large ones by falling size, then the others in path order.
    order: Vec<usize>,
    /// How many of `order` were given out.
    given: usize,
    /// The file whose segments are being given out, and the next of them.
    split: Option<(Arc<SplitFile>, u64)>,
    /// Files that one worker hashes and another may help with.
    streams: Vec<Arc<Stream>>,
    troubles: Vec<(usize, FileTrouble)>,
    /// Of each file, as long as the table; or empty, where nobody wants them.
    marks: Vec<Option<Marks>>,
}

/// What one worker does next.
pub(super) enum Task {
    /// Digests these files, one after the other.
    Batch(Vec<SmallFile>),
    /// Digests this large file with SHA-256.
    Stream(Arc<Stream>),
    /// Reads this file for the worker that hashes it.
    Help(Arc<Stream>),
    /// Digests one segment of this large file with BLAKE3.
    Segment(Arc<SplitFile>, u64),
}

/// A file that one worker does alone.
pub(super) struct SmallFile {
    pub(super) index: usize,
    pub(super) path: String,
    pub(super) size: u64,
}

/// What came of a file.
pub(super) struct Outcome {
    pub(super) index: usize,
    pub(super) digests: Result<Marked, FileTrouble>,
}

/// Files given out at once at most: the lock is taken rarely, and the last batch is short.
const BATCH: usize = 32;

impl<'t> Queue<'t> {
    pub(super) fn new(files: &'t mut FileTable, wanted: Wanted) -> Self {
        let unknown = |index: &usize| {
            let file = files.record(*index);
            wanted.sha256() && file.sha256.is_none() || wanted.blake3() && file.blake3.is_none()
        };
        let mut order: Vec<usize> = (0..files.len()).filter(unknown).collect();
        order.sort_by_key(|index| {
            let size = files.record(*index).size;
            Reverse(if size > LARGE { size } else { 0 })
        });
        let (streams, troubles, marks) = (Vec::new(), Vec::new(), Vec::new());
        Self { files, wanted, order, given: 0, split: None, streams, troubles, marks }
    }

    /// The same, but only files that are needed are read.
    pub(super) fn only(mut self, needed: &dyn Fn(&FileRecord<'_>) -> bool) -> Self {
        let files = &*self.files;
        self.order.retain(|index| needed(&files.record(*index)));
        self
    }

    /// The same, with the marks of the files kept.
    pub(super) fn marking(self) -> Self {
        Self { marks: vec![None; self.files.len()], ..self }
    }

    /// How many files are to be read.
    pub(super) const fn len(&self) -> usize {
        self.order.len()
    }

    /// Their bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.order.iter().map(|index| self.files.record(*index).size).sum()
    }

    /// Takes what came of the last task, gives the next.
    pub(super) fn exchange(&mut self, outcomes: &mut Vec<Outcome>) -> Option<Task> {
        for Outcome { index, digests } in outcomes.drain(..) {
            self.streams.retain(|stream| stream.index != index);
            match digests {
                Ok(Marked { digests: Digests { sha256, blake3 }, marks }) => {
                    self.marks.get_mut(index).into_iter().for_each(|kept| *kept = Some(marks));
                    sha256.into_iter().for_each(|digest| self.files.set_sha256(index, digest));
                    blake3.into_iter().for_each(|digest| self.files.set_blake3(index, digest));
                }
                Err(trouble) => self.troubles.push((index, trouble)),
            }
        }
        self.next_segment().or_else(|| self.next_file()).or_else(|| self.next_to_help())
    }

    fn next_segment(&mut self) -> Option<Task> {
        let (file, next) = self.split.as_mut()?;
        let task = Task::Segment(Arc::clone(file), *next);
        *next += 1;
        if *next == file.segments() {
            self.split = None;
        }
        Some(task)
    }

    fn next_file(&mut self) -> Option<Task> {
        let index = *self.order.get(self.given)?;
        let file = self.files.record(index);
        if file.size <= LARGE {
            return Some(Task::Batch(self.next_batch()));
        }
        self.given += 1;
        if self.wanted.sha256() {
            let stream = Arc::new(Stream::new(index, file.path, file.size));
            self.streams.push(Arc::clone(&stream));
            return Some(Task::Stream(stream));
        }
        self.split = Some((Arc::new(SplitFile::new(index, file.path, file.size)), 0));
        self.next_segment()
    }

    fn next_batch(&mut self) -> Vec<SmallFile> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while let Some(&index) = self.order.get(self.given)
            && batch.len() < BATCH
            && bytes < LARGE
        {
            let file = self.files.record(index);
            batch.push(SmallFile { index, path: file.path.to_owned(), size: file.size });
            bytes += file.size;
            self.given += 1;
        }
        batch
    }

    fn next_to_help(&mut self) -> Option<Task> {
        let stream = self.streams.iter().find(|stream| stream.claim_help())?;
        Some(Task::Help(Arc::clone(stream)))
    }

    /// The files without digests, in the order of the table, and the marks of the others.
    pub(super) fn into_hashed(mut self) -> Hashed {
        self.troubles.sort_by_key(|(index, _)| *index);
        Hashed { troubles: self.troubles, marks: self.marks }
    }
}
