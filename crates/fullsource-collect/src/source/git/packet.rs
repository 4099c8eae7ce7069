//! Packets: the lines in which git talks (gitprotocol-common), and the pack within them.

use std::io::{self, Read};

use crate::source::Trouble;

/// One packet. Bytes are those of the reader's buffer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Packet<'a> {
    /// A line or a block.
    Data(&'a [u8]),
    /// `0000`: the end of a message.
    Flush,
    /// `0001`: the end of a section, or `0002`: the end of an answer.
    Delimiter,
}

/// Reads packets.
pub(super) struct Packets<R> {
    inner: R,
    buffer: Vec<u8>,
}

impl<R: Read> Packets<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, buffer: Vec::new() }
    }

    /// The next packet. Fails with [`Trouble::unreachable`] where the answer ends instead, and with
    /// [`Trouble::faulty`] where it is no packet.
    pub(super) fn next(&mut self) -> Result<Packet<'_>, Trouble> {
        let mut length = [0; 4];
        self.fill(&mut length)?;
        let digits = std::str::from_utf8(&length).ok().filter(|text| !text.starts_with('+'));
        let length = digits.and_then(|digits| usize::from_str_radix(digits, 16).ok());
        match length.ok_or_else(|| Trouble::faulty("the answer is not in git's packets"))? {
            0 => Ok(Packet::Flush),
            1 | 2 => Ok(Packet::Delimiter),
            3 => Err(Trouble::faulty("a packet of three bytes")),
            length => {
                let mut buffer = std::mem::take(&mut self.buffer);
                buffer.resize(length - 4, 0);
                let filled = self.fill(&mut buffer);
                self.buffer = buffer;
                filled.map(|()| Packet::Data(&self.buffer))
            }
        }
    }

    /// The next packet as a line without its end, or `None` at a flush or a delimiter.
    pub(super) fn line(&mut self) -> Result<Option<&[u8]>, Trouble> {
        match self.next()? {
            Packet::Data(line) => Ok(Some(line.strip_suffix(b"\n").unwrap_or(line))),
            Packet::Flush | Packet::Delimiter => Ok(None),
        }
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), Trouble> {
        self.inner.read_exact(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => Trouble::unreachable("the answer broke off"),
            _ => Trouble::of(&error),
        })
    }
}

/// Writes packets.
#[derive(Default)]
pub(super) struct Message(Vec<u8>);

impl Message {
    /// The same with one more line.
    #[must_use]
    pub(super) fn line(mut self, line: impl AsRef<str>) -> Self {
        let line = line.as_ref();
        self.0.extend_from_slice(format!("{:04x}{line}\n", line.len() + 5).as_bytes());
        self
    }

    #[must_use]
    pub(super) fn lines<T: AsRef<str>>(self, lines: impl IntoIterator<Item = T>) -> Self {
        lines.into_iter().fold(self, Self::line)
    }

    #[must_use]
    pub(super) fn delimiter(mut self) -> Self {
        self.0.extend_from_slice(b"0001");
        self
    }

    #[must_use]
    pub(super) fn flush(mut self) -> Self {
        self.0.extend_from_slice(b"0000");
        self
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// The pack within an answer that has a side band: what the server tells of its progress is passed
/// over, and what it gives as an error is one.
pub(super) struct SideBand<R> {
    packets: Packets<R>,
    block: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<R: Read> SideBand<R> {
    pub(super) fn new(packets: Packets<R>) -> Self {
        Self { packets, block: Vec::new(), at: 0, ended: false }
    }

    fn next_block(&mut self) -> Result<(), Trouble> {
        while !self.ended && self.at == self.block.len() {
            match self.packets.next()? {
                Packet::Data([1, pack @ ..]) => {
                    self.block.clear();
                    self.block.extend_from_slice(pack);
                    self.at = 0;
                }
                Packet::Data([2, ..]) => {}
                Packet::Data([3, words @ ..]) => {
                    let words = String::from_utf8_lossy(words);
                    return Err(Trouble::unreachable(format!("the server gave up: {words}")));
                }
                Packet::Data(_) => return Err(Trouble::faulty("a packet of no band")),
                Packet::Flush | Packet::Delimiter => self.ended = true,
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for SideBand<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.next_block().map_err(io::Error::other)?;
        let left = &self.block[self.at..];
        let length = left.len().min(buffer.len());
        buffer[..length].copy_from_slice(&left[..length]);
        self.at += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::TroubleKind;

    #[test]
    fn packets_read_back_as_they_were_written() {
        let bytes = Message::default().line("want x").delimiter().line("").flush().into_bytes();
        assert_eq!(bytes, b"000bwant x\n00010005\n0000");
        let mut packets = Packets::new(bytes.as_slice());
        assert_eq!(packets.next().unwrap(), Packet::Data(b"want x\n"));
        assert_eq!(packets.next().unwrap(), Packet::Delimiter);
        assert_eq!(packets.line().unwrap(), Some(&b""[..]));
        assert_eq!(packets.next().unwrap(), Packet::Flush);
        assert_eq!(packets.next().unwrap_err().kind, TroubleKind::Unreachable);
    }

    #[test]
    fn what_is_no_packet_is_refused() {
        for bytes in [&b"<!DOCTYPE html>"[..], b"0003", b"+00f", b"zzzz"] {
            let trouble = Packets::new(bytes).next().unwrap_err();
            assert_eq!(trouble.kind, TroubleKind::Faulty, "{bytes:?}");
        }
        for bytes in [&b"00"[..], b"0009ab"] {
            let trouble = Packets::new(bytes).next().unwrap_err();
            assert_eq!(trouble.kind, TroubleKind::Unreachable, "{bytes:?}");
        }
    }

    #[test]
    fn the_pack_is_what_band_one_holds() {
        let mut pack = Vec::new();
        let bytes = b"0007\x01ab0008\x02...0006\x01c0000".as_slice();
        SideBand::new(Packets::new(bytes)).read_to_end(&mut pack).unwrap();
        assert_eq!(pack, b"abc");
        for bytes in [&b"0007\x01ab"[..], b"0009\x03died0000", b"0006\x04x", b"0004"] {
            let read = SideBand::new(Packets::new(bytes)).read_to_end(&mut Vec::new());
            assert!(read.is_err(), "{bytes:?}");
        }
    }
}
