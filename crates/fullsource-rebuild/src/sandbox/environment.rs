//! Where a job runs: the machine, and the programs that the job can see, asked where they would
//! run.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use fullsource_collect::progress::Progress;
use fullsource_format::digest::Sha256;
use fullsource_format::rebuild::{Environment, LimitsSet, ToolUsed};
use fullsource_format::text::{Count, Text};

use super::setting::{self, SYSTEM};
use super::{Job, Limits, SandboxError, bare, kept};

/// Programs that builds and trainings are made of.
const KNOWN: [&str; 11] =
    ["cc", "c++", "ld", "as", "make", "python3", "perl", "rustc", "cargo", "tar", "sh"];
/// What stands between two answers.
const BETWEEN: char = '\u{1e}';
/// Asks the C library, then each program that is named, for a version; each for five seconds at
/// most. Answers of programs that do not know the question are left out.
const ASK: &str = r#"
getconf GNU_LIBC_VERSION 2>/dev/null || ldd --version 2>&1 | head -n 2
for program in "$@"; do
  printf '\036'
  answer=$(timeout 5 "$program" --version 2>&1) && printf %s "$answer" | head -c 2000
done
"#;

/// Tells it all.
pub(super) fn of(job: &Job<'_>, progress: &Progress) -> Result<Environment, SandboxError> {
    let programs = programs(job);
    let (answers, sandbox) = ask(job, &programs, progress)?;
    let mut answers = answers.split(BETWEEN);
    let libc = answers.next().and_then(first_line).unwrap_or("unknown");
    let answers = answers.map(first_line).chain(std::iter::repeat(None));
    let tools = programs.iter().zip(answers).map(|(program, version)| program.told(version));
    let system = rustix::system::uname();
    let text = |text: &std::ffi::CStr| text.to_string_lossy().into_owned();
    let kernel = format!("{} {}", text(system.sysname()), text(system.release()));
    Ok(Environment {
        platform: Text::clipped(&platform()),
        cpu: Text::clipped(&cpu().unwrap_or_else(|| text(system.machine()))),
        kernel: Text::clipped(&kernel),
        libc: Text::clipped(libc),
        sandbox: Text::clipped(&sandbox),
        threads: Count(u64::from(job.threads)),
        tools: tools.collect(),
        limits: limits(&job.limits),
    })
}

fn limits(limits: &Limits) -> LimitsSet {
    LimitsSet {
        wall_seconds: Count(limits.wall.as_secs()),
        memory: Count(limits.memory),
        disk: Count(limits.disk),
        processes: Count(limits.processes),
    }
}

/// As OCI writes it.
fn platform() -> String {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{}/{architecture}", std::env::consts::OS)
}

fn cpu() -> Option<String> {
    let table = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = table.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The first line that is not empty.
fn first_line(answer: &str) -> Option<&str> {
    answer.lines().map(str::trim).find(|line| !line.is_empty())
}

/// A program that the job can see.
struct Program {
    name: String,
    /// Where it lies on this machine.
    file: PathBuf,
    /// Whether it is the system's or a tool, and no part of the release: only those are asked.
    is_tool: bool,
}

impl Program {
    fn told(&self, version: Option<&str>) -> ToolUsed {
        let version = version.filter(|_| self.is_tool).map(Text::clipped);
        let sha256 = digest(&self.file).ok();
        ToolUsed { name: Text::clipped(&self.name), version, sha256 }
    }
}

fn programs(job: &Job<'_>) -> Vec<Program> {
    let mut found: Vec<Program> = Vec::new();
    let command = job.command.first().map(OsString::as_os_str);
    for name in command.into_iter().chain(KNOWN.map(OsStr::new)) {
        let Some(program) = program(job, name) else { continue };
        if found.iter().all(|known| known.name != program.name) {
            found.push(program);
        }
    }
    found
}

/// The program that a command of this name would start.
fn program(job: &Job<'_>, name: &OsStr) -> Option<Program> {
    let path = Path::new(name);
    let seen = |root: &PathBuf| Some(Path::new("/").join(path.strip_prefix(root).ok()?));
    let seen = job.without.as_ref().and_then(seen).unwrap_or_else(|| path.to_owned());
    let (file, is_tool) = if !name.as_encoded_bytes().contains(&b'/') {
        let sought = setting::search_path(job);
        let mut places = std::env::split_paths(&sought).map(|place| place.join(path));
        (places.find(|place| place.is_file())?, true)
    } else if let Some(shown) = job.shown.iter().find(|shown| seen.starts_with(&shown.at)) {
        let rest = seen.strip_prefix(&shown.at).ok()?;
        let is_whole = rest.as_os_str().is_empty();
        (if is_whole { shown.from.clone() } else { shown.from.join(rest) }, false)
    } else {
        let tools = job.tools.iter().map(PathBuf::as_path);
        let mut places = tools.chain(SYSTEM.map(Path::new));
        places.find(|place| path.starts_with(place))?;
        (path.to_owned(), true)
    };
    let name = path.file_name()?.to_string_lossy().into_owned();
    file.is_file().then_some(Program { name, file, is_tool })
}

/// What the programs answer, and what kept them in.
fn ask(
    job: &Job<'_>,
    programs: &[Program],
    progress: &Progress,
) -> Result<(String, String), SandboxError> {
    let mut command: Vec<OsString> = ["/bin/sh", "-c", ASK, "sh"].map(OsString::from).into();
    // What the release brings is not run to ask it for its name.
    let nothing = Path::new("/bin/false");
    let asked = programs.iter().map(|it| if it.is_tool { it.file.as_path() } else { nothing });
    command.extend(asked.map(|file| file.as_os_str().to_owned()));
    let limits = Limits {
        wall: Duration::from_secs(60),
        memory: job.limits.memory.max(1 << 30),
        disk: 64 << 20,
        processes: 64,
    };
    let asking = Job {
        command,
        shown: Vec::new(),
        tools: job.tools,
        directories: Vec::new(),
        threads: job.threads,
        source_date_epoch: job.source_date_epoch,
        limits,
        scratch: None,
        without: None,
    };
    let (ran, sandbox) = match &job.without {
        Some(_) => (without(&asking, progress)?, "none".to_owned()),
        None => kept(&asking, progress)?,
    };
    Ok((String::from_utf8_lossy(&ran.said).into_owned(), sandbox))
}

/// In a directory of its own: the caller's is for what will run.
fn without(job: &Job<'_>, progress: &Progress) -> Result<super::Ran, SandboxError> {
    let failed = |error: io::Error| SandboxError::Unavailable(error.to_string());
    let place = tempfile::tempdir().map_err(failed)?;
    bare::run(job, place.path(), progress)
}

fn digest(file: &Path) -> io::Result<Sha256> {
    let mut hasher = Sha256::hasher();
    let mut file = File::open(file)?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finish()),
            count => hasher.update(&buffer[..count]),
        }
    }
}
