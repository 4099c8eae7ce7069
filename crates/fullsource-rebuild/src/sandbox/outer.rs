//! The caller's side of a sandbox.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use fullsource_collect::directory::Directory;
use fullsource_collect::progress::Progress;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pipe::{PipeFlags, pipe_with};

use super::gate::{GATE, part, without};
use super::said::drain;
use super::wire::{Ended, Start, Told, Wanted, receive, send};
use super::{Job, Ran, SandboxError, setting};

/// How long a wish to stop may wait.
const STOPS_WITHIN: Duration = Duration::from_millis(50);

/// What a run in a sandbox gives, and what the sandbox was.
pub(super) struct Kept {
    pub(super) ran: Ran,
    pub(super) landlock: Option<u32>,
}

/// Runs a job in a sandbox. All that it started has ended when this returns, however it does.
pub(super) fn run(job: &Job<'_>, progress: &Progress) -> Result<Kept, SandboxError> {
    progress.check()?;
    let unavailable = |what: &'static str| {
        move |error: io::Error| SandboxError::Unavailable(without(what, error))
    };
    let wanted = wanted(job)?;
    let (socket, inside) = UnixStream::pair().map_err(unavailable("socketpair"))?;
    let (said, says) = pipe_with(PipeFlags::CLOEXEC).map_err(|e| unavailable("pipe")(e.into()))?;
    let mut gate = enter(inside, says).map_err(unavailable("the sandbox's gate"))?;
    thread::scope(|scope| {
        let said = scope.spawn(move || drain(fs::File::from(said)));
        let told = talk(&socket, &wanted, progress);
        // Where it has not ended yet, it does now: process 1 within sees the socket close.
        drop(socket);
        let waited = gate.wait();
        let said = said.join().unwrap_or_default();
        waited.map_err(unavailable("the sandbox's gate"))?;
        told.and_then(|talked| talked.ran(said))
    })
}

/// The part that makes the name spaces. It is no longer in the caller's group, whose signals are the
/// caller's to answer.
fn enter(socket: UnixStream, says: OwnedFd) -> io::Result<Child> {
    let errors = says.try_clone()?;
    part(GATE)
        .stdin(Stdio::from(OwnedFd::from(socket)))
        .stdout(Stdio::from(says))
        .stderr(Stdio::from(errors))
        .process_group(0)
        .spawn()
}

fn wanted(job: &Job<'_>) -> Result<Wanted, SandboxError> {
    let real = |path: &Path| {
        let shown = |error| SandboxError::Unavailable(format!("`{}`: {error}", path.display()));
        fs::canonicalize(path).map_err(shown)
    };
    let shown = job.shown.iter().map(|shown| Ok((real(&shown.from)?, shown.at.clone())));
    Ok(Wanted {
        shown: shown.collect::<Result<_, SandboxError>>()?,
        directories: job.directories.iter().map(|path| path.as_str().to_owned()).collect(),
        wall_milliseconds: u64::try_from(job.limits.wall.as_millis()).unwrap_or(u64::MAX),
        scratch: None,
        nobody: nobody(),
        start: Start {
            command: job.command.clone(),
            environment: setting::variables(job, Path::new("/")),
            threads: job.threads,
            memory: job.limits.memory,
            disk: job.limits.disk,
            processes: job.limits.processes,
            on_disk: job.scratch.is_some(),
        },
        tools: job.tools.to_vec(),
    })
}

/// A number of a user who nobody is, and no other sandbox of this machine has now.
fn nobody() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed) % 64;
    0x7000_0000 + (std::process::id() % (1 << 22)) * 64 + next
}

struct Talked {
    landlock: Option<u32>,
    output: OwnedFd,
    ended: Ended,
}

impl Talked {
    fn ran(self, said: Vec<u8>) -> Result<Kept, SandboxError> {
        let ran = Ran {
            end: self.ended.end,
            output: Directory::from(self.output),
            wall: Duration::from_micros(self.ended.wall_microseconds),
            cpu: Duration::from_micros(self.ended.cpu_microseconds),
            peak_memory: self.ended.peak_memory,
            said,
        };
        Ok(Kept { ran, landlock: self.landlock })
    }
}

/// Says what is wanted, and hears how it ended.
fn talk(socket: &UnixStream, wanted: &Wanted, progress: &Progress) -> Result<Talked, SandboxError> {
    let broken = |error: io::Error| SandboxError::Unavailable(format!("it broke: {error}"));
    // Where the gate has closed before it heard anything, it has said why.
    let sent = send(socket, wanted, None);
    let mut ready = None;
    loop {
        wait(socket, progress)?;
        match (receive::<Told>(socket).map_err(broken)?, ready.take()) {
            (Some((Told::Unavailable(trouble), _)), _) => {
                return Err(SandboxError::Unavailable(trouble));
            }
            (Some((Told::Ready { landlock }, Some(output))), None) => {
                ready = Some((landlock, output));
            }
            (Some((Told::Ended(ended), _)), Some((landlock, output))) => {
                return Ok(Talked { landlock, output, ended });
            }
            _ => {
                sent.map_err(broken)?;
                return Err(broken(io::Error::other("something outside ended it")));
            }
        }
    }
}

/// Until something is said, or the caller is to stop.
fn wait(socket: &UnixStream, progress: &Progress) -> Result<(), SandboxError> {
    loop {
        progress.check()?;
        let mut watched = [PollFd::new(socket, PollFlags::IN)];
        let time = Timespec::try_from(STOPS_WITHIN).ok();
        if matches!(poll(&mut watched, time.as_ref()), Ok(count) if count > 0) {
            return Ok(());
        }
    }
}
