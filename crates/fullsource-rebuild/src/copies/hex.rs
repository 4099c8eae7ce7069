//! Hexadecimal digits.

use super::lane::Lane;
use super::runs::{Digits, Kind, kinds};

/// Two digits a byte, with much that may stand between bytes.
pub(super) struct Hex<'s> {
    lane: Lane<'s>,
    /// The first digit of a byte.
    high: Option<u8>,
}

impl<'s> Hex<'s> {
    pub(super) const fn new(lane: Lane<'s>) -> Self {
        Self { lane, high: None }
    }

    pub(super) fn into_lanes(self) -> Vec<Lane<'s>> {
        vec![self.lane]
    }

    /// The byte that a digit ends.
    fn byte(&mut self, byte: u8) -> Option<u8> {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            b'\t'..=b'\r' | b' ' => return None,
            // Between bytes: `\x`, `0x`, `,`, and the ends of texts.
            _ => {
                self.high = None;
                return None;
            }
        };
        match self.high.take() {
            Some(high) => Some(high << 4 | digit),
            None => {
                self.high = Some(digit);
                None
            }
        }
    }
}

impl Digits for Hex<'_> {
    const LEAST: usize = 128;
    const KINDS: [Kind; 256] =
        kinds(b"0123456789abcdefABCDEF", b"\t\n\x0b\x0c\r xX\\,\"'+:;", b"");

    fn take(&mut self, bytes: &[u8], at: u64) {
        let decoded: Vec<u8> = bytes.iter().filter_map(|byte| self.byte(*byte)).collect();
        self.lane.feed(&decoded, at);
    }

    fn end(&mut self) {
        self.high = None;
        self.lane.cut();
    }
}
