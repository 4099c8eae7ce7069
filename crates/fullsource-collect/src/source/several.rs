//! Work on many things of one place at once.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::Trouble;

/// Calls something for each of these on up to so many threads, and counts how often it said yes. The
/// first trouble ends it.
pub(super) fn count_each<T: Sync>(
    threads: NonZeroUsize,
    all: &[T],
    one: impl Fn(&T) -> Result<bool, Trouble> + Sync,
) -> Result<usize, Trouble> {
    let (next, yes) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let (stop, first) = (AtomicBool::new(false), Mutex::new(None));
    let work = || {
        while !stop.load(Ordering::Relaxed) {
            let Some(thing) = all.get(next.fetch_add(1, Ordering::Relaxed)) else { return };
            match one(thing) {
                Ok(said) => drop(yes.fetch_add(usize::from(said), Ordering::Relaxed)),
                Err(trouble) => {
                    stop.store(true, Ordering::Relaxed);
                    first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(trouble);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.get().min(all.len()) {
            scope.spawn(work);
        }
        work();
    });
    match first.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(trouble) => Err(trouble),
        None => Ok(yes.into_inner()),
    }
}
