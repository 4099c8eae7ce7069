//! Bad input, for every command and every file that it takes: a message that says what, where and
//! what to do, the documented exit code, little time and memory, and nothing written.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on has failed")]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::time::Duration;

use fullsource_tests::command::{Outcome, Place, Run, SmallDisk, is_root};

/// What a command takes in a place of its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// A file, or a directory with one in it.
    Either,
    /// A document or a key.
    File,
    /// A passphrase: one line.
    Line,
    /// A model directory.
    Directory,
}

/// Every place of a command line that takes a path, as `BAD`.
const PLACES: &[(Takes, &str)] = &[
    (Takes::Directory, "verify BAD --key alice.pub"),
    (Takes::File, "verify demo --key BAD"),
    (Takes::File, "verify demo --trust BAD"),
    (Takes::File, "verify demo --key alice.pub --revoked BAD"),
    (Takes::File, "verify demo --key alice.pub --bundle BAD"),
    (Takes::File, "verify demo --statement BAD"),
    (Takes::File, "verify demo --key alice.pub --policy BAD"),
    (Takes::File, "verify demo --key alice.pub --evidence BAD"),
    (Takes::Directory, "sign BAD --key alice.key"),
    (Takes::File, "sign demo --key BAD"),
    (Takes::File, "sign demo --key alice.key --manifest BAD"),
    (Takes::Line, "sign demo --key locked.key --passphrase-file BAD"),
    (Takes::File, "sign --statement BAD --key alice.key -o out.json"),
    (Takes::Either, "inspect BAD"),
    (Takes::Either, "digest BAD"),
    (Takes::File, "check BAD"),
    (Takes::Line, "keygen --out new --passphrase-file BAD"),
    (Takes::Directory, "init BAD"),
];

/// How a bad thing comes to be, and for which places it is bad.
struct Bad {
    about: &'static str,
    make: &'static str,
    name: &'static str,
    to: &'static [Takes],
    /// Places where this is no fault.
    fine: &'static [&'static str],
}

const ALL: &[Takes] = &[Takes::Either, Takes::File, Takes::Line, Takes::Directory];
const FILES: &[Takes] = &[Takes::Either, Takes::File, Takes::Line];

const BAD: &[Bad] = &[
    Bad { about: "nothing", make: ":", name: "bad", to: ALL, fine: &[] },
    Bad { about: "a way back", make: ":", name: "demo/../../bad", to: ALL, fine: &[] },
    Bad { about: "a way through a file", make: ":", name: "alice.pub/bad", to: ALL, fine: &[] },
    Bad {
        about: "an empty file",
        make: ": > bad",
        name: "bad",
        to: ALL,
        fine: &["digest", "--trust", "--revoked", "--policy"],
    },
    Bad {
        about: "a file of zeros",
        make: "head -c 300 /dev/zero > bad",
        name: "bad",
        to: ALL,
        fine: &["digest", "--passphrase-file"],
    },
    Bad { about: "a directory", make: "mkdir bad", name: "bad", to: FILES, fine: &["digest"] },
    Bad {
        about: "a truncated bundle",
        make: "head -c 900 demo/fullsource.sigstore.json > bad",
        name: "bad",
        to: &[Takes::Either, Takes::File],
        fine: &["digest"],
    },
    Bad {
        about: "200 MB",
        make: "truncate -s 200M bad",
        name: "bad",
        to: ALL,
        fine: &["digest", "--evidence", "check"],
    },
    Bad { about: "a pipe without a writer", make: "mkfifo bad", name: "bad", to: ALL, fine: &[] },
    Bad {
        about: "a file that gives an error when read",
        make: ":",
        name: "/proc/self/mem",
        to: FILES,
        fine: &["digest"],
    },
    Bad { about: "a link to itself", make: "ln -s bad bad", name: "bad", to: ALL, fine: &[] },
];

/// 100 MB of data: a debug build needs some 10.
const LITTLE_MEMORY: &str = "ulimit -d 102400";

#[test]
fn every_place_refuses_every_bad_thing() {
    let place = Place::new();
    place.prepare("echo word > word");
    place.run(&["keygen", "--out", "locked", "--passphrase-file", "word"]).expect(0, &[]);
    let mut wrong = Vec::new();
    for bad in BAD {
        place.prepare("rm -rf bad");
        place.prepare(bad.make);
        let before = place.listing();
        for (takes, line) in PLACES {
            let fine = bad.fine.iter().any(|fine| line.contains(fine));
            if !bad.to.contains(takes)
                || fine
                || (bad.name.starts_with('/') && line.contains("init"))
            {
                continue;
            }
            let args: Vec<_> =
                line.split(' ').map(|a| if a == "BAD" { bad.name } else { a }).collect();
            let done = place.command(&args).shell(LITTLE_MEMORY).run();
            let faults = faults(&done, bad.name);
            if !faults.is_empty() {
                wrong.push(format!("{} in `{line}`: {faults:?}\n{}", bad.about, done.stderr));
            }
            if place.listing() != before {
                wrong.push(format!("{} in `{line}`: something was written", bad.about));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is missing from a refusal.
fn faults(done: &Outcome, name: &str) -> Vec<String> {
    let mut faults = Vec::new();
    // A document that is wrong is what `check` is there to find; usage, where a line was asked for.
    let known =
        [4, 1, 2].contains(&done.exit) && (done.exit != 1 || done.stdout.starts_with("FAIL"));
    if !known || (done.exit == 2 && !done.stderr.contains("first line")) {
        faults.push(format!("exit {}", done.exit));
    }
    for text in [name, "error[", "help: "] {
        if !done.stderr.contains(text) {
            faults.push(format!("no `{text}`"));
        }
    }
    if done.stderr.contains("panicked") {
        faults.push("a panic".to_owned());
    }
    if done.took > Duration::from_secs(10) {
        faults.push(format!("{:?}", done.took));
    }
    faults
}

#[test]
fn keys_of_the_wrong_kind_are_told_apart() {
    let place = Place::new();
    place.prepare(
        "exec 2>log; openssl genrsa -out rsa.key 2048
         openssl pkey -in rsa.key -pubout -out rsa.pub
         openssl ecparam -genkey -noout -name secp384r1 -out p384.key
         openssl pkey -in p384.key -pubout -out p384.pub
         openssl req -x509 -new -key p384.key -subj /CN=x -out cert.pem
         ssh-keygen -q -t rsa -N '' -f ssh-rsa
         ssh-keygen -q -t ed25519 -N secret -f ssh-locked
         echo word > word; echo wrong > other",
    );
    place.run(&["keygen", "--out", "locked", "--passphrase-file", "word"]).expect(0, &[]);
    let cases: &[(&str, i32, &str)] = &[
        ("verify demo --key rsa.pub", 4, "rsa.pub"),
        ("verify demo --key p384.pub", 4, "p384.pub"),
        ("verify demo --key ssh-rsa.pub", 4, "ssh-rsa.pub"),
        ("verify demo --key alice.key", 4, "private key"),
        ("verify demo --key locked.key", 4, "private key"),
        ("verify demo --key ssh-locked", 4, "private key"),
        ("verify demo --key cert.pem", 4, "cert.pem"),
        ("sign demo --key rsa.key", 4, "rsa.key"),
        ("sign demo --key p384.key", 4, "p384.key"),
        ("sign demo --key ssh-rsa", 4, "ssh-rsa"),
        ("sign demo --key alice.pub", 4, "public key"),
        ("sign demo --key ssh-locked.pub", 4, "public key"),
        ("sign demo --key locked.key", 2, "--passphrase-file"),
        ("sign demo --key locked.key --passphrase-file other", 4, "passphrase"),
        ("sign demo --key ssh-locked --passphrase-file other", 4, "passphrase"),
        ("sign demo --key alice.key --key alice.key", 2, "same key"),
    ];
    let before = place.listing();
    for (line, exit, says) in cases {
        let done = place.run(&line.split(' ').collect::<Vec<_>>());
        done.expect(*exit, &[says, "error[", "help: "]);
    }
    assert_eq!(place.listing(), before);
}

/// Every command that writes a file, and the file.
const WRITERS: &[&str] = &[
    "keygen --out OUT/new",
    "sign demo --key alice.key -o OUT/new",
    "sign OUT/demo --key alice.key",
    "sign --statement statement.json --key alice.key -o OUT/new",
    "verify demo --key alice.pub -o OUT/new",
    "verify demo --key alice.pub --format json -o OUT/new",
    "verify demo --key alice.pub --save-evidence OUT/new",
    "digest demo --index OUT/new",
];

#[test]
fn a_full_disk_leaves_nothing_half_written() {
    let place = place_for_writers();
    let Some(_disk) = SmallDisk::mounted(place.at("small")) else { return };
    place.prepare("cp -r demo small/; cat /dev/zero > small/filler 2>/dev/null || :");
    let before = place.listing();
    for line in WRITERS {
        let line = line.replace("OUT", "small");
        let done = place.run(&line.split(' ').collect::<Vec<_>>());
        assert_eq!(place.listing(), before, "{line}");
        done.expect(4, &["error[output-unwritable]", "no space left", "help: free some space"]);
    }
}

#[test]
fn a_limit_on_file_sizes_leaves_nothing_half_written() {
    let place = place_for_writers();
    place.prepare("mkdir small; cp -r demo small/");
    let before = place.listing();
    for line in WRITERS {
        let line = line.replace("OUT", "small");
        let done = place.command(&line.split(' ').collect::<Vec<_>>()).shell("ulimit -f 0").run();
        assert_eq!(place.listing(), before, "{line}");
        // The limit holds for what the test reads, too: nothing is heard of the message.
        assert_eq!(done.exit, 4, "{line}");
    }
    let limited = place.command(&["sign", "small/demo", "--key", "alice.key"]).shell("ulimit -f 1");
    limited.run().expect(4, &["output-unwritable", "file too large", "ulimit -f"]);
    assert_eq!(place.listing(), before);
}

#[test]
fn a_directory_that_cannot_be_written_to_is_named() {
    let place = place_for_writers();
    if as_nobody(&place, "--version").is_none() {
        return;
    }
    place.prepare("mkdir shut; cp -r demo shut/; chmod -R a-w shut; chmod a+r alice.key");
    let before = place.listing();
    for line in WRITERS {
        let line = line.replace("OUT", "shut");
        let Some(run) = as_nobody(&place, &line) else { return };
        assert_eq!(place.listing(), before, "{line}");
        run.expect(4, &["error[output-unwritable]", "shut/", "permission denied", "help: "]);
    }
    place.prepare("chmod -R u+w shut");
}

#[test]
fn what_may_not_be_read_is_named_and_never_passes() {
    let place = place_for_writers();
    place.prepare("chmod a-r demo/config.json alice.key statement.json; chmod 700 demo/tokenizer");
    for (line, exit, says) in [
        ("verify demo --key alice.pub", 3, "incomplete[file-unreadable] config.json: "),
        ("verify demo --key alice.pub", 3, "incomplete[file-unreadable] tokenizer: "),
        ("sign demo --key bob.key -o out.json", 1, "config.json"),
        (
            "sign demo --key alice.key -o out.json",
            4,
            "error[key-unreadable]: cannot read `alice.key`",
        ),
        ("check statement.json", 4, "cannot read `statement.json`: permission denied"),
        ("digest demo", 4, "permission denied"),
    ] {
        place.prepare("chmod a+r bob.key");
        let Some(done) = as_nobody(&place, line) else { return };
        done.expect(exit, &[says, "help: "]);
    }
}

fn place_for_writers() -> Place {
    let place = Place::new();
    place.prepare("mkdir notes");
    let payload = place.run(&["inspect", "demo", "--payload"]).stdout;
    fs::write(place.at("statement.json"), payload).unwrap();
    place
}

/// The command as somebody who is not root, or nothing where that cannot be.
fn as_nobody(place: &Place, line: &str) -> Option<Outcome> {
    let args: Vec<_> = line.split(' ').collect();
    if !is_root() {
        return Some(place.run(&args));
    }
    if !place.at("fullsource").exists() {
        fs::copy(fullsource_tests::program::fullsource(), place.at("fullsource")).unwrap();
    }
    let drop = "exec setpriv --reuid=65534 --regid=65534 --clear-groups ./fullsource \"$@\" # \"$0\" \"$@\"";
    let done = place.command(&args).shell(drop).run();
    if done.exit == 127 {
        println!("skipped: there is no setpriv to stop being root");
        return None;
    }
    Some(done)
}

#[test]
fn a_reader_that_goes_away_changes_nothing() {
    let place = Place::new();
    for (script, exit) in [
        ("\"$0\" \"$@\" | head -1", 0),
        ("\"$0\" \"$@\" | :", 0),
        ("\"$0\" \"$@\" >&-", 0),
        ("\"$0\" \"$@\" 2>&-", 0),
        ("\"$0\" \"$@\" >&- 2>&-", 0),
        ("\"$0\" \"$@\" <&-", 0),
        ("\"$0\" \"$@\" >/dev/full", 4),
        ("\"$0\" nonsense 2>&-", 2),
        ("\"$0\" nonsense 2>/dev/full", 2),
        ("\"$0\" verify nowhere 2>/dev/full", 4),
        ("\"$0\" --help >/dev/full", 0),
    ] {
        let done = place.command(&["verify", "demo", "--key", "alice.pub"]).shell(script).run();
        assert_eq!(done.exit, exit, "{script}: {}", done.stderr);
        assert!(!done.stderr.contains("panicked"), "{script}: {}", done.stderr);
    }
    let large = place.command(&["schema", "report"]).shell("\"$0\" \"$@\" | head -c 10").run();
    large.expect(0, &[]);
    assert_eq!(large.stderr, "");
}

#[test]
fn arguments_that_are_not_text_are_taken_or_refused() {
    let place = Place::new();
    let odd = OsStr::from_bytes(b"not\xfftext");
    let word = OsStr::new;
    let run = |args: &[&OsStr]| Run::new(place.path(), args).run();
    run(&[word("keygen"), word("--out"), odd]).expect(0, &[]);
    let key = OsStr::from_bytes(b"not\xfftext.pub");
    run(&[word("verify"), word("demo"), word("--key"), key]).expect(1, &["signature-untrusted"]);
    fs::rename(place.at("demo"), place.at(odd)).unwrap();
    run(&[word("verify"), odd, word("--key"), word("alice.pub")]).expect(0, &["PASS"]);
    run(&[word("digest"), key]).expect(4, &["not UTF-8", "help: "]);
    run(&[word("verify"), odd, word("--expect"), odd]).expect(2, &["UTF-8"]);
    run(&[odd]).expect(2, &["unrecognized subcommand"]);
}

#[test]
fn links_and_pipes_in_the_place_of_files_of_the_release() {
    let place = Place::new();
    place.prepare("ln -s demo way");
    place.run(&["verify", "way", "--key", "alice.pub"]).expect(0, &["PASS"]);
    place.run(&["sign", "way/", "--key", "alice.key"]).expect(0, &[]);
    place.prepare("mv demo/fullsource.json kept; ln -s ../kept demo/fullsource.json");
    place.run(&["verify", "demo", "--key", "alice.pub"]).expect(1, &["symlink-present"]);
    place
        .run(&["sign", "demo", "--key", "alice.key"])
        .expect(1, &["fullsource.json`: a symbolic link"]);
    for name in ["fullsource.json", "fullsource.sigstore.json"] {
        place.prepare(&format!("rm demo/{name}; mkfifo demo/{name}"));
        place
            .run(&["sign", "demo", "--key", "alice.key"])
            .expect(4, &["fullsource.json", "help: "]);
    }
    place.run(&["verify", "demo", "--key", "alice.pub"]).expect(4, &["not a regular file"]);
    place.run(&["inspect", "demo"]).expect(4, &["not a regular file"]);
    place.prepare(
        "rm demo/full*; mv kept demo/fullsource.json; mkdir demo/fullsource.sigstore.json",
    );
    place.run(&["verify", "demo", "--key", "alice.pub"]).expect(4, &["it is a directory"]);
    let refused = place.run(&["sign", "demo", "--key", "alice.key"]);
    assert!([1, 4].contains(&refused.exit), "{refused:?}");
}

#[test]
fn directories_in_directories_are_looked_at_as_far_as_the_limit() {
    let place = Place::new();
    let nested = |depth: usize| vec!["d"; depth].join("/");
    place.prepare(&format!("mkdir -p demo/{0}; echo x > demo/{0}/file", nested(250)));
    place.run(&["sign", "demo", "--key", "alice.key"]).expect(0, &[]);
    place.run(&["verify", "demo", "--key", "alice.pub"]).expect(0, &["PASS"]);
    let few = place.command(&["verify", "demo", "--key", "alice.pub"]).shell("ulimit -n 100").run();
    few.expect(3, &["file-unreadable", "too many open files"]);
    place.prepare(&format!("mkdir -p demo/{0}; echo x > demo/{0}/file", nested(300)));
    let refused = ["limit-exceeded", "deeper than 256 directories", "help: "];
    place.run(&["verify", "demo", "--key", "alice.pub"]).expect(4, &refused);
    place.run(&["sign", "demo", "--key", "alice.key"]).expect(4, &refused);
    place.run(&["digest", "demo"]).expect(4, &refused);
}
