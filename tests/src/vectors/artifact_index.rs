//! The file index of an artifact.

use serde_json::{Value, json};

use super::case::{Case, Files};
use super::index::start;
use super::release::{Release, dir_hash, index_of, index_ref};

pub(super) fn cases() -> Vec<Case> {
    [beside_files(), against_files()].concat()
}

fn beside_files() -> Vec<Case> {
    [index_good_or_not(), index_gone()].concat()
}

fn index_good_or_not() -> Vec<Case> {
    let texts: Files = [("a.txt", "a"), ("b/c.txt", "c")]
        .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
        .into();
    let index = index_of(&texts);
    let size: usize = texts.values().map(Vec::len).sum();
    let artifact = json!({
        "id": "texts", "roles": ["data.evaluation"], "files": ["texts/"],
        "index": index_ref("texts.files.jsonl", &index, &texts),
        "digest": { "dirHash": dir_hash(&texts) }, "size": size,
    });
    let release = |artifact: &Value| {
        let toy = Release::toy().artifact(artifact.clone());
        texts
            .iter()
            .fold(toy, |toy, (path, bytes)| toy.with(&format!("texts/{path}"), bytes.clone()))
    };
    let with = |id: &str, rule: &str, layer: &str, about: &str, change: fn(&mut Value)| {
        let mut artifact = artifact.clone();
        change(&mut artifact);
        start(id, rule, layer, about)
            .release(&release(&artifact))
            .put("texts.files.jsonl", index.clone())
    };
    let mut other = texts.clone();
    other.insert("a.txt".to_owned(), b"x".to_vec());
    let conflicting = index_of(&other);
    let mut conflict = artifact.clone();
    conflict["index"] = index_ref("texts.files.jsonl", &conflicting, &other);
    if let Some(fields) = conflict.as_object_mut() {
        fields.shift_remove("digest");
    }
    vec![
        with(
            "artifact-good",
            "idx-11",
            "pass",
            "The index of an artifact whose files are in the release.",
            |_| (),
        )
        .passes(&[]),
        with(
            "artifact-merkle-root",
            "idx-8",
            "files",
            "The Merkle root of an artifact's index is another.",
            |a| {
                a["index"]["merkleRoot"] = json!("0".repeat(64));
            },
        )
        .stops(&["index-conflict"]),
    ]
}

fn index_gone() -> Vec<Case> {
    let texts: Files = [("a.txt", "a"), ("b/c.txt", "c")]
        .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
        .into();
    let index = index_of(&texts);
    let size: usize = texts.values().map(Vec::len).sum();
    let artifact = json!({
        "id": "texts", "roles": ["data.evaluation"], "files": ["texts/"],
        "index": index_ref("texts.files.jsonl", &index, &texts),
        "digest": { "dirHash": dir_hash(&texts) }, "size": size,
    });
    let release = |artifact: &Value| {
        let toy = Release::toy().artifact(artifact.clone());
        texts
            .iter()
            .fold(toy, |toy, (path, bytes)| toy.with(&format!("texts/{path}"), bytes.clone()))
    };
    let with = |id: &str, rule: &str, layer: &str, about: &str, change: fn(&mut Value)| {
        let mut artifact = artifact.clone();
        change(&mut artifact);
        start(id, rule, layer, about)
            .release(&release(&artifact))
            .put("texts.files.jsonl", index.clone())
    };
    vec![
        with(
            "artifact-missing",
            "ver-26",
            "files",
            "The index of an artifact is not there.",
            |_| (),
        )
        .take("texts.files.jsonl")
        .fails(&["file-missing"]),
        with(
            "artifact-changed",
            "ver-26",
            "files",
            "The index of an artifact was changed.",
            |_| (),
        )
        .put("texts.files.jsonl", "rubbish")
        .fails(&["file-changed"]),
    ]
}

fn against_files() -> Vec<Case> {
    let texts: Files = [("a.txt", "a"), ("b/c.txt", "c")]
        .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
        .into();
    let index = index_of(&texts);
    let size: usize = texts.values().map(Vec::len).sum();
    let artifact = json!({
        "id": "texts", "roles": ["data.evaluation"], "files": ["texts/"],
        "index": index_ref("texts.files.jsonl", &index, &texts),
        "digest": { "dirHash": dir_hash(&texts) }, "size": size,
    });
    let release = |artifact: &Value| {
        let toy = Release::toy().artifact(artifact.clone());
        texts
            .iter()
            .fold(toy, |toy, (path, bytes)| toy.with(&format!("texts/{path}"), bytes.clone()))
    };
    let mut other = texts.clone();
    other.insert("a.txt".to_owned(), b"x".to_vec());
    let conflicting = index_of(&other);
    let mut conflict = artifact.clone();
    conflict["index"] = index_ref("texts.files.jsonl", &conflicting, &other);
    if let Some(fields) = conflict.as_object_mut() {
        fields.shift_remove("digest");
    }
    vec![
        start(
            "artifact-conflict",
            "idx-11",
            "files",
            "The index and the files of an artifact differ.",
        )
        .release(&release(&conflict))
        .put("texts.files.jsonl", conflicting)
        .stops(&["index-conflict"]),
        elsewhere(
            "artifact-elsewhere-size",
            "The size of an artifact is not that of its index.",
            &index,
            &texts,
            json!({ "size": 5 }),
        ),
        elsewhere(
            "artifact-elsewhere-dir-hash",
            "The dirHash of an artifact is not that of its index.",
            &index,
            &texts,
            json!({ "digest": { "dirHash": "0".repeat(64) } }),
        ),
    ]
}

/// An artifact that lies elsewhere, with an index in the release that contradicts it.
fn elsewhere(id: &str, about: &str, index: &[u8], texts: &Files, more: Value) -> Case {
    let mut artifact = json!({
        "id": "texts", "roles": ["data.evaluation"], "locators": ["https://example.org/texts.tar"],
        "index": index_ref("texts.files.jsonl", index, texts), "digest": { "dirHash": dir_hash(texts) },
    });
    for (field, value) in more.as_object().into_iter().flatten() {
        artifact[field] = value.clone();
    }
    start(id, "idx-10", "artifacts", about)
        .release(&Release::toy().artifact(artifact))
        .put("texts.files.jsonl", index.to_vec())
        .fails(&["artifact-mismatch", "artifact-unchecked"])
}
