//! Bytes that stand in a text as hexadecimal or base64 digits, at any place, over lines.

use super::regions::Windows;
use super::scan::{Offsets, Scanner, Seen};

/// Bytes looked at together: where few of them are of a text, nothing is decoded.
const BLOCK: usize = 256;
/// Digits of base64 without which there is no window.
const LEAST: usize = 86;

/// Decodes what it is fed, and looks through it.
pub(super) struct Texts<'w> {
    hex: Hex<'w>,
    base64: Base64<'w>,
    /// Bytes fed before.
    at: u64,
}

impl<'w> Texts<'w> {
    pub(super) fn new(windows: &'w Windows<'w>) -> Self {
        let scanner = || Scanner::new(windows, Offsets::OfText);
        let hex = Hex { scanner: scanner(), high: None, bytes: Vec::new() };
        let lanes = [scanner(), scanner(), scanner(), scanner()];
        let base64 =
            Base64 { lanes, digits: Vec::new(), indented: true, escaped: false, long: false };
        Self { hex, base64, at: 0 }
    }

    pub(super) fn feed(&mut self, piece: &[u8]) {
        for block in piece.chunks(BLOCK) {
            let text: usize = block.iter().map(|byte| usize::from(is_of_text(*byte))).sum();
            if text * 10 >= block.len() * 6 {
                block.iter().for_each(|byte| self.hex.take(*byte));
                block.iter().for_each(|byte| self.base64.take(*byte));
                self.hex.flush(self.at);
                self.base64.flush(self.at);
            } else {
                self.hex.end();
                self.base64.end();
            }
            self.at += block.len() as u64;
        }
    }

    /// What was found.
    pub(super) fn into_seen(mut self) -> Vec<Seen> {
        self.hex.end();
        self.base64.end();
        let lanes = self.base64.lanes.into_iter();
        lanes.chain([self.hex.scanner]).map(Scanner::into_seen).collect()
    }
}

/// Without a branch: most inputs are no texts, and their bytes cannot be foreseen.
const fn is_of_text(byte: u8) -> bool {
    (byte.wrapping_sub(b' ') < 95) | (byte.wrapping_sub(b'\t') < 5)
}

struct Hex<'w> {
    scanner: Scanner<'w>,
    /// The first digit of a byte.
    high: Option<u8>,
    bytes: Vec<u8>,
}

impl Hex<'_> {
    fn take(&mut self, byte: u8) {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            b'\t'..=b'\r' | b' ' => return,
            // Between bytes: `\x`, `0x`, `,`, and the ends of texts.
            b'x' | b'X' | b'\\' | b',' | b'"' | b'\'' | b'+' | b':' | b';' => {
                self.high = None;
                return;
            }
            _ => return self.end(),
        };
        match self.high.take() {
            Some(high) => self.bytes.push(high << 4 | digit),
            None => self.high = Some(digit),
        }
    }

    fn flush(&mut self, at: u64) {
        if !self.bytes.is_empty() {
            self.scanner.feed(&self.bytes, at);
            self.bytes.clear();
        }
    }

    fn end(&mut self) {
        self.high = None;
        // Words such as `deadbeef` or `added` decode to a few bytes, which are of no use.
        if self.bytes.len() >= 64 {
            self.flush(0);
        }
        self.bytes.clear();
        self.scanner.cut();
    }
}

/// Digits of six bits. Where the first of them starts a byte is not known: all four ways are looked through.
struct Base64<'w> {
    lanes: [Scanner<'w>; 4],
    /// Values of digits that were not decoded yet.
    digits: Vec<u8>,
    /// Nothing but blanks came since the line started.
    indented: bool,
    /// A backslash came before.
    escaped: bool,
    /// So many digits came that there may be a window.
    long: bool,
}

impl Base64<'_> {
    fn take(&mut self, byte: u8) {
        let escaped = std::mem::take(&mut self.escaped);
        let digit = match byte {
            b'n' | b'r' if escaped => {
                self.indented = true;
                return;
            }
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'\\' => {
                self.escaped = true;
                return;
            }
            b'\n' | b'\r' | b'"' | b'\'' | b',' => {
                self.indented = true;
                return;
            }
            b' ' | b'\t' if self.indented => return,
            _ => return self.end(),
        };
        self.indented = false;
        self.digits.push(digit);
    }

    fn flush(&mut self, at: u64) {
        if self.digits.len() < LEAST && !self.long {
            return;
        }
        self.long = true;
        // Whole groups of four, and three more, which the next ones overlap.
        let whole = self.digits.len().saturating_sub(3) / 4 * 4;
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

    fn end(&mut self) {
        if self.long || self.digits.len() >= LEAST {
            // The last group, with what pads it.
            self.digits.extend([0; 6]);
            self.flush(0);
        }
        self.digits.clear();
        if self.long {
            self.lanes.iter_mut().for_each(Scanner::cut);
        }
        (self.long, self.indented) = (false, true);
    }
}
