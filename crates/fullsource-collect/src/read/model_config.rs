//! Configs that frameworks keep beside weights: `config.json`, `adapter_config.json`,
//! `tokenizer_config.json`, `modules.json`, `model_index.json` and their like.

use super::json::{JsonError, Value};
use super::json_pointer::{Pointer, Segment};
use super::remote_code::{REFERENCES, RemoteCode, TooManyReferences, remote_code};

/// Bytes of a config. Label maps of some 100,000 classes fit.
pub const CONFIG_BYTES: usize = 16 << 20;
const VALUES: usize = 500_000;

/// What a config says about where a model comes from and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelConfig {
    /// `model_type`, which chooses the code.
    pub model_type: Option<String>,
    /// `architectures`: the classes of the code.
    pub architectures: Vec<String>,
    /// `torch_dtype`, or `dtype` as it is called now.
    pub dtype: Option<String>,
    /// `tokenizer_class`.
    pub tokenizer_class: Option<String>,
    /// `peft_type`: the config is one of an adapter.
    pub peft_type: Option<String>,
    /// `quantization_config.quant_method`: the weights were quantised.
    pub quantization: Option<String>,
    /// `vocab_size`.
    pub vocab_size: Option<u64>,
    /// Its sizes.
    pub dimensions: Dimensions,
    /// Models, tokenizers and data sets that the config names, in the order of the document.
    pub named: Vec<NamedSource>,
    /// Pointers to code.
    pub remote_code: Vec<RemoteCode>,
}

/// The sizes of a model of transformers, under the names that its families give them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dimensions {
    /// `vocab_size`.
    pub vocabulary: Option<u64>,
    /// `hidden_size`, `n_embd`. Absent where the embedding has a size of its own (`embedding_size`,
    /// `word_embed_proj_dim`).
    pub hidden: Option<u64>,
    /// `num_hidden_layers`, `n_layer`.
    pub layers: Option<u64>,
    /// Whether there may be layers beyond those: for predicting several tokens (`num_nextn_predict_layers`).
    pub more_layers: bool,
}

impl Dimensions {
    fn of(config: &Value) -> Self {
        let number =
            |keys: &[&str]| keys.iter().find_map(|key| config.get(key).and_then(Value::as_u64));
        let has = |part: &str| config.entries().iter().any(|(key, _)| key.contains(part));
        let own = ["embedding_size", "embed_dim", "emb_dim", "embed_proj", "embedding_dim"];
        Self {
            vocabulary: number(&["vocab_size"]),
            hidden: number(&["hidden_size", "n_embd"]).filter(|_| !own.iter().any(|key| has(key))),
            layers: number(&["num_hidden_layers", "n_layer"]),
            more_layers: has("nextn") || has("mtp"),
        }
    }
}

/// Something from elsewhere that a config names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedSource {
    /// Where it stands: a JSON pointer (RFC 6901).
    pub pointer: String,
    /// What it is.
    pub kind: SourceKind,
    /// As it stands: a hub id, a URL, or a path on somebody's machine.
    pub name: String,
}

/// What a config names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// The model that this one was loaded from or sits on.
    Model,
    /// A tokenizer.
    Tokenizer,
    /// Data, as of a quantisation's calibration.
    Data,
}

/// Why a file is not a config that every reader sees alike.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelConfigError {
    /// Above [`CONFIG_BYTES`].
    #[error("the config has {0} bytes, at most {CONFIG_BYTES} are read")]
    TooLong(usize),
    /// Not strict JSON.
    #[error("{0}")]
    Json(#[from] JsonError),
    /// More references than are kept.
    #[error("{0}")]
    References(#[from] TooManyReferences),
    /// Neither an object nor an array.
    #[error("the config is neither an object nor an array")]
    Form,
}

impl ModelConfig {
    /// Reads a config of any of these frameworks. A field of another type than it should have
    /// counts as absent.
    pub fn parse(bytes: &[u8]) -> Result<Self, ModelConfigError> {
        if bytes.len() > CONFIG_BYTES {
            return Err(ModelConfigError::TooLong(bytes.len()));
        }
        let config = Value::parse(bytes, VALUES)?;
        if !matches!(config, Value::Object(_) | Value::Array(_)) {
            return Err(ModelConfigError::Form);
        }
        let text = |key| config.get(key).and_then(Value::as_str).map(str::to_owned);
        let architectures = config.get("architectures").map_or(&[][..], Value::items);
        let quantization = config.get("quantization_config").and_then(|q| q.get("quant_method"));
        let named = named_sources(&config)?;
        Ok(Self {
            model_type: text("model_type"),
            architectures: architectures.iter().filter_map(Value::as_str).map(Into::into).collect(),
            dtype: text("dtype").or_else(|| text("torch_dtype")),
            tokenizer_class: text("tokenizer_class"),
            peft_type: text("peft_type"),
            quantization: quantization.and_then(Value::as_str).map(str::to_owned),
            vocab_size: config.get("vocab_size").and_then(Value::as_u64),
            dimensions: Dimensions::of(&config),
            named,
            remote_code: remote_code(&config)?,
        })
    }

    /// The models that the config names.
    pub fn models(&self) -> impl Iterator<Item = &str> {
        let models = self.named.iter().filter(|source| source.kind == SourceKind::Model);
        models.map(|source| source.name.as_str())
    }
}

/// The keys under which frameworks name where something came from.
const KEYS: &[(&str, SourceKind)] = &[
    // transformers writes what was given to `from_pretrained`
    ("_name_or_path", SourceKind::Model),
    ("name_or_path", SourceKind::Model),
    ("model_name_or_path", SourceKind::Model),
    ("pretrained_model_name_or_path", SourceKind::Model),
    // peft
    ("base_model_name_or_path", SourceKind::Model),
    // mergekit, axolotl and hub cards
    ("base_model", SourceKind::Model),
    ("teacher_model", SourceKind::Model),
    // the towers of LLaVA and its kin
    ("mm_vision_tower", SourceKind::Model),
    ("vision_tower", SourceKind::Model),
    ("mm_audio_tower", SourceKind::Model),
    // Whisper- and RAG-like configs, optimum
    ("tokenizer_name_or_path", SourceKind::Tokenizer),
    ("tokenizer_name", SourceKind::Tokenizer),
    ("tokenizer", SourceKind::Tokenizer),
    // GPTQ's and AWQ's calibration (`quantization_config.dataset`), RAG, trainers
    ("dataset", SourceKind::Data),
    ("datasets", SourceKind::Data),
    ("dataset_name", SourceKind::Data),
    ("calib_data", SourceKind::Data),
];

/// The sources that a document of keys and values names.
pub(crate) fn named_sources(document: &Value) -> Result<Vec<NamedSource>, TooManyReferences> {
    let mut named = Vec::new();
    collect_named(document, &mut Pointer::default(), &mut named)?;
    Ok(named)
}

type Named = Vec<NamedSource>;

fn collect_named<'a>(
    value: &'a Value,
    pointer: &mut Pointer<'a>,
    named: &mut Named,
) -> Result<(), TooManyReferences> {
    for (index, item) in value.items().iter().enumerate() {
        pointer.below(Segment::Index(index), |pointer| collect_named(item, pointer, named))?;
    }
    for (key, value) in value.entries() {
        let kind = KEYS.iter().find(|(name, _)| name == key).map(|(_, kind)| *kind);
        pointer.below(Segment::Key(key), |pointer| match kind {
            Some(kind) => collect_names(value, pointer, kind, named),
            None => collect_named(value, pointer, named),
        })?;
    }
    Ok(())
}

fn collect_names<'a>(
    value: &'a Value,
    pointer: &mut Pointer<'a>,
    kind: SourceKind,
    named: &mut Named,
) -> Result<(), TooManyReferences> {
    match value {
        // A calibration may be given as whole texts; a name is short and has one line.
        Value::String(name) if name.len() > 512 || name.contains('\n') => Ok(()),
        Value::String(name) if name.trim().is_empty() => Ok(()),
        Value::String(_) if named.len() >= REFERENCES => Err(TooManyReferences),
        Value::String(name) => {
            named.push(NamedSource { pointer: pointer.to_string(), kind, name: name.clone() });
            Ok(())
        }
        Value::Array(items) => items.iter().enumerate().try_for_each(|(index, item)| {
            pointer
                .below(Segment::Index(index), |pointer| collect_names(item, pointer, kind, named))
        }),
        other => collect_named(other, pointer, named),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_config_of_a_model_is_read() {
        let text = br#"{"_name_or_path": "org/parent", "architectures": ["XForCausalLM"],
            "model_type": "x", "torch_dtype": "bfloat16", "layer_norm_eps": 1e-12,
            "time_step_limit": [0.0, Infinity], "vocab_size": 30522, "auto_map": {"AutoModel": "m.C"},
            "quantization_config": {"quant_method": "gptq", "dataset": ["wikitext2"]}}"#;
        let config = ModelConfig::parse(text).unwrap();
        assert_eq!(config.model_type.as_deref(), Some("x"));
        assert_eq!(config.architectures, ["XForCausalLM"]);
        assert_eq!(config.dtype.as_deref(), Some("bfloat16"));
        assert_eq!(config.quantization.as_deref(), Some("gptq"));
        assert_eq!((config.vocab_size, config.remote_code.len()), (Some(30522), 1));
        assert_eq!(config.models().collect::<Vec<_>>(), ["org/parent"]);
        let data = &config.named[1];
        assert_eq!(data.pointer, "/quantization_config/dataset/0");
        assert_eq!((data.kind, data.name.as_str()), (SourceKind::Data, "wikitext2"));
    }

    #[test]
    fn a_config_of_an_adapter_is_read() {
        let text = br#"{"peft_type": "LORA", "base_model_name_or_path": "org/base", "r": 8}"#;
        let config = ModelConfig::parse(text).unwrap();
        assert_eq!(config.peft_type.as_deref(), Some("LORA"));
        assert_eq!(config.models().collect::<Vec<_>>(), ["org/base"]);
    }

    #[test]
    fn fields_of_another_type_are_absent_and_duplicates_refused() {
        let config = ModelConfig::parse(br#"{"model_type": 3, "architectures": "X"}"#).unwrap();
        assert_eq!((config.model_type, config.architectures.len()), (None, 0));
        let twice = br#"{"auto_map": {}, "\u0061uto_map": {"AutoModel": "a/b--c.D"}}"#;
        assert!(matches!(ModelConfig::parse(twice), Err(ModelConfigError::Json(_))));
        assert_eq!(ModelConfig::parse(b"3"), Err(ModelConfigError::Form));
        let long = vec![b' '; CONFIG_BYTES + 1];
        assert_eq!(ModelConfig::parse(&long), Err(ModelConfigError::TooLong(long.len())));
    }

    proptest! {
        #[test]
        fn any_text_gives_an_answer(
            text in r#"(\{|\}|\[|\]|,|:|"auto_map"|"dataset"|"a--b.c"|"type"|"path"|1|null){0,30}"#
        ) {
            let _ = ModelConfig::parse(text.as_bytes());
        }
    }
}
