//! 200 MB of memory, as the kernel counts what a process may write to (`RLIMIT_DATA`: heap, anonymous
//! maps, stacks of threads): large releases are looked at in it, whatever their files weigh. What needs
//! more is refused before it is read.
//!
//! `FULLSOURCE_LARGE=1` takes the sizes of the largest releases.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;

use fullsource_tests::command::{Outcome, Place};
use serde_json::json;

const LIMIT: &str = "ulimit -d 204800; export FULLSOURCE_CACHE=$PWD/cache";

fn large() -> bool {
    std::env::var_os("FULLSOURCE_LARGE").is_some()
}

fn limited(place: &Place, line: &str) -> Outcome {
    let args: Vec<_> = line.split(' ').collect();
    place.command(&args).shell(LIMIT).run()
}

fn manifest(artifacts: usize) -> String {
    let artifact = |nth: usize| {
        json!({ "id": format!("a{nth}"), "roles": ["data.sft"], "license": "MIT",
                "locators": [format!("https://example.org/{nth}")],
                "digest": { "sha256": format!("{nth:064x}") } })
    };
    let artifacts: Vec<_> = (0..artifacts).map(artifact).collect();
    json!({ "release": { "name": "m", "producer": { "name": "p" } }, "artifacts": artifacts })
        .to_string()
}

#[test]
fn a_large_release_is_drafted_signed_and_verified() {
    let place = Place::new();
    let (bytes, files) = if large() { ("2G", 20_000) } else { ("400M", 2_000) };
    place.prepare(&format!(
        "truncate -s {bytes} demo/data.bin.txt; mkdir demo/many; cd demo/many; \
         seq {files} | split -l 1 -a 4 - f"
    ));
    for line in [
        "init demo --force --no-input",
        "add data.sft many/ --manifest demo",
        "sign demo --key alice.key",
        "verify demo --key alice.pub",
        "verify demo --key alice.pub --format html -o page.html",
        "verify demo --key alice.pub --format json -o report.json",
        "diff report.json report.json",
        "graph demo -o graph.svg",
        "digest demo --index files.jsonl --git",
    ] {
        limited(&place, line).expect(0, &[]);
    }
}

#[test]
fn a_manifest_of_many_artifacts_is_judged() {
    let place = Place::new();
    place.prepare("rm demo/model.safetensors demo/fullsource.sigstore.json");
    fs::write(place.at("demo/fullsource.json"), manifest(10_000)).unwrap();
    for (line, exit) in [
        ("check demo/fullsource.json", 0),
        ("sign demo --key alice.key", 0),
        ("verify demo --key alice.pub --offline --save-evidence seen.json -o told.txt", 3),
        ("verify demo --key alice.pub --evidence seen.json --format html -o page.html", 3),
        ("graph demo -o graph.svg", 0),
    ] {
        limited(&place, line).expect(exit, &[]);
    }
}

#[test]
fn what_needs_more_says_so_and_is_no_verdict() {
    let place = Place::new();
    // The most that a manifest may have: it takes more than 200 MB to say what it comes to.
    fs::write(place.at("demo/fullsource.json"), manifest(100_000)).unwrap();
    place.prepare("rm demo/fullsource.sigstore.json");
    let before = place.listing();
    for line in [
        "graph demo -o graph.svg",
        "check demo/fullsource.json",
        "add data.sft VERSION --manifest demo",
        "sign demo --key alice.key",
    ] {
        let told = ["target-unreadable", "MiB of memory, which cannot be had here"];
        limited(&place, line).expect(4, &told);
    }
    assert_eq!(place.listing(), before);
}
