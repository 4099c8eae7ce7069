//! Values of GGUF metadata.

use std::io::Read;

use super::gguf::GgufError;
use super::gguf_bytes::Bytes;

/// Bytes of a string that is kept. Chat templates have some 50 KiB.
pub(super) const STRING_BYTES: u64 = 1 << 20;
/// Items of an array of strings that is kept, under a `general.` key.
pub(super) const KEPT_STRINGS: u64 = 1024;
/// Arrays in arrays. ggml's own loader takes none.
pub(super) const ARRAY_DEPTH: u32 = 4;
/// Items of one array. A vocabulary fits.
pub(super) const ITEMS: u64 = 16_777_216;

/// A metadata value. Long arrays are passed over, only their length is kept.
#[derive(Debug, Clone, PartialEq)]
pub enum GgufValue {
    /// Any unsigned integer but a 32-bit one.
    Unsigned(u64),
    /// A 32-bit unsigned integer.
    U32(u32),
    /// Any signed integer.
    Signed(i64),
    /// A 32-bit or 64-bit float.
    Float(f64),
    /// A boolean.
    Bool(bool),
    /// A string.
    String(String),
    /// An array of strings under a `general.` key.
    Strings(Vec<String>),
    /// Any other array: the number of its items.
    Array(u64),
}

/// A model that a GGUF file names as its base (`general.base_model.<n>.*`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GgufBaseModel {
    /// A name for people.
    pub name: Option<String>,
    /// Who made it.
    pub organization: Option<String>,
    /// Where it lies.
    pub repo_url: Option<String>,
}

impl GgufValue {
    /// The value, if it is an integer that is not negative.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Unsigned(value) => Some(*value),
            Self::U32(value) => Some((*value).into()),
            Self::Signed(value) => (*value).try_into().ok(),
            _ => None,
        }
    }

    /// The text, if it is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Reads a type and a value of it.
    pub(super) fn read<R: Read>(bytes: &mut Bytes<R>, key: &str) -> Result<Self, GgufError> {
        let kind = bytes.u32()?;
        match kind {
            STRING => bytes.string("bytes of a metadata string", STRING_BYTES).map(Self::String),
            ARRAY => read_array(bytes, key),
            _ => read_scalar(bytes, kind),
        }
    }
}

// gguf_metadata_value_type of docs/gguf.md.
const BOOL: u32 = 7;
const STRING: u32 = 8;
const ARRAY: u32 = 9;

fn read_scalar<R: Read>(bytes: &mut Bytes<R>, kind: u32) -> Result<GgufValue, GgufError> {
    Ok(match kind {
        0 => GgufValue::Unsigned(bytes.array::<1>()?[0].into()),
        1 => GgufValue::Signed(i8::from_le_bytes(bytes.array()?).into()),
        2 => GgufValue::Unsigned(u16::from_le_bytes(bytes.array()?).into()),
        3 => GgufValue::Signed(i16::from_le_bytes(bytes.array()?).into()),
        4 => GgufValue::U32(bytes.u32()?),
        5 => GgufValue::Signed(i32::from_le_bytes(bytes.array()?).into()),
        6 => GgufValue::Float(f32::from_le_bytes(bytes.array()?).into()),
        BOOL => GgufValue::Bool(read_bool(bytes)?),
        10 => GgufValue::Unsigned(bytes.u64()?),
        11 => GgufValue::Signed(i64::from_le_bytes(bytes.array()?)),
        12 => GgufValue::Float(f64::from_le_bytes(bytes.array()?)),
        _ => return Err(bytes.malformed("a metadata value of no known type")),
    })
}

fn read_bool<R: Read>(bytes: &mut Bytes<R>) -> Result<bool, GgufError> {
    match bytes.array::<1>()? {
        [0] => Ok(false),
        [1] => Ok(true),
        _ => Err(bytes.malformed("a boolean that is neither 0 nor 1")),
    }
}

fn read_array<R: Read>(bytes: &mut Bytes<R>, key: &str) -> Result<GgufValue, GgufError> {
    let kind = bytes.u32()?;
    let count = bytes.count("items of an array", ITEMS)?;
    if kind == STRING && count <= KEPT_STRINGS && key.starts_with("general.") {
        let strings = (0..count).map(|_| bytes.string("bytes of a metadata string", STRING_BYTES));
        return strings.collect::<Result<_, _>>().map(GgufValue::Strings);
    }
    skip_items(bytes, kind, count, 1)?;
    Ok(GgufValue::Array(count))
}

fn skip_items<R: Read>(
    bytes: &mut Bytes<R>,
    kind: u32,
    count: u64,
    depth: u32,
) -> Result<(), GgufError> {
    let width = match kind {
        0 | 1 => 1,
        2 | 3 => 2,
        4..=6 => 4,
        10..=12 => 8,
        BOOL => return (0..count).try_for_each(|_| read_bool(bytes).map(drop)),
        STRING => return (0..count).try_for_each(|_| skip_string(bytes)),
        ARRAY => return (0..count).try_for_each(|_| skip_array(bytes, depth + 1)),
        _ => return Err(bytes.malformed("an array of no known type")),
    };
    bytes.skip(count * width)
}

/// Tokens are passed over as they are: a token may be a part of a character.
fn skip_string<R: Read>(bytes: &mut Bytes<R>) -> Result<(), GgufError> {
    let length = bytes.count("bytes of a metadata string", STRING_BYTES)?;
    bytes.skip(length)
}

fn skip_array<R: Read>(bytes: &mut Bytes<R>, depth: u32) -> Result<(), GgufError> {
    if depth > ARRAY_DEPTH {
        return Err(bytes.limit("arrays in arrays", depth.into(), ARRAY_DEPTH.into()));
    }
    let kind = bytes.u32()?;
    let count = bytes.count("items of an array", ITEMS)?;
    skip_items(bytes, kind, count, depth)
}
