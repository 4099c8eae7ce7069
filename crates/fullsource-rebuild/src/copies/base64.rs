//! Digits of base64.

use super::lane::Lane;
use super::runs::{Digits, Kind, kinds};

/// Digits of six bits. Where the first of them starts a byte is not known: all four ways are looked through.
pub(super) struct Base64<'s> {
    lanes: [Lane<'s>; 4],
    /// Values of digits that were not decoded yet.
    digits: Vec<u8>,
    /// A backslash came before.
    escaped: bool,
}

impl<'s> Base64<'s> {
    pub(super) const fn new(lanes: [Lane<'s>; 4]) -> Self {
        Self { lanes, digits: Vec::new(), escaped: false }
    }

    pub(super) fn into_lanes(self) -> Vec<Lane<'s>> {
        self.lanes.into()
    }

    fn digit(&mut self, byte: u8) -> Option<u8> {
        let escaped = std::mem::take(&mut self.escaped);
        Some(match byte {
            b'n' | b'r' if escaped => return None,
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => {
                self.escaped = byte == b'\\';
                return None;
            }
        })
    }

    /// Decodes whole groups of four, and keeps three digits, which the next ones overlap.
    fn decode(&mut self, at: u64) {
        let whole = self.digits.len().saturating_sub(3) / 4 * 4;
        if whole == 0 {
            return;
        }
        for (skipped, lane) in self.lanes.iter_mut().enumerate() {
            let groups = self.digits[skipped..].chunks_exact(4).take(whole / 4);
            let bytes: Vec<u8> = groups
                .flat_map(|group| {
                    let bits = group.iter().fold(0u32, |bits, digit| bits << 6 | u32::from(*digit));
                    [(bits >> 16) as u8, (bits >> 8) as u8, bits as u8]
                })
                .collect();
            lane.feed(&bytes, at);
        }
        self.digits.drain(..whole);
    }
}

impl Digits for Base64<'_> {
    const LEAST: usize = 86;
    const KINDS: [Kind; 256] = kinds(
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_",
        b"\n\r\\\"',",
        b" \t",
    );

    fn take(&mut self, bytes: &[u8], at: u64) {
        let digits: Vec<u8> = bytes.iter().filter_map(|byte| self.digit(*byte)).collect();
        self.digits.extend(digits);
        self.decode(at);
    }

    fn end(&mut self) {
        // The last group, with what pads it.
        self.digits.extend([0; 6]);
        self.decode(0);
        self.digits.clear();
        self.escaped = false;
        self.lanes.iter_mut().for_each(Lane::cut);
    }
}
