//! Claimed sources, looked at by the program itself, over TLS on loopback.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it cannot go on")]

#[path = "../../crates/fullsource-collect/tests/support/http_server.rs"]
mod http_server;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use fullsource_tests::command::{Outcome, Place};
use http_server::{Asked, HttpServer, Reply};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const DATA: &[u8] = b"{\"text\": \"a letter\"}\n{\"text\": \"another letter\"}\n";
const CODE: &[u8] = b"import sys\n\n\ndef train():\n    return sys.argv\n";
const HUB_TOKEN: &str = "hf_recognisable_token_of_the_hub";
const STORE_KEY: &str = "recognisable/secret/of/the/store";
const COMMIT: &str = "3b18e512dba79e4c8300dd08aeb37f8e728b8dad";

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How a server answers at this moment.
type Answer = Arc<Mutex<Box<dyn Fn(&Asked) -> Reply + Send>>>;

/// A signed release that claims sources on a server.
struct Claimed {
    place: Place,
    server: HttpServer,
    answer: Answer,
}

impl Claimed {
    /// A data set as a file, and code as an archive.
    fn new() -> Self {
        let archive = archive(&[("train.py", CODE)], &[]);
        let answer: Answer = Arc::new(Mutex::new(Box::new(move |asked| match &asked.target[..] {
            "/letters.jsonl" => Reply::file(asked, DATA, "\"1\""),
            "/code.tar.gz" => Reply::ok(archive.clone()),
            _ => Reply::status(404),
        })));
        let shared = Arc::clone(&answer);
        let server = HttpServer::start_tls(move |asked| shared.lock().unwrap()(asked));
        let line = format!("{}  train.py\n", hex(CODE));
        let url = |path: &str| server.url(path).to_string();
        let artifacts = vec![
            json!({"id": "letters", "roles": ["data.sft"], "license": "CC0-1.0",
                "locators": [url("/letters.jsonl")], "digest": {"sha256": hex(DATA)}}),
            json!({"id": "code", "roles": ["code.training"], "license": "MIT",
                "locators": [url("/code.tar.gz")], "digest": {"dirHash": hex(line.as_bytes())}}),
        ];
        let place = Place::new();
        let claimed = Self { place, server, answer };
        claimed.sign(artifacts);
        claimed
    }

    /// Signs the release with these artifacts beside its own.
    fn sign(&self, artifacts: Vec<Value>) {
        let path = self.place.at("demo/fullsource.json");
        let mut manifest: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let all = manifest["artifacts"].as_array_mut().unwrap();
        all.truncate(2);
        all.extend(artifacts);
        fs::write(&path, manifest.to_string()).unwrap();
        fs::write(self.place.at("ca.pem"), self.server.authority()).unwrap();
        self.place.run(&["sign", "demo", "--key", "alice.key"]).expect(0, &[]);
    }

    fn answers(&self, answer: impl Fn(&Asked) -> Reply + Send + 'static) {
        *self.answer.lock().unwrap() = Box::new(answer);
    }

    /// Where one of the two lies.
    fn url(&self, path: &str) -> String {
        self.server.url(path).to_string()
    }

    /// Verifies as somebody who has secrets, and holds that none of them comes out.
    fn verify(&self, more: &[&str]) -> Outcome {
        let allowed = format!("localhost:{}", self.server.port());
        let args = ["verify", "demo", "--key", "alice.pub", "--ca-file", "ca.pem"];
        self.run(&[&args[..], &["--allow-host", &allowed], more].concat())
    }

    fn run(&self, args: &[&str]) -> Outcome {
        let environment = format!(
            "unset HTTPS_PROXY HTTP_PROXY ALL_PROXY https_proxy http_proxy all_proxy HF_ENDPOINT; \
             export HF_TOKEN={HUB_TOKEN} AWS_ACCESS_KEY_ID=AKIA AWS_SECRET_ACCESS_KEY={STORE_KEY}"
        );
        let done = self.place.command(args).shell(&environment).run();
        let all = format!("{}{}", done.stdout, done.stderr);
        for secret in [HUB_TOKEN, STORE_KEY] {
            assert!(!all.contains(secret), "{all}");
        }
        let control = all.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(control, None, "{all:?}");
        done
    }

    /// The statuses of all artifacts, by their ids.
    fn statuses(&self, done: &Outcome) -> Vec<(String, String)> {
        let report: Value = serde_json::from_str(&done.stdout)
            .unwrap_or_else(|_| panic!("{}{}", done.stdout, done.stderr));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let artifacts = report["artifacts"].as_array().unwrap().iter();
        artifacts.map(|artifact| (text(&artifact["id"]), text(&artifact["status"]))).collect()
    }
}

/// A tar.gz of these files, and of files made by a shell's words with options of tar.
fn archive(files: &[(&str, &[u8])], options: &[&str]) -> Vec<u8> {
    let root = tempfile::tempdir().unwrap();
    files.iter().for_each(|(path, bytes)| fs::write(root.path().join(path), bytes).unwrap());
    let made = Command::new("tar")
        .args(["-czf", "-"])
        .args(options)
        .args(files.iter().map(|(path, _)| path))
        .current_dir(root.path())
        .output()
        .expect("this test needs tar (Debian: tar)");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    made.stdout
}

fn status(id: &str, status: &str) -> (String, String) {
    (id.to_owned(), status.to_owned())
}

#[test]
fn sources_that_are_there_pass() {
    let it = Claimed::new();
    it.verify(&[]).expect(0, &["PASS"]);
    let done = it.verify(&["--format", "json"]);
    done.expect(0, &[]);
    let all = ["weights", "config", "letters", "code"].map(|id| status(id, "verified"));
    assert_eq!(it.statuses(&done), all);
    // Not without the authority, and not without leave.
    let args = ["verify", "demo", "--key", "alice.pub"];
    let port = it.server.port();
    let allowed = format!("localhost:{port}");
    let done = it.run(&[&args[..], &["--allow-host", &allowed, "--timeout", "2s"]].concat());
    done.expect(3, &["the place did not answer"]);
    let before = it.server.asked().len();
    let done = it.run(&[&args[..], &["--ca-file", "ca.pem"]].concat());
    done.expect(3, &["nobody looked", "--allow-host"]);
    assert_eq!(it.server.asked().len(), before);
}

#[test]
fn sources_that_are_gone_changed_or_shut_are_told_apart() {
    let it = Claimed::new();
    let others = |asked: &Asked| match asked.target.as_str() {
        "/code.tar.gz" => Reply::ok(archive(&[("train.py", CODE)], &[])),
        _ => Reply::status(404),
    };
    it.answers(others);
    it.verify(&[]).expect(1, &["FAIL", "error[artifact-absent]", "letters"]);
    let json = it.verify(&["--format", "json"]);
    assert!(it.statuses(&json).contains(&status("letters", "absent")));
    it.answers(move |asked| match asked.target.as_str() {
        "/letters.jsonl" => Reply::ok("{\"text\": \"forged\"}\n"),
        _ => others(asked),
    });
    it.verify(&[]).expect(1, &["error[artifact-mismatch]"]);
    it.answers(move |asked| match asked.target.as_str() {
        "/letters.jsonl" => Reply::status(403),
        _ => others(asked),
    });
    it.verify(&[]).expect(3, &["it may not be had"]);
    it.answers(move |asked| match asked.target.as_str() {
        "/letters.jsonl" => Reply::ok(DATA),
        _ => Reply::ok(archive(&[("train.py", b"import os\n")], &[])),
    });
    it.verify(&[]).expect(1, &["error[artifact-mismatch]", "dirHash"]);
}

#[test]
fn what_cannot_be_looked_at_is_no_pass_and_no_failure() {
    let it = Claimed::new();
    it.verify(&["--offline"]).expect(3, &["INCOMPLETE", "offline"]);
    assert_eq!(it.server.asked().len(), 0);
    it.verify(&["--max-bytes", "10"]).expect(3, &["--max-bytes"]);
    it.verify(&["--policy", "weights-only"]).expect(0, &["PASS"]);
    it.answers(|_| Reply::status(503).header("retry-after", "0"));
    it.verify(&["--format", "json"]).expect(3, &["503"]);
    let Claimed { place, server, answer } = it;
    let port = server.port();
    drop(server);
    let gone = HttpServer::start_tls(|_| Reply::status(500));
    let it = Claimed { place, server: gone, answer };
    let allowed = format!("localhost:{port}");
    let done = it.verify(&["--allow-host", &allowed]);
    done.expect(3, &["the place did not answer"]);
}

#[test]
fn evidence_judges_the_same_elsewhere() {
    let it = Claimed::new();
    let judged = |evidence: &str, more: &[&str]| {
        let args = ["verify", "--bundle", "demo/fullsource.sigstore.json", "--key", "alice.pub"];
        let args = [&args[..], &["--evidence", evidence, "--format", "json"], more].concat();
        let before = it.server.asked().len();
        let done = it.run(&args);
        assert_eq!(it.server.asked().len(), before, "nobody looks where there is evidence");
        done
    };
    let looked = it.verify(&["--save-evidence", "good.json", "--format", "json"]);
    looked.expect(0, &[]);
    it.place.run(&["check", "good.json"]).expect(0, &[]);
    let done = judged("good.json", &["--accept-evidence"]);
    assert_eq!(it.statuses(&done), it.statuses(&looked));
    // Without leave nothing of it passes.
    let done = judged("good.json", &[]);
    assert_eq!(done.exit, 3);
    assert!(it.statuses(&done).iter().any(|(_, status)| status == "unchecked"));
    // Beside the release, whose own files are read again.
    let args = ["verify", "demo", "--key", "alice.pub", "--evidence", "good.json"];
    it.run(&[&args[..], &["--accept-evidence"]].concat()).expect(0, &["PASS"]);
    for (name, reply, expected) in [
        ("absent.json", Reply::status(404), "absent"),
        ("changed.json", Reply::ok("{\"text\": \"forged\"}\n"), "mismatch"),
        ("shut.json", Reply::status(403), "closed"),
        ("hostile.json", Reply { length: Some(10), ..Reply::ok("<!DOCTYPE") }, "unreachable"),
    ] {
        it.answers(move |_| reply.clone());
        let looked = it.verify(&["--save-evidence", name, "--format", "json", "--timeout", "9s"]);
        it.place.run(&["check", name]).expect(0, &[]);
        let done = judged(name, &["--accept-evidence"]);
        assert_eq!(it.statuses(&done), it.statuses(&looked), "{name}");
        assert!(it.statuses(&looked).contains(&status("letters", expected)), "{name}");
    }
}

#[test]
fn nothing_from_outside_reaches_the_terminal_raw() {
    let it = Claimed::new();
    let odd = "\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}.txt";
    let hostile = archive(&[(odd, b"x")], &["--transform", "s,^,../,", "-P"]);
    let twice = archive(&[(odd, b"x"), ("train.py", CODE)], &[]);
    let message = "Access is restricted \u{1b}[2J\u{7}\u{9b}31m";
    let answer = move |asked: &Asked| match asked.target.as_str() {
        "/letters.jsonl" => Reply::redirect(302, "https://localhost:1/\u{9b}31m%1b[2J"),
        "/code.tar.gz" => Reply::ok(hostile.clone()),
        "/more.tar.gz" => Reply::ok(twice.clone()),
        _ => {
            let body = json!({"error": message}).to_string();
            let reply = Reply { body: body.into(), ..Reply::status(403) };
            reply.header("x-error-code", "GatedRepo").header("x-error-message", "\u{9b}31m")
        }
    };
    let hub = format!("hf:models/org/m@{COMMIT}");
    let claim = |id: &str, locator: &str| {
        json!({"id": id, "roles": ["data.sft"], "license": "CC0-1.0", "locators": [locator],
            "digest": {"dirHash": "0".repeat(64)}})
    };
    let urls = ["/letters.jsonl", "/code.tar.gz", "/more.tar.gz"].map(|path| it.url(path));
    it.sign(vec![
        claim("a", &urls[0]),
        claim("b", &urls[1]),
        claim("c", &urls[2]),
        claim("d", &hub),
    ]);
    it.answers(answer);
    for format in ["text", "json"] {
        let out = format!("{format}.evidence");
        let args =
            ["verify", "demo", "--key", "alice.pub", "--ca-file", "ca.pem", "--format", format];
        let allowed = format!("localhost:{}", it.server.port());
        let more = ["--allow-host", &allowed, "--save-evidence", &out, "--timeout", "8s"];
        let environment = format!("export HF_TOKEN={HUB_TOKEN} HF_ENDPOINT={}", it.url(""));
        let run = it.place.command(&[&args[..], &more].concat()).shell(&environment);
        let run = run.run();
        let evidence = fs::read_to_string(it.place.at(&out)).unwrap();
        let raw = |c: &char| (c.is_control() && *c != '\n') || *c == '\u{202e}';
        for text in [&run.stdout, &run.stderr] {
            assert_eq!(text.chars().find(raw), None, "{text}");
        }
        assert!(!format!("{run:?}{evidence}").contains(HUB_TOKEN));
        run.expect(1, &["owned"]);
    }
}

#[test]
fn credentials_go_nowhere_and_come_out_nowhere() {
    let it = Claimed::new();
    let elsewhere = HttpServer::start_tls(|_| Reply::status(404));
    let to = elsewhere.url("/object?X-Amz-Signature=recognisable_signature").to_string();
    it.answers(move |asked| match asked.headers.get("authorization") {
        // Closed to everybody, and then led away: the token stays behind.
        None => Reply::status(401).header("x-error-code", "GatedRepo"),
        Some(_) => Reply::redirect(302, &to),
    });
    let hub = json!({"id": "hub", "roles": ["data.sft"], "license": "CC0-1.0",
        "locators": [format!("hf:models/org/m@{COMMIT}")], "digest": {"sha256": "0".repeat(64)}});
    let url = format!("{}?sig=recognisable_signature", it.url("/x"));
    let signed = json!({"id": "signed", "roles": ["data.sft"], "license": "CC0-1.0",
        "locators": [url], "digest": {"sha256": "0".repeat(64)}});
    let store = json!({"id": "store", "roles": ["data.sft"], "license": "CC0-1.0",
        "locators": ["s3://bucket/key"], "digest": {"sha256": "0".repeat(64)}});
    it.sign(vec![hub, signed, store]);
    let authorities = format!("{}{}", it.server.authority(), elsewhere.authority());
    fs::write(it.place.at("ca.pem"), authorities).unwrap();
    let ports = [it.server.port(), elsewhere.port()].map(|port| format!("localhost:{port}"));
    for format in ["text", "json"] {
        let args =
            ["verify", "demo", "--key", "alice.pub", "--ca-file", "ca.pem", "--format", format];
        let more =
            ["--allow-host", &ports[0], "--allow-host", &ports[1], "--save-evidence", "e.json"];
        let environment = format!(
            "export HF_TOKEN={HUB_TOKEN} HF_ENDPOINT={0} AWS_ENDPOINT_URL={0} \
             AWS_ACCESS_KEY_ID=AKIA AWS_SECRET_ACCESS_KEY={STORE_KEY}",
            it.url("").trim_end_matches('/')
        );
        let run = it.place.command(&[&args[..], &more].concat()).shell(&environment).run();
        let evidence = fs::read_to_string(it.place.at("e.json")).unwrap();
        for text in [&run.stdout, &run.stderr, &evidence] {
            assert!(!text.contains(HUB_TOKEN) && !text.contains(STORE_KEY), "{text}");
        }
        assert!(!elsewhere.asked().is_empty(), "{}{}", run.stdout, run.stderr);
    }
    let led = elsewhere.asked();
    assert!(led.iter().all(|asked| !asked.headers.contains_key("authorization")), "{led:?}");
    let shown =
        it.server.asked().into_iter().filter(|asked| asked.headers.contains_key("authorization"));
    let token = format!("Bearer {HUB_TOKEN}");
    let tokens = shown.filter(|asked| asked.headers["authorization"] == token);
    let paths: Vec<_> = tokens.map(|asked| asked.target.clone()).collect();
    assert!(!paths.is_empty() && paths.iter().all(|path| path.starts_with("/api/")), "{paths:?}");
}

#[test]
fn a_redirect_does_not_lead_inside() {
    let it = Claimed::new();
    let inside = HttpServer::start_tls(|_| Reply::ok(DATA));
    for to in [
        inside.url("/letters.jsonl").to_string(),
        format!("https://127.0.0.1:{}/letters.jsonl", inside.port()),
        format!("https://[::ffff:7f00:1]:{}/letters.jsonl", inside.port()),
        format!("http://localhost:{}/letters.jsonl", inside.port()),
        "https://169.254.169.254/latest/meta-data/".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        let said = to.clone();
        it.answers(move |asked| match asked.target.as_str() {
            "/letters.jsonl" => Reply::redirect(302, &to),
            _ => Reply::ok(archive(&[("train.py", CODE)], &[])),
        });
        let done = it.verify(&["--format", "json"]);
        assert_eq!(done.exit, 3, "{said}: {}{}", done.stdout, done.stderr);
        assert!(it.statuses(&done).contains(&status("letters", "unchecked")), "{said}");
    }
    assert_eq!(inside.asked().len(), 0);
    assert!(Path::new("/etc/passwd").exists());
}
