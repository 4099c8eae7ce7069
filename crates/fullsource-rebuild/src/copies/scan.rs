//! One stream, looked through for windows of an output.

use super::covered::Covered;
use super::regions::{GRAM, WINDOW, Windows, is_plain};

/// A stretch of a stream: where it starts there, where it is in the output, and its bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) offset: u64,
    pub(super) output: u64,
    pub(super) bytes: u64,
}

/// What was found in streams: all of it covers, the first of it is told.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) covered: Covered,
    pub(super) stretches: Vec<Stretch>,
}

/// Stretches of a stream that are kept to be told.
const KEPT: usize = 10_000;

impl Seen {
    fn add(&mut self, stretch: Stretch) {
        self.covered.add(stretch.output, stretch.output + stretch.bytes);
        if self.stretches.len() < KEPT {
            self.stretches.push(stretch);
        }
    }
}

/// What an offset in a stream means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offsets {
    /// Bytes of the stream.
    Own,
    /// Somewhere in the text that was decoded.
    OfText,
}

/// Bytes kept behind the place that is looked at: a stretch may start before the window that showed it.
const HISTORY: usize = 64 << 10;
/// Bytes of the output that are compared at once, at first and later.
const AHEAD: (usize, usize) = (256, 64 << 10);

/// Places of grams that are told at once: where much is found, the others are looked for again.
const AT_ONCE: usize = 16 << 10;

/// Looks through a stream that comes in pieces.
pub(super) struct Scanner<'w> {
    windows: &'w Windows<'w>,
    offsets: Offsets,
    buffer: Vec<u8>,
    /// The offset of the first byte of the buffer.
    base: u64,
    /// The place in the buffer from which on nothing was looked at.
    next: usize,
    /// The place up to which bytes belong to a hit.
    taken: usize,
    /// Where in the output the next byte of the buffer is, while a hit goes on.
    follow: Option<u64>,
    /// The hit that goes on.
    current: Option<Stretch>,
    seen: Seen,
    /// Places that are looked at.
    grams: Vec<usize>,
}

impl<'w> Scanner<'w> {
    pub(super) fn new(windows: &'w Windows<'w>, offsets: Offsets) -> Self {
        Self {
            windows,
            offsets,
            buffer: Vec::new(),
            base: 0,
            next: 0,
            taken: 0,
            follow: None,
            current: None,
            seen: Seen::default(),
            grams: Vec::new(),
        }
    }

    /// Takes the next piece; `at` is where it starts in the text that it was decoded from.
    pub(super) fn feed(&mut self, piece: &[u8], at: u64) {
        self.buffer.extend_from_slice(piece);
        while self.follow_on() && self.look(at, false) {}
        let kept = self.next.saturating_sub(HISTORY);
        if kept >= HISTORY {
            self.buffer.drain(..kept);
            self.base += kept as u64;
            self.next -= kept;
            self.taken = self.taken.saturating_sub(kept);
        }
    }

    /// Forgets what came: what comes next does not follow it.
    pub(super) fn cut(&mut self) {
        self.finish();
        self.base += self.buffer.len() as u64;
        self.buffer.clear();
        (self.next, self.taken) = (0, 0);
    }

    /// All that was found.
    pub(super) fn into_seen(mut self) -> Seen {
        self.finish();
        self.seen
    }

    /// Looks at what is left, with which the stream ends.
    fn finish(&mut self) {
        while self.follow_on() && self.look(0, true) {}
        self.end_hit();
    }

    fn end_hit(&mut self) {
        self.follow = None;
        if let Some(stretch) = self.current.take() {
            self.seen.add(stretch);
        }
    }

    /// Looks for the next window; false where there is none in what came so far.
    fn look(&mut self, at: u64, last: bool) -> bool {
        // A window may go on behind its gram: at the end, what is there is all.
        let behind = if last { GRAM } else { WINDOW };
        let end = (self.buffer.len() + 1).saturating_sub(behind);
        while self.next < end {
            let stop = end.min(self.next + AT_ONCE);
            self.grams.clear();
            self.windows.grams(&self.buffer[self.next..stop + GRAM - 1], &mut self.grams);
            for nth in 0..self.grams.len() {
                let found = self.windows.find(&self.buffer, self.next + self.grams[nth]);
                if let Some((start, output)) = found.filter(|(start, _)| *start >= self.taken) {
                    self.begin(start, output, at);
                    return true;
                }
            }
            self.next = stop;
        }
        false
    }

    /// Notes a hit, which may have started before its window.
    fn begin(&mut self, start: usize, output: u64, at: u64) {
        let reach = self.windows.gap().min(start - self.taken);
        let earlier = &self.buffer[start - reach..start];
        let before = self.windows.read_before(output, earlier.len());
        let mut same = common(earlier.iter().rev(), before.iter().rev());
        // Not into what says nothing.
        while same >= WINDOW && is_plain(&earlier[earlier.len() - same..][..WINDOW]) {
            same -= WINDOW;
        }
        let first = start - same;
        let offset = match self.offsets {
            Offsets::Own => self.base + first as u64,
            Offsets::OfText => at,
        };
        let bytes = (same + WINDOW) as u64;
        self.current = Some(Stretch { offset, output: output - same as u64, bytes });
        self.next = start + WINDOW;
        self.taken = self.next;
        self.follow = Some(output + WINDOW as u64);
    }

    /// Follows a hit as far as it goes; false where it may go on in what comes next.
    fn follow_on(&mut self) -> bool {
        let mut ahead = AHEAD.0;
        while let Some(output) = self.follow {
            let here = &self.buffer[self.next..];
            if here.is_empty() {
                return false;
            }
            let there = self.windows.read(output, ahead.min(here.len()));
            let mut same = 0;
            for (a, b) in here.chunks(WINDOW).zip(there.chunks(WINDOW)) {
                let equal = common(a.iter(), b.iter());
                let goes_on = equal == WINDOW && !is_plain(a);
                same += if equal == WINDOW && !goes_on { 0 } else { equal };
                if !goes_on {
                    break;
                }
            }
            if let Some(hit) = &mut self.current {
                hit.bytes += same as u64;
            }
            ahead = AHEAD.1.min(4 * ahead);
            self.next += same;
            self.taken = self.next;
            if same > 0 && same == there.len() {
                self.follow = Some(output + same as u64);
            } else {
                self.end_hit();
            }
        }
        true
    }
}

/// How many items both have in common from their start.
fn common<'a>(a: impl Iterator<Item = &'a u8>, b: impl Iterator<Item = &'a u8>) -> usize {
    a.zip(b).take_while(|(a, b)| a == b).count()
}
