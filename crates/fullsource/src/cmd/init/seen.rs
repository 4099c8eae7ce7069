//! What the files say about themselves: headers of weights, configurations, the model card, licence
//! texts. All of it is read strictly and with bounds; what cannot be read is a problem, not an end.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _};

use fullsource_collect::directory::Directory;
use fullsource_collect::hash::{open_file, read_file};
use fullsource_collect::progress::{Progress, Stopped};
use fullsource_collect::read::gguf::{self, Gguf};
use fullsource_collect::read::license_text::{LICENSE_BYTES, LicenseText};
use fullsource_collect::read::model_card::{FRONT_MATTER_BYTES, ModelCard};
use fullsource_collect::read::model_config::{CONFIG_BYTES, ModelConfig};
use fullsource_collect::read::role_guess::ReadFacts;
use fullsource_collect::read::safetensors;
use fullsource_collect::read::safetensors_index::{INDEX_BYTES, SafetensorsIndex};
use fullsource_format::loadable::{Loadable, loadable};
use fullsource_format::path::RelPath;

use super::release::Release;
use super::source::Sources;

/// Bytes of headers and documents that are read in all. A release of twenty GGUF files has some
/// 500 MB of vocabularies.
const READ_BYTES: u64 = 1 << 30;
/// Files that are read. The largest published releases have some thousand shards and configurations.
const READ_FILES: usize = 20_000;
/// Shards that indexes name, kept in all.
const SHARDS: usize = 200_000;
/// Shards of one index that are not there, kept.
const MISSING_SHARDS: usize = 1_000;
/// Licence texts that are recognised: each is compared with the whole SPDX list.
const LICENSES: usize = 64;
/// A card before and in its front matter.
const CARD_BYTES: u64 = 2 * FRONT_MATTER_BYTES as u64;

/// What was read.
#[derive(Default)]
pub(super) struct Seen {
    /// For the guesses of roles. Reduced to what these look at.
    pub(super) facts: ReadFacts,
    /// Parameters of each file of weights whose header was read.
    pub(super) weights: BTreeMap<RelPath, Parameters>,
    /// The front matter of the card, with the card's path.
    pub(super) card: Option<(RelPath, ModelCard)>,
    /// Licence texts, by path; none where the text was not read.
    pub(super) licenses: BTreeMap<RelPath, Option<LicenseText>>,
    /// `general.license` of the GGUF file that comes first, with its name for `other`.
    pub(super) gguf_license: Option<(RelPath, String, Option<String>)>,
    /// What the files name from elsewhere.
    pub(super) sources: Sources,
    /// What is wrong, in words.
    pub(super) problems: Vec<String>,
}

/// What a header of weights holds.
pub(super) struct Parameters {
    pub(super) count: u64,
    /// The types of the elements, sorted.
    pub(super) types: Vec<&'static str>,
}

impl Parameters {
    fn new(count: u64, types: impl Iterator<Item = &'static str>) -> Self {
        let types: std::collections::BTreeSet<_> = types.collect();
        Self { count, types: types.into_iter().collect() }
    }
}

/// Reads what the files say.
pub(super) fn read(
    directory: &Directory,
    release: &Release,
    progress: &Progress,
) -> Result<Seen, Stopped> {
    let mut reader = Reader {
        directory,
        release,
        seen: Seen::default(),
        bytes: READ_BYTES,
        files: READ_FILES,
        shards: SHARDS,
    };
    for path in release.paths() {
        progress.check()?;
        let Some(form) = Form::of(&path) else { continue };
        if reader.files == 0 || reader.bytes == 0 {
            let text = "there are more headers and configurations than are read; roles of the rest \
                        come from names alone";
            reader.seen.problems.push(text.to_owned());
            break;
        }
        reader.files -= 1;
        if let Err(reason) = reader.read(&path, form) {
            reader.seen.problems.push(format!("`{path}` cannot be read: {reason}"));
        }
    }
    Ok(reader.seen)
}

/// What a file is read as.
#[derive(Clone, Copy)]
enum Form {
    Safetensors,
    Gguf,
    Shards,
    Config,
    TokenizerConfig,
    Card,
    License,
}

impl Form {
    fn of(path: &RelPath) -> Option<Self> {
        let name = path.file_name().to_ascii_lowercase();
        let extension = path.extension().unwrap_or_default();
        match (loadable(path), extension.as_str()) {
            (_, "safetensors") => Some(Self::Safetensors),
            (_, "gguf") => Some(Self::Gguf),
            _ if name.ends_with(".index.json") => Some(Self::Shards),
            _ if name == "tokenizer_config.json" => Some(Self::TokenizerConfig),
            (Some(Loadable::Config), "json") => Some(Self::Config),
            (None, _) if path.as_str().eq_ignore_ascii_case("readme.md") => Some(Self::Card),
            (None, _) if is_license(&name, &extension) => Some(Self::License),
            _ => None,
        }
    }
}

/// Names that hubs and forges take for those of licence texts, and of policies beside them.
pub(in crate::cmd) fn is_license(name: &str, extension: &str) -> bool {
    const OTHERS: [&str; 6] = ["csv", "json", "png", "svg", "xml", "yaml"];
    const STARTS: [&str; 6] =
        ["license", "licence", "copying", "unlicense", "use_policy", "acceptable_use"];
    STARTS.iter().any(|start| name.starts_with(start)) && !OTHERS.contains(&extension)
}

struct Reader<'a> {
    directory: &'a Directory,
    release: &'a Release,
    seen: Seen,
    /// Bytes that may still be read.
    bytes: u64,
    files: usize,
    shards: usize,
}

impl Reader<'_> {
    fn read(&mut self, path: &RelPath, form: Form) -> Result<(), String> {
        match form {
            Form::Safetensors => self.safetensors(path),
            Form::Gguf => self.gguf(path),
            Form::Shards => self.shards(path),
            Form::Config => self.config(path, false),
            Form::TokenizerConfig => self.config(path, true),
            Form::Card => self.card(path),
            Form::License => self.license(path),
        }
    }

    fn whole(&mut self, path: &RelPath, limit: usize) -> Result<Vec<u8>, String> {
        let bytes = read_file(self.directory, path, limit as u64).map_err(|e| e.to_string())?;
        self.bytes = self.bytes.saturating_sub(bytes.len() as u64);
        Ok(bytes)
    }

    /// Opens a file whose start is read; what was read of it is counted by [`Reader::spent`].
    fn open(&self, path: &RelPath) -> Result<(File, u64), String> {
        open_file(self.directory, path).map_err(|error| error.to_string())
    }

    fn spent(&mut self, mut file: &File) {
        let read = file.stream_position().unwrap_or(self.bytes);
        self.bytes = self.bytes.saturating_sub(read);
    }

    fn safetensors(&mut self, path: &RelPath) -> Result<(), String> {
        let (file, size) = self.open(path)?;
        let header = safetensors::read(BufReader::new(&file), size);
        self.spent(&file);
        let header = header.map_err(|error| error.to_string())?;
        let types = header.tensors.iter().map(|tensor| tensor.dtype);
        self.seen.weights.insert(path.clone(), Parameters::new(header.parameters, types));
        Ok(())
    }

    fn gguf(&mut self, path: &RelPath) -> Result<(), String> {
        let (file, size) = self.open(path)?;
        let header = gguf::read(BufReader::with_capacity(1 << 16, &file), size);
        self.spent(&file);
        let header = header.map_err(|error| error.to_string())?;
        let types = header.tensors.iter().map(|tensor| tensor.element_type);
        self.seen.weights.insert(path.clone(), Parameters::new(header.parameters, types));
        self.seen.sources.of_gguf(path, &header);
        if self.seen.gguf_license.is_none()
            && let Some(license) = header.license().filter(|id| id.len() <= 1000)
        {
            let name = header.license_name().filter(|name| name.len() <= 1000);
            self.seen.gguf_license =
                Some((path.clone(), license.to_owned(), name.map(str::to_owned)));
        }
        self.seen.facts.ggufs.insert(path.clone(), reduced(header));
        Ok(())
    }

    fn shards(&mut self, path: &RelPath) -> Result<(), String> {
        let bytes = self.whole(path, INDEX_BYTES)?;
        let mut index = SafetensorsIndex::parse(&bytes).map_err(|error| error.to_string())?;
        let directory = path.as_str().rsplit_once('/').map_or("", |(directory, _)| directory);
        let mut missing = 0;
        index.files.retain(|shard| {
            let here = match directory {
                "" => self.release.files.get(shard.as_str()),
                directory => self.release.files.get(&format!("{directory}/{shard}")),
            };
            missing += usize::from(here.is_none());
            here.is_some() || missing <= MISSING_SHARDS
        });
        if index.files.len() > self.shards {
            return Err("the indexes of this release name more shards than are read".to_owned());
        }
        self.shards -= index.files.len();
        self.seen.facts.indexes.insert(path.clone(), index);
        Ok(())
    }

    fn config(&mut self, path: &RelPath, of_tokenizer: bool) -> Result<(), String> {
        let bytes = self.whole(path, CONFIG_BYTES)?;
        let mut config = ModelConfig::parse(&bytes).map_err(|error| error.to_string())?;
        self.remote_code(path, &config);
        self.seen.sources.of_config(path, &config, of_tokenizer);
        if !of_tokenizer {
            config.named = Vec::new();
            config.remote_code = Vec::new();
            config.architectures.truncate(1);
            self.seen.facts.configs.insert(path.clone(), config);
        }
        Ok(())
    }

    /// Code that a configuration loads from elsewhere, or from a file that is not there.
    fn remote_code(&mut self, path: &RelPath, config: &ModelConfig) {
        let directory = path.as_str().rsplit_once('/').map_or("", |(directory, _)| directory);
        let mut told = std::collections::BTreeSet::new();
        for code in &config.remote_code {
            let beside = match directory {
                "" => format!("{}.py", code.module),
                directory => format!("{directory}/{}.py", code.module),
            };
            let text = match &code.repository {
                Some(_) => format!(
                    "`{path}` makes a framework load code from elsewhere (`{}`), which `verify` \
                     fails: put the code beside it",
                    code.reference
                ),
                None if !code.pointer.contains("/auto_map") || code.module.contains('.') => {
                    continue;
                }
                None if self.release.files.get(&beside).is_some() => continue,
                None => format!("`{path}` makes a framework load `{beside}`, which is not there"),
            };
            if told.len() < 20 && told.insert(text.clone()) {
                self.seen.problems.push(text);
            }
        }
    }

    fn card(&mut self, path: &RelPath) -> Result<(), String> {
        let (file, _) = self.open(path)?;
        let mut start = Vec::new();
        let read = (&file).take(CARD_BYTES).read_to_end(&mut start);
        self.spent(&file);
        read.map_err(|error| error.to_string())?;
        let card = ModelCard::parse(&start).map_err(|error| error.to_string())?;
        if self.seen.card.is_none()
            && let Some(card) = card
        {
            self.seen.sources.of_card(path, &card);
            self.seen.card = Some((path.clone(), card));
        }
        Ok(())
    }

    fn license(&mut self, path: &RelPath) -> Result<(), String> {
        // That there is a text counts, whether it is read or not.
        self.seen.licenses.insert(path.clone(), None);
        if self.seen.licenses.len() > LICENSES {
            return Ok(());
        }
        let bytes = self.whole(path, LICENSE_BYTES)?;
        let text = LicenseText::recognize(&bytes).map_err(|error| error.to_string())?;
        self.seen.licenses.insert(path.clone(), Some(text));
        Ok(())
    }
}

/// What the guesses of roles and the draft look at, so that memory does not grow with what hostile
/// headers hold.
fn reduced(mut header: Gguf) -> Gguf {
    const KEYS: [&str; 6] = [
        "general.architecture",
        "general.type",
        "general.file_type",
        "split.no",
        "split.count",
        "tokenizer.ggml.model",
    ];
    header.metadata.retain(|key, value| {
        KEYS.contains(&key.as_str()) && value.as_str().is_none_or(|text| text.len() <= 256)
    });
    header.tensors = Vec::new();
    header
}
