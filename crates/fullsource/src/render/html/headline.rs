//! The head of the page: the verdict, of which release, and who signed, before anything else (`rep-11`).

use fullsource_verify::class::ClassReport;
use fullsource_verify::report::{Report, Verdict};
use fullsource_verify::signers::Signer;

use crate::render::words::{
    NOT_READ, UNVERIFIED, not_read as why_not_read, unverified as why_unverified,
};

use super::markup::{El, el};
use super::words;

/// Signers that are named here; the table has all.
const NAMED: usize = 3;
/// Characters of a name from which on it is set smaller, so that the lines below it stay in view.
const LONG: usize = 60;

pub(super) fn header(report: &Report) -> El {
    let verdict = words::verdict(report.verdict());
    let meaning = match (report.release(), report.verdict()) {
        (None, Verdict::Pass) => "Of documents alone: they are in order.",
        _ => words::meaning(report.verdict()),
    };
    el("header")
        .add(
            el("p")
                .class("verdict")
                .add(verdict.element())
                .text(" ")
                .add(el("span").class("meaning").text(meaning)),
        )
        .add_some(unverified(report))
        .add_some(not_read(report))
        .add(title(report))
        .add_some(word_of(report))
        .all(report.signers().iter().take(NAMED).map(signed_by))
        .add(facts(report))
}

fn title(report: &Report) -> El {
    let Some(release) = report.release() else {
        return el("h1").text("No release was judged");
    };
    let long = release.name.chars().count() > LONG;
    let title = el("h1").class(if long { "long-name" } else { "name" }).theirs(&release.name);
    match &release.version {
        Some(version) => title.text(" ").theirs(version),
        None => title,
    }
}

fn word_of(report: &Report) -> Option<El> {
    let release = report.release()?;
    let line = el("p").class("says").text("says ").theirs(&release.producer);
    Some(match &release.producer_uri {
        Some(uri) => line.text(" (").theirs(uri).text(")"),
        None => line,
    })
}

/// What must be read before anything else where no signature counts.
fn unverified(report: &Report) -> Option<El> {
    let why = why_unverified(report)?;
    let line = el("p").class("unverified");
    Some(line.add(el("strong").text(UNVERIFIED)).text(": ").text(why))
}

/// What must be read with the verdict where files were taken for what they were (`rep-20`).
fn not_read(report: &Report) -> Option<El> {
    let line = el("p").class("unverified");
    Some(line.add(el("strong").text(NOT_READ)).text(": ").text(why_not_read(report)?))
}

fn signed_by(signer: &Signer) -> El {
    let line = el("p").class("signer").text("signed by ");
    let line = match &signer.principal {
        Some(principal) => line.add(el("strong").theirs(principal)).text(", "),
        None => line.text("the given "),
    };
    line.theirs(&signer.key_type)
        .text(" key ")
        .add(el("code").text(&signer.key_id))
        .text(" ")
        .add(words::standing(signer.standing).element())
}

/// The class, and what it rests on, in a few lines.
fn facts(report: &Report) -> El {
    let fact = |label: &'static str, value: El| el("div").add(el("dt").text(label)).add(value);
    let list = el("dl").class("facts");
    let list = match report.class() {
        Some(class) => {
            list.add(fact("class", el("dd").add(el("strong").text(&class.headline)))).add(fact(
                "linkage",
                el("dd").text(class.linkage.to_string()).add_some(linkage(class)),
            ))
        }
        None => list.add(fact("class", el("dd").text("not judged"))),
    };
    match report.statement() {
        Some(id) => list.add(fact("statement", el("dd").add(el("code").text(id.to_string())))),
        None => list.add(fact("statement", el("dd").text("none"))),
    }
}

fn linkage(class: &ClassReport) -> Option<El> {
    let text = ": that these sources made these weights is the signer's word";
    class.linkage.rebuilt().is_none().then(|| el("span").class("aside").text(text))
}
