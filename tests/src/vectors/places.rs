//! Artifacts that lie elsewhere: what evidence tells of their places.

use serde_json::{Value, json};

use super::artifacts::{PLACE, TRAINER, start, trainer};
use super::case::Case;
use super::evidence::{observed, seen};
use super::release::{Release, weights};
use super::seal::{blake3, sha256};

/// Another place of the same.
const MIRROR: &str = "https://example.net/trainer.tar";

pub(super) fn cases() -> Vec<Case> {
    [outcomes(), places()].concat()
}

/// An artifact, what was seen of it, and the findings.
type Look = (&'static str, &'static str, Value, Value, &'static [&'static str]);

/// What one observation of the one place makes of an artifact.
fn outcomes() -> Vec<Case> {
    let make = |(id, about, artifact, more, codes): Look| {
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
    [seen_in_full(), weak_ids(), not_established()].concat().into_iter().map(make).collect()
}

fn seen_in_full() -> Vec<Look> {
    let equal = json!({ "sha256": sha256(TRAINER) });
    vec![
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
    ]
}

fn weak_ids() -> Vec<Look> {
    vec![
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
    ]
}

fn not_established() -> Vec<Look> {
    vec![
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
    ]
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
    [mirrors(), looks()].concat()
}

fn mirrors() -> Vec<Case> {
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
    ]
}

fn looks() -> Vec<Case> {
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
        with(
            "place-in-another-spelling",
            "loc-12",
            "artifacts",
            "A place is known by its bytes.",
            vec![good("https://EXAMPLE.org/trainer.tar")],
        )
        .incomplete(&["artifact-unchecked"]),
        files_and_place(),
    ]
}

/// man-32: the same content in the release and at a place.
fn files_and_place() -> Case {
    let signed = Release::toy()
        .manifest(|m| {
            m["artifacts"][0]["locators"] = json!([PLACE]);
            m["artifacts"][0]["digest"] = json!({ "sha256": sha256(&weights(1)) });
        })
        .signed(|_| {});
    let other = seen(PLACE, json!({ "digests": { "sha256": sha256(b"x") } }));
    start(
        "files-and-place-differ",
        "man-32",
        "pass",
        "The files are those that were signed, and another content lies elsewhere.",
    )
    .signed(&signed)
    .evidence(&observed(&signed, "weights", vec![other]))
    .passes(&["artifact-mismatch"])
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
