//! Headers of GGUF files, version 2 and 3, little-endian.
//!
//! Format: `docs/gguf.md` of ggml; where it is silent, what ggml's own loader does
//! (`src/gguf.cpp`). Refused beyond that loader: data after the last tensor, keys that are not
//! printable ASCII, booleans other than 0 and 1, an alignment below 8, and what passes the limits.

use std::collections::{BTreeMap, HashSet};
use std::io::Read;
use std::ops::RangeInclusive;

use super::gguf_bytes::Bytes;
use super::gguf_type::{self, ElementType};
pub use super::gguf_value::{GgufBaseModel, GgufValue};

/// Bytes of a header. A vocabulary of a million tokens with its merges fits.
pub const HEADER_BYTES: u64 = 512 << 20;
/// Tensors of one file.
pub const TENSORS: u64 = 250_000;
/// Metadata entries. Published files have some 50.
pub const ENTRIES: u64 = 65_536;
/// Dimensions of a tensor: ggml's `GGML_MAX_DIMS`.
pub const DIMENSIONS: u32 = 4;
/// Bytes of a tensor's name: ggml's `GGML_MAX_NAME`, terminator included, is 64.
pub const NAME_BYTES: u64 = 63;
/// Bytes of a key, as the format has it.
pub const KEY_BYTES: u64 = 65_535;
const ALIGNMENT: u64 = 32;
/// The key that says to what tensors are aligned.
pub const ALIGNMENT_KEY: &str = "general.alignment";

/// What a GGUF file says it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Gguf {
    /// 2 or 3.
    pub version: u32,
    /// The metadata, by key.
    pub metadata: BTreeMap<String, GgufValue>,
    /// In the order of their bytes in the file.
    pub tensors: Vec<GgufTensor>,
    /// Elements of all tensors together.
    pub parameters: u64,
    /// Where the tensor data starts, in bytes from the start of the file.
    pub data_offset: u64,
}

/// One tensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GgufTensor {
    /// As in the file.
    pub name: String,
    /// ggml's name of the element type (`Q4_K`).
    pub element_type: &'static str,
    /// Innermost first, as GGUF has it. Empty for a scalar.
    pub shape: Vec<u64>,
    /// From the start of the tensor data.
    pub offset: u64,
    /// Bytes, without padding.
    pub bytes: u64,
}

/// Why a file is not a GGUF file that every reader sees alike.
#[derive(Debug, thiserror::Error)]
pub enum GgufError {
    /// The file could not be read, or ends within its header.
    #[error("byte {at}: the header cannot be read: {error}")]
    Io {
        /// Bytes read before.
        at: u64,
        /// What the system says.
        error: std::io::Error,
    },
    /// The first four bytes.
    #[error("the file does not start with `GGUF`")]
    Magic,
    /// Neither 2 nor 3.
    #[error("version {0} of GGUF, only 2 and 3 are read")]
    Version(u32),
    /// Written on a big-endian machine.
    #[error("a big-endian GGUF file, only little-endian is read")]
    BigEndian,
    /// A count or a length above a limit of this reader.
    #[error("byte {at}: {what}: {given}, at most {most} are read")]
    Limit {
        /// Where.
        at: u64,
        /// What there is too much of.
        what: &'static str,
        /// How much the file has.
        given: u64,
        /// The most there may be.
        most: u64,
    },
    /// Bytes that are not what their place needs.
    #[error("byte {at}: {what}")]
    Malformed {
        /// Where.
        at: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// The same key twice.
    #[error("byte {at}: the key `{key}` stands here twice")]
    KeyTwice {
        /// Where the second one ends.
        at: u64,
        /// The key.
        key: String,
    },
    /// The same tensor name twice.
    #[error("byte {at}: the tensor name `{name}` stands here twice")]
    NameTwice {
        /// Where the second one ends.
        at: u64,
        /// The name.
        name: String,
    },
    /// `general.alignment` of the wrong type or value.
    #[error("`{ALIGNMENT_KEY}` is not a 32-bit power of two of at least 8")]
    Alignment,
    /// An element type that ggml does not have, or no longer has.
    #[error("the tensor `{name}` has the type {id}, which ggml does not have")]
    ElementType {
        /// The tensor.
        name: String,
        /// The number in the file.
        id: u32,
    },
    /// A shape whose size overflows, or whose rows are no whole blocks.
    #[error("the tensor `{0}` has a shape without a size in bytes that fits its type")]
    ShapeSize(String),
    /// A hole before, or an overlap with, the tensor before it.
    #[error("the tensor `{name}` starts at byte {offset} of the data, {expected} is due")]
    NotContiguous {
        /// The tensor.
        name: String,
        /// Where it starts.
        offset: u64,
        /// Where the one before it ends, with padding.
        expected: u64,
    },
    /// Tensor data and file end in different places.
    #[error("the tensor data ends at byte {tensors} of the file, the file has {file}")]
    DataSize {
        /// The end of the last tensor, padding included.
        tensors: u64,
        /// Of the whole file.
        file: u64,
    },
    /// More elements in all than a count can hold.
    #[error("the tensors have more elements than 64 bits can count")]
    Parameters,
}

/// Reads the header of a file of `size` bytes; of its tensor data no byte is read.
/// `source` is read in small pieces: give it a buffer.
pub fn read(source: impl Read, size: u64) -> Result<Gguf, GgufError> {
    let (gguf, sizes) = read_start(&mut Bytes::new(source, size.min(HEADER_BYTES)))?;
    check_size(&sizes, size)?;
    Ok(gguf)
}

/// The same of a file whose size is not known yet: gives those that it may have, for [`check_size`].
pub fn read_unsized(source: impl Read) -> Result<(Gguf, RangeInclusive<u64>), GgufError> {
    read_start(&mut Bytes::new(source, HEADER_BYTES))
}

/// Whether a file has one of the sizes that its header leaves.
pub fn check_size(sizes: &RangeInclusive<u64>, size: u64) -> Result<(), GgufError> {
    if sizes.contains(&size) {
        return Ok(());
    }
    Err(GgufError::DataSize { tensors: *sizes.end(), file: size })
}

pub(super) fn read_start<R: Read>(
    bytes: &mut Bytes<R>,
) -> Result<(Gguf, RangeInclusive<u64>), GgufError> {
    let version = read_version(bytes)?;
    let tensor_count = bytes.count("tensors", TENSORS)?;
    let entry_count = bytes.count("metadata entries", ENTRIES)?;
    let metadata = read_metadata(bytes, entry_count)?;
    let alignment = alignment(&metadata)?;
    let tensors = read_tensors(bytes, tensor_count)?;
    let parameters = tensors
        .iter()
        .try_fold(0u64, |sum, tensor| sum.checked_add(elements(&tensor.shape)?))
        .ok_or(GgufError::Parameters)?;
    let (data_offset, sizes) = layout(&tensors, bytes.at(), alignment)?;
    Ok((Gguf { version, metadata, tensors, parameters, data_offset }, sizes))
}

impl Gguf {
    /// `general.architecture`.
    pub fn architecture(&self) -> Option<&str> {
        self.text("general.architecture")
    }

    /// `general.name`.
    pub fn name(&self) -> Option<&str> {
        self.text("general.name")
    }

    /// `general.type`: `model`, `adapter`, `mmproj`, `imatrix`, `vocab`.
    pub fn kind(&self) -> Option<&str> {
        self.text("general.type")
    }

    /// `general.license`, an SPDX expression by the format's word, a hub id in practice.
    pub fn license(&self) -> Option<&str> {
        self.text("general.license")
    }

    /// `general.license.name`.
    pub fn license_name(&self) -> Option<&str> {
        self.text("general.license.name")
    }

    /// `general.license.link`.
    pub fn license_link(&self) -> Option<&str> {
        self.text("general.license.link")
    }

    /// `general.file_type`: the number of the prevailing quantisation.
    pub fn file_type(&self) -> Option<u64> {
        self.metadata.get("general.file_type")?.as_u64()
    }

    /// `tokenizer.ggml.model`; a file with it carries its tokenizer.
    pub fn tokenizer_model(&self) -> Option<&str> {
        self.text("tokenizer.ggml.model")
    }

    /// `split.no` and `split.count`, for a file that is one of several shards.
    pub fn split(&self) -> Option<(u64, u64)> {
        let number = |key: &str| self.metadata.get(key).and_then(GgufValue::as_u64);
        Some((number("split.no")?, number("split.count")?))
    }

    /// The base models that the file names, in order of their numbers.
    pub fn base_models(&self) -> Vec<GgufBaseModel> {
        let mut models: BTreeMap<u32, GgufBaseModel> = BTreeMap::new();
        for (key, value) in &self.metadata {
            let Some(rest) = key.strip_prefix("general.base_model.") else { continue };
            let Some((number, field)) = rest.split_once('.') else { continue };
            let (Ok(number), Some(text)) = (number.parse(), value.as_str()) else { continue };
            let model = models.entry(number).or_default();
            match field {
                "name" => model.name = Some(text.to_owned()),
                "organization" => model.organization = Some(text.to_owned()),
                "repo_url" => model.repo_url = Some(text.to_owned()),
                _ => {}
            }
        }
        models.into_values().filter(|model| *model != GgufBaseModel::default()).collect()
    }

    /// The data sets that the file names: `general.datasets`, or `general.dataset.<n>` by its
    /// `repo_url`, else its `name`.
    pub fn datasets(&self) -> Vec<String> {
        if let Some(GgufValue::Strings(names)) = self.metadata.get("general.datasets") {
            return names.clone();
        }
        let text =
            |number: u64, field: &str| self.text(&format!("general.dataset.{number}.{field}"));
        let count = self.metadata.get("general.dataset.count").and_then(GgufValue::as_u64);
        (0..count.unwrap_or(0).min(ENTRIES))
            .filter_map(|number| text(number, "repo_url").or_else(|| text(number, "name")))
            .map(str::to_owned)
            .collect()
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.metadata.get(key)?.as_str()
    }
}

fn read_version<R: Read>(bytes: &mut Bytes<R>) -> Result<u32, GgufError> {
    if bytes.array::<4>()? != *b"GGUF" {
        return Err(GgufError::Magic);
    }
    match bytes.u32()? {
        version @ (2 | 3) => Ok(version),
        swapped if swapped.trailing_zeros() >= 16 && swapped != 0 => Err(GgufError::BigEndian),
        version => Err(GgufError::Version(version)),
    }
}

fn read_metadata<R: Read>(
    bytes: &mut Bytes<R>,
    count: u64,
) -> Result<BTreeMap<String, GgufValue>, GgufError> {
    let mut metadata = BTreeMap::new();
    for _ in 0..count {
        let key = bytes.string("bytes of a key", KEY_BYTES)?;
        if key.is_empty() || !key.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(bytes.malformed("a key is not printable ASCII"));
        }
        let value = bytes.digested(&key, |bytes| GgufValue::read(bytes, &key))?;
        if metadata.contains_key(&key) {
            return Err(GgufError::KeyTwice { at: bytes.at(), key });
        }
        metadata.insert(key, value);
    }
    Ok(metadata)
}

fn alignment(metadata: &BTreeMap<String, GgufValue>) -> Result<u64, GgufError> {
    match metadata.get(ALIGNMENT_KEY) {
        None => Ok(ALIGNMENT),
        Some(GgufValue::U32(given)) if *given >= 8 && given.is_power_of_two() => {
            Ok(u64::from(*given))
        }
        Some(_) => Err(GgufError::Alignment),
    }
}

fn read_tensors<R: Read>(bytes: &mut Bytes<R>, count: u64) -> Result<Vec<GgufTensor>, GgufError> {
    let (mut tensors, mut names) = (Vec::new(), HashSet::new());
    for _ in 0..count {
        let tensor = read_tensor(bytes)?;
        if !names.insert(tensor.name.clone()) {
            return Err(GgufError::NameTwice { at: bytes.at(), name: tensor.name });
        }
        tensors.push(tensor);
    }
    Ok(tensors)
}

fn read_tensor<R: Read>(bytes: &mut Bytes<R>) -> Result<GgufTensor, GgufError> {
    let name = bytes.string("bytes of a tensor's name", NAME_BYTES)?;
    if name.chars().any(char::is_control) {
        return Err(bytes.malformed("a tensor's name has control characters"));
    }
    let dimensions = bytes.u32()?;
    if dimensions > DIMENSIONS {
        return Err(bytes.limit("dimensions", dimensions.into(), DIMENSIONS.into()));
    }
    let shape = (0..dimensions).map(|_| bytes.u64()).collect::<Result<Vec<_>, _>>()?;
    let id = bytes.u32()?;
    let Some(element_type) = gguf_type::by_id(id) else {
        return Err(GgufError::ElementType { name, id });
    };
    let offset = bytes.u64()?;
    match size(&shape, element_type) {
        Some(bytes) => {
            Ok(GgufTensor { name, element_type: element_type.name, shape, offset, bytes })
        }
        None => Err(GgufError::ShapeSize(name)),
    }
}

fn elements(shape: &[u64]) -> Option<u64> {
    // ggml counts in i64.
    let product = shape.iter().try_fold(1u64, |product, d| product.checked_mul(*d))?;
    (product < i64::MAX as u64 && shape.iter().all(|d| *d <= i64::MAX as u64)).then_some(product)
}

fn size(shape: &[u64], element: &ElementType) -> Option<u64> {
    let row = shape.first().copied().unwrap_or(1);
    if !row.is_multiple_of(element.block) {
        return None;
    }
    (elements(shape)? / element.block).checked_mul(element.bytes)
}

/// Checks that the tensors lie one behind the other, padded, as ggml's loader demands it. Gives where
/// they start, and the sizes that the file may have: the last padding may be missing.
fn layout(
    tensors: &[GgufTensor],
    header: u64,
    alignment: u64,
) -> Result<(u64, RangeInclusive<u64>), GgufError> {
    let lost = |name: &str| GgufError::ShapeSize(name.to_owned());
    let start = if tensors.is_empty() { header } else { header.next_multiple_of(alignment) };
    let (mut expected, mut end) = (0u64, 0u64);
    for tensor in tensors {
        if tensor.offset != expected {
            return Err(GgufError::NotContiguous {
                name: tensor.name.clone(),
                offset: tensor.offset,
                expected,
            });
        }
        end = expected.checked_add(tensor.bytes).ok_or_else(|| lost(&tensor.name))?;
        expected = end.checked_next_multiple_of(alignment).ok_or_else(|| lost(&tensor.name))?;
    }
    let unpadded = start.saturating_add(end);
    let padded = start.saturating_add(expected);
    // A file without tensors may be padded up to where its data would start.
    let most = if tensors.is_empty() { header.next_multiple_of(alignment) } else { padded };
    Ok((start, unpadded..=most))
}

#[cfg(test)]
#[path = "gguf_tests.rs"]
mod tests;
