//! What a look may cost: bytes and time, over all places together.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::source::Trouble;

/// Bytes and time that are left. Shared by all workers.
#[derive(Debug)]
pub struct Budget {
    left: AtomicU64,
    whole: u64,
    end: Option<Instant>,
    time: Duration,
}

impl Budget {
    /// So many bytes in all, and so much time from now.
    pub fn new(bytes: u64, time: Duration) -> Self {
        let end = Instant::now().checked_add(time);
        Self { left: AtomicU64::new(bytes), whole: bytes, end, time }
    }

    /// Bytes that may still be read.
    pub fn left(&self) -> u64 {
        self.left.load(Ordering::Relaxed)
    }

    /// Takes bytes that were read. Fails with [`Trouble::skipped`] where there are not so many left.
    pub fn charge(&self, bytes: u64) -> Result<(), Trouble> {
        let take = |left: u64| left.checked_sub(bytes);
        match self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take) {
            Ok(_) => Ok(()),
            Err(_) => Err(self.spent()),
        }
    }

    /// Whether so many bytes are left. Takes none.
    pub fn fits(&self, bytes: u64) -> Result<(), Trouble> {
        if bytes <= self.left() { Ok(()) } else { Err(self.spent()) }
    }

    fn spent(&self) -> Trouble {
        Trouble::skipped(format!("over the budget of {} bytes (`--max-bytes`)", self.whole))
    }

    /// Time left. Fails with [`Trouble::skipped`] where there is none.
    pub fn time(&self) -> Result<Duration, Trouble> {
        let Some(end) = self.end else { return Ok(Duration::MAX) };
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let text = format!("over the budget of {} seconds (`--timeout`)", self.time.as_secs());
            return Err(Trouble::skipped(text));
        }
        Ok(left)
    }
}
