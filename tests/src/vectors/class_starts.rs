//! Models that an output cannot have been made from, by the shapes in their layers.

use serde_json::{Value, json};

use super::case::Case;
use super::class::{How, Model, Row, changed, pin, whole};
use super::class_decoys::start_from;
use super::release::drop_field;

pub(super) fn cases() -> Vec<Case> {
    [changed(false_starts()), changed(true_starts())].concat()
}

const UP: &str = "model.layers.*.mlp.up_proj.weight";
const KEYS: &str = "model.layers.*.self_attn.k_proj.weight";

/// Facts of the shapes of these matrices.
fn shapes(of: &[(&str, &str)]) -> Value {
    let fact = |(name, shape): &(&str, &str)| json!({ "kind": "tensor-shape", "value": format!("{name} {shape}") });
    of.iter().map(fact).collect()
}

/// The release was tuned from a model with these shapes, to these.
fn tuned(model: &mut Model, base: Value, weights: Value) {
    pin(model, "base", "model.base", &whole("parent", How::Place));
    start_from(model, "base", "init");
    model.stage()["kind"] = json!("sft");
    drop_field(model.stage(), "init");
    model.says("base", base);
    model.says("weights-final", weights);
}

fn not_made_from_it() -> Value {
    json!({ "A": 1, "pA": 1, "F": 0, "pF": 1, "dA": 1, "dF": 1 })
}

fn made_from_it() -> Value {
    json!({ "A": 4, "pA": 4, "F": 4, "pF": 4, "dA": 4, "dF": 4 })
}

fn false_starts() -> Vec<Row> {
    vec![
        (
            "start-of-another-shape",
            "cls-58",
            "What was tuned is wider than what it is said to be tuned from.",
            |m| tuned(m, shapes(&[(UP, "11008x4096")]), shapes(&[(UP, "13824x5120")])),
            not_made_from_it(),
            &["parent-mismatch"],
        ),
        (
            "start-of-one-other-shape",
            "ver-96",
            "One matrix of several has another shape.",
            |m| {
                let base = shapes(&[(KEYS, "1024x4096"), (UP, "11008x4096")]);
                tuned(m, base, shapes(&[(KEYS, "1024x4096"), (UP, "14336x4096")]));
            },
            not_made_from_it(),
            &["parent-mismatch"],
        ),
        (
            "start-of-another-shape-by-its-statement",
            "cls-58",
            "Only the look at what the parent's statement claims tells its shapes.",
            |m| {
                let mut parent = whole("parent", How::Place);
                parent.says("weights-final", shapes(&[(UP, "11008x4096")]));
                pin(m, "base", "model.base", &parent);
                start_from(m, "base", "init");
                m.stage()["kind"] = json!("preference");
                drop_field(m.stage(), "init");
                m.says("weights-final", shapes(&[(UP, "13824x5120")]));
            },
            not_made_from_it(),
            &["parent-mismatch"],
        ),
        (
            "start-of-another-shape-far-back",
            "cls-58",
            "Nothing is known of the model between.",
            |m| {
                tuned(m, shapes(&[(UP, "11008x4096")]), shapes(&[(UP, "13824x5120")]));
                m.add(json!({ "id": "between", "roles": ["weights.intermediate"] }), How::Name);
                let mut second = m.stage().clone();
                m.stage()["outputs"] = json!(["between"]);
                second["id"] = json!("second");
                second["kind"] = json!("rl");
                second["models"] = json!([{ "artifact": "between", "use": "init" }]);
                m.add_stage(second);
            },
            not_made_from_it(),
            &["parent-mismatch"],
        ),
    ]
}

fn true_starts() -> Vec<Row> {
    vec![
        (
            "start-split-and-grown",
            "cls-58",
            "Parts of a matrix, and one that only one of the two has.",
            |m| {
                let weights = shapes(&[(KEYS, "1024x4096"), ("v_head.layers.*.weight", "1x4096")]);
                tuned(m, shapes(&[(KEYS, "4096x4096"), (UP, "11008x4096")]), weights);
            },
            made_from_it(),
            &[],
        ),
        (
            "start-of-several-shapes",
            "cls-58",
            "A matrix that has other shapes in other layers; one of them is in both.",
            |m| {
                let base = shapes(&[(UP, "11008x4096"), (UP, "12000x4096")]);
                tuned(m, base, shapes(&[(UP, "12000x4096"), (UP, "13000x4096")]));
            },
            made_from_it(),
            &[],
        ),
        (
            "start-of-another-shape-pretrained",
            "cls-58",
            "Another kind of stage may make other layers.",
            |m| {
                tuned(m, shapes(&[(UP, "11008x4096")]), shapes(&[(UP, "13824x5120")]));
                m.stage()["kind"] = json!("midtrain");
            },
            made_from_it(),
            &[],
        ),
        (
            "start-of-another-shape-and-nothing",
            "cls-58",
            "A part of what came out starts from nothing.",
            |m| {
                tuned(m, shapes(&[(UP, "11008x4096")]), shapes(&[(UP, "13824x5120")]));
                m.stage()["init"] = json!({ "prng": "ChaCha20", "seed": 7 });
            },
            made_from_it(),
            &[],
        ),
        (
            "start-of-two",
            "cls-58",
            "One of two models has its shapes.",
            |m| {
                tuned(m, shapes(&[(UP, "11008x4096")]), shapes(&[(UP, "13824x5120")]));
                pin(m, "other", "model.base", &whole("aunt", How::Place));
                m.says("other", shapes(&[(UP, "13824x5120")]));
                m.stage()["models"] = json!([
                    { "artifact": "base", "use": "init" }, { "artifact": "other", "use": "init" },
                ]);
            },
            made_from_it(),
            &[],
        ),
        (
            "start-of-no-shape",
            "evd-20",
            "Values that are no name and shape say nothing.",
            |m| {
                let odd = shapes(&[(UP, "013824x5120"), (UP, "5120"), (UP, "12345678901234567x1")]);
                tuned(m, shapes(&[(UP, "11008x4096")]), odd);
            },
            made_from_it(),
            &[],
        ),
    ]
}
