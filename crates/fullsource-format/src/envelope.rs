//! The envelope: DSSE v1.0.2, bare or in a Sigstore bundle, over the bytes as received.
//!
//! An [`Envelope`] does not show its payload. [`Envelope::open`] gives a [`Verified`] statement, one
//! that a trusted key signed; [`Envelope::danger_unverified`] gives one that nobody vouches for.
//!
//! Spec: `spec/v0.1/envelope.md`.

mod verified;

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde::{Deserialize, Serialize};

use crate::bundle::{Form, WireBundle};
use crate::digest::Sha256;
use crate::json::{self, JsonError, Profiled, UnknownFields};
use crate::key::{PublicKey, SecretKey};
use crate::limits;
use crate::rebuild::{Attestation, AttestationError};
use crate::statement::{Statement, StatementError};
use crate::text::Text;

pub use verified::{Unverified, Verified};

/// `payloadType` of every envelope (`env-5`), compared as it stands.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// The envelope as JSON holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WireEnvelope<'d> {
    // A statement at its limit is not held three times.
    #[serde(borrow)]
    payload: Cow<'d, str>,
    payload_type: Text,
    signatures: Vec<WireSignature>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct WireSignature {
    sig: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keyid: Option<Text>,
}

/// Why a document is no envelope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// The document cannot be read.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// Neither a Sigstore bundle nor a DSSE envelope.
    #[error("this is neither a Sigstore bundle nor a DSSE envelope: it has no `{0}`")]
    Unrecognised(&'static str),
    /// JSON Lines without an envelope.
    #[error("none of the lines is a Sigstore bundle or a DSSE envelope")]
    NoLine,
    /// A bundle of a media type, or with contents, that this version does not read.
    #[error("{0}")]
    Unsupported(String),
    /// A bundle that breaks its own rules.
    #[error("{0}")]
    Bundle(&'static str),
    /// A field that is not base64.
    #[error("`{0}` is not base64, with padding, in the standard or the URL-safe alphabet")]
    Base64(&'static str),
    /// No signature, or too many.
    #[error("an envelope has 1 to {limit} signatures, this has {0}", limit = limits::SIGNATURES)]
    Signatures(usize),
    /// A payload above the limit.
    #[error("the payload has {0} bytes, the limit is {limit}", limit = limits::DOCUMENT_BYTES)]
    TooLarge(usize),
}

impl EnvelopeError {
    /// The code of the finding, a heading of `spec/v0.1/findings.md`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unsupported(_) => "bundle-unsupported",
            Self::Base64(_) | Self::Signatures(_) => "envelope-malformed",
            Self::TooLarge(_) => "limit-exceeded",
            Self::Json(_) | Self::Unrecognised(_) | Self::NoLine | Self::Bundle(_) => {
                "bundle-malformed"
            }
        }
    }
}

/// A signed payload. It is not shown before a signature holds.
#[derive(Clone)]
pub struct Envelope {
    // What is signed: the payload stands at its end, and is held once.
    message: Vec<u8>,
    payload_at: usize,
    payload_type: String,
    signatures: Vec<Vec<u8>>,
    from_lines: bool,
}

/// `payloadType` of signed evidence (`evd-4`).
pub const EVIDENCE_PAYLOAD_TYPE: &str = "application/vnd.fullsource.evidence+json";

/// Why no trusted statement comes out of an envelope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// None of the trusted keys made any of the signatures.
    #[error("none of the {keys} trusted key(s) made any of the {signatures} signature(s)")]
    Untrusted {
        /// Number of keys tried.
        keys: usize,
        /// Number of signatures in the envelope.
        signatures: usize,
    },
    /// A trusted key signed, but another type of payload.
    #[error("`payloadType` is `{0}`, which is another kind of document")]
    PayloadType(String),
    /// A trusted key signed, but not a statement of this format.
    #[error(transparent)]
    Statement(#[from] StatementError),
}

/// Why no trusted attestation comes out of an envelope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenRebuildError {
    /// None of the rebuilders' keys made any of the signatures.
    #[error("no trusted rebuilder signed it")]
    Untrusted,
    /// A rebuilder signed, but another type of payload.
    #[error("`payloadType` is `{0}`, which is another kind of document")]
    PayloadType(String),
    /// A rebuilder signed what is no attestation.
    #[error(transparent)]
    Attestation(#[from] AttestationError),
}

impl Envelope {
    /// Reads the envelopes of a document: one of a Sigstore bundle or a bare DSSE envelope; all of
    /// JSON Lines, in which lines that are no envelope are passed over (`env-1`, `env-18`).
    pub fn parse_all(document: &[u8]) -> Result<Vec<Self>, EnvelopeError> {
        if document.len() > limits::ENVELOPE_BYTES {
            let limit = limits::ENVELOPE_BYTES;
            json::check_profile(document, limit)?;
        }
        let lines: Vec<&[u8]> = lines(document).collect();
        match lines[..] {
            [first, _, ..] if json::check_profile(first, limits::ENVELOPE_BYTES).is_ok() => {
                let read = lines.iter().filter_map(|line| Self::parse(line).ok());
                let read: Vec<_> = read.map(|one| Self { from_lines: true, ..one }).collect();
                if read.is_empty() { Err(EnvelopeError::NoLine) } else { Ok(joined(read)) }
            }
            _ => Ok(vec![Self::parse(document)?]),
        }
    }

    /// Reads one Sigstore bundle or one bare DSSE envelope (`env-2`).
    pub fn parse(document: &[u8]) -> Result<Self, EnvelopeError> {
        let document = Profiled::of(document, limits::ENVELOPE_BYTES)?;
        match document.read::<Form>(UnknownFields::Ignore)? {
            Form { media_type: Some(_), .. } => {
                let bundle: WireBundle = document.read(UnknownFields::Ignore)?;
                Self::decode(bundle.into_envelope()?)
            }
            Form { payload: Some(_), .. } => Self::decode(document.read(UnknownFields::Ignore)?),
            _ => Err(EnvelopeError::Unrecognised("mediaType` or `payload")),
        }
    }

    // env-4, env-9
    fn decode(wire: WireEnvelope<'_>) -> Result<Self, EnvelopeError> {
        let count = wire.signatures.len();
        if !(1..=limits::SIGNATURES).contains(&count) {
            return Err(EnvelopeError::Signatures(count));
        }
        let payload = decode_base64("payload", &wire.payload)?;
        if payload.len() > limits::DOCUMENT_BYTES {
            return Err(EnvelopeError::TooLarge(payload.len()));
        }
        let signatures = wire.signatures.iter().map(|s| decode_base64("sig", &s.sig));
        let signatures = signatures.collect::<Result<_, _>>()?;
        Ok(Self::of(wire.payload_type.to_string(), payload, signatures))
    }

    fn of(payload_type: String, payload: Vec<u8>, signatures: Vec<Vec<u8>>) -> Self {
        let head = pae_head(&payload_type, payload.len());
        let (mut message, payload_at) = (payload, head.len());
        message.splice(0..0, head.into_bytes());
        Self { message, payload_at, payload_type, signatures, from_lines: false }
    }

    /// Opens the envelope with the verifier's own keys.
    ///
    /// Every key is tried on every signature; what the envelope says of its keys decides nothing
    /// (`env-12`). The payload is looked at only after a signature over it holds (`env-5`).
    pub fn open(&self, trusted: &[PublicKey]) -> Result<Verified<Statement>, OpenError> {
        let signers = self.signing_keys(trusted);
        if signers.is_empty() {
            let signatures = self.signatures.len();
            return Err(OpenError::Untrusted { keys: trusted.len(), signatures });
        }
        let value = self.statement()?;
        Ok(Verified { value, id: Sha256::of(self.payload()), signers })
    }

    /// Opens an attestation of a rebuild with the keys of rebuilders (`reb-60`), as [`Self::open`] does
    /// a statement.
    pub fn open_rebuild(
        &self,
        rebuilders: &[PublicKey],
    ) -> Result<Verified<Attestation>, OpenRebuildError> {
        let signers = self.signing_keys(rebuilders);
        if signers.is_empty() {
            return Err(OpenRebuildError::Untrusted);
        }
        if self.payload_type != PAYLOAD_TYPE {
            return Err(OpenRebuildError::PayloadType(self.payload_type.clone()));
        }
        let value = Attestation::parse(self.payload())?;
        Ok(Verified { value, id: Sha256::of(self.payload()), signers })
    }

    /// Shows the statement although no signature was checked. What is made of it must say so.
    pub fn danger_unverified(&self) -> Result<Unverified<Statement>, OpenError> {
        Ok(Unverified { value: self.statement()?, id: Sha256::of(self.payload()) })
    }

    /// The payload bytes although no signature was checked, to be shown, not to be judged.
    pub fn danger_payload(&self) -> &[u8] {
        self.payload()
    }

    fn payload(&self) -> &[u8] {
        &self.message[self.payload_at..]
    }

    /// The payload type that the envelope claims.
    pub fn payload_type(&self) -> &str {
        &self.payload_type
    }

    /// Whether it stands in JSON Lines alone, where other kinds of statement may stand beside it.
    pub const fn is_from_lines(&self) -> bool {
        self.from_lines
    }

    /// The number of signatures.
    pub fn signature_count(&self) -> usize {
        self.signatures.len()
    }

    /// The keys that made at least one of the signatures, each once. The payload is not looked at.
    pub fn signing_keys(&self, trusted: &[PublicKey]) -> Vec<PublicKey> {
        let mut signers: Vec<PublicKey> = Vec::new();
        for key in trusted {
            let signed = self.signatures.iter().any(|sig| key.verify(&self.message, sig).is_ok());
            if signed && !signers.contains(key) {
                signers.push(key.clone());
            }
        }
        signers
    }

    /// The payload of signed evidence, whoever signed it: what it says against a release counts, what
    /// it says for it only where [`Self::signing_keys`] finds an observer's (`evd-13`, `evd-14`).
    pub fn evidence_payload(&self) -> Result<&[u8], OpenError> {
        if self.payload_type != EVIDENCE_PAYLOAD_TYPE {
            return Err(OpenError::PayloadType(self.payload_type.clone()));
        }
        Ok(self.payload())
    }

    fn statement(&self) -> Result<Statement, OpenError> {
        if self.payload_type != PAYLOAD_TYPE {
            return Err(OpenError::PayloadType(self.payload_type.clone()));
        }
        Ok(Statement::parse(self.payload(), UnknownFields::Ignore)?)
    }
}

/// The lines of a document that hold more than white space, without their ends.
fn lines(document: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = document.split(|byte| *byte == b'\n');
    lines.map(<[u8]>::trim_ascii_end).filter(|line| !line.is_empty())
}

/// Envelopes of equal payloads are one, with the signatures of all, each once, up to the limit of
/// one envelope (`env-16`).
pub fn joined(envelopes: Vec<Envelope>) -> Vec<Envelope> {
    let mut candidates: Vec<Envelope> = Vec::new();
    // By digest: a hostile file has a million lines, too many to compare each with each.
    let mut places: HashMap<(String, Sha256), usize> = HashMap::new();
    for envelope in envelopes {
        let known = (envelope.payload_type.clone(), Sha256::of(envelope.payload()));
        match places.entry(known) {
            Entry::Occupied(place) => {
                let candidate = &mut candidates[*place.get()];
                for signature in envelope.signatures {
                    let full = candidate.signatures.len() >= limits::SIGNATURES;
                    if !full && !candidate.signatures.contains(&signature) {
                        candidate.signatures.push(signature);
                    }
                }
                candidate.from_lines &= envelope.from_lines;
            }
            Entry::Vacant(place) => {
                place.insert(candidates.len());
                candidates.push(envelope);
            }
        }
    }
    candidates
}

/// Signs payload bytes as they stand and writes a bare DSSE envelope, with one signature of each
/// key.
pub fn sign(payload: &[u8], keys: &[SecretKey]) -> String {
    to_json(&signed(payload, keys))
}

pub(crate) fn signed(payload: &[u8], keys: &[SecretKey]) -> WireEnvelope<'static> {
    let message = pae(PAYLOAD_TYPE, payload);
    let signature = |key: &SecretKey| WireSignature {
        sig: STANDARD.encode(key.sign(&message)),
        keyid: Some(Text::clipped(&key.public().key_id().to_string())),
    };
    WireEnvelope {
        payload: STANDARD.encode(payload).into(),
        payload_type: Text::clipped(PAYLOAD_TYPE),
        signatures: keys.iter().map(signature).collect(),
    }
}

impl WireEnvelope<'_> {
    pub(crate) fn signature_count(&self) -> usize {
        self.signatures.len()
    }
}

/// A document of strings and arrays as JSON, with a newline at its end.
pub(crate) fn to_json(document: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}

/// DSSE's pre-authentication encoding: `DSSEv1`, and each part behind its length in bytes
/// (protocol v1.0.2, "Signature Definition").
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    [pae_head(payload_type, payload.len()).as_bytes(), payload].concat()
}

fn pae_head(payload_type: &str, payload_bytes: usize) -> String {
    format!("DSSEv1 {} {payload_type} {payload_bytes} ", payload_type.len())
}

/// Base64 with padding in either alphabet (`env-6`, `env-7`).
fn decode_base64(field: &'static str, text: &str) -> Result<Vec<u8>, EnvelopeError> {
    STANDARD
        .decode(text)
        .or_else(|_| URL_SAFE.decode(text))
        .map_err(|_| EnvelopeError::Base64(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(payload: u32, signature: u8) -> Envelope {
        let (payload, signatures) = (payload.to_be_bytes().to_vec(), vec![vec![signature]]);
        Envelope::of(PAYLOAD_TYPE.to_owned(), payload, signatures)
    }

    #[test]
    fn many_envelopes_are_joined_in_linear_time() {
        // Each compared with each would be 20,000,000,000 comparisons.
        let distinct = (0..200_000).map(|n| envelope(n, 1));
        let candidates = joined(distinct.chain([envelope(0, 2), envelope(0, 3)]).collect());
        assert_eq!(candidates.len(), 200_000);
        assert_eq!(candidates[0].signature_count(), 3);
        assert!(candidates[1..].iter().all(|candidate| candidate.signature_count() == 1));
    }

    #[test]
    fn a_signature_counts_once_and_only_so_many_do() {
        let same = joined(vec![envelope(0, 1), envelope(0, 1)]);
        assert_eq!(same[0].signature_count(), 1);
        let many = joined((0..200).map(|nth| envelope(0, nth)).collect());
        assert_eq!(many[0].signature_count(), limits::SIGNATURES);
    }
}
