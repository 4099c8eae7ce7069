//! Which way answers and badges go.

use fullsource_verify::compare::Trend;
use serde_json::{Value, json};

use crate::{base, diff};

/// The base with something else at a place.
fn at(place: &str, value: &Value) -> Value {
    let mut report = base();
    *report.pointer_mut(place).unwrap() = value.clone();
    report
}

/// Which way an answer of a framework goes, and in which words it is told.
fn answer(framework: &str, place: &str, from: &Value, to: &Value) -> (Trend, String) {
    let told = diff(&at(place, from), &at(place, to));
    let change = told.frameworks.iter().find(|change| change.framework == framework).unwrap();
    let words = [&change.from, &change.to].map(|word| word.clone().unwrap_or_default());
    (change.trend, words.join(" -> "))
}

#[test]
fn a_better_answer_is_better_and_an_unknown_one_is_not_worse() {
    for (framework, answers, unknown) in [
        ("osaid", &["no", "yes"][..], "undetermined"),
        ("debian", &["Non-free", "ToxicCandy", "Free"], "undetermined"),
        ("fsf", &["nonfree", "free"], "undetermined"),
        ("euIndex.trainingcode", &["closed", "partial", "open"], "undetermined"),
        ("aiAct.exemption", &["no", "yes"], "unknown"),
    ] {
        let place = match framework.replace('.', "/") {
            place if place.starts_with("eu") => format!("/frameworks/{place}"),
            place => format!("/frameworks/{place}/answer"),
        };
        let trend = |from: &str, to: &str| answer(framework, &place, &json!(from), &json!(to)).0;
        for (nth, better) in answers.iter().enumerate() {
            for worse in &answers[..nth] {
                assert_eq!(trend(worse, better), Trend::Better, "{framework}: {worse} {better}");
                assert_eq!(trend(better, worse), Trend::Worse, "{framework}: {better} {worse}");
            }
            assert_eq!(trend(better, unknown), Trend::Unseen, "{framework}: {better}");
            let known = if nth == 0 { Trend::Worse } else { Trend::Seen };
            assert_eq!(trend(unknown, better), known, "{framework}: {better}");
        }
    }
}

#[test]
fn classes_of_openness_count_down_to_one() {
    let trend = |from: u8, to: u8| {
        let class = |class: u8| json!({ "established": class, "possible": class });
        answer("mof.class", "/frameworks/mof/class", &class(from), &class(to)).0
    };
    for (worse, better) in [(0, 3), (3, 2), (2, 1), (0, 1)] {
        assert_eq!((trend(worse, better), trend(better, worse)), (Trend::Better, Trend::Worse));
    }
    let (none, some) =
        (json!({ "established": 0, "possible": 0 }), json!({ "established": 3, "possible": 1 }));
    let (_, words) = answer("mof.class", "/frameworks/mof/class", &none, &some);
    assert_eq!(words, "none -> class 3 (class 1 possible)");
}

#[test]
fn what_is_neither_good_nor_bad_has_no_way_to_go() {
    // More training is no better and no worse, and a component is counted by its class.
    for (framework, place) in [
        ("aiAct.systemicRisk", "/frameworks/aiAct/systemicRisk/answer"),
        ("mof.Model architecture", "/frameworks/mof/components/0/value"),
    ] {
        for (from, to) in [("no", "yes"), ("yes", "no")] {
            assert_eq!(answer(framework, place, &json!(from), &json!(to)).0, Trend::Neutral);
        }
    }
}

#[test]
fn fewer_doors_are_better_and_other_doors_are_neither() {
    let badge = |place: &str, from: Value, to: Value| {
        let told = diff(&at(place, &from), &at(place, &to));
        (told.badges[0].changed.field.clone(), told.badges[0].trend)
    };
    let gated = |from, to| badge("/badges/gated", from, to).1;
    assert_eq!(gated(json!(["corpus"]), json!([])), Trend::Better);
    assert_eq!(gated(json!([]), json!(["corpus"])), Trend::Worse);
    assert_eq!(gated(json!(["corpus"]), json!(["trainer"])), Trend::Neutral);
    let (field, trend) = badge("/badges/exercisability", json!("lab"), json!("institution"));
    assert_eq!((field.as_str(), trend), ("exercisability", Trend::Neutral));
    let (field, trend) =
        badge("/badges/vendorDependent", base()["badges"]["vendorDependent"].clone(), json!([]));
    assert_eq!((field.as_str(), trend), ("vendorDependent", Trend::Better));
}

#[test]
fn a_trend_has_one_word_everywhere() {
    for (trend, word) in [
        (Trend::Neutral, "neutral"),
        (Trend::Seen, "seen"),
        (Trend::Better, "better"),
        (Trend::Unseen, "unseen"),
        (Trend::Worse, "worse"),
    ] {
        assert_eq!((trend.as_str(), json!(trend)), (word, json!(word)));
    }
}
