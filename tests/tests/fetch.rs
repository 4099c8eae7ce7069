//! `fullsource fetch` from a real server on loopback: what comes, what is refused, and what is not lost.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use fullsource_tests::command::{Place, Run};
use fullsource_tests::http_server::{Fault, HttpServer, Rule};
use fullsource_tests::published::{LARGE, Published};

#[test]
fn a_release_comes_whole_and_verifies() {
    let it = Published::new();
    let done = it.fetch();
    done.expect(0, &["four-numbers 1.0, says Example Lab", "sources were not looked at"]);
    done.expect(0, &["fullsource verify out --key alice.pub", "signed by  the given ed25519 key"]);
    it.check_whole();
    it.check_names();
    let total = it.server.bytes();
    it.server.reset();
    // Once more: the bundle alone is read.
    it.fetch().expect(0, &["was there  8 files", "came       0 B"]);
    let bundle = fs::metadata(it.place.at("out/fullsource.sigstore.json")).unwrap().len();
    assert_eq!(it.server.bytes(), bundle);
    assert!(total > LARGE);
    it.check_whole();
}

#[test]
fn a_release_of_many_files_comes_by_its_index() {
    let place = Place::new();
    place.prepare("mkdir -p demo/many; for i in $(seq 1200); do echo $i >demo/many/$i.txt; done");
    let it = Published::signed(place);
    assert!(it.place.at("demo/fullsource.files.jsonl").exists());
    it.server.add(Rule::always("/77.txt", Fault::Status(404)));
    it.fetch().expect(1, &["error[file-missing]: many/77.txt"]);
    // A release that is not whole has neither its bundle nor its index.
    for name in ["fullsource.sigstore.json", "fullsource.files.jsonl"] {
        assert!(!it.place.at("out").join(name).exists(), "{name}");
    }
    it.server.reset();
    it.fetch().expect(0, &["1204 files", "was there  1203 files"]);
    assert_eq!(it.server.log().len(), 2, "the bundle, and the file that was missing");
    it.check_whole();
    it.server.reset();
    it.fetch().expect(0, &["was there  1204 files"]);
    assert_eq!(it.server.log().len(), 1);
    // An index that is not the signed one is not read.
    fs::remove_dir_all(it.place.at("out")).unwrap();
    it.server.add(Rule::always("files.jsonl", Fault::Corrupt(100)));
    it.fetch().expect(1, &["error[file-changed]: fullsource.files.jsonl"]);
    assert_eq!(it.asked_for(".txt").len(), 0);
}

#[test]
fn a_redirect_is_followed_where_the_host_is_allowed() {
    let it = Published::new();
    let elsewhere = HttpServer::start(&it.place.path().canonicalize().unwrap());
    it.server.add(Rule::always("large.bin.txt", Fault::Redirect(elsewhere.origin())));
    it.fetch().expect(3, &["error[file-unreadable]: large.bin.txt", "--allow-host"]);
    assert_eq!(elsewhere.log().len(), 0);
    it.command(&["--allow-host", &elsewhere.origin()]).run().expect(0, &[]);
    assert_eq!(elsewhere.log().len(), 1);
    it.check_whole();
}

#[test]
fn loopback_is_not_asked_without_leave() {
    let it = Published::new();
    let bundle = it.server.url("demo/fullsource.sigstore.json");
    let done = it.place.run(&["fetch", &bundle, "--to", "out", "--key", "alice.pub"]);
    done.expect(4, &["error[bundle-missing]", "--allow-host"]);
    assert_eq!(it.server.log().len(), 0);
    assert!(!it.place.at("out").exists());
}

#[test]
fn nothing_is_fetched_that_nobody_trusted_signed() {
    let it = Published::new();
    let bundle = it.server.url("demo/fullsource.sigstore.json");
    let origin = it.server.origin();
    let fetch = |more: &[&str]| {
        let args = ["fetch", &bundle, "--to", "out", "--allow-host", &origin];
        it.place.run(&[&args, more].concat())
    };
    fs::write(it.place.at("revoked"), {
        let id = it.place.run(&["inspect", "demo"]).stdout;
        let id =
            id.lines().find_map(|line| line.strip_prefix("  statement    ")).unwrap().to_owned();
        format!("statement {id}\n")
    })
    .unwrap();
    for (more, exit, says) in [
        (&["--key", "bob.pub"][..], 1, "error[signature-untrusted]"),
        (&["--key", "alice.pub", "--threshold", "2"], 1, "error[signature-threshold]"),
        (&["--key", "alice.pub", "--expect", "other"], 1, "error[statement-unexpected]"),
        (&["--key", "alice.key"], 4, "error[key-unreadable]"),
        (&["--key", "alice.pub", "--statement-id", "x"], 2, "--statement-id"),
    ] {
        fetch(more).expect(exit, &[says]);
        assert!(!it.place.at("out").exists(), "{more:?}");
    }
    assert_eq!(it.asked_for(".txt").len(), 0);
    // Without a key it comes, and is nobody's word.
    fetch(&[]).expect(3, &["UNVERIFIED", "incomplete[signature-no-key]"]);
    it.check_whole();
}

#[test]
fn what_stands_there_is_not_lost() {
    let it = Published::new();
    let out = |path: &str| it.place.at("out").join(path);
    fs::create_dir(it.place.at("out")).unwrap();
    fs::write(out("config.json"), "mine").unwrap();
    fs::write(out("other"), "mine").unwrap();
    let done = it.fetch();
    done.expect(4, &["config.json: another file stands there", "nothing was fetched", "--force"]);
    assert_eq!(fs::read(out("config.json")).unwrap(), b"mine");
    assert_eq!(fs::read_dir(it.place.at("out")).unwrap().count(), 2);
    assert_eq!(it.server.log().len(), 1);
    it.command(&["--force"]).run().expect(0, &[]);
    it.verify().expect(1, &["error[file-added] other"]);
    fs::remove_file(out("other")).unwrap();
    it.check_whole();
    // So with the bundle.
    fs::write(out("fullsource.sigstore.json"), "mine").unwrap();
    it.fetch().expect(4, &["fullsource.sigstore.json: another bundle stands there"]);
    it.command(&["--force"]).run().expect(0, &[]);
    it.check_whole();
}

#[test]
fn a_link_that_was_planted_is_not_followed() {
    let it = Published::new();
    let (out, outside) = (it.place.at("out"), it.place.at("outside"));
    let untouched = || fs::read_dir(&outside).unwrap().count() == 0;
    let fresh = || {
        let _ = fs::remove_dir_all(&out);
        let _ = fs::remove_dir_all(&outside);
        fs::create_dir(&out).unwrap();
        fs::create_dir(&outside).unwrap();
    };
    fresh();
    symlink(&outside, out.join("tokenizer")).unwrap();
    it.fetch().expect(4, &["a symbolic link or a file stands where a directory has to be"]);
    it.command(&["--force"]).run().expect(4, &["stands where a directory has to be"]);
    assert!(untouched());
    fresh();
    symlink(outside.join("new"), out.join("config.json")).unwrap();
    it.fetch().expect(4, &["config.json: a symbolic link stands there"]);
    assert!(untouched());
    // Forced, the link itself is replaced.
    it.command(&["--force"]).run().expect(0, &[]);
    assert!(untouched());
    it.check_whole();
    fresh();
    symlink(&outside, out.join(".fullsource-partial")).unwrap();
    it.command(&["--force"]).run().expect(4, &["cannot write"]);
    assert!(untouched());
    // A part that was planted is a link, too.
    fresh();
    it.server.add(Rule::always("large.bin.txt", Fault::Cut(1000)));
    it.fetch().expect(3, &[]);
    let partial = out.join(".fullsource-partial");
    let part = fs::read_dir(&partial).unwrap().next().unwrap().unwrap().path();
    fs::remove_file(&part).unwrap();
    symlink(outside.join("new"), &part).unwrap();
    it.server.reset();
    it.fetch().expect(4, &["cannot write"]);
    assert!(untouched());
}

#[test]
fn a_bundle_that_is_here_covers_files_that_are_elsewhere() {
    let it = Published::new();
    let (from, origin) = (it.server.url("demo"), it.server.origin());
    let bundle = "demo/fullsource.sigstore.json";
    let args = ["fetch", bundle, "--to", "out", "--key", "alice.pub"];
    it.place.run(&args).expect(2, &["where do the files lie?", "--from"]);
    let more = ["--from", &from, "--allow-host", &origin, "--jobs", "1"];
    it.place.run(&[&args[..], &more].concat()).expect(0, &[]);
    it.check_whole();
}

#[test]
fn a_release_on_a_hub_comes_by_its_commit() {
    let it = Published::new();
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let resolve = format!("hub/example/model/resolve/{commit}");
    it.place.prepare(&format!(
        "mkdir -p {}; cp -r demo {resolve}",
        Path::new(&resolve).parent().unwrap().display()
    ));
    let locator = format!("hf:models/example/model@{commit}");
    let origin = it.server.origin();
    let args = ["fetch", &locator, "--to", "out", "--key", "alice.pub", "--allow-host", &origin];
    let hub = format!("export HF_ENDPOINT={}", it.server.url("hub"));
    Run::new(it.place.path(), args).shell(&hub).run().expect(0, &[]);
    it.check_whole();
    // What is closed opens by a token, which is shown to nobody else.
    fs::remove_dir_all(it.place.at("out")).unwrap();
    let elsewhere = HttpServer::start(&it.place.path().canonicalize().unwrap());
    it.server.add(Rule::always("", Fault::Closed("secret")));
    it.server.add(Rule::always("large.bin.txt", Fault::Redirect(elsewhere.origin())));
    let other = elsewhere.origin();
    let args = [&args[..], &["--allow-host", &other]].concat();
    let closed = Run::new(it.place.path(), &args).shell(&hub).run();
    closed.expect(4, &["error[bundle-missing]", "401", "HF_TOKEN"]);
    let token = format!("{hub}; export HF_TOKEN=secret");
    let done = Run::new(it.place.path(), &args).shell(&token).run();
    done.expect(0, &[]);
    assert!(!format!("{done:?}").contains("secret"));
    it.check_whole();
    assert!(elsewhere.log().iter().all(|served| !served.headers.contains_key("authorization")));
    let unpinned = ["fetch", "hf:models/example/model@main", "--to", "out2"];
    Run::new(it.place.path(), unpinned).shell(&hub).run().expect(2, &["not pinned"]);
}
