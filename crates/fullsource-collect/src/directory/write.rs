//! Writing below a directory held open: never through a symbolic link, never outside it.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;

use fullsource_format::path::RelPath;
use rustix::fs::{
    AtFlags, FlockOperation, Mode, OFlags, RenameFlags, flock, fsync, mkdirat, openat, renameat,
    renameat_with, unlinkat,
};
use rustix::io::{Errno, retry_on_intr};

use super::Directory;

/// What is opened to be written: in the place of a symbolic link, a FIFO or a device it fails.
const WRITABLE: OFlags = OFlags::RDWR
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

/// What happens to a name that stands there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is replaced, a symbolic link itself and not what it points to.
    Replaced,
    /// It is kept, and the rename fails.
    Kept,
}

impl Directory {
    /// Opens the directory of this name in this one, made where it is not there.
    pub(crate) fn make_directory(&self, name: &str, mode: u32) -> io::Result<Self> {
        match retry_on_intr(|| mkdirat(&self.fd, name, Mode::from_raw_mode(mode))) {
            Ok(()) => self.sync()?,
            Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        self.open_directory(name.as_bytes())
    }

    /// Opens the directory that holds a path below, made with all above it where they are not there;
    /// the name in it, too.
    pub(crate) fn make_parents<'p>(&self, path: &'p RelPath) -> io::Result<(Self, &'p str)> {
        let name = path.file_name();
        let mut parts = path.parts().take(path.parts().count() - 1);
        let here = Self { fd: self.fd.try_clone()? };
        let parent = parts.try_fold(here, |above, part| above.make_directory(part, 0o755))?;
        Ok((parent, name))
    }

    /// Makes a file that is not there yet, to be read and written.
    pub(crate) fn create(&self, name: &str, mode: u32) -> io::Result<File> {
        let flags = WRITABLE | OFlags::CREATE | OFlags::EXCL;
        self.open_to_write(name, flags, Mode::from_raw_mode(mode))
    }

    /// Opens a regular file to be read and written, made where it is not there.
    pub(crate) fn open_or_create(&self, name: &str, mode: u32) -> io::Result<File> {
        let flags = WRITABLE | OFlags::CREATE;
        let file = self.open_to_write(name, flags, Mode::from_raw_mode(mode))?;
        if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
    }

    fn open_to_write(&self, name: &str, flags: OFlags, mode: Mode) -> io::Result<File> {
        let fd: OwnedFd = retry_on_intr(|| openat(&self.fd, name, flags, mode))?;
        Ok(File::from(fd))
    }

    /// Moves a file from a name in this directory to one in another.
    pub(crate) fn rename(
        &self,
        name: &str,
        to: &Self,
        new_name: &str,
        standing: Standing,
    ) -> io::Result<()> {
        let plain = || retry_on_intr(|| renameat(&self.fd, name, &to.fd, new_name));
        if standing == Standing::Replaced {
            return Ok(plain()?);
        }
        match renameat_with(&self.fd, name, &to.fd, new_name, RenameFlags::NOREPLACE) {
            // File systems and kernels that cannot: the look before the rename has to do.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                match to.stat(new_name.as_bytes()) {
                    Err(Errno::NOENT) => Ok(plain()?),
                    Err(error) => Err(error.into()),
                    Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
                }
            }
            done => Ok(done?),
        }
    }

    /// Removes a file, or a symbolic link itself.
    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        Ok(retry_on_intr(|| unlinkat(&self.fd, name, AtFlags::empty()))?)
    }

    /// Removes an empty directory.
    pub(crate) fn remove_directory(&self, name: &str) -> io::Result<()> {
        Ok(retry_on_intr(|| unlinkat(&self.fd, name, AtFlags::REMOVEDIR))?)
    }

    /// Returns once the names in it are on the disk. A file system that cannot say so is no trouble.
    pub(crate) fn sync(&self) -> io::Result<()> {
        match retry_on_intr(|| fsync(&self.fd)) {
            Err(Errno::INVAL | Errno::NOTSUP | Errno::ROFS) => Ok(()),
            done => Ok(done?),
        }
    }

    /// Whether the lock of this directory could be taken. It is held until the directory is closed,
    /// by the end of the process at the latest.
    pub(crate) fn lock(&self) -> io::Result<bool> {
        locked(retry_on_intr(|| flock(&self.fd, FlockOperation::NonBlockingLockExclusive)))
    }
}

/// Whether the lock of a file could be taken.
pub(crate) fn lock_file(file: &File) -> io::Result<bool> {
    locked(retry_on_intr(|| flock(file, FlockOperation::NonBlockingLockExclusive)))
}

fn locked(done: rustix::io::Result<()>) -> io::Result<bool> {
    match done {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn nothing_is_written_through_a_symbolic_link() {
        let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        symlink(outside.path(), root.path().join("link")).unwrap();
        symlink(outside.path().join("new"), root.path().join("file")).unwrap();
        let directory = Directory::open(root.path()).unwrap();
        assert!(directory.make_parents(&"link/deep/file".parse().unwrap()).is_err());
        assert!(directory.make_parents(&"link/file".parse().unwrap()).is_err());
        assert!(directory.create("file", 0o600).is_err());
        assert!(directory.open_or_create("file", 0o600).is_err());
        directory.create("other", 0o600).unwrap();
        assert!(directory.rename("other", &directory, "file", Standing::Kept).is_err());
        directory.rename("other", &directory, "file", Standing::Replaced).unwrap();
        assert!(root.path().join("file").symlink_metadata().unwrap().is_file());
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    }
}
