//! The report as workflow commands of GitHub Actions, which show findings beside the lines that they are
//! about. A step shows ten of each kind; the heaviest come first, and the last says how many more there are.
//!
//! The commands and their escapes: <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>.

use fullsource_verify::finding::{Finding, Severity};
use fullsource_verify::report::{Report, Verdict};

use super::escape::{cut, shown};
use super::origin::{Origin, Spot};
use super::words;

/// Annotations of one kind that a step shows.
const SHOWN: usize = 10;

/// Characters of a line of a message; GitHub takes 64 kB in all.
const MESSAGE: usize = 2000;

/// The kinds of annotations.
const ERROR: &str = "error";
const WARNING: &str = "warning";
const NOTICE: &str = "notice";

/// One command a line: the verdict, then findings.
pub(super) fn report(report: &Report, origin: &Origin) -> String {
    let spots = origin.spots();
    let verdict = if report.verdict() == Verdict::Pass { NOTICE } else { ERROR };
    let title = format!("fullsource: {}", report.verdict().as_str());
    let mut out = command(verdict, None, &title, &[words::in_a_line(report)]);
    for kind in [ERROR, WARNING, NOTICE] {
        let of_kind = |finding: &&Finding| kind_of(finding.severity) == kind;
        let findings: Vec<_> = report.findings().iter().filter(of_kind).collect();
        let room = SHOWN - usize::from(kind == verdict);
        let shown = if findings.len() > room { room - 1 } else { findings.len() };
        for finding in &findings[..shown] {
            let lines = [words::about(finding), format!("help: {}", finding.help)];
            out.push_str(&command(kind, spots.of(finding), finding.code.as_str(), &lines));
        }
        if findings.len() > shown {
            let more = findings.len() - shown;
            out.push_str(&command(
                kind,
                None,
                "fullsource",
                &[format!("and {more} more findings")],
            ));
        }
    }
    out
}

/// What could not be established must stop a job as an error does.
const fn kind_of(severity: Severity) -> &'static str {
    match severity {
        Severity::Error | Severity::Incomplete => ERROR,
        Severity::Warning => WARNING,
        Severity::Note => NOTICE,
    }
}

fn command(kind: &str, spot: Option<Spot>, title: &str, lines: &[String]) -> String {
    let mut properties = vec![format!("title={}", property(title))];
    if let Some(spot) = spot.filter(|spot| !spot.in_release) {
        properties.push(format!("file={}", property(&spot.path)));
        if let Some(position) = spot.position {
            properties.push(format!("line={},col={}", position.line, position.column));
        }
    }
    let lines: Vec<_> = lines.iter().map(|line| data(&cut(&shown(line), MESSAGE))).collect();
    format!("::{kind} {}::{}\n", properties.join(","), lines.join("%0A"))
}

/// A part of a message, without the line ends that a release may have put into it. Older commands start with
/// `##[`, at any place of a line.
fn data(text: &str) -> String {
    shown(text).replace("##", "#\\u{23}").replace('%', "%25")
}

/// A property, which ends at a comma, and all of them at a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
