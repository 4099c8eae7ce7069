//! Runs a command in a sandbox, as a stage of a release is run, and says how it went: `sandboxed
//! COMMAND…`, with the current directory as its one input, `/input/here`.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use fullsource_collect::progress::Progress;
use fullsource_rebuild::sandbox::{self, Job, Limits, SandboxError, Shown};

fn main() -> ExitCode {
    // Before anything else: the sandbox's inside is this program.
    if let Some(code) = sandbox::entered() {
        return code;
    }
    let done = run().unwrap_or_else(|error| error.to_string());
    let written = io::stdout().write_all(done.as_bytes());
    ExitCode::from(u8::from(written.is_err()))
}

fn run() -> Result<String, SandboxError> {
    let limits =
        Limits { wall: Duration::from_secs(600), memory: 4 << 30, disk: 1 << 30, processes: 256 };
    let job = Job {
        command: std::env::args_os().skip(1).collect(),
        shown: vec![Shown { from: ".".into(), at: "/input/here".into() }],
        tools: &[],
        directories: Vec::new(),
        threads: 1,
        source_date_epoch: 315_532_800,
        limits,
        scratch: None,
        without: None,
    };
    let ran = sandbox::run(&job, &Progress::default())?;
    let said = String::from_utf8_lossy(&ran.said);
    let (wall, cpu) = (ran.wall.as_secs_f64(), ran.cpu.as_secs_f64());
    Ok(format!("{said}{:?} after {wall:.3} s, {cpu:.3} s of processors\n", ran.end))
}
