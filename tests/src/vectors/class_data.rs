//! Data, what made it, licences and their texts.

use serde_json::json;

use super::case::Case;
use super::class::{How, Row, changed, license_text};
use super::class_decoys::class;
use super::release::drop_field;

pub(super) fn cases() -> Vec<Case> {
    [changed(data()), changed(beyond()), changed(licences()), changed(texts())].concat()
}

fn data() -> Vec<Row> {
    vec![
        (
            "index-as-data",
            "cls-31",
            "An index of a data set is no data set.",
            |m| {
                m.artifact("corpus")["roles"] = json!(["data.index"]);
            },
            class(2, 2, 2, 2),
            &[],
        ),
        (
            "not-collected",
            "cls-36",
            "Nobody says where the data comes from.",
            |m| {
                drop_field(m.artifact("corpus"), "collectedBy");
            },
            class(3, 3, 3, 3),
            &[],
        ),
        (
            "collected-by-a-text",
            "cls-36",
            "What collected the data is no code.",
            |m| {
                m.artifact("corpus")["collectedBy"] = json!(["doc-paper"]);
            },
            class(3, 3, 3, 3),
            &[],
        ),
        (
            "collected-by-a-config",
            "cls-36",
            "What collected the data is settings, and no code.",
            |m| {
                m.artifact("corpus")["collectedBy"] = json!(["config-model"]);
            },
            class(3, 3, 3, 3),
            &[],
        ),
        (
            "human-authored",
            "cls-36",
            "People wrote it, by guidelines.",
            |m| {
                m.role("doc.annotation-guidelines", How::Release);
                drop_field(m.artifact("corpus"), "collectedBy");
                m.artifact("corpus")["humanAuthored"] =
                    json!({ "guidelines": ["doc-annotation-guidelines"] });
            },
            class(4, 4, 4, 4),
            &[],
        ),
        (
            "derived-from-absent",
            "cls-36",
            "What the data was made from is not there.",
            |m| {
                m.add(
                    json!({ "id": "raw", "roles": ["data.pretraining"], "license": "CC0-1.0",
                          "collectedBy": ["crawler"] }),
                    How::Status("absent"),
                );
                m.artifact("corpus")["derivedFrom"] = json!(["raw"]);
            },
            class(3, 3, 3, 3),
            &["artifact-absent"],
        ),
        (
            "rights-restricted",
            "cls-37",
            "What is in the data is not free.",
            |m| {
                m.artifact("corpus")["contentRights"] = json!("CC-BY-NC-4.0");
            },
            class(4, 4, 3, 3),
            &[],
        ),
        (
            "rights-unknown",
            "cls-37",
            "Nobody here knows what is in the data.",
            |m| {
                m.artifact("corpus")["contentRights"] = json!("LicenseRef-Acme");
            },
            class(4, 4, 3, 4),
            &[],
        ),
        (
            "no-environment",
            "cls-39",
            "The environment is gone.",
            |m| {
                m.again("env-lock", How::Status("absent"));
            },
            class(3, 3, 3, 3),
            &["artifact-absent"],
        ),
    ]
}

fn beyond() -> Vec<Row> {
    vec![
        (
            "own-generator",
            "cls-32",
            "A stage of the release made the model that made the data.",
            |m| {
                m.add(
                    json!({ "id": "oracle", "roles": ["weights.intermediate"],
                          "license": "Apache-2.0" }),
                    How::Name,
                );
                m.artifact("corpus")["generatedBy"] = json!(["oracle"]);
                m.add_stage(json!({ "id": "teach", "kind": "pretrain", "init": { "prng": "x" },
                                "outputs": ["oracle"] }));
            },
            class(3, 3, 3, 3),
            &[],
        ),
        (
            "own-generator-whole",
            "cls-32",
            "The same, with all that stage needs.",
            |m| {
                m.add(
                    json!({ "id": "oracle", "roles": ["weights.intermediate"],
                          "license": "Apache-2.0" }),
                    How::Name,
                );
                m.add(
                    json!({ "id": "seeds", "roles": ["data.sft"], "license": "CC0-1.0" }),
                    How::Release,
                );
                m.artifact("corpus")["generatedBy"] = json!(["oracle"]);
                m.add_stage(json!({ "id": "teach", "kind": "pretrain", "init": { "prng": "x" },
                                "data": ["seeds"], "outputs": ["oracle"] }));
            },
            class(4, 4, 4, 4),
            &[],
        ),
    ]
}

fn licences() -> Vec<Row> {
    vec![
        (
            "licence-deprecated",
            "cls-41",
            "A deprecated id.",
            |m| {
                m.artifact("code-training")["license"] = json!("GPL-2.0+");
            },
            class(4, 4, 4, 4),
            &[],
        ),
        (
            "licence-plus",
            "cls-42",
            "An id with a plus sign.",
            |m| {
                m.artifact("code-training")["license"] = json!("Apache-2.0+");
            },
            class(4, 4, 4, 4),
            &[],
        ),
        (
            "licence-exception",
            "cls-43",
            "An exception that only grants more.",
            |m| {
                m.artifact("code-training")["license"] =
                    json!("GPL-2.0-only WITH Classpath-exception-2.0");
            },
            class(4, 4, 4, 4),
            &[],
        ),
        (
            "licence-brackets",
            "cls-40",
            "A choice within a sum.",
            |m| {
                m.artifact("code-training")["license"] =
                    json!("MIT AND (CC-BY-NC-4.0 OR Apache-2.0)");
            },
            class(4, 4, 4, 4),
            &[],
        ),
        (
            "licence-and-restricted",
            "cls-40",
            "A sum with a licence that is not free.",
            |m| {
                m.artifact("code-training")["license"] = json!("MIT AND CC-BY-NC-4.0");
            },
            class(4, 4, 1, 1),
            &[],
        ),
        (
            "licence-none",
            "cls-44",
            "No licence is granted.",
            |m| {
                m.artifact("weights-final")["license"] = json!("NONE");
            },
            class(4, 4, 0, 0),
            &[],
        ),
        (
            "licence-noassertion",
            "cls-44",
            "Nobody says which licence.",
            |m| {
                m.artifact("weights-final")["license"] = json!("NOASSERTION");
            },
            class(4, 4, 0, 4),
            &[],
        ),
        (
            "licence-of-another-category",
            "cls-3",
            "A licence for data, on code.",
            |m| {
                m.artifact("code-training")["license"] = json!("ODC-By-1.0");
            },
            class(4, 4, 1, 4),
            &[],
        ),
    ]
}

fn texts() -> Vec<Row> {
    vec![
        (
            "text-modified",
            "cls-47",
            "A licence's text is not quite the declared one.",
            |m| {
                let mut text = license_text("CC0-1.0");
                text["count"] = json!(990);
                m.fact("corpus", text);
            },
            class(4, 4, 2, 4),
            &["class-unproven"],
        ),
        (
            "text-other-libre",
            "cls-47",
            "The text of another libre licence.",
            |m| {
                m.fact("corpus", license_text("MIT"));
            },
            class(4, 4, 2, 2),
            &["license-mismatch"],
        ),
        (
            "text-and-card",
            "cls-47",
            "The text agrees, and a card names a restricted licence.",
            |m| {
                let place = "https://example.org/whole/corpus";
                let card = json!({ "kind": "license-declared", "path": "README.md",
                               "value": "cc-by-nc-4.0" });
                let mut look = super::evidence::seen(place, json!({}));
                look["facts"] = json!([license_text("CC0-1.0"), card]);
                look["locator"] = json!("files");
                m.looked("corpus", look);
            },
            class(4, 4, 2, 2),
            &["license-mismatch"],
        ),
        (
            "text-use-policy",
            "cls-47",
            "Terms of use beside the licence.",
            |m| {
                m.fact(
                    "weights-final",
                    json!({ "kind": "use-policy", "path": "USE_POLICY.md",
                                            "value": "acceptable use" }),
                );
            },
            class(4, 4, 0, 0),
            &["license-mismatch"],
        ),
        (
            "text-not-found",
            "cls-48",
            "No text of a licence at a place elsewhere.",
            |m| {
                let look = super::evidence::seen(
                    "https://example.org/whole/corpus",
                    json!({ "digests": { "sha256": m.digest("corpus") }, "at": "2026-03-01T11:30:00Z" }),
                );
                m.again("corpus", How::Place);
                m.looked("corpus", look);
            },
            class(4, 4, 2, 4),
            &["class-unproven"],
        ),
    ]
}
