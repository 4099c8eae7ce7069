//! Single mounts: bound from the old root, and shut where they stand.

use std::ffi::{CString, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use rustix::mount::{
    MountFlags, MountPropagationFlags, mount, mount_bind_recursive, mount_change, mount_remount,
};

/// Binds a file or a directory, with what is mounted below it, to a place that is made for it.
pub(super) fn bind(from: &Path, to: &Path) -> io::Result<()> {
    if fs::metadata(from)?.is_dir() {
        fs::create_dir_all(to)?;
    } else {
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::OpenOptions::new().create(true).append(true).open(to)?;
    }
    mount_bind_recursive(from, to)?;
    mount_change(to, MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;
    Ok(())
}

/// A file system in memory, of so many bytes at the most.
pub(super) fn memory(to: &Path, bytes: u64, inodes: u64) -> io::Result<()> {
    let options = CString::new(format!("mode=0755,size={bytes},nr_inodes={inodes}"))?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    Ok(mount("tmpfs", to, "tmpfs", flags, options.as_c_str())?)
}

/// The mounts of this process, as `proc` tells them.
pub(super) fn read(proc: &Path) -> io::Result<Vec<Mount>> {
    let table = fs::read(proc.join("self/mountinfo"))?;
    Ok(table.split(|byte| *byte == b'\n').filter_map(Mount::parse).collect())
}

pub(super) struct Mount {
    pub(super) at: PathBuf,
    flags: MountFlags,
}

impl Mount {
    /// A line of `mountinfo`: the fifth word is the place, the sixth its options.
    fn parse(line: &[u8]) -> Option<Self> {
        let mut words = line.split(|byte| *byte == b' ').skip(4);
        let at = PathBuf::from(unescaped(words.next()?));
        let options = words.next()?.split(|byte| *byte == b',');
        Some(Self { at, flags: options.map(flag).collect() })
    }

    /// Adds restrictions to it. What it has is kept: some of it the kernel would not let go.
    pub(super) fn restrict(&self, more: MountFlags) -> io::Result<()> {
        let flags = MountFlags::BIND | self.flags | more;
        match mount_remount(&self.at, flags, "") {
            // Whom the kernel does not let there it will not let write there.
            Err(Errno::ACCESS) => Ok(()),
            done => Ok(done?),
        }
    }
}

fn flag(option: &[u8]) -> MountFlags {
    match option {
        b"ro" => MountFlags::RDONLY,
        b"nosuid" => MountFlags::NOSUID,
        b"nodev" => MountFlags::NODEV,
        b"noexec" => MountFlags::NOEXEC,
        b"noatime" => MountFlags::NOATIME,
        b"nodiratime" => MountFlags::NODIRATIME,
        b"relatime" => MountFlags::RELATIME,
        _ => MountFlags::empty(),
    }
}

/// `\040` and the like are bytes.
fn unescaped(word: &[u8]) -> OsString {
    let mut bytes = Vec::new();
    let mut rest = word;
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..3).filter(|_| *first == b'\\');
        let code = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = code.and_then(|code| u8::from_str_radix(code, 8).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[3..] } else { after };
    }
    OsString::from_vec(bytes)
}

/// An absolute path, below another one.
pub(super) fn below(root: &str, path: &Path) -> PathBuf {
    let mut joined = OsString::from(root);
    joined.push(path);
    PathBuf::from(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_mountinfo_is_read() {
        let line =
            br"36 35 98:0 /mnt1 /new/a\040b\134c ro,nosuid,noatime master:1 - ext3 /dev/root rw";
        let mount = Mount::parse(line).unwrap();
        assert_eq!(mount.at, Path::new(r"/new/a b\c"));
        assert_eq!(mount.flags, MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NOATIME);
        assert!(Mount::parse(b"").is_none());
    }
}
