//! The report as Markdown, for a job's summary or a comment on a pull request: the headline first.
//!
//! Texts of others stand as [`Prose`](prose): plain words as they are, and all else as code, where neither
//! Markdown nor HTML means anything and no service links a name, a number or an address (`rep-16`).

mod prose;

use fullsource_verify::class::{Chain, ClassReport, Interval, TOP, name};
use fullsource_verify::finding::{Finding, Severity};
use fullsource_verify::report::Report;

use super::{class, rebuilds, text, words};
pub(super) use prose::code;
use prose::prose;

/// Bytes of the whole: a comment takes 65,536 characters, a job's summary 1 MiB for all its steps.
const BYTES: usize = 60_000;

/// Items of one list that are shown; the rest are counted.
const SHOWN: usize = 25;

/// The whole report.
pub(super) fn report(report: &Report) -> String {
    let not_checked: Vec<_> = report.not_checked().iter().map(|text| prose(text)).collect();
    let not_checked = section("Not shown by this report", &not_checked);
    let mut out = headline(report);
    // A pass of documents alone must not be read as one of a release.
    let alone = report.statement().is_none();
    out.push_str(if alone { &not_checked } else { "" });
    out.push_str(&facts(report));
    out.push_str(&report.class().map_or_else(String::new, |found| ladders(found, report)));
    out.push_str(&missing(report));
    out.push_str(&findings(report));
    out.push_str(&taken(report));
    out.push_str(if alone { "" } else { &not_checked });
    bounded(out)
}

fn headline(report: &Report) -> String {
    let mut out = format!("## fullsource: {}\n\n", words::verdict(report.verdict()));
    if let Some(why) = words::unverified(report) {
        out.push_str(&format!("**{}: {why}**\n\n", words::UNVERIFIED));
    }
    if let Some(what) = words::not_read(report) {
        out.push_str(&format!("**{}: {what}**\n\n", words::NOT_READ));
    }
    if let Some(release) = report.release() {
        let (named, producer) = (code(&words::named(report)), code(&release.producer));
        out.push_str(&format!("{named}, says {producer}\n\n"));
    }
    out
}

/// Who signed what, and what became of it.
fn facts(report: &Report) -> String {
    let mut lines = Vec::new();
    if let Some(id) = report.statement() {
        lines.push(format!("statement {}", code(&id.to_string())));
    }
    let signers = report.signers().iter().take(SHOWN);
    lines.extend(signers.map(|signer| format!("signed by {}", code(&text::signed_by(signer)))));
    if let Some(files) = report.files() {
        let bytes = text::size(files.total_bytes);
        lines.push(format!("files: {} of {} intact, {bytes}", files.intact, files.covered));
    }
    if !report.artifacts().is_empty() {
        lines.push(format!("artifacts: {}", text::artifacts(report)));
    }
    list(&lines)
}

/// Both ladders, as a table without a word of the release.
fn ladders(found: &ClassReport, report: &Report) -> String {
    let (headline, linkage) = (code(&found.headline), found.linkage);
    let mut out = format!("### Class: {headline} (linkage: {linkage})\n\n");
    out.push_str(
        "| | weights | recipe | source | origin | established |\n|---|---|---|---|---|---|\n",
    );
    out.push_str(&row("there", found.availability, Chain::Availability));
    out.push_str(&row("free", found.freedom, Chain::Freedom));
    out.push('\n');
    let mut lines = Vec::new();
    if let Some(claimed) = class::claimed(found) {
        lines.push(format!("claimed: {}", prose(&claimed)));
    }
    let parents = report.parents().iter().filter(|parent| !parent.artifacts.is_empty());
    let parents = parents.map(|parent| format!("parent {}", prose(&class::of_parent(parent))));
    lines.extend(parents.take(SHOWN));
    let rebuilt = rebuilds::lines(report);
    lines.extend(rebuilt.iter().take(SHOWN).map(|told| format!("run again: {}", prose(told))));
    if let Some(more) = rebuilt.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        lines.push(format!("and {more} more stages"));
    }
    if let Some(frameworks) = report.frameworks() {
        lines.push(format!("elsewhere: {}", class::elsewhere(frameworks)));
    }
    out.push_str(&list(&lines));
    out
}

fn row(label: &str, interval: Interval, chain: Chain) -> String {
    let step = |rung: u8| match rung {
        _ if rung <= interval.established => "yes",
        _ if rung <= interval.possible => "not established",
        _ => "no",
    };
    let steps: Vec<_> = (1..=TOP).map(step).collect();
    let reached = match interval.established {
        0 => "nothing",
        rung => name(chain, rung),
    };
    format!("| {label} | {} | {reached} |\n", steps.join(" | "))
}

fn findings(report: &Report) -> String {
    let mut lines = Vec::new();
    let mut rest = report.findings();
    while let Some(first) = rest.first() {
        let same =
            |finding: &&Finding| (finding.code, finding.severity) == (first.code, first.severity);
        let (group, after) = rest.split_at(rest.iter().take_while(same).count());
        let (severity, kind) = (first.severity, code(first.code.as_str()));
        lines
            .extend(group.iter().take(SHOWN).map(|f| format!("**{severity}** {kind} {}", told(f))));
        if let Some(more) = group.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            lines.push(format!("**{severity}** {kind} and {more} more"));
        }
        if let Some(last) = lines.last_mut().filter(|_| severity > Severity::Note) {
            last.push_str(&format!("\n  - help: {}", prose(&first.help)));
        }
        rest = after;
    }
    let title = if lines.is_empty() { String::new() } else { "### Findings\n\n".to_owned() };
    format!("{title}{}", list(&lines))
}

fn told(finding: &Finding) -> String {
    let about = finding.artifact.clone().into_iter().chain(finding.path_and_place());
    let about: String = about.map(|text| format!("{}: ", code(&text))).collect();
    format!("{about}{}", prose(&finding.message))
}

fn missing(report: &Report) -> String {
    let Some(next) = report.class().and_then(|class| class.next.as_ref()) else {
        return String::new();
    };
    let lines: Vec<_> = next.missing.iter().map(|missing| prose(&missing.text)).collect();
    section(&format!("Missing for {}", code(&next.name)), &lines)
}

fn taken(report: &Report) -> String {
    let line = |taken: &fullsource_verify::judge::Restriction| {
        let takes = prose(&taken.takes.join(", "));
        let (artifact, license) = (code(&taken.artifact), code(&taken.license));
        let (by, clause) = (prose(&taken.by), prose(&taken.clause));
        format!("{artifact}, {license}: takes {takes}, by {by}, {clause}")
    };
    let lines: Vec<_> = report.restrictions().iter().map(line).collect();
    section("Freedom that licences take", &lines)
}

/// A list under its title; nothing where there is nothing to list.
fn section(title: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let mut shown = lines[..lines.len().min(SHOWN)].to_vec();
    if lines.len() > SHOWN {
        shown.push(format!("and {} more", lines.len() - SHOWN));
    }
    format!("### {title}\n\n{}", list(&shown))
}

fn list(lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let items: String = lines.iter().map(|line| format!("- {line}\n")).collect();
    format!("{items}\n")
}

/// The whole lines that fit, and that there are more.
pub(super) fn bounded(mut text: String) -> String {
    const MORE: &str = "- and more, which the JSON has (`--format json`)\n";
    let room = BYTES - MORE.len();
    if text.len() > room {
        let kept = text.as_bytes()[..room].iter().rposition(|byte| *byte == b'\n');
        text.truncate(kept.map_or(0, |newline| newline + 1));
        text.push_str(MORE);
    }
    text
}
