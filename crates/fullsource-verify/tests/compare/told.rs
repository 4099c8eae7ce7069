//! Every field of a report that is another is told.

use serde_json::{Value, json};

use crate::{base, diff, parse};

/// Words for people, and what follows from other fields.
const UNTOLD: &[&str] = &[
    "/_type",
    "/findings/*/message",
    "/findings/*/help",
    "/findings/*/rule",
    "/class/rungs/*/availability",
    "/class/rungs/*/freedom",
    "/class/rungs/*/needs/*/decidedAvailability",
    "/class/rungs/*/needs/*/decidedFreedom",
    "/frameworks/*/rule",
    "/frameworks/*/*/rule",
    "/frameworks/mof/components/*/class",
    "/frameworks/mof/components/*/optional",
    "/parents/*/made/artifacts/*/roles/*",
    "/parents/*/made/artifacts/*/license",
    "/parents/*/signers/*/keyType",
    "/signers/*/keyType",
];

/// What is told only of a need that is not met: one that is may be another.
const NEEDS: &[&str] = &[
    "/class/rungs/*/rung",
    "/class/rungs/*/needs/*/need",
    "/class/rungs/*/needs/*/stage",
    "/class/rungs/*/needs/*/about",
];

/// Whether a place is one of a pattern's, in which `*` is any name.
fn matches(pattern: &str, place: &str) -> bool {
    let (pattern, place): (Vec<_>, Vec<_>) =
        (pattern.split('/').collect(), place.split('/').collect());
    pattern.len() == place.len()
        && pattern.iter().zip(&place).all(|(one, name)| *one == "*" || one == name)
}

/// The places of all values that hold no others.
fn leaves(value: &Value, place: String, all: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, value)| leaves(value, format!("{place}/{key}"), all));
        }
        Value::Array(items) => {
            for (nth, item) in items.iter().enumerate() {
                leaves(item, format!("{place}/{nth}"), all);
            }
        }
        _ => all.push(place),
    }
}

/// Other values of a leaf, of which the first that makes a report is taken.
fn others(value: &Value) -> Vec<Value> {
    let words = [
        "no",
        "yes",
        "other",
        "0",
        "absent",
        "unreachable",
        "producer",
        "observer",
        "error",
        "fail",
        "warning",
        "restricted",
        "withheld",
        "public",
        "online",
        "closed",
        "open",
        "weights",
        "data",
        "Non-free",
        "nonfree",
        "institution",
        "sha256",
        "code.other",
        "loading",
        "file-missing",
        "pickle-code",
        "MIT",
        "https://example.com",
        "rl",
        "undetermined",
    ];
    match value {
        Value::String(text) if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) => {
            vec![json!("9".repeat(64))]
        }
        Value::String(text) => {
            let words = words.iter().filter(|word| *word != text);
            words.map(|word| json!(word)).collect()
        }
        Value::Number(number) => {
            let number = number.as_u64().unwrap();
            vec![json!(if number == 0 { 1 } else { number - 1 })]
        }
        Value::Bool(is) => vec![json!(!is)],
        _ => Vec::new(),
    }
}

#[test]
fn every_field_that_is_another_is_told() {
    let before = base();
    let mut places = Vec::new();
    leaves(&before, String::new(), &mut places);
    assert!(places.len() > 200, "{}", places.len());
    let mut wrong = Vec::new();
    for place in places {
        let is_of = |patterns: &[&str]| patterns.iter().any(|pattern| matches(pattern, &place));
        let edited = others(before.pointer(&place).unwrap()).into_iter().find_map(|other| {
            let mut after = before.clone();
            *after.pointer_mut(&place).unwrap() = other;
            parse(&after).map(|_| after)
        });
        match edited {
            // Only what a report may be in one way has no other.
            // A linkage follows from the rebuilds.
            None if place == "/_type" || place == "/class/linkage" => {}
            None => wrong.push(format!("{place}: no other value")),
            Some(after) => match (diff(&before, &after).trend, is_of(UNTOLD)) {
                _ if is_of(NEEDS) => {}
                (None, false) => wrong.push(format!("{place}: not told")),
                (Some(_), true) => wrong.push(format!("{place}: told, and listed as untold")),
                _ => {}
            },
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is left out of a report is told, too: optional fields and items of lists.
#[test]
fn every_field_that_is_gone_is_told() {
    let before = base();
    let mut places = Vec::new();
    leaves(&before, String::new(), &mut places);
    let mut wrong = Vec::new();
    for place in places {
        let (parent, name) = place.rsplit_once('/').unwrap();
        let mut after = before.clone();
        match after.pointer_mut(parent).unwrap() {
            Value::Object(fields) => drop(fields.remove(name)),
            Value::Array(items) => drop(items.remove(name.parse().unwrap())),
            _ => unreachable!(),
        }
        let untold = UNTOLD.iter().chain(NEEDS).any(|pattern| matches(pattern, &place));
        if parse(&after).is_some() && diff(&before, &after).trend.is_none() && !untold {
            wrong.push(place);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_document_says_what_it_is_and_reads_again() {
    let mut after = base();
    after["artifacts"][2]["license"] = json!("CC-BY-NC-4.0");
    let diff = diff(&base(), &after);
    let document = serde_json::to_value(&diff).unwrap();
    assert_eq!(document["_type"], fullsource_verify::compare::TYPE);
    assert_eq!(serde_json::from_value::<fullsource_verify::compare::Diff>(document).unwrap(), diff);
}
