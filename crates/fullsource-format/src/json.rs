//! The JSON profile: what of JSON a document may use, and where exactly it does not.
//!
//! Two passes over the received bytes. The first holds them against the profile (rules `json-*`),
//! which serde's own types do not all keep; the second reads the typed document.
//!
//! Spec: `spec/v0.1/json.md`.

mod objects;
mod positions;
mod profile;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed as _, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::limits;
use objects::Objects;
use profile::{Found, Profile};

pub use positions::{Item, Position, Positions, items};

/// What to do with a field that the format does not name (`json-8`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownFields {
    /// A producer's document: a misspelt field would be lost silently.
    Refuse,
    /// A consumer reads past what a later revision may have added.
    Ignore,
}

/// A place in a document: line and column from 1 (the column counts bytes), and the byte offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in bytes, from 1.
    pub column: usize,
    /// Offset of the first byte.
    pub offset: usize,
    /// Number of bytes meant, at least 1.
    pub length: usize,
}

impl Place {
    /// The place of `length` bytes at `offset` of a document.
    pub fn at(document: &[u8], offset: usize, length: usize) -> Self {
        let before = &document[..offset.min(document.len())];
        let line = 1 + before.iter().filter(|b| **b == b'\n').count();
        let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |newline| newline + 1);
        Self { line, column: 1 + before.len() - start, offset, length: length.max(1) }
    }
}

/// Why a document is refused, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {}, column {}: {fault}", .place.line, .place.column)]
pub struct JsonError {
    /// Where.
    pub place: Place,
    /// JSON Pointer (RFC 6901) of the value, empty for the document.
    pub pointer: String,
    /// What is wrong.
    pub fault: JsonFault,
}

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonFault {
    /// More bytes than the kind of document may have (`json-6`).
    #[error("the document has {found} bytes, the limit is {limit}")]
    TooLarge {
        /// Bytes found, or a lower bound of them.
        found: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// A byte order mark (`json-1`).
    #[error("the document starts with a byte order mark; save it as UTF-8 without one")]
    ByteOrderMark,
    /// Bytes that are not UTF-8 (`json-1`).
    #[error("the document is not valid UTF-8 here")]
    NotUtf8,
    /// One key twice in an object, however it is escaped (`json-2`).
    #[error("the key `{0}` stands twice in this object")]
    DuplicateKey(String),
    /// A number that is not an integer of at most 2^53 − 1 (`json-4`).
    #[error(
        "a number is an integer of at most 9007199254740991, without fraction, exponent or `-0`; \
         write others as a decimal string"
    )]
    Number,
    /// Nesting beyond the limit (`json-5`).
    #[error("values are nested deeper than {limit}", limit = limits::JSON_DEPTH)]
    TooDeep,
    /// What it holds takes more memory than there is.
    #[error("to read it takes about {0} MiB of memory, which cannot be had here")]
    Memory(usize),
    /// Not JSON (RFC 8259), lone surrogates included (`json-3`, `json-7`).
    #[error("not JSON: {0}")]
    Syntax(String),
    /// A field that the format does not name, in a producer's document (`json-8`).
    #[error("unknown field `{0}`")]
    UnknownField(String),
    /// A value of another type or form than the format takes.
    #[error("{0}")]
    Schema(String),
}

impl JsonFault {
    /// Whether the document fails the profile itself, before any type is looked at.
    pub const fn is_profile(&self) -> bool {
        !matches!(self, Self::UnknownField(_) | Self::Schema(_) | Self::Memory(_))
    }
}

/// Reads a document of at most `limit` bytes as a `T`.
///
/// Fails with the first fault found: of the profile first, then of the type, then an unknown field
/// where those are refused.
pub fn parse<'d, T: Deserialize<'d>>(
    document: &'d [u8],
    limit: usize,
    unknown: UnknownFields,
) -> Result<T, JsonError> {
    Profiled::of(document, limit)?.read(unknown)
}

/// A document that keeps the profile: who reads it more than once need not hold it against that again.
#[derive(Debug, Clone, Copy)]
pub struct Profiled<'d> {
    document: &'d [u8],
    /// How many values are in it, itself included.
    values: usize,
}

impl<'d> Profiled<'d> {
    /// Holds a document of at most `limit` bytes against the profile.
    pub fn of(document: &'d [u8], limit: usize) -> Result<Self, JsonError> {
        Ok(Self { document, values: values(document, limit)? })
    }

    /// The same document, where it has at most `limit` bytes.
    pub fn within(self, limit: usize) -> Result<Self, JsonError> {
        check_size(self.document, limit)?;
        Ok(self)
    }

    /// The same document, where there is memory for all of it at so many bytes for each value. What is
    /// taken later cannot be refused: a program that runs out of memory just ends.
    pub fn with_room(self, bytes: usize) -> Result<Self, JsonError> {
        let needed = self.values.saturating_mul(bytes);
        match Vec::<u8>::new().try_reserve_exact(needed) {
            Ok(()) => Ok(self),
            Err(_) => Err(of_whole(self.document, JsonFault::Memory(needed >> 20))),
        }
    }

    /// Reads it as a `T`. Fails with the first fault of the type, then with an unknown field where those
    /// are refused.
    pub fn read<T: Deserialize<'d>>(self, unknown: UnknownFields) -> Result<T, JsonError> {
        let document = self.document;
        let past = Cell::new(false);
        let mut reader = serde_json::Deserializer::from_slice(document);
        match T::deserialize(Objects(&mut reader, &past)) {
            Ok(value) if unknown == UnknownFields::Ignore || !past.get() => Ok(value),
            _ => traced(document, unknown),
        }
    }
}

/// Reads a document that keeps the profile and knows at every value where that stands, which takes
/// longer than to read: only what is refused needs it.
fn traced<'d, T: Deserialize<'d>>(
    document: &'d [u8],
    unknown: UnknownFields,
) -> Result<T, JsonError> {
    let (mut strange, past) = (None, Cell::new(false));
    let mut reader = serde_json::Deserializer::from_slice(document);
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(&mut reader, &mut track);
    let mut note = |path: serde_ignored::Path| {
        strange.get_or_insert_with(|| pointer_of_ignored(&path));
    };
    let noted = serde_ignored::Deserializer::new(tracked, &mut note);
    let read = T::deserialize(Objects(noted, &past));
    let value = read.map_err(|error| type_error(document, &error, &track.path()))?;
    match (strange, unknown) {
        (Some(pointer), UnknownFields::Refuse) => Err(unknown_field(document, pointer)),
        _ => Ok(value),
    }
}

/// Holds a document against the profile (`json-1` to `json-7`).
pub fn check_profile(document: &[u8], limit: usize) -> Result<(), JsonError> {
    values(document, limit).map(drop)
}

/// The number of values of a document that keeps the profile.
fn values(document: &[u8], limit: usize) -> Result<usize, JsonError> {
    check_size(document, limit)?;
    let refuse = |offset, length, fault| JsonError {
        place: Place::at(document, offset, length),
        pointer: String::new(),
        fault,
    };
    if document.starts_with(b"\xef\xbb\xbf") {
        return Err(refuse(0, 3, JsonFault::ByteOrderMark));
    }
    if let Err(error) = std::str::from_utf8(document) {
        return Err(refuse(error.valid_up_to(), 1, JsonFault::NotUtf8));
    }
    let found = Found::default();
    let mut reader = serde_json::Deserializer::from_slice(document);
    let outcome =
        Profile { found: &found, depth: 1 }.deserialize(&mut reader).and_then(|()| reader.end());
    outcome.map(|()| found.values.get()).map_err(|error| {
        let end = offset_of(document, error.line(), error.column());
        match found.fault.take() {
            Some(fault @ JsonFault::DuplicateKey(_)) => {
                let (start, length) = string_ending_at(document, end);
                refuse(start, length, fault)
            }
            Some(fault) => refuse(end.saturating_sub(1), 1, fault),
            None => refuse(end.saturating_sub(1), 1, JsonFault::Syntax(without_place(&error))),
        }
    })
}

fn check_size(document: &[u8], limit: usize) -> Result<(), JsonError> {
    if document.len() <= limit {
        return Ok(());
    }
    Err(of_whole(document, JsonFault::TooLarge { found: document.len(), limit }))
}

fn of_whole(document: &[u8], fault: JsonFault) -> JsonError {
    JsonError { place: Place::at(document, 0, 1), pointer: String::new(), fault }
}

/// Where the value at a JSON Pointer stands in a document that keeps the profile.
///
/// A pointer to something absent gives the place of the last value on the way.
pub fn place_of(document: &[u8], pointer: &str) -> Place {
    let mut span = (0, document.len());
    let mut value = serde_json::from_slice::<&RawValue>(document).ok();
    let mut parts = pointer.split('/').skip(1).map(unescape_pointer);
    while let Some(raw) = value {
        let offset = raw.get().as_ptr() as usize - document.as_ptr() as usize;
        span = (offset, raw.get().len());
        value = parts.next().and_then(|part| child(raw, &part));
    }
    let first_line = document[span.0..span.0 + span.1].iter().position(|b| *b == b'\n');
    Place::at(document, span.0, first_line.unwrap_or(span.1))
}

/// The value at a JSON Pointer, where there is one.
fn value_at<'d>(document: &'d [u8], pointer: &str) -> Option<&'d RawValue> {
    let root = serde_json::from_slice::<&RawValue>(document).ok()?;
    let mut parts = pointer.split('/').skip(1).map(unescape_pointer);
    parts.try_fold(root, |value, part| child(value, &part))
}

/// Finds one item of an array, and keeps none of the others: there may be millions.
struct Nth(usize);

impl<'de> Visitor<'de> for Nth {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        for _ in 0..self.0 {
            items.next_element::<IgnoredAny>()?;
        }
        let found = items.next_element()?;
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(found)
    }
}

fn child<'a>(value: &'a RawValue, part: &str) -> Option<&'a RawValue> {
    if value.get().starts_with('[') {
        let nth = Nth(part.parse().ok()?);
        return serde_json::Deserializer::from_str(value.get()).deserialize_seq(nth).ok()?;
    }
    let fields: BTreeMap<String, &RawValue> = serde_json::from_str(value.get()).ok()?;
    fields.get(part).copied()
}

/// Appends one part to a JSON Pointer, escaped as RFC 6901 says.
pub fn push_pointer(pointer: &mut String, part: impl fmt::Display) {
    pointer.push('/');
    pointer.push_str(&part.to_string().replace('~', "~0").replace('/', "~1"));
}

fn unescape_pointer(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

fn type_error(
    document: &[u8],
    error: &serde_json::Error,
    path: &serde_path_to_error::Path,
) -> JsonError {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path.iter() {
        match segment {
            Segment::Seq { index } => push_pointer(&mut pointer, index),
            Segment::Map { key } => push_pointer(&mut pointer, key),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    let place = place_of(document, &pointer);
    JsonError { place, pointer, fault: JsonFault::Schema(without_place(error)) }
}

fn unknown_field(document: &[u8], pointer: String) -> JsonError {
    let name = pointer.rsplit('/').next().map(unescape_pointer).unwrap_or_default();
    JsonError { place: place_of(document, &pointer), pointer, fault: JsonFault::UnknownField(name) }
}

fn pointer_of_ignored(path: &serde_ignored::Path) -> String {
    use serde_ignored::Path;
    let (parent, part) = match path {
        Path::Root => return String::new(),
        Path::Seq { parent, index } => (parent, index.to_string()),
        Path::Map { parent, key } => (parent, key.clone()),
        Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => {
            return pointer_of_ignored(parent);
        }
    };
    let mut pointer = pointer_of_ignored(parent);
    push_pointer(&mut pointer, part);
    pointer
}

/// serde_json's text without its own ` at line 1 column 2`, which we give apart, and in the words of
/// JSON instead of those of our types.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = &text[..text.rfind(" at line ").unwrap_or(text.len())];
    let text = text.replace("type: sequence", "type: array").replace("type: map", "type: object");
    match text.split_once("expected struct ") {
        Some((before, _)) => format!("{before}expected an object"),
        None => text.replace("expected a sequence", "expected an array"),
    }
}

/// The offset behind the byte that serde_json names by line and column (both from 1).
fn offset_of(document: &[u8], line: usize, column: usize) -> usize {
    let start = match line.checked_sub(2) {
        None => 0,
        Some(nth) => document
            .iter()
            .enumerate()
            .filter(|(_, b)| **b == b'\n')
            .nth(nth)
            .map_or(document.len(), |(newline, _)| newline + 1),
    };
    (start + column).min(document.len())
}

/// Start and length of the JSON string whose closing quote is the last byte before `end`.
fn string_ending_at(document: &[u8], end: usize) -> (usize, usize) {
    let Some(close) = document[..end].iter().rposition(|b| *b == b'"') else { return (end, 1) };
    let escaped =
        |quote: usize| document[..quote].iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1;
    let open = (0..close).rev().find(|at| document[*at] == b'"' && !escaped(*at)).unwrap_or(close);
    (open, close + 1 - open)
}

#[cfg(test)]
mod tests;
