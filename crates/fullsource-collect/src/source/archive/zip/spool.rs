//! A zip as it was served, in a file without a name.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::super::super::Trouble;
use super::super::BLOCK;
use super::super::limit::Over;
use super::super::unpacked::{fill, local};

/// The bytes of a zip.
pub(super) struct Spool {
    file: File,
    size: u64,
}

/// Some bytes of a zip, read forward.
pub(super) type Window<'a> = BufReader<Part<'a>>;

pub(super) struct Part<'a> {
    file: &'a File,
    at: u64,
    end: u64,
}

impl Spool {
    /// Keeps all that comes, up to a limit.
    pub(super) fn of(input: &mut dyn Read, temporary: &Path, limit: u64) -> Result<Self, Trouble> {
        let mut file = tempfile::tempfile_in(temporary).map_err(local)?;
        let mut size = 0;
        let mut buffer = vec![0; BLOCK];
        loop {
            let length = fill(input, &mut buffer)?;
            if length == 0 {
                return Ok(Self { file, size });
            }
            size += length as u64;
            if size > limit {
                return Err(Over::Spooled(limit).into());
            }
            file.write_all(&buffer[..length]).map_err(local)?;
        }
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The bytes from an offset to another, as far as there are any.
    pub(super) fn window(&self, start: u64, end: u64) -> Window<'_> {
        let part = Part { file: &self.file, at: start, end: end.min(self.size) };
        let bytes = usize::try_from(end.saturating_sub(start)).unwrap_or(BLOCK).clamp(64, BLOCK);
        BufReader::with_capacity(bytes, part)
    }

    /// The bytes from an offset that fill a buffer, as far as there are any.
    pub(super) fn fill_at(&self, at: u64, buffer: &mut [u8]) -> Result<usize, Trouble> {
        fill(&mut Part { file: &self.file, at, end: self.size }, buffer)
    }
}

impl Read for Part<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let most = left.min(buffer.len());
        let read = self.file.read_at(&mut buffer[..most], self.at);
        let length = read.map_err(|error| io::Error::other(local(error)))?;
        self.at += length as u64;
        Ok(length)
    }
}
