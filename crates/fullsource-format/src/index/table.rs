//! A list of files in little memory: 16 bytes a file, its path, and 32 bytes for each digest.

use std::ops::Range;

use crate::digest::{Blake3, Sha256};
use crate::limits;
use crate::path::{self, PathError};

/// One file of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileRecord<'a> {
    /// The path, valid as a [`RelPath`](crate::path::RelPath).
    pub path: &'a str,
    /// Bytes of the file.
    pub size: u64,
    /// SHA-256 of the file, where it is known.
    pub sha256: Option<Sha256>,
    /// BLAKE3 of the file, where it is known.
    pub blake3: Option<Blake3>,
}

/// Why files cannot be held in one table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Not a path of a release.
    #[error("`{}` is not a path of a release: {reason}", path.escape_debug())]
    Path {
        /// The text.
        path: String,
        /// What is wrong with it.
        reason: PathError,
    },
    /// One path twice.
    #[error("`{path}` is listed twice")]
    Duplicate {
        /// The path.
        path: String,
    },
    /// More files than the limit.
    #[error("there are more than {limit} files", limit = limits::FILES)]
    TooManyFiles,
    /// The paths together are longer than a table holds.
    #[error("the paths together have more than {limit} bytes", limit = u32::MAX)]
    PathBytes,
    /// The sizes add up to more than an integer of the format.
    #[error("the files together have more than {limit} bytes", limit = limits::MAX_INTEGER)]
    TotalBytes,
}

/// Files, each path once, sorted by path bytes.
///
/// A digest may be filled in later, by the file's index. A million files with paths of 40 bytes
/// take 56 MB, 88 MB with one digest of each and 120 MB with both.
#[derive(Debug, Clone, Default)]
pub struct FileTable {
    /// All paths, one after the other, in the order in which they came.
    paths: String,
    slots: Vec<Slot>,
    /// Empty as long as no file has one; else as long as `slots`.
    sha256: Vec<Sha256>,
    blake3: Vec<Blake3>,
    total_bytes: u64,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    size: u64,
    start: u32,
    length: u16,
    has_sha256: bool,
    has_blake3: bool,
}

impl FileTable {
    /// An empty table to be filled.
    pub fn builder() -> FileTableBuilder {
        FileTableBuilder::default()
    }

    /// The number of files.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The sum of all sizes in bytes.
    pub const fn total_bytes(&self) -> u64 {
        self.total_bytes
    }

    /// All files in the order of their path bytes.
    pub fn iter(
        &self,
    ) -> impl ExactSizeIterator<Item = FileRecord<'_>> + DoubleEndedIterator + Clone {
        (0..self.len()).map(|index| self.record(index))
    }

    /// The file at this index of the order. Panics beyond the end, as a slice does.
    pub fn record(&self, index: usize) -> FileRecord<'_> {
        let slot = self.slots[index];
        FileRecord {
            path: path_of(&self.paths, &slot),
            size: slot.size,
            sha256: slot.has_sha256.then(|| self.sha256[index]),
            blake3: slot.has_blake3.then(|| self.blake3[index]),
        }
    }

    /// The file with this path.
    pub fn get(&self, path: &str) -> Option<FileRecord<'_>> {
        self.index_of(path).map(|index| self.record(index))
    }

    /// The index of the file with this path.
    pub fn index_of(&self, path: &str) -> Option<usize> {
        self.slots.binary_search_by(|slot| path_of(&self.paths, slot).cmp(path)).ok()
    }

    /// The indexes of all files below a directory, named without a trailing `/`.
    pub fn below(&self, directory: &str) -> Range<usize> {
        let inside = |slot: &Slot, or_before: bool| {
            let path = path_of(&self.paths, slot).as_bytes();
            let (head, tail) = path.split_at(directory.len().min(path.len()));
            // The order of `path` against `directory` followed by a `/`.
            match head.cmp(directory.as_bytes()).then(tail.first().cmp(&Some(&b'/'))) {
                std::cmp::Ordering::Less => true,
                std::cmp::Ordering::Equal => or_before,
                std::cmp::Ordering::Greater => false,
            }
        };
        let start = self.slots.partition_point(|slot| inside(slot, false));
        let end = self.slots.partition_point(|slot| inside(slot, true));
        start..end
    }

    /// Fills in the SHA-256 of the file at this index.
    pub fn set_sha256(&mut self, index: usize, digest: Sha256) {
        self.sha256.resize(self.slots.len(), Sha256::new([0; 32]));
        self.sha256[index] = digest;
        self.slots[index].has_sha256 = true;
    }

    /// Fills in the BLAKE3 of the file at this index.
    pub fn set_blake3(&mut self, index: usize, digest: Blake3) {
        self.blake3.resize(self.slots.len(), Blake3::new([0; 32]));
        self.blake3[index] = digest;
        self.slots[index].has_blake3 = true;
    }
}

fn path_of<'a>(paths: &'a str, slot: &Slot) -> &'a str {
    let start = slot.start as usize;
    &paths[start..start + usize::from(slot.length)]
}

/// A table being filled, in any order of paths.
#[derive(Debug, Clone, Default)]
pub struct FileTableBuilder {
    table: FileTable,
    unsorted: bool,
}

impl FileTableBuilder {
    /// Adds a file. Fails where its path is not one of a release, or a limit is passed; the builder
    /// is then as it was. Paths that ascend cost least.
    pub fn push(&mut self, file: FileRecord<'_>) -> Result<(), TableError> {
        path::check(file.path)
            .map_err(|reason| TableError::Path { path: file.path.to_owned(), reason })?;
        let table = &mut self.table;
        if table.slots.len() >= limits::FILES {
            return Err(TableError::TooManyFiles);
        }
        let start = u32::try_from(table.paths.len()).map_err(|_| TableError::PathBytes)?;
        let total_bytes = table.total_bytes.saturating_add(file.size);
        if total_bytes > limits::MAX_INTEGER {
            return Err(TableError::TotalBytes);
        }
        let last = table.slots.last().map(|slot| path_of(&table.paths, slot));
        self.unsorted |= last.is_some_and(|last| last >= file.path);
        #[allow(clippy::cast_possible_truncation, reason = "a valid path has at most 4095 bytes")]
        let length = file.path.len() as u16;
        table.paths.push_str(file.path);
        table.slots.push(Slot {
            size: file.size,
            start,
            length,
            has_sha256: false,
            has_blake3: false,
        });
        table.total_bytes = total_bytes;
        let index = table.slots.len() - 1;
        if let Some(digest) = file.sha256 {
            table.set_sha256(index, digest);
        }
        if let Some(digest) = file.blake3 {
            table.set_blake3(index, digest);
        }
        Ok(())
    }

    /// The number of files added.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether no file was added.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The table, sorted. Fails where a path was added twice.
    pub fn build(self) -> Result<FileTable, TableError> {
        let Self { mut table, unsorted } = self;
        if !unsorted {
            return Ok(table);
        }
        sort(&mut table);
        let twice = table
            .slots
            .windows(2)
            .find(|pair| path_of(&table.paths, &pair[0]) == path_of(&table.paths, &pair[1]));
        match twice {
            Some(pair) => {
                Err(TableError::Duplicate { path: path_of(&table.paths, &pair[0]).to_owned() })
            }
            None => Ok(table),
        }
    }
}

fn sort(table: &mut FileTable) {
    let paths = &table.paths;
    if table.sha256.is_empty() && table.blake3.is_empty() {
        table.slots.sort_by(|a, b| path_of(paths, a).cmp(path_of(paths, b)));
        return;
    }
    let count = table.slots.len();
    if !table.sha256.is_empty() {
        table.sha256.resize(count, Sha256::new([0; 32]));
    }
    if !table.blake3.is_empty() {
        table.blake3.resize(count, Blake3::new([0; 32]));
    }
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|index| path_of(paths, &table.slots[*index]));
    table.slots = order.iter().map(|index| table.slots[*index]).collect();
    table.sha256 = gather(&order, &table.sha256);
    table.blake3 = gather(&order, &table.blake3);
}

/// The column in another order; an empty column stays empty.
fn gather<T: Copy>(order: &[usize], column: &[T]) -> Vec<T> {
    if column.is_empty() {
        return Vec::new();
    }
    order.iter().map(|index| column[*index]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(paths: &[&str]) -> Result<FileTable, TableError> {
        let mut files = FileTable::builder();
        for path in paths {
            let sha256 = Some(Sha256::of(path.as_bytes()));
            let file = FileRecord { path, size: path.len() as u64, sha256, blake3: None };
            files.push(file)?;
        }
        files.build()
    }

    #[test]
    fn any_order_gives_the_order_of_path_bytes_with_digests_kept_beside() {
        let files = table(&["b/a", "é", "b", "a-b", "b.c", "a/b", "Z"]).unwrap();
        let paths: Vec<&str> = files.iter().map(|file| file.path).collect();
        assert_eq!(paths, ["Z", "a-b", "a/b", "b", "b.c", "b/a", "é"]);
        assert_eq!(files.total_bytes(), 16);
        for file in files.iter() {
            assert_eq!(file.sha256, Some(Sha256::of(file.path.as_bytes())));
            assert_eq!(files.get(file.path), Some(file));
        }
        assert_eq!(files.get("b/"), None);
    }

    #[test]
    fn digests_are_filled_in_one_by_one() {
        let mut builder = FileTable::builder();
        for path in ["a", "b", "c"] {
            builder.push(FileRecord { path, size: 0, sha256: None, blake3: None }).unwrap();
        }
        let mut files = builder.build().unwrap();
        files.set_blake3(1, Blake3::new([0; 32]));
        let known: Vec<_> = files.iter().map(|file| (file.sha256, file.blake3)).collect();
        assert_eq!(known, [(None, None), (None, Some(Blake3::new([0; 32]))), (None, None)]);
    }

    #[test]
    fn digests_that_some_files_have_stay_with_them_in_any_order() {
        let (sha256, blake3) = (Some(Sha256::of(b"c")), Some(Blake3::new([1; 32])));
        for (sha256, blake3) in [(sha256, blake3), (sha256, None), (None, blake3)] {
            let mut builder = FileTable::builder();
            assert!(builder.is_empty());
            builder.push(FileRecord { path: "c", size: 0, sha256, blake3 }).unwrap();
            for path in ["b", "a"] {
                builder.push(FileRecord { path, size: 0, sha256: None, blake3: None }).unwrap();
            }
            assert_eq!((builder.len(), builder.is_empty()), (3, false));
            let files = builder.build().unwrap();
            let known: Vec<_> = files.iter().map(|file| (file.sha256, file.blake3)).collect();
            assert_eq!(known, [(None, None), (None, None), (sha256, blake3)]);
            assert!(!files.is_empty() && FileTable::default().is_empty());
        }
    }

    #[test]
    fn what_is_below_a_directory_is_one_range() {
        let files = table(&["a", "d", "d-x", "d/a", "d/b/c", "d0", "da/x", "e"]).unwrap();
        let below = |directory| files.below(directory).map(|i| files.record(i).path);
        assert_eq!(below("d").collect::<Vec<_>>(), ["d/a", "d/b/c"]);
        assert_eq!(below("d/b").collect::<Vec<_>>(), ["d/b/c"]);
        assert_eq!(below("d/a").count() + below("x").count() + below("").count(), 0);
    }

    #[test]
    fn twins_bad_paths_and_sums_beyond_the_limit_are_refused() {
        let twice = |path: &str| TableError::Duplicate { path: path.to_owned() };
        assert_eq!(table(&["a", "a"]).err(), Some(twice("a")));
        assert_eq!(table(&["b", "c", "b"]).err(), Some(twice("b")));
        assert!(matches!(table(&["../b"]), Err(TableError::Path { .. })));
        let mut files = FileTable::builder();
        let large =
            |path| FileRecord { path, size: limits::MAX_INTEGER, sha256: None, blake3: None };
        files.push(large("a")).unwrap();
        assert_eq!(files.push(large("b")), Err(TableError::TotalBytes));
        assert_eq!(files.build().unwrap().len(), 1);
    }

    #[test]
    fn a_file_takes_at_most_80_bytes_and_its_path() {
        assert!(size_of::<Slot>() + size_of::<Sha256>() + size_of::<Blake3>() <= 80);
    }
}
