//! Manifests: every rule on values, as a document and inside a statement.

use serde_json::{Value, json};

use super::case::{Case, case};
use super::release::Release;
use super::seal::text;

/// One broken rule.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) rule: &'static str,
    pub(super) code: &'static str,
    pub(super) about: &'static str,
    pub(super) change: fn(&mut Value),
}

/// A manifest that uses every field. `check` has nothing to say about it.
pub(super) fn rich() -> Release {
    Release::toy().manifest(|m| {
        m["release"]["releasedOn"] = json!("2026-02-28");
        m["release"]["uri"] = json!("https://example.org/toy");
        m["release"]["supersedes"] = json!("0".repeat(64));
        m["closure"] = json!("partial");
        m["artifacts"] = artifacts();
        m["stages"] = json!([
            { "id": "train", "kind": "pretrain", "code": ["trainer"], "config": ["settings"],
              "environment": ["lock"], "data": ["corpus", { "artifact": "texts", "tokens": 1000000,
              "epochs": "1.5" }], "models": [{ "artifact": "judge", "use": "online" }],
              "outputs": ["half", "weights"], "init": { "prng": "ChaCha20", "seed": "18446744073709551615" },
              "compute": { "accelerator": "none", "hours": "0.5", "flop": "1000000000000000000000", "energyKwh": 0 },
              "command": ["trainer", "--judge={input:judge}", "--out={output}", "-j{threads}", "{{}}"],
              "runtime": { "platform": "linux-x86_64", "threads": 2 },
              "segments": [
                  { "id": "one", "from": "init", "to": "half", "steps": 500, "command": ["trainer"], "cost": "0.25" },
                  { "id": "two", "from": "half", "to": "weights", "steps": 500,
                    "command": ["trainer", "{checkpoint}", "{output}"] } ],
              "compare": { "mode": "bounded", "limits": { "relativeL2": "0.01" } } },
            { "id": "shrink", "kind": "quantize", "noData": "rounds to nearest",
              "models": [{ "artifact": "weights", "use": "init" }], "outputs": ["small"] }
        ]);
        m["notApplicable"] = json!([
            { "role": "tokenizer.model", "stage": "train", "reason": "it reads bytes" }
        ]);
    })
}

fn artifacts() -> Value {
    let commit = "3b18e512dba79e4c8300dd08aeb37f8e728b8dad";
    json!([
        { "id": "weights", "name": "Weights", "roles": ["weights.final"], "files": ["model.safetensors"],
          "license": "Apache-2.0", "licenseFiles": [{ "artifact": "notice" }], "outputTerms": "CC0-1.0" },
        { "id": "half", "roles": ["weights.intermediate"] },
        { "id": "small", "roles": ["weights.final"] },
        { "id": "settings", "roles": ["config.model", "config.training"], "files": ["config.json"] },
        { "id": "trainer", "roles": ["code.training"], "license": "MIT OR Apache-2.0",
          "locators": [format!("git+https://example.org/t.git@{commit}#path=src"),
                       { "uri": "https://example.org/t.tar", "sha256": "1".repeat(64) }],
          "digest": { "gitTree": "4b825dc642cb6eb9a060e54bf8d69288fbee4904", "dirHash": "2".repeat(64) },
          "size": 4096, "licenseFiles": [{ "path": "LICENSE" }] },
        { "id": "lock", "roles": ["env.lock"], "locators": ["https://example.org/lock"],
          "digest": { "sha256": "3".repeat(64), "blake3": "4".repeat(64) } },
        { "id": "corpus", "roles": ["data.pretraining"], "availability": "withheld",
          "reason": "personal data", "name": "Letters", "contentRights": "NOASSERTION",
          "humanAuthored": { "guidelines": ["notice"] } },
        { "id": "texts", "roles": ["data.pretraining"], "availability": "gated",
          "locators": [format!("hf:datasets/lab/texts@{commit}")], "digest": { "dirHash": "5".repeat(64) },
          "collectedBy": ["trainer"], "generatedBy": ["judge"], "derivedFrom": ["corpus"],
          "documentedBy": ["notice"] },
        { "id": "judge", "roles": ["model.teacher"], "statement": { "sha256": "6".repeat(64),
          "locators": ["https://example.org/judge.json"], "artifact": "weights" } },
        { "id": "notice", "roles": ["doc.license", "xlab.notice"], "files": ["README.md"] }
    ])
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        case("manifest/good", "man-1", "pass", "A manifest that uses every field.")
            .document("manifest", text(&rich().manifest))
            .passes(&[]),
        case("manifest/schema-field", "man-1", "pass", "The author's file names its schema.")
            .document("manifest", text(&with_schema()))
            .passes(&[]),
    ];
    let values =
        [super::manifest_shape::ROWS, super::manifest_values::ROWS, super::manifest_texts::ROWS];
    cases.extend(values.into_iter().flatten().flat_map(|row| both(row, "value")));
    let rules = [super::manifest_parts::ROWS, super::manifest_again::ROWS];
    cases.extend(rules.into_iter().flatten().flat_map(|row| both(row, "rules")));
    cases.extend(documents());
    cases.extend(allowed());
    cases
}

fn with_schema() -> Value {
    let mut manifest = rich().manifest;
    manifest["$schema"] = json!("https://fullsource.dev/schemas/manifest.json");
    manifest
}

/// The same fault in the author's file, and in what somebody signed.
fn both(row: &Row, layer: &str) -> [Case; 2] {
    let mut manifest = rich().manifest;
    (row.change)(&mut manifest);
    let mut statement = rich().statement();
    (row.change)(&mut statement["predicate"]);
    [
        case(format!("manifest/{}", row.name), row.rule, layer, row.about)
            .document("manifest", text(&manifest))
            .fails(&[row.code]),
        case(format!("signed/{}", row.name), row.rule, layer, row.about)
            .payload(&text(&statement))
            .stops(&[row.code]),
    ]
}

/// What can stand in a document alone.
fn documents() -> Vec<Case> {
    let index = |name: &str| json!({ "name": name, "sha256": "0".repeat(64), "size": 1, "merkleRoot": "0".repeat(64) });
    let mut beside = rich().manifest;
    beside["files"] = json!([{ "path": "a", "size": 1 }]);
    beside["tree"] = json!({ "index": index("fullsource.files.jsonl") });
    let mut other = rich().manifest;
    other["tree"] = json!({ "index": index("files.jsonl") });
    let mut stages = Release::toy().manifest;
    let stage =
        |n: usize| json!({ "id": format!("s{n}"), "kind": "train", "outputs": [format!("o{n}")] });
    stages["stages"] = (0..1001).map(stage).collect();
    let output = |n: usize| json!({ "id": format!("o{n}"), "roles": ["doc.paper"] });
    stages["artifacts"] = (0..1001).map(output).collect();
    let mut several = rich().statement();
    several["predicate"]["stages"][1]["outputs"] = json!(["small", "half"]);
    several["predicate"]["artifacts"][5]["availability"] = json!("recipe-only");
    vec![
        case("signed/several-faults", "ver-22", "rules", "Every violation is a finding.")
            .payload(&text(&several))
            .stops(&["output-twice", "reason-missing"]),
        case("manifest/files-beside-index", "man-21", "rules", "`files` beside a file index.")
            .document("manifest", text(&beside))
            .fails(&["index-conflict"]),
        case("manifest/tree-index-name", "man-23", "rules", "The file index has another name.")
            .document("manifest", text(&other))
            .fails(&["index-conflict"]),
        case("manifest/stages-1001", "lim-11", "value", "1,001 stages.")
            .document("manifest", super::seal::line(&stages))
            .fails(&["limit-exceeded"]),
    ]
}

/// What looks odd and is allowed.
pub(super) type Allowed = (&'static str, &'static str, &'static str, fn(&mut Value));

const ALLOWED: &[Allowed] = &[
    ("ok-id-of-both", "man-10", "An artifact and a stage have the same id.", |m| {
        m["stages"][1]["id"] = json!("small");
    }),
    (
        "ok-statement-artifact",
        "man-11",
        "`statement.artifact` is an id of another manifest.",
        |m| {
            m["artifacts"][8]["statement"]["artifact"] = json!("somewhere-else");
        },
    ),
    (
        "ok-rl-with-simulator",
        "man-15",
        "Reinforcement learning in a simulator needs no data.",
        |m| {
            m["stages"][1]["kind"] = json!("rl");
            m["stages"][1]["code"] = json!(["trainer"]);
            m["artifacts"][4]["roles"] = json!(["code.simulator"]);
        },
    ),
    (
        "ok-segment-init-is-an-artifact",
        "man-16",
        "`init` means the start, also where an artifact has that id.",
        |m| {
            m["artifacts"][5]["id"] = json!("init");
            m["stages"][0]["environment"] = json!(["init"]);
        },
    ),
    ("ok-role-unknown", "man-8", "A role that the registry does not have.", |m| {
        m["artifacts"][0]["roles"] = json!(["weights.final", "lab.x-1"]);
    }),
    ("ok-kind-unknown", "man-9", "A stage kind that the registry does not have.", |m| {
        m["stages"][0]["kind"] = json!("self-play");
    }),
    ("ok-day-leap", "man-6", "2024 has a 29 February.", |m| {
        m["release"]["releasedOn"] = json!("2024-02-29");
    }),
    ("ok-name-256", "man-3", "Characters are counted, not bytes.", |m| {
        m["release"]["name"] = json!("é".repeat(256));
    }),
    ("ok-text-16384", "lim-3", "A text of 16,384 characters.", |m| {
        m["artifacts"][6]["reason"] = json!("é".repeat(16_384));
    }),
    ("ok-licence-nested", "man-40", "An expression with brackets and an exception.", |m| {
        m["artifacts"][0]["license"] =
            json!("((MIT OR LicenseRef-a) AND GPL-2.0+ WITH Classpath-exception-2.0)");
    }),
];

fn allowed() -> Vec<Case> {
    let passing = |(name, rule, about, change): &Allowed| {
        let mut manifest = rich().manifest;
        change(&mut manifest);
        case(format!("manifest/{name}"), rule, "pass", about)
            .document("manifest", text(&manifest))
            .passes(&[])
    };
    ALLOWED.iter().chain(super::manifest_again::ALLOWED).map(passing).collect()
}
