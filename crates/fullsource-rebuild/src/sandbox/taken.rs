//! What a command takes of a disk, which tells nobody what one directory takes.

use std::collections::HashSet;
use std::ffi::CString;
use std::fs;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, fstat, openat, statat};

use super::root::WRITABLE;
use super::shared::{mapped, written};

/// The other limits are not looked at while files on a disk are counted.
const COUNTED_WITHIN: Duration = Duration::from_secs(10);

/// Bytes of all that lies where it may write, and of what has no name any more but is still held by
/// one of these processes. What cannot be counted in time, because there is too much of it or
/// because it moves, is too much.
pub(super) fn taken(processes: &[u32]) -> u64 {
    let until = Instant::now() + COUNTED_WITHIN;
    while Instant::now() < until {
        let mut count = Count { until, bytes: 0, known: HashSet::new() };
        let all = WRITABLE.iter().try_for_each(|(_, at)| count.below(Path::new(at)));
        if all.and_then(|()| count.nameless(processes)).is_some() {
            return count.bytes;
        }
    }
    u64::MAX
}

struct Count {
    until: Instant,
    bytes: u64,
    /// Files that may be met again.
    known: HashSet<(u64, u64)>,
}

/// A directory above: what it is, and what is still to be seen in it.
struct Above {
    is: (u64, u64),
    left: Vec<CString>,
}

impl Count {
    /// Walks with one directory open, so that no depth and no length of a path stands in the way.
    /// Nothing where it cannot be told.
    fn below(&mut self, top: &Path) -> Option<()> {
        let mut here = directory(CWD, top)?;
        let mut left = self.entries(&here)?;
        let mut above: Vec<Above> = Vec::new();
        loop {
            if let Some(name) = left.pop() {
                // One that has just gone takes nothing.
                let Some(inner) = directory(here.as_fd(), &*name) else { continue };
                let found = self.entries(&inner)?;
                above.push(Above { is: is(&fstat(&here).ok()?), left });
                (here, left) = (inner, found);
            } else {
                let Some(last) = above.pop() else { return Some(()) };
                here = directory(here.as_fd(), "..")?;
                if is(&fstat(&here).ok()?) != last.is {
                    return None;
                }
                left = last.left;
            }
        }
    }

    /// Adds what lies in a directory; gives the directories in it.
    fn entries(&mut self, directory: &OwnedFd) -> Option<Vec<CString>> {
        let mut inner = Vec::new();
        for entry in Dir::read_from(directory).ok()?.flatten() {
            if Instant::now() > self.until {
                return None;
            }
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let Ok(about) = statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
            let is_directory = FileType::from_raw_mode(about.st_mode).is_dir();
            // A directory has several links, but only one name.
            if is_directory || about.st_nlink == 1 || self.known.insert(is(&about)) {
                self.add(u64::try_from(about.st_blocks).unwrap_or(0).saturating_mul(512));
            }
            if is_directory {
                inner.push(name.to_owned());
            }
        }
        Some(inner)
    }

    /// Files without a name, which processes have open or mapped.
    fn nameless(&mut self, processes: &[u32]) -> Option<()> {
        let device = fs::metadata(super::WORK).ok()?.dev();
        // A thread may have files of its own.
        let threads = processes.iter().flat_map(|process| paths(&format!("/proc/{process}/task")));
        for file in threads.flat_map(|thread| paths(&format!("{thread}/fd"))) {
            if Instant::now() > self.until {
                return None;
            }
            let Ok(about) = fs::metadata(file) else { continue };
            let is_meant = about.is_file() && about.dev() == device && about.nlink() == 0;
            if is_meant && self.known.insert((device, about.ino())) {
                self.add(about.blocks().saturating_mul(512));
            }
        }
        let deleted = |name: &str| name.ends_with(" (deleted)");
        for (inode, bytes) in mapped(processes, &written(device), deleted) {
            if self.known.insert((device, inode)) {
                self.add(bytes);
            }
        }
        Some(())
    }

    fn add(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

fn is(about: &Stat) -> (u64, u64) {
    (about.st_dev, about.st_ino)
}

fn directory(within: impl std::os::fd::AsFd, name: impl rustix::path::Arg) -> Option<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(within, name, flags, Mode::empty()).ok()
}

fn paths(directory: &str) -> impl Iterator<Item = String> + use<> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.path().into_os_string().into_string().ok())
}
