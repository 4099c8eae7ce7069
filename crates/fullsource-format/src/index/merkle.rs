//! RFC 6962 Merkle tree over the entries of a file index, and proofs that one is in it.
//!
//! Spec: `spec/v0.1/file-index.md`, section "Merkle root".

use sha2::Digest as _;

use super::{FileTable, IndexEntry};
use crate::digest::MerkleRoot;

type Node = [u8; 32];

/// `SHA256(0x00 || path || 0x00 || u64be size || sha256)`. A path holds no NUL, so that the parts
/// cannot be shifted into each other.
fn leaf(entry: &IndexEntry<'_>) -> Node {
    sha2::Sha256::new()
        .chain_update([0])
        .chain_update(entry.path)
        .chain_update([0])
        .chain_update(entry.size.to_be_bytes())
        .chain_update(entry.sha256.as_bytes())
        .finalize()
        .into()
}

/// `SHA256(0x01 || left || right)`.
fn node(left: &Node, right: &Node) -> Node {
    sha2::Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of entries given one by one, in the order of the index, in memory of O(log n).
#[derive(Debug, Clone, Default)]
pub struct MerkleTree {
    /// Roots of complete subtrees, largest first: one for each bit set in `count`.
    complete: Vec<Node>,
    count: u64,
}

impl MerkleTree {
    /// Adds the next entry.
    pub fn push(&mut self, entry: &IndexEntry<'_>) {
        let mut right = leaf(entry);
        for _ in 0..self.count.trailing_ones() {
            if let Some(left) = self.complete.pop() {
                right = node(&left, &right);
            }
        }
        self.complete.push(right);
        self.count += 1;
    }

    /// The number of entries.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The root; of no entries it is the SHA-256 of nothing (RFC 6962, section 2.1).
    pub fn root(&self) -> MerkleRoot {
        MerkleRoot::new(self.node())
    }

    fn node(&self) -> Node {
        let mut from_the_right = self.complete.iter().rev();
        match from_the_right.next() {
            Some(last) => from_the_right.fold(*last, |right, left| node(left, &right)),
            None => sha2::Sha256::digest([]).into(),
        }
    }
}

/// Why a proof does not show an entry to be in an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The proof is for another number of entries, or has too many or too few nodes.
    #[error("entry {index} of {count} does not take a proof of {nodes} nodes")]
    Shape {
        /// The entry's place, from 0.
        index: u64,
        /// Entries of the index.
        count: u64,
        /// Nodes of the proof.
        nodes: usize,
    },
    /// The entry and the proof lead to another root.
    #[error("the entry and its proof lead to the root `{found}`")]
    Root {
        /// The root they lead to.
        found: MerkleRoot,
    },
}

/// The nodes that lead from one entry to the root (RFC 6962, section 2.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionProof {
    /// The entry's place in the index, from 0.
    pub index: u64,
    /// Entries of the index.
    pub count: u64,
    /// Siblings on the way up, the entry's own first.
    pub siblings: Vec<[u8; 32]>,
}

impl InclusionProof {
    /// The proof for the file at `index` of a table; `None` beyond its end or where the sha256 of a
    /// file is not known. Hashes every entry once.
    pub fn of(files: &FileTable, index: usize) -> Option<Self> {
        if index >= files.len() {
            return None;
        }
        let mut siblings = Vec::new();
        let (mut start, mut end) = (0, files.len());
        while end - start > 1 {
            let middle = start + (end - start).next_power_of_two() / 2;
            let sibling = if index < middle { middle..end } else { start..middle };
            let mut tree = MerkleTree::default();
            for file in sibling.map(|i| files.record(i)) {
                tree.push(&file.entry()?);
            }
            siblings.push(tree.node());
            (start, end) = if index < middle { (start, middle) } else { (middle, end) };
        }
        siblings.reverse();
        Some(Self { index: index as u64, count: files.len() as u64, siblings })
    }

    /// Whether the entry is the one at `index` of the index with this root and count (RFC 9162,
    /// section 2.1.3.2). The root and the count must come from what was signed, not from the proof's
    /// giver.
    pub fn verify(
        &self,
        entry: &IndexEntry<'_>,
        root: &MerkleRoot,
        count: u64,
    ) -> Result<(), ProofError> {
        let shape = ProofError::Shape { index: self.index, count, nodes: self.siblings.len() };
        if self.index >= self.count || self.count != count {
            return Err(shape);
        }
        let (mut place, mut last) = (self.index, self.count - 1);
        let mut found = leaf(entry);
        for sibling in &self.siblings {
            if last == 0 {
                return Err(shape);
            }
            if place & 1 == 1 || place == last {
                found = node(sibling, &found);
                let up = place.trailing_zeros();
                (place, last) = (place.unbounded_shr(up), last.unbounded_shr(up));
            } else {
                found = node(&found, sibling);
            }
            (place, last) = (place >> 1, last >> 1);
        }
        match (last, MerkleRoot::new(found)) {
            (0, found) if found == *root => Ok(()),
            (0, found) => Err(ProofError::Root { found }),
            _ => Err(shape),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::dir_hash;
    use serde_json::Value;

    fn cases() -> Vec<Value> {
        let text = include_str!("../../testdata/file-index.json");
        let mut document: Value = serde_json::from_str(text).unwrap();
        serde_json::from_value(document["cases"].take()).unwrap()
    }

    fn files(case: &Value) -> FileTable {
        let mut files = FileTable::builder();
        for record in case["records"].as_array().unwrap() {
            let entry = IndexEntry {
                path: record["path"].as_str().unwrap(),
                size: record["size"].as_u64().unwrap(),
                sha256: record["sha256"].as_str().unwrap().parse().unwrap(),
                blake3: None,
            };
            files.push(entry.into()).unwrap();
        }
        files.build().unwrap()
    }

    fn root(files: &FileTable) -> MerkleRoot {
        let mut tree = MerkleTree::default();
        files.iter().for_each(|file| tree.push(&file.entry().unwrap()));
        tree.root()
    }

    #[test]
    fn roots_proofs_and_dir_hashes_are_those_of_the_vectors() {
        let cases = cases();
        assert!(cases.len() > 5, "the vectors are there");
        for case in cases {
            let files = files(&case);
            let root = root(&files);
            assert_eq!(root.to_string(), case["rootRfc6962Sha256"], "n = {}", case["n"]);
            let lines = files.iter().map(|file| (file.path, file.sha256.unwrap()));
            assert_eq!(dir_hash(lines).unwrap().to_string(), case["dirHash"]);
            for (index, expected) in case["inclusionProofs"].as_array().unwrap().iter().enumerate()
            {
                let proof = InclusionProof::of(&files, index).unwrap();
                let siblings: Vec<String> =
                    proof.siblings.iter().map(|node| MerkleRoot::new(*node).to_string()).collect();
                assert_eq!(serde_json::to_value(siblings).unwrap(), *expected);
                let entry = files.record(index).entry().unwrap();
                assert_eq!(proof.verify(&entry, &root, files.len() as u64), Ok(()));
            }
            assert_eq!(InclusionProof::of(&files, files.len()), None);
        }
    }

    #[test]
    fn a_proof_holds_for_its_entry_place_and_count_only() {
        let files = files(&cases().pop().unwrap());
        let (root, count) = (root(&files), files.len() as u64);
        let proof = InclusionProof::of(&files, 5).unwrap();
        let entry = files.record(5).entry().unwrap();
        let other = IndexEntry { size: entry.size + 1, ..entry };
        assert!(matches!(proof.verify(&other, &root, count), Err(ProofError::Root { .. })));
        for index in (0..count + 3).filter(|index| *index != 5) {
            let moved = InclusionProof { index, ..proof.clone() };
            let refused = moved.verify(&entry, &root, count).unwrap_err();
            assert!(index < count || matches!(refused, ProofError::Shape { .. }), "{index}");
        }
        // One of another count, which the proof alone does not show.
        let refused = proof.verify(&entry, &root, count + 1);
        assert!(matches!(refused, Err(ProofError::Shape { .. })));
        let mut short = proof.clone();
        short.siblings.pop();
        let mut long = proof.clone();
        long.siblings.push([0; 32]);
        for wrong in [short, long, InclusionProof { count: count - 1, ..proof.clone() }] {
            let refused = wrong.verify(&entry, &root, count);
            assert!(matches!(refused, Err(ProofError::Shape { .. })), "{wrong:?}");
        }
    }
}
