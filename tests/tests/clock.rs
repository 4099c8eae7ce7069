//! A clock that jumps, years forward and back, while a command runs: what is fetched comes whole, no
//! timeout fires and none is lost, and what counts is the time at which a run began.
//!
//! libfaketime stands between the program and the system's clock (CLOCK_REALTIME, which an
//! administrator or NTP sets); the monotonic clock cannot jump.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use fullsource_tests::command::{Outcome, Place, Run};
use fullsource_tests::http_server::{Fault, Rule};
use fullsource_tests::published::{LARGE, Published};

/// What libfaketime is told: the system's clock, and jumps from there.
const JUMPS: [&str; 5] = ["+0s", "+10y", "-20y", "+40y", "-1d"];

/// A command whose clock is what the file `clock` of its directory says, at each look at it.
fn with_clock(run: Run, place: &Path) -> Run {
    fs::write(place.join("clock"), JUMPS[0]).unwrap();
    let library = Command::new("faketime").args(["-f", "+0s", "printenv", "LD_PRELOAD"]).output();
    let library = library.expect("`faketime` (Debian's package faketime) is there").stdout;
    let library = String::from_utf8(library).unwrap();
    run.shell(&format!(
        "export LD_PRELOAD='{}' FAKETIME_TIMESTAMP_FILE=$PWD/clock FAKETIME_NO_CACHE=1 \
         FAKETIME_DONT_FAKE_MONOTONIC=1 FULLSOURCE_CACHE=$PWD/cache",
        library.trim()
    ))
}

/// Runs it while its clock jumps.
fn jumping(run: &Run, place: &Path) -> Outcome {
    run.disturbed(|process| {
        for jump in JUMPS.iter().cycle() {
            fs::write(place.join("next"), jump).unwrap();
            fs::rename(place.join("next"), place.join("clock")).unwrap();
            std::thread::sleep(Duration::from_millis(30));
            let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
            if stat.is_empty() || stat.contains(") Z ") {
                return;
            }
        }
    })
}

#[test]
fn the_clock_of_these_tests_jumps() {
    let place = Place::new();
    let line = ["verify", "demo", "--key", "alice.pub", "--save-evidence", "seen.json"];
    let run = with_clock(place.command(&line), place.path());
    fs::write(place.at("clock"), "+40y").unwrap();
    run.run().expect(0, &["PASS"]);
    let evidence: serde_json::Value =
        serde_json::from_slice(&fs::read(place.at("seen.json")).unwrap()).unwrap();
    let year: i32 = evidence["collectedAt"].as_str().unwrap()[..4].parse().unwrap();
    assert!(year >= 2060, "libfaketime has no effect: {evidence}");
}

#[test]
fn a_fetch_with_retries_comes_whole_and_in_time() {
    let it = Published::new();
    it.server.add(Rule::times(2, "config.json", Fault::Status(503)));
    it.server.add(Rule::times(1, "large.bin.txt", Fault::Cut(LARGE / 2)));
    it.server.add(Rule::always("large.bin.txt", Fault::Slow(LARGE)));
    let run = with_clock(it.command(&[]), it.place.path());
    let done = jumping(&run, it.place.path());
    done.expect(0, &[]);
    assert!(done.took < Duration::from_secs(20), "{:?}", done.took);
    it.check_whole();
}

/// A key that holds from 2020 to 2030: what counts is the time at the start, whatever comes after it.
#[test]
fn a_window_of_trust_is_asked_once() {
    let place = Place::new();
    place.prepare(
        "truncate -s 200M demo/data.bin.txt; ssh-keygen -q -t ed25519 -N '' -f lab; \
         printf 'https://example.org namespaces=\"fullsource\",valid-after=\"20200101Z\",\
         valid-before=\"20600101Z\" ' > trust; cat lab.pub >> trust",
    );
    place.run(&["sign", "demo", "--key", "lab"]).expect(0, &[]);
    let line = ["verify", "demo", "--trust", "trust"];
    let now = place.run(&line);
    let run = with_clock(place.command(&line), place.path());
    for (jump, within) in [("+0s", true), ("+60y", false), ("-30y", false)] {
        fs::write(place.at("clock"), jump).unwrap();
        let done = run.run();
        let same = (done.exit, &done.stdout) == (now.exit, &now.stdout);
        assert_eq!(same, within, "{jump}: {done:?}\n{now:?}");
        assert!(done.exit != 0 || within, "{jump}: {done:?}");
    }
    for _ in 0..3 {
        fs::write(place.at("clock"), JUMPS[0]).unwrap();
        let done = jumping(&run, place.path());
        let outside = done.stdout.contains("signature-untrusted") || done.stderr.contains("trust");
        assert!(done.stdout == now.stdout || outside, "{done:?}\n{now:?}");
    }
}

/// What the cache holds is from the future, or from long ago: neither a failure nor a wrong size.
#[test]
fn a_cache_is_pruned_by_whatever_time_it_is() {
    let place = Place::new();
    let objects = "mkdir -p -m 700 cache/objects/ba; chmod 700 cache cache/objects; \
                   printf abc > cache/objects/ba/7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let prune = ["cache", "prune", "--max-age", "30d"];
    for (jump, says) in [("+0s", "removed 0"), ("-20y", "removed 0"), ("+10y", "removed 1")] {
        place.prepare(objects);
        let run = with_clock(place.command(&prune), place.path());
        fs::write(place.at("clock"), jump).unwrap();
        run.run().expect(0, &[says]);
    }
}
