//! Inputs that are too large to lie in the repository, and targets that are no directory.

#![allow(clippy::unwrap_used)]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use fullsource_tests::program;
use serde_json::{Value, json};

fn vector(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(path)
}

/// Exit code and codes of findings.
fn run(command: &mut Command) -> (Option<i32>, Vec<String>) {
    let output = command.output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let findings = report["findings"].as_array().into_iter().flatten();
    let codes = findings.filter_map(|finding| finding["code"].as_str().map(str::to_owned));
    (output.status.code(), codes.collect())
}

fn verify(target: &Path, options: &[(&str, &Path)]) -> (Option<i32>, Vec<String>) {
    let mut command = Command::new(program::fullsource());
    command.args(["verify", "--format", "json"]).arg(target);
    command.arg("--key").arg(vector("keys/alice.pub"));
    for (option, path) in options {
        command.arg(option).arg(path);
    }
    run(&mut command)
}

fn check(path: &Path) -> (Option<i32>, Vec<String>) {
    run(Command::new(program::fullsource()).args(["check", "--format", "json"]).arg(path))
}

/// A file of so many zero bytes that takes no space.
fn hollow(directory: &Path, name: &str, bytes: u64) -> PathBuf {
    let path = directory.join(name);
    File::create(&path).unwrap().set_len(bytes).unwrap();
    path
}

fn is(got: (Option<i32>, Vec<String>), exit: i32, code: &str) {
    assert_eq!(got, (Some(exit), vec![code.to_owned()]));
}

#[test]
fn documents_above_their_limits_are_refused_unread() {
    let place = tempfile::tempdir().unwrap();
    let plain = vector("pass/plain/release");
    let made = |name: &str, bytes: u64| hollow(place.path(), name, bytes);
    // lim-1, json-6, ver-6
    let statement = made("statement.json", (64 << 20) + 1);
    is(verify(&plain, &[("--statement", &statement)]), 4, "limit-exceeded");
    // lim-19
    let policy = made("policy.toml", (1 << 20) + 1);
    is(verify(&plain, &[("--policy", &policy)]), 4, "limit-exceeded");
    // lim-4
    let evidence = made("evidence.json", (256 << 20) + 1);
    is(verify(&plain, &[("--evidence", &evidence)]), 4, "limit-exceeded");
    // lim-21
    let line = std::fs::read(vector("pass/plain/release/fullsource.sigstore.json")).unwrap();
    let line: Value = serde_json::from_slice(&line).unwrap();
    let distinct = |n: u32| {
        use base64::Engine as _;
        let mut line = line.clone();
        let payload = base64::engine::general_purpose::STANDARD.encode(n.to_string());
        line["dsseEnvelope"]["payload"] = payload.into();
        format!("{line}\n")
    };
    let attestations = place.path().join("attestations.jsonl");
    std::fs::write(&attestations, (0..1_001).map(distinct).collect::<String>()).unwrap();
    is(verify(&plain, &[("--rebuild", &attestations)]), 4, "limit-exceeded");
    // lim-6
    let lists = made("lists", (4 << 20) + 1);
    is(verify(&plain, &[("--trust", &lists)]), 4, "trust-malformed");
    is(verify(&plain, &[("--revoked", &lists)]), 4, "trust-malformed");
}

#[test]
fn a_manifest_has_at_most_100_000_artifacts() {
    let place = tempfile::tempdir().unwrap();
    let manifest = |count: usize| {
        let artifact = |n: usize| json!({ "id": format!("a{n}"), "roles": ["doc.paper"] });
        let artifacts: Vec<Value> = (0..count).map(artifact).collect();
        let document = json!({ "release": { "name": "x", "producer": { "name": "y" } }, "artifacts": artifacts });
        let path = place.path().join(format!("{count}.json"));
        std::fs::write(&path, document.to_string()).unwrap();
        path
    };
    assert_eq!(check(&manifest(100_000)), (Some(0), vec![]));
    is(check(&manifest(100_001)), 1, "limit-exceeded"); // lim-10
}

/// ver-2
#[test]
fn a_target_is_a_directory() {
    let place = tempfile::tempdir().unwrap();
    is(verify(&place.path().join("nowhere"), &[]), 4, "target-unreadable");
    is(verify(&vector("pass/plain/release/README.md"), &[]), 4, "target-unreadable");
}

/// ver-62
#[test]
fn the_exit_code_is_the_same_in_every_form() {
    for (case, exit) in [("pass/plain", 0), ("files/changed", 1), ("envelope/array", 4)] {
        let release = vector(case).join("release");
        let mut command = Command::new(program::fullsource());
        command.arg("verify").arg(release).arg("--key").arg(vector("keys/alice.pub"));
        assert_eq!(command.output().unwrap().status.code(), Some(exit), "{case}");
    }
}
