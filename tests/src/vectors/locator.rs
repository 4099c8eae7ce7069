//! Locators, good and bad, as the only locator of an artifact.

use serde_json::{Value, json};

use super::case::{Case, case};
use super::release::Release;
use super::seal::text;

const SHA1: &str = "3b18e512dba79e4c8300dd08aeb37f8e728b8dad";
const SHA256: &str = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321";

/// Name, rule, and a locator in which `SHA1` and `SHA256` stand for commits and digests.
const GOOD: &[(&str, &str, &str)] = &[
    ("relative", "loc-2", "data/train.txt"),
    ("relative-directory", "loc-2", "data/"),
    ("relative-colon", "loc-2", "data/a:b"),
    ("https", "loc-6", "https://example.org/t.tar"),
    ("https-port-and-query", "loc-6", "https://example.org:8443/t.tar?a=b"),
    ("https-path", "loc-5", "https://example.org/t.tar#path=src/main.rs"),
    ("https-path-escaped", "loc-5", "https://example.org/t.tar#path=a%20b%C3%A9"),
    ("https-at-in-path", "loc-7", "https://example.org/@lab/t.tar"),
    ("git-https", "loc-8", "git+https://example.org/t.git@SHA1"),
    ("git-https-sha256", "loc-8", "git+https://example.org/t.git@SHA256#path=src"),
    ("git-file", "loc-8", "git+file:///srv/t.git@SHA1"),
    ("hf-model", "loc-9", "hf:models/lab/toy@SHA1"),
    ("hf-model-without-org", "loc-9", "hf:models/gpt2@SHA1"),
    ("hf-dataset", "loc-9", "hf:datasets/lab/texts@SHA1#path=train"),
    ("s3", "loc-6", "s3://bucket/key"),
    ("gs", "loc-6", "gs://bucket/a/b"),
    ("az", "loc-6", "az://container/blob"),
    ("oci", "loc-10", "oci:registry.example.org/lab/toy@sha256:SHA256"),
    ("oci-slashes", "loc-10", "oci://registry.example.org/lab/toy@sha256:SHA256"),
    ("swh-directory", "loc-11", "swh:1:dir:SHA1"),
    ("swh-revision", "loc-11", "swh:1:rev:SHA1"),
    ("swh-content", "loc-11", "swh:1:cnt:SHA1"),
];

/// The same for locators that are refused.
const BAD: &[(&str, &str, &str)] = &[
    ("empty", "loc-2", ""),
    ("relative-dot-dot", "loc-2", "../data"),
    ("relative-absolute", "loc-2", "/srv/data"),
    ("relative-drive", "loc-2", "c:/data"),
    ("scheme-http", "loc-3", "http://example.org/t.tar"),
    ("scheme-file", "loc-3", "file:///srv/t.tar"),
    ("scheme-unknown", "loc-3", "ipfs://bafy"),
    ("scheme-git-ssh", "loc-3", "git+ssh://git@example.org/t.git@SHA1"),
    ("scheme-upper-case", "loc-3", "HTTPS://example.org/t.tar"),
    ("space", "loc-4", "https://example.org/a b"),
    ("line-feed", "loc-4", "https://example.org/a\nb"),
    ("backslash", "loc-4", "https://example.org\\@evil.example/a"),
    ("quote", "loc-4", "https://example.org/\"a\""),
    ("brace", "loc-4", "https://example.org/{a}"),
    ("fragment-other", "loc-5", "https://example.org/t.tar#L10"),
    ("fragment-path-empty", "loc-5", "https://example.org/t.tar#path="),
    ("fragment-path-dot-dot", "loc-5", "https://example.org/t.tar#path=../x"),
    ("fragment-path-escaped-dot-dot", "loc-5", "https://example.org/t.tar#path=%2e%2e/x"),
    ("fragment-path-absolute", "loc-5", "https://example.org/t.tar#path=/etc/passwd"),
    ("fragment-percent-alone", "loc-5", "https://example.org/t.tar#path=a%2"),
    ("fragment-percent-sign", "loc-5", "https://example.org/t.tar#path=a%+1b"),
    ("fragment-not-utf8", "loc-5", "https://example.org/t.tar#path=%ff"),
    ("fragment-of-s3", "loc-5", "s3://bucket/key#path=x"),
    ("fragment-of-oci", "loc-5", "oci:registry.example.org/toy@sha256:SHA256#path=x"),
    ("fragment-of-swh", "loc-5", "swh:1:dir:SHA1#path=x"),
    ("https-no-slashes", "loc-6", "https:example.org/t.tar"),
    ("https-no-host", "loc-6", "https:///t.tar"),
    ("https-port-alone", "loc-6", "https://:443/t.tar"),
    ("s3-no-bucket", "loc-6", "s3:///key"),
    ("https-user", "loc-7", "https://user:secret@example.org/t.tar"),
    ("https-user-before-query", "loc-7", "https://user@example.org?a=b"),
    ("git-user", "loc-7", "git+https://token@example.org/t.git@SHA1"),
    ("git-branch", "loc-8", "git+https://example.org/t.git@main"),
    ("git-tag", "loc-8", "git+https://example.org/t.git@v1.0"),
    ("git-short", "loc-8", "git+https://example.org/t.git@3b18e51"),
    ("git-unpinned", "loc-8", "git+https://example.org/t.git"),
    (
        "git-upper-case",
        "loc-8",
        "git+https://example.org/t.git@3B18E512DBA79E4C8300DD08AEB37F8E728B8DAD",
    ),
    ("git-file-relative", "loc-8", "git+file:srv/t.git@SHA1"),
    ("git-file-host", "loc-8", "git+file://host/t.git@SHA1"),
    ("hf-branch", "loc-9", "hf:models/lab/toy@main"),
    ("hf-unpinned", "loc-9", "hf:models/lab/toy"),
    ("hf-sha256", "loc-9", "hf:models/lab/toy@SHA256"),
    ("hf-space", "loc-9", "hf:spaces/lab/toy@SHA1"),
    ("hf-three-parts", "loc-9", "hf:models/lab/toy/more@SHA1"),
    ("hf-dot", "loc-9", "hf:models/../toy@SHA1"),
    ("oci-tag", "loc-10", "oci:registry.example.org/lab/toy:latest"),
    ("oci-tag-and-user", "loc-10", "oci:user@registry.example.org/toy@sha256:SHA256"),
    ("oci-no-name", "loc-10", "oci:registry.example.org@sha256:SHA256"),
    ("oci-short", "loc-10", "oci:registry.example.org/toy@sha256:6ef1"),
    ("swh-version", "loc-11", "swh:2:dir:SHA1"),
    ("swh-origin", "loc-11", "swh:1:ori:SHA1"),
    ("swh-release", "loc-11", "swh:1:rel:SHA1"),
    ("swh-snapshot", "loc-11", "swh:1:snp:SHA1"),
    ("swh-qualifier", "loc-11", "swh:1:dir:SHA1;path=/src"),
    ("swh-short", "loc-11", "swh:1:dir:3b18e51"),
    ("swh-sha256", "loc-11", "swh:1:dir:SHA256"),
];

pub(super) fn cases() -> Vec<Case> {
    let filled = |locator: &str| locator.replace("SHA256", SHA256).replace("SHA1", SHA1);
    let good = GOOD.iter().map(|(name, rule, locator)| {
        let locator = filled(locator);
        let about = format!("`{locator}` is a locator.");
        case(format!("locator/good-{name}"), rule, "pass", &about)
            .document("manifest", text(&manifest(&locator)))
            .passes(&[])
    });
    let bad = BAD.iter().map(|(name, rule, locator)| {
        let locator = filled(locator);
        let about = format!("{locator:?} is no locator.");
        refused(name, rule, &about, &locator)
    });
    let long = |bytes: usize| format!("https://example.org/{}", "a".repeat(bytes - 20));
    let longest = case("locator/good-8192-bytes", "loc-1", "pass", "A locator of 8,192 bytes.")
        .document("manifest", text(&manifest(&long(8192))))
        .passes(&[]);
    let too_long = refused("8193-bytes", "loc-1", "A locator of 8,193 bytes.", &long(8193));
    good.chain(bad).chain([longest, too_long]).collect()
}

fn refused(name: &str, rule: &str, about: &str, locator: &str) -> Case {
    case(format!("locator/bad-{name}"), rule, "value", about)
        .document("manifest", text(&manifest(locator)))
        .fails(&["manifest-malformed"])
}

fn manifest(locator: &str) -> Value {
    let source = json!({ "id": "source", "roles": ["code.training"], "locators": [locator] });
    Release::toy().artifact(source).manifest
}
