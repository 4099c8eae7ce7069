//! zip, read by its central directory, which must say the same as the headers beside the members, and
//! account for every byte of the file.

mod central;
mod data;
mod end;
mod extra;
mod inflate;
mod local;
mod spool;

use std::cell::Cell;
use std::io::Read;
use std::path::Path;

use self::central::{Central, Content};
use self::data::Data;
use self::spool::Spool;
use super::super::Trouble;
use super::ArchiveLimits;
use super::members::{MemberFile, Members};
use super::names::MemberPath;
use super::unpacked::{drain, fill};
use crate::tree::escaped;

/// Why a file is not read as zip.
#[derive(Debug, thiserror::Error)]
enum ZipFault {
    #[error("the zip breaks off: it has no end record that ends with the file")]
    NoEnd,
    #[error("the zip has two end records, and readers differ in which one they take")]
    TwoEnds,
    #[error("the zip is one of several parts")]
    Parts,
    #[error("the zip64 end record of the zip is not what the end record says")]
    Zip64End,
    #[error("the central directory of the zip does not end where the end record starts")]
    DirectoryEnd,
    #[error("the central directory of the zip holds something that is no header")]
    DirectoryHeader,
    #[error("the central directory of the zip has {found} members, the end record {announced}")]
    Count { announced: u64, found: u64 },
    #[error("the zip has bytes at {0} that belong to no member, or to two")]
    Gap(u64),
    #[error("the zip has no header of a member at {0}")]
    LocalHeader(u64),
    #[error("the extra fields of `{0}` in the zip are damaged, or those of zip64 not needed ones")]
    Extra(String),
    #[error(
        "the member `{name}` of the zip has two different {what}: the directory says one, the \
             header before its content another"
    )]
    Mismatch { name: String, what: &'static str },
    #[error("the member `{0}` of the zip is encrypted")]
    Encrypted(String),
    #[error("the member `{0}` of the zip has flags ({1:#06x}) that are not known")]
    Flags(String, u16),
    #[error("the member `{0}` of the zip is packed by method {1}, which is not unpacked")]
    Method(String, u16),
    #[error("the member `{0}` of the zip has a name that is not ASCII and not marked as UTF-8")]
    Charset(String),
    #[error("the member `{0}` of the zip has a name marked as UTF-8 that is none")]
    NotUtf8(String),
    #[error("the member `{0}` of the zip has a backslash in its name, a separator to some readers")]
    Backslash(String),
    #[error("the member `{0}` of the zip is neither file, nor directory, nor symbolic link")]
    Special(String),
    #[error("the member `{0}` of the zip is not the same kind of thing to all readers")]
    TwoKinds(String),
    #[error("the directory `{0}` of the zip has content")]
    DirectoryContent(String),
    #[error("the symbolic link `{0}` of the zip has no target that can be")]
    Target(String),
    #[error("the member `{name}` of the zip is damaged: {why}")]
    Damaged { name: String, why: &'static str },
}

impl From<ZipFault> for Trouble {
    fn from(fault: ZipFault) -> Self {
        Self::faulty(fault.to_string())
    }
}

/// Keeps a zip and reads it. Of members that are not selected, only the headers are.
pub(super) fn read(
    mut input: impl Read,
    temporary: &Path,
    served: &Cell<u64>,
    limits: &ArchiveLimits,
    members: &mut Members<'_>,
) -> Result<(), Trouble> {
    let spool = Spool::of(&mut input, temporary, limits.spooled_bytes)?;
    let directory = end::find(&spool)?;
    let mut headers = spool.window(directory.offset, directory.offset + directory.size);
    let mut zip = Zip { spool: &spool, unpacked: 0, served: served.get(), limits, members };
    let mut found = 0;
    let mut next = Central::read(&mut headers)?;
    if next.as_ref().map_or(directory.offset, |first| first.offset) != 0 {
        return Err(ZipFault::Gap(0).into());
    }
    while let Some(member) = next {
        found += 1;
        next = Central::read(&mut headers)?;
        // Members lie in the order of the directory, each up to the next: none overlap.
        let end = next.as_ref().map_or(directory.offset, |next| next.offset);
        zip.take(member, end)?;
    }
    if found != directory.entries {
        return Err(ZipFault::Count { announced: directory.entries, found }.into());
    }
    Ok(())
}

struct Zip<'a, 'm> {
    spool: &'a Spool,
    /// Bytes that the members so far have, as their headers say.
    unpacked: u64,
    served: u64,
    limits: &'a ArchiveLimits,
    members: &'a mut Members<'m>,
}

impl Zip<'_, '_> {
    /// Takes a member that lies before `end`.
    fn take(&mut self, member: Central, end: u64) -> Result<(), Trouble> {
        let start = local::check(self.spool, &member, end)?;
        self.unpacked = self.unpacked.saturating_add(member.size);
        self.limits.check(self.unpacked, self.served)?;
        let packed = self.spool.window(start, start + member.compressed);
        let mut data = Data::new(packed, &member)?;
        match member.content {
            Content::Directory => {
                let name = member.name.strip_suffix(b"/").unwrap_or_default().to_vec();
                drain(&mut data)?;
                self.members.directory(&MemberPath::new(name)?)
            }
            Content::Symlink => {
                let target = target(&member, &mut data)?;
                self.members.symlink(&MemberPath::new(member.name)?, &target)
            }
            Content::File { executable } => {
                let path = MemberPath::new(member.name)?;
                let file = MemberFile { path: &path, size: member.size, executable };
                self.members.file(&file, &mut data)
            }
        }
    }
}

/// The content of a symbolic link.
fn target(member: &Central, data: &mut dyn Read) -> Result<Vec<u8>, Trouble> {
    let mut target = vec![0; fullsource_format::limits::PATH_BYTES];
    let length = fill(data, &mut target)?;
    target.truncate(length);
    // Behind its last byte the rest is checked.
    let more = fill(data, &mut [0])? > 0;
    if more || target.is_empty() || target.contains(&0) {
        return Err(ZipFault::Target(escaped(&member.name)).into());
    }
    Ok(target)
}

/// Reads the integers of a header one after the other.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let Some((bytes, rest)) = self.0.split_first_chunk::<N>() else { return [0; N] };
        self.0 = rest;
        *bytes
    }
    fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.take())
    }
    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }
    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.take())
    }
}
