//! What a command says: the last of it is kept, whatever there is of it.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

/// What is kept.
const LAST: usize = 64 << 10;

/// The last 64 KiB of what was read.
#[derive(Clone, Default)]
pub(super) struct Said(Arc<Mutex<VecDeque<u8>>>);

impl Said {
    /// Reads to the end.
    pub(super) fn drain(&self, mut from: impl Read) {
        let mut buffer = vec![0; LAST];
        while let Ok(count) = from.read(&mut buffer) {
            if count == 0 {
                break;
            }
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.extend(&buffer[..count]);
            let surplus = kept.len().saturating_sub(LAST);
            kept.drain(..surplus);
        }
    }

    /// What was read until now.
    pub(super) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_is_kept() {
        let said = |text: &[u8]| {
            let said = Said::default();
            said.drain(text);
            said.take()
        };
        assert_eq!(said(b"short"), b"short");
        let long: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
        assert_eq!(said(&long), &long[200_000 - LAST..]);
    }
}
