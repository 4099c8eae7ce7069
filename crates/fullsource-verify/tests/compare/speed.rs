//! How long large reports take.

use std::time::Duration;

use fullsource_verify::compare::{Diff, Release};
use serde_json::{Value, json};

use crate::{base, parse};

/// Time that this thread was running, where the system tells (Linux): a busy machine is not a slow
/// comparison. Elsewhere the time of day.
fn now() -> Duration {
    let ran = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let ran = ran.and_then(|text| text.split(' ').next()?.parse().ok());
    let clock = || std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    ran.map_or_else(clock, Duration::from_nanos)
}

/// A report of so many artifacts, of which each has another id, licence and status, and one digest for all
/// where `alike`.
fn report(count: usize, prefix: &str, license: &str, alike: bool) -> Value {
    let mut report = base();
    let artifact = |nth: usize| {
        let digest = format!("{:064x}", if alike { 0 } else { nth });
        json!({
            "id": format!("{prefix}{nth}"), "roles": ["data.sft"], "status": "verified", "license": license,
            "digest": { "sha256": digest }, "places": [format!("https://example.org/{prefix}{nth}")],
        })
    };
    report["artifacts"] = (0..count).map(artifact).collect();
    let needs = (0..count).map(|nth| {
        json!({ "need": "data", "stage": "tune", "about": format!("{prefix}{nth}"),
                "availability": "yes", "freedom": if license == "MIT" { "yes" } else { "no" } })
    });
    report["class"]["rungs"][2]["needs"] = needs.collect();
    report["stages"][0]["data"] = (0..count).map(|nth| json!(format!("{prefix}{nth}"))).collect();
    report
}

fn took(count: usize, alike: bool) -> Duration {
    let before = parse(&report(count, "a", "MIT", alike)).unwrap();
    let after = parse(&report(count, "b", "CC-BY-NC-4.0", alike)).unwrap();
    let run = || {
        let start = now();
        let diff = Diff::of(
            Release { report: &before, files: None },
            Release { report: &after, files: None },
        );
        assert_eq!((diff.changed.len(), diff.relicensed.len()), (count, count));
        assert!(diff.added.is_empty() && diff.removed.is_empty() && diff.stages.is_empty());
        now() - start
    };
    (0..5).map(|_| run()).min().unwrap_or_default()
}

#[test]
fn ten_thousand_artifacts_are_compared_at_once() {
    for alike in [false, true] {
        let (tenth, whole) = (took(1_000, alike), took(10_000, alike));
        println!("10,000 renamed and relicensed artifacts, alike: {alike}: {whole:?}");
        let limit = if cfg!(debug_assertions) { 4_000 } else { 200 };
        assert!(whole < Duration::from_millis(limit), "{whole:?}");
        // Linear, give or take the caches.
        assert!(whole < tenth * 30, "{tenth:?} {whole:?}");
    }
}
