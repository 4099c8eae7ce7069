//! One release for each rule of the class that no other case shows.

use serde_json::{Value, json};

use super::case::Case;
use super::class::{How, Row, changed, license_text, outcome, whole};
use super::class_decoys::class;
use super::key::ALICE;
use super::release::{drop_field, push, weights};

pub(super) fn cases() -> Vec<Case> {
    [changed(artifacts()), changed(contents()), changed(stages()), signers()].concat()
}

fn artifacts() -> Vec<Row> {
    vec![
        (
            "linkage",
            "cls-51",
            "That these sources made these weights is the signer's word.",
            |_| (),
            json!({ "linkage": "asserted", "headline": "full-source-transitive" }),
            &[],
        ),
        (
            "whole",
            "cls-62",
            "All is there, and free.",
            |_| (),
            json!({ "A": 4, "pA": 4, "F": 4, "pF": 4, "cA": 4, "cF": 4, "osaid": "yes", "debian": "Free",
                 "fsf": "free", "mof": 1, "headline": "full-source-transitive" }),
            &[],
        ),
        (
            "claimed",
            "cls-5",
            "What is claimed of a data set that is not there.",
            |m| {
                m.again("corpus", How::Status("absent"));
            },
            json!({ "A": 2, "pA": 2, "F": 2, "pF": 2, "cA": 4, "cF": 4 }),
            &["artifact-absent"],
        ),
        (
            "claimed-by-name",
            "cls-5",
            "A name alone claims nothing.",
            |m| {
                m.again("corpus", How::Name);
            },
            json!({ "A": 2, "pA": 4, "F": 2, "pF": 4, "cA": 2, "cF": 2 }),
            &["artifact-unchecked"],
        ),
        (
            "closed",
            "cls-4",
            "A place that refuses: it may exist, and is not public.",
            |m| {
                m.again("corpus", How::Status("closed"));
            },
            class(2, 4, 2, 2),
            &["artifact-unchecked", "class-impossible"],
        ),
        (
            "declared-gated",
            "cls-4",
            "Declared gated, and yet it was read.",
            |m| {
                m.artifact("corpus")["availability"] = json!("gated");
            },
            json!({ "A": 4, "pA": 4, "F": 2, "pF": 2, "cA": 4, "cF": 2 }),
            &[],
        ),
        (
            "no-licence",
            "cls-3",
            "An artifact without a licence.",
            |m| {
                drop_field(m.artifact("code-training"), "license");
            },
            class(4, 4, 1, 4),
            &[],
        ),
        (
            "two-of-a-role",
            "cls-8",
            "Two programs of one role that no stage names: both are needed.",
            |m| {
                m.add(
                    json!({ "id": "second", "roles": ["code.training"], "license": "MIT" }),
                    How::Status("absent"),
                );
            },
            class(1, 1, 1, 1),
            &["artifact-absent"],
        ),
        (
            "role-of-another-stage",
            "cls-8",
            "A program that another stage names.",
            |m| {
                m.stage()["code"] = json!(["code-training"]);
                m.add(
                    json!({ "id": "second", "roles": ["code.training"], "license": "MIT" }),
                    How::Status("absent"),
                );
                m.add(json!({ "id": "other", "roles": ["weights.intermediate"] }), How::Name);
                m.add_stage(json!({ "id": "aside", "kind": "sft", "init": { "prng": "x" },
                                "code": ["second"], "data": ["corpus"], "outputs": ["other"] }));
            },
            class(4, 4, 4, 4),
            &["artifact-absent"],
        ),
        (
            "config-not-applicable",
            "cls-9",
            "Hyperparameters that one stage does not have.",
            |m| {
                m.take("config-training");
                m.release.manifest["notApplicable"] = json!([{ "role": "config.training", "stage": "train", "reason": "all in the code" }]);
            },
            class(4, 4, 4, 4),
            &[],
        ),
        (
            "tokenizer-of-a-stage",
            "cls-9",
            "On rung 1 no stage makes a tokenizer needless.",
            |m| {
                m.take("tokenizer-model");
                m.release.manifest["notApplicable"] =
                    json!([{ "role": "tokenizer.model", "stage": "train", "reason": "bytes" }]);
            },
            class(0, 0, 0, 0),
            &[],
        ),
        (
            "no-tokenizer",
            "cls-11",
            "No tokenizer, and nobody says why.",
            |m| m.take("tokenizer-model"),
            json!({ "A": 0, "pA": 0, "F": 0, "pF": 0, "headline": "closed", "debian": "Non-free" }),
            &[],
        ),
        (
            "architecture-alone",
            "cls-12",
            "Code of the architecture is enough to run the weights.",
            |m| {
                m.take("code-inference");
            },
            class(4, 4, 4, 4),
            &[],
        ),
        (
            "inference-absent",
            "cls-12",
            "One of two is enough.",
            |m| {
                m.again("code-inference", How::Status("absent"));
            },
            class(4, 4, 4, 4),
            &["artifact-absent"],
        ),
        (
            "unclaimed-weights",
            "cls-10",
            "A weight file that belongs to nothing.",
            |m| {
                m.release.files.insert("other.safetensors".to_owned(), weights(9));
            },
            class(0, 0, 0, 0),
            &["weights-unclaimed"],
        ),
    ]
}

fn contents() -> Vec<Row> {
    vec![
        (
            "hollow",
            "cls-6",
            "A data set with nothing in it.",
            |m| {
                m.fact("corpus", json!({ "kind": "hollow", "value": "readme-only" }));
            },
            class(2, 2, 2, 2),
            &["artifact-placeholder"],
        ),
        (
            "code-as-data",
            "cls-6",
            "One artifact is code and data at once.",
            |m| {
                m.artifact("corpus")["roles"] = json!(["data.pretraining", "code.preprocessing"]);
            },
            class(2, 2, 2, 2),
            &["artifact-placeholder"],
        ),
        (
            "lfs-pointers",
            "cls-6",
            "Pointers in place of data.",
            |m| {
                m.fact("corpus", json!({ "kind": "lfs-pointers", "path": "a", "count": 3 }));
            },
            class(2, 4, 2, 4),
            &["artifact-unchecked"],
        ),
        (
            "more-tokens-than-bytes",
            "cls-7",
            "More tokens than a data set has bytes.",
            |m| {
                m.again("corpus", How::Place);
                let look = seen_size(m, 100);
                m.looked("corpus", look);
                m.stage()["data"] = json!([{ "artifact": "corpus", "tokens": 1000, "epochs": 2 }]);
            },
            class(2, 2, 2, 2),
            &["artifact-placeholder"],
        ),
        (
            "as-many-tokens-as-bytes",
            "cls-7",
            "Ten epochs of a token for each byte.",
            |m| {
                m.again("corpus", How::Place);
                let look = seen_size(m, 100);
                m.looked("corpus", look);
                m.stage()["data"] = json!([{ "artifact": "corpus", "tokens": 1000, "epochs": 10 }]);
            },
            class(4, 4, 4, 4),
            &[],
        ),
    ]
}

/// A look at the corpus that tells its size.
fn seen_size(model: &mut super::class::Model, size: u64) -> serde_json::Value {
    let place = model.artifact("corpus")["locators"][0].as_str().unwrap_or_default().to_owned();
    let digest = model.digest("corpus");
    super::evidence::seen(
        &place,
        json!({ "digests": { "sha256": digest }, "size": size, "facts": [license_text("CC0-1.0")] }),
    )
}

fn stages() -> Vec<Row> {
    vec![
        (
            "not-reached",
            "cls-17",
            "A stage that the weights do not come from does not count.",
            |m| {
                m.add(json!({ "id": "other", "roles": ["weights.intermediate"] }), How::Name);
                m.add_stage(json!({ "id": "aside", "kind": "sft", "outputs": ["other"] }));
            },
            class(4, 4, 4, 4),
            &[],
        ),
        (
            "reached",
            "cls-17",
            "A stage behind the one that makes the weights, without data.",
            |m| {
                m.add(json!({ "id": "other", "roles": ["weights.intermediate"] }), How::Name);
                m.add_stage(json!({ "id": "before", "kind": "pretrain", "init": { "prng": "x" },
                                "outputs": ["other"] }));
                super::class_decoys::start_from(m, "other", "init");
            },
            class(2, 2, 2, 2),
            &[],
        ),
        (
            "card-unreachable",
            "cls-15",
            "The card could not be read: what it names is not known.",
            |m| {
                m.again("doc-model-card", How::Status("unreachable"));
            },
            class(1, 4, 1, 4),
            &["artifact-unchecked"],
        ),
        (
            "closure-partial",
            "cls-15",
            "The producer says that not all is listed.",
            |m| {
                m.release.manifest["closure"] = json!("partial");
            },
            class(1, 1, 1, 1),
            &[],
        ),
        (
            "names-itself",
            "cls-16",
            "The card names the release itself, and a listed data set.",
            |m| {
                m.fact(
                    "doc-model-card",
                    json!({ "kind": "names-base-model", "path": "README.md",
                                             "value": "someone/WHOLE" }),
                );
            },
            class(4, 4, 4, 4),
            &[],
        ),
        (
            "undescribed",
            "cls-20",
            "A data set that no text describes.",
            |m| {
                m.take("doc-data-information");
            },
            class(1, 1, 1, 1),
            &[],
        ),
        (
            "described-by-name",
            "cls-20",
            "One text describes one data set, and the other has none.",
            |m| {
                m.artifact("corpus")["documentedBy"] = json!(["doc-data-information"]);
                m.add(
                    json!({ "id": "second", "roles": ["data.pretraining"], "license": "CC0-1.0" }),
                    How::Release,
                );
                m.stage()["data"] = json!(["corpus", "second"]);
            },
            class(1, 1, 1, 1),
            &[],
        ),
        (
            "start-undisclosed",
            "cls-25",
            "A stage that starts from nothing that it names.",
            |m| {
                drop_field(m.stage(), "init");
            },
            class(1, 1, 0, 1),
            &[],
        ),
        (
            "transform-by-config",
            "cls-21",
            "A conversion that lacks its program and its settings.",
            |m| {
                m.add(json!({ "id": "raw", "roles": ["weights.intermediate"] }), How::Name);
                m.stage()["outputs"] = json!(["raw"]);
                m.add_stage(
                    json!({ "id": "quantize", "kind": "quantize", "outputs": ["weights-final"],
                                "models": [{ "artifact": "raw", "use": "init" }] }),
                );
            },
            class(1, 1, 1, 1),
            &[],
        ),
    ]
}

/// Who signed.
fn signers() -> Vec<Case> {
    let model = whole("whole", How::Release);
    let observer = super::class::trust().replace("fullsource\"", "fullsource-observer\"");
    let by_stranger = model
        .case("signed-by-an-observer", "cls-15", "Somebody else says that all is listed.")
        .trust(observer);
    let by_key = model
        .case("signed-by-a-given-key", "cls-15", "The key was given for this release.")
        .keys(&[ALICE])
        .without("trust");
    let mut several = whole("whole", How::Release);
    push(
        &mut several.release.manifest["artifacts"],
        json!({ "id": "unknown", "roles": ["thing.other"], "license": "MIT" }),
    );
    vec![
        by_stranger.incomplete(&["signer-observer"]).class(class(1, 4, 0, 4)),
        by_key.passes(&[]).class(class(4, 4, 4, 4)),
        model
            .case("files-alone", "ver-79", "Where files alone are judged, there is no class.")
            .input("policy", "weights-only")
            .passes(&[])
            .class(Value::Null),
        outcome(
            several.case("role-unknown", "cls-44", "A role that nobody knows moves nothing."),
            &["artifact-unchecked"],
        )
        .class(class(4, 4, 4, 4)),
    ]
}
