//! Claimed artifacts: weights without a role, digests that differ, and what evidence tells of places.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::case::{Case, case};
use super::evidence::{observed, seen};
use super::release::{Release, weights};
use super::seal::{blake3, hex, sha256};

/// A source of the release, with a place.
const PLACE: &str = "https://example.org/trainer.tar";
/// Another place of it.
const MIRROR: &str = "https://example.net/trainer.tar";
/// What it holds.
const TRAINER: &[u8] = b"fn main() {}\n";

fn start(id: &str, rule: &str, layer: &str, about: &str) -> Case {
    case(format!("artifacts/{id}"), rule, layer, about)
}

/// An artifact that lies elsewhere.
fn trainer() -> Value {
    json!({ "id": "trainer", "roles": ["code.training"], "locators": [PLACE],
            "digest": { "sha256": sha256(TRAINER) } })
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = weights_and_files();
    cases.extend(git_trees());
    cases.extend(claims());
    cases.extend(outcomes());
    cases.extend(places());
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
        start("require", "ver-58", "policy", "A rung was required.")
            .release(&Release::toy())
            .input("require", "full-source")
            .incomplete(&["class-unjudged"]),
    ]
}

/// What one observation of the one place makes of an artifact.
fn outcomes() -> Vec<Case> {
    let equal = json!({ "sha256": sha256(TRAINER) });
    let rows: Vec<(&str, &str, Value, Value, &[&str])> = vec![
        ("seen", "Read, and equal.", trainer(), json!({ "digests": equal }), &[]),
        (
            "seen-gated",
            "Read with a credential, and equal.",
            trainer(),
            json!({ "digests": equal, "access": "credential" }),
            &[],
        ),
        (
            "seen-more",
            "More digests than were claimed.",
            trainer(),
            json!({ "digests": { "sha256": sha256(TRAINER), "blake3": blake3(TRAINER) } }),
            &[],
        ),
        (
            "seen-differs",
            "Read, and another content.",
            trainer(),
            json!({ "digests": { "sha256": sha256(b"x") } }),
            &["artifact-mismatch"],
        ),
        (
            "seen-size-differs",
            "Read, and of another size.",
            sized(13 + 1),
            json!({ "digests": equal, "size": 13 }),
            &["artifact-mismatch"],
        ),
        (
            "metadata",
            "A host's word.",
            trainer(),
            json!({ "digests": equal, "strength": "metadata" }),
            &["artifact-unchecked"],
        ),
        (
            "undigested",
            "There, and no digest was claimed.",
            undigested(),
            json!({ "digests": equal }),
            &["artifact-undigested"],
        ),
        (
            "seen-not-fully",
            "A claimed digest was not computed.",
            trainer(),
            json!({ "digests": { "blake3": blake3(TRAINER) } }),
            &["artifact-unchecked"],
        ),
        (
            "seen-without-digests",
            "Read, without a digest.",
            trainer(),
            json!({}),
            &["artifact-unchecked"],
        ),
        (
            "weak",
            "SHA-1 alone.",
            weak(),
            json!({ "digests": { "gitTree": "0".repeat(40) } }),
            &["artifact-weak"],
        ),
        (
            "weak-differs",
            "SHA-1 alone, and another one.",
            weak(),
            json!({ "digests": { "gitTree": "1".repeat(40) } }),
            &["artifact-mismatch"],
        ),
        (
            "partial",
            "A part was read.",
            trainer(),
            json!({ "status": "partial" }),
            &["artifact-unchecked"],
        ),
        (
            "closed",
            "The place refuses.",
            trainer(),
            json!({ "status": "closed" }),
            &["artifact-unchecked"],
        ),
        (
            "unreachable",
            "The place does not answer.",
            trainer(),
            json!({ "status": "unreachable" }),
            &["artifact-unchecked"],
        ),
        (
            "skipped",
            "Nobody tried.",
            trainer(),
            json!({ "status": "skipped" }),
            &["artifact-unchecked"],
        ),
        (
            "absent",
            "It is not there.",
            trainer(),
            json!({ "status": "absent" }),
            &["artifact-absent"],
        ),
    ];
    let make = |(id, about, artifact, more, codes): (&str, &str, Value, Value, &[&str])| {
        let signed = Release::toy().artifact(artifact).signed(|_| {});
        let rule = if id.contains("weak") { "digest-5" } else { "ver-48" };
        let layer = if codes.is_empty() { "pass" } else { "artifacts" };
        let case = start(&format!("place-{id}"), rule, layer, about)
            .signed(&signed)
            .evidence(&observed(&signed, "trainer", vec![seen(PLACE, more)]));
        match codes {
            [] => case.passes(&[]),
            ["artifact-mismatch" | "artifact-absent"] => case.fails(codes),
            _ => case.incomplete(codes),
        }
    };
    rows.into_iter().map(make).collect()
}

fn sized(size: usize) -> Value {
    let mut artifact = trainer();
    artifact["size"] = json!(size);
    artifact
}

fn undigested() -> Value {
    json!({ "id": "trainer", "roles": ["code.training"], "locators": [PLACE] })
}

fn weak() -> Value {
    let mut artifact = undigested();
    artifact["digest"] = json!({ "gitTree": "0".repeat(40) });
    artifact
}

/// Several places, and several looks at one.
fn places() -> Vec<Case> {
    let mut artifact = trainer();
    artifact["locators"] = json!([PLACE, MIRROR]);
    let signed = Release::toy().artifact(artifact).signed(|_| {});
    let with = |id: &str, rule: &str, layer: &str, about: &str, observations: Vec<Value>| {
        start(id, rule, layer, about).signed(&signed).evidence(&observed(
            &signed,
            "trainer",
            observations,
        ))
    };
    let good = |place: &str| seen(place, json!({ "digests": { "sha256": sha256(TRAINER) } }));
    let bad = |place: &str| seen(place, json!({ "digests": { "sha256": sha256(b"x") } }));
    let absent = |place: &str| seen(place, json!({ "status": "absent" }));
    let at = |mut observation: Value, time: &str| {
        observation["at"] = json!(time);
        observation
    };
    vec![
        with(
            "mirror-absent",
            "ver-50",
            "pass",
            "One of two places is enough.",
            vec![good(PLACE), absent(MIRROR)],
        )
        .passes(&[]),
        with(
            "mirror-differs",
            "ver-52",
            "pass",
            "A mirror with another content beside a good place.",
            vec![good(PLACE), bad(MIRROR)],
        )
        .passes(&["artifact-mismatch"]),
        with(
            "mirrors-all-absent",
            "ver-50",
            "artifacts",
            "It is at none of its places.",
            vec![absent(PLACE), absent(MIRROR)],
        )
        .fails(&["artifact-absent"]),
        with(
            "mirror-not-observed",
            "ver-50",
            "artifacts",
            "Absent at one place, and nobody looked at the other.",
            vec![absent(PLACE)],
        )
        .incomplete(&["artifact-unchecked"]),
        with(
            "mirror-differs-other-unreachable",
            "ver-50",
            "artifacts",
            "Another content counts more than no answer.",
            vec![bad(MIRROR), seen(PLACE, json!({ "status": "unreachable" }))],
        )
        .fails(&["artifact-mismatch"]),
        with(
            "place-of-nobody",
            "evd-15",
            "artifacts",
            "A place that the artifact does not have.",
            vec![good("https://example.org/other.tar")],
        )
        .incomplete(&["artifact-unchecked"]),
        with(
            "place-newest-counts",
            "evd-15",
            "artifacts",
            "It was there, and has gone.",
            vec![
                at(absent(PLACE), "2026-03-02T00:00:00Z"),
                at(good(PLACE), "2026-03-01T23:59:59.9Z"),
                absent(MIRROR),
            ],
        )
        .fails(&["artifact-absent"]),
        with(
            "place-last-of-equal-times",
            "evd-15",
            "pass",
            "Of two looks at the same time the last in the file counts.",
            vec![bad(PLACE), good(PLACE)],
        )
        .passes(&[]),
        gated_by_signature(),
    ]
}

/// loc-13: a signed query string.
fn gated_by_signature() -> Case {
    let place = "https://example.org/trainer.tar?X-Amz-Signature=00";
    let mut artifact = trainer();
    artifact["locators"] = json!([place]);
    let signed = Release::toy().artifact(artifact).signed(|_| {});
    start("place-signed-query", "loc-13", "pass", "A signed query is gated, and equal.")
        .signed(&signed)
        .evidence(&observed(
            &signed,
            "trainer",
            vec![seen(place, json!({ "digests": { "sha256": sha256(TRAINER) } }))],
        ))
        .passes(&[])
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
