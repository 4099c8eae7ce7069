//! The same work on many things, several at once.

use std::num::NonZeroUsize;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::progress::Stopped;

/// Does something with each of these, up to so many at once, and gives what came of each, in order.
/// Fails where it was stopped.
pub(super) fn at_once<T: Sync, R: Send + Sync>(
    jobs: NonZeroUsize,
    all: &[T],
    one: impl Fn(&T) -> Result<R, Stopped> + Sync,
) -> Result<Vec<R>, Stopped> {
    let next = AtomicUsize::new(0);
    let done: Vec<OnceLock<R>> = all.iter().map(|_| OnceLock::new()).collect();
    let work = || {
        while let Some((one_of, done)) = {
            let nth = next.fetch_add(1, Ordering::Relaxed);
            all.get(nth).zip(done.get(nth))
        } {
            // What was stopped leaves its place empty.
            let Ok(result) = one(one_of) else { return };
            let _ = done.set(result);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs.get().min(all.len()) {
            scope.spawn(work);
        }
    });
    done.into_iter().map(|done| done.into_inner().ok_or(Stopped)).collect()
}
