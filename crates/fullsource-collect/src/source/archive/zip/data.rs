//! The content of a member, unpacked, and held against its size and CRC.

use std::io::{self, BufRead, Read};

use flate2::Crc;

use super::super::super::Trouble;
use super::super::unpacked::local;
use super::super::{ZSTD_WINDOW_LOG, unpacked};
use super::ZipFault;
use super::central::{Central, DEFLATED, STORED};
use super::inflate::Inflate;
use super::spool::Window;
use crate::tree::escaped;

/// The content of one member. At its end it fails where the content is not what the headers say; its
/// errors hold a [`Trouble`].
pub(super) struct Data<'a> {
    packed: Packed<'a>,
    name: String,
    left: u64,
    crc: Crc,
    expected: u32,
}

enum Packed<'a> {
    Stored(Window<'a>),
    Deflated(Inflate<'a>),
    Zstd(Box<zstd::Decoder<'static, Window<'a>>>),
}

impl<'a> Data<'a> {
    pub(super) fn new(input: Window<'a>, member: &Central) -> Result<Self, Trouble> {
        let packed = match member.method {
            STORED => Packed::Stored(input),
            DEFLATED => Packed::Deflated(Inflate::new(input)),
            _ => {
                let mut decoder = zstd::Decoder::with_buffer(input).map_err(local)?.single_frame();
                decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(local)?;
                Packed::Zstd(Box::new(decoder))
            }
        };
        let (name, crc) = (escaped(&member.name), Crc::new());
        Ok(Self { packed, name, left: member.size, crc, expected: member.crc })
    }

    fn damaged(&self, why: &'static str) -> io::Error {
        let fault = ZipFault::Damaged { name: self.name.clone(), why };
        io::Error::other(Trouble::from(fault))
    }

    fn check_end(&mut self) -> io::Result<()> {
        if self.left > 0 {
            return Err(self.damaged("it is shorter than its header says"));
        }
        if self.packed.has_more()? {
            return Err(self.damaged("something stands behind its packed content"));
        }
        if self.crc.sum() != self.expected {
            return Err(self.damaged("its CRC is another one than its header says"));
        }
        Ok(())
    }
}

impl Packed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Stored(input) => input.read(buffer),
            Self::Deflated(input) => input.read(buffer),
            Self::Zstd(input) => input.read(buffer),
        }
    }

    fn has_more(&mut self) -> io::Result<bool> {
        let rest = match self {
            Self::Stored(input) => input,
            Self::Deflated(input) => input.rest(),
            Self::Zstd(input) => input.get_mut(),
        };
        Ok(!rest.fill_buf()?.is_empty())
    }
}

impl Read for Data<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let length = match self.packed.read(buffer) {
            Ok(length) => length,
            Err(error) if unpacked::holds_trouble(&error) => return Err(error),
            Err(_) => return Err(self.damaged("its packed content breaks off or is none")),
        };
        match self.left.checked_sub(length as u64) {
            Some(left) => self.left = left,
            None => return Err(self.damaged("it is longer than its header says")),
        }
        if length == 0 {
            self.check_end()?;
        }
        self.crc.update(&buffer[..length]);
        Ok(length)
    }
}
