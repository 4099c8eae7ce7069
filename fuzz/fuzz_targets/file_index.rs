//! File indexes: read and written again they give the same digests, and every entry has a proof.
#![no_main]

use fullsource_format::index::{InclusionProof, read_index, write_index};
use fullsource_format::json::UnknownFields;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|index: &[u8]| {
    let strict = read_index(index, UnknownFields::Refuse);
    let read = match read_index(index, UnknownFields::Ignore) {
        Ok(read) => read,
        Err(error) => {
            assert!(strict.is_err(), "a producer may write what a consumer refuses: {error}");
            assert!(error.line <= 1 + index.iter().filter(|b| **b == b'\n').count() as u64);
            return;
        }
    };
    assert_eq!(read.digests.size, index.len() as u64);
    let mut written = Vec::new();
    let digests = write_index(&read.files, &mut written).expect("what was read can be written");
    let again = read_index(&written[..], UnknownFields::Refuse).expect("and read again");
    assert_eq!(again.digests, digests);
    assert_eq!(digests.dir_hash, read.digests.dir_hash);
    assert_eq!(digests.merkle_root, read.digests.merkle_root);
    assert_eq!(digests.file_count, read.digests.file_count);
    assert_eq!(digests.total_bytes, read.digests.total_bytes);
    assert!(read.files.iter().eq(again.files.iter()));
    let paths: Vec<&str> = read.files.iter().map(|file| file.path).collect();
    assert!(paths.is_sorted_by(|a, b| a.as_bytes() < b.as_bytes()));
    for (nth, file) in read.files.iter().enumerate().take(20) {
        let proof = InclusionProof::of(&read.files, nth).expect("every entry has a proof");
        let entry = file.entry().expect("an index has every digest");
        let count = digests.file_count;
        assert_eq!(proof.verify(&entry, &digests.merkle_root, count), Ok(()));
        let mut other = entry;
        other.size ^= 1;
        assert!(proof.verify(&other, &digests.merkle_root, count).is_err());
    }
});
