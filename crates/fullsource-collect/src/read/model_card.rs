//! The front matter of a model card: the YAML block at the top of a README.md.
//!
//! Found as `huggingface_hub` finds it (`repocard.py`, `REGEX_YAML_BLOCK`). Booleans are `true` and
//! `false` alone, as on the hub: `language: no` is Norwegian.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Bytes of a front matter. The longest ones hold evaluation results.
pub const FRONT_MATTER_BYTES: usize = 64 << 10;
/// Entries of one list.
pub const ITEMS: usize = 10_000;

/// What a model card's front matter says. All of it is a claim, none of it evidence.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModelCard {
    /// `license`: hub ids, see [`super::hub_license`].
    pub license: Vec<String>,
    /// `license_name`, for `license: other`.
    pub license_name: Option<String>,
    /// `license_link`: a file of the repository or a URL.
    pub license_link: Option<String>,
    /// `base_model`: hub ids of the parents.
    pub base_model: Vec<String>,
    /// `base_model_relation`: `adapter`, `merge`, `quantized` or `finetune`.
    pub base_model_relation: Option<String>,
    /// `datasets`: hub ids.
    pub datasets: Vec<String>,
    /// `language`: codes.
    pub language: Vec<String>,
    /// `tags`.
    pub tags: Vec<String>,
    /// `pipeline_tag`.
    pub pipeline_tag: Option<String>,
    /// `library_name`.
    pub library_name: Option<String>,
    /// The names of all `extra_gated_*` fields: the release asks something before it lets in.
    pub gated: Vec<String>,
}

/// Why a front matter cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelCardError {
    /// Above [`FRONT_MATTER_BYTES`].
    #[error("the front matter has more than {FRONT_MATTER_BYTES} bytes")]
    TooLong,
    /// Bytes that are not UTF-8.
    #[error("line {line}: not UTF-8")]
    NotUtf8 {
        /// Of the card, counted from 1.
        line: u64,
    },
    /// Not YAML, a duplicate key, a field of the wrong type, or more aliases than are read.
    #[error("line {line}, column {column}: {message}")]
    Yaml {
        /// Of the card, counted from 1.
        line: u64,
        /// Counted from 1.
        column: u64,
        /// What the YAML reader says.
        message: String,
    },
}

impl ModelCard {
    /// Reads the front matter of a card, if it has one. Only the first
    /// [`FRONT_MATTER_BYTES`] and a few more are looked at, so the start of a file is enough.
    pub fn parse(card: &[u8]) -> Result<Option<Self>, ModelCardError> {
        let Some((yaml, lines_before)) = front_matter(card)? else { return Ok(None) };
        let yaml = std::str::from_utf8(yaml).map_err(|e| ModelCardError::NotUtf8 {
            line: lines_before + lines(&yaml[..e.valid_up_to()]) + 1,
        })?;
        let card = serde_saphyr::from_str_with_options::<Option<Self>>(yaml, options());
        match card {
            Ok(card) => Ok(Some(card.unwrap_or_default())),
            Err(error) => Err(yaml_error(&error, lines_before)),
        }
    }
}

/// The YAML between the two `---`, and the number of lines before it.
fn front_matter(card: &[u8]) -> Result<Option<(&[u8], u64)>, ModelCardError> {
    let start = card.strip_prefix(b"\xef\xbb\xbf").unwrap_or(card);
    let opening = start.trim_ascii_start();
    let Some(rest) = opening.strip_prefix(b"---") else { return Ok(None) };
    if !matches!(rest.first(), Some(b'\r' | b'\n')) {
        return Ok(None);
    }
    let before = lines(&card[..card.len() - rest.len()]);
    let seen = &rest[..rest.len().min(FRONT_MATTER_BYTES)];
    match closing(seen, seen.len() == rest.len()) {
        Some(end) => Ok(Some((&rest[..end], before))),
        None if seen.len() == rest.len() => Ok(None),
        None => Err(ModelCardError::TooLong),
    }
}

/// Where a line of `---` starts, its line break before it included.
fn closing(text: &[u8], ends: bool) -> Option<usize> {
    (0..text.len()).find(|at| {
        let line = text[*at..].strip_prefix(b"\n").or_else(|| text[*at..].strip_prefix(b"\r"));
        let after = line.and_then(|line| line.strip_prefix(b"---"));
        after.is_some_and(|after| match after.first() {
            None => ends,
            Some(next) => matches!(next, b'\r' | b'\n'),
        })
    })
}

fn lines(text: &[u8]) -> u64 {
    text.iter().filter(|b| **b == b'\n').count() as u64
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        strict_booleans: true,
        budget: serde_saphyr::budget! {
            max_events: 100_000,
            max_nodes: 50_000,
            max_depth: 32,
            flow_nesting_limit: 32,
            max_documents: 1,
            max_aliases: 100,
            max_anchors: 100,
            max_recorded_anchor_events: 50_000,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 50_000,
            max_replay_stack_depth: 8,
        },
    }
}

fn yaml_error(error: &serde_saphyr::Error, lines_before: u64) -> ModelCardError {
    let place = error.location();
    // The reader's own line numbers are those of the block, its snippet has many lines.
    let text = error.without_snippet().to_string();
    let message = text.lines().next().unwrap_or_default();
    // It ends with advice for programmers, and with the place within the block.
    let message = message.split(", set DuplicateKeyPolicy").next().unwrap_or_default();
    let message = message.split(" at line ").next().unwrap_or_default();
    ModelCardError::Yaml {
        line: lines_before + place.map_or(1, |place| place.line()),
        column: place.map_or(1, |place| place.column()),
        message: message.to_owned(),
    }
}

impl<'de> Deserialize<'de> for ModelCard {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(CardVisitor)
    }
}

struct CardVisitor;

impl<'de> Visitor<'de> for CardVisitor {
    type Value = ModelCard;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a mapping of the card's fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ModelCard, A::Error> {
        let mut card = ModelCard::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "license" => card.license = map.next_value::<Names>()?.0,
                "license_name" => card.license_name = map.next_value()?,
                "license_link" => card.license_link = map.next_value()?,
                "base_model" => card.base_model = map.next_value::<Names>()?.0,
                "base_model_relation" => card.base_model_relation = map.next_value()?,
                "datasets" => card.datasets = map.next_value::<Names>()?.0,
                "language" => card.language = map.next_value::<Names>()?.0,
                "tags" => card.tags = map.next_value::<Names>()?.0,
                "pipeline_tag" => card.pipeline_tag = map.next_value()?,
                "library_name" => card.library_name = map.next_value()?,
                other => {
                    if other.starts_with("extra_gated_") {
                        card.gated.push(other.to_owned());
                    }
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(card)
    }
}

/// One text, a list of texts, or nothing.
struct Names(Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(NamesVisitor)
    }
}

struct NamesVisitor;

impl<'de> Visitor<'de> for NamesVisitor {
    type Value = Names;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a text or a list of texts")
    }

    fn visit_str<E>(self, text: &str) -> Result<Names, E> {
        Ok(Names(vec![text.to_owned()]))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Names, E> {
        Ok(Names(vec![value.to_string()]))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Names, E> {
        Ok(Names(vec![value.to_string()]))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Names, E> {
        Ok(Names(vec![value.to_string()]))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Names, E> {
        Ok(Names(vec![value.to_string()]))
    }

    fn visit_unit<E>(self) -> Result<Names, E> {
        Ok(Names(Vec::new()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Names, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = seq.next_element::<Option<String>>()? {
            if names.len() >= ITEMS {
                return Err(serde::de::Error::custom(format!("more than {ITEMS} items")));
            }
            names.extend(name);
        }
        Ok(Names(names))
    }
}

#[cfg(test)]
#[path = "model_card_tests.rs"]
mod tests;
