//! Stages run again, in the real sandbox: releases that must be told apart, and what a release may try.
//!
//! `tests/rebuild/fixtures/README.md` says what each release is, and what has to come out.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use fullsource_tests::command::{Outcome, Place};
use serde_json::{Value, json};

/// These releases, made and signed by alice.
fn made(names: &[&str]) -> Place {
    let place = Place::new();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("rebuild/fixtures/make.py");
    let making = Command::new("python3").arg(script).arg(place.at("made")).args(names).status();
    assert!(making.unwrap().success());
    for name in names {
        let release = format!("made/{name}");
        place.run(&["sign", &release, "--key", "alice.key"]).expect(0, &[]);
    }
    place
}

/// The only rebuild of a run of `rebuild`, which ends with this exit code.
fn rebuilt(place: &Place, exit: i32, release: &str, more: &[&str]) -> Value {
    let fixed = ["rebuild", release, "--key", "alice.pub", "--format", "json"];
    let args: Vec<&str> = fixed.iter().chain(more).copied().collect();
    let done = place.run(&args);
    assert_eq!(done.exit, exit, "{release} {more:?}: {done:?}");
    let rebuilds: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(rebuilds.as_array().unwrap().len(), 1);
    rebuilds[0].clone()
}

/// The grade of each output that is not exact.
fn others(run: &Value) -> BTreeMap<&str, &str> {
    let outputs = run["outputs"].as_array().unwrap().iter();
    let told =
        outputs.map(|one| (one["artifact"].as_str().unwrap(), one["grade"].as_str().unwrap()));
    told.filter(|(_, grade)| *grade != "rebuilt-exact").collect()
}

/// The segments that did not come out exactly, with their grades.
fn false_segments(rebuild: &Value) -> BTreeMap<String, String> {
    let runs = rebuild["runs"].as_array().unwrap().iter();
    let told = runs.map(|run| {
        let text = |name: &str| run[name].as_str().unwrap().to_owned();
        (text("segment"), text("grade"))
    });
    told.filter(|(_, grade)| grade != "rebuilt-exact").collect()
}

/// The share of elements that a probe changed.
fn changed(rebuild: &Value) -> f64 {
    let count = |name: &str| rebuild["probe"][name].as_f64().unwrap();
    count("changed") / count("elements")
}

#[test]
fn what_was_trained_comes_out_again_whole_and_in_segments() {
    let place = made(&["honest"]);
    let whole = rebuilt(&place, 0, "made/honest", &["--probe", "--seed", "a"]);
    assert_eq!(whole["grade"], "rebuilt-exact", "{whole:#}");
    assert!(whole.get("copies").is_none() && whole.get("audit").is_none());
    assert!(changed(&whole) > 0.99, "{}", whole["probe"]);
    let chain = rebuilt(&place, 0, "made/honest", &["--segments", "all", "--threads", "2"]);
    assert_eq!(false_segments(&chain), BTreeMap::new());
    assert_eq!(chain["runs"].as_array().unwrap().len(), 8);
    assert_eq!(
        (&chain["audit"]["missEven"], &chain["audit"]["missWorst"]),
        (&json!("0/1"), &json!("0/1"))
    );
    assert_eq!(chain["environment"]["threads"], 2);
}

#[test]
fn another_layout_another_number_and_another_training_are_told_apart() {
    let place = made(&["layout", "one-ulp", "near", "spliced"]);
    for (name, grade) in
        [("layout", "rebuilt-canonical"), ("one-ulp", "near-miss"), ("near", "near-miss")]
    {
        let whole = rebuilt(&place, 1, &format!("made/{name}"), &[]);
        assert_eq!(others(&whole["runs"][0]), [("weights", grade)].into(), "{name}");
    }
    let whole = rebuilt(&place, 1, "made/one-ulp", &[]);
    let outputs = whole["runs"][0]["outputs"].as_array().unwrap();
    let weights = outputs.iter().find(|one| one["artifact"] == "weights").unwrap();
    assert_eq!(weights["tensors"]["differingElements"], 1);
    assert_eq!(weights["tensors"]["maxUlp"], 1);
    let whole = rebuilt(&place, 1, "made/spliced", &[]);
    assert_eq!(whole["grade"], "contradicted");
    let text = place.run(&["rebuild", "made/spliced", "--key", "alice.pub"]);
    text.expect(1, &["not made by this command from these inputs in this environment"]);
}

#[test]
fn a_false_segment_is_found_where_it_is_and_no_other_is_accused() {
    let place = made(&["spliced", "swapped", "one-ulp"]);
    let contradicted = |names: &[&str]| -> BTreeMap<String, String> {
        names.iter().map(|name| ((*name).to_owned(), "contradicted".to_owned())).collect()
    };
    let all = ["--segments", "all"];
    let spliced = rebuilt(&place, 1, "made/spliced", &all);
    assert_eq!(false_segments(&spliced), contradicted(&["part-5"]));
    // Each starts from its claimed checkpoint, or ends in one.
    let swapped = rebuilt(&place, 1, "made/swapped", &all);
    let found: Vec<String> = false_segments(&swapped).into_keys().collect();
    assert_eq!(found.first().map(String::as_str), Some("part-2"), "{found:?}");
    assert!(!found.contains(&"part-1".to_owned()) && !found.contains(&"part-6".to_owned()));
    let nudged = rebuilt(&place, 1, "made/one-ulp", &all);
    let expected = [("part-8".to_owned(), "near-miss".to_owned())];
    assert_eq!(false_segments(&nudged), expected.into());
    // The part that is false was not drawn: nothing is said against the others.
    let named = rebuilt(&place, 0, "made/spliced", &["--segment", "part-1", "--segment", "part-6"]);
    assert_eq!((&named["audit"]["drawn"], &named["audit"]["of"]), (&json!(2), &json!(8)));
    assert_eq!(named["audit"]["missWorst"], "1/1");
}

#[test]
fn an_audit_draws_what_the_seed_says_and_tells_its_chances_before_it_starts() {
    let place = made(&["honest"]);
    let audit =
        |seed: &str| rebuilt(&place, 0, "made/honest", &["--segments", "2", "--seed", seed]);
    let segments = |rebuild: &Value| -> Vec<String> {
        let runs = rebuild["runs"].as_array().unwrap().iter();
        runs.map(|run| run["segment"].as_str().unwrap().to_owned()).collect()
    };
    let (first, again) = (audit("one"), audit("one"));
    assert_eq!(segments(&first), segments(&again));
    assert_eq!(segments(&first).len(), 2);
    assert_eq!(first["audit"]["missEven"], "3/4");
    let others = ["two", "three", "four", "five"].map(|seed| segments(&audit(seed)));
    assert!(others.iter().any(|drawn| *drawn != segments(&first)));
    let dry = ["rebuild", "made/honest", "--key", "alice.pub", "--segments", "2", "--dry-run"];
    let dry = place.run(&dry);
    dry.expect(0, &[]);
    assert!(dry.stderr.contains("2 of 8 segments") && dry.stderr.contains("3/4"), "{dry:?}");
    let many = ["rebuild", "made/honest", "--key", "alice.pub", "--segments", "9"];
    place.run(&many).expect(2, &["9 of 8 segments"]);
}

#[test]
fn weights_that_stand_in_an_input_are_no_exact_rebuild() {
    let names =
        ["embedded-raw", "embedded-hex", "embedded-base64", "embedded-wrapped", "hidden-base64"];
    let place = made(&names);
    for name in names {
        let whole = rebuilt(&place, 3, &format!("made/{name}"), &[]);
        assert_eq!(whole["grade"], "not-run", "{name}");
        let input = if name.starts_with("hidden") { "corpus" } else { "trainer" };
        assert_eq!(whole["copies"][0]["input"], input, "{name}");
        assert!(whole["reason"].as_str().unwrap().contains("it was copied"), "{name}");
    }
}

#[test]
fn what_no_scan_finds_a_probe_does() {
    let place = made(&["hidden-xor"]);
    let whole = rebuilt(&place, 0, "made/hidden-xor", &["--probe", "--seed", "s"]);
    assert_eq!(whole["grade"], "rebuilt-exact");
    assert!(changed(&whole) < 0.01, "{}", whole["probe"]);
}

/// A release of one file, `weights.bin`, that a shell script is said to have made.
fn scripted(place: &Place, name: &str, script: &str, change: impl FnOnce(&mut Value)) {
    let release = place.at(name);
    fs::create_dir(&release).unwrap();
    fs::write(release.join("make.sh"), script).unwrap();
    fs::write(release.join("weights.bin"), "some weights\n").unwrap();
    fs::write(release.join("secret.txt"), "not an input\n").unwrap();
    let artifact = |id: &str, role: &str, file: &str| json!({ "id": id, "roles": [role], "files": [file], "license": "MIT" });
    let mut manifest = json!({
        "release": { "name": name, "version": "1", "producer": { "name": "P" } },
        "artifacts": [
            artifact("weights", "weights.final", "weights.bin"),
            artifact("script", "code.training", "make.sh"),
        ],
        "stages": [{
            "id": "make", "kind": "train", "code": ["script"], "outputs": ["weights"],
            "command": ["sh", "{input:script}", "{output}/weights.bin"],
        }],
    });
    change(&mut manifest);
    fs::write(release.join("fullsource.json"), manifest.to_string()).unwrap();
    place.run(&["sign", name, "--key", "alice.key"]).expect(0, &[]);
}

/// The reason that a rebuild gives for not being one, and how long it took.
fn refused(place: &Place, name: &str, more: &[&str]) -> (String, Outcome) {
    let fixed = ["rebuild", name, "--key", "alice.pub"];
    let args: Vec<&str> = fixed.iter().chain(more).copied().collect();
    let done = place.run(&args);
    assert_eq!(done.exit, 3, "{name}: {done:?}");
    let reason = done.stdout.lines().find(|line| line.trim_start().starts_with("reason"));
    (reason.unwrap_or_default().to_owned(), done)
}

#[test]
fn a_command_sees_its_inputs_and_nothing_else() {
    let place = Place::new();
    let home = std::env::var("HOME").unwrap();
    let script = format!(
        "set -e\n\
         for path in /etc/shadow {home} {release} {release}/secret.txt /input/weights; do\n\
           ! test -e \"$path\" || {{ echo \"sees $path\"; exit 9; }}\n\
         done\n\
         ! echo x > \"$0\" 2>/dev/null || exit 8\n\
         test \"$(ls /input)\" = script || exit 7\n\
         test -z \"$SECRET_OF_MINE\" || exit 6\n\
         printf 'some weights\\n' > \"$1\"\n",
        release = place.at("quiet").display()
    );
    scripted(&place, "quiet", &script, |_| {});
    let run = place.command(&["rebuild", "quiet", "--key", "alice.pub"]);
    run.shell("export SECRET_OF_MINE=1").run().expect(0, &["rebuilt-exact  stage make"]);
}

#[test]
fn what_never_ends_or_never_stops_growing_is_ended_and_says_at_which_limit() {
    let place = Place::new();
    scripted(&place, "forever", "trap '' TERM INT HUP\nwhile :; do sleep 1; done\n", |_| {});
    let (reason, done) = refused(&place, "forever", &["--wall", "2s"]);
    assert!(reason.contains("ended after 2 s") && done.took.as_secs() < 20, "{done:?}");
    scripted(&place, "full", "exec head -c 100000000 /dev/zero > \"$1\"\n", |_| {});
    let (reason, _) = refused(&place, "full", &["--disk", "10M"]);
    assert!(reason.contains("bytes of files") || reason.contains("No space left"), "{reason}");
    scripted(&place, "bomb", "bomb() { bomb | bomb & }; bomb; sleep 60\n", |_| {});
    refused(&place, "bomb", &["--wall", "5s", "--processes", "64"]);
    let grow = "x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done\n";
    scripted(&place, "memory", grow, |_| {});
    let (reason, _) = refused(&place, "memory", &["--memory", "100M", "--wall", "20s"]);
    assert!(reason.contains("memory") || reason.contains("exit code"), "{reason}");
}

#[test]
fn an_output_that_leads_elsewhere_is_no_output() {
    let place = Place::new();
    scripted(&place, "link", "ln -s /etc/hostname \"$1\"\n", |_| {});
    let done = place.run(&["rebuild", "link", "--key", "alice.pub"]);
    done.expect(1, &["contradicted  stage make"]);
    scripted(&place, "pipe", "mkfifo \"$1\"\n", |_| {});
    let done = place.run(&["rebuild", "pipe", "--key", "alice.pub"]);
    done.expect(1, &["contradicted  stage make"]);
    scripted(&place, "nothing", "true\n", |_| {});
    let done = place.run(&["rebuild", "nothing", "--key", "alice.pub"]);
    done.expect(1, &["contradicted  stage make"]);
}

#[test]
fn an_input_that_is_withheld_changed_or_nowhere_is_told_and_nothing_runs() {
    let place = Place::new();
    let fine = "printf 'some weights\\n' > \"$1\"\n";
    let data = |data: Value| {
        move |manifest: &mut Value| {
            manifest["artifacts"].as_array_mut().unwrap().push(data);
            manifest["stages"][0]["data"] = json!(["letters"]);
        }
    };
    let letters = |more: Value| {
        let mut data = json!({ "id": "letters", "roles": ["data.sft"], "license": "MIT" });
        data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        data
    };
    let withheld = letters(json!({ "availability": "withheld", "reason": "private" }));
    scripted(&place, "withheld", fine, data(withheld));
    let (reason, done) = refused(&place, "withheld", &["--probe"]);
    assert!(done.stderr.contains("no probe of stage `make`"), "{done:?}");
    assert!(reason.contains("`letters` is not there: it is withheld"), "{reason}");
    let nowhere = letters(json!({ "name": "Letters" }));
    scripted(&place, "nowhere", fine, data(nowhere));
    let (reason, _) = refused(&place, "nowhere", &[]);
    assert!(reason.contains("`letters` is not there: no digest is claimed"), "{reason}");
    scripted(&place, "changed", fine, |_| {});
    fs::write(place.at("changed/make.sh"), "printf 'some Weights\\n' > \"$1\"\n").unwrap();
    let (reason, _) = refused(&place, "changed", &[]);
    assert!(reason.contains("it is not what was signed"), "{reason}");
}

#[test]
fn a_claimed_output_that_is_no_longer_what_was_signed_is_no_rebuild() {
    let place = Place::new();
    let make = "printf 'some weights\\n' > \"$1\"; printf 'notes\\n' > \"${1%/*}/notes.txt\"\n";
    scripted(&place, "two", make, |manifest| {
        let notes = json!({ "id": "notes", "roles": ["log.training"], "files": ["notes.txt"], "license": "MIT" });
        manifest["artifacts"].as_array_mut().unwrap().push(notes);
        manifest["stages"][0]["outputs"] = json!(["weights", "notes"]);
        fs::write(place.at("two/notes.txt"), "notes\n").unwrap();
    });
    let told = rebuilt(&place, 0, "two", &[]);
    assert_eq!(others(&told["runs"][0]), BTreeMap::new());
    fs::write(place.at("two/weights.bin"), "some Weights\n").unwrap();
    let (reason, _) = refused(&place, "two", &[]);
    assert!(reason.contains("cannot be had") && reason.contains("not what was signed"), "{reason}");
}

/// A stage that is said to train a base, and copies it; and one that reads its weights as data.
#[test]
fn what_goes_in_and_comes_out_unchanged_was_not_trained() {
    let place = Place::new();
    let base = |roles: Value| json!({ "id": "base", "roles": roles, "files": ["base.bin"], "license": "MIT" });
    let copy = "cp /input/base/base.bin \"$1\"\n";
    for (name, roles, data) in [
        ("model", json!(["model.base"]), json!([])),
        ("data", json!(["model.base", "data.sft"]), json!(["base"])),
    ] {
        scripted(&place, name, copy, |manifest| {
            manifest["artifacts"].as_array_mut().unwrap().push(base(roles));
            manifest["stages"][0]["models"] = json!([{ "artifact": "base", "use": "init" }]);
            manifest["stages"][0]["data"] = data;
            fs::write(place.at(name).join("base.bin"), "some weights\n").unwrap();
        });
        let (reason, _) = refused(&place, name, &[]);
        assert!(reason.contains("nothing was trained"), "{name}: {reason}");
    }
}

#[test]
fn a_tree_with_more_than_is_claimed_is_another_tree() {
    let place = Place::new();
    for (name, more, exit) in [
        ("same", "true", 0),
        ("linked", "ln -s /etc/passwd \"$d/evil.py\"", 1),
        ("piped", "mkfifo \"$d/pipe\"", 1),
        ("named", "touch \"$(printf '%s/a\\nb' \"$d\")\"", 1),
        ("nested", "mkdir \"$d/deep\" && touch \"$d/deep/x.py\"", 1),
        ("signed", "mkdir \"$d/.git\" && touch \"$d/.git/config\"", 0),
    ] {
        let make = format!("d=${{1%/*}}/tree; printf 'some weights\\n' > \"$d/w.bin\"; {more}\n");
        scripted(&place, name, &make, |manifest| {
            let tree = place.at(name).join("tree");
            fs::create_dir(&tree).unwrap();
            fs::rename(place.at(name).join("weights.bin"), tree.join("w.bin")).unwrap();
            manifest["artifacts"][0]["files"] = json!(["tree/"]);
        });
        rebuilt(&place, exit, name, &[]);
    }
}

#[test]
fn final_weights_of_which_nothing_is_claimed_are_no_rebuild() {
    let place = Place::new();
    let make = "printf 'notes\\n' > \"${1%/*}/notes.txt\"\n";
    scripted(&place, "unsaid", make, |manifest| {
        let notes = json!({ "id": "notes", "roles": ["log.training"], "files": ["notes.txt"], "license": "MIT" });
        manifest["artifacts"][0] =
            json!({ "id": "weights", "roles": ["weights.final"], "license": "MIT" });
        manifest["artifacts"].as_array_mut().unwrap().push(notes);
        manifest["stages"][0]["outputs"] = json!(["weights", "notes"]);
        fs::write(place.at("unsaid/notes.txt"), "notes\n").unwrap();
    });
    let (reason, _) = refused(&place, "unsaid", &[]);
    assert!(reason.contains("cannot be had"), "{reason}");
}

/// Code in a repository and data in an archive, each held against its claim before anything runs.
#[test]
fn inputs_come_from_where_the_release_says_that_they_are() {
    let place = Place::new();
    place.prepare(
        "mkdir repository && cd repository && git init -q && mkdir tool \
         && echo 'cp \"$2\" \"$1\"' > tool/make.sh && ln -s tool/make.sh link && git add . \
         && git -c user.name=a -c user.email=a@example.org commit -qm one \
         && git rev-parse HEAD > ../commit && rm -rf ../tree && cp -r tool ../tree",
    );
    let commit = fs::read_to_string(place.at("commit")).unwrap();
    let digest = place.run(&["digest", "tree", "--format", "json"]);
    let digest: Value = serde_json::from_str(&digest.stdout).unwrap();
    let locator = format!(
        "git+file://{}@{}#path=tool",
        place.at("repository").canonicalize().unwrap().display(),
        commit.trim()
    );
    let code = |hash: &Value| {
        json!({ "id": "script", "roles": ["code.training"], "license": "MIT",
                "locators": [locator], "digest": { "dirHash": hash } })
    };
    let right = digest["dirHash"].clone();
    let wrong = json!("0".repeat(64));
    for (name, hash) in [("there", &right), ("other", &wrong)] {
        scripted(&place, name, "", |manifest| {
            manifest["artifacts"][1] = code(hash);
            let command =
                json!(["sh", "{input:script}/make.sh", "{output}/weights.bin", "{input:text}"]);
            manifest["stages"][0]["command"] = command;
            manifest["stages"][0]["data"] = json!(["text"]);
            let text = json!({ "id": "text", "roles": ["data.sft"], "files": ["secret.txt"], "license": "MIT" });
            manifest["artifacts"].as_array_mut().unwrap().push(text);
            fs::write(place.at(name).join("weights.bin"), "not an input\n").unwrap();
        });
    }
    let (reason, _) = refused(&place, "there", &[]);
    assert!(reason.contains("--allow-path"), "{reason}");
    let there = rebuilt(&place, 0, "there", &["--allow-path", "."]);
    assert_eq!(there["inputs"][0]["digest"]["dirHash"], right, "{there:#}");
    let (reason, _) = refused(&place, "other", &["--allow-path", "."]);
    assert!(
        reason.contains("not what is claimed") || reason.contains("is claimed of it"),
        "{reason}"
    );
}

/// The same release in the same program, from the run to the verdict.
#[test]
fn what_one_attests_another_counts() {
    let place = made(&["honest", "spliced"]);
    place.run(&["keygen", "--type", "p256", "--out", "lab"]).expect(0, &[]);
    place.run(&["keygen", "--type", "p256", "--out", "carol"]).expect(0, &[]);
    for name in ["honest", "spliced"] {
        let path = place.at(format!("made/{name}/fullsource.json"));
        let mut manifest: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        manifest["release"]["producer"]["uri"] = json!("https://lab.example");
        fs::write(path, manifest.to_string()).unwrap();
        place.run(&["sign", &format!("made/{name}"), "--key", "lab.key"]).expect(0, &[]);
    }
    place.prepare(
        "echo 'https://lab.example' namespaces=\"fullsource\" $(ssh-keygen -i -m PKCS8 -f lab.pub) > trusted; \
         echo carol@example.org namespaces=\"fullsource-rebuilder\" $(ssh-keygen -i -m PKCS8 -f carol.pub) >> trusted"
    );
    let attest = |name: &str, exit, more: &[&str]| {
        let release = format!("made/{name}");
        let fixed =
            ["rebuild", &release, "--key", "lab.pub", "--key", "carol.key", "--attest", "told"];
        let args: Vec<&str> = fixed.iter().chain(more).copied().collect();
        place.run(&args).expect(exit, &[]);
        let verify = ["verify", &release, "--trust", "trusted", "--offline", "--rebuild", "told"];
        place.run(&verify)
    };
    attest("honest", 0, &[]).expect(0, &["linkage: rebuilt-exact, independent: 1"]);
    attest("honest", 0, &["--segments", "all"])
        .expect(0, &["linkage: rebuilt-exact, independent: 1"]);
    attest("honest", 0, &["--segments", "3"]).expect(0, &["linkage: asserted"]);
    attest("spliced", 1, &[]).expect(1, &["error[rebuild-contradicted]", "linkage: asserted"]);
    attest("spliced", 0, &["--segment", "part-1"]).expect(0, &["linkage: asserted"]);
}

#[test]
fn nothing_is_left_behind() {
    let place = Place::new();
    scripted(
        &place,
        "leaver",
        "setsid sleep 7654 & cp \"$0\" /tmp/x; printf 'some weights\\n' > \"$1\"\n",
        |_| {},
    );
    let temporary = place.at("tmp");
    fs::create_dir(&temporary).unwrap();
    let run = place.command(&["rebuild", "leaver", "--key", "alice.pub"]);
    run.shell(&format!("export TMPDIR='{}'", temporary.display())).run().expect(0, &[]);
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
    let sleeping = Command::new("pgrep").args(["-f", "sleep 7654"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&sleeping.stdout), "");
}
