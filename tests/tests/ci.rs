//! The GitHub Action, executed as its service executes it: each exit code kept apart, a summary in every
//! case, and no input or release that is read as a command.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use fullsource_tests::action::{Desk, Job, Runner, commands, file_command, root};
use fullsource_tests::command::Place;
use fullsource_tests::program::fullsource;

/// The reports that a run leaves, by the names of the outputs.
const REPORTS: [&str; 7] = ["json", "markdown", "html", "sarif", "junit", "badge", "shields"];

/// An exit code, what comes with it, and what was asked.
type Case<'a> = (i32, &'a str, &'a [(&'a str, &'a str)]);

const FULL: [(&str, &str); 3] =
    [("target", "model"), ("key", "keys/lab.pub"), ("require", "full-source")];

#[test]
fn a_release_that_shows_its_source_passes_and_leaves_every_report() {
    let desk = Desk::new();
    let job = desk.run(&FULL);
    assert_eq!(job.exit, 0, "{}", job.log);
    assert_eq!(job.outputs["verdict"], "pass");
    assert_eq!(job.outputs["exit-code"], "0");
    assert_eq!(job.outputs["headline"], "full-source");
    for name in REPORTS {
        let path = Path::new(&job.outputs[name]);
        assert!(path.starts_with(&job.outputs["reports"]), "{name}");
        assert!(fs::metadata(path).unwrap().len() > 20, "{name}");
    }
    assert_eq!(fs::read_to_string(&job.outputs["markdown"]).unwrap(), job.summary);
    assert!(job.log.contains("PASS  tiny-lm 1.0"), "{}", job.log);
}

#[test]
fn a_release_that_shows_its_weights_alone_fails_where_source_is_required() {
    let desk = Desk::new();
    let inputs = [FULL[1], FULL[2], ("target", "weights-only")];
    let job = desk.run(&inputs);
    assert_eq!(job.exit, 1, "{}", job.log);
    assert_eq!(job.outputs["verdict"], "fail");
    assert_eq!(job.outputs["headline"], "open-weights");
    assert!(job.summary.contains("full-source"), "{}", job.summary);
    assert!(commands(&job.log).iter().any(|line| line.starts_with("::error")), "{}", job.log);
    let sarif = fs::read_to_string(&job.outputs["sarif"]).unwrap();
    assert!(sarif.contains("class-impossible"), "{sarif}");
}

#[test]
fn each_exit_code_is_kept_apart_and_leaves_a_summary() {
    let desk = Desk::new();
    let cases: &[Case<'_>] = &[
        (0, "pass", &[("target", "weights-only"), FULL[1], ("require", "open-weights")]),
        (1, "fail", &[("target", "weights-only"), FULL[1], ("require", "open-recipe")]),
        (3, "incomplete", &[("target", "model"), ("require", "full-source")]),
        (4, "error", &[("target", "nowhere"), FULL[1], ("require", "full-source")]),
        (4, "error", &[FULL[0], ("key", "keys/none.pub"), ("require", "full-source")]),
        (2, "error", &[FULL[0], FULL[1], ("require", "openness")]),
        (2, "error", &[FULL[0], FULL[1], FULL[2], ("args", "--no-such-option")]),
        (2, "error", &[FULL[0], FULL[1], FULL[2], ("offline", "yes")]),
        (2, "error", &[FULL[0], FULL[1]]),
        (2, "error", &[FULL[1], FULL[2]]),
    ];
    for (exit, verdict, inputs) in cases {
        let job = desk.run(inputs);
        assert_eq!(job.exit, *exit, "{inputs:?}: {}", job.log);
        assert_eq!(job.outputs["exit-code"], exit.to_string());
        assert_eq!(job.outputs["verdict"], *verdict);
        assert!(job.summary.len() > 40, "{inputs:?}: {}", job.summary);
        let silent = commands(&job.log).is_empty();
        assert!(!silent || *exit == 0, "{inputs:?}: {}", job.log);
    }
}

#[test]
fn require_has_no_default_and_none_is_said_aloud() {
    let desk = Desk::new();
    let job = desk.run(&FULL[..2]);
    assert!(job.log.contains("without it a pass proves no openness"), "{}", job.log);
    assert!(job.summary.contains("without it a pass proves no openness"), "{}", job.summary);
    let job = desk.run(&[("target", "weights-only"), FULL[1], ("require", "none")]);
    assert_eq!(job.exit, 0, "{}", job.log);
    for text in [&job.log, &job.summary] {
        assert!(text.contains("proves no openness"), "{text}");
    }
}

#[test]
fn inputs_reach_the_program_as_they_are_and_become_no_command() {
    let desk = Desk::new();
    let names = [
        "it's \"a\" $(touch pwned)`touch pwned`;touch pwned *\n::error::pwned\nverdict=pass\n",
        "--help",
        "##[add-mask]x ${{ github.token }}",
    ];
    for name in names {
        fs::rename(desk.at("weights-only"), desk.at(name)).unwrap();
        let job = desk.run(&[("target", name), FULL[1], FULL[2]]);
        assert_eq!(job.exit, 1, "{name}: {}", job.log);
        assert_eq!(job.outputs["headline"], "open-weights");
        expect_our_commands(&job);
        fs::rename(desk.at(name), desk.at("weights-only")).unwrap();
    }
    for input in ["key", "trust", "policy", "expect", "require", "threshold", "revoked", "args"] {
        let mut inputs = FULL.to_vec();
        inputs.retain(|(known, _)| *known != input);
        inputs.push((input, names[0]));
        let job = desk.run(&inputs);
        assert!([1, 2, 4].contains(&job.exit), "{input}: {}", job.log);
        assert_ne!(job.outputs["verdict"], "pass");
        expect_our_commands(&job);
    }
    desk.expect_no_trace();
}

/// All that the runner reads as commands are annotations, which are ours.
#[track_caller]
fn expect_our_commands(job: &Job) {
    for command in commands(&job.log) {
        let ours = ["::error ", "::warning ", "::notice "];
        assert!(ours.iter().any(|start| command.starts_with(start)), "{command}");
        assert!(!command.starts_with("::error::pwned"), "{command}");
    }
}

#[test]
fn several_keys_and_arguments_stand_on_a_line_each() {
    let desk = Desk::new();
    fs::copy(desk.at("keys/lab.pub"), desk.at("keys/an other.pub")).unwrap();
    let keys = "\nkeys/an other.pub\r\nkeys/lab.pub\n\n";
    let job = desk.run(&[FULL[0], ("key", keys), FULL[2], ("args", "--jobs\n2\n--digests=all\n")]);
    assert_eq!(job.exit, 0, "{}", job.log);
    let job = desk.run(&[FULL[0], FULL[1], FULL[2], ("args", "--digests sha256")]);
    assert_eq!(job.exit, 2, "a line was split: {}", job.log);
}

#[test]
fn a_hostile_release_reaches_neither_the_log_nor_the_outputs_as_a_command() {
    let place = Place::new();
    let manifest = place.at("demo/fullsource.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let name = "##[add-mask]demo ::error::pwned <b>%0A::warning::";
    assert!(text.contains("four-numbers"));
    fs::write(&manifest, text.replace("four-numbers", name)).unwrap();
    place.run(&["sign", "demo", "--key", "alice.key"]).expect(0, &[]);
    fs::write(place.at("demo/\n::error::pwned\r::set-output name=verdict::pass"), "x").unwrap();
    fs::write(place.at("demo/##[add-mask]x"), "x").unwrap();
    let temp = place.at("temp");
    fs::create_dir(&temp).unwrap();
    let runner = Runner { workspace: place.path().to_owned(), temp };
    let binary = fullsource().to_str().unwrap();
    let inputs =
        [("target", "demo"), ("key", "alice.pub"), ("require", "open-weights"), ("binary", binary)];
    let job =
        runner.action(&inputs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect());
    assert_eq!(job.exit, 1, "{}", job.log);
    assert!(job.log.contains("[add-mask]demo ::error"), "{}", job.log);
    assert_eq!(job.outputs["verdict"], "fail");
    expect_our_commands(&job);
    assert_eq!(fs::read_to_string(&job.outputs["markdown"]).unwrap(), job.summary);
}

#[test]
fn an_output_cannot_end_before_its_value_does() {
    let desk = Desk::with_temp("temp\nEOF\nverdict=pass\nheadline<<x");
    let job = desk.run(&[("target", "weights-only"), FULL[1], FULL[2]]);
    assert_eq!(job.exit, 1, "{}", job.log);
    assert_eq!(job.outputs["verdict"], "fail");
    assert_eq!(job.outputs["headline"], "open-weights");
    assert!(Path::new(&job.outputs["json"]).is_file());
    // And what a guessed end would have done.
    let forged = file_command("a<<EOF\nx\nEOF\nverdict=pass\nEOF=\n");
    assert_eq!(forged[1], ("verdict".to_owned(), "pass".to_owned()));
}

/// A program that stands in for `fullsource`, and does it badly.
fn stand_in(desk: &Desk, script: &str) -> String {
    let path = desk.at("stand-in");
    fs::write(&path, format!("#!/usr/bin/env bash\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn nothing_that_the_program_prints_is_read_as_a_command() {
    let desk = Desk::new();
    let real = fullsource().display();
    let loud = "echo '::error::pwned'; echo 'x ##[add-mask]x' >&2; printf '::debug::pwned'";
    let binary = stand_in(&desk, &format!("{loud}; exec {real} \"$@\""));
    let job = desk.run(&[FULL[0], FULL[1], FULL[2], ("binary", &binary)]);
    assert_eq!(job.exit, 0, "{}", job.log);
    assert!(job.log.contains("::error::pwned") && job.log.contains("##[add-mask]x"));
    expect_our_commands(&job);
}

#[test]
fn a_pass_that_cannot_be_shown_is_none() {
    let desk = Desk::new();
    let real = fullsource().display().to_string();
    let cases = [
        ("exit 0".to_owned(), 4, "error"),
        ("exit 1".to_owned(), 1, "fail"),
        (format!("[ $1 = verify ] || exit 4; exec {real} \"$@\""), 4, "error"),
        (format!("case \"$*\" in *=html*) exit 4; esac; exec {real} \"$@\""), 4, "error"),
    ];
    for (script, exit, verdict) in cases {
        let binary = stand_in(&desk, &script);
        let job = desk.run(&[FULL[0], FULL[1], FULL[2], ("binary", &binary)]);
        assert_eq!(job.exit, exit, "{script}: {}", job.log);
        assert_eq!(job.outputs["verdict"], verdict);
        assert!(job.summary.len() > 40, "{script}: {}", job.summary);
    }
    let job = desk.run(&[FULL[0], FULL[1], FULL[2], ("binary", "./no-such-program")]);
    assert!([4, 127].contains(&job.exit), "{}", job.log);
    assert_eq!(job.outputs["verdict"], "error");
}

#[test]
fn a_summary_that_is_too_long_is_cut_at_a_line() {
    let desk = Desk::new();
    let real = fullsource().display().to_string();
    let long = "case \"$*\" in *=markdown*) for a in \"$@\"; do case $a in --output=*) \
        { echo '# first'; yes 'a line of many' | head -n 100000; } >\"${a#--output=}\";; esac; done;; ";
    let binary = stand_in(&desk, &format!("{long} *) exec {real} \"$@\";; esac"));
    let job = desk.run(&[FULL[0], FULL[1], FULL[2], ("binary", &binary)]);
    assert_eq!(job.exit, 0, "{}", job.log);
    assert!(job.summary.len() < 1 << 20 && job.summary.len() > 900_000);
    assert!(job.summary.starts_with("# first\n"));
    assert!(job.summary.contains("a line of many\n\n\nThe summary is cut here"));
}

#[test]
fn a_build_is_named_by_what_it_is_made_of() {
    let desk = Desk::new();
    let key = |at: &Path| {
        let output = desk.runner.temp.join("output");
        fs::write(&output, "").unwrap();
        let done = Command::new("bash")
            .arg(at.join("ci/action.sh"))
            .arg("key")
            .envs([("RUNNER_OS", "Linux"), ("RUNNER_ARCH", "X64"), ("RUNNER_TEMP", "/tmp")])
            .env("GITHUB_OUTPUT", &output)
            .status();
        assert!(done.unwrap().success());
        let text = fs::read_to_string(&output).unwrap();
        file_command(&text).pop().unwrap().1
    };
    let copy = desk.at("checkout");
    let script = "mkdir \"$1\" && cp -R Cargo.toml Cargo.lock crates ci \"$1\"";
    let done =
        Command::new("sh").args(["-c", script, "sh"]).arg(&copy).current_dir(root()).status();
    assert!(done.unwrap().success());
    let ours = key(&root());
    assert!(ours.starts_with("fullsource-Linux-X64-any-"), "{ours}");
    assert_eq!(key(&copy), ours);
    fs::write(copy.join("crates/fullsource/src/exit.rs"), "changed").unwrap();
    assert_ne!(key(&copy), ours);
}
