//! Hexadecimal digits.

use super::lane::Lane;
use super::runs::{Digits, Kind, kinds};

/// Two digits a byte, with much that may stand between bytes.
pub(super) struct Hex<'s> {
    bytes: Lane<'s>,
    /// The same, where what stands together is one number: `0x3f800000`.
    words: Lane<'s>,
    word: Vec<u8>,
    /// The first digit of a byte.
    high: Option<u8>,
}

/// Bytes of a number.
const WORD: usize = 8;

impl<'s> Hex<'s> {
    pub(super) const fn new(bytes: Lane<'s>, words: Lane<'s>) -> Self {
        Self { bytes, words, word: Vec::new(), high: None }
    }

    pub(super) fn into_lanes(self) -> Vec<Lane<'s>> {
        vec![self.bytes, self.words]
    }

    /// Takes a digit, or what stands between.
    fn step(&mut self, byte: u8, bytes: &mut Vec<u8>, words: &mut Vec<u8>) {
        match (byte as char).to_digit(16) {
            Some(digit) => match self.high.take() {
                Some(high) => {
                    let byte = high << 4 | digit as u8;
                    bytes.push(byte);
                    if self.word.len() < 2 * WORD {
                        self.word.push(byte);
                    }
                }
                None => self.high = Some(digit as u8),
            },
            None => {
                // Over lines, bytes go on.
                if !byte.is_ascii_whitespace() {
                    self.high = None;
                }
                self.end_word(words);
            }
        }
    }

    fn end_word(&mut self, words: &mut Vec<u8>) {
        if (2..=WORD).contains(&self.word.len()) {
            words.extend(self.word.iter().rev());
        }
        self.word.clear();
    }
}

impl Digits for Hex<'_> {
    const LEAST: usize = 128;
    const KINDS: [Kind; 256] =
        kinds(b"0123456789abcdefABCDEF", b"\t\n\x0b\x0c\r xX\\,\"'+:;-_|%=uUlL(){}[]", b"");

    fn take(&mut self, taken: &[u8], at: u64) {
        let (mut bytes, mut words) = (Vec::new(), Vec::new());
        taken.iter().for_each(|byte| self.step(*byte, &mut bytes, &mut words));
        self.bytes.feed(&bytes, at);
        self.words.feed(&words, at);
    }

    fn end(&mut self) {
        let mut words = Vec::new();
        self.end_word(&mut words);
        self.words.feed(&words, 0);
        self.high = None;
        self.bytes.cut();
        self.words.cut();
    }
}
