//! Every system call that writes, of every command that writes: killed before it and behind it, refused,
//! cut short. Afterwards there is the old state or the new one.
//!
//! By default some calls of each name are struck; all of them with `FULLSOURCE_EVERY_CALL=1`.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use fullsource_tests::command::{Place, Run};
use fullsource_tests::injector::{Call, Errno, Fault, When};
use fullsource_tests::scene::{Ending, Scene, Struck, disk, tables};
use fullsource_tests::state::State;
use fullsource_tests::syscalls::Kind;

const KILLS: [Fault; 2] = [Fault::KillBefore, Fault::KillAfter];

/// A place whose release has changed since it was signed.
fn changed() -> Place {
    let place = Place::new();
    place.prepare("mkdir tmp; echo new > demo/VERSION");
    place
}

fn command(place: &Place, line: &str) -> Run {
    let args: Vec<_> = line.split(' ').collect();
    place.command(&args).shell("export TMPDIR=$PWD/tmp FULLSOURCE_CACHE=$PWD/cache")
}

/// A command that writes one file: whatever happens, it is the old one or the new one.
fn one_file(scene: &Scene<'_>) {
    for fault in KILLS {
        scene.strike(fault, &Call::changes, &|struck| {
            struck.check(struck.outcome.exit == 137, "it lives");
            struck.check(struck.ending != Ending::Between, "a mixture");
            scene.remove(&struck.left);
            let again = scene.again();
            // What is done need not be done again: `add` and `init` say so.
            let says = |text| again.stderr.contains(text);
            let says = says("nothing is to be added") || says("is already there");
            let done = struck.ending == Ending::New && says;
            struck.check(again.exit == 0 || done, &format!("the next run: {}", again.stderr));
            struck.check(scene.now() == scene.new, "the next run does not make it whole");
        });
    }
    errors(scene);
}

fn errors(scene: &Scene<'_>) {
    for errno in disk() {
        scene.strike(Fault::Error(errno), &Call::changes, &whole);
    }
    for errno in tables() {
        scene.strike(Fault::Error(errno), &|call| scene.opens(call), &whole);
    }
    scene.strike(Fault::Error(Errno::EINTR), &Call::may_be_interrupted, &|struck| {
        struck.check(struck.ending == Ending::New, "an interruption ends it");
    });
    let writes = |call: &Call| call.name == "write" && call.is_on_disk();
    scene.strike(Fault::Short, &writes, &|struck| {
        struck.check(struck.ending == Ending::New, "a short write is taken for a whole one");
    });
}

/// After an error: told, and no mixture.
fn whole(struck: &Struck) {
    struck.check_told();
    // A draft that tells what it could not read is another one.
    struck.check(struck.ending != Ending::Between || struck.outcome.exit == 0, "a mixture");
}

#[test]
fn a_bundle_that_is_replaced() {
    let place = changed();
    one_file(&Scene::new("sign", &place, command(&place, "sign demo --key alice.key")));
}

#[test]
fn a_first_bundle_and_one_elsewhere() {
    let place = changed();
    place.prepare("rm demo/fullsource.sigstore.json");
    one_file(&Scene::new("sign, first", &place, command(&place, "sign demo --key alice.key")));
    let elsewhere = command(&place, "sign demo --key alice.key -o bundle.json");
    one_file(&Scene::new("sign -o", &place, elsewhere));
}

#[test]
fn a_statement_that_is_signed() {
    let place = changed();
    let payload = place.command(&["inspect", "demo/fullsource.sigstore.json", "--payload"]);
    payload.shell("exec \"$0\" \"$@\" > statement.json").run().expect(0, &[]);
    let line = "sign --statement statement.json --key alice.key --key bob.key -o envelope.json";
    one_file(&Scene::new("sign --statement", &place, command(&place, line)));
}

#[test]
fn a_manifest_that_is_drafted_and_added_to() {
    let place = changed();
    let line = "add data.sft VERSION --manifest demo --license MIT";
    one_file(&Scene::new("add", &place, command(&place, line)));
    let line = "init demo --force --no-input --license MIT";
    one_file(&Scene::new("init --force", &place, command(&place, line)));
    place.prepare("rm demo/fullsource.json");
    one_file(&Scene::new("init", &place, command(&place, "init demo --no-input")));
}

#[test]
fn an_index_that_is_written() {
    let place = changed();
    let line = "digest demo --index files.jsonl";
    one_file(&Scene::new("digest --index", &place, command(&place, line)));
}

fn keys(state: &mut State) {
    state.alike(|name, bytes| {
        let whole = bytes.starts_with(b"-----BEGIN ") && bytes.ends_with(b"KEY-----\n");
        ["new.key", "new.pub"].contains(&name).then_some(whole)
    });
}

#[test]
fn a_pair_of_keys() {
    let place = changed();
    let scene = Scene::like("keygen", &place, command(&place, "keygen --out new"), keys);
    for fault in KILLS {
        scene.strike(fault, &Call::changes, &|struck| {
            let secret = struck.state.0.contains_key(Path::new("new.key"));
            struck.check(!secret || struck.ending == Ending::New, "a secret key alone");
            for left in &struck.left {
                let mode = place.at(left).metadata().unwrap().permissions().mode() & 0o777;
                let is_secret = fs::read_to_string(place.at(left)).unwrap().contains("PRIVATE");
                struck.check(!is_secret || mode == 0o600, "a secret that others may read");
            }
            scene.remove(&struck.left);
            let again = scene.again();
            if struck.ending == Ending::Old {
                struck.check(again.exit == 0 && scene.now() == scene.new, "the next run");
            } else {
                again.expect(4, &["is there already", "remove what is there"]);
            }
        });
    }
    errors(&scene);
}

fn reports(state: &mut State) {
    state.alike(|name, bytes| match name {
        "seen.json" => Some(serde_json::from_slice::<serde_json::Value>(bytes).is_ok()),
        "page.html" => Some(bytes.ends_with(b"</html>\n")),
        _ => None,
    });
}

#[test]
fn a_page_and_evidence() {
    let place = Place::new();
    place.prepare("mkdir tmp; echo old > page.html; echo old > seen.json");
    for (name, line) in [
        ("verify --format html", "verify demo --key alice.pub --format html -o page.html"),
        ("verify --save-evidence", "verify demo --key alice.pub --save-evidence seen.json"),
    ] {
        one_file(&Scene::like(name, &place, command(&place, line), reports));
    }
}

/// With an index there are two files, and no way to rename both at once.
#[test]
fn an_index_and_its_bundle() {
    let place = changed();
    place.prepare("mkdir demo/many; cd demo/many; seq 1001 | split -l 1 -a 3 - f");
    let sign = command(&place, "sign demo --key alice.key");
    sign.run().expect(0, &[]);
    place.prepare("echo newer > demo/VERSION");
    let scene = Scene::new("sign, with an index", &place, sign);
    let healed = |struck: &Struck| {
        let told = place.run(&["verify", "demo", "--key", "alice.pub"]);
        let passes = struck.ending == Ending::New && struck.left.is_empty();
        struck.check((told.exit == 0) == passes, "a pass");
        if struck.ending == Ending::Between {
            told.expect(1, &["it is not the index that was signed", "help: "]);
        }
        scene.remove(&struck.left);
        scene.again().expect(0, &[]);
        struck.check(scene.now() == scene.new, "the next run does not make it whole");
    };
    for fault in KILLS {
        scene.strike(fault, &Call::changes, &healed);
    }
    for errno in disk() {
        scene.strike(Fault::Error(errno), &Call::changes, &|struck| {
            struck.check_told();
            healed(struck);
        });
    }
}

/// A release that cannot be read is no release that passes.
#[test]
fn a_look_that_is_refused_or_cut_short() {
    let place = Place::new();
    place.prepare("mkdir tmp");
    let scene = Scene::new("verify", &place, command(&place, "verify demo --key alice.pub"));
    let reads = |call: &Call| call.kind == Kind::Read && scene.is_here(call);
    let opens = |call: &Call| scene.opens(call);
    for errno in tables().into_iter().chain([Errno::EIO, Errno::EACCES]) {
        for meant in [&reads as &dyn Fn(&Call) -> bool, &opens] {
            scene.strike(Fault::Error(errno), meant, &|struck| {
                struck.check(!passes(struck), "a pass of what was not seen");
                struck.check([0, 1, 3, 4].contains(&struck.outcome.exit), "another end");
                struck.check(!struck.outcome.stderr.contains("panicked"), "a panic");
            });
        }
    }
    unseen(&scene);
    let every: &dyn Fn(&Call) -> bool = &Call::may_be_interrupted;
    for (fault, meant) in [(Fault::Error(Errno::EINTR), every), (Fault::Short, &reads)] {
        scene.strike(fault, meant, &|struck| struck.check(passes(struck), "no pass"));
        let all = scene.once(fault, meant, When::EverySecond).unwrap();
        all.check(passes(&all), "every second one: no pass");
    }
}

fn passes(struck: &Struck) -> bool {
    struck.outcome.exit == 0 && struck.outcome.stdout.contains("PASS")
}

/// Whatever is there or may be there, and does not say what it is.
fn unseen(scene: &Scene<'_>) {
    let looks = |call: &Call| call.kind == Kind::Look && scene.is_here(call);
    let paths = scene.calls.iter().filter(|call| looks(call)).map(|call| &call.target);
    for path in paths.collect::<BTreeSet<_>>() {
        let meant = |call: &Call| looks(call) && call.target == *path;
        for errno in [Errno::EIO, Errno::EACCES] {
            let struck = scene.once(Fault::Error(errno), &meant, When::From(0)).unwrap();
            struck.check(!passes(&struck), "a pass of what may be there");
            struck.check(!struck.outcome.stderr.contains("panicked"), "a panic");
        }
    }
}
