//! What several forms say in the same words.

use fullsource_format::evidence::Unread;
use fullsource_verify::finding::Finding;
use fullsource_verify::report::{FilesReport, Report, Verdict};
use fullsource_verify::signers::{Signer, Standing};

use super::escape::shown;
use super::text::size;

/// The verdict as a headline.
pub(super) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "PASS",
        Verdict::Fail => "FAIL",
        Verdict::Incomplete => "INCOMPLETE",
        Verdict::Error => "ERROR",
    }
}

/// What stands before all else where no signature of a trusted key counts (`rep-11`).
pub(super) const UNVERIFIED: &str = "UNVERIFIED";

/// What a pass is of that judged no release.
pub(super) const DOCUMENTS: &str = "documents alone: no release was judged";

/// Why a statement is unverified, where it is.
pub(super) fn unverified(report: &Report) -> Option<&'static str> {
    report.release()?;
    let counts = |signer: &Signer| signer.standing != Standing::None;
    match report.signers() {
        [] => Some("no trusted key signed this; all of it is anybody's word"),
        signers if signers.iter().any(counts) => None,
        _ => Some("no key that signed this counts; all of it is anybody's word"),
    }
}

/// What stands in the first lines where files were taken for what they were (`rep-20`).
pub(super) const NOT_READ: &str = "NOT READ";

/// Which files were not read, where any were.
pub(super) fn not_read(report: &Report) -> Option<String> {
    unread(report.files()?)
}

/// The same, of the files of any report.
pub(crate) fn unread(files: &FilesReport) -> Option<String> {
    let Unread { files, bytes, since } = files.unread?;
    let (bytes, since) = (size(bytes.0), since.strftime("%Y-%m-%d %H:%M UTC"));
    Some(format!(
        "{} files ({bytes}) were taken as unchanged since they were read ({since} or later)",
        files.0
    ))
}

/// The verdict, the release and its class in one line; of documents alone, that they are.
pub(super) fn in_a_line(report: &Report) -> String {
    let mut text = verdict(report.verdict()).to_owned();
    if let Some(why) = unverified(report) {
        text.push_str(&format!("; {UNVERIFIED}: {why}"));
    }
    if let Some(what) = not_read(report) {
        text.push_str(&format!("; {NOT_READ}: {what}"));
    }
    if let Some(release) = report.release() {
        text.push_str(&format!("; {}, says {}", named(report), shown(&release.producer)));
    }
    if report.statement().is_none() {
        let not_checked: Vec<_> = report.not_checked().iter().map(|text| shown(text)).collect();
        text.push_str(&format!("; not shown: {}", not_checked.join("; ")));
    }
    if let Some(class) = report.class() {
        let (class, linkage) = (shown(&class.headline), class.linkage);
        text.push_str(&format!("; class {class} (linkage: {linkage})"));
    }
    text
}

/// The release's name and version.
pub(super) fn named(report: &Report) -> String {
    report.release().map_or_else(String::new, |release| {
        let version = release.version.as_ref().map_or_else(String::new, |v| format!(" {v}"));
        shown(&format!("{}{version}", release.name))
    })
}

/// What a finding is about, and what happened.
pub(super) fn about(finding: &Finding) -> String {
    let about = finding.artifact.clone().into_iter().chain(finding.path_and_place());
    let about: String = about.map(|text| format!("{}: ", shown(&text))).collect();
    format!("{about}{}", shown(&finding.message))
}
