//! Which role a file has by its name and place.
//!
//! Names are those that frameworks and people give; a name proves nothing, so a row says how sure
//! it is.

use fullsource_format::loadable::{self, Loadable};
use fullsource_format::path::RelPath;

use super::role_guess::Certainty::{self, Hint, Name};

/// A role and how sure it is; none for a file whose name says nothing.
pub(super) fn by_name(path: &RelPath) -> Option<(&'static str, Certainty)> {
    let lower = path.as_str().to_lowercase();
    let (dirs, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let code = CODE_EXTENSIONS.contains(&extension);
    license(stem, name, code)
        .or_else(|| card(dirs, name))
        .or_else(|| if in_checkpoint(dirs) { checkpoint(path, name) } else { None })
        .or_else(|| by_table(name, NAMES))
        .or_else(|| if code { code_role(dirs, stem) } else { None })
        .or_else(|| results(dirs, stem, extension))
        .or_else(|| loaded(path, name, stem))
        .or_else(|| document(stem, extension))
}

type Guess = Option<(&'static str, Certainty)>;

fn license(stem: &str, name: &str, code: bool) -> Guess {
    const STARTS: [&str; 8] = [
        "license",
        "licence",
        "copying",
        "notice",
        "unlicense",
        "use_policy",
        "acceptable_use",
        "third_party_notices",
    ];
    let legal = !code && STARTS.iter().any(|start| stem.starts_with(start));
    let text =
        name == stem || [".txt", ".md", ".rst", ".pdf", ".html"].iter().any(|e| name.ends_with(e));
    let dotted = ["license.", "licence.", "license-", "licence-", "copying."];
    let text = text || dotted.iter().any(|start| name.starts_with(start));
    (legal && text).then_some(("doc.license", Name))
}

fn card(dirs: &str, name: &str) -> Guess {
    match name {
        "readme.md" | "readme" | "readme.txt" if dirs.is_empty() => Some(("doc.model-card", Name)),
        "model_card.md" | "modelcard.md" | "model-card.md" => Some(("doc.model-card", Name)),
        "data_card.md" | "dataset_card.md" | "data-card.md" | "datasheet.md" => {
            Some(("doc.data-card", Name))
        }
        _ => None,
    }
}

/// `checkpoint-500/`, `global_step1000/`, `step_10/`, `checkpoints/`.
fn in_checkpoint(dirs: &str) -> bool {
    let numbered = |part: &str, start: &str| {
        let rest = part.strip_prefix(start).map(|rest| rest.trim_start_matches(['-', '_']));
        rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    dirs.split('/').any(|part| {
        part == "checkpoints"
            || ["checkpoint", "global_step", "step", "iter", "epoch"]
                .iter()
                .any(|s| numbered(part, s))
    })
}

/// In a checkpoint's directory everything belongs to the checkpoint.
fn checkpoint(path: &RelPath, name: &str) -> Guess {
    match (loadable::loadable(path), name) {
        (_, "trainer_state.json") => Some(("log.training", Name)),
        (_, "training_args.bin") => Some(("config.training", Name)),
        (Some(Loadable::TrainingState), _) => Some(("weights.optimizer", Name)),
        (Some(Loadable::Code), _) | (None, _) => None,
        (Some(_), _) if name.starts_with("optimizer") => Some(("weights.optimizer", Name)),
        (Some(_), _) => Some(("weights.intermediate", Name)),
    }
}

fn loaded(path: &RelPath, name: &str, stem: &str) -> Guess {
    Some(match loadable::loadable(path)? {
        Loadable::TrainingState => ("weights.optimizer", Name),
        Loadable::Weights if name.contains("imatrix") => ("data.calibration", Hint),
        Loadable::Weights if stem.starts_with("optimizer") => ("weights.optimizer", Name),
        Loadable::Weights if stem.contains("value_head") || stem.contains("reward") => {
            ("weights.reward", Hint)
        }
        Loadable::Weights => ("weights.final", Name),
        Loadable::Tokenizer => ("tokenizer.model", Name),
        Loadable::Config if name.ends_with(".index.json") => ("weights.final", Name),
        Loadable::Config => ("config.model", Name),
        Loadable::Code => ("code.architecture", Hint),
    })
}

fn code_role(dirs: &str, stem: &str) -> Guess {
    let starts = |words: &[&str]| words.iter().any(|word| stem.starts_with(word));
    let has = |words: &[&str]| words.iter().any(|word| stem.contains(word));
    let below = |words: &[&str]| dirs.split('/').any(|part| words.contains(&part));
    const FRAMEWORK: &[&str] = &[
        "modeling_",
        "configuration_",
        "modular_",
        "tokenization_",
        "processing_",
        "image_processing_",
        "feature_extraction_",
    ];
    if starts(FRAMEWORK) {
        return Some(("code.architecture", Name));
    }
    let role = if starts(&["eval", "benchmark", "run_eval"]) || below(&["eval", "evaluation"]) {
        "code.evaluation"
    } else if has(&["train", "finetune", "fine_tune"])
        || starts(&["sft", "dpo", "grpo", "ppo", "rlhf"])
    {
        "code.training"
    } else if has(&["crawl", "scrape", "download_data", "collect"]) {
        "code.data-collection"
    } else if has(&["preprocess", "prepare", "dedup", "filter", "tokenize_data", "make_dataset"]) {
        "code.preprocessing"
    } else if starts(&["convert", "quantize", "merge", "prune", "export"]) {
        "code.transform"
    } else if starts(&[
        "inference",
        "infer",
        "generate",
        "handler",
        "pipeline",
        "predict",
        "demo",
        "app",
        "serve",
    ]) {
        "code.inference"
    } else if below(&["train", "training", "trainer"]) {
        "code.training"
    } else if below(&["data", "preprocessing", "data_prep"]) {
        "code.preprocessing"
    } else if stem == "model" || below(&["model", "models", "modeling"]) {
        "code.architecture"
    } else {
        return None;
    };
    Some((role, Hint))
}

fn results(dirs: &str, stem: &str, extension: &str) -> Guess {
    let table = matches!(extension, "json" | "jsonl" | "yaml" | "yml" | "csv" | "txt" | "toml");
    let below = |word: &str| dirs.split('/').any(|part| part == word);
    if stem.contains("tfevents") || extension.contains("tfevents") || below("wandb") {
        Some(("log.training", Name))
    } else if !table {
        (extension == "log" && stem.contains("train")).then_some(("log.training", Hint))
    } else if stem.starts_with("eval_result")
        || stem.starts_with("test_result")
        || below("eval_results")
    {
        Some(("eval.results", Name))
    } else if stem.starts_with("results") || stem.contains("evaluation_results") {
        Some(("eval.results", Hint))
    } else if stem.starts_with("mergekit") || stem.contains("merge_config") {
        Some(("config.transform", Name))
    } else if [
        "train",
        "sft",
        "dpo",
        "hparams",
        "hyperparam",
        "axolotl",
        "recipe",
        "deepspeed",
        "ds_config",
    ]
    .iter()
    .any(|start| stem.starts_with(start))
    {
        Some(("config.training", Hint))
    } else {
        None
    }
}

fn document(stem: &str, extension: &str) -> Guess {
    match extension {
        "pdf" if stem.contains("report") => Some(("doc.technical-report", Hint)),
        "pdf" => Some(("doc.paper", Hint)),
        "bib" | "tex" => Some(("doc.paper", Hint)),
        _ => None,
    }
}

fn by_table(name: &str, table: &[(&str, &'static str, Certainty)]) -> Guess {
    let row = table.iter().find(|(known, _, _)| *known == name)?;
    Some((row.1, row.2))
}

const CODE_EXTENSIONS: &[&str] = &[
    "py", "ipynb", "rs", "c", "cc", "cpp", "cu", "h", "hpp", "go", "jl", "js", "ts", "sh", "java",
];

/// Names that say more than their form does.
#[rustfmt::skip]
const NAMES: &[(&str, &str, Certainty)] = &[
    // transformers' Trainer
    ("training_args.bin", "config.training", Name),
    ("trainer_state.json", "log.training", Name),
    ("trainer_log.jsonl", "log.training", Name),
    ("all_results.json", "eval.results", Name),
    ("eval_results.json", "eval.results", Name),
    ("train_results.json", "log.training", Name),
    // sentence-transformers lists its training data here
    ("data_config.json", "config.training", Hint),
    // quantisation and merging
    ("quantize_config.json", "config.transform", Name),
    ("quant_config.json", "config.transform", Name),
    ("mergekit_config.yml", "config.transform", Name),
    ("mergekit_config.yaml", "config.transform", Name),
    // environments
    ("requirements.txt", "env.lock", Hint),
    ("environment.yml", "env.lock", Hint),
    ("environment.yaml", "env.lock", Hint),
    ("conda.yaml", "env.lock", Hint),
    ("python_env.yaml", "env.lock", Hint),
    ("poetry.lock", "env.lock", Name),
    ("uv.lock", "env.lock", Name),
    ("pdm.lock", "env.lock", Name),
    ("pipfile.lock", "env.lock", Name),
    ("pixi.lock", "env.lock", Name),
    ("pylock.toml", "env.lock", Name),
    ("conda-lock.yml", "env.lock", Name),
    ("cargo.lock", "env.lock", Name),
    ("package-lock.json", "env.lock", Name),
    ("flake.lock", "env.lock", Name),
    ("dockerfile", "env.container", Name),
    ("containerfile", "env.container", Name),
    ("apptainer.def", "env.container", Name),
    ("rust-toolchain.toml", "env.toolchain", Name),
    (".python-version", "env.toolchain", Name),
    (".tool-versions", "env.toolchain", Name),
];
