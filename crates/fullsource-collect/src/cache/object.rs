//! Bytes under their digest: put, and got back.

use std::fs::{File, FileTimes};
use std::io::{self, Read, Seek as _, Write};
use std::os::unix::fs::MetadataExt as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use fullsource_format::digest::{Sha256, Sha256Hasher};
use rustix::fs::FileType;
use rustix::io::Errno;

use super::{Cache, CacheError, place_of};
use crate::directory::{Directory, Standing, lock_file};

/// Bytes read at once.
const BLOCK: usize = 256 << 10;

/// Why bytes are not in the cache afterwards.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// They could not be read to their end; the error is the reader's own.
    #[error(transparent)]
    Read(io::Error),
    /// They are other bytes than were expected.
    #[error("the bytes have sha256 {found}, {expected} was expected")]
    Differs {
        /// What they should be.
        expected: Sha256,
        /// What they are.
        found: Sha256,
    },
    /// The cache takes no more.
    #[error(transparent)]
    Cache(#[from] CacheError),
}

/// An object whose bytes are no longer those that its name says. It is gone from the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cached bytes of sha256 {0} were changed; they are removed")]
pub struct Tampered(pub Sha256);

/// Bytes on their way into the cache. Dropped before [`Incoming::keep`], they leave nothing behind.
#[derive(Debug)]
pub struct Incoming<'c> {
    cache: &'c Cache,
    name: String,
    file: File,
    hasher: Sha256Hasher,
    kept: bool,
}

impl Cache {
    /// Puts all that a reader gives under its digest. Where one is expected and the bytes have
    /// another, nothing is kept.
    pub fn put(&self, mut bytes: impl Read, expected: Option<Sha256>) -> Result<Sha256, PutError> {
        let mut incoming = self.incoming()?;
        let mut buffer = vec![0; BLOCK];
        loop {
            match bytes.read(&mut buffer) {
                Ok(0) => return incoming.keep(expected),
                Ok(count) => incoming.push(&buffer[..count])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(PutError::Read(error)),
            }
        }
    }

    /// A place to write bytes to that are to be kept, for a caller that needs them itself, too.
    pub fn incoming(&self) -> Result<Incoming<'_>, CacheError> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        loop {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let name = format!("{}-{count}", std::process::id());
            match self.new.create(&name, 0o600) {
                // Whoever finds the lock free knows that nobody writes any more.
                Ok(file) if alone(&file).map_err(|error| self.refused(error))? => {
                    let hasher = Sha256::hasher();
                    return Ok(Incoming { cache: self, name, file, hasher, kept: false });
                }
                // A prune came between its making and its lock.
                Ok(_) => {}
                // Left behind by a process that had this number before.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(self.refused(error)),
            }
        }
    }

    /// The bytes with this digest, hashed before they are given; a file at its start.
    pub fn get(&self, digest: &Sha256) -> Result<Option<File>, CacheError> {
        let Some(mut checked) = self.stream(digest)? else { return Ok(None) };
        let mut buffer = vec![0; BLOCK];
        loop {
            match checked.read(&mut buffer) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.get_ref().is_some_and(|inner| inner.is::<Tampered>()) => {
                    return Ok(None);
                }
                Err(error) => return Err(self.refused(error)),
            }
        }
        let mut file = checked.file;
        file.rewind().map_err(|error| self.refused(error))?;
        Ok(Some(file))
    }

    /// The bytes with this digest, hashed while they are read: where they are not those, the read
    /// that would tell their end fails with [`Tampered`], and the object is removed.
    pub fn stream(&self, digest: &Sha256) -> Result<Option<Checked<'_>>, CacheError> {
        let (directory, name) = place_of(digest);
        let opened = self
            .objects
            .open_directory(directory.as_bytes())
            .and_then(|at| Ok(at.open_file(name.as_bytes())?));
        let file = match opened {
            Ok(fd) => File::from(fd),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            // A link in the place of an object is no object.
            Err(error) if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
                self.forget(digest);
                return Ok(None);
            }
            Err(error) => return Err(self.refused(error)),
        };
        let about = rustix::fs::fstat(&file).map_err(|error| self.refused(error.into()))?;
        if FileType::from_raw_mode(about.st_mode) != FileType::RegularFile {
            self.forget(digest);
            return Ok(None);
        }
        // Its time is when it was used last. Where it cannot be set, it is removed earlier.
        let _ = file.set_times(FileTimes::new().set_modified(SystemTime::now()));
        Ok(Some(Checked { cache: self, file, digest: *digest, hasher: Some(Sha256::hasher()) }))
    }

    /// Removes an object.
    pub(super) fn remove(&self, digest: &Sha256) -> io::Result<()> {
        let (directory, name) = place_of(digest);
        self.objects.open_directory(directory.as_bytes())?.remove(&name)
    }

    /// Removes an object that is none.
    fn forget(&self, digest: &Sha256) {
        // One that is gone already, or a directory in its place: it is not read in any case.
        let _ = self.remove(digest);
    }
}

/// Takes the lock of a new file; whether it is there still.
fn alone(file: &File) -> io::Result<bool> {
    Ok(lock_file(file)? && file.metadata()?.nlink() > 0)
}

impl Incoming<'_> {
    fn push(&mut self, bytes: &[u8]) -> Result<(), CacheError> {
        self.write_all(bytes).map_err(|error| self.cache.refused(error))
    }

    /// Gives the bytes their name, on the disk before it is seen. Where a digest is expected and they
    /// have another, they are gone.
    pub fn keep(mut self, expected: Option<Sha256>) -> Result<Sha256, PutError> {
        let found = std::mem::take(&mut self.hasher).finish();
        if let Some(expected) = expected.filter(|expected| *expected != found) {
            return Err(PutError::Differs { expected, found });
        }
        self.place(&found).map_err(|error| self.cache.refused(error))?;
        Ok(found)
    }

    fn place(&mut self, digest: &Sha256) -> io::Result<()> {
        self.file.sync_all()?;
        let (directory, name) = place_of(digest);
        let directory = self.cache.objects.make_directory(&directory, 0o700)?;
        self.rename(&directory, &name)?;
        directory.sync()
    }

    /// Gives the bytes another name than their digest's.
    pub(super) fn rename(&mut self, directory: &Directory, name: &str) -> io::Result<()> {
        self.cache.new.rename(&self.name, directory, name, Standing::Replaced)?;
        self.kept = true;
        Ok(())
    }
}

impl Write for Incoming<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        Ok(count)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Incoming<'_> {
    fn drop(&mut self) {
        if !self.kept {
            // What stays behind is removed by the next prune.
            let _ = self.cache.new.remove(&self.name);
        }
    }
}

/// Bytes of the cache that are hashed while they are read.
#[derive(Debug)]
pub struct Checked<'c> {
    cache: &'c Cache,
    file: File,
    digest: Sha256,
    /// Until the end was seen.
    hasher: Option<Sha256Hasher>,
}

impl Checked<'_> {
    /// Bytes of the file now: they may not be those of the digest.
    pub fn size(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }
}

impl Read for Checked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let count = self.file.read(buffer)?;
        if count > 0 {
            if let Some(hasher) = &mut self.hasher {
                hasher.update(&buffer[..count]);
            }
        } else if self.hasher.take().is_some_and(|hasher| hasher.finish() != self.digest) {
            self.cache.forget(&self.digest);
            return Err(io::Error::new(io::ErrorKind::InvalidData, Tampered(self.digest)));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    fn cache() -> (tempfile::TempDir, Cache) {
        let root = tempfile::tempdir().unwrap();
        let cache = Cache::open(&root.path().join("cache")).unwrap();
        (root, cache)
    }

    fn path_of(cache: &Cache, digest: &Sha256) -> PathBuf {
        let (directory, name) = place_of(digest);
        cache.path().join("objects").join(directory).join(name)
    }

    fn got(cache: &Cache, digest: &Sha256) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        cache.get(digest).unwrap()?.read_to_end(&mut bytes).unwrap();
        Some(bytes)
    }

    fn unfinished(cache: &Cache) -> usize {
        std::fs::read_dir(cache.path().join("new")).unwrap().count()
    }

    #[test]
    fn what_is_put_comes_back_by_its_digest() {
        let (_root, cache) = cache();
        for content in [&b""[..], b"abc", &vec![7; 3 * BLOCK + 1]] {
            let digest = Sha256::of(content);
            assert_eq!(got(&cache, &digest), None);
            for expected in [None, Some(digest)] {
                assert_eq!(cache.put(content, expected).unwrap(), digest);
            }
            assert_eq!(got(&cache, &digest).as_deref(), Some(content));
            let mut bytes = Vec::new();
            cache.stream(&digest).unwrap().unwrap().read_to_end(&mut bytes).unwrap();
            assert_eq!(bytes, content);
        }
        assert_eq!(unfinished(&cache), 0);
    }

    #[test]
    fn bytes_that_are_not_those_expected_are_never_seen() {
        let (_root, cache) = cache();
        let (expected, found) = (Sha256::of(b"abc"), Sha256::of(b"abd"));
        let refused = cache.put(&b"abd"[..], Some(expected));
        assert!(matches!(refused, Err(PutError::Differs { .. })));
        assert_eq!((got(&cache, &expected), got(&cache, &found)), (None, None));
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("cut"))
            }
        }
        let refused = cache.put(Broken.chain(&b""[..]), None);
        assert!(matches!(refused, Err(PutError::Read(error)) if error.to_string() == "cut"));
        drop(cache.incoming().unwrap());
        assert_eq!(unfinished(&cache), 0);
    }

    #[test]
    fn a_tampered_object_is_removed_and_counts_as_absent() {
        let (_root, cache) = cache();
        let digest = cache.put(&b"abc"[..], None).unwrap();
        let path = path_of(&cache, &digest);
        for content in [&b"abd"[..], b"", b"abcd"] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(got(&cache, &digest), None);
            assert!(!path.exists());
            cache.put(&b"abc"[..], None).unwrap();
            std::fs::write(&path, content).unwrap();
            let read = cache.stream(&digest).unwrap().unwrap().read_to_end(&mut Vec::new());
            let error = read.unwrap_err().into_inner().unwrap();
            assert_eq!(error.downcast_ref(), Some(&Tampered(digest)));
            assert!(!path.exists());
            assert_eq!(got(&cache, &digest), None);
        }
        let target = cache.path().join("elsewhere");
        std::fs::write(&target, "abc").unwrap();
        symlink(&target, &path).unwrap();
        assert_eq!(got(&cache, &digest), None);
        assert!(path.symlink_metadata().is_err() && target.exists());
        cache.put(&b"abc"[..], None).unwrap();
        assert_eq!(got(&cache, &digest).as_deref(), Some(&b"abc"[..]));
    }
}
