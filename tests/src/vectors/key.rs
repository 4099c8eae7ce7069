//! Throw-away keys: each is made from the SHA-256 of its name, and known to everybody.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer as _;
use sha2::{Digest as _, Sha256};

/// DER of an Ed25519 SPKI up to the 32 bytes of the key (RFC 8410).
pub(crate) const ED25519_SPKI: [u8; 12] =
    [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// DER of a P-256 SPKI up to the 65 bytes of the uncompressed point (RFC 5480).
const P256_SPKI: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// The same for a compressed point of 33 bytes.
const P256_COMPRESSED_SPKI: [u8; 26] = [
    0x30, 0x39, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x22, 0x00,
];
/// The order of P-256's group, big-endian.
const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// Somebody who signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) name: &'static str,
    p256: bool,
}

/// The producer, where a case does not say otherwise.
pub(crate) const ALICE: Person = Person { name: "alice", p256: false };
pub(crate) const BOB: Person = Person { name: "bob", p256: false };
pub(crate) const CAROL: Person = Person { name: "carol", p256: false };
/// Somebody whom nobody knows.
pub(crate) const MALLORY: Person = Person { name: "mallory", p256: false };
pub(crate) const PAM: Person = Person { name: "pam", p256: true };
/// All of them, for `tests/vectors/keys`.
pub(crate) const PEOPLE: [Person; 5] = [ALICE, BOB, CAROL, MALLORY, PAM];

impl Person {
    pub(crate) fn seed(&self) -> [u8; 32] {
        Sha256::digest(format!("fullsource test vectors: {}", self.name)).into()
    }

    fn ed25519(&self) -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&self.seed())
    }

    fn ecdsa(&self) -> p256::ecdsa::SigningKey {
        p256::ecdsa::SigningKey::from_slice(&self.seed()).expect("the hash of a name is a scalar")
    }

    /// Ed25519, or ECDSA by RFC 6979 in DER: the same bytes each time.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        if self.p256 {
            let (r, s) = self.ecdsa_numbers(message);
            der_signature(&r, &s)
        } else {
            self.ed25519().sign(message).to_bytes().to_vec()
        }
    }

    /// `r` and `s`, big-endian.
    pub(crate) fn ecdsa_numbers(&self, message: &[u8]) -> ([u8; 32], [u8; 32]) {
        let signature: p256::ecdsa::Signature = self.ecdsa().sign(message);
        let bytes = signature.to_bytes();
        let (mut r, mut s) = ([0; 32], [0; 32]);
        r.copy_from_slice(&bytes[..32]);
        s.copy_from_slice(&bytes[32..]);
        (r, s)
    }

    /// The point (65 bytes, uncompressed) or the 32 bytes of an Ed25519 key.
    pub(crate) fn point(&self) -> Vec<u8> {
        if self.p256 {
            self.ecdsa().verifying_key().to_sec1_point(false).as_bytes().to_vec()
        } else {
            self.ed25519().verifying_key().as_bytes().to_vec()
        }
    }

    /// The canonical DER SubjectPublicKeyInfo.
    pub(crate) fn spki(&self) -> Vec<u8> {
        let prefix: &[u8] = if self.p256 { &P256_SPKI } else { &ED25519_SPKI };
        [prefix, &self.point()].concat()
    }

    /// A SubjectPublicKeyInfo with the compressed point.
    pub(crate) fn compressed_spki(&self) -> Vec<u8> {
        let point = self.point();
        let sign = 2 + (point[64] & 1);
        [&P256_COMPRESSED_SPKI[..], &[sign], &point[1..33]].concat()
    }

    pub(crate) fn pem(&self) -> String {
        pem("PUBLIC KEY", &self.spki())
    }

    /// A PKCS#8 private key.
    pub(crate) fn secret_pem(&self) -> String {
        let head = [
            0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22,
            0x04, 0x20,
        ];
        pem("PRIVATE KEY", &[&head[..], &self.seed()].concat())
    }

    /// `ssh-ed25519 AAAA...`, without a comment.
    pub(crate) fn openssh(&self) -> String {
        let point = self.point();
        if self.p256 {
            let fields: [&[u8]; 3] = [b"ecdsa-sha2-nistp256", b"nistp256", &point];
            format!("ecdsa-sha2-nistp256 {}", ssh_blob(&fields))
        } else {
            format!("ssh-ed25519 {}", ssh_blob(&[b"ssh-ed25519", &point]))
        }
    }

    /// base64 of SHA-256 of the SPKI.
    pub(crate) fn key_id(&self) -> String {
        STANDARD.encode(Sha256::digest(self.spki()))
    }
}

/// The base64 of an SSH wire blob: each field behind its length.
pub(crate) fn ssh_blob(fields: &[&[u8]]) -> String {
    let mut blob = Vec::new();
    for field in fields {
        blob.extend_from_slice(&u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
        blob.extend_from_slice(field);
    }
    STANDARD.encode(blob)
}

pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let lines: Vec<&str> =
        (0..body.len()).step_by(64).map(|at| &body[at..(at + 64).min(body.len())]).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// SEQUENCE of two INTEGERs, each in its shortest form.
pub(crate) fn der_signature(r: &[u8; 32], s: &[u8; 32]) -> Vec<u8> {
    let body = [der_integer(r), der_integer(s)].concat();
    [&[0x30, body.len() as u8][..], &body].concat()
}

fn der_integer(number: &[u8]) -> Vec<u8> {
    let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len() - 1);
    let digits = &number[start..];
    let pad: &[u8] = if digits[0] & 0x80 == 0 { &[] } else { &[0] };
    [&[2, (digits.len() + pad.len()) as u8][..], pad, digits].concat()
}

/// `n - s`, which verifies as well as `s`.
fn negated(s: &[u8; 32]) -> [u8; 32] {
    let mut other = [0_u8; 32];
    let mut borrow = 0_i16;
    for at in (0..32).rev() {
        let digit = i16::from(P256_ORDER[at]) - i16::from(s[at]) - borrow;
        borrow = i16::from(digit < 0);
        other[at] = digit.rem_euclid(256) as u8;
    }
    other
}

/// The greater of `s` and `n - s`.
pub(crate) fn high(s: &[u8; 32]) -> [u8; 32] {
    negated(s).max(*s)
}

/// The lesser of `s` and `n - s`.
pub(crate) fn low(s: &[u8; 32]) -> [u8; 32] {
    negated(s).min(*s)
}
