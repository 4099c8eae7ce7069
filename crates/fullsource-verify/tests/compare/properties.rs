//! What holds for any two reports.

use std::collections::BTreeSet;

use fullsource_verify::compare::{Diff, Trend};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{base, diff};

const STATUSES: &[&str] = &[
    "verified",
    "gated",
    "mismatch",
    "metadata",
    "partial",
    "unchecked",
    "unreachable",
    "closed",
    "absent",
    "internal",
    "withheld",
    "recipe-only",
    "placeholder",
];
const LICENSES: &[&str] =
    &["MIT", "Apache-2.0", "CC-BY-NC-4.0", "LicenseRef-x", "NONE", "MIT AND CC-BY-NC-4.0"];
const SAID: &[&str] = &["public", "gated", "recipe-only", "withheld"];
const INTERVALS: &[(u8, u8)] = &[(0, 0), (0, 4), (1, 1), (1, 4), (2, 3), (3, 3), (4, 4)];

/// What chance does to an artifact: leave out, rename, another status, licence, availability.
type Edit = (u8, usize, usize, usize);

fn reports() -> impl Strategy<Value = Value> {
    let edits =
        prop::collection::vec((0..8_u8, 0..STATUSES.len(), 0..LICENSES.len(), 0..SAID.len()), 8);
    let chains = prop::collection::vec(0..INTERVALS.len(), 4);
    let findings = prop::collection::vec(0..4_usize, 0..4);
    (edits, chains, findings, any::<bool>())
        .prop_map(|(edits, chains, findings, looked)| made(&edits, &chains, &findings, looked))
}

fn made(edits: &[Edit], chains: &[usize], findings: &[usize], looked: bool) -> Value {
    let (mut report, mut renamed) = (base(), Vec::new());
    let artifacts = report["artifacts"].as_array_mut().unwrap();
    for ((what, status, license, said), artifact) in edits.iter().zip(artifacts.iter_mut()) {
        let id = artifact["id"].as_str().unwrap().to_owned();
        artifact["status"] = json!(if looked { STATUSES[*status] } else { "unchecked" });
        match what {
            0 => renamed.push(id),
            1 => artifact["license"] = json!(LICENSES[*license]),
            2 => artifact["availability"] = json!(SAID[*said]),
            3 => artifact["roles"] = json!(["out"]),
            _ => {}
        }
    }
    artifacts.retain(|artifact| artifact["roles"][0] != "out");
    let interval = |nth: usize| {
        let (established, possible) = INTERVALS[chains[nth]];
        json!({ "established": established, "possible": possible })
    };
    let class = &mut report["class"];
    (class["availability"], class["freedom"]) = (interval(0), interval(1));
    class["claimed"] = json!({ "availability": interval(2), "freedom": interval(3) });
    let all = report["findings"].as_array().unwrap().clone();
    let some: BTreeSet<usize> = findings.iter().copied().collect();
    let errors = some.contains(&0);
    report["findings"] = some.into_iter().map(|nth| all[nth].clone()).collect();
    report["verdict"] = json!(if errors { "fail" } else { "incomplete" });
    if !looked {
        report.as_object_mut().unwrap().remove("files");
    }
    // All that names it follows.
    let rename =
        |text: String, id: &String| text.replace(&format!("\"{id}\""), &format!("\"{id}-2\""));
    let kept = renamed.iter().filter(|id| !["base", "weights", "data"].contains(&id.as_str()));
    serde_json::from_str(&kept.fold(report.to_string(), rename)).unwrap()
}

/// The same in another order.
fn turned(report: &Value, by: usize) -> Value {
    let mut report = report.clone();
    for list in ["artifacts", "findings", "parents"] {
        let items = report[list].as_array_mut().unwrap();
        items.reverse();
        let length = items.len().max(1);
        items.rotate_left(by % length);
    }
    for artifact in report["artifacts"].as_array_mut().unwrap() {
        artifact["roles"].as_array_mut().unwrap().reverse();
    }
    report
}

fn document(diff: &Diff) -> Value {
    serde_json::to_value(diff).unwrap()
}

/// What a trend may be where the sides are swapped: what is bad for certain was unseen or good, and what
/// was better is worse.
fn swapped(trend: Option<Trend>) -> &'static [Option<Trend>] {
    match trend {
        None => &[None],
        Some(Trend::Neutral) => &[Some(Trend::Neutral), Some(Trend::Worse)],
        Some(Trend::Seen) => &[Some(Trend::Unseen)],
        Some(Trend::Better) => &[Some(Trend::Worse)],
        Some(Trend::Unseen) => &[Some(Trend::Seen), Some(Trend::Worse)],
        Some(Trend::Worse) => {
            &[Some(Trend::Better), Some(Trend::Unseen), Some(Trend::Neutral), Some(Trend::Worse)]
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn nothing_differs_from_itself(report in reports(), by in 0..9_usize) {
        let told = diff(&report, &turned(&report, by));
        prop_assert_eq!(told.trend, None);
        let document = document(&told);
        let fields: BTreeSet<_> = document.as_object().unwrap().keys().map(String::as_str).collect();
        prop_assert_eq!(fields, BTreeSet::from(["_type", "before", "after", "notCompared"]));
    }

    #[test]
    fn the_order_of_artifacts_and_findings_is_nothing(before in reports(), after in reports(), by in 0..9_usize) {
        let told = document(&diff(&before, &after));
        let mut other = document(&diff(&turned(&before, by), &turned(&after, by + 1)));
        // Findings and roles are listed as a report has them.
        for document in [&mut other] {
            for list in ["new", "gone", "weighed"] {
                if let Some(items) = document["findings"][list].as_array_mut() {
                    items.sort_by_key(ToString::to_string);
                }
            }
        }
        let mut told = told;
        for list in ["new", "gone", "weighed"] {
            if let Some(items) = told["findings"][list].as_array_mut() {
                items.sort_by_key(ToString::to_string);
            }
        }
        for document in [&mut told, &mut other] {
            for list in ["added", "removed"] {
                for sole in document[list].as_array_mut().into_iter().flatten() {
                    sole["roles"].as_array_mut().unwrap().sort_by_key(ToString::to_string);
                }
            }
        }
        prop_assert_eq!(told, other);
    }

    #[test]
    fn swapped_sides_swap_what_is_told(before in reports(), after in reports()) {
        let (one, other) = (diff(&before, &after), diff(&after, &before));
        let ids = |all: &[fullsource_verify::compare::Sole]| -> Vec<String> {
            all.iter().map(|sole| sole.artifact.clone()).collect()
        };
        prop_assert_eq!(ids(&one.added), ids(&other.removed));
        prop_assert_eq!(ids(&one.removed), ids(&other.added));
        prop_assert_eq!(one.findings.new.len(), other.findings.gone.len());
        prop_assert_eq!(one.relicensed.len(), other.relicensed.len());
        prop_assert_eq!(one.changed.len(), other.changed.len());
        for (there, back) in one.relicensed.iter().zip(&other.relicensed) {
            prop_assert_eq!((&there.lost, &there.gained), (&back.gained, &back.lost));
        }
        let verdict = |diff: &Diff| diff.verdict.map(|verdict| verdict.trend);
        prop_assert!(swapped(verdict(&one)).contains(&verdict(&other)));
        prop_assert!(swapped(one.look).contains(&other.look));
        for (there, back) in one.changed.iter().zip(&other.changed) {
            let trend = |change: &fullsource_verify::compare::ArtifactChange| {
                change.status.map(|status| status.trend)
            };
            prop_assert!(swapped(trend(there)).contains(&trend(back)), "{there:?} {back:?}");
        }
        // Nothing is only good both ways.
        prop_assert!(!(one.trend == Some(Trend::Better) && other.trend == Some(Trend::Better)));
    }

    #[test]
    fn the_whole_is_the_worst_of_its_parts(before in reports(), after in reports()) {
        let told = diff(&before, &after);
        let text = document(&told).to_string();
        let parts = [Trend::Worse, Trend::Unseen, Trend::Better, Trend::Seen];
        let found = |trend: &&Trend| text.contains(&format!("\"trend\":\"{}\"", trend.as_str()));
        // A need is a reason, and no part of its own; the class has its trend.
        if let Some(worst) = told.trend {
            prop_assert!(worst == Trend::Neutral || found(&&worst), "{worst:?}");
            prop_assert!(parts.iter().all(|part| *part <= worst || !told.removed.iter().any(|one| one.trend == *part)));
        }
    }
}
