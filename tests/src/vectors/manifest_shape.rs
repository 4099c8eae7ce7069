//! Manifests: fields, their types, and closed lists.

use serde_json::json;

use super::manifest::Row;
use super::release::drop_field;

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "not-object",
        rule: "man-1",
        code: "manifest-malformed",
        about: "The manifest is an array.",
        change: |m| {
            *m = json!([m.clone()]);
        },
    },
    Row {
        name: "release-missing",
        rule: "man-1",
        code: "manifest-malformed",
        about: "A required field is missing.",
        change: |m| {
            drop_field(m, "release");
        },
    },
    Row {
        name: "producer-missing",
        rule: "man-1",
        code: "manifest-malformed",
        about: "A release without a producer.",
        change: |m| {
            drop_field(&mut m["release"], "producer");
        },
    },
    Row {
        name: "producer-name-missing",
        rule: "man-1",
        code: "manifest-malformed",
        about: "A producer without a name.",
        change: |m| {
            drop_field(&mut m["release"]["producer"], "name");
        },
    },
    Row {
        name: "roles-empty",
        rule: "man-1",
        code: "manifest-malformed",
        about: "An artifact without a role.",
        change: |m| {
            m["artifacts"][0]["roles"] = json!([]);
        },
    },
    Row {
        name: "roles-65",
        rule: "man-1",
        code: "manifest-malformed",
        about: "An artifact has 65 roles.",
        change: |m| {
            m["artifacts"][0]["roles"] = (0..65).map(|n| json!(format!("x.r{n}"))).collect();
        },
    },
    Row {
        name: "outputs-empty",
        rule: "man-1",
        code: "manifest-malformed",
        about: "A stage without an output.",
        change: |m| {
            m["stages"][1]["outputs"] = json!([]);
        },
    },
    Row {
        name: "outputs-missing",
        rule: "man-1",
        code: "manifest-malformed",
        about: "A stage without `outputs`.",
        change: |m| {
            drop_field(&mut m["stages"][1], "outputs");
        },
    },
    Row {
        name: "text-for-array",
        rule: "man-1",
        code: "manifest-malformed",
        about: "A text where an array belongs.",
        change: |m| {
            m["artifacts"][0]["files"] = json!("model.safetensors");
        },
    },
    Row {
        name: "number-for-text",
        rule: "man-1",
        code: "manifest-malformed",
        about: "A number where a text belongs.",
        change: |m| {
            m["release"]["version"] = json!(1);
        },
    },
    Row {
        name: "closure-other",
        rule: "man-1",
        code: "manifest-malformed",
        about: "`closure` is neither `complete` nor `partial`.",
        change: |m| {
            m["closure"] = json!("Complete");
        },
    },
    Row {
        name: "use-other",
        rule: "man-1",
        code: "manifest-malformed",
        about: "A model is neither `init` nor `online`.",
        change: |m| {
            m["stages"][1]["models"][0]["use"] = json!("frozen");
        },
    },
    Row {
        name: "locators-65",
        rule: "man-1",
        code: "manifest-malformed",
        about: "An artifact has 65 locators.",
        change: |m| {
            m["artifacts"][4]["locators"] =
                (0..65).map(|n| json!(format!("https://example.org/{n}"))).collect();
        },
    },
    Row {
        name: "licence-file-both",
        rule: "man-1",
        code: "manifest-malformed",
        about: "A licence file is a path and an artifact.",
        change: |m| {
            m["artifacts"][0]["licenseFiles"] =
                json!([{ "path": "LICENSE", "artifact": "notice" }]);
        },
    },
    Row {
        name: "licence-file-neither",
        rule: "man-1",
        code: "manifest-malformed",
        about: "A licence file is neither a path nor an artifact.",
        change: |m| {
            m["artifacts"][0]["licenseFiles"] = json!([{}]);
        },
    },
    Row {
        name: "guidelines-empty",
        rule: "man-1",
        code: "manifest-malformed",
        about: "Guidelines that are none.",
        change: |m| {
            m["artifacts"][6]["humanAuthored"]["guidelines"] = json!([]);
        },
    },
    Row {
        name: "prng-missing",
        rule: "man-1",
        code: "manifest-malformed",
        about: "A stage starts from nothing, by no generator.",
        change: |m| {
            drop_field(&mut m["stages"][0]["init"], "prng");
        },
    },
    Row {
        name: "reason-of-role-missing",
        rule: "man-1",
        code: "manifest-malformed",
        about: "A role is not applicable, without a reason.",
        change: |m| {
            drop_field(&mut m["notApplicable"][0], "reason");
        },
    },
    Row {
        name: "archive-without-digest",
        rule: "man-1",
        code: "manifest-malformed",
        about: "A locator object without `sha256`.",
        change: |m| {
            drop_field(&mut m["artifacts"][4]["locators"][1], "sha256");
        },
    },
    Row {
        name: "object-as-array",
        rule: "json-10",
        code: "manifest-malformed",
        about: "The values of the producer in an array.",
        change: |m| {
            m["release"]["producer"] = json!(["Example Lab"]);
        },
    },
    Row {
        name: "archive-relative",
        rule: "man-1",
        code: "manifest-malformed",
        about: "An archive's place is a path of the release.",
        change: |m| {
            m["artifacts"][4]["locators"][1]["uri"] = json!("t.tar");
        },
    },
    Row {
        name: "supersedes-upper-case",
        rule: "man-1",
        code: "manifest-malformed",
        about: "A statement id in upper case.",
        change: |m| {
            m["release"]["supersedes"] = json!("A".repeat(64));
        },
    },
    Row {
        name: "compare-mode",
        rule: "man-18",
        code: "manifest-malformed",
        about: "A comparison that nobody knows.",
        change: |m| {
            m["stages"][0]["compare"]["mode"] = json!("close");
        },
    },
    Row {
        name: "availability-other",
        rule: "man-19",
        code: "manifest-malformed",
        about: "An availability that nobody knows.",
        change: |m| {
            m["artifacts"][0]["availability"] = json!("open");
        },
    },
];
