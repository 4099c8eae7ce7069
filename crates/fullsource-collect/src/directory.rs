//! A directory held open. What is below is opened relative to it and never through a symbolic link,
//! so that nothing swapped in while we look leads out of it.

mod write;

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use fullsource_format::path::RelPath;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, openat, statat};
pub(crate) use write::{Standing, lock_file};

/// A directory to look at.
#[derive(Debug)]
pub struct Directory {
    fd: OwnedFd,
}

/// A regular file is opened so that a FIFO or a device in its place neither blocks nor is followed.
const FILE: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);
const BELOW: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

impl From<OwnedFd> for Directory {
    /// A directory that is open already.
    fn from(fd: OwnedFd) -> Self {
        Self { fd }
    }
}

impl Directory {
    /// Opens the directory that the user named; symbolic links on the way to it are followed.
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = rustix::io::retry_on_intr(|| rustix::fs::open(path, flags, Mode::empty()))?;
        Ok(Self { fd })
    }

    /// Opens the directory at a path below.
    pub fn below(&self, path: &RelPath) -> io::Result<Self> {
        let mut parts = path.parts();
        let first = self.open_directory(parts.next().unwrap_or_default().as_bytes())?;
        parts.try_fold(first, |directory, part| directory.open_directory(part.as_bytes()))
    }

    /// Opens the directory of this name in this one.
    pub(crate) fn open_directory(&self, name: &[u8]) -> io::Result<Self> {
        let fd = rustix::io::retry_on_intr(|| openat(&self.fd, name, BELOW, Mode::empty()))?;
        Ok(Self { fd })
    }

    /// Opens the file at a path below; its parts are neither empty nor `.` nor `..`.
    pub(crate) fn open_file(&self, path: &[u8]) -> rustix::io::Result<OwnedFd> {
        rustix::io::retry_on_intr(|| open_beneath(self.fd.as_fd(), path))
    }

    /// What the name in this directory is, itself and not what it may point to.
    pub(crate) fn stat(&self, name: &[u8]) -> rustix::io::Result<Stat> {
        statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW)
    }

    /// What this directory is.
    pub(crate) fn about(&self) -> rustix::io::Result<Stat> {
        rustix::fs::fstat(&self.fd)
    }

    /// The file system that it lies on.
    #[cfg(target_os = "linux")]
    pub(crate) fn volume(&self) -> rustix::io::Result<rustix::fs::StatFs> {
        rustix::fs::fstatfs(&self.fd)
    }

    /// What a symbolic link in this directory points to.
    pub(crate) fn read_link(&self, name: &[u8]) -> io::Result<Vec<u8>> {
        Ok(rustix::fs::readlinkat(&self.fd, name, Vec::new())?.into_bytes())
    }

    /// The names in this directory in no order, without `.` and `..`, and their types as far as the
    /// file system tells them.
    pub(crate) fn list(&self) -> io::Result<impl Iterator<Item = io::Result<Listed>>> {
        let entries = rustix::io::retry_on_intr(|| Dir::read_from(&self.fd))?;
        let listed = entries.map(|entry| {
            let entry = entry?;
            Ok(Listed { name: entry.file_name().to_bytes().to_vec(), kind: entry.file_type() })
        });
        Ok(listed.filter(|listed| {
            !matches!(listed, Ok(Listed { name, .. }) if matches!(name.as_slice(), b"." | b".."))
        }))
    }
}

/// One name in a directory.
pub(crate) struct Listed {
    pub(crate) name: Vec<u8>,
    /// [`FileType::Unknown`] where the file system does not tell.
    pub(crate) kind: FileType,
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn open_beneath(root: BorrowedFd<'_>, path: &[u8]) -> rustix::io::Result<OwnedFd> {
    use rustix::fs::ResolveFlags;
    use rustix::io::Errno;
    if !path.contains(&b'/') {
        return openat(root, path, FILE, Mode::empty());
    }
    let inside = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    match rustix::fs::openat2(root, path, FILE, Mode::empty(), inside) {
        // Kernels before 5.6, sandboxes that do not know the call, and a rename seen on the way.
        Err(Errno::NOSYS | Errno::PERM | Errno::AGAIN) => open_by_parts(root, path),
        opened => opened,
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn open_beneath(root: BorrowedFd<'_>, path: &[u8]) -> rustix::io::Result<OwnedFd> {
    open_by_parts(root, path)
}

fn open_by_parts(root: BorrowedFd<'_>, path: &[u8]) -> rustix::io::Result<OwnedFd> {
    let mut parts = path.split(|b| *b == b'/');
    let name = parts.next_back().unwrap_or(path);
    let mut parent: Option<OwnedFd> = None;
    for part in parts {
        let from = parent.as_ref().map_or(root, |fd| fd.as_fd());
        parent = Some(openat(from, part, BELOW, Mode::empty())?);
    }
    let from = parent.as_ref().map_or(root, |fd| fd.as_fd());
    openat(from, name, FILE, Mode::empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::io::Errno;
    use std::os::unix::fs::symlink;

    #[test]
    fn no_symbolic_link_on_the_way_is_followed() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("real/deep")).unwrap();
        std::fs::write(root.path().join("real/deep/file"), "x").unwrap();
        symlink("real", root.path().join("link")).unwrap();
        symlink("file", root.path().join("real/deep/last")).unwrap();
        let directory = Directory::open(root.path()).unwrap();
        for by_parts in [false, true] {
            let open = |path: &[u8]| {
                let open = if by_parts { open_by_parts } else { open_beneath };
                open(directory.fd.as_fd(), path).err()
            };
            assert_eq!(open(b"real/deep/file"), None);
            let middle = open(b"link/deep/file");
            assert!(matches!(middle, Some(Errno::LOOP | Errno::NOTDIR)), "{middle:?}");
            assert_eq!(open(b"real/deep/last"), Some(Errno::LOOP));
            assert_eq!(open(b"real/deep/none"), Some(Errno::NOENT));
        }
    }
}
