//! Thirty releases and the class that each has: abstract cases, turned into statements and
//! evidence.

use serde_json::{Value, json};

use super::case::Case;
use super::class::{How, Model, license_text, outcome, pin};
use super::evidence::seen;
use super::release::{drop_field, push};

const CASES: &str = include_str!("../../../crates/fullsource-verify/tests/class/cases.json");

/// The rule that a case is about, by its number.
const RULES: [(i64, &str); 30] = [
    (1, "cls-37"),
    (2, "cls-1"),
    (3, "cls-61"),
    (5, "cls-4"),
    (6, "cls-3"),
    (7, "cls-60"),
    (9, "cls-50"),
    (10, "cls-4"),
    (11, "cls-1"),
    (13, "cls-10"),
    (14, "cls-4"),
    (17, "cls-4"),
    (18, "cls-2"),
    (20, "cls-40"),
    (22, "cls-44"),
    (25, "cls-40"),
    (27, "cls-40"),
    (31, "cls-33"),
    (33, "cls-26"),
    (34, "cls-29"),
    (36, "cls-34"),
    (39, "cls-54"),
    (40, "cls-21"),
    (44, "cls-27"),
    (46, "cls-15"),
    (49, "cls-19"),
    (51, "cls-9"),
    (53, "cls-63"),
    (55, "cls-39"),
    (58, "cls-4"),
];

pub(super) fn cases() -> Vec<Case> {
    let cases: Vec<Value> = serde_json::from_str(CASES).unwrap_or_default();
    cases.iter().map(one).collect()
}

fn one(case: &Value) -> Case {
    let number = case["n"].as_i64().unwrap_or_default();
    let rule = RULES.iter().find(|(n, _)| *n == number).map_or("", |(_, rule)| rule);
    let cycle = case["expect"]["invalid"] == "cycle";
    let mut model = model(case, case["subject"].as_str().unwrap_or_default(), true);
    if number == 58 {
        mirror(&mut model);
    }
    let class = if cycle { Value::Null } else { case["expect"].clone() };
    let id = format!("case-{number:02}");
    outcome(model.case(&id, rule, case["title"].as_str().unwrap_or_default()), &codes(case))
        .class(class)
}

/// What a case's artifacts give, beside notes.
fn codes(case: &Value) -> Vec<&'static str> {
    let mut codes = Vec::new();
    let subject = case["subject"].as_str().unwrap_or_default();
    let release = &case["models"][subject];
    for artifact in release["artifacts"].as_array().into_iter().flatten() {
        codes.extend(match artifact["v"].as_str() {
            Some("missing") => Some("artifact-absent"),
            Some("mismatch") => Some("file-changed"),
            // Read with a credential, and not declared so: it was claimed to be public.
            Some("gated") if case["n"] == 17 => Some("class-impossible"),
            Some("partial" | "unreachable" | "unchecked") => Some("artifact-unchecked"),
            _ => None,
        });
    }
    let parents = release["parents"].as_array().into_iter().flatten();
    codes.extend(parents.filter(|p| p["pinned"] == false).map(|_| "artifact-unchecked"));
    if case["expect"]["invalid"] == "cycle" {
        codes.push("stage-cycle");
    }
    codes.dedup();
    codes
}

/// A release of the case. `here`: its files are in the release; otherwise all lies elsewhere.
fn model(case: &Value, name: &str, here: bool) -> Model {
    let abstracted = &case["models"][name];
    let mut model = Model::new(name);
    if abstracted["closure"] != true {
        drop_field(&mut model.release.manifest, "closure");
    }
    for artifact in abstracted["artifacts"].as_array().into_iter().flatten() {
        add(&mut model, artifact, here);
    }
    if abstracted["no_tokenizer"] == true {
        model.release.manifest["notApplicable"] =
            json!([{ "role": "tokenizer.model", "reason": "it reads bytes" }]);
    }
    let mut starts = Vec::new();
    let mut online = Vec::new();
    for parent in abstracted["parents"].as_array().into_iter().flatten() {
        let id = add_parent(&mut model, case, parent);
        match parent["rel"].as_str() {
            Some("init") => starts.push(json!({ "artifact": id, "use": "init" })),
            Some("online") => online.push(json!({ "artifact": id, "use": "online" })),
            _ => {}
        }
    }
    stages(&mut model, abstracted, starts, online);
    model
}

fn add(model: &mut Model, artifact: &Value, here: bool) {
    let role = artifact["role"].as_str().unwrap_or_default();
    let id = artifact["id"].as_str().map_or_else(|| role.replace('.', "-"), str::to_owned);
    let mut fields = json!({ "id": id, "roles": [role], "license": artifact["license"] });
    if let Some(crawler) = artifact["collected_by"].as_str() {
        fields["collectedBy"] = json!([crawler]);
    }
    if artifact["content_rights"] == "libre" {
        fields["contentRights"] = json!("CC0-1.0");
    }
    if artifact["generated_by"].is_array() {
        fields["generatedBy"] = artifact["generated_by"].clone();
    }
    if artifact["human_authored"] == true {
        fields["humanAuthored"] = json!({ "guidelines": ["doc-annotation-guidelines"] });
        model.role("doc.annotation-guidelines", How::Release);
    }
    let how = match artifact["v"].as_str() {
        Some("verified") if here => How::Release,
        Some("verified") => How::Place,
        Some("gated") => How::Gated,
        Some("partial") => How::Status("partial"),
        Some("unreachable") => How::Status("unreachable"),
        Some("missing") => How::Status("absent"),
        Some("mismatch") => How::Changed,
        Some("withheld") => How::Withheld,
        _ => How::Name,
    };
    model.add(fields, how);
    if artifact["license"] == "LicenseRef-Acme" {
        model.fact(&id, json!({ "kind": "license-unknown", "path": "LICENSE" }));
    }
}

/// A model made elsewhere. Returns its id.
fn add_parent(model: &mut Model, case: &Value, parent: &Value) -> String {
    let role = match parent["rel"].as_str() {
        Some("init") => "model.base",
        Some("online") => "model.reward",
        _ => "model.teacher",
    };
    let Some(name) = parent["ref"].as_str() else {
        model.add(json!({ "id": "undisclosed", "roles": [role] }), How::Withheld);
        return "undisclosed".to_owned();
    };
    let abstracted = &case["models"][name];
    if case["expect"]["invalid"] == "cycle" {
        // No two statements can have each other's hash: the cycle lies in one statement.
        let fields = json!({ "id": name, "roles": ["weights.intermediate"] });
        model.add(fields, How::Name);
        model.add_stage(json!({
            "id": "before", "kind": "sft", "outputs": [name],
            "models": [{ "artifact": "weights-final", "use": "init" }],
        }));
    } else if parent["pinned"] == false {
        let fields = json!({ "id": name, "roles": [role], "license": "Apache-2.0" });
        model.add(fields, How::Name);
        model.parents.push(self::model(case, name, false).parent());
    } else if abstracted["restricts_outputs"] == true {
        let terms = "LicenseRef-scancode-openai-tou-20241211";
        let fields = json!({ "id": name, "roles": [role], "outputTerms": terms });
        model.add(fields, How::Withheld);
    } else {
        pin(model, name, role, &self::model(case, name, false));
    }
    name.to_owned()
}

/// The stages: each but the first starts from what the one before it made, the last one makes the
/// weights.
fn stages(model: &mut Model, abstracted: &Value, starts: Vec<Value>, online: Vec<Value>) {
    let stages = abstracted["stages"].as_array().cloned().unwrap_or_default();
    for (n, stage) in stages.iter().enumerate() {
        let last = n + 1 == stages.len();
        let kind =
            if stage["kind"] == "pref" { json!("preference") } else { stage["kind"].clone() };
        let mut made = json!({ "id": stage["id"], "kind": kind, "data": stage["data"] });
        made["outputs"] = json!([if last { "weights-final" } else { "weights-intermediate" }]);
        let mut models = if n == 0 {
            starts.clone()
        } else {
            vec![json!({ "artifact": "weights-intermediate", "use": "init" })]
        };
        if models.is_empty() {
            made["init"] = json!({ "prng": "ChaCha20", "seed": 7 });
        }
        if last {
            models.extend(online.clone());
        }
        if !models.is_empty() {
            made["models"] = json!(models);
        }
        if stage["no_data"] == true {
            drop_field(&mut made, "data");
            model.role("code.simulator", How::Release);
            made["noData"] = json!("it plays against itself");
            made["code"] = json!(["code-simulator"]);
        }
        model.add_stage(made);
    }
}

/// Case 58: the weights lie at two places, and the first refuses.
fn mirror(model: &mut Model) {
    let (first, second) = ("https://example.org/gated", "https://example.net/mirror");
    model.take("weights-final");
    let digest = json!({ "sha256": model.digest("weights-final") });
    push(
        &mut model.release.manifest["artifacts"],
        json!({ "id": "weights-final", "roles": ["weights.final"], "license": "Apache-2.0",
                "locators": [first, second], "digest": digest }),
    );
    model.looked("weights-final", seen(first, json!({ "status": "closed" })));
    let facts = json!([license_text("Apache-2.0")]);
    model.looked("weights-final", seen(second, json!({ "digests": digest, "facts": facts })));
}
