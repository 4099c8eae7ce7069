//! A toy release, and its statement as a producer's tool would make it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::key::{ALICE, Person};
use super::seal::{self, blake3, sha256};

/// The bundle's reserved name.
pub(crate) const BUNDLE: &str = "fullsource.sigstore.json";
/// The reserved name of an envelope of several signers.
pub(crate) const ENVELOPE: &str = "fullsource.dsse.json";
/// The reserved name of the release's file index.
pub(crate) const INDEX: &str = "fullsource.files.jsonl";
/// The identity of the producer.
pub(crate) const LAB: &str = "https://example.org/lab";

/// Files and a manifest, before they are signed.
#[derive(Debug, Clone)]
pub(crate) struct Release {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) manifest: Value,
}

/// A statement's payload and the files as they lie in the release directory.
#[derive(Debug, Clone)]
pub(crate) struct Signed {
    pub(crate) payload: Vec<u8>,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

impl Release {
    /// Weights, a config and a text; everything is claimed, nothing comes from elsewhere. It passes.
    pub(crate) fn toy() -> Self {
        let files = [
            ("README.md", b"A toy.\n".to_vec()),
            ("config.json", b"{\"model_type\": \"toy\"}\n".to_vec()),
            ("model.safetensors", weights(1)),
        ];
        let manifest = json!({
            "release": {
                "name": "toy", "version": "1.0", "producer": { "name": "Example Lab", "uri": LAB }
            },
            "artifacts": [
                { "id": "weights", "roles": ["weights.final"], "files": ["model.safetensors"],
                  "license": "Apache-2.0" },
                { "id": "config", "roles": ["config.model"], "files": ["config.json"] }
            ]
        });
        Self { files: files.map(|(path, bytes)| (path.to_owned(), bytes)).into(), manifest }
    }

    /// The same with one more file, or another one at that path.
    pub(crate) fn with(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.to_owned(), bytes.into());
        self
    }

    /// The same with another manifest.
    pub(crate) fn manifest(mut self, change: impl FnOnce(&mut Value)) -> Self {
        change(&mut self.manifest);
        self
    }

    /// The same with one more artifact.
    pub(crate) fn artifact(self, artifact: Value) -> Self {
        self.manifest(|m| push(&mut m["artifacts"], artifact))
    }

    /// The same with one more stage.
    pub(crate) fn stage(self, stage: Value) -> Self {
        self.manifest(|m| match m.get_mut("stages") {
            Some(stages) => push(stages, stage),
            None => m["stages"] = json!([stage]),
        })
    }

    /// The manifest with `files` and `tree` filled in (stm-16, stm-17).
    pub(crate) fn predicate(&self) -> Value {
        let mut predicate = self.manifest.clone();
        let entries = self.files.iter().map(
            |(path, bytes)| json!({ "path": path, "size": bytes.len(), "blake3": blake3(bytes) }),
        );
        predicate["files"] = entries.collect();
        let excluded = predicate["tree"]["excluded"].take();
        predicate["tree"] = self.tree();
        if !excluded.is_null() {
            predicate["tree"]["excluded"] = excluded;
        }
        predicate
    }

    fn tree(&self) -> Value {
        let total: usize = self.files.values().map(Vec::len).sum();
        json!({
            "fileCount": self.files.len(),
            "totalBytes": total,
            "digest": { "dirHash": dir_hash(&self.files) },
        })
    }

    /// The statement.
    pub(crate) fn statement(&self) -> Value {
        let subjects = self.files.iter().map(|(path, bytes)| subject(path, &sha256(bytes)));
        statement(subjects.collect(), self.predicate())
    }

    /// The statement that uses a file index, and the bytes of the index.
    pub(crate) fn indexed(&self) -> (Value, Vec<u8>) {
        let index = index_of(&self.files);
        let mut predicate = self.predicate();
        if let Some(fields) = predicate.as_object_mut() {
            fields.remove("files");
        }
        predicate["tree"]["index"] = index_ref(INDEX, &index, &self.files);
        (statement(vec![subject(INDEX, &sha256(&index))], predicate), index)
    }

    /// The release with the statement changed before it was serialised.
    pub(crate) fn signed(&self, change: impl FnOnce(&mut Value)) -> Signed {
        let mut statement = self.statement();
        change(&mut statement);
        Signed { payload: seal::text(&statement), files: self.files.clone() }
    }
}

impl Signed {
    /// The statement id.
    pub(crate) fn id(&self) -> String {
        sha256(&self.payload)
    }

    /// The files and a bundle by Alice.
    pub(crate) fn disk(&self) -> BTreeMap<String, Vec<u8>> {
        self.disk_by(ALICE)
    }

    /// The files and a bundle by this person.
    pub(crate) fn disk_by(&self, person: Person) -> BTreeMap<String, Vec<u8>> {
        self.disk_with(BUNDLE, seal::text(&seal::bundle(&self.payload, person)))
    }

    /// The files and another one beside them.
    pub(crate) fn disk_with(&self, name: &str, bytes: Vec<u8>) -> BTreeMap<String, Vec<u8>> {
        let mut disk = self.files.clone();
        disk.insert(name.to_owned(), bytes);
        disk
    }
}

/// A statement with these subjects.
pub(crate) fn statement(subject: Vec<Value>, predicate: Value) -> Value {
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subject,
        "predicateType": "https://fullsource.dev/model-provenance/v0.1",
        "predicate": predicate,
    })
}

/// One subject.
pub(crate) fn subject(name: &str, sha256: &str) -> Value {
    json!({ "name": name, "digest": { "sha256": sha256 } })
}

/// Safetensors with one tensor of two numbers.
pub(crate) fn weights(seed: u8) -> Vec<u8> {
    let header = br#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  "#;
    let numbers = [f32::from(seed), f32::from(seed) / 2.0];
    let data: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    [&(header.len() as u64).to_le_bytes()[..], header, &data].concat()
}

/// digest-6.
pub(crate) fn dir_hash(files: &BTreeMap<String, Vec<u8>>) -> String {
    let lines = files.iter().map(|(path, bytes)| format!("{}  {path}\n", sha256(bytes)));
    sha256(lines.collect::<String>().as_bytes())
}

/// A file index of these files, by idx-3.
pub(crate) fn index_of(files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let line = |(path, bytes): (&String, &Vec<u8>)| {
        let (size, sha256, blake3) = (bytes.len(), sha256(bytes), blake3(bytes));
        let path = json!(path);
        format!(r#"{{"path":{path},"size":{size},"sha256":"{sha256}","blake3":"{blake3}"}}"#) + "\n"
    };
    files.iter().map(line).collect::<String>().into_bytes()
}

/// What a manifest says of an index of these files.
pub(crate) fn index_ref(name: &str, index: &[u8], files: &BTreeMap<String, Vec<u8>>) -> Value {
    json!({
        "name": name, "sha256": sha256(index), "size": index.len(), "merkleRoot": merkle_root(files)
    })
}

/// idx-7.
fn merkle_root(files: &BTreeMap<String, Vec<u8>>) -> String {
    use sha2::{Digest as _, Sha256};
    let leaves: Vec<Vec<u8>> = files
        .iter()
        .map(|(path, bytes)| {
            let size = (bytes.len() as u64).to_be_bytes();
            let content = Sha256::digest(bytes);
            let leaf = [&[0][..], path.as_bytes(), &[0], &size, &content].concat();
            Sha256::digest(leaf).to_vec()
        })
        .collect();
    fn root(leaves: &[Vec<u8>]) -> Vec<u8> {
        match leaves {
            [] => Sha256::digest([]).to_vec(),
            [leaf] => leaf.clone(),
            _ => {
                let first = (leaves.len().div_ceil(2)).next_power_of_two();
                let (left, right) = leaves.split_at(first);
                Sha256::digest([vec![1], root(left), root(right)].concat()).to_vec()
            }
        }
    }
    seal::hex(&root(&leaves))
}

/// Adds an item to an array.
pub(crate) fn push(array: &mut Value, item: Value) {
    if let Some(items) = array.as_array_mut() {
        items.push(item);
    }
}

/// Takes a field out of an object.
pub(crate) fn drop_field(object: &mut Value, field: &str) {
    if let Some(fields) = object.as_object_mut() {
        fields.shift_remove(field);
    }
}
