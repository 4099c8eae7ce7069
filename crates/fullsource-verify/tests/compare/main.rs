//! Two reports held against each other: what must be told, and what must not be claimed.

#![allow(clippy::unwrap_used, clippy::panic)]

mod answers;
mod artifacts;
mod basis;
mod findings;
mod properties;
mod sight;
mod speed;
mod told;

use fullsource_verify::compare::{Diff, Release};
use fullsource_verify::report::Report;
use serde_json::Value;

/// A report with something in every field.
fn base() -> Value {
    serde_json::from_str(include_str!("report.json")).unwrap()
}

/// Parts are moved one by one here, also such that a reader refuses the whole (`rep-13`).
fn parse(report: &Value) -> Option<Report> {
    serde_json::from_value(report.clone()).ok()
}

fn diff(before: &Value, after: &Value) -> Diff {
    let (before, after) = (parse(before).unwrap(), parse(after).unwrap());
    Diff::of(Release { report: &before, files: None }, Release { report: &after, files: None })
}

/// The base, with one artifact edited.
fn with(id: &str, edit: impl Fn(&mut Value)) -> Value {
    let mut report = base();
    let artifacts = report["artifacts"].as_array_mut().unwrap();
    edit(artifacts.iter_mut().find(|artifact| artifact["id"] == id).unwrap());
    report
}
