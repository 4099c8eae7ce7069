//! What a command left on a disk goes, whatever its modes, its depth and its number.

use std::ffi::{CString, OsStr};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, Dir, Mode, OFlags, chmodat, openat, renameat, unlinkat};
use rustix::io::Errno;

/// Names that are held at once.
const AT_ONCE: usize = 10_000;

/// Removes a directory with all that is in it. Directories in directories are moved up first, so
/// that neither a depth nor the length of a path can stand in the way. Nothing may write there
/// meanwhile.
pub(super) fn remove(parent: BorrowedFd<'_>, name: &OsStr) -> io::Result<()> {
    let top = open(parent, name)?;
    let mut moved = 0;
    loop {
        let names = names(&top)?;
        if names.is_empty() {
            break;
        }
        for name in names {
            empty(top.as_fd(), &name, &mut moved)?;
        }
    }
    Ok(unlinkat(parent, name, AtFlags::REMOVEDIR)?)
}

/// Removes a file, or a directory after its files went and its directories were moved up.
fn empty(top: BorrowedFd<'_>, name: &CString, moved: &mut u64) -> io::Result<()> {
    if unlinkat(top, name, AtFlags::empty()).is_ok() {
        return Ok(());
    }
    let directory = open(top, name)?;
    loop {
        let names = names(&directory)?;
        if names.is_empty() {
            break;
        }
        for name in names {
            if unlinkat(&directory, &name, AtFlags::empty()).is_err() {
                // Whoever moves a directory must be able to write to it.
                chmodat(&directory, &name, Mode::RWXU, AtFlags::empty())?;
                move_up(directory.as_fd(), &name, top, moved)?;
            }
        }
    }
    Ok(unlinkat(top, name, AtFlags::REMOVEDIR)?)
}

fn move_up(
    from: BorrowedFd<'_>,
    name: &CString,
    top: BorrowedFd<'_>,
    moved: &mut u64,
) -> io::Result<()> {
    loop {
        *moved += 1;
        match renameat(from, name, top, format!("moved-{moved}")) {
            // The name is taken.
            Err(Errno::EXIST | Errno::NOTEMPTY | Errno::NOTDIR) => {}
            done => return Ok(done?),
        }
    }
}

/// A directory, after it was made one's own.
fn open(within: BorrowedFd<'_>, name: impl rustix::path::Arg + Copy) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    chmodat(within, name, Mode::RWXU, AtFlags::empty())?;
    Ok(openat(within, name, flags, Mode::empty())?)
}

fn names(directory: &OwnedFd) -> io::Result<Vec<CString>> {
    let entries = Dir::read_from(directory)?.filter_map(|entry| {
        let name = entry.map(|entry| entry.file_name().to_owned());
        (!matches!(name.as_ref().map(|name| name.as_bytes()), Ok(b"." | b".."))).then_some(name)
    });
    Ok(entries.take(AT_ONCE).collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn all_of_it_goes() {
        let place = tempfile::tempdir().unwrap();
        let outside = place.path().join("outside");
        fs::write(&outside, "stays").unwrap();
        let top = place.path().join("top");
        fs::create_dir_all(top.join("a/b/c")).unwrap();
        fs::create_dir_all(top.join("moved-1/x")).unwrap();
        fs::write(top.join("moved-2"), "").unwrap();
        fs::write(top.join("a/b/file"), "").unwrap();
        symlink(place.path(), top.join("a/link")).unwrap();
        let deep = "d/".repeat(1500);
        fs::create_dir_all(top.join(&deep)).unwrap();
        for shut in ["a/b/file", "a/b", "a"] {
            fs::set_permissions(top.join(shut), fs::Permissions::from_mode(0o000)).unwrap();
        }
        let parent = fs::File::open(place.path()).unwrap();
        remove(parent.as_fd(), OsStr::new("top")).unwrap();
        assert!(!top.exists());
        assert_eq!(fs::read_to_string(outside).unwrap(), "stays");
    }
}
