//! Real commands in real sandboxes. A sandbox's inside is the program that asks for it, so that
//! this one has a `main` of its own: the tests, one after the other, or the caller that a test will
//! kill.

// Tests with a `main` of their own are none to the compiler.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

#[path = "sandbox/ends.rs"]
mod ends;
#[path = "sandbox/limits.rs"]
mod limits;
#[path = "sandbox/sees.rs"]
mod sees;
#[path = "sandbox/setting.rs"]
mod setting;

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use fullsource_collect::progress::Progress;
use fullsource_rebuild::sandbox::{self, Job, Limits, Ran, Shown};

type Test = (&'static str, fn());

fn main() -> ExitCode {
    if let Some(code) = sandbox::entered() {
        return code;
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, script, scratch @ ..] = arguments.as_slice()
        && first == ends::CALLER
    {
        return ends::caller(script, scratch.first());
    }
    let wanted = |(name, _): &&Test| {
        let mut names = arguments.iter().filter(|argument| !argument.starts_with("--")).peekable();
        names.peek().is_none() || names.any(|part| name.contains(part.as_str()))
    };
    let tests: Vec<Test> = [sees::TESTS, limits::TESTS, ends::TESTS, setting::TESTS].concat();
    let tests: Vec<&Test> = tests.iter().filter(wanted).collect();
    let failed = tests.iter().filter(|(name, test)| !passes(name, *test)).count();
    println!("{} passed, {failed} failed", tests.len() - failed);
    ExitCode::from(u8::from(failed > 0))
}

/// Whatever a test did, nothing of it is left: no process, no mount.
fn passes(name: &str, test: fn()) -> bool {
    let (mounts, processes) = (mounts(), descendants(std::process::id()));
    let passed = catch_unwind(test).is_ok();
    let mut left = descendants(std::process::id());
    left.retain(|process| !processes.contains(process));
    let is_clean = left.is_empty() && self::mounts() == mounts;
    println!("test {name} ... {}", if passed && is_clean { "ok" } else { "FAILED" });
    if !is_clean {
        println!("left: {:?}", left.into_iter().map(command_of).collect::<Vec<_>>());
    }
    passed && is_clean
}

fn command_of(process: u32) -> String {
    let line = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&line).replace('\0', " ")
}

fn mounts() -> String {
    fs::read_to_string("/proc/self/mountinfo").unwrap()
}

/// All processes below one, in whatever name space they are.
fn descendants(of: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = processes()
        .filter_map(|process| {
            let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
            let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"))?;
            Some((process, parent.trim().parse().ok()?))
        })
        .collect();
    let mut found = vec![of];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        found.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(process, _)| process));
        next += 1;
    }
    found.split_off(1)
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

const LIMITS: Limits =
    Limits { wall: Duration::from_secs(60), memory: 512 << 20, disk: 64 << 20, processes: 64 };

/// A job that runs a script of a shell.
fn shell(script: &str) -> Job<'static> {
    Job {
        command: ["/bin/sh", "-c", script].map(Into::into).into(),
        shown: Vec::new(),
        tools: &[],
        directories: Vec::new(),
        threads: 1,
        source_date_epoch: 315_532_800,
        limits: LIMITS,
        scratch: None,
        without: None,
    }
}

/// A job that runs a script of Python.
fn python(script: &str) -> Job<'static> {
    Job { command: ["/usr/bin/python3", "-c", script].map(Into::into).into(), ..shell("") }
}

fn shown(from: &Path, at: &str) -> Shown {
    Shown { from: from.to_owned(), at: at.into() }
}

fn run(job: &Job<'_>) -> Ran {
    sandbox::run(job, &Progress::default()).unwrap()
}

fn said(ran: &Ran) -> String {
    String::from_utf8_lossy(&ran.said).into_owned()
}
