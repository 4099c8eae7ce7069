//! Every fault of a connection, before every protocol's real server: what comes to be written down is
//! the truth.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it cannot go on")]
#![allow(unreachable_pub, reason = "shared with other tests")]

#[path = "support/cutting_proxy.rs"]
mod cutting_proxy;
#[path = "support/gathering_sink.rs"]
mod gathering_sink;
#[path = "support/git_repository.rs"]
#[allow(dead_code)]
mod git_repository;
#[path = "support/git_server.rs"]
#[allow(dead_code)]
mod git_server;
#[path = "support/http_server.rs"]
mod http_server;
#[path = "support/hub_repo.rs"]
mod hub_repo;
#[path = "support/hub_server.rs"]
mod hub_server;
#[path = "support/places.rs"]
mod places;
#[path = "support/registry.rs"]
mod registry;
#[path = "support/s3.rs"]
mod s3;
#[path = "support/server.rs"]
mod server;
#[path = "support/tls_front.rs"]
mod tls_front;

use std::net::SocketAddr;
use std::time::Duration;

use cutting_proxy::{Act, CuttingProxy, Fault};
use fullsource_format::evidence::{Observation, Status};
use git_repository::Repository;
use git_server::GitServer;
use http_server::{HttpServer, Reply};
use hub_repo::Repo;
use hub_server::HubServer;
use places::{Side, dir_hash_of, is_equal, noise, sha256};
use serde_json::{Value, json};
use tls_front::TlsFront;

const SIZE: usize = 100_000;
/// How long the other side may say nothing.
const IDLE: Duration = Duration::from_millis(1500);
const LONG: Duration = Duration::from_millis(2500);

/// One artifact behind a proxy.
struct Behind {
    side: Side,
    proxy: CuttingProxy,
    locator: String,
    claimed: Value,
    /// What stands in the head of the request for the bytes.
    data: &'static str,
}

impl Behind {
    fn look(&self) -> Observation {
        self.side.one(&self.locator, json!({"digest": self.claimed}))
    }

    fn fault(&self, act: &Act, times: usize, on: &'static str) {
        self.proxy.clear();
        let fits = move |head: &str| head.lines().next().is_some_and(|line| line.contains(on));
        self.proxy.add(Fault::always(act.clone()).times(times).when(fits));
    }
}

fn side() -> Side {
    let mut side = Side::new();
    (side.settings.idle, side.settings.tries) = (IDLE, 3);
    side
}

fn busy(status: u16) -> Act {
    let headers = vec![("retry-after".to_owned(), "0".to_owned())];
    Act::Answer { status, headers, body: b"busy".to_vec() }
}

/// What may pass.
fn passing() -> Vec<Act> {
    let middle = SIZE as u64 / 2;
    vec![
        Act::Cut { after: 0 },
        Act::Cut { after: 3 },
        Act::Cut { after: middle },
        Act::Delay(Duration::from_millis(50)),
        Act::Corrupt { at: 0 },
        Act::Corrupt { at: 40 },
        Act::Corrupt { at: middle },
        Act::Shorten { to: 20 },
        Act::Shorten { to: middle },
        Act::Repeat { at: 64, bytes: 30 },
        Act::Repeat { at: middle, bytes: 1000 },
        busy(429),
        busy(500),
        busy(503),
        Act::HangUp,
    ]
}

/// A fault that passes leaves no trace; one that stays is never taken for the content, and never for
/// its absence.
fn suffers(behind: &Behind) {
    let seen = behind.look();
    assert!(is_equal(&seen, &behind.claimed), "undisturbed: {seen:#?}");
    for act in passing() {
        // What came twice as the same is what is there.
        let bends = matches!(act, Act::Corrupt { .. } | Act::Shorten { .. } | Act::Repeat { .. });
        let twice = (if bends { 1 } else { 2 }, behind.data);
        for (times, on) in [(1, ""), (1, behind.data), twice] {
            behind.fault(&act, times, on);
            let seen = behind.look();
            assert!(is_equal(&seen, &behind.claimed), "{act:?}, {times} times, `{on}`: {seen:#?}");
        }
        behind.fault(&act, usize::MAX, behind.data);
        let seen = behind.look();
        let said = format!("{act:?}, always: {seen:#?}");
        match act {
            Act::Delay(_) => assert!(is_equal(&seen, &behind.claimed), "{said}"),
            Act::Answer { .. } | Act::HangUp => {
                assert_eq!((seen.status, &seen.digests), (Status::Unreachable, &None), "{said}");
            }
            Act::Cut { after } if after < 4 => {
                assert_eq!((seen.status, &seen.digests), (Status::Unreachable, &None), "{said}");
            }
            // Half of the rest each time comes to an end.
            Act::Cut { .. } => assert!(
                seen.status == Status::Unreachable || is_equal(&seen, &behind.claimed),
                "{said}"
            ),
            _ => {
                let known = matches!(seen.status, Status::Seen | Status::Unreachable);
                // What is held against an id loses nothing by a fault beside the content.
                let beside = known && is_equal(&seen, &behind.claimed) && behind.data == "POST";
                assert!(beside || (known && !is_equal(&seen, &behind.claimed)), "{said}");
            }
        }
    }
    for act in [Act::Delay(LONG), Act::Stall { after: SIZE as u64 / 2, pause: LONG }] {
        behind.fault(&act, 1, behind.data);
        let seen = behind.look();
        assert!(is_equal(&seen, &behind.claimed), "{act:?}, once: {seen:#?}");
    }
}

fn local(port: u16) -> SocketAddr {
    format!("127.0.0.1:{port}").parse().unwrap()
}

#[test]
fn an_https_file() {
    for tag in ["\"strong\"", "W/\"weak\""] {
        let content = noise(SIZE, 1);
        let claimed = sha256(&content);
        let server = HttpServer::start(move |asked| Reply::file(asked, &content, tag));
        let proxy = CuttingProxy::before(local(server.port()));
        let front = TlsFront::before(proxy.address());
        let locator = format!("https://{}/data", front.address);
        let side = side().trusting(&front.authority);
        suffers(&Behind { side, proxy, locator, claimed, data: "GET" });
    }
}

#[test]
fn an_archive() {
    let content = noise(SIZE, 2);
    let files: &[(&str, &[u8])] = &[("a", b"small"), ("b", &content)];
    let (claimed, archive) = (dir_hash_of(files), places::tar_gz(files));
    let server = HttpServer::start(move |asked| Reply::file(asked, &archive, "\"strong\""));
    let proxy = CuttingProxy::before(local(server.port()));
    let front = TlsFront::before(proxy.address());
    let locator = format!("https://{}/data", front.address);
    let side = side().trusting(&front.authority);
    suffers(&Behind { side, proxy, locator, claimed, data: "GET" });
}

#[test]
fn a_git_repository() {
    let (_kept, root) = git_server::root();
    let repository = Repository::init(&root.join("it"), "sha1");
    repository.write("a", "small");
    repository.write("b", noise(SIZE, 3));
    let commit = repository.commit("first");
    let claimed = json!({"gitCommit": commit, "gitTree": repository.id("HEAD^{tree}")});
    let git = GitServer::start(&root);
    let port = git.url("", "").split([':', '/']).nth(4).unwrap().parse().unwrap();
    let proxy = CuttingProxy::before(local(port));
    let front = TlsFront::before(proxy.address());
    let locator = format!("git+https://{}/plain/it@{commit}", front.address);
    let side = side().trusting(&front.authority);
    suffers(&Behind { side, proxy, locator, claimed, data: "POST" });
}

#[test]
fn a_repository_of_the_hub() {
    let content = noise(SIZE, 4);
    let claimed = dir_hash_of(&[("README.md", b"hi"), ("w.bin", &content)]);
    let repo = Repo::new("models", "org/m").file("README.md", b"hi").file("w.bin", &content);
    let commit = repo.commit.clone();
    let server = HubServer::start(vec![repo]);
    let proxy = CuttingProxy::before(local(server.hub.port()));
    let locator = format!("hf:models/org/m@{commit}");
    let side = side().with("HF_ENDPOINT", &proxy.url());
    suffers(&Behind { side, proxy, locator, claimed, data: "w.bin" });
}

#[test]
fn an_object() {
    let server = s3::moto();
    let content = noise(SIZE, 5);
    s3::bucket(&server, "bucket");
    s3::put(&server, "bucket/data", s3::PUBLIC, &content);
    let proxy = CuttingProxy::before(server.address);
    let side = side().with("AWS_ENDPOINT_URL", &proxy.url());
    let (locator, claimed) = ("s3://bucket/data".to_owned(), sha256(&content));
    suffers(&Behind { side, proxy, locator, claimed, data: "/data" });
}

#[test]
fn an_artifact_of_a_registry() {
    let registry = registry::Registry::open();
    let content = noise(SIZE, 6);
    let pushed = registry.manifest(registry::EMPTY, &[registry.titled("model.bin", &content)]);
    let proxy = CuttingProxy::before(registry.server.address);
    let locator = format!("oci:{}/org/model@sha256:{}", proxy.address(), pushed.digest);
    let claimed = sha256(&content);
    suffers(&Behind { side: side(), proxy, locator, claimed, data: "/blobs/" });
}

/// What has no end said, no length and no chunks, cannot be told from a shorter one: it is looked at
/// again where it is not what is claimed.
#[test]
fn a_body_without_a_length() {
    let content = noise(SIZE, 7);
    let claimed = sha256(&content);
    let server = HttpServer::start(move |_| Reply::ok(content.clone()));
    let proxy = CuttingProxy::before(local(server.port()));
    let front = TlsFront::before(proxy.address());
    let locator = format!("https://{}/data", front.address);
    let side = side().trusting(&front.authority);
    let behind = Behind { side, proxy, locator, claimed, data: "GET" };
    for (times, equal) in [(1, true), (usize::MAX, false)] {
        behind.fault(&Act::Shorten { to: 1000 }, times, "");
        assert_eq!(is_equal(&behind.look(), &behind.claimed), equal, "{times}");
    }
}
