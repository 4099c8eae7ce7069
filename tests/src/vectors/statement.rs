//! Statements: types, subjects, and what subjects and manifest say of each other.

use serde_json::{Value, json};

use super::case::{Case, case};
use super::release::{Release, drop_field, push, subject};
use super::seal::{sha256, text};

type Row = (&'static str, &'static str, &'static str, &'static str, fn(&mut Value));

/// What breaks the form: `check` and `verify` see it alike.
const FORM: &[Row] = &[
    ("type-v0.1", "stm-1", "statement-type", "An in-toto Statement of an older version.", |s| {
        s["_type"] = json!("https://in-toto.io/Statement/v0.1");
    }),
    ("type-trailing-slash", "stm-1", "statement-type", "The type with a slash behind it.", |s| {
        s["_type"] = json!("https://in-toto.io/Statement/v1/");
    }),
    (
        "predicate-type-one-byte-off",
        "stm-2",
        "predicate-type",
        "The predicate type is one byte off.",
        |s| {
            s["predicateType"] = json!("https://fullsource.dev/model-provenance/v0.2");
        },
    ),
    (
        "predicate-type-upper-case",
        "stm-2",
        "predicate-type",
        "The predicate type in another case.",
        |s| {
            s["predicateType"] = json!("https://fullsource.dev/Model-Provenance/v0.1");
        },
    ),
    ("predicate-type-slsa", "stm-2", "predicate-type", "Provenance of another kind.", |s| {
        s["predicateType"] = json!("https://slsa.dev/provenance/v1");
    }),
    ("type-missing", "stm-1", "statement-malformed", "No type at all.", |s| drop_field(s, "_type")),
    ("predicate-missing", "stm-4", "statement-malformed", "No predicate.", |s| {
        drop_field(s, "predicate")
    }),
    ("subject-missing", "stm-4", "statement-malformed", "No subjects.", |s| {
        drop_field(s, "subject")
    }),
    ("subject-empty", "stm-3", "statement-malformed", "An empty list of subjects.", |s| {
        s["subject"] = json!([]);
    }),
    ("subject-nameless", "stm-4", "statement-malformed", "A subject without a name.", |s| {
        drop_field(&mut s["subject"][0], "name");
    }),
    ("subject-name-empty", "stm-4", "statement-malformed", "A subject with an empty name.", |s| {
        s["subject"][0]["name"] = json!("");
    }),
    ("subject-name-dot-dot", "stm-4", "statement-malformed", "A subject above the release.", |s| {
        s["subject"][0]["name"] = json!("../README.md");
    }),
    (
        "subject-name-absolute",
        "stm-4",
        "statement-malformed",
        "A subject with an absolute path.",
        |s| {
            s["subject"][0]["name"] = json!("/etc/passwd");
        },
    ),
    (
        "subject-name-backslash",
        "stm-4",
        "statement-malformed",
        "A subject with a backslash.",
        |s| {
            s["subject"][0]["name"] = json!("a\\README.md");
        },
    ),
    (
        "subject-blake3",
        "stm-4",
        "statement-malformed",
        "A subject with BLAKE3 beside SHA-256.",
        |s| {
            s["subject"][0]["digest"]["blake3"] = json!("0".repeat(64));
        },
    ),
    (
        "subject-sha512",
        "stm-4",
        "statement-malformed",
        "A subject with a digest that nobody here knows.",
        |s| {
            s["subject"][0]["digest"]["sha512"] = json!("0".repeat(128));
        },
    ),
    (
        "subject-without-sha256",
        "stm-4",
        "statement-malformed",
        "A subject with BLAKE3 alone.",
        |s| {
            s["subject"][0]["digest"] = json!({ "blake3": "0".repeat(64) });
        },
    ),
    (
        "subject-digest-missing",
        "stm-4",
        "statement-malformed",
        "A subject without a digest.",
        |s| {
            drop_field(&mut s["subject"][0], "digest");
        },
    ),
    ("subject-digest-upper-case", "stm-4", "statement-malformed", "A digest in upper case.", |s| {
        s["subject"][0]["digest"]["sha256"] = json!("A".repeat(64));
    }),
    (
        "subject-digest-short",
        "stm-4",
        "statement-malformed",
        "A digest with a digit too few.",
        |s| {
            s["subject"][0]["digest"]["sha256"] = json!("a".repeat(63));
        },
    ),
    ("subject-twice", "stm-5", "id-duplicate", "Two subjects with the same name.", |s| {
        let again = subject("config.json", &"0".repeat(64));
        push(&mut s["subject"], again);
    }),
    ("file-twice", "stm-5", "id-duplicate", "Two items of `files` with the same path.", |s| {
        let again = s["predicate"]["files"][0].clone();
        push(&mut s["predicate"]["files"], again);
    }),
];

/// Names that are never subjects.
const LEFT_OUT: &[(&str, &str)] = &[
    ("manifest", "fullsource.json"),
    ("bundle", "fullsource.sigstore.json"),
    ("envelope", "fullsource.dsse.json"),
    ("index", "fullsource.files.jsonl"),
    ("artifact-index", "corpus.files.jsonl"),
    ("signature", "sub/model.safetensors.sig"),
    ("git", "sub/.git/config"),
    ("hg", ".hg/store"),
    ("hub-records", ".cache/huggingface/download/x"),
];

/// What subjects and manifest say of each other.
const PARTS: &[Row] = &[
    ("files-lacks-a-subject", "stm-11", "files-mismatch", "`files` lacks a subject.", |s| {
        if let Some(files) = s["predicate"]["files"].as_array_mut() {
            files.pop();
        }
        s["predicate"]["tree"] = json!({});
    }),
    (
        "files-has-another",
        "stm-11",
        "files-mismatch",
        "`files` has a path that is no subject.",
        |s| {
            push(&mut s["predicate"]["files"], json!({ "path": "other.txt", "size": 1 }));
            s["predicate"]["tree"] = json!({});
        },
    ),
    ("files-absent", "stm-11", "files-mismatch", "There is no `files`.", |s| {
        drop_field(&mut s["predicate"], "files");
        s["predicate"]["tree"] = json!({});
    }),
    ("tree-file-count", "stm-12", "tree-mismatch", "`tree.fileCount` is one too large.", |s| {
        s["predicate"]["tree"]["fileCount"] = json!(4);
    }),
    ("tree-total-bytes", "stm-12", "tree-mismatch", "`tree.totalBytes` is wrong.", |s| {
        s["predicate"]["tree"]["totalBytes"] = json!(1);
    }),
    ("tree-dir-hash", "stm-12", "tree-mismatch", "`tree.digest.dirHash` is wrong.", |s| {
        s["predicate"]["tree"]["digest"]["dirHash"] = json!("0".repeat(64));
    }),
    (
        "files-uncovered",
        "stm-13",
        "files-uncovered",
        "An artifact names a file that is no subject.",
        |s| {
            s["predicate"]["artifacts"][1]["files"] = json!(["config.json", "missing.json"]);
        },
    ),
    (
        "files-uncovered-directory",
        "stm-13",
        "files-uncovered",
        "An artifact names a directory without subjects.",
        |s| {
            s["predicate"]["artifacts"][1]["files"] = json!(["config.json", "missing/"]);
        },
    ),
    (
        "files-uncovered-locator",
        "stm-13",
        "files-uncovered",
        "A relative locator names a file that is no subject.",
        |s| {
            s["predicate"]["artifacts"][1]["locators"] = json!(["missing.json"]);
        },
    ),
    (
        "files-uncovered-file-as-directory",
        "path-7",
        "files-uncovered",
        "A slash behind the name of a file.",
        |s| {
            s["predicate"]["artifacts"][1]["files"] = json!(["config.json/"]);
        },
    ),
    (
        "files-uncovered-prefix",
        "path-7",
        "files-uncovered",
        "A selector selects no file by the start of its name.",
        |s| {
            s["predicate"]["artifacts"][1]["files"] = json!(["config"]);
        },
    ),
    (
        "files-uncovered-case",
        "path-8",
        "files-uncovered",
        "A path in another case is another path.",
        |s| {
            s["predicate"]["artifacts"][1]["files"] = json!(["Config.json"]);
        },
    ),
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (rows, layer) in [(FORM, "statement"), (PARTS, "rules")] {
        for (name, rule, code, about, change) in rows {
            let mut statement = Release::toy().statement();
            change(&mut statement);
            cases.extend(both(name, rule, layer, about, &statement, code));
        }
    }
    for (name, path) in LEFT_OUT {
        let mut statement = Release::toy().statement();
        push(&mut statement["subject"], subject(path, &"0".repeat(64)));
        push(&mut statement["predicate"]["files"], json!({ "path": path, "size": 1 }));
        statement["predicate"]["tree"] = json!({});
        let about = format!("The name `{path}` cannot be a subject.");
        let name = format!("subject-{name}");
        cases.extend(both(&name, "stm-6", "statement", &about, &statement, "statement-malformed"));
    }
    cases.extend(alone());
    cases
}

/// As a document, and signed.
fn both(
    name: &str,
    rule: &str,
    layer: &str,
    about: &str,
    statement: &Value,
    code: &str,
) -> [Case; 2] {
    [
        case(format!("statement/{name}"), rule, layer, about)
            .payload(&text(statement))
            .stops(&[code]),
        case(format!("statement/check-{name}"), rule, layer, about)
            .document("statement", text(statement))
            .fails(&[code]),
    ]
}

fn alone() -> Vec<Case> {
    [fields_and_limits(), ids_and_selectors()].concat()
}

fn fields_and_limits() -> Vec<Case> {
    let many = |count: usize| {
        let mut release = Release::toy();
        for n in 3..count {
            release = release.with(&format!("texts/{n:04}"), "x");
        }
        release
    };
    let mut extra = Release::toy().statement();
    extra["extra"] = json!(1);
    let mut subject_field = Release::toy().statement();
    subject_field["subject"][0]["uri"] = json!("https://example.org/README.md");
    let good = Release::toy();
    vec![
        case("statement/check-good", "ver-66", "pass", "A statement as it should be.")
            .document("statement", text(&good.statement()))
            .passes(&[]),
        case(
            "statement/check-unknown-field",
            "json-8",
            "schema",
            "A field that in-toto does not have.",
        )
        .document("statement", text(&extra))
        .fails(&["statement-malformed"]),
        case(
            "statement/check-unknown-field-of-subject",
            "json-8",
            "schema",
            "A field that a subject does not have.",
        )
        .document("statement", text(&subject_field))
        .fails(&["statement-malformed"]),
        case(
            "statement/unknown-field",
            "json-8",
            "pass",
            "A field that in-toto does not have is ignored.",
        )
        .signed(&good.signed(|s| s["extra"] = json!(1)))
        .passes(&[]),
        case("statement/subjects-1000", "lim-9", "pass", "1,000 subjects.")
            .document("statement", super::seal::line(&many(1000).statement()))
            .passes(&[]),
        case("statement/subjects-1001", "lim-9", "statement", "1,001 subjects.")
            .payload(&super::seal::line(&many(1001).statement()))
            .stops(&["limit-exceeded"]),
    ]
}

fn ids_and_selectors() -> Vec<Case> {
    let good = Release::toy();
    let old = good.signed(|_| {});
    vec![
        case(
            "statement/order-of-keys",
            "stm-7",
            "pass",
            "The id is that of the bytes, whatever the order of keys and white space.",
        )
        .signed(&super::release::Signed {
            payload: reversed(&good.statement()),
            files: good.files.clone(),
        })
        .passes(&[]),
        case(
            "statement/id-of-the-bytes",
            "stm-7",
            "pass",
            "The statement id is the hash of the payload as it was signed.",
        )
        .signed(&old)
        .input("statementId", sha256(&old.payload))
        .passes(&[]),
        case("statement/sizes-absent-count", "stm-12", "pass", "`tree` is not required.")
            .signed(&good.signed(|s| drop_field(&mut s["predicate"], "tree")))
            .passes(&[]),
        case("statement/blake3-absent", "stm-10", "pass", "BLAKE3 of a file need not be stated.")
            .signed(&good.signed(|s| drop_field(&mut s["predicate"]["files"][0], "blake3")))
            .passes(&[]),
        case(
            "statement/selector-directory",
            "path-7",
            "pass",
            "A selector with a slash selects what lies below.",
        )
        .release(&Release::toy().with("texts/a", "a").with("texts/sub/b", "b").artifact(json!({
            "id": "texts", "roles": ["data.evaluation"], "files": ["texts/"]
        })))
        .passes(&[]),
        case(
            "statement/relative-locator",
            "man-31",
            "pass",
            "A relative locator counts as one of the artifact's files.",
        )
        .release(&Release::toy().artifact(json!({
            "id": "card", "roles": ["doc.model-card"], "locators": ["README.md"],
            "digest": { "sha256": sha256(b"A toy.\n") }
        })))
        .passes(&[]),
    ]
}

/// The same statement with its fields in another order, and spaces.
fn reversed(statement: &Value) -> Vec<u8> {
    let fields = statement.as_object().into_iter().flatten();
    let parts: Vec<String> =
        fields.map(|(key, value)| format!("{} : {value}", json!(key))).collect();
    let text: Vec<&str> = parts.iter().rev().map(String::as_str).collect();
    format!("\r\n {{ {} }}\t", text.join(" , ")).into_bytes()
}
