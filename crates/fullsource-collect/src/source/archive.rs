//! Archives: tar, tar.gz, tar.zst and zip, known by their first bytes and never by a name, read
//! once, and handed over member by member.
//!
//! An archive is read as strictly as its format allows: where two readers could see two different
//! trees, there is no tree, and the trouble is [`TroubleKind::Faulty`](super::TroubleKind::Faulty).
//! Nothing is written but the temporary copy of a zip, which has no name. Archives inside of archives
//! are files like others.
//!
//! Spec: `spec/v0.1/looking.md`, rules `arc-*`.

mod format;
mod limit;
mod members;
mod names;
mod served;
mod tar;
mod unpacked;
mod zip;

#[cfg(test)]
mod tests;

use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use fullsource_format::digest::DigestSet;
use fullsource_format::path::RelPath;

use self::format::{Looks, NoArchive};
use self::members::Members;
use self::served::Served;
use self::unpacked::Metered;
use super::{Sink, Trouble};
use crate::progress::Progress;

pub use self::format::Format;
pub use self::limit::ArchiveLimits;

/// What an archive came to, once all of it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpacked {
    /// SHA-256 and BLAKE3 of the archive as it was served.
    pub served: DigestSet,
    /// Its size as it was served, in bytes.
    pub served_bytes: u64,
}

/// Bytes read at once.
const BLOCK: usize = 256 << 10;
/// Bytes that tell the format: the first header of a tar.
pub const START: usize = 512;
/// The largest window of a zstd frame, as a power of two: 128 MiB, what `zstd -d` takes unasked.
pub const ZSTD_WINDOW_LOG: u32 = 27;

/// Reads an archive to its end and hands over its files and symbolic links: all, under their whole
/// names, or where `select` names a file that one, with an empty path, or where it names a directory
/// what lies below it, with paths from there. No top-level directory is stripped unasked.
///
/// A zip is kept in a file without a name in the directory `temporary` while it is read.
///
/// Fails as faulty where the archive is damaged, hostile or of another format, as absent where there
/// is nothing of the selected name, as skipped where it is over a limit, and as `bytes` says where
/// they fail. What was handed over before it failed does not count. Bytes are in memory anyway once
/// a file's turn comes, so that [`Sink::want`] is not asked.
pub fn unpack(
    bytes: &mut dyn Read,
    temporary: &Path,
    select: Option<&RelPath>,
    limits: &ArchiveLimits,
    sink: &dyn Sink,
    progress: &Progress,
) -> Result<Unpacked, Trouble> {
    let mut members = Members::new(select, limits, sink, progress);
    let mut served = Served::new(bytes, progress);
    read(&mut served, temporary, limits, &mut members)?;
    members.finish()?;
    Ok(served.finish())
}

fn read(
    served: &mut Served<'_>,
    temporary: &Path,
    limits: &ArchiveLimits,
    members: &mut Members<'_>,
) -> Result<(), Trouble> {
    let count = served.count();
    let (start, input) = peek(BufReader::with_capacity(BLOCK, served))?;
    match Format::of(&start) {
        Ok(Format::Zip) => zip::read(input, temporary, &count, limits, members),
        Ok(Format::Tar) => tar::read(&mut Metered::new(input, &count, limits), members),
        Ok(Format::Gzip) => {
            let decoder = MultiGzDecoder::new(input);
            read_packed("gzip", Metered::new(decoder, &count, limits), members)
        }
        Ok(Format::Zstd) => {
            let mut decoder = zstd::Decoder::with_buffer(input).map_err(unpacked::local)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(unpacked::local)?;
            read_packed("zstd", Metered::new(decoder, &count, limits), members)
        }
        Err(looks) => Err(NoArchive(looks).into()),
    }
}

/// What is packed must be a tar: an archive in an archive, or a single file, is not opened.
fn read_packed(
    packer: &'static str,
    unpacked: impl Read,
    members: &mut Members<'_>,
) -> Result<(), Trouble> {
    let (start, mut unpacked) = peek(BufReader::with_capacity(BLOCK, unpacked))?;
    match Format::of(&start) {
        Ok(Format::Tar) => tar::read(&mut unpacked, members),
        _ => Err(NoArchive(Looks::Packed(packer)).into()),
    }
}

/// The first [`START`] bytes, or fewer where there are no more, and a reader of all.
fn peek(mut input: impl BufRead) -> Result<(Vec<u8>, impl BufRead), Trouble> {
    let mut start = vec![0; START];
    let length = unpacked::fill(&mut input, &mut start)?;
    start.truncate(length);
    Ok((start.clone(), Cursor::new(start).chain(input)))
}
