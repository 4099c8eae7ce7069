//! What has to be on the disk before what: a name is given to bytes that are there, and is there itself
//! before the command says that it is done. Seen in the calls of each command that writes.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;

use fullsource_tests::command::{Place, Run};
use fullsource_tests::injector::{Call, Fault, Plan, When, traced};
use fullsource_tests::published::Published;
use fullsource_tests::syscalls::Kind;

fn calls(run: &Run) -> Vec<Call> {
    let plan = Plan { fault: Fault::None, meant: &|_| false, when: When::Once(0) };
    let listed = traced(run, &plan);
    listed.outcome.expect(0, &[]);
    listed.calls
}

fn done(call: &Call) -> bool {
    call.result.is_some_and(|result| result >= 0)
}

/// A path without `.` in it.
fn clean(path: &str) -> String {
    path.split('/').filter(|part| *part != ".").collect::<Vec<_>>().join("/")
}

fn parent(path: &str) -> String {
    path.rsplit_once('/').map_or(String::new(), |(parent, _)| parent.to_owned())
}

/// Each rename: after the last write to the file comes its `fsync`, then the rename, then the `fsync` of
/// the directory. Notes of the cache alone are not synced: one that is lost is asked for again.
fn check(what: &str, calls: &[Call]) {
    let (mut unsynced, mut names) = (BTreeSet::new(), BTreeSet::new());
    let mut renames = 0;
    for call in calls.iter().filter(|call| done(call) && call.is_on_disk()) {
        let (target, second) = (clean(&call.target), clean(&call.second));
        match (call.kind, call.name) {
            (Kind::Create | Kind::Write | Kind::Attribute, _) => drop(unsynced.insert(target)),
            (Kind::Sync, _) => {
                unsynced.remove(&target);
                names.retain(|name: &String| parent(name) != target);
            }
            (Kind::Name, "rename" | "renameat" | "renameat2" | "linkat" | "link") => {
                let is_note = second.contains("/notes/");
                assert!(
                    is_note || !unsynced.contains(&target),
                    "{what}: {call:?} before its bytes"
                );
                unsynced.remove(&target);
                if !is_note {
                    names.insert(second);
                    renames += 1;
                }
            }
            _ => {}
        }
    }
    assert!(renames > 0, "{what}: nothing gets a name");
    assert!(names.is_empty(), "{what}: names that may be lost: {names:?}");
}

#[test]
fn bytes_come_before_names_and_names_before_the_end() {
    let place = Place::new();
    place.prepare("mkdir demo/many; cd demo/many; seq 1001 | split -l 1 -a 3 - f");
    for line in [
        "sign demo --key alice.key",
        "sign demo --key alice.key --key bob.key -o envelope.json",
        "add data.sft many/faaa --manifest demo --license MIT",
        "init demo --force --no-input",
        "keygen --out new",
        "digest demo --index files.jsonl",
        "man --to .",
    ] {
        check(line, &calls(&place.command(&line.split(' ').collect::<Vec<_>>())));
    }
    // The release is another one by now, and its report is written all the same.
    place.run(&["sign", "demo", "--key", "alice.key"]).expect(0, &[]);
    let line = "verify demo --key alice.pub --format html -o page.html --save-evidence seen.json";
    check(line, &calls(&place.command(&line.split(' ').collect::<Vec<_>>())));
}

#[test]
fn a_release_that_is_fetched_is_on_the_disk_before_it_is_said_to_be() {
    let it = Published::new();
    check("fetch", &calls(&it.command(&[])));
    let mut names = calls_of_names(&it);
    assert_eq!(names.pop().as_deref(), Some("fullsource.sigstore.json"), "the bundle comes last");
}

/// The names that files of a release get, in their order.
fn calls_of_names(it: &Published) -> Vec<String> {
    std::fs::remove_dir_all(it.place.at("out")).unwrap();
    let listed = calls(&it.command(&[]));
    let renames = listed.iter().filter(|call| done(call) && call.name.starts_with("rename"));
    renames.map(|call| call.second.rsplit('/').next().unwrap_or_default().to_owned()).collect()
}
