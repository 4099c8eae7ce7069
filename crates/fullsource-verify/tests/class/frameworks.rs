//! What other definitions say, and the badges.

use fullsource_verify::Status;
use fullsource_verify::class::{OutputTerms, Relation, Tri};
use fullsource_verify::frameworks::{
    Badges, Band, Debian, Frameworks, Fsf, Openness, Osaid, badges, frameworks,
};
use fullsource_verify::lineage;
use serde_json::json;

use crate::release::{Draft, statement, tuned, whole};

fn answers(drafts: &[Draft], parameters: Option<u64>) -> (Frameworks, Badges) {
    let manifests: Vec<_> = drafts.iter().map(Draft::parse).collect();
    let members: Vec<_> = drafts.iter().zip(&manifests).map(|(d, m)| d.member(m)).collect();
    let target = statement(&drafts[0].name);
    let judged = lineage::judge(target, &members, OutputTerms::Count).unwrap();
    (frameworks(&judged.class, parameters), badges(&judged.class, parameters))
}

/// With everything that the Model Openness Framework asks for.
fn documented() -> Draft {
    let mut draft = whole("m");
    for (id, role) in [
        ("architecture", "code.architecture"),
        ("evaluation", "code.evaluation"),
        ("benchmark", "data.evaluation"),
        ("results", "eval.results"),
        ("paper", "doc.paper"),
        ("checkpoints", "weights.intermediate"),
    ] {
        draft.artifact(id, &[role], "Apache-2.0");
    }
    draft
}

/// `cls-60` to `cls-62`
#[test]
fn the_definitions_of_others() {
    let (of_all, _) = answers(&[whole("m")], None);
    let (osaid, debian, fsf) = (of_all.osaid.answer, of_all.debian.answer, of_all.fsf.answer);
    assert_eq!((osaid, debian, fsf), (Osaid::Yes, Debian::Free, Fsf::Free));
    for (status, osaid, debian, fsf) in [
        (Status::Withheld, Osaid::Yes, Debian::ToxicCandy, Fsf::Nonfree),
        (Status::Gated, Osaid::Yes, Debian::ToxicCandy, Fsf::Nonfree),
        (Status::Unreachable, Osaid::Yes, Debian::Undetermined, Fsf::Undetermined),
    ] {
        let mut draft = whole("m");
        draft.see("corpus", status);
        let (all, _) = answers(&[draft], None);
        let got = (all.osaid.answer, all.debian.answer, all.fsf.answer);
        assert_eq!(got, (osaid, debian, fsf), "{status:?}");
    }
    let mut draft = whole("m");
    draft.edit("weights").insert("license".into(), json!("JSON"));
    let (all, _) = answers(&[draft], None);
    let got = (all.osaid.answer, all.debian.answer, all.fsf.answer);
    assert_eq!(got, (Osaid::No, Debian::NonFree, Fsf::Nonfree));
    assert!(all.debian.rule.contains("F1"));
}

/// `cls-63`
#[test]
fn the_model_openness_framework_counts_its_own_components() {
    let class = |lost: &[&str]| {
        let mut draft = documented();
        lost.iter().for_each(|id| draft.see(id, Status::Absent));
        let (all, _) = answers(&[draft], None);
        (all.mof.class.established, all.mof.class.possible)
    };
    assert_eq!(class(&[]), (1, 1));
    assert_eq!(class(&["checkpoints"]), (2, 2));
    assert_eq!(class(&["corpus"]), (2, 2));
    assert_eq!(class(&["evaluation"]), (3, 3));
    for id in ["architecture", "weights", "results", "card", "data-card"] {
        assert_eq!(class(&[id]), (0, 0), "{id}");
    }
    for id in ["trainer", "inference", "evaluation", "benchmark"] {
        assert_eq!(class(&[id]), (3, 3), "{id}");
    }
    assert_eq!(class(&["prep"]), (2, 2));
    // A stage that does not say what it read has no data sets to show.
    let mut silent = documented();
    silent.stage("pretrain").remove("data");
    assert_eq!(answers(&[silent], None).0.mof.class.established, 2);
    // The paper stands in for the report; without it there is neither.
    assert_eq!(class(&["paper"]), (0, 0));
    // What may be missing.
    assert_eq!(class(&["args", "lock"]), (1, 1));
    let mut draft = documented();
    draft.see("results", Status::Unreachable);
    let (all, _) = answers(&[draft], None);
    assert_eq!((all.mof.class.established, all.mof.class.possible), (0, 1));
    assert_eq!(all.mof.claimed.established, 1);
    let results = all.mof.components.iter().find(|c| c.name == "Evaluation results").unwrap();
    assert_eq!((results.value, results.claimed), (Tri::U, Tri::T));
}

/// `cls-64`
#[test]
fn the_european_index_tells_base_and_end_apart() {
    use Openness::{Closed, Open, Partial, Undetermined};
    let dimensions = |drafts: &[Draft]| {
        let (all, _) = answers(drafts, None);
        let eu = all.eu_index;
        [
            eu.datasources_basemodel,
            eu.datasources_endmodel,
            eu.weights_basemodel,
            eu.weights_endmodel,
            eu.trainingcode,
        ]
    };
    assert_eq!(dimensions(&[whole("m")]), [Open; 5]);
    let mut base = whole("base");
    base.see("corpus", Status::Withheld);
    base.edit("weights").insert("license".into(), json!("JSON"));
    let got = dimensions(&[tuned("m", "base"), base]);
    assert_eq!(got, [Closed, Open, Partial, Open, Open]);
    // A base of which nothing but the weights is known to be there.
    let mut base = whole("base");
    base.manifest["stages"] = json!([]);
    assert_eq!(dimensions(&[tuned("m", "base"), base])[2], Open);
    // What it was tuned on, beside what its base was made from.
    let mut tuned_here = whole("m");
    tuned_here.see("corpus", Status::Gated);
    tuned_here.artifact("first", &["weights.intermediate"], "MIT");
    tuned_here.artifact("chats", &["data.sft"], "CC0-1.0");
    tuned_here.stage("pretrain").insert("outputs".into(), json!(["first"]));
    tuned_here.list("stages").push(json!({
        "id": "tune", "kind": "sft", "data": ["chats"], "outputs": ["weights"],
        "models": [{ "artifact": "first", "use": "init" }],
    }));
    assert_eq!(dimensions(&[tuned_here]), [Partial, Open, Open, Open, Open]);
    let mut draft = whole("m");
    draft.see("corpus", Status::Gated);
    draft.see("trainer", Status::Unreachable);
    assert_eq!(dimensions(&[draft]), [Partial, Partial, Open, Open, Undetermined]);
}

fn with_compute(compute: &serde_json::Value) -> Draft {
    let mut draft = whole("m");
    draft.stage("pretrain").insert("compute".into(), compute.clone());
    draft
}

/// `cls-65`
#[test]
fn the_ai_act_screen() {
    let screen = |draft: Draft, parameters| answers(&[draft], parameters).0.ai_act;
    let small = screen(with_compute(&json!({ "flop": "100000000000000000000000" })), None);
    assert_eq!((small.exemption.answer, small.systemic_risk.answer), (Tri::T, Tri::F));
    let large = screen(with_compute(&json!({ "flop": "11000000000000000000000000" })), None);
    assert_eq!((large.exemption.answer, large.systemic_risk.answer), (Tri::F, Tri::T));
    assert!(large.exemption.rule.contains("10^25"), "{}", large.exemption.rule);
    // The presumption begins above 10^25.
    let most = with_compute(&json!({ "flop": "10000000000000000000000000" }));
    assert_eq!(screen(most, None).systemic_risk.answer, Tri::F);
    assert_eq!(screen(whole("m"), None).exemption.answer, Tri::U);
    assert_eq!(screen(whole("m"), None).training_content_summary.answer, Tri::F);
    // 6 · N · D
    let mut draft = whole("m");
    let data = json!([{ "artifact": "corpus", "tokens": "15000000000000" }]);
    draft.stage("pretrain").insert("data".into(), data);
    assert_eq!(screen(draft.clone(), Some(8_000_000_000)).systemic_risk.answer, Tri::F);
    assert_eq!(screen(draft, Some(405_000_000_000)).systemic_risk.answer, Tri::T);
    // A stage that does not say what it read is not one that took nothing.
    let mut silent = whole("m");
    silent.stage("pretrain").remove("data");
    assert_eq!(screen(silent, Some(8_000_000_000)).systemic_risk.answer, Tri::U);
    let mut draft = with_compute(&json!({ "flop": 1 }));
    draft.see("card", Status::Absent);
    let told = screen(draft, None).exemption;
    assert_eq!(told.answer, Tri::F);
    assert!(told.rule.contains("model card"), "{}", told.rule);
}

/// `cls-66`
#[test]
fn badges_name_what_is_gated_and_whom_it_depends_on() {
    let mut draft = tuned("m", "base");
    draft.see("corpus", Status::Gated);
    draft.artifact("gpt", &["model.teacher"], "MIT");
    draft.edit("corpus").insert("generatedBy".into(), json!(["gpt"]));
    let mut base = whole("base");
    base.see("corpus", Status::Withheld);
    let (_, badges) = answers(&[draft, base], None);
    assert_eq!(badges.gated, ["corpus"]);
    let got: Vec<_> = badges
        .vendor_dependent
        .iter()
        .map(|on| (on.artifact.as_str(), on.relation, on.closed))
        .collect();
    assert_eq!(got, [("base", Relation::Init, Tri::T), ("gpt", Relation::Offline, Tri::U)]);
    let (_, badges) = answers(&[tuned("m", "base"), whole("base")], None);
    assert!(badges.vendor_dependent.is_empty() && badges.gated.is_empty());
}

/// `cls-67`
#[test]
fn who_could_make_it_again() {
    for (compute, band) in [
        (json!({ "hours": 999 }), Band::Workstation),
        (json!({ "hours": 1_000 }), Band::Lab),
        (json!({ "hours": "99999.9" }), Band::Lab),
        (json!({ "hours": 100_000 }), Band::Institution),
        (json!({ "hours": 1_000_000 }), Band::Hyperscale),
        (json!({ "flop": "38000000000000000000000000" }), Band::Hyperscale),
        (json!({ "flop": "1100000000000000000000" }), Band::Workstation),
        (json!({ "flop": "1200000000000000000000" }), Band::Lab),
        (json!({ "energyKwh": 1 }), Band::Undisclosed),
    ] {
        let (_, badges) = answers(&[with_compute(&compute)], None);
        assert_eq!(badges.exercisability, band, "{compute}");
    }
    // No stage is not no work.
    let mut draft = whole("m");
    draft.manifest["stages"] = json!([]);
    assert_eq!(answers(&[draft], None).1.exercisability, Band::Undisclosed);
    // One stage that says nothing leaves the whole undisclosed.
    let mut draft = with_compute(&json!({ "hours": 1 }));
    draft.artifact("first", &["weights.intermediate"], "MIT");
    draft.list("stages").push(json!({
        "id": "before", "kind": "pretrain", "data": ["corpus"], "outputs": ["first"],
        "init": { "prng": "philox" },
    }));
    let model = json!([{ "artifact": "first", "use": "init" }]);
    draft.stage("pretrain").insert("models".into(), model);
    assert_eq!(answers(&[draft], None).1.exercisability, Band::Undisclosed);
}
