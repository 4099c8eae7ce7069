//! One file held open: read by offset, and known to be the same at the end as at the start.

use std::fs::File;
use std::os::fd::OwnedFd;

use fullsource_format::path::RelPath;
use rustix::fs::{FileType, Stat, fstat};
use rustix::io::Errno;

use crate::directory::Directory;
use crate::record::Marks;
use crate::refusal::Refusal;

/// Why a file has no digests. Not an error of the run: the rest has theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileTrouble {
    /// It changed while it was looked at.
    #[error("it changed while it was read: {0}")]
    Unstable(Change),
    /// It cannot be opened or read.
    #[error("it cannot be read: {0}")]
    Unreadable(Refusal),
}

/// How a file changed while it was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Change {
    /// It is no longer there.
    #[error("it is gone")]
    Gone,
    /// Something that is not a regular file stands in its place.
    #[error("it is no longer a regular file")]
    Replaced,
    /// It has another size.
    #[error("it had {was} bytes, now {now}")]
    Resized {
        /// Bytes before.
        was: u64,
        /// Bytes now.
        now: u64,
    },
    /// It was written to or had its times set.
    #[error("its times changed")]
    Modified,
}

impl From<Errno> for FileTrouble {
    fn from(error: Errno) -> Self {
        match error {
            Errno::NOENT => Self::Unstable(Change::Gone),
            Errno::LOOP | Errno::NOTDIR | Errno::NXIO => Self::Unstable(Change::Replaced),
            _ => Self::Unreadable(error.into()),
        }
    }
}

/// A regular file of known size.
#[derive(Debug)]
pub struct OpenFile {
    fd: OwnedFd,
    before: Stat,
    size: u64,
}

impl OpenFile {
    /// Opens a file below a directory that had `size` bytes when it was found.
    pub fn open(root: &Directory, path: &[u8], size: u64) -> Result<Self, FileTrouble> {
        let fd = root.open_file(path)?;
        let before = fstat(&fd)?;
        if FileType::from_raw_mode(before.st_mode) != FileType::RegularFile {
            return Err(FileTrouble::Unstable(Change::Replaced));
        }
        let now = size_of(&before);
        if now != size {
            return Err(FileTrouble::Unstable(Change::Resized { was: size, now }));
        }
        Ok(Self { fd, before, size })
    }

    /// Its bytes.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Fills the buffer with the bytes at an offset, all of which lie within the size.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), FileTrouble> {
        let mut filled = 0;
        while filled < buffer.len() {
            let at = offset + filled as u64;
            match rustix::io::pread(&self.fd, &mut buffer[filled..], at) {
                Ok(0) => {
                    let change = Change::Resized { was: self.size, now: at };
                    return Err(FileTrouble::Unstable(change));
                }
                Ok(count) => filled += count,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The marks of the file. Fails where it is no longer what it was when it was opened.
    pub fn still_same(&self) -> Result<Marks, FileTrouble> {
        let now = fstat(&self.fd)?;
        if size_of(&now) != self.size {
            let change = Change::Resized { was: self.size, now: size_of(&now) };
            return Err(FileTrouble::Unstable(change));
        }
        // The change time too: a writer can set the others back.
        let times = |s: &Stat| (s.st_mtime, s.st_mtime_nsec, s.st_ctime, s.st_ctime_nsec);
        if times(&now) == times(&self.before) {
            Ok(Marks::of(&now))
        } else {
            Err(FileTrouble::Unstable(Change::Modified))
        }
    }
}

/// Why a file is not read whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It changed, or cannot be read.
    #[error(transparent)]
    Trouble(#[from] FileTrouble),
    /// It has more bytes than were asked for.
    #[error("it has {size} bytes, at most {limit} are read")]
    TooLarge {
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
}

/// Reads a file below a directory whole, where it has at most `limit` bytes and does not change
/// meanwhile.
pub fn read_file(root: &Directory, path: &RelPath, limit: u64) -> Result<Vec<u8>, ReadError> {
    let fd = root.open_file(path.as_str().as_bytes()).map_err(FileTrouble::from)?;
    let size = size_of(&fstat(&fd).map_err(FileTrouble::from)?);
    if size > limit {
        return Err(ReadError::TooLarge { size, limit });
    }
    let file = OpenFile::open(root, path.as_str().as_bytes(), size)?;
    let mut bytes = vec![0; usize::try_from(size).unwrap_or(usize::MAX)];
    file.read_at(0, &mut bytes)?;
    file.still_same()?;
    Ok(bytes)
}

/// Opens a regular file below a directory, to read the start of it; gives its size in bytes, too.
pub fn open_file(root: &Directory, path: &RelPath) -> Result<(File, u64), FileTrouble> {
    let fd = root.open_file(path.as_str().as_bytes())?;
    let about = fstat(&fd)?;
    match FileType::from_raw_mode(about.st_mode) {
        FileType::RegularFile => Ok((File::from(fd), size_of(&about))),
        _ => Err(FileTrouble::Unstable(Change::Replaced)),
    }
}

#[allow(clippy::cast_sign_loss, reason = "a size is not negative")]
const fn size_of(stat: &Stat) -> u64 {
    stat.st_size as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{FileTimes, write};
    use std::os::unix::fs::symlink;
    use std::time::{Duration, SystemTime};

    #[test]
    fn a_file_written_to_while_open_is_unstable_even_with_its_time_set_back() {
        let root = tempfile::tempdir().unwrap();
        let directory = Directory::open(root.path()).unwrap();
        let path = root.path().join("f");
        let old = SystemTime::now() - Duration::from_secs(3600);
        let set_back = || {
            let file = File::options().write(true).open(&path).unwrap();
            file.set_times(FileTimes::new().set_modified(old)).unwrap();
        };
        write(&path, "abc").unwrap();
        set_back();
        let file = OpenFile::open(&directory, b"f", 3).unwrap();
        assert!(file.still_same().is_ok());
        std::thread::sleep(Duration::from_millis(30));
        write(&path, "xyz").unwrap();
        set_back();
        assert_eq!(file.still_same(), Err(FileTrouble::Unstable(Change::Modified)));
    }

    #[test]
    fn a_file_that_shrinks_or_grows_is_unstable() {
        let root = tempfile::tempdir().unwrap();
        let directory = Directory::open(root.path()).unwrap();
        let path = root.path().join("f");
        let resized = |now| Err(FileTrouble::Unstable(Change::Resized { was: 3, now }));
        write(&path, "abc").unwrap();
        let file = OpenFile::open(&directory, b"f", 3).unwrap();
        write(&path, "a").unwrap();
        assert_eq!(file.read_at(0, &mut [0; 3]), resized(1));
        write(&path, "abcd").unwrap();
        assert_eq!(file.still_same().map(drop), resized(4));
        assert_eq!(OpenFile::open(&directory, b"f", 3).map(|_| ()), resized(4));
    }

    #[test]
    fn what_stands_in_a_files_place_is_neither_followed_nor_waited_for() {
        let root = tempfile::tempdir().unwrap();
        let directory = Directory::open(root.path()).unwrap();
        write(root.path().join("f"), "").unwrap();
        symlink("f", root.path().join("link")).unwrap();
        std::fs::create_dir(root.path().join("dir")).unwrap();
        let fifo = std::process::Command::new("mkfifo").arg(root.path().join("fifo")).status();
        assert!(fifo.unwrap().success());
        for name in ["link", "dir", "fifo", "f/x"] {
            let opened = OpenFile::open(&directory, name.as_bytes(), 0).map(|_| ());
            assert_eq!(opened, Err(FileTrouble::Unstable(Change::Replaced)), "{name}");
        }
        let gone = OpenFile::open(&directory, b"none", 0).map(|_| ());
        assert_eq!(gone, Err(FileTrouble::Unstable(Change::Gone)));
        let denied = FileTrouble::from(Errno::ACCESS);
        assert_eq!(denied, FileTrouble::Unreadable(Errno::ACCESS.into()));
    }
}
