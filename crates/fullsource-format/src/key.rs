//! Keys and signatures: Ed25519 and ECDSA P-256, read from PEM and OpenSSH files.
//!
//! Spec: `spec/v0.1/envelope.md`, rules `key-*`.

mod openssh;
mod pem;
mod public;
mod secret;

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::digest::Sha256;
use crate::limits;

pub use pkcs8::rand_core::TryCryptoRng;
pub use public::{BadSignature, PublicKey};
pub use secret::SecretKey;

pub(crate) use openssh::{is_key_type, names_its_type};
pub(crate) use pem::{begin_label, printable};

/// What a signature is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyType {
    /// Ed25519 (RFC 8032), the default.
    Ed25519,
    /// ECDSA with SHA-256 on NIST P-256 (FIPS 186-5), for verifiers that know nothing else.
    P256,
}

impl KeyType {
    /// The name on the command line and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::P256 => "p256",
        }
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for KeyType {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        match text {
            "ed25519" => Ok(Self::Ed25519),
            "p256" => Ok(Self::P256),
            _ => Err(KeyError::UnknownType { found: text.to_owned() }),
        }
    }
}

/// What `keyid` and `publicKey.hint` hold: SHA-256 of the key's DER SPKI, written in standard base64
/// with padding, 44 characters. A hint for people and other tools; it decides nothing (`key-6`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 32]);

impl KeyId {
    /// The id of the key with this canonical SPKI.
    fn of_spki(spki: &[u8]) -> Self {
        Self(*Sha256::of(spki).as_bytes())
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// A text is not a key id: not the base64 of 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key id is the base64 of 32 bytes: 44 characters, the last of them `=`")]
pub struct KeyIdError;

impl FromStr for KeyId {
    type Err = KeyIdError;
    fn from_str(text: &str) -> Result<Self, KeyIdError> {
        let bytes = STANDARD.decode(text).map_err(|_| KeyIdError)?;
        bytes.try_into().map(Self).map_err(|_| KeyIdError)
    }
}

/// Why a key cannot be read, made or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The name of a key type that does not exist.
    #[error("there is no key type `{found}`")]
    UnknownType {
        /// What was asked for.
        found: String,
    },
    /// Nothing, or white space alone.
    #[error("the key file is empty")]
    Empty,
    /// More than a key needs.
    #[error("the key file has {bytes} bytes, more than the limit of {limit}", limit = limits::KEY_BYTES)]
    TooLong {
        /// Bytes found.
        bytes: usize,
    },
    /// Bytes that are no text, such as a key in DER.
    #[error("the key file is not text")]
    NotText,
    /// A byte order mark before the key.
    #[error("the key file starts with a byte order mark")]
    ByteOrderMark,
    /// Text that is in none of the forms that are read.
    #[error("this is not a key in PEM or OpenSSH form")]
    NotAKey,
    /// A PEM block of something else.
    #[error("the PEM block holds `{label}`, not a key")]
    OtherBlock {
        /// The label of the block.
        label: String,
    },
    /// Text before or after the key.
    #[error("there is text {place} the key")]
    SurroundingText {
        /// `before` or `after`.
        place: &'static str,
    },
    /// Several keys in one file.
    #[error("the file holds several keys")]
    SeveralKeys,
    /// The key is cut off, or not encoded as its first line says.
    #[error("the key is damaged: {what}")]
    Malformed {
        /// What does not hold.
        what: &'static str,
    },
    /// A key of another algorithm.
    #[error("the key is of type `{algorithm}`, which is not supported")]
    Unsupported {
        /// The algorithm's name or object identifier.
        algorithm: String,
    },
    /// A passphrase scheme that is not read.
    #[error("the key is encrypted with `{scheme}`, which is not supported")]
    UnsupportedEncryption {
        /// The scheme's name or object identifier.
        scheme: String,
    },
    /// A key file that asks for unreasonable work before its passphrase can be tried.
    #[error("the key file asks for a {parameter} of {found}, more than the limit of {limit}")]
    Cost {
        /// The parameter of the key derivation.
        parameter: &'static str,
        /// What the file asks for.
        found: u64,
        /// The most that is done.
        limit: u64,
    },
    /// A private key where a public one is needed.
    #[error("this is a private key; a public key is needed here")]
    PrivateGiven,
    /// A public key where a private one is needed.
    #[error("this is a public key; a private key is needed here")]
    PublicGiven,
    /// A public key in one of the eight small-order points: anybody can sign for it.
    #[error("the Ed25519 key is weak: a point of small order, for which anybody can sign")]
    Weak,
    /// A second spelling of a point.
    #[error("the Ed25519 key is not in its canonical encoding")]
    NonCanonical,
    /// Bytes that are no point of the curve.
    #[error("the key is not a point of its curve")]
    NotAPoint,
    /// A private key whose file names another public key.
    #[error("the private key and the public key in the file do not belong together")]
    PairMismatch,
    /// An encrypted key and no passphrase.
    #[error("the key is protected by a passphrase")]
    NeedsPassphrase,
    /// An encrypted key that the passphrase does not open.
    #[error("the passphrase does not open the key")]
    WrongPassphrase,
    /// A passphrase of no characters, when writing.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// The random number generator failed.
    #[error("the random number generator failed")]
    Random,
}

impl KeyError {
    /// What to do about it.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::UnknownType { .. } => "use `ed25519` (the default) or `p256`",
            Self::Empty | Self::NotAKey | Self::TooLong { .. } => {
                "give a file written by `fullsource keygen`, `openssl genpkey`, `openssl pkey -pubout` \
                 or `ssh-keygen`"
            }
            Self::NotText => {
                "convert a DER file to PEM: `openssl pkey -inform DER -in FILE` (add `-pubin` for a \
                 public key)"
            }
            Self::ByteOrderMark => "save the file as UTF-8 without byte order mark",
            Self::OtherBlock { .. } => {
                "give the key itself; for a certificate, `openssl x509 -pubkey -noout -in FILE` prints \
                 its public key"
            }
            Self::SurroundingText { .. } => "remove everything but the key from the file",
            Self::SeveralKeys => {
                "keep one key in each file; give several keys as several files, or as a trust file"
            }
            Self::Malformed { .. } | Self::NotAPoint | Self::NonCanonical | Self::PairMismatch => {
                "get the key again from where it was made"
            }
            Self::Unsupported { .. } => "use an Ed25519 or a P-256 key",
            Self::UnsupportedEncryption { .. } => {
                "encrypt the key anew: `openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE`, or \
                 `ssh-keygen -p -Z aes256-ctr -f FILE`"
            }
            Self::Cost { .. } => {
                "encrypt the key anew with usual parameters: `openssl pkcs8 -topk8 -in FILE`, or \
                 `ssh-keygen -p -a 24 -f FILE`"
            }
            Self::PrivateGiven => {
                "give the public key (`PREFIX.pub`), and do not hand out the private one"
            }
            Self::PublicGiven => "give the private key (`PREFIX.key`)",
            Self::Weak => "do not trust this key, and ask who gave it to you",
            Self::NeedsPassphrase => "give the passphrase of the key",
            Self::WrongPassphrase => "check the passphrase, and that this is the key you mean",
            Self::EmptyPassphrase => "give a passphrase, or ask for a key without one",
            Self::Random => "check that the system's random source can be read",
        }
    }
}
