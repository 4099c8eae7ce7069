//! The cases of `cases.json`, each turned into statements and what was seen, and judged.

use std::collections::BTreeMap;

use fullsource_verify::Status;
use fullsource_verify::class::{OutputTerms, Tri};
use fullsource_verify::frameworks::frameworks;
use fullsource_verify::lineage::{self, LineageError, Member};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::release::{Draft, statement};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    n: u32,
    title: String,
    #[serde(rename = "why")]
    _why: String,
    subject: String,
    models: BTreeMap<String, Model>,
    expect: Expect,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Model {
    id: String,
    closure: Value,
    stages: Vec<Stage>,
    #[serde(default)]
    parents: Vec<Parent>,
    artifacts: Vec<Artifact>,
    #[serde(default)]
    restricts_outputs: bool,
    #[serde(default)]
    no_tokenizer: bool,
    #[serde(default)]
    findings: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stage {
    id: String,
    kind: String,
    data: Vec<String>,
    #[serde(default)]
    no_data: bool,
    #[serde(default, rename = "undisclosed")]
    _undisclosed: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parent {
    r#ref: Option<String>,
    rel: String,
    #[serde(default = "yes")]
    pinned: bool,
    #[serde(default)]
    undisclosed: bool,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Artifact {
    role: String,
    license: String,
    v: String,
    id: Option<String>,
    lv: Option<String>,
    stage: Option<String>,
    #[serde(default)]
    na: bool,
    collected_by: Option<String>,
    #[serde(default)]
    generated_by: Vec<String>,
    content_rights: Option<String>,
    #[serde(default)]
    human_authored: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    #[serde(rename = "A")]
    a: Option<u8>,
    #[serde(rename = "F")]
    f: Option<u8>,
    #[serde(rename = "pA")]
    pa: Option<u8>,
    #[serde(rename = "pF")]
    pf: Option<u8>,
    #[serde(rename = "dF")]
    df: Option<u8>,
    osaid: Option<String>,
    debian: Option<String>,
    fsf: Option<String>,
    mof: Option<u8>,
    headline: Option<String>,
    invalid: Option<String>,
}

const CLOSED_API: &str = "LicenseRef-scancode-openai-tou-20241211";

fn status(text: &str) -> Status {
    match text {
        "verified" | "placeholder" => Status::Verified,
        "gated" => Status::Gated,
        "partial" => Status::Partial,
        "unchecked" => Status::Unchecked,
        "unreachable" => Status::Unreachable,
        "missing" => Status::Absent,
        "mismatch" => Status::Mismatch,
        "withheld" => Status::Withheld,
        "recipe-only" => Status::RecipeOnly,
        other => panic!("a status that the test does not know: {other}"),
    }
}

fn draft(model: &Model) -> Draft {
    assert!(model.findings.is_empty(), "findings that the test does not know");
    let mut draft = Draft::new(&model.id);
    let mut closure = model.closure.clone();
    if closure == json!("contradicted") {
        draft.contradictions.push("a card names a data set that is not listed".into());
        closure = json!(true);
    }
    if closure == json!(true) {
        draft.manifest["closure"] = json!("complete");
    }
    if model.no_tokenizer {
        let entry = json!({ "role": "tokenizer.model", "reason": "it reads bytes" });
        draft.list("notApplicable").push(entry);
    }
    for (nth, artifact) in model.artifacts.iter().enumerate() {
        add_artifact(&mut draft, nth, artifact);
    }
    for parent in &model.parents {
        add_parent(&mut draft, parent);
    }
    add_stages(&mut draft, model);
    draft
}

fn add_artifact(draft: &mut Draft, nth: usize, artifact: &Artifact) {
    assert!(!artifact.na && artifact.stage.is_none(), "fields that no case has yet");
    let id = artifact.id.clone().unwrap_or_else(|| format!("{}-{nth}", artifact.role));
    let fields = draft.artifact(&id, &[&artifact.role], &artifact.license);
    if let Some(code) = &artifact.collected_by {
        fields.insert("collectedBy".into(), json!([code]));
    }
    if !artifact.generated_by.is_empty() {
        fields.insert("generatedBy".into(), json!(artifact.generated_by));
    }
    if artifact.content_rights.as_deref() == Some("libre") {
        fields.insert("contentRights".into(), json!("CC0-1.0"));
    }
    if artifact.human_authored {
        fields.insert("humanAuthored".into(), json!({ "guidelines": [format!("{id}-rules")] }));
        draft.artifact(&format!("{id}-rules"), &["doc.annotation-guidelines"], "CC-BY-4.0");
    }
    if artifact.v == "unchecked" {
        // Named, and nothing else: a form that somebody filled in.
        let fields = draft.edit(&id);
        fields.remove("locators");
        fields.remove("digest");
    }
    if artifact.v == "placeholder" {
        draft.hollow.push(id.clone());
    }
    draft.see(&id, status(&artifact.v));
    let text = match artifact.lv.as_deref() {
        None | Some("verified") => Tri::T,
        Some("unchecked") => Tri::U,
        Some("mismatch") => Tri::F,
        Some(other) => panic!("a licence text that the test does not know: {other}"),
    };
    draft.text(&id, text);
}

fn add_parent(draft: &mut Draft, parent: &Parent) {
    let id = parent.r#ref.clone().unwrap_or_else(|| "undisclosed".into());
    let role = match parent.rel.as_str() {
        "init" => "model.base",
        "online" => "model.reward",
        _ => "model.teacher",
    };
    draft.artifact(&id, &[role], "Apache-2.0");
    if parent.undisclosed {
        draft.see(&id, Status::Withheld);
    } else if parent.pinned {
        let sha256 = statement(&id).to_string();
        draft.edit(&id).insert("statement".into(), json!({ "sha256": sha256 }));
    } else {
        draft.edit(&id).remove("locators");
        draft.edit(&id).remove("digest");
        draft.see(&id, Status::Unchecked);
    }
    if !parent.undisclosed {
        draft.parents.push((id.clone(), id));
    }
}

/// Each stage starts from the output of the one before; the last makes the weights.
fn add_stages(draft: &mut Draft, model: &Model) {
    let uses = |relation: &str| {
        let parents = model.parents.iter().filter(|parent| parent.rel == relation);
        let id = |parent: &Parent| parent.r#ref.clone().unwrap_or_else(|| "undisclosed".into());
        parents.map(|p| json!({ "artifact": id(p), "use": relation })).collect::<Vec<_>>()
    };
    let weights = draft.list("artifacts").iter().find(|a| a["roles"][0] == "weights.final");
    let Some(weights) = weights.map(|artifact| artifact["id"].clone()) else { return };
    let last = model.stages.len() - 1;
    for (nth, stage) in model.stages.iter().enumerate() {
        let kind = if stage.kind == "pref" { "preference" } else { &stage.kind };
        let output =
            if nth == last { weights.clone() } else { json!(format!("after-{}", stage.id)) };
        let mut entry = json!({ "id": stage.id, "kind": kind, "outputs": [output] });
        let fields = entry.as_object_mut().unwrap();
        if !stage.data.is_empty() {
            fields.insert("data".into(), json!(stage.data));
        }
        let mut models = match nth {
            0 => uses("init"),
            _ => vec![
                json!({ "artifact": format!("after-{}", model.stages[nth - 1].id), "use": "init" }),
            ],
        };
        if models.is_empty() {
            fields.insert("init".into(), json!({ "prng": "philox", "seed": 7 }));
        }
        if nth == last {
            models.extend(uses("online"));
        }
        if !models.is_empty() {
            fields.insert("models".into(), json!(models));
        }
        if stage.no_data {
            fields.insert("noData".into(), json!("it plays against itself"));
            fields.insert("code".into(), json!(["simulator"]));
            draft.artifact("simulator", &["code.simulator"], "Apache-2.0");
        }
        draft.list("stages").push(entry);
        if nth != last {
            let id = format!("after-{}", stage.id);
            draft.artifact(&id, &["weights.intermediate"], "Apache-2.0");
            draft.edit(&id).remove("locators");
            draft.edit(&id).remove("digest");
            draft.see(&id, Status::Internal);
        }
    }
}

/// What a case came to, in the words of the case.
fn judge(case: &Case) -> Result<Value, LineageError> {
    let mut drafts: Vec<_> = case.models.values().map(draft).collect();
    for (model, _) in case.models.values().zip(0..).filter(|(m, _)| m.restricts_outputs) {
        for draft in drafts.iter_mut().filter(|d| d.parents.iter().any(|p| p.0 == model.id)) {
            draft.edit(&model.id).insert("outputTerms".into(), json!(CLOSED_API));
        }
    }
    let manifests: Vec<_> = drafts.iter().map(Draft::parse).collect();
    let members: Vec<Member<'_>> =
        drafts.iter().zip(&manifests).map(|(draft, manifest)| draft.member(manifest)).collect();
    let judged = lineage::judge(statement(&case.subject), &members, OutputTerms::Count)?;
    let (class, standing) = (&judged.class, judged.class.verified());
    let answers = frameworks(class, None);
    let text = |value: Value| value["answer"].as_str().unwrap().to_owned();
    Ok(json!({
        "A": standing.availability.established,
        "F": standing.freedom.established,
        "pA": standing.availability.possible,
        "pF": standing.freedom.possible,
        "dF": class.delta().map(|delta| delta.freedom.established),
        "osaid": text(serde_json::to_value(&answers.osaid).unwrap()),
        "debian": text(serde_json::to_value(&answers.debian).unwrap()),
        "fsf": text(serde_json::to_value(&answers.fsf).unwrap()),
        "mof": answers.mof.class.established,
        "headline": class.headline(),
    }))
}

fn expected(expect: &Expect) -> Value {
    let Expect { a, f, pa, pf, df, osaid, debian, fsf, mof, headline, invalid: _ } = expect;
    let all = json!({
        "A": a, "F": f, "pA": pa, "pF": pf, "dF": df, "osaid": osaid, "debian": debian,
        "fsf": fsf, "mof": mof, "headline": headline,
    });
    let stated = all.as_object().unwrap().iter().filter(|(_, value)| !value.is_null());
    stated.map(|(key, value)| (key.clone(), value.clone())).collect()
}

#[test]
fn every_case_is_judged_as_it_says() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("cases.json")).unwrap();
    assert_eq!(cases.len(), 30);
    let mut wrong = Vec::new();
    for case in &cases {
        let judged = match judge(case) {
            Ok(judged) => judged,
            Err(LineageError::Cycle(_)) => json!({ "invalid": "cycle" }),
            Err(other) => panic!("case {}: {other}", case.n),
        };
        let mut expected = expected(&case.expect);
        if let Some(invalid) = &case.expect.invalid {
            expected["invalid"] = json!(invalid);
        }
        for (key, value) in expected.as_object().unwrap() {
            if judged.get(key) != Some(value) {
                let got = judged.get(key).unwrap_or(&Value::Null);
                wrong.push(format!("{}. {}: {key} is {got}, not {value}", case.n, case.title));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
