//! The look at many places: mirrors, shared places, budgets, and the ways to end it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it cannot go on")]
#![allow(unreachable_pub, reason = "shared with other tests")]

#[path = "support/gathering_sink.rs"]
mod gathering_sink;
#[path = "support/http_server.rs"]
mod http_server;
#[path = "support/hub_repo.rs"]
mod hub_repo;
#[path = "support/hub_server.rs"]
mod hub_server;
#[path = "support/places.rs"]
mod places;
#[path = "support/s3.rs"]
mod s3;
#[path = "support/server.rs"]
mod server;

use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use fullsource_collect::progress::Stopped;
use fullsource_format::evidence::{ContentFactKind, Observation, Status, Strength};
use http_server::{HttpServer, Reply};
use hub_repo::Repo;
use hub_server::HubServer;
use places::{Side, assert_equal, dir_hash_of, index_ref, is_equal, noise, sha256};
use serde_json::{Value, json};

fn detail(seen: &Observation) -> &str {
    seen.detail.as_ref().map_or("", |detail| detail.as_str())
}

fn commit() -> String {
    Repo::new("models", "org/m").commit
}

#[test]
fn every_mirror_is_looked_at_and_written_down() {
    let server = HttpServer::start_tls(|asked| match asked.target.as_str() {
        "/good" => Reply::ok("the data"),
        "/other" => Reply::ok("something else"),
        "/shut" => Reply::status(403),
        _ => Reply::status(404),
    });
    let dead = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let side = Side::new().trusting(server.authority());
    let claimed = sha256(b"the data");
    let mut mirrors: Vec<_> =
        ["/good", "/none", "/other", "/shut"].iter().map(|p| server.url(p).to_string()).collect();
    mirrors.push(format!("https://{dead}/x"));
    let seen = side.look(json!([{"id": "a", "digest": claimed, "locators": mirrors}]));
    let seen = &seen["a"];
    let locators: Vec<_> = seen.iter().map(|seen| seen.locator.as_str()).collect();
    assert_eq!(locators, mirrors, "each by itself, in their order");
    let statuses: Vec<_> = seen.iter().map(|seen| seen.status).collect();
    use Status::{Absent, Closed, Seen, Unreachable};
    assert_eq!(statuses, [Seen, Absent, Seen, Closed, Unreachable]);
    assert_equal(&seen[0], &claimed);
    assert_equal(&seen[2], &sha256(b"something else"));
    // What differs is looked at twice, and not three times where it stays the same.
    let asked = |path: &str| server.asked().iter().filter(|asked| asked.target == path).count();
    assert_eq!((asked("/good"), asked("/other"), asked("/none")), (1, 2, 1));
}

#[test]
fn a_place_is_asked_once_and_only_where_it_is_said_to_be_published() {
    let server = HttpServer::start_tls(|_| Reply::ok("the data"));
    let side = Side::new().trusting(server.authority());
    let (url, claimed) = (server.url("/x").to_string(), sha256(b"the data"));
    let artifact = |id: &str, more: Value| {
        let mut artifact = json!({"id": id, "digest": claimed, "locators": [url]});
        artifact.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        artifact
    };
    let why = "not ours to give";
    let seen = side.look(json!([
        artifact("a", json!({})),
        artifact("b", json!({})),
        artifact("twice", json!({"locators": [url, url]})),
        artifact("gated", json!({"availability": "gated"})),
        json!({"id": "withheld", "name": "W", "availability": "withheld", "reason": why}),
        artifact("recipe", json!({"availability": "recipe-only", "reason": why})),
    ]));
    assert_eq!(seen.keys().collect::<Vec<_>>(), ["a", "b", "gated", "twice"]);
    assert!(seen.values().all(|seen| seen.len() == 1 && is_equal(&seen[0], &claimed)));
    assert_eq!(server.asked().len(), 1);
    // Not shared: what a file is wanted for decides what is read of it, and what is claimed whether it
    // is looked at again.
    side.look(json!([
        artifact("a", json!({})),
        artifact("b", json!({"roles": ["code.training"]})),
        artifact("c", json!({"digest": sha256(b"other")})),
    ]));
    assert_eq!(server.asked().len(), 1 + 1 + 1 + 2);
}

#[test]
fn what_does_not_fit_the_budget_is_not_begun() {
    let server = HttpServer::start_tls(|_| Reply::ok(vec![7; 5000]));
    let side = Side::new().trusting(server.authority()).max_bytes(4999);
    let seen = side.one(server.url("/x").as_str(), json!({"digest": sha256(&[7; 5000])}));
    assert_eq!((seen.status, seen.digests.is_none()), (Status::Skipped, true));
    assert!(detail(&seen).contains("--max-bytes"), "{}", detail(&seen));
    let side = side.max_bytes(5000);
    let seen = side.one(server.url("/x").as_str(), json!({"digest": sha256(&[7; 5000])}));
    assert_equal(&seen, &sha256(&[7; 5000]));
}

#[test]
fn what_was_seen_is_not_forgotten_where_the_budget_ends() {
    // 5000 bytes that differ from what is claimed; there is no money for a second look.
    let server = HttpServer::start_tls(|_| Reply::ok(vec![7; 5000]));
    let side = Side::new().trusting(server.authority()).max_bytes(7000);
    let seen = side.one(server.url("/x").as_str(), json!({"digest": sha256(b"else")}));
    assert_equal(&seen, &sha256(&[7; 5000]));
    // So where the place goes away between two looks.
    let asked = AtomicUsize::new(0);
    let server = HttpServer::start_tls(move |_| match asked.fetch_add(1, Ordering::Relaxed) {
        0 => Reply::ok("other"),
        _ => Reply::status(503),
    });
    let side = Side::new().trusting(server.authority());
    let seen = side.one(server.url("/x").as_str(), json!({"digest": sha256(b"else")}));
    assert_equal(&seen, &sha256(b"other"));
}

#[test]
fn of_a_large_file_on_the_hub_its_word_is_taken() {
    let large = vec![7; 90_000];
    let files: &[(&str, &[u8])] = &[("README.md", b"hi"), ("w.bin", &large)];
    let repo = Repo::new("models", "org/m").file("README.md", b"hi").lfs("w.bin", &large);
    let server = HubServer::start(vec![repo]);
    let side = Side::new().with("HF_ENDPOINT", &server.endpoint()).max_bytes(50_000);
    let tree = dir_hash_of(files);
    let seen = side.one(&format!("hf:models/org/m@{}", commit()), json!({"digest": tree}));
    assert_equal(&seen, &tree);
    assert_eq!(seen.strength, Some(Strength::Metadata));
    let told: Vec<_> =
        seen.facts.iter().filter(|fact| fact.kind == ContentFactKind::WordOnly).collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].count.unwrap().0, 1);
    assert_eq!(server.store.asked().iter().filter(|asked| asked.method == "GET").count(), 0);
}

fn sampled(seen: &Observation, files: u64) -> u64 {
    let sample = seen.sample.as_ref().expect("a sample");
    assert_eq!((seen.status, sample.of.0), (Status::Partial, files));
    assert_eq!(seen.digests, None, "a sample has no digest");
    assert_ne!(sample.seed.as_bytes(), &[0; 32]);
    sample.seen.0
}

#[test]
fn of_an_indexed_tree_over_the_budget_a_sample_is_read() {
    let contents: Vec<Vec<u8>> = (0..40).map(|nth| noise(1000, nth)).collect();
    let names: Vec<String> = (0..40).map(|nth| format!("f{nth:02}")).collect();
    let files: Vec<(&str, &[u8])> =
        names.iter().zip(&contents).map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
    let claims = json!({"index": index_ref(), "digest": dir_hash_of(&files)});
    // The hub: files in git, of which it has no SHA-256 to tell.
    let repo = files.iter().fold(Repo::new("models", "org/m"), |r, (path, b)| r.file(path, b));
    let server = HubServer::start(vec![repo]);
    let side = Side::new().with("HF_ENDPOINT", &server.endpoint()).index("a", &files);
    let side = side.max_bytes(35_000);
    let seen = side.one(&format!("hf:models/org/m@{}", commit()), claims.clone());
    let read = sampled(&seen, 40);
    assert!((10..=17).contains(&read), "{read}");
    let fetched = server.hub.asked().iter().filter(|a| a.target.contains("resolve-cache")).count();
    assert_eq!(fetched as u64, read, "what is not drawn is not fetched");
    // A store that has no digests to tell.
    let server = s3::moto();
    s3::bucket(&server, "bucket");
    for (path, bytes) in &files {
        s3::put(&server, &format!("bucket/p/{path}"), s3::PUBLIC, bytes);
    }
    let side = Side::new().with("AWS_ENDPOINT_URL", &server.url()).index("a", &files);
    let side = side.max_bytes(39_000);
    let seen = side.one("s3://bucket/p/", claims.clone());
    assert!((5..=19).contains(&sampled(&seen, 40)), "{seen:?}");
    assert_eq!(seen.sample.unwrap().differing.0, 0);
    // Every file is another one: whichever is drawn differs.
    for (path, _) in &files {
        s3::put(&server, &format!("bucket/p/{path}"), s3::PUBLIC, &noise(1000, 99));
    }
    let seen = side.one("s3://bucket/p/", claims);
    assert_eq!(sampled(&seen, 40), 0);
    assert!(seen.sample.unwrap().differing.0 > 0);
}

#[test]
fn offline_nothing_is_asked() {
    let server = HttpServer::start(|_| Reply::ok("the data"));
    let port = server.port();
    let url = format!("http://127.0.0.1:{port}");
    let mut side = Side::new().with("HF_ENDPOINT", &url).with("AWS_ENDPOINT_URL", &url);
    side.settings.offline = true;
    side.archive = fullsource_collect::source::swh::Archive::At(url.parse().unwrap());
    let (commit, digest) = ("7".repeat(40), "7".repeat(64));
    for locator in [
        format!("https://127.0.0.1:{port}/x"),
        format!("git+https://127.0.0.1:{port}/x@{commit}"),
        format!("hf:models/org/m@{commit}"),
        "s3://bucket/key".to_owned(),
        "s3://bucket/prefix/".to_owned(),
        "gs://bucket/key".to_owned(),
        "az://container/key".to_owned(),
        format!("oci:127.0.0.1:{port}/org/m@sha256:{digest}"),
        format!("swh:1:rev:{commit}"),
    ] {
        let seen = side.one(&locator, json!({"digest": sha256(b"the data")}));
        assert_eq!(seen.status, Status::Skipped, "{locator}: {}", detail(&seen));
        let told = ["offline", "AZURE"].iter().any(|word| detail(&seen).contains(word));
        assert!(told, "{locator}: {}", detail(&seen));
    }
    assert_eq!(server.asked().len(), 0);
}

#[test]
fn a_look_is_stopped_in_its_middle() {
    let slow = |_: &_| Reply { stall: Duration::from_secs(30), ..Reply::ok(vec![7; 100_000]) };
    let late = |_: &_| Reply { delay: Duration::from_secs(30), ..Reply::ok("late") };
    let (slow, late) = (HttpServer::start_tls(slow), HttpServer::start_tls(late));
    let mut side = Side::new().trusting(slow.authority()).trusting(late.authority());
    side.settings.idle = Duration::from_secs(60);
    for server in [&slow, &late] {
        let (progress, flag) = side.progress();
        let locators = ["/1", "/2", "/3"].map(|path| server.url(path).to_string());
        let start = Instant::now();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(300));
                flag.store(true, Ordering::Relaxed);
            });
            let seen = side.try_look(json!([{"id": "a", "locators": locators}]), &progress);
            assert_eq!(seen.unwrap_err(), Stopped);
        });
        assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
        flag.store(false, Ordering::Relaxed);
    }
}

#[test]
fn silence_ends_a_look() {
    let silent = |asked: &http_server::Asked| match asked.target.as_str() {
        "/late" => Reply { delay: Duration::from_secs(20), ..Reply::ok("late") },
        "/stalls" => Reply { stall: Duration::from_secs(20), ..Reply::ok([7; 100]) },
        _ => Reply { stall: Duration::from_secs(20), ..Reply::file(asked, &[7; 4], "\"1\"") },
    };
    let server = HttpServer::start_tls(silent);
    let mut side = Side::new().trusting(server.authority());
    (side.settings.idle, side.settings.tries) = (Duration::from_millis(300), 2);
    for path in ["/late", "/stalls", "/resumes"] {
        let start = Instant::now();
        let seen = side.one(server.url(path).as_str(), json!({"digest": sha256(&[7; 100_000])}));
        assert_eq!(seen.status, Status::Unreachable, "{path}: {}", detail(&seen));
        assert!(start.elapsed() < Duration::from_secs(8), "{path}: {:?}", start.elapsed());
    }
    let late = server.asked().iter().filter(|asked| asked.target == "/late").count();
    assert_eq!(late, 2);
}

#[test]
fn time_is_bounded_over_all_places() {
    let server = HttpServer::start_tls(|_| Reply {
        delay: Duration::from_millis(400),
        ..Reply::ok("the data")
    });
    let mut side = Side::new().trusting(server.authority());
    (side.settings.total, side.jobs) = (Duration::from_secs(1), 1);
    let locators: Vec<_> = (0..6).map(|nth| server.url(&format!("/{nth}")).to_string()).collect();
    let claimed = sha256(b"the data");
    let seen = side.look(json!([{"id": "a", "digest": claimed, "locators": locators}]));
    let good = seen["a"].iter().filter(|seen| is_equal(seen, &claimed)).count();
    assert!((1..=2).contains(&good), "{good}");
    let last = seen["a"].last().unwrap();
    assert_eq!(last.status, Status::Skipped, "{}", detail(last));
}

#[test]
fn a_port_that_is_allowed_allows_no_other() {
    let open = HttpServer::start_tls(|_| Reply::ok("open"));
    let shut = HttpServer::start_tls(|_| Reply::ok("inside"));
    let port = shut.port();
    let outward = HttpServer::start_tls(move |asked| {
        Reply::redirect(302, &format!("https://{}:{port}/", &asked.target[1..]))
    });
    for allowed in ["127.0.0.1", "localhost"] {
        let mut side = Side::new();
        for server in [&open, &shut, &outward] {
            side = side.trusting(server.authority());
        }
        let ports = [open.port(), outward.port()];
        side.settings.allow =
            ports.iter().map(|port| format!("{allowed}:{port}").parse().unwrap()).collect();
        // By name and by address, straight and by a redirect.
        let base = |port: u16| format!("https://{allowed}:{port}");
        assert_equal(&side.one(&base(open.port()), json!({})), &sha256(b"open"));
        for host in ["localhost", "127.0.0.1", "[::ffff:127.0.0.1]", "127.1"] {
            let straight = side.one(&format!("https://{host}:{port}/"), json!({}));
            let redirected = side.one(&format!("{}/{host}", base(outward.port())), json!({}));
            for seen in [straight, redirected] {
                assert_eq!(seen.status, Status::Skipped, "{host}: {}", detail(&seen));
                assert!(detail(&seen).contains("--allow-host"), "{host}: {}", detail(&seen));
            }
        }
    }
    assert_eq!(shut.asked().len(), 0);
}
