//! Envelopes as they are written and read back, and the limits of what is read.
#![allow(clippy::unwrap_used, clippy::panic)]

use fullsource_format::bundle;
use fullsource_format::envelope::{Envelope, EnvelopeError, OpenError, PAYLOAD_TYPE, joined, sign};
use fullsource_format::key::{KeyType, PublicKey, SecretKey};
use fullsource_format::limits;
use getrandom::SysRng;

fn key(key_type: KeyType) -> SecretKey {
    SecretKey::generate(key_type, &mut SysRng).unwrap()
}

/// A bare envelope of this payload, in base64, whose signature nobody made.
fn envelope(payload: &str) -> String {
    let (head, tail) = (r#"{"payloadType":"x","signatures":[{"sig":"AA=="}],"payload":""#, "\"}");
    [head, payload, tail].concat()
}

#[test]
fn what_is_signed_is_read_back_with_the_keys_that_signed() {
    let keys = [key(KeyType::Ed25519), key(KeyType::P256)];
    let public: Vec<PublicKey> = keys.iter().map(SecretKey::public).collect();
    let stranger = key(KeyType::P256).public();
    let texts = [(sign(b"{}", &keys), &public[..]), (bundle::sign(b"{}", &keys[1]), &public[1..])];
    for (text, signers) in texts {
        let [envelope] = &Envelope::parse_all(text.as_bytes()).unwrap()[..] else {
            panic!("not one envelope: {text}");
        };
        assert_eq!(
            (envelope.danger_payload(), envelope.payload_type()),
            (&b"{}"[..], PAYLOAD_TYPE)
        );
        assert_eq!(envelope.signature_count(), signers.len());
        assert_eq!(envelope.signing_keys(&public), signers);
        assert!(envelope.signing_keys(std::slice::from_ref(&stranger)).is_empty());
        assert!(matches!(envelope.evidence_payload(), Err(OpenError::PayloadType(_))));
    }
}

#[test]
fn a_bundle_of_two_signatures_is_told_what_is_wrong() {
    let text = bundle::sign(b"{}", &key(KeyType::Ed25519));
    let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let signatures = document["dsseEnvelope"]["signatures"].as_array_mut().unwrap();
    signatures.push(signatures[0].clone());
    let error = Envelope::parse(document.to_string().as_bytes()).err();
    assert_eq!(error, Some(EnvelopeError::Bundle("a bundle has exactly one signature")));
}

// env-18: beside a line, other kinds of statement are passed over; beside a file, they are not.
#[test]
fn what_also_stands_alone_is_not_from_lines() {
    let line = envelope("AAAA");
    let lines = Envelope::parse_all(format!("{line}\n{line}\n").as_bytes()).unwrap();
    assert!(lines[0].is_from_lines());
    let alone = Envelope::parse_all(line.as_bytes()).unwrap();
    let all = joined([lines, alone].concat());
    assert_eq!((all.len(), all[0].is_from_lines()), (1, false));
}

// lim-1
#[test]
fn a_payload_has_so_many_bytes_and_no_more() {
    let base64 = |bytes: usize| "A".repeat(bytes / 3 * 4) + ["", "AA==", "AAA="][bytes % 3];
    let read = |bytes: usize| Envelope::parse(envelope(&base64(bytes)).as_bytes()).map(drop);
    assert_eq!(read(limits::DOCUMENT_BYTES), Ok(()));
    let more = limits::DOCUMENT_BYTES + 1;
    assert_eq!(read(more), Err(EnvelopeError::TooLarge(more)));
}

// lim-1: lines that are each small enough are still one document.
#[test]
fn json_lines_have_so_many_bytes_and_no_more() {
    let mut document = [envelope("AAAA"), envelope("AAAA"), String::new()].join("\n").into_bytes();
    assert_eq!(Envelope::parse_all(&document).unwrap().len(), 1);
    document.resize(limits::ENVELOPE_BYTES + 2, b'\n');
    assert!(matches!(Envelope::parse_all(&document), Err(EnvelopeError::Json(_))));
}
