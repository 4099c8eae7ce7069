//! Models made elsewhere, and their own statements.

use serde_json::{Value, json};

use super::case::Case;
use super::class::{How, Model, Row, changed, outcome, pin, trust, weights_only, whole};
use super::class_decoys::{class, start_from};
use super::key::ALICE;
use super::release::drop_field;
use super::seal::{self, text};

pub(super) fn cases() -> Vec<Case> {
    [changed(starts()), changed(others()), given_key(), adapters()].concat()
}

/// The release starts from a model with such a statement.
fn child(model: &mut Model, parent: &Model) {
    pin(model, "base", "model.base", parent);
    start_from(model, "base", "init");
}

fn starts() -> Vec<Row> {
    vec![
        (
            "parent-whole",
            "cls-56",
            "All of the parent is there, too.",
            |m| {
                child(m, &whole("parent", How::Place));
            },
            json!({ "A": 4, "pA": 4, "F": 4, "pF": 4, "dA": 4, "dF": 4 }),
            &[],
        ),
        (
            "parent-weights-only",
            "cls-33",
            "The parent is free from the weights up.",
            |m| {
                child(m, &weights_only("parent", How::Place));
            },
            json!({ "A": 1, "pA": 1, "F": 1, "pF": 1, "dA": 4, "dF": 4 }),
            &[],
        ),
        (
            "parent-not-free",
            "cls-14",
            "The parent's weights are not free.",
            |m| {
                let mut parent = weights_only("parent", How::Place);
                parent.artifact("weights-final")["license"] = json!("CC-BY-NC-4.0");
                child(m, &parent);
            },
            json!({ "A": 1, "pA": 1, "F": 0, "pF": 0, "dF": 4, "debian": "Non-free" }),
            &[],
        ),
        (
            "parent-without-statement",
            "cls-28",
            "The parent has no statement.",
            |m| {
                child(m, &whole("parent", How::Place));
                drop_field(m.artifact("base"), "statement");
                m.parents.clear();
            },
            class(1, 4, 1, 4),
            &[],
        ),
        (
            "parent-statement-not-there",
            "cls-28",
            "Nobody has the parent's statement.",
            |m| {
                child(m, &whole("parent", How::Place));
                m.parents.clear();
            },
            class(1, 4, 1, 4),
            &["parent-unchecked"],
        ),
        (
            "parent-statement-gone",
            "ver-95",
            "The parent's statement is at none of its places.",
            |m| {
                child(m, &whole("parent", How::Place));
                drop_field(&mut m.parents[0], "envelope");
                m.parents[0]["observations"] = json!([{
                    "locator": "https://example.org/parent/fullsource.sigstore.json",
                    "at": "2026-03-01T11:00:00Z", "status": "absent"
                }]);
            },
            class(1, 4, 1, 4),
            &["parent-absent"],
        ),
        (
            "parent-written-locally",
            "ver-94",
            "A document that somebody wrote for a parent without a statement.",
            |m| {
                let parent = whole("parent", How::Place);
                child(m, &parent);
                drop_field(m.artifact("base"), "statement");
                let payload = parent.signed().payload;
                m.parents[0]["envelope"] = json!(String::from_utf8_lossy(&payload));
                m.parents[0]["local"] = json!({ "artifacts": ["base"] });
            },
            class(1, 4, 1, 4),
            &["class-unproven"],
        ),
        (
            "parent-withheld",
            "cls-30",
            "The start is kept back; its licence is known.",
            |m| {
                m.add(
                    json!({ "id": "base", "roles": ["model.base"], "license": "Apache-2.0" }),
                    How::Withheld,
                );
                start_from(m, "base", "init");
            },
            class(1, 1, 0, 1),
            &[],
        ),
        (
            "parent-withheld-not-free",
            "cls-30",
            "The start is kept back, and is not free.",
            |m| {
                m.add(
                    json!({ "id": "base", "roles": ["model.base"], "license": "CC-BY-NC-4.0" }),
                    How::Withheld,
                );
                start_from(m, "base", "init");
            },
            class(1, 1, 0, 0),
            &[],
        ),
        (
            "parent-undigested",
            "cls-52",
            "The child pins the statement, and no bytes.",
            |m| {
                child(m, &whole("parent", How::Place));
                drop_field(m.artifact("base"), "digest");
            },
            class(4, 4, 4, 4),
            &["artifact-undigested"],
        ),
        (
            "parent-of-parent",
            "cls-56",
            "The parent's parent has nothing but weights.",
            |m| {
                let mut parent = whole("parent", How::Place);
                child(&mut parent, &weights_only("grandparent", How::Place));
                child(m, &parent);
            },
            json!({ "A": 1, "pA": 1, "F": 1, "pF": 1, "dA": 4, "dF": 4 }),
            &[],
        ),
        (
            "parent-of-a-stranger",
            "cls-53",
            "Nobody vouches for the parent's producer.",
            |m| {
                let mut parent = whole("parent", How::Place);
                parent.release.manifest["release"]["producer"]["uri"] =
                    json!("https://example.net/x");
                child(m, &parent);
            },
            class(1, 4, 1, 4),
            &["class-unproven", "parent-untrusted"],
        ),
        (
            "parent-made-from-itself",
            "cls-27",
            "The parent is made from itself.",
            |m| {
                let mut parent = whole("parent", How::Place);
                start_from(&mut parent, "weights-final", "init");
                child(m, &parent);
            },
            Value::Null,
            &["stage-cycle"],
        ),
    ]
}

fn others() -> Vec<Row> {
    vec![
        (
            "teacher",
            "cls-46",
            "A teacher whose licence binds what it puts out.",
            |m| {
                let mut parent = whole("parent", How::Place);
                parent.artifact("weights-final")["outputTerms"] =
                    json!("LicenseRef-scancode-openai-tou-20241211");
                pin(m, "teacher", "model.teacher", &parent);
                m.artifact("corpus")["generatedBy"] = json!(["teacher"]);
            },
            class(4, 4, 2, 2),
            &[],
        ),
        (
            "teacher-free",
            "cls-55",
            "A teacher of which all is there.",
            |m| {
                pin(m, "teacher", "model.teacher", &whole("parent", How::Place));
                m.artifact("corpus")["generatedBy"] = json!(["teacher"]);
            },
            class(4, 4, 4, 4),
            &[],
        ),
        (
            "teacher-weights-only",
            "cls-55",
            "A teacher of which there are the weights alone.",
            |m| {
                pin(m, "teacher", "model.teacher", &weights_only("parent", How::Place));
                m.artifact("corpus")["generatedBy"] = json!(["teacher"]);
            },
            class(3, 3, 3, 3),
            &[],
        ),
        (
            "online",
            "cls-54",
            "A reward model of which there are the weights.",
            |m| {
                pin(m, "judge", "model.reward", &weights_only("parent", How::Place));
                m.stage()["models"] = json!([{ "artifact": "judge", "use": "online" }]);
            },
            class(3, 3, 3, 3),
            &[],
        ),
    ]
}

/// cls-53: a key that is given vouches for the target alone.
fn given_key() -> Vec<Case> {
    let mut model = whole("whole", How::Release);
    child(&mut model, &whole("parent", How::Place));
    let about = "A key that is given vouches for no parent.";
    let mut unsigned = model.clone();
    let payload = whole("parent", How::Place).signed().payload;
    let envelope = text(&seal::bundle(&payload, super::key::MALLORY));
    unsigned.parents[0]["envelope"] = json!(String::from_utf8_lossy(&envelope));
    vec![
        model
            .case("parent-by-given-key", "cls-53", about)
            .keys(&[ALICE])
            .without("trust")
            .incomplete(&["class-unproven", "parent-untrusted"])
            .class(class(1, 4, 1, 4)),
        unsigned
            .case("parent-signed-by-nobody", "evd-16", "Nobody knows who signed for the parent.")
            .trust(trust())
            .incomplete(&["class-unproven", "parent-untrusted"])
            .class(class(1, 4, 1, 4)),
    ]
}

/// cls-13: an adapter takes the rest from its model.
fn adapters() -> Vec<Case> {
    let adapter = |id: &str, rule: &str, about: &str, stage: Value, expected: Value| {
        let mut model = whole("whole", How::Release);
        child(&mut model, &whole("parent", How::Place));
        for id in ["config-model", "tokenizer-model", "code-inference", "code-architecture"] {
            model.take(id);
        }
        model.stage()["kind"] = stage;
        outcome(model.case(id, rule, about), &[]).class(expected)
    };
    vec![
        adapter(
            "adapter",
            "cls-13",
            "An adapter is run with what its model has.",
            json!("adapter"),
            json!({ "A": 4, "pA": 4, "F": 4, "pF": 4, "dA": 4, "dF": 4 }),
        ),
        adapter(
            "no-adapter",
            "cls-13",
            "A model that is no adapter needs its own.",
            json!("sft"),
            class(0, 0, 0, 0),
        ),
    ]
}
