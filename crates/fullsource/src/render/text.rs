//! The report as text: one screen, the verdict first.

use fullsource_verify::Status;
use fullsource_verify::finding::{Finding, Severity};
use fullsource_verify::report::{Report, Verdict};
use fullsource_verify::signers::{Signer, Standing};

use crate::render::class;
use crate::render::escape::shown;
use crate::render::style::Style;
use crate::render::words;

/// Findings of one code that are shown; the rest are counted.
const SHOWN: usize = 10;

/// The whole report.
pub(crate) fn report(report: &Report, style: Style) -> String {
    let mut out = headline(report, style);
    let mut line = |label: &str, text: String| {
        out.push_str(&format!("  {} {text}\n", style.dim(&format!("{label:<10}"))));
    };
    if let Some(id) = report.statement() {
        line("statement", id.to_string());
    }
    for signer in report.signers() {
        line("signed by", signed_by(signer));
    }
    if let Some(files) = report.files() {
        let bytes = size(files.total_bytes);
        line("files", format!("{} of {} intact, {bytes}", files.intact, files.covered));
    }
    if !report.artifacts().is_empty() {
        line("artifacts", artifacts(report));
    }
    out.push_str(&class::lines(report, style));
    out.push_str(&findings(report, style));
    out.push_str(&class::missing(report, style));
    out.push_str(&class::taken(report, style));
    out.push_str(&not_shown(report, style));
    out
}

fn headline(report: &Report, style: Style) -> String {
    let verdict = match report.verdict() {
        Verdict::Pass => style.good("PASS"),
        Verdict::Fail => style.bad("FAIL"),
        Verdict::Incomplete => style.open("INCOMPLETE"),
        Verdict::Error => style.bad("ERROR"),
    };
    let mut text = match report.release() {
        None if report.verdict() == Verdict::Pass => format!("{verdict}  {}", words::DOCUMENTS),
        None => verdict,
        Some(release) => {
            let version = release.version.as_ref().map_or_else(String::new, |v| format!(" {v}"));
            let name = style.bold(&shown(&format!("{}{version}", release.name)));
            format!("{verdict}  {name}, says {}", shown(&release.producer))
        }
    };
    text.push('\n');
    if let Some(why) = words::unverified(report) {
        text.push_str(&format!("  {}: {why}\n", words::UNVERIFIED));
    }
    if let Some(what) = words::not_read(report) {
        text.push_str(&format!("  {}: {what}\n", words::NOT_READ));
    }
    text
}

/// Who signed, in one line.
pub(crate) fn signed_by(signer: &Signer) -> String {
    let (kind, id) = (shown(&signer.key_type), shown(&signer.key_id));
    let who = signer.principal.as_deref().map_or_else(
        || format!("the given {kind} key {id}"),
        |principal| format!("{} ({kind} key {id})", shown(principal)),
    );
    let standing = match signer.standing {
        Standing::Producer => "producer",
        Standing::Observer => "observer",
        Standing::None => "does not count",
    };
    format!("{who}, {standing}")
}

/// How many artifacts have each status.
pub(crate) fn artifacts(report: &Report) -> String {
    let mut counts: Vec<(Status, usize)> = Vec::new();
    for artifact in report.artifacts() {
        match counts.iter_mut().find(|(status, _)| *status == artifact.status) {
            Some((_, count)) => *count += 1,
            None => counts.push((artifact.status, 1)),
        }
    }
    counts.sort_by_key(|(status, _)| *status as u8);
    let texts: Vec<_> =
        counts.into_iter().map(|(status, count)| format!("{count} {}", status.as_str())).collect();
    texts.join(", ")
}

fn findings(report: &Report, style: Style) -> String {
    let mut out = String::new();
    let mut rest = report.findings();
    while let Some(first) = rest.first() {
        let same =
            |finding: &&Finding| (finding.code, finding.severity) == (first.code, first.severity);
        let count = rest.iter().take_while(same).count();
        let (group, after) = rest.split_at(count);
        out.push_str(&group_of(group, style));
        rest = after;
    }
    out
}

fn group_of(group: &[Finding], style: Style) -> String {
    let Some(first) = group.first() else { return String::new() };
    let severity = first.severity.to_string();
    let label = match first.severity {
        Severity::Error => style.bad(&severity),
        Severity::Incomplete => style.open(&severity),
        Severity::Warning | Severity::Note => style.bold(&severity),
    };
    let mut out = String::new();
    for finding in group.iter().take(SHOWN) {
        let about = finding.artifact.clone().into_iter().chain(finding.path_and_place());
        let about: String = about.map(|text| format!("{}: ", shown(&text))).collect();
        let message = shown(&finding.message);
        out.push_str(&format!("  {label}[{}] {about}{message}\n", finding.code));
    }
    if group.len() > SHOWN {
        let more = group.len() - SHOWN;
        out.push_str(&format!("  {label}[{}] and {more} more (--format json)\n", first.code));
    }
    if first.severity > Severity::Note {
        out.push_str(&format!("    {} {}\n", style.dim("help:"), shown(&first.help)));
    }
    out
}

fn not_shown(report: &Report, style: Style) -> String {
    let list = report.not_checked();
    if list.is_empty() {
        return String::new();
    }
    let lines: String = list.iter().map(|text| format!("    - {}\n", shown(text))).collect();
    format!("  {}\n{lines}", style.dim("not shown by this report:"))
}

/// A size in bytes, for people: powers of 1000, as disks and hubs have it.
pub(crate) fn size(bytes: u64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB", "PB"];
    #[allow(clippy::cast_precision_loss, reason = "shown with three digits")]
    let (mut value, mut unit) = (bytes as f64, 0);
    while value >= 999.5 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    let digits = if unit == 0 || value >= 99.95 { 0 } else { 1 };
    format!("{value:.digits$} {}", units[unit])
}
