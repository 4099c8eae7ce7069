//! The choice of the statement: candidates, signatures, and which one is meant (`ver-3` to
//! `ver-19`).

use std::path::{Path, PathBuf};

use fullsource_format::digest::Sha256;
use fullsource_format::envelope::{Envelope, OpenError, Unverified, Verified, joined};
use fullsource_format::key::PublicKey;
use fullsource_format::statement::{Statement, StatementError};
use fullsource_format::{limits, release_dir};
use fullsource_verify::finding::{Code, Finding};
use fullsource_verify::judge::{self, Verifier};
use fullsource_verify::report::Report;
use fullsource_verify::signers;

use crate::cli::Verify;
use crate::exit::Failure;
use crate::input;

/// The statement that is judged.
pub(in crate::cmd) enum Chosen {
    /// Trusted keys signed it.
    Signed(Verified<Statement>),
    /// It is signed, and there is no key.
    WithoutKey(Unverified<Statement>),
    /// It is not signed.
    Unsigned(Unverified<Statement>),
}

impl Chosen {
    pub(in crate::cmd) const fn statement(&self) -> &Statement {
        match self {
            Self::Signed(statement) => statement.value(),
            Self::WithoutKey(statement) | Self::Unsigned(statement) => statement.value(),
        }
    }

    pub(in crate::cmd) const fn id(&self) -> Sha256 {
        match self {
            Self::Signed(statement) => statement.id(),
            Self::WithoutKey(statement) | Self::Unsigned(statement) => statement.id(),
        }
    }
}

/// The statement, or the report that says why there is none to judge.
pub(in crate::cmd) type Choice = Result<Chosen, Box<Report>>;

/// Chooses the statement.
pub(in crate::cmd) fn statement(args: &Verify, verifier: &Verifier) -> Result<Choice, Failure> {
    if let Some(path) = &args.statement {
        let payload = input::read(path, limits::DOCUMENT_BYTES)?;
        let statement = Unverified::from_payload(&payload)
            .map_err(|error| input::statement_failure(path, &payload, &error))?;
        let candidates = vec![Chosen::Unsigned(statement)];
        return one_of(args.statement_id.as_deref(), verifier, candidates);
    }
    of_release(args.target.as_deref(), &args.bundles, args.statement_id.as_deref(), verifier)
}

/// Chooses among the statements of these bundles; where none are named, of those in the release.
pub(in crate::cmd) fn of_release(
    target: Option<&Path>,
    bundles: &[PathBuf],
    statement_id: Option<&str>,
    verifier: &Verifier,
) -> Result<Choice, Failure> {
    let mut envelopes = Vec::new();
    let paths = bundle_paths(target, bundles)?;
    for path in &paths {
        let bytes = match bundles.is_empty() {
            true => input::read_regular(path, limits::ENVELOPE_BYTES)?,
            false => input::read(path, limits::ENVELOPE_BYTES)
                .map_err(|failure| missing(path, failure))?,
        };
        envelopes.extend(read(path, &bytes)?);
    }
    signed_statement(&paths, envelopes, statement_id, verifier)
}

/// The envelopes of a bundle file.
pub(in crate::cmd) fn read(path: &Path, bytes: &[u8]) -> Result<Vec<Envelope>, Failure> {
    Envelope::parse_all(bytes).map_err(|error| input::envelope_failure(path, bytes, &error))
}

/// Chooses the statement among envelopes, which were read from these files.
pub(in crate::cmd) fn signed_statement(
    paths: &[PathBuf],
    envelopes: Vec<Envelope>,
    statement_id: Option<&str>,
    verifier: &Verifier,
) -> Result<Choice, Failure> {
    let envelopes = joined(envelopes);
    if verifier.trust.is_empty() {
        let open = |envelope: &Envelope| envelope.danger_unverified().map(Chosen::WithoutKey);
        return one_of(statement_id, verifier, opened(paths, &envelopes, open)?);
    }
    let keys = verifier.trust.all_keys();
    let kept = signed(&envelopes, &keys, verifier);
    if kept.is_empty() {
        let signatures = envelopes.iter().map(Envelope::signature_count).sum();
        return Ok(Err(Box::new(judge::untrusted(keys.len(), signatures))));
    }
    let open = |envelope: &Envelope| envelope.open(&keys).map(Chosen::Signed);
    one_of(statement_id, verifier, opened(paths, &kept, open)?)
}

// ver-4
fn missing(path: &Path, failure: Failure) -> Failure {
    if input::may_be_there(path) { failure } else { failure.unread(Code::BundleMissing) }
}

// ver-3, ver-4
fn bundle_paths(target: Option<&Path>, bundles: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    if !bundles.is_empty() {
        return Ok(bundles.to_vec());
    }
    let Some(target) = target else { return Ok(Vec::new()) };
    // A target that is no directory is told so, not that it has no bundle.
    crate::look::open(target)?;
    let names = [release_dir::BUNDLE, release_dir::ENVELOPE];
    let paths = names.iter().map(|name| target.join(name));
    let found: Vec<_> = paths.filter(|path| input::may_be_there(path)).collect();
    if found.is_empty() {
        let text = format!("`{}` holds neither {} nor {}", target.display(), names[0], names[1]);
        return Err(Failure::of(Code::BundleMissing, text));
    }
    Ok(found)
}

/// The envelopes that enough trusted keys signed; where none is, all that any signed (`ver-9`,
/// `ver-12`). Nothing of a payload is looked at.
fn signed(envelopes: &[Envelope], keys: &[PublicKey], verifier: &Verifier) -> Vec<Envelope> {
    let known: Vec<_> = envelopes
        .iter()
        .map(|envelope| (envelope, envelope.signing_keys(keys)))
        .filter(|(_, signers)| !signers.is_empty())
        .collect();
    let meets = |by: &[PublicKey]| signers::meets_threshold(by, &verifier.trust, verifier.now);
    let enough = known.iter().any(|(_, by)| meets(by));
    let kept = known.into_iter().filter(|(_, by)| !enough || meets(by));
    kept.map(|(envelope, _)| envelope.clone()).collect()
}

/// Opens candidates. In JSON Lines, those that are other kinds of statement are set aside
/// (`ver-14`).
fn opened(
    paths: &[PathBuf],
    envelopes: &[Envelope],
    open: impl Fn(&Envelope) -> Result<Chosen, OpenError>,
) -> Result<Vec<Chosen>, Failure> {
    let mut candidates = Vec::new();
    let mut foreign = None;
    for envelope in envelopes {
        match open(envelope) {
            Ok(candidate) => candidates.push(candidate),
            Err(error) if envelope.is_from_lines() && is_foreign(&error) => {
                foreign.get_or_insert((envelope, error));
            }
            Err(error) => return Err(open_failure(paths, envelope, &error)),
        }
    }
    match foreign {
        Some((envelope, error)) if candidates.is_empty() => {
            Err(open_failure(paths, envelope, &error))
        }
        _ => Ok(candidates),
    }
}

const fn is_foreign(error: &OpenError) -> bool {
    matches!(
        error,
        OpenError::PayloadType(_)
            | OpenError::Statement(StatementError::Type(_) | StatementError::PredicateType(_))
    )
}

fn open_failure(paths: &[PathBuf], envelope: &Envelope, error: &OpenError) -> Failure {
    match error {
        OpenError::Untrusted { .. } => Failure::of(Code::SignatureUntrusted, error),
        OpenError::PayloadType(_) => Failure::of(Code::PayloadType, error),
        OpenError::Statement(error) => {
            let name = paths.first().map_or(Path::new("bundle"), |path| path.as_path());
            let name = PathBuf::from(format!("payload of {}", name.display()));
            input::statement_failure(&name, envelope.danger_payload(), error).in_payload()
        }
    }
}

/// The one that is meant (`ver-15` to `ver-19`).
fn one_of(
    statement_id: Option<&str>,
    verifier: &Verifier,
    mut candidates: Vec<Chosen>,
) -> Result<Choice, Failure> {
    let refused =
        |code, text: String| Ok(Err(Box::new(Report::unjudged(vec![Finding::new(code, text)]))));
    if let Some(list) = &verifier.trust.revoked {
        let first = candidates.first().map(Chosen::id);
        candidates.retain(|candidate| !list.revokes_statement(&candidate.id()));
        if let Some(id) = first.filter(|_| candidates.is_empty()) {
            return refused(Code::StatementRevoked, format!("statement {id} is revoked"));
        }
    }
    if let Some(wanted) = statement_id {
        let id: Sha256 = wanted.parse().map_err(|error| {
            Failure::usage(format!("`--statement-id`: {error}"), "`fullsource inspect` shows ids")
        })?;
        candidates.retain(|candidate| candidate.id() == id);
        if candidates.is_empty() {
            return refused(Code::StatementUnexpected, format!("there is no statement {id} here"));
        }
    }
    let by_producer = |candidate: &Chosen| match candidate {
        Chosen::Signed(verified) => signers::is_producers(
            verified.signers(),
            verified.value().manifest().release(),
            &verifier.trust,
            verifier.now,
        ),
        Chosen::WithoutKey(_) | Chosen::Unsigned(_) => false,
    };
    if candidates.iter().any(by_producer) {
        candidates.retain(by_producer);
    }
    match candidates.len() {
        0 => Err(Failure::of(Code::BundleMissing, "there is no statement to judge")),
        1 => Ok(Ok(candidates.remove(0))),
        count => {
            let ids: Vec<_> = candidates.iter().map(|c| c.id().to_string()).collect();
            let text = format!("there are {count} differing statements: {}", ids.join(", "));
            refused(Code::StatementConflict, text)
        }
    }
}
