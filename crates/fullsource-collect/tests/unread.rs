//! Files whose bytes make no difference are not read, however large they are.

#![allow(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use std::fs::{File, write};
use std::num::NonZeroUsize;
use std::time::{Duration, SystemTime};

use fullsource_collect::directory::Directory;
use fullsource_collect::progress::Progress;
use fullsource_collect::record::Record;
use fullsource_collect::release::Look;
use fullsource_format::digest::Sha256;
use fullsource_format::evidence::{Digests, ReleaseSeen};
use fullsource_format::index::{FileRecord, FileTable};
use fullsource_format::json::UnknownFields;
use fullsource_format::manifest::Manifest;
use jiff::Timestamp;

/// More than anybody reads in a test.
const SPARSE: u64 = 8 << 40;

fn sparse(path: &std::path::Path) {
    File::create(path).unwrap().set_len(SPARSE).unwrap();
}

fn manifest() -> Manifest {
    let text = r#"{ "release": { "name": "m", "producer": { "name": "p" } }, "artifacts": [
        { "id": "w", "roles": ["weights.final"], "files": ["sub/"],
          "digest": { "gitTree": "0123456789abcdef0123456789abcdef01234567" } }],
        "stages": [{ "id": "s", "kind": "pretraining", "outputs": ["w"] }] }"#;
    Manifest::parse(text.as_bytes(), UnknownFields::Refuse).unwrap()
}

/// A release of which one file is as it was signed, and one has another size.
fn covered() -> FileTable {
    let mut files = FileTable::builder();
    for (path, content) in [("same.bin", "same"), ("sub/grown.bin", "grown")] {
        let sha256 = Some(Sha256::of(content.as_bytes()));
        let size = content.len() as u64;
        files.push(FileRecord { path, size, sha256, blake3: None }).unwrap();
    }
    files.build().unwrap()
}

/// On the disk of the build, since a temporary directory may lie in memory.
fn release() -> tempfile::TempDir {
    let root = tempfile::TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    write(root.path().join("same.bin"), "same").unwrap();
    std::fs::create_dir(root.path().join("sub")).unwrap();
    sparse(&root.path().join("sub/grown.bin"));
    sparse(&root.path().join("added.bin"));
    root
}

fn digested(seen: &ReleaseSeen) -> Vec<(&str, u64, bool)> {
    let told = |file: FileRecord<'_>| file.sha256.is_some() || file.blake3.is_some();
    seen.files.iter().map(|file| (file.path, file.size, told(file))).collect()
}

#[test]
fn what_is_added_or_of_another_size_is_not_read() {
    let (root, manifest, covered) = (release(), manifest(), covered());
    let (directory, progress) = (Directory::open(root.path()).unwrap(), Progress::default());
    let look = Look {
        directory: &directory,
        manifest: &manifest,
        covered: Some(&covered),
        digests: Digests::All,
        threads: NonZeroUsize::new(2).unwrap(),
        progress: &progress,
    };
    let expected =
        [("added.bin", SPARSE, false), ("same.bin", 4, true), ("sub/grown.bin", SPARSE, false)];
    let seen = look.release().unwrap();
    assert_eq!(digested(&seen), expected);
    // Neither their digests nor their trees (digest-12).
    let own = look.artifacts(Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(own.artifacts[0].observations[0].digests, None);
    // Saved and read again it is the same.
    let saved = serde_json::to_string(&seen).unwrap();
    let again: ReleaseSeen = serde_json::from_str(&saved).unwrap();
    assert_eq!(digested(&again), expected);
    // A record has nothing to do with them.
    let now = SystemTime::now() + Duration::from_secs(100);
    let mut record = Record::empty(&directory, root.path(), now).unwrap();
    assert_eq!(digested(&look.release_unread(&mut record).unwrap()), expected);
    let again = look.release_unread(&mut record).unwrap();
    assert_eq!(
        (digested(&again), again.unread.map(|told| told.files.0)),
        (expected.to_vec(), Some(1))
    );
}

#[test]
fn where_a_statement_is_made_every_file_is_read() {
    let root = release();
    std::fs::remove_file(root.path().join("added.bin")).unwrap();
    write(root.path().join("sub/grown.bin"), "grown by some").unwrap();
    let (manifest, progress) = (manifest(), Progress::default());
    let look = Look {
        directory: &Directory::open(root.path()).unwrap(),
        manifest: &manifest,
        covered: None,
        digests: Digests::All,
        threads: NonZeroUsize::MIN,
        progress: &progress,
    };
    let seen = look.release().unwrap();
    assert_eq!(digested(&seen), [("same.bin", 4, true), ("sub/grown.bin", 13, true)]);
}
