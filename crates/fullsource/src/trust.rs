//! What the verifier trusts, read from its own files.

use std::path::Path;

use fullsource_format::json::Place;
use fullsource_format::key::{KeyError, PublicKey, SecretKey};
use fullsource_format::limits;
use fullsource_format::revoked::RevocationList;
use fullsource_format::trust::TrustFile;
use fullsource_verify::finding::Code;
use fullsource_verify::signers::Trust;
use zeroize::Zeroizing;

use crate::cli::TrustArgs;
use crate::exit::Failure;
use crate::{input, passphrase};

/// Reads keys, trust file and revocation file.
pub(crate) fn read(args: &TrustArgs) -> Result<Trust, Failure> {
    let mut trust = Trust { threshold: args.threshold.unwrap_or(1), ..Trust::default() };
    for path in &args.keys {
        let bytes = key_bytes(path)?;
        let key = PublicKey::from_text(&bytes).map_err(|error| key_failure(path, &error))?;
        trust.keys.push(key);
    }
    if let Some(path) = &args.trust {
        let bytes = trust_bytes(path)?;
        let file = TrustFile::parse(&bytes).map_err(|error| {
            let place = error.place().map(|place| (place.line, place.column, place.span.clone()));
            line_failure(path, &bytes, place, &error).helping(error.help())
        })?;
        trust.file = Some(file);
    }
    if let Some(path) = &args.revoked {
        let bytes = trust_bytes(path)?;
        let list = RevocationList::parse(&bytes).map_err(|error| {
            let place = error.place().map(|place| (place.line, place.column, place.span.clone()));
            line_failure(path, &bytes, place, &error).helping(error.help())
        })?;
        trust.revoked = Some(list);
    }
    Ok(trust)
}

/// A key file (`ver-1`, `lim-5`).
pub(crate) fn key_bytes(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let read = input::read(path, limits::KEY_BYTES);
    read.map(Zeroizing::new).map_err(|failure| failure.coded(Code::KeyUnreadable))
}

// ver-1, lim-6
fn trust_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let read = input::read(path, limits::TRUST_BYTES);
    read.map_err(|failure| failure.coded(Code::TrustMalformed))
}

/// A secret key, with its passphrase where it needs one: the first line of the file, or what is answered
/// on the terminal.
pub(crate) fn secret_key(path: &Path, passphrase: Option<&Path>) -> Result<SecretKey, Failure> {
    let bytes = key_bytes(path)?;
    let read = |passphrase: Option<&[u8]>| SecretKey::from_text(&bytes, passphrase);
    let key = match (read(None), passphrase) {
        (Err(KeyError::NeedsPassphrase), Some(file)) => read(Some(&*passphrase::from_file(file)?)),
        (Err(KeyError::NeedsPassphrase), None) => {
            read(Some(&*passphrase::ask(&format!("Passphrase of {}: ", path.display()))?))
        }
        (key, _) => key,
    };
    key.map_err(|error| key_failure(path, &error))
}

/// A key file that cannot be used.
pub(crate) fn key_failure(path: &Path, error: &KeyError) -> Failure {
    Failure::of(Code::KeyUnreadable, format!("`{}`: {error}", path.display())).helping(error.help())
}

fn line_failure(
    path: &Path,
    bytes: &[u8],
    place: Option<(usize, usize, std::ops::Range<usize>)>,
    error: &dyn std::fmt::Display,
) -> Failure {
    let failure = Failure::of(Code::TrustMalformed, error);
    match place {
        Some((line, column, span)) => {
            let length = span.len().max(1);
            failure.at(path, bytes, Place { line, column, offset: span.start, length })
        }
        None => failure.at(path, bytes, Place::at(bytes, 0, 1)),
    }
}
