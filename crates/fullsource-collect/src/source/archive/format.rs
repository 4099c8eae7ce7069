//! Which format the first bytes are of.

use std::fmt;

use super::super::Trouble;
use super::tar::is_tar;

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// tar.
    Tar,
    /// gzip, of a tar or of anything else.
    Gzip,
    /// Zstandard, of a tar or of anything else.
    Zstd,
    /// zip.
    Zip,
}

/// What is no archive that is read here looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looks {
    /// Nothing at all.
    Empty,
    /// This well-known format.
    Known(&'static str),
    /// Something packed by this program that is no tar.
    Packed(&'static str),
    Unknown,
}

/// The bytes are of another format.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("no archive that is read here (tar, tar.gz, tar.zst, zip): {0}")]
pub(super) struct NoArchive(pub(super) Looks);

impl From<NoArchive> for Trouble {
    fn from(error: NoArchive) -> Self {
        Self::faulty(error.to_string())
    }
}

impl fmt::Display for Looks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there are no bytes"),
            Self::Known(name) => write!(f, "it looks like {name}"),
            Self::Packed(packer) => write!(f, "what {packer} packed here is no tar"),
            Self::Unknown => f.write_str("its first bytes are those of no format known here"),
        }
    }
}

/// First bytes of what people serve in place of an archive that is read.
const OTHERS: [(&[u8], &str); 22] = [
    (b"\xfd7zXZ\0", "xz"),
    (b"BZh", "bzip2"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"LZIP", "lzip"),
    (b"]\0\0", "lzma"),
    (b"\x1f\x9d", "compress (.Z)"),
    (b"\x1f\xa0", "compress (.Z)"),
    (b"\x89LZO", "lzop"),
    (b"PK\x07\x08", "one part of a zip in several parts"),
    (b"PK00", "one part of a zip in several parts"),
    (b"MZ", "a program (a self-extracting archive is not read)"),
    (b"\x7fELF", "a program (a self-extracting archive is not read)"),
    (b"#!", "a script (a self-extracting archive is not read)"),
    (b"070701", "cpio"),
    (b"070702", "cpio"),
    (b"!<arch>\n", "ar"),
    (b"MSCF", "cab"),
    (b"xar!", "xar"),
    (b"version https://git-lfs", "a Git LFS pointer"),
    (b"%PDF", "PDF"),
];

impl Format {
    /// The format that a file with this start is of, if it is one that is read: 512 bytes, or the whole file.
    pub fn known(start: &[u8]) -> Option<Self> {
        Self::of(start).ok()
    }

    /// The format that a file with this start, of 512 bytes or the whole file, is of.
    pub(super) fn of(start: &[u8]) -> Result<Self, Looks> {
        match start {
            [] => Err(Looks::Empty),
            [0x1f, 0x8b, ..] => Ok(Self::Gzip),
            // A frame, or a frame to skip.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Ok(Self::Zstd),
            // A member, or the end of a zip without any.
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Ok(Self::Zip),
            _ if is_tar(start) => Ok(Self::Tar),
            _ => Err(looks(start)),
        }
    }
}

fn looks(start: &[u8]) -> Looks {
    if let Some((_, name)) = OTHERS.iter().find(|(magic, _)| start.starts_with(magic)) {
        return Looks::Known(name);
    }
    match start.trim_ascii_start().first() {
        Some(b'<') => Looks::Known("a web page or XML"),
        Some(b'{' | b'[') => Looks::Known("JSON"),
        _ => Looks::Unknown,
    }
}
