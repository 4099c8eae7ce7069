//! Bytes that were decoded from a text, looked through as they are, and for what is packed in them.

use std::io::{Seek, SeekFrom, Write};

use tempfile::SpooledTempFile;

use super::scan::{Offsets, Scanner, Seen};
use super::starts::{HEAD, Starts, Verdict};
use super::streams::{DEPTH, Search};

/// Bytes of something packed that are kept in memory; more are kept in a file without a name.
const KEPT: usize = 16 << 20;

/// One way to read the digits of a text.
pub(super) struct Lane<'s> {
    scanner: Scanner<'s>,
    search: &'s Search<'s>,
    path: &'s str,
    depth: u32,
    /// The last bytes, in which something may start.
    tail: Vec<u8>,
    /// What comes since something started, and whether that was where the digits start.
    kept: Option<(SpooledTempFile, bool)>,
    /// Whether nothing came since the digits started.
    whole: bool,
}

impl<'s> Lane<'s> {
    pub(super) fn new(search: &'s Search<'s>, path: &'s str, depth: u32) -> Self {
        let scanner = Scanner::new(search.windows, Offsets::OfText);
        Self { scanner, search, path, depth, tail: Vec::new(), kept: None, whole: true }
    }

    /// Takes the next bytes; `at` is where their digits stand in the text.
    pub(super) fn feed(&mut self, bytes: &[u8], at: u64) {
        self.scanner.feed(bytes, at);
        match &mut self.kept {
            Some(_) => self.keep(bytes),
            None => {
                self.tail.extend_from_slice(bytes);
                self.seek(false);
            }
        }
    }

    /// The digits are over: what comes next does not follow.
    pub(super) fn cut(&mut self) {
        self.scanner.cut();
        if self.kept.is_none() {
            self.seek(true);
        }
        self.tail.clear();
        self.whole = true;
        let Some((mut kept, whole)) = self.kept.take() else { return };
        let looked = match kept.seek(SeekFrom::Start(0)) {
            Ok(_) => self.search.look(self.path, &mut kept, self.depth + 1, whole),
            Err(error) => return self.search.note_unseen(self.path, &error),
        };
        if let Err(broken) = looked {
            self.search.note_unseen(self.path, &broken.why);
        }
    }

    /// What was found.
    pub(super) fn into_seen(mut self) -> Seen {
        self.cut();
        self.scanner.into_seen()
    }

    /// Looks in the tail for the start of something packed, and keeps what follows it.
    fn seek(&mut self, last: bool) {
        let most = if last { self.tail.len() } else { (self.tail.len() + 1).saturating_sub(HEAD) };
        let mut next = 0;
        while next < most {
            let place = if self.whole { Some(0) } else { Starts::candidate(&self.tail, next) };
            let whole = std::mem::take(&mut self.whole);
            let Some(place) = place.filter(|place| *place < most) else { break };
            if self.starts(place, last, whole) {
                self.kept = Some((SpooledTempFile::new(KEPT), whole));
                let tail = std::mem::take(&mut self.tail);
                return self.keep(&tail[place..]);
            }
            next = place + 1;
        }
        self.tail.drain(..most);
    }

    fn starts(&self, place: usize, last: bool, whole: bool) -> bool {
        let mut starts = self.search.starts.borrow_mut();
        let verdict = match starts.tell(&self.tail[place..], last) {
            // A mark of two bytes or three says little: a text has many runs.
            Verdict::Nothing if whole => match starts.tell_whole(&self.tail[place..], last) {
                Verdict::Closed(_) => Verdict::Nothing,
                verdict => verdict,
            },
            verdict => verdict,
        };
        if self.depth < DEPTH {
            return verdict != Verdict::Nothing;
        }
        match verdict {
            Verdict::Open(start) => self.search.note_deep(self.path, &start),
            Verdict::Closed(what) => self.search.note_closed(self.path, what),
            Verdict::Nothing | Verdict::More(_) => {}
        }
        false
    }

    fn keep(&mut self, bytes: &[u8]) {
        let Some((kept, _)) = &mut self.kept else { return };
        if let Err(error) = kept.write_all(bytes) {
            self.search.note_unseen(self.path, &error);
            self.kept = None;
        }
    }
}
