//! A tuned model has the layers of what it was tuned from (`cls-58`).

use fullsource_verify::class::OutputTerms;
use fullsource_verify::lineage;
use serde_json::{Value, json};

use crate::release::{Draft, statement, tuned, whole};

/// Layers of a small model and of a larger one.
const SMALL: &str = "layers.*.up.weight 11008x4096";
const LARGE: &str = "layers.*.up.weight 13824x5120";

/// `m`, a large model that is said to be tuned from `base`, of which nothing is known yet.
fn large() -> Draft {
    let mut draft = tuned("m", "parent");
    shape(&mut draft, "weights", LARGE);
    draft
}

fn shape(draft: &mut Draft, id: &str, shape: &str) {
    draft.shapes.push((id.to_owned(), shape.to_owned()));
}

/// Adds a model that the stage has in this use.
fn uses(draft: &mut Draft, id: &str, role: &str, usage: &str) {
    draft.artifact(id, &[role], "Apache-2.0");
    let models = draft.stage("pretrain")["models"].as_array_mut().unwrap();
    models.push(json!({ "artifact": id, "use": usage }));
}

/// The false starts of `m`, in words, where its parent has these layers.
fn told_with(draft: &Draft, parent: &[&str]) -> Vec<String> {
    let mut base = whole("parent");
    parent.iter().for_each(|one| shape(&mut base, "weights", one));
    let (own, other) = (draft.parse(), base.parse());
    let members = [draft.member(&own), base.member(&other)];
    let judged = lineage::judge(statement("m"), &members, OutputTerms::Count).unwrap();
    judged.false_starts.iter().map(ToString::to_string).collect()
}

/// The same, where nothing is known of the parent's layers.
fn told(draft: &Draft) -> Vec<String> {
    told_with(draft, &[])
}

fn false_start(from: &str) -> Vec<String> {
    let matrix = "layers.*.up.weight";
    vec![format!("`weights` cannot have been made from `{from}`: `{matrix}` has another shape")]
}

#[test]
fn what_was_tuned_has_the_layers_of_what_it_was_tuned_from() {
    let mut draft = large();
    assert!(told(&draft).is_empty());
    shape(&mut draft, "base", SMALL);
    assert_eq!(told(&draft), false_start("base"));
    let mut same = large();
    shape(&mut same, "base", LARGE);
    assert!(told(&same).is_empty());
    // Of an output nobody knows.
    draft.shapes.retain(|(id, _)| id == "base");
    assert!(told(&draft).is_empty());
}

#[test]
fn only_tuning_leaves_all_layers_as_they_are() {
    let of = |kind: &str, init: Option<Value>| {
        let mut draft = large();
        shape(&mut draft, "base", SMALL);
        let stage = draft.stage("pretrain");
        stage.insert("kind".into(), json!(kind));
        init.into_iter().for_each(|init| drop(stage.insert("init".into(), init)));
        !told(&draft).is_empty()
    };
    assert!(["sft", "preference", "rl"].into_iter().all(|kind| of(kind, None)));
    assert!(!["midtrain", "pretrain", "merge"].into_iter().any(|kind| of(kind, None)));
    assert!(!of("sft", Some(json!({ "prng": "philox" }))));
}

/// `cls-24`, `cls-25`
#[test]
fn models_that_it_does_not_start_from_need_no_such_layers() {
    let mut draft = large();
    shape(&mut draft, "base", SMALL);
    uses(&mut draft, "judge", "model.reward", "online");
    shape(&mut draft, "judge", LARGE);
    assert_eq!(told(&draft), false_start("base"));
    // Whatever the use, what has the role of a base is one.
    uses(&mut draft, "other", "model.base", "online");
    assert!(told(&draft).is_empty());
    shape(&mut draft, "other", SMALL);
    assert_eq!(told(&draft), false_start("base`, `other"));
    // And whatever its role, what is used as a start is one.
    uses(&mut draft, "third", "model.teacher", "init");
    shape(&mut draft, "third", LARGE);
    assert!(told(&draft).is_empty());
}

#[test]
fn a_statement_tells_the_layers_of_what_nobody_looked_at_here() {
    assert_eq!(told_with(&large(), &[SMALL]), false_start("base"));
    assert!(told_with(&large(), &[LARGE]).is_empty());
}

/// `m`, tuned from `between`, which a stage of this kind made from these models.
fn in_two_steps(kind: &str, models: &Value) -> Draft {
    let mut draft = large();
    shape(&mut draft, "base", SMALL);
    draft.artifact("between", &["weights.intermediate"], "Apache-2.0");
    let mut first = draft.stage("pretrain").clone();
    for (field, value) in [("id", "first"), ("kind", kind)] {
        first.insert(field.into(), json!(value));
    }
    first.insert("models".into(), models.clone());
    first.insert("outputs".into(), json!(["between"]));
    draft.list("stages").push(json!(first));
    let from = json!([{ "artifact": "between", "use": "init" }]);
    draft.stage("pretrain").insert("models".into(), from);
    draft
}

#[test]
fn what_is_not_known_of_a_step_between_is_known_of_the_one_before() {
    let base = json!([{ "artifact": "base", "use": "init" }]);
    assert_eq!(told(&in_two_steps("rl", &base)), false_start("between"));
    // A step that may change layers tells nothing of those that went in.
    assert!(told(&in_two_steps("merge", &base)).is_empty());
    // Nor does one that does not say what it starts from, whatever else was a start.
    let mut draft = in_two_steps("rl", &json!([]));
    let both = json!(["base", "between"].map(|id| json!({ "artifact": id, "use": "init" })));
    draft.stage("pretrain").insert("models".into(), both);
    assert!(told(&draft).is_empty());
}
