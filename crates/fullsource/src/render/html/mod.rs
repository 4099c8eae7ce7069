//! The report as one page that needs nothing else: no script to read it, no other file, no network.
//!
//! The same report gives the same bytes: no clock, no random name. All text goes through [`markup`], which
//! escapes it. A bound on the bytes of each part keeps the page of the largest release small; what is left
//! out is counted.

mod artifacts;
mod elsewhere;
mod findings;
mod freedom;
mod graph;
mod headline;
mod lineage;
mod markup;
mod ran;
mod rungs;
mod security;
mod words;

use fullsource_verify::report::Report;

use markup::{El, el, ours};
use words::verdict;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("filter.js");

/// The whole page.
pub(crate) fn page(report: &Report) -> String {
    let drawing = graph::drawing(report);
    let sections: Vec<Section> = [
        rungs::section(report),
        rungs::missing(report),
        graph::section(report, &drawing),
        Some(findings::section(report)),
        rungs::rebuilt(report),
        freedom::section(report),
        elsewhere::frameworks(report),
        elsewhere::badges(report),
        lineage::section(report),
        artifacts::section(report),
        ran::files(report),
        ran::signers(report),
        Some(ran::not_checked(report)),
        Some(ran::again(report)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let entries = sections.iter().map(Section::entry);
    let body = el("body")
        .add(el("a").class("skip").leads_to("report").text("Skip to the report"))
        .add(headline::header(report))
        .add(el("nav").set("aria-label", "On this page").add(el("ul").all(entries)))
        .add(el("main").set("id", "report").all(sections.into_iter().map(Section::into_element)))
        .add(footer())
        .add(ours("script", SCRIPT));
    let style = format!("{STYLE}{}", artifacts::style(report));
    let (head, body) = (head(report, &style, &drawing).into_html(), body.into_html());
    format!("<!doctype html>\n<html lang=\"en\">\n{head}{body}</html>\n")
}

/// A part of the page with its own heading.
struct Section {
    id: &'static str,
    title: &'static str,
    content: El,
}

impl Section {
    const fn new(id: &'static str, title: &'static str, content: El) -> Self {
        Self { id, title, content }
    }

    fn entry(&self) -> El {
        el("li").add(el("a").leads_to(self.id).text(self.title))
    }

    fn into_element(self) -> El {
        let Self { id, title, content } = self;
        let heading = el("h2").set("id", id).text(title);
        el("section").set("aria-labelledby", id).add(heading).add(content)
    }
}

fn head(report: &Report, style: &str, drawing: &str) -> El {
    let name = report.release().map_or("no release", |release| &release.name);
    let title = format!("{}: {name} · fullsource report", verdict(report.verdict()).word);
    let meta = |name, content| el("meta").set("name", name).set("content", content);
    el("head")
        .add(el("meta").set("charset", "utf-8"))
        .add(security::policy(style, drawing, SCRIPT))
        .add(meta("viewport", "width=device-width, initial-scale=1"))
        .add(meta("color-scheme", "light dark"))
        .add(meta("referrer", "no-referrer"))
        .add(el("title").text(title))
        .add(ours("style", style))
}

fn footer() -> El {
    let text = "This page is a form of a report and says nothing else. A report is not signed: it shows what \
                somebody says that a run came to. Run it again to know.";
    el("footer").add(el("p").text(text))
}

/// A line on what a bound left out.
fn left_out(count: usize, what: &'static str) -> Option<El> {
    let text = format!("and {count} more {what}; the report as JSON has all of them");
    (count > 0).then(|| el("p").class("more").text(text))
}

/// A table that scrolls by itself where the screen is narrow, also by the keyboard.
fn scrolling(label: &'static str, table: El) -> El {
    el("div")
        .class("scroll")
        .set("role", "group")
        .set("tabindex", "0")
        .set("aria-label", label)
        .add(table)
}
