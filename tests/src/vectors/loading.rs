//! What frameworks load: indexes of shards, and configs that name code elsewhere.

use serde_json::json;

use super::case::{Case, case};
use super::release::{INDEX, Release};

/// A config, and whether it makes a framework load code from elsewhere.
const CONFIGS: &[(&str, &str, &str, &str, bool)] = &[
    (
        "auto-map-other-repository",
        "config.json",
        "`auto_map` names another repository.",
        r#"{"auto_map": {"AutoModel": "other/repo--modeling.Toy"}}"#,
        true,
    ),
    (
        "auto-map-list",
        "tokenizer_config.json",
        "A list below `auto_map`.",
        r#"{"auto_map": {"AutoTokenizer": ["other/repo--tok.Slow", null]}}"#,
        true,
    ),
    (
        "auto-map-short",
        "config.json",
        "Below `auto_map` two hyphens are enough.",
        r#"{"auto_map": {"AutoModel": "repo--modeling"}}"#,
        true,
    ),
    (
        "auto-map-own",
        "config.json",
        "`auto_map` names a module of the release.",
        r#"{"auto_map": {"AutoModel": "modeling.Toy"}}"#,
        false,
    ),
    (
        "parent-library",
        "config.json",
        "`parent_library` names another repository.",
        r#"{"parent_library": "other--library"}"#,
        true,
    ),
    (
        "custom-pipelines",
        "config.json",
        "`impl` below `custom_pipelines`.",
        r#"{"custom_pipelines": {"toy": {"impl": "other/repo--pipe.Toy", "pt": []}}}"#,
        true,
    ),
    (
        "impl-elsewhere",
        "config.json",
        "`impl` elsewhere means nothing.",
        r#"{"impl": "a--b"}"#,
        false,
    ),
    (
        "form-anywhere",
        "adapter_config.json",
        "The form is known wherever it stands.",
        r#"{"deep": [{"x": "org/name--module.Class"}]}"#,
        true,
    ),
    (
        "form-digits-of-any-script",
        "config.json",
        "Letters of any script.",
        r#"{"x": "org/naïve--módulo.Clase"}"#,
        true,
    ),
    (
        "form-space",
        "config.json",
        "A text with a space is not of that form.",
        r#"{"x": "see org/name--module.Class"}"#,
        false,
    ),
    (
        "form-without-class",
        "config.json",
        "Without a class it is not of that form.",
        r#"{"x": "org/name--module"}"#,
        false,
    ),
    (
        "form-without-repository",
        "config.json",
        "Without a repository it is not of that form.",
        r#"{"x": "name--module.Class"}"#,
        false,
    ),
    (
        "numbers-of-any-form",
        "config.json",
        "Numbers of any form, and NaN.",
        r#"{"a": 1.5e-3, "b": NaN, "c": -Infinity, "d": -0}"#,
        false,
    ),
    (
        "index-is-a-config",
        "model_index.json",
        "An index of a pipeline is a config.",
        r#"{"_class_name": ["other/repo--pipeline.Toy", "Toy"]}"#,
        true,
    ),
    (
        "config-like",
        "vision_config.json",
        "A file that is named like a config.",
        r#"{"auto_map": {"AutoModel": "other/repo--modeling.Toy"}}"#,
        true,
    ),
    (
        "config-in-a-directory",
        "unet/config.json",
        "A config in a directory.",
        r#"{"auto_map": {"AutoModel": "other/repo--modeling.Toy"}}"#,
        true,
    ),
    (
        "not-a-config",
        "results.json",
        "A file that nobody loads.",
        r#"{"auto_map": {"AutoModel": "other/repo--modeling.Toy"}}"#,
        false,
    ),
    (
        "escaped",
        "config.json",
        "Escapes hide nothing.",
        r#"{"auto\u005fmap": {"AutoModel": "other/repo-\u002dmodeling.Toy"}}"#,
        true,
    ),
];

/// Configs that cannot be understood.
const UNREAD: &[(&str, &str, &str)] = &[
    ("config-not-json", "A config that is not JSON.", "model_type: toy\n"),
    ("config-cut", "A config that breaks off.", "{\"model_type\": \"to"),
    (
        "config-key-twice",
        "A config with two equal keys.",
        r#"{"auto_map": {}, "auto_map": {"AutoModel": "x"}}"#,
    ),
    ("config-bom", "A config with a byte order mark.", "\u{feff}{}"),
    ("config-comment", "A config with a comment.", "{} // nothing"),
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (id, path, about, text, remote) in CONFIGS {
        let layer = if *remote { "loading" } else { "pass" };
        let start =
            start(id, config_rule(id), layer, about).release(&Release::toy().with(path, *text));
        cases.push(if *remote { start.fails(&["remote-code"]) } else { start.passes(&[]) });
    }
    for (id, about, text) in UNREAD {
        let release = Release::toy().with("config.json", *text);
        cases.push(
            start(id, "ver-42", "loading", about).release(&release).incomplete(&["file-unchecked"]),
        );
    }
    cases.extend(depth());
    cases.extend(shards());
    cases.extend(ignored());
    cases
}

/// The rule that a config shows.
fn config_rule(id: &str) -> &'static str {
    match id {
        "config-like" | "not-a-config" | "index-is-a-config" => "ver-37",
        "numbers-of-any-form" => "ver-39",
        _ => "ver-41",
    }
}

fn start(id: &str, rule: &str, layer: &str, about: &str) -> Case {
    case(format!("files/{id}"), rule, layer, about)
}

fn depth() -> Vec<Case> {
    let nested =
        |depth: usize| Release::toy().with("config.json", "[".repeat(depth) + &"]".repeat(depth));
    let large = Release::toy().with("big_config.json", vec![0; 134_217_729]);
    vec![
        start("config-depth-128", "ver-42", "pass", "A config that is nested 128 deep.")
            .release(&nested(128))
            .passes(&[]),
        start("config-depth-129", "ver-42", "loading", "A config that is nested 129 deep.")
            .release(&nested(129))
            .incomplete(&["file-unchecked"]),
        start("config-too-large", "lim-15", "loading", "A config of more than 128 MiB.")
            .release(&large)
            .take("big_config.json")
            .make(json!({ "file": "big_config.json", "size": 134_217_729 }))
            .incomplete(&["file-unchecked"]),
    ]
}

fn shards() -> Vec<Case> {
    [shards_named(), shards_misnamed()].concat()
}

fn shards_named() -> Vec<Case> {
    let with = |id: &str, layer: &str, about: &str, path: &str, index: &str| {
        start(id, "ver-40", layer, about).release(&Release::toy().with(path, index))
    };
    let name = "model.safetensors.index.json";
    vec![
        with(
            "weight-map",
            "pass",
            "An index of shards names a signed file.",
            name,
            r#"{"weight_map": {"w": "model.safetensors"}}"#,
        )
        .passes(&[]),
        with(
            "weight-map-uncovered",
            "loading",
            "An index of shards names a file that nobody signed.",
            name,
            r#"{"weight_map": {"w": "model.safetensors", "v": "other.safetensors"}}"#,
        )
        .fails(&["loadable-uncovered"]),
        with(
            "weight-map-outside",
            "loading",
            "An index of shards names a file above the release.",
            name,
            r#"{"weight_map": {"w": "../model.safetensors"}}"#,
        )
        .fails(&["loadable-uncovered"]),
        with(
            "weight-map-relative",
            "loading",
            "Names are relative to the directory of the index.",
            "sub/model.safetensors.index.json",
            r#"{"weight_map": {"w": "model.safetensors"}}"#,
        )
        .fails(&["loadable-uncovered"]),
    ]
}

fn shards_misnamed() -> Vec<Case> {
    let with = |id: &str, layer: &str, about: &str, path: &str, index: &str| {
        start(id, "ver-40", layer, about).release(&Release::toy().with(path, index))
    };
    let name = "model.safetensors.index.json";
    vec![
        with(
            "weight-map-not-text",
            "pass",
            "A value that is no text names no file.",
            name,
            r#"{"weight_map": {"w": 1}}"#,
        )
        .passes(&[]),
        with(
            "weight-map-not-json",
            "loading",
            "An index of shards that is not JSON.",
            name,
            "w = model.safetensors",
        )
        .incomplete(&["file-unchecked"]),
        start(
            "weight-map-exempts-nothing",
            "ver-43",
            "loading",
            "A config cannot take a file out of the comparison.",
        )
        .release(&Release::toy().with(name, r#"{"weight_map": {}}"#))
        .put("model.safetensors", "x")
        .fails(&["file-changed"]),
    ]
}

fn ignored() -> Vec<Case> {
    vec![
        start(
            "ignored-loadable",
            "ver-38",
            "loading",
            "A library that looks like a detached signature.",
        )
        .release(&Release::toy())
        .put("libtoy.so.sig", "x")
        .fails(&["loadable-uncovered"]),
        start(
            "ignored-index",
            "tree-4",
            "pass",
            "A file index that no statement uses has a reserved name.",
        )
        .release(&Release::toy())
        .put(INDEX, "x")
        .passes(&[]),
    ]
}
