//! One header of the central directory.

use std::io::Read;

use super::super::super::Trouble;
use super::super::unpacked::fill;
use super::extra::Extra;
use super::{Fields, ZipFault};
use crate::tree::escaped;

/// What the central directory says of a member.
#[derive(Debug)]
pub(super) struct Central {
    /// As it stands there: ASCII or UTF-8.
    pub(super) name: Vec<u8>,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) compressed: u64,
    pub(super) size: u64,
    /// Where its local header starts.
    pub(super) offset: u64,
    pub(super) content: Content,
}

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Directory,
    Symlink,
    File { executable: bool },
}

const SIGNATURE: [u8; 4] = *b"PK\x01\x02";
/// Bytes of a header without what has a length of its own, and without its signature.
const HEADER: usize = 42;

pub(super) const STORED: u16 = 0;
pub(super) const DEFLATED: u16 = 8;
pub(super) const ZSTD: u16 = 93;

/// Two bits for how hard deflate tried, sizes behind the content, and UTF-8.
const KNOWN_FLAGS: u16 = 0x0006 | DESCRIPTOR | UTF8;
/// Encrypted, strongly, and so that headers are masked.
const ENCRYPTED: u16 = 0x0001 | 0x0040 | 0x2000;
pub(super) const DESCRIPTOR: u16 = 0x0008;
const UTF8: u16 = 0x0800;

impl Central {
    /// Reads the next header, or none at the end of the directory.
    pub(super) fn read(input: &mut dyn Read) -> Result<Option<Self>, Trouble> {
        let mut signature = [0; 4];
        match fill(input, &mut signature)? {
            0 => return Ok(None),
            _ if signature == SIGNATURE => {}
            _ => return Err(ZipFault::DirectoryHeader.into()),
        }
        let mut header = [0; HEADER];
        if fill(input, &mut header)? < HEADER {
            return Err(ZipFault::DirectoryHeader.into());
        }
        let mut fields = Fields(&header);
        let [made_by, _needed, flags, method] = [(); 4].map(|()| fields.u16());
        let _time = fields.u32();
        let [crc, compressed, size] = [(); 3].map(|()| fields.u32());
        let [name, extra, comment, disk, _internal] = [(); 5].map(|()| fields.u16());
        let [attributes, offset] = [(); 2].map(|()| fields.u32());
        let name = bytes(input, name)?;
        let extra = bytes(input, extra)?;
        bytes(input, comment)?;
        if disk != 0 {
            return Err(ZipFault::Parts.into());
        }
        check_flags(&name, flags)?;
        check_name(&name, flags)?;
        let shown = || escaped(&name);
        if !matches!(method, STORED | DEFLATED | ZSTD) {
            return Err(ZipFault::Method(shown(), method).into());
        }
        let extra = Extra::parse(&extra).ok_or_else(|| ZipFault::Extra(shown()))?;
        if !extra.same_name(&name) {
            return Err(ZipFault::Mismatch { name: shown(), what: "names" }.into());
        }
        let [size, compressed, offset] =
            extra.widen([size, compressed, offset]).ok_or_else(|| ZipFault::Extra(shown()))?;
        let content = content(&name, made_by, attributes, size)?;
        Ok(Some(Self { name, flags, method, crc, compressed, size, offset, content }))
    }
}

fn bytes(input: &mut dyn Read, length: u16) -> Result<Vec<u8>, Trouble> {
    let mut bytes = vec![0; length.into()];
    if fill(input, &mut bytes)? < bytes.len() {
        return Err(ZipFault::DirectoryHeader.into());
    }
    Ok(bytes)
}

fn check_flags(name: &[u8], flags: u16) -> Result<(), ZipFault> {
    if flags & ENCRYPTED != 0 {
        Err(ZipFault::Encrypted(escaped(name)))
    } else if flags & !KNOWN_FLAGS != 0 {
        Err(ZipFault::Flags(escaped(name), flags))
    } else {
        Ok(())
    }
}

fn check_name(name: &[u8], flags: u16) -> Result<(), ZipFault> {
    if name.contains(&b'\\') {
        Err(ZipFault::Backslash(escaped(name)))
    } else if flags & UTF8 == 0 && !name.is_ascii() {
        Err(ZipFault::Charset(escaped(name)))
    } else if std::str::from_utf8(name).is_err() {
        Err(ZipFault::NotUtf8(escaped(name)))
    } else {
        Ok(())
    }
}

/// The bits of a Unix mode that tell what a file is, and those of them for the kinds that are read.
const KIND: u32 = 0o170_000;
const DIRECTORY: u32 = 0o040_000;
const REGULAR: u32 = 0o100_000;
const SYMLINK: u32 = 0o120_000;
const OWNER_MAY_EXECUTE: u32 = 0o100;
/// The attribute of directories on other systems.
const DOS_DIRECTORY: u32 = 0x10;

/// What a member is, where its name and its attributes agree on it.
fn content(name: &[u8], made_by: u16, attributes: u32, size: u64) -> Result<Content, ZipFault> {
    let slash = name.ends_with(b"/");
    let mode = attributes >> 16;
    // Unix, or macOS, which is one: elsewhere the upper half has no meaning.
    let unix = matches!(made_by >> 8, 3 | 19);
    match mode & KIND {
        SYMLINK if unix && !slash => Ok(Content::Symlink),
        DIRECTORY | 0 if slash && size == 0 => Ok(Content::Directory),
        DIRECTORY | 0 if slash => Err(ZipFault::DirectoryContent(escaped(name))),
        REGULAR | 0 if !slash && attributes & DOS_DIRECTORY == 0 => {
            Ok(Content::File { executable: unix && mode & OWNER_MAY_EXECUTE != 0 })
        }
        SYMLINK | DIRECTORY | REGULAR | 0 => Err(ZipFault::TwoKinds(escaped(name))),
        _ => Err(ZipFault::Special(escaped(name))),
    }
}
