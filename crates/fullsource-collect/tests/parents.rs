//! Parents against real servers on loopback: each statement once, nothing trusted, nothing taken for
//! absent that was not looked at.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it cannot go on")]

mod support {
    pub mod http_server;
}

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroUsize;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fullsource_collect::cache::Cache;
use fullsource_collect::directory::Directory;
use fullsource_collect::net::{Net, Settings};
use fullsource_collect::parents::{Given, Parents};
use fullsource_collect::progress::Progress;
use fullsource_collect::source::Access;
use fullsource_format::digest::{Digest, DigestSet, Sha256};
use fullsource_format::evidence::{
    Access as Who, ArtifactSeen, ContentFactKind, FILES, Local, Observation, ParentSeen, Status,
    Strength,
};
use fullsource_format::json::UnknownFields;
use fullsource_format::limits;
use fullsource_format::manifest::Manifest;
use jiff::Timestamp;
use serde_json::{Value, json};
use support::http_server::{HttpServer, Reply};

/// A release with these files and artifacts, as the payload of its statement.
fn statement(name: &str, files: &[(&str, &str)], artifacts: &[Value]) -> Vec<u8> {
    let subjects = files.iter().map(|(path, bytes)| {
        json!({ "name": path, "digest": { "sha256": Sha256::of(bytes.as_bytes()).to_string() } })
    });
    let listed = files.iter().map(|(path, bytes)| json!({ "path": path, "size": bytes.len() }));
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subjects.collect::<Vec<_>>(),
        "predicateType": "https://fullsource.dev/model-provenance/v0.1",
        "predicate": {
            "release": { "name": name, "producer": { "name": "Lab" } },
            "files": listed.collect::<Vec<_>>(),
            "artifacts": artifacts,
        },
    });
    serde_json::to_vec(&statement).unwrap()
}

/// An envelope that nobody signed who matters.
fn envelope(payload: &[u8]) -> String {
    let envelope = json!({
        "payload": STANDARD.encode(payload),
        "payloadType": "application/vnd.in-toto+json",
        "signatures": [{ "sig": "AAAA" }],
    });
    envelope.to_string()
}

/// A model that lies at these places.
fn base(id: &str, payload: &[u8], locators: &[String]) -> Value {
    named(id, Sha256::of(payload), locators)
}

fn named(id: &str, sha256: Sha256, locators: &[String]) -> Value {
    json!({ "id": id, "roles": ["model.base"],
            "statement": { "sha256": sha256.to_string(), "locators": locators } })
}

fn manifest(artifacts: &[Value]) -> Manifest {
    let document = json!({
        "release": { "name": "target", "producer": { "name": "Lab" } },
        "artifacts": artifacts,
    });
    Manifest::parse(&serde_json::to_vec(&document).unwrap(), UnknownFields::Refuse).unwrap()
}

fn served(pages: &[(&str, &str)]) -> HttpServer {
    let pages: HashMap<String, String> =
        pages.iter().map(|(path, page)| ((*path).to_owned(), (*page).to_owned())).collect();
    HttpServer::start_tls(move |asked| match pages.get(&asked.target) {
        Some(page) => Reply::ok(page.as_bytes()),
        None => Reply::status(404),
    })
}

fn at(server: &HttpServer, path: &str) -> Vec<String> {
    vec![server.url(path).to_string()]
}

/// How often each path was asked for.
fn asked(server: &HttpServer) -> BTreeMap<String, usize> {
    let mut times = BTreeMap::new();
    for asked in server.asked() {
        *times.entry(asked.target).or_default() += 1;
    }
    times
}

fn trusting(servers: &[&HttpServer]) -> Settings {
    let ca_pem = servers.iter().map(|server| server.authority().as_bytes().to_vec()).collect();
    Settings { ca_pem, ..Settings::danger_loopback() }
}

const TARGET: &[u8] = b"the target";

struct Look<'a> {
    settings: Settings,
    release: Option<&'a Path>,
    given: Vec<Given>,
    seen: Vec<ArtifactSeen>,
    cache: Option<Cache>,
}

impl<'a> Look<'a> {
    fn with(settings: Settings) -> Self {
        Self { settings, release: None, given: Vec::new(), cache: None, seen: Vec::new() }
    }

    fn parents(self, artifacts: &[Value]) -> Vec<ParentSeen> {
        let net = Net::new(self.settings).unwrap();
        let access = Access::from_environment([]).unwrap();
        let (temporary, progress) = (tempfile::tempdir().unwrap(), Progress::default());
        let release = self.release.map(|path| Directory::open(path).unwrap());
        let parents = Parents {
            net: &net,
            access: &access,
            release: release.as_ref(),
            given: &self.given,
            cache: self.cache.as_ref(),
            seen: &self.seen,
            jobs: NonZeroUsize::new(4).unwrap(),
            temporary: temporary.path(),
            progress: &progress,
        };
        let seen = parents.look(Sha256::of(TARGET), &manifest(artifacts)).unwrap();
        assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0);
        seen
    }
}

fn of<'p>(parent: &'p ParentSeen, id: &str) -> &'p Observation {
    let artifact = parent.artifacts.iter().find(|artifact| artifact.id.as_str() == id);
    let artifact = artifact.unwrap_or_else(|| panic!("`{id}` was not looked at: {parent:#?}"));
    artifact.observations.last().unwrap()
}

fn sha256(bytes: &[u8]) -> Option<DigestSet> {
    Some(Digest::Sha256(Sha256::of(bytes)).into())
}

#[test]
fn three_generations_are_followed_each_statement_once() {
    let corpus = served(&[("/corpus.txt", "a corpus")]);
    let oldest = statement(
        "oldest",
        &[("model.safetensors", "old weights"), ("tok/a.txt", "a"), ("tok/b.txt", "b")],
        &[
            json!({ "id": "weights", "roles": ["weights.final"], "files": ["model.safetensors"] }),
            json!({ "id": "tok", "roles": ["tokenizer.model"], "files": ["tok/"] }),
            json!({ "id": "corpus", "roles": ["data.pretraining"],
                    "locators": at(&corpus, "/corpus.txt"),
                    "digest": { "sha256": Sha256::of(b"a corpus").to_string() } }),
        ],
    );
    let third = served(&[
        ("/old/bundle.json", &envelope(&oldest)),
        ("/old/model.safetensors", "old weights"),
        ("/old/tok/a.txt", "a"),
        ("/old/tok/b.txt", "b"),
    ]);
    let middle = statement(
        "middle",
        &[("model.safetensors", "weights")],
        &[
            json!({ "id": "weights", "roles": ["weights.final"], "files": ["model.safetensors"] }),
            base("base", &oldest, &at(&third, "/old/bundle.json")),
        ],
    );
    // Unsigned: the statement itself.
    let second = served(&[
        ("/statement.json", std::str::from_utf8(&middle).unwrap()),
        ("/model.safetensors", "other weights"),
    ]);
    let young = statement(
        "young",
        &[("a.txt", "a")],
        &[
            base("base", &middle, &at(&second, "/statement.json")),
            base("grand", &oldest, &at(&third, "/old/bundle.json")),
        ],
    );
    let lines = format!("{}\n{}\n", envelope(b"{}"), envelope(&young));
    let first = served(&[("/young.jsonl", &lines)]);
    let target = [
        base("base", &young, &at(&first, "/young.jsonl")),
        base("again", &young, &at(&first, "/young.jsonl")),
        base("oldest", &oldest, &at(&third, "/old/bundle.json")),
    ];
    let seen = Look::with(trusting(&[&corpus, &first, &second, &third])).parents(&target);

    let ids: Vec<_> = seen.iter().map(|parent| parent.statement.sha256).collect();
    assert_eq!(ids, [Sha256::of(&young), Sha256::of(&oldest), Sha256::of(&middle)]);
    let texts: Vec<_> = seen.iter().map(|parent| parent.envelope.clone().unwrap()).collect();
    assert_eq!(texts, [lines, envelope(&oldest), String::from_utf8(middle.clone()).unwrap()]);
    for (parent, payload) in seen.iter().zip([&young, &oldest, &middle]) {
        let [found] = &parent.observations[..] else { panic!("{parent:#?}") };
        assert_eq!((found.status, &found.digests), (Status::Seen, &sha256(payload)));
        assert_eq!(found.served, sha256(parent.envelope.as_ref().unwrap().as_bytes()));
        assert!(parent.local.is_none());
    }
    // Its own files lie beside its bundle.
    let weights = of(&seen[1], "weights");
    assert_eq!((weights.locator.as_str(), weights.status), (FILES, Status::Seen));
    assert_eq!(weights.access, Some(Who::Anonymous));
    let sha = weights.digests.as_ref().unwrap().sha256();
    assert_eq!(sha, Some(Sha256::of(b"old weights")));
    let tree = of(&seen[1], "tok").digests.as_ref().unwrap().dir_hash();
    let (a, b) = (Sha256::of(b"a"), Sha256::of(b"b"));
    let lines = [("a.txt", a), ("b.txt", b)];
    assert_eq!(tree, Some(fullsource_format::index::dir_hash(lines).unwrap()));
    assert_eq!(of(&seen[1], "corpus").status, Status::Seen);
    // What lies there is written down as it is.
    let other = of(&seen[2], "weights").digests.as_ref().unwrap().sha256();
    assert_eq!(other, Some(Sha256::of(b"other weights")));
    assert_eq!(asked(&first), BTreeMap::from([("/young.jsonl".to_owned(), 1)]));
    assert_eq!(asked(&second)["/statement.json"], 1);
    assert!(asked(&third).values().all(|times| *times == 1), "{:?}", asked(&third));
}

/// A statement with so many files that an index lists them, and the index.
fn indexed(name: &str, files: &[(&str, &str)], artifacts: &[Value]) -> (Vec<u8>, String) {
    let mut statement: Value = serde_json::from_slice(&statement(name, files, artifacts)).unwrap();
    let line = |(path, bytes): &(&str, &str)| {
        let sha256 = Sha256::of(bytes.as_bytes());
        format!("{{\"path\":\"{path}\",\"size\":{},\"sha256\":\"{sha256}\"}}\n", bytes.len())
    };
    let index: String = files.iter().map(line).collect();
    let read =
        fullsource_format::index::read_index(index.as_bytes(), UnknownFields::Refuse).unwrap();
    let sha256 = Sha256::of(index.as_bytes()).to_string();
    let name = "fullsource.files.jsonl";
    statement["subject"] = json!([{ "name": name, "digest": { "sha256": sha256 } }]);
    let predicate = statement["predicate"].as_object_mut().unwrap();
    predicate.remove("files");
    let root = read.digests.merkle_root.to_string();
    let stated = json!({ "name": name, "sha256": sha256, "size": index.len(), "merkleRoot": root });
    predicate.insert("tree".to_owned(), json!({ "index": stated }));
    (serde_json::to_vec(&statement).unwrap(), index)
}

#[test]
fn the_index_of_a_parent_is_read_beside_its_bundle() {
    let weights =
        json!({ "id": "weights", "roles": ["weights.final"], "files": ["model.safetensors"] });
    let files = [("a.txt", "a"), ("model.safetensors", "weights")];
    let (payload, index) = indexed("base", &files, &[weights]);
    let target = |server: &HttpServer| [base("base", &payload, &at(server, "/m/b.json"))];
    let (bundle, model) = (envelope(&payload), ("/m/model.safetensors", "weights"));
    let good = served(&[("/m/b.json", &bundle), ("/m/fullsource.files.jsonl", &index), model]);
    let directory = tempfile::tempdir().unwrap();
    let cache = || Some(Cache::open(&directory.path().join("cache")).unwrap());
    let look = |server: &HttpServer, cache| {
        let mut seen = Look { cache, ..Look::with(trusting(&[server])) }.parents(&target(server));
        seen.remove(0)
    };
    let seen = look(&good, cache());
    assert_eq!(seen.index.as_ref(), Some(&index));
    assert_eq!(
        of(&seen, "weights").digests.as_ref().unwrap().sha256(),
        Some(Sha256::of(b"weights"))
    );
    assert!(!asked(&good).contains_key("/m/a.txt"));
    // The statement binds its bytes: another run need not ask again.
    assert_eq!(look(&good, cache()).index, Some(index.clone()));
    assert_eq!(asked(&good)["/m/fullsource.files.jsonl"], 1);

    for (other, why) in [
        (index.replace("a.txt", "b.txt"), "not the index that was signed"),
        (index.clone() + "\n", "more than"),
        (String::new(), "not the index that was signed"),
    ] {
        let bad = served(&[("/m/b.json", &bundle), ("/m/fullsource.files.jsonl", &other), model]);
        let seen = look(&bad, None);
        assert_eq!(seen.index, None);
        let weights = of(&seen, "weights");
        assert_eq!(weights.status, Status::Skipped);
        assert!(weights.detail.as_ref().unwrap().as_str().contains(why), "{weights:#?}");
        assert!(!asked(&bad).contains_key("/m/model.safetensors"));
    }
    let gone = look(&served(&[("/m/b.json", &bundle)]), None);
    assert_eq!((gone.index.as_ref(), of(&gone, "weights").status), (None, Status::Skipped));
    // What the statement says to be too large is not asked for.
    let mut huge: Value = serde_json::from_slice(&payload).unwrap();
    huge["predicate"]["tree"]["index"]["size"] = json!(limits::PARENT_INDEX_BYTES + 1);
    let huge = serde_json::to_vec(&huge).unwrap();
    let server = served(&[("/m/b.json", &envelope(&huge)), ("/m/fullsource.files.jsonl", &index)]);
    let seen =
        Look::with(trusting(&[&server])).parents(&[base("base", &huge, &at(&server, "/m/b.json"))]);
    assert_eq!((seen[0].index.as_ref(), asked(&server).len()), (None, 1));
}

#[test]
fn bytes_that_were_read_for_the_child_are_not_read_again() {
    let payload = statement(
        "base",
        &[("model.safetensors", "weights")],
        &[json!({ "id": "weights", "roles": ["weights.final"], "files": ["model.safetensors"] })],
    );
    let server = served(&[("/b.json", &envelope(&payload)), ("/model.safetensors", "weights")]);
    let target = [base("base", &payload, &at(&server, "/b.json"))];
    let read = Observation {
        digests: sha256(b"weights"),
        strength: Some(Strength::Bytes),
        access: Some(Who::Anonymous),
        ..Observation::new("https://mirror.example/w", Timestamp::UNIX_EPOCH, Status::Seen)
    };
    let looked = |read: Observation| {
        let seen = vec![ArtifactSeen { id: "base".parse().unwrap(), observations: vec![read] }];
        Look { seen, ..Look::with(trusting(&[&server])) }.parents(&target)
    };
    let seen = looked(read.clone());
    let weights = of(&seen[0], "weights");
    assert_eq!(weights.locator.as_str(), FILES);
    assert_eq!(weights.endpoint.as_ref().unwrap().as_str(), "https://mirror.example/w");
    assert_eq!((weights.at, &weights.digests), (Timestamp::UNIX_EPOCH, &sha256(b"weights")));
    assert!(!asked(&server).contains_key("/model.safetensors"));
    // What only a credential opened, a host's word, and the disk prove nothing of what is published.
    for other in [
        Observation { access: Some(Who::Credential), ..read.clone() },
        Observation { strength: Some(Strength::Metadata), ..read.clone() },
        Observation { locator: fullsource_format::text::Text::clipped(FILES), ..read },
    ] {
        assert!(of(&looked(other)[0], "weights").at > Timestamp::UNIX_EPOCH);
    }
    assert_eq!(asked(&server)["/model.safetensors"], 3);
}

#[test]
fn trouble_is_written_down_as_what_it_is() {
    let payload = statement("base", &[("a.txt", "a")], &[]);
    let right = envelope(&payload);
    let other = envelope(b"{}");
    let server = HttpServer::start_tls(move |asked| match asked.target.as_str() {
        "/right" => Reply::ok(right.as_bytes()),
        "/other" => Reply::ok(other.as_bytes()),
        "/noise" => Reply::ok("<html>not here</html>"),
        "/binary" => Reply::ok(vec![0xff; 9]),
        "/huge" => Reply { length: Some(limits::ENVELOPE_BYTES + 1), ..Reply::ok("{") },
        path => Reply::status(path[1..].parse().unwrap()),
    });
    let look = |places: &[&str]| {
        let locators: Vec<_> = places.iter().map(|path| server.url(path).to_string()).collect();
        let target = [base("base", &payload, &locators)];
        let mut seen = Look::with(trusting(&[&server])).parents(&target);
        assert_eq!(seen.len(), 1);
        seen.remove(0)
    };
    for (place, status) in [
        ("/404", Status::Absent),
        ("/410", Status::Absent),
        ("/403", Status::Closed),
        ("/503", Status::Unreachable),
        ("/other", Status::Seen),
        ("/noise", Status::Seen),
        ("/binary", Status::Seen),
        ("/huge", Status::Seen),
    ] {
        let parent = look(&[place]);
        let [seen] = &parent.observations[..] else { panic!("{place}: {parent:#?}") };
        assert_eq!(seen.status, status, "{place}: {seen:#?}");
        assert_eq!((&parent.envelope, parent.artifacts.len()), (&None, 0), "{place}");
        let fault = seen.facts.iter().any(|fact| fact.kind == ContentFactKind::Fault);
        assert_eq!(fault, ["/noise", "/binary", "/huge"].contains(&place), "{place}: {seen:#?}");
        let found = if place == "/other" { sha256(b"{}") } else { None };
        assert_eq!(seen.digests, found, "{place}");
    }
    // The first place that has it wins, and the rest is not asked.
    let parent = look(&["/404", "/other", "/right", "/410"]);
    let statuses: Vec<_> = parent.observations.iter().map(|seen| seen.status).collect();
    assert_eq!(statuses, [Status::Absent, Status::Seen, Status::Seen]);
    assert!(parent.envelope.is_some());

    let gone = Settings { tries: 1, ..trusting(&[&server]) };
    let target = [base("base", &payload, &["https://localhost:1/b.json".to_owned()])];
    let seen = Look::with(gone).parents(&target);
    assert_eq!(seen[0].observations[0].status, Status::Unreachable);
    let offline = Settings { offline: true, ..Settings::danger_loopback() };
    let seen = Look::with(offline).parents(&target);
    assert_eq!(seen[0].observations[0].status, Status::Skipped);
}

#[test]
fn what_is_named_but_is_no_statement_is_kept_and_not_followed() {
    let payload = br#"{"_type":"https://in-toto.io/Statement/v1","predicateType":"other"}"#;
    let server = served(&[("/b.json", &envelope(payload))]);
    let seen =
        Look::with(trusting(&[&server])).parents(&[base("base", payload, &at(&server, "/b.json"))]);
    assert_eq!(seen[0].envelope, Some(envelope(payload)));
    assert!(seen[0].artifacts.is_empty());
}

#[test]
fn the_target_is_not_looked_for_among_its_ancestors() {
    let server = served(&[]);
    let payload = statement(
        "base",
        &[("a.txt", "a")],
        &[named("child", Sha256::of(TARGET), &at(&server, "/target.json"))],
    );
    let parent = served(&[("/b.json", &envelope(&payload))]);
    let target = [
        base("base", &payload, &at(&parent, "/b.json")),
        named("self", Sha256::of(TARGET), &at(&server, "/target.json")),
    ];
    let seen = Look::with(trusting(&[&server, &parent])).parents(&target);
    assert_eq!(seen.len(), 1);
    assert!(server.asked().is_empty());
}

/// A chain of so many statements on one server, the youngest last.
fn chain(generations: usize, origin: &str) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = Vec::new();
    for nth in 0..generations {
        let artifacts: Vec<_> = all
            .last()
            .map(|(path, payload)| base("base", payload, &[format!("{origin}{path}")]))
            .into_iter()
            .collect();
        all.push((format!("/{nth}.json"), statement("m", &[("a.txt", "a")], &artifacts)));
    }
    all
}

#[test]
fn generations_are_bounded() {
    let pages: std::sync::Arc<std::sync::OnceLock<HashMap<String, String>>> =
        std::sync::Arc::default();
    let known = pages.clone();
    let server = HttpServer::start_tls(move |asked| {
        match known.get().and_then(|pages| pages.get(&asked.target)) {
            Some(page) => Reply::ok(page.as_bytes()),
            None => Reply::status(404),
        }
    });
    let origin = server.url("").to_string();
    let chain = chain(limits::LINEAGE_DEPTH + 2, origin.trim_end_matches('/'));
    let served = chain.iter().map(|(path, payload)| (path.clone(), envelope(payload))).collect();
    pages.set(served).unwrap();
    let (path, youngest) = chain.last().unwrap();
    let seen =
        Look::with(trusting(&[&server])).parents(&[base("base", youngest, &at(&server, path))]);
    assert_eq!(seen.len(), limits::LINEAGE_DEPTH + 1);
    let found = seen.iter().filter(|parent| parent.envelope.is_some()).count();
    assert_eq!(found, limits::LINEAGE_DEPTH);
    let last = seen.last().unwrap();
    assert_eq!(last.observations[0].status, Status::Skipped);
    assert_eq!(server.asked().len(), limits::LINEAGE_DEPTH);
}

#[test]
fn ancestors_are_bounded() {
    let models: Vec<_> = (0..limits::ANCESTORS + 5)
        .map(|nth| {
            let id = Sha256::of(&nth.to_be_bytes());
            named(&format!("m{nth}"), id, &["https://example.org/b.json".to_owned()])
        })
        .collect();
    let offline = Settings { offline: true, ..Settings::danger_loopback() };
    let seen = Look::with(offline).parents(&models);
    assert_eq!(seen.len(), limits::ANCESTORS);
    assert!(seen.iter().all(|parent| parent.observations[0].status == Status::Skipped));
    // Nor is any number of places of one statement tried.
    let places: Vec<_> = (0..100).map(|nth| format!("https://example.org/{nth}")).collect();
    let offline = Settings { offline: true, ..Settings::danger_loopback() };
    let seen = Look::with(offline).parents(&[base("m", b"m", &places)]);
    assert_eq!(seen[0].observations.len(), 64);
}

#[test]
fn statements_may_lie_in_the_release_or_beside_each_other() {
    let oldest = statement("oldest", &[("a.txt", "a")], &[]);
    let middle =
        statement("middle", &[("a.txt", "a")], &[base("m", &oldest, &["up/old.json".to_owned()])]);
    let server =
        served(&[("/m/b.json", &envelope(&middle)), ("/m/up/old.json", &envelope(&oldest))]);
    let vendored = statement(
        "vendored",
        &[("a.txt", "a")],
        &[json!({ "id": "w", "roles": ["weights.final"], "files": ["a.txt"] })],
    );
    let release = tempfile::tempdir().unwrap();
    std::fs::create_dir(release.path().join("parents")).unwrap();
    std::fs::write(release.path().join("parents/v.json"), envelope(&vendored)).unwrap();
    std::os::unix::fs::symlink("v.json", release.path().join("parents/link.json")).unwrap();
    let target = [
        base("base", &middle, &at(&server, "/m/b.json")),
        base("vendored", &vendored, &["parents/v.json".to_owned()]),
        base("gone", b"gone", &["parents/gone.json".to_owned()]),
        base("linked", b"linked", &["parents/link.json".to_owned()]),
    ];
    let look = Look { release: Some(release.path()), ..Look::with(trusting(&[&server])) };
    let seen = look.parents(&target);
    let statuses: Vec<_> = seen.iter().map(|parent| parent.observations[0].status).collect();
    assert_eq!(statuses[..3], [Status::Seen, Status::Seen, Status::Absent]);
    assert_eq!(statuses[3..], [Status::Unreachable, Status::Seen]);
    assert_eq!(seen[4].observations[0].locator.as_str(), "up/old.json");
    assert_eq!(seen[4].envelope, Some(envelope(&oldest)));
    // Nobody publishes what lies beside a bundle on this disk.
    assert_eq!(of(&seen[1], "w").status, Status::Skipped);
}

#[test]
fn a_document_that_was_given_is_not_looked_for() {
    let corpus = served(&[("/c", "a corpus")]);
    let data = json!({ "id": "c", "roles": ["data.pretraining"], "locators": at(&corpus, "/c") });
    let payload = statement("base", &[("a.txt", "a")], std::slice::from_ref(&data));
    let alone =
        json!({ "release": { "name": "x", "producer": { "name": "y" } }, "artifacts": [data] });
    let alone = alone.to_string();
    let given = |statement: Sha256, text: &str, artifacts: &[&str]| {
        let artifacts = artifacts.iter().map(|id| id.parse().unwrap()).collect();
        Given { statement, text: text.to_owned(), local: Local { artifacts } }
    };
    let documents = vec![
        given(Sha256::of(&payload), &envelope(&payload), &[]),
        given(Sha256::of(alone.as_bytes()), &alone, &["other"]),
    ];
    let target = [base("base", &payload, &at(&corpus, "/nowhere.json"))];
    let seen = Look { given: documents, ..Look::with(trusting(&[&corpus])) }.parents(&target);
    assert_eq!(seen.len(), 2);
    assert!(seen.iter().all(|parent| parent.observations.is_empty() && parent.envelope.is_some()));
    assert!(seen.iter().all(|parent| of(parent, "c").status == Status::Seen));
    let other = Local { artifacts: vec!["other".parse().unwrap()] };
    assert_eq!((&seen[0].local, &seen[1].local), (&Some(Local::default()), &Some(other)));
    assert!(!asked(&corpus).contains_key("/nowhere.json"));
}

#[test]
fn a_document_of_an_earlier_run_stands_in_and_proves_no_presence() {
    let payload = statement("base", &[("a.txt", "a")], &[]);
    let server = served(&[("/b.json", &envelope(&payload))]);
    let target = [base("base", &payload, &at(&server, "/b.json"))];
    let place = tempfile::tempdir().unwrap();
    let cached = |settings| {
        let cache = Some(Cache::open(&place.path().join("cache")).unwrap());
        Look { cache, ..Look::with(settings) }.parents(&target)
    };
    let first = cached(trusting(&[&server]));
    let offline = Settings { offline: true, ..trusting(&[&server]) };
    let second = cached(offline.clone());
    assert_eq!(first[0].envelope, second[0].envelope);
    let statuses = |seen: &[ParentSeen]| -> Vec<Status> {
        seen.iter().flat_map(|parent| &parent.observations).map(|seen| seen.status).collect()
    };
    assert_eq!((statuses(&first), statuses(&second)), (vec![Status::Seen], vec![Status::Skipped]));
    // What was tampered with stands in for nothing.
    for entry in walk(place.path()) {
        let mut bytes = std::fs::read(&entry).unwrap();
        if let Some(last) = bytes.last_mut() {
            *last ^= 1;
        }
        std::fs::write(&entry, bytes).unwrap();
    }
    assert_eq!(cached(offline)[0].envelope, None);
}

fn walk(directory: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(walk(&path)),
            false => files.push(path),
        }
    }
    files
}
