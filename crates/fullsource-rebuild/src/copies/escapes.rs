//! Bytes in the strings of a program: printable ones as they are, others as escapes.

use super::lane::Lane;

/// Bytes looked at together, and backslashes in them without which they are no such string.
const BLOCK: usize = 256;
const DENSE: usize = 12;

/// Reads strings in two ways: whole, with what stands between their parts left out; and with quotes as content.
pub(super) struct Escapes<'s> {
    parts: Lane<'s>,
    whole: Lane<'s>,
    inside: bool,
    state: State,
    /// Nothing but blanks came since the line, or a part of the string, ended.
    between: bool,
}

/// What came of an escape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Plain,
    Backslash,
    /// So many more digits of base 16 may follow, and what the digits so far are.
    Hex(u8, u8),
    /// The same, of base 8.
    Octal(u8, u8),
}

impl<'s> Escapes<'s> {
    pub(super) const fn new(parts: Lane<'s>, whole: Lane<'s>) -> Self {
        Self { parts, whole, inside: false, state: State::Plain, between: false }
    }

    pub(super) fn feed(&mut self, piece: &[u8], at: u64) {
        for (nth, block) in piece.chunks(BLOCK).enumerate() {
            let backslashes: usize = block.iter().map(|byte| usize::from(*byte == b'\\')).sum();
            if backslashes * BLOCK >= DENSE * block.len() {
                self.inside = true;
                self.take(block, at + (nth * BLOCK) as u64);
            } else if self.inside {
                self.end();
            }
        }
    }

    pub(super) fn into_lanes(self) -> [Lane<'s>; 2] {
        [self.parts, self.whole]
    }

    fn end(&mut self) {
        (self.inside, self.state, self.between) = (false, State::Plain, false);
        self.parts.cut();
        self.whole.cut();
    }

    fn take(&mut self, block: &[u8], at: u64) {
        let (mut parts, mut whole) = (Vec::new(), Vec::new());
        for byte in block {
            let is_part = matches!(byte, b'"' | b'\'' | b'\n' | b'\r');
            let (ended, plain) = self.step(*byte);
            if let Some(value) = ended {
                parts.push(value);
                whole.push(value);
            }
            if plain {
                self.between =
                    is_part || self.between && matches!(byte, b' ' | b'\t' | b'b' | b'+');
                if !self.between {
                    parts.push(*byte);
                }
                whole.push(*byte);
            } else {
                self.between = false;
            }
        }
        self.parts.feed(&parts, at);
        self.whole.feed(&whole, at);
    }

    /// The byte that an escape gives that ends here, and whether this byte stands for itself.
    fn step(&mut self, byte: u8) -> (Option<u8>, bool) {
        let digit = (byte as char).to_digit(16).map(|digit| digit as u8);
        let (state, ended, plain) = match (self.state, byte, digit) {
            (State::Plain, b'\\', _) => (State::Backslash, None, false),
            (State::Plain, ..) => (State::Plain, None, true),
            (State::Backslash, b'x', _) => (State::Hex(2, 0), None, false),
            (State::Backslash, b'0'..=b'7', Some(digit)) => (State::Octal(2, digit), None, false),
            // A line that goes on.
            (State::Backslash, b'\n', _) => (State::Plain, None, false),
            (State::Backslash, ..) => (State::Plain, Some(escaped(byte)), false),
            (State::Hex(1, high), _, Some(digit)) => (State::Plain, Some(high << 4 | digit), false),
            (State::Hex(left, high), _, Some(digit)) => {
                (State::Hex(left - 1, high << 4 | digit), None, false)
            }
            (State::Octal(1, sum), b'0'..=b'7', Some(digit)) => {
                (State::Plain, Some(sum << 3 | digit), false)
            }
            (State::Octal(left, sum), b'0'..=b'7', Some(digit)) => {
                (State::Octal(left - 1, sum << 3 | digit), None, false)
            }
            (State::Hex(_, sum) | State::Octal(_, sum), b'\\', _) => {
                (State::Backslash, Some(sum), false)
            }
            (State::Hex(_, sum) | State::Octal(_, sum), ..) => (State::Plain, Some(sum), true),
        };
        self.state = state;
        (ended, plain)
    }
}

/// What a letter behind a backslash stands for.
const fn escaped(letter: u8) -> u8 {
    match letter {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'a' => 7,
        b'b' => 8,
        b'v' => 11,
        b'f' => 12,
        b'e' => 27,
        other => other,
    }
}
