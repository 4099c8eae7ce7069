//! Manifests: rules between their parts.

use serde_json::json;

use super::manifest::Row;
use super::release::drop_field;

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "artifact-id-twice",
        rule: "man-10",
        code: "id-duplicate",
        about: "Two artifacts have the same id.",
        change: |m| {
            m["artifacts"][2]["id"] = json!("half");
            m["stages"][1]["outputs"] = json!(["lock"]);
        },
    },
    Row {
        name: "stage-id-twice",
        rule: "man-10",
        code: "id-duplicate",
        about: "Two stages have the same id.",
        change: |m| {
            m["stages"][1]["id"] = json!("train");
        },
    },
    Row {
        name: "segment-id-twice",
        rule: "man-10",
        code: "id-duplicate",
        about: "Two segments of a stage have the same id.",
        change: |m| {
            m["stages"][0]["segments"][1]["id"] = json!("one");
        },
    },
    Row {
        name: "unknown-in-collected-by",
        rule: "man-11",
        code: "reference-unknown",
        about: "`collectedBy` names nothing.",
        change: |m| {
            m["artifacts"][7]["collectedBy"] = json!(["nobody"]);
        },
    },
    Row {
        name: "unknown-in-generated-by",
        rule: "man-11",
        code: "reference-unknown",
        about: "`generatedBy` names nothing.",
        change: |m| {
            m["artifacts"][7]["generatedBy"] = json!(["nobody"]);
        },
    },
    Row {
        name: "unknown-in-derived-from",
        rule: "man-11",
        code: "reference-unknown",
        about: "`derivedFrom` names nothing.",
        change: |m| {
            m["artifacts"][7]["derivedFrom"] = json!(["nobody"]);
        },
    },
    Row {
        name: "unknown-in-documented-by",
        rule: "man-11",
        code: "reference-unknown",
        about: "`documentedBy` names nothing.",
        change: |m| {
            m["artifacts"][7]["documentedBy"] = json!(["nobody"]);
        },
    },
    Row {
        name: "unknown-in-guidelines",
        rule: "man-11",
        code: "reference-unknown",
        about: "`guidelines` names nothing.",
        change: |m| {
            m["artifacts"][6]["humanAuthored"]["guidelines"] = json!(["nobody"]);
        },
    },
    Row {
        name: "unknown-in-licence-files",
        rule: "man-11",
        code: "reference-unknown",
        about: "`licenseFiles` names nothing.",
        change: |m| {
            m["artifacts"][0]["licenseFiles"][0]["artifact"] = json!("nobody");
        },
    },
    Row {
        name: "unknown-in-code",
        rule: "man-11",
        code: "reference-unknown",
        about: "`code` of a stage names nothing.",
        change: |m| {
            m["stages"][0]["code"] = json!(["nobody"]);
        },
    },
    Row {
        name: "unknown-in-config",
        rule: "man-11",
        code: "reference-unknown",
        about: "`config` of a stage names nothing.",
        change: |m| {
            m["stages"][0]["config"] = json!(["nobody"]);
        },
    },
    Row {
        name: "unknown-in-environment",
        rule: "man-11",
        code: "reference-unknown",
        about: "`environment` of a stage names nothing.",
        change: |m| {
            m["stages"][0]["environment"] = json!(["nobody"]);
        },
    },
    Row {
        name: "unknown-in-data",
        rule: "man-11",
        code: "reference-unknown",
        about: "`data` of a stage names nothing.",
        change: |m| {
            m["stages"][0]["data"] = json!([{ "artifact": "nobody" }]);
        },
    },
    Row {
        name: "unknown-in-models",
        rule: "man-11",
        code: "reference-unknown",
        about: "`models` of a stage names nothing.",
        change: |m| {
            m["stages"][1]["models"][0]["artifact"] = json!("nobody");
        },
    },
    Row {
        name: "unknown-in-outputs",
        rule: "man-11",
        code: "reference-unknown",
        about: "`outputs` of a stage names nothing.",
        change: |m| {
            m["stages"][1]["outputs"] = json!(["nobody"]);
        },
    },
    Row {
        name: "unknown-in-segment",
        rule: "man-11",
        code: "reference-unknown",
        about: "A first segment starts at nothing.",
        change: |m| {
            m["stages"][0]["segments"][0]["from"] = json!("nobody");
        },
    },
    Row {
        name: "stage-id-is-no-artifact",
        rule: "man-11",
        code: "reference-unknown",
        about: "The id of a stage is not that of an artifact.",
        change: |m| {
            m["stages"][0]["code"] = json!(["shrink"]);
        },
    },
    Row {
        name: "withheld-with-files",
        rule: "man-12",
        code: "withheld-has-source",
        about: "A withheld artifact has files.",
        change: |m| {
            m["artifacts"][6]["files"] = json!(["README.md"]);
        },
    },
    Row {
        name: "withheld-with-locator",
        rule: "man-12",
        code: "withheld-has-source",
        about: "A withheld artifact has a locator.",
        change: |m| {
            m["artifacts"][6]["locators"] = json!(["https://example.org/letters"]);
        },
    },
    Row {
        name: "withheld-with-digest",
        rule: "man-12",
        code: "withheld-has-source",
        about: "A withheld artifact has a digest.",
        change: |m| {
            m["artifacts"][6]["digest"] = json!({ "sha256": "7".repeat(64) });
        },
    },
    Row {
        name: "withheld-without-reason",
        rule: "man-13",
        code: "reason-missing",
        about: "An artifact is withheld without a reason.",
        change: |m| {
            drop_field(&mut m["artifacts"][6], "reason");
        },
    },
    Row {
        name: "recipe-only-without-reason",
        rule: "man-13",
        code: "reason-missing",
        about: "A recipe alone, without a reason.",
        change: |m| {
            m["artifacts"][5]["availability"] = json!("recipe-only");
        },
    },
    Row {
        name: "output-of-two-stages",
        rule: "man-14",
        code: "output-twice",
        about: "Two stages have the same output.",
        change: |m| {
            m["stages"][1]["outputs"] = json!(["small", "half"]);
        },
    },
    Row {
        name: "output-twice-in-one-stage",
        rule: "man-14",
        code: "output-twice",
        about: "One stage has an output twice.",
        change: |m| {
            m["stages"][1]["outputs"] = json!(["small", "small"]);
        },
    },
    Row {
        name: "no-data-beside-data",
        rule: "man-15",
        code: "no-data-invalid",
        about: "`noData` beside data.",
        change: |m| {
            m["stages"][1]["data"] = json!(["texts"]);
        },
    },
    Row {
        name: "no-data-of-pretraining",
        rule: "man-15",
        code: "no-data-invalid",
        about: "A training stage claims to need no data.",
        change: |m| {
            m["stages"][1]["kind"] = json!("sft");
        },
    },
    Row {
        name: "no-data-of-rl-without-simulator",
        rule: "man-15",
        code: "no-data-invalid",
        about: "Reinforcement learning without data and without a simulator.",
        change: |m| {
            m["stages"][1]["kind"] = json!("rl");
            m["stages"][1]["code"] = json!(["trainer"]);
        },
    },
    Row {
        name: "not-applicable-stage-unknown",
        rule: "man-17",
        code: "reference-unknown",
        about: "A role is not applicable to a stage that is not there.",
        change: |m| {
            m["notApplicable"][0]["stage"] = json!("nobody");
        },
    },
    Row {
        name: "not-applicable-role-of-every-model",
        rule: "man-20",
        code: "not-applicable-role",
        about: "A role that every model has is declared not applicable.",
        change: |m| {
            m["notApplicable"][0]["role"] = json!("data.pretraining");
        },
    },
    Row {
        name: "artifact-index-of-fullsource",
        rule: "man-23",
        code: "index-conflict",
        about: "The index of an artifact has the name of the release's own.",
        change: |m| {
            m["artifacts"][7]["id"] = json!("fullsource");
            m["stages"][0]["data"] = json!(["corpus"]);
            m["artifacts"][7]["index"] = json!({ "name": "fullsource.files.jsonl", "sha256": "0".repeat(64), "size": 1, "merkleRoot": "0".repeat(64) });
        },
    },
    Row {
        name: "artifact-index-name",
        rule: "man-23",
        code: "index-conflict",
        about: "The index of an artifact has another name than its id.",
        change: |m| {
            m["artifacts"][7]["index"] = json!({ "name": "other.files.jsonl", "sha256": "0".repeat(64), "size": 1, "merkleRoot": "0".repeat(64) });
        },
    },
];
