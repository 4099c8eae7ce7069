//! The class: two ladders of four steps, what is missing for the next one, and what each step needs.

use std::sync::Arc;

use fullsource_verify::class::{
    Chain, ClassReport, ConjunctReport, Interval, RungReport, TOP, Tri, name,
};
use fullsource_verify::report::Report;

use crate::render::rebuilds;

use super::markup::{El, el};
use super::{Section, left_out, scrolling, words};

/// The steps, from the weights down to where the data comes from.
const STEPS: [&str; TOP as usize] = ["weights", "recipe", "source", "origin"];

/// Bytes of the list of what is missing, and of the needs of one step.
const BYTES: usize = 60_000;

pub(super) fn section(report: &Report) -> Option<Section> {
    let class = report.class()?;
    let ladders = el("div")
        .class("ladders")
        .add(ladder(class, Chain::Availability))
        .add(ladder(class, Chain::Freedom));
    let content = el("div").add(ladders).add_some(delta(class)).add(derivation(class));
    Some(Section::new("class", "How far down it goes", content))
}

fn ladder(class: &ClassReport, chain: Chain) -> El {
    let (question, found, claimed) = match chain {
        Chain::Availability => ("Is it there?", class.availability, class.claimed.availability),
        Chain::Freedom => {
            ("May anyone use it, for anything?", class.freedom, class.claimed.freedom)
        }
    };
    let steps = STEPS.iter().zip(1..).map(|(step, rung)| {
        let (class, word) = step_of(found, rung);
        let item = el("li")
            .class(class)
            .add(el("span").class("step").text(step))
            .text(" ")
            .add(el("span").class("state").text(word));
        let more = rung > found.established && rung <= claimed.established;
        item.add_some(more.then(|| el("span").class("claim").text(" · claimed by its statement")))
    });
    let reached = match found.established {
        0 if found.possible == 0 => "out of reach",
        0 => "not established",
        rung => name(chain, rung),
    };
    el("div")
        .class("ladder")
        .add(el("h3").text(question))
        .add(el("ol").all(steps))
        .add(el("p").class("reached").text("reached: ").add(el("strong").text(reached)))
}

const fn step_of(found: Interval, rung: u8) -> (&'static str, &'static str) {
    if rung <= found.established {
        ("good", "established")
    } else if rung <= found.possible {
        ("open", "possible")
    } else {
        ("none", "out of reach")
    }
}

fn delta(class: &ClassReport) -> Option<El> {
    let delta = class.delta?;
    let line = el("p").text("The increment alone, without the models that it starts from: ");
    Some(line.add(el("strong").text(delta.headline())))
}

/// What each step needs, and what was found of it.
fn derivation(class: &ClassReport) -> El {
    let needs = class.rungs.iter().map(rung);
    el("details").add(el("summary").text("Why: what each step needs")).all(needs)
}

fn rung(rung: &RungReport) -> El {
    // What is not met comes first: it is what a reader looks for.
    let (mut open, met): (Vec<_>, Vec<_>) = rung
        .needs
        .iter()
        .partition(|need| need.value.availability.min(need.value.freedom) != Tri::T);
    open.sort_by_key(|need| need.value.availability.min(need.value.freedom));
    let caption = el("caption")
        .theirs(&rung.availability)
        .text(", ")
        .theirs(&rung.freedom)
        .text(format!(": {} of {} needs are met", met.len(), rung.needs.len()));
    let heads = ["it needs", "in stage", "about", "there", "free"];
    let heads = heads.map(|head| el("th").set("scope", "col").text(head));
    let head = el("thead").add(el("tr").all(heads));
    let (body, left) = el("tbody").fitting(BYTES, open.into_iter().chain(met).map(need));
    let table = el("table").add(caption).add(head).add(body);
    el("div").add(scrolling("needs of a step", table)).add_some(left_out(left, "needs"))
}

fn need(need: &ConjunctReport) -> El {
    let text = |text: &Option<Arc<str>>| match text {
        Some(text) => el("td").theirs(text),
        None => el("td"),
    };
    let decided = |value, by: &Option<Arc<str>>| {
        let cell = el("td").add(words::tri(value).element());
        match by.as_ref().filter(|by| Some(*by) != need.about.as_ref()) {
            Some(by) => cell.text(" by ").theirs(by),
            None => cell,
        }
    };
    el("tr")
        .add(el("th").set("scope", "row").text(words::code(&need.need)))
        .add(text(&need.stage))
        .add(text(&need.about))
        .add(decided(need.value.availability, &need.decided_availability))
        .add(decided(need.value.freedom, &need.decided_freedom))
}

/// What is missing for the next step.
pub(super) fn missing(report: &Report) -> Option<Section> {
    let next = report.class()?.next.as_ref()?;
    let items = next.missing.iter().map(|missing| {
        let known = match missing.value {
            Tri::F => "known to be missing",
            Tri::U => "not established",
            Tri::T => "there",
        };
        let item = el("li").prose(&missing.text);
        item.text(" ").add(el("span").class("aside").text("(").text(known).text(")"))
    });
    let (list, left) = el("ul").fitting(BYTES, items);
    let title = el("p").text("For ").add(el("strong").text(&next.name)).text(":");
    let content = el("div").add(title).add(list).add_some(left_out(left, "things"));
    Some(Section::new("missing", "What is missing for the next step", content))
}

/// Who ran the stages again, and what came out.
pub(super) fn rebuilt(report: &Report) -> Option<Section> {
    report.rebuilds()?;
    let items = rebuilds::lines(report).into_iter().map(|line| el("li").prose(&line));
    let (list, left) = el("ul").fitting(BYTES, items);
    let content = el("div").add(list).add_some(left_out(left, "stages"));
    Some(Section::new("rebuilds", "Run again by others", content))
}
