//! The records of a zip archive. Format: APPNOTE.TXT 6.3.10 of PKWARE.

use std::io::{self, Read};

use super::window::Window;
use super::zip_walk::ZipError;

pub(super) const LOCAL: [u8; 4] = *b"PK\x03\x04";
pub(super) const CENTRAL: [u8; 4] = *b"PK\x01\x02";
pub(super) const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";
pub(super) const END: [u8; 4] = *b"PK\x05\x06";
pub(super) const END_64: [u8; 4] = *b"PK\x06\x06";
pub(super) const LOCATOR_64: [u8; 4] = *b"PK\x06\x07";
/// In place of a number that stands in the 64-bit field.
const ELSEWHERE: u64 = u32::MAX as u64;
/// Bytes of a member's name. Real ones have some 40.
const NAME_BYTES: u16 = 4096;

/// A member's own header, its signature read before.
#[derive(Debug)]
pub(super) struct Local {
    pub(super) name: Vec<u8>,
    pub(super) deflated: bool,
    /// Bytes as stored, where they are told before the bytes.
    pub(super) size: Option<u64>,
}

impl Local {
    pub(super) fn read(window: &mut Window<'_>) -> Result<Self, ZipError> {
        let [_, flags, method, ..] = shorts::<10, 5>(&window.array()?);
        let [_crc, size, full] = words::<12, 3>(&window.array()?);
        let [name, extra] = shorts::<4, 2>(&window.array()?);
        let (name, extra) = (text(window, name)?, bytes(window, extra)?);
        if flags & 1 != 0 {
            return Err(ZipError::Form("a member is encrypted"));
        }
        if method != 0 && method != 8 {
            return Err(ZipError::Form("a member is compressed by another method than deflate"));
        }
        let [_, size] = in_64(&extra, [full, size]);
        let streamed = flags & 8 != 0;
        Ok(Self { name, deflated: method == 8, size: (!streamed).then_some(size) })
    }
}

/// A member in the directory, its signature read before.
#[derive(Debug)]
pub(super) struct Central {
    pub(super) name: Vec<u8>,
    pub(super) size: u64,
    /// Of the member's own header.
    pub(super) offset: u64,
}

impl Central {
    pub(super) fn read(window: &mut Window<'_>) -> Result<Self, ZipError> {
        window.skip(12)?;
        let [_crc, size, full] = words::<12, 3>(&window.array()?);
        let [name, extra, comment] = shorts::<6, 3>(&window.array()?);
        window.skip(8)?;
        let [offset] = words::<4, 1>(&window.array()?);
        let (name, extra) = (text(window, name)?, bytes(window, extra)?);
        window.skip(comment.into())?;
        let [_, size, offset] = in_64(&extra, [full, size, offset]);
        Ok(Self { name, size, offset })
    }
}

/// The end of an archive, as one kind of its records has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    pub(super) members: u64,
    /// Of the directory.
    pub(super) offset: u64,
}

impl End {
    /// The old record, its signature read before. A comment must be empty: who looks for the end from
    /// behind could take something in it for another one.
    pub(super) fn read(window: &mut Window<'_>) -> Result<Self, ZipError> {
        let record = window.array::<18>()?;
        let [_, _, _, members, .., comment] = shorts::<18, 9>(&record);
        if comment != 0 || !window.peek(1)?.is_empty() {
            return Err(ZipError::Form("there is something behind the end of the archive"));
        }
        let offset = record[12..16].iter().rev().fold(0, |n, b| n << 8 | u64::from(*b));
        Ok(Self { members: members.into(), offset })
    }

    /// The 64-bit record, its signature read before.
    pub(super) fn read_64(window: &mut Window<'_>) -> Result<Self, ZipError> {
        let size = u64::from_le_bytes(window.array()?);
        window.skip(20)?;
        let (members, _size) = (window.array()?, window.array::<8>()?);
        let offset = u64::from_le_bytes(window.array()?);
        if size != 44 {
            return Err(ZipError::Form("the end of the archive has another size than it should"));
        }
        Ok(Self { members: u64::from_le_bytes(members), offset })
    }

    /// Whether the old record says the same, as far as it can.
    pub(super) const fn agrees(&self, old: Self) -> bool {
        (old.members == self.members || old.members == 0xffff)
            && (old.offset == self.offset || old.offset == ELSEWHERE)
    }
}

/// The numbers that an extra field has in place of those that are too large for 32 bits, in order.
fn in_64<const N: usize>(mut extra: &[u8], mut numbers: [u64; N]) -> [u64; N] {
    while let [a, b, c, d, rest @ ..] = extra {
        let (id, length) = (u16::from_le_bytes([*a, *b]), u16::from_le_bytes([*c, *d]));
        let field = &rest[..rest.len().min(length.into())];
        if id == 1 {
            let mut given = field.chunks_exact(8);
            for number in numbers.iter_mut().filter(|number| **number == ELSEWHERE) {
                if let Some(Ok(given)) = given.next().map(<[u8; 8]>::try_from) {
                    *number = u64::from_le_bytes(given);
                }
            }
            break;
        }
        extra = &rest[field.len()..];
    }
    numbers
}

fn shorts<const B: usize, const N: usize>(bytes: &[u8; B]) -> [u16; N] {
    std::array::from_fn(|i| u16::from_le_bytes([bytes[2 * i], bytes[2 * i + 1]]))
}

fn words<const B: usize, const N: usize>(bytes: &[u8; B]) -> [u64; N] {
    let word =
        |i: usize| bytes[4 * i..4 * i + 4].iter().rev().fold(0, |n, b| n << 8 | u64::from(*b));
    std::array::from_fn(word)
}

fn text(window: &mut Window<'_>, length: u16) -> Result<Vec<u8>, ZipError> {
    if length > NAME_BYTES {
        return Err(ZipError::Form("a member has a name of more than 4,096 bytes"));
    }
    Ok(bytes(window, length)?)
}

fn bytes(window: &mut Window<'_>, length: u16) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length.into()];
    window.read_exact(&mut bytes)?;
    Ok(bytes)
}
