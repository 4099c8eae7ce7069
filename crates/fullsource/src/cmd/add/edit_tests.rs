use super::*;

use fullsource_format::json::UnknownFields;
use fullsource_format::manifest::Manifest;
use proptest::prelude::*;

const EXAMPLES: &[&str] = &[
    include_str!("../../../../../examples/tiny-lm/full-source/fullsource.json"),
    include_str!("../../../../../examples/tiny-lm/weights-only/fullsource.json"),
    include_str!("../../../../../tests/sessions/demo/fullsource.json"),
    SPEC,
    r#"{"release":{"name":"m","producer":{"name":"p"}}}"#,
    r#"{"release":{"name":"m","producer":{"name":"p"}},"artifacts":[],"stages":[]}"#,
    "{\n\t\"release\": {\"name\": \"m\", \"producer\": {\"name\": \"p\"}},\n\t\"artifacts\": [\n\t]\n}\n",
];

/// That of spec/v0.1/manifest.md.
const SPEC: &str = r#"{
  "release": {
    "name": "tiny-lm",
    "version": "1.0",
    "producer": { "name": "Example Lab", "uri": "https://example.org/lab" }
  },
  "closure": "complete",
  "artifacts": [
    { "id": "weights", "roles": ["weights.final"], "files": ["model.safetensors"],
      "license": "Apache-2.0" },
    { "id": "corpus", "roles": ["data.pretraining"], "availability": "withheld",
      "name": "Customer letters", "reason": "personal data" }
  ],
  "stages": [
    { "id": "train", "kind": "pretrain", "data": ["corpus"],
      "init": { "prng": "ChaCha20", "seed": 7 }, "outputs": ["weights"] }
  ]
}
"#;

fn artifact() -> Artifact {
    let text = r#"{"id": "new", "roles": ["code.training"], "files": ["train.py", "lib/"],
        "license": "MIT", "licenseFiles": [{"path": "LICENSE"}]}"#;
    serde_json::from_str(text).unwrap()
}

fn id(text: &str) -> Id {
    text.parse().unwrap()
}

fn manifest(document: &str) -> Manifest {
    Manifest::parse(document.as_bytes(), UnknownFields::Refuse).unwrap()
}

/// Whether removing two parts of `edited` gives `document`, byte by byte.
fn only_added(document: &str, edited: &str) -> bool {
    let (old, new) = (document.as_bytes(), edited.as_bytes());
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let end = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let end = end.min(old.len() - start);
    let (middle, rest) = (&old[start..old.len() - end], &new[start..new.len() - end]);
    middle.is_empty() || rest.windows(middle.len()).any(|window| window == middle)
}

/// Inserts into a document, and holds the outcome against what it must be.
fn held(document: &str, stage: Option<(&str, List)>) -> String {
    let stage_id = stage.map(|(stage, list)| (id(stage), list));
    let edited =
        insert(document, &artifact(), stage_id.as_ref().map(|(id, list)| (id, *list))).unwrap();
    assert!(only_added(document, &edited), "{document}\n{edited}");
    let mut wire = manifest(document).into_wire();
    wire.artifacts.push(artifact());
    if let Some((stage, list)) = stage {
        let stage = wire.stages.iter_mut().find(|s| s.id.as_str() == stage).unwrap();
        match list {
            List::Code => stage.code.push(id("new")),
            List::Outputs => stage.outputs.push(id("new")),
            List::Init => stage.models.push(ModelUse { artifact: id("new"), usage: Use::Init }),
            _ => panic!("not tried here"),
        }
    }
    assert_eq!(manifest(&edited).into_wire(), wire, "{edited}");
    edited
}

#[test]
fn every_example_keeps_its_bytes() {
    for document in EXAMPLES {
        let _ = held(document, None);
        for stage in manifest(document).stages() {
            for list in [List::Code, List::Outputs, List::Init] {
                let _ = held(document, Some((stage.id.as_str(), list)));
            }
        }
        let windows = document.replace('\n', "\r\n");
        let edited = held(&windows, None);
        assert_eq!(edited.matches('\n').count(), edited.matches("\r\n").count());
    }
}

#[test]
fn an_artifact_is_written_as_its_neighbours_are() {
    let lines = held(EXAMPLES[0], None);
    let expected = r#",
    {
      "id": "new",
      "roles": ["code.training"],
      "files": ["train.py", "lib/"],
      "license": "MIT",
      "licenseFiles": [{ "path": "LICENSE" }]
    }
  ],"#;
    assert!(lines.contains(expected), "{lines}");
    let one_line = held(EXAMPLES[2], None);
    let expected = concat!(
        "\"license\": \"Apache-2.0\"},\n    {\"id\": \"new\", \"roles\": [\"code.training\"], ",
        "\"files\": [\"train.py\", \"lib/\"], \"license\": \"MIT\", ",
        "\"licenseFiles\": [{\"path\": \"LICENSE\"}]}\n  ]\n}\n"
    );
    assert!(one_line.ends_with(expected), "{one_line}");
}

#[test]
fn what_is_not_there_yet_is_made() {
    let minimal = held(EXAMPLES[4], None);
    assert!(minimal.ends_with(concat!(
        r#""producer":{"name":"p"}},"artifacts":[{"id":"new","roles":["code.training"],"#,
        r#""files":["train.py","lib/"],"license":"MIT","licenseFiles":[{"path":"LICENSE"}]}]}"#
    )));
    let tabs = held(EXAMPLES[6], None);
    assert!(
        tabs.contains("\"artifacts\": [\n\t\t{\n\t\t\t\"id\": \"new\",\n\t\t\t\"roles\""),
        "{tabs}"
    );
    assert!(tabs.ends_with("\n\t\t}\n\t]\n}\n"), "{tabs}");
    let stage = held(SPEC, Some(("train", List::Code)));
    assert!(
        stage.contains(r#""kind": "pretrain", "code": ["new"], "data": ["corpus"],"#),
        "{stage}"
    );
    let models = held(SPEC, Some(("train", List::Init)));
    assert!(
        models.contains(r#""data": ["corpus"], "models": [{ "artifact": "new", "use": "init" }],"#),
        "{models}"
    );
    let outputs = held(SPEC, Some(("train", List::Outputs)));
    assert!(outputs.contains(r#""outputs": ["weights", "new"] }"#), "{outputs}");
}

#[test]
fn commas_first_stay_first() {
    let document = "{ \"release\": {\"name\": \"m\", \"producer\": {\"name\": \"p\"}}\n, \"artifacts\":\n  [ {\"id\": \"a\", \"roles\": [\"x.y\"]}\n  , {\"id\": \"b\", \"roles\": [\"x.y\"]}\n  ]\n}";
    let edited = held(document, None);
    assert!(
        edited.contains("\n  , { \"id\": \"new\", \"roles\": [\"code.training\"], "),
        "{edited}"
    );
}

#[test]
fn a_stage_must_be_there_and_must_read_data() {
    let no_data = SPEC.replace(r#""pretrain", "data": ["corpus"]"#, r#""merge", "noData": "none""#);
    let (train, other) = (id("train"), id("other"));
    let error = insert(&no_data, &artifact(), Some((&train, List::Data))).unwrap_err();
    assert!(matches!(error, EditError::NoData(_)));
    for document in [SPEC, EXAMPLES[4]] {
        let error = insert(document, &artifact(), Some((&other, List::Code))).unwrap_err();
        assert!(matches!(error, EditError::NoStage(_)));
    }
}

#[test]
fn every_registered_role_has_its_list_or_none() {
    let list = |role: &str| List::of(&role.parse().unwrap()).map(List::field);
    for (role, expected) in [
        ("code.training", Some("code")),
        ("config.training", Some("config")),
        ("env.lock", Some("environment")),
        ("data.sft", Some("data")),
        ("model.base", Some("models")),
        ("model.reward", Some("models")),
        ("weights.final", Some("outputs")),
        ("data.evaluation", None),
        ("code.evaluation", None),
        ("doc.paper", None),
        ("tokenizer.model", None),
    ] {
        assert_eq!(list(role), expected, "{role}");
    }
}

/// The tokens of a document, strings and literals whole.
fn tokens(document: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = document.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '"' => {
                let mut escaped = false;
                let closing = rest[1..].find(|c| {
                    let ends = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    ends
                });
                closing.unwrap() + 2
            }
            '{' | '}' | '[' | ']' | ':' | ',' => 1,
            _ => rest.find(|c: char| ",]} \r\n\t".contains(c)).unwrap_or(rest.len()),
        };
        tokens.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    tokens
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_the_white_space(
        which in 0..EXAMPLES.len(),
        spaces in proptest::collection::vec("[ \t]{0,3}|[ \t]{0,2}\r?\n[ \t]{0,4}", 1..60),
        list in prop_oneof![Just(List::Code), Just(List::Outputs), Just(List::Init)],
    ) {
        let mut document = String::new();
        let mut space = spaces.iter().cycle();
        for token in tokens(EXAMPLES[which]) {
            document.push_str(token);
            document.push_str(space.next().unwrap());
        }
        let _ = held(&document, None);
        for stage in manifest(&document).stages() {
            let _ = held(&document, Some((stage.id.as_str(), list)));
        }
    }
}
