//! The worked examples of `spec/v0.1/classification.md`: one release that grows.

use fullsource_verify::Status;
use serde_json::json;

use crate::decoys::{assert_stands, stands};
use crate::release::{Draft, tuned};

fn weights() -> Draft {
    let mut draft = Draft::new("m");
    for (id, role) in [
        ("weights", "weights.final"),
        ("config", "config.model"),
        ("tokenizer", "tokenizer.model"),
        ("run", "code.inference"),
    ] {
        draft.artifact(id, &[role], "Apache-2.0");
    }
    draft
}

fn recipe() -> Draft {
    let mut draft = weights();
    for (id, role) in [
        ("trainer", "code.training"),
        ("args", "config.training"),
        ("prep", "code.preprocessing"),
        ("about", "doc.data-information"),
        ("corpus", "data.pretraining"),
    ] {
        draft.artifact(id, &[role], "Apache-2.0");
    }
    draft.see("corpus", Status::Withheld);
    draft.manifest["closure"] = json!("complete");
    draft.list("stages").push(json!({
        "id": "pretrain", "kind": "pretrain", "data": ["corpus"], "outputs": ["weights"],
        "init": { "prng": "philox" },
    }));
    draft
}

fn source() -> Draft {
    let mut draft = recipe();
    draft.remove("corpus");
    draft.artifact("corpus", &["data.pretraining"], "ODC-By-1.0");
    draft.see("corpus", Status::Verified);
    draft
}

#[test]
fn rung_1() {
    assert_stands(&weights(), &[], (1, 1), (1, 1));
    assert_eq!(stands(&weights(), &[]).headline(), "open-weights");
    let mut draft = weights();
    let llama = "LicenseRef-scancode-llama-3.1-license-2024";
    draft.edit("weights").insert("license".into(), json!(llama));
    assert_stands(&draft, &[], (1, 1), (0, 0));
    assert_eq!(stands(&draft, &[]).headline(), "weights-available");
}

#[test]
fn rung_2() {
    assert_stands(&recipe(), &[], (2, 2), (2, 2));
    assert_eq!(stands(&recipe(), &[]).headline(), "open-recipe");
    let mut draft = recipe();
    draft.by_producer = false;
    assert_stands(&draft, &[], (1, 2), (1, 2));
}

#[test]
fn rung_3() {
    assert_stands(&source(), &[], (3, 3), (3, 3));
    assert_eq!(stands(&source(), &[]).headline(), "full-source");
    let mut draft = source();
    draft.see("corpus", Status::Unreachable);
    assert_stands(&draft, &[], (2, 3), (2, 3));
    draft.see("corpus", Status::Gated);
    assert_stands(&draft, &[], (3, 3), (2, 2));
}

#[test]
fn rung_4() {
    let mut draft = source();
    draft.artifact("lock", &["env.lock"], "Apache-2.0");
    draft.artifact("crawler", &["code.data-collection"], "Apache-2.0");
    draft.edit("corpus").insert("collectedBy".into(), json!(["crawler"]));
    assert_stands(&draft, &[], (4, 4), (3, 3));
    assert_eq!(stands(&draft, &[]).headline(), "full-source");
    draft.edit("corpus").insert("contentRights".into(), json!("CC0-1.0"));
    assert_stands(&draft, &[], (4, 4), (4, 4));
    assert_eq!(stands(&draft, &[]).headline(), "full-source-transitive");
}

#[test]
fn a_child() {
    let mut base = weights();
    base.name = "base".into();
    assert_stands(&tuned("m", "base"), &[&base], (1, 1), (1, 1));
}
