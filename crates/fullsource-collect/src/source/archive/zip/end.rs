//! The end of a zip: where its central directory lies.

use super::super::super::Trouble;
use super::spool::Spool;
use super::{Fields, ZipFault};

/// Where the central directory lies, and how many members it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Directory {
    pub(super) offset: u64,
    pub(super) size: u64,
    pub(super) entries: u64,
}

const SIGNATURE: &[u8] = b"PK\x05\x06";
/// Bytes of an end record without its comment.
const RECORD: usize = 22;
const LONGEST_COMMENT: usize = 0xffff;
const LOCATOR_SIGNATURE: &[u8] = b"PK\x06\x07";
const LOCATOR: usize = 20;
const ZIP64_SIGNATURE: &[u8] = b"PK\x06\x06";
/// Bytes of a zip64 end record without an extension, which none is read with.
const ZIP64_RECORD: usize = 56;

/// Finds the one end record.
pub(super) fn find(spool: &Spool) -> Result<Directory, Trouble> {
    let most = (RECORD + LONGEST_COMMENT) as u64;
    let start = spool.size().saturating_sub(most);
    let mut tail = vec![0; usize::try_from(spool.size() - start).unwrap_or_default()];
    spool.fill_at(start, &mut tail)?;
    let mut fitting = (0..tail.len()).filter(|at| ends_with_file(&tail[*at..]));
    let at = fitting.next().ok_or(ZipFault::NoEnd)?;
    let comment = &tail[at + RECORD..];
    // A reader that takes the last one would take what stands in the comment.
    if fitting.next().is_some() || comment.windows(SIGNATURE.len()).any(|four| four == SIGNATURE) {
        return Err(ZipFault::TwoEnds.into());
    }
    let record = Record::parse(&tail[at..]);
    let end = start + at as u64;
    let (directory, directory_end) = match zip64(spool, end)? {
        Some((large, at)) if record.agrees(&large) => (large, at),
        Some(_) => return Err(ZipFault::Zip64End.into()),
        None => (record.small()?, end),
    };
    if directory.offset.checked_add(directory.size) != Some(directory_end) {
        return Err(ZipFault::DirectoryEnd.into());
    }
    Ok(directory)
}

/// Whether an end record starts here whose comment ends with the file.
fn ends_with_file(tail: &[u8]) -> bool {
    let Some((record, comment)) = tail.split_at_checked(RECORD) else { return false };
    record.starts_with(SIGNATURE)
        && usize::from(u16::from_le_bytes([record[20], record[21]])) == comment.len()
}

/// What an end record says.
struct Record {
    disks: [u16; 2],
    entries: [u16; 2],
    size: u32,
    offset: u32,
}

impl Record {
    fn parse(record: &[u8]) -> Self {
        let mut fields = Fields(record.get(SIGNATURE.len()..).unwrap_or_default());
        Self {
            disks: [fields.u16(), fields.u16()],
            entries: [fields.u16(), fields.u16()],
            size: fields.u32(),
            offset: fields.u32(),
        }
    }

    /// What it says, where there is no zip64 end record.
    fn small(&self) -> Result<Directory, ZipFault> {
        let [here, all] = self.entries;
        if self.disks != [0, 0] || here != all {
            return Err(ZipFault::Parts);
        }
        let (offset, size, entries) = (self.offset.into(), self.size.into(), all.into());
        Ok(Directory { offset, size, entries })
    }

    /// Whether it says the same as a zip64 end record, in what it says.
    fn agrees(&self, large: &Directory) -> bool {
        let short = |small: u16, large: u64| small == u16::MAX || u64::from(small) == large;
        let long = |small: u32, large: u64| small == u32::MAX || u64::from(small) == large;
        self.disks.iter().all(|disk| short(*disk, 0))
            && self.entries.iter().all(|entries| short(*entries, large.entries))
            && long(self.size, large.size)
            && long(self.offset, large.offset)
    }
}

/// What the zip64 end record says, and where it starts, if a locator of one stands before the end
/// record.
fn zip64(spool: &Spool, end: u64) -> Result<Option<(Directory, u64)>, Trouble> {
    let mut locator = [0; LOCATOR];
    let Some(at) = end.checked_sub(LOCATOR as u64) else { return Ok(None) };
    spool.fill_at(at, &mut locator)?;
    if !locator.starts_with(LOCATOR_SIGNATURE) {
        return Ok(None);
    }
    let mut fields = Fields(&locator[LOCATOR_SIGNATURE.len()..]);
    let (disk, start, disks) = (fields.u32(), fields.u64(), fields.u32());
    if disk != 0 || disks != 1 {
        return Err(ZipFault::Parts.into());
    }
    if start.checked_add(ZIP64_RECORD as u64) != Some(at) {
        return Err(ZipFault::Zip64End.into());
    }
    let mut record = [0; ZIP64_RECORD];
    spool.fill_at(start, &mut record)?;
    Ok(Some((zip64_record(&record)?, start)))
}

fn zip64_record(record: &[u8; ZIP64_RECORD]) -> Result<Directory, ZipFault> {
    let mut fields = Fields(&record[ZIP64_SIGNATURE.len()..]);
    let length = fields.u64();
    let _versions: [u8; 4] = fields.take();
    let disks = [fields.u32(), fields.u32()];
    let [here, entries, size, offset] = [fields.u64(), fields.u64(), fields.u64(), fields.u64()];
    // The length counts from behind itself.
    if !record.starts_with(ZIP64_SIGNATURE) || length != ZIP64_RECORD as u64 - 12 {
        return Err(ZipFault::Zip64End);
    }
    if disks != [0, 0] || here != entries {
        return Err(ZipFault::Parts);
    }
    Ok(Directory { offset, size, entries })
}
