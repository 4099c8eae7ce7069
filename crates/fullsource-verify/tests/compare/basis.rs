//! What the two sides are, and what of them cannot be compared (`dif-2`, `dif-11`).

use fullsource_format::digest::{Blake3, Sha256};
use fullsource_format::index::{FileRecord, FileTable};
use fullsource_verify::compare::{Basis, Diff, Release, Trend};
use serde_json::{Value, json};

use crate::sight::claim;
use crate::{base, diff, parse, with};

fn without_class() -> Value {
    let mut report = base();
    report.as_object_mut().unwrap().remove("class");
    report
}

/// The base with another statement.
fn another() -> Value {
    let mut report = base();
    report["statement"]["sha256"] = json!("8".repeat(64));
    report
}

#[test]
fn a_look_at_one_side_alone_is_seen_or_unseen() {
    for (before, after, look) in [
        (claim(), base(), Some(Trend::Seen)),
        (base(), claim(), Some(Trend::Unseen)),
        (without_class(), base(), Some(Trend::Seen)),
        (base(), without_class(), Some(Trend::Unseen)),
        (base(), base(), None),
        (claim(), claim(), None),
    ] {
        assert_eq!(diff(&before, &after).look, look);
    }
}

#[test]
fn verdicts_between_which_nothing_is_known_are_neither_better_nor_worse() {
    let verdict = |verdict: &str| {
        let mut report = base();
        report["verdict"] = json!(verdict);
        report["findings"] = json!([]);
        report
    };
    for (from, to, trend) in [
        ("pass", "fail", Trend::Worse),
        ("fail", "pass", Trend::Better),
        ("pass", "incomplete", Trend::Unseen),
        ("error", "pass", Trend::Seen),
        ("incomplete", "error", Trend::Neutral),
        ("error", "incomplete", Trend::Neutral),
    ] {
        assert_eq!(diff(&verdict(from), &verdict(to)).verdict.unwrap().trend, trend, "{from} {to}");
    }
}

#[test]
fn one_look_at_anything_makes_a_report() {
    let basis = |report: &Value| diff(report, &base()).before.basis;
    for (status, is) in [
        ("internal", Basis::Claim),
        ("recipe-only", Basis::Claim),
        ("withheld", Basis::Claim),
        ("unreachable", Basis::Report),
        ("absent", Basis::Report),
    ] {
        let mut report = claim();
        report["artifacts"][0]["status"] = json!(status);
        assert_eq!(basis(&report), is, "{status}");
    }
    let mut report = claim();
    report["files"] = base()["files"].clone();
    assert_eq!(basis(&report), Basis::Report);
}

#[test]
fn a_side_says_how_many_of_its_artifacts_were_seen() {
    let side = diff(&base(), &base()).before;
    // One was not looked at, and one is known to be gone.
    assert_eq!((side.artifacts, side.artifacts_seen, side.artifacts_unseen), (8, 7, 1));
    let side = diff(&with("lock", |lock| lock["status"] = json!("withheld")), &base()).before;
    assert_eq!((side.artifacts, side.artifacts_seen, side.artifacts_unseen), (8, 6, 1));
}

/// A signature on a draft is missing, and so is one that nobody held against a key; on a report a missing
/// one was looked for.
#[test]
fn signatures_were_checked_where_somebody_had_a_key() {
    let checked = |mut report: Value, code: Option<&str>| {
        let finding = |code| json!({ "code": code, "severity": "incomplete", "message": "m", "help": "h", "rule": "r" });
        report["findings"] = code.into_iter().map(finding).collect();
        diff(&report, &base()).before.signatures_checked
    };
    assert!(checked(base(), None) && checked(base(), Some("signature-none")));
    assert!(!checked(base(), Some("signature-no-key")));
    assert!(!checked(claim(), Some("signature-none")));
    let mut no_statement = base();
    no_statement.as_object_mut().unwrap().remove("statement");
    assert!(!checked(no_statement, None));
}

/// Whether a text of what could not be compared begins so.
fn tells(told: &Diff, text: &str) -> bool {
    told.not_compared.iter().any(|one| one.starts_with(text))
}

#[test]
fn it_says_what_it_could_not_compare() {
    let both = diff(&claim(), &claim());
    assert!(tells(&both, "what was seen, and who signed: nobody looked at either side"));
    let first = diff(&claim(), &base());
    assert!(tells(&first, "what was seen, and who signed: nobody looked at the first side"));
    // Of a claim nobody expects that keys were at hand.
    let keyless = "who signed: no signature was held against a key on one side";
    assert!(!tells(&first, keyless) && !tells(&both, keyless));
    let mut report = base();
    report["findings"][0]["code"] = json!("signature-no-key");
    for told in [diff(&report, &base()), diff(&base(), &report), diff(&report, &report)] {
        assert!(tells(&told, keyless));
    }
    let same = diff(&base(), &base());
    let policies = "under which policy, and when, each report was made: reports do not say";
    assert_eq!(same.not_compared, [policies]);
}

#[test]
fn looks_and_policies_that_differ_are_named() {
    let after = with("trainer", |trainer| trainer["status"] = json!("unreachable"));
    let told = diff(&base(), &after);
    let looks = "the looks differ: 1 of 8 artifacts could not be seen before, 2 of 8 after";
    assert!(tells(&told, looks), "{:?}", told.not_compared);
    let weighs = "one code weighs otherwise: the policies may differ";
    assert!(!tells(&told, weighs));
    let mut after = base();
    after["findings"][2]["severity"] = json!("error");
    assert!(tells(&diff(&base(), &after), weighs));
    // A code that has several weights here and one of them there weighs alike.
    let mut both = base();
    let finding = after["findings"][2].clone();
    both["findings"].as_array_mut().unwrap().push(finding);
    assert!(!tells(&diff(&base(), &both), weighs) && !tells(&diff(&both, &after), weighs));
}

#[test]
fn reports_do_not_list_their_files_and_that_is_said() {
    let listed = "the files one by one: a report and a manifest do not list them";
    let texts = |before: &Value, after: &Value| {
        let told = diff(before, after).not_compared;
        told.into_iter().filter(|text| text.starts_with(listed)).collect::<Vec<_>>()
    };
    assert!(texts(&base(), &base()).is_empty());
    // One artifact has a place and no digest.
    let unknown = format!("{listed}; whether the bytes of 1 artifact changed is not known");
    assert_eq!(texts(&base(), &another()), [unknown]);
    let mut two = another();
    two["artifacts"][0].as_object_mut().unwrap().remove("digest");
    let unknown = format!("{listed}; whether the bytes of 2 artifacts changed is not known");
    assert_eq!(texts(&base(), &two), [unknown]);
    // With a digest, or without a place, nothing more is to be known.
    let drop_place = |mut report: Value| {
        report["artifacts"][3].as_object_mut().unwrap().remove("places");
        report
    };
    assert_eq!(texts(&drop_place(base()), &drop_place(another())), [listed]);
}

fn table(files: &[(&str, Option<u8>, Option<u8>)]) -> FileTable {
    let mut builder = FileTable::builder();
    for (path, sha256, blake3) in files {
        let sha256 = sha256.map(|byte| Sha256::new([byte; 32]));
        let blake3 = blake3.map(|byte| Blake3::new([byte; 32]));
        builder.push(FileRecord { path, size: 1, sha256, blake3 }).unwrap();
    }
    builder.build().unwrap()
}

/// Two reports of the same words, with their lists of files.
fn with_files(before: &FileTable, after: &FileTable) -> Diff {
    let (one, other) = (parse(&base()).unwrap(), parse(&another()).unwrap());
    let side = |report, files| Release { report, files: Some(files) };
    Diff::of(side(&one, before), side(&other, after))
}

#[test]
fn listed_files_are_compared_by_every_digest_that_both_have() {
    let counts = |before: &FileTable, after: &FileTable| {
        let told = with_files(before, after);
        assert!(!tells(&told, "the files one by one"));
        told.files
            .map(|files| [files.added, files.removed, files.changed].map(|l| l.unwrap().count))
    };
    let one = |sha256, blake3| table(&[("a", sha256, blake3)]);
    let none = table(&[]);
    assert_eq!(counts(&one(Some(1), Some(1)), &one(Some(1), Some(1))), None);
    assert_eq!(counts(&one(Some(1), None), &one(None, Some(1))), None);
    assert_eq!(counts(&one(Some(1), Some(1)), &one(Some(1), Some(2))), Some([0, 0, 1]));
    assert_eq!(counts(&one(None, Some(1)), &one(None, Some(2))), Some([0, 0, 1]));
    assert_eq!(counts(&one(Some(1), None), &one(Some(2), None)), Some([0, 0, 1]));
    assert_eq!(counts(&none, &one(Some(1), None)), Some([1, 0, 0]));
    assert_eq!(counts(&one(Some(1), None), &none), Some([0, 1, 0]));
}
