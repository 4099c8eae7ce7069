//! Sets of digests: of one content, of different algorithms, and how they are compared.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Blake3, DigestError, DirHash, GitId, Sha256};

/// The digests of one content: at least one, of different algorithms.
///
/// A file has `sha256` and `blake3`; a tree has `dirHash`, `gitTree` and, where the commit is
/// named, `gitCommit`. All that are known must match (`digest-4`), and at least one of them must be
/// strong (`digest-5`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(into = "WireDigestSet", try_from = "WireDigestSet")]
#[schemars(with = "WireDigestSet", rename = "DigestSet", extend("minProperties" = 1))]
pub struct DigestSet {
    /// In the order of the format, each algorithm once. Most sets have one digest, and a document may
    /// hold hundreds of thousands of sets.
    digests: Box<[Digest]>,
}

/// The digests of one content, at least one of them.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct WireDigestSet {
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

impl TryFrom<WireDigestSet> for DigestSet {
    type Error = DigestError;
    fn try_from(wire: WireDigestSet) -> Result<Self, DigestError> {
        let digests = [
            wire.sha256.map(Digest::Sha256),
            wire.blake3.map(Digest::Blake3),
            wire.dir_hash.map(Digest::DirHash),
            wire.git_commit.map(Digest::GitCommit),
            wire.git_tree.map(Digest::GitTree),
        ];
        let digests: Box<[Digest]> = digests.into_iter().flatten().collect();
        if digests.is_empty() { Err(DigestError::Empty) } else { Ok(Self { digests }) }
    }
}

impl From<DigestSet> for WireDigestSet {
    fn from(set: DigestSet) -> Self {
        let (sha256, blake3, dir_hash) = (set.sha256(), set.blake3(), set.dir_hash());
        let mut wire = Self { sha256, blake3, dir_hash, git_commit: None, git_tree: None };
        for digest in set.digests() {
            match digest {
                Digest::GitCommit(id) => wire.git_commit = Some(id),
                Digest::GitTree(id) => wire.git_tree = Some(id),
                Digest::Sha256(_) | Digest::Blake3(_) | Digest::DirHash(_) => {}
            }
        }
        wire
    }
}

/// One digest with its algorithm.
///
/// The variants stand in the order of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    pub fn with(self, digest: Digest) -> Self {
        let others = self.digests().filter(|other| other.algorithm() != digest.algorithm());
        let mut digests: Box<[Digest]> = others.chain([digest]).collect();
        digests.sort_unstable();
        Self { digests }
    }

    /// The digests of the set, in the order of the format.
    pub fn digests(&self) -> impl Iterator<Item = Digest> {
        self.digests.iter().copied()
    }

    /// SHA-256, where the set has it.
    pub fn sha256(&self) -> Option<Sha256> {
        self.digests().find_map(|digest| match digest {
            Digest::Sha256(sha256) => Some(sha256),
            _ => None,
        })
    }

    /// BLAKE3, where the set has it.
    pub fn blake3(&self) -> Option<Blake3> {
        self.digests().find_map(|digest| match digest {
            Digest::Blake3(blake3) => Some(blake3),
            _ => None,
        })
    }

    /// in-toto dirHash, where the set has it.
    pub fn dir_hash(&self) -> Option<DirHash> {
        self.digests().find_map(|digest| match digest {
            Digest::DirHash(dir_hash) => Some(dir_hash),
            _ => None,
        })
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
    fn of_several_digests_each_is_told_by_its_name() {
        let text = |digit: &str| digit.repeat(64);
        let set = serde_json::json!({
            "sha256": text("1"), "blake3": text("2"), "dirHash": text("3"),
        });
        let read: DigestSet = serde_json::from_value(set).unwrap();
        assert_eq!(read.sha256().map(|d| Digest::Sha256(d).to_string()), Some(text("1")));
        assert_eq!(read.blake3().map(|d| Digest::Blake3(d).to_string()), Some(text("2")));
        assert_eq!(read.dir_hash().map(|d| Digest::DirHash(d).to_string()), Some(text("3")));
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

    #[test]
    fn a_git_id_has_its_digits_and_counts_where_they_are_sha256() {
        for (digits, strong) in [(40, false), (64, true)] {
            let text = "0123456789abcdef".repeat(4)[..digits].to_owned();
            let id: GitId = text.parse().unwrap();
            assert_eq!(id.to_string(), text);
            let set = DigestSet::from(Digest::GitCommit(id));
            assert_eq!((set.has_strong(), set.compare(&set) == Match::Equal), (strong, strong));
        }
    }

    #[test]
    fn bytes_in_pieces_have_the_digest_of_the_whole() {
        let mut hasher = Sha256::hasher();
        [&b"a"[..], b"", b"bc"].into_iter().for_each(|piece| hasher.update(piece));
        assert_eq!(hasher.finish().to_string(), ABC);
    }
}
