//! Two archives, held against each other member by member (`reb-24`).

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::Mutex;

use fullsource_collect::hash::{FileTrouble, OpenFile};
use fullsource_collect::progress::Progress;
use fullsource_collect::source::archive::{ArchiveLimits, Format, START, unpack};
use fullsource_collect::source::{Entry, Sink, SinkError, Want};
use fullsource_format::digest::{DigestSet, GitId, Sha256};

use super::looked;
use super::set::At;
use crate::packed::unpacked;

/// By their paths, the members of an archive. What gzip or Zstandard packed and is no tar has one, without a path.
pub(super) type Members = BTreeMap<Vec<u8>, Member>;

/// What is compared of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Member {
    /// A regular file.
    File { sha256: Sha256, executable: bool },
    /// A symbolic link.
    Link(Vec<u8>),
}

/// The format of a file by its start, if it is an archive.
pub(super) fn format_of(file: &OpenFile) -> Result<Option<Format>, FileTrouble> {
    let mut start = [0; START];
    let length = usize::try_from(file.size()).map_or(START, |size| size.min(START));
    file.read_at(0, &mut start[..length])?;
    Ok(known(&start[..length]))
}

/// The format of what has this start. A tar without members is zeros and nothing else: so are other things.
fn known(start: &[u8]) -> Option<Format> {
    Format::known(start).filter(|format| *format != Format::Tar || start.first() != Some(&0))
}

/// The first bytes of a stream.
fn start_of(stream: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    stream.take(START as u64).read_to_end(&mut start)?;
    Ok(start)
}

/// What an archive that was made may unpack to in any case. Tests do not unpack gigabytes.
pub(super) const FREE: u64 = if cfg!(test) { 4 << 20 } else { looked::FREE };
/// What a header and what fills up the last block of a member may come to.
const OF_MEMBER: u64 = 1024;

/// What an archive that was made may unpack to, where the claimed one unpacks to so many bytes.
pub(super) const fn most_made(claimed: u64) -> u64 {
    FREE.saturating_add(looked::TIMES.saturating_mul(claimed))
}

/// Reads an archive to its end; says why it cannot be, also where it unpacks to more than `most` bytes. Beside its
/// members, gives about how many bytes it unpacks to.
pub(super) fn read(
    file: &OpenFile,
    format: Format,
    most: u64,
    progress: &Progress,
) -> Result<(Members, u64), String> {
    let told = |error: io::Error| error.to_string();
    let mut limits = ArchiveLimits::default();
    limits.total_bytes = limits.total_bytes.min(most);
    let stream = || unpacked(format, At { file, at: 0 }, limits).map_err(told);
    let packed = matches!(format, Format::Gzip | Format::Zstd);
    if packed && known(&start_of(&mut *stream()?).map_err(told)?) != Some(Format::Tar) {
        let (sha256, bytes) = digest(&mut *stream()?, progress).map_err(told)?;
        let member = Member::File { sha256, executable: false };
        return Ok((Members::from([(Vec::new(), member)]), bytes));
    }
    let (taker, temporary) = (Taker::default(), std::env::temp_dir());
    let mut bytes = At { file, at: 0 };
    unpack(&mut bytes, &temporary, None, &limits, &taker, progress)
        .map_err(|trouble| trouble.to_string())?;
    taker.0.into_inner().map_err(|error| error.to_string())
}

/// SHA-256 of a stream, which is read to its end, and its bytes.
fn digest(bytes: &mut dyn Read, progress: &Progress) -> io::Result<(Sha256, u64)> {
    let (mut hasher, mut buffer, mut count) = (Sha256::hasher(), vec![0; 64 << 10], 0);
    loop {
        progress.check().map_err(io::Error::other)?;
        match bytes.read(&mut buffer) {
            Ok(0) => return Ok((hasher.finish(), count)),
            Ok(length) => {
                hasher.update(&buffer[..length]);
                count += length as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Keeps what is compared of each member, and counts their bytes.
#[derive(Default)]
struct Taker(Mutex<(Members, u64)>);

impl Taker {
    fn put(&self, path: &[u8], member: Member, bytes: u64) -> Result<(), SinkError> {
        let mut kept = self.0.lock().map_err(|error| SinkError::Refused(error.to_string()))?;
        kept.0.insert(path.to_vec(), member);
        kept.1 = kept.1.saturating_add(bytes).saturating_add(OF_MEMBER);
        Ok(())
    }
}

impl Sink for Taker {
    fn want(&self, _: &Entry<'_>) -> Want {
        Want::Bytes
    }

    fn file(&self, entry: &Entry<'_>, bytes: &mut dyn Read) -> Result<(), SinkError> {
        let (sha256, bytes) = digest(bytes, &Progress::default())?;
        self.put(entry.path, Member::File { sha256, executable: entry.executable }, bytes)
    }

    fn word(&self, _: &Entry<'_>, _: &DigestSet) -> Result<(), SinkError> {
        Err(SinkError::Refused("an archive has the bytes of its members".to_owned()))
    }

    fn symlink(&self, path: &[u8], target: &[u8]) -> Result<(), SinkError> {
        self.put(path, Member::Link(target.to_vec()), 0)
    }

    fn submodule(&self, _: &[u8], _: &GitId) -> Result<(), SinkError> {
        Err(SinkError::Refused("an archive has no submodules".to_owned()))
    }
}
