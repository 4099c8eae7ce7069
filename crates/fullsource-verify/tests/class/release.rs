//! A release as a test writes it down: a manifest in JSON, and what was seen of each artifact.

use std::collections::HashMap;

use fullsource_format::digest::Sha256;
use fullsource_format::evidence::{ContentFact, ContentFactKind};
use fullsource_format::json::UnknownFields;
use fullsource_format::manifest::Manifest;
use fullsource_format::text::Id;
use fullsource_verify::Status;
use fullsource_verify::class::{Seen, Tri};
use fullsource_verify::lineage::{Layers, Link, Member};
use serde_json::{Map, Value, json};

/// A release that is being written down.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) name: String,
    pub(crate) manifest: Value,
    /// Status and agreement of the licence text, by artifact; verified and agreeing where absent.
    pub(crate) seen: HashMap<String, (Status, Tri)>,
    pub(crate) hollow: Vec<String>,
    pub(crate) by_producer: bool,
    pub(crate) contradictions: Vec<String>,
    pub(crate) unclaimed_weights: Option<String>,
    /// Matrices in the layers of artifacts, as evidence words them: `up.weight 11008x4096`.
    pub(crate) shapes: Vec<(String, String)>,
    /// Statements of parents, by artifact.
    pub(crate) parents: Vec<(String, String)>,
}

/// The id of a statement with this name.
pub(crate) fn statement(name: &str) -> Sha256 {
    Sha256::of(name.as_bytes())
}

impl Draft {
    pub(crate) fn new(name: &str) -> Self {
        let manifest = json!({
            "release": { "name": name, "version": "1", "producer": { "name": "p" } },
            "artifacts": [],
            "stages": [],
        });
        Self {
            name: name.to_owned(),
            manifest,
            seen: HashMap::new(),
            hollow: Vec::new(),
            by_producer: true,
            contradictions: Vec::new(),
            unclaimed_weights: None,
            shapes: Vec::new(),
            parents: Vec::new(),
        }
    }

    pub(crate) fn list(&mut self, name: &str) -> &mut Vec<Value> {
        let object = self.manifest.as_object_mut().unwrap();
        object.entry(name).or_insert_with(|| json!([])).as_array_mut().unwrap()
    }

    /// Adds an artifact with a place and a digest.
    pub(crate) fn artifact(
        &mut self,
        id: &str,
        roles: &[&str],
        license: &str,
    ) -> &mut Map<String, Value> {
        let digest = Sha256::of(format!("{}/{id}", self.name).as_bytes()).to_string();
        self.list("artifacts").push(json!({
            "id": id,
            "roles": roles,
            "license": license,
            "locators": [format!("https://example.org/{id}")],
            "digest": { "sha256": digest },
        }));
        self.edit(id)
    }

    pub(crate) fn edit(&mut self, id: &str) -> &mut Map<String, Value> {
        let list = self.list("artifacts").iter_mut();
        let found = list.map(|item| item.as_object_mut().unwrap()).find(|item| item["id"] == id);
        found.unwrap_or_else(|| panic!("no artifact `{id}`"))
    }

    pub(crate) fn stage(&mut self, id: &str) -> &mut Map<String, Value> {
        let list = self.list("stages").iter_mut();
        let found = list.map(|item| item.as_object_mut().unwrap()).find(|item| item["id"] == id);
        found.unwrap_or_else(|| panic!("no stage `{id}`"))
    }

    pub(crate) fn remove(&mut self, id: &str) {
        self.list("artifacts").retain(|item| item["id"] != id);
    }

    /// What was seen of an artifact. What is not there at all is withheld, and says so.
    pub(crate) fn see(&mut self, id: &str, status: Status) {
        self.seen.entry(id.to_owned()).or_insert((status, Tri::T)).0 = status;
        let artifact = self.edit(id);
        match status {
            Status::Withheld => {
                artifact.remove("locators");
                artifact.remove("digest");
                artifact.insert("availability".into(), json!("withheld"));
                artifact.insert("reason".into(), json!("not ours to publish"));
            }
            Status::RecipeOnly => {
                artifact.insert("availability".into(), json!("recipe-only"));
                artifact.insert("reason".into(), json!("too large"));
            }
            _ => {}
        }
    }

    pub(crate) fn text(&mut self, id: &str, text: Tri) {
        self.seen.entry(id.to_owned()).or_insert((Status::Verified, Tri::T)).1 = text;
    }

    pub(crate) fn parse(&self) -> Manifest {
        let document = serde_json::to_vec(&self.manifest).unwrap();
        Manifest::parse(&document, UnknownFields::Refuse)
            .unwrap_or_else(|error| panic!("{}: {error}\n{:#}", self.name, self.manifest))
    }

    fn layers(&self, id: &Id) -> Layers {
        let own = self.shapes.iter().filter(|(artifact, _)| artifact == id.as_str());
        let facts =
            own.map(|(_, shape)| ContentFact::new(ContentFactKind::TensorShape).saying(shape));
        Layers::of(facts.collect::<Vec<_>>().iter())
    }

    pub(crate) fn member<'a>(&self, manifest: &'a Manifest) -> Member<'a> {
        let seen = manifest.artifacts().iter().map(|artifact| {
            let known = self.seen.get(artifact.id.as_str()).copied();
            let (status, text) = known.unwrap_or((Status::Verified, Tri::T));
            let seen = Seen::of(status, artifact.availability).with_text(text);
            if self.hollow.iter().any(|id| id == artifact.id.as_str()) {
                seen.hollow()
            } else {
                seen
            }
        });
        let links = self.parents.iter().map(|(artifact, parent)| Link {
            artifact: artifact.parse().unwrap(),
            statement: statement(parent),
            meant: None,
        });
        Member {
            statement: statement(&self.name),
            manifest,
            seen: seen.collect(),
            by_producer: self.by_producer,
            contradictions: self.contradictions.clone(),
            unclaimed_weights: self.unclaimed_weights.clone(),
            layers: manifest.artifacts().iter().map(|artifact| self.layers(&artifact.id)).collect(),
            parents: links.collect(),
        }
    }
}

/// A release of which nothing is missing: one stage, one data set, all libre. F4.
pub(crate) fn whole(name: &str) -> Draft {
    let mut draft = Draft::new(name);
    for (id, role) in [
        ("weights", "weights.final"),
        ("config", "config.model"),
        ("tokenizer", "tokenizer.model"),
        ("inference", "code.inference"),
        ("trainer", "code.training"),
        ("args", "config.training"),
        ("prep", "code.preprocessing"),
        ("crawler", "code.data-collection"),
        ("lock", "env.lock"),
    ] {
        draft.artifact(id, &[role], "Apache-2.0");
    }
    for (id, role) in [
        ("card", "doc.model-card"),
        ("data-card", "doc.data-card"),
        ("about-data", "doc.data-information"),
    ] {
        draft.artifact(id, &[role], "CC-BY-4.0");
    }
    let corpus = draft.artifact("corpus", &["data.pretraining"], "CC0-1.0");
    corpus.insert("collectedBy".into(), json!(["crawler"]));
    corpus.insert("contentRights".into(), json!("CC0-1.0"));
    draft.manifest["closure"] = json!("complete");
    draft.list("stages").push(json!({
        "id": "pretrain", "kind": "pretrain", "data": ["corpus"], "outputs": ["weights"],
        "init": { "prng": "philox" },
    }));
    draft
}

/// A release that starts from another, whole but for that: an `sft` stage.
pub(crate) fn tuned(name: &str, parent: &str) -> Draft {
    let mut draft = whole(name);
    let base = draft.artifact("base", &["model.base"], "Apache-2.0");
    base.insert("statement".into(), json!({ "sha256": statement(parent).to_string() }));
    let stage = draft.stage("pretrain");
    stage.insert("kind".into(), json!("sft"));
    stage.remove("init");
    stage.insert("models".into(), json!([{ "artifact": "base", "use": "init" }]));
    draft.parents.push(("base".into(), parent.into()));
    draft
}
