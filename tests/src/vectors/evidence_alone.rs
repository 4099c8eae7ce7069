//! Judging by evidence: without a release directory, or with one that the evidence contradicts.

use base64::Engine as _;
use serde_json::{Value, json};

use super::case::Case;
use super::evidence::{locked, observed, of, seen, start, walked};
use super::key::ALICE;
use super::release::{Release, Signed, drop_field, push};
use super::seal::{self, text};

/// Without a release directory, or with one that the evidence contradicts.
pub(super) fn cases() -> Vec<Case> {
    [files_seen(), files_not_read(), facts_seen(), looks_ignored(), entries_claimed()].concat()
}

/// Evidence of the toy release, changed.
fn seen_by(signed: &Signed, change: fn(&mut Value)) -> Value {
    let mut evidence = of(signed);
    evidence["release"] = walked(signed);
    change(&mut evidence);
    evidence
}

/// The toy release without its directory: the bundle is named.
pub(super) fn without(
    id: &str,
    rule: &str,
    layer: &str,
    about: &str,
    change: fn(&mut Value),
) -> Case {
    let signed = Release::toy().signed(|_| {});
    start(id, rule, layer, about)
        .bundles(&[("bundle.json", text(&seal::bundle(&signed.payload, ALICE)))])
        .keys(&[ALICE])
        .evidence(&seen_by(&signed, change))
}

fn files_seen() -> Vec<Case> {
    let entry = |id: &str, kind: fn(&mut Value), code: &str, about: &str| {
        let case = without(id, "ver-27", "files", about, kind);
        if code == "file-unreadable" || code == "file-unstable" {
            case.incomplete(&[code])
        } else {
            case.fails(&[code])
        }
    };
    vec![
        without("alone", "ver-65", "pass", "The files are judged from evidence.", |_| ())
            .passes(&[]),
        without("alone-changed", "ver-28", "files", "A changed file, from evidence.", |e| {
            e["release"]["files"][0]["sha256"] = json!("0".repeat(64));
        })
        .fails(&["file-changed"]),
        without("alone-missing", "ver-30", "files", "A missing file, from evidence.", |e| {
            if let Some(files) = e["release"]["files"].as_array_mut() {
                files.remove(0);
            }
        })
        .fails(&["file-missing"]),
        entry(
            "alone-symlink",
            |e| e["release"]["entries"] = json!([{ "path": "x", "kind": "symlink" }]),
            "symlink-present",
            "A symbolic link, from evidence.",
        ),
        entry(
            "alone-unreadable",
            |e| e["release"]["entries"] = json!([{ "path": "x", "kind": "unreadable" }]),
            "file-unreadable",
            "A directory that could not be listed, from evidence.",
        ),
        entry(
            "alone-unstable",
            |e| {
                e["release"]["entries"] = json!([{ "path": "README.md", "kind": "unstable" }]);
                if let Some(files) = e["release"]["files"].as_array_mut() {
                    files.remove(0);
                }
            },
            "file-unstable",
            "A file that changed while it was read, from evidence.",
        ),
    ]
}

/// Makes a file one that the collector did not read (`tree-19`).
fn not_read(file: &mut Value) {
    drop_field(file, "sha256");
    drop_field(file, "blake3");
}

/// Adds a file that the collector did not read.
fn add(evidence: &mut Value, path: &str) {
    let file = json!({ "path": path, "size": 8_796_093_022_208_u64 });
    push(&mut evidence["release"]["files"], file);
}

fn files_not_read() -> Vec<Case> {
    vec![
        without(
            "alone-size-alone",
            "ver-33",
            "files",
            "A file has the size that was signed, and nobody read it.",
            |e| {
                not_read(&mut e["release"]["files"][0]);
            },
        )
        .incomplete(&["file-unchecked"]),
        without(
            "alone-none-read",
            "evd-28",
            "files",
            "All files have the sizes that were signed, and nobody read them.",
            |e| {
                e["release"]["files"].as_array_mut().into_iter().flatten().for_each(not_read);
            },
        )
        .incomplete(&["file-unchecked"]),
        without(
            "alone-resized",
            "ver-29",
            "files",
            "A file has another size, and nobody read it.",
            |e| {
                not_read(&mut e["release"]["files"][0]);
                e["release"]["files"][0]["size"] = json!(8_796_093_022_208_u64);
            },
        )
        .fails(&["file-changed"]),
        without(
            "alone-added",
            "tree-19",
            "files",
            "A file that the statement does not cover, and nobody read.",
            |e| {
                add(e, "more.bin");
            },
        )
        .fails(&["file-added"]),
        without(
            "alone-twin",
            "ver-35",
            "files",
            "A file that nobody read differs from a covered one in case alone.",
            |e| {
                add(e, "readme.md");
            },
        )
        .fails(&["file-added", "name-twin"]),
        without(
            "alone-unreadable-file",
            "ver-31",
            "files",
            "A file stands without digests among the files, and as unreadable.",
            |e| {
                not_read(&mut e["release"]["files"][0]);
                e["release"]["entries"] = json!([{ "path": "README.md", "kind": "unreadable" }]);
            },
        )
        .incomplete(&["file-unreadable"]),
    ]
}

fn facts_seen() -> Vec<Case> {
    vec![
        without("alone-remote-code", "evd-10", "loading", "Code elsewhere, from evidence.", |e| {
            e["release"]["facts"] = json!([{ "kind": "remote-code", "path": "config.json", "value": "a/b--c.d" }]);
        })
        .fails(&["remote-code"]),
        without("alone-weight-map", "evd-17", "loading", "A shard that nobody signed, from evidence.", |e| {
            e["release"]["facts"] = json!([{ "kind": "weight-map", "path": "config.json", "target": "other.bin" }]);
        })
        .fails(&["loadable-uncovered"]),
        without("alone-config-unread", "evd-10", "loading", "A config that could not be understood, from evidence.", |e| {
            e["release"]["facts"] = json!([{ "kind": "config-unread", "path": "config.json", "value": "not JSON" }]);
        })
        .incomplete(&["file-unchecked"]),
        without("alone-digests", "ver-34", "pass", "Which digests were computed is what the evidence says.", |e| {
            e["release"]["digests"] = json!("blake3");
            for file in e["release"]["files"].as_array_mut().into_iter().flatten() {
                drop_field(file, "sha256");
            }
        })
        .passes(&["digests-partial"]),
        without("alone-not-looked", "ver-24", "files", "Evidence without a look at the files.", |e| drop_field(e, "release"))
            .incomplete(&["not-looked"]),
    ]
}

fn looks_ignored() -> Vec<Case> {
    let signed = Release::toy().signed(|_| {});
    vec![
        start(
            "release-ignored",
            "evd-12",
            "pass",
            "Files that are there are hashed, whatever the evidence says of them.",
        )
        .signed(&signed)
        .evidence(&seen_by(&signed, |e| e["release"]["files"][0]["sha256"] = json!("0".repeat(64))))
        .passes(&[]),
        git_tree_of_files(),
        start(
            "alone-foreign",
            "ver-25",
            "evidence",
            "Evidence about another statement, and no directory.",
        )
        .bundles(&[("bundle.json", text(&seal::bundle(&signed.payload, ALICE)))])
        .keys(&[ALICE])
        .evidence(&of(&locked().0))
        .stops(&["evidence-foreign"]),
    ]
}

fn entries_claimed() -> Vec<Case> {
    let signed = Release::toy().signed(|_| {});
    vec![
        without(
            "alone-excluded-by-nobody",
            "evd-19",
            "files",
            "Evidence takes a file out that no glob takes out.",
            |e| {
                e["release"]["entries"] = json!([{ "path": "notes.txt", "kind": "excluded" }]);
            },
        )
        .fails(&["file-added"]),
        without(
            "alone-ignored-by-nobody",
            "evd-19",
            "files",
            "Evidence ignores a file that nobody ignores.",
            |e| {
                e["release"]["entries"] = json!([{ "path": "notes.txt", "kind": "ignored" }]);
            },
        )
        .fails(&["file-added"]),
        without(
            "alone-ignored",
            "evd-19",
            "pass",
            "Evidence ignores what the walk ignores.",
            |e| {
                e["release"]["entries"] = json!([{ "path": "README.md.sig", "kind": "ignored" }]);
            },
        )
        .passes(&[]),
        start("statement-alone", "ver-24", "files", "An unsigned statement, and nothing else.")
            .file("statement", "statement.json", signed.payload.clone())
            .incomplete(&["not-looked", "signature-none"]),
        start(
            "parent-envelope-is-data",
            "evd-16",
            "pass",
            "The envelope of a parent is not opened.",
        )
        .signed(&signed)
        .evidence(&seen_by(&signed, |e| {
            let nothing = base64::engine::general_purpose::STANDARD.encode("{}");
            let (found, lost) = ("0".repeat(64), "1".repeat(64));
            let place = seen("https://example.org/parent.json", json!({ "status": "absent" }));
            e["parents"] = json!([
                { "statement": { "sha256": found }, "envelope": nothing, "local": {} },
                { "statement": { "sha256": lost }, "observations": [place] },
            ]);
        }))
        .passes(&[]),
    ]
}

/// evd-18: what only a walk can tell of the artifact's own files.
fn git_tree_of_files() -> Case {
    let tree = "0123456789abcdef".repeat(4);
    let signed = Release::toy()
        .with("src/main.rs", "fn main() {}\n")
        .artifact(json!({ "id": "code", "roles": ["code.training"], "files": ["src/"], "digest": { "gitTree": tree } }))
        .signed(|_| {});
    let mut evidence =
        observed(&signed, "code", vec![seen("files", json!({ "digests": { "gitTree": tree } }))]);
    evidence["release"] = walked(&signed);
    start(
        "git-tree-of-files",
        "evd-18",
        "pass",
        "A gitTree that the collector computed of the release's own files.",
    )
    .bundles(&[("bundle.json", text(&seal::bundle(&signed.payload, ALICE)))])
    .keys(&[ALICE])
    .evidence(&evidence)
    .passes(&[])
}
