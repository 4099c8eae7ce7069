//! The file index of a release.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::case::{Case, Files, case};
use super::key::ALICE;
use super::release::{BUNDLE, INDEX, Release, index_of, push, subject};
use super::seal::{bundle, sha256, text};

pub(super) fn start(id: &str, rule: &str, layer: &str, about: &str) -> Case {
    case(format!("index/{id}"), rule, layer, about)
}

/// The files, the index, and a bundle of this statement.
fn disk(files: &Files, index: &[u8], statement: &Value) -> Files {
    let mut disk = files.clone();
    disk.insert(INDEX.to_owned(), index.to_vec());
    disk.insert(BUNDLE.to_owned(), text(&bundle(&text(statement), ALICE)));
    disk
}

/// The toy release with this index, which the statement states truly.
fn with_index(change: impl FnOnce(String) -> String) -> Files {
    let toy = Release::toy();
    let (mut statement, good) = toy.indexed();
    let index = change(String::from_utf8(good).unwrap_or_default()).into_bytes();
    state(&mut statement, &index);
    disk(&toy.files, &index, &statement)
}

/// States the bytes of another index.
fn state(statement: &mut Value, index: &[u8]) {
    statement["subject"] = json!([subject(INDEX, &sha256(index))]);
    statement["predicate"]["tree"]["index"]["sha256"] = json!(sha256(index));
    statement["predicate"]["tree"]["index"]["size"] = json!(index.len());
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = bytes();
    cases.extend(lines());
    cases.extend(stated());
    cases
}

fn bytes() -> Vec<Case> {
    [listed(), of_other_bytes()].concat()
}

fn listed() -> Vec<Case> {
    let toy = Release::toy();
    let good = || with_index(|index| index);
    let names = ["a", "b", "c/d", "c/e"];
    let seven = names.iter().fold(toy.clone(), |release, name| release.with(name, *name));
    let (seven_statement, seven_index) = seven.indexed();
    let (mut claims, index) = toy.clone().with("ghost.bin", "x").indexed();
    claims["predicate"]["artifacts"][0]["files"] = json!(["model.safetensors", "ghost.bin"]);
    vec![
        start("good", "idx-5", "pass", "A file index may also list few files.")
            .disk(good())
            .passes(&[]),
        start(
            "seven-files",
            "idx-7",
            "pass",
            "The Merkle root of a number of files that is no power of two.",
        )
        .disk(disk(&seven.files, &seven_index, &seven_statement))
        .passes(&[]),
        start(
            "lists-what-is-not-there",
            "ver-30",
            "files",
            "The file index lists a weight file that is not in the release.",
        )
        .disk(disk(&toy.files, &index, &claims))
        .fails(&["file-missing"]),
        start("file-added", "ver-32", "files", "A file that the index does not list.")
            .disk(good())
            .put("notes.txt", "x")
            .fails(&["file-added"]),
        start("file-changed", "stm-10", "files", "A file that the index lists was changed.")
            .disk(good())
            .put("README.md", "A joy.\n")
            .fails(&["file-changed"]),
    ]
}

fn of_other_bytes() -> Vec<Case> {
    let toy = Release::toy();
    let good = || with_index(|index| index);
    let (mut claims, _) = toy.clone().with("ghost.bin", "x").indexed();
    claims["predicate"]["artifacts"][0]["files"] = json!(["model.safetensors", "ghost.bin"]);
    vec![
        start("missing", "idx-6", "files", "The index is not there.")
            .disk(good())
            .take(INDEX)
            .fails(&["file-missing"]),
        start("changed", "idx-6", "files", "The index is not the one that was signed.")
            .disk(good())
            .put(INDEX, index_of(&BTreeMap::from([("README.md".to_owned(), b"A toy.\n".to_vec())])))
            .fails(&["file-changed"]),
        start("changed-unparsed", "idx-6", "files", "An index with other bytes is not parsed.")
            .disk(good())
            .put(INDEX, "rubbish")
            .fails(&["file-changed"]),
        start(
            "changed-blake3-asked",
            "ver-26",
            "files",
            "The SHA-256 of the index is computed whatever was asked for.",
        )
        .disk(good())
        .put(INDEX, "rubbish")
        .input("digests", "blake3")
        .fails(&["file-changed"]),
        start("symlink", "idx-6", "files", "The index is a symbolic link.")
            .disk(good())
            .make(json!({ "remove": INDEX }))
            .make(json!({ "symlink": INDEX, "to": "README.md" }))
            .fails(&["file-missing"]),
    ]
}

/// Lines that are no lines of an index. Each is signed as it stands.
fn lines() -> Vec<Case> {
    type Change = fn(String) -> String;
    let bad: &[(&str, &str, &str, Change)] = &[
        ("unsorted", "idx-2", "Lines do not ascend.", |index| {
            let mut lines: Vec<&str> = index.lines().collect();
            lines.reverse();
            lines.join("\n") + "\n"
        }),
        ("duplicate", "idx-2", "A path stands twice.", |index| {
            let last = index.lines().last().unwrap_or_default().to_owned();
            index + &last + "\n"
        }),
        ("last-line-feed-missing", "idx-1", "The last line has no line feed.", |index| {
            index.trim_end().to_owned()
        }),
        ("blank-line", "idx-1", "A blank line.", |index| index.replacen('\n', "\n\n", 1)),
        ("carriage-return", "idx-1", "Lines end in CR LF.", |index| index.replace('\n', "\r\n")),
        ("not-json", "idx-1", "A line that is not JSON.", |index| index + "zzz\n"),
        ("array", "idx-1", "The index is an array.", |_| "[]\n".to_owned()),
        ("key-twice", "json-2", "Two equal keys on a line.", |index| {
            index.replacen("{", "{\"size\":7,", 1)
        }),
        ("size-missing", "idx-1", "A line without a size.", |index| {
            index.replacen("\"size\":7,", "", 1)
        }),
        ("size-fraction", "json-4", "A size with a fraction.", |index| {
            index.replacen("\"size\":7,", "\"size\":7.0,", 1)
        }),
        ("sha256-upper-case", "digest-2", "A digest in upper case.", |index| {
            let at = index.find("sha256\":\"").unwrap_or_default() + 9;
            index[..at].to_owned() + &index[at..at + 64].to_uppercase() + &index[at + 64..]
        }),
        ("path-dot-dot", "path-2", "A path that leaves the release.", |index| {
            index.replacen("README.md", "../EADME.md", 1)
        }),
    ];
    let bad = bad.iter().map(|(id, rule, about, change)| {
        start(id, rule, "statement", about).disk(with_index(change)).stops(&["index-malformed"])
    });
    bad.chain([
        listing("lists-itself", "The index lists itself.", INDEX),
        listing("lists-signature", "The index lists what is left out.", "config.sig"),
        start(
            "spaces-and-unknown-field",
            "idx-3",
            "pass",
            "A verifier reads any order of fields, spaces, and fields that it does not know.",
        )
        .disk(with_index(|index| index.replacen("{\"path\"", "{ \"x\" : [1], \"path\" ", 1)))
        .passes(&[]),
        start("line-too-long", "lim-8", "statement", "A line of more than 32 KiB.")
            .disk(with_index(|index| padded(&index, 32_769)))
            .stops(&["limit-exceeded"]),
        start("line-long", "lim-8", "pass", "A line of 32 KiB, its line feed among them.")
            .disk(with_index(|index| padded(&index, 32_768)))
            .passes(&[]),
    ])
    .collect()
}

/// An index whose first line has so many bytes with its line feed.
fn padded(index: &str, bytes: usize) -> String {
    let length = index.find('\n').map_or(0, |end| end + 1);
    index.replacen('{', &format!("{{{}", " ".repeat(bytes - length)), 1)
}

/// An index that lists this path, too, and a statement that says so.
fn listing(id: &str, about: &str, path: &str) -> Case {
    let release = Release::toy().with(path, "x");
    let (statement, index) = release.indexed();
    start(id, "idx-4", "statement", about)
        .disk(disk(&release.files, &index, &statement))
        .stops(&["index-malformed"])
}

/// What the statement says of the index.
fn stated() -> Vec<Case> {
    let toy = Release::toy();
    let with = |id: &str, rule: &str, layer: &str, about: &str, change: fn(&mut Value)| {
        let (mut statement, index) = toy.indexed();
        change(&mut statement);
        start(id, rule, layer, about).disk(disk(&toy.files, &index, &statement))
    };
    vec![
        with("merkle-root", "idx-8", "files", "The Merkle root is another.", |s| {
            s["predicate"]["tree"]["index"]["merkleRoot"] = json!("0".repeat(64));
        })
        .stops(&["index-conflict"]),
        with("size", "idx-6", "files", "The size of the index is another.", |s| {
            s["predicate"]["tree"]["index"]["size"] = json!(1);
        })
        .fails(&["file-changed"]),
        with(
            "sha256-of-another",
            "stm-9",
            "rules",
            "The subject and `tree.index` have different digests.",
            |s| {
                s["predicate"]["tree"]["index"]["sha256"] = json!("0".repeat(64));
            },
        )
        .stops(&["files-mismatch"]),
        with("second-subject", "stm-9", "rules", "A subject beside the index.", |s| {
            push(&mut s["subject"], subject("README.md", &sha256(b"A toy.\n")));
        })
        .stops(&["files-mismatch"]),
        with("files-beside", "man-21", "rules", "`files` beside the index.", |s| {
            s["predicate"]["files"] = json!([{ "path": "README.md", "size": 7 }]);
        })
        .stops(&["index-conflict"]),
        with("file-count", "stm-12", "rules", "`tree.fileCount` is not that of the index.", |s| {
            s["predicate"]["tree"]["fileCount"] = json!(2);
        })
        .stops(&["tree-mismatch"]),
        with(
            "dir-hash",
            "digest-6",
            "rules",
            "`tree.digest.dirHash` is not that of the index.",
            |s| {
                s["predicate"]["tree"]["digest"]["dirHash"] = json!("0".repeat(64));
            },
        )
        .stops(&["tree-mismatch"]),
        with(
            "files-uncovered",
            "ver-23",
            "rules",
            "An artifact names a file that the index does not list.",
            |s| {
                push(&mut s["predicate"]["artifacts"][0]["files"], json!("missing.bin"));
            },
        )
        .stops(&["files-uncovered"]),
    ]
}
