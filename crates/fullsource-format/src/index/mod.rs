//! File lists: the table they are held in, and the three digests that bind a file index.
//!
//! A file index is one JSON object per line, `{"path","size","sha256","blake3"?}`, sorted by path
//! bytes. It is bound by its own SHA-256, by the dirHash of its entries, and by an RFC 6962 Merkle
//! root, so that one file can be checked without the rest of the list.
//!
//! Spec: `spec/v0.1/file-index.md`, `spec/v0.1/digest.md`.

mod dir_hash;
mod jsonl;
mod line;
mod merkle;
mod table;

use crate::digest::{Blake3, DirHash, MerkleRoot, Sha256};

pub use dir_hash::{DirHashError, dir_hash};
pub use jsonl::{
    FileIndex, IndexError, IndexFault, IndexReader, IndexWriter, WriteError, read_index,
    write_index,
};
pub use merkle::{InclusionProof, MerkleTree, ProofError};
pub use table::{FileRecord, FileTable, FileTableBuilder, TableError};

/// One entry of a file index: a file whose SHA-256 is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexEntry<'a> {
    /// The path, valid as a [`RelPath`](crate::path::RelPath).
    pub path: &'a str,
    /// Bytes of the file.
    pub size: u64,
    /// SHA-256 of the file.
    pub sha256: Sha256,
    /// BLAKE3 of the file, where the index has it.
    pub blake3: Option<Blake3>,
}

impl<'a> FileRecord<'a> {
    /// The file as an entry of an index, where its SHA-256 is known.
    pub fn entry(&self) -> Option<IndexEntry<'a>> {
        let &Self { path, size, sha256, blake3 } = self;
        Some(IndexEntry { path, size, sha256: sha256?, blake3 })
    }
}

impl<'a> From<IndexEntry<'a>> for FileRecord<'a> {
    fn from(entry: IndexEntry<'a>) -> Self {
        let IndexEntry { path, size, sha256, blake3 } = entry;
        Self { path, size, sha256: Some(sha256), blake3 }
    }
}

/// What binds a file index: all of it follows from the bytes of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexDigests {
    /// SHA-256 of the index as it is stored.
    pub sha256: Sha256,
    /// Bytes of the index as it is stored.
    pub size: u64,
    /// dirHash of the entries.
    pub dir_hash: DirHash,
    /// RFC 6962 Merkle root of the entries.
    pub merkle_root: MerkleRoot,
    /// The number of entries.
    pub file_count: u64,
    /// Bytes of all files together.
    pub total_bytes: u64,
}
