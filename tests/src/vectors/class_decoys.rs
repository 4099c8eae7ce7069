//! Decoys that must not lift a rung.

use serde_json::{Value, json};

use super::case::Case;
use super::class::{How, Row, changed, license_text, pin, weights_only, whole};
use super::release::drop_field;

pub(super) fn cases() -> Vec<Case> {
    [changed(of_stages()), changed(of_licences_and_data()), changed(of_parents())].concat()
}

fn of_stages() -> Vec<Row> {
    vec![
        (
            "decoy-no-stages",
            "cls-18",
            "No stage at all.",
            |m| {
                drop_field(&mut m.release.manifest, "stages");
            },
            class(1, 1, 1, 1),
            &[],
        ),
        (
            "decoy-other-weights",
            "cls-18",
            "The one stage makes none of the released weights.",
            |m| {
                m.stage()["outputs"] = json!(["weights-intermediate"]);
            },
            class(1, 1, 1, 1),
            &[],
        ),
        (
            "decoy-convert-without-models",
            "cls-25",
            "Weights converted from nothing.",
            |m| {
                m.role("code.transform", How::Release);
                *m.stage() = json!({ "id": "convert", "kind": "convert", "noData": "it only converts",
                                 "outputs": ["weights-final"] });
            },
            class(1, 1, 0, 1),
            &[],
        ),
        (
            "decoy-convert-with-init",
            "cls-25",
            "Weights converted from a seed.",
            |m| {
                m.role("code.transform", How::Release);
                *m.stage() = json!({ "id": "convert", "kind": "convert", "init": { "prng": "x" },
                                 "outputs": ["weights-final"] });
            },
            class(1, 1, 0, 1),
            &[],
        ),
        (
            "decoy-unknown-kind",
            "cls-23",
            "A stage of a kind that nobody knows.",
            |m| {
                m.stage()["kind"] = json!("distil-and-grow");
            },
            class(1, 4, 1, 4),
            &[],
        ),
        (
            "decoy-no-data",
            "cls-22",
            "`noData` with an excuse.",
            |m| {
                drop_field(m.stage(), "data");
                m.stage()["noData"] = json!("the data is too large to list");
            },
            Value::Null,
            &["no-data-invalid"],
        ),
        (
            "decoy-not-applicable",
            "cls-9",
            "A data set that is said not to apply.",
            |m| {
                m.release.manifest["notApplicable"] =
                    json!([{ "role": "data.pretraining", "reason": "none is needed" }]);
            },
            Value::Null,
            &["not-applicable-role"],
        ),
        (
            "decoy-no-data-and-no-word",
            "cls-22",
            "A training stage that is silent about data.",
            |m| {
                drop_field(m.stage(), "data");
            },
            class(2, 2, 2, 2),
            &[],
        ),
    ]
}

fn of_licences_and_data() -> Vec<Row> {
    vec![
        (
            "decoy-undeclared-tokenizer",
            "cls-16",
            "The configuration names a tokenizer that is not listed.",
            |m| {
                m.fact(
                    "config-model",
                    json!({ "kind": "names-tokenizer", "path": "config.json",
                                           "value": "acme/word-pieces" }),
                );
            },
            class(1, 1, 1, 1),
            &["class-impossible", "source-undeclared"],
        ),
        (
            "decoy-cc0-over-nc",
            "cls-47",
            "CC0 is declared, and the text is that of CC BY-NC.",
            |m| {
                m.fact("corpus", license_text("CC-BY-NC-4.0"));
            },
            class(4, 4, 2, 2),
            &["license-mismatch"],
        ),
        (
            "decoy-unlisted-addition",
            "cls-43",
            "A libre licence with an addition that nobody knows.",
            |m| {
                m.artifact("weights-final")["license"] =
                    json!("Apache-2.0 WITH AdditionRef-no-rivals");
            },
            class(4, 4, 0, 4),
            &[],
        ),
        (
            "decoy-synthetic",
            "cls-35",
            "Synthetic data without its generator.",
            |m| {
                m.artifact("corpus")["roles"] = json!(["data.synthetic"]);
            },
            class(3, 3, 2, 3),
            &[],
        ),
        (
            "decoy-undisclosed-generator",
            "cls-35",
            "The generator of the data is kept back.",
            |m| {
                m.add(
                    json!({ "id": "oracle", "roles": ["model.teacher"], "license": "Apache-2.0" }),
                    How::Withheld,
                );
                m.artifact("corpus")["generatedBy"] = json!(["oracle"]);
            },
            class(3, 3, 2, 3),
            &[],
        ),
    ]
}

fn of_parents() -> Vec<Row> {
    vec![
        (
            "decoy-other-bytes",
            "cls-52",
            "The parent's statement is about other bytes.",
            |m| {
                let parent = whole("parent", How::Place);
                pin(m, "base", "model.base", &parent);
                let other = json!({ "sha256": m.digest("another") });
                m.artifact("base")["digest"] = other.clone();
                m.looks_like("base", other);
                start_from(m, "base", "init");
            },
            class(1, 1, 1, 1),
            &["parent-mismatch"],
        ),
        (
            "decoy-base-called-online",
            "cls-24",
            "A base is called online.",
            |m| {
                let parent = weights_only("parent", How::Place);
                pin(m, "base", "model.base", &parent);
                m.stage()["models"] = json!([{ "artifact": "base", "use": "online" }]);
            },
            class(1, 1, 1, 1),
            &[],
        ),
    ]
}

/// Established and possible on both chains.
pub(super) fn class(a: u8, possible_a: u8, f: u8, possible_f: u8) -> Value {
    json!({ "A": a, "pA": possible_a, "F": f, "pF": possible_f })
}

/// The first stage starts from this model and from nothing else.
pub(super) fn start_from(model: &mut super::class::Model, id: &str, how: &str) {
    drop_field(model.stage(), "init");
    model.stage()["kind"] = json!("sft");
    model.stage()["models"] = json!([{ "artifact": id, "use": how }]);
}
