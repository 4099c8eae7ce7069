//! Sessions at a shell, as `tests/sessions/*.session` tell them. Each runs in a fresh directory that
//! holds the release `demo`.
//!
//! `$ ` starts a command (`> ` goes on with it), the lines below are all that it prints, and `? N` is
//! its exit code. Key ids, which are random, are masked. `SESSIONS=write cargo test --test sessions`
//! writes what is printed now into the files.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fullsource_tests::command::{Place, Run};
use fullsource_tests::program::{cache, fullsource};

fn sessions() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions");
    let paths = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|e| e == "session")).collect();
    paths.sort();
    paths
}

#[test]
fn sessions_go_as_they_are_told() {
    let mut wrong = Vec::new();
    for path in sessions() {
        let told = fs::read_to_string(&path).unwrap();
        let now = played(&told);
        if std::env::var_os("SESSIONS").is_some_and(|value| value == "write") {
            fs::write(&path, now).unwrap();
        } else if told != now {
            wrong.push(format!("{}:\n{}", path.display(), difference(&told, &now)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The session as it goes now.
fn played(told: &str) -> String {
    let place = Place::new();
    fs::remove_file(place.at("demo/fullsource.sigstore.json")).unwrap();
    let mut now = String::new();
    let mut lines = told.lines().peekable();
    while let Some(line) = lines.next() {
        now.push_str(line);
        now.push('\n');
        let Some(first) = line.strip_prefix("$ ") else { continue };
        let mut command = first.to_owned();
        while let Some(more) = lines.peek().and_then(|line| line.strip_prefix("> ")) {
            command.push('\n');
            command.push_str(more);
            now.push_str(&format!("> {more}\n"));
            lines.next();
        }
        while lines.next_if(|line| !line.starts_with("? ")).is_some() {}
        lines.next();
        now.push_str(&run(&place, &command));
    }
    now
}

fn run(place: &Place, command: &str) -> String {
    let path =
        format!("{}:{}", fullsource().parent().unwrap().display(), std::env::var("PATH").unwrap());
    let done = Command::new("sh")
        .args(["-c", &format!("exec 2>&1\n{command}")])
        .current_dir(place.path())
        .env("PATH", path)
        .env_remove("NO_COLOR")
        .env("FULLSOURCE_CACHE", cache())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let printed = masked(&String::from_utf8_lossy(&done.stdout));
    let end = if printed.is_empty() || printed.ends_with('\n') { "" } else { "\n" };
    format!("{printed}{end}? {}\n", done.status.code().unwrap())
}

/// Key ids are 43 characters of base64 and a `=`.
fn masked(text: &str) -> String {
    let base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
    let mut out = String::new();
    for word in text.split_inclusive(|c: char| !base64(c)) {
        match word.strip_suffix('=').filter(|id| id.len() == 43) {
            Some(_) => out.push_str("[KEY]"),
            None => out.push_str(word),
        }
    }
    out
}

fn difference(told: &str, now: &str) -> String {
    let mut out = String::new();
    let (mut told, mut now) = (told.lines(), now.lines());
    loop {
        match (told.next(), now.next()) {
            (None, None) => return out,
            (a, b) if a == b => {}
            (a, b) => {
                out.push_str(&format!("- {}\n+ {}\n", a.unwrap_or_default(), b.unwrap_or_default()))
            }
        }
    }
}

/// The commands that `--help` lists.
fn commands() -> Vec<String> {
    let help = Place::new().run(&["--help"]).stdout;
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

#[test]
fn the_help_of_every_command_has_an_example_that_parses() {
    let place = Place::new();
    for command in commands() {
        let help = place.run(&[&command, "--help"]).stdout;
        let examples: Vec<_> =
            help.lines().filter(|line| line.starts_with("  fullsource ")).collect();
        assert!(!examples.is_empty(), "{command}: no example");
        for example in examples {
            // What it names is not there: it must fail, and not for its form.
            let line = example.trim().strip_prefix("fullsource").unwrap();
            // Those that ask somebody get no further than a proxy that is not there.
            let script = format!(
                "export HTTPS_PROXY=http://127.0.0.1:9; cd {}/demo && exec \"$0\" {line}",
                place.path().display()
            );
            let done = Run::new(place.path(), [""; 0]).shell(&script).run();
            let form = done.exit == 2 && done.stderr.starts_with("error: ");
            assert!(!form, "{example}: {}", done.stderr);
        }
    }
}

#[test]
fn every_option_stands_in_a_session() {
    let all: String = sessions().iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let lines: Vec<_> = all.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    let place = Place::new();
    let mut missing = Vec::new();
    for command in commands() {
        let uses: Vec<_> =
            lines.iter().filter(|line| line.contains(&format!("fullsource {command}"))).collect();
        let help = place.run(&[&command, "--help"]).stdout;
        for option in options(&help) {
            let used = |line: &&str| line.split([' ', '=', ')', ';']).any(|word| word == option);
            if option != "--help" && !uses.iter().any(|line| used(line)) {
                missing.push(format!("{command} {option}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The long options that a help text lists.
fn options(help: &str) -> Vec<&str> {
    let lines = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
    lines.flat_map(|line| line.split([' ', ',']).find(|word| word.starts_with("--"))).collect()
}

#[test]
fn what_goes_to_a_pipe_has_no_colour() {
    let place = Place::new();
    for args in [&["verify", "demo"][..], &["verify", "none"], &["check", "alice.pub"], &["--help"]]
    {
        let done = place.run(args);
        let all = done.stdout + &done.stderr;
        assert!(!all.contains('\u{1b}'), "{args:?}: {all:?}");
    }
}

#[test]
fn reports_of_every_verdict_keep_their_own_format() {
    let place = Place::new();
    place.prepare("mkdir empty; cp -r demo other; echo more > other/more");
    for (line, exit) in [
        ("verify demo --key alice.pub", 0),
        ("verify other --key alice.pub", 1),
        ("verify demo --key bob.pub", 1),
        ("verify demo", 3),
        ("verify empty --key alice.pub", 4),
        ("verify demo --key alice.key", 4),
    ] {
        let args: Vec<_> = line.split(' ').chain(["--format", "json"]).collect();
        let done = place.run(&args);
        assert_eq!(done.exit, exit, "{line}");
        fs::write(place.at("report.json"), &done.stdout).unwrap();
        place.run(&["check", "report.json"]).expect(0, &["ok report.json"]);
    }
}
