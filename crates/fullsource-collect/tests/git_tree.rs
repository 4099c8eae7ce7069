//! Tree ids are git's: on vectors, and on odd trees made here and given to the git on this machine.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it cannot go on")]

use std::ffi::OsStr;
use std::fs::{Permissions, create_dir_all, set_permissions, write};
use std::num::NonZeroUsize;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use fullsource_collect::directory::Directory;
use fullsource_collect::git_tree::{GitTreeError, ObjectFormat, git_tree};
use fullsource_collect::hash::{Wanted, hash_files};
use fullsource_collect::progress::Progress;
use fullsource_collect::tree::walk;
use fullsource_format::index::dir_hash;
use serde_json::Value;

const THREADS: NonZeroUsize = NonZeroUsize::new(2).unwrap();

fn ours(root: &Path, format: ObjectFormat) -> Result<String, GitTreeError> {
    let directory = Directory::open(root).unwrap();
    git_tree(&directory, format, THREADS, &Progress::default()).map(|id| id.to_string())
}

/// `git add -A --force && git write-tree` in a repository whose own files lie elsewhere.
fn gits(root: &Path, format: &str) -> String {
    let repository = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let run = Command::new("git")
            .args(["-c", "core.autocrlf=false", "-c", "core.fileMode=true"])
            .args(arguments)
            .current_dir(root)
            .env("GIT_DIR", repository.path())
            .env("GIT_WORK_TREE", root)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("HOME", repository.path())
            .output()
            .expect("this test needs git");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8(run.stdout).unwrap().trim().to_owned()
    };
    git(&["init", "--quiet", &format!("--object-format={format}")]);
    git(&["add", "--all", "--force"]);
    git(&["write-tree"])
}

fn put(root: &Path, name: &[u8], content: &[u8], mode: u32) {
    let path = root.join(OsStr::from_bytes(name));
    create_dir_all(path.parent().unwrap()).unwrap();
    write(&path, content).unwrap();
    set_permissions(&path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn ids_and_dir_hashes_are_those_of_the_vectors() {
    let vectors: Value = serde_json::from_str(include_str!("../testdata/git-trees.json")).unwrap();
    for case in vectors["cases"].as_array().unwrap() {
        let root = tempfile::tempdir().unwrap();
        for file in case["files"].as_array().unwrap() {
            let path = file["path"].as_str().unwrap();
            match file["symlink"].as_str() {
                Some(target) => symlink(target, root.path().join(path)).unwrap(),
                None => {
                    let content = base64::engine::general_purpose::STANDARD
                        .decode(file["contentBase64"].as_str().unwrap());
                    let mode = u32::from_str_radix(file["mode"].as_str().unwrap(), 8).unwrap();
                    put(root.path(), path.as_bytes(), &content.unwrap(), mode);
                }
            }
        }
        let name = &case["name"];
        let sha1 = ours(root.path(), ObjectFormat::Sha1).unwrap();
        assert_eq!(sha1, case["gitTree"]["sha1"], "{name}");
        let sha256 = ours(root.path(), ObjectFormat::Sha256).unwrap();
        assert_eq!(sha256, case["gitTree"]["sha256"], "{name}");
        if let Some(expected) = case["dirHash1Sha256"].as_str() {
            let directory = Directory::open(root.path()).unwrap();
            let progress = Progress::default();
            let mut files = walk(&directory, &|_| false, &progress).unwrap().files;
            hash_files(&directory, &mut files, Wanted::Both, THREADS, &progress).unwrap();
            let lines = files.iter().map(|file| (file.path, file.sha256.unwrap()));
            assert_eq!(dir_hash(lines).unwrap().to_string(), expected, "{name}");
        }
    }
}

#[test]
fn ids_of_odd_trees_are_gits() {
    const NAMES: &[&[u8]] = &[
        b"a",
        b"a.b",
        b"a-b",
        b"a0",
        b"a/",
        b"a b",
        b"\xff\xfe",
        b"new\nline",
        b"back\\slash",
        b"\"",
        b"e\xcc\x81",
        b"\xc3\xa9",
        b"-",
        b"...",
        b".gitignore",
        b"git",
        b".github",
        b"*",
        b"\x01",
    ];
    let mut state = 42_u64;
    let mut random = move |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for round in 0..25 {
        let root = tempfile::tempdir().unwrap();
        for entry in 0..random(40) {
            let mut path = root.path().to_owned();
            for _ in 0..random(4) {
                let directory = path.join(OsStr::from_bytes(NAMES[random(NAMES.len())]));
                if directory.file_name() != Some(OsStr::new(".gitignore")) {
                    path = directory;
                }
            }
            // Where a file stands in the way of a directory, or the other way round, it stays.
            if create_dir_all(&path).is_err() {
                continue;
            }
            let name = path.join(OsStr::from_bytes(NAMES[random(NAMES.len())]));
            match random(6) {
                0 => drop(symlink(OsStr::from_bytes(NAMES[random(NAMES.len())]), &name)),
                1 => drop(create_dir_all(&name)),
                _ if name.symlink_metadata().is_err()
                    && !name.as_os_str().as_bytes().ends_with(b"/") =>
                {
                    write(&name, format!("*\n{entry}")).unwrap();
                    let mode = [0o644, 0o755, 0o600, 0o700, 0o654, 0o611][random(6)];
                    set_permissions(&name, Permissions::from_mode(mode)).unwrap();
                }
                _ => {}
            }
        }
        let sha1 = ours(root.path(), ObjectFormat::Sha1).unwrap();
        assert_eq!(sha1, gits(root.path(), "sha1"), "round {round}");
        let sha256 = ours(root.path(), ObjectFormat::Sha256).unwrap();
        assert_eq!(sha256, gits(root.path(), "sha256"), "round {round}");
    }
}

#[test]
fn a_repositorys_own_directory_is_left_out_at_the_root_only() {
    let root = tempfile::tempdir().unwrap();
    put(root.path(), b"a", b"1", 0o644);
    let plain = ours(root.path(), ObjectFormat::Sha1).unwrap();
    put(root.path(), b".git/config", b"x", 0o644);
    assert_eq!(ours(root.path(), ObjectFormat::Sha1).unwrap(), plain);
    put(root.path(), b"sub/.git/config", b"x", 0o644);
    let embedded = ours(root.path(), ObjectFormat::Sha1);
    assert!(matches!(embedded, Err(GitTreeError::Embedded { path }) if path == "sub/.git"));
}

#[test]
fn directories_without_a_file_below_are_nothing() {
    let root = tempfile::tempdir().unwrap();
    create_dir_all(root.path().join("a/b/c")).unwrap();
    let empty = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
    assert_eq!(ours(root.path(), ObjectFormat::Sha1).unwrap(), empty);
}
