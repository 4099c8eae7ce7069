//! Pointers in a config that make a framework run code.
//!
//! transformers resolves `module.Class` to a file beside the config, and `repo--module.Class` to
//! another repository (`dynamic_module_utils.get_class_from_dynamic_module`).

use super::json::Value;
use super::json_pointer::{Pointer, Segment};

/// One pointer to code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteCode {
    /// Where it stands in the document: a JSON pointer (RFC 6901).
    pub pointer: String,
    /// As it stands.
    pub reference: String,
    /// The other repository that the code comes from; none for a file beside the config.
    pub repository: Option<String>,
    /// The module: `modeling_x` is the file `modeling_x.py`.
    pub module: String,
    /// The class in it, if one is named.
    pub class: Option<String>,
}

/// More pointers to code, or more named sources, than [`REFERENCES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {REFERENCES} references in one config")]
pub struct TooManyReferences;

/// Pointers to code, and likewise named sources, of one config. Real ones have a dozen.
pub const REFERENCES: usize = 10_000;

/// All pointers to code in a config of transformers, diffusers, sentence-transformers or peft. A
/// string of the form `org/name--module.Class` counts wherever it stands.
pub fn remote_code(config: &Value) -> Result<Vec<RemoteCode>, TooManyReferences> {
    let mut found = Vec::new();
    walk(config, &mut Pointer::default(), Place::Elsewhere, &mut found)?;
    diffusers_components(config, &mut found)?;
    sentence_transformers_modules(config, &mut found)?;
    Ok(found)
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// Every string is a pointer to code.
    Code,
    /// `custom_pipelines` of transformers, where `impl` is one.
    Pipelines,
    /// Only what looks like one beyond doubt.
    Elsewhere,
}

type Found = Vec<RemoteCode>;

fn walk<'a>(
    value: &'a Value,
    pointer: &mut Pointer<'a>,
    place: Place,
    found: &mut Found,
) -> Result<(), TooManyReferences> {
    match value {
        Value::String(text) if place == Place::Code || names_another_repository(text) => {
            push(pointer, text, found)
        }
        Value::Array(items) => items.iter().enumerate().try_for_each(|(index, item)| {
            pointer.below(Segment::Index(index), |pointer| walk(item, pointer, place, found))
        }),
        Value::Object(entries) => entries.iter().try_for_each(|(key, value)| {
            let place = below(place, key);
            pointer.below(Segment::Key(key), |pointer| walk(value, pointer, place, found))
        }),
        _ => Ok(()),
    }
}

fn push(pointer: &Pointer, text: &str, found: &mut Found) -> Result<(), TooManyReferences> {
    if found.len() >= REFERENCES {
        return Err(TooManyReferences);
    }
    found.push(reference(pointer, text));
    Ok(())
}

fn below(place: Place, key: &str) -> Place {
    match (place, key) {
        (Place::Code, _) => Place::Code,
        (_, "auto_map") => Place::Code,
        (Place::Pipelines, "impl") => Place::Code,
        // peft imports this module.
        (_, "parent_library") => Place::Code,
        (_, "custom_pipelines") => Place::Pipelines,
        (place, _) => place,
    }
}

fn names_another_repository(text: &str) -> bool {
    let Some((repository, code)) = text.split_once("--") else { return false };
    let word = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c))
    };
    let named = repository.split_once('/').is_some_and(|(org, name)| word(org) && word(name));
    named && code.split_once('.').is_some_and(|(module, class)| word(module) && word(class))
}

fn reference(pointer: &Pointer, text: &str) -> RemoteCode {
    let (repository, code) = match text.split_once("--") {
        Some((repository, code)) => (Some(repository.to_owned()), code),
        None => (None, text),
    };
    let (module, class) = match code.rsplit_once('.') {
        Some((module, class)) => (module, Some(class.to_owned())),
        None => (code, None),
    };
    RemoteCode {
        pointer: pointer.to_string(),
        reference: text.to_owned(),
        repository,
        module: module.to_owned(),
        class,
    }
}

/// `model_index.json`: `"unet": ["library", "Class"]`, where a library that is none of these is a
/// file of the repository (`pipeline_loading_utils.py`).
fn diffusers_components(config: &Value, found: &mut Found) -> Result<(), TooManyReferences> {
    const LIBRARIES: [&str; 5] = ["diffusers", "transformers", "onnxruntime", "optimum", "peft"];
    if config.get("_diffusers_version").is_none() {
        return Ok(());
    }
    for (key, value) in config.entries() {
        let [Value::String(library), Value::String(class)] = value.items() else { continue };
        let known = library.split('.').next().is_some_and(|root| LIBRARIES.contains(&root));
        if !known && !library.contains("--") {
            push(&Segment::Key(key).into(), &format!("{library}.{class}"), found)?;
        }
    }
    Ok(())
}

/// `modules.json`: an array of `{"path", "type"}`, where a type that is not of the library itself
/// is looked for in the repository (`SentenceTransformer._load_module_class_from_ref`).
fn sentence_transformers_modules(
    config: &Value,
    found: &mut Found,
) -> Result<(), TooManyReferences> {
    for (index, module) in config.items().iter().enumerate() {
        let kind = module.get("path").and(module.get("type")).and_then(Value::as_str);
        if let Some(kind) = kind
            && !kind.starts_with("sentence_transformers.")
            && !names_another_repository(kind)
        {
            push(&Segment::Index(index).into(), kind, found)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, Option<String>, String)> {
        let config = Value::parse(text.as_bytes(), 1000).unwrap();
        let found = remote_code(&config).unwrap();
        found.into_iter().map(|c| (c.pointer, c.repository, c.module)).collect()
    }

    fn entry(
        pointer: &str,
        repository: Option<&str>,
        module: &str,
    ) -> (String, Option<String>, String) {
        (pointer.into(), repository.map(str::to_owned), module.into())
    }

    #[test]
    fn auto_map_is_read_at_every_depth() {
        let text = r#"{"auto_map": {"AutoConfig": "configuration_x.XConfig",
            "AutoTokenizer": ["a/b--tokenization_x.XTokenizer", null]},
            "text_config": {"auto_map": {"AutoModel": "evil/repo--modeling.M"}}}"#;
        assert_eq!(
            found(text),
            [
                entry("/auto_map/AutoConfig", None, "configuration_x"),
                entry("/auto_map/AutoTokenizer/0", Some("a/b"), "tokenization_x"),
                entry("/text_config/auto_map/AutoModel", Some("evil/repo"), "modeling"),
            ]
        );
    }

    #[test]
    fn other_pointers_of_frameworks_are_read() {
        let pipelines = r#"{"custom_pipelines": {"x": {"impl": "o/r--pipe.P", "pt": ["A"]}}}"#;
        assert_eq!(found(pipelines), [entry("/custom_pipelines/x/impl", Some("o/r"), "pipe")]);
        let stray = r#"{"odd": ["evil/repo--m.C"], "text": "a -- b. c", "url": "x--y.z"}"#;
        assert_eq!(found(stray), [entry("/odd/0", Some("evil/repo"), "m")]);
        let index = r#"{"_diffusers_version": "0.30", "_class_name": ["pipe", "P"],
            "unet": ["diffusers", "U"], "safety_checker": [null, null]}"#;
        assert_eq!(found(index), [entry("/_class_name", None, "pipe")]);
        let modules = r#"[{"path": "", "type": "sentence_transformers.models.Transformer"},
            {"path": "1_X", "type": "custom_x.X"}, {"path": "2", "type": "o/r--y.Y"}]"#;
        assert_eq!(
            found(modules),
            [entry("/2/type", Some("o/r"), "y"), entry("/1", None, "custom_x")]
        );
        let peft = r#"{"auto_mapping": {"base_model_class": "M", "parent_library": "a.b.c"}}"#;
        assert_eq!(found(peft), [entry("/auto_mapping/parent_library", None, "a.b")]);
    }

    #[test]
    fn hostile_configs_cost_no_more_than_they_weigh() {
        let many = format!(r#"{{"auto_map": [{}"a.B"]}}"#, r#""a.B","#.repeat(REFERENCES));
        let config = Value::parse(many.as_bytes(), 100_000).unwrap();
        assert_eq!(remote_code(&config), Err(TooManyReferences));
        let long = format!(r#"{{"{}": {{"auto_map": "a.B"}}}}"#, "k".repeat(1 << 20));
        assert!(found(&long)[0].0.len() < 2000);
    }
}
