//! The root that a command sees: made of nothing, with what it was given bound into it.

use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::mount::{
    MountFlags, MountPropagationFlags, UnmountFlags, mount, mount_bind, mount_change, unmount,
};
use rustix::process::{chdir, fchdir, pivot_root};

use super::gate::without;
use super::mounts::{below, bind, memory, read};
use super::setting::SYSTEM;
use super::wire::Wanted;

/// While it is made, the root of the machine stands at the one and the new one at the other.
const OLD: &str = "/old";
const NEW: &str = "/new";
/// Where all that may be written lies: one file system, so that one limit holds for all of it.
const DISK: &str = "/disk";

/// Of `/etc`, what programs and libraries are found by. Nothing that tells of this machine.
const FOUND_BY: [&str; 4] =
    ["/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d"];
const DEVICES: [&str; 5] = ["null", "zero", "full", "random", "urandom"];
/// What may be written: its name on the disk, and where it is seen.
pub(super) const WRITABLE: [(&str, &str); 4] =
    [("output", "/output"), ("work", "/work"), ("tmp", "/tmp"), ("shm", "/dev/shm")];

/// Files written for the command alone.
const WRITTEN: [(&str, &str); 4] = [
    (
        "/etc/passwd",
        "root:x:0:0::/:/bin/sh\nrebuild:x:1000:1000::/work:/bin/sh\n\
         nobody:x:65534:65534::/:/bin/sh\n",
    ),
    ("/etc/group", "root:x:0:\nrebuild:x:1000:\nnogroup:x:65534:\n"),
    ("/etc/hosts", "127.0.0.1 localhost rebuild\n::1 localhost\n"),
    ("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"),
];

/// What the keeper holds of the root.
pub(super) struct Root {
    /// The directory for outputs.
    pub(super) output: OwnedFd,
    /// The caller's directory for temporary ones, where that is what is written to.
    pub(super) scratch: Option<OwnedFd>,
}

/// Makes the root and goes there, and every other process of this mount name space with it. What
/// may be written belongs to `owner`.
pub(super) fn make(wanted: &Wanted, owner: Option<u32>) -> Result<Root, String> {
    let io = |what: &'static str| move |error: io::Error| without(what, error);
    begin().map_err(io("a mount"))?;
    Maker { wanted, owner }.fill()?;
    let scratch = wanted.scratch.as_ref().map(|scratch| directory(&below(OLD, &scratch.parent)));
    let scratch = scratch.transpose().map_err(io("the scratch directory"))?;
    finish().map_err(io("a mount"))?;
    let output = directory(Path::new(super::OUTPUT)).map_err(io("/output"))?;
    Ok(Root { output, scratch })
}

/// A root in memory, in which the machine's is one directory.
fn begin() -> io::Result<()> {
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;
    let places = ["/tmp", "/run", "/mnt", "/var"];
    let base = places.into_iter().find(|place| fs::metadata(place).is_ok_and(|it| it.is_dir()));
    let base = Path::new(base.unwrap_or("/tmp"));
    memory(base, 64 << 20, 1_000_000)?;
    for name in [OLD, NEW, DISK] {
        fs::create_dir(base.join(&name[1..]))?;
    }
    mount_bind(base.join("new"), base.join("new"))?;
    pivot_root(base, base.join("old"))?;
    Ok(chdir("/")?)
}

/// The machine's root is let go, then the one around the new one.
fn finish() -> io::Result<()> {
    unmount(OLD, UnmountFlags::DETACH)?;
    let around = directory(Path::new("/"))?;
    chdir(NEW)?;
    pivot_root(".", ".")?;
    fchdir(around.as_fd())?;
    unmount(".", UnmountFlags::DETACH)?;
    Ok(chdir("/")?)
}

fn directory(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?)
}

struct Maker<'a> {
    wanted: &'a Wanted,
    owner: Option<u32>,
}

impl Maker<'_> {
    /// Binds everything. What is the machine's is shut at once, so that no place for the next is
    /// made in it.
    fn fill(&self) -> Result<(), String> {
        let io = |what: &'static str| move |error: io::Error| without(what, error);
        processes().map_err(io("/proc"))?;
        files().map_err(io("/etc"))?;
        self.disk().map_err(io("the directories to write to"))?;
        system().map_err(io("/usr"))?;
        devices().map_err(io("/dev"))?;
        for (from, at) in self.wanted.tools.iter().chain(&self.wanted.shown) {
            let named = |error| without(&from.display().to_string(), error);
            show(&below(OLD, from), &below(NEW, at)).map_err(named)?;
        }
        let sealed = MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NODEV;
        restrict(sealed, |at| at == Path::new(NEW)).map_err(io("a mount made read-only"))
    }

    fn disk(&self) -> io::Result<()> {
        let disk = match &self.wanted.scratch {
            Some(scratch) => below(OLD, &scratch.parent).join(&scratch.name),
            None => {
                let start = &self.wanted.start;
                memory(Path::new(DISK), start.disk + super::watch::SLACK, inodes(start.disk))?;
                PathBuf::from(DISK)
            }
        };
        for (name, at) in WRITABLE {
            let to = below(NEW, Path::new(at));
            self.owned(&disk.join(name))?;
            bind(&disk.join(name), &to)?;
            restrict(MountFlags::NOSUID | MountFlags::NODEV, |at| at == to)?;
        }
        for path in &self.wanted.directories {
            let mut place = disk.join("output");
            for part in path.split('/') {
                place.push(part);
                self.owned(&place)?;
            }
        }
        Ok(())
    }

    /// A directory of the command's own.
    fn owned(&self, place: &Path) -> io::Result<()> {
        if let Err(error) = fs::create_dir(place)
            && error.kind() != io::ErrorKind::AlreadyExists
        {
            return Err(error);
        }
        fs::set_permissions(place, fs::Permissions::from_mode(0o755))?;
        self.owner.map_or(Ok(()), |owner| chown(place, Some(owner), Some(owner)))
    }
}

/// Binds what is to be read only.
fn show(from: &Path, to: &Path) -> io::Result<()> {
    bind(from, to)?;
    let sealed = MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NODEV;
    restrict(sealed, |at| at.starts_with(to))
}

/// Adds restrictions to mounts, by their places.
fn restrict(more: MountFlags, is_meant: impl Fn(&Path) -> bool) -> io::Result<()> {
    let mounts = read(Path::new("/new/proc"))?;
    mounts.iter().filter(|mount| is_meant(&mount.at)).try_for_each(|mount| mount.restrict(more))
}

/// A name costs memory, too.
fn inodes(disk: u64) -> u64 {
    (disk / 1024).clamp(10_000, 10_000_000)
}

fn processes() -> io::Result<()> {
    let at = below(NEW, Path::new("/proc"));
    fs::create_dir(&at)?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    Ok(mount("proc", &at, "proc", flags, None)?)
}

fn system() -> io::Result<()> {
    for place in SYSTEM.into_iter().chain(FOUND_BY).map(Path::new) {
        let (from, to) = (below(OLD, place), below(NEW, place));
        match fs::symlink_metadata(&from) {
            // As Debian and others have it: `/bin` is `usr/bin`.
            Ok(it) if it.is_symlink() => symlink(fs::read_link(&from)?, &to)?,
            Ok(_) => show(&from, &to)?,
            Err(_) => {}
        }
    }
    Ok(())
}

fn devices() -> io::Result<()> {
    let within = below(NEW, Path::new("/dev"));
    let sealed = MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NOEXEC;
    for name in DEVICES {
        let to = within.join(name);
        bind(&Path::new("/old/dev").join(name), &to)?;
        restrict(sealed, |at| at == to)?;
    }
    symlink("/proc/self/fd", within.join("fd"))?;
    for (number, name) in ["stdin", "stdout", "stderr"].into_iter().enumerate() {
        symlink(format!("/proc/self/fd/{number}"), within.join(name))?;
    }
    Ok(())
}

fn files() -> io::Result<()> {
    fs::create_dir_all(below(NEW, Path::new("/etc")))?;
    WRITTEN.into_iter().try_for_each(|(place, text)| fs::write(below(NEW, Path::new(place)), text))
}
