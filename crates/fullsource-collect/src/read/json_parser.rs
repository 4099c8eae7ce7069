//! A pull parser of strict JSON.

use std::borrow::Cow;
use std::collections::HashSet;

use super::json::{JsonError, JsonFault, Value};

/// Nesting of values. Real configurations have some ten levels.
pub(super) const DEPTH: usize = 128;

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
        if self.depth > DEPTH {
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
