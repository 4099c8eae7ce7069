//! Digests: fixed-size values, written as lower-case hexadecimal, and non-empty sets of them.
//!
//! Spec: `spec/v0.1/digest.md`.

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

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

/// Text form, serde and schema of a newtype around digest bytes.
macro_rules! hex_text {
    ($name:ident, $pattern:literal, $what:literal) => {
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
                let text = String::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern, "description": $what })
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
        hex_text!($name, "^[0-9a-f]{64}$", $what);
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
    "A git object id in 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits."
);

/// The digests of one content: at least one, of different algorithms.
///
/// A file has `sha256` and `blake3`; a tree has `dirHash`, `gitTree` and, where the commit is
/// named, `gitCommit`. All that are known must match (`digest-4`), and at least one of them must be
/// strong (`digest-5`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", try_from = "WireDigestSet")]
#[schemars(!try_from, extend("minProperties" = 1))]
pub struct DigestSet {
    /// SHA-256 of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<Sha256>,
    /// BLAKE3 of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    blake3: Option<Blake3>,
    /// in-toto dirHash of a tree.
    #[serde(skip_serializing_if = "Option::is_none")]
    dir_hash: Option<DirHash>,
    /// Commit of a git repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    git_commit: Option<GitId>,
    /// Tree of a git repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    git_tree: Option<GitId>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDigestSet {
    sha256: Option<Sha256>,
    blake3: Option<Blake3>,
    dir_hash: Option<DirHash>,
    git_commit: Option<GitId>,
    git_tree: Option<GitId>,
}

impl TryFrom<WireDigestSet> for DigestSet {
    type Error = DigestError;
    fn try_from(wire: WireDigestSet) -> Result<Self, DigestError> {
        let WireDigestSet { sha256, blake3, dir_hash, git_commit, git_tree } = wire;
        let set = Self { sha256, blake3, dir_hash, git_commit, git_tree };
        if set.digests().next().is_none() { Err(DigestError::Empty) } else { Ok(set) }
    }
}

/// One digest with its algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digest {
    /// SHA-256 of a file.
    Sha256(Sha256),
    /// BLAKE3 of a file.
    Blake3(Blake3),
    /// in-toto dirHash of a tree.
    DirHash(DirHash),
    /// Commit of a git repository.
    GitCommit(GitId),
    /// Tree of a git repository.
    GitTree(GitId),
}

impl Digest {
    /// The algorithm's name in the format.
    pub const fn algorithm(&self) -> &'static str {
        match self {
            Self::Sha256(_) => "sha256",
            Self::Blake3(_) => "blake3",
            Self::DirHash(_) => "dirHash",
            Self::GitCommit(_) => "gitCommit",
            Self::GitTree(_) => "gitTree",
        }
    }

    /// Whether a match of this digest alone establishes the content (`digest-5`).
    pub const fn is_strong(&self) -> bool {
        match self {
            Self::Sha256(_) | Self::Blake3(_) | Self::DirHash(_) => true,
            Self::GitCommit(id) | Self::GitTree(id) => id.is_strong(),
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sha256(d) => d.fmt(f),
            Self::Blake3(d) => d.fmt(f),
            Self::DirHash(d) => d.fmt(f),
            Self::GitCommit(d) | Self::GitTree(d) => d.fmt(f),
        }
    }
}

impl From<Digest> for DigestSet {
    fn from(digest: Digest) -> Self {
        Self::default().with(digest)
    }
}

/// What holding claimed digests against observed ones gives (`digest-4`, `digest-5`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// Every digest that both sides know is equal, and one of them is strong.
    Equal,
    /// This claimed digest differs from the observed one.
    Differs {
        /// What was claimed.
        claimed: Digest,
        /// What was observed.
        observed: Digest,
    },
    /// Nothing differs, but a claimed digest was not observed.
    Incomplete,
    /// Nothing differs, but only weak digests were compared, or none.
    Weak,
}

impl DigestSet {
    /// This set with one more digest; one of the same algorithm is replaced.
    #[must_use]
    pub fn with(mut self, digest: Digest) -> Self {
        match digest {
            Digest::Sha256(d) => self.sha256 = Some(d),
            Digest::Blake3(d) => self.blake3 = Some(d),
            Digest::DirHash(d) => self.dir_hash = Some(d),
            Digest::GitCommit(d) => self.git_commit = Some(d),
            Digest::GitTree(d) => self.git_tree = Some(d),
        }
        self
    }

    /// The digests of the set, in the order of the format.
    pub fn digests(&self) -> impl Iterator<Item = Digest> {
        [
            self.sha256.map(Digest::Sha256),
            self.blake3.map(Digest::Blake3),
            self.dir_hash.map(Digest::DirHash),
            self.git_commit.map(Digest::GitCommit),
            self.git_tree.map(Digest::GitTree),
        ]
        .into_iter()
        .flatten()
    }

    /// SHA-256, where the set has it.
    pub const fn sha256(&self) -> Option<Sha256> {
        self.sha256
    }

    /// BLAKE3, where the set has it.
    pub const fn blake3(&self) -> Option<Blake3> {
        self.blake3
    }

    /// in-toto dirHash, where the set has it.
    pub const fn dir_hash(&self) -> Option<DirHash> {
        self.dir_hash
    }

    /// Whether one of the digests is strong (`digest-5`).
    pub fn has_strong(&self) -> bool {
        self.digests().any(|d| d.is_strong())
    }

    /// Holds this claimed set against an observed one. A difference in any algorithm is a
    /// difference, whatever else matches.
    pub fn compare(&self, observed: &DigestSet) -> Match {
        let mut strong = false;
        let mut unseen = false;
        for claimed in self.digests() {
            match observed.digests().find(|o| o.algorithm() == claimed.algorithm()) {
                Some(observed) if observed != claimed => {
                    return Match::Differs { claimed, observed };
                }
                Some(_) => strong |= claimed.is_strong(),
                None => unseen = true,
            }
        }
        match (unseen, strong) {
            (true, _) => Match::Incomplete,
            (false, true) => Match::Equal,
            (false, false) => Match::Weak,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_digest_reads_back_as_it_was_written() {
        assert_eq!(Sha256::of(b"abc").to_string(), ABC);
        assert_eq!(ABC.parse(), Ok(Sha256::of(b"abc")));
    }

    #[test]
    fn upper_case_short_and_empty_are_refused() {
        assert!(matches!(
            ABC.to_uppercase().parse::<Sha256>(),
            Err(DigestError::Character { found: 'B', .. })
        ));
        assert!(matches!(ABC[..63].parse::<Sha256>(), Err(DigestError::Length { found: 63, .. })));
        let empty = serde_json::from_str::<DigestSet>("{}").unwrap_err();
        assert!(empty.to_string().contains("at least one"), "{empty}");
    }

    #[test]
    fn a_difference_in_one_algorithm_outweighs_a_match_in_another() {
        let claimed = DigestSet::from(Digest::Sha256(Sha256::of(b"a")))
            .with(Digest::Blake3(Blake3::new([1; 32])));
        let observed = DigestSet::from(Digest::Sha256(Sha256::of(b"a")))
            .with(Digest::Blake3(Blake3::new([2; 32])));
        assert!(matches!(claimed.compare(&observed), Match::Differs { .. }));
    }

    #[test]
    fn sha1_alone_is_weak_and_an_unseen_digest_is_incomplete() {
        let weak = DigestSet::from(Digest::GitTree(GitId::Sha1([3; 20])));
        assert_eq!(weak.compare(&weak), Match::Weak);
        let both = weak.clone().with(Digest::Sha256(Sha256::of(b"a")));
        assert_eq!(both.compare(&weak), Match::Incomplete);
        assert_eq!(weak.compare(&both), Match::Weak);
        assert_eq!(both.compare(&both), Match::Equal);
    }
}
