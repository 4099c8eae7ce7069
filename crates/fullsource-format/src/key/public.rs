//! Public keys: reading, naming, and checking a signature.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::Verifier as _;
use pkcs8::der::{Decode as _, asn1::ObjectIdentifier};
use pkcs8::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

use super::pem::{KeyText, LINE, unfit};
use super::{KeyError, KeyId, KeyType, openssh};

/// A public key that signatures are checked with. Two are equal when their canonical SPKI are
/// (`key-5`), whatever the files they came from looked like.
#[derive(Clone)]
pub struct PublicKey {
    point: Point,
    spki: Vec<u8>,
}

#[derive(Clone)]
enum Point {
    Ed25519(ed25519_dalek::VerifyingKey),
    P256(p256::ecdsa::VerifyingKey),
}

/// The signature does not hold for this key and these bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not match")]
pub struct BadSignature;

impl PublicKey {
    /// Reads the one key of a file: SPKI in PEM (RFC 5480, RFC 8410), or an OpenSSH public key line
    /// `ssh-ed25519` or `ecdsa-sha2-nistp256` (RFC 5656, RFC 8709). Anything else in the file is an
    /// error, and so is a key that other readers could take for a different one.
    pub fn from_text(file: &[u8]) -> Result<Self, KeyError> {
        match KeyText::read(file)? {
            KeyText::Block { label: "PUBLIC KEY", bytes } => Self::from_spki_der(&bytes),
            KeyText::Block { label, .. } if label.ends_with("PRIVATE KEY") => {
                Err(KeyError::PrivateGiven)
            }
            KeyText::Block { label, .. } => Err(unfit(label)),
            KeyText::Line(text) => openssh::read_public_text(text),
        }
    }

    /// Reads a DER SubjectPublicKeyInfo.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, KeyError> {
        const BAD: KeyError = KeyError::Malformed { what: "it is not a DER SubjectPublicKeyInfo" };
        let spki = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| BAD)?;
        let key = spki.subject_public_key.as_bytes().ok_or(BAD)?;
        match supported(&spki.algorithm)? {
            KeyType::Ed25519 => Self::from_ed25519(key),
            KeyType::P256 => Self::from_p256(key),
        }
    }

    /// The Ed25519 key with these 32 bytes. Points of small order and second spellings of a point
    /// are refused (`key-3`), so that a signature binds to one key.
    pub(super) fn from_ed25519(bytes: &[u8]) -> Result<Self, KeyError> {
        const BAD: KeyError = KeyError::Malformed { what: "an Ed25519 key has 32 bytes" };
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| BAD)?;
        let key =
            ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotAPoint)?;
        if key.is_weak() {
            return Err(KeyError::Weak);
        }
        if key.to_edwards().compress().as_bytes() != key.as_bytes() {
            return Err(KeyError::NonCanonical);
        }
        Ok(Self::of_ed25519(key))
    }

    /// The key of a private key, which is never weak.
    pub(super) fn of_ed25519(key: ed25519_dalek::VerifyingKey) -> Self {
        let mut spki = ED25519_SPKI.to_vec();
        spki.extend_from_slice(key.as_bytes());
        Self { point: Point::Ed25519(key), spki }
    }

    /// The P-256 key with this SEC1 point, compressed or not.
    pub(super) fn from_p256(bytes: &[u8]) -> Result<Self, KeyError> {
        // SEC1 also has a compact and a hybrid form, which other readers refuse.
        if !matches!((bytes.first(), bytes.len()), (Some(2 | 3), 33) | (Some(4), 65)) {
            return Err(KeyError::Malformed {
                what: "a P-256 key is a SEC1 point of 33 or 65 bytes",
            });
        }
        let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(bytes);
        key.map(Self::of_p256).map_err(|_| KeyError::NotAPoint)
    }

    pub(super) fn of_p256(key: p256::ecdsa::VerifyingKey) -> Self {
        let mut spki = P256_SPKI.to_vec();
        spki.extend_from_slice(key.to_sec1_point(false).as_bytes());
        Self { point: Point::P256(key), spki }
    }

    /// What signatures of this key are.
    pub const fn key_type(&self) -> KeyType {
        match self.point {
            Point::Ed25519(_) => KeyType::Ed25519,
            Point::P256(_) => KeyType::P256,
        }
    }

    /// The key as canonical DER SubjectPublicKeyInfo: a P-256 point is uncompressed.
    pub fn to_spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// The canonical SPKI in PEM, with a line feed at the end. What `PREFIX.pub` holds.
    pub fn to_pem(&self) -> String {
        let base64 = STANDARD.encode(&self.spki);
        let mut text = String::from("-----BEGIN PUBLIC KEY-----\n");
        for (at, character) in base64.chars().enumerate() {
            if at > 0 && at % LINE == 0 {
                text.push('\n');
            }
            text.push(character);
        }
        text.push_str("\n-----END PUBLIC KEY-----\n");
        text
    }

    /// The hint that names the key in envelopes and bundles.
    pub fn key_id(&self) -> KeyId {
        KeyId::of_spki(&self.spki)
    }

    /// Checks a signature over the message.
    ///
    /// Ed25519 (`key-3`): 64 bytes, `S` below the group order, `R` canonical and not of small order,
    /// and the equation without cofactor, `S·B = R + k·A`. ECDSA (`key-4`): strict DER, SHA-256;
    /// both `s` and `n - s` are accepted, so the bytes of a signature are never an identity.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        match &self.point {
            Point::Ed25519(key) => {
                let signature =
                    ed25519_dalek::Signature::from_slice(signature).map_err(|_| BadSignature)?;
                key.verify_strict(message, &signature).map_err(|_| BadSignature)
            }
            Point::P256(key) => {
                let signature =
                    p256::ecdsa::Signature::from_der(signature).map_err(|_| BadSignature)?;
                key.verify(message, &signature).map_err(|_| BadSignature)
            }
        }
    }
}

/// DER of an Ed25519 SPKI up to the 32 bytes of the key (RFC 8410, section 4).
const ED25519_SPKI: [u8; 12] =
    [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// DER of a P-256 SPKI up to the 65 bytes of the uncompressed point (RFC 5480, section 2).
const P256_SPKI: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

pub(super) const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
pub(super) const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");

/// The key type that an AlgorithmIdentifier of SPKI or PKCS#8 names.
pub(super) fn supported(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<KeyType, KeyError> {
    const BAD: KeyError = KeyError::Malformed { what: "its algorithm has the wrong parameters" };
    match (algorithm.oid, algorithm.parameters) {
        (ED25519, None) => Ok(KeyType::Ed25519),
        (ED25519, Some(_)) => Err(BAD),
        (EC, Some(curve)) => match curve.decode_as::<ObjectIdentifier>() {
            Ok(P256) => Ok(KeyType::P256),
            Ok(other) => Err(KeyError::Unsupported { algorithm: name(&other) }),
            Err(_) => {
                Err(KeyError::Unsupported { algorithm: "EC with explicit parameters".to_owned() })
            }
        },
        (EC, None) => Err(BAD),
        (other, _) => Err(KeyError::Unsupported { algorithm: name(&other) }),
    }
}

/// The usual name of an algorithm or curve, or its number.
pub(super) fn name(oid: &ObjectIdentifier) -> String {
    let oid = oid.to_string();
    let name = match oid.as_str() {
        "1.2.840.113549.1.1.1" => "RSA",
        "1.2.840.113549.1.1.10" => "RSA-PSS",
        "1.2.840.10040.4.1" => "DSA",
        "1.3.101.110" => "X25519",
        "1.3.101.111" => "X448",
        "1.3.101.113" => "Ed448",
        "1.3.132.0.34" => "P-384",
        "1.3.132.0.35" => "P-521",
        "1.3.132.0.10" => "secp256k1",
        "1.2.156.10197.1.301" => "SM2",
        "2.16.840.1.101.3.4.3.17" => "ML-DSA-44",
        "2.16.840.1.101.3.4.3.18" => "ML-DSA-65",
        "2.16.840.1.101.3.4.3.19" => "ML-DSA-87",
        _ => return oid,
    };
    name.to_owned()
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.spki == other.spki
    }
}

impl Eq for PublicKey {}

impl std::hash::Hash for PublicKey {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.spki.hash(state);
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} {})", self.key_type(), self.key_id())
    }
}
