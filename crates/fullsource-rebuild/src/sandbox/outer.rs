//! The caller's side of a sandbox.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use fullsource_collect::directory::Directory;
use fullsource_collect::progress::Progress;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pipe::{PipeFlags, pipe_with};

use super::gate::{GATE, is_root, part, without};
use super::said::Said;
use super::wire::{Ended, Scratch, Start, Told, Wanted, receive, send};
use super::{Job, Place, Ran, SandboxError, setting};

/// How long a wish to stop may wait.
const STOPS_WITHIN: Duration = Duration::from_millis(50);

/// Runs a job in a sandbox, and says what the sandbox was. All that it started has ended when this
/// returns, however it does.
pub(super) fn run(job: &Job<'_>, progress: &Progress) -> Result<(Ran, String), SandboxError> {
    progress.check()?;
    readable(job, progress)?;
    let place = job.scratch.as_deref().map(place).transpose()?;
    let wanted = wanted(job, place.as_ref())?;
    let (socket, inside) = UnixStream::pair().map_err(unavailable("socketpair"))?;
    let (says, writer) =
        pipe_with(PipeFlags::CLOEXEC).map_err(|e| unavailable("pipe")(e.into()))?;
    let mut gate = enter(inside, writer).map_err(unavailable("the sandbox's gate"))?;
    let said = Said::default();
    let talked = thread::scope(|scope| {
        scope.spawn(|| said.drain(File::from(says)));
        let talked = talk(&socket, &wanted, progress);
        // Where it has not ended yet, it does now: process 1 within sees the socket close.
        drop(socket);
        gate.wait().map_err(unavailable("the sandbox's gate"))?;
        talked
    })?;
    Ok(talked.ran(said.take(), place))
}

fn unavailable(what: &'static str) -> impl Fn(io::Error) -> SandboxError {
    move |error| SandboxError::Unavailable(without(what, error))
}

/// A directory that nobody else may enter, for what the command writes.
fn place(scratch: &Path) -> Result<Place, SandboxError> {
    let failed = |error: io::Error| {
        SandboxError::Unavailable(format!("scratch directory `{}`: {error}", scratch.display()))
    };
    let parent = File::open(scratch).map_err(failed)?;
    let mut builder = tempfile::Builder::new();
    let builder = builder.prefix("fullsource-rebuild-").permissions(Permissions::from_mode(0o700));
    let made = builder.tempdir_in(scratch).map_err(failed)?.keep();
    Ok(Place { parent, name: made.file_name().unwrap_or_default().to_owned() })
}

/// Where the caller is root, the command is nobody, and can read what everybody can.
fn readable(job: &Job<'_>, progress: &Progress) -> Result<(), SandboxError> {
    if !is_root() {
        return Ok(());
    }
    let mut left: Vec<PathBuf> = job.shown.iter().map(|shown| shown.from.clone()).collect();
    while let Some(path) = left.pop() {
        progress.check()?;
        let failed = |error| SandboxError::Unavailable(format!("`{}`: {error}", path.display()));
        let about = fs::symlink_metadata(&path).map_err(failed)?;
        let needed = if about.is_dir() { 0o005 } else { 0o004 };
        if !about.is_symlink() && about.mode() & needed != needed {
            return Err(SandboxError::Unavailable(format!(
                "`{}` is for its owner alone, and where the caller is root the command is nobody: \
                 `chmod -R o+rX` it, or run as its owner",
                path.display()
            )));
        }
        if about.is_dir() {
            let entries = fs::read_dir(&path).map_err(failed)?;
            left.extend(entries.flatten().map(|entry| entry.path()));
        }
    }
    Ok(())
}

/// The part that makes the name spaces. It is no longer in the caller's group, whose signals are
/// the caller's to answer.
fn enter(socket: UnixStream, says: OwnedFd) -> io::Result<Child> {
    let errors = says.try_clone()?;
    part(GATE)
        .stdin(Stdio::from(OwnedFd::from(socket)))
        .stdout(Stdio::from(says))
        .stderr(Stdio::from(errors))
        .process_group(0)
        .spawn()
}

fn wanted(job: &Job<'_>, place: Option<&Place>) -> Result<Wanted, SandboxError> {
    let shown = job.shown.iter().map(|shown| Ok((real(&shown.from)?, shown.at.clone())));
    Ok(Wanted {
        shown: shown.collect::<Result<_, SandboxError>>()?,
        directories: job.directories.iter().map(|path| path.as_str().to_owned()).collect(),
        wall_milliseconds: u64::try_from(job.limits.wall.as_millis()).unwrap_or(u64::MAX),
        scratch: job.scratch.as_deref().zip(place).map(scratch).transpose()?,
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
        tools: job.tools.iter().map(|path| tool(path)).collect::<Result<_, _>>()?,
    })
}

/// A directory of tools, at the place that it has.
fn tool(path: &Path) -> Result<(PathBuf, PathBuf), SandboxError> {
    let real = real(path)?;
    if real.parent().is_none() || !path.is_absolute() {
        let what = format!("`{}` is no directory of tools: name one below `/`", path.display());
        return Err(SandboxError::Unavailable(what));
    }
    Ok((real, path.to_owned()))
}

fn scratch((parent, place): (&Path, &Place)) -> Result<Scratch, SandboxError> {
    Ok(Scratch { parent: real(parent)?, name: place.name.clone() })
}

/// The same without symbolic links, which would lead elsewhere within.
fn real(path: &Path) -> Result<PathBuf, SandboxError> {
    let failed = |error| SandboxError::Unavailable(format!("`{}`: {error}", path.display()));
    fs::canonicalize(path).map_err(failed)
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
    fn ran(self, said: Vec<u8>, place: Option<Place>) -> (Ran, String) {
        let ran = Ran {
            end: self.ended.end,
            output: Directory::from(self.output),
            wall: Duration::from_micros(self.ended.wall_microseconds),
            cpu: Duration::from_micros(self.ended.cpu_microseconds),
            peak_memory: self.ended.peak_memory,
            said,
            _place: place,
        };
        let landlock = match self.landlock {
            Some(version) => format!("landlock {version}"),
            None => "no landlock".to_owned(),
        };
        (ran, format!("linux namespaces, {landlock}, seccomp"))
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
