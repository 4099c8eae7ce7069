//! The way in: name spaces of its own, in which the keeper is process 1.

use std::fs;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use nix::sched::{CloneFlags, unshare};
use rustix::fs::Mode;
use rustix::process::{Signal, set_parent_process_death_signal};

use super::wire::{Told, send};

/// How the parts inside are started: by the name that they are called with.
pub(super) const GATE: &str = "fullsource sandbox: gate";
pub(super) const KEEPER: &str = "fullsource sandbox: keeper";
pub(super) const START: &str = "fullsource sandbox: start";

/// This very program, under the name of a part.
pub(super) fn part(name: &str) -> Command {
    let mut command = Command::new("/proc/self/exe");
    command.arg0(name).env_clear();
    command
}

/// The socket that a part was started with, in the place of its standard input.
pub(super) fn socket() -> io::Result<UnixStream> {
    Ok(UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?))
}

/// Makes the name spaces, and waits for what runs in them.
pub(super) fn run() -> ExitCode {
    close_what_was_left_open();
    // Of the root, too, which the command is to see whatever the caller's is.
    rustix::process::umask(Mode::WGRP | Mode::WOTH);
    let passed = pass();
    if let Err(trouble) = &passed
        && let Ok(socket) = socket()
    {
        // Where nobody listens, nobody is left who could be told.
        let _ = send(&socket, &Told::Unavailable(trouble.clone()), None);
    }
    ExitCode::from(u8::from(passed.is_err()))
}

fn pass() -> Result<(), String> {
    // A caller that dies takes its sandbox with it. The keeper also sees its socket close.
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(|e| without("prctl", e.into()))?;
    let spaces = CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWNET
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWUTS
        | CloneFlags::CLONE_NEWCGROUP;
    if is_root() {
        unshare(spaces).map_err(|e| without("unshare", e.into()))?;
    } else {
        let (uid, gid) = (rustix::process::geteuid(), rustix::process::getegid());
        unshare(spaces | CloneFlags::CLONE_NEWUSER).map_err(|e| without("unshare", e.into()))?;
        map(0, uid.as_raw(), gid.as_raw()).map_err(|e| without("/proc/self/uid_map", e))?;
    }
    let mut keeper = part(KEEPER).spawn().map_err(|e| without("the keeper", e))?;
    keeper.wait().map_err(|e| without("the keeper", e))?;
    Ok(())
}

/// Root of the machine itself, and not of a user name space. Its sandboxes run as somebody who
/// nobody is: the kernel counts no processes for root.
pub(super) fn is_root() -> bool {
    let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    let whole = map.split_whitespace().eq(["0", "0", "4294967295"]);
    rustix::process::geteuid().is_root() && whole
}

/// Gives this process's user and group these numbers in its new user name space, and no other user
/// any.
pub(super) fn map(inside: u32, uid: u32, gid: u32) -> io::Result<()> {
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{inside} {uid} 1"))?;
    fs::write("/proc/self/gid_map", format!("{inside} {gid} 1"))
}

/// What the caller's own parent left open is not the command's.
fn close_what_was_left_open() {
    let listed = fs::read_dir("/proc/self/fd").map(|entries| {
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        names.filter_map(|name| name.parse::<i32>().ok()).filter(|fd| *fd > 2).collect()
    });
    let open: Vec<i32> = listed.unwrap_or_default();
    for fd in open {
        // The one of the listing itself has gone already.
        let _ = nix::unistd::close(fd);
    }
}

/// What is missing, and what to do.
pub(super) fn without(what: &str, error: io::Error) -> String {
    let help = match error.raw_os_error() {
        Some(libc::EPERM | libc::EACCES | libc::ENOSPC | libc::EUSERS | libc::EINVAL) => {
            ": user name spaces must be allowed (`sysctl user.max_user_namespaces`, on Ubuntu \
             `kernel.apparmor_restrict_unprivileged_userns=0`, in a container its seccomp profile), or \
             it must be root with CAP_SYS_ADMIN"
        }
        _ => "",
    };
    format!("`{what}`: {error}{help}")
}
