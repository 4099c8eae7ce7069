//! Bytes that come once: with a look ahead, a count, and a way to pass over some that costs nothing
//! where the source is a file.

use std::io::{self, BufRead, Read};

/// A source of bytes that may know a shorter way past them than reading.
pub(crate) trait Source: Read {
    /// Passes over bytes. Fails where there are fewer.
    fn skip(&mut self, length: u64) -> io::Result<()>;
}

/// Bytes that can only be read.
pub(crate) struct Streamed<'a>(pub(crate) &'a mut dyn Read);

impl Read for Streamed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Source for Streamed<'_> {
    fn skip(&mut self, length: u64) -> io::Result<()> {
        let copied = io::copy(&mut (&mut self.0).take(length), &mut io::sink())?;
        if copied == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

/// Bytes held at once.
const WINDOW: usize = 64 << 10;

pub(crate) struct Window<'a> {
    source: &'a mut dyn Source,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Bytes handed on.
    at: u64,
}

impl<'a> Window<'a> {
    pub(crate) fn new(source: &'a mut dyn Source) -> Self {
        Self { source, buffer: vec![0; WINDOW], start: 0, end: 0, at: 0 }
    }

    /// Bytes handed on or passed over.
    pub(crate) const fn at(&self) -> u64 {
        self.at
    }

    /// The next bytes, up to `length` of them; fewer at the end alone.
    pub(crate) fn peek(&mut self, length: usize) -> io::Result<&[u8]> {
        while self.end - self.start < length && self.more()? {}
        let end = self.end.min(self.start + length);
        Ok(&self.buffer[self.start..end])
    }

    pub(crate) fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut array = [0; N];
        self.read_exact(&mut array)?;
        Ok(array)
    }

    /// Passes over bytes. Fails where there are fewer.
    pub(crate) fn skip(&mut self, length: u64) -> io::Result<()> {
        let held = (self.end - self.start) as u64;
        if length <= held {
            self.consume(length as usize);
            return Ok(());
        }
        self.consume(held as usize);
        self.source.skip(length - held)?;
        self.at += length - held;
        Ok(())
    }

    /// Reads one more piece behind those held; false at the end.
    fn more(&mut self) -> io::Result<bool> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        loop {
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(count) => {
                    self.end += count;
                    return Ok(count > 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Read for Window<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let held = self.fill_buf()?;
        let count = held.len().min(buffer.len());
        buffer[..count].copy_from_slice(&held[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Window<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            self.more()?;
        }
        Ok(&self.buffer[self.start..self.end])
    }

    fn consume(&mut self, count: usize) {
        self.start += count;
        self.at += count as u64;
    }
}
