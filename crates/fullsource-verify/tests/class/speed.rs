//! How long a large release takes.

use std::time::Duration;

use fullsource_verify::class::OutputTerms;
use fullsource_verify::frameworks::frameworks;
use fullsource_verify::lineage;
use serde_json::json;

use crate::release::{statement, whole};

/// Time that this thread was running, where the system tells (Linux): a busy machine is not a slow
/// verifier. Elsewhere the time of day.
fn now() -> Duration {
    let ran = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let ran = ran.and_then(|text| text.split(' ').next()?.parse().ok());
    let clock = || std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    ran.map_or_else(clock, Duration::from_nanos)
}

/// 10,000 artifacts, most of them data sets, in 50 stages; 100 ancestors.
#[test]
fn a_large_release_is_judged_at_once() {
    let mut target = whole("m");
    let mut names = Vec::new();
    for n in 0..10_000 - 200 {
        let id = format!("d{n}");
        let data = target.artifact(&id, &["data.pretraining"], "CC-BY-4.0 AND (MIT OR CC0-1.0)");
        data.insert("collectedBy".into(), json!(["crawler"]));
        if n % 3 == 0 && n > 0 {
            data.insert("derivedFrom".into(), json!([format!("d{}", n - 1)]));
        }
        names.push(id);
    }
    let mut drafts = Vec::new();
    let mut models = Vec::new();
    for n in 0..100 {
        let (id, parent) = (format!("base{n}"), format!("parent{n}"));
        target.artifact(&id, &["model.base"], "Apache-2.0");
        models.push(json!({ "artifact": id, "use": if n % 2 == 0 { "init" } else { "online" } }));
        target.parents.push((id, parent.clone()));
        drafts.push(whole(&parent));
    }
    target.stage("pretrain").insert("models".into(), json!(models));
    for stage in 0..50 {
        let output = format!("after{stage}");
        target.artifact(&output, &["weights.intermediate"], "MIT");
        let data = &names[stage * names.len() / 50..(stage + 1) * names.len() / 50];
        target.list("stages").push(json!({
            "id": format!("s{stage}"), "kind": "midtrain", "data": data, "outputs": [output],
            "init": { "prng": "philox" },
        }));
        let input = json!({ "artifact": output, "use": "init" });
        target.stage("pretrain")["models"].as_array_mut().unwrap().push(input);
    }
    drafts.push(target);
    let manifests: Vec<_> = drafts.iter().map(|draft| draft.parse()).collect();
    let members: Vec<_> = drafts.iter().zip(&manifests).map(|(d, m)| d.member(m)).collect();
    let judge = || {
        let start = now();
        let judged = lineage::judge(statement("m"), &members, OutputTerms::Count).unwrap();
        let report = judged.class.report(fullsource_verify::class::Linkage::Asserted);
        let answers = frameworks(&judged.class, Some(7_000_000_000));
        assert_eq!(judged.ancestors.len(), 100);
        assert_eq!(report.headline, "full-source");
        assert!(serde_json::to_vec(&answers).is_ok());
        now() - start
    };
    let best = (0..10).map(|_| judge()).min().unwrap_or_default();
    println!("10,000 artifacts and 100 ancestors: {best:?}");
    let limit = if cfg!(debug_assertions) { 2_000 } else { 50 };
    assert!(best < Duration::from_millis(limit), "{best:?}");
}
