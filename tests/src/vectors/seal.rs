//! Envelopes and bundles, made by hand: hostile ones are one change away from a good one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::key::Person;

/// The payload type of a statement.
pub(crate) const IN_TOTO: &str = "application/vnd.in-toto+json";
/// The payload type of evidence.
pub(crate) const EVIDENCE: &str = "application/vnd.fullsource.evidence+json";
/// The media type of a bundle.
pub(crate) const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// What is signed (env-3).
pub(crate) fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

/// One DSSE envelope with the signatures of these people.
pub(crate) fn envelope(payload_type: &str, payload: &[u8], people: &[Person]) -> Value {
    let message = pae(payload_type, payload);
    let signatures = people.iter().map(
        |person| json!({ "sig": STANDARD.encode(person.sign(&message)), "keyid": person.key_id() }),
    );
    enclose(payload_type, payload, signatures.collect())
}

/// One DSSE envelope with the given signatures.
pub(crate) fn enclose(payload_type: &str, payload: &[u8], signatures: Vec<Value>) -> Value {
    json!({
        "payload": STANDARD.encode(payload),
        "payloadType": payload_type,
        "signatures": signatures,
    })
}

/// A bundle around an envelope.
pub(crate) fn bundle_of(envelope: Value, hint: &str) -> Value {
    json!({
        "mediaType": BUNDLE,
        "verificationMaterial": { "publicKey": { "hint": hint } },
        "dsseEnvelope": envelope,
    })
}

/// A bundle that this person signed.
pub(crate) fn bundle(payload: &[u8], person: Person) -> Value {
    bundle_of(envelope(IN_TOTO, payload, &[person]), &person.key_id())
}

/// A bundle with these signature bytes.
pub(crate) fn bundle_with(payload: &[u8], signature: &[u8], hint: &str) -> Value {
    let signature = json!({ "sig": STANDARD.encode(signature), "keyid": hint });
    bundle_of(enclose(IN_TOTO, payload, vec![signature]), hint)
}

/// A document as a file: indented, with a line feed at the end.
pub(crate) fn text(document: &Value) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(document).unwrap_or_default();
    text.push(b'\n');
    text
}

/// A document on one line, without a line feed.
pub(crate) fn line(document: &Value) -> Vec<u8> {
    serde_json::to_vec(document).unwrap_or_default()
}

/// JSON Lines.
pub(crate) fn lines(documents: &[Value]) -> Vec<u8> {
    documents.iter().flat_map(|document| [line(document), vec![b'\n']].concat()).collect()
}

/// SHA-256 in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// BLAKE3 in hexadecimal digits.
pub(crate) fn blake3(bytes: &[u8]) -> String {
    ::blake3::hash(bytes).to_hex().to_string()
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
