//! Software Heritage ids, against an archive on loopback.

#![allow(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

mod support {
    pub mod http_server;
}

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use fullsource_collect::net::{Net, Settings};
use fullsource_collect::progress::Progress;
use fullsource_collect::source::swh::{self, Archive};
use fullsource_collect::source::{Context, Told, Trouble, TroubleKind};
use fullsource_format::evidence::Access;
use support::http_server::{Asked, HttpServer, Reply};

const KNOWN: &str = "swh:1:rev:3b18e512dba79e4c8300dd08aeb37f8e728b8dad";
const UNKNOWN: &str = "swh:1:cnt:0000000000000000000000000000000000000000";

fn look(id: &str, archive: &Archive) -> Result<Told, Trouble> {
    let net = Net::new(Settings::danger_loopback()).unwrap();
    let (progress, threads) = (Progress::default(), NonZeroUsize::MIN);
    let temporary = Path::new("/nonexistent");
    swh::look(id, archive, &Context { net: &net, progress: &progress, threads, temporary })
}

/// Answers as the archive's documentation says.
fn known(asked: &Asked) -> Reply {
    if (asked.method.as_str(), asked.target.as_str()) != ("POST", "/api/1/known/") {
        return Reply::status(404);
    }
    let ids: Vec<String> = serde_json::from_slice(&asked.body).unwrap();
    let said = |id: String| (id.clone(), serde_json::json!({ "known": id == KNOWN }));
    let said: serde_json::Map<_, _> = ids.into_iter().map(said).collect();
    Reply::ok(serde_json::Value::from(said).to_string())
}

fn at(server: &HttpServer) -> Archive {
    Archive::At(server.url("/"))
}

#[test]
fn nobody_is_asked_unless_it_is_wanted() {
    let trouble = look(KNOWN, &Archive::NotAsked).unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Skipped);
    assert!(trouble.detail.as_str().contains("--ask-software-heritage"));
    assert!(swh::ARCHIVE.parse::<url::Url>().is_ok());
}

#[test]
fn the_archive_says_what_it_knows() {
    let server = HttpServer::start(known);
    let told = look(KNOWN, &at(&server)).unwrap();
    assert_eq!(told.access, Some(Access::Anonymous));
    assert_eq!(told.endpoint.unwrap(), server.url("/").to_string());
    assert!(told.digests.is_none() && told.served.is_none(), "no bytes were seen");
    assert_eq!(look(UNKNOWN, &at(&server)).unwrap_err().kind, TroubleKind::Absent);
}

#[test]
fn an_archive_that_has_had_enough_is_asked_again_and_then_unreachable() {
    let asked = AtomicUsize::new(0);
    let busy = move |times: usize| asked.fetch_add(1, Ordering::Relaxed) < times;
    let server = HttpServer::start(move |asked| {
        if busy(2) { Reply::status(429).header("retry-after", "0") } else { known(asked) }
    });
    assert!(look(KNOWN, &at(&server)).is_ok());
    let server = HttpServer::start(|_| Reply::status(429));
    assert_eq!(look(KNOWN, &at(&server)).unwrap_err().kind, TroubleKind::Unreachable);
}

#[test]
fn what_is_no_archive_says_nothing_of_an_id() {
    for reply in [
        Reply::status(404),
        Reply::ok("<html>"),
        Reply::ok("{}"),
        Reply::ok(format!(r#"{{"{KNOWN}":{{}}}}"#)),
    ] {
        let server = HttpServer::start(move |_| reply.clone());
        assert_eq!(look(KNOWN, &at(&server)).unwrap_err().kind, TroubleKind::Unreachable);
    }
    let server = HttpServer::start(|_| Reply::status(403));
    assert_eq!(look(KNOWN, &at(&server)).unwrap_err().kind, TroubleKind::Closed);
}
