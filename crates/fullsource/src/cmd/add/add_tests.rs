use super::resolve::tests::{COMMIT, Places};
use super::*;

use fullsource_format::digest::{Digest, DirHash};
use fullsource_format::evidence::{ContentFact, ContentFactKind, Observation};
use fullsource_format::json::UnknownFields;
use fullsource_format::text::Count;

fn wish(role: &str) -> Wish {
    Wish {
        role: role.parse().unwrap(),
        id: None,
        name: None,
        license: None,
        stage: None,
        inside: None,
        gated: false,
    }
}

fn manifest(artifacts: &str) -> Read {
    let text = format!(
        r#"{{"release": {{"name": "m", "producer": {{"name": "p"}}}}, "artifacts": [{artifacts}]}}"#
    )
    .replace("COMMIT", COMMIT);
    let manifest = Manifest::parse(text.as_bytes(), UnknownFields::Refuse).unwrap();
    Read { text, manifest }
}

fn tree(observation: &mut Observation) {
    observation.digests = Some(Digest::DirHash(DirHash::new([1; 32])).into());
    observation.size = Some(Count(187));
    let text = ContentFact::new(ContentFactKind::LicenseText);
    observation.facts = vec![text.at("LICENSE").saying("MIT").counting(1000)];
}

fn added(wish: &Wish, text: &str, before: &Read, places: &Places) -> Result<String, Failure> {
    let mut said = Vec::new();
    let found = elsewhere(wish, text, before, places, &mut said)?;
    let artifact = wish.artifact(&found, &before.manifest)?;
    let text = edited(wish, before, &artifact)?;
    Manifest::parse(text.as_bytes(), UnknownFields::Refuse).unwrap();
    Ok(text.replace(COMMIT, "COMMIT"))
}

#[test]
fn a_branch_becomes_a_pinned_artifact() {
    let places = Places::default()
        .at("github.com/o/train.git", "main", "refs/heads/main")
        .with("git+https://github.com/o/train.git@COMMIT#path=src", tree);
    let before = manifest("");
    let text =
        added(&wish("code.training"), "https://github.com/o/train/tree/main/src", &before, &places);
    let digest = "01".repeat(32);
    let expected = format!(
        concat!(
            r#"[{{"id": "train-src", "roles": ["code.training"], "#,
            r#""locators": ["git+https://github.com/o/train.git@COMMIT#path=src"], "#,
            r#""digest": {{"dirHash": "{}"}}, "size": 187, "license": "MIT", "#,
            r#""licenseFiles": [{{"path": "LICENSE"}}]}}]}}"#
        ),
        digest
    );
    let text = text.unwrap();
    assert!(text.ends_with(&expected), "{text}");
}

#[test]
fn what_is_there_already_is_named() {
    let there = r#"{"id": "known", "roles": ["data.sft"], "locators": ["hf:datasets/o/d@COMMIT"]}"#;
    let before = manifest(there);
    let places = Places::default().at("o/d", "main", "").with("hf:datasets/o/d@COMMIT", tree);
    let failure = added(&wish("data.sft"), "o/d", &before, &places).unwrap_err();
    assert!(failure.message.contains("the artifact `known`"), "{}", failure.message);
    assert_eq!(failure.exit, Exit::CouldNotRun);
    let mut said = Vec::new();
    elsewhere(&wish("data.preference"), "o/d", &before, &places, &mut said).unwrap();
    assert!(said.iter().any(|line| line.contains("one artifact may have several roles")));
}

#[test]
fn ids_are_unique_and_the_authors_word_goes_first() {
    let before = manifest(r#"{"id": "d", "roles": ["data.sft"]}"#);
    let places = Places::default().at("o/d", "main", "").with("hf:datasets/o/d@COMMIT", tree);
    let text = added(&wish("data.sft"), "o/d", &before, &places).unwrap();
    assert!(text.contains(r#"{"id": "d-2""#), "{text}");
    let mine = Wish {
        id: Some("mine".parse().unwrap()),
        name: Some("Letters".parse().unwrap()),
        license: Some("CC0-1.0".parse().unwrap()),
        gated: true,
        ..wish("data.sft")
    };
    let text = added(&mine, "o/d", &before, &places).unwrap();
    for field in [r#""id": "mine", "name": "Letters""#, r#""license": "CC0-1.0""#, r#""gated""#] {
        assert!(text.contains(field), "{text}");
    }
    let taken = Wish { id: Some("d".parse().unwrap()), ..wish("data.sft") };
    assert!(taken.fits(&before.manifest).unwrap_err().message.contains("`d` already"));
}

#[test]
fn what_cannot_be_seen_ends_in_4() {
    let before = manifest("");
    for (text, places) in [
        ("https://example.org/a", Places::default()),
        ("https://github.com/o/r", Places::default()),
        ("o/d", Places::default().at("o/d", "main", "")),
    ] {
        let failure = added(&wish("data.sft"), text, &before, &places).unwrap_err();
        assert_eq!(failure.exit, Exit::CouldNotRun, "{text}");
        assert_eq!(failure.code, "artifact-absent", "{text}");
        assert!(failure.help.contains("nothing was written"), "{text}");
    }
}
