//! How far a long look has come, and a way to stop it from another thread.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counters that workers raise and anybody may read, and the wish to stop.
#[derive(Debug, Default)]
pub struct Progress {
    bytes: AtomicU64,
    files: AtomicU64,
    expected: AtomicU64,
    under_way: Mutex<Vec<String>>,
    stop: Arc<AtomicBool>,
}

/// The look was stopped before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("stopped before the end")]
pub struct Stopped;

impl Progress {
    /// Counters at zero, and workers that stop soon after this flag is raised.
    pub fn stopped_by(flag: Arc<AtomicBool>) -> Self {
        Self { stop: flag, ..Self::default() }
    }

    /// Bytes of content digested so far.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Files found by a walk, or done with by hashing, so far.
    pub fn files(&self) -> u64 {
        self.files.load(Ordering::Relaxed)
    }

    /// Bytes that are known to be read in all; none where nobody can tell.
    pub fn expected(&self) -> Option<u64> {
        Some(self.expected.load(Ordering::Relaxed)).filter(|bytes| *bytes > 0)
    }

    /// What is being looked at now, in the words of whoever looks, the longest under way first.
    pub fn under_way(&self) -> Vec<String> {
        self.names().clone()
    }

    /// Asks the workers to stop soon. May be called from a signal handler.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Counts bytes that were read.
    pub fn add_bytes(&self, count: usize) {
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
    }

    pub(crate) fn add_file(&self) {
        self.files.fetch_add(1, Ordering::Relaxed);
    }

    /// Says how many more bytes are known to be read.
    pub fn expect(&self, bytes: u64) {
        self.expected.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Says what is being looked at, until the answer is dropped. For what takes long enough to be seen.
    pub(crate) fn at(&self, name: &str) -> At<'_> {
        self.names().push(name.to_owned());
        At { progress: self, name: name.to_owned() }
    }

    fn names(&self) -> MutexGuard<'_, Vec<String>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fails once it was asked to stop.
    pub fn check(&self) -> Result<(), Stopped> {
        if self.stop.load(Ordering::Relaxed) { Err(Stopped) } else { Ok(()) }
    }
}

/// Something that is being looked at.
#[must_use]
pub(crate) struct At<'a> {
    progress: &'a Progress,
    name: String,
}

impl Drop for At<'_> {
    fn drop(&mut self) {
        let mut names = self.progress.names();
        if let Some(nth) = names.iter().position(|name| *name == self.name) {
            names.remove(nth);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Progress;

    #[test]
    fn what_is_under_way_is_told_until_it_is_done() {
        let progress = Progress::default();
        assert_eq!((progress.under_way(), progress.expected()), (vec![], None));
        let first = progress.at("a");
        let second = progress.at("b");
        let again = progress.at("a");
        assert_eq!(progress.under_way(), ["a", "b", "a"]);
        drop((first, second));
        assert_eq!(progress.under_way(), ["a"]);
        drop(again);
        assert!(progress.under_way().is_empty());
        progress.expect(2);
        progress.expect(3);
        assert_eq!(progress.expected(), Some(5));
    }
}
