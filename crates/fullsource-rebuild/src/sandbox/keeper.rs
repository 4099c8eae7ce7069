//! Process 1 within: makes the root, starts the command, and ends everything with it.

use std::fs;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal as KillSignal, kill};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{
    DumpableBehavior, Pid, PidfdFlags, Signal, WaitOptions, WaitStatus, pidfd_open,
    set_dumpable_behavior, set_parent_process_death_signal, wait,
};

use super::End;
use super::gate::{self, START, part, without};
use super::root::{self, Root};
use super::sweep;
use super::watch::{Watch, processor_time};
use super::wire::{Ended, Start, Told, Wanted, receive, send};

/// Keeps one command. Whatever ends it ends all that it started: the kernel does, when process 1
/// goes.
pub(super) fn run() -> ExitCode {
    let Ok(socket) = gate::socket() else { return ExitCode::FAILURE };
    let told = match keep(&socket) {
        Ok(Some(ended)) => Told::Ended(ended),
        Ok(None) => return ExitCode::SUCCESS,
        Err(trouble) => Told::Unavailable(trouble),
    };
    // Where nobody listens, nobody is left who could be told.
    let _ = send(&socket, &told, None);
    ExitCode::SUCCESS
}

/// What came of it; nothing where the caller has gone.
fn keep(socket: &UnixStream) -> Result<Option<Ended>, String> {
    let io = |what: &'static str| move |error: io::Error| without(what, error);
    if rustix::process::getpid() != Pid::INIT {
        return Err("the keeper is started by the gate alone".to_owned());
    }
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|e| without("prctl", e.into()))?;
    let received = receive::<Wanted>(socket).map_err(io("what is wanted"))?;
    let Some((wanted, _)) = received else { return Ok(None) };
    if wanted.scratch.is_none() {
        // Beside the socket, which closes. Where there is something to sweep, that is all there is.
        set_parent_process_death_signal(Some(Signal::KILL))
            .map_err(|e| without("prctl", e.into()))?;
    }
    rustix::system::sethostname(b"rebuild").map_err(|e| without("sethostname", e.into()))?;
    // Started while it can be: its program is not in the root that it will see.
    let child = Child::start().map_err(io("the start of the command"))?;
    let root = root::make(&wanted, gate::is_root().then_some(wanted.nobody))?;
    shared_memory(wanted.start.memory);
    let began = Instant::now();
    let end = match child.go(&wanted.start).map_err(io("the start of the command"))? {
        Told::Ready { landlock } => {
            let ready = Told::Ready { landlock };
            let heard = send(socket, &ready, Some(root.output.as_fd())).is_ok();
            let deadline = began + Duration::from_millis(wanted.wall_milliseconds);
            heard.then(|| child.watch(&wanted.start, &root, deadline, socket)).flatten()
        }
        Told::Unavailable(trouble) => return Err(trouble),
        Told::Here | Told::Ended(_) => {
            return Err("the start of the command: out of turn".to_owned());
        }
    };
    let wall = began.elapsed();
    end_all();
    match (&end, &wanted.scratch, &root.scratch) {
        (None, Some(scratch), Some(parent)) => {
            // The caller did not come to it.
            let _ = sweep::remove(parent.as_fd(), &scratch.name);
        }
        _ => readable(Path::new(super::OUTPUT)),
    }
    Ok(end.map(|(end, peak)| ended(watch_last(end, &wanted.start, &root), wall, peak)))
}

/// A limit that was reached between the last look and the end.
fn watch_last(end: End, limits: &Start, root: &Root) -> End {
    let limit = Watch::new(limits, &root.output).disk().err();
    if matches!(end, End::Exited(_)) { limit.unwrap_or(end) } else { end }
}

/// Lets the owner read what was made, whatever its modes: who may read a file is none of its bytes.
fn readable(top: &Path) {
    let mut left = vec![top.to_owned()];
    while let Some(path) = left.pop() {
        let Ok(about) = fs::symlink_metadata(&path) else { continue };
        let needed = if about.is_dir() { 0o500 } else { 0o400 };
        let mode = about.mode() & 0o7777;
        if (about.is_dir() || about.is_file()) && mode & needed != needed {
            // What stays shut is found to be unreadable later.
            let _ = fs::set_permissions(&path, fs::Permissions::from_mode(mode | needed));
        }
        if about.is_dir() {
            left.extend(fs::read_dir(&path).into_iter().flatten().flatten().map(|it| it.path()));
        }
    }
}

fn ended(end: End, wall: Duration, peak: u64) -> Ended {
    let (cpu, largest) = processor_time().unwrap_or_default();
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    Ended {
        end,
        wall_microseconds: micros(wall),
        cpu_microseconds: micros(cpu),
        peak_memory: peak.max(largest),
    }
}

/// Memory that System V shares belongs to no process that could be asked. Its messages and
/// semaphores nobody counts: there are few.
fn shared_memory(bytes: u64) {
    let (pages, bytes) = ((bytes / 4096).to_string(), bytes.to_string());
    let few = [("msgmni", "64"), ("sem", "250 16000 32 64")];
    for (name, value) in [("shmall", &*pages), ("shmmax", &*bytes)].into_iter().chain(few) {
        // Kernels before 5.19 let only root of the machine say it.
        let _ = std::fs::write(format!("/proc/sys/kernel/{name}"), value);
    }
}

/// What becomes the command.
struct Child {
    pid: Pid,
    handle: OwnedFd,
    socket: UnixStream,
}

impl Child {
    fn start() -> io::Result<Self> {
        let (socket, theirs) = UnixStream::pair()?;
        let child = part(START).stdin(Stdio::from(OwnedFd::from(theirs))).spawn()?;
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or(Errno::SRCH)?;
        let child = Self { pid, handle: pidfd_open(pid, PidfdFlags::empty())?, socket };
        child.hear()?;
        Ok(child)
    }

    /// Lets it go, until it has become the command.
    fn go(&self, start: &Start) -> io::Result<Told> {
        send(&self.socket, start, None)?;
        self.hear()
    }

    fn hear(&self) -> io::Result<Told> {
        let gone = || io::Error::other("it ended before its time");
        let (told, _) = receive::<Told>(&self.socket)?.ok_or_else(gone)?;
        Ok(told)
    }

    /// Waits for its end or for a limit; nothing where the caller has gone. With it, the most
    /// memory seen.
    fn watch(
        &self,
        limits: &Start,
        root: &Root,
        deadline: Instant,
        caller: &UnixStream,
    ) -> Option<(End, u64)> {
        let mut watch = Watch::new(limits, &root.output);
        loop {
            let looked = watch.look();
            let left = deadline.saturating_duration_since(Instant::now());
            let end = match (self.reap(), looked) {
                (_, Err(limit)) => Some(limit),
                (Some(end), _) => Some(end),
                (None, Ok(_)) if left.is_zero() => Some(End::Time),
                (None, Ok(_)) => None,
            };
            if let Some(end) = end {
                return Some((end, watch.peak_memory));
            }
            if self.sleep(looked.unwrap_or_default().min(left), caller) {
                return None;
            }
        }
    }

    /// Until it ends or the time is over. Whether the caller has gone: it never says anything more.
    fn sleep(&self, time: Duration, caller: &UnixStream) -> bool {
        let mut watched = [
            PollFd::new(caller, PollFlags::IN | PollFlags::RDHUP),
            PollFd::new(&self.handle, PollFlags::IN),
        ];
        let time = Timespec::try_from(time).ok();
        let polled = poll(&mut watched, time.as_ref());
        polled.is_ok() && !watched[0].revents().is_empty()
    }

    /// Takes leave of all that has ended; how the command did, where it is among them.
    fn reap(&self) -> Option<End> {
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            if pid == self.pid {
                return Some(end_of(status));
            }
        }
        None
    }
}

fn end_of(status: WaitStatus) -> End {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => End::Exited(code),
        (None, Some(libc::SIGXFSZ)) => End::Disk,
        (None, Some(signal)) => End::Killed(signal),
        (None, None) => End::Killed(0),
    }
}

/// Ends every process within, whatever it is and belongs to.
fn end_all() {
    loop {
        // To all that this process may signal but itself, which is all of this name space.
        let _ = kill(nix::unistd::Pid::from_raw(-1), KillSignal::SIGKILL);
        match wait(WaitOptions::empty()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => return,
        }
    }
}
