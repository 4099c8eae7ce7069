//! What a whole judgement says of the class: what was asked for, what takes which freedom, how much
//! work it was.

use fullsource_format::digest::Sha256;
use fullsource_format::evidence::{ContentFact, ContentFactKind, Evidence};
use fullsource_verify::judge::{Claim, FilesAndIndexes, Provenance, Verifier, judge};
use fullsource_verify::policy::{Policy, WirePolicy};
use fullsource_verify::signers::Trust;
use serde_json::{Value, json};

use crate::release::{Draft, whole};

/// What was seen of one artifact: it, whole, with the text of its licence and these facts.
fn sight(artifact: &Value, facts: &[ContentFact]) -> Value {
    let id = artifact["id"].as_str().unwrap();
    let license = artifact["license"].as_str().unwrap();
    let text = ContentFact::new(ContentFactKind::LicenseText).at("LICENSE").saying(license);
    let facts: Vec<_> = facts.iter().cloned().chain([text.counting(1000)]).collect();
    json!({ "id": id, "observations": [{
        "locator": artifact["locators"][0], "at": "2026-01-01T00:00:00Z", "status": "seen",
        "digests": artifact["digest"], "strength": "bytes", "access": "anonymous", "facts": facts,
    }] })
}

/// The report on a release of which everything was seen but `gone`.
fn report(draft: &Draft, gone: &[&str], facts: &[(&str, ContentFact)], asks: &Verifier) -> Value {
    let manifest = draft.parse();
    let artifacts = draft.manifest["artifacts"].as_array().unwrap().iter();
    let artifacts = artifacts.filter(|artifact| !gone.contains(&artifact["id"].as_str().unwrap()));
    let sights = artifacts.map(|artifact| {
        let own = facts.iter().filter(|(id, _)| artifact["id"] == *id);
        sight(artifact, &own.map(|(_, fact)| fact.clone()).collect::<Vec<_>>())
    });
    let document = serde_json::to_vec(&draft.manifest).unwrap();
    let evidence = json!({
        "_type": "https://fullsource.dev/evidence/v0.1",
        "statement": { "sha256": Sha256::of(&document).to_string() },
        "tool": { "name": "t", "version": "1" },
        "collectedAt": "2026-01-01T00:00:00Z",
        "artifacts": sights.collect::<Vec<_>>(),
    });
    let evidence = serde_json::to_vec(&evidence).unwrap();
    let evidence = Evidence::parse(&evidence, Sha256::of(&document)).unwrap();
    let files = FilesAndIndexes::default();
    let claim = Claim::draft(&manifest, Sha256::of(&document), &files);
    serde_json::to_value(judge(&claim, &evidence, Provenance::Own, asks)).unwrap()
}

fn asking(policy: WirePolicy, rung: Option<&str>) -> Verifier {
    Verifier {
        trust: Trust::default(),
        policy: Policy::try_from(policy).unwrap(),
        now: "2026-01-02T00:00:00Z".parse().unwrap(),
        require: rung.map(str::to_owned),
        expect: None,
        accept_evidence: false,
    }
}

fn rung(name: &str) -> Verifier {
    asking(WirePolicy::default(), Some(name))
}

fn nothing() -> Verifier {
    asking(WirePolicy::default(), None)
}

/// Code and text of the findings on the class, and of cycles.
fn told(report: &Value) -> Vec<(&str, &str)> {
    let findings = report["findings"].as_array().unwrap().iter();
    let told = findings.map(|f| (f["code"].as_str().unwrap(), f["message"].as_str().unwrap()));
    told.filter(|(code, _)| code.starts_with("class-") || code.starts_with("stage-")).collect()
}

/// `ver-81`
#[test]
fn a_rung_that_is_asked_for_is_established_or_possible_or_neither() {
    let draft = whole("m");
    assert_eq!(told(&report(&draft, &[], &[], &rung("open-weights"))), []);
    let unproven = "`open-recipe` is required, and `open-weights` is established";
    let of_unsigned = report(&draft, &[], &[], &rung("open-recipe"));
    assert_eq!(told(&of_unsigned), [("class-unproven", unproven)]);
    // The rung asked for is the last that is possible.
    let mut secret = whole("m");
    secret.see("corpus", fullsource_verify::Status::Withheld);
    let of_secret = report(&secret, &["corpus"], &[], &rung("open-recipe"));
    assert_eq!(told(&of_secret), [("class-unproven", unproven)]);
    let impossible = "`full-source` is required, and no more than `open-recipe` is possible";
    let of_secret = report(&secret, &["corpus"], &[], &rung("full-source"));
    assert_eq!(told(&of_secret), [("class-impossible", impossible)]);
}

/// Where a chain has no rung, what is told is not the other chain's word for none.
#[test]
fn of_no_rung_the_chain_is_told() {
    let mut draft = whole("m");
    draft.edit("weights").insert("license".into(), json!("LicenseRef-Acme"));
    let unproven = "`open-weights` is required, and no rung of freedom is established";
    let of_unknown = report(&draft, &[], &[], &rung("open-weights"));
    assert_eq!(told(&of_unknown), [("class-unproven", unproven)]);
    let unproven = "`weights-available` is required, and no rung of availability is established";
    let of_unseen = report(&draft, &["weights"], &[], &rung("weights-available"));
    assert_eq!(told(&of_unseen), [("class-unproven", unproven)]);
}

/// `ver-58`, `cls-27`: nobody says that it is met, and the cycle is told once.
#[test]
fn a_rung_that_nobody_could_judge_is_not_met() {
    let mut draft = whole("m");
    let own = json!([{ "artifact": "weights", "use": "init" }]);
    draft.stage("pretrain").insert("models".into(), own);
    let told_of = |asks| {
        let report = report(&draft, &[], &[], &asks);
        told(&report).into_iter().map(|(code, _)| code.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(told_of(nothing()), ["stage-cycle"]);
    assert_eq!(told_of(rung("open-weights")), ["stage-cycle", "class-unjudged"]);
}

/// `pol-11`: 1 is the best, and 0 is none.
#[test]
fn a_class_of_the_model_openness_framework_is_asked_for() {
    let mut draft = whole("m");
    for (id, role) in
        [("architecture", "code.architecture"), ("results", "eval.results"), ("paper", "doc.paper")]
    {
        draft.artifact(id, &[role], "Apache-2.0");
    }
    let told_of = |gone: &[&str], class| {
        let policy = WirePolicy { require_mof: Some(class), ..WirePolicy::default() };
        let report = report(&draft, gone, &[], &asking(policy, None));
        told(&report).into_iter().map(|(code, _)| code.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(told_of(&[], 3), [""; 0]);
    // There is no evaluation code.
    assert_eq!(told_of(&[], 2), ["class-impossible"]);
    assert_eq!(told_of(&["results"], 3), ["class-unproven"]);
    assert_eq!(told_of(&["results"], 2), ["class-impossible"]);
    let mut better = draft.clone();
    for (id, role) in [("evaluation", "code.evaluation"), ("benchmark", "data.evaluation")] {
        better.artifact(id, &[role], "Apache-2.0");
    }
    let policy = WirePolicy { require_mof: Some(3), ..WirePolicy::default() };
    assert_eq!(told(&report(&better, &[], &[], &asking(policy, None))), []);
}

/// `cls-45`: every limit once, however many roles ask.
#[test]
fn what_takes_a_freedom_is_told_once_for_each_limit() {
    let mut draft = whole("m");
    let llama = "LicenseRef-scancode-llama-3.1-license-2024";
    let weights = draft.edit("weights");
    weights.insert("license".into(), json!(llama));
    weights.insert("roles".into(), json!(["weights.final", "model.base"]));
    draft.edit("card").insert("license".into(), json!("CC-BY-4.0 OR CC-BY-NC-4.0"));
    let report = report(&draft, &[], &[], &nothing());
    let told = report["restrictions"].as_array().unwrap();
    assert!(told.iter().all(|one| one["artifact"] == "weights" && one["license"] == llama));
    let by: Vec<_> = told.iter().map(|one| one["by"].as_str().unwrap()).collect();
    let row = fullsource_verify::licenses::row(llama).unwrap();
    let limits: Vec<_> = row.limits.iter().map(|limit| limit.by.as_str()).collect();
    assert!(limits.len() > 1);
    assert_eq!(by, limits);
    assert_eq!(told[0]["takes"], json!(["run", "share", "change"]));
}

/// `cls-65`: 6 · N · D, with N from the headers of the weights.
#[test]
fn parameters_are_counted_in_the_headers_of_the_weights() {
    let mut draft = whole("m");
    let data = json!([{ "artifact": "corpus", "tokens": 250_000_000_000_000_u64 }]);
    draft.stage("pretrain").insert("data".into(), data);
    let risk = |headers: &[(&str, u64)]| {
        let header = |count| {
            ContentFact::new(ContentFactKind::Parameters).at("a.safetensors").counting(count)
        };
        let facts: Vec<_> = headers.iter().map(|(id, count)| (*id, header(*count))).collect();
        let report = report(&draft, &[], &facts, &nothing());
        report["frameworks"]["aiAct"]["systemicRisk"]["answer"].clone()
    };
    assert_eq!(risk(&[]), "unknown");
    // 10^25 in all needs 6.67 · 10^9.
    assert_eq!(risk(&[("weights", 3_000_000_000), ("weights", 4_000_000_000)]), "yes");
    assert_eq!(risk(&[("weights", 3_000_000_000), ("config", 4_000_000_000)]), "no");
    assert_eq!(risk(&[("config", 7_000_000_000)]), "unknown");
}
