//! `verify --trust-mtime`, from its first run to whom its evidence is given.
//!
//! What is looked at must have been left alone for a minute (`tree-16`): it is the demo of the sessions, where
//! it lies in the repository, and nothing is written there.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::print_stdout, reason = "a test that waits or is skipped says why")]

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fullsource_tests::program;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A key, a bundle, a cache; and the release where it lies.
struct Place(TempDir);

fn demo() -> PathBuf {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions/demo");
    let changed = ["README.md", "config.json", "model.safetensors"]
        .map(|name| demo.join(name).metadata().unwrap().ctime());
    let changed = UNIX_EPOCH + Duration::from_secs(changed.into_iter().max().unwrap() as u64 + 62);
    if let Ok(wait) = changed.duration_since(SystemTime::now()) {
        println!("waiting for {wait:?}: these files were written a moment ago");
        std::thread::sleep(wait.min(Duration::from_secs(62)));
    }
    demo
}

impl Place {
    fn new() -> Self {
        let place = Self(TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap());
        place.run(&["keygen", "--out", "alice"], 0);
        let demo = demo();
        place.run(&["sign", demo.to_str().unwrap(), "--key", "alice.key", "-o", "b.json"], 0);
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, args: &[&str], exit: i32) -> Output {
        let mut command = Command::new(program::fullsource());
        command.args(args).current_dir(self.0.path()).env("FULLSOURCE_CACHE", self.at("cache"));
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(exit), "{args:?}: {output:?}");
        output
    }

    /// The report on the demo, and what is said beside it.
    fn verify(&self, more: &[&str]) -> (Value, String) {
        let demo = demo();
        let args = ["verify", demo.to_str().unwrap(), "--bundle", "b.json", "--key", "alice.pub"];
        let output = self.run(&[&args[..], &["--format", "json"], more].concat(), 0);
        let report = serde_json::from_slice(&output.stdout).unwrap();
        (report, String::from_utf8(output.stderr).unwrap())
    }

    /// By the evidence of another run.
    fn by_evidence(&self, more: &[&str], exit: i32) -> Output {
        let args =
            ["verify", "--bundle", "b.json", "--key", "alice.pub", "--evidence", "seen.json"];
        self.run(&[&args[..], &["--accept-evidence"], more].concat(), exit)
    }

    fn record(&self) -> PathBuf {
        let below = |path: &Path| fs::read_dir(path).unwrap().next().unwrap().unwrap().path();
        below(&below(&self.at("cache/records")))
    }
}

fn codes(report: &Value) -> Vec<&str> {
    report["findings"].as_array().unwrap().iter().filter_map(|f| f["code"].as_str()).collect()
}

#[test]
fn a_second_run_says_what_it_did_not_read_and_else_the_same() {
    let place = Place::new();
    let (full, _) = place.verify(&[]);
    assert!(!place.at("cache").exists(), "nobody asked for a record");
    let (first, said) = place.verify(&["--trust-mtime"]);
    if said.contains("not-remembered") {
        println!("skipped: {said}");
        return;
    }
    assert_eq!(first, full);
    let (mut second, _) = place.verify(&["--trust-mtime"]);
    assert!(second["files"]["unread"]["files"].as_u64().unwrap() >= 2, "{second}");
    assert!(codes(&second).contains(&"files-not-read"));
    assert!(second["notChecked"].to_string().contains("by `--trust-mtime` they were not read"));
    second["files"].as_object_mut().unwrap().remove("unread");
    second["findings"].as_array_mut().unwrap().retain(|f| f["code"] != "files-not-read");
    let told = second["notChecked"].as_array_mut().unwrap();
    told.retain(|text| !text.as_str().unwrap().contains("--trust-mtime"));
    assert_eq!(second, full);
    assert_eq!(place.verify(&[]).0, full, "without the option everything is read");
}

#[test]
fn no_policy_takes_it_and_evidence_keeps_the_mark() {
    let place = Place::new();
    let demo = demo();
    for asked in [["--policy", "weights-only"], ["--require", "open-weights"]] {
        let args = ["verify", demo.to_str().unwrap(), "--bundle", "b.json", "--trust-mtime"];
        let refused = place.run(&[&args[..], &asked].concat(), 2);
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(said.contains("asks for files that were read"), "{said}");
    }
    let said = place.verify(&["--trust-mtime"]).1;
    if said.contains("not-remembered") {
        println!("skipped: {said}");
        return;
    }
    place.verify(&["--trust-mtime", "--save-evidence", "seen.json"]);
    let evidence: Value =
        serde_json::from_slice(&fs::read(place.at("seen.json")).unwrap()).unwrap();
    assert!(evidence["release"]["unread"]["files"].as_u64().unwrap() >= 2);
    let told = String::from_utf8(place.by_evidence(&[], 0).stdout).unwrap();
    assert!(told.lines().nth(1).unwrap().starts_with("  NOT READ: "), "{told}");
    place.by_evidence(&["--policy", "weights-only"], 3);
    let policy = "digests = \"any\"\nscope = \"release\"\n[severity]\nfiles-not-read = \"note\"\n";
    fs::write(place.at("lax.toml"), policy).unwrap();
    place.by_evidence(&["--policy", "lax.toml"], 3);
    let shields = place.by_evidence(&["--format", "shields"], 0).stdout;
    let shields: Value = serde_json::from_slice(&shields).unwrap();
    assert_eq!(
        (&shields["message"], &shields["isError"]),
        (&json!("files not read"), &json!(true))
    );
}

#[test]
fn what_is_of_no_use_is_told_and_everything_is_read() {
    let place = Place::new();
    let said = place.verify(&["--trust-mtime"]).1;
    if said.contains("not-remembered") {
        println!("skipped: {said}");
        return;
    }
    let mut bytes = fs::read(place.record()).unwrap();
    bytes[100] ^= 1;
    fs::write(place.record(), &bytes).unwrap();
    let (report, said) = place.verify(&["--trust-mtime"]);
    assert!(!codes(&report).contains(&"files-not-read"));
    assert!(
        said.starts_with("note[not-remembered]: the record of this directory is of no use"),
        "{said}"
    );
    assert!(codes(&place.verify(&["--trust-mtime"]).0).contains(&"files-not-read"), "written anew");
    fs::remove_dir_all(place.at("cache")).unwrap();
    fs::write(place.at("cache"), "").unwrap();
    let (report, said) = place.verify(&["--trust-mtime"]);
    assert!(!codes(&report).contains(&"files-not-read"));
    assert!(said.contains("is not a directory"), "{said}");
}
