//! Files that the user names: read whole, bounded, with errors that name the file.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::{Duration, Instant};

use fullsource_format::envelope::EnvelopeError;
use fullsource_format::json::{JsonError, JsonFault};
use fullsource_format::manifest::ManifestError;
use fullsource_format::statement::StatementError;
use fullsource_format::violation::Violation;
use fullsource_verify::finding::Code;
use rustix::fs::OFlags;

use crate::exit::Failure;
use crate::suggest::{self, Ids};

/// Reads a file that lies in a release: it must be a regular file, so that nothing in its place
/// makes the reader wait.
pub(crate) fn read_regular(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let about = path.metadata().map_err(|error| Failure::system("read", path, &error))?;
    if about.is_file() || about.is_dir() {
        return read(path, limit);
    }
    let text = format!("`{}` is not a regular file", path.display());
    Err(Failure::of(Code::TargetUnreadable, text).helping("remove it, and get the release again"))
}

/// Whether something stands at a path, or may: only where the system says that nothing does, nothing does.
pub(crate) fn may_be_there(path: &Path) -> bool {
    path.symlink_metadata().map_or_else(|error| error.kind() != ErrorKind::NotFound, |_| true)
}

/// Reads a file of at most `limit` bytes; `-` is standard input.
pub(crate) fn read(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let refused = |error: std::io::Error| Failure::system("read", path, &error);
    let mut bytes = Vec::new();
    let bound = limit as u64 + 1;
    if path.as_os_str() == "-" {
        std::io::stdin().lock().take(bound).read_to_end(&mut bytes).map_err(refused)?;
    } else {
        let file = open(path).map_err(refused)?;
        let about = file.metadata().map_err(refused)?;
        if about.is_dir() {
            return Err(refused(ErrorKind::IsADirectory.into()));
        }
        if about.len() > limit as u64 {
            return Err(too_large(path, about.len(), limit));
        }
        // Grown by doubling it would take twice the room.
        bytes.try_reserve_exact(about.len() as usize + 1).map_err(|error| refused(error.into()))?;
        match about.file_type().is_fifo() {
            true => read_pipe(&file, bound, &mut bytes),
            false => file.take(bound).read_to_end(&mut bytes).map(drop),
        }
        .map_err(refused)?;
    }
    if bytes.len() > limit { Err(too_large(path, bytes.len() as u64, limit)) } else { Ok(bytes) }
}

/// Opens a file without waiting for whoever may write to it.
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(OFlags::NONBLOCK.bits() as i32).open(path)
}

/// How long a pipe may be without a writer or a byte from it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Reads a pipe to its end, as long as somebody writes to it.
fn read_pipe(file: &File, bound: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    let start = Instant::now();
    loop {
        match file.take(bound - bytes.len() as u64).read_to_end(bytes) {
            Ok(_) if !bytes.is_empty() => return Ok(()),
            // No writer yet, or one that wrote nothing: neither is told apart from the other.
            Ok(_) if start.elapsed() > PATIENCE => return Err(ErrorKind::TimedOut.into()),
            Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error),
            Ok(_) | Err(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

fn too_large(path: &Path, found: u64, limit: usize) -> Failure {
    let text = format!(
        "`{}` has {found} bytes or more, a file of this kind has at most {limit}",
        path.display()
    );
    Failure::of(Code::LimitExceeded, text).helping("check that this is the file you mean")
}

/// A JSON document that cannot be read, at its place.
pub(crate) fn json_failure(code: Code, path: &Path, bytes: &[u8], error: &JsonError) -> Failure {
    let place = error.place;
    if let JsonFault::Memory(_) = error.fault {
        let help = "let the program have more memory, or read it on a larger machine";
        let failure = Failure::of(Code::TargetUnreadable, &error.fault).helping(help);
        return failure.at(path, bytes, place);
    }
    Failure::of(code, &error.fault).helping(suggest::field(code, error)).at(path, bytes, place)
}

/// A broken rule of a manifest or a statement, at its place.
fn rule_failure(path: &Path, bytes: &[u8], violation: &Violation, ids: &Ids) -> Failure {
    let code = Code::from_text(violation.fault.code()).unwrap_or(Code::ManifestMalformed);
    let place = fullsource_format::json::place_of(bytes, &violation.pointer);
    let help = ids.help(&violation.fault, code.help());
    Failure::of(code, violation).helping(help).at(path, bytes, place)
}

/// Faults of one document that are shown at their places; finding a place reads it again.
pub(crate) const PLACED: usize = 100;

/// Broken rules of a manifest or a statement, each at its place; the rest counted.
pub(crate) fn rule_failures(path: &Path, bytes: &[u8], violations: &[Violation]) -> Vec<Failure> {
    let (shown, ids) = (violations.iter().take(PLACED), Ids::of(bytes));
    let mut faults: Vec<_> = shown.map(|fault| rule_failure(path, bytes, fault, &ids)).collect();
    if let Some(next) = violations.get(PLACED) {
        let code = Code::from_text(next.fault.code()).unwrap_or(Code::ManifestMalformed);
        let text = format!("and {} more broken rules", violations.len() - PLACED);
        faults.push(Failure::of(code, text));
    }
    faults
}

/// Broken rules of a manifest or a statement, as one failure.
pub(crate) fn rules_failure(path: &Path, bytes: &[u8], violations: &[Violation]) -> Failure {
    let mut faults = rule_failures(path, bytes, violations).into_iter();
    let first = faults.next();
    let first = first.unwrap_or_else(|| Failure::of(Code::ManifestMalformed, "a rule is broken"));
    Failure { others: faults.collect(), ..first }
}

/// A file that is no envelope.
pub(crate) fn envelope_failure(path: &Path, bytes: &[u8], error: &EnvelopeError) -> Failure {
    let code = Code::from_text(error.code()).unwrap_or(Code::BundleMalformed);
    match error {
        EnvelopeError::Json(error) => json_failure(code, path, bytes, error),
        _ => Failure::of(code, format!("`{}`: {error}", path.display())),
    }
}

/// A manifest that cannot be read.
pub(crate) fn manifest_failure(path: &Path, bytes: &[u8], error: &ManifestError) -> Failure {
    match error {
        ManifestError::Json(error) => json_failure(Code::ManifestMalformed, path, bytes, error),
        ManifestError::Rules(violations) => rules_failure(path, bytes, violations),
    }
}

/// A payload that is no statement of this format. Places are places in the payload.
pub(crate) fn statement_failure(path: &Path, payload: &[u8], error: &StatementError) -> Failure {
    match error {
        StatementError::Json(error) => {
            // ver-13: the manifest's own form has its own code.
            let predicate = error.pointer.starts_with("/predicate") && !error.fault.is_profile();
            let code = if predicate { Code::ManifestMalformed } else { Code::StatementMalformed };
            json_failure(code, path, payload, error)
        }
        StatementError::Type(_) => Failure::of(Code::StatementType, error),
        StatementError::PredicateType(_) => Failure::of(Code::PredicateType, error),
        StatementError::Rules(violations) => rules_failure(path, payload, violations),
    }
}
