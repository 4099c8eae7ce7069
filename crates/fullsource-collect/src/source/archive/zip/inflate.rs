//! Raw deflate that says where its stream ends.

use std::io::{self, BufRead, ErrorKind, Read};

use flate2::{Decompress, FlushDecompress, Status};

use super::spool::Window;

/// Unpacks a deflate stream, which must end before its input does.
pub(super) struct Inflate<'a> {
    input: Window<'a>,
    state: Decompress,
    ended: bool,
}

impl<'a> Inflate<'a> {
    pub(super) fn new(input: Window<'a>) -> Self {
        Self { input, state: Decompress::new(false), ended: false }
    }

    /// What follows the stream.
    pub(super) fn rest(&mut self) -> &mut Window<'a> {
        &mut self.input
    }
}

impl Read for Inflate<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.ended && !buffer.is_empty() {
            let input = self.input.fill_buf()?;
            let at_end = input.is_empty();
            let (before_in, before_out) = (self.state.total_in(), self.state.total_out());
            let status = self.state.decompress(input, buffer, FlushDecompress::None);
            let consumed = self.state.total_in() - before_in;
            let produced = self.state.total_out() - before_out;
            self.input.consume(usize::try_from(consumed).unwrap_or(usize::MAX));
            match status.map_err(|_| ErrorKind::InvalidData)? {
                Status::StreamEnd => self.ended = true,
                _ if produced == 0 && at_end => return Err(ErrorKind::UnexpectedEof.into()),
                _ => {}
            }
            if produced > 0 {
                return Ok(usize::try_from(produced).unwrap_or(usize::MAX));
            }
        }
        Ok(0)
    }
}
