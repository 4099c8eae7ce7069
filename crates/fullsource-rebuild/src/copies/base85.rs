//! Digits of base85, as Python and git write them (RFC 1924).

use super::lane::Lane;
use super::runs::{Digits, Kind, kinds};

const ALPHABET: &[u8; 85] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

/// Five digits to four bytes. Where a text starts, so does a group: no quote is a digit.
pub(super) struct Base85<'s> {
    lane: Lane<'s>,
    /// The digits of a group so far, and their number.
    group: (u64, u32),
}

impl<'s> Base85<'s> {
    pub(super) const fn new(lane: Lane<'s>) -> Self {
        Self { lane, group: (0, 0) }
    }

    pub(super) fn into_lanes(self) -> Vec<Lane<'s>> {
        vec![self.lane]
    }
}

/// What each byte is worth.
const VALUES: [u8; 256] = {
    let (mut values, mut nth) = ([0; 256], 0);
    while nth < ALPHABET.len() {
        values[ALPHABET[nth] as usize] = nth as u8;
        nth += 1;
    }
    values
};

impl Digits for Base85<'_> {
    const LEAST: usize = 80;
    const KINDS: [Kind; 256] = kinds(ALPHABET, b"\n\r", b"");

    fn take(&mut self, bytes: &[u8], at: u64) {
        let mut decoded = Vec::with_capacity(bytes.len());
        for byte in bytes.iter().filter(|byte| !matches!(byte, b'\n' | b'\r')) {
            let (sum, count) = self.group;
            self.group = (sum * 85 + u64::from(VALUES[usize::from(*byte)]), count + 1);
            if self.group.1 == 5 {
                decoded.extend((self.group.0 as u32).to_be_bytes());
                self.group = (0, 0);
            }
        }
        self.lane.feed(&decoded, at);
    }

    fn end(&mut self) {
        self.group = (0, 0);
        self.lane.cut();
    }
}
