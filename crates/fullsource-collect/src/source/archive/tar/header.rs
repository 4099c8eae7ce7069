//! One header block of a tar.

use std::ops::Range;

/// Bytes of a block.
pub(in super::super) const BLOCK: usize = 512;

/// What a header says that matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    /// As it stands there, `prefix` included.
    pub(super) name: Vec<u8>,
    pub(super) mode: u64,
    pub(super) size: u64,
    /// The type flag.
    pub(super) kind: u8,
    pub(super) link: Vec<u8>,
}

/// Why a block is no header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in super::super) enum HeaderFault {
    #[error("a header whose checksum does not fit")]
    Checksum,
    #[error("a header that is neither ustar, nor GNU's, nor the one of before")]
    Dialect,
    #[error("a header whose {0} is no number")]
    Number(&'static str),
    #[error("a header whose {0} goes on behind a NUL byte")]
    BehindNul(&'static str),
}

/// Which standard a header follows.
#[derive(PartialEq, Eq)]
enum Dialect {
    Ustar,
    Gnu,
    /// Before there was a standard: nothing behind the link's name but numbers of a device.
    V7,
}

const NAME: Range<usize> = 0..100;
const MODE: Range<usize> = 100..108;
const SIZE: Range<usize> = 124..136;
const CHECKSUM: Range<usize> = 148..156;
const KIND: usize = 156;
const LINK: Range<usize> = 157..257;
const MAGIC: Range<usize> = 257..265;
/// Numbers of a device, which some write into headers of before too.
const DEVICE: Range<usize> = 329..345;
const PREFIX: Range<usize> = 345..500;
/// What stands behind the prefix of ustar: nothing.
const REST: Range<usize> = 500..512;

impl Header {
    /// Reads a block that is not of zeros.
    pub(super) fn parse(block: &[u8; BLOCK]) -> Result<Self, HeaderFault> {
        if octal(&block[CHECKSUM], "checksum")? != checksum(block) {
            return Err(HeaderFault::Checksum);
        }
        let dialect = dialect(block).ok_or(HeaderFault::Dialect)?;
        let mut name = text(&block[NAME], "name")?.to_vec();
        if dialect == Dialect::Ustar {
            let prefix = text(&block[PREFIX], "name")?;
            if !prefix.is_empty() {
                name = [prefix, b"/", &name].concat();
            }
        }
        Ok(Self {
            name,
            mode: octal(&block[MODE], "mode")?,
            size: number(&block[SIZE], "size")?,
            kind: block[KIND],
            link: text(&block[LINK], "link")?.to_vec(),
        })
    }
}

/// Whether a file starts as a tar does: with a header, or with the end mark of an empty one.
pub(in super::super) fn is_tar(start: &[u8]) -> bool {
    let Ok(block) = <&[u8; BLOCK]>::try_from(start) else { return false };
    let fits = octal(&block[CHECKSUM], "checksum").is_ok_and(|sum| sum == checksum(block));
    (fits && block[0] != 0) || *block == [0; BLOCK]
}

fn dialect(block: &[u8; BLOCK]) -> Option<Dialect> {
    let zeros = |range: Range<usize>| block[range].iter().all(|byte| *byte == 0);
    match &block[MAGIC] {
        b"ustar\x0000" if zeros(REST) => Some(Dialect::Ustar),
        b"ustar  \0" => Some(Dialect::Gnu),
        _ if zeros(LINK.end..DEVICE.start) && zeros(DEVICE.end..BLOCK) => Some(Dialect::V7),
        _ => None,
    }
}

/// The sum of all bytes, those of the checksum itself counted as spaces.
fn checksum(block: &[u8; BLOCK]) -> u64 {
    let sum = |bytes: &[u8]| bytes.iter().map(|byte| u64::from(*byte)).sum::<u64>();
    sum(block) - sum(&block[CHECKSUM]) + 8 * u64::from(b' ')
}

/// A text up to its NUL, behind which there must be no more.
fn text<'a>(field: &'a [u8], what: &'static str) -> Result<&'a [u8], HeaderFault> {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    let (text, rest) = field.split_at(end);
    if rest.iter().all(|byte| *byte == 0) { Ok(text) } else { Err(HeaderFault::BehindNul(what)) }
}

/// An octal number, or what GNU has for numbers that do not fit: the bytes of the number itself behind
/// one of `0x80`.
fn number(field: &[u8], what: &'static str) -> Result<u64, HeaderFault> {
    let [0x80, digits @ ..] = field else { return octal(field, what) };
    let (high, low) = digits.split_last_chunk::<8>().ok_or(HeaderFault::Number(what))?;
    if high.iter().any(|byte| *byte != 0) {
        return Err(HeaderFault::Number(what));
    }
    Ok(u64::from_be_bytes(*low))
}

/// Octal digits behind spaces, up to a space or NUL; nothing at all is zero.
fn octal(field: &[u8], what: &'static str) -> Result<u64, HeaderFault> {
    let start = field.iter().position(|byte| *byte != b' ').unwrap_or(field.len());
    let field = &field[start..];
    let end = field.iter().position(|byte| matches!(byte, b' ' | 0)).unwrap_or(field.len());
    let (digits, rest) = field.split_at(end);
    let clean = rest.iter().all(|byte| matches!(byte, b' ' | 0));
    if !clean || !digits.iter().all(|byte| matches!(byte, b'0'..=b'7')) {
        return Err(HeaderFault::Number(what));
    }
    // At most twelve digits: 36 bits.
    Ok(digits.iter().fold(0, |number, digit| number << 3 | u64::from(digit - b'0')))
}
