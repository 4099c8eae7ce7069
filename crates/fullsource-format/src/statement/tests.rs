//! Where in a statement a broken rule stands: what an editor marks, and a form for other programs points at.
//! Which rules are broken by what is for vectors to tell.

#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::*;
use crate::index::IndexDigests;

fn sha(text: &str) -> String {
    Sha256::of(text.as_bytes()).to_string()
}

/// A statement about one file.
fn listed() -> Value {
    json!({
        "_type": TYPE,
        "subject": [{ "name": "model.bin", "digest": { "sha256": sha("model") } }],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "release": { "name": "m", "producer": { "name": "p" } },
            "files": [{ "path": "model.bin", "size": 5 }],
            "tree": { "fileCount": 1 },
            "artifacts": [{ "id": "weights", "roles": ["weights.final"],
                "files": ["model.bin"], "license": "MIT" }],
        }
    })
}

/// The bytes of an index of that file, with what binds them, and a statement about it.
fn indexed() -> (Vec<u8>, Value) {
    let mut files = FileTable::builder();
    let sha256 = Some(Sha256::of(b"model"));
    files.push(FileRecord { path: "model.bin", size: 5, sha256, blake3: None }).unwrap();
    let mut bytes = Vec::new();
    let IndexDigests { merkle_root, .. } =
        index::write_index(&files.build().unwrap(), &mut bytes).unwrap();
    let sha256 = Sha256::of(&bytes).to_string();
    let mut document = listed();
    let name = release_dir::FILE_INDEX;
    document["subject"] = json!([{ "name": name, "digest": { "sha256": sha256 } }]);
    document["predicate"].as_object_mut().unwrap().remove("files");
    document["predicate"]["tree"]["index"] = json!({
        "name": name, "sha256": sha256, "size": bytes.len(), "merkleRoot": merkle_root });
    (bytes, document)
}

fn parse(document: &Value) -> Result<Statement, StatementError> {
    Statement::parse(document.to_string().as_bytes(), UnknownFields::Refuse)
}

/// Where the rules stand that it breaks.
fn broken(document: &Value) -> Vec<String> {
    match parse(document).unwrap_err() {
        StatementError::Rules(violations) => {
            violations.into_iter().map(|one| one.pointer).collect()
        }
        error => unreachable!("{error}"),
    }
}

#[test]
fn a_broken_rule_has_its_place_and_brings_no_others_along() {
    assert!(parse(&listed()).is_ok());
    type Change = fn(&mut Value);
    let cases: &[(&[&str], Change)] = &[
        (&["/subject"], |d| d["subject"] = json!([])),
        (&["/subject/1/name"], |d| {
            let again = d["subject"][0].clone();
            d["subject"] = json!([again, again]);
        }),
        // The count and the artifact are not held against files that are not known.
        (&["/subject/0/name", "/predicate/files/0/path"], |d| {
            d["predicate"]["files"][0]["path"] = json!("other.bin");
            d["predicate"]["tree"]["fileCount"] = json!(2);
        }),
        (&["/predicate/tree/fileCount"], |d| d["predicate"]["tree"]["fileCount"] = json!(2)),
        (&["/predicate/artifacts/0/files/0"], |d| {
            d["predicate"]["artifacts"][0]["files"] = json!(["data/"]);
        }),
        (&["/predicate/artifacts/1/id"], |d| {
            let again = d["predicate"]["artifacts"][0].clone();
            d["predicate"]["artifacts"] = json!([again, again]);
        }),
    ];
    for (places, change) in cases {
        let mut document = listed();
        change(&mut document);
        assert_eq!(broken(&document), *places);
    }
}

#[test]
fn an_index_is_the_only_subject_by_its_name_and_digest() {
    let (_, good) = indexed();
    assert!(parse(&good).is_ok());
    type Change = fn(&mut Value);
    let cases: &[Change] = &[
        |d| d["subject"] = json!([d["subject"][0], listed()["subject"][0]]),
        |d| d["subject"][0]["name"] = json!("index"),
        |d| d["predicate"]["tree"]["index"]["name"] = json!("index"),
        |d| {
            d["subject"][0]["name"] = json!("index");
            d["predicate"]["tree"]["index"]["name"] = json!("index");
        },
        |d| d["subject"][0]["digest"]["sha256"] = json!(sha("other")),
    ];
    for change in cases {
        let mut document = good.clone();
        change(&mut document);
        assert_eq!(broken(&document)[0], "/predicate/tree/index", "{document:#}");
    }
}

/// `idx-6`, `idx-8`: the index of a parent is taken where it is the one that was signed, and no other.
#[test]
fn an_index_is_opened_where_its_bytes_are_those_that_were_signed() {
    let (bytes, document) = indexed();
    let open = |document: &Value, bytes: &[u8]| {
        let statement = parse(document).unwrap();
        let Covered::Indexed(stated) = statement.covered().clone() else { unreachable!() };
        statement.open_index(&stated, bytes).map(|files| files.len())
    };
    assert_eq!(open(&document, &bytes).unwrap(), 1);
    let mut other = bytes.clone();
    other[10] ^= 1;
    assert!(matches!(open(&document, &other), Err(IndexUnlike::Other)));
    let mut sized = document.clone();
    sized["predicate"]["tree"]["index"]["size"] = json!(bytes.len() + 1);
    assert!(matches!(open(&sized, &bytes), Err(IndexUnlike::Other)));
    let mut rooted = document;
    rooted["predicate"]["tree"]["index"]["merkleRoot"] = json!(sha("other"));
    let broken = open(&rooted, &bytes).unwrap_err();
    assert!(
        matches!(&broken, IndexUnlike::Violation(found)
            if found.pointer == "/predicate/tree/index/merkleRoot"),
        "{broken}"
    );
}
