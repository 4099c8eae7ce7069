//! Several processes at once: on one release, on one manifest, on one cache, on one name of a key.
//! Each ends with what it was asked for, or says that it did not.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::fs;

use fullsource_tests::command::{Outcome, Place};

/// Processes at once.
const CROWDS: [usize; 2] = [2, 8];
/// Times that a crowd meets.
const ROUNDS: usize = 6;

/// Command lines, all at once.
fn together(place: &Place, lines: &[String]) -> Vec<Outcome> {
    std::thread::scope(|scope| {
        let run = |line: &'_ String| {
            let args: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            place.run(&args)
        };
        let started: Vec<_> = lines.iter().map(|line| scope.spawn(move || run(line))).collect();
        started.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn temporary_files(place: &Place) -> Vec<String> {
    let names = fs::read_dir(place.at("demo")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".tmp")).collect()
}

/// Who signs while others sign ends with a bundle that verifies, or refuses the release because of a
/// file that another one is writing.
#[test]
fn signers_of_one_release_leave_one_whole_bundle() {
    for (files, says) in [(0, "a bundle"), (1001, "an index and a bundle")] {
        let place = Place::new();
        place.prepare(&format!(
            "mkdir demo/many; touch demo/many/x; cd demo/many; seq {files} | split -l 1 -a 3"
        ));
        for crowd in CROWDS {
            let lines: Vec<_> =
                (0..crowd).map(|_| "sign demo --key alice.key".to_owned()).collect();
            let mut signed = 0;
            for _ in 0..ROUNDS {
                let done = together(&place, &lines);
                for one in &done {
                    let busy = one.stderr.contains("left behind by a run that was killed");
                    assert!(one.exit == 0 || busy && one.exit == 1, "{says}: {one:?}");
                    signed += usize::from(one.exit == 0);
                }
                assert!(temporary_files(&place).is_empty(), "{says}");
                place.run(&["verify", "demo", "--key", "alice.pub"]).expect(0, &["PASS"]);
            }
            assert!(signed > 0, "{says}: nobody could sign");
        }
    }
}

/// Who verifies while others sign the same release passes it, or says what is in the way.
#[test]
fn a_verifier_beside_signers_never_accuses_the_release() {
    let place = Place::new();
    for crowd in CROWDS {
        let line = |nth: usize| match nth % 2 {
            0 => "sign demo --key alice.key".to_owned(),
            _ => "verify demo --key alice.pub".to_owned(),
        };
        let lines: Vec<_> = (0..crowd).map(line).collect();
        for _ in 0..ROUNDS {
            for one in together(&place, &lines).iter().skip(1).step_by(2) {
                // A signer's file is there, or was: told, with its name.
                let busy = one.stdout.contains("left behind by a run of fullsource");
                let gone = one.stdout.contains(".tmp: it could not be read");
                assert!(one.exit == 0 || busy && one.exit == 1 || gone && one.exit == 3, "{one:?}");
            }
        }
    }
}

#[test]
fn of_what_is_added_at_once_nothing_is_lost() {
    let place = Place::new();
    let mut expected = 2;
    for crowd in CROWDS {
        for round in 0..ROUNDS {
            let id = |nth: usize| format!("a{crowd}-{round}-{nth}");
            let line = |nth| {
                fs::write(place.at("demo").join(id(nth)), id(nth)).unwrap();
                format!("add data.sft {0} --id {0} --manifest demo", id(nth))
            };
            let lines: Vec<_> = (0..crowd).map(line).collect();
            for one in together(&place, &lines) {
                one.expect(0, &[]);
            }
            expected += crowd;
            let text = fs::read(place.at("demo/fullsource.json")).unwrap();
            let manifest: serde_json::Value = serde_json::from_slice(&text).unwrap();
            let artifacts = manifest["artifacts"].as_array().unwrap();
            let ids: BTreeSet<_> = artifacts.iter().map(|one| one["id"].to_string()).collect();
            assert_eq!(ids.len(), expected);
        }
    }
    place.run(&["check", "demo/fullsource.json"]).expect(0, &["ok"]);
    assert!(temporary_files(&place).is_empty());
}

/// Of several that draw a key of one name, one does; its two halves belong together.
#[test]
fn one_pair_of_keys_is_one_process_s() {
    for crowd in CROWDS {
        for round in 0..ROUNDS {
            let place = Place::new();
            let lines: Vec<_> = (0..crowd).map(|_| format!("keygen --out key{round}")).collect();
            let done = together(&place, &lines);
            let made = done.iter().filter(|one| one.exit == 0).count();
            for one in done.iter().filter(|one| one.exit != 0) {
                one.expect(4, &["is there already"]);
            }
            let (secret, public) = (format!("key{round}.key"), format!("key{round}.pub"));
            assert_eq!(made, 1, "{done:?}");
            place.run(&["sign", "demo", "--key", &secret]).expect(0, &[]);
            place.run(&["verify", "demo", "--key", &public]).expect(0, &["PASS"]);
        }
    }
}
