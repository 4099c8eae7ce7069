//! Files that nobody read in this look: by the evidence, for which alone a vector can tell it.

use serde_json::{Value, json};

use super::case::Case;
use super::evidence::{of, start, walked};
use super::evidence_alone::without;
use super::release::Release;

pub(super) fn cases() -> Vec<Case> {
    [told(), asked(), malformed()].concat()
}

/// All files of the evidence, taken for what they were.
fn all(evidence: &mut Value) {
    let files = evidence["release"]["files"].as_array().map(Vec::as_slice).unwrap_or_default();
    let bytes: u64 = files.iter().filter_map(|file| file["size"].as_u64()).sum();
    let (files, since) = (files.len(), "2026-02-01T12:00:00Z");
    evidence["release"]["unread"] = json!({ "files": files, "bytes": bytes, "since": since });
}

fn alone(id: &str, rule: &str, layer: &str, about: &str) -> Case {
    without(id, rule, layer, about, all)
}

fn told() -> Vec<Case> {
    let signed = Release::toy().signed(|_| {});
    let mut evidence = of(&signed);
    evidence["release"] = walked(&signed);
    all(&mut evidence);
    vec![
        alone("unread", "ver-98", "pass", "Files that were not read are told.")
            .passes(&["files-not-read"]),
        without("unread-changed", "ver-28", "files", "What was not read is compared, too.", |e| {
            all(e);
            e["release"]["files"][0]["sha256"] = json!("0".repeat(64));
        })
        .fails(&["file-changed", "files-not-read"]),
        start("unread-ignored", "evd-12", "pass", "Where the files are there, they are read.")
            .signed(&signed)
            .evidence(&evidence)
            .passes(&[]),
    ]
}

fn asked() -> Vec<Case> {
    vec![
        alone("unread-default", "ver-98", "pass", "The policy that holds where none is given.")
            .input("policy", "default")
            .passes(&["files-not-read"]),
        alone("unread-built-in", "pol-18", "policy", "A policy takes no files that were not read.")
            .input("policy", "weights-only")
            .incomplete(&["files-not-read"]),
        alone("unread-lowered", "pol-18", "policy", "No policy lowers it.")
            .policy("digests = \"any\"\n[severity]\nfiles-not-read = \"note\"\n")
            .incomplete(&["files-not-read"]),
        alone("unread-raised", "pol-5", "policy", "A policy may raise it.")
            .policy("digests = \"any\"\n[severity]\nfiles-not-read = \"error\"\n")
            .fails(&["files-not-read"]),
        alone(
            "unread-require",
            "ver-98",
            "policy",
            "A rung that is asked for, and is out of reach.",
        )
        .input("require", "open-weights")
        .fails(&["class-impossible", "files-not-read"]),
        alone("unread-scope-release", "pol-18", "policy", "The signature and files alone.")
            .policy("scope = \"release\"\ndigests = \"any\"\n")
            .incomplete(&["files-not-read"]),
    ]
}

fn malformed() -> Vec<Case> {
    let refused = |id: &str, about: &str, change: fn(&mut Value)| {
        without(&format!("unread-{id}"), "evd-27", "evidence", about, change)
            .stops(&["evidence-malformed"])
    };
    vec![
        refused("none", "None was taken unread, and it says so.", |e| {
            all(e);
            e["release"]["unread"]["files"] = json!(0);
        }),
        refused("more-files", "More files than there are.", |e| {
            all(e);
            e["release"]["unread"]["files"] = json!(99);
        }),
        refused("more-bytes", "More bytes than there are.", |e| {
            all(e);
            e["release"]["unread"]["bytes"] = json!(1_000_000_000);
        }),
        refused("no-since", "It does not say since when.", |e| {
            e["release"]["unread"] = json!({ "files": 1, "bytes": 1 });
        }),
        refused("not-utc", "A time with an offset.", |e| {
            all(e);
            e["release"]["unread"]["since"] = json!("2026-02-01T12:00:00+01:00");
        }),
    ]
}
