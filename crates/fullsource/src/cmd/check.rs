//! `fullsource check`: documents held against the format, without a look (`ver-66`).

mod claims;

use std::path::Path;
use std::process::ExitCode;

use fullsource_format::envelope::Envelope;
use fullsource_format::evidence::{self, Evidence};
use fullsource_format::index::FileTable;
use fullsource_format::json::{self, JsonError, Profiled, UnknownFields};
use fullsource_format::limits;
use fullsource_format::manifest::{Manifest, ManifestError};
use fullsource_format::statement::{Statement, StatementError};
use fullsource_verify::class::by_word;
use fullsource_verify::finding::{Code, Finding, Severity};
use fullsource_verify::report::{self, DocumentReport, Report, Verdict};
use serde::Deserialize;

use crate::cli::{Check, CheckFormat};
use crate::exit::{Exit, Failure};
use crate::render::{self, diagnostic, origin::Origin, style::Style};
use crate::{input, output, policy, subject, suggest};

pub(crate) fn run(args: &Check) -> Result<ExitCode, Failure> {
    let (mut findings, mut documents) = (Vec::new(), Vec::new());
    let mut worst = Exit::Done;
    for path in &args.files {
        let Checked { mut faults, claims } = match checked(path).and_then(Checked::of_read) {
            Ok(checked) => checked,
            // A file that cannot be read is not one that is wrong.
            Err(failure) if args.files.len() == 1 && args.format == CheckFormat::Text => {
                return Err(failure);
            }
            Err(failure) => {
                worst = Exit::CouldNotRun;
                Checked::from(vec![failure])
            }
        };
        in_order(&mut faults);
        if args.format == CheckFormat::Text {
            tell(path, &faults, &claims)?;
        }
        findings.extend(faults.iter().map(|fault| finding(path, fault)));
        documents.extend(claims);
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
        let report = Report::of_documents(verdict, findings, documents);
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

fn kind(document: Profiled<'_>) -> Result<Kind, JsonError> {
    Ok(match document.read(UnknownFields::Ignore)? {
        Marks { document_type: Some(name), .. } if name == evidence::TYPE => Kind::Evidence,
        Marks { document_type: Some(name), .. } if name == report::TYPE => Kind::Report,
        Marks { document_type: Some(_), .. } | Marks { predicate_type: Some(_), .. } => {
            Kind::Statement
        }
        Marks { media_type: Some(_), .. } | Marks { payload: Some(_), .. } => Kind::Bundle,
        _ => Kind::Manifest,
    })
}

/// What is wrong with a document, and what it claims where nothing is.
#[derive(Default)]
struct Checked {
    faults: Vec<Failure>,
    /// One of each manifest in it.
    claims: Vec<DocumentReport>,
}

impl Checked {
    /// Fails where there was no memory to read the document, which is no fault of the document.
    fn of_read(mut self) -> Result<Self, Failure> {
        let unread = |fault: &Failure| fault.code == Code::TargetUnreadable.as_str();
        match self.faults.iter().position(unread) {
            Some(nth) => Err(self.faults.swap_remove(nth)),
            None => Ok(self),
        }
    }
}

impl From<Vec<Failure>> for Checked {
    fn from(faults: Vec<Failure>) -> Self {
        Self { faults, claims: Vec::new() }
    }
}

/// What must be mended first stands first: errors, then the rest, each in the order of the document.
fn in_order(faults: &mut [Failure]) {
    let offset = |fault: &Failure| fault.excerpt.as_ref().map_or(usize::MAX, |e| e.place.offset);
    faults.sort_by_key(|fault| (std::cmp::Reverse(severity(fault)), offset(fault)));
}

/// Checks one document. Fails where it cannot be read at all.
fn checked(path: &Path) -> Result<Checked, Failure> {
    let bytes = input::read(path, limits::EVIDENCE_BYTES)?;
    if path.extension().is_some_and(|extension| extension == "toml") {
        return Ok(policy::parse(path, &bytes).err().into_iter().collect::<Vec<_>>().into());
    }
    let document = Profiled::of(&bytes, limits::EVIDENCE_BYTES);
    let (document, kind) = match document.and_then(|document| Ok((document, kind(document)?))) {
        Ok(of_a_kind) => of_a_kind,
        Err(error) => {
            let fault = input::json_failure(Code::ManifestMalformed, path, &bytes, &error);
            return Ok(vec![fault].into());
        }
    };
    let refuse = UnknownFields::Refuse;
    Ok(match kind {
        Kind::Manifest => match Manifest::read(document, refuse) {
            Ok(manifest) => {
                let faults = unlisted(path, &bytes, &manifest, "");
                drop(bytes);
                claimed(path, &manifest, &FileTable::default(), faults)
            }
            Err(ManifestError::Rules(broken)) => input::rule_failures(path, &bytes, &broken).into(),
            Err(error) => vec![input::manifest_failure(path, &bytes, &error)].into(),
        },
        Kind::Statement => statement(path, &bytes, Statement::read(document, refuse)),
        Kind::Bundle => bundle(path, &bytes),
        Kind::Evidence => {
            let read = document.read::<Evidence>(refuse);
            json_faults(path, &bytes, Code::EvidenceMalformed, read.err()).into()
        }
        Kind::Report => {
            let read = Report::parse(&bytes).err();
            let faults = read.iter().map(|error| subject::not_a_report(path, &bytes, error));
            faults.collect::<Vec<_>>().into()
        }
    })
}

fn json_faults(path: &Path, bytes: &[u8], code: Code, error: Option<JsonError>) -> Vec<Failure> {
    error.iter().map(|error| input::json_failure(code, path, bytes, error)).collect()
}

fn statement(path: &Path, payload: &[u8], read: Result<Statement, StatementError>) -> Checked {
    match read {
        Ok(statement) => {
            let covered = subject::covered(&statement).files;
            let faults = unlisted(path, payload, statement.manifest(), "/predicate");
            claimed(path, statement.manifest(), &covered, faults)
        }
        Err(StatementError::Rules(broken)) => input::rule_failures(path, payload, &broken).into(),
        Err(error) => vec![input::statement_failure(path, payload, &error)].into(),
    }
}

/// The statements in a bundle, without their signatures.
fn bundle(path: &Path, bytes: &[u8]) -> Checked {
    let mut all = Checked::default();
    match Envelope::parse_all(bytes) {
        Err(error) => all.faults.push(input::envelope_failure(path, bytes, &error)),
        Ok(envelopes) => {
            for envelope in &envelopes {
                let payload = envelope.danger_payload();
                let read = Statement::parse(payload, UnknownFields::Refuse);
                let Checked { faults, claims } = statement(path, payload, read);
                all.faults.extend(faults.into_iter().map(Failure::in_payload));
                all.claims.extend(claims);
            }
        }
    }
    all
}

/// A manifest without a broken rule: warnings, and what it claims.
fn claimed(path: &Path, manifest: &Manifest, covered: &FileTable, faults: Vec<Failure>) -> Checked {
    // Of a model that was made from itself nothing is said (cls-27).
    let claims = by_word(manifest, covered).ok().map(|by_word| DocumentReport {
        document: path.display().to_string(),
        by_word,
        notes: claims::notes(manifest),
    });
    Checked { faults, claims: claims.into_iter().collect() }
}

/// Warnings that only the manifest tells: licence ids that no list has, and a cycle. `root`: where it
/// stands in the document.
fn unlisted(path: &Path, bytes: &[u8], manifest: &Manifest, root: &str) -> Vec<Failure> {
    let mut faults = Vec::new();
    for (nth, artifact) in manifest.artifacts().iter().enumerate() {
        let ids = artifact.license.as_ref().map(|license| license.unlisted()).unwrap_or_default();
        if !ids.is_empty() && faults.len() < input::PLACED {
            let text = format!("`{}` is on no list of licences", ids.join("`, `"));
            let place = json::place_of(bytes, &format!("{root}/artifacts/{nth}/license"));
            let meant = ids.first().and_then(|id| suggest::license(id));
            let help = suggest::meant(meant, Code::LicenseUnknown.help());
            let fault = Failure::of(Code::LicenseUnknown, text).helping(help);
            faults.push(fault.at(path, bytes, place));
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

fn tell(path: &Path, faults: &[Failure], claims: &[DocumentReport]) -> Result<(), Failure> {
    for fault in faults {
        let label = if severity(fault) == Severity::Error { "error" } else { "warning" };
        diagnostic::print_as(label, fault);
    }
    let errors = faults.iter().filter(|fault| severity(fault) == Severity::Error).count();
    let style = Style::of(&std::io::stdout());
    let name = render::escape::shown(&path.display().to_string());
    let mut text = match errors {
        0 => format!("{} {name}\n", style.good("ok")),
        count => format!("{} {name}: {count} error(s)\n", style.bad("FAIL")),
    };
    text.extend(claims.iter().map(|claim| claims::lines(claim, style)));
    output::print(style.fit(text).as_bytes())
}
