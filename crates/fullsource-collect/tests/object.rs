//! Object stores, against a real S3 server (`moto_server`).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it cannot go on")]

#[path = "support/cutting_proxy.rs"]
mod cutting_proxy;
#[path = "support/gathering_sink.rs"]
mod gathering_sink;
#[path = "support/s3.rs"]
mod s3;
#[path = "support/server.rs"]
mod server;

use std::time::Duration;

use cutting_proxy::{Act, CuttingProxy, Fault};
use fullsource_collect::source::TroubleKind;
use fullsource_format::digest::Sha256;
use fullsource_format::evidence::Access;
use fullsource_format::locator::Store;
use gathering_sink::{Got, bytes};
use s3::{KEY_ID, Look, PRIVATE, PUBLIC, SECRET, bucket, moto, put, shared};

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at as u64).wrapping_mul(2_654_435_761).to_le_bytes()[2]).collect()
}

#[test]
fn a_public_object_is_one_entry_without_a_path() {
    let server = &*shared();
    bucket(server, "one");
    put(server, "one/a.txt", PUBLIC, b"hello");
    let look = Look::at(&server.url()).with_key();
    let told = look.s3("one/a.txt").unwrap();
    assert_eq!(told.access, Some(Access::Anonymous));
    assert_eq!(told.endpoint.unwrap(), format!("{}/", server.url()));
    assert_eq!(look.sink.got(), [(String::new(), bytes(b"hello"))].into());
}

#[test]
fn a_prefix_of_many_pages_is_a_tree() {
    let server = &*shared();
    bucket(server, "many");
    let name = |at: usize| format!("d{}/f{at:04}", at % 7);
    for at in 0..1203 {
        put(server, &format!("many/p/{}", name(at)), PUBLIC, at.to_string().as_bytes());
    }
    put(server, "many/p-not", PUBLIC, b"beside");
    put(server, "many/p/", PUBLIC, b"");
    put(server, "many/p/empty/", PUBLIC, b"");
    put(server, "many/p/d1/", PUBLIC, b"");
    put(server, "many/p/nothing", PUBLIC, b"");
    let look = Look::at(&server.url());
    look.s3("many/p/").unwrap();
    let got = look.sink.got();
    assert_eq!(got.len(), 1204);
    assert_eq!(got["nothing"], bytes(b""));
    for at in 0..1203 {
        assert_eq!(got[&name(at)], bytes(at.to_string().as_bytes()));
    }
}

#[test]
fn keys_hold_whatever_characters_they_like() {
    let server = &*shared();
    bucket(server, "names");
    let names = [
        ("a%20b", "a b"),
        ("a%2Bb", "a+b"),
        ("100%25", "100%"),
        ("%252e", "%2e"),
        ("%C3%A9", "é"),
        ("q%3Fx%3D1%26y", "q?x=1&y"),
        ("%23h", "#h"),
        ("~!*'()", "~!*'()"),
        ("%26lt%3B", "&lt;"),
    ];
    for (encoded, name) in names {
        put(server, &format!("names/p/{encoded}"), PUBLIC, name.as_bytes());
    }
    let look = Look::at(&server.url());
    look.s3("names/p/").unwrap();
    let got = look.sink.got();
    assert_eq!(got.len(), names.len(), "{got:?}");
    for (encoded, name) in names {
        assert_eq!(got.get(name), Some(&bytes(name.as_bytes())), "{name} {:?}", got.keys());
        let one = Look::at(&server.url()).with_key();
        one.s3(&format!("names/p/{encoded}")).unwrap();
        assert_eq!(one.sink.got()[""], bytes(name.as_bytes()), "{name}");
    }
}

/// The library gives no listing at all where one key cannot be a path.
#[test]
fn a_prefix_with_a_key_that_cannot_be_a_path_is_no_tree() {
    let server = &*shared();
    bucket(server, "odd");
    put(server, "odd/p/fine", PUBLIC, b"a");
    put(server, "odd/p/a//b", PUBLIC, b"a");
    let trouble = Look::at(&server.url()).trouble("odd/p/");
    assert_eq!(trouble.kind, TroubleKind::Faulty, "{trouble}");
    assert!(trouble.to_string().contains("p/a//b"), "{trouble}");
    Look::at(&server.url()).s3("odd/p/fine").unwrap();
}

#[test]
fn what_is_not_there_is_absent() {
    let server = &*shared();
    bucket(server, "some");
    put(server, "some/a", PUBLIC, b"a");
    put(server, "some/dir/", PUBLIC, b"");
    let look = Look::at(&server.url());
    for address in ["some/none", "some/a/", "some/none/", "some/dir/", "nobucket/a", "nobucket/"] {
        let trouble = look.trouble(address);
        assert_eq!(trouble.kind, TroubleKind::Absent, "{address}: {trouble}");
    }
    assert!(look.trouble("nobucket/a").detail.as_str().contains("NoSuchBucket"));
}

#[test]
fn a_private_object_is_closed_or_opened_by_a_credential() {
    let server = &*shared();
    bucket(server, "shut");
    put(server, "shut/p/a", PRIVATE, b"mine");
    put(server, "shut/p/b", PUBLIC, b"ours");
    for address in ["shut/p/a", "shut/p/"] {
        let trouble = Look::at(&server.url()).trouble(address);
        assert_eq!(trouble.kind, TroubleKind::Closed, "{address}: {trouble}");
        let look = Look::at(&server.url()).with_key();
        let told = look.s3(address).unwrap();
        assert_eq!(told.access, Some(Access::Credential), "{address}");
    }
    // Cloudflare's store does not understand what has no signature.
    let proxy = CuttingProxy::before(server.address);
    let unsigned = |head: &str| !head.to_lowercase().contains("\r\nauthorization:");
    proxy.add(Fault::always(Act::status(400)).when(unsigned));
    let trouble = Look::at(&proxy.url()).trouble("shut/p/a");
    assert_eq!(trouble.kind, TroubleKind::Unreachable, "{trouble}");
    let look = Look::at(&proxy.url()).with_key();
    assert_eq!(look.s3("shut/p/a").unwrap().access, Some(Access::Credential));
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    let file = format!("[p]\naws_access_key_id={KEY_ID}\naws_secret_access_key={SECRET}\n");
    std::fs::write(home.path().join(".aws/credentials"), file).unwrap();
    let look = Look::at(&server.url()).with("HOME", home.path().to_str().unwrap());
    let look = look.with("AWS_PROFILE", "p");
    assert_eq!(look.s3("shut/p/a").unwrap().access, Some(Access::Credential));
}

/// moto holds a signature against its own users only when told so, and then has no anonymous ones: the
/// proxy is what refuses them, as S3 does.
#[test]
fn signatures_are_those_that_s3_makes_and_secrets_are_shown_nowhere() {
    let server = moto();
    let iam = |query: &str| {
        let scope = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/iam/aws4_request";
        let headers =
            [("authorization", scope), ("content-type", "application/x-www-form-urlencoded")];
        let answer = server.ask("POST", "/", &headers, query.as_bytes());
        assert_eq!(answer.status, 200, "{query}: {}", String::from_utf8_lossy(&answer.body));
        String::from_utf8(answer.body).unwrap()
    };
    let between = |text: &str, from: &str, to: &str| {
        text.split_once(from).unwrap().1.split_once(to).unwrap().0.to_owned()
    };
    iam("Action=CreateUser&Version=2010-05-08&UserName=u");
    let policy = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A\
                  %22Allow%22%2C%22Action%22%3A%22s3%3A%2A%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D";
    iam(&format!(
        "Action=PutUserPolicy&Version=2010-05-08&UserName=u&PolicyName=p&PolicyDocument={policy}"
    ));
    let made = iam("Action=CreateAccessKey&Version=2010-05-08&UserName=u");
    let id = between(&made, "<AccessKeyId>", "</AccessKeyId>");
    let secret = between(&made, "<SecretAccessKey>", "</SecretAccessKey>");
    bucket(&server, "signed");
    // No other names: moto holds signatures against addresses that it has decoded.
    put(&server, "signed/p/mine.txt", PRIVATE, b"mine");
    assert_eq!(server.ask("POST", "/moto-api/reset-auth", &[], b"0").status, 200);
    let proxy = CuttingProxy::before(server.address);
    let unsigned = |head: &str| !head.to_lowercase().contains("\r\nauthorization:");
    proxy.add(Fault::always(Act::status(403)).when(unsigned));

    let look = Look::at(&proxy.url()).with("AWS_ACCESS_KEY_ID", &id);
    let look = look.with("AWS_SECRET_ACCESS_KEY", &secret);
    assert_eq!(look.s3("signed/").unwrap().access, Some(Access::Credential));
    assert_eq!(look.sink.got()["p/mine.txt"], bytes(b"mine"));

    for (id, code) in [(id.as_str(), "SignatureDoesNotMatch"), (KEY_ID, "InvalidAccessKeyId")] {
        let look = Look::at(&proxy.url()).with("AWS_ACCESS_KEY_ID", id);
        let look = look.with("AWS_SECRET_ACCESS_KEY", SECRET);
        for address in ["signed/", "signed/p/mine.txt"] {
            let trouble = look.trouble(address);
            assert_eq!(trouble.kind, TroubleKind::Closed, "{trouble}");
            assert!(trouble.to_string().contains(code), "{trouble}");
            let shown = format!("{trouble} {trouble:?} {:?}", look.environment());
            assert!(!shown.contains(SECRET) && !shown.contains(id), "{shown}");
        }
    }
}

#[test]
fn a_large_object_comes_whole_over_a_connection_that_is_cut() {
    let server = &*shared();
    let large = pattern(50_000_000);
    bucket(server, "large");
    put(server, "large/x", PUBLIC, &large);
    let proxy = CuttingProxy::before(server.address);
    proxy.add(Fault::always(Act::Cut { after: 9_000_001 }).times(5));
    let look = Look::at(&proxy.url());
    look.s3("large/x").unwrap();
    assert_eq!(look.sink.got()[""], bytes(&large));
    let heads = proxy.heads();
    assert!(heads[1].to_lowercase().contains("\r\nrange: bytes=9000001-"), "{heads:?}");
    assert!(heads.len() >= 6, "{heads:?}");
}

#[test]
fn an_object_that_changes_between_two_pieces_is_read_again_from_its_start() {
    let server = &*shared();
    bucket(server, "change");
    put(server, "change/x", PUBLIC, &pattern(2_000_000));
    let proxy = CuttingProxy::before(server.address);
    proxy.add(Fault::always(Act::Cut { after: 1_000_000 }).times(1));
    // What comes in place of the rest, once: the object was replaced.
    let other = pattern(2_000_001);
    let replaced = |head: &str| head.to_lowercase().contains("\r\nrange:");
    proxy.add(Fault::always(Act::status(412)).when(replaced));
    put(server, "change/x", PUBLIC, &other);
    let look = Look::at(&proxy.url());
    look.s3("change/x").unwrap();
    assert_eq!(look.sink.got()[""], bytes(&other));
    proxy.clear();
    proxy.add(Fault::always(Act::status(412)).when(replaced));
    proxy.add(Fault::always(Act::Cut { after: 1_000_000 }));
    let trouble = look.trouble("change/x");
    assert_eq!(trouble.kind, TroubleKind::Faulty, "{trouble}");
}

#[test]
fn a_truncated_or_prolonged_answer_is_never_the_object() {
    let server = &*shared();
    bucket(server, "cut");
    put(server, "cut/x", PUBLIC, &pattern(100_000));
    for act in [
        Act::Cut { after: 1000 },
        Act::Cut { after: 0 },
        Act::HangUp,
        Act::Delay(Duration::from_secs(3)),
    ] {
        let proxy = CuttingProxy::before(server.address);
        proxy.add(Fault::always(act.clone()));
        let mut look = Look::at(&proxy.url());
        look.settings.idle = Duration::from_secs(1);
        look.settings.tries = 2;
        let trouble = look.trouble("cut/x");
        assert_eq!(trouble.kind, TroubleKind::Unreachable, "{act:?}: {trouble}");
        assert!(look.sink.got().is_empty());
    }
    // The listing's size is not the answer's.
    let proxy = CuttingProxy::before(server.address);
    proxy.add(Fault::always(Act::Corrupt { at: 77_777 }));
    let look = Look::at(&proxy.url());
    look.s3("cut/x").unwrap();
    assert_ne!(look.sink.got()[""], bytes(&pattern(100_000)), "what came is what is told");
}

#[test]
fn a_busy_store_is_asked_again_and_then_is_unreachable() {
    let server = &*shared();
    bucket(server, "busy");
    put(server, "busy/x", PUBLIC, b"x");
    for status in [429, 500, 503] {
        let proxy = CuttingProxy::before(server.address);
        proxy.add(Fault::always(Act::status(status)).times(3));
        Look::at(&proxy.url()).s3("busy/x").unwrap();
        proxy.add(Fault::always(Act::status(status)));
        for address in ["busy/x", "busy/"] {
            let trouble = Look::at(&proxy.url()).trouble(address);
            assert_eq!(trouble.kind, TroubleKind::Unreachable, "{trouble}");
            assert!(trouble.to_string().contains(&status.to_string()), "{trouble}");
        }
    }
}

#[test]
fn a_bucket_in_another_region_is_followed_there_once() {
    let server = &*shared();
    bucket(server, "far");
    put(server, "far/x", PRIVATE, b"x");
    let proxy = CuttingProxy::before(server.address);
    let moved = Act::Answer {
        status: 301,
        headers: vec![("x-amz-bucket-region".to_owned(), "eu-west-7".to_owned())],
        body: Vec::new(),
    };
    let elsewhere = |head: &str| head.contains("/us-east-1/s3/");
    proxy.add(Fault::always(moved.clone()).when(elsewhere));
    let look = Look::at(&proxy.url()).with_key();
    assert_eq!(look.s3("far/x").unwrap().access, Some(Access::Credential));
    proxy.clear();
    proxy.add(Fault::always(moved));
    let trouble = look.trouble("far/x");
    assert_eq!(trouble.kind, TroubleKind::Unreachable, "{trouble}");
}

#[test]
fn over_the_budget_the_store_gives_its_word_where_it_has_one() {
    let server = &*shared();
    bucket(server, "word");
    let checksum = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
    let headers = [
        ("x-amz-acl", PUBLIC),
        ("x-amz-sdk-checksum-algorithm", "SHA256"),
        ("x-amz-checksum-sha256", checksum),
        ("content-type", "application/octet-stream"),
    ];
    assert_eq!(server.ask("PUT", "/word/p/x", &headers, b"hello").status, 200);
    put(server, "word/y", PUBLIC, b"hello");
    for (address, path) in [("word/p/x", ""), ("word/p/", "x")] {
        for look in [Look::at(&server.url()), Look::at(&server.url()).with_key()] {
            let mut look = look;
            look.sink.most = Some(4);
            look.s3(address).unwrap();
            assert_eq!(look.sink.got()[path], Got::Word(Sha256::of(b"hello")));
        }
    }
    let mut look = Look::at(&server.url());
    look.sink.most = Some(4);
    assert_eq!(look.trouble("word/y").kind, TroubleKind::Skipped);
}

#[test]
fn bytes_are_charged_and_forbidden_addresses_are_not_asked() {
    let server = &*shared();
    bucket(server, "cost");
    put(server, "cost/p/x", PUBLIC, &pattern(200_000));
    for address in ["cost/p/x", "cost/p/"] {
        let mut look = Look::at(&server.url());
        look.settings.max_bytes = 100_000;
        let trouble = look.trouble(address);
        assert_eq!(trouble.kind, TroubleKind::Skipped, "{trouble}");
        assert!(trouble.to_string().contains("--max-bytes"), "{trouble}");
    }
    let mut look = Look::at(&server.url());
    look.settings.allow.clear();
    assert_eq!(look.trouble("cost/p/x").kind, TroubleKind::Skipped);
    let mut look = Look::at(&server.url());
    look.settings.offline = true;
    assert_eq!(look.trouble("cost/p/x").kind, TroubleKind::Skipped);
    // What a credential costs is charged and guarded alike: the metadata service is not asked.
    put(server, "cost/shut", PRIVATE, b"x");
    let look = Look::at(&server.url()).with("AWS_METADATA_ENDPOINT", "http://169.254.169.254");
    let trouble = look.trouble("cost/shut");
    assert_eq!(trouble.kind, TroubleKind::Closed, "{trouble}");
    assert!(trouble.to_string().contains("169.254.169.254"), "{trouble}");
}

/// Cloud Storage's XML API is the same for these questions.
#[test]
fn cloud_storage_is_asked_the_same_way() {
    let server = &*shared();
    bucket(server, "cloud");
    put(server, "cloud/p/a%20b", PUBLIC, b"hello");
    let look = Look::at("").with("GOOGLE_BASE_URL", &server.url());
    let told = look.look(Store::Gs, "cloud/p/").unwrap();
    assert_eq!(told.access, Some(Access::Anonymous));
    assert_eq!(look.sink.got(), [("a b".to_owned(), bytes(b"hello"))].into());
    let look = Look::at("").with("GOOGLE_BASE_URL", &server.url());
    look.look(Store::Gs, "cloud/p/a%20b").unwrap();
    put(server, "cloud/shut", PRIVATE, b"hello");
    let trouble = look.look(Store::Gs, "cloud/shut").unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Closed, "{trouble}");
    let look = Look::at("").with("GOOGLE_BASE_URL", &server.url());
    let look = look.with("GOOGLE_BEARER_TOKEN", "hush-hush");
    assert_eq!(look.look(Store::Gs, "cloud/shut").unwrap().access, Some(Access::Credential));
}

#[test]
fn a_container_without_an_account_is_not_looked_for() {
    let trouble = Look::at("").look(Store::Az, "container/key").unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Skipped);
    assert!(trouble.to_string().contains("AZURE_STORAGE_ACCOUNT_NAME"), "{trouble}");
}
