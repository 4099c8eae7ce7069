//! Manifests: rules on what is said about running a stage again.

use serde_json::json;

use super::manifest::{Allowed, Row};

/// What breaks a rule.
pub(super) const ROWS: &[Row] = &[
    Row {
        name: "segments-gap",
        rule: "man-16",
        code: "segments-broken",
        about: "A segment does not start where the last ended.",
        change: |m| {
            m["stages"][0]["segments"][1]["from"] = json!("lock");
        },
    },
    Row {
        name: "segments-end-elsewhere",
        rule: "man-16",
        code: "segments-broken",
        about: "The last segment does not end in an output.",
        change: |m| {
            m["stages"][0]["outputs"] = json!(["half"]);
            m["stages"][1]["outputs"] = json!(["small", "weights"]);
            m["stages"][1]["models"] = json!([]);
        },
    },
    Row {
        name: "segments-from-elsewhere",
        rule: "man-16",
        code: "segments-broken",
        about: "The first segment starts from an artifact that does not go into the stage.",
        change: |m| {
            m["stages"][0]["segments"][0]["from"] = json!("small");
        },
    },
    Row {
        name: "segments-from-online-model",
        rule: "man-16",
        code: "segments-broken",
        about: "The first segment starts from a model that only runs beside the stage.",
        change: |m| {
            m["stages"][0]["segments"][0]["from"] = json!("judge");
        },
    },
    Row {
        name: "command-brace-open",
        rule: "man-24",
        code: "command-malformed",
        about: "A brace opens and nothing closes it.",
        change: |m| {
            m["stages"][0]["command"][1] = json!("{output");
        },
    },
    Row {
        name: "command-brace-close",
        rule: "man-24",
        code: "command-malformed",
        about: "A brace closes what nothing opened.",
        change: |m| {
            m["stages"][0]["command"][1] = json!("{output}}");
        },
    },
    Row {
        name: "command-brace-alone",
        rule: "man-24",
        code: "command-malformed",
        about: "There is nothing between two braces.",
        change: |m| {
            m["stages"][0]["command"][1] = json!("find -exec {}");
        },
    },
    Row {
        name: "command-placeholder-unknown",
        rule: "man-24",
        code: "command-malformed",
        about: "There is no such placeholder.",
        change: |m| {
            m["stages"][0]["command"][1] = json!("{home}");
        },
    },
    Row {
        name: "command-placeholder-upper-case",
        rule: "man-24",
        code: "command-malformed",
        about: "A placeholder in upper case.",
        change: |m| {
            m["stages"][0]["command"][1] = json!("{OUTPUT}");
        },
    },
    Row {
        name: "command-input-no-id",
        rule: "man-24",
        code: "command-malformed",
        about: "What is named as an input is no id.",
        change: |m| {
            m["stages"][0]["command"][1] = json!("{input:a b}");
        },
    },
    Row {
        name: "command-nul",
        rule: "man-24",
        code: "command-malformed",
        about: "An item holds a NUL.",
        change: |m| {
            m["stages"][0]["command"][1] = json!("a\u{0}b");
        },
    },
    Row {
        name: "command-program-empty",
        rule: "man-24",
        code: "command-malformed",
        about: "The program has no name.",
        change: |m| {
            m["stages"][0]["command"][0] = json!("");
        },
    },
    Row {
        name: "command-input-of-nobody",
        rule: "man-25",
        code: "command-malformed",
        about: "An input that no artifact is.",
        change: |m| {
            m["stages"][0]["command"][1] = json!("{input:nobody}");
        },
    },
    Row {
        name: "command-input-of-another-stage",
        rule: "man-25",
        code: "command-malformed",
        about: "An artifact that the stage does not read.",
        change: |m| {
            m["stages"][0]["command"][1] = json!("{input:small}");
        },
    },
    Row {
        name: "command-input-output",
        rule: "man-25",
        code: "command-malformed",
        about: "An output as an input.",
        change: |m| {
            m["stages"][0]["command"][1] = json!("{input:weights}");
        },
    },
    Row {
        name: "command-checkpoint-of-stage",
        rule: "man-25",
        code: "command-malformed",
        about: "A whole stage starts from no checkpoint.",
        change: |m| {
            m["stages"][0]["command"][1] = json!("{checkpoint}");
        },
    },
    Row {
        name: "command-checkpoint-of-init",
        rule: "man-25",
        code: "command-malformed",
        about: "The first segment starts from `init`, and its command from a checkpoint.",
        change: |m| {
            m["stages"][0]["segments"][0]["command"] = json!(["trainer", "{checkpoint}"]);
        },
    },
    Row {
        name: "command-segment-input",
        rule: "man-25",
        code: "command-malformed",
        about: "A segment's command names an artifact that the stage does not read.",
        change: |m| {
            m["stages"][0]["segments"][1]["command"] = json!(["trainer", "{input:half}"]);
        },
    },
    Row {
        name: "compare-ulp-without-limit",
        rule: "man-26",
        code: "compare-limits",
        about: "A distance without a limit.",
        change: |m| {
            m["stages"][0]["compare"] = json!({ "mode": "ulp" });
        },
    },
    Row {
        name: "compare-bounded-without-limit",
        rule: "man-26",
        code: "compare-limits",
        about: "A bound that is not stated.",
        change: |m| {
            m["stages"][0]["compare"] = json!({ "mode": "bounded", "limits": {} });
        },
    },
    Row {
        name: "compare-bounded-by-ulp",
        rule: "man-26",
        code: "compare-limits",
        about: "A bound in the wrong measure.",
        change: |m| {
            m["stages"][0]["compare"] =
                json!({ "mode": "bounded", "limits": { "relativeL2": 0, "ulp": 1 } });
        },
    },
    Row {
        name: "compare-ulp-by-l2",
        rule: "man-26",
        code: "compare-limits",
        about: "A distance in the wrong measure.",
        change: |m| {
            m["stages"][0]["compare"] =
                json!({ "mode": "ulp", "limits": { "relativeL2": 0, "ulp": 1 } });
        },
    },
    Row {
        name: "compare-exact-with-limit",
        rule: "man-26",
        code: "compare-limits",
        about: "The same bytes, with a limit.",
        change: |m| {
            m["stages"][0]["compare"] = json!({ "mode": "exact", "limits": { "ulp": 0 } });
        },
    },
    Row {
        name: "compare-canonical-with-limit",
        rule: "man-26",
        code: "compare-limits",
        about: "The same values, with a limit.",
        change: |m| {
            m["stages"][0]["compare"] =
                json!({ "mode": "canonical", "limits": { "relativeL2": "0.1" } });
        },
    },
    Row {
        name: "compare-ulp-wide",
        rule: "man-26",
        code: "compare-limits",
        about: "A distance so wide that it says nothing.",
        change: |m| {
            m["stages"][0]["compare"] = json!({ "mode": "ulp", "limits": { "ulp": 65 } });
        },
    },
    Row {
        name: "compare-bounded-wide",
        rule: "man-26",
        code: "compare-limits",
        about: "A bound so wide that it says nothing.",
        change: |m| {
            m["stages"][0]["compare"] =
                json!({ "mode": "bounded", "limits": { "relativeL2": "0.51" } });
        },
    },
];

/// What looks odd and is allowed.
pub(super) const ALLOWED: &[Allowed] = &[
    ("ok-segment-from-model", "man-16", "A first segment starts from a model that goes in.", |m| {
        m["stages"][0]["models"][0]["use"] = json!("init");
        m["stages"][0]["segments"][0]["from"] = json!("judge");
        m["stages"][0]["segments"][0]["command"] =
            json!(["trainer", "{checkpoint}", "{input:judge}"]);
    }),
    ("ok-command-braces", "man-24", "Braces around what a placeholder gives.", |m| {
        m["stages"][0]["command"] = json!(["{{", "", "}}{{{output}}}{threads}{threads}", "é\n"]);
    }),
    ("ok-command-none", "man-24", "A command without items is none.", |m| {
        m["stages"][0]["command"] = json!([]);
    }),
    ("ok-compare-ulp", "man-26", "The widest distance.", |m| {
        m["stages"][0]["compare"] = json!({ "mode": "ulp", "limits": { "ulp": 64 } });
    }),
    ("ok-compare-bounded", "man-26", "The widest bound.", |m| {
        m["stages"][0]["compare"] =
            json!({ "mode": "bounded", "limits": { "relativeL2": "0.50" } });
    }),
    ("ok-compare-no-limits", "man-26", "Limits of which there is none.", |m| {
        m["stages"][0]["compare"] = json!({ "mode": "exact", "limits": {} });
    }),
];
