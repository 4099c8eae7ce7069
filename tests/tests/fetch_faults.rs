//! `fullsource fetch` from a server that cuts, corrupts, lies and stalls, and of runs that are killed:
//! what gets its name is what was signed, and a run that was ended goes on where it stopped.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::print_stdout, reason = "a case says how it went")]

use std::fs;
use std::time::Duration;

use fullsource_tests::command::{SmallDisk, signal};
use fullsource_tests::http_server::{Fault, Rule};
use fullsource_tests::published::{LARGE, Published};

#[test]
fn a_run_that_was_killed_goes_on_where_it_stopped() {
    let it = Published::new();
    it.server.add(Rule::always("large.bin.txt", Fault::Slow(LARGE / 2)));
    let killed = it.command(&[]).disturbed(|process| {
        while it.parts() < LARGE / 4 {
            std::thread::sleep(Duration::from_millis(5));
        }
        signal("KILL", process);
    });
    assert_eq!(killed.exit, 128 + 9);
    assert!(!it.place.at("out/large.bin.txt").exists());
    it.check_names();
    let left = it.parts();
    it.server.reset();
    it.fetch().expect(0, &["went on", "of an earlier run"]);
    let again = it.asked_for("large.bin.txt");
    assert!(again.iter().all(|served| served.from >= Some(LARGE / 4)), "{again:?}");
    assert_eq!(again.iter().map(|served| served.bytes).sum::<u64>(), LARGE - left);
    it.check_whole();
}

#[test]
fn ctrl_c_keeps_what_came() {
    let it = Published::new();
    it.server.add(Rule::always("large.bin.txt", Fault::Slow(LARGE / 4)));
    let done = it.command(&[]).disturbed(|process| {
        while it.parts() < LARGE / 8 {
            std::thread::sleep(Duration::from_millis(5));
        }
        signal("INT", process);
    });
    done.expect(130, &["interrupted", "what came is kept apart", "goes on where it stopped"]);
    assert!(done.took < Duration::from_secs(4), "{:?}", done.took);
    assert!(it.parts() >= LARGE / 8);
    it.check_names();
    it.server.reset();
    it.fetch().expect(0, &["went on"]);
    it.check_whole();
}

#[test]
fn faults_that_pass_do_not_keep_a_release_from_coming() {
    let large = "large.bin.txt";
    let third = LARGE / 3;
    let cases: &[(&str, &[Rule])] = &[
        ("cut once", &[Rule::times(1, large, Fault::Cut(third))]),
        ("cut at the first byte", &[Rule::times(2, large, Fault::Cut(0))]),
        ("cut again and again", &[Rule::times(3, large, Fault::Cut(third))]),
        ("no tag", &[Rule::times(1, large, Fault::Cut(third)), Rule::always(large, Fault::NoTag)]),
        (
            "no ranges",
            &[Rule::times(1, large, Fault::Cut(third)), Rule::always(large, Fault::NoRanges)],
        ),
        (
            "another tag",
            &[Rule::times(1, large, Fault::Cut(third)), Rule::always(large, Fault::OtherTag)],
        ),
        (
            "the same bytes twice",
            &[
                Rule::times(1, large, Fault::Cut(third)),
                Rule::times(1, large, Fault::NoTag),
                Rule::times(2, large, Fault::Overlap(1000)),
            ],
        ),
        ("503 at first", &[Rule::times(2, "config.json", Fault::Status(503))]),
        ("429 at first", &[Rule::times(1, "config.json", Fault::Status(429))]),
        ("late", &[Rule::always("config.json", Fault::Delay(Duration::from_millis(300)))]),
        ("the bundle at first not", &[Rule::times(1, "sigstore.json", Fault::Status(500))]),
    ];
    let it = Published::new();
    for (what, rules) in cases {
        it.server.reset();
        let _ = fs::remove_dir_all(it.place.at("out"));
        rules.iter().for_each(|rule| it.server.add(rule.clone()));
        let done = it.fetch();
        println!("{what}: {} in {:?}", done.exit, done.took);
        assert_eq!(done.exit, 0, "{what}: {}", done.stderr);
        it.check_whole();
    }
}

#[test]
fn what_was_not_signed_never_gets_a_name() {
    let large = "large.bin.txt";
    let cases: &[(&str, Rule, i32, &str)] = &[
        ("a bit", Rule::always(large, Fault::Corrupt(LARGE / 2)), 1, "error[file-changed]"),
        ("a bit, once", Rule::times(1, large, Fault::Corrupt(LARGE / 2)), 1, "its sha256 is"),
        ("more", Rule::always(large, Fault::Longer(b"more")), 1, "it has 4194308 bytes, 4194304"),
        ("more of nothing", Rule::always("empty.txt", Fault::Longer(b"x")), 0, ""),
        ("fewer than told", Rule::always(large, Fault::Length(100)), 1, "it has 4194404 bytes"),
        ("more than told", Rule::always(large, Fault::Length(-1)), 1, "error[file-changed]"),
        ("gone", Rule::always(large, Fault::Status(404)), 1, "error[file-missing]: large.bin.txt"),
        ("closed", Rule::always(large, Fault::Status(403)), 3, "error[file-unreadable]"),
        ("broken", Rule::always(large, Fault::Status(500)), 3, "error[file-unreadable]"),
        ("cut", Rule::always(large, Fault::Cut(1000)), 3, "error[file-unreadable]"),
        (
            "elsewhere",
            Rule::always(large, Fault::Redirect("http://127.0.0.1:9".into())),
            3,
            "127.0.0.1",
        ),
        ("downhill", Rule::always(large, Fault::Redirect("file:///etc".into())), 3, "file"),
        ("another bundle", Rule::always("sigstore.json", Fault::Corrupt(300)), -1, ""),
    ];
    let it = Published::new();
    for (what, rule, exit, says) in cases {
        it.server.reset();
        let _ = fs::remove_dir_all(it.place.at("out"));
        it.server.add(rule.clone());
        let done = it.fetch();
        println!("{what}: {} in {:?}: {}", done.exit, done.took, done.stderr);
        match exit {
            -1 => assert!([1, 4].contains(&done.exit), "{what}: {done:?}"),
            exit => drop(done.expect(*exit, &[says])),
        }
        it.check_names();
        if done.exit != 0 {
            assert!(!it.place.at("out/large.bin.txt").exists(), "{what}");
            assert!(!it.place.at("out/fullsource.sigstore.json").exists(), "{what}");
            // The rest came, and the fault once gone, so does this.
            it.server.reset();
            it.fetch().expect(0, &[]);
            it.check_whole();
        }
    }
}

#[test]
fn a_part_that_was_damaged_is_fetched_anew() {
    let it = Published::new();
    for damage in ["garbage", "longer"] {
        let _ = fs::remove_dir_all(it.place.at("out"));
        it.server.add(Rule::always("large.bin.txt", Fault::Cut(LARGE / 2)));
        it.server.add(Rule::always("large.bin.txt", Fault::NoTag));
        it.server.add(Rule::always("large.bin.txt", Fault::NoRanges));
        it.fetch().expect(3, &[]);
        let partial = it.place.at("out/.fullsource-partial");
        let part = fs::read_dir(&partial).unwrap().next().unwrap().unwrap().path();
        match damage {
            "garbage" => fs::write(&part, vec![7; 1000]).unwrap(),
            _ => fs::write(&part, vec![7; LARGE as usize + 1]).unwrap(),
        }
        it.server.reset();
        it.fetch().expect(0, &[]);
        it.check_whole();
    }
}

#[test]
fn two_runs_do_not_write_to_one_directory() {
    let it = Published::new();
    it.server.add(Rule::times(1, "large.bin.txt", Fault::Slow(LARGE)));
    let first = it.command(&[]).disturbed(|_| {
        while it.parts() == 0 {
            std::thread::sleep(Duration::from_millis(2));
        }
        it.fetch().expect(4, &["another `fetch` writes to it"]);
    });
    first.expect(0, &[]);
    it.check_whole();
}

#[test]
fn a_full_disk_is_an_error_like_any_other() {
    let it = Published::new();
    let Some(_disk) = SmallDisk::mounted(it.place.at("out")) else { return };
    it.fetch().expect(4, &["error[output-unwritable]", "no space left", "free some space"]);
    it.check_names();
}
