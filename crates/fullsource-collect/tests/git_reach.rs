//! Whether a branch or a tag leads to a commit.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it cannot go on")]

mod support;

use std::path::Path;

use fullsource_collect::source::TroubleKind::Absent;
use fullsource_format::evidence::ContentFactKind;
use support::git_repository::Repository;
use support::git_server::{GitServer, root};
use support::looking::*;

/// A project of five commits, and beside its branch: a merged side branch, a stranger's commit under
/// `refs/pull/1/head`, a commit that only a tag has, one whose branch was deleted, and one without
/// history.
struct Project {
    repository: Repository,
    tip: String,
    middle: String,
    side: String,
    pulled: String,
    tagged: String,
    deleted: String,
    orphan: String,
}

fn project(path: &Path) -> Project {
    let repository = Repository::init(path, "sha1");
    let commit = |name: &str| {
        repository.write(name, name);
        repository.commit(name)
    };
    commit("one");
    let middle = commit("two");
    repository.git(["checkout", "--quiet", "-b", "side"]);
    let side = commit("side");
    repository.git(["checkout", "--quiet", "main"]);
    commit("three");
    repository.git(["merge", "--quiet", "--no-edit", "side"]);
    repository.git(["branch", "--quiet", "--delete", "side"]);
    let tip = commit("four");
    let apart = |name: &str, from: &str| {
        repository.git(["checkout", "--quiet", "--detach", from]);
        let id = commit(name);
        repository.git(["checkout", "--quiet", "main"]);
        id
    };
    let pulled = apart("pulled", &middle);
    repository.git(["update-ref", "refs/pull/1/head", &pulled]);
    let tagged = apart("tagged", &middle);
    repository.git(["tag", "--annotate", "v1", "--message", "one", &tagged]);
    let deleted = apart("deleted", &tip);
    let orphan = repository.commit_of_tree(&repository.id("HEAD^{tree}"));
    Project { repository, tip, middle, side, pulled, tagged, deleted, orphan }
}

#[test]
fn what_branches_and_tags_lead_to_is_told_from_what_they_do_not() {
    let (_keep, root) = root();
    let path = root.join("p");
    let project = project(&path);
    let server = GitServer::start(&root);
    let cases = [
        (&project.tip, true),
        (&project.middle, true),
        (&project.side, true),
        (&project.tagged, true),
        (&project.pulled, false),
        (&project.deleted, false),
        (&project.orphan, false),
    ];
    for settings in [&[][..], &["uploadpack.allowFilter"], &["uploadpack.allowAnySHA1InWant"]] {
        for key in settings {
            project.repository.git(["config", key, "true"]);
        }
        for (commit, reached) in cases {
            let (told, _) = seen(&within(&path, commit));
            assert_eq!(reachable(&told), Some(reached), "{commit}: {:?}", told.remark);
            let (told, _) = seen(&at(&server.url("plain", "p"), commit));
            assert_eq!(reachable(&told), Some(reached), "{commit}: {:?}", told.remark);
            if !reached {
                let values = facts(&told, ContentFactKind::CommitUnreachable);
                assert_eq!(values, [commit.as_str()]);
            }
            // Version 0 gives, unless it is told otherwise, what refs lead to and nothing else.
            let old = at(&server.url("v0", "p"), commit);
            let dangling = [&project.deleted, &project.orphan].contains(&commit);
            if dangling && !settings.contains(&"uploadpack.allowAnySHA1InWant") {
                troubled(&old, Absent, "no ref leads to the commit");
            } else {
                let (told, _) = seen(&old);
                assert_eq!(reachable(&told), Some(reached), "{commit}: {:?}", told.remark);
            }
        }
    }
}

#[test]
fn a_history_is_asked_for_without_what_is_not_needed() {
    let (_keep, root) = root();
    let project = project(&root.join("p"));
    project.repository.git(["config", "uploadpack.allowFilter", "true"]);
    let server = GitServer::start(&root);
    seen(&at(&server.url("plain", "p"), &project.middle));
    let asked = server.asked.lock().unwrap().clone();
    let fetches: Vec<_> = asked.iter().filter(|line| line.contains("command=fetch")).collect();
    assert_eq!(fetches.len(), 2, "{asked:?}");
    assert!(fetches[1].contains("filter tree:0"), "{fetches:?}");
    assert!(fetches[1].contains(&format!("have {}", project.middle)), "{fetches:?}");
}

#[test]
fn what_cannot_be_known_is_not_said() {
    let (_keep, root) = root();
    let project = project(&root.join("p"));
    let commit = &project.pulled;
    // A copy that has the commit, and of its own branch no more than the last one.
    let source = format!("file://{}", root.join("p").display());
    project.repository.git(["clone", "--quiet", "--bare", "--depth=1", &source, "../shallow"]);
    let shallow = Repository { path: root.join("shallow") };
    shallow.git(["config", "remote.origin.fetch", "+refs/pull/*:refs/pull/*"]);
    shallow.git(["fetch", "--quiet", "--depth=1", "origin", "refs/pull/1/head:refs/pull/1/head"]);
    let (told, _) = seen(&within(&root.join("shallow"), commit));
    assert_eq!(reachable(&told), None, "{told:?}");
    assert!(told.remark.unwrap().as_str().contains("not whole"));
    let server = GitServer::start(&root);
    let (told, _) = seen(&at(&server.url("plain", "shallow"), commit));
    assert_eq!(reachable(&told), None, "{told:?}");
    // Refs in a form that is not read.
    let tables = Repository { path: root.join("tables") };
    project.repository.git(["init", "--quiet", "--ref-format=reftable", "../tables"]);
    tables.git(["fetch", "--quiet", "../p", "main"]);
    let (told, _) = seen(&within(&root.join("tables"), &project.tip));
    assert_eq!(reachable(&told), None, "{told:?}");
    // Over HTTP they are told all the same.
    let (told, _) = seen(&at(&server.url("plain", "tables"), &project.tip));
    assert_eq!(reachable(&told), Some(false), "{told:?}");
}
