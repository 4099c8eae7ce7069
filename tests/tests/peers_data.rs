//! Other people's test data: their JSON, their bundles, and envelopes as several tools write them.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fullsource_format::envelope::{Envelope, EnvelopeError, OpenError};
use fullsource_format::json::check_profile;
use fullsource_format::key::PublicKey;
use fullsource_format::statement::StatementError;

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(path)
}

/// Texts that RFC 8259 has every parser accept and that our profile refuses, by the rule that does.
const STRICTER: &[(&str, &[&str])] = &[
    ("json-2", &["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"]),
    (
        "json-4",
        &[
            "y_number.json",
            "y_number_0e+1.json",
            "y_number_0e1.json",
            "y_number_double_close_to_zero.json",
            "y_number_int_with_exp.json",
            "y_number_minus_zero.json",
            "y_number_negative_zero.json",
            "y_number_real_capital_e.json",
            "y_number_real_capital_e_neg_exp.json",
            "y_number_real_capital_e_pos_exp.json",
            "y_number_real_exponent.json",
            "y_number_real_fraction_exponent.json",
            "y_number_real_neg_exp.json",
            "y_number_real_pos_exponent.json",
            "y_number_simple_real.json",
            "y_object_extreme_numbers.json",
            "y_structure_lonely_negative_real.json",
        ],
    ),
];

/// Texts that RFC 8259 leaves open: our profile refuses all but these.
const OPEN: &[&str] = &[];

#[test]
fn json_is_refused_where_it_is_refused_elsewhere_and_where_our_profile_is_stricter() {
    let text = std::fs::read_to_string(data("jsontestsuite.json")).unwrap();
    let suite: BTreeMap<String, String> = serde_json::from_str(&text).unwrap();
    let mut suite: BTreeMap<String, Vec<u8>> =
        suite.into_iter().map(|(name, bytes)| (name, STANDARD.decode(bytes).unwrap())).collect();
    let arrays = "[".repeat(100_000).into_bytes();
    suite.insert("n_structure_100000_opening_arrays.json".to_owned(), arrays);
    let objects = "[{\"\":".repeat(50_000).into_bytes();
    suite.insert("n_structure_open_array_object.json".to_owned(), objects);
    assert_eq!(suite.len(), 318);
    let accepted = |bytes: &[u8]| check_profile(bytes, 1 << 20).is_ok();
    let of = |kind: &str, holds: bool| -> BTreeSet<&str> {
        let chosen = suite.iter().filter(|(name, _)| name.starts_with(kind));
        chosen
            .filter(|(_, bytes)| accepted(bytes) == holds)
            .map(|(name, _)| name.as_str())
            .collect()
    };
    let stricter = STRICTER.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    assert_eq!(of("n_", true), BTreeSet::new(), "refused by everybody");
    assert_eq!(of("y_", false), stricter, "accepted by everybody but us");
    assert_eq!(of("i_", true), OPEN.iter().copied().collect(), "left open by RFC 8259");
}

fn envelopes(path: &str) -> Result<Vec<Envelope>, EnvelopeError> {
    Envelope::parse_all(&std::fs::read(data(path)).unwrap())
}

#[test]
fn bundles_of_sigstore_are_read_or_refused() {
    for (name, refused) in [
        ("happy-path-intoto-in-dsse-v3", None),
        ("rekor2-dsse-happy-path", None),
        ("managed-key-happy-path", Some("bundle-unsupported")),
        ("bundle-unknown-version_fail", Some("bundle-unsupported")),
        ("bundle-malformed-json_fail", Some("bundle-malformed")),
    ] {
        let read = envelopes(&format!("sigstore-conformance/{name}.json"));
        assert_eq!(read.as_ref().err().map(EnvelopeError::code), refused, "{name}");
        for envelope in read.iter().flatten() {
            // env-12, env-13: the certificate in the bundle makes nobody a signer.
            assert!(matches!(envelope.open(&[]), Err(OpenError::Untrusted { .. })), "{name}");
        }
    }
}

fn key(name: &str) -> PublicKey {
    PublicKey::from_text(&std::fs::read(data(&format!("envelopes/{name}.pub"))).unwrap()).unwrap()
}

/// What becomes of the statement, whose predicate type is another.
#[derive(Debug, PartialEq)]
enum Opened {
    OtherPredicate,
    OtherPayload,
    Untrusted,
    Refused(&'static str),
}

fn opened(file: &str, keys: &[PublicKey]) -> Opened {
    let envelopes = match envelopes(&format!("envelopes/{file}")) {
        Ok(envelopes) => envelopes,
        Err(error) => return Opened::Refused(error.code()),
    };
    match envelopes[0].open(keys).unwrap_err() {
        OpenError::Statement(StatementError::PredicateType(_)) => Opened::OtherPredicate,
        OpenError::PayloadType(_) => Opened::OtherPayload,
        OpenError::Untrusted { .. } => Opened::Untrusted,
        OpenError::Statement(error) => unreachable!("{error}"),
    }
}

#[test]
fn envelopes_of_several_tools_are_opened() {
    let (ed25519, p256) = (key("ed25519"), key("p256"));
    let both = [ed25519.clone(), p256.clone()];
    for (file, expected) in [
        ("ed25519.dsse.json", Opened::OtherPredicate),
        ("ed25519.sigstore.json", Opened::OtherPredicate),
        ("p256.dsse.json", Opened::OtherPredicate),
        ("p256.sigstore.json", Opened::OtherPredicate),
        ("p256-urlsafe.dsse.json", Opened::OtherPredicate),
        ("p256-urlsafe.sigstore.json", Opened::OtherPredicate),
        ("p256-tsa.sigstore.json", Opened::OtherPredicate),
        ("p256-custompt.sigstore.json", Opened::OtherPayload),
        ("p256-tampered.sigstore.json", Opened::Untrusted),
        ("p384.dsse.json", Opened::Untrusted),
        ("multi.sigstore.json", Opened::Refused("bundle-malformed")),
    ] {
        assert_eq!(opened(file, &both), expected, "{file}");
    }
    assert_eq!(opened("p256.dsse.json", &[ed25519]), Opened::Untrusted);
    assert!(PublicKey::from_text(&std::fs::read(data("envelopes/p384.pub")).unwrap()).is_err());
    assert_eq!(envelopes("envelopes/multi.dsse.json").unwrap()[0].signing_keys(&both).len(), 2);
}
