//! Policies: their form, what they may change, and what they must not.

use serde_json::json;

use super::case::{Case, case};
use super::key::{ALICE, BOB};
use super::release::{ENVELOPE, LAB, Release, weights};
use super::seal::{IN_TOTO, envelope, text};

/// Policies that are refused.
const MALFORMED: &[(&str, &str, &str, &str)] = &[
    ("key-unknown", "pol-1", "A key that nobody knows.", "colour = \"blue\"\n"),
    ("key-misspelt", "pol-1", "A misspelt key.", "treshold = 2\n"),
    (
        "code-unknown",
        "pol-1",
        "A finding code that nobody knows.",
        "[severity]\nlicence-unknown = \"error\"\n",
    ),
    (
        "severity-unknown",
        "pol-1",
        "A severity that nobody knows.",
        "[severity]\nlicense-unknown = \"fatal\"\n",
    ),
    ("scope-unknown", "pol-1", "A scope that nobody knows.", "scope = \"everything\"\n"),
    ("digests-unknown", "pol-1", "An algorithm that nobody knows.", "digests = \"md5\"\n"),
    ("threshold-zero", "pol-1", "A threshold of none.", "threshold = 0\n"),
    ("threshold-65", "pol-1", "A threshold of 65.", "threshold = 65\n"),
    ("threshold-text", "pol-1", "A threshold as a text.", "threshold = \"2\"\n"),
    ("not-toml", "pol-1", "A policy that is not TOML.", "{\"threshold\": 2}\n"),
    ("key-twice", "pol-1", "A key twice.", "threshold = 1\nthreshold = 2\n"),
    ("error-lowered", "pol-6", "An error is lowered.", "[severity]\nfile-added = \"warning\"\n"),
    (
        "error-lowered-to-incomplete",
        "pol-6",
        "An error is lowered by one step.",
        "[severity]\nartifact-absent = \"incomplete\"\n",
    ),
    (
        "input-lowered",
        "pol-6",
        "A malformed input is lowered.",
        "[severity]\nbundle-missing = \"note\"\n",
    ),
    (
        "signature-lowered",
        "pol-7",
        "A missing signature is lowered.",
        "[severity]\nsignature-none = \"warning\"\n",
    ),
    (
        "no-key-lowered",
        "pol-7",
        "A missing key is lowered.",
        "[severity]\nsignature-no-key = \"note\"\n",
    ),
];

fn start(id: &str, rule: &str, layer: &str, about: &str) -> Case {
    case(format!("policy/{id}"), rule, layer, about)
}

pub(super) fn cases() -> Vec<Case> {
    let toy = Release::toy();
    let mut cases: Vec<Case> = MALFORMED
        .iter()
        .flat_map(|(id, rule, about, policy)| {
            [
                start(&format!("malformed-{id}"), rule, "policy", about)
                    .release(&toy)
                    .policy(policy)
                    .stops(&["policy-malformed"]),
                start(&format!("check-{id}"), rule, "policy", about)
                    .document("policy", *policy)
                    .fails(&["policy-malformed"]),
            ]
        })
        .collect();
    cases.push(
        start("malformed-not-utf8", "pol-1", "policy", "A policy that is not UTF-8.")
            .release(&toy)
            .file("policy", "policy.toml", b"description = \"\xff\"\n".to_vec())
            .stops(&["policy-malformed"]),
    );
    cases.extend(scope());
    cases.extend(severities());
    cases
}

fn scope() -> Vec<Case> {
    [scopes(), thresholds(), required_digests(), asked()].concat()
}

fn scopes() -> Vec<Case> {
    let sources = Release::toy().artifact(json!({
        "id": "corpus", "roles": ["data.pretraining"], "locators": ["https://example.org/corpus"]
    }));
    let unclaimed = Release::toy().with("extra.bin", "x");
    vec![
        start("check-good", "pol-1", "pass", "A policy with every key.")
            .document("policy", "description = \"Ours\"\nscope = \"release\"\nthreshold = 2\ndigests = \"sha256\"\n\
                [severity]\nlicense-unknown = \"error\"\nartifact-weak = \"note\"\nsigner-observer = \"note\"\n")
            .passes(&[]),
        start("weights-only", "pol-8", "pass", "Sources are not looked at.")
            .release(&sources)
            .input("policy", "weights-only")
            .passes(&[]),
        start("default", "pol-8", "artifacts", "The policy that holds where none is given.")
            .release(&sources)
            .input("policy", "default")
            .incomplete(&["artifact-unchecked"]),
        start("scope-release", "pol-2", "pass", "Without step 7, weights need no role.")
            .release(&unclaimed)
            .policy("scope = \"release\"\n")
            .passes(&[]),
        start("scope-sources", "ver-45", "artifacts", "With step 7, they do.")
            .release(&unclaimed)
            .policy("scope = \"sources\"\n")
            .fails(&["weights-unclaimed"]),
        start("weights-only-still-compares", "pol-2", "files", "Files are compared under every scope.")
            .release(&Release::toy())
            .put("model.safetensors", weights(2))
            .input("policy", "weights-only")
            .fails(&["file-changed"]),
    ]
}

fn thresholds() -> Vec<Case> {
    let signed = Release::toy().signed(|_| {});
    let two = "threshold = 2\n";
    vec![
        start("threshold", "trust-18", "signature", "The policy asks for two signers.")
            .signed(&signed)
            .policy(two)
            .fails(&["signature-threshold"]),
        start(
            "threshold-greater-of-both",
            "trust-18",
            "signature",
            "Of two thresholds the greater holds.",
        )
        .signed(&signed)
        .policy(two)
        .input("threshold", 1)
        .fails(&["signature-threshold"]),
        start("threshold-met", "trust-18", "pass", "Two signers.")
            .disk(
                signed
                    .disk_with(ENVELOPE, text(&envelope(IN_TOTO, &signed.payload, &[ALICE, BOB]))),
            )
            .keys(&[ALICE, BOB])
            .policy(two)
            .passes(&[]),
    ]
}

fn required_digests() -> Vec<Case> {
    let sources = Release::toy().artifact(json!({
        "id": "corpus", "roles": ["data.pretraining"], "locators": ["https://example.org/corpus"]
    }));
    let signed = Release::toy().signed(|_| {});
    vec![
        start(
            "digests-blake3",
            "pol-3",
            "pass",
            "The policy asks for BLAKE3, and no more was computed.",
        )
        .signed(&signed)
        .policy("digests = \"blake3\"\n")
        .input("digests", "blake3")
        .passes(&["digests-partial"]),
        start("digests-any", "pol-3", "pass", "The policy asks for none in particular.")
            .signed(&signed)
            .policy("digests = \"any\"\n")
            .input("digests", "sha256")
            .passes(&[]),
        start(
            "digests-default-is-all",
            "pol-3",
            "policy",
            "A policy that says nothing asks for both.",
        )
        .signed(&signed)
        .policy("threshold = 1\n")
        .input("digests", "sha256")
        .fails(&["digests-partial"]),
        start(
            "not-taken-from-the-release",
            "pol-9",
            "artifacts",
            "A policy in the release is a file like any other.",
        )
        .release(&sources.with("policy.toml", "scope = \"release\"\n"))
        .incomplete(&["artifact-unchecked"]),
    ]
}

/// What a policy asks for beside severities.
fn asked() -> Vec<Case> {
    let toy = Release::toy().signed(|_| {});
    let free = Release::toy().manifest(|m| m["artifacts"][1]["license"] = json!("MIT OR X-1"));
    let free = free.signed(|_| {});
    let refused = |id: &str, about: &str, text: &str| {
        start(id, "pol-17", "input", about).document("policy", text).fails(&["policy-malformed"])
    };
    let evidence = |at: &str| {
        let mut evidence = super::evidence::of(&toy);
        evidence["collectedAt"] = json!(at);
        evidence
    };
    vec![
        start("licenses-met", "pol-12", "pass", "Every licence is one that the policy takes.")
            .signed(&free)
            .policy("licenses = [\"apache-2.0\", \"MIT\"]\n")
            .passes(&["license-unknown"]),
        start("licenses-refused", "pol-12", "policy", "A licence that the policy does not take.")
            .signed(&free)
            .policy("licenses = [\"MIT\"]\n")
            .fails(&["license-refused", "license-unknown"]),
        start("licenses-absent", "pol-12", "policy", "An artifact without a licence.")
            .signed(&toy)
            .policy("licenses = [\"Apache-2.0\"]\n")
            .fails(&["license-refused"]),
        start("signers-refused", "pol-13", "policy", "A key has no principal by itself.")
            .signed(&toy)
            .policy("signers = [\"https://lab.example\"]\n")
            .fails(&["signer-refused"]),
        start("evidence-old", "pol-14", "policy", "Evidence of the day before yesterday.")
            .signed(&toy)
            .evidence(&evidence("2026-02-27T12:00:00Z"))
            .policy("max-age-days = 1\ndigests = \"any\"\n")
            .input("now", "2026-03-01T12:00:00Z")
            .incomplete(&["evidence-old"]),
        start("evidence-new-enough", "pol-14", "pass", "The same, and two days are allowed.")
            .signed(&toy)
            .evidence(&evidence("2026-02-27T12:00:00Z"))
            .policy("max-age-days = 3\ndigests = \"any\"\n")
            .input("now", "2026-03-01T12:00:00Z")
            .passes(&[]),
        start("evidence-of-tomorrow", "pol-14", "pass", "The observer's clock is ahead of ours.")
            .signed(&toy)
            .evidence(&evidence("2026-03-02T12:00:00Z"))
            .policy("max-age-days = 1\ndigests = \"any\"\n")
            .input("now", "2026-03-01T12:00:00Z")
            .passes(&[]),
        start("evidence-of-the-future", "pol-14", "policy", "Evidence of the day after tomorrow.")
            .signed(&toy)
            .evidence(&evidence("2026-03-02T12:00:01Z"))
            .policy("max-age-days = 1\ndigests = \"any\"\n")
            .input("now", "2026-03-01T12:00:00Z")
            .incomplete(&["evidence-old"]),
        start("osi", "pol-8", "policy", "The built-in policy of the Open Source AI Definition.")
            .signed(&toy)
            .input("policy", "osi")
            .fails(&["class-impossible"]),
        start("mof", "pol-11", "policy", "A class of the Model Openness Framework.")
            .signed(&toy)
            .input("policy", "mof-3")
            .fails(&["class-impossible"]),
        start("require-in-the-policy", "pol-10", "policy", "A rung that the policy asks for.")
            .signed(&toy)
            .policy("require = \"full-source\"\ndigests = \"any\"\n")
            .fails(&["class-impossible"]),
        refused("require-no-rung", "A rung that there is not.", "require = \"open\"\n"),
        refused("mof-no-class", "A class that there is not.", "require-mof = 4\n"),
        refused(
            "release-and-require",
            "A rung of signature and files.",
            "scope = \"release\"\nrequire = \"open-weights\"\n",
        ),
        refused(
            "release-and-licenses",
            "Licences of signature and files.",
            "scope = \"release\"\nlicenses = [\"MIT\"]\n",
        ),
        refused("underscore", "A key in another spelling.", "max_age_days = 1\n"),
    ]
}

fn severities() -> Vec<Case> {
    let odd = Release::toy().manifest(|m| m["artifacts"][0]["license"] = json!("Apache-3.0"));
    let withheld = Release::toy().artifact(json!({
        "id": "corpus", "roles": ["data.pretraining"], "availability": "withheld", "reason": "personal data"
    }));
    let unchecked = Release::toy().artifact(json!({
        "id": "corpus", "roles": ["data.pretraining"], "locators": ["https://example.org/corpus"]
    }));
    let signed = Release::toy().signed(|_| {});
    let observer = format!("{LAB} namespaces=\"fullsource-observer\" {}\n", ALICE.openssh());
    vec![
        start("raised", "pol-5", "policy", "A warning is raised to an error.")
            .release(&Release::toy())
            .input("digests", "blake3")
            .policy("digests = \"any\"\n[severity]\ndigests-partial = \"error\"\n")
            .fails(&["digests-partial"]),
        start(
            "raised-note",
            "ver-60",
            "policy",
            "A note is raised: releases that withhold are refused.",
        )
        .release(&withheld)
        .policy("[severity]\nartifact-withheld = \"error\"\n")
        .fails(&["artifact-withheld"]),
        start("lowered", "pol-6", "pass", "What could not be looked at is a warning.")
            .release(&unchecked)
            .policy("[severity]\nartifact-unchecked = \"warning\"\n")
            .passes(&["artifact-unchecked"]),
        start("lowered-to-note", "pol-4", "pass", "A warning is a note.")
            .release(&odd)
            .policy("[severity]\nlicense-unknown = \"note\"\n")
            .passes(&[]),
        start("lowered-observer", "pol-7", "pass", "Somebody else's description is taken in.")
            .signed(&signed)
            .trust(observer)
            .policy("[severity]\nsigner-observer = \"warning\"\n")
            .passes(&["signer-observer"]),
        start("raised-no-key", "pol-5", "policy", "A missing key is raised to an error.")
            .signed(&signed)
            .keys(&[])
            .policy("[severity]\nsignature-no-key = \"error\"\n")
            .fails(&["signature-no-key"]),
        start(
            "lowered-by-rule-stays",
            "pol-6",
            "policy",
            "A finding to which a rule gives another severity keeps it.",
        )
        .signed(&signed)
        .input("digests", "blake3")
        .policy("digests = \"all\"\n[severity]\ndigests-partial = \"note\"\n")
        .fails(&["digests-partial"]),
    ]
}
