//! Long runs of digits in a stream, found from behind: most of what is no run is never looked at.

/// What digits are of.
pub(super) trait Digits {
    /// Bytes without which there is no window in a run.
    const LEAST: usize;
    /// What each byte is.
    const KINDS: [Kind; 256];

    /// Takes the next bytes of a run; `at` is where they start.
    fn take(&mut self, bytes: &[u8], at: u64);
    /// The run is over.
    fn end(&mut self);
}

/// What a byte is in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It ends the run.
    Other,
    Digit,
    /// It may stand between digits.
    Between,
    /// It may stand between digits, but not right behind one: so do words.
    Indent,
}

/// The kinds of all bytes.
pub(super) const fn kinds(digits: &[u8], between: &[u8], indent: &[u8]) -> [Kind; 256] {
    let mut kinds = [Kind::Other; 256];
    let mut nth = 0;
    while nth < digits.len() {
        kinds[digits[nth] as usize] = Kind::Digit;
        nth += 1;
    }
    nth = 0;
    while nth < between.len() {
        kinds[between[nth] as usize] = Kind::Between;
        nth += 1;
    }
    nth = 0;
    while nth < indent.len() {
        kinds[indent[nth] as usize] = Kind::Indent;
        nth += 1;
    }
    kinds
}

/// Looks for runs in a stream that comes in pieces.
pub(super) struct Runs<D> {
    digits: D,
    /// Whether a run goes on.
    inside: bool,
    /// What may be the start of one.
    started: Vec<u8>,
    /// The last byte that came.
    before: u8,
}

impl<D: Digits> Runs<D> {
    pub(super) const fn new(digits: D) -> Self {
        Self { digits, inside: false, started: Vec::new(), before: b'\n' }
    }

    /// Takes the next piece, which starts at a place of the stream.
    pub(super) fn feed(&mut self, piece: &[u8], at: u64) {
        let mut next = self.go_on(piece, at);
        while next < piece.len() {
            next = if self.inside {
                let end = self.end_of(piece, next);
                self.digits.take(&piece[next..end], at + next as u64);
                self.finish_before(piece.len(), end)
            } else {
                self.find(piece, next)
            };
        }
        if let Some(last) = piece.last() {
            self.before = *last;
        }
    }

    /// What takes the digits, once there are no more.
    pub(super) fn into_digits(mut self) -> D {
        if self.inside {
            self.digits.end();
        }
        self.digits
    }

    /// Goes on with what started in the piece before, up to where it is long enough or ends.
    fn go_on(&mut self, piece: &[u8], at: u64) -> usize {
        let mut next = 0;
        while !self.started.is_empty() && next < piece.len() {
            if self.ends(piece, next) {
                self.started.clear();
            } else {
                self.started.push(piece[next]);
                next += 1;
                if self.started.len() >= D::LEAST {
                    self.digits.take(&std::mem::take(&mut self.started), at);
                    self.inside = true;
                }
            }
        }
        next
    }

    /// Ends a run at a byte that is not the end of the piece; gives the byte behind it.
    fn finish_before(&mut self, length: usize, end: usize) -> usize {
        if end < length {
            self.digits.end();
            self.inside = false;
            return end + 1;
        }
        end
    }

    /// Looks for the start of a run; gives where to go on.
    fn find(&mut self, piece: &[u8], mut next: usize) -> usize {
        while next + D::LEAST <= piece.len() {
            match (next..next + D::LEAST).rev().find(|at| self.ends(piece, *at)) {
                Some(end) => next = end + 1,
                None => {
                    self.inside = true;
                    return next;
                }
            }
        }
        let end = (next..piece.len()).rev().find(|at| self.ends(piece, *at));
        self.started.extend_from_slice(&piece[end.map_or(next, |end| end + 1)..]);
        piece.len()
    }

    fn end_of(&self, piece: &[u8], next: usize) -> usize {
        (next..piece.len()).find(|at| self.ends(piece, *at)).unwrap_or(piece.len())
    }

    /// Whether the byte at a place ends a run.
    #[inline]
    fn ends(&self, piece: &[u8], at: usize) -> bool {
        match D::KINDS[usize::from(piece[at])] {
            Kind::Other => true,
            Kind::Digit | Kind::Between => false,
            Kind::Indent => {
                let before = at.checked_sub(1).map_or(self.before, |before| piece[before]);
                D::KINDS[usize::from(before)] == Kind::Digit
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Default)]
    struct Kept(Vec<Vec<u8>>, Vec<u8>);

    impl Digits for Kept {
        const LEAST: usize = 5;
        const KINDS: [Kind; 256] = kinds(b"0123", b",\n", b" ");

        fn take(&mut self, bytes: &[u8], _: u64) {
            self.1.extend_from_slice(bytes);
        }

        fn end(&mut self) {
            self.0.push(std::mem::take(&mut self.1));
        }
    }

    /// The plain way: byte after byte.
    fn slow(text: &[u8]) -> Vec<Vec<u8>> {
        let (mut runs, mut run, mut before) = (Vec::new(), Vec::new(), b'\n');
        for byte in text.iter().chain(b"x") {
            let ends = match Kept::KINDS[usize::from(*byte)] {
                Kind::Other => true,
                Kind::Indent => Kept::KINDS[usize::from(before)] == Kind::Digit,
                _ => false,
            };
            if ends && run.len() >= Kept::LEAST {
                runs.push(std::mem::take(&mut run));
            }
            if ends {
                run.clear()
            } else {
                run.push(*byte)
            }
            before = *byte;
        }
        runs
    }

    proptest! {
        #[test]
        fn runs_are_found_as_the_plain_way_finds_them(text in "[0-3x, \n]{0,80}", cuts in proptest::collection::vec(1..9usize, 1..40)) {
            let (mut runs, mut rest) = (Runs::new(Kept::default()), text.as_bytes());
            for cut in cuts.iter().cycle() {
                let (piece, more) = rest.split_at((*cut).min(rest.len()));
                runs.feed(piece, 0);
                rest = more;
                if rest.is_empty() { break; }
            }
            prop_assert_eq!(runs.into_digits().0, slow(text.as_bytes()));
        }
    }
}
