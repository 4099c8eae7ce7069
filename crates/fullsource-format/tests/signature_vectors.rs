//! Published signature vectors: Wycheproof (Ed25519, ECDSA P-256 with SHA-256 in DER) and CCTV
//! (edge cases of Ed25519 verification).
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::collections::BTreeMap;

use fullsource_format::key::{KeyError, PublicKey};
use serde::Deserialize;
use wycheproof::TestResult;

/// Every vector gives its stated result, without exception: verification that is strict about
/// small-order points refuses nothing that Wycheproof calls valid.
#[test]
fn all_wycheproof_ed25519_vectors_give_their_stated_result() {
    let set = wycheproof::eddsa::TestSet::load(wycheproof::eddsa::TestName::Ed25519).unwrap();
    let mut seen = 0;
    for group in &set.test_groups {
        let key = PublicKey::from_spki_der(&group.der).unwrap();
        assert_eq!(PublicKey::from_text(group.pem.as_bytes()).as_ref(), Ok(&key));
        for case in &group.tests {
            assert_eq!(
                key.verify(&case.msg, &case.sig).is_ok(),
                stated(case.result),
                "{}: {}",
                case.tc_id,
                case.comment
            );
            seen += 1;
        }
    }
    assert_eq!(seen, set.number_of_tests);
}

/// Every vector gives its stated result; none of the set is `acceptable`. High `s` is valid.
#[test]
fn all_wycheproof_p256_vectors_give_their_stated_result() {
    use wycheproof::ecdsa::{TestName, TestSet};
    let set = TestSet::load(TestName::EcdsaSecp256r1Sha256).unwrap();
    let mut seen = 0;
    for group in &set.test_groups {
        let key = PublicKey::from_spki_der(&group.der).unwrap();
        assert_eq!(PublicKey::from_text(group.pem.as_bytes()).as_ref(), Ok(&key));
        for case in &group.tests {
            assert_eq!(
                key.verify(&case.msg, &case.sig).is_ok(),
                stated(case.result),
                "{}: {}",
                case.tc_id,
                case.comment
            );
            seen += 1;
        }
    }
    assert_eq!(seen, set.number_of_tests);
}

fn stated(result: TestResult) -> bool {
    match result {
        TestResult::Valid => true,
        TestResult::Invalid => false,
        TestResult::Acceptable => panic!("a vector has no clear result: decide, and list it"),
    }
}

#[derive(Deserialize)]
struct EdgeCase {
    number: u32,
    key: String,
    sig: String,
    msg: String,
    #[serde(default)]
    flags: Option<Vec<String>>,
}

/// Which equation this is: `S·B = R + k·A` without cofactor, where `A` and `R` must be canonical and
/// not of small order. So exactly those edge cases hold in which neither point is of small order
/// (which includes all non-canonical ones) and no low-order residue is left; points that merely have
/// a low-order component are accepted, as nearly every verifier does.
#[test]
fn the_cctv_vectors_hold_exactly_for_the_strict_cofactorless_equation() {
    let text = include_str!("data/cctv-ed25519/ed25519vectors.json");
    let cases: Vec<EdgeCase> = serde_json::from_str(text).unwrap();
    let mut outcomes = BTreeMap::new();
    for case in &cases {
        let flags = case.flags.as_deref().unwrap_or_default();
        let has = |flag: &str| flags.iter().any(|f| f == flag);
        let mut spki = hex("302a300506032b6570032100");
        spki.extend(hex(&case.key));
        let outcome = match PublicKey::from_spki_der(&spki) {
            Err(KeyError::Weak) => "weak key",
            Err(error) => panic!("{}: {error}", case.number),
            Ok(key) => match key.verify(case.msg.as_bytes(), &hex(&case.sig)) {
                Ok(()) => "holds",
                Err(_) => "bad signature",
            },
        };
        let expected = if has("low_order_A") {
            "weak key"
        } else if has("low_order_R") || has("low_order_residue") || has("reencoded_k") {
            "bad signature"
        } else {
            "holds"
        };
        assert_eq!(outcome, expected, "{}: {flags:?}", case.number);
        *outcomes.entry(outcome).or_insert(0) += 1;
    }
    let counted = [("bad signature", 345), ("holds", 43), ("weak key", 526)];
    assert_eq!(outcomes, BTreeMap::from(counted));
}

fn hex(text: &str) -> Vec<u8> {
    let digit = |i| u8::from_str_radix(&text[i..i + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}
