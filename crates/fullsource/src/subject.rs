//! What a command is pointed at that looks at nothing: a report that was written earlier, or a release
//! as it claims to be.

use std::path::{Path, PathBuf};

use fullsource_format::digest::Sha256;
use fullsource_format::envelope::{Envelope, Unverified};
use fullsource_format::evidence::{self, Evidence, StatementRef, Tool};
use fullsource_format::index::FileTable;
use fullsource_format::json::UnknownFields;
use fullsource_format::manifest::Manifest;
use fullsource_format::statement::{Covered, Statement};
use fullsource_format::{limits, release_dir};
use fullsource_verify::finding::Code;
use fullsource_verify::judge::{self, Claim, FilesAndIndexes, Provenance, Verifier};
use fullsource_verify::policy::Policy;
use fullsource_verify::report::{self, Report, ReportError};
use fullsource_verify::signers::Trust;
use jiff::Timestamp;
use serde::Deserialize;

use crate::cmd::verify::covered::{self, CoveredFiles};
use crate::exit::Failure;
use crate::input;

/// What a command was pointed at.
pub(crate) struct Subject {
    pub(crate) report: Report,
    /// The files that its statement covers, where they are listed. A report has only their number.
    pub(crate) files: Option<FileTable>,
}

/// The report in a file; or, of a release directory, a bundle, a statement or a manifest, what it claims:
/// a report of which nobody looked at anything, and whose signatures nobody checked.
pub(crate) fn report(path: &Path) -> Result<Report, Failure> {
    open(path, |_| Ok(None)).map(|subject| subject.report)
}

/// The same, with the files that it covers.
pub(crate) fn with_files(path: &Path) -> Result<Subject, Failure> {
    let release = path.is_dir().then_some(path);
    open(path, |statement| {
        Ok(match covered::files(statement, release)? {
            CoveredFiles::Known(known) => Some(known.files),
            CoveredFiles::Lost(_) => None,
        })
    })
}

fn open(
    path: &Path,
    files: impl Fn(&Statement) -> Result<Option<FileTable>, Failure>,
) -> Result<Subject, Failure> {
    let file = if path.is_dir() { in_release(path)? } else { path.to_owned() };
    let bytes = input::read(&file, limits::EVIDENCE_BYTES)?;
    match kind(&bytes) {
        Kind::Report => {
            let report = Report::parse(&bytes);
            let report = report.map_err(|error| not_a_report(&file, &bytes, &error))?;
            Ok(Subject { report, files: None })
        }
        Kind::Envelope => {
            let envelopes = Envelope::parse_all(&bytes)
                .map_err(|error| input::envelope_failure(&file, &bytes, &error))?;
            let Some(envelope) = envelopes.first() else {
                let text = format!("`{}` holds no statement", file.display());
                return Err(Failure::of(Code::BundleMalformed, text));
            };
            let payload = envelope.danger_payload();
            let statement = Unverified::from_payload(payload)
                .map_err(|error| input::statement_failure(&file, payload, &error))?;
            let listed = covered(statement.value());
            let report = unlooked(&Claim::without_key(&statement, &listed), statement.id());
            Ok(Subject { report, files: files(statement.value())? })
        }
        Kind::Statement => {
            let statement = Unverified::from_payload(&bytes)
                .map_err(|error| input::statement_failure(&file, &bytes, &error))?;
            let listed = covered(statement.value());
            let report = unlooked(&Claim::unsigned(&statement, &listed), statement.id());
            Ok(Subject { report, files: files(statement.value())? })
        }
        Kind::Manifest => {
            let manifest = Manifest::parse(&bytes, UnknownFields::Ignore)
                .map_err(|error| input::manifest_failure(&file, &bytes, &error))?;
            let (id, files) = (Sha256::of(&bytes), FilesAndIndexes::default());
            let report = unlooked(&Claim::draft(&manifest, id, &files), id);
            Ok(Subject { report, files: None })
        }
    }
}

/// The bundle of a release directory, else its manifest.
fn in_release(dir: &Path) -> Result<PathBuf, Failure> {
    let names = [release_dir::BUNDLE, release_dir::ENVELOPE, release_dir::MANIFEST];
    let mut paths = names.iter().map(|name| dir.join(name));
    paths.find(|path| crate::input::may_be_there(path)).ok_or_else(|| {
        let text = format!("`{}` holds none of {}", dir.display(), names.join(", "));
        Failure::of(Code::BundleMissing, text)
    })
}

/// What a document is, by what it holds. What is none of these is read as a manifest, whose errors say
/// what is missing.
enum Kind {
    Report,
    Envelope,
    Statement,
    Manifest,
}

#[derive(Deserialize)]
struct Marks {
    #[serde(rename = "_type")]
    document_type: Option<String>,
    payload: Option<serde::de::IgnoredAny>,
    #[serde(rename = "dsseEnvelope")]
    envelope: Option<serde::de::IgnoredAny>,
}

fn kind(bytes: &[u8]) -> Kind {
    // JSON Lines hold envelopes.
    let mut documents = serde_json::Deserializer::from_slice(bytes).into_iter::<Marks>();
    match documents.next() {
        Some(Ok(marks)) if marks.payload.is_some() || marks.envelope.is_some() => Kind::Envelope,
        Some(Ok(Marks { document_type: Some(name), .. })) if name == report::TYPE => Kind::Report,
        Some(Ok(Marks { document_type: Some(_), .. })) => Kind::Statement,
        _ => Kind::Manifest,
    }
}

/// A report that cannot be read, or that contradicts itself.
pub(crate) fn not_a_report(path: &Path, bytes: &[u8], error: &ReportError) -> Failure {
    let failure = match error {
        ReportError::Json(error) => {
            input::json_failure(Code::ManifestMalformed, path, bytes, error)
        }
        _ => Failure::of(Code::ManifestMalformed, format!("`{}`: {error}", path.display())),
    };
    failure.helping("write it again with `fullsource verify --format json`")
}

/// The files that a statement lists itself.
pub(crate) fn covered(statement: &Statement) -> FilesAndIndexes {
    let files = match statement.covered() {
        Covered::Listed(files) => files.clone(),
        Covered::Indexed(_) => FileTable::default(),
    };
    FilesAndIndexes { files, ..FilesAndIndexes::default() }
}

/// The report on a claim at which nobody looked.
fn unlooked(claim: &Claim<'_>, id: Sha256) -> Report {
    let evidence = Evidence {
        evidence_type: evidence::TYPE.to_owned(),
        statement: StatementRef { sha256: id },
        tool: Tool::this(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")),
        collected_at: Timestamp::UNIX_EPOCH,
        release: None,
        artifacts: Vec::new(),
        parents: Vec::new(),
    };
    let verifier = Verifier {
        trust: Trust::default(),
        policy: Policy::standard(),
        now: Timestamp::UNIX_EPOCH,
        require: None,
        expect: None,
        accept_evidence: false,
    };
    judge::judge(claim, &evidence, Provenance::Own, &verifier)
}
