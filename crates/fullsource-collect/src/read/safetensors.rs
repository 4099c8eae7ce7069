//! Headers of safetensors files.
//!
//! Format: <https://github.com/huggingface/safetensors#format>. Refused beyond what its reference
//! reader refuses: duplicate tensor names (escaped spellings too), names that differ only in
//! Unicode normalisation, unknown fields, padding other than spaces, a null `__metadata__`, and
//! what passes the limits below.

use std::collections::{BTreeMap, HashSet};
use std::io::Read;

use unicode_normalization::UnicodeNormalization;

use super::json::{JsonError, JsonFault};
use super::json_parser::Parser;

/// Bytes of a header: what the reference reader takes.
pub const HEADER_BYTES: u64 = 100_000_000;
/// Tensors of one file. The largest published models have some 150,000 over all their shards.
pub const TENSORS: usize = 250_000;
/// Dimensions of a tensor. PyTorch and NumPy stop at 64.
pub const DIMENSIONS: usize = 64;
/// Bytes of a tensor's name, and of a key of the metadata.
pub const NAME_BYTES: usize = 4096;
/// Entries of `__metadata__`.
pub const METADATA_ENTRIES: usize = 10_000;
/// Values in a header: a tensor of two dimensions has eight.
const VALUES: usize = 8_000_000;
const METADATA: &str = "__metadata__";
const LENGTH_BYTES: u64 = 8;

/// What a safetensors file says it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Safetensors {
    /// In the order of their bytes in the file.
    pub tensors: Vec<Tensor>,
    /// Elements of all tensors together. Packed quantised weights count as stored.
    pub parameters: u64,
    /// The `__metadata__` map.
    pub metadata: BTreeMap<String, String>,
}

/// One tensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor {
    /// As in the header.
    pub name: String,
    /// The type of its elements, as the header spells it (`BF16`).
    pub dtype: &'static str,
    /// Empty for a scalar.
    pub shape: Vec<u64>,
    /// Its first byte, counted from the end of the header.
    pub offset: u64,
    /// Bytes.
    pub bytes: u64,
}

/// Why a file is not a safetensors file that every reader sees alike.
#[derive(Debug, thiserror::Error)]
pub enum SafetensorsError {
    /// The file could not be read, or ends within its header.
    #[error("the header cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// Fewer than the eight bytes of the header's length.
    #[error("the file has {0} bytes, a safetensors file at least 8")]
    TooShort(u64),
    /// The header ends behind the file.
    #[error("the header has {header} bytes, which is more than the file's {size}")]
    HeaderBeyondFile {
        /// What the first eight bytes say.
        header: u64,
        /// Of the whole file.
        size: u64,
    },
    /// A header above [`HEADER_BYTES`].
    #[error("the header has {0} bytes, at most {HEADER_BYTES} are read")]
    HeaderTooLong(u64),
    /// The header does not start with `{`.
    #[error("the header does not start with `{{`")]
    HeaderStart,
    /// Something other than spaces between the header's value and its end.
    #[error("byte {0} of the header: only spaces may follow its object")]
    Padding(usize),
    /// The header is not JSON, or not of the form that the format has.
    #[error("header, {0}")]
    Json(#[from] JsonError),
    /// Two names that one reader takes for the same.
    #[error("the tensor name `{0}` stands twice, in two Unicode normalisations")]
    NameTwin(String),
    /// A limit of this reader.
    #[error("`{name}`: {what} {limit}")]
    Limit {
        /// The tensor.
        name: String,
        /// What there is too much of.
        what: &'static str,
        /// The most there may be.
        limit: usize,
    },
    /// A type of elements that the format does not have.
    #[error("the tensor `{name}` has the type `{dtype}`, which safetensors does not have")]
    Dtype {
        /// The tensor.
        name: String,
        /// As the header spells it.
        dtype: String,
    },
    /// `data_offsets` is not a pair of start and end.
    #[error("the tensor `{0}` has no `data_offsets` of a start and an end not before it")]
    Offsets(String),
    /// The shape's size overflows, or is no whole number of bytes.
    #[error("the shape of the tensor `{0}` has no size in bytes that fits")]
    ShapeSize(String),
    /// The shape and the bytes contradict each other.
    #[error("the tensor `{name}` needs {needed} bytes for its shape, and has {given}")]
    SpanSize {
        /// The tensor.
        name: String,
        /// From shape and type.
        needed: u64,
        /// From the offsets.
        given: u64,
    },
    /// A hole before, or an overlap with, the tensor before it.
    #[error(
        "the tensor `{name}` starts at byte {offset} of the data, the one before ends at {end}"
    )]
    NotContiguous {
        /// The tensor.
        name: String,
        /// Where it starts.
        offset: u64,
        /// Where the one before it ends.
        end: u64,
    },
    /// The data's end and the file's end differ.
    #[error("the tensors end at byte {tensors} of the data, the file at byte {file}")]
    DataSize {
        /// The end of the last tensor.
        tensors: u64,
        /// The end of the file.
        file: u64,
    },
    /// More elements in all than a count can hold.
    #[error("the tensors have more elements than 64 bits can count")]
    Parameters,
}

/// Reads the header of a file of `size` bytes; of its data no byte is read.
pub fn read(source: impl Read, size: u64) -> Result<Safetensors, SafetensorsError> {
    let (safetensors, header, data) = read_start(source, Some(size))?;
    let file = size.saturating_sub(header);
    if data == file {
        Ok(safetensors)
    } else {
        Err(SafetensorsError::DataSize { tensors: data, file })
    }
}

/// Reads the header of a file whose size is not known yet; also gives the size that it must have.
pub fn read_unsized(source: impl Read) -> Result<(Safetensors, u64), SafetensorsError> {
    let (safetensors, header, data) = read_start(source, None)?;
    Ok((safetensors, header.saturating_add(data)))
}

/// The header, where the data starts, and the bytes of it.
fn read_start(
    mut source: impl Read,
    size: Option<u64>,
) -> Result<(Safetensors, u64, u64), SafetensorsError> {
    let header = read_header(&mut source, size)?;
    let (mut tensors, metadata) = parse_header(&header)?;
    tensors.sort_by_key(|tensor| (tensor.offset, tensor.bytes));
    let data = contiguous(&tensors)?;
    let parameters = tensors
        .iter()
        .try_fold(0u64, |sum, tensor| sum.checked_add(elements(&tensor.shape)?))
        .ok_or(SafetensorsError::Parameters)?;
    let start = LENGTH_BYTES + header.len() as u64;
    Ok((Safetensors { tensors, parameters, metadata }, start, data))
}

fn read_header(source: &mut impl Read, size: Option<u64>) -> Result<Vec<u8>, SafetensorsError> {
    if let Some(size) = size.filter(|size| *size < LENGTH_BYTES) {
        return Err(SafetensorsError::TooShort(size));
    }
    let mut length = [0; LENGTH_BYTES as usize];
    source.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    if length > HEADER_BYTES {
        return Err(SafetensorsError::HeaderTooLong(length));
    }
    if let Some(size) = size.filter(|size| length > size - LENGTH_BYTES) {
        return Err(SafetensorsError::HeaderBeyondFile { header: length, size });
    }
    // Not more than the file has, and not more than the limit.
    let mut header = Vec::with_capacity(length.min(1 << 20) as usize);
    source.take(length).read_to_end(&mut header)?;
    if header.len() as u64 != length {
        return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
    }
    Ok(header)
}

type Header = (Vec<Tensor>, BTreeMap<String, String>);

fn parse_header(header: &[u8]) -> Result<Header, SafetensorsError> {
    if header.first() != Some(&b'{') {
        return Err(SafetensorsError::HeaderStart);
    }
    let mut parser = Parser::new(header, VALUES)?;
    let (mut tensors, mut metadata) = (Vec::new(), BTreeMap::new());
    let mut names = HashSet::new();
    parser.object(|parser, name| {
        if name == METADATA {
            metadata = parse_metadata(parser)?;
            return Ok(());
        }
        check_name(&name, tensors.len())?;
        if !names.insert(name.nfc().collect::<String>()) {
            return Err(SafetensorsError::NameTwin(name.into_owned()));
        }
        tensors.push(parse_tensor(parser, name.into_owned())?);
        Ok(())
    })?;
    let end = parser.offset();
    match header[end..].iter().position(|b| *b != b' ') {
        Some(other) => Err(SafetensorsError::Padding(end + other)),
        None => Ok((tensors, metadata)),
    }
}

fn check_name(name: &str, before: usize) -> Result<(), SafetensorsError> {
    if before >= TENSORS {
        return Err(limit(name, "more tensors than", TENSORS));
    }
    if name.len() > NAME_BYTES {
        let start: String = name.chars().take(64).collect();
        return Err(limit(&start, "a name with more bytes than", NAME_BYTES));
    }
    Ok(())
}

fn limit(name: &str, what: &'static str, limit: usize) -> SafetensorsError {
    SafetensorsError::Limit { name: name.to_owned(), what, limit }
}

fn parse_metadata(parser: &mut Parser) -> Result<BTreeMap<String, String>, SafetensorsError> {
    let mut metadata = BTreeMap::new();
    parser.object(|parser, key| {
        if metadata.len() >= METADATA_ENTRIES {
            return Err(limit(METADATA, "more entries than", METADATA_ENTRIES));
        }
        if key.len() > NAME_BYTES {
            return Err(limit(METADATA, "a key with more bytes than", NAME_BYTES));
        }
        metadata.insert(key.into_owned(), parser.string()?.into_owned());
        Ok(())
    })?;
    Ok(metadata)
}

fn parse_tensor(parser: &mut Parser, name: String) -> Result<Tensor, SafetensorsError> {
    let (mut dtype, mut shape, mut offsets) = (None, None, None);
    parser.object(|parser, field| {
        match field.as_ref() {
            "dtype" => dtype = Some(parse_dtype(parser, &name)?),
            "shape" => shape = Some(parse_shape(parser, &name)?),
            "data_offsets" => offsets = Some(parse_offsets(parser, &name)?),
            _ => return Err(parser.fault(JsonFault::Unknown(field.into_owned())).into()),
        }
        Ok::<(), SafetensorsError>(())
    })?;
    let missing = |field| parser.fault(JsonFault::Missing(field));
    let (dtype, bits) = dtype.ok_or_else(|| missing("dtype"))?;
    let shape = shape.ok_or_else(|| missing("shape"))?;
    let (offset, end) = offsets.ok_or_else(|| missing("data_offsets"))?;
    let Some(needed) = size(&shape, bits) else {
        return Err(SafetensorsError::ShapeSize(name));
    };
    let bytes = end - offset;
    if needed != bytes {
        return Err(SafetensorsError::SpanSize { name, needed, given: bytes });
    }
    Ok(Tensor { name, dtype, shape, offset, bytes })
}

fn parse_dtype(parser: &mut Parser, name: &str) -> Result<(&'static str, u64), SafetensorsError> {
    let dtype = parser.string()?;
    let known = DTYPES.iter().find(|(spelling, _)| *spelling == dtype);
    known.copied().ok_or_else(|| SafetensorsError::Dtype {
        name: name.to_owned(),
        dtype: dtype.chars().take(64).collect(),
    })
}

fn parse_shape(parser: &mut Parser, name: &str) -> Result<Vec<u64>, SafetensorsError> {
    let mut shape = Vec::new();
    parser.array(|parser| {
        if shape.len() >= DIMENSIONS {
            return Err(limit(name, "more dimensions than", DIMENSIONS));
        }
        shape.push(parser.u64()?);
        Ok(())
    })?;
    Ok(shape)
}

fn parse_offsets(parser: &mut Parser, name: &str) -> Result<(u64, u64), SafetensorsError> {
    let mut offsets = Vec::with_capacity(2);
    parser.array(|parser| {
        let offset = parser.u64()?;
        if offsets.len() < 3 {
            offsets.push(offset);
        }
        Ok::<(), SafetensorsError>(())
    })?;
    match offsets[..] {
        [start, end] if start <= end => Ok((start, end)),
        _ => Err(SafetensorsError::Offsets(name.to_owned())),
    }
}

fn elements(shape: &[u64]) -> Option<u64> {
    shape.iter().try_fold(1u64, |product, dimension| product.checked_mul(*dimension))
}

fn size(shape: &[u64], bits: u64) -> Option<u64> {
    let bits = elements(shape)?.checked_mul(bits)?;
    bits.is_multiple_of(8).then_some(bits / 8)
}

/// The end of the last tensor.
fn contiguous(tensors: &[Tensor]) -> Result<u64, SafetensorsError> {
    let mut end = 0;
    for tensor in tensors {
        if tensor.offset != end {
            return Err(SafetensorsError::NotContiguous {
                name: tensor.name.clone(),
                offset: tensor.offset,
                end,
            });
        }
        // No overflow: the offsets were read as a start and an end of 64 bits.
        end = tensor.offset + tensor.bytes;
    }
    Ok(end)
}

/// The element types and their bits: `Dtype` of the safetensors crate, 0.8.0.
const DTYPES: [(&str, u64); 22] = [
    ("BOOL", 8),
    ("F4", 4),
    ("F6_E2M3", 6),
    ("F6_E3M2", 6),
    ("U8", 8),
    ("I8", 8),
    ("F8_E5M2", 8),
    ("F8_E4M3", 8),
    ("F8_E8M0", 8),
    ("F8_E4M3FNUZ", 8),
    ("F8_E5M2FNUZ", 8),
    ("I16", 16),
    ("U16", 16),
    ("F16", 16),
    ("BF16", 16),
    ("I32", 32),
    ("U32", 32),
    ("F32", 32),
    ("C64", 64),
    ("F64", 64),
    ("I64", 64),
    ("U64", 64),
];

#[cfg(test)]
#[path = "safetensors_tests.rs"]
mod tests;
