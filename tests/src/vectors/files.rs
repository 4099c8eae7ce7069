//! The files of a release: changed, missing, added, of every kind.

use serde_json::{Value, json};

use super::case::{Case, case};
use super::release::{BUNDLE, Release, drop_field, subject, weights};
use super::seal::{blake3, sha256};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = compared();
    cases.extend(entries());
    cases.extend(names());
    cases.extend(digests());
    cases
}

pub(super) fn start(id: &str, rule: &str, layer: &str, about: &str) -> Case {
    case(format!("files/{id}"), rule, layer, about)
}

/// The toy release with something done to its directory.
fn toy(id: &str, rule: &str, about: &str) -> Case {
    start(id, rule, "files", about).release(&Release::toy())
}

fn compared() -> Vec<Case> {
    [differing(), stated()].concat()
}

fn differing() -> Vec<Case> {
    let old = Release::toy();
    let new = Release::toy().with("model.safetensors", weights(2));
    vec![
        toy("changed", "ver-29", "A weight file of the same size with other bytes.")
            .put("model.safetensors", weights(2))
            .fails(&["file-changed"]),
        toy("changed-longer", "ver-29", "A byte more.")
            .put("README.md", "A toy.\n\n")
            .fails(&["file-changed"]),
        toy("changed-empty", "ver-29", "A file was emptied.")
            .put("README.md", "")
            .fails(&["file-changed"]),
        start("swapped", "ver-28", "files", "Two files have changed places.")
            .release(&Release::toy().with("LICENSE", "As is.\n"))
            .put("README.md", "As is.\n")
            .put("LICENSE", "A toy.\n")
            .fails(&["file-changed"]),
        start(
            "old-statement-beside-new-weights",
            "ver-29",
            "files",
            "A valid old statement beside new weights.",
        )
        .disk(old.signed(|_| {}).disk())
        .put("model.safetensors", new.files["model.safetensors"].clone())
        .fails(&["file-changed"]),
        toy("missing", "ver-30", "A file is not there.").take("README.md").fails(&["file-missing"]),
        toy("missing-case", "ver-30", "A file in another case is another file.")
            .take("README.md")
            .make(json!({ "file": "Readme.md", "text": "A toy.\n" }))
            .fails(&["file-added", "file-missing", "name-twin"]),
    ]
}

fn stated() -> Vec<Case> {
    let old = Release::toy();
    let resized = |s: &mut Value| s["predicate"]["tree"] = json!({});
    vec![
        start(
            "size-differs",
            "ver-28",
            "files",
            "The stated size is wrong, the digests are right.",
        )
        .signed(&old.signed(|s| {
            s["predicate"]["files"][0]["size"] = json!(8);
            resized(s);
        }))
        .fails(&["file-changed"]),
        start(
            "sha256-of-one-blake3-of-another",
            "ver-28",
            "files",
            "SHA-256 of the file, and BLAKE3 of another.",
        )
        .signed(&old.signed(|s| s["predicate"]["files"][2]["blake3"] = json!(blake3(&weights(2)))))
        .fails(&["file-changed"]),
        start(
            "blake3-of-one-sha256-of-another",
            "ver-28",
            "files",
            "BLAKE3 of the file, and SHA-256 of another.",
        )
        .signed(&old.signed(|s| {
            s["subject"][2] = subject("model.safetensors", &sha256(&weights(2)));
            resized(s);
        }))
        .fails(&["file-changed"]),
    ]
}

fn entries() -> Vec<Case> {
    [added(), links(), specials()].concat()
}

fn added() -> Vec<Case> {
    let added = |id: &str, about: &str, path: &str| {
        toy(id, "ver-32", about).put(path, "x").fails(&["file-added"])
    };
    vec![
        added("added", "A file that nobody signed.", "notes.txt"),
        added("added-hidden", "A hidden file.", ".hidden"),
        added("added-below", "A file in a new directory.", "a/b/c.txt"),
        added(
            "added-empty-name-like-reserved",
            "A reserved name below the root is not reserved.",
            "sub/fullsource.json",
        ),
        added(
            "added-index-of-nobody",
            "A file index of no artifact is not reserved.",
            "other.files.jsonl",
        ),
        added("added-git-like", "A name that only starts like version control.", ".gitignore"),
        added(
            "added-hub-like",
            "A directory that only starts like the hub's records.",
            ".cache/huggingfaces/x",
        ),
        added(
            "added-hub-below",
            "The hub's records below the root are files like others.",
            "sub/.cache/huggingface/x",
        ),
        toy("added-empty", "ver-32", "An empty file that nobody signed.")
            .put("empty", "")
            .fails(&["file-added"]),
    ]
}

fn links() -> Vec<Case> {
    let bundle = Release::toy().signed(|_| {}).disk()[BUNDLE].clone();
    vec![
        toy("symlink", "ver-27", "A symbolic link to a file of the release.")
            .make(json!({ "symlink": "link.txt", "to": "README.md" }))
            .fails(&["symlink-present"]),
        toy("symlink-dangling", "ver-27", "A symbolic link to nothing.")
            .make(json!({ "symlink": "link.txt", "to": "nowhere" }))
            .fails(&["symlink-present"]),
        toy("symlink-to-directory", "tree-1", "No link to a directory is followed.")
            .make(json!({ "symlink": "link", "to": "/" }))
            .fails(&["symlink-present"]),
        toy(
            "symlink-in-place-of-a-file",
            "ver-31",
            "A signed file is a symbolic link to the same bytes.",
        )
        .make(json!({ "remove": "README.md" }))
        .make(json!({ "file": "fullsource.json", "text": "A toy.\n" }))
        .make(json!({ "symlink": "README.md", "to": "fullsource.json" }))
        .fails(&["symlink-present"]),
        toy("symlink-reserved", "ver-3", "The bundle is a symbolic link.")
            .take(BUNDLE)
            .put("bundle.sig", bundle)
            .make(json!({ "symlink": BUNDLE, "to": "bundle.sig" }))
            .fails(&["symlink-present"]),
        toy("symlink-named-git", "tree-5", "A symbolic link is not left out by its name.")
            .make(json!({ "symlink": ".git", "to": "README.md" }))
            .fails(&["symlink-present"]),
    ]
}

fn specials() -> Vec<Case> {
    let deep = "d/".repeat(257);
    vec![
        toy("fifo", "ver-27", "A pipe.")
            .make(json!({ "fifo": "pipe" }))
            .fails(&["special-present"]),
        toy("fifo-in-place-of-a-file", "tree-6", "A signed file is a pipe; nobody waits for it.")
            .make(json!({ "remove": "README.md" }))
            .make(json!({ "fifo": "README.md" }))
            .fails(&["special-present"]),
        toy("fifo-reserved", "tree-4", "A pipe with a reserved name.")
            .make(json!({ "fifo": "fullsource.json" }))
            .fails(&["special-present"]),
        toy("directory-empty", "ver-27", "An empty directory.")
            .make(json!({ "directory": "empty" }))
            .fails(&["directory-empty"]),
        toy("directory-empty-below", "tree-2", "An empty directory in a directory.")
            .make(json!({ "directory": "a/b" }))
            .fails(&["directory-empty"]),
        toy("directory-in-place-of-a-file", "tree-2", "A signed file is an empty directory.")
            .make(json!({ "remove": "README.md" }))
            .make(json!({ "directory": "README.md" }))
            .fails(&["directory-empty", "file-missing"]),
        toy("too-deep", "lim-14", "257 directories above a file.")
            .make(json!({ "file": format!("{deep}x"), "text": "x" }))
            .stops(&["limit-exceeded"]),
    ]
}

fn names() -> Vec<Case> {
    [invalid_names(), twins()].concat()
}

fn invalid_names() -> Vec<Case> {
    // git and some file systems cannot hold these names, so they are made in the copy.
    let with = |id: &str, rule: &str, about: &str, release: &Release, name: &str| {
        start(id, rule, "files", about)
            .release(release)
            .take(name)
            .make(json!({ "file": name, "text": "x" }))
    };
    let nfd = "e\u{301}.txt";
    let covered =
        |names: &[&str]| names.iter().fold(Release::toy(), |release, name| release.with(name, "x"));
    vec![
        toy("name-backslash", "tree-2", "A name with a backslash.")
            .make(json!({ "file": "a\\b", "text": "x" }))
            .fails(&["name-invalid"]),
        toy("name-control", "tree-2", "A name with a line feed.")
            .make(json!({ "file": "a\nb", "text": "x" }))
            .fails(&["name-invalid"]),
        toy("name-drive", "tree-2", "A name that starts with a drive.")
            .make(json!({ "file": "c:model.txt", "text": "x" }))
            .fails(&["name-invalid"]),
        toy(
            "name-invalid-directory",
            "tree-3",
            "The walk does not go into a directory with a name that is no path.",
        )
        .make(json!({ "file": "a\\b/model.bin", "text": "x" }))
        .fails(&["name-invalid"]),
        toy("name-nfd", "path-9", "A name that is not in NFC.")
            .make(json!({ "file": nfd, "text": "x" }))
            .fails(&["name-invalid"]),
        with(
            "name-nfd-covered",
            "ver-35",
            "A signed name that is not in NFC.",
            &covered(&[nfd]),
            nfd,
        )
        .fails(&["name-invalid"]),
    ]
}

fn twins() -> Vec<Case> {
    [twins_covered(), twins_and_others()].concat()
}

fn twins_covered() -> Vec<Case> {
    // git and some file systems cannot hold these names, so they are made in the copy.
    let with = |id: &str, rule: &str, about: &str, release: &Release, name: &str| {
        start(id, rule, "files", about)
            .release(release)
            .take(name)
            .make(json!({ "file": name, "text": "x" }))
    };
    let covered =
        |names: &[&str]| names.iter().fold(Release::toy(), |release, name| release.with(name, "x"));
    vec![
        with(
            "twin-case",
            "path-10",
            "Two signed names that differ in case.",
            &covered(&["a.txt", "A.txt"]),
            "A.txt",
        )
        .fails(&["name-twin"]),
        with(
            "twin-case-beyond-ascii",
            "path-10",
            "Two signed names that differ in the case of a letter beyond ASCII.",
            &covered(&["é.txt", "É.txt"]),
            "É.txt",
        )
        .fails(&["name-twin"]),
        with(
            "twin-directories",
            "path-11",
            "Two directories that differ in case.",
            &covered(&["a/x.txt", "A/y.txt"]),
            "A/y.txt",
        )
        .fails(&["name-twin"]),
        with(
            "twin-sigma",
            "path-10",
            "The two small sigmas have one upper case.",
            &covered(&["ς.txt", "σ.txt"]),
            "ς.txt",
        )
        .fails(&["name-twin"]),
    ]
}

fn twins_and_others() -> Vec<Case> {
    // git and some file systems cannot hold these names, so they are made in the copy.
    let with = |id: &str, rule: &str, about: &str, release: &Release, name: &str| {
        start(id, rule, "files", about)
            .release(release)
            .take(name)
            .make(json!({ "file": name, "text": "x" }))
    };
    let covered =
        |names: &[&str]| names.iter().fold(Release::toy(), |release, name| release.with(name, "x"));
    vec![
        with(
            "twin-kelvin",
            "path-9",
            "The sign for kelvin is not in NFC.",
            &covered(&["k.txt", "\u{212a}.txt"]),
            "\u{212a}.txt",
        )
        .fails(&["name-invalid", "name-twin"]),
        with(
            "no-twin-sharp-s",
            "path-10",
            "A letter whose upper case is two letters has no twin.",
            &covered(&["ß.txt", "ss.txt"]),
            "ß.txt",
        )
        .passes(&[]),
        toy("twin-added", "path-11", "A file on disk is the twin of a signed one.")
            .make(json!({ "file": "readme.MD", "text": "x" }))
            .fails(&["file-added", "name-twin"]),
        toy("twin-of-ignored", "path-11", "What is left out has no twins.")
            .make(json!({ "file": ".git/config", "text": "x" }))
            .make(json!({ "file": ".git/CONFIG", "text": "x" }))
            .passes(&[]),
    ]
}

fn digests() -> Vec<Case> {
    let toy = |id: &str, rule: &str, layer: &str, about: &str| {
        start(id, rule, layer, about).release(&Release::toy())
    };
    let bare = Release::toy().signed(|s| drop_field(&mut s["predicate"]["files"][0], "blake3"));
    vec![
        toy("digests-sha256", "ver-34", "pass", "SHA-256 alone.")
            .input("digests", "sha256")
            .passes(&[]),
        toy("digests-blake3", "ver-34", "pass", "BLAKE3 alone passes with a warning.")
            .input("digests", "blake3")
            .passes(&["digests-partial"]),
        toy("digests-blake3-changed", "ver-28", "files", "BLAKE3 alone finds a change.")
            .input("digests", "blake3")
            .put("model.safetensors", weights(2))
            .fails(&["digests-partial", "file-changed"]),
        start(
            "digests-blake3-not-stated",
            "ver-33",
            "files",
            "BLAKE3 alone, of a file whose BLAKE3 is not stated.",
        )
        .signed(&bare)
        .input("digests", "blake3")
        .incomplete(&["digests-partial", "file-unchecked"]),
        toy(
            "digests-blake3-by-policy",
            "ver-34",
            "policy",
            "BLAKE3 alone, where the policy asks for both.",
        )
        .input("digests", "blake3")
        .input("policy", "weights-only")
        .fails(&["digests-partial"]),
    ]
}
