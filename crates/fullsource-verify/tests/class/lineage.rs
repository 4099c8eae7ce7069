//! Lineages: bounds, cycles, and each statement once.

use fullsource_format::limits;
use fullsource_verify::class::OutputTerms;
use fullsource_verify::lineage::{self, LineageError};
use serde_json::json;

use crate::release::{Draft, statement, tuned, whole};

fn judged(drafts: &[Draft], target: &str) -> Result<(u8, usize), LineageError> {
    let manifests: Vec<_> = drafts.iter().map(Draft::parse).collect();
    let members: Vec<_> = drafts.iter().zip(&manifests).map(|(d, m)| d.member(m)).collect();
    let judged = lineage::judge(statement(target), &members, OutputTerms::Count)?;
    Ok((judged.class.verified().freedom.established, judged.ancestors.len()))
}

/// m0 starts from m1, m1 from m2, …; the last from nothing.
fn chain(generations: usize) -> Vec<Draft> {
    let mut drafts: Vec<_> =
        (0..generations).map(|n| tuned(&format!("m{n}"), &format!("m{}", n + 1))).collect();
    drafts.push(whole(&format!("m{generations}")));
    drafts
}

#[test]
fn a_long_lineage_is_judged_and_a_longer_one_is_not() {
    let limit = limits::LINEAGE_DEPTH;
    assert_eq!(judged(&chain(limit), "m0"), Ok((4, limit)));
    assert_eq!(judged(&chain(limit + 1), "m0"), Err(LineageError::TooDeep));
    // Two ways of which the longer has as many generations as there may be.
    let mut drafts = chain(limit);
    drafts[0] = tuned("m0", "m2");
    let more = drafts[0].artifact("next", &["model.base"], "MIT");
    more.insert("statement".into(), json!({ "sha256": statement("m1").to_string() }));
    drafts[0].parents.push(("next".into(), "m1".into()));
    assert!(judged(&drafts, "m0").is_ok());
    // Also where a short way to the far end is seen first.
    let mut drafts = chain(limit + 1);
    drafts[0] = tuned("m0", &format!("m{}", limit + 1));
    let more = drafts[0].artifact("next", &["model.base"], "MIT");
    more.insert("statement".into(), json!({ "sha256": statement("m1").to_string() }));
    drafts[0].parents.push(("next".into(), "m1".into()));
    assert_eq!(judged(&drafts, "m0"), Err(LineageError::TooDeep));
}

#[test]
fn ancestors_are_counted_once_and_bounded() {
    let count = limits::ANCESTORS;
    let mut target = whole("m");
    let mut drafts = Vec::new();
    let mut models = Vec::new();
    for n in 0..=count {
        let (id, name) = (format!("p{n}"), format!("parent-{n}"));
        target.artifact(&id, &["model.base"], "MIT");
        models.push(json!({ "artifact": id, "use": "init" }));
        target.parents.push((id, name.clone()));
        drafts.push(whole(&name));
    }
    target.stage("pretrain").insert("models".into(), json!(models));
    drafts.push(target);
    assert_eq!(judged(&drafts, "m"), Err(LineageError::TooMany(count + 1)));
    drafts.last_mut().unwrap().parents.pop();
    assert!(matches!(judged(&drafts, "m"), Ok((_, found)) if found == count));
}

#[test]
fn a_diamond_is_no_cycle_and_a_self_parent_is() {
    let mut top = tuned("top", "left");
    top.artifact("other", &["model.base"], "MIT");
    let models =
        json!([{ "artifact": "base", "use": "init" }, { "artifact": "other", "use": "init" }]);
    top.stage("pretrain").insert("models".into(), models);
    top.parents.push(("other".into(), "right".into()));
    let drafts = [top, tuned("left", "root"), tuned("right", "root"), whole("root")];
    assert_eq!(judged(&drafts, "top"), Ok((4, 3)));
    let own = tuned("m", "m");
    assert_eq!(judged(&[own], "m"), Err(LineageError::Cycle(statement("m"))));
    let far = [tuned("a", "b"), tuned("b", "c"), tuned("c", "b")];
    assert_eq!(judged(&far, "a"), Err(LineageError::Cycle(statement("b"))));
}

#[test]
fn models_made_from_themselves_say_nothing() {
    let mut draft = whole("m");
    let models = json!([{ "artifact": "weights", "use": "init" }]);
    draft.stage("pretrain").insert("models".into(), models);
    assert!(matches!(judged(&[draft.clone()], "m"), Err(LineageError::Internal { .. })));
    // Nor of what was made from that.
    assert!(matches!(
        judged(&[tuned("child", "m"), draft], "child"),
        Err(LineageError::Internal { .. })
    ));
}

#[test]
fn a_statement_is_held_against_the_bytes_it_is_said_to_be_about() {
    use fullsource_format::digest::{Blake3, Sha256};
    use fullsource_format::index::{FileRecord, FileTable};
    use fullsource_verify::class::Tri;
    let mut files = FileTable::builder();
    let sha256 = Some(Sha256::of(b"model"));
    let blake3 = None;
    files.push(FileRecord { path: "model.safetensors", size: 5, sha256, blake3 }).unwrap();
    let covered = files.build().unwrap();
    let mut base = whole("base");
    let weights = base.edit("weights");
    for field in ["locators", "digest"] {
        weights.remove(field);
    }
    weights.insert("files".into(), json!(["model.safetensors"]));
    let parent = base.parse();
    let about = |digest: Option<serde_json::Value>| {
        let mut child = tuned("m", "base");
        child.edit("base").remove("digest");
        digest.into_iter().for_each(|digest| {
            child.edit("base").insert("digest".into(), digest);
        });
        let manifest = child.parse();
        let artifact = manifest.artifacts().iter().find(|a| a.id.as_str() == "base").unwrap();
        lineage::is_about(artifact, &FileTable::default(), &parent, &covered)
    };
    assert_eq!(about(None), Tri::T);
    assert_eq!(about(Some(json!({ "sha256": Sha256::of(b"model").to_string() }))), Tri::T);
    assert_eq!(about(Some(json!({ "sha256": Sha256::of(b"other").to_string() }))), Tri::F);
    // What the child has as files of its own is what its statement says that it is.
    let mut child = tuned("m", "base");
    for field in ["digest", "locators"] {
        child.edit("base").remove(field);
    }
    child.edit("base").insert("files".into(), json!(["base.safetensors"]));
    let manifest = child.parse();
    let artifact = manifest.artifacts().iter().find(|a| a.id.as_str() == "base").unwrap();
    for (bytes, expected) in [(&b"model"[..], Tri::T), (b"other", Tri::F)] {
        let mut files = FileTable::builder();
        let sha256 = Some(Sha256::of(bytes));
        files.push(FileRecord { path: "base.safetensors", size: 5, sha256, blake3 }).unwrap();
        let of_child = files.build().unwrap();
        assert_eq!(lineage::is_about(artifact, &of_child, &parent, &covered), expected);
    }
    // Of two files that may be meant, one is.
    let none = FileTable::default();
    let mut two = whole("base");
    two.artifact("other", &["weights.final"], "MIT");
    let parent_of_two = two.parse();
    let digest = two.edit("other")["digest"].clone();
    let mut child = tuned("m", "base");
    child.edit("base").insert("digest".into(), digest);
    let manifest = child.parse();
    let artifact = manifest.artifacts().iter().find(|a| a.id.as_str() == "base").unwrap();
    assert_eq!(lineage::is_about(artifact, &none, &parent_of_two, &none), Tri::T);
    // The child may say which of them it means.
    for (meant, expected) in [("other", Tri::T), ("weights", Tri::F)] {
        child.edit("base")["statement"]["artifact"] = json!(meant);
        let manifest = child.parse();
        let artifact = manifest.artifacts().iter().find(|a| a.id.as_str() == "base").unwrap();
        assert_eq!(lineage::is_about(artifact, &none, &parent_of_two, &none), expected, "{meant}");
    }
    // A statement in which nothing is meant.
    let empty = Draft::new("base").parse();
    assert_eq!(lineage::is_about(artifact, &none, &empty, &none), Tri::U);
    // The file has two digests, and either tells.
    let mut files = FileTable::builder();
    let hex = |text: &str| Sha256::of(text.as_bytes()).to_string();
    let blake3: Option<Blake3> = hex("model").parse().ok();
    files.push(FileRecord { path: "model.safetensors", size: 5, sha256, blake3 }).unwrap();
    let covered = files.build().unwrap();
    for (bytes, expected) in [("model", Tri::T), ("other", Tri::F)] {
        child.edit("base").insert("digest".into(), json!({ "blake3": hex(bytes) }));
        let manifest = child.parse();
        let artifact = manifest.artifacts().iter().find(|a| a.id.as_str() == "base").unwrap();
        assert_eq!(lineage::is_about(artifact, &none, &parent, &covered), expected);
    }
    // A digest that the parent's statement does not let us know.
    assert_eq!(about(Some(json!({ "dirHash": Sha256::of(b"model").to_string() }))), Tri::U);
}
