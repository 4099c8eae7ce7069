//! The built binary, run as a user runs it, and a place with a release and keys to run it in.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]
#![allow(clippy::print_stdout, reason = "a test that is skipped says why")]

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, FileType};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::program::{cache, fullsource};

/// When a run has ended at the latest, also on a machine that does much else: what takes longer hangs.
const DEADLINE: Duration = Duration::from_secs(120);

/// A command line to run.
#[derive(Debug, Clone)]
pub struct Run {
    dir: PathBuf,
    shell: String,
    args: Vec<OsString>,
}

/// How a run ended.
#[derive(Debug)]
pub struct Outcome {
    /// The exit code, 128 + the number of a signal that killed it.
    pub exit: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// Wall time.
    pub took: Duration,
}

impl Run {
    /// The binary with these arguments, in a directory.
    pub fn new<S: AsRef<OsStr>>(dir: &Path, args: impl IntoIterator<Item = S>) -> Self {
        let args = args.into_iter().map(|arg| arg.as_ref().to_owned()).collect();
        Self { dir: dir.to_owned(), shell: "exec \"$0\" \"$@\"".to_owned(), args }
    }

    /// The same behind a shell's words: limits before it, or redirections with `"$0" "$@"` inside.
    pub fn shell(mut self, script: &str) -> Self {
        self.shell = match script.contains("\"$0\"") {
            true => script.to_owned(),
            false => format!("{script}; exec \"$0\" \"$@\""),
        };
        self
    }

    fn spawn(&self) -> (Child, File, File) {
        self.spawn_as(&self.shell, Stdio::null())
    }

    fn spawn_as(&self, shell: &str, stdin: Stdio) -> (Child, File, File) {
        let (out, err) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
        let child = Command::new("sh")
            .arg("-c")
            .arg(shell)
            .arg(fullsource())
            .args(&self.args)
            .current_dir(&self.dir)
            .env_remove("NO_COLOR")
            .env("FULLSOURCE_CACHE", cache())
            .stdin(stdin)
            .stdout(out.try_clone().unwrap())
            .stderr(err.try_clone().unwrap())
            .spawn()
            .unwrap();
        (child, out, err)
    }

    /// Starts a process that becomes this run when it is told to.
    pub fn start(&self) -> Started {
        fullsource();
        let shell = format!("read -r _; exec </dev/null; {}", self.shell);
        let (child, out, err) = self.spawn_as(&shell, Stdio::piped());
        Started { child, out, err, at: Instant::now() }
    }

    /// Runs it to its end. Panics where it does not come to one.
    pub fn run(&self) -> Outcome {
        self.disturbed(|_| {})
    }

    /// Runs it while something happens to it, or around it.
    pub fn disturbed(&self, disturb: impl FnOnce(u32)) -> Outcome {
        fullsource();
        let start = Instant::now();
        let (mut child, mut out, mut err) = self.spawn();
        disturb(child.id());
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if start.elapsed() > DEADLINE {
                child.kill().unwrap();
                panic!("`{:?}` did not end", self.args);
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        let exit = status.code().unwrap_or_else(|| 128 + status.signal().unwrap());
        let took = start.elapsed();
        Outcome { exit, stdout: text(&mut out), stderr: text(&mut err), took }
    }
}

/// A process that waits to become a run, for somebody who looks after it.
#[derive(Debug)]
pub struct Started {
    child: Child,
    out: File,
    err: File,
    at: Instant,
}

impl Started {
    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Lets it run.
    pub fn go(&mut self) {
        self.child.stdin.take().unwrap().write_all(b"\n").unwrap();
        self.at = Instant::now();
    }

    /// What it said, for whoever waited for its end.
    pub fn ended(mut self, exit: i32) -> Outcome {
        let (stdout, stderr) = (text(&mut self.out), text(&mut self.err));
        Outcome { exit, stdout, stderr, took: self.at.elapsed() }
    }
}

fn text(file: &mut File) -> String {
    let mut bytes = Vec::new();
    file.rewind().unwrap();
    file.read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Outcome {
    /// Fails where it ended with another code, or did not say one of these.
    #[track_caller]
    pub fn expect(&self, exit: i32, says: &[&str]) -> &Self {
        let all = format!("{}{}", self.stdout, self.stderr);
        assert_eq!(self.exit, exit, "{all}");
        for text in says {
            assert!(all.contains(text), "no `{text}` in:\n{all}");
        }
        self
    }
}

/// Sends a signal to a process.
pub fn signal(name: &str, process: u32) {
    let script = format!("kill -{name} {process} 2>/dev/null");
    Command::new("sh").arg("-c").arg(script).status().unwrap();
}

/// A small file system of its own, gone when dropped.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// One of 64 kB, where the system lets us mount it.
    pub fn mounted(at: PathBuf) -> Option<Self> {
        fs::create_dir_all(&at).unwrap();
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k", "none"]).arg(&at).output();
        match mount {
            Ok(done) if done.status.success() => Some(Self(at)),
            _ => {
                println!("skipped: a small tmpfs cannot be mounted here (it takes root)");
                None
            }
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// Whether the tests run as root, who may read and write everything.
pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|about| std::os::unix::fs::MetadataExt::uid(&about) == 0)
}

/// A directory of its own with a signed release `demo` and the keys `alice` and `bob`.
pub struct Place {
    root: TempDir,
}

impl Default for Place {
    fn default() -> Self {
        Self::new()
    }
}

impl Place {
    /// A fresh one. Everybody may look into it.
    pub fn new() -> Self {
        let place = Self { root: tempfile::tempdir().unwrap() };
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
        copy(
            Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions/demo").as_path(),
            &place.at("demo"),
        );
        for name in ["alice", "bob"] {
            place.run(&["keygen", "--out", name]).expect(0, &[]);
        }
        place.run(&["sign", "demo", "--key", "alice.key"]).expect(0, &[]);
        place
    }

    /// Its directory.
    pub fn path(&self) -> &Path {
        self.root.path()
    }

    /// A path in it.
    pub fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        self.path().join(path)
    }

    /// A command line in it.
    pub fn command(&self, args: &[&str]) -> Run {
        Run::new(self.path(), args)
    }

    /// A command line in it, run.
    pub fn run(&self, args: &[&str]) -> Outcome {
        self.command(args).run()
    }

    /// Makes a file of it by a shell's words.
    pub fn prepare(&self, script: &str) {
        let done = Command::new("sh").args(["-ec", script]).current_dir(self.path()).status();
        assert!(done.unwrap().success(), "{script}");
    }

    /// All that is in it: kinds, sizes and a hash of the content of small files.
    pub fn listing(&self) -> BTreeMap<PathBuf, (FileType, u64, u64)> {
        let mut found = BTreeMap::new();
        list(self.path(), &mut found);
        found
    }
}

fn list(directory: &Path, found: &mut BTreeMap<PathBuf, (FileType, u64, u64)>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        let about = path.symlink_metadata().unwrap();
        let small = about.is_file() && about.len() < 1 << 16;
        let content = small.then(|| fs::read(&path).unwrap_or_default());
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        found.insert(path.clone(), (about.file_type(), about.len(), hasher.finish()));
        if about.is_dir() {
            list(&path, found);
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}
