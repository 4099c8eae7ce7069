//! JSON as model frameworks write it, read strictly.
//!
//! Configs of other makers hold fractions, and Python's `NaN` and `Infinity`, which the format's
//! own profile does not have. Everything that lets two readers see two documents is refused:
//! duplicate keys (compared after unescaping), a byte order mark, lone surrogates, raw control
//! characters, anything after the value.

use super::json_parser::Parser;

/// A JSON value. Numbers keep their spelling, objects their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it is spelt, `NaN`, `Infinity` and `-Infinity` included.
    Number(String),
    /// A string, unescaped.
    String(String),
    /// An array.
    Array(Vec<Value>),
    /// An object, its keys unique and in the order of the document.
    Object(Vec<(String, Value)>),
}

impl Value {
    /// Reads one document of at most `most_values` values.
    pub fn parse(bytes: &[u8], most_values: usize) -> Result<Self, JsonError> {
        let mut parser = Parser::new(bytes, most_values)?;
        let value = parser.value()?;
        parser.end()?;
        Ok(value)
    }

    /// The value of this key, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if this is an integer literal that fits.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The entries of an object; none for any other value.
    pub fn entries(&self) -> &[(String, Value)] {
        match self {
            Self::Object(entries) => entries,
            _ => &[],
        }
    }

    /// The items of an array; none for any other value.
    pub fn items(&self) -> &[Value] {
        match self {
            Self::Array(items) => items,
            _ => &[],
        }
    }
}

/// Where and why a document is not strict JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {fault}")]
pub struct JsonError {
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// What is there.
    pub fault: JsonFault,
}

/// What is wrong at a place of a JSON document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonFault {
    /// A byte order mark.
    #[error("the document starts with a byte order mark")]
    ByteOrderMark,
    /// Bytes that are not UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// The document ends within a value.
    #[error("the document ends too early")]
    End,
    /// Something else stands where this was needed.
    #[error("expected {0}")]
    Expected(&'static str),
    /// A number that JSON cannot spell so.
    #[error("not a number")]
    Number,
    /// A control character in a string, which must be escaped.
    #[error("a raw control character in a string")]
    Control,
    /// An escape that JSON does not have.
    #[error("no such escape")]
    Escape,
    /// Half of a surrogate pair.
    #[error("a lone surrogate")]
    Surrogate,
    /// The same key twice in one object.
    #[error("the key `{0}` stands here twice")]
    Duplicate(String),
    /// A key that has no place here.
    #[error("unknown field `{0}`")]
    Unknown(String),
    /// A key that is needed.
    #[error("the field `{0}` is missing")]
    Missing(&'static str),
    /// Nested deeper than `DEPTH` of the parser.
    #[error("nested deeper than {} levels", super::json_parser::DEPTH)]
    Depth,
    /// More values than the reader of this document takes.
    #[error("more than {0} values")]
    Values(usize),
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
