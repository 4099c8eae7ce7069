//! A real terminal, for what asks only on one: a pseudo-terminal that `script` opens.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// When something is said at the latest.
const DEADLINE: Duration = Duration::from_secs(30);

impl Drop for Terminal {
    fn drop(&mut self) {
        // A test that failed leaves nobody waiting.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program on a terminal, and whoever sits there.
pub struct Terminal {
    child: Child,
    keys: Option<ChildStdin>,
    screen: Arc<Mutex<String>>,
    /// How much of the screen was read.
    read: usize,
}

impl Terminal {
    /// Runs a shell's words on a terminal, without `CI`; `set`: more of the environment.
    pub fn run(dir: &Path, words: &str, set: &[(&str, &str)]) -> Self {
        let mut child = Command::new("script")
            .args(["--quiet", "--return", "--flush", "--command", words, "/dev/null"])
            .current_dir(dir)
            .env_remove("CI")
            .env("NO_COLOR", "1")
            .env("TERM", "xterm")
            .envs(set.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("`script` of util-linux is there");
        let screen = Arc::new(Mutex::new(String::new()));
        let (mut out, shown) = (child.stdout.take().unwrap(), Arc::clone(&screen));
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = out.read(&mut bytes) {
                shown.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
        });
        let keys = child.stdin.take();
        Self { child, keys, screen, read: 0 }
    }

    /// Waits until this stands on the screen, below what was read before.
    #[track_caller]
    pub fn reads(&mut self, text: &str) {
        let start = Instant::now();
        loop {
            let screen = self.screen.lock().unwrap().clone();
            if let Some(at) = screen[self.read..].find(text) {
                self.read += at + text.len();
                return;
            }
            let late = start.elapsed() > DEADLINE;
            assert!(!late, "no `{text}` on:\n{}", &screen[self.read..]);
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Types keys.
    pub fn types(&mut self, keys: &str) {
        self.keys.as_mut().unwrap().write_all(keys.as_bytes()).unwrap();
    }

    /// Waits for an answer to this question, and gives it.
    #[track_caller]
    pub fn answers(&mut self, question: &str, answer: &str) {
        self.reads(question);
        self.reads(": ");
        self.types(&format!("{answer}\n"));
    }

    /// Waits for the end: the exit code, and all that was shown.
    pub fn ends(mut self) -> (i32, String) {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if start.elapsed() > DEADLINE {
                let _ = self.child.kill();
                panic!("it did not end:\n{}", self.screen.lock().unwrap());
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        drop(self.keys.take());
        std::thread::sleep(Duration::from_millis(50));
        let screen = self.screen.lock().unwrap().clone();
        (status.code().unwrap(), screen)
    }
}
