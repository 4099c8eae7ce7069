//! One case: a release or a document, how it is looked at, and what has to come out.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::key::Person;
use super::release::{Release, Signed};

/// Files by their path.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// One directory of `tests/vectors`.
#[derive(Debug, Clone)]
pub struct Case {
    /// `area/what`.
    pub(crate) id: String,
    /// Its files, `case.json` apart.
    pub(crate) files: Files,
    head: Map<String, Value>,
    inputs: Map<String, Value>,
    expect: Value,
}

/// Starts a case. `rule` is the one that it breaks, or that it shows to hold.
pub(crate) fn case(id: impl Into<String>, rule: &str, layer: &str, about: &str) -> Case {
    let mut head = Map::new();
    head.insert("rule".to_owned(), json!(rule));
    head.insert("layer".to_owned(), json!(layer));
    head.insert("about".to_owned(), json!(about));
    Case { id: id.into(), files: Files::new(), head, inputs: Map::new(), expect: Value::Null }
}

impl Case {
    /// The release directory as it lies there, and Alice's key.
    pub(crate) fn disk(mut self, disk: Files) -> Self {
        for (path, bytes) in disk {
            self.files.insert(format!("release/{path}"), bytes);
        }
        self.inputs.entry("release").or_insert(json!("release"));
        self.inputs.entry("keys").or_insert(json!(["../../keys/alice.pub"]));
        self
    }

    /// A release that Alice signed.
    pub(crate) fn signed(self, signed: &Signed) -> Self {
        self.disk(signed.disk())
    }

    /// A release that Alice signed as it should be.
    pub(crate) fn release(self, release: &Release) -> Self {
        self.signed(&release.signed(|_| {}))
    }

    /// The toy release with these bytes in place of its bundle.
    pub(crate) fn bundle(self, bytes: impl Into<Vec<u8>>) -> Self {
        let signed = Release::toy().signed(|_| {});
        self.disk(signed.disk_with(super::release::BUNDLE, bytes.into()))
    }

    /// A bundle by Alice around this payload, and nothing else: what is broken is found before
    /// anybody looks at files.
    pub(crate) fn payload(self, payload: &[u8]) -> Self {
        let signed = Signed { payload: payload.to_vec(), files: Files::new() };
        self.disk(signed.disk())
    }

    /// One more file in the release directory, or another one, after the signing.
    pub(crate) fn put(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(format!("release/{path}"), bytes.into());
        self
    }

    /// One file fewer in the release directory.
    pub(crate) fn take(mut self, path: &str) -> Self {
        self.files.remove(&format!("release/{path}"));
        self
    }

    /// What is done to the copy of the release: entries that git cannot hold.
    pub(crate) fn make(mut self, step: Value) -> Self {
        let steps = self.inputs.entry("make").or_insert(json!([]));
        super::release::push(steps, step);
        self
    }

    /// An input of the verifier.
    pub(crate) fn input(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.inputs.insert(name.to_owned(), value.into());
        self
    }

    /// An input fewer.
    pub(crate) fn without(mut self, name: &str) -> Self {
        if let Some(file) = self.inputs.shift_remove(name) {
            self.files.remove(file.as_str().unwrap_or_default());
        }
        self
    }

    /// A file beside the release, given as that input.
    pub(crate) fn file(mut self, input: &str, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(name.to_owned(), bytes.into());
        self.input(input, name)
    }

    /// Bundles beside the release, which are named.
    pub(crate) fn bundles(mut self, bundles: &[(&str, Vec<u8>)]) -> Self {
        for (name, bytes) in bundles {
            self.files.insert((*name).to_owned(), bytes.clone());
        }
        let names: Vec<_> = bundles.iter().map(|(name, _)| json!(name)).collect();
        self.input("bundle", names)
    }

    /// The keys that are given.
    pub(crate) fn keys(self, people: &[Person]) -> Self {
        let paths = people.iter().map(|person| json!(format!("../../keys/{}.pub", person.name)));
        self.input("keys", paths.collect::<Vec<_>>())
    }

    /// A key of the case's own.
    pub(crate) fn key_file(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert("key.pub".to_owned(), bytes.into());
        self.input("keys", json!(["key.pub"]))
    }

    /// A trust file, and no keys.
    pub(crate) fn trust(self, text: impl Into<Vec<u8>>) -> Self {
        self.input("keys", json!([])).file("trust", "trust", text)
    }

    /// A revocation file.
    pub(crate) fn revoked(self, text: impl Into<Vec<u8>>) -> Self {
        self.file("revoked", "revoked", text)
    }

    /// Evidence by somebody else, which the owner of the verifier accepts.
    pub(crate) fn evidence(self, evidence: &Value) -> Self {
        let text = super::seal::text(evidence);
        self.file("evidence", "evidence.json", text).input("acceptEvidence", true)
    }

    /// A policy.
    pub(crate) fn policy(self, text: &str) -> Self {
        self.file("policy", "policy.toml", text)
    }

    /// A document for `check`.
    pub(crate) fn document(mut self, kind: &str, bytes: impl Into<Vec<u8>>) -> Self {
        let name = if kind == "policy" { "policy.toml".to_owned() } else { format!("{kind}.json") };
        self.files.insert(name.clone(), bytes.into());
        self.input("document", name).input("kind", kind)
    }

    /// It passes, with these warnings.
    pub(crate) fn passes(self, findings: &[&str]) -> Self {
        self.expects("pass", 0, findings)
    }

    /// It fails.
    pub(crate) fn fails(self, findings: &[&str]) -> Self {
        self.expects("fail", 1, findings)
    }

    /// It could not be established.
    pub(crate) fn incomplete(self, findings: &[&str]) -> Self {
        self.expects("incomplete", 3, findings)
    }

    /// It cannot be judged.
    pub(crate) fn stops(self, findings: &[&str]) -> Self {
        self.expects("error", 4, findings)
    }

    fn expects(mut self, verdict: &str, exit: u8, findings: &[&str]) -> Self {
        let mut findings = findings.to_vec();
        findings.sort_unstable();
        self.expect = json!({ "verdict": verdict, "exit": exit, "findings": findings });
        self
    }

    /// The class that it has; null where nothing is said of it.
    pub(crate) fn class(mut self, class: Value) -> Self {
        self.expect["class"] = class;
        self
    }

    /// `case.json`.
    pub(crate) fn json(&self) -> Vec<u8> {
        let mut fields = self.head.clone();
        fields.extend(self.inputs.clone());
        fields.insert("expect".to_owned(), self.expect.clone());
        super::seal::text(&Value::Object(fields))
    }
}
