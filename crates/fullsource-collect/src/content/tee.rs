//! The bytes of one file on their way: digested once, whoever reads them, with what the readers of facts
//! need kept aside.

use std::io::{self, Read};

use fullsource_format::digest::{Blake3, GitId, Sha256};
use sha2::Digest as _;

use super::text_scan::TextScan;
use crate::git_tree::{GitObject, GitTreeError, ObjectFormat};
use crate::hash::Wanted as Digests;
use crate::progress::Progress;
use crate::read::window::Source;

/// Bytes read and digested at once: small enough to stay in a core's own cache between the digests.
pub(super) const BLOCK: usize = 256 << 10;
/// Bytes kept of the start of every file: a pointer of Git LFS, a magic number.
const HEAD: usize = 1024;

/// The digests of one file, of the same bytes.
#[derive(Debug)]
pub(super) struct Hashers {
    sha256: Option<sha2::Sha256>,
    blake3: Option<Box<blake3::Hasher>>,
    blob: Option<GitObject>,
}

impl Hashers {
    /// These digests, and of a file of this size the id of its blob, where that is asked for.
    pub(super) fn new(digests: Digests, blob: Option<(ObjectFormat, u64)>) -> Self {
        Self {
            sha256: digests.sha256().then(sha2::Sha256::new),
            blake3: digests.blake3().then(Box::default),
            blob: blob.map(|(format, size)| GitObject::new(format, "blob", size)),
        }
    }

    fn update(&mut self, block: &[u8]) {
        if let Some(sha256) = &mut self.sha256 {
            sha256.update(block);
        }
        if let Some(blake3) = &mut self.blake3 {
            blake3.update(block);
        }
        if let Some(blob) = &mut self.blob {
            blob.update(block);
        }
    }

    pub(super) fn finish(self, path: &[u8]) -> Result<FileDigests, GitTreeError> {
        Ok(FileDigests {
            sha256: self.sha256.map(|sha256| Sha256::new(sha256.finalize().into())),
            blake3: self.blake3.map(|blake3| Blake3::new(blake3.finalize().into())),
            blob: self.blob.map(|blob| blob.id(path)).transpose()?,
        })
    }
}

/// The digests of one file.
#[derive(Debug, Clone, Copy)]
pub(super) struct FileDigests {
    pub(super) sha256: Option<Sha256>,
    pub(super) blake3: Option<Blake3>,
    pub(super) blob: Option<GitId>,
}

pub(super) struct Tee<'a> {
    source: &'a mut dyn Source,
    pub(super) hashers: Option<Hashers>,
    progress: Option<&'a Progress>,
    /// The first bytes, at most [`HEAD`].
    pub(super) head: Vec<u8>,
    /// The first bytes, at most as many as were asked for.
    pub(super) kept: Vec<u8>,
    keep: usize,
    pub(super) scan: TextScan,
    /// Bytes that went through.
    pub(super) count: u64,
    /// What the source said, unchanged.
    pub(super) error: Option<io::Error>,
}

impl<'a> Tee<'a> {
    pub(super) fn new(
        source: &'a mut dyn Source,
        hashers: Option<Hashers>,
        keep: usize,
        progress: Option<&'a Progress>,
    ) -> Self {
        Self {
            source,
            hashers,
            progress,
            head: Vec::new(),
            kept: Vec::new(),
            keep,
            scan: TextScan::default(),
            count: 0,
            error: None,
        }
    }

    /// Reads what is left: to the end where the bytes are digested, else as long as they are of use.
    pub(super) fn drain(&mut self, buffer: &mut [u8]) {
        while self.hashers.is_some() || self.scan.goes_on() || self.kept.len() < self.keep {
            let mut filled = 0;
            while filled < buffer.len() {
                match self.pull(&mut buffer[filled..]) {
                    Some(0) | None => break,
                    Some(count) => filled += count,
                }
            }
            self.pass(&buffer[..filled]);
            if filled < buffer.len() {
                return;
            }
        }
    }

    /// Reads from the source; none where it failed, or where it is time to stop.
    fn pull(&mut self, buffer: &mut [u8]) -> Option<usize> {
        if self.error.is_some() {
            return None;
        }
        if let Some(Err(stopped)) = self.progress.map(Progress::check) {
            self.error = Some(io::Error::other(stopped));
            return None;
        }
        loop {
            match self.source.read(buffer) {
                Ok(count) => return Some(count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.error = Some(error);
                    return None;
                }
            }
        }
    }

    fn pass(&mut self, block: &[u8]) {
        if let Some(hashers) = &mut self.hashers {
            hashers.update(block);
            if let Some(progress) = self.progress {
                progress.add_bytes(block.len());
            }
        }
        if self.head.len() < HEAD {
            self.head.extend_from_slice(&block[..block.len().min(HEAD - self.head.len())]);
        }
        if self.kept.len() < self.keep {
            let length = block.len().min(self.keep - self.kept.len());
            self.kept.extend_from_slice(&block[..length]);
        }
        self.scan.take(block);
        self.count += block.len() as u64;
    }
}

impl Read for Tee<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(count) = self.pull(buffer) else {
            return Err(io::Error::other("the source failed"));
        };
        self.pass(&buffer[..count]);
        Ok(count)
    }
}

impl Source for Tee<'_> {
    fn skip(&mut self, length: u64) -> io::Result<()> {
        if self.hashers.is_none() {
            self.scan.give_up();
            self.count += length;
            return self.source.skip(length);
        }
        let mut buffer = vec![0; length.min(BLOCK as u64) as usize];
        let mut left = length;
        while left > 0 {
            let wanted = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
            match self.read(&mut buffer[..wanted])? {
                0 => break,
                count => left -= count as u64,
            }
        }
        let copied = length - left;
        if copied == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}
