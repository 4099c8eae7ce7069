//! Hub repositories, against a hub on loopback.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it cannot go on")]

mod support {
    pub mod http_server;
    pub mod hub_look;
    pub mod hub_repo;
    pub mod hub_server;
}

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use fullsource_collect::net::{Net, Settings};
use fullsource_collect::progress::Progress;
use fullsource_collect::source::hub::{self, Gate as Terms, HubAccess, HubPlace, Resolved};
use fullsource_collect::source::{Context, Trouble, TroubleKind};
use fullsource_format::digest::Sha256;
use fullsource_format::evidence::Access;
use fullsource_format::index::dir_hash;
use fullsource_format::locator::HubKind;
use support::http_server::{HttpServer, Reply};
use support::hub_look::{Kept, Look, access, contents, mixed};
use support::hub_repo::{Gate, Repo};
use support::hub_server::{Fault, HubServer, MEMBER, STRANGER};

/// No token ever left the hub's origin.
fn assert_no_token_leaked(server: &HubServer) {
    let leaked = |asked: &support::http_server::Asked| asked.headers.contains_key("authorization");
    assert!(!server.store.asked().iter().any(leaked));
}

#[test]
fn every_file_of_the_commit_comes_with_its_own_bytes() {
    let repo = mixed();
    let server = HubServer::start(vec![repo.clone()]);
    let (told, files) = Look::at(&server, &repo).token(MEMBER).seen();
    assert_eq!(files, contents(&repo));
    let digest = |files: &BTreeMap<String, Vec<u8>>| {
        dir_hash(files.iter().map(|(path, bytes)| (path.as_str(), Sha256::of(bytes)))).unwrap()
    };
    assert_eq!(digest(&files), digest(&contents(&repo)));
    assert_eq!(told.access, Some(Access::Anonymous));
    assert_eq!(told.endpoint.unwrap(), format!("{}org/name", server.endpoint()));
    // A token that nobody asked for is not sent.
    assert!(!server.hub.asked().iter().any(|asked| asked.headers.contains_key("authorization")));
}

#[test]
fn a_data_set_with_a_bare_name_is_found() {
    let repo =
        Repo::new("datasets", "squad").file("train.csv", b"a,b\n").lfs("x/y.parquet", b"PAR1");
    let server = HubServer::start(vec![repo.clone()]);
    assert_eq!(Look::at(&server, &repo).seen().1, contents(&repo));
}

#[test]
fn a_path_selects_a_file_or_a_directory() {
    let repo = mixed();
    let server = HubServer::start(vec![repo.clone()]);
    let seen = |path| Look::at(&server, &repo).path(path).seen().1;
    let expected = [
        ("-", b"dash".to_vec()),
        ("Gr\u{f6}\u{df}e #1?%41&+.txt", b"odd".to_vec()),
        ("deep/er/data.bin", vec![7; 70_000]),
    ];
    assert_eq!(seen("a b"), expected.map(|(path, bytes)| (path.to_owned(), bytes)).into());
    assert_eq!(seen("a b/deep/er"), [("data.bin".to_owned(), vec![7; 70_000])].into());
    assert_eq!(seen("a b/Gr\u{f6}\u{df}e #1?%41&+.txt"), [(String::new(), b"odd".to_vec())].into());
    for path in ["nothing", "a b/nothing", "README.md/x", "a"] {
        let trouble = Look::at(&server, &repo).path(path).trouble();
        assert_eq!(trouble.kind, TroubleKind::Absent, "{path}: {trouble}");
    }
}

#[test]
fn five_hundred_files_come_in_pages() {
    let mut repo = Repo::new("models", "org/many").page(37);
    for number in 0..500 {
        repo = repo.file(&format!("part/{number:03}.txt"), format!("{number}").as_bytes());
    }
    let server = HubServer::start(vec![repo.clone()]);
    assert_eq!(Look::at(&server, &repo).seen().1, contents(&repo));
    let pages = server.hub.asked().iter().filter(|asked| asked.target.contains("/tree/")).count();
    assert_eq!(pages, 501_usize.div_ceil(37));
}

/// A hub with one repository whose listing is what a test says.
fn listing(answer: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Trouble {
    let repo = Repo::new("models", "org/name").file("a", b"a");
    let asked_before = AtomicUsize::new(0);
    let commit = repo.commit.clone();
    let hub = HttpServer::start(move |asked| {
        if asked.target.contains("/tree/") {
            return answer(asked_before.fetch_add(1, Ordering::Relaxed));
        }
        Reply::ok(serde_json::json!({ "sha": commit }).to_string())
    });
    let net = Net::new(Settings::danger_loopback()).unwrap();
    let context = Context {
        net: &net,
        progress: &Progress::default(),
        threads: NonZeroUsize::MIN,
        temporary: Path::new("/nonexistent"),
    };
    let commit = repo.commit.parse().unwrap();
    let place = HubPlace { kind: HubKind::Models, name: repo.name, commit, path: None };
    let endpoint = hub.url("").to_string();
    let access =
        HubAccess::from_environment(&|name| (name == "HF_ENDPOINT").then(|| endpoint.clone()));
    hub::look(&place, &access.unwrap(), &context, &Kept::default()).unwrap_err()
}

#[test]
fn a_listing_that_has_no_end_or_no_sense_is_not_read() {
    let next = |link: String| Reply::ok("[]").header("link", &format!("<{link}>; rel=\"next\""));
    for trouble in [
        listing(move |_| next("/t?cursor=same".to_owned())),
        listing(move |count| next(format!("/t?cursor={count}"))),
        listing(move |_| next("/t?page=2".to_owned())),
        listing(|_| Reply::ok("<html>")),
        listing(|_| Reply::ok(r#"[{"type":"file","path":"../x","size":1,"oid":""}]"#)),
        listing(|_| Reply::ok(r#"[{"type":"file","path":"x","size":-1,"oid":""}]"#)),
    ] {
        assert_eq!(trouble.kind, TroubleKind::Faulty, "{trouble}");
    }
}

#[test]
fn a_host_that_is_no_hub_says_nothing_of_a_repository() {
    assert_eq!(listing(|_| Reply::status(404)).kind, TroubleKind::Unreachable);
    let refusal = |_| Reply::status(404).header("x-error-code", "RevisionNotFound");
    assert_eq!(listing(refusal).kind, TroubleKind::Absent);
}

#[test]
fn a_gated_repository_opens_to_the_token_and_to_nobody_else() {
    for gate in [Gate::Files, Gate::All] {
        let repo = mixed().gate(gate);
        let server = HubServer::start(vec![repo.clone()]);
        let trouble = Look::at(&server, &repo).trouble();
        assert_eq!(trouble.kind, TroubleKind::Closed);
        assert!(trouble.detail.as_str().contains("accept the terms at"), "{trouble}");
        assert_eq!(Look::at(&server, &repo).token(STRANGER).trouble().kind, TroubleKind::Closed);
        assert_eq!(Look::at(&server, &repo).token("hf_wrong").trouble().kind, TroubleKind::Closed);
        let (told, files) = Look::at(&server, &repo).token(MEMBER).seen();
        assert_eq!((told.access, files), (Some(Access::Credential), contents(&repo)));
        assert!(server.hub.asked().iter().any(|asked| asked.headers.contains_key("authorization")));
        assert_no_token_leaked(&server);
    }
}

#[test]
fn a_private_repository_is_closed_and_missing_is_said_only_to_a_token() {
    let repo = mixed().gate(Gate::Private);
    let none = Repo::new("models", "org/none");
    let server = HubServer::start(vec![repo.clone()]);
    let (told, files) = Look::at(&server, &repo).token(MEMBER).seen();
    assert_eq!((told.access, files), (Some(Access::Credential), contents(&repo)));
    // The hub says the same of both to whom it does not know, and to strangers.
    for repo in [&repo, &none] {
        assert_eq!(Look::at(&server, repo).trouble().kind, TroubleKind::Closed);
        assert_eq!(Look::at(&server, repo).token("hf_wrong").trouble().kind, TroubleKind::Closed);
        assert_eq!(Look::at(&server, repo).token(STRANGER).trouble().kind, TroubleKind::Absent);
    }
    assert_eq!(Look::at(&server, &none).token(MEMBER).trouble().kind, TroubleKind::Absent);
    assert_no_token_leaked(&server);
}

#[test]
fn a_disabled_repository_is_closed() {
    let repo = mixed().gate(Gate::Disabled);
    let server = HubServer::start(vec![repo.clone()]);
    let trouble = Look::at(&server, &repo).token(MEMBER).trouble();
    assert_eq!(trouble.kind, TroubleKind::Closed);
    assert!(trouble.detail.as_str().contains("disabled"), "{trouble}");
}

#[test]
fn a_commit_that_is_not_there_or_is_a_tag_object_is_absent() {
    let tag = "1".repeat(40);
    let mut repo = mixed();
    repo.refs.push(tag.clone());
    let server = HubServer::start(vec![repo.clone()]);
    for commit in ["0".repeat(40), tag] {
        let look = Look { commit: &commit, ..Look::at(&server, &repo) };
        let trouble = look.trouble();
        assert_eq!(trouble.kind, TroubleKind::Absent, "{commit}: {trouble}");
    }
}

#[test]
fn bytes_that_are_not_what_the_hub_lists_are_asked_for_once_more() {
    for path in ["config.json", "model.safetensors"] {
        for fault in [Fault::Wrong, Fault::Longer, Fault::OtherCommit] {
            if path == "model.safetensors" && matches!(fault, Fault::OtherCommit) {
                continue;
            }
            let repo = mixed();
            let server = HubServer::start(vec![repo.clone()]);
            server.fault(path, fault, 1);
            assert_eq!(Look::at(&server, &repo).seen().1, contents(&repo));
            server.fault(path, fault, 2);
            let trouble = Look::at(&server, &repo).trouble();
            assert_eq!(trouble.kind, TroubleKind::Faulty, "{trouble}");
            assert!(trouble.detail.as_str().contains(path), "{trouble}");
        }
    }
}

#[test]
fn what_is_listed_and_not_served_is_absent() {
    for path in ["config.json", "model.safetensors"] {
        let repo = mixed();
        let server = HubServer::start(vec![repo.clone()]);
        server.fault(path, Fault::Missing, 1);
        assert_eq!(Look::at(&server, &repo).trouble().kind, TroubleKind::Absent);
    }
}

#[test]
fn a_file_store_that_refuses_does_not_get_the_token() {
    let repo = mixed();
    let server = HubServer::start(vec![repo.clone()]);
    server.fault("model.safetensors", Fault::Status(403), 1);
    let trouble = Look::at(&server, &repo).token(MEMBER).trouble();
    assert_eq!(trouble.kind, TroubleKind::Closed, "{trouble}");
    assert!(!trouble.detail.as_str().contains("f00"), "no signature is shown: {trouble}");
    assert!(!server.hub.asked().iter().any(|asked| asked.headers.contains_key("authorization")));
}

#[test]
fn a_cut_body_is_taken_up_where_it_broke() {
    let repo = mixed();
    let server = HubServer::start(vec![repo.clone()]);
    server.fault("model.safetensors", Fault::Cut(12_345), 2);
    server.fault("README.md", Fault::Cut(3), 1);
    assert_eq!(Look::at(&server, &repo).seen().1, contents(&repo));
    let ranges = server.store.asked().iter().filter(|asked| asked.from().is_some()).count();
    assert!(ranges >= 1, "only the rest is asked for");
}

#[test]
fn a_busy_hub_is_waited_for_and_a_dead_one_is_unreachable() {
    let repo = mixed();
    let server = HubServer::start(vec![repo.clone()]);
    let tree = format!("/api/models/org/name/tree/{}", repo.commit);
    server.fault(&tree, Fault::Status(429), 2);
    server.fault("config.json", Fault::Status(503), 2);
    server.fault("model.safetensors", Fault::Status(429), 1);
    assert_eq!(Look::at(&server, &repo).seen().1, contents(&repo));
    server.fault("config.json", Fault::Status(503), 9);
    assert_eq!(Look::at(&server, &repo).trouble().kind, TroubleKind::Unreachable);
}

#[test]
fn the_hubs_word_is_taken_of_large_files_only() {
    let repo = mixed().file("large.txt", &[b'x'; 2000]);
    let server = HubServer::start(vec![repo.clone()]);
    let sink = Kept { word_over: Some(1000), ..Kept::default() };
    Look::at(&server, &repo).hand_to(&sink).unwrap();
    let words = sink.words.into_inner().unwrap();
    let expected = ["a b/deep/er/data.bin", "model.safetensors"];
    assert!(words.keys().eq(expected), "{words:?}");
    for (path, digests) in words {
        assert_eq!(digests.sha256(), Some(Sha256::of(&repo.files[&path].bytes)));
    }
    let asked = server.store.asked();
    assert!(asked.is_empty(), "nothing of them is read");
    // What is kept in git has no word of a strong digest.
    let files = sink.files.into_inner().unwrap();
    assert_eq!((files.len(), files["large.txt"].len()), (6, 2000));
}

#[test]
fn the_hubs_word_is_taken_only_of_what_it_would_serve() {
    let repo = Repo::new("models", "org/name").lfs("a", b"weights").gate(Gate::Files);
    let server = HubServer::start(vec![repo.clone()]);
    let look = |token: Option<&str>| {
        let sink = Kept { word_over: Some(0), ..Kept::default() };
        Look { token, ..Look::at(&server, &repo) }.hand_to(&sink)
    };
    // It is listed to everybody.
    assert_eq!(look(None).unwrap_err().kind, TroubleKind::Closed);
    assert_eq!(look(Some(MEMBER)).unwrap().access, Some(Access::Credential));
    for (fault, kind) in
        [(Fault::OtherLink, TroubleKind::Faulty), (Fault::Missing, TroubleKind::Absent)]
    {
        server.fault("a", fault, 1);
        assert_eq!(look(Some(MEMBER)).unwrap_err().kind, kind);
    }
    server.fault("a", Fault::NoLink, 9);
    look(Some(MEMBER)).unwrap();
    assert!(server.store.asked().is_empty());
}

#[test]
fn a_submodule_is_named_by_its_commit() {
    let mut repo = mixed();
    let commit = "5".repeat(40);
    repo.submodules.push(("a b/other".to_owned(), commit.clone()));
    let server = HubServer::start(vec![repo.clone()]);
    let sink = Kept::default();
    Look::at(&server, &repo).path("a b").hand_to(&sink).unwrap();
    let submodules = sink.submodules.into_inner().unwrap();
    assert_eq!(submodules, [("other".to_owned(), commit.parse().unwrap())].into());
    let trouble = Look::at(&server, &repo).path("a b/other").trouble();
    assert_eq!(trouble.kind, TroubleKind::Faulty, "{trouble}");
}

#[test]
fn no_text_shows_the_token() {
    let repo = mixed().gate(Gate::All);
    let server = HubServer::start(vec![repo.clone()]);
    for token in [STRANGER, "hf_wrong"] {
        let shown = format!("{:?}", Look::at(&server, &repo).token(token).trouble());
        assert!(!shown.contains(token), "{shown}");
        assert!(!format!("{:?}", access(&server, Some(token))).contains(token));
    }
}

fn resolve(
    server: &HubServer,
    repo: &Repo,
    revision: Option<&str>,
    token: Option<&str>,
) -> Result<Resolved, Trouble> {
    let net = Net::new(Settings::danger_loopback()).unwrap();
    hub::resolve(HubKind::Models, repo.name, revision, &access(server, token), &net)
}

#[test]
fn a_revision_is_pinned_with_its_terms() {
    let mut repo = mixed().gate(Gate::Files);
    repo.refs.push("refs/pr/1".to_owned());
    repo.card = serde_json::json!({
        "license": "other", "license_name": "own-terms", "license_link": "LICENSE", "tags": [1]
    });
    let server = HubServer::start(vec![repo.clone()]);
    for revision in [None, Some("main"), Some("refs/pr/1"), Some(repo.commit.as_str())] {
        let found = resolve(&server, &repo, revision, None).unwrap();
        assert_eq!(found.commit.to_string(), repo.commit);
        assert_eq!((found.gated, found.access), (Terms::Automatic, Access::Anonymous));
        assert_eq!(found.licenses, ["other"]);
        assert_eq!(found.license_name.as_deref(), Some("own-terms"));
        assert_eq!(found.license_link.as_deref(), Some("LICENSE"));
    }
    let trouble = resolve(&server, &repo, Some("v2"), None).unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Absent);
}

#[test]
fn a_revision_behind_a_gate_needs_the_token() {
    let mut repo = mixed().gate(Gate::All);
    repo.card = serde_json::json!({ "license": ["mit", "cc0-1.0"] });
    let server = HubServer::start(vec![repo.clone()]);
    let trouble = resolve(&server, &repo, None, None).unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Closed);
    let found = resolve(&server, &repo, None, Some(MEMBER)).unwrap();
    assert_eq!((found.gated, found.access), (Terms::Manual, Access::Credential));
    assert_eq!(found.licenses, ["mit", "cc0-1.0"]);
    for name in ["../x", "", "a//b"] {
        let odd = Repo { name, ..repo.clone() };
        assert_eq!(resolve(&server, &odd, None, None).unwrap_err().kind, TroubleKind::Absent);
    }
}

/// Starts a hub for a program that judges it, says where it is and what it holds, and ends with its
/// input: `tests/judges/hub.py`.
#[test]
#[ignore = "serves until its input ends"]
fn serve() {
    let open = mixed().page(2);
    let data =
        Repo::new("datasets", "squad").file("train.csv", b"a,b\n").lfs("x/y.bin", &[9; 5000]);
    let gated = Repo { name: "org/gated", ..mixed().gate(Gate::Files) };
    let private = Repo { name: "org/private", ..mixed().gate(Gate::Private) };
    let disabled = Repo { name: "org/disabled", ..mixed().gate(Gate::Disabled) };
    let repos = vec![open, data, gated, private, disabled];
    let told: Vec<_> = repos
        .iter()
        .map(|repo| {
            let files = contents(repo).into_iter();
            let files: BTreeMap<_, _> =
                files.map(|(path, bytes)| (path, Sha256::of(&bytes).to_string())).collect();
            serde_json::json!({ "kind": repo.kind, "name": repo.name, "commit": repo.commit, "files": files })
        })
        .collect();
    let server = HubServer::start(repos);
    let told = serde_json::json!({ "endpoint": server.endpoint(), "repos": told });
    let mut out = std::io::stdout();
    // Behind what the test harness writes before it.
    writeln!(out, "\nHUB {told}").unwrap();
    out.flush().unwrap();
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    assert_no_token_leaked(&server);
}
