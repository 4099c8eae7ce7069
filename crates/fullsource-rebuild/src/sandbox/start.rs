//! The last step within: gives up what it may, and becomes the command.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode, Stdio};

use nix::sched::{CloneFlags, unshare};
use rustix::mount::{MountFlags, mount_remount};
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use super::gate::{self, without};
use super::locks;
use super::wire::{Start, Told, receive, send};

/// Who the command is, as it sees it.
pub(super) const USER: u32 = 1000;

/// How a shell ends where there is no such program.
const NO_PROGRAM: u8 = 127;

/// Waits for what to start, and becomes it. What stands in the way is told.
pub(super) fn run() -> ExitCode {
    let Ok(socket) = gate::socket() else { return ExitCode::FAILURE };
    if send(&socket, &Told::Here, None).is_err() {
        return ExitCode::FAILURE;
    }
    let Ok(Some((start, _))) = receive::<Start>(&socket) else { return ExitCode::FAILURE };
    let given_up = give_up(&start);
    let is_shut = given_up.is_ok();
    let told = match given_up {
        Ok(landlock) => Told::Ready { landlock },
        Err(trouble) => Told::Unavailable(trouble),
    };
    if send(&socket, &told, None).is_err() || !is_shut {
        return ExitCode::FAILURE;
    }
    let error = become_it(&start);
    let program = start.command.first().cloned().unwrap_or_default();
    let text = format!("`{}` cannot be started: {error}\n", program.to_string_lossy());
    // It stands beside what the command would have said.
    let _ = io::stderr().write_all(text.as_bytes());
    ExitCode::from(NO_PROGRAM)
}

/// Comes back only where it failed.
fn become_it(start: &Start) -> io::Error {
    let Some((program, arguments)) = start.command.split_first() else {
        return io::Error::other("no program is named");
    };
    let environment = start.environment.iter().map(|(name, value)| (name, value));
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(environment).stdin(Stdio::null()).exec()
}

fn give_up(start: &Start) -> Result<Option<u32>, String> {
    let io = |what: &'static str| move |error: io::Error| without(what, error);
    rustix::process::setsid().map_err(|e| without("setsid", e.into()))?;
    // The first that the kernel takes where memory runs out.
    fs::write("/proc/self/oom_score_adj", "1000").map_err(io("/proc/self/oom_score_adj"))?;
    if gate::is_root() {
        become_nobody().map_err(io("setresuid"))?;
    }
    be_alone().map_err(io("a user name space"))?;
    rustix::process::chdir(super::WORK).map_err(|e| without("/work", e.into()))?;
    limit(start).map_err(io("setrlimit"))?;
    processors(start.threads).map_err(io("sched_setaffinity"))?;
    rustix::thread::set_no_new_privs(true).map_err(|e| without("no_new_privs", e.into()))?;
    let landlock = locks::landlock()?;
    locks::seccomp()?;
    Ok(landlock)
}

/// Root becomes a user that owns nothing of this machine.
fn become_nobody() -> io::Result<()> {
    // What it may write has been given to it already.
    let number = fs::metadata(super::WORK)?.uid();
    let (uid, gid) = (rustix::fs::Uid::from_raw(number), rustix::fs::Gid::from_raw(number));
    rustix::thread::set_thread_groups(&[])?;
    rustix::thread::set_thread_res_gid(gid, gid, gid)?;
    rustix::thread::set_thread_res_uid(uid, uid, uid)?;
    // Its own /proc/self belongs to it again.
    Ok(rustix::process::set_dumpable_behavior(DumpableBehavior::Dumpable)?)
}

/// A user name space of its own, which holds no power over any other and locks the mounts.
fn be_alone() -> io::Result<()> {
    let (uid, gid) = (rustix::process::geteuid(), rustix::process::getegid());
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)?;
    gate::map(USER, uid.as_raw(), gid.as_raw())?;
    let flags = MountFlags::BIND
        | MountFlags::RDONLY
        | MountFlags::NOSUID
        | MountFlags::NODEV
        | MountFlags::NOEXEC
        | MountFlags::RELATIME;
    mount_remount("/proc", flags, "")?;
    // What the user name space gave is given back.
    Ok(rustix::thread::set_capabilities(None, locks::no_capabilities())?)
}

fn limit(start: &Start) -> io::Result<()> {
    // In memory the file system is full first, which says more than a signal.
    let files = if start.on_disk { start.disk } else { start.disk + 2 * super::watch::SLACK };
    let limits = [
        (Resource::Nproc, start.processes + super::watch::SPARE),
        (Resource::Fsize, files),
        (Resource::Data, start.memory.saturating_mul(2)),
        (Resource::Core, 0),
        (Resource::Nofile, 4096),
        (Resource::Memlock, 1 << 20),
        (Resource::Msgqueue, 0),
        (Resource::Rtprio, 0),
        (Resource::Nice, 0),
    ];
    for (resource, most) in limits {
        let most = getrlimit(resource).maximum.map_or(most, |there| there.min(most));
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    // Programs size their threads' stacks by it.
    let stack = getrlimit(Resource::Stack).maximum.map_or(8 << 20, |there| there.min(8 << 20));
    let there = getrlimit(Resource::Stack).maximum;
    Ok(setrlimit(Resource::Stack, Rlimit { current: Some(stack), maximum: there })?)
}

/// The first of the processors that it may use, as many as it has threads.
fn processors(threads: u32) -> io::Result<()> {
    let allowed = sched_getaffinity(None)?;
    let numbers = (0..CpuSet::MAX_CPU).filter(|number| allowed.is_set(*number));
    let mut chosen = CpuSet::new();
    numbers.take(threads.max(1) as usize).for_each(|number| chosen.set(number));
    Ok(sched_setaffinity(None, &chosen)?)
}
