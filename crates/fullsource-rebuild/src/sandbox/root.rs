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

/// Makes the root and goes there, and every other process of this mount name space with it. What may be
/// written belongs to `owner`.
pub(super) fn make(wanted: &Wanted, owner: Option<u32>) -> Result<Root, String> {
    begin().map_err(|error| without("a mount", error))?;
    let maker = Maker { wanted, owner };
    let (sealed, open) = maker.fill()?;
    maker.restrict(&sealed, &open).map_err(|error| without("a mount made read-only", error))?;
    let scratch = wanted.scratch.as_ref().map(|scratch| directory(&below(OLD, &scratch.parent)));
    let scratch = scratch.transpose().map_err(|error| without("the scratch directory", error))?;
    finish().map_err(|error| without("a mount", error))?;
    let output = directory(Path::new("/output")).map_err(|error| without("/output", error))?;
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

type Places = Vec<PathBuf>;

impl Maker<'_> {
    /// Binds everything; gives back what is to be read only, and what may be written.
    fn fill(&self) -> Result<(Places, Places), String> {
        let named = |what: &str| {
            let what = what.to_owned();
            move |error| without(&what, error)
        };
        processes().map_err(named("/proc"))?;
        let mut sealed = system().map_err(named("/usr"))?;
        sealed.extend(devices().map_err(named("/dev"))?);
        let tools = self.wanted.tools.iter().map(|tool| (tool, tool));
        let shown = self.wanted.shown.iter().map(|(from, at)| (from, at));
        for (from, at) in tools.chain(shown) {
            let to = below(NEW, at);
            bind(&below(OLD, from), &to).map_err(named(&from.display().to_string()))?;
            sealed.push(to);
        }
        let open = self.disk().map_err(named("the directories to write to"))?;
        files().map_err(named("/etc"))?;
        Ok((sealed, open))
    }

    fn disk(&self) -> io::Result<Places> {
        let disk = match &self.wanted.scratch {
            Some(scratch) => below(OLD, &scratch.parent).join(&scratch.name),
            None => {
                let start = &self.wanted.start;
                memory(Path::new(DISK), start.disk + super::watch::SLACK, inodes(start.disk))?;
                PathBuf::from(DISK)
            }
        };
        for (name, at) in WRITABLE {
            self.owned(&disk.join(name))?;
            bind(&disk.join(name), &below(NEW, Path::new(at)))?;
        }
        for path in &self.wanted.directories {
            let mut place = disk.join("output");
            for part in path.split('/') {
                place.push(part);
                self.owned(&place)?;
            }
        }
        Ok(WRITABLE.iter().map(|(_, at)| below(NEW, Path::new(at))).collect())
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

    /// Nothing keeps its set-user-id bits or its devices; what is not for writing is not written.
    fn restrict(&self, sealed: &[PathBuf], open: &[PathBuf]) -> io::Result<()> {
        let devices = below(NEW, Path::new("/dev"));
        let within = |places: &[PathBuf], at: &Path| places.iter().any(|it| at.starts_with(it));
        let is_device = |at: &Path| at.parent() == Some(&devices) && at.ends_with(last(at));
        for mount in read(Path::new("/new/proc"))? {
            let at = &mount.at;
            if within(open, at) {
                mount.restrict(MountFlags::NOSUID | MountFlags::NODEV)?;
            } else if within(sealed, at) && is_device(at) {
                mount.restrict(MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NOEXEC)?;
            } else if within(sealed, at) || at == Path::new(NEW) {
                mount.restrict(MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NODEV)?;
            }
        }
        Ok(())
    }
}

fn last(at: &Path) -> &Path {
    at.file_name().map_or(at, Path::new)
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

fn system() -> io::Result<Places> {
    let mut sealed = Vec::new();
    for place in SYSTEM.into_iter().chain(FOUND_BY).map(Path::new) {
        let (from, to) = (below(OLD, place), below(NEW, place));
        match fs::symlink_metadata(&from) {
            // As Debian and others have it: `/bin` is `usr/bin`.
            Ok(it) if it.is_symlink() => symlink(fs::read_link(&from)?, &to)?,
            Ok(_) => {
                bind(&from, &to)?;
                sealed.push(to);
            }
            Err(_) => {}
        }
    }
    Ok(sealed)
}

fn devices() -> io::Result<Places> {
    let within = below(NEW, Path::new("/dev"));
    fs::create_dir(&within)?;
    let mut sealed = Vec::new();
    for name in DEVICES {
        let to = within.join(name);
        bind(&Path::new("/old/dev").join(name), &to)?;
        sealed.push(to);
    }
    symlink("/proc/self/fd", within.join("fd"))?;
    for (number, name) in ["stdin", "stdout", "stderr"].into_iter().enumerate() {
        symlink(format!("/proc/self/fd/{number}"), within.join(name))?;
    }
    Ok(sealed)
}

fn files() -> io::Result<()> {
    fs::create_dir_all(below(NEW, Path::new("/etc")))?;
    for (place, text) in WRITTEN {
        let to = below(NEW, Path::new(place));
        // Where the caller gave `/etc` as a tool, it is what it is.
        if !to.exists() {
            fs::write(to, text)?;
        }
    }
    Ok(())
}
