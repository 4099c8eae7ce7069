//! What is missing for the next rung: the smallest set, in words that a releaser can act on.

use fullsource_verify::Status;
use fullsource_verify::class::{Chain, Need, Next, OutputTerms, Tri};
use fullsource_verify::lineage;
use serde_json::json;

use crate::decoys::stands;
use crate::release::{Draft, statement, tuned, whole};

fn next(draft: &Draft, chain: Chain) -> Option<Next> {
    let manifest = draft.parse();
    let members = [draft.member(&manifest)];
    lineage::judge(statement(&draft.name), &members, OutputTerms::Count).unwrap().class.next(chain)
}

#[track_caller]
fn assert_missing(draft: &Draft, chain: Chain, name: &str, texts: &[&str]) {
    let next = next(draft, chain).unwrap();
    assert_eq!(next.name, name);
    let got: Vec<_> = next.missing.iter().map(|missing| &*missing.text).collect();
    assert_eq!(got, texts);
}

#[test]
fn nothing_is_missing_at_the_top() {
    assert_eq!(next(&whole("m"), Chain::Freedom), None);
}

#[test]
fn one_artifact_is_mended_once_whatever_needs_it() {
    let mut draft = whole("m");
    draft.edit("trainer").insert("roles".into(), json!(["code.training", "code.preprocessing"]));
    draft.see("trainer", Status::Absent);
    let text = "publish `trainer`, whole, where its digest can be checked";
    assert_missing(&draft, Chain::Availability, "recipe-available", &[text]);
    assert_missing(&draft, Chain::Freedom, "open-recipe", &[text]);
}

#[test]
fn a_licence_is_told_by_what_it_takes() {
    let mut draft = whole("m");
    let llama = "LicenseRef-scancode-llama-3.1-license-2024";
    draft.edit("weights").insert("license".into(), json!(llama));
    let text = "put `weights` under a libre licence: `LicenseRef-scancode-llama-3.1-license-2024` \
                takes run, share, change: by a cap on users or revenue (2: more than 700 million \
                monthly users need a separate licence, at the licensor's sole discretion)";
    assert_missing(&draft, Chain::Freedom, "open-weights", &[text]);
    draft.edit("weights").insert("license".into(), json!("LicenseRef-Acme"));
    let text = "put `weights` under a licence that is known to be libre: `LicenseRef-Acme` is not";
    assert_missing(&draft, Chain::Freedom, "open-weights", &[text]);
    draft.edit("weights").remove("license");
    let text = "say under which libre licence `weights` is";
    assert_missing(&draft, Chain::Freedom, "open-weights", &[text]);
}

#[test]
fn of_two_ways_the_one_that_lacks_less_is_named() {
    // Three crawlers that nobody has seen, or one page of guidelines.
    let mut draft = whole("m");
    for id in ["c1", "c2", "c3"] {
        draft.artifact(id, &["code.data-collection"], "MIT");
        draft.see(id, Status::Unreachable);
    }
    draft.artifact("rules", &["doc.annotation-guidelines"], "MIT");
    draft.see("rules", Status::Gated);
    draft.edit("corpus").insert("collectedBy".into(), json!(["c1", "c2", "c3"]));
    draft.edit("corpus").insert("humanAuthored".into(), json!({ "guidelines": ["rules"] }));
    let text = "publish `rules` where nobody has to ask for it";
    assert_missing(&draft, Chain::Freedom, "full-source-transitive", &[text]);
}

/// Of the ways to say where data is from, that of which everything has to be mended anyhow.
#[test]
fn of_two_ways_the_one_that_is_listed_already_is_named() {
    let mut draft = whole("m");
    for id in ["c1", "c2"] {
        draft.artifact(id, &["env.lock", "code.data-collection"], "MIT");
        draft.see(id, Status::Absent);
    }
    draft.artifact("rules", &["doc.annotation-guidelines"], "MIT");
    draft.see("rules", Status::Gated);
    draft.edit("corpus").insert("collectedBy".into(), json!(["c1", "c2"]));
    draft.edit("corpus").insert("humanAuthored".into(), json!({ "guidelines": ["rules"] }));
    let publish =
        ["c1", "c2"].map(|id| format!("publish `{id}`, whole, where its digest can be checked"));
    let texts = publish.each_ref().map(String::as_str);
    assert_missing(&draft, Chain::Freedom, "full-source-transitive", &texts);
}

#[test]
fn what_nothing_is_listed_for_is_asked_for_by_its_role() {
    let mut draft = Draft::new("m");
    draft.artifact("weights", &["weights.final"], "MIT");
    assert_missing(
        &draft,
        Chain::Freedom,
        "open-weights",
        &[
            "list what has the role `config.model`",
            "list what has the role `tokenizer.model`",
            "list code with the role `code.inference` or `code.architecture`",
        ],
    );
    let mut draft = whole("m");
    draft.remove("prep");
    draft.remove("lock");
    draft.manifest.as_object_mut().unwrap().remove("closure");
    assert_missing(
        &draft,
        Chain::Freedom,
        "open-recipe",
        &[
            "sign, as the producer, that every stage, data set and parent is listed (`closure: \
         complete`), and list what a card or a file names",
            "list what has the role `code.preprocessing` for stage `pretrain`",
        ],
    );
}

/// Doing what is said lifts the release by a rung, and leaving any of it out does not.
#[test]
fn the_set_is_enough_and_nothing_of_it_is_too_much() {
    let lacking = ["trainer", "args", "prep", "about-data", "card"];
    let mut draft = whole("m");
    for id in lacking {
        draft.see(id, Status::Unreachable);
    }
    let asked = next(&draft, Chain::Freedom).unwrap();
    let mut artifacts: Vec<_> =
        asked.missing.iter().filter_map(|missing| missing.artifact.as_deref()).collect();
    artifacts.sort_unstable();
    assert_eq!(artifacts, ["about-data", "args", "card", "prep", "trainer"]);
    let card = asked.missing.iter().find(|m| m.artifact.as_deref() == Some("card")).unwrap();
    assert_eq!((card.need, card.value), (Need::Closure, Tri::U));
    for left in lacking {
        let mut mended = draft.clone();
        lacking.iter().filter(|id| **id != left).for_each(|id| mended.see(id, Status::Verified));
        assert_eq!(stands(&mended, &[]).freedom.established, 1, "{left}");
        mended.see(left, Status::Verified);
        assert_eq!(stands(&mended, &[]).freedom.established, 4);
    }
}

#[test]
fn a_parent_that_is_not_known_to_be_open_is_named() {
    let mut draft = tuned("m", "base");
    draft.parents.clear();
    let text = "start from a model that is as free and as open: `base` is not known to be";
    assert_missing(&draft, Chain::Freedom, "open-recipe", &[text]);
}

#[test]
fn the_derivation_has_every_need_with_what_decided() {
    let mut draft = whole("m");
    draft.see("prep", Status::Absent);
    let manifest = draft.parse();
    let members = [draft.member(&manifest)];
    let judged = lineage::judge(statement("m"), &members, OutputTerms::Count).unwrap();
    let report =
        serde_json::to_value(judged.class.report(fullsource_verify::class::Linkage::Asserted))
            .unwrap();
    let needs = report["rungs"][1]["needs"].as_array().unwrap();
    let prep = needs.iter().find(|need| need["need"] == "preprocessing").unwrap();
    assert_eq!(
        prep,
        &json!({
            "need": "preprocessing", "stage": "pretrain", "availability": "no", "freedom": "no",
            "decidedAvailability": "prep", "decidedFreedom": "prep",
        })
    );
    assert_eq!(report["headline"], "open-weights");
    assert_eq!(report["linkage"], "asserted");
    assert_eq!(report["availability"], json!({ "established": 1, "possible": 1 }));
    assert_eq!(report["claimed"]["freedom"], json!({ "established": 4, "possible": 4 }));
}

#[test]
fn what_an_artifact_lacks_is_told_in_the_order_of_mending() {
    let text = |change: &dyn Fn(&mut Draft)| {
        let mut draft = whole("m");
        change(&mut draft);
        let next = next(&draft, Chain::Freedom).unwrap();
        assert_eq!(next.missing.len(), 1, "{:?}", next.missing);
        next.missing[0].text.clone()
    };
    for (told, change) in [
        (
            "let the licence texts beside `weights` be those of the licence it declares",
            &(|draft: &mut Draft| draft.text("weights", Tri::F)) as &dyn Fn(&mut Draft),
        ),
        ("put the text of its licence beside `weights`", &|draft| draft.text("weights", Tri::U)),
        (
            "let `weights` be seen: give it a digest and a place that answers, or look there again",
            &|draft| draft.see("weights", Status::Unreachable),
        ),
        ("publish `weights` where nobody has to ask for it", &|draft| {
            draft.see("weights", Status::Closed)
        }),
        ("publish `weights`, whole, where its digest can be checked", &|draft| {
            draft.see("weights", Status::Absent)
        }),
    ] {
        assert_eq!(&*text(change), told);
    }
}

type Change = fn(&mut Draft);

/// What one change to a whole release makes it lack, on the chain of freedom.
#[track_caller]
fn assert_asks(change: Change, texts: &[&str]) {
    let mut draft = whole("m");
    change(&mut draft);
    let next = next(&draft, Chain::Freedom).unwrap();
    let got: Vec<_> = next.missing.iter().map(|missing| &*missing.text).collect();
    assert_eq!(got, texts);
}

fn online(draft: &mut Draft) {
    draft.artifact("judge", &["model.reward"], "MIT");
    let models = json!([{ "artifact": "judge", "use": "online" }]);
    draft.stage("pretrain").insert("models".into(), models);
}

fn taught(draft: &mut Draft, license: &str) {
    draft.artifact("teacher", &["model.teacher"], license);
    draft.edit("corpus").insert("generatedBy".into(), json!(["teacher"]));
}

#[test]
fn every_need_that_nothing_meets_says_what_to_list() {
    let cases: &[(&str, Change)] = &[
        ("list every weight file of the release under a role `weights.*`", |draft| {
            draft.unclaimed_weights = Some("more.safetensors".into());
        }),
        ("list what has the role `weights.final`", |draft| {
            draft.edit("weights").insert("roles".into(), json!(["weights.intermediate"]));
        }),
        (
            "say what stage `pretrain` starts from: a model (`models`), or \
             nothing but a random generator (`init`)",
            |draft| drop(draft.stage("pretrain").remove("init")),
        ),
        ("list what has the role `code.training` for stage `pretrain`", |d| d.remove("trainer")),
        ("list what has the role `config.training` for stage `pretrain`", |d| d.remove("args")),
        ("describe `corpus`: a document with the role `doc.data-information`", |draft| {
            draft.remove("about-data");
        }),
        ("list what has the role `doc.data-information` for stage `pretrain`", |draft| {
            draft.remove("about-data");
            draft.stage("pretrain").remove("data");
        }),
        ("give stage `pretrain` a kind that the registry has", |draft| {
            draft.stage("pretrain").insert("kind".into(), json!("alchemy"));
        }),
        ("list the stage that makes `weights`: an entry in `stages` with it in `outputs`", |d| {
            d.manifest["stages"] = json!([])
        }),
        ("list `corpus` as data itself, with a role `data.*` that is no index", |draft| {
            drop(draft.edit("corpus").insert("roles".into(), json!(["data.index"])))
        }),
        ("list the data that stage `pretrain` read", |draft| {
            draft.stage("pretrain").remove("data");
        }),
        ("publish the weights of `judge`, which ran during stage `pretrain`", |draft| {
            online(draft);
            draft.see("judge", Status::Unreachable);
        }),
        (
            "use a model whose sources are open in stage `pretrain`: `judge` is not known to be one",
            online,
        ),
        ("say which model made the data: `corpus` is not disclosed", |draft| {
            draft.edit("corpus").insert("roles".into(), json!(["data.synthetic"]));
        }),
        (
            "use data of a model whose terms leave its outputs free: those of `teacher` do not, \
             or are not known",
            |draft| taught(draft, "LicenseRef-scancode-llama-3.1-license-2024"),
        ),
        (
            "make data with a model whose sources are open: `teacher` is not known to be one",
            |draft| taught(draft, "MIT"),
        ),
        ("list what has the role `env.lock` for stage `pretrain`", |draft| draft.remove("lock")),
        (
            "list the code that collected `corpus` (`collectedBy`), or the guidelines of those who wrote \
             it (`humanAuthored`)",
            |draft| drop(draft.edit("corpus").remove("collectedBy")),
        ),
        ("say under which libre licence the contents of `corpus` are (`contentRights`)", |draft| {
            drop(draft.edit("corpus").remove("contentRights"))
        }),
    ];
    for (text, change) in cases {
        assert_asks(*change, &[text]);
    }
}

/// Of one artifact, and not of what it is needed for.
#[test]
fn what_is_listed_is_mended_and_not_listed_again() {
    assert_asks(
        |draft| draft.see("corpus", Status::Gated),
        &["publish `corpus` where nobody has to ask for it"],
    );
    assert_asks(
        |draft| draft.see("crawler", Status::Absent),
        &["publish `crawler`, whole, where its digest can be checked"],
    );
}

/// Which artifact a need of the first rungs was decided by, on both chains.
fn decided(draft: &Draft, need: Need) -> [Option<String>; 2] {
    let manifest = draft.parse();
    let members = [draft.member(&manifest)];
    let judged = lineage::judge(statement("m"), &members, OutputTerms::Count).unwrap();
    let rungs = judged.class.report(fullsource_verify::class::Linkage::Asserted).rungs;
    let found = rungs.into_iter().flat_map(|rung| rung.needs).find(|asked| asked.need == need);
    let found = found.unwrap();
    [found.decided_availability, found.decided_freedom].map(|id| id.map(|id| id.to_string()))
}

#[track_caller]
fn assert_decided(draft: &Draft, need: Need, availability: &str, freedom: &str) {
    let got = decided(draft, need);
    assert_eq!(got.each_ref().map(Option::as_deref), [Some(availability), Some(freedom)]);
}

/// Of several that are all needed the worst decides, and of several that are as bad the first.
#[test]
fn the_worst_of_what_is_needed_decides_on_each_chain() {
    let mut draft = whole("m");
    for id in ["second", "third"] {
        draft.artifact(id, &["code.training"], "MIT");
    }
    assert_decided(&draft, Need::TrainingCode, "trainer", "trainer");
    draft.see("second", Status::Gated);
    assert_decided(&draft, Need::TrainingCode, "trainer", "second");
    draft.see("third", Status::Unreachable);
    assert_decided(&draft, Need::TrainingCode, "third", "second");
    draft.see("second", Status::Absent);
    draft.see("third", Status::Absent);
    assert_decided(&draft, Need::TrainingCode, "second", "second");
}

/// Of several of which one is enough the best decides, and of several that are as good the first.
#[test]
fn the_best_of_the_ways_decides_on_each_chain() {
    let mut draft = whole("m");
    draft.artifact("architecture", &["code.architecture"], "MIT");
    assert_decided(&draft, Need::RunningCode, "inference", "inference");
    draft.see("inference", Status::Gated);
    assert_decided(&draft, Need::RunningCode, "inference", "architecture");
    draft.see("inference", Status::Absent);
    assert_decided(&draft, Need::RunningCode, "architecture", "architecture");
    draft.see("architecture", Status::Absent);
    assert_decided(&draft, Need::RunningCode, "inference", "inference");
    // What collected the data decides on where it comes from.
    assert_decided(&draft, Need::Origin, "crawler", "crawler");
}
