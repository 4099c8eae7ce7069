//! JSON as model frameworks write it, read strictly.
//!
//! Configs of other makers hold fractions, and Python's `NaN` and `Infinity`, which the format's
//! own profile does not have. Everything that lets two readers see two documents is refused:
//! duplicate keys (compared after unescaping), a byte order mark, lone surrogates, raw control
//! characters, anything after the value.

use std::borrow::Cow;
use std::collections::HashSet;

use fullsource_format::limits;

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
    /// Nested deeper than [`limits::JSON_DEPTH`].
    #[error("nested deeper than {} levels", limits::JSON_DEPTH)]
    Depth,
    /// More values than the reader of this document takes.
    #[error("more than {0} values")]
    Values(usize),
}

/// A pull parser: the typed readers walk a document with it and never hold more than they keep.
pub(super) struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    most_values: usize,
    values: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(bytes: &'a [u8], most_values: usize) -> Result<Self, JsonError> {
        let text = std::str::from_utf8(bytes).map_err(|e| {
            let valid = std::str::from_utf8(&bytes[..e.valid_up_to()]).unwrap_or("");
            place(valid, valid.len(), JsonFault::NotUtf8)
        })?;
        let parser = Self { text, at: 0, depth: 0, most_values, values: 0 };
        if text.starts_with('\u{feff}') {
            return Err(parser.fault(JsonFault::ByteOrderMark));
        }
        Ok(parser)
    }

    /// An error at the present place.
    pub(super) fn fault(&self, fault: JsonFault) -> JsonError {
        place(self.text, self.at, fault)
    }

    /// Bytes read so far.
    pub(super) fn offset(&self) -> usize {
        self.at
    }

    /// Only white space may follow.
    pub(super) fn end(&mut self) -> Result<(), JsonError> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.fault(JsonFault::Expected("the end of the document"))),
        }
    }

    /// Calls `field` with each key of an object, in order; `field` reads the value.
    /// The keys are unique after unescaping.
    pub(super) fn object<E: From<JsonError>>(
        &mut self,
        mut field: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.open(b'{', "an object")?;
        let mut keys: HashSet<Cow<'a, str>> = HashSet::new();
        if !self.closes(b'}') {
            loop {
                self.peek();
                let key_at = self.at;
                let key = self.string_inner("a key")?;
                if !keys.insert(key.clone()) {
                    self.at = key_at;
                    return Err(self.fault(JsonFault::Duplicate(key.into_owned())).into());
                }
                self.expect(b':', "`:`")?;
                field(self, key)?;
                if self.closes(b'}') {
                    break;
                }
                self.expect(b',', "`,` or `}`")?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Calls `item` at each item of an array; `item` reads it.
    pub(super) fn array<E: From<JsonError>>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        self.open(b'[', "an array")?;
        if !self.closes(b']') {
            loop {
                item(self)?;
                if self.closes(b']') {
                    break;
                }
                self.expect(b',', "`,` or `]`")?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// A string, borrowed where it has no escapes.
    pub(super) fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        self.count()?;
        self.string_inner("a string")
    }

    /// An integer literal from 0 to 2^64 − 1, without sign, fraction or exponent.
    pub(super) fn u64(&mut self) -> Result<u64, JsonError> {
        const NEEDED: JsonFault = JsonFault::Expected("an integer from 0 to 2^64 - 1");
        self.peek();
        let start = self.at;
        let parsed = self.number().ok().and_then(|text| text.parse::<u64>().ok());
        parsed.ok_or_else(|| place(self.text, start, NEEDED))
    }

    /// Any value.
    pub(super) fn value(&mut self) -> Result<Value, JsonError> {
        match self.peek() {
            Some(b'{') => {
                let mut entries = Vec::new();
                self.object(|parser, key| {
                    entries.push((key.into_owned(), parser.value()?));
                    Ok::<(), JsonError>(())
                })?;
                Ok(Value::Object(entries))
            }
            Some(b'[') => {
                let mut items = Vec::new();
                self.array(|parser| {
                    items.push(parser.value()?);
                    Ok::<(), JsonError>(())
                })?;
                Ok(Value::Array(items))
            }
            Some(b'"') => Ok(Value::String(self.string()?.into_owned())),
            Some(_) => self.scalar(),
            None => Err(self.fault(JsonFault::End)),
        }
    }

    fn scalar(&mut self) -> Result<Value, JsonError> {
        for (word, value) in [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("NaN", Value::Number("NaN".into())),
            ("Infinity", Value::Number("Infinity".into())),
            ("-Infinity", Value::Number("-Infinity".into())),
        ] {
            if self.text[self.at..].starts_with(word) {
                self.count()?;
                self.at += word.len();
                return Ok(value);
            }
        }
        self.number().map(|text| Value::Number(text.to_owned()))
    }

    fn number(&mut self) -> Result<&'a str, JsonError> {
        self.count()?;
        let rest = &self.text[self.at..];
        let length = number_length(rest.as_bytes()).ok_or_else(|| {
            let start = rest.bytes().next();
            let digit = start.is_some_and(|b| b == b'-' || b.is_ascii_digit());
            self.fault(match (start, digit) {
                (None, _) => JsonFault::End,
                (_, true) => JsonFault::Number,
                (_, false) => JsonFault::Expected("a value"),
            })
        })?;
        self.at += length;
        Ok(&rest[..length])
    }

    fn open(&mut self, bracket: u8, what: &'static str) -> Result<(), JsonError> {
        self.expect(bracket, what)?;
        self.count()?;
        self.depth += 1;
        if self.depth > limits::JSON_DEPTH {
            return Err(self.fault(JsonFault::Depth));
        }
        Ok(())
    }

    fn count(&mut self) -> Result<(), JsonError> {
        self.values += 1;
        if self.values > self.most_values {
            return Err(self.fault(JsonFault::Values(self.most_values)));
        }
        Ok(())
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(self.at) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn closes(&mut self, bracket: u8) -> bool {
        let closes = self.peek() == Some(bracket);
        self.at += usize::from(closes);
        closes
    }

    fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), JsonError> {
        match self.peek() {
            Some(next) if next == byte => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(self.fault(JsonFault::Expected(what))),
            None => Err(self.fault(JsonFault::End)),
        }
    }

    fn string_inner(&mut self, what: &'static str) -> Result<Cow<'a, str>, JsonError> {
        self.expect(b'"', what)?;
        let mut owned: Option<String> = None;
        let mut from = self.at;
        loop {
            match self.text.as_bytes().get(self.at) {
                None => return Err(self.fault(JsonFault::End)),
                Some(0..=0x1f) => return Err(self.fault(JsonFault::Control)),
                Some(b'"') => break,
                Some(b'\\') => {
                    let text = owned.get_or_insert_default();
                    text.push_str(&self.text[from..self.at]);
                    text.push(self.escape()?);
                    from = self.at;
                }
                Some(_) => self.at += 1,
            }
        }
        let tail = &self.text[from..self.at];
        self.at += 1;
        Ok(match owned {
            None => Cow::Borrowed(tail),
            Some(text) => Cow::Owned(text + tail),
        })
    }

    /// Reads an escape, from its backslash on.
    fn escape(&mut self) -> Result<char, JsonError> {
        let Some(letter) = self.text.as_bytes().get(self.at + 1) else {
            return Err(self.fault(JsonFault::End));
        };
        let plain = match letter {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(),
            _ => return Err(self.fault(JsonFault::Escape)),
        };
        self.at += 2;
        Ok(plain)
    }

    fn unicode_escape(&mut self) -> Result<char, JsonError> {
        let high = self.code_unit()?;
        let code = match high {
            0xd800..=0xdbff => {
                let low = self.code_unit()?;
                if !(0xdc00..=0xdfff).contains(&low) {
                    return Err(self.fault(JsonFault::Surrogate));
                }
                0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)
            }
            other => other,
        };
        char::from_u32(code).ok_or_else(|| self.fault(JsonFault::Surrogate))
    }

    fn code_unit(&mut self) -> Result<u32, JsonError> {
        let Some(rest) = self.text[self.at..].strip_prefix("\\u") else {
            return Err(self.fault(JsonFault::Surrogate));
        };
        let digits = rest.get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let unit = digits.and_then(|d| u32::from_str_radix(d, 16).ok());
        let unit = unit.ok_or_else(|| self.fault(JsonFault::Escape))?;
        self.at += 6;
        Ok(unit)
    }
}

/// How many bytes a JSON number at the start of `bytes` has.
fn number_length(bytes: &[u8]) -> Option<usize> {
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    let whole = digits(at);
    if whole == 0 || (whole > 1 && bytes[at] == b'0') {
        return None;
    }
    at += whole;
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if fraction == 0 {
            return None;
        }
        at += 1 + fraction;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent == 0 {
            return None;
        }
        at += 1 + sign + exponent;
    }
    Some(at)
}

fn place(text: &str, at: usize, fault: JsonFault) -> JsonError {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    JsonError {
        line: before.bytes().filter(|b| *b == b'\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fault(text: &str) -> JsonFault {
        Value::parse(text.as_bytes(), 1000).unwrap_err().fault
    }

    #[test]
    fn what_two_readers_would_see_differently_is_refused() {
        assert_eq!(fault(r#"{"a":1,"\u0061":2}"#), JsonFault::Duplicate("a".into()));
        assert_eq!(fault("\u{feff}{}"), JsonFault::ByteOrderMark);
        assert_eq!(fault(r#""\ud800""#), JsonFault::Surrogate);
        assert_eq!(fault(r#""\ud800\u0041""#), JsonFault::Surrogate);
        assert_eq!(fault(r#""\udc00""#), JsonFault::Surrogate);
        assert_eq!(fault("\"\t\""), JsonFault::Control);
        assert_eq!(fault("{} {}"), JsonFault::Expected("the end of the document"));
        assert_eq!(fault("01"), JsonFault::Number);
        assert_eq!(fault("[1,]"), JsonFault::Expected("a value"));
        assert_eq!(fault(&"[".repeat(33)), JsonFault::Depth);
        assert_eq!(fault(&format!("[{}1]", "1,".repeat(1000))), JsonFault::Values(1000));
        assert_eq!(fault(""), JsonFault::End);
    }

    #[test]
    fn what_python_writes_is_read() {
        let value = Value::parse(b"{\"a\": [NaN, -Infinity, 1e-12], \"\\ud83d\\ude00\": null}", 9);
        let value = value.unwrap();
        assert_eq!(value.get("a").unwrap().items()[1], Value::Number("-Infinity".into()));
        assert_eq!(value.get("\u{1f600}"), Some(&Value::Null));
    }

    #[test]
    fn errors_point_at_the_place() {
        let error = Value::parse(b"{\n  \"a\": 1,\n  \"a\": 2\n}", 9).unwrap_err();
        assert_eq!((error.line, error.column), (3, 3));
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Value::parse(&bytes, 100);
        }

        #[test]
        fn what_is_accepted_serde_json_accepts(text in r#"([\[\]{},:"\\u0-9a-d.eE+ -]|true|null){0,24}"#) {
            if Value::parse(text.as_bytes(), 100).is_ok() {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{text}");
            }
        }
    }
}
