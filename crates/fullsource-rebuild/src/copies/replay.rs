//! A stream that is read ahead, and taken up again where something was tried in vain.

use std::io::{self, BufRead, Read};

use super::tee::Tee;

/// Bytes read at once, at first and later: most of what is packed in packs is small.
const BLOCKS: (usize, usize) = (4 << 10, 256 << 10);
/// Bytes behind a mark up to which it can be gone back to.
const KEPT: usize = 1 << 20;
/// Bytes that are kept though they were taken.
const BEHIND: usize = 64;

/// Reads a stream, each byte of which is looked through once, however often it is read.
pub(super) struct Replay<'a, 's> {
    tee: Tee<'a, 's>,
    buffer: Vec<u8>,
    at: usize,
    ended: bool,
    block: usize,
    mark: Option<usize>,
}

impl<'a, 's> Replay<'a, 's> {
    pub(super) fn new(tee: Tee<'a, 's>) -> Self {
        Self { tee, buffer: Vec::new(), at: 0, ended: false, block: BLOCKS.0, mark: None }
    }

    /// Reads until so many bytes are ahead, or to the end, and gives them with whether it is the end.
    pub(super) fn ahead(&mut self, most: usize) -> (&[u8], bool) {
        while self.buffer.len() - self.at < most && !self.ended {
            self.read_on();
        }
        (&self.buffer[self.at..], self.ended)
    }

    /// Marks the place for [`Self::go_back`].
    pub(super) fn mark(&mut self) {
        self.buffer.drain(..self.at);
        self.at = 0;
        self.mark = Some(0);
    }

    /// Forgets the mark.
    pub(super) fn forget_mark(&mut self) {
        self.mark = None;
    }

    /// Goes back to the mark; false where too much was taken since.
    pub(super) fn go_back(&mut self) -> bool {
        match self.mark.take() {
            Some(mark) => {
                self.at = mark;
                true
            }
            None => false,
        }
    }

    /// Why the stream broke off, if it did.
    pub(super) fn broken(&self) -> bool {
        self.tee.broken.is_some()
    }

    /// Skips bytes, which may be further than was read ahead.
    pub(super) fn skip(&mut self, mut length: usize) {
        while length > 0 {
            let (ahead, _) = self.ahead(1);
            let most = ahead.len().min(length);
            if most == 0 {
                break;
            }
            self.consume(most);
            length -= most;
        }
    }

    /// Skips all that is left.
    pub(super) fn skip_all(&mut self) {
        self.skip(usize::MAX);
    }

    /// Goes back a few bytes, as far as they are here.
    pub(super) fn step_back(&mut self, length: usize) {
        self.at = self.at.saturating_sub(length.min(BEHIND));
    }

    /// What looked through it.
    pub(super) fn into_tee(self) -> Tee<'a, 's> {
        self.tee
    }

    fn read_on(&mut self) {
        if self.mark.is_none() && self.at > BEHIND {
            self.buffer.drain(..self.at - BEHIND);
            self.at = BEHIND;
        }
        let before = self.buffer.len();
        self.buffer.resize(before + self.block, 0);
        let length = self.tee.read_some(&mut self.buffer[before..]);
        self.buffer.truncate(before + length);
        self.ended = length == 0;
        self.block = BLOCKS.1.min(4 * self.block);
    }
}

impl Read for Replay<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(buffer)?;
        self.consume(length);
        Ok(length)
    }
}

impl BufRead for Replay<'_, '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.buffer.len() && !self.ended {
            self.read_on();
        }
        Ok(&self.buffer[self.at..])
    }

    fn consume(&mut self, length: usize) {
        self.at += length;
        if self.mark.is_some_and(|mark| self.at - mark > KEPT) {
            self.mark = None;
        }
    }
}
