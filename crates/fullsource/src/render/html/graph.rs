//! What the weights were made from: the drawing, and the same in words.

use fullsource_verify::made::StageReport;
use fullsource_verify::report::Report;

use super::markup::{El, drawing as drawn, el};
use super::{Section, left_out};
use crate::render;

/// Bytes of the list in words.
const BYTES: usize = 200_000;
/// Ids that one line of it names; the rest are counted.
const NAMED: usize = 20;

/// The drawing, where there is something to draw.
pub(super) fn drawing(report: &Report) -> String {
    match (report.artifacts(), report.stages()) {
        ([], []) => String::new(),
        _ => render::graph::svg(report),
    }
}

pub(super) fn section(report: &Report, drawing: &str) -> Option<Section> {
    if report.stages().is_empty() && drawing.is_empty() {
        return None;
    }
    let figure = (!drawing.is_empty()).then(|| {
        el("figure")
            .class("graph")
            .set("role", "group")
            .set("tabindex", "0")
            .set("aria-label", "what it was made from, drawn")
            .add(drawn(drawing))
    });
    Some(Section::new(
        "made-from",
        "What it was made from",
        el("div").add_some(figure).add_some(in_words(report.stages())),
    ))
}

fn in_words(stages: &[StageReport]) -> Option<El> {
    let (list, left) = el("ol").fitting(BYTES, stages.iter().map(stage));
    let words = el("details")
        .add(el("summary").text("The same in words, stage by stage"))
        .add(list)
        .add_some(left_out(left, "stages"));
    (!stages.is_empty()).then_some(words)
}

fn stage(stage: &StageReport) -> El {
    let models: Vec<String> = stage.models.iter().map(|model| model.artifact.to_string()).collect();
    let item =
        el("li").add(el("strong").theirs(&stage.id)).text(" (").theirs(&stage.kind).text(")");
    let parts: [(&'static str, &[String]); 6] = [
        ("code", &stage.code),
        ("configuration", &stage.config),
        ("environment", &stage.environment),
        ("data", &stage.data),
        ("models", &models),
        ("makes", &stage.outputs),
    ];
    parts.into_iter().filter(|(_, ids)| !ids.is_empty()).fold(item, |item, (label, ids)| {
        let named = ids.iter().take(NAMED).enumerate().fold(el("span"), |named, (nth, id)| {
            named.text(if nth > 0 { ", " } else { " " }).theirs(id)
        });
        let more = ids.len().saturating_sub(NAMED);
        let more = (more > 0).then(|| el("span").text(format!(" and {more} more")));
        item.text("; ").add(el("span").class("label").text(label)).add(named).add_some(more)
    })
}
