//! A genuine bundle, edited: what still opens has the payload that was signed.
//!
//! Each four bytes of the input are an edit: place (two bytes), kind, byte.
#![no_main]

use std::sync::LazyLock;

use fullsource_format::envelope::Envelope;
use fullsource_format::key::{PublicKey, SecretKey};
use fullsource_format::{bundle, envelope};
use fullsource_fuzz::fixed_key;
use libfuzzer_sys::fuzz_target;

const PAYLOAD: &[u8] = include_bytes!("../payload.json");

static KEY: LazyLock<SecretKey> = LazyLock::new(fixed_key);
static KEYS: LazyLock<[PublicKey; 1]> = LazyLock::new(|| [KEY.public()]);
static BUNDLE: LazyLock<String> = LazyLock::new(|| bundle::sign(PAYLOAD, &KEY));
static ENVELOPE: LazyLock<String> =
    LazyLock::new(|| envelope::sign(PAYLOAD, std::slice::from_ref(&KEY)));

fuzz_target!(|input: &[u8]| {
    let Some((form, edits)) = input.split_first() else { return };
    let genuine = if form % 2 == 0 { &*BUNDLE } else { &*ENVELOPE };
    let mut document = genuine.clone().into_bytes();
    for edit in edits.chunks_exact(4) {
        let place = usize::from(u16::from_le_bytes([edit[0], edit[1]])) % document.len();
        match edit[2] % 4 {
            0 => document[place] = edit[3],
            1 => document.insert(place, edit[3]),
            2 if document.len() > 1 => drop(document.remove(place)),
            _ => document[place] ^= 1 << (edit[3] % 8),
        }
    }
    for envelope in Envelope::parse_all(&document).into_iter().flatten() {
        if envelope.open(&*KEYS).is_ok() {
            assert_eq!(envelope.danger_payload(), PAYLOAD);
            assert_eq!(envelope.payload_type(), envelope::PAYLOAD_TYPE);
        }
    }
});
