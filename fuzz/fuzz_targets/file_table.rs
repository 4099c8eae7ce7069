//! File tables: whatever the order in which files come, the table is that of a sorted map.
#![no_main]

use std::collections::BTreeMap;

use fullsource_format::digest::Sha256;
use fullsource_format::index::{FileRecord, FileTable, TableError};
use fullsource_format::path::RelPath;
use fullsource_format::release_dir::{folded, twins};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut builder = FileTable::builder();
    let mut expected = BTreeMap::new();
    let mut twice = false;
    for (nth, path) in text.split('\n').enumerate().take(300) {
        let sha256 = (nth % 3 == 0).then(|| Sha256::of(path.as_bytes()));
        let record = FileRecord { path, size: nth as u64, sha256, blake3: None };
        match builder.push(record) {
            Ok(()) => twice |= expected.insert(path, record).is_some(),
            Err(error) => {
                assert!(path.parse::<RelPath>().is_err() && matches!(error, TableError::Path { .. }));
            }
        }
    }
    let table = match builder.build() {
        Ok(table) => table,
        Err(error) => return assert!(twice && matches!(error, TableError::Duplicate { .. })),
    };
    assert!(!twice && table.iter().eq(expected.values().copied()));
    for path in expected.keys() {
        assert_eq!(table.get(path), expected.get(path).copied());
        let directory = path.rsplit_once('/').map_or(*path, |(directory, _)| directory);
        let below = format!("{directory}/");
        let found: Vec<&str> = table.below(directory).map(|i| table.record(i).path).collect();
        let wanted: Vec<&str> =
            expected.keys().copied().filter(|path| path.starts_with(&below)).collect();
        assert_eq!(found, wanted, "below {directory:?}");
    }
    for (one, other) in twins(expected.keys().copied()) {
        assert!(one != other && folded(one) == folded(other));
    }
    let mut spellings: Vec<String> = expected.keys().map(|path| folded(path)).collect();
    spellings.sort();
    if spellings.windows(2).any(|pair| pair[0] == pair[1]) {
        assert!(!twins(expected.keys().copied()).is_empty(), "a twin was missed");
    }
});
