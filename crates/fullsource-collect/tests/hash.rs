//! Digests of whole directories, held against one-shot hashing and against coreutils.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it cannot go on")]

use std::fs::{create_dir_all, remove_file, write};
use std::num::NonZeroUsize;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use fullsource_collect::directory::Directory;
use fullsource_collect::hash::{Change, FileTrouble, Wanted, hash_files};
use fullsource_collect::progress::{Progress, Stopped};
use fullsource_collect::tree::{Tree, walk};
use fullsource_format::digest::{Blake3, Sha256};
use fullsource_format::index::dir_hash;

fn tree(root: &Path) -> (Directory, Tree) {
    let directory = Directory::open(root).unwrap();
    let tree = walk(&directory, &|_| false, &Progress::default()).unwrap();
    (directory, tree)
}

fn threads(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).unwrap()
}

/// Bytes that repeat nowhere near.
fn content(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..length).map(next).collect()
}

#[test]
fn any_number_of_threads_gives_the_digests_of_one_shot_hashing() {
    const LARGE: usize = 4 << 20;
    const BLOCK: usize = 256 << 10;
    let sizes = [
        0,
        1,
        1024,
        1025,
        BLOCK - 1,
        BLOCK,
        BLOCK + 1,
        LARGE - 1,
        LARGE,
        LARGE + 1,
        2 * LARGE,
        2 * LARGE + 5,
        4 * LARGE + 12_345,
    ];
    let root = tempfile::tempdir().unwrap();
    let contents: Vec<Vec<u8>> =
        sizes.iter().zip(1..).map(|(size, seed)| content(seed, *size)).collect();
    for (number, content) in contents.iter().enumerate() {
        write(root.path().join(format!("f{number:02}")), content).unwrap();
    }
    for wanted in [Wanted::Sha256, Wanted::Blake3, Wanted::Both] {
        for count in [1, 2, 5] {
            let (directory, mut tree) = tree(root.path());
            let progress = Progress::default();
            let troubles =
                hash_files(&directory, &mut tree.files, wanted, threads(count), &progress).unwrap();
            assert_eq!(troubles, []);
            assert_eq!(progress.bytes(), tree.files.total_bytes());
            assert_eq!(progress.files(), sizes.len() as u64);
            for (file, content) in tree.files.iter().zip(&contents) {
                let sha256 = (wanted != Wanted::Blake3).then(|| Sha256::of(content));
                let blake3 =
                    (wanted != Wanted::Sha256).then(|| Blake3::new(blake3::hash(content).into()));
                let expected = (content.len() as u64, sha256, blake3);
                let found = (file.size, file.sha256, file.blake3);
                assert_eq!(found, expected, "{wanted:?} by {count}: {}", file.path);
            }
        }
    }
}

#[test]
fn dir_hash_is_the_one_of_coreutils() {
    let root = tempfile::tempdir().unwrap();
    for path in ["b", "a/b", "a-b", "a.b", "a b/c d", "é/ü", "e\u{301}", "Z/z/zz", "quote'", "#"]
    {
        let path = root.path().join(path);
        create_dir_all(path.parent().unwrap()).unwrap();
        write(&path, path.as_os_str().as_encoded_bytes()).unwrap();
    }
    let line = "find . -type f | cut -c3- | LC_ALL=C sort | tr '\\n' '\\0' \
                | xargs -0 -r sha256sum | sha256sum";
    let coreutils =
        Command::new("sh").args(["-c", line]).current_dir(root.path()).output().unwrap();
    assert!(coreutils.status.success());
    let (directory, mut tree) = tree(root.path());
    hash_files(&directory, &mut tree.files, Wanted::Sha256, threads(2), &Progress::default())
        .unwrap();
    let ours = dir_hash(tree.files.iter().map(|file| (file.path, file.sha256.unwrap()))).unwrap();
    assert_eq!(String::from_utf8(coreutils.stdout).unwrap(), format!("{ours}  -\n"));
}

#[test]
fn files_that_change_after_the_walk_are_told_apart_and_the_rest_is_digested() {
    let root = tempfile::tempdir().unwrap();
    let large = vec![7; 9 << 20];
    for name in ["fifo", "gone", "grown", "kept", "link"] {
        write(root.path().join(name), "content").unwrap();
    }
    write(root.path().join("large"), &large).unwrap();
    for wanted in [Wanted::Sha256, Wanted::Blake3, Wanted::Both] {
        let (directory, mut tree) = tree(root.path());
        let again = |name: &str| remove_file(root.path().join(name)).unwrap();
        ["fifo", "gone", "link", "large"].into_iter().for_each(again);
        let fifo = Command::new("mkfifo").arg(root.path().join("fifo")).status().unwrap();
        assert!(fifo.success());
        write(root.path().join("grown"), "more content").unwrap();
        symlink("kept", root.path().join("link")).unwrap();
        write(root.path().join("large"), &large[1..]).unwrap();
        let troubles =
            hash_files(&directory, &mut tree.files, wanted, threads(3), &Progress::default());
        let resized = |was, now| Change::Resized { was, now };
        let length = large.len() as u64;
        let expected = [
            ("fifo", Change::Replaced),
            ("gone", Change::Gone),
            ("grown", resized(7, 12)),
            ("large", resized(length, length - 1)),
            ("link", Change::Replaced),
        ];
        let expected = expected.map(|(name, change)| {
            (tree.files.index_of(name).unwrap(), FileTrouble::Unstable(change))
        });
        assert_eq!(troubles.unwrap(), expected, "{wanted:?}");
        let digested: Vec<&str> = tree
            .files
            .iter()
            .filter(|file| file.sha256.is_some() || file.blake3.is_some())
            .map(|file| file.path)
            .collect();
        assert_eq!(digested, ["kept"]);
        again("fifo");
        again("link");
        for name in ["fifo", "gone", "grown", "link"] {
            write(root.path().join(name), "content").unwrap();
        }
        write(root.path().join("large"), &large).unwrap();
    }
}

#[test]
fn a_file_that_shrinks_under_the_read_is_unstable_and_ends_nothing() {
    // Holes: they take no disk, and more time to read than it takes to cut them off.
    const BEFORE: u64 = 1 << 36;
    const AFTER: u64 = 1 << 20;
    let root = tempfile::tempdir().unwrap();
    let shrinking = std::fs::File::create(root.path().join("shrinking")).unwrap();
    write(root.path().join("small"), "content").unwrap();
    for wanted in [Wanted::Sha256, Wanted::Blake3, Wanted::Both] {
        shrinking.set_len(BEFORE).unwrap();
        let (directory, mut tree) = tree(root.path());
        let progress = Progress::default();
        let troubles = std::thread::scope(|scope| {
            scope.spawn(|| {
                while progress.bytes() < 2 * AFTER {
                    std::thread::yield_now();
                }
                shrinking.set_len(AFTER).unwrap();
            });
            hash_files(&directory, &mut tree.files, wanted, threads(2), &progress).unwrap()
        });
        let [(0, FileTrouble::Unstable(Change::Resized { was: BEFORE, now }))] = troubles[..]
        else {
            panic!("{wanted:?}: {troubles:?}");
        };
        assert!((AFTER..BEFORE).contains(&now), "{wanted:?}: {now}");
        let small = tree.files.get("small").unwrap();
        assert!(small.sha256.is_some() || small.blake3.is_some());
    }
}

#[test]
fn a_stopped_run_says_so() {
    let root = tempfile::tempdir().unwrap();
    write(root.path().join("f"), vec![0; 5 << 20]).unwrap();
    for wanted in [Wanted::Sha256, Wanted::Blake3, Wanted::Both] {
        let (directory, mut tree) = tree(root.path());
        let progress = Progress::default();
        progress.stop();
        let stopped = hash_files(&directory, &mut tree.files, wanted, threads(2), &progress);
        assert_eq!(stopped, Err(Stopped));
        assert_eq!(progress.bytes(), 0);
    }
}
