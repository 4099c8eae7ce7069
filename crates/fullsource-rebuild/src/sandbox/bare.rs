//! A run without a sandbox: what was given is where it is said to be, and nothing is held but the
//! time.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use fullsource_collect::directory::Directory;
use fullsource_collect::progress::Progress;
use rustix::pipe::pipe;
use rustix::process::{Pid, Signal, kill_process_group};

use super::said::Said;
use super::{End, Job, OUTPUT, Ran, SandboxError, WORK, setting};

/// How often it is looked whether it has ended.
const LOOK: Duration = Duration::from_millis(5);
/// What left the group may still hold its standard streams.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// Only a shell can say what a process leaves out of the modes of its files.
const SHELL: [&str; 3] = ["-c", "umask 022; exec \"$@\"", "sh"];

/// Runs a job below a directory of the caller.
pub(super) fn run(job: &Job<'_>, root: &Path, progress: &Progress) -> Result<Ran, SandboxError> {
    progress.check()?;
    let failed = |error: io::Error| SandboxError::Unavailable(format!("it is not run: {error}"));
    lay_out(job, root).map_err(failed)?;
    let output = Directory::open(&below(root, OUTPUT)).map_err(failed)?;
    let said = Said::default();
    let began = Instant::now();
    let used = processor_time();
    let (mut child, drained) = start(job, root, &said).map_err(failed)?;
    let ended = wait(&mut child, began + job.limits.wall, progress);
    end_group(&child);
    let _ = child.wait();
    let last = Instant::now() + LAST_WORDS;
    while !drained.is_finished() && Instant::now() < last {
        thread::sleep(LOOK);
    }
    let cpu = processor_time().saturating_sub(used);
    let wall = began.elapsed();
    let (end, said) = (ended?, said.take());
    Ok(Ran { end, output, wall, cpu, peak_memory: 0, said, _place: None })
}

/// The path of the sandbox, below the directory.
fn below(root: &Path, at: &str) -> std::path::PathBuf {
    root.join(at.trim_start_matches('/'))
}

fn lay_out(job: &Job<'_>, root: &Path) -> io::Result<()> {
    for at in [OUTPUT, WORK, "/tmp"] {
        fs::create_dir_all(below(root, at))?;
    }
    for directory in &job.directories {
        fs::create_dir_all(below(root, OUTPUT).join(directory.as_str()))?;
    }
    for shown in &job.shown {
        let at = root.join(shown.at.strip_prefix("/").unwrap_or(&shown.at));
        if let Some(parent) = at.parent() {
            fs::create_dir_all(parent)?;
        }
        symlink(fs::canonicalize(&shown.from)?, at)?;
    }
    Ok(())
}

fn start(job: &Job<'_>, root: &Path, said: &Said) -> io::Result<(Child, thread::JoinHandle<()>)> {
    let (reader, writer) = pipe()?;
    let reader = fs::File::from(reader);
    // Another command must not be handed it.
    rustix::io::fcntl_setfd(&reader, rustix::io::FdFlags::CLOEXEC)?;
    rustix::io::fcntl_setfd(&writer, rustix::io::FdFlags::CLOEXEC)?;
    let errors = writer.try_clone()?;
    let child = Command::new("/bin/sh")
        .args(SHELL)
        .args(&job.command)
        .env_clear()
        .envs(setting::variables(job, root))
        .current_dir(below(root, WORK))
        .stdin(Stdio::null())
        .stdout(Stdio::from(writer))
        .stderr(Stdio::from(errors))
        .process_group(0)
        .spawn()?;
    let said = said.clone();
    Ok((child, thread::spawn(move || said.drain(reader))))
}

fn wait(child: &mut Child, deadline: Instant, progress: &Progress) -> Result<End, SandboxError> {
    loop {
        progress.check()?;
        match child.try_wait() {
            Ok(Some(status)) => return Ok(end_of(status)),
            Ok(None) if Instant::now() < deadline => thread::sleep(LOOK),
            Ok(None) => return Ok(End::Time),
            Err(error) => return Err(SandboxError::Unavailable(error.to_string())),
        }
    }
}

fn end_of(status: ExitStatus) -> End {
    use std::os::unix::process::ExitStatusExt as _;
    let signal = status.signal().unwrap_or_default();
    status.code().map_or(End::Killed(signal), End::Exited)
}

/// What it started, as far as it is still in its group.
fn end_group(child: &Child) {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    // Nothing may be left of it.
    let _ = group.map(|group| kill_process_group(group, Signal::KILL));
}

#[cfg(target_os = "linux")]
fn processor_time() -> Duration {
    super::watch::processor_time().map(|(time, _)| time).unwrap_or_default()
}
#[cfg(not(target_os = "linux"))]
fn processor_time() -> Duration {
    Duration::ZERO
}
