//! What nobody saw is not gone, and what somebody says is not seen.

use fullsource_verify::class::Tri;
use fullsource_verify::compare::{Basis, By, Bytes, Diff, Trend};
use serde_json::{Value, json};

use crate::{base, diff, with};

/// The base as a claim: nobody looked.
pub(crate) fn claim() -> Value {
    let mut report = base();
    for artifact in report["artifacts"].as_array_mut().unwrap() {
        artifact["status"] = json!("unchecked");
    }
    report.as_object_mut().unwrap().remove("files");
    report["signers"] = json!([]);
    report["verdict"] = json!("incomplete");
    let unlooked = json!({ "code": "signature-no-key", "severity": "incomplete", "message": "m", "help": "h", "rule": "r" });
    report["findings"] = json!([unlooked]);
    let nothing = json!({ "established": 0, "possible": 3 });
    report["class"]["availability"] = nothing.clone();
    report["class"]["freedom"] = nothing;
    report["class"]["headline"] = json!("unproven");
    report
}

#[test]
fn a_claim_against_a_report_loses_nothing() {
    let told = diff(&base(), &claim());
    assert_eq!((told.before.basis, told.after.basis), (Basis::Report, Basis::Claim));
    assert_eq!((told.trend, told.look), (Some(Trend::Unseen), Some(Trend::Unseen)));
    assert!(told.withdrawn.is_empty() && told.changed.is_empty(), "{:?}", told.withdrawn);
    assert!(told.not_compared.iter().any(|text| text.contains("the second side")));
    let signers = told.signers.unwrap();
    assert_eq!(signers.trend, Trend::Unseen);
    // The error is not mended: nobody looked for it.
    let gone = told.findings.gone.iter().find(|one| one.code.as_str() == "artifact-absent");
    assert_eq!(gone.unwrap().trend, Trend::Unseen);
    let verdict = told.verdict.unwrap();
    assert_eq!(verdict.trend, Trend::Unseen);
}

#[test]
fn two_claims_are_compared_by_what_they_claim() {
    let mut after = claim();
    after["class"]["freedom"]["possible"] = json!(4);
    assert_eq!(diff(&claim(), &after).trend, None);
    after["class"]["claimed"]["freedom"] = json!({ "established": 1, "possible": 3 });
    let told = diff(&claim(), &after);
    assert_eq!((told.trend, told.verdict_trend()), (Some(Trend::Worse), Some(Trend::Worse)));
    // A new artifact that nobody looked at is no loss of sight.
    let mut more = claim();
    let added = json!({ "id": "card", "roles": ["doc.model-card"], "status": "unchecked" });
    more["artifacts"].as_array_mut().unwrap().push(added);
    let finding = json!({ "code": "artifact-unchecked", "severity": "incomplete", "artifact": "card", "message": "m", "help": "h", "rule": "r" });
    more["findings"].as_array_mut().unwrap().push(finding);
    assert_eq!(diff(&claim(), &more).trend, Some(Trend::Better));
}

#[test]
fn the_publisher_and_a_look_are_told_apart() {
    for (status, trend, told) in [
        ("absent", Trend::Worse, true),
        ("gated", Trend::Worse, true),
        ("unreachable", Trend::Unseen, true),
        ("closed", Trend::Unseen, true),
        ("unchecked", Trend::Unseen, true),
        ("mismatch", Trend::Worse, false),
        ("placeholder", Trend::Worse, false),
    ] {
        let after = with("trainer", |artifact| artifact["status"] = json!(status));
        let diff = diff(&base(), &after);
        let change = diff.changed.iter().find(|one| one.artifact == "trainer").unwrap();
        assert_eq!(change.status.unwrap().trend, trend, "{status}");
        assert_eq!(diff.trend, Some(trend), "{status}");
        let by_look = diff.withdrawn.iter().any(|one| one.by == By::Look && one.to == status);
        assert_eq!(by_look, told, "{status}");
    }
    for (said, trend) in
        [("gated", Trend::Worse), ("recipe-only", Trend::Worse), ("withheld", Trend::Worse)]
    {
        let after = with("trainer", |artifact| artifact["availability"] = json!(said));
        let diff = diff(&base(), &after);
        let withdrawn = &diff.withdrawn[0];
        assert_eq!(
            (withdrawn.by, withdrawn.from.as_str(), withdrawn.to.as_str()),
            (By::Publisher, "public", said)
        );
        assert_eq!(diff.trend, Some(trend));
    }
    let after = with("corpus", |artifact| artifact["availability"] = json!("public"));
    assert_eq!(diff(&base(), &after).opened[0].by, By::Publisher);
}

#[test]
fn an_error_is_mended_only_where_somebody_looked_again() {
    let fixed = |status: &str| {
        let mut report = with("chapters", |artifact| artifact["status"] = json!(status));
        report["findings"].as_array_mut().unwrap().remove(0);
        report["verdict"] = json!("incomplete");
        let told: Diff = diff(&base(), &report);
        told.findings.gone[0].trend
    };
    assert_eq!(fixed("verified"), Trend::Better);
    assert_eq!(fixed("unreachable"), Trend::Unseen);
    let mut policy = base();
    policy["findings"][0]["code"] = json!("class-impossible");
    assert_eq!(diff(&policy, &base()).findings.gone[0].trend, Trend::Neutral);
    assert_eq!(diff(&base(), &policy).findings.new[0].trend, Trend::Worse);
}

#[test]
fn why_a_rung_was_lost() {
    let mut after = with("trainer", |artifact| artifact["status"] = json!("absent"));
    let lost = json!({ "established": 1, "possible": 1 });
    after["class"]["availability"] = lost.clone();
    after["class"]["freedom"] = lost;
    let need = &mut after["class"]["rungs"][1]["needs"][0];
    (need["availability"], need["freedom"]) = (json!("no"), json!("no"));
    // Another need changed, of a rung that nobody had established or lost.
    after["class"]["rungs"][3]["needs"][0]["availability"] = json!("no");
    let class = diff(&base(), &after).class.unwrap();
    assert_eq!(class.trend(), Some(Trend::Worse));
    let told: Vec<_> = class.needs.iter().map(|need| (need.rung, need.moves_rung)).collect();
    assert_eq!(told, [(2, true), (4, false)]);
    let need = &class.needs[0];
    let decided = need.to.as_ref().unwrap();
    assert_eq!((need.stage.as_deref(), decided.value), (Some("tune"), Tri::F));
    assert_eq!(decided.artifact.as_deref(), Some("trainer"));
}

#[test]
fn another_name_with_the_same_bytes_is_the_same_artifact() {
    let mut after = base();
    let text =
        after.to_string().replace("\"corpus\"", "\"texts\"").replace("\"trainer\"", "\"program\"");
    after = serde_json::from_str(&text).unwrap();
    let told = diff(&base(), &after);
    assert!(told.added.is_empty() && told.removed.is_empty());
    let renamed: Vec<_> =
        told.changed.iter().map(|one| (one.was.as_deref(), one.artifact.as_str())).collect();
    assert_eq!(renamed, [(Some("trainer"), "program"), (Some("corpus"), "texts")]);
    assert!(told.changed.iter().all(|one| one.changed.is_empty() && one.bytes == Bytes::Same));
    // All that names them follows: stages, needs, badges.
    assert!(told.stages.is_empty() && told.class.is_none() && told.badges.is_empty());
    assert_eq!(told.trend, Some(Trend::Neutral));
    // Each digest joins two artifacts, no more; first those of the same roles.
    let mut twice = base();
    let artifacts = twice["artifacts"].as_array_mut().unwrap();
    let mut twin = artifacts[2].clone();
    (twin["id"], twin["roles"]) = (json!("aaa"), json!(["data.sft"]));
    artifacts[2]["id"] = json!("zzz");
    artifacts.push(twin);
    let told = diff(&base(), &twice);
    assert_eq!((told.added.len(), told.removed.len()), (1, 0));
    let renamed = told.changed.iter().find(|one| one.was.is_some()).unwrap();
    assert_eq!((renamed.artifact.as_str(), told.added[0].artifact.as_str()), ("zzz", "aaa"));
}

#[test]
fn the_last_of_a_role_is_missed() {
    let without = |id: &str| {
        let mut report = base();
        report["artifacts"].as_array_mut().unwrap().retain(|artifact| artifact["id"] != id);
        report
    };
    let told = diff(&base(), &without("lock"));
    assert_eq!((told.removed[0].trend, told.trend), (Trend::Worse, Some(Trend::Worse)));
    assert_eq!(diff(&without("lock"), &base()).added[0].trend, Trend::Better);
    let mut spare = base();
    let other = json!({ "id": "lock-2", "roles": ["env.lock"], "status": "verified" });
    spare["artifacts"].as_array_mut().unwrap().push(other);
    let told = diff(&spare, &base());
    assert_eq!((told.removed[0].trend, told.trend), (Trend::Neutral, Some(Trend::Neutral)));
}
