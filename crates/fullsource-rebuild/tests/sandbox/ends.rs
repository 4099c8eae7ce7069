//! How a run ends, and what is left of it: nothing.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use fullsource_collect::progress::Progress;
use fullsource_rebuild::sandbox::{self, End, Job, SandboxError};

use crate::{Test, descendants, mounts, processes, python, run, said, shell};

pub(crate) const TESTS: &[Test] = &[
    ("an_end_is_told", an_end_is_told),
    ("a_daemon_does_not_outlive_its_run", a_daemon_does_not_outlive_its_run),
    ("nothing_is_left_of_a_killed_caller", nothing_is_left_of_a_killed_caller),
    ("who_stops_is_obeyed_at_once", who_stops_is_obeyed_at_once),
];

/// As whom a test starts this program, to kill it.
pub(crate) const CALLER: &str = "caller";

/// Runs a script, says what it said.
pub(crate) fn caller(script: &str, scratch: Option<&String>) -> ExitCode {
    let ran = run(&Job { scratch: scratch.map(Into::into), ..shell(script) });
    print!("{}", said(&ran));
    ExitCode::SUCCESS
}

/// This program as the caller of a sandbox, started by a shell's line in which it is `"$@"`.
pub(crate) fn calls(line: &str, script: &str, scratch: Option<&Path>) -> Child {
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new("/bin/sh");
    command.args(["-c", line, "sh"]).arg(program).args([CALLER, script]).args(scratch);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap()
}

fn an_end_is_told() {
    let end = |script: &str| run(&shell(script)).end;
    assert_eq!(end("exit 0"), End::Exited(0));
    assert_eq!(end("exit 3"), End::Exited(3));
    assert_eq!(end("kill -9 $$"), End::Killed(9));
    let ran = run(&Job { command: vec!["/input/none".into()], ..shell("") });
    assert_eq!(ran.end, End::Exited(127));
    assert!(said(&ran).starts_with("`/input/none` cannot be started: "), "{}", said(&ran));
}

fn a_daemon_does_not_outlive_its_run() {
    let marker = format!("98765{}", std::process::id());
    let script = format!(
        "import os\n\
         if os.fork() == 0:\n    \
             os.setsid()\n    \
             if os.fork() == 0: os.execv('/bin/sleep', ['sleep', '{marker}'])\n    \
             os._exit(0)\n\
         os.wait()\n\
         import time; time.sleep(0.3); print('done')"
    );
    let ran = run(&python(&script));
    assert_eq!((said(&ran).as_str(), ran.end), ("done\n", End::Exited(0)));
    assert!(!is_running(&marker));
}

/// Whether a process has this argument.
fn is_running(argument: &str) -> bool {
    processes().any(|process| {
        let line = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0).any(|part| part == argument.as_bytes())
    })
}

fn nothing_is_left_of_a_killed_caller() {
    let place = tempfile::tempdir().unwrap();
    for scratch in [None, Some(place.path())] {
        let before = mounts();
        let marker = format!("87654{}", std::process::id());
        let script =
            format!("head -c 1M /dev/zero >/work/x; (setsid sleep {marker} &) ; sleep {marker}");
        let mut child = calls("exec \"$@\"", &script, scratch);
        soon("it runs", || is_running(&marker) && descendants(child.id()).len() >= 4);
        let inside = descendants(child.id());
        child.kill().unwrap();
        child.wait().unwrap();
        soon("all of it is gone", || {
            !is_running(&marker)
                && inside.iter().all(|it| !Path::new(&format!("/proc/{it}")).exists())
        });
        assert_eq!(mounts(), before);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }
}

fn soon(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < deadline, "not soon: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

fn who_stops_is_obeyed_at_once() {
    let progress = Progress::default();
    let stopped = thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(500));
            progress.stop();
        });
        let began = Instant::now();
        let ran = sandbox::run(&shell("trap '' TERM; sleep 30"), &progress);
        assert!(began.elapsed() < Duration::from_secs(5));
        ran
    });
    assert!(matches!(stopped, Err(SandboxError::Stopped(_))));
}
