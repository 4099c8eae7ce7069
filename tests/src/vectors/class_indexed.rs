//! Parents with so many files that a file index lists them.

use serde_json::{Value, json};

use super::case::Case;
use super::class::{How, Model, outcome, whole};
use super::class_decoys::{class, start_from};
use super::evidence::seen;
use super::key::ALICE;
use super::release::push;
use super::seal::{self, blake3, sha256, text};

pub(super) fn cases() -> Vec<Case> {
    let case = |id: &str, about: &str, change: fn(&mut Value), expected, codes: &[&str]| {
        let rule = if codes.is_empty() { "evd-26" } else { "ver-97" };
        let (mut model, mut parent) = indexed();
        change(&mut parent);
        model.parents.push(parent);
        outcome(model.case(id, rule, about), codes).class(expected)
    };
    let other = |parent: &mut Value| {
        let index = parent["index"].as_str().unwrap_or_default().replace("weights", "weighty");
        parent["index"] = json!(index);
    };
    let absent = |parent: &mut Value| super::release::drop_field(parent, "index");
    vec![
        case(
            "parent-with-index",
            "The parent's files are those of its index.",
            |_| {},
            class(4, 4, 4, 4),
            &[],
        ),
        case(
            "parent-without-index",
            "Nobody has the parent's index: nothing tells what its statement is about.",
            absent,
            class(1, 4, 1, 4),
            &["parent-unchecked"],
        ),
        case(
            "parent-with-another-index",
            "What is given as the parent's index is another.",
            other,
            class(1, 4, 1, 4),
            &["parent-unchecked"],
        ),
    ]
}

/// A release that starts from a model whose weights are a file of its own release, which an index
/// lists, and what was seen of that.
fn indexed() -> (Model, Value) {
    let mut parent = whole("parent", How::Place);
    parent.take("weights-final");
    parent.role("weights.final", How::Release);
    let weights = &parent.release.files["weights-final.safetensors"];
    let digest = json!({ "sha256": sha256(weights), "blake3": blake3(weights) });
    parent.looked("weights-final", seen("files", json!({ "digests": digest })));
    let (statement, index) = parent.release.indexed();
    let payload = text(&statement);
    let id = sha256(&payload);
    let bundle = text(&seal::bundle(&payload, ALICE));
    let mut item = parent.parent();
    item["statement"] = json!({ "sha256": id });
    item["envelope"] = json!(String::from_utf8_lossy(&bundle));
    item["index"] = json!(String::from_utf8_lossy(&index));
    let mut child = whole("whole", How::Release);
    let place = "https://example.org/parent/weights-final.safetensors";
    push(
        &mut child.release.manifest["artifacts"],
        json!({ "id": "base", "roles": ["model.base"], "license": "Apache-2.0",
                "locators": [place], "digest": digest, "statement": { "sha256": id } }),
    );
    let facts = json!([super::class::license_text("Apache-2.0")]);
    child.looked("base", seen(place, json!({ "digests": digest, "facts": facts })));
    start_from(&mut child, "base", "init");
    (child, item)
}
