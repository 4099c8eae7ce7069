//! Findings and signers that came, went, or weigh otherwise (`dif-14`).

use fullsource_verify::compare::Trend;
use serde_json::{Value, json};

use crate::{base, diff};

/// The base with this finding alone.
fn with_finding(code: &str, severity: &str) -> Value {
    let mut report = base();
    report["findings"] = json!([finding(code, severity)]);
    report
}

fn without_findings() -> Value {
    let mut report = base();
    report["findings"] = json!([]);
    report
}

fn finding(code: &str, severity: &str) -> Value {
    json!({ "code": code, "severity": severity, "message": "m", "help": "h", "rule": "r" })
}

#[test]
fn what_weighs_more_now_is_told_with_what_it_weighed() {
    for (from, to, trend) in [
        ("warning", "error", Trend::Worse),
        ("note", "incomplete", Trend::Unseen),
        ("note", "warning", Trend::Neutral),
        ("error", "warning", Trend::Neutral),
    ] {
        let told = diff(&with_finding("pickle-code", from), &with_finding("pickle-code", to));
        let weighed = &told.findings.weighed[0];
        let weights = json!([weighed.was, weighed.severity]);
        assert_eq!((weights, weighed.trend), (json!([from, to]), trend));
        assert!(told.findings.new.is_empty() && told.findings.gone.is_empty());
    }
}

#[test]
fn each_kind_of_change_is_in_the_document() {
    let (none, one) = (without_findings(), with_finding("pickle-code", "note"));
    let heavier = with_finding("pickle-code", "warning");
    for (list, before, after) in
        [("new", &none, &one), ("gone", &one, &none), ("weighed", &one, &heavier)]
    {
        let document = serde_json::to_value(diff(before, after)).unwrap();
        let lists: Vec<_> = document["findings"].as_object().unwrap().keys().collect();
        assert_eq!(lists, [list]);
    }
    assert!(serde_json::to_value(diff(&one, &one)).unwrap().get("findings").is_none());
}

#[test]
fn what_came_and_went_by_how_much_it_weighs() {
    for (severity, came, went) in [
        ("error", Trend::Worse, Trend::Better),
        ("incomplete", Trend::Unseen, Trend::Seen),
        ("warning", Trend::Neutral, Trend::Neutral),
        ("note", Trend::Neutral, Trend::Neutral),
    ] {
        let (with, without) = (with_finding("file-missing", severity), without_findings());
        assert_eq!(diff(&without, &with).findings.new[0].trend, came, "{severity}");
        assert_eq!(diff(&with, &without).findings.gone[0].trend, went, "{severity}");
    }
}

#[test]
fn an_error_is_mended_only_where_its_layer_was_looked_at() {
    let trend = |code: &str, after: &Value| {
        diff(&with_finding(code, "error"), after).findings.gone[0].trend
    };
    for code in ["id-duplicate", "signature-untrusted", "file-missing", "manifest-malformed"] {
        assert_eq!(trend(code, &without_findings()), Trend::Better, "{code}");
    }
    let mut no_statement = without_findings();
    no_statement.as_object_mut().unwrap().remove("statement");
    assert_eq!(trend("id-duplicate", &no_statement), Trend::Unseen);
    // Signatures of what has no statement were held against nothing.
    assert_eq!(trend("signature-untrusted", &no_statement), Trend::Unseen);
    let keyless = with_finding("signature-no-key", "incomplete");
    assert_eq!(trend("signature-untrusted", &keyless), Trend::Unseen);
    assert_eq!(trend("id-duplicate", &keyless), Trend::Better);
    let mut no_files = without_findings();
    no_files.as_object_mut().unwrap().remove("files");
    assert_eq!(trend("file-missing", &no_files), Trend::Unseen);
}

/// The base with signatures of these standings.
fn signed(standings: &[&str]) -> Value {
    let mut report = base();
    let signer = report["signers"][0].clone();
    let signers = standings.iter().map(|standing| {
        let mut signer = signer.clone();
        signer["standing"] = json!(standing);
        signer
    });
    report["signers"] = signers.collect();
    report
}

#[test]
fn a_producer_who_no_longer_signs_is_missed_and_an_observer_is_not() {
    for (from, to, trend, (gone, new)) in [
        (&["producer"][..], &[][..], Trend::Worse, (1, 0)),
        (&["producer"], &["observer"], Trend::Worse, (1, 1)),
        (&["observer"], &["producer"], Trend::Better, (1, 1)),
        (&["producer"], &["producer", "observer"], Trend::Neutral, (0, 1)),
        (&["producer", "observer"], &["producer"], Trend::Neutral, (1, 0)),
    ] {
        let told = diff(&signed(from), &signed(to)).signers.unwrap();
        assert_eq!((told.trend, told.gone.len(), told.new.len()), (trend, gone, new), "{from:?}");
    }
    // The same signatures, which nobody held against a key.
    let mut keyless = base();
    keyless["findings"].as_array_mut().unwrap().push(finding("signature-no-key", "incomplete"));
    let told = diff(&base(), &keyless).signers.unwrap();
    assert_eq!((told.trend, told.gone.len(), told.new.len()), (Trend::Unseen, 0, 0));
}
