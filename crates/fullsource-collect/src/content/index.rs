//! A tree held against the file index that says which files are meant.

use fullsource_format::evidence::{ContentFact, ContentFactKind};
use fullsource_format::index::{FileRecord, FileTable};

use super::listing::{File, Listed};

/// Names that are told of each kind.
const TOLD: usize = 5;

/// What became of the files of an index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IndexMatch {
    /// Files that are there, with the size and the digests of the index.
    pub matched: u64,
    /// Of those, the ones of which only the place's word was taken.
    pub by_word: u64,
    /// Files that are there with another size or digest.
    pub differing: u64,
    /// Files that are there and were not read, and whose SHA-256 the place does not tell.
    pub unknown: u64,
    /// Files that are not there.
    pub missing: u64,
    /// Files that are there and not in the index. They are not part of the content.
    pub extra: u64,
    /// The first of those that differ, are missing, and are extra, escaped; at most five of each.
    pub first: [Vec<String>; 3],
}

impl IndexMatch {
    /// Whether every file of the index is there and is what the index says, by its bytes.
    pub const fn is_whole(&self) -> bool {
        self.differing == 0 && self.missing == 0 && self.unknown == 0 && self.by_word == 0
    }

    /// The faults that say what does not match.
    pub(super) fn facts(&self, files: usize) -> Vec<ContentFact> {
        let told = [
            (self.differing, "are not what the index says", "is not what the index says"),
            (self.missing, "are not there", "stands in the index and is not there"),
            (self.extra, "are there and not in the index", "does not stand in the index"),
        ];
        let mut facts = Vec::new();
        for ((count, all, one), first) in told.into_iter().zip(&self.first) {
            if count == 0 {
                continue;
            }
            let fault = ContentFact::new(ContentFactKind::Fault);
            facts.push(fault.clone().saying(format!("{count} files {all}; the index has {files}")));
            facts.extend(first.iter().map(|path| fault.clone().at(path).saying(one)));
        }
        facts
    }

    pub(super) fn add_extra(&mut self, path: &str) {
        self.extra += 1;
        // Whichever came first: the same five in any order.
        let first = &mut self.first[2];
        first.push(path.to_owned());
        first.sort_unstable();
        first.truncate(TOLD);
    }
}

/// Holds what was seen against an index, or against a sample of it by the numbers of its files. Files by word are those without a BLAKE3, which only bytes give.
pub(super) fn compare(
    index: &FileTable,
    sample: Option<&[usize]>,
    seen: &Listed,
    result: &mut IndexMatch,
) {
    let tell = |first: &mut Vec<String>, path: &str| {
        if first.len() < TOLD {
            first.push(path.to_owned());
        }
    };
    let drawn = sample.map(|sample| sample.iter().copied().filter(|number| *number < index.len()));
    let all = sample.is_none().then_some(0..index.len());
    for number in drawn.into_iter().flatten().chain(all.into_iter().flatten()) {
        if seen.marks.has(number) {
            result.matched += 1;
            continue;
        }
        let meant = index.record(number);
        let Some(found) = seen.table.get(meant.path) else {
            result.missing += 1;
            tell(&mut result.first[1], meant.path);
            continue;
        };
        if differs(&meant, &found) {
            result.differing += 1;
            tell(&mut result.first[0], meant.path);
        } else if found.sha256.is_none() {
            result.unknown += 1;
        } else {
            result.matched += 1;
            result.by_word += u64::from(found.blake3.is_none());
        }
    }
}

/// Whether a file was read, and is what the index says.
pub(super) fn is_read_and_equal(meant: &FileRecord<'_>, found: &File<'_>) -> bool {
    let File { size, sha256, blake3, .. } = *found;
    let found = FileRecord { path: meant.path, size, sha256, blake3 };
    sha256.is_some() && blake3.is_some() && meant.sha256.is_some() && !differs(meant, &found)
}

fn differs(meant: &FileRecord<'_>, found: &FileRecord<'_>) -> bool {
    let sha256 = meant.sha256.zip(found.sha256).is_some_and(|(a, b)| a != b);
    let blake3 = meant.blake3.zip(found.blake3).is_some_and(|(a, b)| a != b);
    sha256 || blake3 || meant.size != found.size
}
