//! What the walk leaves out: reserved names, what is ignored, what the signer excluded.

use serde_json::json;

use super::case::Case;
use super::files::start;
use super::release::Release;

pub(super) fn cases() -> Vec<Case> {
    [left_out(), excluded()].concat()
}

/// Reserved and ignored entries.
fn left_out() -> Vec<Case> {
    let toy =
        |id: &str, rule: &str, about: &str| start(id, rule, "pass", about).release(&Release::toy());
    vec![
        toy("reserved-manifest", "tree-4", "The author's manifest lies beside the bundle.")
            .put("fullsource.json", "{}")
            .passes(&[]),
        toy("ignored-sig", "tree-5", "A detached signature.")
            .put("sub/README.md.sig", "x")
            .passes(&[]),
        toy("ignored-git", "tree-5", "A directory of version control, with weights in it.")
            .make(json!({ "file": ".git/objects/model.safetensors", "text": "x" }))
            .make(json!({ "directory": "sub/.git/empty" }))
            .passes(&[]),
        toy("ignored-git-file", "tree-5", "A file named `.git`, as submodules have it.")
            .make(json!({ "file": "sub/.git", "text": "gitdir: ../x\n" }))
            .passes(&[]),
        toy("ignored-hg", "tree-5", "Directories of other version control.")
            .put(".hg/x", "x")
            .put("a/.svn/x", "x")
            .put(".bzr/x", "x")
            .passes(&[]),
        toy("ignored-hub-records", "tree-5", "What the hub's client keeps.")
            .put(".cache/huggingface/download/config.json.metadata", "x")
            .passes(&[]),
    ]
}

fn excluded() -> Vec<Case> {
    [globs(), excluded_entries(), excluded_loadables()].concat()
}

fn globs() -> Vec<Case> {
    [stars(), sets_and_slashes()].concat()
}

fn stars() -> Vec<Case> {
    let without =
        |globs: &[&str]| Release::toy().manifest(|m| m["tree"]["excluded"] = json!(globs));
    let with = |id: &str, rule: &str, layer: &str, about: &str, globs: &[&str]| {
        start(id, rule, layer, about).release(&without(globs))
    };
    vec![
        with("excluded", "tree-9", "pass", "What the signer left out.", &["logs/"])
            .put("logs/a/b.txt", "x")
            .passes(&[]),
        with(
            "excluded-glob-star",
            "tree-10",
            "files",
            "A star does not cross a slash.",
            &["*.log"],
        )
        .put("a.log", "x")
        .put("sub/b.log", "x")
        .fails(&["file-added"]),
        with("excluded-glob-two-stars", "tree-10", "pass", "Two stars cross slashes.", &["**.log"])
            .put("a.log", "x")
            .put("sub/b.log", "x")
            .passes(&[]),
        with(
            "excluded-glob-question",
            "tree-10",
            "files",
            "A question mark is one character other than a slash.",
            &["a?b"],
        )
        .put("axb", "x")
        .put("a/b", "x")
        .fails(&["file-added"]),
    ]
}

fn sets_and_slashes() -> Vec<Case> {
    let without =
        |globs: &[&str]| Release::toy().manifest(|m| m["tree"]["excluded"] = json!(globs));
    let with = |id: &str, rule: &str, layer: &str, about: &str, globs: &[&str]| {
        start(id, rule, layer, about).release(&without(globs))
    };
    vec![
        with(
            "excluded-glob-set",
            "tree-10",
            "files",
            "A set of characters.",
            &["part-[0-9]", "[!a]-x", "[]-]"],
        )
        .put("part-7", "x")
        .put("b-x", "x")
        .put("-", "x")
        .put("a-x", "x")
        .fails(&["file-added"]),
        with(
            "excluded-glob-range-empty",
            "tree-11",
            "files",
            "A range whose end is before its start matches nothing.",
            &["[9-0]"],
        )
        .put("5", "x")
        .fails(&["file-added"]),
        with(
            "excluded-glob-slash",
            "tree-12",
            "files",
            "A glob with a slash behind it does not match a file.",
            &["logs/"],
        )
        .put("logs", "x")
        .fails(&["file-added"]),
        with(
            "excluded-glob-below-root",
            "tree-12",
            "files",
            "A glob starts at the root.",
            &["logs/"],
        )
        .put("old/logs/a", "x")
        .fails(&["file-added"]),
        with("excluded-glob-case", "tree-10", "files", "Upper and lower case differ.", &["*.log"])
            .put("A.LOG", "x")
            .fails(&["file-added"]),
    ]
}

fn excluded_entries() -> Vec<Case> {
    let without =
        |globs: &[&str]| Release::toy().manifest(|m| m["tree"]["excluded"] = json!(globs));
    let with = |id: &str, rule: &str, layer: &str, about: &str, globs: &[&str]| {
        start(id, rule, layer, about).release(&without(globs))
    };
    vec![
        with("excluded-covers", "tree-9", "files", "A glob takes no signed file out.", &["*.md"])
            .put("README.md", "Another toy.\n")
            .fails(&["file-changed"]),
        with("excluded-symlink", "tree-9", "pass", "A symbolic link that was left out.", &["link"])
            .make(json!({ "symlink": "link", "to": "README.md" }))
            .passes(&[]),
        with(
            "excluded-directory-empty",
            "tree-9",
            "pass",
            "An empty directory that was left out.",
            &["empty/"],
        )
        .make(json!({ "directory": "empty" }))
        .passes(&[]),
    ]
}

fn excluded_loadables() -> Vec<Case> {
    let without =
        |globs: &[&str]| Release::toy().manifest(|m| m["tree"]["excluded"] = json!(globs));
    let with = |id: &str, rule: &str, layer: &str, about: &str, globs: &[&str]| {
        start(id, rule, layer, about).release(&without(globs))
    };
    vec![
        with(
            "excluded-loadable",
            "ver-38",
            "loading",
            "A weight file that was left out.",
            &["extra/"],
        )
        .put("extra/model.bin", "x")
        .fails(&["loadable-uncovered"]),
        with(
            "excluded-loadable-case",
            "ver-36",
            "loading",
            "The class of a file does not depend on case.",
            &["extra/"],
        )
        .put("extra/MODEL.SafeTensors", "x")
        .fails(&["loadable-uncovered"]),
        with(
            "excluded-loadable-symlink",
            "ver-38",
            "loading",
            "A link to weights that was left out.",
            &["*.bin"],
        )
        .make(json!({ "symlink": "pytorch_model.bin", "to": "model.safetensors" }))
        .fails(&["loadable-uncovered"]),
        with("excluded-loadable-code", "ver-38", "loading", "Code that was left out.", &["*.py"])
            .put("modeling.py", "x")
            .fails(&["loadable-uncovered"]),
    ]
}
