use proptest::prelude::*;

use super::*;

fn card(yaml: &str) -> ModelCard {
    ModelCard::parse(format!("---\n{yaml}\n---\n# A model\n").as_bytes()).unwrap().unwrap()
}

fn error(yaml: &str) -> ModelCardError {
    ModelCard::parse(format!("---\n{yaml}\n---\n").as_bytes()).unwrap_err()
}

#[test]
fn a_card_is_read() {
    let card = card(
        "license: other\nlicense_name: my-license-1.0\nlicense_link: LICENSE.md\nbase_model:\n- a/b\n- c/d\n\
         base_model_relation: merge\ndatasets: [x/y]\nlanguage: no\ntags:\n- no\n- 1.10\npipeline_tag: text-generation\n\
         library_name: transformers\nextra_gated_prompt: Please\nextra_gated_fields:\n  Name: text\nmodel-index:\n- {}\n",
    );
    assert_eq!(card.license, ["other"]);
    assert_eq!(card.license_name.as_deref(), Some("my-license-1.0"));
    assert_eq!(card.base_model, ["a/b", "c/d"]);
    assert_eq!(card.base_model_relation.as_deref(), Some("merge"));
    assert_eq!((card.datasets, card.language), (vec!["x/y".into()], vec!["no".into()]));
    assert_eq!(card.tags, ["no", "1.10"]);
    assert_eq!(card.gated, ["extra_gated_prompt", "extra_gated_fields"]);
}

#[test]
fn language_codes_that_look_like_values_stay_text() {
    for code in ["no", "on", "y", "yes", "off", "No"] {
        assert_eq!(card(&format!("language: {code}")).language, [code]);
        assert_eq!(card(&format!("language:\n- {code}")).language, [code]);
    }
    assert_eq!(card("license: []\nlanguage: null\ntags: [null, a]").tags, ["a"]);
    assert_eq!(card("license_name: 1.10").license_name.as_deref(), Some("1.10"));
}

#[test]
fn only_a_block_at_the_top_is_front_matter() {
    let none = |text: &str| ModelCard::parse(text.as_bytes()).unwrap().is_none();
    assert!(none("# Title\n---\nlicense: mit\n---\n"));
    assert!(none("---\nlicense: mit\n"));
    assert!(none("--- license: mit\n---\n"));
    assert!(none(""));
    let windows = ModelCard::parse(b"\xef\xbb\xbf---\r\nlicense: mit\r\n---\r\n").unwrap().unwrap();
    assert_eq!(windows.license, ["mit"]);
    let at_the_end = ModelCard::parse(b"\n---\nlicense: mit\n---").unwrap().unwrap();
    assert_eq!(at_the_end.license, ["mit"]);
    assert_eq!(card(""), ModelCard::default());
    assert_eq!(card("# only a comment"), ModelCard::default());
}

#[test]
fn malformed_yaml_gives_the_line_of_the_card() {
    let at = |yaml| match error(yaml) {
        ModelCardError::Yaml { line, message, .. } => (line, message),
        other => panic!("{other}"),
    };
    assert_eq!(at("license: mit\ntags: [a").0, 3);
    let (line, message) = at("license: mit\nlanguage: en\nlicense: apache-2.0");
    assert!(line == 4 && message.contains("duplicate"), "{line} {message}");
    assert_eq!(at("license: mit\ndatasets: {a: b}").0, 3);
    assert_eq!(at("- license").0, 2);
    assert_eq!(at("tags:\n- [a]").0, 3);
    let bytes = ModelCard::parse(b"---\na: b\nc: \xff\n---\n");
    assert_eq!(bytes, Err(ModelCardError::NotUtf8 { line: 3 }));
}

#[test]
fn bombs_are_refused() {
    let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for n in 1..9 {
        let before = n - 1;
        bomb += &format!("a{n}: &a{n} [{}]\n", vec![format!("*a{before}"); 10].join(","));
    }
    assert!(matches!(error(&bomb), ModelCardError::Yaml { .. }));
    assert!(matches!(error(&"[".repeat(5000)), ModelCardError::Yaml { .. }));
    assert!(matches!(error(&format!("a: {}", "{b: ".repeat(5000))), ModelCardError::Yaml { .. }));
    assert_eq!(error(&format!("a: {}", "x".repeat(70_000))), ModelCardError::TooLong);
    assert!(matches!(error("a: b\n--- \nlicense: mit"), ModelCardError::Yaml { .. }));
}

proptest! {
    #[test]
    fn any_bytes_give_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = ModelCard::parse(&bytes);
        let _ = ModelCard::parse(&[b"---\n", &bytes[..], b"\n---\n"].concat());
    }

    #[test]
    fn any_yaml_gives_an_answer(
        yaml in r#"(license|tags|&a|\*a|: |- |\n|\n  |\[|\]|\{|\}|,|'|"|!!str|!!binary|<<|#|no|1|\||>|\?){0,30}"#
    ) {
        let _ = ModelCard::parse(format!("---\n{yaml}\n---\n").as_bytes());
    }
}
