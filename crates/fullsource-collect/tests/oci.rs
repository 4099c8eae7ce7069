//! OCI artifacts and images, against a real registry (`docker-registry`).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it cannot go on")]

#[path = "support/cutting_proxy.rs"]
mod cutting_proxy;
#[path = "support/gathering_sink.rs"]
mod gathering_sink;
#[path = "support/registry.rs"]
mod registry;
#[path = "support/server.rs"]
mod server;

use cutting_proxy::{Act, CuttingProxy, Fault};
use fullsource_collect::source::TroubleKind;
use fullsource_format::digest::Sha256;
use fullsource_format::evidence::Access;
use gathering_sink::{Got, bytes};
use registry::{CONFIG, EMPTY, INDEX, LOGIN, Look, MANIFEST, Registry};
use serde_json::json;

fn of(blob: &serde_json::Value) -> Sha256 {
    blob["digest"].as_str().unwrap().strip_prefix("sha256:").unwrap().parse().unwrap()
}

#[test]
fn an_artifact_of_one_layer_is_that_layer() {
    let registry = Registry::open();
    let weights = vec![7; 3_000_000];
    let pushed = registry.manifest(EMPTY, &[registry.titled("model.bin", &weights)]);
    let look = Look::new();
    let told = look.at(&registry.name(), &pushed.digest).unwrap();
    assert_eq!(told.access, Some(Access::Anonymous));
    assert_eq!(told.endpoint.unwrap(), format!("{}/v2/org/model/", registry.server.url()));
    assert_eq!(look.sink.got(), [(String::new(), bytes(&weights))].into());
    // The registry's word on a layer is that it has one of this digest.
    let mut look = Look::new();
    look.sink.most = Some(1000);
    look.at(&registry.name(), &pushed.digest).unwrap();
    assert_eq!(look.sink.got()[""], Got::Word(Sha256::of(&weights)));
}

#[test]
fn layers_with_paths_are_a_tree_and_others_are_the_manifest() {
    let registry = Registry::open();
    let layers =
        ["a.txt", "sub/b.txt", "c d.txt"].map(|title| registry.titled(title, title.as_bytes()));
    let pushed = registry.manifest(EMPTY, &layers);
    let look = Look::new();
    look.at(&registry.name(), &pushed.digest).unwrap();
    let expected = ["a.txt", "sub/b.txt", "c d.txt"].map(|t| (t.to_owned(), bytes(t.as_bytes())));
    assert_eq!(look.sink.got(), expected.into());
    // Not with a path that leaves its directory, two of one path, or one without.
    for titles in [["a", "../b"], ["a", "a"], ["a", "/b"], ["a", ""]] {
        let layers = titles.map(|title| registry.titled(title, title.as_bytes()));
        let pushed = registry.manifest(EMPTY, &layers);
        let look = Look::new();
        look.at(&registry.name(), &pushed.digest).unwrap();
        assert_eq!(look.sink.got()[""], bytes(&pushed.bytes), "{titles:?}");
    }
    for (config, layers) in [(CONFIG, vec![registry.blob("tar", b"layer")]), (EMPTY, Vec::new())] {
        let pushed = registry.manifest(config, &layers);
        let look = Look::new();
        look.at(&registry.name(), &pushed.digest).unwrap();
        assert_eq!(look.sink.got(), [(String::new(), bytes(&pushed.bytes))].into());
    }
}

#[test]
fn an_index_is_itself_once_all_below_it_was_read() {
    let registry = Registry::open();
    let layer = registry.blob("tar", b"for one platform");
    let one = registry.manifest(CONFIG, std::slice::from_ref(&layer));
    let two = registry.manifest(CONFIG, &[registry.blob("tar", b"for another")]);
    let index = registry.push(
        INDEX,
        &json!({
            "schemaVersion": 2, "mediaType": INDEX,
            "manifests": [one.descriptor(), two.descriptor(), one.descriptor()],
        }),
    );
    let look = Look::new();
    look.at(&registry.name(), &index.digest).unwrap();
    assert_eq!(look.sink.got(), [(String::new(), bytes(&index.bytes))].into());
    std::fs::write(registry.file(&of(&layer)), b"for one platform?").unwrap();
    let look = Look::new();
    let trouble = look.at(&registry.name(), &index.digest).unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Faulty, "{trouble}");
    assert!(look.sink.got().is_empty());
}

#[test]
fn a_wrong_blob_is_faulty_and_a_missing_one_absent() {
    for place in ["layer", "config", "manifest"] {
        let registry = Registry::open();
        let layer = registry.titled("x", b"the right bytes");
        let pushed = registry.manifest(EMPTY, std::slice::from_ref(&layer));
        let digest = match place {
            "layer" => of(&layer),
            "config" => Sha256::of(b"{}"),
            _ => pushed.digest,
        };
        let file = registry.file(&digest);
        let mut wrong = std::fs::read(&file).unwrap();
        wrong[1] ^= 1;
        std::fs::write(&file, wrong).unwrap();
        let look = Look::new();
        let trouble = look.at(&registry.name(), &pushed.digest).unwrap_err();
        if place == "manifest" {
            // This registry looks before it gives a manifest, and has none then.
            assert_ne!(trouble.kind, TroubleKind::Closed, "{trouble}");
        } else {
            assert_eq!(trouble.kind, TroubleKind::Faulty, "{place}: {trouble}");
            assert!(trouble.to_string().contains(&digest.to_string()), "{trouble}");
        }
        std::fs::remove_file(&file).unwrap();
        let trouble = look.at(&registry.name(), &pushed.digest).unwrap_err();
        assert_eq!(trouble.kind, TroubleKind::Absent, "{place}: {trouble}");
        assert!(trouble.to_string().contains(&digest.to_string()), "{trouble}");
        assert!(look.sink.got().is_empty(), "{place}");
    }
}

#[test]
fn what_is_not_there_is_absent() {
    let registry = Registry::open();
    let pushed = registry.manifest(EMPTY, &[registry.titled("x", b"x")]);
    let other = format!("{}/no/such", registry.server.address);
    for (name, digest) in [(registry.name(), Sha256::of(b"none")), (other, pushed.digest)] {
        let trouble = Look::new().at(&name, &digest).unwrap_err();
        assert_eq!(trouble.kind, TroubleKind::Absent, "{trouble}");
    }
}

#[test]
fn a_tag_is_resolved_to_the_digest_of_what_it_names() {
    let registry = Registry::open();
    let pushed = registry.manifest(EMPTY, &[registry.titled("x", b"x")]);
    let name = registry.name();
    assert_eq!(Look::new().resolve(&format!("{name}:v1")).unwrap(), pushed.digest);
    assert_eq!(Look::new().resolve(&name).unwrap_err().kind, TroubleKind::Absent);
    let proxy = CuttingProxy::before(registry.server.address);
    proxy.add(Fault::always(Act::Corrupt { at: 3 }));
    let name = format!("{}/org/model:v1", proxy.address());
    assert_eq!(Look::new().resolve(&name).unwrap_err().kind, TroubleKind::Faulty);
}

#[test]
fn a_closed_registry_is_opened_by_its_login() {
    let registry = Registry::with_password();
    let pushed = registry.manifest(EMPTY, &[registry.titled("x", b"x")]);
    let name = registry.name();
    let trouble = Look::new().at(&name, &pushed.digest).unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Closed, "{trouble}");
    let trouble = Look::new().with_login("other.example").at(&name, &pushed.digest).unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Closed, "{trouble}");
    let look = Look::new().with_login(&registry.server.address.to_string());
    assert_eq!(look.at(&name, &pushed.digest).unwrap().access, Some(Access::Credential));
    assert_eq!(look.sink.got()[""], bytes(b"x"));
    assert_eq!(look.resolve(&format!("{name}:v1")).unwrap(), pushed.digest);
}

/// A registry behind a proxy that wants a token, as docker's and GitHub's do.
fn with_tokens(registry: &Registry, anonymous_opens: bool) -> CuttingProxy {
    let proxy = CuttingProxy::before(registry.server.address);
    let token = |text: &str| Act::Answer {
        status: 200,
        headers: Vec::new(),
        body: json!({"token": text}).to_string().into_bytes(),
    };
    let asks = |head: &str| head.starts_with("GET /token?");
    let login = format!("authorization: basic {}", LOGIN.to_lowercase());
    let logged_in = move |head: &str| asks(head) && head.to_lowercase().contains(&login);
    proxy.add(Fault::always(token("whole")).when(logged_in));
    proxy.add(Fault::always(token("anybody")).when(asks));
    let realm = format!(
        "Bearer realm=\"{}/token\",service=\"r\",scope=\"repository:all:pull,push\"",
        proxy.url()
    );
    let challenge = Act::Answer {
        status: 401,
        headers: vec![("WWW-Authenticate".to_owned(), realm)],
        body: Vec::new(),
    };
    let opens = if anonymous_opens { "bearer anybody" } else { "bearer whole" };
    let refused = move |head: &str| !head.to_lowercase().contains(opens);
    proxy.add(Fault::always(challenge).when(refused));
    proxy
}

#[test]
fn tokens_are_asked_for_as_the_registry_says() {
    let registry = Registry::open();
    let pushed = registry.manifest(EMPTY, &[registry.titled("x", b"x")]);
    let proxy = with_tokens(&registry, true);
    let name = format!("{}/org/model", proxy.address());
    let look = Look::new().with_login(&proxy.address().to_string());
    assert_eq!(look.at(&name, &pushed.digest).unwrap().access, Some(Access::Anonymous));
    let heads = proxy.heads();
    let token = heads.iter().find(|head| head.starts_with("GET /token?")).unwrap();
    // Whatever the registry names, no more than this repository is asked for.
    let wanted = "service=r&scope=repository%3Aorg%2Fmodel%3Apull ";
    assert!(token.contains(wanted), "{token}");
    assert!(!heads.iter().any(|head| head.contains(LOGIN)), "the login was not needed");

    let proxy = with_tokens(&registry, false);
    let name = format!("{}/org/model", proxy.address());
    let trouble = Look::new().at(&name, &pushed.digest).unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Closed, "{trouble}");
    let look = Look::new().with_login(&proxy.address().to_string());
    assert_eq!(look.at(&name, &pushed.digest).unwrap().access, Some(Access::Credential));
    assert_eq!(look.sink.got()[""], bytes(b"x"));
}

#[test]
fn a_blob_that_lies_elsewhere_is_asked_for_without_the_token() {
    let registry = Registry::open();
    let pushed = registry.manifest(EMPTY, &[registry.titled("x", b"x")]);
    let proxy = with_tokens(&registry, false);
    let elsewhere = CuttingProxy::before(registry.server.address);
    let to = format!("{}/v2/org/model/blobs/sha256:{}", elsewhere.url(), Sha256::of(b"x"));
    let headers = vec![("Location".to_owned(), to)];
    let blob = format!("/blobs/sha256:{}", Sha256::of(b"x"));
    // The challenge stands before it: this acts on what has the token.
    let asked = move |head: &str| head.contains(&blob);
    proxy.add(Fault::always(Act::Answer { status: 307, headers, body: Vec::new() }).when(asked));
    let name = format!("{}/org/model", proxy.address());
    let look = Look::new().with_login(&proxy.address().to_string());
    look.at(&name, &pushed.digest).unwrap();
    assert_eq!(look.sink.got()[""], bytes(b"x"));
    let heads = elsewhere.heads();
    assert_eq!(heads.len(), 1);
    assert!(!heads[0].to_lowercase().contains("authorization"), "{heads:?}");
}

#[test]
fn a_login_is_not_shown_to_another_site() {
    let registry = Registry::open();
    let pushed = registry.manifest(EMPTY, &[registry.titled("x", b"x")]);
    let proxy = CuttingProxy::before(registry.server.address);
    let thief = CuttingProxy::before(registry.server.address);
    let realm = format!("Bearer realm=\"http://localhost:{}/token\"", thief.address().port());
    proxy.add(Fault::always(Act::Answer {
        status: 401,
        headers: vec![("WWW-Authenticate".to_owned(), realm)],
        body: Vec::new(),
    }));
    thief.add(Fault::always(Act::status(401)));
    let name = format!("{}/org/model", proxy.address());
    let look = Look::new().with_login(&proxy.address().to_string());
    let trouble = look.at(&name, &pushed.digest).unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Closed, "{trouble}");
    assert!(trouble.to_string().contains("another site"), "{trouble}");
    let heads = [proxy.heads(), thief.heads()].concat();
    assert!(!heads.iter().any(|head| head.contains(LOGIN)), "{heads:?}");
    assert!(!thief.heads().is_empty());
    let shown = format!("{trouble:?} {:?}", look.logins);
    assert!(!shown.contains("hush") && !shown.contains(LOGIN), "{shown}");
}

#[test]
fn a_cut_blob_is_taken_up_again_and_a_changed_byte_never_accepted() {
    let registry = Registry::open();
    let weights: Vec<u8> = (0..4_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let layer = registry.titled("w", &weights);
    let pushed = registry.manifest(EMPTY, std::slice::from_ref(&layer));
    let proxy = CuttingProxy::before(registry.server.address);
    let name = format!("{}/org/model", proxy.address());
    let digest = of(&layer).to_string();
    let of_layer = {
        let digest = digest.clone();
        move |head: &str| head.contains("/blobs/") && head.contains(&digest)
    };
    proxy.add(Fault::always(Act::Cut { after: 5_000_000 }).times(3).when(of_layer.clone()));
    let look = Look::new();
    look.at(&name, &pushed.digest).unwrap();
    assert_eq!(look.sink.got()[""], bytes(&weights));
    for act in [
        Act::Corrupt { at: 15_999_999 },
        Act::Shorten { to: 15_999_999 },
        Act::Repeat { at: 8_000_000, bytes: 1 },
    ] {
        proxy.clear();
        proxy.add(Fault::always(act.clone()).when(of_layer.clone()));
        let look = Look::new();
        let trouble = look.at(&name, &pushed.digest).unwrap_err();
        assert_eq!(trouble.kind, TroubleKind::Faulty, "{act:?}: {trouble}");
        assert!(look.sink.got().is_empty());
    }
    for status in [429, 503] {
        proxy.clear();
        proxy.add(Fault::always(Act::status(status)).times(2));
        Look::new().at(&name, &pushed.digest).unwrap();
        proxy.add(Fault::always(Act::status(status)));
        let trouble = Look::new().at(&name, &pushed.digest).unwrap_err();
        assert_eq!(trouble.kind, TroubleKind::Unreachable, "{trouble}");
    }
}

#[test]
fn documents_that_can_be_read_in_two_ways_are_refused() {
    let descriptor =
        json!({"mediaType": "x", "digest": format!("sha256:{}", "a".repeat(64)), "size": 1});
    let foreign = {
        let mut foreign = descriptor.clone();
        foreign["urls"] = json!(["https://elsewhere.example/"]);
        foreign
    };
    let weak =
        json!({"mediaType": "x", "digest": "md5:d41d8cd98f00b204e9800998ecf8427e", "size": 1});
    let documents = [
        json!({"schemaVersion": 2, "config": descriptor, "layers": [], "manifests": []}),
        json!({"schemaVersion": 2, "mediaType": INDEX, "config": descriptor, "layers": []}),
        json!({"schemaVersion": 2, "mediaType": MANIFEST, "manifests": []}),
        json!({"schemaVersion": 1, "config": descriptor, "layers": []}),
        json!({"schemaVersion": 2, "config": descriptor, "layers": [foreign]}),
        json!({"schemaVersion": 2, "config": weak, "layers": []}),
        json!({"schemaVersion": 2}),
        json!([]),
    ];
    let registry = Registry::open();
    let proxy = CuttingProxy::before(registry.server.address);
    let name = format!("{}/org/model", proxy.address());
    for document in documents {
        let body = document.to_string().into_bytes();
        let digest = Sha256::of(&body);
        proxy.clear();
        proxy.add(Fault::always(Act::Answer { status: 200, headers: Vec::new(), body }));
        let trouble = Look::new().at(&name, &digest).unwrap_err();
        assert_eq!(trouble.kind, TroubleKind::Faulty, "{document}: {trouble}");
    }
}
