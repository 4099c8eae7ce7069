//! Evidence that somebody gave, plain or signed (`evd-11` to `evd-14`).

use std::path::Path;

use fullsource_format::digest::Sha256;
use fullsource_format::envelope::Envelope;
use fullsource_format::evidence::{Evidence, EvidenceError};
use fullsource_format::json::{JsonError, Profiled, UnknownFields};
use fullsource_format::limits;
use fullsource_verify::finding::Code;
use fullsource_verify::judge::{Provenance, Verifier};
use fullsource_verify::signers;
use serde::Deserialize;
use serde::de::IgnoredAny;

use fullsource_format::evidence::FILES;

use crate::cli::Verify;
use crate::exit::Failure;
use crate::input;

/// What tells signed evidence from plain.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Marks {
    payload: Option<IgnoredAny>,
    media_type: Option<IgnoredAny>,
}

/// The evidence that was given for a statement, and who vouches for it.
pub(super) fn evidence(
    args: &Verify,
    verifier: &Verifier,
    id: Sha256,
) -> Result<(Option<Evidence>, Provenance), Failure> {
    let Some(path) = &args.evidence else { return Ok((None, Provenance::Own)) };
    let bytes = input::read(path, limits::EVIDENCE_BYTES)
        .map_err(|failure| failure.unread(Code::EvidenceMalformed))?;
    let malformed =
        |error: JsonError| input::json_failure(Code::EvidenceMalformed, path, &bytes, &error);
    let document = Profiled::of(&bytes, limits::EVIDENCE_BYTES).map_err(malformed)?;
    let marks: Marks = document.read(UnknownFields::Ignore).map_err(malformed)?;
    let (mut evidence, provenance) = if marks.payload.is_some() || marks.media_type.is_some() {
        let refused = |error: &dyn std::fmt::Display| {
            Failure::of(Code::EvidenceMalformed, format!("`{}`: {error}", path.display()))
        };
        let envelope = Envelope::parse(&bytes).map_err(|error| refused(&error))?;
        let payload = envelope.evidence_payload().map_err(|error| refused(&error))?;
        let keys = envelope.signing_keys(&verifier.trust.all_keys());
        let vouched = signers::vouch_for_evidence(&keys, &verifier.trust, verifier.now);
        let provenance = if vouched { Provenance::Observer } else { Provenance::Supplied };
        (parsed(path, payload, Evidence::parse(payload, id))?, provenance)
    } else {
        (parsed(path, &bytes, Evidence::read(document, id))?, Provenance::Supplied)
    };
    if args.target.is_some() {
        // evd-12
        evidence.release = None;
        for seen in &mut evidence.artifacts {
            seen.observations.retain(|seen| seen.locator.as_str() != FILES);
        }
    }
    Ok((Some(evidence), provenance))
}

fn parsed(
    path: &Path,
    bytes: &[u8],
    read: Result<Evidence, EvidenceError>,
) -> Result<Evidence, Failure> {
    read.map_err(|error| match &error {
        EvidenceError::Json(error) => {
            input::json_failure(Code::EvidenceMalformed, path, bytes, error)
        }
        EvidenceError::Type(_) => Failure::of(Code::EvidenceMalformed, error),
        EvidenceError::Foreign { .. } => Failure::of(Code::EvidenceForeign, error),
    })
}
