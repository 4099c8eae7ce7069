//! What several fuzz targets hold on to.

#![allow(clippy::panic, reason = "a target that cannot go on has found something")]

use fullsource_format::json::{self, JsonError, UnknownFields};
use fullsource_format::key::SecretKey;

/// The most bytes that a target hands to a JSON reader.
pub const LIMIT: usize = 1 << 20;

/// An error's place lies within its document, and line and column name the same byte as the offset.
pub fn assert_inside(document: &[u8], error: &JsonError) {
    let place = error.place;
    assert!(place.offset <= document.len(), "{place:?} of {} bytes", document.len());
    assert!(place.length >= 1);
    assert!(place.offset + place.length <= document.len().max(place.offset + 1), "{place:?}");
    let before = &document[..place.offset];
    assert_eq!(place.line, 1 + before.iter().filter(|b| **b == b'\n').count());
    let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |newline| newline + 1);
    assert_eq!(place.column, 1 + before.len() - start);
}

/// Reads a document as a `T`; what is read is written and read again, and must be written alike.
/// What a producer may write, a consumer must take.
pub fn round_trip<T: serde::Serialize + serde::de::DeserializeOwned>(document: &[u8]) -> Option<T> {
    let strict = json::parse::<T>(document, LIMIT, UnknownFields::Refuse);
    let lax = json::parse::<T>(document, LIMIT, UnknownFields::Ignore);
    for error in [strict.as_ref().err(), lax.as_ref().err()].into_iter().flatten() {
        assert_inside(document, error);
    }
    assert!(lax.is_ok() || strict.is_err(), "a producer may write what a consumer refuses");
    let value = lax.ok()?;
    let written = serde_json::to_vec(&value).expect("what was read can be written");
    let again: T = json::parse(&written, 16 * LIMIT, UnknownFields::Refuse)
        .unwrap_or_else(|e| panic!("{e}\n{}", String::from_utf8_lossy(&written)));
    let rewritten = serde_json::to_vec(&again).expect("what was read can be written");
    assert_eq!(String::from_utf8_lossy(&written), String::from_utf8_lossy(&rewritten));
    Some(value)
}

/// A key that is the same in every run. Nothing secret is made with it.
pub fn fixed_key() -> SecretKey {
    const SEVENS: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH\n\
        -----END PRIVATE KEY-----\n";
    SecretKey::from_text(SEVENS.as_bytes(), None).expect("the key can be read")
}

/// Bytes as base64, for targets whose own input lies below it.
pub fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 4);
    for chunk in bytes.chunks(3) {
        let number = (0..3).fold(0u32, |n, i| n << 8 | u32::from(*chunk.get(i).unwrap_or(&0)));
        for digit in 0..4 {
            let value = (number >> (18 - 6 * digit) & 63) as usize;
            text.push(if digit > chunk.len() { '=' } else { char::from(ALPHABET[value]) });
        }
    }
    text
}
