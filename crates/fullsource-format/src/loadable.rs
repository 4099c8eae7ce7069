//! Which files a framework would load, by their names.
//!
//! A release that leaves such a file uncovered is a release whose behaviour nobody signed. The
//! tables err on the side of loading: a name is here if any common framework opens it by itself or
//! on request. Names are compared in lower case, since some file systems do.
//!
//! Spec: `spec/v0.1/verification.md`.

use crate::path::RelPath;

/// What a framework takes a file for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Loadable {
    /// Parameters of a model.
    Weights,
    /// State of a training run: optimizer, scheduler, random numbers, arguments.
    TrainingState,
    /// A tokenizer's model, vocabulary or settings.
    Tokenizer,
    /// Settings that choose what is loaded, and from where.
    Config,
    /// Code that is imported or linked.
    Code,
}

/// What a framework would take this file for, if it would load it.
pub fn loadable(path: &RelPath) -> Option<Loadable> {
    let name = path.file_name().to_ascii_lowercase();
    let name = name.as_str();
    let extension = path.extension().unwrap_or_default();
    let is = |table: &[&str]| table.contains(&name);
    let ends = |table: &[&str]| table.contains(&extension.as_str());
    if is_training_state(name) {
        Some(Loadable::TrainingState)
    } else if is(TOKENIZER_NAMES) || ends(TOKENIZER_EXTENSIONS) {
        Some(Loadable::Tokenizer)
    } else if is(CONFIG_NAMES) || name.ends_with(".index.json") || ends(CONFIG_EXTENSIONS) {
        Some(Loadable::Config)
    } else if ends(CODE_EXTENSIONS) || name.contains(".so.") {
        Some(Loadable::Code)
    } else if ends(WEIGHT_EXTENSIONS) || is_tensorflow_shard(name) {
        Some(Loadable::Weights)
    } else if is_config_like(name, &extension) {
        Some(Loadable::Config)
    } else {
        None
    }
}

/// Whether a framework would load this file.
pub fn is_loadable(path: &RelPath) -> bool {
    loadable(path).is_some()
}

/// Whether a framework would load this file as a model's parameters.
pub fn is_weight_file(path: &RelPath) -> bool {
    loadable(path) == Some(Loadable::Weights)
}

/// Formats of parameters.
#[rustfmt::skip]
const WEIGHT_EXTENSIONS: &[&str] = &[
    // transformers, diffusers, peft: safetensors, PyTorch, TensorFlow and Flax checkpoints
    "safetensors", "bin", "pt", "pth", "ckpt", "h5", "msgpack",
    // PyTorch: export, mobile, ExecuTorch, distributed checkpoints
    "pt2", "ptl", "pte", "distcp",
    // llama.cpp, ggml and what packs them
    "gguf", "ggml", "llamafile",
    // Keras and TensorFlow: HDF5, v3 archives, saved models, Lite
    "hdf5", "keras", "pb", "tflite",
    // ONNX, its external data, ONNX Runtime, OpenVINO, TensorRT
    "onnx", "onnx_data", "ort", "engine", "plan",
    // NumPy archives (JAX, MLX) and Python pickles (scikit-learn)
    "npz", "npy", "pkl", "pickle", "joblib", "dill", "skops",
    // archives that hold a model: TorchServe, NeMo, Core ML
    "mar", "nemo", "mlmodel",
    // XGBoost, LightGBM and CatBoost, fastText, PaddlePaddle, MXNet
    "model", "ubj", "cbm", "ftz", "pdparams", "pdiparams", "pdmodel", "params",
];

/// Files that transformers and tokenizers open by name (`tokenization_utils_base.py`,
/// `VOCAB_FILES_NAMES` of the tokenizers), and mistral-common.
#[rustfmt::skip]
const TOKENIZER_NAMES: &[&str] = &[
    "tokenizer.json", "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json",
    "added_tokens.json", "vocab.json", "vocab.txt", "vocab.bpe", "merges.txt", "encoder.json",
    "normalizer.json", "spiece.model", "sentencepiece.bpe.model", "sentencepiece.model",
    "spm.model", "source.spm", "target.spm", "tekken.json", "dict.txt", "chat_template.json",
    "chat_template.jinja", "tokenizer.model.v1", "tokenizer.model.v2", "tokenizer.model.v3",
];

/// Vocabularies of sentencepiece and tiktoken, and chat templates.
const TOKENIZER_EXTENSIONS: &[&str] = &["spm", "tiktoken", "jinja", "jinja2"];

/// Files that frameworks open by name.
#[rustfmt::skip]
const CONFIG_NAMES: &[&str] = &[
    // transformers and peft
    "config.json", "generation_config.json", "preprocessor_config.json",
    "processor_config.json", "video_preprocessor_config.json", "adapter_config.json",
    "quantize_config.json", "quant_config.json", "quantization_config.json",
    "hf_quant_config.json",
    // diffusers
    "model_index.json", "modular_model_index.json", "modular_config.json",
    "scheduler_config.json",
    // sentence-transformers
    "modules.json", "sentence_bert_config.json", "config_sentence_transformers.json",
    "router_config.json",
    // open_clip, timm, Meta's and Mistral's own loaders, MLC, Keras
    "open_clip_config.json", "params.json", "mlc-chat-config.json", "ndarray-cache.json",
    "tensor-cache.json", "metadata.json", "preprocessor.json", "task.json",
    // SpeechBrain (its YAML makes Python objects), NeMo, MLflow (its file names a loader module)
    "hyperparams.yaml", "hyperparams.yml", "model_config.yaml", "config.yaml", "config.yml",
    "mlmodel", "conda.yaml", "python_env.yaml",
    // what is installed before the code runs, and Ollama's and Cog's descriptions
    "requirements.txt", "modelfile", "cog.yaml", "openvino_model.xml",
];

/// Files whose form is a config of a model whatever their name.
const CONFIG_EXTENSIONS: &[&str] = &["mlpackage", "prototxt", "pbtxt"];

/// What Python imports and what a process links.
const CODE_EXTENSIONS: &[&str] = &["py", "pyc", "pyx", "so", "dll", "dylib", "pyd", "whl", "egg"];

/// Names of `Trainer` in transformers (`trainer.py`, `trainer_utils.py`) and of DeepSpeed.
fn is_training_state(name: &str) -> bool {
    let names = [
        "training_args.bin",
        "optimizer.pt",
        "optimizer.bin",
        "scheduler.pt",
        "scheduler.bin",
        "scaler.pt",
        "trainer_state.json",
        "rng_state.pth",
        "random_states_0.pkl",
    ];
    names.contains(&name)
        || (name.starts_with("rng_state_") && name.ends_with(".pth"))
        || (name.starts_with("random_states_") && name.ends_with(".pkl"))
        || name.ends_with("_optim_states.pt")
}

/// `model.ckpt-1000.data-00000-of-00001` and its `.index` and `.meta`.
fn is_tensorflow_shard(name: &str) -> bool {
    let shard = name.rsplit_once(".data-").is_some_and(|(_, number)| number.contains("-of-"));
    shard || name.ends_with(".onnx.data") || name.ends_with(".ckpt.index") || {
        let checkpoint = name.contains(".ckpt-") || name.starts_with("variables.");
        checkpoint && (name.ends_with(".index") || name.ends_with(".meta"))
    }
}

/// Settings under other names: `tokenizer_2.json`, `vision_config.json`, `sentence_t5_config.json`.
fn is_config_like(name: &str, extension: &str) -> bool {
    matches!(extension, "json" | "yaml" | "yml")
        && (name.starts_with("tokenizer")
            || name.starts_with("config")
            || name.contains("_config."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Option<Loadable> {
        loadable(&path.parse().unwrap())
    }

    #[test]
    fn weights_are_known_by_their_form() {
        for path in [
            "model.safetensors",
            "MODEL.SafeTensors",
            "a/pytorch_model-00001-of-00002.bin",
            "x.gguf",
            "checkpoint-5/model.pt",
            "saved_model.pb",
            "xgb.model",
            "model.ckpt-9.data-00000-of-00001",
            "model.ckpt-9.index",
            "onnx/model.onnx_data",
            "model.onnx.data",
        ] {
            assert!(is_weight_file(&path.parse().unwrap()), "{path}");
        }
    }

    #[test]
    fn what_a_framework_loads_by_name_is_known() {
        for (path, kind) in [
            ("tokenizer.model", Loadable::Tokenizer),
            ("sub/Tokenizer_Config.json", Loadable::Tokenizer),
            ("optimizer.pt", Loadable::TrainingState),
            ("rng_state_3.pth", Loadable::TrainingState),
            ("model.safetensors.index.json", Loadable::Config),
            ("1_Pooling/config.json", Loadable::Config),
            ("vision_config.json", Loadable::Config),
            ("modeling_x.py", Loadable::Code),
            ("libx.so.1.2", Loadable::Code),
        ] {
            assert_eq!(of(path), Some(kind), "{path}");
            assert!(is_loadable(&path.parse().unwrap()));
        }
    }

    #[test]
    fn what_people_read_is_not_loadable() {
        for path in ["README.md", "LICENSE", "notes.txt", "eval_results.json", "loss.png", "bin"] {
            assert_eq!(of(path), None, "{path}");
        }
    }
}
