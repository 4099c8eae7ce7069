//! Forms of a report of 10,000 artifacts: every one is made in bounded time, and a reader that goes away ends
//! it quietly.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::time::Duration;

use fullsource_tests::command::Place;
use serde_json::{Value, json};

/// Hostile and plain names by turns.
fn manifest() -> Value {
    let names =
        ["<img src=x onerror=alert(1)>", "\u{202e}txt.exe", "@octocat ::error::x", "模型 שלום"];
    let artifact = |n: usize| json!({ "id": format!("a{n}"), "roles": ["data.pretraining"], "name": names[n % 4] });
    let mut artifacts: Vec<_> = (0..9_999).map(artifact).collect();
    artifacts
        .push(json!({ "id": "w", "roles": ["weights.final"], "files": ["model.safetensors"] }));
    json!({ "release": { "name": "many", "producer": { "name": names[0] } }, "artifacts": artifacts })
}

#[test]
fn ten_thousand_artifacts_take_no_time_and_need_no_reader() {
    let place = Place::new();
    fs::write(place.at("many.json"), manifest().to_string()).unwrap();
    place.run(&["render", "many.json", "--format", "json", "-o", "report.json"]).expect(0, &[]);
    for form in ["markdown", "sarif", "junit", "github", "badge", "shields"] {
        let args = ["render", "report.json", "--manifest", "many.json", "--format", form];
        let whole = place.run(&args);
        assert_eq!((whole.exit, whole.stderr.as_str()), (0, ""), "{form}");
        assert!(whole.took < Duration::from_secs(10), "{form}: {:?}", whole.took);
        let cut = "{ \"$0\" \"$@\"; echo $? >&2; } | head -c 1";
        let cut = place.command(&args).shell(cut).run();
        assert_eq!((cut.stdout.len(), cut.stderr.as_str()), (1, "0\n"), "{form}");
    }
}
