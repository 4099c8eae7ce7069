//! Rules that neither a case nor a decoy shows.

use fullsource_format::manifest::Availability;
use fullsource_verify::Status;
use fullsource_verify::class::{Chain, OutputTerms, Seen, Tri, name, rung_named};
use fullsource_verify::lineage;
use serde_json::json;

use crate::decoys::{assert_stands, stands};
use crate::release::{Draft, statement, tuned, whole};

/// `cls-4`
#[test]
fn what_was_seen_is_worth_what_the_table_says() {
    use Tri::{F, T, U};
    for (status, exists, public) in [
        (Status::Verified, T, T),
        (Status::Gated, T, F),
        (Status::Closed, U, F),
        (Status::Partial, U, U),
        (Status::Unchecked, U, U),
        (Status::Unreachable, U, U),
        (Status::Metadata, U, U),
        (Status::Internal, U, U),
        (Status::Absent, F, F),
        (Status::Mismatch, F, F),
        (Status::Withheld, F, F),
        (Status::RecipeOnly, F, F),
    ] {
        let seen = Seen::of(status, Availability::Public);
        assert_eq!((seen.exists(), seen.public()), (exists, public), "{}", status.as_str());
        let declared = Seen::of(status, Availability::Gated);
        assert_eq!((declared.exists(), declared.public()), (exists, F), "{}", status.as_str());
    }
    let word = Seen::of(Status::Metadata, Availability::Public);
    let word = word.trusting_the_word(Status::Metadata, Availability::Public);
    assert_eq!((word.exists(), word.public()), (T, T));
    let partial = Seen::of(Status::Partial, Availability::Public);
    assert_eq!(partial.trusting_the_word(Status::Partial, Availability::Public), partial);
}

/// `cls-5`
#[test]
fn a_claim_is_taken_at_its_word() {
    let mut draft = whole("m");
    draft.artifact("named", &["doc.paper"], "MIT");
    draft.edit("named").remove("digest");
    draft.artifact("gated", &["doc.paper"], "MIT").insert("availability".into(), json!("gated"));
    draft.artifact("recipe", &["doc.paper"], "MIT");
    draft.see("recipe", Status::RecipeOnly);
    let manifest = draft.parse();
    let claimed = |id: &str| {
        let artifact = manifest.artifacts().iter().find(|a| a.id.as_str() == id).unwrap();
        let seen = Seen::claimed(artifact);
        (seen.exists(), seen.public())
    };
    assert_eq!(claimed("weights"), (Tri::T, Tri::T));
    assert_eq!(claimed("named"), (Tri::U, Tri::U));
    assert_eq!(claimed("gated"), (Tri::T, Tri::F));
    assert_eq!(claimed("recipe"), (Tri::F, Tri::F));
}

/// `cls-5`: what only bytes that were seen can tell is not held against a claim.
#[test]
fn a_claim_is_not_weighed_by_the_size_that_it_gives() {
    let mut draft = whole("m");
    draft.edit("corpus").insert("size".into(), json!(1_000));
    let data = json!([{ "artifact": "corpus", "tokens": 1_001 }]);
    draft.stage("pretrain").insert("data".into(), data);
    let manifest = draft.parse();
    let members = [draft.member(&manifest)];
    let judged = lineage::judge(statement("m"), &members, OutputTerms::Count).unwrap();
    assert_eq!(judged.class.claimed().headline(), "full-source-transitive");
}

/// `cls-8`
#[test]
fn what_a_stage_names_serves_that_stage_alone() {
    let mut draft = whole("m");
    draft.artifact("mid", &["weights.intermediate"], "MIT");
    draft.stage("pretrain").insert("outputs".into(), json!(["mid"]));
    draft.list("stages").push(json!({
        "id": "tune", "kind": "sft", "data": ["corpus"], "outputs": ["weights"],
        "models": [{ "artifact": "mid", "use": "init" }],
    }));
    assert_stands(&draft, &[], (4, 4), (4, 4));
    draft.stage("pretrain").insert("code".into(), json!(["trainer"]));
    assert_stands(&draft, &[], (1, 1), (1, 1));
    draft.stage("tune").insert("code".into(), json!(["trainer"]));
    assert_stands(&draft, &[], (4, 4), (4, 4));
    // Several of one role are all needed.
    draft.artifact("loss", &["code.training"], "MIT");
    draft.see("loss", Status::Absent);
    assert_stands(&draft, &[], (1, 1), (1, 1));
}

/// `cls-9`
#[test]
fn a_role_that_is_not_applicable_is_not_asked_for() {
    let mut draft = whole("m");
    draft.remove("args");
    assert_stands(&draft, &[], (1, 1), (1, 1));
    let entry =
        |stage: &str| json!({ "role": "config.training", "stage": stage, "reason": "none" });
    draft.list("notApplicable").push(entry("pretrain"));
    assert_stands(&draft, &[], (4, 4), (4, 4));
    // What is listed all the same counts.
    draft.artifact("args", &["config.training"], "MIT");
    draft.see("args", Status::Absent);
    assert_stands(&draft, &[], (1, 1), (1, 1));
}

/// `cls-9`
#[test]
fn what_the_first_rung_does_not_ask_of_a_byte_level_model() {
    let mut draft = whole("m");
    draft.remove("tokenizer");
    let entry = json!({ "role": "tokenizer.model", "reason": "it reads bytes" });
    draft.list("notApplicable").push(entry);
    assert_stands(&draft, &[], (4, 4), (4, 4));
    // An entry for one stage says nothing of the model.
    draft.list("notApplicable")[0]["stage"] = json!("pretrain");
    assert_stands(&draft, &[], (0, 0), (0, 0));
    // What is not there cannot be asked to be anything else than listed.
    let mut draft = Draft::new("m");
    draft.list("notApplicable").push(json!({ "role": "tokenizer.model", "reason": "bytes" }));
    draft.artifact("weights", &["weights.final"], "MIT");
    draft.artifact("config", &["config.model"], "MIT");
    draft.artifact("run", &["code.inference"], "MIT");
    assert_stands(&draft, &[], (1, 1), (1, 1));
    let report = |draft: &Draft| {
        let manifest = draft.parse();
        let members = [draft.member(&manifest)];
        let judged = lineage::judge(statement("m"), &members, OutputTerms::Count).unwrap();
        judged.class.report(fullsource_verify::class::Linkage::Asserted).rungs[0].needs.len()
    };
    assert_eq!(report(&draft), 4);
}

/// `cls-31`, `cls-36`: one fitting role among several is enough.
#[test]
fn an_artifact_may_have_other_roles_besides() {
    let mut draft = whole("m");
    draft
        .edit("corpus")
        .insert("roles".into(), json!(["data.pretraining", "doc.paper", "data.index"]));
    draft.edit("crawler").insert("roles".into(), json!(["code.data-collection", "doc.paper"]));
    assert_stands(&draft, &[], (4, 4), (4, 4));
}

/// `cls-6`: what is hollow is not there, and so not possible either.
#[test]
fn hollow_is_worse_than_unseen() {
    let seen = Seen::of(Status::Partial, Availability::Public).hollow();
    assert_eq!((seen.exists(), seen.public()), (Tri::F, Tri::F));
}

/// `cls-12`
#[test]
fn one_of_inference_and_architecture_suffices() {
    let mut draft = whole("m");
    draft.artifact("architecture", &["code.architecture"], "JSON");
    draft.see("architecture", Status::Absent);
    assert_stands(&draft, &[], (4, 4), (4, 4));
    draft.remove("inference");
    assert_stands(&draft, &[], (0, 0), (0, 0));
}

fn adapter() -> Draft {
    let mut draft = tuned("m", "base");
    draft.stage("pretrain").insert("kind".into(), json!("adapter"));
    for id in ["config", "tokenizer", "inference"] {
        draft.remove(id);
    }
    draft
}

/// `cls-13`
#[test]
fn an_adapter_takes_what_it_lacks_from_its_model() {
    let mut base = whole("base");
    assert_stands(&adapter(), &[&base], (4, 4), (4, 4));
    base.see("tokenizer", Status::Absent);
    assert_stands(&adapter(), &[&base], (0, 0), (0, 0));
    // A stage of another kind does not.
    let mut draft = adapter();
    draft.stage("pretrain").insert("kind".into(), json!("sft"));
    assert_stands(&draft, &[&whole("base")], (0, 0), (0, 0));
}

/// `cls-15`, `cls-16`
#[test]
fn everything_is_listed_where_the_producer_says_so_and_nothing_contradicts() {
    let mut draft = whole("m");
    draft.manifest["closure"] = json!("partial");
    assert_stands(&draft, &[], (1, 1), (1, 1));
    let mut draft = whole("m");
    draft.by_producer = false;
    assert_stands(&draft, &[], (1, 4), (1, 4));
    let mut draft = whole("m");
    draft.see("card", Status::Unreachable);
    assert_stands(&draft, &[], (1, 4), (1, 4));
    let mut draft = whole("m");
    draft.see("data-card", Status::Gated);
    assert_stands(&draft, &[], (4, 4), (4, 4));
}

/// `cls-19`
#[test]
fn a_simulator_stands_for_data_and_counts_as_training_code() {
    let mut draft = whole("m");
    let simulator = draft.artifact("simulator", &["code.simulator"], "MIT");
    simulator.insert("name".into(), json!("the game"));
    let stage = draft.stage("pretrain");
    stage.insert("kind".into(), json!("rl"));
    stage.remove("data");
    stage.insert("noData".into(), json!("it plays against itself"));
    stage.insert("code".into(), json!(["simulator"]));
    for id in ["trainer", "prep", "about-data"] {
        draft.remove(id);
    }
    assert_stands(&draft, &[], (4, 4), (4, 4));
    draft.see("simulator", Status::Gated);
    assert_stands(&draft, &[], (4, 4), (1, 1));
}

/// `cls-20`
#[test]
fn every_data_set_is_described() {
    let mut draft = whole("m");
    draft.artifact("more", &["data.pretraining"], "CC0-1.0");
    let more = draft.edit("more");
    more.insert("collectedBy".into(), json!(["crawler"]));
    more.insert("contentRights".into(), json!("CC0-1.0"));
    draft.stage("pretrain").insert("data".into(), json!(["corpus", "more"]));
    assert_stands(&draft, &[], (4, 4), (4, 4));
    draft.edit("corpus").insert("documentedBy".into(), json!(["about-data"]));
    assert_stands(&draft, &[], (1, 1), (1, 1));
    draft.edit("more").insert("documentedBy".into(), json!(["about-data"]));
    assert_stands(&draft, &[], (4, 4), (4, 4));
}

/// `cls-21`
#[test]
fn a_transformation_needs_its_code_or_its_configuration() {
    let mut draft = tuned("m", "base");
    draft.stage("pretrain").insert("kind".into(), json!("merge"));
    draft.stage("pretrain").remove("data");
    assert_stands(&draft, &[&whole("base")], (1, 1), (1, 1));
    draft.artifact("recipe", &["config.transform"], "MIT");
    assert_stands(&draft, &[&whole("base")], (4, 4), (4, 4));
    draft.hollow.push("recipe".into());
    assert_stands(&draft, &[&whole("base")], (1, 1), (1, 1));
    draft.artifact("script", &["code.transform"], "MIT");
    draft.manifest["closure"] = json!("complete");
    // The hollow configuration leaves the closure unknown: it was claimed and is not there.
    assert_stands(&draft, &[&whole("base")], (1, 4), (1, 4));
}

/// `cls-29`, `cls-30`
#[test]
fn models_of_which_less_is_known() {
    // Pinned, without a statement.
    let mut draft = tuned("m", "base");
    draft.parents.clear();
    assert_stands(&draft, &[], (1, 4), (1, 4));
    draft.edit("base").insert("license".into(), json!("CC-BY-NC-4.0"));
    assert_stands(&draft, &[], (1, 4), (0, 0));
    draft.see("base", Status::Absent);
    assert_stands(&draft, &[], (1, 1), (0, 0));
    // Withheld: its licence is asked, and cannot establish anything.
    let mut draft = tuned("m", "base");
    draft.parents.clear();
    draft.edit("base").remove("statement");
    draft.see("base", Status::Withheld);
    assert_stands(&draft, &[], (1, 1), (0, 1));
    draft.edit("base").insert("license".into(), json!("CC-BY-NC-4.0"));
    assert_stands(&draft, &[], (1, 1), (0, 0));
    // Pinned by its statement alone.
    let mut draft = tuned("m", "base");
    draft.edit("base").remove("digest");
    assert_stands(&draft, &[&whole("base")], (4, 4), (4, 4));
    // A name alone, though somebody knows a statement of that name.
    let mut draft = tuned("m", "base");
    for field in ["digest", "locators", "statement"] {
        draft.edit("base").remove(field);
    }
    draft.see("base", Status::Unchecked);
    assert_stands(&draft, &[&whole("base")], (1, 4), (0, 4));
}

/// `cls-26`
#[test]
fn a_child_is_never_freer_than_what_it_started_from() {
    let mut base = whole("base");
    base.edit("weights").insert("license".into(), json!("JSON"));
    assert_stands(&tuned("m", "base"), &[&base], (4, 4), (0, 0));
    let mut base = whole("base");
    base.see("corpus", Status::Gated);
    assert_stands(&tuned("m", "base"), &[&base], (4, 4), (2, 2));
}

/// `cls-33`
#[test]
fn the_delta_leaves_out_what_it_starts_from() {
    let mut base = whole("base");
    base.manifest["stages"] = json!([]);
    let drafts = [tuned("m", "base"), base];
    let manifests: Vec<_> = drafts.iter().map(Draft::parse).collect();
    let members: Vec<_> = drafts.iter().zip(&manifests).map(|(d, m)| d.member(m)).collect();
    let judged = lineage::judge(statement("m"), &members, OutputTerms::Count).unwrap();
    assert_eq!(judged.class.headline(), "open-weights");
    assert_eq!(judged.class.delta().unwrap().headline(), "full-source-transitive");
    let base = lineage::judge(statement("base"), &members, OutputTerms::Count).unwrap();
    assert_eq!(base.class.delta(), None);
}

/// `cls-34`
#[test]
fn a_policy_may_only_warn_of_output_terms() {
    let mut draft = whole("m");
    draft.artifact("teacher", &["model.teacher"], "LicenseRef-scancode-llama-2-license-2023");
    draft.edit("corpus").insert("generatedBy".into(), json!(["teacher"]));
    let manifest = draft.parse();
    let members = [draft.member(&manifest)];
    let freedom = |terms| {
        let judged = lineage::judge(statement("m"), &members, terms).unwrap();
        judged.class.verified().freedom.established
    };
    assert_eq!(freedom(OutputTerms::Count), 2);
    assert_eq!(freedom(OutputTerms::Warn), 3);
}

/// `cls-37`
#[test]
fn rights_in_the_contents_are_asserted_or_absent() {
    for (rights, possible) in [
        (Some("CC-BY-4.0"), 4),
        (Some("LicenseRef-unknown"), 4),
        (Some("NOASSERTION"), 3),
        (Some("CC-BY-NC-4.0"), 3),
        (None, 3),
    ] {
        let mut draft = whole("m");
        match rights {
            Some(rights) => draft.edit("corpus").insert("contentRights".into(), json!(rights)),
            None => draft.edit("corpus").remove("contentRights"),
        };
        let freedom = stands(&draft, &[]).freedom;
        assert_eq!(freedom.possible, possible, "{rights:?}");
        assert_eq!(freedom.established == 4, rights == Some("CC-BY-4.0"), "{rights:?}");
    }
}

/// `cls-50`
#[test]
fn headlines() {
    let headline = |draft: &Draft| stands(draft, &[]).headline();
    let mut draft = whole("m");
    assert_eq!(headline(&draft), "full-source-transitive");
    draft.edit("weights").insert("license".into(), json!("JSON"));
    assert_eq!(headline(&draft), "source-available-transitive");
    draft.see("weights", Status::Unreachable);
    assert_eq!(headline(&draft), "unproven");
    draft.see("weights", Status::Absent);
    assert_eq!(headline(&draft), "closed");
    for chain in Chain::BOTH {
        for rung in 1..=4 {
            assert_eq!(rung_named(name(chain, rung)), Some((chain, rung)));
        }
    }
    assert_eq!(rung_named("closed"), None);
}
