//! What two readers of the class took differently, decided.

use serde_json::{Value, json};

use super::case::Case;
use super::class::{How, Row, changed, license_text, whole};
use super::class_decoys::class;

pub(super) fn cases() -> Vec<Case> {
    [changed(names()), changed(texts()), unvouched(), vec![mirrored()]].concat()
}

fn names_base(value: &str) -> Value {
    json!([{ "kind": "names-base-model", "path": "README.md", "value": value }])
}

fn names() -> Vec<Row> {
    vec![
        (
            "names-part-of-a-name",
            "cls-16",
            "A card names something of which the release's name only has a part.",
            |m| m.says("doc-model-card", names_base("someone/who")),
            class(1, 1, 1, 1),
            &["class-impossible", "source-undeclared"],
        ),
        (
            "names-under-another-owner",
            "ver-77",
            "A card names a data set that is listed at the place of a mirror.",
            |m| {
                m.again("corpus", How::Place);
                let text = json!([license_text("CC0-1.0")]);
                m.says("corpus", text);
                m.says("doc-model-card", names_base("https://example.net/first/Corpus"));
            },
            class(4, 4, 4, 4),
            &[],
        ),
        (
            "names-at-a-pin",
            "ver-77",
            "A card names what is only a selection in something else.",
            |m| {
                m.artifact("corpus")["locators"] = json!(["https://example.org/a.tar#path=thing"]);
                m.says("doc-model-card", names_base("thing"));
            },
            class(1, 1, 1, 1),
            &["class-impossible", "source-undeclared"],
        ),
    ]
}

fn texts() -> Vec<Row> {
    vec![
        (
            "text-for-one-of-two-roles",
            "cls-47",
            "Beside the declared text another, libre for one of two roles and unknown for the other.",
            |m| {
                m.artifact("corpus")["roles"] = json!(["data.pretraining", "doc.compute"]);
                m.says("corpus", json!([license_text("CC0-1.0"), license_text("ODC-By-1.0")]));
            },
            class(4, 4, 4, 4),
            &[],
        ),
        (
            "text-unknown-for-its-role",
            "cls-47",
            "Beside the declared text another, libre for data and unknown for this document.",
            |m| {
                let texts = json!([license_text("Apache-2.0"), license_text("ODC-By-1.0")]);
                m.says("doc-data-information", texts);
            },
            class(4, 4, 1, 4),
            &["class-unproven"],
        ),
    ]
}

/// cls-48, evd-14: what nobody vouches for takes away, and gives nothing.
fn unvouched() -> Vec<Case> {
    let case = |id: &str, about: &str, text: &str| {
        let mut model = whole("whole", How::Release);
        model.says("corpus", json!([license_text(text)]));
        model.case(id, "cls-48", about).without("acceptEvidence")
    };
    let agrees =
        "A text that agrees is as if none was found, where nobody vouches for the evidence.";
    vec![
        case("text-unvouched", agrees, "CC0-1.0")
            .incomplete(&["evidence-unsigned"])
            .class(class(4, 4, 4, 4)),
        case("text-unvouched-of-another", "A text that differs counts.", "CC-BY-NC-4.0")
            .fails(&["evidence-unsigned", "license-mismatch"])
            .class(class(4, 4, 2, 2)),
    ]
}

/// cls-47: what lies at a place with another content is not the artifact's text.
fn mirrored() -> Case {
    let mut model = whole("whole", How::Release);
    model.again("corpus", How::Place);
    let mirror = "https://mirror.example.org/corpus";
    if let Some(places) = model.artifact("corpus")["locators"].as_array_mut() {
        places.push(json!(mirror));
    }
    let look = json!({ "digests": { "sha256": "0".repeat(64) },
                       "facts": [license_text("CC-BY-NC-4.0")] });
    model.looked("corpus", super::evidence::seen(mirror, look));
    let about = "A mirror with other bytes has the text of a restricted licence.";
    let case = model.case("text-of-another-content", "cls-47", about);
    case.passes(&["artifact-mismatch"]).class(class(4, 4, 4, 4))
}
