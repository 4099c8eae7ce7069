//! Manifests: ids, names, numbers, days, roles and kinds.

use serde_json::json;

use super::manifest::Row;

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "id-empty",
        rule: "man-2",
        code: "manifest-malformed",
        about: "An empty id.",
        change: |m| {
            m["artifacts"][2]["id"] = json!("");
        },
    },
    Row {
        name: "id-leading-dot",
        rule: "man-2",
        code: "manifest-malformed",
        about: "An id starts with a dot.",
        change: |m| {
            m["artifacts"][2]["id"] = json!(".small");
        },
    },
    Row {
        name: "id-slash",
        rule: "man-2",
        code: "manifest-malformed",
        about: "An id with a slash.",
        change: |m| {
            m["artifacts"][2]["id"] = json!("a/b");
        },
    },
    Row {
        name: "id-not-ascii",
        rule: "man-2",
        code: "manifest-malformed",
        about: "An id with a letter beyond ASCII.",
        change: |m| {
            m["artifacts"][2]["id"] = json!("größe");
        },
    },
    Row {
        name: "id-line-feed",
        rule: "man-2",
        code: "manifest-malformed",
        about: "An id with a line feed at its end.",
        change: |m| {
            m["artifacts"][2]["id"] = json!("small\n");
        },
    },
    Row {
        name: "id-129",
        rule: "man-2",
        code: "manifest-malformed",
        about: "An id of 129 characters.",
        change: |m| {
            m["artifacts"][2]["id"] = json!("a".repeat(129));
        },
    },
    Row {
        name: "name-empty",
        rule: "man-3",
        code: "manifest-malformed",
        about: "An empty name.",
        change: |m| {
            m["release"]["name"] = json!("");
        },
    },
    Row {
        name: "name-257",
        rule: "man-3",
        code: "manifest-malformed",
        about: "A name of 257 characters.",
        change: |m| {
            m["release"]["name"] = json!("é".repeat(257));
        },
    },
    Row {
        name: "name-control",
        rule: "man-3",
        code: "manifest-malformed",
        about: "A name with a control character.",
        change: |m| {
            m["release"]["name"] = json!("a\u{1b}[2J");
        },
    },
    Row {
        name: "name-control-c1",
        rule: "man-3",
        code: "manifest-malformed",
        about: "A name with U+009B.",
        change: |m| {
            m["release"]["name"] = json!("a\u{9b}2J");
        },
    },
    Row {
        name: "amount-negative",
        rule: "man-4",
        code: "manifest-malformed",
        about: "A negative amount.",
        change: |m| {
            m["stages"][0]["init"]["seed"] = json!(-1);
        },
    },
    Row {
        name: "amount-exponent",
        rule: "man-4",
        code: "manifest-malformed",
        about: "An amount with an exponent.",
        change: |m| {
            m["stages"][0]["compute"]["flop"] = json!("1e24");
        },
    },
    Row {
        name: "amount-sign",
        rule: "man-4",
        code: "manifest-malformed",
        about: "An amount with a sign.",
        change: |m| {
            m["stages"][0]["compute"]["flop"] = json!("+1");
        },
    },
    Row {
        name: "amount-point-alone",
        rule: "man-4",
        code: "manifest-malformed",
        about: "An amount ends in a point.",
        change: |m| {
            m["stages"][0]["compute"]["hours"] = json!("1.");
        },
    },
    Row {
        name: "amount-41-digits",
        rule: "man-4",
        code: "manifest-malformed",
        about: "An amount of 41 digits.",
        change: |m| {
            m["stages"][0]["compute"]["flop"] = json!("1".repeat(41));
        },
    },
    Row {
        name: "count-negative",
        rule: "man-5",
        code: "manifest-malformed",
        about: "A negative count.",
        change: |m| {
            m["artifacts"][4]["size"] = json!(-1);
        },
    },
    Row {
        name: "count-text",
        rule: "man-5",
        code: "manifest-malformed",
        about: "A count as a text.",
        change: |m| {
            m["artifacts"][4]["size"] = json!("4096");
        },
    },
    Row {
        name: "day-no-such",
        rule: "man-6",
        code: "manifest-malformed",
        about: "2026 has no 29 February.",
        change: |m| {
            m["release"]["releasedOn"] = json!("2026-02-29");
        },
    },
    Row {
        name: "day-short",
        rule: "man-6",
        code: "manifest-malformed",
        about: "A day without leading zeros.",
        change: |m| {
            m["release"]["releasedOn"] = json!("2026-2-1");
        },
    },
    Row {
        name: "day-time",
        rule: "man-6",
        code: "manifest-malformed",
        about: "A day with a time.",
        change: |m| {
            m["release"]["releasedOn"] = json!("2026-02-01T00:00:00Z");
        },
    },
    Row {
        name: "text-16385",
        rule: "man-7",
        code: "manifest-malformed",
        about: "A text of 16,385 characters.",
        change: |m| {
            m["artifacts"][6]["reason"] = json!("x".repeat(16_385));
        },
    },
    Row {
        name: "role-upper-case",
        rule: "man-8",
        code: "manifest-malformed",
        about: "A role in upper case.",
        change: |m| {
            m["artifacts"][0]["roles"][0] = json!("Weights.final");
        },
    },
    Row {
        name: "role-no-dot",
        rule: "man-8",
        code: "manifest-malformed",
        about: "A role without a dot.",
        change: |m| {
            m["artifacts"][0]["roles"][0] = json!("weights");
        },
    },
    Row {
        name: "role-65",
        rule: "man-8",
        code: "manifest-malformed",
        about: "A role of 65 characters.",
        change: |m| {
            m["artifacts"][9]["roles"][1] = json!(format!("x.{}", "a".repeat(63)));
        },
    },
    Row {
        name: "kind-digit",
        rule: "man-9",
        code: "manifest-malformed",
        about: "A stage kind with a digit.",
        change: |m| {
            m["stages"][0]["kind"] = json!("sft2");
        },
    },
    Row {
        name: "kind-65",
        rule: "man-9",
        code: "manifest-malformed",
        about: "A stage kind of 65 characters.",
        change: |m| {
            m["stages"][0]["kind"] = json!("a".repeat(65));
        },
    },
];
