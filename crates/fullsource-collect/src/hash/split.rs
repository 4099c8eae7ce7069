//! BLAKE3 of one large file by several workers: subtrees of its hash tree, merged at the end.
//!
//! A segment is a power of two of at least one chunk, so that each but the last is a complete
//! subtree (BLAKE3, section 2.1; `blake3::hazmat`).

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use blake3::hazmat::{
    ChainingValue, HasherExt as _, Mode, merge_subtrees_non_root, merge_subtrees_root,
};
use fullsource_format::digest::Blake3;

use super::{Digests, FileTrouble, Interrupted, LARGE, Marked, OpenFile, Worker, block_at};

/// Segments of one file at most, so that their chaining values stay small.
const SEGMENTS: u64 = 4096;

/// A file of several segments.
pub(super) struct SplitFile {
    pub(super) index: usize,
    pub(super) path: String,
    size: u64,
    segment: u64,
    file: OnceLock<Result<OpenFile, FileTrouble>>,
    subtrees: Vec<OnceLock<Result<ChainingValue, Interrupted>>>,
    left: AtomicU64,
}

impl SplitFile {
    /// A file of more than [`LARGE`] bytes.
    pub(super) fn new(index: usize, path: &str, size: u64) -> Self {
        let segment = LARGE.max(size.div_ceil(SEGMENTS).next_power_of_two());
        let segments = size.div_ceil(segment);
        Self {
            index,
            path: path.to_owned(),
            size,
            segment,
            file: OnceLock::new(),
            subtrees: (0..segments).map(|_| OnceLock::new()).collect(),
            left: AtomicU64::new(segments),
        }
    }

    pub(super) fn segments(&self) -> u64 {
        self.subtrees.len() as u64
    }
}

impl Worker<'_, '_> {
    /// Digests one segment; the worker that ends the last one gets the file's digest.
    pub(super) fn run_segment(
        &self,
        split: &SplitFile,
        segment: u64,
        buffer: &mut [u8],
    ) -> Option<Result<Marked, Interrupted>> {
        let file =
            split.file.get_or_init(|| OpenFile::open(self.root, split.path.as_bytes(), split.size));
        let subtree = match file {
            Ok(file) => self.subtree(split, file, segment, buffer),
            Err(trouble) => Err((*trouble).into()),
        };
        let place = usize::try_from(segment).ok().and_then(|place| split.subtrees.get(place))?;
        // Each segment is given out once.
        let _ = place.set(subtree);
        if split.left.fetch_sub(1, Ordering::AcqRel) > 1 {
            return None;
        }
        Some(merge(split).and_then(|digests| match file {
            Ok(file) => Ok(digests.marked(file.still_same()?)),
            Err(trouble) => Err((*trouble).into()),
        }))
    }

    fn subtree(
        &self,
        split: &SplitFile,
        file: &OpenFile,
        segment: u64,
        buffer: &mut [u8],
    ) -> Result<ChainingValue, Interrupted> {
        let mut offset = segment * split.segment;
        let end = split.size.min(offset + split.segment);
        let mut hasher = blake3::Hasher::new();
        hasher.set_input_offset(offset);
        while offset < end {
            self.progress.check()?;
            let block = block_at(buffer, offset, end);
            file.read_at(offset, block)?;
            hasher.update(block);
            offset += block.len() as u64;
            self.progress.add_bytes(block.len());
        }
        Ok(hasher.finalize_non_root())
    }
}

/// The digest of a file all of whose segments are done.
fn merge(split: &SplitFile) -> Result<Digests, Interrupted> {
    let subtrees: Result<Vec<ChainingValue>, Interrupted> =
        split.subtrees.iter().filter_map(OnceLock::get).copied().collect();
    let root = root_of(&subtrees?);
    Ok(Digests { sha256: None, blake3: Some(Blake3::new(root.into())) })
}

/// The root over at least two subtrees. A left child has the largest power of two of them that leaves
/// something to the right.
fn root_of(subtrees: &[ChainingValue]) -> blake3::Hash {
    let (left, right) = halves(subtrees);
    merge_subtrees_root(&value_of(left), &value_of(right), Mode::Hash)
}

fn value_of(subtrees: &[ChainingValue]) -> ChainingValue {
    match subtrees {
        [value] => *value,
        several => {
            let (left, right) = halves(several);
            merge_subtrees_non_root(&value_of(left), &value_of(right), Mode::Hash)
        }
    }
}

fn halves(subtrees: &[ChainingValue]) -> (&[ChainingValue], &[ChainingValue]) {
    subtrees.split_at(subtrees.len().next_power_of_two() / 2)
}
