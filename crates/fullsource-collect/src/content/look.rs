//! What one file says, while its bytes go by.

use std::sync::atomic::{AtomicU64, Ordering};

use fullsource_format::evidence::{ContentFact, ContentFactKind};
use fullsource_format::role::Role;

use super::compressed::is_compressed;
use super::facts::one_line;
use super::hollow::{Class, LOOKED_AT, SMALL};
use super::kind::FileKind;
use super::layers::Layers;
use super::legal::{self, Recognized};
use super::tee::Tee;
use super::use_terms::{Subject, restrictions};
use super::weights::{Header, HeaderSays, Shape};
use super::{names, package};
use crate::read::model_card::ModelCard;
use crate::read::model_config::{Dimensions, ModelConfig};
use crate::read::pickle_file::{self, PickleFile};
use crate::read::yaml;
use crate::read::zip_walk::Sizes;

/// A pointer of Git LFS starts so and is smaller than this
/// (<https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>).
const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\n";
const POINTER_BYTES: u64 = 1024;

/// What is known of the artifact whose files are looked at.
#[derive(Debug)]
pub(super) struct Look {
    /// Whether facts are asked for; else only pointers are recognised.
    facts: bool,
    /// Whether all roles are of data: what its files say in their depth is content, not about it.
    data: bool,
    subject: Subject,
    recognized: Recognized,
    /// Files whose names say nothing, and that are neither empty nor lists of addresses.
    unnamed: AtomicU64,
}

/// What one file said.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) facts: Vec<ContentFact>,
    pub(super) shape: Option<Shape>,
    pub(super) layers: Layers,
    pub(super) config: Option<Dimensions>,
    pub(super) class: Class,
    pub(super) compressed: bool,
}

/// What a reader of the streaming bytes has, before the size is known.
pub(super) enum Read {
    Nothing,
    Header(Header),
    Pickles(PickleFile),
}

impl Look {
    pub(super) fn new(roles: &[Role], facts: bool) -> Self {
        let all = |start| !roles.is_empty() && roles.iter().all(|r| r.as_str().starts_with(start));
        Self {
            facts,
            data: all("data."),
            subject: if all("code.") { Subject::Code } else { Subject::Model },
            recognized: Recognized::default(),
            unnamed: AtomicU64::new(0),
        }
    }

    /// Whether there are too many files of which the names say nothing for the content to be hollow.
    pub(super) fn has_many(&self) -> bool {
        self.unnamed.load(Ordering::Relaxed) > LOOKED_AT
    }

    /// Bytes to keep of a file.
    pub(super) fn keep(&self, kind: FileKind) -> usize {
        let few = self.unnamed.load(Ordering::Relaxed) < LOOKED_AT;
        match self.facts {
            true if few => kind.whole().max(SMALL + 1),
            true => kind.whole(),
            false => 0,
        }
    }

    /// Reads what can be read as the bytes come, and the rest of them.
    pub(super) fn read(
        &self,
        kind: FileKind,
        tee: &mut Tee<'_>,
        sizes: &Sizes,
        buffer: &mut [u8],
    ) -> Read {
        let read = match kind {
            _ if !self.facts => Read::Nothing,
            FileKind::Safetensors => Read::Header(Header::safetensors(&mut *tee)),
            FileKind::Gguf => Read::Header(Header::gguf(&mut *tee)),
            FileKind::Pickle(form) => Read::Pickles(pickle_file::read(tee, form, sizes)),
            _ => Read::Nothing,
        };
        tee.drain(buffer);
        read
    }

    /// What the file says, now that its bytes have gone by and its size is known.
    pub(super) fn conclude(
        &self,
        path: &str,
        kind: FileKind,
        size: u64,
        tee: &mut Tee<'_>,
        read: Read,
    ) -> Said {
        let pointer = size < POINTER_BYTES && tee.head.starts_with(POINTER);
        let mut said = Said {
            facts: Vec::new(),
            shape: None,
            layers: Layers::default(),
            config: None,
            class: Class::Pointer,
            compressed: false,
        };
        if pointer || !self.facts {
            said.class = if pointer { Class::Pointer } else { Class::Other };
            return said;
        }
        said.compressed = is_compressed(path, &tee.head);
        said.class = self.class(kind, size, tee);
        match read {
            Read::Header(_) if size == 0 => said.layers = Layers::unknown(),
            Read::Header(header) => {
                let HeaderSays { facts, shape, layers } = header.says(path, size);
                (said.facts, said.shape, said.layers) = (facts, shape, layers);
            }
            Read::Pickles(file) => said.facts = pickles(path, file),
            Read::Nothing => self.whole(path, kind, &tee.kept, &mut said),
        }
        said
    }

    fn class(&self, kind: FileKind, size: u64, tee: &mut Tee<'_>) -> Class {
        if size == 0 || tee.scan.is_blank() {
            return Class::Empty;
        }
        if let Some(class) = Class::of_kind(kind) {
            return class;
        }
        if tee.scan.is_url_list() {
            return Class::UrlList;
        }
        let before = self.unnamed.fetch_add(1, Ordering::Relaxed);
        if before < LOOKED_AT && size <= SMALL as u64 && tee.kept.len() as u64 == size {
            return Class::of_content(&tee.kept, &self.recognized);
        }
        Class::Other
    }

    /// The facts of a file that is read whole.
    fn whole(&self, path: &str, kind: FileKind, bytes: &[u8], said: &mut Said) {
        let nested = path.contains('/');
        match kind {
            FileKind::License | FileKind::Notice => {
                let notice = kind == FileKind::Notice;
                said.facts.extend(legal::license(path, bytes, notice, &self.recognized));
            }
            FileKind::UsePolicy => said.facts.extend(legal::use_policy(path, bytes)),
            // In the depth of data these are data.
            FileKind::Card | FileKind::Package(_) if self.data && nested => {}
            FileKind::Json { .. } | FileKind::Yaml if self.data => {}
            FileKind::Card => {
                said.facts.extend(card(path, bytes));
                if !nested {
                    let text = String::from_utf8_lossy(bytes);
                    let terms = restrictions(&text, self.subject).into_iter();
                    let policy = ContentFact::new(ContentFactKind::UsePolicy).at(path);
                    said.facts.extend(terms.map(|sentence| policy.clone().saying(sentence)));
                }
            }
            FileKind::Package(package) => {
                let licenses = package::licenses(package, bytes);
                said.facts.extend(licenses.iter().filter_map(|l| legal::declared(path, l, None)));
            }
            FileKind::Json { tokenizer } => config(path, bytes, tokenizer, said),
            FileKind::Yaml => {
                let settings = yaml::parse(bytes);
                said.facts.extend(settings.iter().flat_map(|s| names::of_settings(path, s)));
            }
            _ => {}
        }
    }
}

fn card(path: &str, bytes: &[u8]) -> Vec<ContentFact> {
    let card = match ModelCard::parse(bytes) {
        Ok(Some(card)) => card,
        Ok(None) => return Vec::new(),
        Err(error) => {
            let value = one_line(&format!("the front matter cannot be read: {error}"));
            return vec![ContentFact::new(ContentFactKind::Fault).at(path).saying(value)];
        }
    };
    let name = card.license_name.as_deref();
    let licenses = card.license.iter().filter_map(|license| legal::declared(path, license, name));
    let mut facts: Vec<ContentFact> = licenses.collect();
    facts.extend(names::of_card(path, ContentFactKind::NamesBaseModel, &card.base_model));
    facts.extend(names::of_card(path, ContentFactKind::NamesDataset, &card.datasets));
    facts
}

fn config(path: &str, bytes: &[u8], tokenizer: bool, said: &mut Said) {
    let name = path.rsplit('/').next().unwrap_or(path);
    let known = ["config.json", "adapter_config.json", "tokenizer_config.json"].contains(&name);
    match ModelConfig::parse(bytes) {
        Ok(config) => {
            said.facts.extend(names::of_config(path, &config.named, tokenizer));
            said.config = (name == "config.json").then_some(config.dimensions);
        }
        // Another file with such a name may be of another kind.
        Err(_) if !known || bytes.is_empty() => {}
        Err(error) => {
            let value = one_line(&format!("the config cannot be read: {error}"));
            said.facts.push(ContentFact::new(ContentFactKind::Fault).at(path).saying(value));
        }
    }
}

fn pickles(path: &str, file: PickleFile) -> Vec<ContentFact> {
    let import = ContentFact::new(ContentFactKind::PickleImport).at(path);
    let found = file.imports.found.iter().map(|found| one_line(&found.to_string()));
    let more = file.imports.more.then(|| "and more".to_owned());
    let mut facts: Vec<_> = found.chain(more).map(|name| import.clone().saying(name)).collect();
    let unread = ContentFact::new(ContentFactKind::PickleUnread).at(path);
    facts.extend(file.unread.map(|error| unread.saying(one_line(&error))));
    facts
}
