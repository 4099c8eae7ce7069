//! Faults while a release is signed or looked at: killed at any moment, out of disk, out of file
//! descriptors, changed meanwhile. Afterwards the bundle is the old one or the new one, and a verifier
//! says which.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use fullsource_tests::command::{Outcome, Place, SmallDisk, signal};

/// Runs that are killed. Each at another moment of what a whole run takes.
const RUNS: u32 = 40;

/// A release with a file that changes between signings, so that old and new can be told apart.
struct Changing {
    place: Place,
    version: u32,
}

impl Changing {
    fn new(files: usize) -> Self {
        let place = Place::new();
        place.prepare("mkdir demo/many");
        for i in 0..files {
            fs::write(place.at(format!("demo/many/{i:05}")), [0; 64]).unwrap();
        }
        Self { place, version: 0 }
    }

    fn change(&mut self) {
        self.version += 1;
        fs::write(self.place.at("demo/VERSION"), self.version.to_string()).unwrap();
    }

    fn sign(&self) -> fullsource_tests::command::Run {
        self.place.command(&["sign", "demo", "--key", "alice.key"])
    }

    fn verify(&self) -> Outcome {
        self.place.run(&["verify", "demo", "--key", "alice.pub"])
    }

    /// Files that a killed run left behind.
    fn leftovers(&self) -> Vec<std::path::PathBuf> {
        let entries = fs::read_dir(self.place.at("demo")).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let left = |path: &std::path::PathBuf| name(path).starts_with(".fullsource-");
        paths.filter(left).collect()
    }

    /// After a fault: whole, and either verifies or says what differs.
    fn check(&self) {
        let left = self.leftovers();
        let signed_again = self.sign().run();
        if left.is_empty() {
            signed_again.expect(0, &[]);
        } else {
            signed_again.expect(1, &["left behind by a run that was killed", "help: remove"]);
        }
        let before = self.verify();
        if left.is_empty() {
            before.expect(0, &["PASS"]);
            return;
        }
        // Between the two renames of a large release, its index is new and its bundle old.
        if !before.stdout.contains("fullsource.files.jsonl: it is not the index that was signed") {
            before.expect(1, &["left behind by a run of fullsource", "help: remove it"]);
        }
        assert_eq!(before.exit, 1, "{before:?}");
        for path in left {
            fs::remove_file(path).unwrap();
        }
        let after = self.verify();
        assert!([0, 1].contains(&after.exit), "{after:?}");
        self.sign().run().expect(0, &[]);
        self.verify().expect(0, &["PASS"]);
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// Signs and kills at `RUNS` moments from the start of a run to behind its end.
fn killed_at_all_moments(files: usize, by: &str, check: impl Fn(&Changing, &Outcome)) {
    let mut release = Changing::new(files);
    release.sign().run().expect(0, &[]);
    let start = Instant::now();
    release.change();
    release.sign().run().expect(0, &[]);
    let whole = start.elapsed();
    for run in 0..RUNS {
        release.change();
        let done = release.sign().disturbed(|process| {
            std::thread::sleep(whole * run / (RUNS - 4));
            signal(by, process);
        });
        check(&release, &done);
    }
}

#[test]
fn a_run_killed_at_any_moment_leaves_the_old_or_the_new_bundle() {
    killed_at_all_moments(300, "KILL", |release, done| {
        assert!([0, 137].contains(&done.exit), "{done:?}");
        let verified = release.verify();
        // The old bundle does not know the new version; the new one does.
        assert!([0, 1].contains(&verified.exit), "{verified:?}");
        release.check();
    });
}

#[test]
fn a_run_killed_while_an_index_is_written_leaves_what_a_verifier_can_judge() {
    killed_at_all_moments(1500, "KILL", |release, done| {
        assert!([0, 137].contains(&done.exit), "{done:?}");
        let verified = release.verify();
        assert!([0, 1].contains(&verified.exit), "{verified:?}");
        release.check();
    });
}

#[test]
fn a_run_that_is_interrupted_at_any_moment_leaves_nothing_behind() {
    killed_at_all_moments(300, "INT", |release, done| {
        // 130, whether it was told to stop or, before there was anything to undo, ended at once.
        assert!([0, 130].contains(&done.exit), "{done:?}");
        assert!(release.leftovers().is_empty(), "{done:?}");
        let expected = if done.exit == 0 { 0 } else { 1 };
        assert_eq!(release.verify().exit, expected, "{done:?}");
    });
}

#[test]
fn a_full_disk_keeps_the_old_bundle() {
    let place = Place::new();
    let Some(_disk) = SmallDisk::mounted(place.at("small")) else { return };
    place.prepare("cp -r demo small/; echo new > small/demo/VERSION");
    let old = fs::read(place.at("small/demo/fullsource.sigstore.json")).unwrap();
    place.prepare("cat /dev/zero > small/filler 2>/dev/null || :");
    let sign = ["sign", "small/demo", "--key", "alice.key"];
    place.run(&sign).expect(4, &["output-unwritable", "no space left", "nothing was written"]);
    assert_eq!(fs::read(place.at("small/demo/fullsource.sigstore.json")).unwrap(), old);
    let verify = ["verify", "small/demo", "--key", "alice.pub"];
    place.run(&verify).expect(1, &["file-added] VERSION"]);
    place.prepare("rm small/filler");
    place.run(&sign).expect(0, &[]);
    place.run(&verify).expect(0, &["PASS"]);
}

#[test]
fn few_file_descriptors_give_a_whole_answer_or_none() {
    let place = Place::new();
    place.prepare("mkdir -p demo/a/b/c/d/e/f; echo x > demo/a/b/c/d/e/f/g");
    place.run(&["sign", "demo", "--key", "alice.key"]).expect(0, &[]);
    let old = fs::read(place.at("demo/fullsource.sigstore.json")).unwrap();
    for limit in 3..24 {
        let limit = format!("ulimit -n {limit}");
        let verified = place.command(&["verify", "demo", "--key", "alice.pub"]).shell(&limit).run();
        assert!([0, 3, 4, 127].contains(&verified.exit), "{limit}: {verified:?}");
        let signed = place.command(&["sign", "demo", "--key", "alice.key"]).shell(&limit).run();
        assert!([0, 1, 4, 127].contains(&signed.exit), "{limit}: {signed:?}");
        assert!(!(signed.stderr + &verified.stderr).contains("panicked"), "{limit}");
        assert_eq!(fs::read(place.at("demo/fullsource.sigstore.json")).unwrap(), old, "{limit}");
    }
}

#[test]
fn little_memory_ends_a_run_and_not_a_bundle() {
    let place = Place::new();
    let old = fs::read(place.at("demo/fullsource.sigstore.json")).unwrap();
    for kilobytes in [300, 1_000, 3_000, 6_000, 12_000] {
        let limit = format!("ulimit -d {kilobytes}");
        let done = place.command(&["sign", "demo", "--key", "alice.key"]).shell(&limit).run();
        assert_ne!(done.exit, 1, "{limit}: {done:?}");
        let bundle = fs::read(place.at("demo/fullsource.sigstore.json")).unwrap();
        assert!(bundle == old, "{limit}: the same release signed with the same key differs");
        if done.exit == 0 {
            place.run(&["verify", "demo", "--key", "alice.pub"]).expect(0, &["PASS"]);
        }
    }
}

#[test]
fn a_release_that_changes_meanwhile_is_unstable_or_different_and_never_passes() {
    let place = Place::new();
    place.prepare("truncate -s 300M demo/data.bin.txt");
    place.run(&["sign", "demo", "--key", "alice.key"]).expect(0, &[]);
    let verify = place.command(&["verify", "demo", "--key", "alice.pub"]);
    for script in ["echo more >> demo/data.bin.txt", "truncate -s 100M demo/data.bin.txt"] {
        let done = verify.disturbed(|_| {
            std::thread::sleep(Duration::from_millis(60));
            place.prepare(script);
        });
        assert!([1, 3].contains(&done.exit), "{script}: {done:?}");
        place.prepare("truncate -s 0 demo/data.bin.txt; truncate -s 300M demo/data.bin.txt");
        verify.run().expect(0, &["PASS"]);
    }
    let gone = verify.disturbed(|_| {
        std::thread::sleep(Duration::from_millis(60));
        place.prepare("rm -r demo");
    });
    assert!([1, 3, 4].contains(&gone.exit), "{gone:?}");
    assert!(!gone.stdout.contains("PASS") && !gone.stderr.contains("panicked"), "{gone:?}");
}

#[test]
fn ctrl_c_ends_a_long_look_with_nothing_written() {
    let place = Place::new();
    place.prepare("truncate -s 3G demo/data.bin.txt");
    // Of a file that is not covered, `verify` would read nothing.
    place.run(&["sign", "demo", "--key", "alice.key"]).expect(0, &[]);
    for line in [
        "sign demo --key alice.key",
        "verify demo --key alice.pub -o report",
        "digest demo --index index",
    ] {
        for name in ["INT", "TERM"] {
            let before = place.listing();
            let args: Vec<_> = line.split(' ').collect();
            let done = place.command(&args).disturbed(|process| {
                std::thread::sleep(Duration::from_millis(300));
                signal(name, process);
            });
            done.expect(130, &["interrupted", "nothing was written", "help: "]);
            assert!(done.took < Duration::from_secs(3), "{line}: {:?}", done.took);
            assert_eq!(place.listing(), before, "{line}");
        }
    }
}
