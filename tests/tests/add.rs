//! `fullsource add` on paths of a release: several at once, odd names, and what comes after.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;

use fullsource_tests::command::Place;

fn artifacts(place: &Place) -> Vec<serde_json::Value> {
    let bytes = fs::read(place.at("demo/fullsource.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    manifest["artifacts"].as_array().unwrap().clone()
}

#[test]
fn of_many_at_once_none_is_lost() {
    let place = Place::new();
    place.prepare("for i in $(seq 12); do mkdir -p demo/d$i; echo $i > demo/d$i/part; done");
    let script = "for i in $(seq 12); do \"$0\" add data.sft d$i/part --manifest demo & done; wait";
    place.command(&[]).shell(script).run().expect(0, &["added"]);
    let added = artifacts(&place);
    assert_eq!(added.len(), 2 + 12);
    // All have one name: each got an id of its own.
    let ids: std::collections::BTreeSet<_> = added.iter().map(|a| a["id"].to_string()).collect();
    assert_eq!(ids.len(), added.len());
    place.run(&["check", "demo/fullsource.json"]).expect(0, &["ok"]);
    let left = fs::read_dir(place.at("demo")).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().ends_with(".tmp")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_release_with_an_artifact_more_is_signed_and_verified() {
    let place = Place::new();
    place.prepare("mkdir demo/train; echo 'print(1)' > demo/train/run.py");
    place.run(&["add", "code.training", "train/", "--manifest", "demo"]).expect(0, &["train/"]);
    place.run(&["sign", "demo", "--key", "alice.key"]).expect(0, &[]);
    let report = place.run(&["verify", "demo", "--key", "alice.pub"]);
    report.expect(0, &["PASS", "3 verified"]);
}

#[test]
fn what_cannot_be_a_part_of_the_release_changes_nothing() {
    let place = Place::new();
    place.prepare(
        "cd demo; mkdir empty .git; echo x > .git/x; ln -s config.json link; mkfifo pipe; \
         printf x > 'back\\slash'; echo x > ../outside",
    );
    let before = place.listing();
    for (locator, says) in [
        ("empty", "there are no files"),
        (".git", "left out of every release"),
        (".git/x", "left out of every release"),
        ("link", "a symbolic link"),
        ("pipe", "neither a file nor a directory"),
        ("back\\slash", "backslash"),
        ("../outside", "outside of the release"),
        ("outside", "outside of the release"),
        (".", "outside of the release"),
        ("", "neither a path"),
        ("fullsource.sigstore.json", "left out of every release"),
    ] {
        let done = place.run(&["add", "code.training", locator, "--manifest", "demo"]);
        assert!(matches!(done.exit, 2 | 4), "{locator}: {}", done.exit);
        done.expect(done.exit, &[says]);
    }
    assert_eq!(place.listing(), before);
}

#[test]
fn a_broken_manifest_is_shown_at_its_place() {
    let place = Place::new();
    for (text, says) in [
        ("{\n  \"release\": 1\n}", "fullsource.json:2:"),
        ("// a comment\n{}", "fullsource.json:1:"),
        ("\u{feff}{}", "byte order mark"),
        ("", "not JSON"),
    ] {
        fs::write(place.at("demo/fullsource.json"), text).unwrap();
        let done = place.run(&["add", "code.training", "config.json", "--manifest", "demo"]);
        done.expect(4, &["error[manifest-malformed]", says]);
        assert_eq!(fs::read_to_string(place.at("demo/fullsource.json")).unwrap(), text);
    }
}
