//! What is wrong, or could not be seen: the heaviest first, each with its help and its rule.

use fullsource_verify::finding::{Finding, Severity};
use fullsource_verify::report::Report;

use super::markup::{El, el};
use super::{Section, left_out, words};

/// Findings of one group that are shown at once; the others unfold.
const SHOWN: usize = 10;

/// Bytes of the lines of one group. A report lists at most 1,000 findings of one code and severity.
const BYTES: usize = 200_000;

/// Bytes of all groups.
const ALL_BYTES: usize = 900_000;

pub(super) fn section(report: &Report) -> Section {
    let content = if report.findings().is_empty() {
        el("p").text("There are none. What was not checked stands below.")
    } else {
        let groups = groups(report.findings());
        let (list, left) = el("div").fitting(ALL_BYTES, groups.iter().map(|group| element(group)));
        list.add_some(left_out(left, "groups of findings"))
    };
    Section::new("findings", "Findings", content)
}

/// Findings that follow one another and differ in nothing but what they are about.
fn groups(findings: &[Finding]) -> Vec<&[Finding]> {
    let same = |a: &Finding, b: &Finding| {
        (a.code, a.severity, &a.help, &a.rule) == (b.code, b.severity, &b.help, &b.rule)
    };
    findings.chunk_by(same).collect()
}

fn element(group: &[Finding]) -> El {
    let Some(first) = group.first() else { return el("div") };
    let title = el("h3").add(words::severity(first.severity).element()).text(" ");
    let title = title.add(el("code").text(first.code.as_str()));
    let count = (group.len() > 1).then(|| format!(" {} times", group.len()));
    let title = title.text(count.unwrap_or_default());
    let details = el("details").class("finding").add(el("summary").add(title));
    let details = if first.severity > Severity::Note { details.set("open", "") } else { details };
    let (shown, folded) = group.split_at(group.len().min(SHOWN));
    let help = el("p").add(el("span").class("label").text("help")).text(" ").prose(&first.help);
    let rule = el("p")
        .add(el("span").class("label").text("rule"))
        .text(" ")
        .add(el("code").theirs(&first.rule))
        .text(" · ")
        .add(el("code").text("fullsource explain ").text(first.code.as_str()));
    details
        .add(el("ul").all(shown.iter().map(line)))
        .add_some(rest(folded))
        .add(help)
        .add(rule.class("rule"))
}

fn rest(folded: &[Finding]) -> Option<El> {
    if folded.is_empty() {
        return None;
    }
    let (list, left) = el("ul").fitting(BYTES, folded.iter().map(line));
    let summary = el("summary").text(format!("{} more of the same", folded.len()));
    Some(el("details").add(summary).add(list).add_some(left_out(left, "findings")))
}

fn line(finding: &Finding) -> El {
    let about = finding.artifact.iter().cloned().chain(finding.path_and_place());
    let line = about.fold(el("li"), |line, about| line.add(el("code").theirs(&about)).text(": "));
    line.prose(&finding.message)
}
