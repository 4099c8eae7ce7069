//! What looks like source and is none: each must lift no rung.

use fullsource_format::json::UnknownFields;
use fullsource_format::manifest::Manifest;
use fullsource_verify::Status;
use fullsource_verify::class::{OutputTerms, Standing, Tri};
use fullsource_verify::lineage;
use serde_json::json;

use crate::release::{Draft, statement, tuned, whole};

/// Where a release stands, with its ancestors.
pub(crate) fn stands(target: &Draft, others: &[&Draft]) -> Standing {
    let drafts: Vec<_> = others.iter().copied().chain([target]).collect();
    let manifests: Vec<_> = drafts.iter().map(|draft| draft.parse()).collect();
    let members: Vec<_> = drafts.iter().zip(&manifests).map(|(d, m)| d.member(m)).collect();
    let judged = lineage::judge(statement(&target.name), &members, OutputTerms::Count);
    judged.unwrap().class.verified()
}

/// Established and possible, on availability and on freedom.
#[track_caller]
pub(crate) fn assert_stands(target: &Draft, others: &[&Draft], a: (u8, u8), f: (u8, u8)) {
    let standing = stands(target, others);
    let got = (
        (standing.availability.established, standing.availability.possible),
        (standing.freedom.established, standing.freedom.possible),
    );
    assert_eq!(got, (a, f), "availability, freedom: (established, possible)");
}

#[test]
fn the_whole_release_has_it_all() {
    assert_stands(&whole("m"), &[], (4, 4), (4, 4));
    assert_stands(&tuned("m", "base"), &[&whole("base")], (4, 4), (4, 4));
}

#[test]
fn no_stages() {
    let mut draft = whole("m");
    draft.manifest["stages"] = json!([]);
    assert_stands(&draft, &[], (1, 1), (1, 1));
}

#[test]
fn a_stage_that_makes_none_of_the_weights() {
    let mut draft = whole("m");
    draft.artifact("others", &["weights.intermediate"], "MIT");
    draft.stage("pretrain").insert("outputs".into(), json!(["others"]));
    assert_stands(&draft, &[], (1, 1), (1, 1));
}

#[test]
fn weights_of_which_one_file_is_made_by_no_stage() {
    let mut draft = whole("m");
    draft.artifact("more", &["weights.final"], "MIT");
    assert_stands(&draft, &[], (1, 1), (1, 1));
}

fn converted() -> Draft {
    let mut draft = whole("m");
    draft.artifact("original", &["weights.intermediate"], "MIT");
    draft.artifact("script", &["code.transform"], "MIT");
    draft.stage("pretrain").insert("outputs".into(), json!(["original"]));
    draft.list("stages").push(json!({
        "id": "convert", "kind": "convert", "outputs": ["weights"],
        "models": [{ "artifact": "original", "use": "init" }],
    }));
    draft
}

#[test]
fn a_convert_stage_without_models() {
    assert_stands(&converted(), &[], (4, 4), (4, 4));
    let mut draft = converted();
    draft.stage("convert").remove("models");
    assert_stands(&draft, &[], (1, 1), (0, 1));
    // A conversion has nothing to start from but a model.
    draft.stage("convert").insert("init".into(), json!({ "prng": "philox" }));
    assert_stands(&draft, &[], (1, 1), (0, 1));
}

#[test]
fn an_unknown_stage_kind() {
    let mut draft = whole("m");
    draft.stage("pretrain").insert("kind".into(), json!("alchemy"));
    assert_stands(&draft, &[], (1, 4), (1, 4));
    draft.remove("trainer");
    assert_stands(&draft, &[], (1, 1), (1, 1));
}

#[test]
fn no_data_with_an_excuse_and_not_applicable_data_are_no_manifests() {
    let mut excuse = whole("m");
    let stage = excuse.stage("pretrain");
    stage.remove("data");
    stage.insert("noData".into(), json!("it is secret"));
    let mut data = whole("m");
    let entry = json!({ "role": "data.pretraining", "reason": "it is secret" });
    data.list("notApplicable").push(entry);
    for draft in [excuse, data] {
        let document = serde_json::to_vec(&draft.manifest).unwrap();
        assert!(Manifest::parse(&document, UnknownFields::Refuse).is_err());
    }
}

#[test]
fn a_stage_that_does_not_say_what_it_read() {
    let mut draft = whole("m");
    draft.stage("pretrain").remove("data");
    assert_stands(&draft, &[], (2, 2), (2, 2));
    // Nor is there anything about the data.
    draft.remove("about-data");
    assert_stands(&draft, &[], (1, 1), (1, 1));
}

#[test]
fn a_parents_statement_about_other_bytes() {
    // It was held against the bytes and put aside, and the closure is contradicted.
    let mut draft = tuned("m", "base");
    draft.parents.clear();
    draft.contradictions.push("the statement of `base` is about other bytes".into());
    assert_stands(&draft, &[&whole("base")], (1, 1), (1, 1));
    // Without a statement at all it is unknown.
    draft.contradictions.clear();
    assert_stands(&draft, &[&whole("base")], (1, 4), (1, 4));
}

#[test]
fn a_base_called_online() {
    let mut closed = whole("base");
    closed.remove("corpus");
    closed.artifact("corpus", &["data.pretraining"], "CC0-1.0");
    closed.see("corpus", Status::Withheld);
    assert_stands(&tuned("m", "base"), &[&closed], (2, 2), (2, 2));
    let mut draft = tuned("m", "base");
    let online = json!([{ "artifact": "base", "use": "online" }]);
    draft.stage("pretrain").insert("models".into(), online.clone());
    assert_stands(&draft, &[&closed], (2, 2), (2, 2));
    // Nor does it help to call it a teacher: then the stage does not say what it starts from.
    draft.edit("base").insert("roles".into(), json!(["model.teacher"]));
    assert_stands(&draft, &[&closed], (1, 1), (0, 1));
}

#[test]
fn an_undeclared_tokenizer() {
    let mut draft = whole("m");
    draft.remove("tokenizer");
    assert_stands(&draft, &[], (0, 0), (0, 0));
    // Or one that a config names and the manifest does not.
    let mut draft = whole("m");
    draft.contradictions.push("`config.json` names the tokenizer `other/tokenizer`".into());
    assert_stands(&draft, &[], (1, 1), (1, 1));
}

#[test]
fn cc0_declared_over_a_non_commercial_text() {
    let mut draft = whole("m");
    draft.text("corpus", Tri::F);
    assert_stands(&draft, &[], (4, 4), (2, 2));
}

#[test]
fn a_licence_with_an_unlisted_addition() {
    let mut draft = whole("m");
    draft.edit("weights").insert("license".into(), json!("MIT WITH AdditionRef-Commons-Clause"));
    assert_stands(&draft, &[], (4, 4), (0, 4));
}

#[test]
fn synthetic_data_without_its_generator() {
    let mut draft = whole("m");
    draft.edit("corpus").insert("roles".into(), json!(["data.synthetic"]));
    assert_stands(&draft, &[], (3, 3), (2, 3));
}

#[test]
fn synthetic_data_washed_by_a_derivation() {
    let mut draft = whole("m");
    draft.artifact("raw", &["data.synthetic"], "CC0-1.0");
    draft.artifact("gpt", &["model.teacher"], "LicenseRef-scancode-openai-tou-20241211");
    draft.see("gpt", Status::Withheld);
    draft.edit("raw").insert("generatedBy".into(), json!(["gpt"]));
    draft.edit("corpus").insert("derivedFrom".into(), json!(["raw"]));
    assert_stands(&draft, &[], (3, 3), (2, 2));
}

#[test]
fn data_made_from_data_that_is_gone() {
    let mut draft = whole("m");
    draft.artifact("raw", &["data.pretraining"], "CC0-1.0");
    draft.edit("raw").insert("collectedBy".into(), json!(["crawler"]));
    draft.edit("corpus").insert("derivedFrom".into(), json!(["raw"]));
    assert_stands(&draft, &[], (4, 4), (4, 4));
    draft.see("raw", Status::Absent);
    assert_stands(&draft, &[], (3, 3), (3, 3));
}

#[test]
fn a_libre_licence_of_a_model_that_nobody_may_know() {
    let mut draft = whole("m");
    draft.artifact("teacher", &["model.teacher"], "MIT");
    draft.edit("corpus").insert("generatedBy".into(), json!(["teacher"]));
    draft.see("teacher", Status::Withheld);
    assert_stands(&draft, &[], (3, 3), (2, 3));
}

#[test]
fn output_terms_that_the_licence_does_not_leave() {
    let mut draft = whole("m");
    let llama = "LicenseRef-scancode-llama-3.1-license-2024";
    draft.artifact("teacher", &["model.teacher"], llama);
    draft.edit("teacher").insert("outputTerms".into(), json!("CC0-1.0"));
    draft.edit("corpus").insert("generatedBy".into(), json!(["teacher"]));
    assert_stands(&draft, &[], (3, 4), (2, 2));
    // A licence that says nothing of outputs leaves it to the terms that are stated.
    let mut draft = whole("m");
    draft.artifact("teacher", &["model.teacher"], "CC-BY-NC-4.0");
    draft.edit("teacher").insert("outputTerms".into(), json!("CC0-1.0"));
    draft.edit("corpus").insert("generatedBy".into(), json!(["teacher"]));
    assert_stands(&draft, &[], (3, 4), (3, 3));
    // Nor does a child's word about it go beyond the model's own.
    let mut teacher = whole("teacher");
    teacher.edit("weights").insert("license".into(), json!(llama));
    let mut draft = whole("m");
    draft.artifact("teacher", &["model.teacher"], "MIT");
    draft.edit("corpus").insert("generatedBy".into(), json!(["teacher"]));
    draft.parents.push(("teacher".into(), "teacher".into()));
    assert_stands(&draft, &[&teacher], (4, 4), (2, 2));
}

#[test]
fn weight_files_beside_the_weights() {
    let mut draft = whole("m");
    draft.unclaimed_weights = Some("real.safetensors".into());
    assert_stands(&draft, &[], (0, 0), (0, 0));
}

#[test]
fn an_index_a_paper_and_a_summary_are_no_data() {
    for role in ["data.index", "doc.paper", "doc.training-content-summary"] {
        let mut draft = whole("m");
        draft.edit("corpus").insert("roles".into(), json!([role]));
        assert_stands(&draft, &[], (2, 2), (2, 2));
    }
}

#[test]
fn hollow_code_is_no_code() {
    for (id, left) in [("trainer", 1), ("prep", 1), ("crawler", 3), ("inference", 0)] {
        let mut draft = whole("m");
        draft.hollow.push(id.into());
        assert_stands(&draft, &[], (left, left), (left, left));
    }
}

#[test]
fn a_generator_of_ones_own_is_no_way_around() {
    // A teacher made here, of data that nobody may see, makes the data that is published.
    let mut draft = whole("m");
    draft.artifact("teacher", &["weights.intermediate"], "MIT");
    draft.artifact("secret", &["data.pretraining"], "CC0-1.0");
    draft.see("secret", Status::Withheld);
    draft.list("stages").push(json!({
        "id": "teach", "kind": "pretrain", "data": ["secret"], "outputs": ["teacher"],
        "init": { "prng": "philox" },
    }));
    assert_stands(&draft, &[], (4, 4), (4, 4));
    draft.edit("corpus").insert("generatedBy".into(), json!(["teacher"]));
    assert_stands(&draft, &[], (3, 3), (3, 3));
    // Of the stage that made it no environment is asked (cls-39).
    draft.stage("teach").insert("data".into(), json!(["corpus"]));
    draft.stage("pretrain").insert("environment".into(), json!(["lock"]));
    draft.remove("secret");
    assert_stands(&draft, &[], (4, 4), (4, 4));
    // What made the data of the teacher counts, too.
    let gpt = "LicenseRef-scancode-openai-tou-20241211";
    draft.artifact("gpt", &["model.teacher"], gpt);
    draft
        .artifact("answers", &["data.sft"], "CC0-1.0")
        .insert("generatedBy".into(), json!(["gpt"]));
    draft.edit("answers").insert("collectedBy".into(), json!(["crawler"]));
    draft.stage("teach").insert("data".into(), json!(["answers"]));
    assert_stands(&draft, &[], (3, 4), (3, 3));
}

#[test]
fn collecting_software_that_is_no_code_and_guidelines_that_are_no_text() {
    let mut draft = whole("m");
    draft.edit("corpus").insert("collectedBy".into(), json!(["card"]));
    assert_stands(&draft, &[], (3, 3), (3, 3));
    let mut draft = whole("m");
    draft.edit("corpus").remove("collectedBy");
    draft.edit("corpus").insert("humanAuthored".into(), json!({ "guidelines": ["trainer"] }));
    assert_stands(&draft, &[], (3, 3), (3, 3));
    draft.artifact("rules", &["doc.annotation-guidelines"], "CC-BY-4.0");
    draft.edit("corpus").insert("humanAuthored".into(), json!({ "guidelines": ["rules"] }));
    assert_stands(&draft, &[], (4, 4), (4, 4));
    // Beside a generator it is void.
    draft.artifact("teacher", &["model.teacher"], "MIT");
    draft.edit("corpus").insert("generatedBy".into(), json!(["teacher"]));
    assert_stands(&draft, &[], (3, 3), (3, 3));
}

#[test]
fn the_same_bytes_as_code_and_as_data() {
    let mut draft = whole("m");
    let digest = draft.edit("trainer")["digest"].clone();
    draft.edit("corpus").insert("digest".into(), digest);
    assert_stands(&draft, &[], (1, 1), (1, 1));
    let mut draft = whole("m");
    draft.edit("corpus").insert("roles".into(), json!(["data.pretraining", "code.evaluation"]));
    assert_stands(&draft, &[], (2, 2), (2, 2));
}
