//! Repositories that do not have what they should, or not as they should.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it cannot go on")]

mod support;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use fullsource_collect::net::Settings;
use fullsource_collect::source::TroubleKind::{
    Absent, Closed, Faulty, Skipped, Stopped, Unreachable,
};
use fullsource_collect::source::git::Place;
use support::git_repository::Repository;
use support::git_server::{GitServer, root};
use support::looking::*;
use support::sink::Keeping;

/// Three commits, each with a file more.
fn history(path: &Path) -> Repository {
    history_in(path, "sha1")
}

fn history_in(path: &Path, format: &str) -> Repository {
    let repository = Repository::init(path, format);
    for name in ["a", "b", "c"] {
        repository.write(&format!("dir/{name}"), format!("{name}\n").repeat(50));
        repository.commit(name);
    }
    repository
}

/// Where the file of a loose object is.
fn loose(repository: &Repository, id: &str) -> std::path::PathBuf {
    repository.path.join(".git/objects").join(&id[..2]).join(&id[2..])
}

#[test]
fn statuses_keep_their_meanings() {
    let (_keep, root) = root();
    let repository = history(&root.join("p"));
    let server = GitServer::start(&root);
    let commit = repository.id("HEAD");
    let place = |behaviour| at(&server.url(behaviour, "p"), &commit);
    troubled(&place("401"), Closed, "401");
    troubled(&place("403"), Closed, "403");
    troubled(&place("404"), Absent, "404");
    troubled(&place("410"), Absent, "410");
    troubled(&place("503"), Unreachable, "503");
    troubled(&place("text"), Faulty, "no git repository");
    troubled(&at(&server.url("plain", "none"), &commit), Absent, "404");
    troubled(&at("http://127.0.0.1:1/p", &commit), Unreachable, "127.0.0.1");
    let refused = resolved(&Place::Http(server.url("401", "p").parse().unwrap()), None);
    assert_eq!(refused.unwrap_err().kind, Closed);
    let offline = Settings { offline: true, ..Settings::danger_loopback() };
    let trouble = seen_with(&place("plain"), offline, &Keeping::default()).unwrap_err();
    assert_eq!(trouble.kind, Skipped);
    let stop = std::sync::Arc::new(true.into());
    let stopped = Settings { stop, ..Settings::danger_loopback() };
    let trouble = seen_with(&place("plain"), stopped, &Keeping::default()).unwrap_err();
    assert_eq!(trouble.kind, Stopped, "{trouble}");
    let little = Settings { max_bytes: 500, ..Settings::danger_loopback() };
    let trouble = seen_with(&place("plain"), little, &Keeping::default()).unwrap_err();
    assert_eq!(trouble.kind, Skipped, "{trouble}");
    let sink = Keeping { limit: Some(50), ..Keeping::default() };
    let trouble = seen_with(&place("plain"), Settings::danger_loopback(), &sink).unwrap_err();
    assert_eq!(trouble.kind, Skipped, "{trouble}");
}

#[test]
fn an_id_that_is_not_a_commits_is_absent() {
    let (_keep, root) = root();
    let repository = history(&root.join("p"));
    repository.git(["tag", "--annotate", "v1", "--message", "one"]);
    Repository::init(&root.join("empty"), "sha1");
    let server = GitServer::start(&root);
    let ids = [
        (repository.id("v1"), "tag object"),
        (repository.id("HEAD:dir"), "tree object"),
        (repository.id("HEAD:dir/a"), "blob object"),
        ("1".repeat(40), ""),
        ("1".repeat(64), ""),
    ];
    for (id, words) in &ids {
        troubled(&at(&server.url("plain", "p"), id), Absent, words);
        troubled(&within(&root.join("p"), id), Absent, words);
        // Version 0 gives no tree and no blob.
        let words = if *words == "tag object" { words } else { "" };
        troubled(&at(&server.url("v0", "p"), id), Absent, words);
        troubled(&at(&server.url("plain", "empty"), id), Absent, "");
        troubled(&at(&server.url("v0", "empty"), id), Absent, "");
        troubled(&within(&root.join("empty"), id), Absent, "");
    }
    troubled(&within(&root.join("p"), &repository.id("v1")), Absent, &repository.id("HEAD"));
    troubled(&within(&root, &ids[0].0), Absent, "no git repository");
    troubled(&within(&root.join("none"), &ids[0].0), Absent, "no directory");
    for place in
        [Place::File(root.join("empty")), Place::Http(server.url("v0", "empty").parse().unwrap())]
    {
        assert_eq!(resolved(&place, None).unwrap_err().kind, Absent);
        assert_eq!(resolved(&place, Some("main")).unwrap_err().kind, Absent);
    }
}

#[test]
fn a_pack_that_was_changed_or_cut_is_never_taken() {
    let (_keep, root) = root();
    let repository = history(&root.join("p"));
    let server = GitServer::start(&root);
    let commit = repository.id("HEAD");
    let (_, right) = seen(&at(&server.url("plain", "p"), &commit));
    // The header of the pack, of its first object, and some bytes of each object behind.
    for byte in (0..400).step_by(9) {
        let place = at(&server.url(&format!("flip-{byte}"), "p"), &commit);
        let sink = Keeping::default();
        let seen = seen_with(&place, Settings::danger_loopback(), &sink);
        // Behind the pack a byte belongs to the last packets: their lengths and the server's words.
        match seen {
            Ok(_) => {
                assert!(byte > 250, "byte {byte} does not count");
                assert_eq!(sink.taken(), right, "byte {byte}");
            }
            Err(trouble) => {
                assert!(
                    matches!(trouble.kind, Faulty | Unreachable | Skipped),
                    "{byte}: {trouble}"
                );
            }
        }
    }
    for length in [0, 4, 20, 100, 150] {
        let cut = at(&server.url(&format!("cut-{length}"), "p"), &commit);
        troubled(&cut, Unreachable, "");
        let short = at(&server.url(&format!("short-{length}"), "p"), &commit);
        troubled(&short, Unreachable, "broke off");
    }
}

#[test]
fn a_pack_that_breaks_off_is_asked_for_again() {
    let (_keep, root) = root();
    let repository = history(&root.join("p"));
    let server = GitServer::start(&root);
    let (_, taken) = seen(&at(&server.url("once-100", "p"), &repository.id("HEAD")));
    assert_eq!(taken.len(), 3);
    let asked = server.asked.lock().unwrap().clone();
    assert_eq!(asked.iter().filter(|line| line.contains("command=fetch")).count(), 2, "{asked:?}");
}

/// Each byte of a pack and of its index, changed: the same is read, or nothing, and nothing breaks.
#[test]
fn a_pack_that_was_changed_on_disk_is_never_taken() {
    let (_keep, root) = root();
    let repository = history(&root.join("p"));
    repository.git(["gc", "--quiet", "--aggressive"]);
    let place = within(&root.join("p"), &repository.id("HEAD"));
    let (_, right) = seen(&place);
    let packs = std::fs::read_dir(root.join("p/.git/objects/pack")).unwrap();
    let mut changed = 0;
    for file in packs.map(|file| file.unwrap().path()) {
        if !["pack", "idx"].contains(&file.extension().unwrap().to_str().unwrap()) {
            continue;
        }
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        let good = std::fs::read(&file).unwrap();
        for byte in (0..good.len()).filter(|byte| *byte > 900 || byte % 7 == 0) {
            let mut bad = good.clone();
            bad[byte] ^= 0xff;
            std::fs::write(&file, bad).unwrap();
            let sink = Keeping::default();
            match seen_with(&place, Settings::danger_loopback(), &sink) {
                Ok(_) => assert_eq!(sink.taken(), right),
                Err(trouble) => {
                    changed += 1;
                    assert!(matches!(trouble.kind, Faulty | Absent | Skipped), "{trouble}");
                }
            }
        }
        std::fs::write(&file, good).unwrap();
    }
    assert!(changed > 100, "{changed}");
}

#[test]
fn a_swapped_object_is_named() {
    let (_keep, root) = root();
    for format in ["sha1", "sha256"] {
        swapped(&history_in(&root.join(format), format));
    }
}

fn swapped(repository: &Repository) {
    let commit = repository.id("HEAD");
    let place = within(&repository.path, &commit);
    let pairs = [
        (repository.id("HEAD:dir/a"), repository.id("HEAD:dir/b")),
        (repository.id("HEAD:dir"), repository.id("HEAD~1:dir")),
        (commit.clone(), repository.id("HEAD~1")),
    ];
    for (id, other) in pairs {
        let file = loose(repository, &id);
        let right = std::fs::read(&file).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        std::fs::write(&file, std::fs::read(loose(repository, &other)).unwrap()).unwrap();
        troubled(&place, Faulty, &format!("stored as {id} is not that: it hashes to {other}"));
        for broken in [&b""[..], b"not zlib", &right[..right.len() / 2]] {
            std::fs::write(&file, broken).unwrap();
            troubled(&place, Faulty, &id);
        }
        std::fs::remove_file(&file).unwrap();
        std::os::unix::fs::symlink(loose(repository, &other), &file).unwrap();
        troubled(&place, Faulty, &id);
        std::fs::remove_file(&file).unwrap();
        let made = std::process::Command::new("mkfifo").arg(&file).status().unwrap();
        assert!(made.success());
        troubled(&place, Faulty, "not a regular file");
        std::fs::remove_file(&file).unwrap();
        let kind = if id == commit { Absent } else { Faulty };
        troubled(&place, kind, &id);
        std::fs::write(&file, right).unwrap();
    }
    seen(&place);
}

#[test]
fn what_lies_outside_a_repository_is_not_followed() {
    let (_keep, root) = root();
    let repository = history(&root.join("p"));
    let commit = repository.id("HEAD");
    repository.git(["clone", "--quiet", "--shared", ".", "../shared"]);
    troubled(&within(&root.join("shared"), &commit), Skipped, "alternates");
    repository.git(["config", "uploadpack.allowFilter", "true"]);
    let source = format!("file://{}", root.join("p").display());
    repository.git(["clone", "--quiet", "--bare", "--filter=blob:none", &source, "../partial"]);
    troubled(&within(&root.join("partial"), &commit), Skipped, "partial clone");
    repository.git(["worktree", "add", "--quiet", "--detach", "../tree"]);
    troubled(&within(&root.join("tree"), &commit), Skipped, "elsewhere");
    repository.git(["init", "--quiet", "--separate-git-dir", "../apart", "../work"]);
    troubled(&within(&root.join("work"), &commit), Skipped, "elsewhere");
    repository.git(["clone", "--quiet", "--bare", ".", "../linked"]);
    std::fs::rename(root.join("linked/objects"), root.join("objects")).unwrap();
    std::os::unix::fs::symlink("../objects", root.join("linked/objects")).unwrap();
    troubled(&within(&root.join("linked"), &commit), Skipped, "objects");
    // Nothing that its configuration names is run, or read.
    let mark = root.join("mark");
    let run = format!("touch {}", mark.display());
    for key in ["core.fsmonitor", "core.sshCommand", "core.hooksPath", "core.pager", "include.path"]
    {
        repository.git(["config", key, &run]);
    }
    repository.git(["config", "uploadpack.packObjectsHook", &run]);
    seen(&within(&root.join("p"), &commit));
    assert!(!mark.exists());
    std::fs::write(root.join("p/.git/config"), "[broken").unwrap();
    troubled(&within(&root.join("p"), &commit), Faulty, "config");
}

#[test]
fn a_tree_that_no_git_writes_is_refused() {
    let (_keep, root) = root();
    let repository = history(&root.join("p"));
    let server = GitServer::start(&root);
    let blob = repository.id("HEAD:dir/a");
    let id: Vec<u8> =
        (0..20).map(|i| u8::from_str_radix(&blob[2 * i..2 * i + 2], 16).unwrap()).collect();
    let entry = |mode: &str, name: &str| [format!("{mode} {name}\0").as_bytes(), &id].concat();
    let trees = [
        (entry("100644", ".git"), "named `.git`"),
        (entry("100644", ".GIT"), "named `.GIT`"),
        (entry("100644", "git~1"), "named `git~1`"),
        (entry("100644", ".."), "named `..`"),
        (entry("100644", "."), "named `.`"),
        (entry("100644", "a/b"), "named `a/b`"),
        (entry("100644", ""), "named ``"),
        (entry("100664", "a"), "mode `100664`"),
        (entry("100640", "a"), "mode `100640`"),
        ([entry("100644", "b"), entry("100644", "a")].concat(), "not in its place"),
        ([entry("100644", "a"), entry("100755", "a")].concat(), "not in its place"),
        (entry("40000", "a"), "is a blob object"),
        (entry("100644", "a")[..10].to_vec(), "ends within"),
    ];
    for (content, words) in trees {
        let tree = repository.literal_tree(&content);
        let commit = repository.commit_of_tree(&tree);
        troubled(&within(&root.join("p"), &commit), Faulty, words);
        repository.git(["update-ref", "refs/heads/bad", &commit]);
        // What git cannot walk it does not send.
        if !["named ``", "is a blob object", "ends within"].contains(&words) {
            troubled(&at(&server.url("plain", "p"), &commit), Faulty, words);
        }
    }
    let mut tree = repository.id("HEAD:dir");
    for _ in 0..300 {
        tree = String::from_utf8(repository.run(
            &["mktree"].map(std::ffi::OsStr::new),
            format!("040000 tree {tree}\td\n").as_bytes(),
        ))
        .unwrap()
        .trim()
        .to_owned();
    }
    let commit = repository.commit_of_tree(&tree);
    troubled(&within(&root.join("p"), &commit), Skipped, "deeper than 256");
}
