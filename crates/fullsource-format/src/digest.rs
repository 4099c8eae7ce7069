//! Digests: fixed-size values, written as lower-case hexadecimal, and non-empty sets of them.
//!
//! Spec: `spec/v0.1/digest.md`.

mod set;

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::text::from_text;
pub use set::{Digest, DigestSet, Match};

/// Why a text is not the digest it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// The text has the wrong number of characters for the algorithm.
    #[error("`{algorithm}` takes {expected} hexadecimal digits, this has {found}")]
    Length {
        /// The algorithm's name in the format.
        algorithm: &'static str,
        /// The number of digits the algorithm takes.
        expected: &'static str,
        /// The number of characters found.
        found: usize,
    },
    /// The text holds something else than `0-9a-f`.
    #[error("`{algorithm}` takes lower-case hexadecimal digits only, this has `{found}`")]
    Character {
        /// The algorithm's name in the format.
        algorithm: &'static str,
        /// The first character that is not one.
        found: char,
    },
    /// A digest set without a digest.
    #[error("a digest set must hold at least one digest")]
    Empty,
}

/// Decodes exactly `2 * N` lower-case hexadecimal digits (`digest-2`).
fn unhex<const N: usize>(
    algorithm: &'static str,
    expected: &'static str,
    text: &str,
) -> Result<[u8; N], DigestError> {
    if let Some(found) = text.chars().find(|c| !matches!(c, '0'..='9' | 'a'..='f')) {
        return Err(DigestError::Character { algorithm, found });
    }
    if text.len() != 2 * N {
        return Err(DigestError::Length { algorithm, expected, found: text.len() });
    }
    let nibble = |c: u8| if c <= b'9' { c - b'0' } else { c - b'a' + 10 };
    let digits = text.as_bytes();
    Ok(std::array::from_fn(|i| nibble(digits[2 * i]) << 4 | nibble(digits[2 * i + 1])))
}

fn write_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|b| write!(f, "{b:02x}"))
}

/// The 64 lower-case hexadecimal digits of 32 bytes, for lists of a million of them.
pub(crate) fn hex(bytes: &[u8; 32]) -> [u8; 64] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    std::array::from_fn(|i| DIGITS[usize::from(bytes[i / 2] >> (4 - 4 * (i % 2)) & 15)])
}

/// What a digest looks like: SHA-256 of `abc`, as FIPS 180-4 has it.
const OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// Text form, serde and schema of a newtype around digest bytes.
macro_rules! hex_text {
    ($name:ident, $pattern:literal, $example:expr, $what:literal) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from_text(from)
            }
        }
        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "pattern": $pattern,
                    "examples": [$example],
                    "description": $what
                })
            }
        }
    };
}

macro_rules! digest {
    ($(#[$doc:meta])* $name:ident, $algorithm:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 32]);

        impl $name {
            /// The digest with these bytes.
            pub const fn new(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }
            /// The 32 bytes.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }
        impl FromStr for $name {
            type Err = DigestError;
            fn from_str(text: &str) -> Result<Self, DigestError> {
                unhex($algorithm, "64", text).map(Self)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(&self.0, f)
            }
        }
        hex_text!($name, "^[0-9a-f]{64}$", OF_ABC, $what);
    };
}

digest!(
    /// SHA-256 (FIPS 180-4) of a byte string.
    Sha256, "sha256", "SHA-256 in 64 lower-case hexadecimal digits."
);
digest!(
    /// BLAKE3, 32 bytes of output, no key, of a byte string.
    Blake3, "blake3", "BLAKE3 (32 bytes) in 64 lower-case hexadecimal digits."
);
digest!(
    /// in-toto's `dirHash` of a directory: SHA-256 over the lines `sha256  path\n` of its regular
    /// files, sorted by path bytes. See [`crate::index::dir_hash`].
    DirHash, "dirHash", "in-toto dirHash of a tree in 64 lower-case hexadecimal digits."
);

digest!(
    /// RFC 6962 Merkle root over the entries of a file index. See [`crate::index::MerkleTree`].
    MerkleRoot, "merkleRoot", "RFC 6962 Merkle root of a file index in 64 lower-case hexadecimal digits."
);

/// SHA-256 of bytes that come in pieces.
#[derive(Debug, Clone, Default)]
pub struct Sha256Hasher(sha2::Sha256);

impl Sha256Hasher {
    /// Takes the next piece.
    pub fn update(&mut self, bytes: &[u8]) {
        sha2::Digest::update(&mut self.0, bytes);
    }

    /// The digest of all pieces.
    pub fn finish(self) -> Sha256 {
        Sha256(sha2::Digest::finalize(self.0).into())
    }
}

impl Sha256 {
    /// Hashes bytes that come in pieces.
    pub fn hasher() -> Sha256Hasher {
        Sha256Hasher::default()
    }

    /// Hashes bytes that are in memory already.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(bytes).into())
    }
}

/// The id of a git object, in a SHA-1 or a SHA-256 repository.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GitId {
    /// 40 digits. Not collision-safe: alone it establishes nothing (`digest-5`).
    Sha1([u8; 20]),
    /// 64 digits.
    Sha256([u8; 32]),
}

impl GitId {
    /// Whether the id is collision-safe.
    pub const fn is_strong(&self) -> bool {
        matches!(self, Self::Sha256(_))
    }
}

impl FromStr for GitId {
    type Err = DigestError;
    fn from_str(text: &str) -> Result<Self, DigestError> {
        if text.len() == 64 {
            unhex("git id", "40 or 64", text).map(Self::Sha256)
        } else {
            unhex("git id", "40 or 64", text).map(Self::Sha1)
        }
    }
}

impl fmt::Display for GitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sha1(bytes) => write_hex(bytes, f),
            Self::Sha256(bytes) => write_hex(bytes, f),
        }
    }
}

hex_text!(
    GitId,
    "^([0-9a-f]{40}|[0-9a-f]{64})$",
    "3b18e512dba79e4c8300dd08aeb37f8e728b8dad",
    "A git object id in 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits."
);
