//! Faults at the system calls of what comes from elsewhere: a release that is fetched, and the cache that
//! statements of parents are kept in. What has a final name is what was signed, whatever happened.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[allow(dead_code, unreachable_pub, reason = "no test needs all of it")]
#[path = "../../crates/fullsource-collect/tests/support"]
mod support {
    pub mod http_server;
}

use std::fs;

use fullsource_format::digest::Sha256;
use fullsource_tests::command::{Place, Run};
use fullsource_tests::injector::{Call, Errno, Fault, When};
use fullsource_tests::published::Published;
use fullsource_tests::scene::{Ending, Scene, Struck, disk, is_temporary, tables};
use fullsource_tests::state::State;
use serde_json::json;
use support::http_server::{HttpServer, Reply};

const KILLS: [Fault; 2] = [Fault::KillBefore, Fault::KillAfter];

/// A small release on a server, and its fetch, one file after the other.
fn published() -> Published {
    let place = Place::new();
    place.prepare("mkdir demo/deep; head -c 300000 /dev/zero | tr '\\0' x > demo/deep/large.txt");
    Published::signed(place)
}

/// After a fault: every name stands for what was signed, the bundle's for all of it, and the next run
/// makes it whole.
fn whole_in_the_end(it: &Published, scene: &Scene<'_>, struck: &Struck) {
    it.check_names();
    let bundle = it.place.at("out/fullsource.sigstore.json").exists();
    let passes = it.place.at("out").exists() && it.verify().exit == 0;
    let is_new = struck.ending == Ending::New;
    struck.check(!bundle || is_new, "a bundle before its files");
    struck.check(passes == (is_new && struck.left.is_empty()), "a pass");
    scene.again().expect(0, &[]);
    struck.check(scene.now() == scene.new, "the next run does not make it whole");
}

fn faults(it: &Published, scene: &Scene<'_>) {
    for fault in KILLS {
        scene.strike(fault, &Call::changes, &|struck| {
            struck.check(struck.outcome.exit == 137, "it lives");
            whole_in_the_end(it, scene, struck);
        });
    }
    for errno in disk() {
        scene.strike(Fault::Error(errno), &Call::changes, &|struck| {
            struck.check_told();
            whole_in_the_end(it, scene, struck);
        });
    }
    for errno in tables() {
        scene.strike(Fault::Error(errno), &|call| scene.opens(call), &|struck| {
            struck.check_told();
            whole_in_the_end(it, scene, struck);
        });
    }
}

#[test]
fn a_release_that_is_fetched() {
    let it = published();
    let scene = Scene::new("fetch", &it.place, it.command(&["--jobs", "1"]));
    faults(&it, &scene);
    let writes = |call: &Call| call.name == "write" && scene.is_here(call);
    for (fault, meant) in [
        (Fault::Error(Errno::EINTR), &Call::may_be_interrupted as &dyn Fn(&Call) -> bool),
        (Fault::Short, &writes),
    ] {
        scene.strike(fault, meant, &|struck| struck.check(struck.ending == Ending::New, "no end"));
        let all = scene.once(fault, meant, When::EverySecond).unwrap();
        all.check(all.ending == Ending::New, "every second one: no end");
        scene.old.restore(it.place.path());
    }
}

#[test]
fn a_fetch_that_goes_on() {
    let it = published();
    it.place.prepare("mkdir -m 700 -p out/.fullsource-partial; cp demo/config.json out/");
    let scene = Scene::new("fetch, gone on with", &it.place, it.command(&["--jobs", "1"]));
    for fault in KILLS {
        scene.strike(fault, &Call::changes, &|struck| whole_in_the_end(&it, &scene, struck));
    }
}

/// A model made from another, whose statement lies on a server.
struct Tuned {
    place: Place,
    server: HttpServer,
}

impl Tuned {
    fn new() -> Self {
        let place = Place::new();
        let bundle = fs::read(place.at("demo/fullsource.sigstore.json")).unwrap();
        let server = HttpServer::start_tls(move |_| Reply::ok(bundle.clone()));
        fs::write(place.at("ca.pem"), server.authority()).unwrap();
        place.prepare("mkdir tuned tmp; echo other > tuned/model.bin");
        let payload = place.run(&["inspect", "demo/fullsource.sigstore.json", "--payload"]).stdout;
        let weights = Sha256::of(&fs::read(place.at("demo/model.safetensors")).unwrap());
        let manifest = json!({
            "release": { "name": "tuned", "producer": { "name": "Example Lab" } },
            "artifacts": [
                { "id": "weights", "roles": ["weights.final"], "files": ["model.bin"] },
                { "id": "base", "roles": ["model.base"], "license": "MIT",
                  "digest": { "sha256": weights.to_string() },
                  "statement": { "sha256": Sha256::of(payload.as_bytes()).to_string(),
                                 "locators": [server.url("/base.json").to_string()] } } ],
            "stages": [ { "id": "tune", "kind": "sft", "outputs": ["weights"],
                "models": [ { "artifact": "base", "use": "init" } ] } ],
        });
        fs::write(place.at("tuned/fullsource.json"), manifest.to_string()).unwrap();
        place.run(&["sign", "tuned", "--key", "alice.key"]).expect(0, &[]);
        Self { place, server }
    }

    /// A look that keeps the parent's statement.
    fn look(&self, more: &[&str]) -> Run {
        let port = self.server.url("").port().unwrap();
        let host = format!("localhost:{port}");
        let line = ["verify", "tuned", "--key", "alice.pub", "--jobs", "1"];
        let options = ["--allow-host", &host, "--ca-file", "ca.pem"];
        let args: Vec<_> = line.iter().chain(&options).chain(more).copied().collect();
        self.cached(&args)
    }

    fn cached(&self, args: &[&str]) -> Run {
        let shell = "export TMPDIR=$PWD/tmp FULLSOURCE_CACHE=$PWD/cache";
        self.place.command(args).shell(shell)
    }
}

/// A note has the time at which it was made.
fn notes(state: &mut State) {
    state.alike(|name, bytes| {
        let is_note = name.starts_with("cache/notes/");
        is_note.then(|| serde_json::from_slice::<serde_json::Value>(bytes).is_ok())
    });
}

/// What is filed under a digest has it.
fn check_objects(struck: &Struck) {
    for (path, entry) in &struck.state.0 {
        let path = path.to_str().unwrap();
        let (Some(digits), Some(bytes)) = (path.strip_prefix("cache/objects/"), &entry.bytes)
        else {
            continue;
        };
        let holds = Sha256::of(bytes).to_string() == digits.replace('/', "");
        struck.check(holds, &format!("{path} is another object"));
    }
}

#[test]
fn the_cache_of_statements() {
    let it = Tuned::new();
    let scene = Scene::like("a look that is cached", &it.place, it.look(&[]), notes);
    let told = it.look(&[]).run();
    scene.old.restore(it.place.path());
    let cached = |call: &Call| call.changes() && call.target.contains("/cache");
    let same = |struck: &Struck| {
        check_objects(struck);
        let again = it.look(&[]).run();
        struck.check((again.exit, &again.stdout) == (3, &told.stdout), "the next look differs");
        let mut now = scene.now();
        let left = now.take(is_temporary);
        struck.check(now == scene.new, "the next run does not make it whole");
        // Whatever is left, a prune removes.
        it.cached(&["cache", "prune"]).run().expect(0, &[]);
        let gone =
            left.iter().all(|path| !path.starts_with("cache") || !it.place.at(path).exists());
        struck.check(gone, "leftovers stay");
    };
    for fault in KILLS {
        scene.strike(fault, &cached, &same);
    }
    for errno in disk().into_iter().chain([Errno::EMFILE, Errno::EINTR]) {
        scene.strike(Fault::Error(errno), &cached, &|struck| {
            // A cache that cannot be written costs nothing but the next look's time.
            struck.check(struck.outcome.stdout == told.stdout, "the look differs");
            same(struck);
        });
    }
}

#[test]
fn a_cache_that_is_pruned() {
    let it = Tuned::new();
    it.look(&[]).run().expect(3, &[]);
    let prune = it.cached(&["cache", "prune", "--max-size", "0"]);
    let scene = Scene::new("cache prune", &it.place, prune);
    let whole = |struck: &Struck| {
        check_objects(struck);
        it.look(&[]).run().expect(3, &["parent     base: four-numbers 1.0"]);
        let mut again = scene.now();
        again.take(|path| path.ends_with("CACHEDIR.TAG"));
        let objects = again.0.keys().filter(|path| path.starts_with("cache/objects"));
        struck.check(objects.count() == 3, "the next look does not keep the statement");
        scene.again().expect(0, &[]);
        struck.check(scene.now() == scene.new, "the next prune does not end it");
    };
    for fault in KILLS {
        scene.strike(fault, &Call::changes, &whole);
    }
    for errno in disk() {
        scene.strike(Fault::Error(errno), &Call::changes, &|struck| {
            let is_told = struck.outcome.exit == 4 || struck.ending == Ending::New;
            let is_object = struck.call.target.contains("/cache/objects/");
            struck.check(is_told || !is_object, "what was not removed is said to be");
            whole(struck);
        });
    }
}
