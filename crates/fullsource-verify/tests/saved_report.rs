//! A report that is read again: what contradicts itself is refused, and no forger is believed (`rep-13`).

#![allow(clippy::unwrap_used, clippy::panic)]

use fullsource_verify::report::{Contradiction, Report, ReportError, Verdict};
use serde_json::{Value, json};

/// A pass that is of one piece.
fn passed() -> Value {
    let reached = json!({ "established": 1, "possible": 2 });
    let both = json!({ "availability": reached, "freedom": reached });
    json!({
        "_type": fullsource_verify::report::TYPE,
        "verdict": "pass",
        "statement": { "sha256": "00".repeat(32) },
        "release": { "name": "tiny", "producer": "Example Lab" },
        "signers": [{ "keyId": "k", "keyType": "ed25519", "standing": "producer" }],
        "files": { "covered": 2, "intact": 2, "totalBytes": 9, "digests": "all" },
        "class": {
            "headline": "open-weights", "availability": reached, "freedom": reached, "claimed": both,
            "linkage": "asserted",
            "next": { "chain": "freedom", "rung": 2, "name": "open-recipe", "missing": [] },
            "rungs": [{ "rung": 1, "availability": "weights-available", "freedom": "open-weights",
                        "needs": [{ "need": "weights", "availability": "yes", "freedom": "yes" }] }],
        },
        "artifacts": [],
        "findings": [],
        "notChecked": [],
    })
}

fn parse(report: &Value) -> Result<Report, ReportError> {
    Report::parse(report.to_string().as_bytes())
}

#[test]
fn what_contradicts_itself_is_refused() {
    let signer = |standing| json!([{ "keyId": "k", "keyType": "ed25519", "standing": standing }]);
    let above = json!({ "established": 3, "possible": 2 });
    let beyond = json!({ "established": 1, "possible": 5 });
    let document = json!([{ "document": "m.json", "next": [],
                            "claimed": { "availability": above, "freedom": above } }]);
    let cases = [
        ("/signers", json!([]), Contradiction::Unsigned),
        ("/signers", signer("none"), Contradiction::Unsigned),
        ("/release", Value::Null, Contradiction::NoRelease),
        ("/documents", document, Contradiction::Documents),
        ("/files/intact", json!(3), Contradiction::Files),
        ("/class/freedom", above.clone(), Contradiction::Interval),
        ("/class/availability", beyond.clone(), Contradiction::Interval),
        ("/class/claimed/freedom", above.clone(), Contradiction::Interval),
        (
            "/class/delta",
            json!({ "availability": beyond, "freedom": above }),
            Contradiction::Interval,
        ),
        ("/class/headline", json!("full-source"), Contradiction::Headline),
        ("/class/freedom/established", json!(2), Contradiction::Headline),
        ("/class/linkage", json!("rebuilt-exact, independent: 1"), Contradiction::Linkage),
        ("/rebuilds", rebuilt(&[("a", false, "rebuilt-exact")]), Contradiction::Linkage),
        ("/class/rungs/0/needs/0/freedom", json!("unknown"), Contradiction::Needs),
        ("/class/rungs/0/needs/0/availability", json!("no"), Contradiction::Needs),
        ("/class/next/name", json!("none: it has all"), Contradiction::Name),
    ];
    for (at, value, expected) in cases {
        let mut report = passed();
        let (parent, field) = at.rsplit_once('/').unwrap();
        match (report.pointer_mut(parent).unwrap(), value) {
            (Value::Object(parent), Value::Null) => drop(parent.remove(field)),
            (parent, value) => parent[field] = value,
        }
        let found = parse(&report).err();
        assert_eq!(found, Some(ReportError::Contradicts(expected)), "{at}");
    }
}

/// What rebuilders say of one stage.
fn rebuilt(by: &[(&str, bool, &str)]) -> Value {
    let told = by.iter().map(|(rebuilder, own, grade)| {
        json!({ "rebuilder": rebuilder, "self": own, "grade": grade, "confirms": true })
    });
    let told: Vec<_> = told.collect();
    json!({ "asked": 1, "stages": [{ "stage": "train", "judged": true, "told": told }] })
}

#[test]
fn a_linkage_is_what_its_rebuilds_amount_to() {
    let linked = |linkage: &str, rebuilds: Value| {
        let mut report = passed();
        report["class"]["linkage"] = json!(linkage);
        report["rebuilds"] = rebuilds;
        parse(&report).err()
    };
    let exact = "rebuilt-exact";
    assert_eq!(linked("rebuilt-exact, independent: 1", rebuilt(&[("a", false, exact)])), None);
    assert_eq!(linked("rebuilt-exact, self", rebuilt(&[("a", true, exact)])), None);
    assert_eq!(linked("asserted", rebuilt(&[])), None);
    let refused = Some(ReportError::Contradicts(Contradiction::Linkage));
    let twice = rebuilt(&[("a", false, exact), ("a", false, exact)]);
    assert_eq!(linked("rebuilt-exact, independent: 2", twice), refused);
    let own = rebuilt(&[("a", true, exact)]);
    assert_eq!(linked("rebuilt-exact, independent: 1", own), refused);
    let canonical = rebuilt(&[("a", false, "rebuilt-canonical")]);
    assert_eq!(linked("rebuilt-exact, independent: 1", canonical), refused);
    let disagreed = rebuilt(&[("a", false, exact), ("b", false, "contradicted")]);
    assert_eq!(linked("rebuilt-exact, independent: 1", disagreed.clone()), refused);
    // Nor does it stand there without its finding.
    assert_eq!(linked("asserted", disagreed), refused);
    let other = |linkage| linked(linkage, rebuilt(&[]));
    for word in ["proven", "rebuilt", "rebuilt\nPASS", "rebuilt anything", "rebuilt-exact"] {
        assert!(matches!(other(word), Some(ReportError::Json(_))), "{word}");
    }
}

#[test]
fn a_definition_says_of_a_class_what_it_says_of_every_such_class() {
    let answer = |word: &str| json!({ "answer": word, "rule": "x" });
    let (none, part) = (json!({ "established": 0, "possible": 0 }), "closed");
    let mut report = passed();
    report["frameworks"] = json!({
        "osaid": answer("undetermined"), "debian": answer("ToxicCandy"), "fsf": answer("nonfree"),
        "mof": { "class": none, "claimed": none, "components": [] },
        "euIndex": { "datasourcesBasemodel": part, "datasourcesEndmodel": part,
                     "weightsBasemodel": part, "weightsEndmodel": part, "trainingcode": part },
        "aiAct": { "exemption": answer("no"), "systemicRisk": answer("no"),
                   "trainingContentSummary": answer("no") },
    });
    assert!(parse(&report).is_ok());
    for (name, word) in [("osaid", "yes"), ("debian", "Free"), ("fsf", "free")] {
        let mut flattering = report.clone();
        flattering["frameworks"][name]["answer"] = json!(word);
        let expected = ReportError::Contradicts(Contradiction::Frameworks);
        assert_eq!(parse(&flattering).err(), Some(expected), "{name}");
    }
}

#[test]
fn without_a_release_nobody_has_signed_anything() {
    let mut report = passed();
    for field in ["release", "statement", "files", "class"] {
        report.as_object_mut().unwrap().remove(field);
    }
    let expected = ReportError::Contradicts(Contradiction::NoRelease);
    assert_eq!(parse(&report).err(), Some(expected));
    report["signers"] = json!([]);
    assert_eq!(parse(&report).unwrap().verdict(), Verdict::Pass);
}

#[test]
fn it_says_once_that_nobody_checked_it_here() {
    let report = parse(&passed()).unwrap();
    assert_eq!(report.not_checked().len(), 1);
    assert!(report.not_checked()[0].contains("a saved report is anybody's word"));
    let again = parse(&serde_json::to_value(&report).unwrap()).unwrap();
    assert_eq!(again.not_checked(), report.not_checked());
}
