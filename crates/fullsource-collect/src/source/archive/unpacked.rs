//! The bytes that come out of a decompressor, counted, and whose fault it is when they do not.

use std::cell::Cell;
use std::io::{self, ErrorKind, Read};

use super::super::Trouble;
use super::ArchiveLimits;

/// Counts what is read through it and stops at the limits. Its errors hold a [`Trouble`].
pub(super) struct Metered<'a, R> {
    inner: R,
    unpacked: u64,
    served: &'a Cell<u64>,
    limits: &'a ArchiveLimits,
}

impl<'a, R> Metered<'a, R> {
    pub(super) fn new(inner: R, served: &'a Cell<u64>, limits: &'a ArchiveLimits) -> Self {
        Self { inner, unpacked: 0, served, limits }
    }
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer).map_err(|error| io::Error::other(trouble(error)))?;
        self.unpacked = self.unpacked.saturating_add(length as u64);
        let checked = self.limits.check(self.unpacked, self.served.get());
        checked.map_err(|over| io::Error::other(Trouble::from(over)))?;
        Ok(length)
    }
}

/// What an error of the bytes as they are served says: what the source put into it, or else that the
/// source does not answer.
pub(super) fn of_source(error: io::Error) -> Trouble {
    held(&error).unwrap_or_else(|| Trouble::unreachable(format!("the bytes break off: {error}")))
}

/// What an error of unpacked bytes says: what it holds, or else that the archive is damaged, as
/// decompressors say it.
pub(super) fn trouble(error: io::Error) -> Trouble {
    held(&error).unwrap_or_else(|| Trouble::faulty(format!("the archive is damaged: {error}")))
}

/// What an error of this machine says: there was no look to the end.
pub(super) fn local(error: io::Error) -> Trouble {
    Trouble::skipped(format!("the archive could not be unpacked here: {error}"))
}

/// Whether an error says already whose fault it is.
pub(super) fn holds_trouble(error: &io::Error) -> bool {
    held(error).is_some()
}

fn held(error: &io::Error) -> Option<Trouble> {
    error.get_ref().and_then(|inner| inner.downcast_ref::<Trouble>()).cloned()
}

/// Fills a buffer as far as there are bytes, and says how far that is.
pub(super) fn fill(input: &mut dyn Read, buffer: &mut [u8]) -> Result<usize, Trouble> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(length) => filled += length,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(trouble(error)),
        }
    }
    Ok(filled)
}

/// Reads to the end and drops what is read.
pub(super) fn drain(input: &mut dyn Read) -> Result<(), Trouble> {
    let mut buffer = [0; 32 << 10];
    while fill(input, &mut buffer)? > 0 {}
    Ok(())
}
