//! The walk sees every kind of entry.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it cannot go on")]

use std::ffi::OsStr;
use std::fs::{create_dir, create_dir_all, remove_dir, remove_file, write};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use fullsource_collect::directory::Directory;
use fullsource_collect::progress::Progress;
use fullsource_collect::tree::{Entry, EntryKind, InvalidName, Tree, TreeError, walk};
use fullsource_format::limits;

fn look(root: &Path) -> Result<Tree, TreeError> {
    let prune = |path: &str| path == ".git" || path.ends_with("/.git");
    walk(&Directory::open(root).unwrap(), &prune, &Progress::default())
}

fn entries(tree: &Tree) -> Vec<(&str, &EntryKind)> {
    tree.others.iter().map(|Entry { path, kind }| (path.as_str(), kind)).collect()
}

#[test]
fn files_come_with_their_sizes_in_the_order_of_path_bytes() {
    let root = tempfile::tempdir().unwrap();
    for (size, path) in ["b/a", "b", "b-c", "Z", "é", "a/b/c"].iter().enumerate() {
        let path = root.path().join(path.replace("b/a", "b.d/a"));
        create_dir_all(path.parent().unwrap()).unwrap();
        write(path, vec![0; size]).unwrap();
    }
    let tree = look(root.path()).unwrap();
    let files: Vec<_> = tree.files.iter().map(|file| (file.path, file.size)).collect();
    assert_eq!(files, [("Z", 3), ("a/b/c", 5), ("b", 1), ("b-c", 2), ("b.d/a", 0), ("é", 4)]);
    assert_eq!(tree.others, []);
}

#[test]
fn whatever_is_not_a_file_is_reported() {
    let root = tempfile::tempdir().unwrap();
    let path = |name: &str| root.path().join(name);
    create_dir_all(path("sub/empty")).unwrap();
    create_dir_all(path("sub/.git/objects")).unwrap();
    create_dir(path("only-link")).unwrap();
    write(path(".git"), "a file is no directory to prune").unwrap();
    symlink("/etc", path("only-link/dir")).unwrap();
    symlink("nowhere", path("dangling")).unwrap();
    let _socket = UnixListener::bind(path("socket")).unwrap();
    assert!(Command::new("mkfifo").arg(path("fifo")).status().unwrap().success());
    let tree = look(root.path()).unwrap();
    let expected = [
        ("dangling", &EntryKind::Symlink),
        ("fifo", &EntryKind::Special),
        ("only-link/dir", &EntryKind::Symlink),
        ("socket", &EntryKind::Special),
        ("sub/.git", &EntryKind::Pruned),
        ("sub/empty", &EntryKind::EmptyDirectory),
    ];
    assert_eq!(entries(&tree), expected);
    assert_eq!(tree.files.iter().map(|file| file.path).collect::<Vec<_>>(), [".git"]);
}

#[test]
fn invalid_names_are_reported_escaped_and_never_dropped() {
    let root = tempfile::tempdir().unwrap();
    let path = |name: &[u8]| root.path().join(OsStr::from_bytes(name));
    write(path(b"latin-\xe9"), "").unwrap();
    write(path(b"new\nline"), "").unwrap();
    write(path(b"C:drive"), "").unwrap();
    symlink("x", path(b"tab\t")).unwrap();
    create_dir(path(b"back\\slash")).unwrap();
    write(path(b"back\\slash/file"), "").unwrap();
    create_dir(path(b"\xff")).unwrap();
    let tree = look(root.path()).unwrap();
    assert_eq!(tree.files.len(), 0);
    let names: Vec<&str> = tree.others.iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!(names, ["C:drive", "\\xff", "back\\\\slash", "latin-\\xe9", "new\\nline", "tab\\t"]);
    for entry in &tree.others {
        let not_utf8 = entry.path.contains("\\x");
        match &entry.kind {
            EntryKind::InvalidName(InvalidName::NotUtf8) => assert!(not_utf8, "{entry:?}"),
            EntryKind::InvalidName(InvalidName::Path(_)) => assert!(!not_utf8, "{entry:?}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_directory_that_cannot_be_read_is_an_entry() {
    let root = tempfile::tempdir().unwrap();
    create_dir(root.path().join("closed")).unwrap();
    write(root.path().join("open"), "").unwrap();
    let mode = |mode| std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(root.path().join("closed"), mode(0)).unwrap();
    let tree = look(root.path()).unwrap();
    // The superuser may read any directory, and sees that this one is empty.
    let expected = match std::fs::read_dir(root.path().join("closed")) {
        Ok(_) => EntryKind::EmptyDirectory,
        Err(error) => EntryKind::Unreadable(error.into()),
    };
    std::fs::set_permissions(root.path().join("closed"), mode(0o700)).unwrap();
    assert_eq!(entries(&tree), [("closed", &expected)]);
    assert_eq!(tree.files.len(), 1);
}

// tree-7
#[test]
fn what_went_since_it_was_listed_was_not_there() {
    let root = tempfile::tempdir().unwrap();
    for n in 0..50 {
        create_dir(root.path().join(format!("directory-{n}"))).unwrap();
        write(root.path().join(format!("file-{n}")), "").unwrap();
    }
    let remove_all = |_: &str| {
        for n in 0..50 {
            let _gone_already = remove_dir(root.path().join(format!("directory-{n}")));
            let _gone_already = remove_file(root.path().join(format!("file-{n}")));
        }
        false
    };
    let directory = Directory::open(root.path()).unwrap();
    let tree = walk(&directory, &remove_all, &Progress::default()).unwrap();
    assert_eq!(tree.others, []);
    assert!(tree.files.len() < 50, "the names were listed before they went");
}

#[test]
fn depth_has_a_limit() {
    let root = tempfile::tempdir().unwrap();
    let deep = vec!["d"; limits::TREE_DEPTH].join("/");
    create_dir_all(root.path().join(&deep)).unwrap();
    write(root.path().join(&deep).join("file"), "").unwrap();
    assert_eq!(look(root.path()).unwrap().files.len(), 1);
    create_dir(root.path().join(&deep).join("d")).unwrap();
    assert!(matches!(look(root.path()), Err(TreeError::TooDeep { .. })));
}

#[test]
fn an_empty_root_has_no_entries_and_a_stopped_walk_says_so() {
    let root = tempfile::tempdir().unwrap();
    assert_eq!(look(root.path()).unwrap().others, []);
    write(root.path().join("f"), "").unwrap();
    let progress = Progress::default();
    progress.stop();
    let walked = walk(&Directory::open(root.path()).unwrap(), &|_| false, &progress);
    assert!(matches!(walked, Err(TreeError::Stopped(_))));
}
