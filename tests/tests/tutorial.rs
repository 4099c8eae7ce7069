//! The tutorial, run word for word: every command of `docs/tutorial.md`, in its order, in one fresh
//! directory, with the clone where the page says that it lies.
//!
//! A line `…` stands for any lines. Ids that random keys decide are masked.
//! `TUTORIAL=write cargo test --test tutorial` writes what is printed now into the page, but for blocks with
//! a `…` that still fits.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use fullsource_tests::program::{cache, fullsource};
use tempfile::TempDir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A command of the page, and what it prints.
struct Step {
    command: String,
    told: Vec<String>,
}

/// A home with the clone in it, and an empty directory to work in.
struct Place {
    home: TempDir,
}

impl Place {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(root(), home.path().join("fullsource")).unwrap();
        fs::create_dir(home.path().join("work")).unwrap();
        Self { home }
    }

    fn run(&self, command: &str) -> Vec<String> {
        let programs = fullsource().parent().unwrap().display().to_string();
        let done = Command::new("bash")
            .args(["-c", &format!("exec 2>&1\n{command}")])
            .current_dir(self.home.path().join("work"))
            .env("HOME", self.home.path())
            .env("PATH", format!("{programs}:{}", std::env::var("PATH").unwrap()))
            .env("FULLSOURCE_CACHE", cache())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let mut lines: Vec<_> =
            String::from_utf8(done.stdout).unwrap().lines().map(str::to_owned).collect();
        if !done.status.success() {
            lines.push(format!("(failed: {})", done.status));
        }
        lines
    }
}

/// The steps of the page's `console` blocks, each with the place of its told lines.
fn steps(page: &str) -> Vec<(Step, std::ops::Range<usize>)> {
    let lines: Vec<&str> = page.lines().collect();
    let (mut steps, mut at) = (Vec::new(), 0);
    while at < lines.len() {
        at += 1;
        if lines[at - 1] != "```console" {
            continue;
        }
        while lines[at] != "```" {
            let mut command = lines[at].strip_prefix("$ ").unwrap().to_owned();
            at += 1;
            let mut open = command.contains("<<'END'");
            while open || lines[at - 1].ends_with('\\') {
                command.push_str(&format!("\n{}", lines[at]));
                open &= lines[at] != "END";
                at += 1;
            }
            let start = at;
            while !lines[at].starts_with("$ ") && lines[at] != "```" {
                at += 1;
            }
            let told = lines[start..at].iter().map(|line| (*line).to_owned()).collect();
            steps.push((Step { command, told }, start..at));
        }
    }
    steps
}

/// Key ids are 43 characters of base64 and a `=`; statement ids 64 hexadecimal digits.
fn masked(line: &str) -> String {
    let base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
    let word = |word: &str| {
        let key = word.strip_suffix('=').is_some_and(|id| id.len() == 43);
        let trimmed = word.trim_end();
        let statement = trimmed.len() == 64 && trimmed.bytes().all(|b| b.is_ascii_hexdigit());
        if key || statement { "[ID]".to_owned() } else { word.to_owned() }
    };
    line.split_inclusive(|c: char| !base64(c)).map(word).collect()
}

/// Whether the lines are as they are told, where `…` stands for any.
fn fits(told: &[String], now: &[String]) -> bool {
    match told {
        [] => now.is_empty(),
        [first, rest @ ..] if first == "…" => {
            (0..=now.len()).any(|skip| fits(rest, &now[skip..]))
        }
        [first, rest @ ..] => {
            now.first().is_some_and(|line| masked(line) == masked(first)) && fits(rest, &now[1..])
        }
    }
}

#[test]
fn the_tutorial_goes_as_it_is_told() {
    let path = root().join("docs/tutorial.md");
    let page = fs::read_to_string(&path).unwrap();
    let place = Place::new();
    let (mut lines, mut wrong) = (Vec::new(), String::new());
    let (source, mut from): (Vec<&str>, usize) = (page.lines().collect(), 0);
    let steps = steps(&page);
    assert!(steps.len() > 20, "the page has {} commands", steps.len());
    for (Step { command, told }, range) in steps {
        let now = place.run(&command);
        lines.extend(source[from..range.start].iter().map(|line| (*line).to_owned()));
        from = range.end;
        if fits(&told, &now) {
            lines.extend(told);
        } else {
            let (told, now_told) = (told.join("\n"), now.join("\n"));
            wrong.push_str(&format!("$ {command}\n--- told\n{told}\n--- now\n{now_told}\n\n"));
            lines.extend(now);
        }
    }
    lines.extend(source[from..].iter().map(|line| (*line).to_owned()));
    if std::env::var_os("TUTORIAL").is_some_and(|value| value == "write") {
        fs::write(&path, lines.join("\n") + "\n").unwrap();
    } else {
        assert!(wrong.is_empty(), "{wrong}");
    }
}
