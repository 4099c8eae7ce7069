//! A draft of what the files of a release are, for `init`.
//!
//! A guess is a place to start, never a fact: it comes from names, and from what the readers of
//! this module saw in the files where they were given.

use std::collections::{BTreeMap, BTreeSet};

use fullsource_format::loadable;
use fullsource_format::path::RelPath;

use super::gguf::Gguf;
use super::model_config::ModelConfig;
use super::role_names;
use super::safetensors_index::SafetensorsIndex;

/// What was read in the files, by path. Every map may be empty.
#[derive(Debug, Default)]
pub struct ReadFacts {
    /// Indexes of shards.
    pub indexes: BTreeMap<RelPath, SafetensorsIndex>,
    /// `config.json`, `adapter_config.json` and their like.
    pub configs: BTreeMap<RelPath, ModelConfig>,
    /// GGUF headers.
    pub ggufs: BTreeMap<RelPath, Gguf>,
}

/// How sure a guess is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// The name is only like those of such files.
    Hint,
    /// The name is the one by which frameworks know such files.
    Name,
    /// The content says so.
    Content,
}

/// Files that make one artifact of this role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleGuess {
    /// An id for the artifact, unique among the guesses: `weights`, `weights-pytorch_model-bin`.
    pub id: String,
    /// A role of the registry.
    pub role: &'static str,
    /// The files, sorted, at least one.
    pub files: Vec<RelPath>,
    /// Of the least sure of them.
    pub certainty: Certainty,
}

/// What the files of a release seem to be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoleGuesses {
    /// Sorted by role, the preferred form of the weights first.
    pub artifacts: Vec<RoleGuess>,
    /// Files about which nothing can be said.
    pub unplaced: Vec<RelPath>,
    /// Shards that an index names and that are not there: the index and the shard.
    pub missing_shards: Vec<(RelPath, RelPath)>,
    /// The kind of the last stage, where the files show it: `adapter`, `quantize`, `merge`.
    pub stage_kind: Option<&'static str>,
}

/// Guesses the roles of the files of a release.
pub fn guess_roles(files: &[RelPath], facts: &ReadFacts) -> RoleGuesses {
    let shards = shards(facts);
    let pipeline = files.iter().any(|f| matches!(f.as_str(), "model_index.json" | "modules.json"));
    let mut groups: BTreeMap<(&'static str, usize, String), RoleGuess> = BTreeMap::new();
    let mut unplaced = Vec::new();
    let sorted: BTreeSet<&RelPath> = files.iter().collect();
    for &file in &sorted {
        let Some((role, certainty)) = role(file, facts, &shards) else {
            unplaced.push(file.clone());
            continue;
        };
        let (rank, group) = group(role, file, &shards, pipeline);
        let guess = groups.entry((role, rank, group)).or_insert_with(|| RoleGuess {
            id: String::new(),
            role,
            files: Vec::new(),
            certainty,
        });
        guess.files.push(file.clone());
        guess.certainty = guess.certainty.min(certainty);
    }
    let missing_shards = shards.iter().filter(|(shard, _)| !sorted.contains(shard));
    RoleGuesses {
        artifacts: with_ids(groups),
        unplaced,
        missing_shards: missing_shards.map(|(s, index)| ((*index).clone(), s.clone())).collect(),
        stage_kind: stage_kind(files, facts),
    }
}

/// The shards that indexes name, as paths of the release, with the index of each.
fn shards(facts: &ReadFacts) -> BTreeMap<RelPath, &RelPath> {
    let of = |(index, content): (&'_ RelPath, &SafetensorsIndex)| {
        let dir = index.as_str().rsplit_once('/').map_or("", |(dir, _)| dir).to_owned();
        let join = move |shard: &RelPath| match dir.as_str() {
            "" => Some(shard.clone()),
            dir => format!("{dir}/{shard}").parse().ok(),
        };
        content.files.iter().filter_map(join).collect::<Vec<_>>()
    };
    let all = facts.indexes.iter();
    all.flat_map(|entry| of(entry).into_iter().map(move |shard| (shard, entry.0))).collect()
}

fn role(
    file: &RelPath,
    facts: &ReadFacts,
    shards: &BTreeMap<RelPath, &RelPath>,
) -> Option<(&'static str, Certainty)> {
    let by_name = role_names::by_name(file);
    if let Some(gguf) = facts.ggufs.get(file) {
        return match gguf.kind() {
            Some("imatrix") => Some(("data.calibration", Certainty::Content)),
            Some("vocab") => Some(("tokenizer.model", Certainty::Content)),
            _ => Some(("weights.final", Certainty::Content)),
        };
    }
    match by_name {
        Some(("weights.final", _)) if shards.contains_key(file) => {
            Some(("weights.final", Certainty::Content))
        }
        // An index may name a file of any name.
        None if shards.contains_key(file) => Some(("weights.final", Certainty::Content)),
        other => other,
    }
}

/// What files of one role make one artifact: all of them, but weights by form and name.
fn group(
    role: &str,
    file: &RelPath,
    shards: &BTreeMap<RelPath, &RelPath>,
    pipeline: bool,
) -> (usize, String) {
    if role == "weights.intermediate" || role == "weights.optimizer" {
        let dir = file.as_str().rsplit_once('/').map_or("", |(dir, _)| dir);
        return (0, dir.to_owned());
    }
    if role != "weights.final" {
        return (0, String::new());
    }
    let file = shards.get(file).copied().unwrap_or(file);
    let (stem, form) = stem_and_form(file.as_str());
    let rank = FORMS.iter().position(|known| *known == form).unwrap_or(FORMS.len());
    // The parts of a pipeline lie in directories of their own and make one model.
    (rank, if pipeline { format!("-{form}") } else { format!("{stem}-{form}") })
}

/// Forms of weights, the one to prefer first.
const FORMS: [&str; 5] = ["safetensors", "gguf", "bin", "pt", "pth"];

/// `a/model-00001-of-00002.safetensors` and `a/model.safetensors.index.json` are both `a/model` in
/// the form `safetensors`.
fn stem_and_form(path: &str) -> (String, String) {
    let path = path.to_lowercase();
    let path = path.strip_suffix(".index.json").unwrap_or(&path);
    let path = path.strip_suffix("_data").or(path.strip_suffix(".data")).unwrap_or(path);
    let (stem, form) = path.rsplit_once('.').unwrap_or((path, ""));
    let stem = match stem.rsplit_once("-of-") {
        Some((before, count)) if count.bytes().all(|b| b.is_ascii_digit()) => {
            before.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('-')
        }
        _ => stem,
    };
    (stem.to_owned(), form.to_owned())
}

fn with_ids(groups: BTreeMap<(&'static str, usize, String), RoleGuess>) -> Vec<RoleGuess> {
    let mut taken = BTreeSet::new();
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let named = groups.into_iter().map(|((role, _, group), mut guess)| {
        let base = match role {
            "weights.final" => "weights".to_owned(),
            role => role.replace('.', "-"),
        };
        let long = slug(&format!("{base}-{group}"));
        let mut id = if taken.contains(&base) { long.clone() } else { base };
        // The next number of each text: many groups may have one slug.
        while !taken.insert(id.clone()) {
            let number = numbers.entry(long.clone()).or_insert(1);
            *number += 1;
            id = format!("{long}-{number}");
        }
        guess.id = id;
        guess
    });
    named.collect()
}

/// An id of letters, digits, `-`, `_` and `.`, at most 64 long.
fn slug(text: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let text: String = text.chars().map(allowed).take(64).collect();
    text.trim_matches(['-', '.', '_']).to_owned()
}

fn stage_kind(files: &[RelPath], facts: &ReadFacts) -> Option<&'static str> {
    let names = |name: &str| files.iter().any(|f| f.file_name().to_lowercase().starts_with(name));
    // general.file_type 0, 1 and 32 are F32, F16 and BF16: converted, not quantised.
    let quantized = |gguf: &Gguf| gguf.file_type().is_some_and(|t| !matches!(t, 0 | 1 | 32));
    let weights = files.iter().any(loadable::is_weight_file);
    if names("adapter_config.json") || facts.configs.values().any(|c| c.peft_type.is_some()) {
        Some("adapter")
    } else if names("mergekit_config.") {
        Some("merge")
    } else if facts.configs.values().any(|c| c.quantization.is_some())
        || facts.ggufs.values().any(quantized)
    {
        Some("quantize")
    } else if weights && !facts.ggufs.is_empty() {
        Some("convert")
    } else {
        None
    }
}

#[cfg(test)]
#[path = "role_guess_tests.rs"]
mod tests;
