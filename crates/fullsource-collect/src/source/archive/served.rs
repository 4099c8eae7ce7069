//! The bytes of an archive as they are served, digested on the way.

use std::cell::Cell;
use std::io::{self, ErrorKind, Read};
use std::rc::Rc;

use fullsource_format::digest::{Blake3, Digest, DigestSet, Sha256, Sha256Hasher};

use super::super::Trouble;
use super::{Unpacked, unpacked};
use crate::progress::Progress;

/// Digests what is read through it. Its errors hold a [`Trouble`].
pub(super) struct Served<'a> {
    inner: &'a mut dyn Read,
    progress: &'a Progress,
    count: Rc<Cell<u64>>,
    sha256: Sha256Hasher,
    blake3: blake3::Hasher,
}

impl<'a> Served<'a> {
    pub(super) fn new(inner: &'a mut dyn Read, progress: &'a Progress) -> Self {
        let (sha256, blake3) = (Sha256::hasher(), blake3::Hasher::new());
        Self { inner, progress, count: Rc::default(), sha256, blake3 }
    }

    /// The number of bytes read so far, which goes on counting.
    pub(super) fn count(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.count)
    }

    /// The digests of all that was read. The formats' readers read to the end.
    pub(super) fn finish(self) -> Unpacked {
        let blake3 = Blake3::new(self.blake3.finalize().into());
        let served = DigestSet::from(Digest::Sha256(self.sha256.finish()));
        Unpacked { served: served.with(Digest::Blake3(blake3)), served_bytes: self.count.get() }
    }
}

impl Read for Served<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.progress.check().map_err(|stopped| io::Error::other(Trouble::from(stopped)))?;
        let length = loop {
            match self.inner.read(buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(io::Error::other(unpacked::of_source(error))),
                Ok(length) => break length,
            }
        };
        let read = buffer.get(..length).ok_or(ErrorKind::InvalidData)?;
        self.sha256.update(read);
        self.blake3.update(read);
        self.count.set(self.count.get().saturating_add(length as u64));
        Ok(length)
    }
}
