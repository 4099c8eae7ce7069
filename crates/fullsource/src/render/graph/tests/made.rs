//! Reports made up for tests, as JSON like any other.

use std::collections::BTreeSet;

use fullsource_verify::report::Report;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Names that are code elsewhere.
pub(super) const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "</title></svg><img src=x onerror=alert(1)>",
    "]]>&lt;&bogus;",
    "quote \" and \\\" and \\",
    "end",
    "a-->b; click n0 href \"javascript:alert(1)\"",
    "%%{init: {}}%%",
    "`**bold**` #quot; #35;",
    "\\N \\G {a|b}",
    "\u{1} \u{1b}[31m \u{7f} \u{85} \u{fffe} \u{ffff}",
    "\u{202e} evil \u{2066} \u{61c} \u{e0041}",
    "مجموعة بيانات التدريب",
    "中文预训练语料库包含了从互联网上收集的大量文本数据与代码",
    "\u{1242b}\u{fdfd} 👩‍👩‍👧‍👦",
    " ",
    "",
];

#[derive(Debug, Clone)]
pub(super) struct Part(Value);

#[derive(Debug, Clone, Default)]
pub(super) struct Made {
    pub(super) name: String,
    pub(super) stages: Vec<Part>,
    pub(super) artifacts: Vec<Part>,
    /// Their statements, and their artifacts.
    pub(super) parents: Vec<(String, Vec<Part>)>,
}

pub(super) fn artifact(id: &str, role: &str) -> Part {
    Part(json!({"id": id, "roles": [role], "status": "verified"}))
}

pub(super) fn stage(id: &str) -> Part {
    Part(json!({"id": id, "kind": "train", "outputs": []}))
}

impl Part {
    pub(super) fn id(&self) -> &str {
        self.0["id"].as_str().unwrap()
    }

    fn with(mut self, key: &str, value: Value) -> Self {
        self.0[key] = value;
        self
    }

    pub(super) fn named(self, name: &str) -> Self {
        self.with("name", json!(name))
    }

    pub(super) fn status(self, status: &str) -> Self {
        self.with("status", json!(status))
    }

    pub(super) fn statement(self, id: &str) -> Self {
        self.with("statement", json!(id))
    }

    pub(super) fn starts(self, model: &str) -> Self {
        self.with("models", json!([{"artifact": model, "use": "init"}]))
    }

    pub(super) fn reads(self, data: &str) -> Self {
        self.with("data", json!([data]))
    }

    pub(super) fn reads_shards(self, count: usize) -> Self {
        self.with("data", (0..count).map(|n| json!(format!("shard-{n}"))).collect())
    }

    pub(super) fn makes(self, output: &str) -> Self {
        self.with("outputs", json!([output]))
    }
}

impl Made {
    /// The ids that stages and artifacts name.
    pub(super) fn named(&self) -> BTreeSet<&str> {
        let lists = [
            "code",
            "config",
            "environment",
            "data",
            "outputs",
            "collectedBy",
            "generatedBy",
            "derivedFrom",
        ];
        let parts = || self.stages.iter().chain(&self.artifacts);
        let texts = parts().flat_map(|part| lists.iter().filter_map(|key| part.0[key].as_array()));
        let models = parts().filter_map(|part| part.0["models"].as_array()).flatten();
        let models = models.filter_map(|model| model["artifact"].as_str());
        texts.flatten().filter_map(Value::as_str).chain(models).collect()
    }
}

pub(super) fn report(made: &Made) -> Report {
    let values = |parts: &[Part]| parts.iter().map(|part| part.0.clone()).collect::<Vec<_>>();
    let parents: Vec<Value> = made
        .parents
        .iter()
        .map(|(id, artifacts)| {
            json!({"statement": {"sha256": id}, "status": "counts", "trusted": false,
                   "made": {"artifacts": values(artifacts)}})
        })
        .collect();
    let document = json!({
        "_type": fullsource_verify::report::TYPE,
        "verdict": "fail",
        "statement": {"sha256": "00".repeat(32)},
        "release": {"name": made.name, "producer": "Example Lab"},
        "signers": [],
        "artifacts": values(&made.artifacts),
        "stages": values(&made.stages),
        "parents": parents,
        "findings": [],
        "notChecked": [],
    });
    Report::parse(document.to_string().as_bytes()).unwrap()
}

pub(super) fn many(artifacts: usize, stages: usize) -> Made {
    let states = ["verified", "gated", "absent", "withheld", "unchecked", "internal", "partial"];
    let each = artifacts / stages;
    let ids = |stage: usize| (0..each).map(move |n| json!(format!("a{}", stage * each + n)));
    Made {
        name: "many".to_owned(),
        stages: (0..stages)
            .map(|n| {
                stage(&format!("s{n}")).with("data", ids(n).chain(ids((n * 7) % stages)).collect())
            })
            .collect(),
        artifacts: (0..artifacts)
            .map(|n| artifact(&format!("a{n}"), &format!("data.kind-{n}")).status(states[n % 7]))
            .collect(),
        parents: Vec::new(),
    }
}

/// Ids of few letters, so that they meet; references to everything, to themselves and to nothing.
pub(super) fn any() -> impl Strategy<Value = Made> {
    let parents = proptest::collection::vec((0..4u8, artifacts(4)), 0..4);
    (artifacts(24), proptest::collection::vec(any_stage(), 0..9), parents).prop_map(
        |(artifacts, stages, parents)| Made {
            name: "any".to_owned(),
            stages,
            artifacts,
            parents: parents.into_iter().map(|(id, made)| (statement(id), made)).collect(),
        },
    )
}

fn statement(number: u8) -> String {
    format!("{number:02x}").repeat(32)
}

fn id() -> impl Strategy<Value = String> {
    (0..30u8).prop_map(|number| format!("i{number}"))
}

fn ids() -> impl Strategy<Value = Vec<String>> {
    prop_oneof![2 => Just(Vec::new()), 1 => proptest::collection::vec(id(), 0..5)]
}

fn artifacts(at_most: usize) -> impl Strategy<Value = Vec<Part>> {
    let roles = [
        "weights.final",
        "model.base",
        "data.sft",
        "code.training",
        "config.training",
        "env.lock",
        "doc.paper",
        "x.y",
    ];
    let states =
        ["verified", "gated", "mismatch", "absent", "closed", "unchecked", "internal", "withheld"];
    let part = (
        id(),
        0..roles.len(),
        0..states.len(),
        (ids(), ids(), ids()),
        proptest::option::of(0..5u8),
    );
    let part = part.prop_map(move |(id, role, state, (collected, generated, derived), of)| {
        let part = artifact(&id, roles[role]).status(states[state]);
        let part = part.with("collectedBy", json!(collected)).with("generatedBy", json!(generated));
        let part = part.with("derivedFrom", json!(derived));
        of.filter(|_| role < 2).map_or(part.clone(), |of| part.statement(&statement(of)))
    });
    proptest::collection::vec(part, 0..at_most)
}

fn any_stage() -> impl Strategy<Value = Part> {
    (id(), (ids(), ids(), ids()), ids(), ids(), ids()).prop_map(
        |(id, (code, config, environment), data, models, outputs)| {
            let models: Vec<Value> =
                models.iter().map(|model| json!({"artifact": model, "use": "init"})).collect();
            let part = stage(&id).with("code", json!(code)).with("config", json!(config));
            let part = part.with("environment", json!(environment)).with("data", json!(data));
            part.with("models", json!(models)).with("outputs", json!(outputs))
        },
    )
}
