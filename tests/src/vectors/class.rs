//! The class of a release: a release whose statement, evidence and parents are made together.
//!
//! Nothing lies in a release directory: the files of the release are told by evidence.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::case::{Case, Files, case};
use super::evidence::{of, seen, walked};
use super::key::{ALICE, BOB};
use super::release::{LAB, Release, Signed, push, weights};
use super::seal::{self, sha256, text};

pub(super) fn cases() -> Vec<Case> {
    [
        super::class_cases::cases(),
        super::class_decoys::cases(),
        super::class_rules::cases(),
        super::class_data::cases(),
        super::class_decisions::cases(),
        super::class_indexed::cases(),
        super::class_parents::cases(),
        super::class_starts::cases(),
    ]
    .concat()
}

/// What is known of an artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// It lies in the release, and is intact.
    Release,
    /// It lies elsewhere, was read by anybody, and is equal.
    Place,
    /// It lies elsewhere, and was read with a credential.
    Gated,
    /// It lies elsewhere, and the look had this status.
    Status(&'static str),
    /// It lies in the release, and is another file.
    Changed,
    /// It is kept back.
    Withheld,
    /// Nothing but its name is known.
    Name,
}

/// A release and what was seen of it.
#[derive(Debug, Clone)]
pub(super) struct Model {
    name: String,
    pub(super) release: Release,
    looks: BTreeMap<String, Vec<Value>>,
    changed: BTreeSet<String>,
    pub(super) parents: Vec<Value>,
}

impl Model {
    /// A release without artifacts, of which its producer says that all is listed.
    pub(super) fn new(name: &str) -> Self {
        let manifest = json!({
            "release": { "name": name, "producer": { "name": "Example Lab", "uri": LAB } },
            "closure": "complete",
            "artifacts": [],
            "stages": [],
        });
        let files = Files::from([("README.md".to_owned(), format!("{name}\n").into_bytes())]);
        Self {
            name: name.to_owned(),
            release: Release { files, manifest },
            looks: BTreeMap::new(),
            changed: BTreeSet::new(),
            parents: Vec::new(),
        }
    }

    /// The bytes of an artifact.
    fn content(&self, id: &str) -> Vec<u8> {
        format!("{} of {}\n", id, self.name).into_bytes()
    }

    fn place(&self, id: &str) -> String {
        format!("https://example.org/{}/{id}", self.name)
    }

    /// The SHA-256 of an artifact that lies elsewhere.
    pub(super) fn digest(&self, id: &str) -> String {
        sha256(&self.content(id))
    }

    /// Adds an artifact: `fields` has all but where it lies.
    pub(super) fn add(&mut self, fields: Value, how: How) {
        let mut artifact = fields;
        let id = artifact["id"].as_str().unwrap_or_default().to_owned();
        match how {
            How::Release | How::Changed => {
                let (path, bytes) = self.file(&artifact, &id);
                artifact["files"] = json!([path]);
                self.release.files.insert(path.clone(), bytes);
                if how == How::Changed {
                    self.changed.insert(path);
                }
            }
            How::Place | How::Gated | How::Status(_) => {
                artifact["locators"] = json!([self.place(&id)]);
                artifact["digest"] = json!({ "sha256": self.digest(&id) });
                let look = self.look(&artifact, &id, how);
                self.looks.entry(id).or_default().push(look);
            }
            How::Withheld => {
                artifact["availability"] = json!("withheld");
                artifact["reason"] = json!("not for everybody");
            }
            How::Name => artifact["name"] = json!(id),
        }
        push(&mut self.release.manifest["artifacts"], artifact);
    }

    fn file(&self, artifact: &Value, id: &str) -> (String, Vec<u8>) {
        let is_weights = artifact["roles"][0].as_str().is_some_and(|r| r.starts_with("weights."));
        match (id, is_weights) {
            ("weights-final", _) => (format!("{id}.safetensors"), weights(1)),
            (_, true) => (format!("{id}.safetensors"), weights(2)),
            _ => (format!("{id}.txt"), self.content(id)),
        }
    }

    fn look(&self, artifact: &Value, id: &str, how: How) -> Value {
        let place = self.place(id);
        let mut look = match how {
            How::Status("partial") => {
                let sample =
                    json!({ "seen": 12, "of": 83, "differing": 0, "seed": "0".repeat(64) });
                return seen(&place, json!({ "status": "partial", "sample": sample }));
            }
            How::Status(status) => return seen(&place, json!({ "status": status })),
            _ => seen(&place, json!({ "digests": { "sha256": self.digest(id) } })),
        };
        if how == How::Gated {
            look["access"] = json!("credential");
        }
        if let Some(license) = artifact["license"].as_str() {
            look["facts"] = json!([license_text(license)]);
        }
        look
    }

    /// Adds an artifact with this role, under Apache-2.0, and an id made from the role.
    pub(super) fn role(&mut self, role: &str, how: How) {
        let id = role.replace('.', "-");
        self.add(json!({ "id": id, "roles": [role], "license": "Apache-2.0" }), how);
    }

    /// Takes an artifact away.
    pub(super) fn take(&mut self, id: &str) {
        if let Some(artifacts) = self.release.manifest["artifacts"].as_array_mut() {
            artifacts.retain(|artifact| artifact["id"] != id);
        }
        self.release.files.retain(|path, _| !path.starts_with(&format!("{id}.")));
        self.looks.remove(id);
    }

    /// The same artifact, known in another way.
    pub(super) fn again(&mut self, id: &str, how: How) {
        let mut artifact = self.artifact(id).clone();
        super::release::drop_field(&mut artifact, "files");
        self.take(id);
        self.add(artifact, how);
    }

    /// An artifact of the manifest.
    pub(super) fn artifact(&mut self, id: &str) -> &mut Value {
        let artifacts = self.release.manifest["artifacts"].as_array_mut();
        let found = artifacts.into_iter().flatten().find(|artifact| artifact["id"] == id);
        found.expect("an artifact of the release")
    }

    /// The first stage.
    pub(super) fn stage(&mut self) -> &mut Value {
        &mut self.release.manifest["stages"][0]
    }

    /// One more stage.
    pub(super) fn add_stage(&mut self, stage: Value) {
        push(&mut self.release.manifest["stages"], stage);
    }

    /// A fact that the content of a file of the release tells.
    pub(super) fn fact(&mut self, id: &str, fact: Value) {
        let look = seen("files", json!({ "facts": [fact] }));
        self.looks.entry(id.to_owned()).or_default().push(look);
    }

    /// The last look at an artifact, here that at its files where there is none, shows these facts, too.
    pub(super) fn says(&mut self, id: &str, facts: Value) {
        let looks =
            self.looks.entry(id.to_owned()).or_insert_with(|| vec![seen("files", json!({}))]);
        if let Some(look) = looks.last_mut() {
            let known = look["facts"].as_array().into_iter().flatten();
            look["facts"] = known.chain(facts.as_array().into_iter().flatten()).cloned().collect();
        }
    }

    /// One more look at an artifact.
    pub(super) fn looked(&mut self, id: &str, observation: Value) {
        self.looks.entry(id.to_owned()).or_default().push(observation);
    }

    /// The look at an artifact saw these digests.
    pub(super) fn looks_like(&mut self, id: &str, digests: Value) {
        for look in self.looks.get_mut(id).into_iter().flatten() {
            look["digests"] = digests.clone();
        }
    }

    /// The statement.
    pub(super) fn signed(&self) -> Signed {
        self.release.signed(|_| {})
    }

    fn seen(&self) -> Value {
        let seen = self.looks.iter();
        seen.map(|(id, looks)| json!({ "id": id, "observations": looks })).collect()
    }

    /// An item of `parents` of evidence: the statement, signed by its producer.
    pub(super) fn parent(&self) -> Value {
        let signed = self.signed();
        let bundle = text(&seal::bundle(&signed.payload, ALICE));
        json!({
            "statement": { "sha256": signed.id() },
            "envelope": String::from_utf8_lossy(&bundle),
            "artifacts": self.seen(),
        })
    }

    /// What was seen of the release and of its parents.
    pub(super) fn evidence(&self) -> Value {
        let signed = self.signed();
        let mut evidence = of(&signed);
        evidence["release"] = walked(&signed);
        for file in evidence["release"]["files"].as_array_mut().into_iter().flatten() {
            if file["path"].as_str().is_some_and(|path| self.changed.contains(path)) {
                file["sha256"] = json!("0".repeat(64));
            }
        }
        evidence["artifacts"] = self.seen();
        if !self.parents.is_empty() {
            evidence["parents"] = json!(self.parents);
        }
        evidence
    }

    /// A case about this release, signed by its producer, whom the verifier trusts.
    pub(super) fn case(&self, id: &str, rule: &str, about: &str) -> Case {
        let bundle = text(&seal::bundle(&self.signed().payload, ALICE));
        case(format!("class/{id}"), rule, "class", about)
            .bundles(&[("bundle.json", bundle)])
            .trust(trust())
            .evidence(&self.evidence())
    }
}

/// Alice speaks for the lab, Bob for nobody, and observes.
pub(super) fn trust() -> String {
    let (alice, bob) = (ALICE.openssh(), BOB.openssh());
    format!(
        "{LAB} namespaces=\"fullsource\" {alice}\nbob namespaces=\"fullsource-observer\" {bob}\n"
    )
}

/// The whole text of the first licence of an expression.
pub(super) fn license_text(expression: &str) -> Value {
    let first = expression.split([' ', '(', ')']).find(|word| !word.is_empty());
    json!({ "kind": "license-text", "path": "LICENSE", "value": first, "count": 1000 })
}

/// The roles of a release that has all that rung 4 asks for.
pub(super) const ALL: [&str; 18] = [
    "weights.final",
    "weights.intermediate",
    "config.model",
    "tokenizer.model",
    "code.architecture",
    "code.inference",
    "code.training",
    "config.training",
    "code.preprocessing",
    "code.evaluation",
    "data.evaluation",
    "eval.results",
    "doc.model-card",
    "doc.data-card",
    "doc.technical-report",
    "doc.paper",
    "doc.data-information",
    "env.lock",
];

/// A release with all that rung 4 asks for: one stage, one data set.
pub(super) fn whole(name: &str, how: How) -> Model {
    let mut model = Model::new(name);
    for role in ALL {
        model.role(role, how);
    }
    model.add(
        json!({ "id": "crawler", "roles": ["code.data-collection"], "license": "Apache-2.0" }),
        how,
    );
    model.add(
        json!({ "id": "corpus", "roles": ["data.pretraining"], "license": "CC0-1.0",
                "collectedBy": ["crawler"], "contentRights": "CC0-1.0" }),
        how,
    );
    model.add_stage(json!({
        "id": "train", "kind": "pretrain", "data": ["corpus"],
        "init": { "prng": "ChaCha20", "seed": 7 }, "outputs": ["weights-final"],
    }));
    model
}

/// A weights file that anybody may have, and what it takes to run it.
pub(super) fn weights_only(name: &str, how: How) -> Model {
    let mut model = Model::new(name);
    for role in ["weights.final", "config.model", "tokenizer.model", "code.inference"] {
        model.role(role, how);
    }
    model.add_stage(json!({
        "id": "train", "kind": "pretrain", "init": { "prng": "ChaCha20" },
        "outputs": ["weights-final"],
    }));
    model
}

/// Adds a model made elsewhere, pinned by digest and by its statement, and that statement.
pub(super) fn pin(child: &mut Model, id: &str, role: &str, parent: &Model) {
    let place = parent.place("weights-final");
    let digest = parent.digest("weights-final");
    let digests = json!({ "digests": { "sha256": digest }, "facts": [license_text("Apache-2.0")] });
    push(
        &mut child.release.manifest["artifacts"],
        json!({ "id": id, "roles": [role], "license": "Apache-2.0", "locators": [place],
                "digest": { "sha256": digest }, "statement": { "sha256": parent.signed().id() } }),
    );
    child.looked(id, seen(&place, digests));
    child.parents.push(parent.parent());
    child.parents.extend(parent.parents.clone());
}

/// One release and what is expected of it.
pub(super) type Row =
    (&'static str, &'static str, &'static str, fn(&mut Model), Value, &'static [&'static str]);

/// Each row changes a release that has all, and says what comes out.
pub(super) fn changed(rows: Vec<Row>) -> Vec<Case> {
    let make = |(id, rule, about, change, class, codes): Row| {
        let mut model = whole("whole", How::Release);
        change(&mut model);
        outcome(model.case(id, rule, about), codes).class(class)
    };
    rows.into_iter().map(make).collect()
}

/// The verdict that these findings come to.
pub(super) fn outcome(case: Case, codes: &[&str]) -> Case {
    let has = |wanted: &[&str]| codes.iter().any(|code| wanted.contains(code));
    if has(&["no-data-invalid", "not-applicable-role"]) {
        case.stops(codes)
    } else if has(&[
        "artifact-absent",
        "artifact-mismatch",
        "artifact-placeholder",
        "class-impossible",
        "file-changed",
        "license-mismatch",
        "parent-absent",
        "parent-mismatch",
        "stage-cycle",
        "weights-unclaimed",
    ]) {
        case.fails(codes)
    } else if has(&[
        "artifact-unchecked",
        "artifact-undigested",
        "artifact-weak",
        "class-unproven",
        "parent-unchecked",
    ]) {
        case.incomplete(codes)
    } else {
        case.passes(codes)
    }
}
