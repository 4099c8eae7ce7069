//! What lies at a commit, held against the git on this machine: over `git http-backend`, and from a
//! directory.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it cannot go on")]

mod support;

use std::collections::BTreeMap;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use fullsource_collect::source::TroubleKind;
use fullsource_collect::source::git::{GitPlace, Place};
use fullsource_format::evidence::ContentFactKind;
use fullsource_format::index::dir_hash;
use fullsource_format::path::RelPath;
use support::git_repository::Repository;
use support::git_server::{GitServer, root};
use support::looking::*;
use support::sink::Taken;

/// Two commits with everything that a tree can hold.
fn project(path: &Path, format: &str) -> Repository {
    let repository = Repository::init(path, format);
    repository.write("README.md", "# it\n");
    repository.write("src/lib.rs", "pub fn f() {}\n".repeat(400));
    repository.commit("first");
    repository.write("src/lib.rs", "pub fn f() {}\n".repeat(401));
    repository.write("src/deep/er/data.bin", (0..=255).cycle().take(70_000).collect::<Vec<u8>>());
    repository.write("src.txt", "sorted between\n");
    repository.write("empty", "");
    repository.write("run.sh", "#!/bin/sh\n");
    let script = path.join("run.sh");
    std::fs::set_permissions(script, std::fs::Permissions::from_mode(0o755)).unwrap();
    symlink("src/lib.rs", path.join("link")).unwrap();
    let id = repository.id("HEAD");
    repository.git(["update-index", "--add", "--cacheinfo", &format!("160000,{id},vendor/sub")]);
    repository.git(["add", "--all", "--force", "--", ":!vendor"]);
    repository.git(["commit", "--quiet", "--message", "second"]);
    repository
}

/// What git says lies below a tree.
fn by_git(repository: &Repository, tree: &str) -> BTreeMap<String, Taken> {
    let listed = repository.git_bytes(["ls-tree", "-r", "-z", tree]);
    let lines = listed.split(|byte| *byte == 0).filter(|line| !line.is_empty());
    let entry = |line: &[u8]| {
        let line = String::from_utf8(line.to_vec()).unwrap();
        let (words, path) = line.split_once('\t').unwrap();
        let words: Vec<&str> = words.split(' ').collect();
        let bytes = || repository.git_bytes(["cat-file", "blob", words[2]]);
        let taken = match words[0] {
            "120000" => Taken::Symlink(bytes()),
            "160000" => Taken::Submodule(words[2].to_owned()),
            mode => Taken::File { executable: mode == "100755", bytes: bytes() },
        };
        (path.to_owned(), taken)
    };
    lines.map(entry).collect()
}

/// A place seen, and the same by git.
fn is_gits(repository: &Repository, place: &GitPlace) {
    let (told, taken) = seen(place);
    let commit = place.commit.to_string();
    let path = place.path.as_ref().map_or("", RelPath::as_str);
    let tree = repository.id(&format!("{commit}:{path}"));
    assert_eq!(taken, by_git(repository, &tree), "{place:?}");
    let mut expected = BTreeMap::from([("gitCommit", commit.clone())]);
    expected.insert("gitTree", tree.clone());
    assert_eq!(digests(&told), expected);
    let swhids = facts(&told, ContentFactKind::Swhid);
    if commit.len() == 40 {
        assert_eq!(swhids, [format!("swh:1:rev:{commit}"), format!("swh:1:dir:{tree}")]);
    } else {
        assert_eq!(swhids, [""; 0]);
    }
}

#[test]
fn a_commit_is_what_git_says_it_is() {
    let (_keep, root) = root();
    let server = GitServer::start(&root);
    for format in ["sha1", "sha256"] {
        let name = format!("{format}/project");
        let repository = project(&root.join(&name), format);
        for commit in [repository.id("HEAD"), repository.id("HEAD~1")] {
            for dialect in ["plain", "v0", "moved"] {
                // Version 0 does not give a commit that no ref points to: the last resort does.
                let place = at(&server.url(dialect, &name), &commit);
                is_gits(&repository, &place);
                is_gits(&repository, &below(&place, "src"));
                assert_eq!(reachable(&seen(&place).0), Some(true), "{dialect}");
            }
            is_gits(&repository, &within(&root.join(&name), &commit));
            is_gits(&repository, &below(&within(&root.join(&name), &commit), "src"));
        }
        let place = at(&server.url("plain", &name), &repository.id("HEAD"));
        is_gits(&repository, &below(&place, "src/deep"));
        repository.git(["gc", "--quiet", "--aggressive", "--prune=now"]);
        is_gits(&repository, &place);
        is_gits(&repository, &within(&root.join(&name), &repository.id("HEAD~1")));
    }
}

#[test]
fn a_path_selects_a_file_or_a_directory_and_nothing_else() {
    let (_keep, root) = root();
    let repository = project(&root.join("p"), "sha1");
    let server = GitServer::start(&root);
    let commit = repository.id("HEAD");
    for place in [at(&server.url("plain", "p"), &commit), within(&root.join("p"), &commit)] {
        let (told, taken) = seen(&below(&place, "run.sh"));
        let file = Taken::File { executable: true, bytes: b"#!/bin/sh\n".to_vec() };
        assert_eq!(taken, BTreeMap::from([(String::new(), file)]));
        assert_eq!(digests(&told), BTreeMap::from([("gitCommit", commit.clone())]));
        let blob = repository.git(["hash-object", "run.sh"]);
        let swhids = [format!("swh:1:rev:{commit}"), format!("swh:1:cnt:{blob}")];
        assert_eq!(facts(&told, ContentFactKind::Swhid), swhids);
        for path in ["none", "src/none", "run.sh/x", "link/x", "vendor/sub/x", "SRC"] {
            troubled(&below(&place, path), TroubleKind::Absent, path);
        }
        troubled(&below(&place, "link"), TroubleKind::Faulty, "symbolic link");
        troubled(&below(&place, "vendor/sub"), TroubleKind::Faulty, "submodule");
    }
}

/// `find -type f | sha256sum | sha256sum` in a checkout is the dirHash of what was handed over.
#[test]
fn a_dir_hash_is_that_of_a_checkout() {
    let (_keep, root) = root();
    let repository = project(&root.join("p"), "sha1");
    let server = GitServer::start(&root);
    let (_, taken) = seen(&at(&server.url("plain", "p"), &repository.id("HEAD")));
    let lines = taken.iter().filter_map(|(path, taken)| match taken {
        Taken::File { bytes, .. } => {
            Some((path.as_str(), fullsource_format::digest::Sha256::of(bytes)))
        }
        _ => None,
    });
    let ours = dir_hash(lines).unwrap().to_string();
    let pipeline = "find . -path ./.git -prune -o -type f -print | cut -c3- | LC_ALL=C sort \
                    | xargs -r -d '\\n' sha256sum | sha256sum | cut -d' ' -f1";
    let shell = std::process::Command::new("sh")
        .args(["-c", pipeline])
        .current_dir(root.join("p"))
        .output()
        .unwrap();
    assert_eq!(ours, String::from_utf8(shell.stdout).unwrap().trim());
}

#[test]
fn a_shallow_look_asks_for_one_commit() {
    let (_keep, root) = root();
    let repository = project(&root.join("p"), "sha1");
    let server = GitServer::start(&root);
    seen(&at(&server.url("plain", "p"), &repository.id("HEAD")));
    let asked = server.asked.lock().unwrap().clone();
    let fetches: Vec<_> = asked.iter().filter(|line| line.contains("command=fetch")).collect();
    assert_eq!(fetches.len(), 1, "{asked:?}");
    assert!(fetches[0].contains("deepen 1"), "{fetches:?}");
}

#[test]
fn a_name_is_resolved_to_its_commit() {
    let (_keep, root) = root();
    let repository = project(&root.join("p"), "sha1");
    repository.git(["tag", "--annotate", "v1", "--message", "one", "HEAD~1"]);
    repository.git(["tag", "light", "HEAD"]);
    repository.git(["branch", "work/x", "HEAD~1"]);
    let server = GitServer::start(&root);
    let (tip, before) = (repository.id("HEAD"), repository.id("HEAD~1"));
    let places = [
        Place::Http(server.url("plain", "p").parse().unwrap()),
        Place::Http(server.url("v0", "p").parse().unwrap()),
        Place::File(root.join("p")),
    ];
    for packed in [false, true] {
        for place in &places {
            let is = |name: Option<&str>, commit: &str, reference: Option<&str>| {
                let found = resolved(place, name).unwrap_or_else(|e| panic!("{name:?}: {e}"));
                assert_eq!(found.commit.to_string(), commit, "{place:?} {name:?}");
                if let Some(reference) = reference {
                    assert_eq!(found.reference.as_deref(), Some(reference), "{place:?}");
                }
            };
            is(None, &tip, Some("refs/heads/main"));
            is(Some("HEAD"), &tip, Some("refs/heads/main"));
            is(Some("main"), &tip, Some("refs/heads/main"));
            is(Some("work/x"), &before, Some("refs/heads/work/x"));
            is(Some("v1"), &before, Some("refs/tags/v1"));
            is(Some("refs/tags/light"), &tip, Some("refs/tags/light"));
            is(Some(&tip), &tip, None);
            is(Some(&tip[..9]), &tip, None);
            let none = resolved(place, Some("nothing")).unwrap_err();
            assert_eq!(none.kind, TroubleKind::Absent, "{none}");
        }
        if !packed {
            repository.git(["pack-refs", "--all"]);
            repository.git(["gc", "--quiet"]);
        }
    }
    let third = repository.git(["rev-parse", "--short=12", "HEAD~1"]);
    let found = resolved(&places[2], Some(&third)).unwrap();
    assert_eq!(found.commit.to_string(), before);
}
