//! Models, tokenizers and data sets from elsewhere that a card, a configuration or a header names.

use std::collections::{BTreeSet, HashSet};

use fullsource_collect::read::gguf::{Gguf, GgufBaseModel};
use fullsource_collect::read::model_card::ModelCard;
use fullsource_collect::read::model_config::{ModelConfig, NamedSource, SourceKind};
use fullsource_format::path::RelPath;

/// Names that are kept. A card of 64 KiB holds some thousand.
const SOURCES: usize = 1_000;
/// Bytes of a name that is kept: what a name of the format holds, whatever its characters.
const NAME_BYTES: usize = 256;

/// What something from elsewhere is for this model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Part {
    /// Its parameters are in this model.
    Base,
    /// A teacher of a distillation.
    Teacher,
    /// A tokenizer.
    Tokenizer,
    /// Data that it was trained on.
    Data,
    /// Data that a quantisation was calibrated with.
    Calibration,
}

/// Something from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) part: Part,
    /// As it stands: a hub id, mostly.
    pub(super) name: String,
    /// Where it is named.
    pub(super) by: String,
}

/// All that is named, each once.
#[derive(Debug, Default)]
pub(super) struct Sources {
    list: Vec<Source>,
    known: HashSet<(Part, String)>,
    /// Names that say nothing to others: paths on the machine of who made the file.
    pub(super) machine_paths: Vec<Source>,
    /// Whether there are more than are kept.
    pub(super) cut: bool,
}

impl Sources {
    /// Those of one kind, in the order in which they were found.
    pub(super) fn of(&self, part: Part) -> impl Iterator<Item = &Source> {
        self.list.iter().filter(move |source| source.part == part)
    }

    /// Takes away what names the release itself, and gives it.
    pub(super) fn without_itself(&mut self, release: &str) -> Vec<Source> {
        // A card's base is another model, whatever its name; a configuration may name its own.
        let itself = |source: &Source| {
            source.part == Part::Base
                && source.by.ends_with(".json")
                && source.name.rsplit('/').next().unwrap_or_default().eq_ignore_ascii_case(release)
        };
        let (own, others) = std::mem::take(&mut self.list).into_iter().partition(itself);
        self.list = others;
        own
    }

    pub(super) fn of_card(&mut self, path: &RelPath, card: &ModelCard) {
        // The card speaks for the release: its names stand before those of other files.
        let later = std::mem::take(&mut self.list);
        self.known.clear();
        for name in &card.base_model {
            self.add(Part::Base, name, path);
        }
        for name in &card.datasets {
            self.add(Part::Data, name, path);
        }
        for source in later {
            self.keep(source);
        }
    }

    pub(super) fn of_config(&mut self, path: &RelPath, config: &ModelConfig, tokenizer: bool) {
        for named in &config.named {
            self.add(part(named, tokenizer), &named.name, path);
        }
    }

    pub(super) fn of_gguf(&mut self, path: &RelPath, header: &Gguf) {
        for model in header.base_models() {
            if let Some(name) = gguf_name(&model) {
                self.add(Part::Base, &name, path);
            }
        }
        for name in header.datasets() {
            self.add(Part::Data, repository(&name), path);
        }
    }

    fn add(&mut self, part: Part, name: &str, by: &RelPath) {
        let name = name.trim();
        if name.is_empty() || name.len() > NAME_BYTES {
            return;
        }
        let source = Source { part, name: name.to_owned(), by: by.to_string() };
        if is_machine_path(name) {
            if self.machine_paths.len() < SOURCES && !self.machine_paths.contains(&source) {
                self.machine_paths.push(source);
            }
        } else {
            self.keep(source);
        }
    }

    fn keep(&mut self, source: Source) {
        let key = (source.part, source.name.to_ascii_lowercase());
        if self.known.contains(&key) {
            return;
        }
        if self.list.len() < SOURCES {
            self.known.insert(key);
            self.list.push(source);
        } else {
            self.cut = true;
        }
    }

    /// The paths on somebody's machine, each name once, with the file that names it first.
    pub(super) fn distinct_machine_paths(&self) -> impl Iterator<Item = &Source> {
        let mut seen = BTreeSet::new();
        self.machine_paths.iter().filter(move |source| seen.insert(source.name.as_str()))
    }
}

fn part(named: &NamedSource, of_tokenizer: bool) -> Part {
    let below = |place: &str| named.pointer.contains(place);
    match named.kind {
        SourceKind::Tokenizer => Part::Tokenizer,
        // The model that a tokenizer's configuration names is where the tokenizer came from.
        SourceKind::Model if of_tokenizer => Part::Tokenizer,
        SourceKind::Model if below("/teacher_model") => Part::Teacher,
        SourceKind::Model => Part::Base,
        SourceKind::Data if below("/quantization_config") || below("/calib_data") => {
            Part::Calibration
        }
        SourceKind::Data => Part::Data,
    }
}

/// The id of the repository, else what stands for it.
fn gguf_name(model: &GgufBaseModel) -> Option<String> {
    match (&model.repo_url, &model.organization, &model.name) {
        (Some(url), _, _) => Some(repository(url).to_owned()),
        (None, Some(organization), Some(name)) => Some(format!("{organization} {name}")),
        (None, _, name) => name.clone(),
    }
}

/// `org/name` of a hub's address; any other text as it stands.
fn repository(text: &str) -> &str {
    let Some((_, place)) = text.split_once("://") else { return text };
    let path = place.split_once('/').map_or("", |(_, path)| path).trim_end_matches('/');
    let path = path.strip_prefix("datasets/").unwrap_or(path);
    if path.matches('/').count() == 1 && !path.contains(['?', '#']) { path } else { text }
}

/// Whether a name is a path: absolute, from the home or a working directory, of several parts.
fn is_machine_path(name: &str) -> bool {
    let address = name.contains("://");
    let starts = ["/", "./", "../", "~", "file:"].iter().any(|start| name.starts_with(start));
    let drive = matches!(name.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    let deep = name.matches('/').count() > 1 || name.ends_with('/') || matches!(name, "." | "..");
    starts || drive || name.contains('\\') || (deep && !address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_on_a_machine_are_no_names() {
        for path in [
            "/mnt/ckpt",
            "./out",
            "../x",
            "~/m",
            "C:\\m",
            "C:/m",
            "a/b/c",
            "out/",
            ".",
            "a\\b",
            "file:///x",
        ] {
            assert!(is_machine_path(path), "{path}");
        }
        for name in ["org/model", "bert-base-uncased", "https://example.org/a/b/c", "wikitext2"] {
            assert!(!is_machine_path(name), "{name}");
        }
    }

    #[test]
    fn addresses_of_a_hub_become_ids() {
        assert_eq!(repository("https://hub.example/org/name"), "org/name");
        assert_eq!(repository("https://hub.example/datasets/org/name/"), "org/name");
        let deep = "https://hub.example/org/name/tree/main";
        assert_eq!(repository(deep), deep);
        assert_eq!(repository("org/name"), "org/name");
    }

    #[test]
    fn the_card_comes_first_and_names_stand_once() {
        let config = br#"{"_name_or_path": "Org/Base", "vision_tower": "org/eyes",
            "teacher_model": "org/teacher", "tokenizer_name": "org/words",
            "quantization_config": {"dataset": ["c4", "/data/x"]}}"#;
        let config = ModelConfig::parse(config).unwrap();
        let card = b"---\nbase_model: org/base\ndatasets: [c4, c4]\n---\n";
        let card = ModelCard::parse(card).unwrap().unwrap();
        let mut sources = Sources::default();
        sources.of_config(&"config.json".parse().unwrap(), &config, false);
        sources.of_card(&"README.md".parse().unwrap(), &card);
        let names = |part| sources.of(part).map(|source| source.name.as_str()).collect::<Vec<_>>();
        assert_eq!(names(Part::Base), ["org/base", "org/eyes"]);
        assert_eq!(names(Part::Data), ["c4"]);
        assert_eq!(names(Part::Calibration), ["c4"]);
        assert_eq!(names(Part::Teacher), ["org/teacher"]);
        assert_eq!(names(Part::Tokenizer), ["org/words"]);
        assert_eq!(sources.machine_paths[0].name, "/data/x");
        assert_eq!(sources.without_itself("BASE"), []);
        assert_eq!(sources.without_itself("EYES")[0].name, "org/eyes");
    }
}
