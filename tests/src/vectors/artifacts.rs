//! Claimed artifacts: weights without a role, digests that differ, stages and licences.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::case::{Case, case};
use super::release::{Release, weights};
use super::seal::{blake3, hex, sha256};

/// A source of the release, with a place.
pub(super) const PLACE: &str = "https://example.org/trainer.tar";
/// What it holds.
pub(super) const TRAINER: &[u8] = b"fn main() {}\n";

pub(super) fn start(id: &str, rule: &str, layer: &str, about: &str) -> Case {
    case(format!("artifacts/{id}"), rule, layer, about)
}

/// An artifact that lies elsewhere.
pub(super) fn trainer() -> Value {
    json!({ "id": "trainer", "roles": ["code.training"], "locators": [PLACE],
            "digest": { "sha256": sha256(TRAINER) } })
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = weights_and_files();
    cases.extend(git_trees());
    cases.extend(claims());
    cases.extend(licences());
    cases
}

fn weights_and_files() -> Vec<Case> {
    let toy = Release::toy();
    let beside = toy.clone().with("model-large.safetensors", weights(2));
    let files = |id: &str, rule: &str, about: &str, digest: Value| {
        let release = toy.clone().manifest(|m| m["artifacts"][0]["digest"] = digest);
        start(id, rule, "artifacts", about).release(&release)
    };
    let good = weights(1);
    let (sha, blake) = (sha256(&good), blake3(&good));
    let other = blake3(&weights(2));
    let git = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
    let git_sha256 = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321";
    vec![
        start("toy-weights-beside-real-weights", "ver-46", "artifacts", "Toy weights with provenance beside real weights without a role.")
            .release(&beside)
            .fails(&["weights-unclaimed"]),
        start("weights-with-another-role", "ver-46", "artifacts", "Weights are listed as a text.")
            .release(&beside.clone().artifact(json!({
                "id": "large", "roles": ["doc.paper"], "files": ["model-large.safetensors"]
            })))
            .fails(&["weights-unclaimed"]),
        start("weights-of-any-case", "ver-36", "artifacts", "The class of a file does not depend on case.")
            .release(&toy.clone().with("MODEL.GGUF", "x"))
            .fails(&["weights-unclaimed"]),
        start("training-state-unclaimed", "ver-36", "pass", "State of a training run is no weight file.")
            .release(&toy.clone().with("optimizer.pt", "x"))
            .passes(&[]),
        files("digest-of-file", "stm-14", "Both digests of a file agree.", json!({ "sha256": sha, "blake3": blake }))
            .passes(&[]),
        files("digest-of-file-differs", "stm-14", "SHA-256 of an artifact is not that of its file.", json!({ "sha256": sha256(b"") }))
            .fails(&["artifact-mismatch"]),
        files("sha256-of-one-blake3-of-another", "digest-4", "SHA-256 of the file and BLAKE3 of another one.",
            json!({ "sha256": sha, "blake3": other })).fails(&["artifact-mismatch"]),
        files("dir-hash-of-a-file", "digest-8", "A file has no dirHash.", json!({ "dirHash": sha }))
            .fails(&["artifact-mismatch"]),
        files("git-commit-of-a-file", "ver-47", "A commit that nobody looked at.", json!({ "sha256": sha, "gitCommit": git_sha256 }))
            .incomplete(&["artifact-unchecked"]),
        files("git-commit-of-a-file-weak", "ver-47", "SHA-1 of a commit alone.", json!({ "gitCommit": git }))
            .incomplete(&["artifact-unchecked"]),
        start("size-differs", "stm-14", "artifacts", "The size of an artifact is not that of its file.")
            .release(&toy.clone().manifest(|m| m["artifacts"][0]["size"] = json!(1)))
            .fails(&["artifact-mismatch"]),
        start("file-of-artifact-changed", "ver-51", "files", "A changed file has its own finding; its artifact has none.")
            .release(&toy.clone())
            .put("model.safetensors", weights(2))
            .fails(&["file-changed"]),
        tree("dir-hash", "pass", "The dirHash of a directory, with paths relative to it.", json!(["texts/"]), "a.txt", "b/c.txt").passes(&[]),
        tree("dir-hash-from-root", "pass", "The dirHash of two selectors, with paths relative to the root.",
            json!(["texts/a.txt", "texts/b/"]), "texts/a.txt", "texts/b/c.txt").passes(&[]),
        tree("dir-hash-files-once", "pass", "Files that two selectors select count once.",
            json!(["texts/", "texts/a.txt"]), "texts/a.txt", "texts/b/c.txt").passes(&[]),
        tree("dir-hash-paths-differ", "artifacts", "The dirHash with paths relative to the root, of a directory.",
            json!(["texts/"]), "texts/a.txt", "texts/b/c.txt").fails(&["artifact-mismatch"]),
        start("sha256-of-a-tree", "digest-8", "artifacts", "A tree has no SHA-256.")
            .release(&toy.clone().with("texts/a.txt", "a").artifact(json!({
                "id": "texts", "roles": ["data.evaluation"], "files": ["texts/"], "digest": { "sha256": sha256(b"a") }
            })))
            .fails(&["artifact-mismatch"]),
    ]
}

/// A directory of the release with the dirHash of two files under these names.
fn tree(id: &str, layer: &str, about: &str, files: Value, first: &str, second: &str) -> Case {
    let named = [(first, "a"), (second, "c")];
    let named = named.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).into();
    let digest = json!({ "dirHash": super::release::dir_hash(&named) });
    let release =
        Release::toy().with("texts/a.txt", "a").with("texts/b/c.txt", "c").artifact(json!({
            "id": "texts", "roles": ["data.evaluation"], "files": files, "digest": digest
        }));
    start(id, "digest-7", layer, about).release(&release)
}

/// digest-9 and digest-12: what git would call a directory of the release.
fn git_trees() -> Vec<Case> {
    let source = b"fn main() {}\n";
    let object = |kind: &str, content: &[u8]| {
        let whole = [format!("{kind} {}\0", content.len()).as_bytes(), content].concat();
        Sha256::digest(whole).to_vec()
    };
    let tree = object("tree", &[b"100644 main.rs\0", &object("blob", source)[..]].concat());
    let with = |id: &str, rule: &str, layer: &str, about: &str, files: Value, tree: String| {
        start(id, rule, layer, about)
            .release(&Release::toy().with("src/main.rs", &source[..]).artifact(json!({
            "id": "code", "roles": ["code.inference"], "files": files, "digest": { "gitTree": tree }
        })))
    };
    vec![
        with(
            "git-tree",
            "digest-9",
            "pass",
            "The gitTree of a directory of the release.",
            json!(["src/"]),
            hex(&tree),
        )
        .passes(&[]),
        with(
            "git-tree-differs",
            "digest-9",
            "artifacts",
            "The gitTree of a directory is another.",
            json!(["src/"]),
            "0".repeat(64),
        )
        .fails(&["artifact-mismatch"]),
        with(
            "git-tree-of-two-selectors",
            "digest-12",
            "artifacts",
            "The gitTree of two selectors is not computed.",
            json!(["src/", "README.md"]),
            hex(&tree),
        )
        .incomplete(&["artifact-unchecked"]),
    ]
}

fn claims() -> Vec<Case> {
    let with = |id: &str, rule: &str, layer: &str, about: &str, artifact: Value| {
        start(id, rule, layer, about).release(&Release::toy().artifact(artifact))
    };
    let model = |id: &str| json!({ "id": id, "roles": ["weights.intermediate"] });
    let stage = |id: &str, from: &str, to: &str| {
        json!({ "id": id, "kind": "merge", "noData": "averages", "outputs": [to],
                "models": [{ "artifact": from, "use": "online" }] })
    };
    let cycle = Release::toy()
        .artifact(model("a"))
        .artifact(model("b"))
        .stage(stage("one", "a", "b"))
        .stage(stage("two", "b", "a"));
    let own = Release::toy().artifact(model("a")).stage(stage("one", "a", "a"));
    vec![
        with("withheld", "ver-51", "pass", "A withheld artifact is a note.",
            json!({ "id": "x", "roles": ["data.pretraining"], "availability": "withheld", "reason": "personal data" }))
            .passes(&[]),
        with("recipe-only", "ver-47", "pass", "A recipe alone.",
            json!({ "id": "x", "roles": ["data.pretraining"], "availability": "recipe-only", "reason": "licence",
                    "locators": [PLACE] }))
            .passes(&[]),
        with("unchecked", "ver-50", "artifacts", "Nobody looked where the artifact lies.", trainer())
            .incomplete(&["artifact-unchecked"]),
        with("only-named", "ver-50", "artifacts", "An artifact that is only named.",
            json!({ "id": "x", "roles": ["data.pretraining"], "name": "Letters" }))
            .incomplete(&["artifact-unchecked"]),
        start("internal", "man-33", "pass", "An intermediate result that was not published.")
            .release(&Release::toy().artifact(model("half")).stage(json!({
                "id": "one", "kind": "train", "outputs": ["half"]
            })))
            .passes(&[]),
        start("internal-with-locator", "man-33", "artifacts", "An intermediate result that was published has to be there.")
            .release(&Release::toy().artifact(trainer()).stage(json!({
                "id": "one", "kind": "train", "outputs": ["trainer"]
            })))
            .incomplete(&["artifact-unchecked"]),
        start("cycle", "man-30", "artifacts", "Two models are made of each other.").release(&cycle).fails(&["stage-cycle"]),
        start("cycle-of-one", "ver-57", "artifacts", "A model is made of itself.").release(&own).fails(&["stage-cycle"]),
        start("require", "ver-81", "policy", "A rung was required that nothing can lift it to.")
            .release(&Release::toy())
            .input("require", "full-source")
            .fails(&["class-impossible"]),
        start("require-of-files-alone", "ver-58", "policy", "A rung was required of signature and files.")
            .release(&Release::toy())
            .policy("scope = \"release\"\ndigests = \"any\"\n")
            .input("require", "open-weights")
            .incomplete(&["class-unjudged"]),
        start("require-met", "ver-81", "pass", "A rung was required, and it is reached.")
            .release(&runnable(true))
            .input("require", "open-weights")
            .passes(&[]),
        start("require-unproven", "ver-81", "policy", "A rung was required, and nobody knows a licence.")
            .release(&runnable(false))
            .input("require", "open-weights")
            .incomplete(&["class-unproven"]),
        start("claim-met", "ver-80", "pass", "It is what it claims to be.")
            .release(&runnable(true))
            .passes(&[]),
    ]
}

/// Everything that the first rung needs, on both chains where `free`.
fn runnable(free: bool) -> Release {
    let release = Release::toy()
        .with("tokenizer.json", "{\"version\": \"1.0\", \"model\": {\"type\": \"toy\"}}\n")
        .with("run.py", "print(1)\n")
        .artifact(json!({ "id": "tokenizer", "roles": ["tokenizer.model"],
                          "files": ["tokenizer.json"], "license": "MIT" }))
        .artifact(json!({ "id": "code", "roles": ["code.inference"], "files": ["run.py"],
                          "license": "MIT" }));
    match free {
        true => release.manifest(|m| m["artifacts"][1]["license"] = json!("MIT")),
        false => release,
    }
}

fn licences() -> Vec<Case> {
    let with = |id: &str, rule: &str, about: &str, license: &str| {
        start(id, rule, "pass", about)
            .release(&Release::toy().manifest(|m| m["artifacts"][0]["license"] = json!(license)))
    };
    vec![
        with("licence-unknown", "ver-54", "An id that is not on the SPDX list.", "Apache-3.0").passes(&["license-unknown"]),
        with("licence-exception-unknown", "man-41", "An exception that is not on the SPDX list.", "GPL-2.0-only WITH MIT")
            .passes(&["license-unknown"]),
        with("licence-listed", "man-41", "Ids that are listed, and references.",
            "(MIT OR GPL-2.0-or-later WITH Classpath-exception-2.0) AND DocumentRef-x:LicenseRef-y AND LicenseRef-z")
            .passes(&[]),
        with("licence-noassertion", "man-41", "Nothing is asserted.", "NOASSERTION").passes(&[]),
    ]
}
