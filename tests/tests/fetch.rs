//! `fullsource fetch` from a real server on loopback that cuts, corrupts, lies and stalls: what gets
//! its name is what was signed, and a run that was ended goes on where it stopped.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::print_stdout, reason = "a test that is skipped says why")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use fullsource_tests::command::{Outcome, Place, Run, SmallDisk, signal};
use fullsource_tests::http_server::{Fault, HttpServer, Rule, Served};

/// Bytes of the large file.
const LARGE: u64 = 4 << 20;

/// A signed release on a server, and a place to fetch it to.
struct Published {
    place: Place,
    server: HttpServer,
}

impl Published {
    /// The release `demo` with a large file and names that have to be encoded.
    fn new() -> Self {
        let place = Place::new();
        let large: Vec<u8> = (0..LARGE as u32).map(|i| (i.wrapping_mul(i) >> 9) as u8).collect();
        fs::write(place.at("demo/large.bin.txt"), large).unwrap();
        fs::create_dir(place.at("demo/a b#c?d")).unwrap();
        fs::write(place.at("demo/a b#c?d/100%25 ü.txt"), "named").unwrap();
        fs::write(place.at("demo/empty.txt"), "").unwrap();
        fs::write(place.at("demo/also-empty.txt"), "").unwrap();
        Self::signed(place)
    }

    fn signed(place: Place) -> Self {
        place.run(&["sign", "demo", "--key", "alice.key"]).expect(0, &[]);
        let server = HttpServer::start(&place.path().canonicalize().unwrap());
        Self { place, server }
    }

    fn args(&self) -> Vec<String> {
        let bundle = self.server.url("demo/fullsource.sigstore.json");
        let origin = self.server.origin();
        let args = ["fetch", &bundle, "--to", "out", "--key", "alice.pub", "--allow-host", &origin];
        args.map(str::to_owned).to_vec()
    }

    fn command(&self, more: &[&str]) -> Run {
        let more = more.iter().map(|arg| (*arg).to_owned());
        Run::new(self.place.path(), self.args().into_iter().chain(more))
    }

    fn fetch(&self) -> Outcome {
        self.command(&[]).run()
    }

    fn verify(&self) -> Outcome {
        self.place.run(&["verify", "out", "--key", "alice.pub"])
    }

    /// No file has its final name that is not the one that was signed.
    fn check_names(&self) {
        self.below("", &mut |path| {
            if !path.starts_with(".fullsource-partial") {
                let (came, signed) = (self.place.at("out"), self.place.at("demo"));
                let equal =
                    fs::read(came.join(path)).unwrap() == fs::read(signed.join(path)).unwrap();
                assert!(equal, "{path} is not what was signed");
            }
        });
    }

    fn below(&self, directory: &str, see: &mut dyn FnMut(&str)) {
        let Ok(entries) = fs::read_dir(self.place.at("out").join(directory)) else { return };
        for entry in entries {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let path = if directory.is_empty() { name } else { format!("{directory}/{name}") };
            match entry.file_type().unwrap().is_dir() {
                true => self.below(&path, see),
                false => see(&path),
            }
        }
    }

    /// After a whole fetch: it verifies, and nothing is left over.
    fn check_whole(&self) {
        self.verify().expect(0, &["PASS"]);
        assert!(!self.place.at("out/.fullsource-partial").exists());
    }

    fn parts(&self) -> u64 {
        let Ok(parts) = fs::read_dir(self.place.at("out/.fullsource-partial")) else { return 0 };
        parts.map(|part| part.unwrap().metadata().unwrap().len()).sum()
    }

    fn asked_for(&self, ending: &str) -> Vec<Served> {
        self.server.log().into_iter().filter(|served| served.path.ends_with(ending)).collect()
    }
}

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
