//! Digests of a content are those of git and of coreutils, on the same files on disk; and a large
//! content takes little memory.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it cannot go on")]

use std::ffi::OsStr;
use std::fs::{Permissions, create_dir_all, set_permissions, write};
use std::num::NonZeroUsize;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use fullsource_collect::content::{Content, Reader, Wanted, local};
use fullsource_collect::directory::Directory;
use fullsource_collect::git_tree::{ObjectFormat, git_tree};
use fullsource_collect::progress::Progress;
use fullsource_collect::source::{Entry, Sink as _};
use fullsource_format::digest::{Digest, GitId};
use fullsource_format::evidence::ContentFactKind;
use fullsource_format::index::FileRecord;

type File<'a> = (&'a [u8], &'a [u8], bool);

fn take(reader: &Reader<'_>, files: &[File<'_>]) {
    for (path, mut bytes, executable) in files.iter().copied() {
        let entry = Entry { path, size: None, executable };
        reader.file(&entry, &mut bytes).unwrap();
    }
}

fn digest(content: &Content, algorithm: &str) -> Option<Digest> {
    content.digests.as_ref()?.digests().find(|digest| digest.algorithm() == algorithm)
}

fn put(root: &Path, (name, content, executable): File<'_>) {
    let path = root.join(OsStr::from_bytes(name));
    create_dir_all(path.parent().unwrap()).unwrap();
    write(&path, content).unwrap();
    set_permissions(&path, Permissions::from_mode(if executable { 0o755 } else { 0o644 })).unwrap();
}

const FILES: &[File<'_>] = &[
    (b"b/z", b"1", false),
    (b"a/b/c", b"22", true),
    (b"a-b", b"333", false),
    (b"a.b", b"", false),
    (b"a0/x", b"4444", false),
    (b"\xc3\xa9t\xc3\xa9", b"5", false),
    (b"tab\there", b"6", false),
    (b"\xff\xfe", b"7", true),
    (b"C:x", b"8", false),
];

#[test]
fn a_tree_has_the_digests_of_git_and_of_coreutils() {
    let root = tempfile::tempdir().unwrap();
    FILES.iter().for_each(|file| put(root.path(), *file));
    let sum = Command::new("sh")
        .args([
            "-c",
            "find . -type f | cut -c3- | LC_ALL=C sort | xargs -r -d '\\n' sha256sum | sha256sum",
        ])
        .current_dir(root.path())
        .output()
        .unwrap();
    let sum = String::from_utf8(sum.stdout).unwrap();
    symlink("b/z", root.path().join("link")).unwrap();
    for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
        let reader = Reader::new(Wanted { git: Some(format), ..Wanted::default() });
        take(&reader, FILES);
        reader.symlink(b"link", b"b/z").unwrap();
        // What git keeps for itself is no entry of its tree.
        let content = reader.finish().unwrap();
        let directory = Directory::open(root.path()).unwrap();
        let threads = NonZeroUsize::new(1).unwrap();
        let tree = git_tree(&directory, format, threads, &Progress::default()).unwrap();
        assert_eq!(digest(&content, "gitTree"), Some(Digest::GitTree(tree)));
        assert_eq!(
            digest(&content, "dirHash").unwrap().to_string(),
            sum.split(' ').next().unwrap()
        );
        assert_eq!((content.files, content.size), (9, 14));
        assert_eq!(content.table.unwrap().len(), 6);
        let odd = "3 names are no paths of a release, the first is `C:x`";
        assert!(content.facts.iter().any(|f| f.value.as_ref().is_some_and(|v| v.as_str() == odd)));
    }
}

#[test]
fn a_name_that_undefines_the_dir_hash_leaves_the_other_digest() {
    let reader = Reader::new(Wanted { git: Some(ObjectFormat::Sha1), ..Wanted::default() });
    take(&reader, &[(b"a\\b", b"1", false), (b"c", b"2", false)]);
    let content = reader.finish().unwrap();
    assert_eq!(digest(&content, "dirHash"), None);
    assert!(digest(&content, "gitTree").is_some());
}

#[test]
fn submodules_are_entries_of_a_tree_and_make_it_partial() {
    let repository = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let run = Command::new("git")
            .args(arguments)
            .current_dir(repository.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("HOME", repository.path())
            .output()
            .expect("this test needs git");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8(run.stdout).unwrap().trim().to_owned()
    };
    git(&["init", "--quiet"]);
    write(repository.path().join("a"), "1").unwrap();
    git(&["add", "a"]);
    let commit = "7".repeat(40);
    git(&["update-index", "--add", "--cacheinfo", &format!("160000,{commit},sub/module")]);
    let expected = git(&["write-tree"]);
    let reader = Reader::new(Wanted { git: Some(ObjectFormat::Sha1), ..Wanted::default() });
    take(&reader, &[(b"a", b"1", false)]);
    let id: GitId = commit.parse().unwrap();
    reader.submodule(b"sub/module", &id).unwrap();
    let content = reader.finish().unwrap();
    assert_eq!(digest(&content, "gitTree").unwrap().to_string(), expected);
    assert!(content.partial);
    let kinds: Vec<_> = content.facts.iter().map(|fact| fact.kind).collect();
    assert_eq!(kinds, [ContentFactKind::Submodule, ContentFactKind::Swhid]);
}

/// A checkpoint of torch with 16 MiB of tensors, sizes behind the members: the pickle is found behind
/// them, and in the release none of the tensors is read.
#[test]
fn a_pickle_behind_large_tensors_is_found() {
    let root = tempfile::tempdir().unwrap();
    let script = "import sys, zipfile\n\
        class Pipe:\n\
        \x20   def write(self, data): return sys.stdout.buffer.write(data)\n\
        \x20   def flush(self): pass\n\
        with zipfile.ZipFile(Pipe(), 'w') as z:\n\
        \x20   z.writestr('archive/data/0', b'P' * (16 << 20))\n\
        \x20   z.writestr('archive/data.pkl', b'\\x80\\x02cos\\nsystem\\n)R.')\n";
    let made =
        Command::new("python3").args(["-c", script]).output().expect("this test needs python3");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let reader = Reader::new(Wanted::default());
    take(&reader, &[(b"model.pt", &made.stdout, false)]);
    let streamed = reader.finish().unwrap().facts;
    assert_eq!(streamed[0].kind, ContentFactKind::PickleImport);
    write(root.path().join("model.pt"), &made.stdout).unwrap();
    let size = made.stdout.len() as u64;
    let record = FileRecord { path: "model.pt", size, sha256: None, blake3: None };
    let directory = Directory::open(root.path()).unwrap();
    let progress = Progress::default();
    let wanted = Wanted { progress: Some(&progress), ..Wanted::default() };
    let here = local(&directory, &[record], "", &wanted, NonZeroUsize::MIN).unwrap().content;
    assert_eq!(here.facts, streamed);
}

/// A million files with git's ids. `FULLSOURCE_MILLION=1` runs it; its peak is read in
/// `/proc/self/status`.
#[test]
fn a_million_files_stay_in_bounds() {
    let million = std::env::var_os("FULLSOURCE_MILLION").is_some();
    let count = if million { 1_000_000 } else { 20_000 };
    let reader = Reader::new(Wanted { git: Some(ObjectFormat::Sha1), ..Wanted::default() });
    std::thread::scope(|scope| {
        for part in 0..2 {
            let reader = &reader;
            scope.spawn(move || {
                for number in (part..count).step_by(2) {
                    let path = format!("data/shard-{:04}/sample-{number:010}.json", number % 1000);
                    let entry = Entry { path: path.as_bytes(), size: Some(8), executable: false };
                    reader.file(&entry, &mut &b"{\"a\": 1}"[..]).unwrap();
                }
            });
        }
    });
    let content = reader.finish().unwrap();
    assert_eq!((content.files, content.size), (count, 8 * count));
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    println!("peak {} MiB for {count} files", peak >> 10);
    assert!(peak < 300 << 10, "{peak} KiB");
}
