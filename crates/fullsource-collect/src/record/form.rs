//! A record as bytes: a heading, files in the order of their paths, and a digest of all that.
//!
//! The digest tells damage, not who wrote it: that the file is this user's own, in a directory that is this
//! user's own, is for the cache to see to. Numbers are little-endian.

use fullsource_format::digest::{Blake3, Sha256};
use fullsource_format::index::{FileRecord, FileTable};
use jiff::Timestamp;

use super::{FILES, Marks, Seen};

/// The first bytes: the form, and its version.
const FORM: &[u8; 20] = b"fullsource record 1\n";
/// Bytes of a digest.
const DIGEST: usize = 32;
/// Bytes of form and key.
const HEADING: usize = FORM.len() + DIGEST;

/// Why bytes are no record of a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Another form, or another version of it.
    #[error("it has another form than this version writes")]
    Form,
    /// Its bytes are not those that were written.
    #[error("it is damaged")]
    Damaged,
    /// It is about another directory.
    #[error("it is about another directory")]
    Elsewhere,
    /// It holds what no record holds.
    #[error("it holds what no record holds")]
    Content,
}

/// The key of what is filed as a record, by the first bytes of it.
pub(crate) fn heading(bytes: &[u8]) -> Option<Sha256> {
    let key = bytes.strip_prefix(FORM)?.first_chunk()?;
    Some(Sha256::new(*key))
}

/// The record as bytes.
pub(super) fn written(key: &Sha256, files: &FileTable, seen: &[Seen]) -> Vec<u8> {
    let mut out = [&FORM[..], key.as_bytes()].concat();
    for (file, seen) in files.iter().zip(seen) {
        let Seen { marks, read } = seen;
        let (sha256, blake3) = (file.sha256, file.blake3);
        #[allow(clippy::cast_possible_truncation, reason = "a path has at most 4095 bytes")]
        out.extend((file.path.len() as u16).to_le_bytes());
        out.extend(file.path.as_bytes());
        for number in [marks.device, marks.inode, marks.size] {
            out.extend(number.to_le_bytes());
        }
        for (seconds, nanoseconds) in [marks.modified, marks.changed] {
            out.extend(seconds.to_le_bytes());
            out.extend(nanoseconds.to_le_bytes());
        }
        out.extend(read.to_le_bytes());
        out.push(u8::from(sha256.is_some()) | u8::from(blake3.is_some()) << 1);
        sha256.iter().for_each(|digest| out.extend(digest.as_bytes()));
        blake3.iter().for_each(|digest| out.extend(digest.as_bytes()));
    }
    let digest = blake3::hash(&out);
    out.extend(digest.as_bytes());
    out
}

/// The files of a record of this directory.
pub(super) fn read(bytes: &[u8], key: &Sha256) -> Result<(FileTable, Vec<Seen>), Fault> {
    if !bytes.starts_with(FORM) {
        return Err(Fault::Form);
    }
    let (content, digest) = bytes.split_last_chunk::<DIGEST>().ok_or(Fault::Damaged)?;
    if blake3::hash(content) != *digest {
        return Err(Fault::Damaged);
    }
    if heading(content) != Some(*key) {
        return Err(Fault::Elsewhere);
    }
    content.get(HEADING..).and_then(files).ok_or(Fault::Content)
}

fn files(content: &[u8]) -> Option<(FileTable, Vec<Seen>)> {
    let (mut files, mut seen) = (FileTable::builder(), Vec::new());
    let mut rest = Rest(content);
    let mut last = "";
    while !rest.0.is_empty() {
        let path = rest.path()?;
        // What is not in order would be filed under another's marks.
        let ascends = last < path && seen.len() < FILES;
        last = path;
        let marks = Marks {
            device: rest.number()?,
            inode: rest.number()?,
            size: rest.number()?,
            modified: rest.time()?,
            changed: rest.time()?,
        };
        let read = i64::from_le_bytes(rest.take()?);
        let [kinds] = rest.take()?;
        let sha256 = if kinds & 1 == 1 { Some(Sha256::new(rest.take()?)) } else { None };
        let blake3 = if kinds & 2 == 2 { Some(Blake3::new(rest.take()?)) } else { None };
        let sound = ascends && matches!(kinds, 1..=3) && Timestamp::from_second(read).is_ok();
        let file = FileRecord { path, size: marks.size, sha256, blake3 };
        sound.then_some(())?;
        files.push(file).ok()?;
        seen.push(Seen { marks, read });
    }
    Some((files.build().ok()?, seen))
}

/// What is not read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn time(&mut self) -> Option<(i64, u32)> {
        Some((i64::from_le_bytes(self.take()?), u32::from_le_bytes(self.take()?)))
    }

    fn path(&mut self) -> Option<&'a str> {
        let length = u16::from_le_bytes(self.take()?);
        let (path, rest) = self.0.split_at_checked(length.into())?;
        self.0 = rest;
        std::str::from_utf8(path).ok()
    }
}
