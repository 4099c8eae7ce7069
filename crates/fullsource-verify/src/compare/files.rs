//! The covered files of two releases, where their lists are at hand.

use std::ops::Range;

use fullsource_format::index::{FileRecord, FileTable};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::artifacts::Bytes;
use crate::report::FilesReport;

/// Names of files that are listed of each kind; the rest are counted.
const LISTED: usize = 100;

/// What became of the covered files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FileChanges {
    /// What was compared.
    pub compared: FilesCompared,
    /// What the look of the first side came to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<FilesReport>,
    /// What the look of the second side came to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<FilesReport>,
    /// Files that are new. Absent where only counts were compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added: Option<FileList>,
    /// Files that are gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<FileList>,
    /// Files whose digest or size is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<FileList>,
}

/// How files were compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FilesCompared {
    /// File by file: both sides list them.
    Listed,
    /// By their number and size: a report has no more.
    Counts,
}

/// Some files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FileList {
    /// How many.
    pub count: u64,
    /// The first of them, by their paths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub first: Vec<String>,
}

impl FileList {
    fn take(&mut self, path: &str) {
        self.count += 1;
        if self.first.len() < LISTED {
            self.first.push(path.to_owned());
        }
    }
}

/// Which files of two lists are not the same.
pub(super) struct Touched<'a> {
    before: Marked<'a>,
    after: Marked<'a>,
    added: FileList,
    removed: FileList,
    changed: FileList,
}

/// A list of files, and how many of the first `n` are not the same on the other side.
struct Marked<'a> {
    files: &'a FileTable,
    until: Vec<u32>,
}

impl Marked<'_> {
    fn mark(&mut self, touched: bool) {
        let last = self.until.last().copied().unwrap_or_default();
        self.until.push(last + u32::from(touched));
    }

    fn range(&self, place: &str) -> Range<usize> {
        match place.strip_suffix('/') {
            Some(directory) => self.files.below(directory),
            None => self.files.index_of(place).map_or(0..0, |nth| nth..nth + 1),
        }
    }

    /// The places that are files here, each once.
    fn named<'b>(&self, places: &'b [String]) -> Vec<&'b str> {
        let places = places.iter().map(String::as_str);
        let mut named: Vec<_> = places.filter(|place| !self.range(place).is_empty()).collect();
        named.sort_unstable();
        named.dedup();
        named
    }

    fn touches(&self, places: &[&str]) -> bool {
        let mut ranges = places.iter().map(|place| self.range(place));
        ranges.any(|range| self.until[range.end] > self.until[range.start])
    }
}

impl<'a> Touched<'a> {
    /// Walks both lists at once, in the order of their paths.
    pub(super) fn of(before: &'a FileTable, after: &'a FileTable) -> Self {
        let marked = |files| Marked { files, until: vec![0] };
        let list = FileList::default;
        let mut all = Self {
            before: marked(before),
            after: marked(after),
            added: list(),
            removed: list(),
            changed: list(),
        };
        let (mut ours, mut theirs) = (before.iter().peekable(), after.iter().peekable());
        loop {
            let order = match (ours.peek(), theirs.peek()) {
                (None, None) => return all,
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some(one), Some(other)) => one.path.cmp(other.path),
            };
            let one = order.is_le().then(|| ours.next()).flatten();
            let other = order.is_ge().then(|| theirs.next()).flatten();
            all.step(one, other);
        }
    }

    fn step(&mut self, one: Option<FileRecord<'_>>, other: Option<FileRecord<'_>>) {
        let same = one.zip(other).is_some_and(|(one, other)| is_same(one, other));
        match (one, other) {
            (Some(file), None) => self.removed.take(file.path),
            (None, Some(file)) => self.added.take(file.path),
            (Some(file), Some(_)) if !same => self.changed.take(file.path),
            _ => {}
        }
        one.into_iter().for_each(|_| self.before.mark(!same));
        other.into_iter().for_each(|_| self.after.mark(!same));
    }

    /// Whether the files at these places are the same. What moved is told of single files alone.
    pub(super) fn bytes(&self, before: &[String], after: &[String]) -> Bytes {
        let (ours, theirs) = (self.before.named(before), self.after.named(after));
        if ours.is_empty() || theirs.is_empty() {
            return Bytes::Unknown;
        }
        if ours == theirs {
            let touched = self.before.touches(&ours) || self.after.touches(&theirs);
            return if touched { Bytes::Differ } else { Bytes::Same };
        }
        let one_file = |marked: &Marked<'a>, places: &[&str]| match places {
            [path] => marked.files.get(path).map(|file| (file.size, file.sha256)),
            _ => None,
        };
        match (one_file(&self.before, &ours), one_file(&self.after, &theirs)) {
            (Some(one), Some(other)) if one == other => Bytes::Same,
            (Some(_), Some(_)) => Bytes::Differ,
            _ => Bytes::Unknown,
        }
    }
}

/// Whether two files have the same bytes, by what is known of both.
fn is_same(one: FileRecord<'_>, other: FileRecord<'_>) -> bool {
    let sha256 = one.sha256.zip(other.sha256).is_none_or(|(one, other)| one == other);
    let blake3 = one.blake3.zip(other.blake3).is_none_or(|(one, other)| one == other);
    one.size == other.size && sha256 && blake3
}

impl FileChanges {
    /// What became of the files; `None` where nothing did, or nothing is known.
    pub(super) fn of(
        reports: (Option<&FilesReport>, Option<&FilesReport>),
        touched: Option<Touched<'_>>,
    ) -> Option<Self> {
        let compared = touched.as_ref().map_or(FilesCompared::Counts, |_| FilesCompared::Listed);
        let lists = touched.map(|touched| (touched.added, touched.removed, touched.changed));
        let listed = lists.as_ref().is_some_and(|(added, removed, changed)| {
            added.count + removed.count + changed.count > 0
        });
        let counted = reports.0.zip(reports.1).is_some_and(|(before, after)| before != after);
        if !listed && !counted {
            return None;
        }
        let (added, removed, changed) = lists
            .map_or((None, None, None), |(added, removed, changed)| {
                (Some(added), Some(removed), Some(changed))
            });
        let (before, after) = (reports.0.cloned(), reports.1.cloned());
        Some(Self { compared, before, after, added, removed, changed })
    }
}

#[cfg(test)]
mod tests {
    use fullsource_format::digest::Sha256;

    use super::*;

    fn table(files: &[(&str, u8)]) -> FileTable {
        let mut builder = FileTable::builder();
        for (path, content) in files {
            let sha256 = Some(Sha256::new([*content; 32]));
            builder.push(FileRecord { path, size: 1, sha256, blake3: None }).unwrap();
        }
        builder.build().unwrap()
    }

    fn places(places: &[&str]) -> Vec<String> {
        places.iter().map(|place| (*place).to_owned()).collect()
    }

    #[test]
    fn files_are_compared_one_by_one() {
        let before = table(&[("a", 1), ("b", 2), ("d/x", 3), ("d/y", 4), ("e", 5), ("f/z", 6)]);
        let after = table(&[("a", 1), ("b", 9), ("c", 2), ("d/x", 3), ("f/new", 7), ("f/z", 6)]);
        let touched = Touched::of(&before, &after);
        let changes = FileChanges::of((None, None), Some(Touched::of(&before, &after))).unwrap();
        let told = |list: Option<FileList>| list.unwrap().first.join(" ");
        assert_eq!(changes.compared, FilesCompared::Listed);
        assert_eq!(told(changes.added), "c f/new");
        assert_eq!(told(changes.removed), "d/y e");
        assert_eq!(told(changes.changed), "b");
        for (one, other, bytes) in [
            ("a", "a", Bytes::Same),
            ("b", "b", Bytes::Differ),
            ("b", "c", Bytes::Same),
            ("a", "c", Bytes::Differ),
            ("d/", "d/", Bytes::Differ),
            ("f/", "f/", Bytes::Differ),
            ("f/z", "f/z", Bytes::Same),
            ("d/", "f/", Bytes::Unknown),
            ("https://example.org/a", "a", Bytes::Unknown),
            ("e", "e", Bytes::Unknown),
        ] {
            assert_eq!(touched.bytes(&places(&[one]), &places(&[other])), bytes, "{one} {other}");
        }
        let same = Touched::of(&before, &before);
        assert!(FileChanges::of((None, None), Some(same)).is_none());
    }

    #[test]
    fn of_many_files_the_first_are_named() {
        let names: Vec<_> = (0..2_000).map(|nth| format!("{nth:04}")).collect();
        let many: Vec<_> = names.iter().map(|name| (name.as_str(), 1)).collect();
        let changes = FileChanges::of((None, None), Some(Touched::of(&table(&[]), &table(&many))));
        let added = changes.unwrap().added.unwrap();
        assert_eq!((added.count, added.first.len()), (2_000, LISTED));
        assert_eq!(added.first[LISTED - 1], "0099");
    }
}
