//! What a file is by its name: what is read of it for facts.

use fullsource_format::loadable::{Loadable, loadable};
use fullsource_format::path::RelPath;

use crate::read::pickle_file::PickleForm;

/// What is read of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    /// Named like a licence: its text is one that is known, or is not.
    License,
    /// Named like a notice, or lying in a directory of licences: it may be a licence.
    Notice,
    /// Named like terms of use.
    UsePolicy,
    /// A README or a card.
    Card,
    /// A package's description of itself.
    Package(PackageKind),
    /// A config in JSON; `tokenizer` where it is one of a tokenizer.
    Json { tokenizer: bool },
    /// Settings in YAML.
    Yaml,
    /// Weights.
    Safetensors,
    /// Weights.
    Gguf,
    /// It may hold pickles.
    Pickle(PickleForm),
    /// Of the project's own kind: a manifest, a bundle, a file index.
    Manifest,
    /// Of a version control system's housekeeping.
    Housekeeping,
    /// Nothing is read of it.
    Other,
}

/// Whose package it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PackageKind {
    Cargo,
    Pyproject,
    SetupCfg,
    Npm,
    Citation,
}

impl FileKind {
    /// By the path from the artifact's root.
    pub(super) fn of(path: &str) -> Self {
        let lower = path.to_lowercase();
        let (directories, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        by_name(name)
            .or_else(|| by_extension(extension))
            .or_else(|| legal(directories, name, stem, extension))
            .or_else(|| pickle(name, extension))
            .or_else(|| config(path, name, extension))
            .unwrap_or(Self::Other)
    }

    /// Bytes that its reader takes at once; none where it reads as they come, or not at all.
    pub(super) const fn whole(self) -> usize {
        match self {
            // One more than is recognised, to know a longer one.
            Self::License | Self::Notice => crate::read::license_text::LICENSE_BYTES + 1,
            Self::UsePolicy => 64 << 10,
            Self::Card | Self::Package(_) => 1 << 20,
            Self::Json { .. } => crate::read::model_config::CONFIG_BYTES + 1,
            Self::Yaml => crate::read::yaml::YAML_BYTES + 1,
            _ => 0,
        }
    }
}

fn by_name(name: &str) -> Option<FileKind> {
    use FileKind::{Card, Housekeeping, Manifest, Package};
    Some(match name {
        "cargo.toml" => Package(PackageKind::Cargo),
        "pyproject.toml" => Package(PackageKind::Pyproject),
        "setup.cfg" => Package(PackageKind::SetupCfg),
        "package.json" => Package(PackageKind::Npm),
        "citation.cff" => Package(PackageKind::Citation),
        "fullsource.json" | "fullsource.sigstore.json" | "fullsource.dsse.json" => Manifest,
        ".gitattributes" | ".gitignore" | ".gitmodules" | ".gitkeep" | ".keep" => Housekeeping,
        "readme" | "readme.md" | "readme.txt" | "readme.rst" | "readme.markdown" => Card,
        "model_card.md" | "modelcard.md" | "model-card.md" => Card,
        "data_card.md" | "dataset_card.md" | "data-card.md" | "datasheet.md" => Card,
        name if name.ends_with(".files.jsonl") => Manifest,
        // Of other languages: `README_zh.md`, `README.ja.md`.
        name if is_translated_readme(name) => Card,
        _ => return None,
    })
}

fn is_translated_readme(name: &str) -> bool {
    let rest = name.strip_prefix("readme").and_then(|rest| rest.strip_suffix(".md"));
    rest.and_then(|rest| rest.strip_prefix(['.', '_', '-'])).is_some_and(|language| {
        let letters = |c: char| c.is_ascii_alphabetic() || "-_".contains(c);
        (2..=7).contains(&language.len()) && language.chars().all(letters)
    })
}

fn by_extension(extension: &str) -> Option<FileKind> {
    match extension {
        "safetensors" => Some(FileKind::Safetensors),
        "gguf" => Some(FileKind::Gguf),
        _ => None,
    }
}

/// Extensions of texts that people read.
const TEXT: &[&str] = &["", "txt", "md", "rst", "markdown"];
/// Extensions of texts in a form that is not read here.
const FORMATTED: &[&str] = &["pdf", "html", "htm", "docx", "rtf"];
/// Extensions of what is no text of a licence whatever its name.
#[rustfmt::skip]
const NOT_LEGAL: &[&str] = &[
    "py", "rs", "c", "h", "cc", "cpp", "hpp", "go", "java", "js", "ts", "tsx", "jsx", "rb", "sh", "lua", "php",
    "cs", "swift", "kt", "json", "jsonl", "csv", "tsv", "yaml", "yml", "toml", "xml", "ini", "cfg", "lock",
    "png", "jpg", "jpeg", "svg", "gif", "parquet", "arrow", "gz", "zip", "zst", "tmpl", "j2", "spdx", "ipynb",
];

fn legal(directories: &str, name: &str, stem: &str, extension: &str) -> Option<FileKind> {
    if NOT_LEGAL.contains(&extension) {
        return None;
    }
    let text = TEXT.contains(&extension) || FORMATTED.contains(&extension);
    let starts = |words: &[&str]| words.iter().any(|word| is_word(name, word));
    let policies = [
        "use_policy",
        "use-policy",
        "usage_policy",
        "usage-policy",
        "acceptable_use",
        "acceptable-use",
        "acceptable_use_policy",
        "acceptable-use-policy",
        "prohibited_use",
        "prohibited-use",
        "prohibited_use_policy",
        "use_restrictions",
        "use-restrictions",
        "terms_of_use",
        "terms-of-use",
        "terms_of_service",
        "terms-of-service",
    ];
    if text && starts(&policies) {
        return Some(FileKind::UsePolicy);
    }
    // `LICENSE.MIT`, `LICENSE-APACHE`, `COPYING.LESSER`, `LICENSE_MODEL.txt`
    if starts(&["license", "licence", "licenses", "licences", "copying", "unlicense"]) {
        return Some(FileKind::License);
    }
    // `MIT-LICENSE.txt`, `apache-license`
    let suffix = ["-license", "_license", ".license", "-licence", "_licence"];
    let base = if TEXT.contains(&extension) { stem } else { name };
    if suffix.iter().any(|suffix| base.ends_with(suffix)) && text {
        return Some(FileKind::License);
    }
    if text && starts(&["notice", "third_party_notices", "third-party-notices", "copyright"]) {
        return Some(FileKind::Notice);
    }
    let parent = directories.rsplit('/').next().unwrap_or_default();
    let listed = matches!(parent, "licenses" | "licences" | "license");
    (listed && TEXT.contains(&extension)).then_some(FileKind::Notice)
}

/// Whether a name starts with a word that ends there.
fn is_word(name: &str, word: &str) -> bool {
    let rest = name.strip_prefix(word);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_', ' ']))
}

fn pickle(name: &str, extension: &str) -> Option<FileKind> {
    let form = match extension {
        "pkl" | "pickle" | "pt" | "pth" | "joblib" | "dill" | "npy" | "npz" => PickleForm::Certain,
        // Of frameworks that read pickles, and of others that do not.
        "ckpt" | "bin" | "pdparams" | "pdopt" | "distcp" | "p" => PickleForm::Maybe,
        _ => return None,
    };
    let torch = ["pytorch_model", "adapter_model", "training_args", "optimizer", "scheduler"];
    let certain = extension == "bin" && torch.iter().any(|start| name.starts_with(start));
    Some(FileKind::Pickle(if certain { PickleForm::Certain } else { form }))
}

fn config(path: &str, name: &str, extension: &str) -> Option<FileKind> {
    match extension {
        "yaml" | "yml" => return Some(FileKind::Yaml),
        "json" if !name.ends_with(".index.json") => {}
        _ => return None,
    }
    let class = path.parse::<RelPath>().ok().and_then(|path| loadable(&path));
    match (class, name) {
        (_, "tokenizer_config.json") => Some(FileKind::Json { tokenizer: true }),
        (Some(Loadable::Config), _) => Some(FileKind::Json { tokenizer: false }),
        // `training_args.json`, `train_config.json`, `sft-args.json`
        (None, name) if ["train", "config", "args"].iter().any(|word| name.contains(word)) => {
            Some(FileKind::Json { tokenizer: false })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_read() {
        use FileKind::*;
        for (path, kind) in [
            ("LICENSE", License),
            ("sub/LICENSE.MIT", License),
            ("License-Apache-2.0.txt", License),
            ("COPYING.LESSER", License),
            ("MIT-LICENSE.txt", License),
            ("LICENSE.pdf", License),
            ("license.py", Other),
            ("license_plates.csv", Other),
            ("licensed.txt", Other),
            ("NOTICE", Notice),
            ("notice_board.py", Other),
            ("LICENSES/MIT.txt", Notice),
            ("USE_POLICY.md", UsePolicy),
            ("Acceptable-Use-Policy.pdf", UsePolicy),
            ("README.md", Card),
            ("docs/readme_zh.md", Card),
            ("README-old-notes.md", Other),
            ("config.json", Json { tokenizer: false }),
            ("a/tokenizer_config.json", Json { tokenizer: true }),
            ("tokenizer.json", Other),
            ("model.safetensors.index.json", Other),
            ("training_args.json", Json { tokenizer: false }),
            ("data.json", Other),
            ("conf/train.yaml", Yaml),
            ("model.safetensors", Safetensors),
            ("m.GGUF", Gguf),
            ("pytorch_model.bin", Pickle(PickleForm::Certain)),
            ("tokens.bin", Pickle(PickleForm::Maybe)),
            ("model.pt", Pickle(PickleForm::Certain)),
            ("fullsource.json", Manifest),
            ("x.files.jsonl", Manifest),
            (".gitattributes", Housekeeping),
        ] {
            assert_eq!(FileKind::of(path), kind, "{path}");
        }
    }
}
