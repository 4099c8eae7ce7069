//! tar, read forward: ustar, pax, GNU long names, and the headers of before.

mod header;
mod pax;
mod pending;

use std::io::{self, Read};

use self::header::{BLOCK, Header};
use self::pax::{Pax, PaxFault};
use self::pending::Pending;
use super::super::Trouble;
use super::members::{MemberFile, Members};
use super::names::MemberPath;
use super::unpacked::{drain, fill};
use crate::tree::escaped;

pub(super) use self::header::is_tar;

/// Bytes of a pax header: names and extended attributes fit.
const PAX_BYTES: u64 = 1 << 20;
/// Bytes of a GNU long name, its NUL included.
const LONG_NAME_BYTES: u64 = fullsource_format::limits::PATH_BYTES as u64 + 1;

/// Why a stream is not read as tar.
#[derive(Debug, thiserror::Error)]
enum TarFault {
    #[error("the tar breaks off in the middle")]
    BreaksOff,
    #[error("the tar has no end mark of two blocks of zeros: it may have been cut")]
    NoEnd,
    #[error("something stands behind the end mark of the tar")]
    BehindEnd,
    #[error("{0} in the tar")]
    Header(#[from] header::HeaderFault),
    #[error("a pax header in the tar {0}")]
    Pax(#[from] PaxFault),
    #[error("a {what} of {bytes} bytes in the tar; at most {limit} are read")]
    ExtensionBytes { what: &'static str, bytes: u64, limit: u64 },
    #[error("a tar header is announced in two ways, or announces nothing")]
    Announced,
    #[error("a global pax header in the tar gives a name or a size to all members")]
    GlobalPax,
    #[error("a member of the tar has two sizes, {0} and {1}")]
    TwoSizes(u64, u64),
    #[error("the member `{0}` of the tar is {1}, which is not unpacked")]
    Unsupported(String, &'static str),
    #[error("the member `{0}` of the tar is of the unknown type `{1}`")]
    UnknownType(String, String),
    #[error("the member `{0}` of the tar has content, though it is no file")]
    Content(String),
    #[error("the file `{0}` of the tar has the name of a directory")]
    FileWithSlash(String),
    #[error("the symbolic link `{0}` of the tar has no target that can be")]
    Target(String),
}

impl From<TarFault> for Trouble {
    fn from(fault: TarFault) -> Self {
        Self::faulty(fault.to_string())
    }
}

/// Reads a tar to the end of the stream.
pub(super) fn read(input: &mut dyn Read, members: &mut Members<'_>) -> Result<(), Trouble> {
    let mut pending = Pending::default();
    while let Some(header) = next(input)? {
        match header.kind {
            b'x' => pending.take_pax(read_pax(input, &header)?)?,
            b'g' if !pending.is_empty() => return Err(TarFault::Announced.into()),
            b'g' if read_pax(input, &header)? != Pax::default() => {
                return Err(TarFault::GlobalPax.into());
            }
            b'g' => {}
            b'L' => pending.take_name(long_name(input, &header)?)?,
            b'K' => pending.take_link(long_name(input, &header)?)?,
            _ => take(input, &std::mem::take(&mut pending).apply(header)?, members)?,
        }
    }
    if !pending.is_empty() {
        return Err(TarFault::Announced.into());
    }
    only_zeros(input)
}

/// The next header, or none at the end mark.
fn next(input: &mut dyn Read) -> Result<Option<Header>, Trouble> {
    let Some(block) = block(input)? else { return Err(TarFault::NoEnd.into()) };
    if block != [0; BLOCK] {
        return Ok(Some(Header::parse(&block).map_err(TarFault::from)?));
    }
    match self::block(input)? {
        Some(block) if block == [0; BLOCK] => Ok(None),
        Some(_) => Err(TarFault::BehindEnd.into()),
        None => Err(TarFault::NoEnd.into()),
    }
}

/// The next block, or none where the stream ends before it.
fn block(input: &mut dyn Read) -> Result<Option<[u8; BLOCK]>, Trouble> {
    let mut block = [0; BLOCK];
    match fill(input, &mut block)? {
        0 => Ok(None),
        BLOCK => Ok(Some(block)),
        _ => Err(TarFault::BreaksOff.into()),
    }
}

/// Takes a member that is not an extension of the next header.
fn take(input: &mut dyn Read, header: &Header, members: &mut Members<'_>) -> Result<(), Trouble> {
    let shown = || escaped(&header.name);
    match header.kind {
        // Before there was a type for directories, the slash was all they had.
        0 if header.name.ends_with(b"/") => directory(header, members),
        b'0' | 0 => file(input, header, members),
        b'5' => directory(header, members),
        b'2' => symlink(header, members),
        kind => Err(match not_unpacked(kind) {
            Some(what) => TarFault::Unsupported(shown(), what),
            None => TarFault::UnknownType(shown(), escaped(&[kind])),
        }
        .into()),
    }
}

fn not_unpacked(kind: u8) -> Option<&'static str> {
    Some(match kind {
        b'1' => "a hard link",
        b'3' | b'4' => "a device",
        b'6' => "a FIFO",
        b'7' => "a contiguous file",
        b'S' => "a sparse file",
        b'D' | b'N' => "a list of an incremental backup",
        b'M' => "the rest of a file in another volume",
        b'V' => "the label of a volume",
        b'X' => "a header as Solaris had it",
        _ => return None,
    })
}

fn directory(header: &Header, members: &mut Members<'_>) -> Result<(), Trouble> {
    if header.size != 0 {
        return Err(TarFault::Content(escaped(&header.name)).into());
    }
    let name = header.name.strip_suffix(b"/").unwrap_or(&header.name);
    match name {
        // The directory that was packed.
        b"." => Ok(()),
        _ => members.directory(&path(name)?),
    }
}

fn symlink(header: &Header, members: &mut Members<'_>) -> Result<(), Trouble> {
    if header.size != 0 {
        return Err(TarFault::Content(escaped(&header.name)).into());
    }
    if header.link.is_empty() || header.link.contains(&0) {
        return Err(TarFault::Target(escaped(&header.name)).into());
    }
    members.symlink(&path(&header.name)?, &header.link)
}

fn file(input: &mut dyn Read, header: &Header, members: &mut Members<'_>) -> Result<(), Trouble> {
    if header.name.ends_with(b"/") {
        return Err(TarFault::FileWithSlash(escaped(&header.name)).into());
    }
    let path = path(&header.name)?;
    let file = MemberFile { path: &path, size: header.size, executable: header.mode & 0o100 != 0 };
    let mut content = Content { input, left: header.size };
    members.file(&file, &mut content)?;
    drain(&mut content)?;
    skip_padding(input, header.size)
}

/// The name, without the `./` that packing a directory from inside puts before all of them.
fn path(name: &[u8]) -> Result<MemberPath, Trouble> {
    Ok(MemberPath::new(name.strip_prefix(b"./").unwrap_or(name).to_vec())?)
}

fn read_pax(input: &mut dyn Read, header: &Header) -> Result<Pax, Trouble> {
    let records = extension(input, header, "pax header", PAX_BYTES)?;
    Ok(Pax::parse(&records).map_err(TarFault::from)?)
}

/// A GNU long name, without the NUL at its end.
fn long_name(input: &mut dyn Read, header: &Header) -> Result<Vec<u8>, Trouble> {
    let mut name = extension(input, header, "long name", LONG_NAME_BYTES)?;
    if name.last() == Some(&0) {
        name.pop();
    }
    Ok(name)
}

/// The content of a header that extends the next one.
fn extension(
    input: &mut dyn Read,
    header: &Header,
    what: &'static str,
    limit: u64,
) -> Result<Vec<u8>, Trouble> {
    let bytes = header.size;
    if bytes > limit {
        return Err(TarFault::ExtensionBytes { what, bytes, limit }.into());
    }
    let mut content = vec![0; usize::try_from(bytes).unwrap_or_default()];
    if fill(input, &mut content)? < content.len() {
        return Err(TarFault::BreaksOff.into());
    }
    skip_padding(input, bytes)?;
    Ok(content)
}

/// Skips what fills the last block of some content.
fn skip_padding(input: &mut dyn Read, size: u64) -> Result<(), Trouble> {
    let mut padding = [0; BLOCK];
    #[allow(clippy::cast_possible_truncation, reason = "less than a block")]
    let padding = &mut padding[..size.wrapping_neg() as usize % BLOCK];
    if fill(input, padding)? < padding.len() {
        return Err(TarFault::BreaksOff.into());
    }
    Ok(())
}

/// Reads to the end of the stream, where a last tape block is filled up.
fn only_zeros(input: &mut dyn Read) -> Result<(), Trouble> {
    let mut buffer = vec![0; 32 << 10];
    loop {
        match fill(input, &mut buffer)? {
            0 => return Ok(()),
            length if buffer[..length].iter().all(|byte| *byte == 0) => {}
            _ => return Err(TarFault::BehindEnd.into()),
        }
    }
}

/// The content of one member.
struct Content<'a> {
    input: &'a mut dyn Read,
    left: u64,
}

impl Read for Content<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        let length = self.input.read(&mut buffer[..most])?;
        if length == 0 {
            return Err(io::Error::other(Trouble::from(TarFault::BreaksOff)));
        }
        self.left -= length as u64;
        Ok(length)
    }
}
