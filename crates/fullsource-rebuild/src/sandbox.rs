//! A command, kept from everything that it was not given (`reb-10` to `reb-14`).
//!
//! No process is forked by hand. The inside of a sandbox is this very program, started again three times:
//!
//! | part | is | does |
//! |---|---|---|
//! | [`outer`] | the caller's process | says what is wanted, drains what is said, takes the output over |
//! | [`gate`] | a child, outside still | makes the name spaces, starts the keeper in them, waits |
//! | [`keeper`] | process 1 within | makes the root, watches limits and caller, ends everything |
//! | [`start`] | its child | gives up what it may, and becomes the command |

mod bare;
mod environment;
#[cfg(target_os = "linux")]
mod gate;
#[cfg(target_os = "linux")]
mod keeper;
#[cfg(target_os = "linux")]
mod locks;
#[cfg(target_os = "linux")]
mod mounts;
#[cfg(target_os = "linux")]
mod outer;
#[cfg(target_os = "linux")]
mod root;
mod said;
mod setting;
#[cfg(target_os = "linux")]
mod shared;
#[cfg(target_os = "linux")]
mod start;
mod sweep;
#[cfg(target_os = "linux")]
mod taken;
#[cfg(target_os = "linux")]
mod watch;
#[cfg(target_os = "linux")]
mod wire;

use std::ffi::OsString;
use std::fs::File;
use std::os::fd::AsFd as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use fullsource_collect::directory::Directory;
use fullsource_collect::progress::Progress;
use fullsource_format::path::RelPath;
use fullsource_format::rebuild::Environment;
use serde::{Deserialize, Serialize};

/// What a command is held to.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From start to end.
    pub wall: Duration,
    /// Bytes of memory, of all that it starts.
    pub memory: u64,
    /// Bytes of files that it writes.
    pub disk: u64,
    /// Processes and threads at once.
    pub processes: u64,
}

/// A file or a directory that the command may read, and where it sees it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Where it lies.
    pub from: PathBuf,
    /// Where the command sees it, below [`INPUT`].
    pub at: PathBuf,
}

/// Where a command sees its inputs.
pub const INPUT: &str = "/input";
/// Where a command leaves its outputs.
pub const OUTPUT: &str = "/output";
/// Where a command starts: empty, and its home.
pub const WORK: &str = "/work";

/// What is run.
#[derive(Debug)]
pub struct Job<'a> {
    /// The program and its arguments, without placeholders.
    pub command: Vec<OsString>,
    /// What it may read.
    pub shown: Vec<Shown>,
    /// Directories of the system that it may use beside `/usr` and the like, at the places that they have.
    pub tools: &'a [PathBuf],
    /// Directories below [`OUTPUT`] that are there before it starts.
    pub directories: Vec<RelPath>,
    /// Threads that it is told of and given processors for.
    pub threads: u32,
    /// Seconds since 1970 that it takes for now where it asks `SOURCE_DATE_EPOCH`.
    pub source_date_epoch: u64,
    /// What it is held to.
    pub limits: Limits,
    /// Where it writes instead of memory: a directory of this machine, in which a temporary one is made.
    pub scratch: Option<PathBuf>,
    /// Run it as any other program, with nothing that keeps it in. The directory is the caller's and empty, and
    /// what otherwise stands below `/` stands below it: `input`, `output`, `work`.
    pub without: Option<PathBuf>,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// By itself, with this exit code.
    Exited(i32),
    /// By this signal.
    Killed(i32),
    /// At the limit of time.
    Time,
    /// At the limit of memory.
    Memory,
    /// At the limit of what it writes.
    Disk,
    /// At the limit of processes.
    Processes,
}

/// What came of a run.
#[derive(Debug)]
pub struct Ran {
    /// How it ended.
    pub end: End,
    /// What it left in [`OUTPUT`]; gone with this value.
    pub output: Directory,
    /// From start to end.
    pub wall: Duration,
    /// Time of processors, of all that it started.
    pub cpu: Duration,
    /// Bytes of memory at the most.
    pub peak_memory: u64,
    /// The last of what it wrote to its standard streams: 64 KiB at most.
    pub said: Vec<u8>,
    /// Where the outputs lie on a disk: until this value goes.
    _place: Option<Place>,
}

/// A temporary directory, which goes with this value, whatever is in it.
#[derive(Debug)]
struct Place {
    parent: File,
    name: OsString,
}

impl Drop for Place {
    fn drop(&mut self) {
        // The sandbox removes it, too, where it was the caller who went first.
        let _ = sweep::remove(self.parent.as_fd(), &self.name);
    }
}

/// Why nothing was run.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The kernel does not give what is needed.
    #[error("no sandbox can be made here: {0}")]
    Unavailable(String),
    /// Stopped by the caller; nothing of it is left.
    #[error(transparent)]
    Stopped(#[from] fullsource_collect::progress::Stopped),
}

/// Runs a command. All that it started has ended when this returns; without a sandbox, all of it that has not
/// left its process group.
pub fn run(job: &Job<'_>, progress: &Progress) -> Result<Ran, SandboxError> {
    match &job.without {
        Some(root) => bare::run(job, root, progress),
        None => kept(job, progress).map(|(ran, _)| ran),
    }
}

/// Runs a command in a sandbox, and tells what that was.
#[cfg(target_os = "linux")]
fn kept(job: &Job<'_>, progress: &Progress) -> Result<(Ran, String), SandboxError> {
    outer::run(job, progress)
}
#[cfg(not(target_os = "linux"))]
fn kept(_: &Job<'_>, _: &Progress) -> Result<(Ran, String), SandboxError> {
    Err(SandboxError::Unavailable("it is made of what Linux has".to_owned()))
}

/// Where a job runs, as an attestation tells it; asks the programs that it can see for their versions, where
/// it would run.
pub fn environment(job: &Job<'_>, progress: &Progress) -> Result<Environment, SandboxError> {
    environment::of(job, progress)
}

/// To be called first in `main`: where this process was started to be the inside of a sandbox, it is that and
/// nothing else, and ends with the code.
pub fn entered() -> Option<ExitCode> {
    #[cfg(target_os = "linux")]
    return match std::env::args_os().next()?.to_str()? {
        gate::GATE => Some(gate::run()),
        gate::KEEPER => Some(keeper::run()),
        gate::START => Some(start::run()),
        _ => None,
    };
    #[cfg(not(target_os = "linux"))]
    None
}
