//! `fullsource check`: documents held against the format, without a look (`ver-66`).

use std::path::Path;
use std::process::ExitCode;

use fullsource_format::envelope::Envelope;
use fullsource_format::evidence::{self, Evidence};
use fullsource_format::json::{self, JsonError, UnknownFields};
use fullsource_format::limits;
use fullsource_format::manifest::{Manifest, ManifestError};
use fullsource_format::statement::{Statement, StatementError};
use fullsource_verify::finding::{Code, Finding, Severity};
use fullsource_verify::report::{self, Report, Verdict};
use serde::Deserialize;

use crate::cli::{Check, CheckFormat};
use crate::exit::{Exit, Failure};
use crate::render::{self, diagnostic, origin::Origin, style::Style};
use crate::{input, output, policy, subject};

pub(crate) fn run(args: &Check) -> Result<ExitCode, Failure> {
    let mut findings = Vec::new();
    let mut worst = Exit::Done;
    for path in &args.files {
        let faults = match checked(path) {
            Ok(faults) => faults,
            // A file that cannot be read is not one that is wrong.
            Err(failure) if args.files.len() == 1 && args.format == CheckFormat::Text => {
                return Err(failure);
            }
            Err(failure) => {
                worst = Exit::CouldNotRun;
                vec![failure]
            }
        };
        if args.format == CheckFormat::Text {
            tell(path, &faults)?;
        }
        findings.extend(faults.iter().map(|fault| finding(path, fault)));
    }
    let failed = findings.iter().any(|finding: &Finding| finding.severity == Severity::Error);
    if failed && worst == Exit::Done {
        worst = Exit::Fail;
    }
    if let Some(form) = args.format.of_report() {
        let verdict = match worst {
            Exit::Done => Verdict::Pass,
            Exit::Fail => Verdict::Fail,
            _ => Verdict::Error,
        };
        let report = Report::of_documents(verdict, findings);
        let text = render::report(&report, form, &Origin::of_checked(&args.files), None)?;
        output::print(text.as_bytes())?;
    }
    Ok(worst.into())
}

/// What a document is, by what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Manifest,
    Statement,
    Evidence,
    Report,
    Bundle,
    Policy,
}

/// The fields that tell documents apart.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Marks {
    #[serde(rename = "_type")]
    document_type: Option<String>,
    predicate_type: Option<serde::de::IgnoredAny>,
    media_type: Option<serde::de::IgnoredAny>,
    payload: Option<serde::de::IgnoredAny>,
}

fn kind(path: &Path, bytes: &[u8]) -> Result<Kind, JsonError> {
    let toml = path.extension().is_some_and(|extension| extension == "toml");
    if toml {
        return Ok(Kind::Policy);
    }
    let marks: Marks = json::parse(bytes, limits::EVIDENCE_BYTES, UnknownFields::Ignore)?;
    Ok(match marks {
        Marks { document_type: Some(name), .. } if name == evidence::TYPE => Kind::Evidence,
        Marks { document_type: Some(name), .. } if name == report::TYPE => Kind::Report,
        Marks { document_type: Some(_), .. } | Marks { predicate_type: Some(_), .. } => {
            Kind::Statement
        }
        Marks { media_type: Some(_), .. } | Marks { payload: Some(_), .. } => Kind::Bundle,
        _ => Kind::Manifest,
    })
}

/// What is wrong with a document. Fails where it cannot be read at all.
fn checked(path: &Path) -> Result<Vec<Failure>, Failure> {
    let bytes = input::read(path, limits::EVIDENCE_BYTES)?;
    let kind = match kind(path, &bytes) {
        Ok(kind) => kind,
        Err(error) => {
            return Ok(vec![input::json_failure(Code::ManifestMalformed, path, &bytes, &error)]);
        }
    };
    let refuse = UnknownFields::Refuse;
    Ok(match kind {
        Kind::Manifest => match Manifest::parse(&bytes, refuse) {
            Ok(manifest) => unlisted(path, &bytes, &manifest, ""),
            Err(ManifestError::Rules(broken)) => input::rule_failures(path, &bytes, &broken),
            Err(error) => vec![input::manifest_failure(path, &bytes, &error)],
        },
        Kind::Statement => statement(path, &bytes),
        Kind::Bundle => bundle(path, &bytes),
        Kind::Evidence => {
            let read = json::parse::<Evidence>(&bytes, limits::EVIDENCE_BYTES, refuse);
            json_faults(path, &bytes, Code::EvidenceMalformed, read.err())
        }
        Kind::Report => {
            let read = Report::parse(&bytes).err();
            read.iter().map(|error| subject::not_a_report(path, &bytes, error)).collect()
        }
        Kind::Policy => policy::parse(path, &bytes).err().into_iter().collect(),
    })
}

fn json_faults(path: &Path, bytes: &[u8], code: Code, error: Option<JsonError>) -> Vec<Failure> {
    error.iter().map(|error| input::json_failure(code, path, bytes, error)).collect()
}

fn statement(path: &Path, payload: &[u8]) -> Vec<Failure> {
    match Statement::parse(payload, UnknownFields::Refuse) {
        Ok(statement) => unlisted(path, payload, statement.manifest(), "/predicate"),
        Err(StatementError::Rules(broken)) => input::rule_failures(path, payload, &broken),
        Err(error) => vec![input::statement_failure(path, payload, &error)],
    }
}

/// The statements in a bundle, without their signatures.
fn bundle(path: &Path, bytes: &[u8]) -> Vec<Failure> {
    match Envelope::parse_all(bytes) {
        Err(error) => vec![input::envelope_failure(path, bytes, &error)],
        Ok(envelopes) => {
            let payloads = envelopes.iter().map(Envelope::danger_payload);
            payloads.flat_map(|payload| statement(path, payload)).map(Failure::in_payload).collect()
        }
    }
}

/// Warnings that only the manifest tells: licence ids that no list has, and a cycle.
fn unlisted(path: &Path, bytes: &[u8], manifest: &Manifest, root: &str) -> Vec<Failure> {
    let mut faults = Vec::new();
    for (nth, artifact) in manifest.artifacts().iter().enumerate() {
        let ids = artifact.license.as_ref().map(|license| license.unlisted()).unwrap_or_default();
        if !ids.is_empty() && faults.len() < input::PLACED {
            let text = format!("`{}` is on no list of licences", ids.join("`, `"));
            let place = json::place_of(bytes, &format!("{root}/artifacts/{nth}/license"));
            faults.push(Failure::of(Code::LicenseUnknown, text).at(path, bytes, place));
        }
    }
    faults.extend(manifest.cycle().map(|ids| {
        let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
        let place = json::place_of(bytes, &format!("{root}/stages"));
        let text = format!("made from itself: {}", ids.join(" ← "));
        Failure::of(Code::StageCycle, text).at(path, bytes, place)
    }));
    faults
}

fn severity(fault: &Failure) -> Severity {
    Code::from_text(fault.code).map_or(Severity::Error, Code::severity)
}

fn finding(path: &Path, fault: &Failure) -> Finding {
    let code = Code::from_text(fault.code).unwrap_or(Code::ManifestMalformed);
    let place = fault.excerpt.as_ref().and_then(|excerpt| excerpt.position);
    let finding = Finding::new(code, fault.message.clone()).at(path.display().to_string());
    finding.placed(place).helping(fault.help.clone())
}

fn tell(path: &Path, faults: &[Failure]) -> Result<(), Failure> {
    for fault in faults {
        let label = if severity(fault) == Severity::Error { "error" } else { "warning" };
        diagnostic::print_as(label, fault);
    }
    let errors = faults.iter().filter(|fault| severity(fault) == Severity::Error).count();
    let style = Style::of(&std::io::stdout());
    let name = render::escape::shown(&path.display().to_string());
    let text = match errors {
        0 => format!("{} {name}\n", style.good("ok")),
        count => format!("{} {name}: {count} error(s)\n", style.bad("FAIL")),
    };
    output::print(text.as_bytes())
}
