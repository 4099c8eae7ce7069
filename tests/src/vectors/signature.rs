//! Keys and signatures: what holds, what does not, and which key files are refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use serde_json::json;
use sha2::{Digest as _, Sha512};

use super::case::{Case, case};
use super::key::{self, ALICE, MALLORY, PAM, pem};
use super::release::{BUNDLE, ENVELOPE, Release, Signed};
use super::seal::{IN_TOTO, bundle, bundle_with, envelope, pae, text};

pub(super) fn cases() -> Vec<Case> {
    let signed = Release::toy().signed(|_| {});
    let mut cases = ed25519(&signed);
    cases.extend(p256(&signed));
    cases.extend(threshold(&signed));
    cases.extend(without(&signed));
    cases
}

/// A release with these signature bytes.
fn with_bytes(
    id: &str,
    rule: &str,
    layer: &str,
    about: &str,
    signed: &Signed,
    bytes: &[u8],
) -> Case {
    let document = bundle_with(&signed.payload, bytes, "");
    case(format!("signature/{id}"), rule, layer, about)
        .disk(signed.disk_with(BUNDLE, text(&document)))
}

fn ed25519(signed: &Signed) -> Vec<Case> {
    [ed25519_bytes(signed), ed25519_keys(signed)].concat()
}

fn ed25519_bytes(signed: &Signed) -> Vec<Case> {
    let message = pae(IN_TOTO, &signed.payload);
    let good = ALICE.sign(&message);
    let broken = |id: &str, rule: &str, about: &str, bytes: &[u8]| {
        with_bytes(id, rule, "signature", about, signed, bytes).fails(&["signature-untrusted"])
    };
    let flipped = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    vec![
        case("signature/ed25519", "key-10", "pass", "An Ed25519 signature as it should be.")
            .signed(signed)
            .passes(&[]),
        broken("ed25519-r-flipped", "key-10", "One bit of R is flipped.", &flipped(0)),
        broken("ed25519-s-flipped", "key-10", "One bit of S is flipped.", &flipped(32)),
        broken("ed25519-short", "key-10", "A signature of 63 bytes.", &good[..63]),
        broken("ed25519-long", "key-10", "A signature of 65 bytes.", &[&good[..], &[0]].concat()),
        broken("ed25519-empty", "key-13", "An empty signature.", b""),
        broken(
            "ed25519-s-plus-order",
            "key-10",
            "S plus the order of the group.",
            &plus_order(&good),
        ),
        broken(
            "ed25519-r-neutral",
            "key-10",
            "R is the neutral element, and the equation holds.",
            &neutral_r(&message),
        ),
    ]
}

fn ed25519_keys(signed: &Signed) -> Vec<Case> {
    let message = pae(IN_TOTO, &signed.payload);
    let mut changed = bundle(&signed.payload, ALICE);
    let other = Release::toy().with("README.md", "Another toy.\n").signed(|_| {});
    changed["dsseEnvelope"]["payload"] = json!(STANDARD.encode(&other.payload));
    vec![
        case(
            "signature/payload-changed",
            "env-3",
            "signature",
            "The payload was changed after the signing.",
        )
        .disk(other.disk_with(BUNDLE, text(&changed)))
        .fails(&["signature-untrusted"]),
        case(
            "signature/wrong-key",
            "ver-9",
            "signature",
            "Somebody whom the verifier does not know has signed.",
        )
        .disk(signed.disk_by(MALLORY))
        .fails(&["signature-untrusted"]),
        case(
            "signature/wrong-key-unread",
            "ver-9",
            "signature",
            "The payload of an untrusted candidate is not read.",
        )
        .disk(signed.disk_with(BUNDLE, text(&bundle(b"rubbish", MALLORY))))
        .fails(&["signature-untrusted"]),
        with_bytes(
            "ed25519-key-mixed-order",
            "key-11",
            "pass",
            "A key with a component of small order.",
            signed,
            &mixed_order(&message).1,
        )
        .key_file(pem("PUBLIC KEY", &[&key::ED25519_SPKI[..], &mixed_order(&message).0].concat()))
        .passes(&[]),
    ]
}

/// Alice's scalar, and the nonce of a signature.
fn secret() -> (Scalar, EdwardsPoint) {
    let expanded = ed25519_dalek::hazmat::ExpandedSecretKey::from(&ALICE.seed());
    let scalar = expanded.scalar;
    (scalar, EdwardsPoint::mul_base(&scalar))
}

fn challenge(r: &EdwardsPoint, key: &EdwardsPoint, message: &[u8]) -> Scalar {
    let digest = Sha512::new()
        .chain_update(r.compress().as_bytes())
        .chain_update(key.compress().as_bytes())
        .chain_update(message)
        .finalize();
    Scalar::from_bytes_mod_order_wide(&digest.into())
}

/// The same signature with S + L, which has no other meaning than S.
fn plus_order(good: &[u8]) -> Vec<u8> {
    // L, little-endian: minus one, and one more.
    let mut order = (-Scalar::ONE).to_bytes();
    order[0] += 1;
    let mut bytes = good.to_vec();
    let mut carry = 0_u16;
    for (byte, digit) in bytes[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(digit) + carry;
        *byte = (sum & 0xff) as u8;
        carry = sum >> 8;
    }
    bytes
}

/// S·B = k·A with R the neutral element.
fn neutral_r(message: &[u8]) -> Vec<u8> {
    let (scalar, key) = secret();
    let r = EdwardsPoint::default();
    let s = challenge(&r, &key, message) * scalar;
    [*r.compress().as_bytes(), s.to_bytes()].concat()
}

/// Alice's key plus a point of order 8, and a signature for it: of the nonces, the first whose
/// challenge is a multiple of 8, so that the equation without cofactor holds.
fn mixed_order(message: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (scalar, point) = secret();
    let key = point + curve25519_dalek::constants::EIGHT_TORSION[1];
    for n in 1_u64.. {
        let nonce = Scalar::from(n);
        let r = EdwardsPoint::mul_base(&nonce);
        let k = challenge(&r, &key, message);
        if k.to_bytes()[0].is_multiple_of(8) {
            let signature = [*r.compress().as_bytes(), (nonce + k * scalar).to_bytes()].concat();
            return (key.compress().as_bytes().to_vec(), signature);
        }
    }
    (Vec::new(), Vec::new())
}

fn p256(signed: &Signed) -> Vec<Case> {
    let message = pae(IN_TOTO, &signed.payload);
    let (r, s) = PAM.ecdsa_numbers(&message);
    let with = |id: &str, layer: &str, about: &str, bytes: &[u8]| {
        with_bytes(id, "key-12", layer, about, signed, bytes).keys(&[PAM])
    };
    let holds = |id: &str, about: &str, bytes: &[u8]| with(id, "pass", about, bytes).passes(&[]);
    let broken = |id: &str, about: &str, bytes: &[u8]| {
        with(id, "signature", about, bytes).fails(&["signature-untrusted"])
    };
    let good = key::der_signature(&r, &s);
    let padded = {
        // r with a zero byte too many.
        let r = [&[2, good[3] + 1, 0][..], &good[4..4 + usize::from(good[3])]].concat();
        let rest = &good[4 + usize::from(good[3])..];
        [&[0x30, good[1] + 1][..], &r, rest].concat()
    };
    let mut flipped = good.clone();
    flipped[10] ^= 1;
    let zero = [0x30, 6, 2, 1, 0, 2, 1, 0];
    vec![
        holds("p256", "An ECDSA signature as it should be.", &good),
        holds("p256-high-s", "s above n / 2.", &key::der_signature(&r, &key::high(&s))),
        holds("p256-low-s", "s below n / 2.", &key::der_signature(&r, &key::low(&s))),
        broken("p256-flipped", "One bit of r is flipped.", &flipped),
        broken("p256-raw", "r and s side by side, without DER.", &[r, s].concat()),
        broken(
            "p256-length-long-form",
            "A length in two bytes where one is enough.",
            &[&[0x30, 0x81][..], &good[1..]].concat(),
        ),
        broken("p256-integer-padded", "An INTEGER that is longer than it has to be.", &padded),
        broken("p256-trailing", "A byte behind the SEQUENCE.", &[&good[..], &[0]].concat()),
        broken("p256-zeros", "r and s are zero.", &zero),
        with_bytes(
            "p256-key-compressed",
            "key-3",
            "pass",
            "A key with a compressed point.",
            signed,
            &good,
        )
        .key_file(pem("PUBLIC KEY", &PAM.compressed_spki()))
        .passes(&[]),
        with_bytes("p256-key-openssh", "key-7", "pass", "A key as an OpenSSH line.", signed, &good)
            .key_file(PAM.openssh() + " pam@example.org\n")
            .passes(&[]),
    ]
}

fn threshold(signed: &Signed) -> Vec<Case> {
    let by = |people: &[super::key::Person]| {
        signed.disk_with(ENVELOPE, text(&envelope(IN_TOTO, &signed.payload, people)))
    };
    vec![
        case("signature/threshold-met", "trust-18", "pass", "Two of two.")
            .disk(by(&[ALICE, PAM]))
            .keys(&[ALICE, PAM])
            .input("threshold", 2)
            .passes(&[]),
        case("signature/threshold-unmet", "ver-12", "signature", "One of two.")
            .disk(by(&[ALICE]))
            .keys(&[ALICE, PAM])
            .input("threshold", 2)
            .fails(&["signature-threshold"]),
        case(
            "signature/threshold-one-key-twice",
            "trust-17",
            "signature",
            "Two signatures by the same key.",
        )
        .disk(by(&[ALICE, ALICE]))
        .keys(&[ALICE, PAM])
        .input("threshold", 2)
        .fails(&["signature-threshold"]),
        case(
            "signature/threshold-key-given-twice",
            "key-5",
            "signature",
            "The same key in two spellings is one key.",
        )
        .disk(by(&[PAM, PAM]))
        .key_file(pem("PUBLIC KEY", &PAM.compressed_spki()))
        .input("keys", json!(["key.pub", "../../keys/pam.pub"]))
        .input("threshold", 2)
        .fails(&["signature-threshold"]),
        case(
            "signature/threshold-broken-beside-good",
            "ver-7",
            "pass",
            "A broken signature beside a good one.",
        )
        .disk(by(&[MALLORY, ALICE]))
        .passes(&[]),
    ]
}

fn without(signed: &Signed) -> Vec<Case> {
    let bare =
        |id: &str, rule: &str, about: &str| {
            case(format!("signature/{id}"), rule, "signature", about)
                .disk(signed.files.clone())
                .file("statement", "statement.json", signed.payload.clone())
        };
    vec![
        case("signature/no-key", "ver-8", "signature", "No key was given.")
            .signed(signed)
            .keys(&[])
            .incomplete(&["signature-no-key"]),
        bare("none", "ver-8", "An unsigned statement, and no key.")
            .keys(&[])
            .incomplete(&["signature-none"]),
        bare("none-with-key", "ver-9", "An unsigned statement, and a key.")
            .fails(&["signature-none"]),
        bare("none-payload-type", "env-17", "An unsigned statement has no payload type.")
            .keys(&[])
            .incomplete(&["signature-none"]),
        case(
            "signature/no-key-is-never-a-pass",
            "ver-63",
            "signature",
            "A policy cannot turn an unverified statement into a pass.",
        )
        .signed(signed)
        .keys(&[])
        .policy("scope = \"release\"\ndigests = \"any\"\n")
        .incomplete(&["signature-no-key"]),
    ]
}
