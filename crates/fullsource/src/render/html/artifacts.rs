//! The table of artifacts, which a reader can narrow by status and by kind of role without any script: the
//! style hides the rows that do not fit what is chosen.

use std::collections::BTreeMap;

use fullsource_verify::Status;
use fullsource_verify::made::ArtifactReport;
use fullsource_verify::report::Report;

use super::markup::{El, el, place};
use super::{Section, scrolling, words};
use crate::render::text::size;

/// Bytes of the rows. What does not fit is folded into counted groups.
const BYTES: usize = 2_000_000;
/// Places of one artifact that are shown; the rest are counted.
const PLACES: usize = 3;
/// Rows from which on a browser need not lay out what is not in view.
const LONG: usize = 200;
/// Rows up to which places are links: in a long table the address would stand there twice.
const LINKED: usize = 1000;

pub(super) fn section(report: &Report) -> Option<Section> {
    let all = report.artifacts();
    if all.is_empty() {
        return None;
    }
    let (rows, folded) = rows(all);
    let heads = ["artifact", "roles", "status", "licence", "where", "size"];
    let heads = el("tr").all(heads.map(|head| el("th").set("scope", "col").text(head)));
    let caption = el("caption").text("claimed artifacts, and what each came to");
    let long = if all.len() > LONG { "long" } else { "whole" };
    let table = el("table")
        .classes(&["artifacts", long])
        .add(caption)
        .add(el("thead").add(heads))
        .add(rows)
        .add_some(groups(&folded));
    let content =
        el("div").class("filtered").add(filters(all)).add(scrolling("claimed artifacts", table));
    Some(Section::new("artifacts", "Artifacts", content))
}

/// The rows in the manifest's order, and what had no room: first what is as it was claimed.
fn rows(all: &[ArtifactReport]) -> (El, Vec<&ArtifactReport>) {
    let linked = all.len() <= LINKED;
    let mut rows: Vec<(usize, El)> =
        all.iter().map(|artifact| row(artifact, linked)).enumerate().collect();
    let fine = |nth: usize| matches!(all[nth].status, Status::Verified | Status::Internal);
    rows.sort_by_key(|(nth, _)| (fine(*nth), *nth));
    let mut bytes = 0;
    let kept = rows.iter().take_while(|(_, row)| {
        bytes += row.len();
        bytes <= BYTES
    });
    let kept = kept.count();
    let folded = rows.split_off(kept).into_iter().map(|(nth, _)| &all[nth]).collect();
    rows.sort_by_key(|(nth, _)| *nth);
    (el("tbody").class("rows").all(rows.into_iter().map(|(_, row)| row)), folded)
}

fn row(artifact: &ArtifactReport, linked: bool) -> El {
    let id = el("th").set("scope", "row").theirs(&artifact.id);
    let name = artifact.name.as_ref().filter(|name| **name != artifact.id);
    let id = id.add_some(name.map(|name| el("small").theirs(name)));
    let mut classes = vec![artifact.status.as_str()];
    classes.extend(kinds_of(artifact));
    let bytes = artifact.size.map(|bytes| size(bytes.0)).unwrap_or_default();
    el("tr")
        .classes(&classes)
        .add(id)
        .add(el("td").text(artifact.roles.join(", ")))
        .add(status(artifact))
        .add(el("td").text(artifact.license.as_deref().unwrap_or("none stated")))
        .add(places(&artifact.places, linked))
        .add(el("td").text(bytes))
}

/// The status, and what the manifest says where that is something else.
fn status(artifact: &ArtifactReport) -> El {
    let cell = el("td").text(artifact.status.as_str());
    let claimed = artifact.availability.as_ref().map(words::code);
    let claimed = claimed.filter(|claimed| *claimed != artifact.status.as_str().replace('-', " "));
    cell.add_some(claimed.map(|claimed| el("small").text("claimed: ").text(claimed)))
}

fn places(places: &[String], linked: bool) -> El {
    let shown = places.iter().take(PLACES).enumerate();
    let cell = shown.fold(el("td"), |cell, (nth, text)| {
        let cell = if nth > 0 { cell.add(el("br")) } else { cell };
        if linked { cell.add(place(text)) } else { cell.theirs(text) }
    });
    let more = places.len().saturating_sub(PLACES);
    cell.add_some((more > 0).then(|| el("small").text(format!("and {more} more"))))
}

/// What had no room, counted by status and kind of role.
fn groups(folded: &[&ArtifactReport]) -> Option<El> {
    let mut counts: BTreeMap<(u8, Vec<&str>), (Status, usize)> = BTreeMap::new();
    for artifact in folded {
        let key = (artifact.status as u8, kinds_of(artifact));
        counts.entry(key).or_insert((artifact.status, 0)).1 += 1;
    }
    let rows = counts.into_iter().map(|((_, kinds), (status, count))| {
        let text = format!("{count} more; the report as JSON has all of them");
        let mut classes = vec![status.as_str()];
        classes.extend(kinds.iter().filter_map(|kind| kind_of(kind)));
        el("tr")
            .classes(&classes)
            .add(el("th").set("scope", "row").text(text))
            .add(el("td").text(kinds.join(", ")))
            .add(el("td").text(status.as_str()))
            .add(el("td").set("colspan", "3"))
    });
    (!folded.is_empty()).then(|| el("tbody").class("rows").all(rows))
}

/// The kinds of roles, by what stands before the dot.
const KINDS: [&str; 12] = [
    "weights",
    "model",
    "config",
    "tokenizer",
    "code",
    "env",
    "data",
    "doc",
    "log",
    "eval",
    "attestation",
    OTHER,
];
const OTHER: &str = "other";

fn kind_of(role: &str) -> Option<&'static str> {
    let kind = role.split('.').next().unwrap_or_default();
    KINDS.into_iter().find(|known| *known == kind)
}

fn kinds_of(artifact: &ArtifactReport) -> Vec<&'static str> {
    let kinds = artifact.roles.iter().map(|role| kind_of(role).unwrap_or(OTHER));
    let mut kinds: Vec<_> = kinds.collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// The rules that hide rows, one for each status and kind that there is: each costs time for each row.
pub(super) fn style(report: &Report) -> String {
    let all = report.artifacts();
    let statuses = statuses(all).into_iter().map(|(status, _)| status.as_str());
    let kinds = kinds(all).into_iter().map(|(kind, _)| kind);
    let hide = |word| {
        format!(".filtered:has([value={word}]:checked) .rows tr:not(.{word}) {{ display: none }}\n")
    };
    statuses.chain(kinds).map(hide).collect()
}

/// The statuses that there are, and of how many artifacts.
fn statuses(all: &[ArtifactReport]) -> Vec<(Status, usize)> {
    let mut counts: BTreeMap<u8, (Status, usize)> = BTreeMap::new();
    for artifact in all {
        counts.entry(artifact.status as u8).or_insert((artifact.status, 0)).1 += 1;
    }
    counts.into_values().collect()
}

/// The kinds of roles that there are, and of how many artifacts.
fn kinds(all: &[ArtifactReport]) -> Vec<(&'static str, usize)> {
    let having = |kind: &str| all.iter().filter(|one| kinds_of(one).contains(&kind)).count();
    let counts = KINDS.into_iter().map(|kind| (kind, having(kind)));
    counts.filter(|(_, count)| *count > 0).collect()
}

fn filters(all: &[ArtifactReport]) -> El {
    let field = |name| el("fieldset").add(el("legend").text(name)).add(everything(name, all.len()));
    let statuses = statuses(all).into_iter().map(|(status, count)| {
        let label = option("status", status.as_str(), count);
        label.set("title", words::status(status))
    });
    let kinds = kinds(all).into_iter().map(|(kind, count)| option("role", kind, count));
    el("div").class("filters").add(field("status").all(statuses)).add(field("role").all(kinds))
}

fn everything(name: &'static str, count: usize) -> El {
    let input = el("input").set("type", "radio").set("name", name).set("value", "all");
    el("label").add(input.set("checked", "")).text(format!("all {count}"))
}

fn option(name: &'static str, value: &'static str, count: usize) -> El {
    let input = el("input").set("type", "radio").set("name", name).set("value", value);
    el("label").class(value).add(input).text(format!("{value} {count}"))
}
