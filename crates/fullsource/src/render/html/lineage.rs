//! The models of others that it was made from, and whose word stands behind each.

use fullsource_verify::parents::{ParentReport, ParentStatus};
use fullsource_verify::report::Report;

use super::markup::{El, el};
use super::{Section, left_out, scrolling};

/// Bytes of the table.
const BYTES: usize = 200_000;

pub(super) fn section(report: &Report) -> Option<Section> {
    if report.parents().is_empty() {
        return None;
    }
    let heads = ["model", "stands for", "its statement", "whose word", "stands at", "claims"];
    let heads = el("tr").all(heads.map(|head| el("th").set("scope", "col").text(head)));
    let (body, left) = el("tbody").fitting(BYTES, report.parents().iter().map(row));
    let caption = el("caption").text("models that it was made from, and their ancestors");
    let table = el("table").add(caption).add(el("thead").add(heads)).add(body);
    let content = el("div")
        .add(scrolling("models that it was made from", table))
        .add_some(left_out(left, "models"));
    Some(Section::new("lineage", "Models that it was made from", content))
}

fn row(parent: &ParentReport) -> El {
    let name = el("th").set("scope", "row");
    let name = match &parent.release {
        None => name.text("not known"),
        Some(release) => {
            let name = name.theirs(&release.name);
            let version = release.version.as_ref();
            version.into_iter().fold(name, |name, version| name.text(" ").theirs(version))
        }
    };
    let stands_for = match parent.artifacts[..] {
        [] => el("td").text("an ancestor"),
        _ => el("td").theirs(parent.artifacts.join(", ")),
    };
    let statement = el("td").text(status(parent.status)).add(el("br"));
    let statement = statement.add(el("code").text(parent.statement.sha256.to_string()));
    let statement = match &parent.reason {
        Some(reason) => statement.add(el("br")).theirs(reason),
        None => statement,
    };
    let headline = |standing: Option<fullsource_verify::class::Standing>| {
        standing.map_or("not judged", |standing| standing.headline())
    };
    el("tr")
        .add(name)
        .add(stands_for)
        .add(statement)
        .add(el("td").text(whose(parent)))
        .add(el("td").add(el("strong").text(headline(parent.verified))))
        .add(el("td").text(headline(parent.claimed)))
}

const fn whose(parent: &ParentReport) -> &'static str {
    match (parent.local, parent.trusted) {
        (true, _) => "a local document's; of nobody who made it",
        (false, true) => "its producer's",
        (false, false) => "nobody's that is trusted",
    }
}

const fn status(status: ParentStatus) -> &'static str {
    match status {
        ParentStatus::Counts => "is about the bytes of the model, and counts",
        ParentStatus::Unrelated => "states nothing to hold against the model's digests",
        ParentStatus::Unchecked => "nobody looked for it",
        ParentStatus::Unreachable => "no place answered",
        ParentStatus::Closed => "is behind a door that was not opened",
        ParentStatus::Absent => "is at none of its places",
        ParentStatus::Malformed => "cannot be read as a statement",
        ParentStatus::Revoked => "is revoked",
        ParentStatus::Mismatch => "is about other bytes",
    }
}
