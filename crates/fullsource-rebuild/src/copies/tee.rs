//! A stream that is looked through while it is read.

use std::io::{self, ErrorKind, Read};

use super::scan::{Offsets, Scanner, Seen};
use super::streams::Search;
use super::text::Texts;

/// Looks through what is read through it: as it is, and as text.
pub(super) struct Tee<'a, 's> {
    inner: &'a mut dyn Read,
    /// Bytes that came.
    pub(super) count: u64,
    /// Why no more came, the first time: a reader may say afterwards that it is at its end.
    pub(super) broken: Option<io::Error>,
    scanner: Scanner<'s>,
    texts: Texts<'s>,
    search: &'s Search<'s>,
    depth: u32,
}

impl<'a, 's> Tee<'a, 's> {
    pub(super) fn new(
        inner: &'a mut dyn Read,
        search: &'s Search<'s>,
        path: &'s str,
        depth: u32,
    ) -> Self {
        let scanner = Scanner::new(search.windows, Offsets::Own);
        let texts = Texts::new(search, path, depth);
        Self { inner, count: 0, broken: None, scanner, texts, search, depth }
    }

    /// Reads some bytes; none at the end, or where it breaks off.
    pub(super) fn read_some(&mut self, buffer: &mut [u8]) -> usize {
        if self.broken.is_some() {
            return 0;
        }
        let length = loop {
            match self.search.may_go_on().and_then(|()| self.inner.read(buffer)) {
                Ok(length) => break length,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.broken = Some(error);
                    return 0;
                }
            }
        };
        self.count += length as u64;
        self.search.count(length, self.depth);
        self.scanner.feed(&buffer[..length], 0);
        self.texts.feed(&buffer[..length]);
        length
    }

    /// What was found, how many bytes came, and why no more did.
    pub(super) fn into_seen(self) -> (Vec<Seen>, u64, Option<io::Error>) {
        let mut seen = self.texts.into_seen();
        seen.push(self.scanner.into_seen());
        (seen, self.count, self.broken)
    }
}
