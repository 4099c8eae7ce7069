//! What of JSON a document may use, held against one value after the other (`json-2`, `json-4`,
//! `json-5`), without keeping any of them.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::JsonFault;
use crate::limits;

/// What was found in a document.
#[derive(Default)]
pub(super) struct Found {
    pub(super) fault: Cell<Option<JsonFault>>,
    /// Its values: itself, and each one inside another.
    pub(super) values: Cell<usize>,
}

/// One value held against the profile.
#[derive(Clone, Copy)]
pub(super) struct Profile<'f> {
    pub(super) found: &'f Found,
    /// How deep it lies; the document is at 1.
    pub(super) depth: usize,
}

impl Profile<'_> {
    fn refuse<E: serde::de::Error>(self, fault: JsonFault) -> E {
        let error = E::custom(&fault);
        self.found.fault.set(Some(fault));
        error
    }

    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth > limits::JSON_DEPTH {
            return Err(self.refuse(JsonFault::TooDeep));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Profile<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        self.found.values.update(|values| values + 1);
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Profile<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<(), E> {
        if number > limits::MAX_INTEGER { Err(self.refuse(JsonFault::Number)) } else { Ok(()) }
    }
    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<(), E> {
        self.visit_u64(number.unsigned_abs())
    }
    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<(), E> {
        Err(self.refuse(JsonFault::Number))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let item = self.deeper()?;
        while items.next_element_seed(item)?.is_some() {}
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let value = self.deeper()?;
        let mut seen = Keys::default();
        while let Some(key) = fields.next_key_seed(Key)? {
            if let Err(twice) = seen.insert(key) {
                return Err(self.refuse(JsonFault::DuplicateKey(twice.into_owned())));
            }
            fields.next_value_seed(value)?;
        }
        Ok(())
    }
}

/// The keys of one object.
#[derive(Default)]
struct Keys<'de> {
    /// The first ones, which most objects do not exceed: to compare them costs less than to hash them.
    few: Vec<Cow<'de, str>>,
    more: HashSet<Cow<'de, str>>,
}

/// Keys that are compared one by one.
const FEW: usize = 16;

impl<'de> Keys<'de> {
    /// Gives back a key that is one of them already.
    fn insert(&mut self, key: Cow<'de, str>) -> Result<(), Cow<'de, str>> {
        if self.few.contains(&key) || self.more.contains(&key) {
            return Err(key);
        }
        if self.few.len() < FEW {
            self.few.push(key);
        } else {
            self.more.insert(key);
        }
        Ok(())
    }
}

/// One key, with its escapes undone: borrowed from the document where it has none.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Cow<'de, str>, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }
    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(key))
    }
    fn visit_str<E>(self, key: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}
