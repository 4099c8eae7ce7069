//! What was looked at, as suites of cases.

use std::collections::{HashMap, HashSet};

use fullsource_verify::Status;
use fullsource_verify::class::{Chain, ClassReport, TOP, Tri, name};
use fullsource_verify::finding::{Finding, Layer, Severity};
use fullsource_verify::made::ArtifactReport;
use fullsource_verify::report::{Report, Verdict};
use fullsource_verify::signers::Standing;

use crate::render::origin::Origin;
use crate::render::{text, words};

/// Cases of one layer.
#[derive(Debug)]
pub(super) struct Suite {
    pub(super) name: &'static str,
    pub(super) cases: Vec<Case>,
    /// What does not decide: warnings and notes, a line each.
    pub(super) said: Vec<String>,
}

/// One thing that was looked at.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) outcome: Outcome,
}

/// What a look at it came to.
#[derive(Debug)]
pub(super) enum Outcome {
    Pass,
    /// It decides nothing, and was not established.
    Skipped(String),
    /// It contradicts. The first line stands for all.
    Failure {
        kind: &'static str,
        lines: Vec<String>,
    },
    /// It could not be established, or could not be judged.
    Error {
        kind: &'static str,
        lines: Vec<String>,
    },
}

/// All suites: the verdict first.
pub(super) fn of(report: &Report, origin: &Origin) -> Vec<Suite> {
    let mut parts = vec![verdict(report)];
    if origin.checked.is_empty() {
        parts.push(plain("input", report, &[Layer::Input], Vec::new()));
        parts.push(plain("signature", report, &[Layer::Signature], signers(report)));
        parts.push(plain("files", report, &[Layer::Files], files(report)));
        parts.push(artifacts(report));
        parts.push(plain("class", report, &[Layer::Policy], class(report)));
    } else {
        parts.push(documents(report, origin));
    }
    parts.retain(|suite| !suite.cases.is_empty() || !suite.said.is_empty());
    parts
}

fn verdict(report: &Report) -> Suite {
    let lines = vec![words::in_a_line(report)];
    let outcome = match report.verdict() {
        Verdict::Pass => Outcome::Pass,
        Verdict::Fail => Outcome::Failure { kind: "fail", lines },
        Verdict::Incomplete => Outcome::Error { kind: "incomplete", lines },
        Verdict::Error => Outcome::Error { kind: "error", lines },
    };
    let cases = vec![Case { name: "the verdict is a pass".to_owned(), outcome }];
    Suite { name: "verdict", cases, said: vec![words::in_a_line(report)] }
}

/// Cases, and one more for each finding of these layers.
fn plain(name: &'static str, report: &Report, layers: &[Layer], mut cases: Vec<Case>) -> Suite {
    let findings = report.findings().iter().filter(|f| layers.contains(&f.code.layer()));
    // Of a judged artifact they stand with it.
    let ids: HashSet<_> = report.artifacts().iter().map(|a| a.id.as_str()).collect();
    let of_artifact = |f: &&Finding| f.artifact.as_deref().is_some_and(|id| ids.contains(id));
    let (heavy, light): (Vec<_>, Vec<_>) =
        findings.filter(|f| !of_artifact(f)).partition(|f| f.severity >= Severity::Incomplete);
    cases.extend(heavy.iter().map(|finding| of_finding(finding)));
    Suite { name, cases, said: light.into_iter().map(line).collect() }
}

fn of_finding(finding: &Finding) -> Case {
    let about = finding.path.as_ref().or(finding.artifact.as_ref());
    let about = about.map_or_else(String::new, |text| format!(": {text}"));
    Case { name: format!("{}{about}", finding.code), outcome: outcome(&[finding]) }
}

/// What findings about one thing come to, the heaviest first.
fn outcome(findings: &[&Finding]) -> Outcome {
    let heavy = findings.iter().filter(|finding| finding.severity >= Severity::Incomplete);
    let lines =
        heavy.flat_map(|finding| [line(finding), format!("help: {}", finding.help)]).collect();
    match findings.first() {
        Some(first) if first.severity == Severity::Error => {
            Outcome::Failure { kind: first.code.as_str(), lines }
        }
        Some(first) if first.severity == Severity::Incomplete => {
            Outcome::Error { kind: first.code.as_str(), lines }
        }
        _ => Outcome::Pass,
    }
}

fn line(finding: &Finding) -> String {
    format!("{}[{}] {}", finding.severity, finding.code, words::about(finding))
}

/// What was not established although no finding says so.
fn open(report: &Report, why: String) -> Outcome {
    match report.verdict() {
        Verdict::Pass => Outcome::Skipped(why),
        _ => Outcome::Error { kind: "open", lines: vec![why] },
    }
}

fn signers(report: &Report) -> Vec<Case> {
    let case = |signer: &fullsource_verify::signers::Signer| {
        let outcome = match signer.standing {
            Standing::Producer => Outcome::Pass,
            Standing::Observer | Standing::None => {
                open(report, "it does not count as its producer's".to_owned())
            }
        };
        Case { name: format!("signed by {}", text::signed_by(signer)), outcome }
    };
    report.signers().iter().map(case).collect()
}

fn files(report: &Report) -> Vec<Case> {
    let case = report.files().map(|files| {
        let (intact, covered) = (files.intact, files.covered);
        let outcome = match (words::not_read(report), intact == covered) {
            (Some(what), true) => open(report, what),
            (None, true) => Outcome::Pass,
            (_, false) => open(report, format!("{intact} of {covered} files are intact")),
        };
        Case { name: "all covered files are intact".to_owned(), outcome }
    });
    case.into_iter().collect()
}

/// A case for each artifact, and for each finding that is about none.
fn artifacts(report: &Report) -> Suite {
    let mut about: HashMap<&str, Vec<&Finding>> = HashMap::new();
    for finding in report.findings() {
        if let Some(id) = &finding.artifact {
            about.entry(id).or_default().push(finding);
        }
    }
    let cases = report.artifacts().iter().map(|artifact| {
        let findings = about.get(artifact.id.as_str()).map(Vec::as_slice).unwrap_or_default();
        let outcome = match outcome(findings) {
            Outcome::Pass => of_status(report, artifact),
            worse => worse,
        };
        Case { name: artifact.id.clone(), outcome }
    });
    let mut suite = plain("artifacts", report, &[Layer::Artifacts], cases.collect());
    let listed = report.artifacts().iter().filter_map(|artifact| about.get(artifact.id.as_str()));
    let light = listed.flatten().filter(|finding| finding.severity < Severity::Incomplete);
    suite.said.extend(light.map(|finding| line(finding)));
    suite
}

fn of_status(report: &Report, artifact: &ArtifactReport) -> Outcome {
    match artifact.status {
        Status::Verified | Status::Gated | Status::Internal => Outcome::Pass,
        // What its publisher says is not there was not looked for.
        Status::Withheld | Status::RecipeOnly => {
            Outcome::Skipped(artifact.status.as_str().to_owned())
        }
        status => open(report, status.as_str().to_owned()),
    }
}

/// A case for each rung, and for each thing that the next one lacks. What is required is a finding where it
/// is not met.
fn class(report: &Report) -> Vec<Case> {
    let Some(class) = report.class() else { return Vec::new() };
    let rungs = Chain::BOTH.into_iter().flat_map(|chain| (1..=TOP).map(move |rung| (chain, rung)));
    let mut cases: Vec<_> = rungs
        .map(|(chain, rung)| Case {
            name: name(chain, rung).to_owned(),
            outcome: of_rung(report, class, chain, rung),
        })
        .collect();
    for missing in class.next.iter().flat_map(|next| &next.missing) {
        let why = match missing.value {
            Tri::F => "missing for the next rung",
            Tri::U | Tri::T => "not established, and needed for the next rung",
        };
        cases.push(Case {
            name: missing.text.to_string(),
            outcome: Outcome::Skipped(why.to_owned()),
        });
    }
    cases
}

/// A rung is shown as reached only where the whole report is a pass.
fn of_rung(report: &Report, class: &ClassReport, chain: Chain, rung: u8) -> Outcome {
    let interval = match chain {
        Chain::Availability => class.availability,
        Chain::Freedom => class.freedom,
    };
    let passed = report.verdict() == Verdict::Pass;
    match interval.meets(rung) {
        Tri::T if passed => Outcome::Pass,
        Tri::T => Outcome::Skipped(format!(
            "established, in a report that says `{}`",
            report.verdict().as_str()
        )),
        Tri::U => Outcome::Skipped("not established".to_owned()),
        Tri::F => Outcome::Skipped("out of reach".to_owned()),
    }
}

/// A case for each document that was checked by itself.
fn documents(report: &Report, origin: &Origin) -> Suite {
    let mut about: HashMap<&str, Vec<&Finding>> = HashMap::new();
    for finding in report.findings() {
        about.entry(finding.path.as_deref().unwrap_or_default()).or_default().push(finding);
    }
    let cases = origin.checked.iter().map(|path| {
        let name = path.display().to_string();
        let findings = about.get(name.as_str()).map(Vec::as_slice).unwrap_or_default();
        Case { outcome: outcome(findings), name }
    });
    let light = report.findings().iter().filter(|finding| finding.severity < Severity::Incomplete);
    Suite { name: "documents", cases: cases.collect(), said: light.map(line).collect() }
}
