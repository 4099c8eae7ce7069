//! Stretches of the outputs that stand in an input (`reb-40`, `reb-41`).
//!
//! Windows of 64 bytes at every 64th byte of the output are kept by the hash of a gram in them that its content
//! marks, and the marked grams of an input are looked up, in one pass. What is found is compared byte by byte, and
//! followed to where it ends. What counts is how much of the *output* was found, not how often: an input may hold one
//! block a thousand times.
//!
//! | what comes by | is looked through by |
//! |---|---|
//! | a stream: a file, or what came out of something packed | `streams`, `replay` and `tee`, `scan` |
//! | something packed that starts in it, anywhere | `starts`, `opened` |
//! | digits that stand in it | `text`, `runs`, and one of `hex`, `base64`, `base85`, `numbers`; `escapes`; `lane` |
//!
//! What is looked for is laid out by `parts` (and `words`) and kept by `regions`; `covered` counts.

mod base64;
mod base85;
mod covered;
mod escapes;
mod hex;
mod lane;
mod numbers;
mod opened;
mod parts;
mod regions;
mod replay;
mod runs;
mod scan;
mod starts;
mod streams;
mod tee;
mod text;
mod words;

use std::cmp::Reverse;
use std::fmt::Display;
use std::io::Read;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use fullsource_collect::directory::Directory;
use fullsource_collect::hash::open_file;
use fullsource_collect::progress::{Progress, Stopped};
use fullsource_format::path::RelPath;
use fullsource_format::rebuild::Copy;
use fullsource_format::text::{Count, Id, Text};

use covered::Covered;

use parts::Parts;
use regions::Windows;
use streams::{Found, Hit};

/// Copies that are told of one file, the largest first.
const TOLD: usize = 100;

/// Files that are looked through at once: each may take the memory of four decoders.
const WORKERS: usize = 4;

/// A file of an input.
#[derive(Debug)]
pub struct Source {
    /// The input.
    pub input: Id,
    /// Where its files lie.
    pub directory: Arc<Directory>,
    /// The file, below that.
    pub path: RelPath,
}

/// The stretches of an output that are looked for.
#[derive(Debug)]
pub struct Stretches<'r> {
    artifact: Id,
    windows: Windows<'r>,
    covered: Mutex<Covered>,
}

impl<'r> Stretches<'r> {
    /// Of the tensors of an output and of its files that have none; of a million at most, drawn by the seed.
    /// `strict`: it is weights, of which a thousandth is a copy even where no tensors are seen (`reb-41`). A file
    /// that cannot be read is [`unseen`](Self::unseen).
    pub fn of(
        artifact: &Id,
        root: &'r Directory,
        files: &[RelPath],
        strict: bool,
        seed: &[u8],
        progress: &Progress,
    ) -> Result<Self, Stopped> {
        Self::at_most(regions::MOST, artifact, root, files, strict, seed, progress)
    }

    fn at_most(
        most: u64,
        artifact: &Id,
        root: &'r Directory,
        files: &[RelPath],
        strict: bool,
        seed: &[u8],
        progress: &Progress,
    ) -> Result<Self, Stopped> {
        let parts = Parts::of(root, files, strict);
        let windows = Windows::of(parts, seed, most, progress)?;
        Ok(Self { artifact: artifact.clone(), windows, covered: Mutex::default() })
    }

    /// Looks for them in a file of an input, as it is, in hexadecimal, in base64, and inside archives. The
    /// largest are told, and all count for [`are_the_output`](Self::are_the_output).
    ///
    /// An archive that cannot be read in whole is looked into as far as it can, and is [`unseen`](Self::unseen).
    pub fn find(
        &self,
        input: &Id,
        path: &str,
        bytes: &mut dyn Read,
        progress: &Progress,
    ) -> Result<Vec<Copy>, Stopped> {
        let Found { covered, mut hits } = streams::look(&self.windows, path, bytes, progress)?;
        self.covered.lock().unwrap_or_else(PoisonError::into_inner).add_all(&covered);
        hits.sort_by_key(|hit| (Reverse(hit.stretch.bytes), hit.stretch.offset));
        let told = hits.into_iter().take(TOLD);
        Ok(told.map(|hit| self.copy(input, &hit)).collect())
    }

    /// Looks for them in files of inputs, several at once; tells what was found in the order of the files.
    pub fn find_in(&self, sources: &[Source], progress: &Progress) -> Result<Vec<Copy>, Stopped> {
        let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let work = || {
            while let nth = next.fetch_add(1, Ordering::Relaxed)
                && let Some(source) = sources.get(nth)
                && progress.check().is_ok()
            {
                let copies = self.find_in_file(source, progress)?;
                if !copies.is_empty() {
                    found.lock().unwrap_or_else(PoisonError::into_inner).push((nth, copies));
                }
            }
            progress.check()
        };
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            let workers = (1..workers.min(WORKERS).min(sources.len())).map(|_| scope.spawn(work));
            let workers: Vec<_> = workers.collect();
            let first = work();
            let others = workers.into_iter().map(|worker| worker.join().unwrap_or(Err(Stopped)));
            others.fold(first, Result::and)
        })?;
        let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.sort_by_key(|(nth, _)| *nth);
        Ok(found.into_iter().flat_map(|(_, copies)| copies).collect())
    }

    fn find_in_file(&self, source: &Source, progress: &Progress) -> Result<Vec<Copy>, Stopped> {
        let Source { input, directory, path } = source;
        match open_file(directory, path) {
            Ok((mut file, _)) => self.find(input, path.as_str(), &mut file, progress),
            Err(trouble) => {
                self.note_unseen(path.as_str(), &trouble);
                Ok(Vec::new())
            }
        }
    }

    fn copy(&self, input: &Id, hit: &Hit) -> Copy {
        Copy {
            artifact: self.artifact.clone(),
            input: input.clone(),
            path: Text::clipped(&hit.path),
            offset: Count(hit.stretch.offset),
            bytes: Count(hit.stretch.bytes),
        }
    }

    /// The first thing, of the output or of an input, that could not be looked at, and why. Where there is one, that
    /// nothing was found says nothing.
    pub fn unseen(&self) -> Option<String> {
        self.windows.unseen()
    }

    /// Notes that a file of an input could not be looked at, which [`unseen`](Self::unseen) then tells.
    pub fn note_unseen(&self, path: &str, why: &dyn Display) {
        self.windows.note_unseen(path, why);
    }

    /// Whether what was found so far makes up so much of the output that no run shows how it was made
    /// (`reb-41`).
    pub fn are_the_output(&self) -> bool {
        let covered = self.covered.lock().unwrap_or_else(PoisonError::into_inner);
        self.windows.are_copied(covered.bytes())
    }
}

#[cfg(test)]
mod parts_tests;
#[cfg(test)]
#[path = "copies/copies_tests.rs"]
mod tests;
#[cfg(test)]
mod tools_tests;
