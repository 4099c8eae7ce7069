//! Private keys: making, reading, writing, and signing.

use std::fmt;

use ed25519_dalek::Signer as _;
use pkcs8::der::asn1::{ContextSpecific, ObjectIdentifier, OctetStringRef};
use pkcs8::der::pem::LineEnding;
use pkcs8::der::{Decode as _, Reader as _, SecretDocument, SliceReader, TagNumber};
use pkcs8::pkcs5::{self, EncryptionScheme, pbes2};
use pkcs8::rand_core::TryCryptoRng;
use pkcs8::{
    AlgorithmIdentifierRef, EncodePrivateKey as _, EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef,
};
use zeroize::Zeroizing;

use super::pem::{KeyText, unfit};
use super::public::{ED25519, P256, name, supported};
use super::{KeyError, KeyType, PublicKey, openssh};

/// Rounds of PBKDF2 when writing: OWASP's figure for HMAC-SHA-256. Every OpenSSL reads it.
const PBKDF2_ROUNDS: u32 = 600_000;
/// Rounds of PBKDF2 when reading: a few seconds of work.
const PBKDF2_MOST: u64 = 10_000_000;
/// Bytes of scrypt's working memory when reading: N = 2^17 with r = 8, OWASP's figure.
const SCRYPT_MEMORY: u64 = 128 << 20;
/// scrypt's N·r·p when reading: eight passes over that memory.
const SCRYPT_WORK: u64 = 8 << 20;

/// A private key. Its bytes are erased from memory when it is dropped; it cannot be printed.
pub struct SecretKey {
    scalar: Scalar,
}

enum Scalar {
    Ed25519(Box<ed25519_dalek::SigningKey>),
    P256(Box<p256::ecdsa::SigningKey>),
}

impl SecretKey {
    /// Makes a new key from 32 bytes of the generator.
    pub fn generate<R: TryCryptoRng + ?Sized>(
        key_type: KeyType,
        rng: &mut R,
    ) -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        // One P-256 candidate in 2^32 is beyond the group order. A generator that gives four such in
        // a row is broken.
        for _ in 0..4 {
            rng.try_fill_bytes(seed.as_mut_slice()).map_err(|_| KeyError::Random)?;
            let made = match key_type {
                KeyType::Ed25519 => Ok(Self::from_ed25519(&seed)),
                KeyType::P256 => Self::from_p256(&*seed),
            };
            if made.is_ok() {
                return made;
            }
        }
        Err(KeyError::Random)
    }

    /// Reads the one key of a file: PKCS#8 PEM (v1, v2, or encrypted by PBES2), an OpenSSH private
    /// key (`aes256-ctr` when encrypted), or SEC1 `EC PRIVATE KEY`. A passphrase that is not needed
    /// is not looked at. A file cannot make the reader use more than some seconds and 128 MiB.
    pub fn from_text(file: &[u8], passphrase: Option<&[u8]>) -> Result<Self, KeyError> {
        match KeyText::read(file)? {
            KeyText::Block { label: "PRIVATE KEY", bytes } => read_pkcs8(&bytes),
            KeyText::Block { label: "ENCRYPTED PRIVATE KEY", bytes } => {
                read_encrypted(&bytes, passphrase)
            }
            KeyText::Block { label: "OPENSSH PRIVATE KEY", bytes } => {
                openssh::read_secret(&bytes, passphrase)
            }
            KeyText::Block { label: "EC PRIVATE KEY", bytes } => read_sec1(&bytes),
            KeyText::Block { label, .. } if label.ends_with("PUBLIC KEY") => {
                Err(KeyError::PublicGiven)
            }
            KeyText::Block { label, .. } => Err(unfit(label)),
            KeyText::Line(text) => match openssh::read_public_text(text) {
                Err(KeyError::NotAKey) => Err(KeyError::NotAKey),
                _ => Err(KeyError::PublicGiven),
            },
        }
    }

    pub(super) fn from_ed25519(seed: &[u8; 32]) -> Self {
        let key = Box::new(ed25519_dalek::SigningKey::from_bytes(seed));
        Self { scalar: Scalar::Ed25519(key) }
    }

    pub(super) fn from_p256(scalar: &[u8]) -> Result<Self, KeyError> {
        const BAD: KeyError = KeyError::Malformed { what: "its number is not a P-256 scalar" };
        let key = p256::ecdsa::SigningKey::from_slice(scalar).map_err(|_| BAD)?;
        Ok(Self { scalar: Scalar::P256(Box::new(key)) })
    }

    /// What signatures of this key are.
    pub const fn key_type(&self) -> KeyType {
        match self.scalar {
            Scalar::Ed25519(_) => KeyType::Ed25519,
            Scalar::P256(_) => KeyType::P256,
        }
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        match &self.scalar {
            Scalar::Ed25519(key) => PublicKey::of_ed25519(key.verifying_key()),
            Scalar::P256(key) => PublicKey::of_p256(*key.verifying_key()),
        }
    }

    /// Signs the message: 64 bytes for Ed25519, DER for P-256. Both are deterministic (RFC 8032,
    /// RFC 6979), so equal inputs give equal signatures.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.scalar {
            Scalar::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
            Scalar::P256(key) => {
                let signature: p256::ecdsa::DerSignature = key.sign(message);
                signature.as_bytes().to_vec()
            }
        }
    }

    /// The key as PKCS#8 v1 in PEM, the form that OpenSSL 3.0 reads, with a line feed at the end.
    /// With a passphrase it is encrypted: PBKDF2 with HMAC-SHA-256 and 600,000 rounds, AES-256-CBC.
    pub fn to_pem<R: TryCryptoRng + ?Sized>(
        &self,
        passphrase: Option<&[u8]>,
        rng: &mut R,
    ) -> Result<Zeroizing<String>, KeyError> {
        const BAD: KeyError = KeyError::Malformed { what: "it cannot be encoded" };
        let plain = self.to_pkcs8().map_err(|_| BAD)?;
        let Some(passphrase) = passphrase else {
            return plain.to_pem("PRIVATE KEY", LineEnding::LF).map_err(|_| BAD);
        };
        if passphrase.is_empty() {
            return Err(KeyError::EmptyPassphrase);
        }
        let (mut salt, mut iv) = ([0; 16], [0; 16]);
        rng.try_fill_bytes(&mut salt).map_err(|_| KeyError::Random)?;
        rng.try_fill_bytes(&mut iv).map_err(|_| KeyError::Random)?;
        let scheme = pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(PBKDF2_ROUNDS, &salt, iv);
        let info = PrivateKeyInfoRef::from_der(plain.as_bytes()).map_err(|_| BAD)?;
        let sealed =
            scheme.ok().and_then(|scheme| info.encrypt_with_params(scheme, passphrase).ok());
        let sealed = sealed.ok_or(BAD)?;
        sealed.to_pem("ENCRYPTED PRIVATE KEY", LineEnding::LF).map_err(|_| BAD)
    }

    fn to_pkcs8(&self) -> pkcs8::Result<SecretDocument> {
        match &self.scalar {
            Scalar::Ed25519(key) => {
                // An OCTET STRING within the OCTET STRING (RFC 8410, section 7).
                let mut seed = Zeroizing::new([0; 34]);
                seed[..2].copy_from_slice(&[4, 32]);
                seed[2..].copy_from_slice(key.as_bytes());
                let algorithm = AlgorithmIdentifierRef { oid: ED25519, parameters: None };
                let seed = OctetStringRef::new(seed.as_slice())?;
                Ok(SecretDocument::encode_msg(&PrivateKeyInfoRef::new(algorithm, seed))?)
            }
            Scalar::P256(key) => p256::SecretKey::from(key.as_nonzero_scalar()).to_pkcs8_der(),
        }
    }
}

fn read_pkcs8(der: &[u8]) -> Result<SecretKey, KeyError> {
    const BAD: KeyError = KeyError::Malformed { what: "it is not a DER PrivateKeyInfo" };
    let info = PrivateKeyInfoRef::from_der(der).map_err(|_| BAD)?;
    let secret = match supported(&info.algorithm)? {
        KeyType::Ed25519 => {
            let [4, 32, seed @ ..] = info.private_key.as_bytes() else {
                return Err(BAD);
            };
            SecretKey::from_ed25519(seed.try_into().map_err(|_| BAD)?)
        }
        KeyType::P256 => read_sec1(info.private_key.as_bytes())?,
    };
    // PKCS#8 v2 may name the public key (RFC 5958).
    let claimed = info.public_key.map(|bits| match secret.key_type() {
        KeyType::Ed25519 => PublicKey::from_ed25519(bits.raw_bytes()),
        KeyType::P256 => PublicKey::from_p256(bits.raw_bytes()),
    });
    match claimed {
        Some(claimed) if claimed.as_ref() != Ok(&secret.public()) => Err(KeyError::PairMismatch),
        _ => Ok(secret),
    }
}

/// Reads an ECPrivateKey (RFC 5915). The reader holds the public key in it, if any, against ours.
fn read_sec1(der: &[u8]) -> Result<SecretKey, KeyError> {
    const BAD: KeyError = KeyError::Malformed { what: "it is not a DER ECPrivateKey on P-256" };
    if let Some(other) = sec1_curve(der).filter(|curve| curve != "P-256") {
        return Err(KeyError::Unsupported { algorithm: other });
    }
    let key = p256::SecretKey::from_sec1_der(der).map_err(|_| BAD)?;
    Ok(SecretKey { scalar: Scalar::P256(Box::new(key.into())) })
}

/// The curve that an ECPrivateKey names.
fn sec1_curve(der: &[u8]) -> Option<String> {
    let mut reader = SliceReader::new(der).ok()?;
    let curve = reader.sequence(|inner| {
        let _version = u8::decode(inner)?;
        let _scalar = <&OctetStringRef>::decode(inner)?;
        let curve = ContextSpecific::<ObjectIdentifier>::decode_explicit(inner, TagNumber(0))?;
        inner.read_slice(inner.remaining_len())?;
        Ok::<_, pkcs8::der::Error>(curve)
    });
    let curve = curve.ok()??.value;
    Some(if curve == P256 { "P-256".to_owned() } else { name(&curve) })
}

fn read_encrypted(der: &[u8], passphrase: Option<&[u8]>) -> Result<SecretKey, KeyError> {
    const BAD: KeyError = KeyError::Malformed { what: "it is not a DER EncryptedPrivateKeyInfo" };
    let scheme = scheme_name(der).ok_or(BAD)?;
    let unsupported = || KeyError::UnsupportedEncryption { scheme: scheme.clone() };
    let info = EncryptedPrivateKeyInfoRef::from_der(der).map_err(|_| unsupported())?;
    let EncryptionScheme::Pbes2(parameters) = &info.encryption_algorithm else {
        return Err(unsupported());
    };
    bound_cost(&parameters.kdf)?;
    let passphrase = passphrase.ok_or(KeyError::NeedsPassphrase)?;
    let plain = parameters.decrypt(passphrase, info.encrypted_data.as_bytes());
    let plain = Zeroizing::new(plain.map_err(|error| match error {
        pkcs5::Error::UnsupportedAlgorithm { oid } => {
            KeyError::UnsupportedEncryption { scheme: oid.to_string() }
        }
        pkcs5::Error::AlgorithmParametersInvalid { .. } => unsupported(),
        _ => KeyError::WrongPassphrase,
    })?);
    // One wrong passphrase in 256 leaves padding that looks right, and rubbish before it.
    read_pkcs8(&plain).map_err(|error| match error {
        KeyError::Malformed { .. } => KeyError::WrongPassphrase,
        other => other,
    })
}

/// The object identifier of the scheme, when this is an EncryptedPrivateKeyInfo of any scheme.
fn scheme_name(der: &[u8]) -> Option<String> {
    let mut reader = SliceReader::new(der).ok()?;
    let algorithm = reader.sequence(|inner| {
        let algorithm = AlgorithmIdentifierRef::decode(inner)?;
        let _data = <&OctetStringRef>::decode(inner)?;
        Ok::<_, pkcs8::der::Error>(algorithm)
    });
    let algorithm: AlgorithmIdentifierRef<'_> = algorithm.ok()?;
    reader.finish().ok()?;
    if algorithm.oid != pbes2::PBES2_OID {
        return Some(algorithm.oid.to_string());
    }
    // PBES2 names its function and its cipher: the part that is unusual is among them.
    let parts = algorithm.parameters.and_then(|parameters| {
        parameters
            .sequence(|inner| {
                let kdf = AlgorithmIdentifierRef::decode(inner)?;
                let cipher = AlgorithmIdentifierRef::decode(inner)?;
                Ok::<_, pkcs8::der::Error>(format!("PBES2 {} {}", kdf.oid, cipher.oid))
            })
            .ok()
    });
    Some(parts.unwrap_or_else(|| "PBES2".to_owned()))
}

/// Refuses what would take too long or too much memory before the passphrase can be tried.
fn bound_cost(kdf: &pbes2::Kdf) -> Result<(), KeyError> {
    let bound = |parameter, found, limit| {
        if found > limit { Err(KeyError::Cost { parameter, found, limit }) } else { Ok(()) }
    };
    match kdf {
        pbes2::Kdf::Pbkdf2(pbkdf2) => {
            bound("number of PBKDF2 rounds", pbkdf2.iteration_count.into(), PBKDF2_MOST)
        }
        pbes2::Kdf::Scrypt(scrypt) => {
            let (n, r, p) = (
                scrypt.cost_parameter,
                u64::from(scrypt.block_size),
                u64::from(scrypt.parallelization),
            );
            // pkcs5 panics on N = 0.
            if !n.is_power_of_two() || n < 2 || r == 0 || p == 0 {
                return Err(KeyError::Malformed { what: "its scrypt parameters make no sense" });
            }
            let memory = n.saturating_add(p).saturating_mul(128).saturating_mul(r);
            bound("scrypt memory in bytes", memory, SCRYPT_MEMORY + (1 << 20))?;
            bound("scrypt work (N·r·p)", n.saturating_mul(r).saturating_mul(p), SCRYPT_WORK)
        }
        other => Err(KeyError::UnsupportedEncryption { scheme: other.oid().to_string() }),
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({} ..)", self.key_type())
    }
}
