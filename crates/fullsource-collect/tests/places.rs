//! The look at every place of a manifest: each scheme, against real servers on loopback.

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

use cutting_proxy::CuttingProxy;
use fullsource_collect::source::swh::Archive;
use fullsource_format::evidence::{Access, ContentFactKind, Observation, Status, Strength};
use git_repository::Repository;
use git_server::GitServer;
use http_server::{HttpServer, Reply};
use hub_repo::{Gate, Repo};
use hub_server::{HubServer, MEMBER};
use places::{Side, assert_equal, dir_hash_of, faults, index_ref, sha256, tar_gz};
use serde_json::{Value, json};
use tls_front::TlsFront;

const FILES: &[(&str, &[u8])] = &[("a.txt", b"one\n"), ("sub/b.txt", b"two\n")];

fn digest(claimed: &Value) -> Value {
    json!({"digest": claimed})
}

/// What every good look at bytes says.
#[track_caller]
fn assert_seen(seen: &Observation, claimed: &Value) {
    assert_equal(seen, claimed);
    assert_eq!(seen.strength, Some(Strength::Bytes));
    assert_eq!(seen.access, Some(Access::Anonymous));
    assert_eq!((&seen.detail, &seen.route, &seen.sample), (&None, &None, &None));
    assert_eq!(faults(seen), [""; 0]);
}

#[test]
fn what_https_serves_is_a_file_or_an_archive_as_it_is_claimed() {
    let archive = tar_gz(FILES);
    let served = archive.clone();
    let server = HttpServer::start_tls(move |_| Reply::ok(served.clone()));
    let side = Side::new().trusting(server.authority());
    let url = server.url("/x.tar.gz?token=hush").to_string();
    // A file.
    let claimed = sha256(&archive);
    let seen = side.one(&url, digest(&claimed));
    assert_seen(&seen, &claimed);
    assert_eq!((seen.served, seen.size.unwrap().0), (None, archive.len() as u64));
    assert!(!seen.endpoint.unwrap().as_str().contains("hush"));
    // A tree: also by an index alone.
    let tree = dir_hash_of(FILES);
    let seen = side.one(&url, digest(&tree));
    assert_seen(&seen, &tree);
    assert_eq!(serde_json::to_value(&seen.served).unwrap()["sha256"], claimed["sha256"]);
    assert_eq!(seen.size.unwrap().0, 8);
    let indexed = Side::new().trusting(server.authority()).index("a", FILES);
    let seen = indexed.one(&url, json!({"index": index_ref(), "digest": tree}));
    assert_seen(&seen, &tree);
    // A member, and what lies below a directory.
    let seen = side.one(&format!("{url}#path=sub/b.txt"), digest(&sha256(b"two\n")));
    assert_seen(&seen, &sha256(b"two\n"));
    let below = dir_hash_of(&[("b.txt", b"two\n")]);
    assert_seen(&side.one(&format!("{url}#path=sub"), digest(&below)), &below);
    let seen = side.one(&format!("{url}#path=none"), digest(&below));
    assert_eq!(seen.status, Status::Absent);
    // A locator with a digest of its own.
    let pinned = json!([{"id": "a", "digest": tree, "locators": [{"uri": url, "sha256": claimed["sha256"]}]}]);
    let seen = side.look(pinned).remove("a").unwrap().remove(0);
    assert_seen(&seen, &tree);
    assert_eq!(serde_json::to_value(&seen.served).unwrap()["sha256"], claimed["sha256"]);
}

#[test]
fn an_archive_is_held_against_its_index() {
    let more: &[(&str, &[u8])] = &[FILES[0], FILES[1], ("extra", b"not meant")];
    for (files, tree, fault) in [
        (more, dir_hash_of(FILES), "extra does not stand in the index"),
        (&FILES[..1], dir_hash_of(FILES), "sub/b.txt stands in the index and is not there"),
    ] {
        let served = tar_gz(files);
        let server = HttpServer::start_tls(move |_| Reply::ok(served.clone()));
        let side = Side::new().trusting(server.authority()).index("a", FILES);
        let url = server.url("/x").to_string();
        let seen = side.one(&url, json!({"index": index_ref(), "digest": tree}));
        assert!(faults(&seen).iter().any(|told| told == fault), "{:?}", faults(&seen));
        assert_eq!(places::is_equal(&seen, &tree), files.len() == 3, "extra files do not count");
    }
}

#[test]
fn git_is_seen_over_https_and_from_allowed_directories() {
    let (_kept, root) = git_server::root();
    let repository = Repository::init(&root.join("it"), "sha1");
    FILES.iter().for_each(|(path, bytes)| repository.write(path, bytes));
    let commit = repository.commit("first");
    let tree = repository.id("HEAD^{tree}");
    repository.git(["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let git = GitServer::start(&root);
    let port = git.url("", "").split(':').nth(2).unwrap().split('/').next().unwrap().to_owned();
    let proxy = CuttingProxy::before(format!("127.0.0.1:{port}").parse().unwrap());
    let front = TlsFront::before(proxy.address());
    let side = Side::new().trusting(&front.authority);
    let claimed =
        json!({"gitCommit": commit, "gitTree": tree, "dirHash": dir_hash_of(FILES)["dirHash"]});
    let locator = format!("git+https://{}/plain/it@{commit}", front.address);
    assert_seen(&side.one(&locator, digest(&claimed)), &claimed);
    let one = sha256(b"two\n");
    assert_seen(&side.one(&format!("{locator}#path=sub/b.txt"), digest(&one)), &one);
    let none = format!("git+https://{}/plain/it@{}", front.address, "7".repeat(40));
    assert_eq!(side.one(&none, digest(&claimed)).status, Status::Absent);
    // A directory of this machine: only below those that were allowed, and never public.
    let file = format!("git+file://{}@{commit}", repository.path.display());
    let seen = side.one(&file, digest(&claimed));
    assert_eq!(seen.status, Status::Skipped);
    assert!(seen.detail.unwrap().as_str().contains("--allow-path"));
    let mut side = side;
    side.directories.push(root.canonicalize().unwrap());
    let seen = side.one(&file, digest(&claimed));
    assert_equal(&seen, &claimed);
    assert_eq!(seen.access, Some(Access::Credential));
    let outside = std::fs::canonicalize("/tmp").unwrap();
    let outside = format!("git+file://{}@{commit}", outside.display());
    assert_eq!(side.one(&outside, digest(&claimed)).status, Status::Skipped);
}

fn hub(files: &[(&str, &[u8])]) -> HubServer {
    let model = files.iter().fold(Repo::new("models", "org/m"), |repo, (path, bytes)| {
        if path.ends_with(".bin") { repo.lfs(path, bytes) } else { repo.file(path, bytes) }
    });
    let gated = Repo::new("datasets", "org/d").file("x", b"shut").gate(Gate::Files);
    HubServer::start(vec![model, gated])
}

#[test]
fn the_hub_is_seen_at_a_commit() {
    let files: &[(&str, &[u8])] = &[FILES[0], ("w.bin", b"weights")];
    let server = hub(files);
    let commit = Repo::new("models", "org/m").commit;
    let side = Side::new().with("HF_ENDPOINT", &server.endpoint());
    let (tree, locator) = (dir_hash_of(files), format!("hf:models/org/m@{commit}"));
    let seen = side.one(&locator, digest(&tree));
    assert_seen(&seen, &tree);
    assert!(seen.endpoint.unwrap().as_str().starts_with(&server.endpoint()));
    let one = sha256(b"weights");
    assert_seen(&side.one(&format!("{locator}#path=w.bin"), digest(&one)), &one);
    // The hub tells no modes: no tree id is made up.
    let claimed = json!({"gitTree": "0".repeat(40)});
    let seen = side.one(&locator, digest(&claimed));
    assert_eq!(seen.status, Status::Seen);
    assert!(serde_json::to_value(&seen.digests).unwrap().get("gitTree").is_none());
    // Behind a gate: closed, and open to a member, whom the evidence does not name.
    let gated = format!("hf:datasets/org/d@{commit}");
    let tree = dir_hash_of(&[("x", b"shut")]);
    assert_eq!(side.one(&gated, digest(&tree)).status, Status::Closed);
    let seen = side.with("HF_TOKEN", MEMBER).one(&gated, digest(&tree));
    assert_equal(&seen, &tree);
    assert_eq!(seen.access, Some(Access::Credential));
    assert!(!serde_json::to_string(&seen).unwrap().contains(MEMBER));
}

#[test]
fn a_repository_of_the_hub_is_held_against_its_index() {
    let commit = Repo::new("models", "org/m").commit;
    let locator = format!("hf:models/org/m@{commit}");
    let tree = dir_hash_of(FILES);
    for (files, fault) in [
        (&[FILES[0], FILES[1], ("x.bin", b"not meant")][..], "x.bin does not stand in the index"),
        (&[FILES[0], FILES[1], ("x.txt", b"not meant")][..], "x.txt does not stand in the index"),
        (&FILES[..1], "sub/b.txt stands in the index and is not there"),
    ] {
        let server = hub(files);
        let side = Side::new().with("HF_ENDPOINT", &server.endpoint()).index("a", FILES);
        let seen = side.one(&locator, json!({"index": index_ref(), "digest": tree}));
        assert!(faults(&seen).iter().any(|told| told == fault), "{:?}", faults(&seen));
        assert_eq!(places::is_equal(&seen, &tree), files.len() == 3);
        // What is not meant is not fetched.
        let asked = server.hub.asked().iter().any(|asked| asked.target.contains("/x."));
        assert!(!asked, "{:?}", server.hub.asked());
    }
}

#[test]
fn an_object_and_all_below_a_prefix_are_seen() {
    let server = s3::moto();
    s3::bucket(&server, "bkt");
    for (path, bytes) in FILES {
        s3::put(&server, &format!("bkt/p/{path}"), s3::PUBLIC, bytes);
    }
    s3::put(&server, "bkt/shut", s3::PRIVATE, b"shut");
    let side = Side::new().with("AWS_ENDPOINT_URL", &server.url());
    let tree = dir_hash_of(FILES);
    assert_seen(&side.one("s3://bkt/p/", digest(&tree)), &tree);
    assert_seen(&side.one("s3://bkt/p/a.txt", digest(&sha256(b"one\n"))), &sha256(b"one\n"));
    assert_eq!(side.one("s3://bkt/none", digest(&tree)).status, Status::Absent);
    let shut = sha256(b"shut");
    assert_eq!(side.one("s3://bkt/shut", digest(&shut)).status, Status::Closed);
    let side = side.with("AWS_ACCESS_KEY_ID", s3::KEY_ID).with("AWS_SECRET_ACCESS_KEY", s3::SECRET);
    let seen = side.one("s3://bkt/shut", digest(&shut));
    assert_equal(&seen, &shut);
    assert_eq!(seen.access, Some(Access::Credential));
    let text = serde_json::to_string(&seen).unwrap();
    assert!(!text.contains(s3::SECRET) && !text.contains(s3::KEY_ID), "{text}");
    // Exactly the files of an index, where there are others.
    s3::put(&server, "bkt/p/extra", s3::PUBLIC, b"not meant");
    let side = side.index("a", FILES);
    let seen = side.one("s3://bkt/p/", json!({"index": index_ref(), "digest": tree}));
    assert_equal(&seen, &tree);
    assert!(faults(&seen).contains(&"extra does not stand in the index".to_owned()));
}

#[test]
fn an_artifact_of_a_registry_is_seen_by_its_digest() {
    let registry = registry::Registry::open();
    let weights = vec![7; 300_000];
    let pushed = registry.manifest(registry::EMPTY, &[registry.titled("model.bin", &weights)]);
    let claimed = sha256(&weights);
    let locator = format!("oci:{}@sha256:{}", registry.name(), pushed.digest);
    let seen = Side::new().one(&locator, digest(&claimed));
    assert_seen(&seen, &claimed);
    let served = serde_json::to_value(&seen.served).unwrap();
    assert_eq!(served["sha256"], pushed.digest.to_string());
    let none = format!("oci:{}@sha256:{}", registry.name(), "7".repeat(64));
    assert_eq!(Side::new().one(&none, digest(&claimed)).status, Status::Absent);
}

#[test]
fn software_heritage_gives_its_word_where_it_is_asked() {
    let id = format!("swh:1:cnt:{}", "7".repeat(40));
    let answer = json!({&id: {"known": true}}).to_string();
    let server = HttpServer::start(move |_| Reply::ok(answer.clone()));
    let mut side = Side::new();
    assert_eq!(side.one(&id, json!({})).status, Status::Skipped);
    assert_eq!(server.asked().len(), 0);
    side.archive = Archive::At(server.url("/"));
    let seen = side.one(&id, json!({}));
    assert_eq!((seen.status, seen.strength), (Status::Seen, Some(Strength::Metadata)));
    assert_eq!(seen.digests, None);
}

#[test]
fn what_cannot_be_read_is_there_and_is_no_content() {
    let server = HttpServer::start_tls(|_| Reply::ok("<!DOCTYPE html>"));
    let side = Side::new().trusting(server.authority());
    let seen = side.one(server.url("/x.tar").as_str(), digest(&dir_hash_of(FILES)));
    assert_eq!((seen.status, &seen.digests, &seen.strength), (Status::Seen, &None, &None));
    assert_eq!(faults(&seen).len(), 1);
    assert!(seen.facts.iter().all(|fact| fact.kind == ContentFactKind::Fault));
}
