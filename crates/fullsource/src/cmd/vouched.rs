//! Who vouches for a statement, before anything is done with what it claims.

use fullsource_verify::finding::{Code, Finding, Layer, Severity};
use fullsource_verify::judge::{self, Claim, FilesAndIndexes, Verifier};
use fullsource_verify::report::Report;

use crate::cmd::verify::choose::Chosen;
use crate::exit::{Exit, Failure};

/// Who vouches for the statement, and whether it is the one that was asked for.
pub(super) fn signature(chosen: &Chosen, verifier: &Verifier) -> Report {
    let unseen = FilesAndIndexes::default();
    let claim = match chosen {
        Chosen::Signed(statement) => Claim::signed(statement, &unseen),
        Chosen::WithoutKey(statement) => Claim::without_key(statement, &unseen),
        Chosen::Unsigned(statement) => Claim::unsigned(statement, &unseen),
    };
    let not_yet = Finding::new(Code::NotLooked, "nobody looked at the files");
    judge::without_files(&claim, not_yet, verifier)
}

/// The findings on the signature that weigh so much.
pub(super) fn weighty(report: &Report, severity: Severity) -> Vec<Finding> {
    let signature = report.findings().iter().filter(|f| f.code.layer() == Layer::Signature);
    signature.filter(|finding| finding.severity == severity).cloned().collect()
}

/// Nothing is done with what nobody trusted has signed.
pub(super) fn refused(report: &Report) -> Failure {
    let findings = weighty(report, Severity::Error);
    let mut failures = findings.iter().map(|finding| {
        let failure = Failure::of(finding.code, &finding.message).helping(&finding.help);
        Failure { exit: Exit::Fail, ..failure }
    });
    let first = failures.next();
    let first = first.unwrap_or_else(|| Failure::of(Code::BundleMissing, "there is no statement"));
    Failure { others: failures.collect(), ..first }
}
