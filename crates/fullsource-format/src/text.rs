//! Bounded texts: ids, names, descriptions, amounts, dates.
//!
//! Spec: `spec/v0.1/manifest.md`, section "Values".

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::limits;

/// Why a text is not what its field takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Not an id (`man-2`).
    #[error("`{0}` is not an id: 1 to 128 of `A-Z a-z 0-9 . _ -`, the first a letter or a digit")]
    Id(String),
    /// Not a name (`man-3`).
    #[error("a name has 1 to 256 characters and no control characters")]
    Name,
    /// Too long (`lim-3`).
    #[error("a text has at most {limit} characters, this has {found}")]
    TooLong {
        /// The limit in characters.
        limit: usize,
        /// Characters found.
        found: usize,
    },
    /// Not an amount (`man-4`).
    #[error("`{0}` is not an amount: an integer, or a string such as \"1500000000000000000.5\"")]
    Amount(String),
}

/// Reads a value from its text, of which no copy is made first: a document may hold millions.
pub(crate) fn from_text<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: FromStr<Err: fmt::Display>,
{
    struct Read<T>(PhantomData<T>);
    impl<T: FromStr<Err: fmt::Display>> serde::de::Visitor<'_> for Read<T> {
        type Value = T;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }
        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(E::custom)
        }
    }
    from.deserialize_str(Read(PhantomData))
}

/// A text type: checked on the way in, plain on the way out.
macro_rules! text {
    ($(#[$doc:meta])* $name:ident($held:ty), $check:path, $schema:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($held);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $name {
            type Err = TextError;
            fn from_str(text: &str) -> Result<Self, TextError> {
                $check(text)?;
                Ok(Self(text.into()))
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(&self.0)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from_text(from)
            }
        }
        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

text!(
    /// The id of an artifact, a stage or a segment, unique in its manifest. Tables and findings hold it
    /// many times over, and share one text.
    Id(Arc<str>),
    check_id,
    json_schema!({
        "type": "string",
        "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$",
        "description": "An id, unique among its kind in this manifest."
    })
);

text!(
    /// A name to show: 1 to 256 characters, none of them a control character.
    Name(Box<str>),
    check_name,
    json_schema!({
        "type": "string",
        "pattern": r"^[^\u0000-\u001f\u007f-\u009f]*$",
        "minLength": 1,
        "maxLength": 256,
        "description": "A name to show: 1 to 256 characters, no control characters."
    })
);

text!(
    /// A free text of at most [`limits::STRING_CHARS`] characters: a reason, a description, a URI.
    Text(Box<str>),
    check_text,
    json_schema!({
        "type": "string",
        "maxLength": limits::STRING_CHARS,
        "description": "A free text."
    })
);

impl Id {
    /// The text, shared: for what holds the id of one thing many times over.
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

impl Name {
    /// A name made of a text: control characters dropped, cut at the limit, `?` where nothing is
    /// left.
    pub fn clipped(text: &str) -> Self {
        let name: String = text.chars().filter(|c| !c.is_control()).take(256).collect();
        Self(if name.is_empty() { "?".into() } else { name.into() })
    }
}

impl Text {
    /// The text, cut at the limit: for what a system or another side says, which must be kept and
    /// must not fail.
    pub fn clipped(text: &str) -> Self {
        Self(text.chars().take(limits::STRING_CHARS).collect())
    }
}

fn check_id(text: &str) -> Result<(), TextError> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let starts = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    if starts && text.len() <= 128 && text.bytes().all(plain) {
        Ok(())
    } else {
        Err(TextError::Id(text.chars().take(40).collect()))
    }
}

fn check_name(text: &str) -> Result<(), TextError> {
    let fits = (1..=256).contains(&text.chars().count());
    if fits && !text.chars().any(char::is_control) { Ok(()) } else { Err(TextError::Name) }
}

fn check_text(text: &str) -> Result<(), TextError> {
    let found = text.chars().count();
    let limit = limits::STRING_CHARS;
    if found <= limit { Ok(()) } else { Err(TextError::TooLong { limit, found }) }
}

/// A quantity that may be larger than 2^53 − 1 or fractional: tokens, hours, FLOP.
///
/// Written as an integer where it is one that fits, else as a decimal string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amount {
    /// An integer of at most 2^53 − 1.
    Integer(u64),
    /// `digits[.digits]`: at most 40 digits, and 20 behind the point.
    Decimal(String),
}

impl Amount {
    /// The nearest double, for comparisons and bands, never for digests.
    pub fn to_f64(&self) -> f64 {
        match self {
            #[allow(clippy::cast_precision_loss, reason = "at most 2^53 - 1")]
            Self::Integer(value) => *value as f64,
            Self::Decimal(text) => text.parse().unwrap_or(f64::INFINITY),
        }
    }

    fn check_decimal(text: &str) -> Result<(), TextError> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str, most| {
            (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
        };
        if digits(whole, 40) && digits(fraction, 20) {
            Ok(())
        } else {
            Err(TextError::Amount(text.chars().take(40).collect()))
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(value) => value.fmt(f),
            Self::Decimal(text) => f.write_str(text),
        }
    }
}

impl Serialize for Amount {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Integer(value) => to.serialize_u64(*value),
            Self::Decimal(text) => to.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read;
        impl serde::de::Visitor<'_> for Read {
            type Value = Amount;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an integer of at most 2^53-1 or a decimal string")
            }
            fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Amount, E> {
                Ok(Amount::Integer(value))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Amount, E> {
                Amount::check_decimal(text).map_err(E::custom)?;
                Ok(Amount::Decimal(text.to_owned()))
            }
        }
        from.deserialize_any(Read)
    }
}

impl JsonSchema for Amount {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Amount".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "oneOf": [
                { "type": "integer", "minimum": 0, "maximum": limits::MAX_INTEGER },
                { "type": "string", "pattern": r"^[0-9]{1,40}(\.[0-9]{1,20})?$" }
            ],
            "description": "An integer of at most 2^53-1, or any decimal number as a string."
        })
    }
}

/// An integer from 0 to 2^53 − 1: a size in bytes or a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Count(pub u64);

impl JsonSchema for Count {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Count".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "integer",
            "minimum": 0,
            "maximum": limits::MAX_INTEGER,
            "description": "An integer from 0 to 2^53-1."
        })
    }
}

/// A calendar day, `YYYY-MM-DD` (RFC 3339 full-date).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(#[serde(deserialize_with = "read_day")] jiff::civil::Date);

fn read_day<'de, D: serde::Deserializer<'de>>(from: D) -> Result<jiff::civil::Date, D::Error> {
    use serde::de::Error;
    let text = String::deserialize(from)?;
    let day: jiff::civil::Date = text
        .parse()
        .map_err(|_| D::Error::custom(format!("`{text}` is not a day such as 2026-01-31")))?;
    if day.to_string() == text {
        Ok(day)
    } else {
        Err(D::Error::custom(format!("write the day as `{day}`, not `{text}`")))
    }
}

impl Day {
    /// The day.
    pub const fn new(day: jiff::civil::Date) -> Self {
        Self(day)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl JsonSchema for Day {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Day".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "date",
            "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
            "description": "A day, YYYY-MM-DD."
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_plain() {
        for good in ["a", "weights.final", "0-a_b"] {
            assert_eq!(good.parse::<Id>().unwrap().as_str(), good);
        }
        for bad in ["", "-a", ".a", "a b", "ä", &"a".repeat(129)] {
            assert!(bad.parse::<Id>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn amounts_are_integers_or_decimal_strings() {
        let read = serde_json::from_str::<Amount>;
        assert_eq!(read("3").unwrap(), Amount::Integer(3));
        assert_eq!(read("\"1.5\"").unwrap(), Amount::Decimal("1.5".into()));
        for bad in ["1.5", "-1", "\"-1\"", "\"1.\"", "\"\"", "\"1e9\"", "\"1_0\""] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_day_has_one_spelling() {
        assert_eq!(
            serde_json::from_str::<Day>("\"2026-11-23\"").unwrap().to_string(),
            "2026-11-23"
        );
        for bad in ["\"2026-11-31\"", "\"20261123\"", "\"2026-11-23T00:00:00Z\""] {
            assert!(serde_json::from_str::<Day>(bad).is_err(), "{bad}");
        }
    }
}
