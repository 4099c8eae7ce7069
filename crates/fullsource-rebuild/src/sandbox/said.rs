//! What a command says: the last of it is kept, whatever there is of it.

use std::collections::VecDeque;
use std::io::Read;

/// What is kept.
const LAST: usize = 64 << 10;

/// Reads to the end, and keeps the last 64 KiB.
pub(super) fn drain(mut from: impl Read) -> Vec<u8> {
    let mut kept = VecDeque::with_capacity(2 * LAST);
    let mut buffer = vec![0; LAST];
    while let Ok(count) = from.read(&mut buffer) {
        if count == 0 {
            break;
        }
        kept.extend(&buffer[..count]);
        kept.drain(..kept.len().saturating_sub(LAST));
    }
    kept.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_is_kept() {
        assert_eq!(drain(&b"short"[..]), b"short");
        let long: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
        assert_eq!(drain(&long[..]), &long[200_000 - LAST..]);
    }
}
