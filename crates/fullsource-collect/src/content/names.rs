//! Base models, data sets and tokenizers that cards and configs name.

use fullsource_format::evidence::{ContentFact, ContentFactKind};

use super::facts::one_line;
use crate::read::json::Value;
use crate::read::model_config::{NamedSource, SourceKind, named_sources};

/// The facts of what a config names: only names of the form `org/name`, or addresses on the hub. A
/// name without an owner, and a path on somebody's machine, say nothing that can be held against a
/// manifest.
pub(super) fn of_config(path: &str, named: &[NamedSource], tokenizer: bool) -> Vec<ContentFact> {
    let fact = |source: &NamedSource| {
        let kind = match source.kind {
            SourceKind::Model if tokenizer => ContentFactKind::NamesTokenizer,
            SourceKind::Model => ContentFactKind::NamesBaseModel,
            SourceKind::Tokenizer => ContentFactKind::NamesTokenizer,
            SourceKind::Data => ContentFactKind::NamesDataset,
        };
        Some(ContentFact::new(kind).at(path).saying(owned_name(&source.name)?))
    };
    named.iter().filter_map(fact).collect()
}

/// The same of settings that are no config of a model.
pub(super) fn of_settings(path: &str, settings: &Value) -> Vec<ContentFact> {
    named_sources(settings).map(|named| of_config(path, &named, false)).unwrap_or_default()
}

/// The facts of what a card's front matter names. What stands there is an id of the hub, which may
/// lack an owner (`gpt2`).
pub(super) fn of_card(path: &str, kind: ContentFactKind, names: &[String]) -> Vec<ContentFact> {
    let name = |name: &String| owned_name(name).or_else(|| is_word(name).then(|| name.clone()));
    let fact = |name: String| ContentFact::new(kind).at(path).saying(one_line(&name));
    names.iter().filter_map(name).map(fact).collect()
}

/// `org/name`, taken out of its address on the hub where it stands in one.
fn owned_name(text: &str) -> Option<String> {
    let hub = ["https://huggingface.co/", "https://hf.co/", "hf://", "hf:"];
    let bare = hub.iter().find_map(|start| text.strip_prefix(start));
    let bare = bare.map(|rest| {
        let rest = rest.strip_prefix("datasets/").or(rest.strip_prefix("models/")).unwrap_or(rest);
        let end = rest.match_indices('/').nth(1).map_or(rest.len(), |(at, _)| at);
        rest[..end].split(['@', '?', '#']).next().unwrap_or_default()
    });
    let name = bare.unwrap_or(text.trim());
    let (owner, repository) = name.split_once('/')?;
    let plain = is_word(owner) && is_word(repository) && !repository.contains('/');
    let local = bare.is_none() && is_local(owner, repository);
    (plain && !local).then(|| name.to_owned())
}

fn is_word(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    let starts = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    (1..=96).contains(&text.len()) && starts && text.bytes().all(plain)
}

/// Names of directories that programs write to and people keep things in.
#[rustfmt::skip]
const DIRECTORIES: &[&str] = &[
    "output", "outputs", "out", "checkpoint", "checkpoints", "ckpt", "ckpts", "model", "models", "data", "dataset",
    "datasets", "result", "results", "run", "runs", "save", "saves", "saved", "saved_models", "tmp", "temp",
    "cache", "home", "root", "mnt", "workspace", "weights", "pretrained", "pretrained_models", "experiments",
    "exp", "exps", "logs", "train", "training", "finetuned", "merged", "export", "exports", "artifacts", "hf_models",
    "local", "assets", "configs", "config", "src", "lib", "test", "tests", "examples", "scripts", "tokenizer",
    "tokenizers", "base_model", "base_models", "trained_models", "work_dirs", "work_dir", "lora", "sft", "dpo",
];
/// Extensions of files, which are no repositories. `.bin` and the like end no name on the hub either.
const FILES: &[&str] = &[
    "json",
    "jsonl",
    "csv",
    "tsv",
    "txt",
    "parquet",
    "arrow",
    "yaml",
    "yml",
    "py",
    "pt",
    "pth",
    "bin",
    "ckpt",
    "safetensors",
    "gguf",
    "model",
    "gz",
    "zst",
    "zip",
    "tar",
    "npz",
    "npy",
    "pkl",
    "md",
];

fn is_local(owner: &str, repository: &str) -> bool {
    let owner = owner.to_ascii_lowercase();
    let extension = repository.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
    let step = ["checkpoint-", "checkpoint_", "step_", "step-", "epoch", "global_step"];
    DIRECTORIES.contains(&owner.as_str())
        || extension.is_some_and(|extension| FILES.contains(&extension.as_str()))
        || step.iter().any(|start| repository.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_repositories_are_told_from_paths() {
        for (text, name) in [
            ("meta-llama/Llama-3.1-8B", Some("meta-llama/Llama-3.1-8B")),
            ("https://huggingface.co/datasets/o/n/tree/main", Some("o/n")),
            ("https://huggingface.co/o/n", Some("o/n")),
            ("hf://datasets/o/n@main/x.parquet", Some("o/n")),
            ("Qwen/Qwen2.5-0.5B", Some("Qwen/Qwen2.5-0.5B")),
            ("gpt2", None),
            ("./o/n", None),
            ("/mnt/o/n", None),
            ("~/o/n", None),
            ("../o", None),
            ("o/n/checkpoint-5", None),
            ("outputs/run", None),
            ("me/checkpoint-500", None),
            ("data/train.jsonl", None),
            ("foo/train.jsonl", None),
            ("o/n m", None),
            ("C:\\o\\n", None),
            ("https://example.org/o/n", None),
            ("", None),
        ] {
            assert_eq!(owned_name(text).as_deref(), name, "{text}");
        }
        let card =
            of_card("README.md", ContentFactKind::NamesBaseModel, &["gpt2".into(), "./x".into()]);
        assert_eq!(card.len(), 1);
    }
}
