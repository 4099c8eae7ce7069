//! Manifests: globs, licences, paths and digests.

use serde_json::json;

use super::manifest::Row;

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "excluded-leading-slash",
        rule: "man-22",
        code: "manifest-malformed",
        about: "A glob starts with `/`.",
        change: |m| {
            m["tree"]["excluded"] = json!(["/logs"]);
        },
    },
    Row {
        name: "excluded-open-bracket",
        rule: "tree-11",
        code: "manifest-malformed",
        about: "A glob with a `[` that is not closed.",
        change: |m| {
            m["tree"]["excluded"] = json!(["a[b"]);
        },
    },
    Row {
        name: "excluded-empty",
        rule: "tree-10",
        code: "manifest-malformed",
        about: "An empty glob.",
        change: |m| {
            m["tree"]["excluded"] = json!([""]);
        },
    },
    Row {
        name: "excluded-1025",
        rule: "tree-10",
        code: "manifest-malformed",
        about: "A glob of 1,025 characters.",
        change: |m| {
            m["tree"]["excluded"] = json!(["a".repeat(1025)]);
        },
    },
    Row {
        name: "excluded-1001",
        rule: "man-22",
        code: "manifest-malformed",
        about: "1,001 globs.",
        change: |m| {
            m["tree"]["excluded"] = (0..1001).map(|n| json!(format!("{n}"))).collect();
        },
    },
    Row {
        name: "licence-empty",
        rule: "man-40",
        code: "manifest-malformed",
        about: "An empty licence.",
        change: |m| {
            m["artifacts"][0]["license"] = json!("");
        },
    },
    Row {
        name: "licence-two-ids",
        rule: "man-40",
        code: "manifest-malformed",
        about: "Two ids without an operator.",
        change: |m| {
            m["artifacts"][0]["license"] = json!("MIT Apache-2.0");
        },
    },
    Row {
        name: "licence-lower-case-operator",
        rule: "man-40",
        code: "manifest-malformed",
        about: "An operator in lower case.",
        change: |m| {
            m["artifacts"][0]["license"] = json!("MIT or Apache-2.0");
        },
    },
    Row {
        name: "licence-open-bracket",
        rule: "man-40",
        code: "manifest-malformed",
        about: "A bracket that is not closed.",
        change: |m| {
            m["artifacts"][0]["license"] = json!("(MIT");
        },
    },
    Row {
        name: "licence-none-inside",
        rule: "man-40",
        code: "manifest-malformed",
        about: "`NONE` inside an expression.",
        change: |m| {
            m["artifacts"][0]["license"] = json!("MIT OR NONE");
        },
    },
    Row {
        name: "licence-with-bracket",
        rule: "man-40",
        code: "manifest-malformed",
        about: "`WITH` behind a bracket.",
        change: |m| {
            m["artifacts"][0]["license"] = json!("(GPL-2.0) WITH Classpath-exception-2.0");
        },
    },
    Row {
        name: "licence-tab",
        rule: "man-40",
        code: "manifest-malformed",
        about: "Tokens parted by a tab.",
        change: |m| {
            m["artifacts"][0]["license"] = json!("MIT\tOR\tX");
        },
    },
    Row {
        name: "licence-1025",
        rule: "man-40",
        code: "manifest-malformed",
        about: "An expression of 1,025 characters.",
        change: |m| {
            m["artifacts"][0]["license"] = json!("a".repeat(1025));
        },
    },
    Row {
        name: "path-absolute",
        rule: "path-1",
        code: "manifest-malformed",
        about: "A path starts with `/`.",
        change: |m| {
            m["artifacts"][0]["files"][0] = json!("/etc/passwd");
        },
    },
    Row {
        name: "path-double-slash",
        rule: "path-1",
        code: "manifest-malformed",
        about: "A path with an empty part.",
        change: |m| {
            m["artifacts"][0]["files"][0] = json!("a//b");
        },
    },
    Row {
        name: "path-empty",
        rule: "path-1",
        code: "manifest-malformed",
        about: "An empty path.",
        change: |m| {
            m["artifacts"][0]["files"][0] = json!("");
        },
    },
    Row {
        name: "path-dot-dot",
        rule: "path-2",
        code: "manifest-malformed",
        about: "A path leaves the release.",
        change: |m| {
            m["artifacts"][0]["files"][0] = json!("a/../../b");
        },
    },
    Row {
        name: "path-dot",
        rule: "path-2",
        code: "manifest-malformed",
        about: "A path has a part `.`.",
        change: |m| {
            m["artifacts"][0]["files"][0] = json!("./model.safetensors");
        },
    },
    Row {
        name: "path-control",
        rule: "path-3",
        code: "manifest-malformed",
        about: "A path with a line feed.",
        change: |m| {
            m["artifacts"][0]["files"][0] = json!("a\nb");
        },
    },
    Row {
        name: "path-backslash",
        rule: "path-4",
        code: "manifest-malformed",
        about: "A path with a backslash.",
        change: |m| {
            m["artifacts"][0]["files"][0] = json!("a\\b");
        },
    },
    Row {
        name: "path-drive",
        rule: "path-5",
        code: "manifest-malformed",
        about: "A path starts with a drive.",
        change: |m| {
            m["artifacts"][0]["files"][0] = json!("C:model.bin");
        },
    },
    Row {
        name: "path-4096",
        rule: "path-6",
        code: "manifest-malformed",
        about: "A path of 4,096 bytes.",
        change: |m| {
            m["artifacts"][0]["files"][0] = json!("a".repeat(4096));
        },
    },
    Row {
        name: "selector-two-slashes",
        rule: "path-7",
        code: "manifest-malformed",
        about: "A selector ends in two slashes.",
        change: |m| {
            m["artifacts"][0]["files"][0] = json!("data//");
        },
    },
    Row {
        name: "selector-slash",
        rule: "path-7",
        code: "manifest-malformed",
        about: "A selector that is a slash.",
        change: |m| {
            m["artifacts"][0]["files"][0] = json!("/");
        },
    },
    Row {
        name: "digest-empty",
        rule: "digest-1",
        code: "manifest-malformed",
        about: "A digest set with nothing in it.",
        change: |m| {
            m["artifacts"][4]["digest"] = json!({});
        },
    },
    Row {
        name: "digest-unknown-alone",
        rule: "digest-1",
        code: "manifest-malformed",
        about: "A digest set with nothing known in it.",
        change: |m| {
            m["artifacts"][4]["digest"] = json!({ "md5": "0".repeat(32) });
        },
    },
    Row {
        name: "digest-upper-case",
        rule: "digest-2",
        code: "manifest-malformed",
        about: "A digest in upper case.",
        change: |m| {
            m["artifacts"][5]["digest"]["sha256"] = json!("A".repeat(64));
        },
    },
    Row {
        name: "digest-short",
        rule: "digest-2",
        code: "manifest-malformed",
        about: "A digest with a digit too few.",
        change: |m| {
            m["artifacts"][5]["digest"]["sha256"] = json!("a".repeat(63));
        },
    },
    Row {
        name: "digest-git-41",
        rule: "digest-2",
        code: "manifest-malformed",
        about: "A git id with a digit too many.",
        change: |m| {
            m["artifacts"][4]["digest"]["gitTree"] = json!("a".repeat(41));
        },
    },
];
