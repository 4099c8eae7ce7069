//! What the header of a weights file says, and where it cannot be what the `config.json` beside it says.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufReader, Read};
use std::ops::RangeInclusive;

use fullsource_format::evidence::{ContentFact, ContentFactKind};

use super::facts::one_line;
use super::layers::Layers;
use super::{legal, names};
use crate::read::gguf::{self, Gguf};
use crate::read::model_config::Dimensions;
use crate::read::safetensors::{self, Safetensors, SafetensorsError};

/// A header that was read before the size of its file was known.
pub(super) enum Header {
    Safetensors(Result<(Safetensors, u64), SafetensorsError>),
    Gguf(Result<(Gguf, RangeInclusive<u64>), gguf::GgufError>),
}

/// What a header says.
pub(super) struct HeaderSays {
    pub(super) facts: Vec<ContentFact>,
    pub(super) shape: Option<Shape>,
    pub(super) layers: Layers,
}

/// What a header shows of a model's sizes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape {
    /// The file.
    path: String,
    /// Rows and columns of the embedding, and whether the header is one of GGUF.
    embedding: Option<(u64, u64)>,
    gguf: bool,
    /// The number of the last layer.
    last_layer: Option<u64>,
}

impl Header {
    pub(super) fn safetensors(source: impl Read) -> Self {
        Self::Safetensors(safetensors::read_unsized(source))
    }

    pub(super) fn gguf(source: impl Read) -> Self {
        Self::Gguf(gguf::read_unsized(BufReader::with_capacity(64 << 10, source)))
    }

    /// What it says, now that the file's size is known.
    pub(super) fn says(self, path: &str, size: u64) -> HeaderSays {
        let fault = |error: String| {
            let fault = ContentFact::new(ContentFactKind::HeaderFault).at(path);
            let facts = vec![fault.saying(one_line(&error))];
            HeaderSays { facts, shape: None, layers: Layers::unknown() }
        };
        let parameters =
            |count| ContentFact::new(ContentFactKind::Parameters).at(path).counting(count);
        match self {
            Self::Safetensors(Err(error)) => fault(error.to_string()),
            Self::Safetensors(Ok((_, due))) if due != size => {
                fault(format!("the header describes {due} bytes, the file has {size}"))
            }
            Self::Safetensors(Ok((header, _))) => {
                let shape = Some(Shape::of_safetensors(path, &header));
                let facts = vec![parameters(header.parameters)];
                HeaderSays { facts, shape, layers: Layers::of_safetensors(&header) }
            }
            Self::Gguf(Err(error)) => fault(error.to_string()),
            Self::Gguf(Ok((header, sizes))) => {
                if let Err(error) = gguf::check_size(&sizes, size) {
                    return fault(error.to_string());
                }
                let mut facts = vec![parameters(header.parameters)];
                facts.extend(of_gguf(path, &header));
                let shape = Shape::of_gguf(path, &header);
                HeaderSays { facts, shape, layers: Layers::of_gguf(&header) }
            }
        }
    }
}

fn of_gguf(path: &str, header: &Gguf) -> Vec<ContentFact> {
    let name = header.license_name();
    let license = header.license().and_then(|license| legal::declared(path, license, name));
    let base = |model: gguf::GgufBaseModel| model.repo_url.or(Some(model.name?));
    let bases: Vec<String> = header.base_models().into_iter().filter_map(base).collect();
    let mut facts: Vec<ContentFact> = license.into_iter().collect();
    facts.extend(names::of_card(path, ContentFactKind::NamesBaseModel, &bases));
    facts.extend(names::of_card(path, ContentFactKind::NamesDataset, &header.datasets()));
    facts
}

/// Names of the embedding and of the layers in the families that are known.
const FAMILIES: &[(&str, &str)] = &[
    ("model.embed_tokens.weight", "model.layers."),
    ("transformer.wte.weight", "transformer.h."),
    ("wte.weight", "h."),
    ("gpt_neox.embed_in.weight", "gpt_neox.layers."),
];

impl Shape {
    fn of_safetensors(path: &str, header: &Safetensors) -> Self {
        let mut shape =
            Self { path: path.to_owned(), embedding: None, gguf: false, last_layer: None };
        for tensor in &header.tensors {
            // Packed weights have shapes of their own.
            let plain = matches!(tensor.dtype, "F16" | "BF16" | "F32" | "F64");
            for (embedding, layers) in FAMILIES {
                if let ([rows, columns], true) = (&tensor.shape[..], plain)
                    && tensor.name == *embedding
                {
                    shape.embedding = Some((*rows, *columns));
                }
                let number =
                    tensor.name.strip_prefix(layers).and_then(|rest| rest.split('.').next());
                let number = number.and_then(|number| number.parse().ok());
                shape.last_layer = shape.last_layer.max(number);
            }
        }
        shape
    }

    fn of_gguf(path: &str, header: &Gguf) -> Option<Self> {
        let model = matches!(header.kind(), None | Some("model"))
            && !matches!(header.architecture(), Some("clip" | "mmproj"));
        let embedding = header.tensors.iter().find(|tensor| tensor.name == "token_embd.weight")?;
        let &[columns, rows] = &embedding.shape[..] else { return None };
        model.then(|| Self {
            path: path.to_owned(),
            embedding: Some((rows, columns)),
            gguf: true,
            last_layer: None,
        })
    }
}

/// Files of one kind that are kept. The largest models have some 200 shards.
const KEPT: usize = 10_000;

/// The shapes and configs of one content, by their directories.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    weights: BTreeMap<String, Shape>,
    configs: BTreeMap<String, Dimensions>,
}

impl Shapes {
    pub(super) fn add_weights(&mut self, shape: Shape) {
        self.weights.insert(shape.path.clone(), shape);
        if self.weights.len() > KEPT {
            self.weights.pop_last();
        }
    }

    /// Takes the sizes of a file named `config.json`.
    pub(super) fn add_config(&mut self, path: &str, dimensions: Dimensions) {
        self.configs.insert(directory(path).to_owned(), dimensions);
        if self.configs.len() > KEPT {
            self.configs.pop_last();
        }
    }

    /// A fact for each file whose shapes cannot be those of the config beside it.
    pub(super) fn finish(&self) -> Vec<ContentFact> {
        let beside = self.configs.iter().map(|(directory_of_config, dimensions)| {
            let beside = |shape: &&Shape| directory(&shape.path) == directory_of_config;
            let weights: Vec<&Shape> = self.weights.values().filter(beside).collect();
            mismatches(&weights, dimensions)
        });
        beside.flatten().collect()
    }
}

fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

fn mismatches(weights: &[&Shape], config: &Dimensions) -> Vec<ContentFact> {
    let fact = |shape: &Shape, value: String| {
        ContentFact::new(ContentFactKind::ShapeMismatch).at(&shape.path).saying(value)
    };
    // Several models of GGUF lie beside one config where one of them only speeds up the other.
    let widths: BTreeSet<u64> =
        weights.iter().filter(|shape| shape.gguf).filter_map(|s| Some(s.embedding?.1)).collect();
    let mut facts = Vec::new();
    for shape in weights.iter().filter(|shape| !shape.gguf || widths.len() == 1) {
        if let Some((rows, columns)) = shape.embedding {
            if let Some(hidden) = config.hidden.filter(|hidden| *hidden != columns) {
                let value = format!("the embedding is {columns} wide, `config.json` says {hidden}");
                facts.push(fact(shape, value));
            }
            // More rows are padding.
            if let Some(size) = config.vocabulary.filter(|size| *size > rows) {
                let value = format!("the embedding has {rows} rows, `config.json` says {size}");
                facts.push(fact(shape, value));
            }
        }
        if let (Some(last), Some(layers), false) =
            (shape.last_layer, config.layers, config.more_layers)
            && last >= layers.saturating_add(LAYERS_MORE)
        {
            let value = format!("there is a layer {last}, `config.json` says there are {layers}");
            facts.push(fact(shape, value));
        }
    }
    facts.extend(too_few_layers(weights, config).map(|(shape, value)| fact(shape, value)));
    facts
}

/// Layers beyond those that a config counts: for predicting several tokens at once.
const LAYERS_MORE: u64 = 2;

/// Where all shards of a model are there, and end before the last layer.
fn too_few_layers<'a>(weights: &[&'a Shape], config: &Dimensions) -> Option<(&'a Shape, String)> {
    let layers = config.layers?;
    let shards: Vec<&Shape> =
        weights.iter().filter(|shape| is_of_model(&shape.path)).copied().collect();
    let first = shards.first()?;
    let last = shards.iter().filter_map(|shape| shape.last_layer).max()?;
    let whole = match shard(&first.path) {
        Some((_, count)) => shards.len() as u64 == count,
        None => shards.len() == 1,
    };
    (whole && last + 1 < layers).then(|| {
        (*first, format!("the last layer is {last}, `config.json` says there are {layers}"))
    })
}

/// `model.safetensors`, `model-00001-of-00003.safetensors`.
fn is_of_model(path: &str) -> bool {
    path.rsplit('/').next() == Some("model.safetensors") || shard(path).is_some()
}

fn shard(path: &str) -> Option<(u64, u64)> {
    let name = path.rsplit('/').next()?.strip_prefix("model-")?.strip_suffix(".safetensors")?;
    let (number, count) = name.split_once("-of-")?;
    Some((number.parse().ok()?, count.parse().ok()?))
}
