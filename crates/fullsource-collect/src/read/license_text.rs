//! Licence texts: which licence a LICENSE file is, and whether it is that licence unchanged.
//!
//! A score says nothing about a change: Apache-2.0 with one more restriction scores 0.99. Only
//! equality of all words is *exact*; for anything else the sentences that differ are told.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::license_words::Words;
use super::model_licenses;
use super::spdx_texts::{self, SpdxText};

/// Bytes of a licence text. The longest on the SPDX list has some 100 KiB.
pub const LICENSE_BYTES: usize = 512 << 10;
/// Below this score no licence is named.
pub const LEAST_SCORE: f64 = 0.8;
/// Sentences told of what is extra, and of what is missing.
pub const SENTENCES: usize = 20;
/// Characters told of one sentence.
const SENTENCE_CHARS: usize = 300;
/// Apache's and GNU's texts end here; what follows says how to apply them and may be left out.
const END_OF_TERMS: &str = " end of terms and conditions ";

/// What a text is.
#[derive(Debug, Clone, PartialEq)]
pub struct LicenseText {
    /// The licence that it is, or is nearest to.
    pub license: Option<LicenseMatch>,
    /// Its lines that were taken for copyright notices and do not count as a change.
    pub notices: Vec<String>,
}

/// The licence that a text is, or is nearest to.
#[derive(Debug, Clone, PartialEq)]
pub struct LicenseMatch {
    /// An SPDX id, or a `LicenseRef-` for a model licence that SPDX lacks.
    pub id: String,
    /// Other ids with the very same text: text alone does not tell `GPL-3.0-only` from
    /// `GPL-3.0-or-later`.
    pub same_text: Vec<String>,
    /// How it was recognised.
    pub by: RecognizedBy,
    /// From 0 to 1: the Dice coefficient of word pairs; 1 where recognised by phrases.
    pub score: f64,
    /// Whether all words are those of the licence, apart from [`LicenseText::notices`]. A model licence known by phrases alone is never
    /// exact.
    pub exact: bool,
    /// Sentences that the licence does not have, at most [`SENTENCES`], as they stand.
    pub extra: Vec<String>,
    /// Sentences of the licence that the text does not have, at most [`SENTENCES`].
    pub missing: Vec<String>,
}

/// How a licence was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecognizedBy {
    /// By the words of the whole text.
    Text,
    /// By its title and phrases of its own.
    Phrases,
}

/// A text above [`LICENSE_BYTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the licence text has {0} bytes, at most {LICENSE_BYTES} are read")]
pub struct LicenseTooLong(pub usize);

impl LicenseText {
    /// Recognises a text. Bytes that are not UTF-8 count as punctuation.
    pub fn recognize(bytes: &[u8]) -> Result<Self, LicenseTooLong> {
        if bytes.len() > LICENSE_BYTES {
            return Err(LicenseTooLong(bytes.len()));
        }
        let text = String::from_utf8_lossy(bytes);
        let words = Words::of(&text);
        let license = match nearest(&words.plain) {
            Some(found) if found.exact => Some(found.plain_match()),
            found => by_phrases(&words.plain).or_else(|| Some(found?.changed_match(&text, &words))),
        };
        Ok(Self { license, notices: words.notices })
    }
}

struct Found {
    score: f64,
    exact: bool,
    text: &'static SpdxText,
    words: Words,
}

fn nearest(words: &str) -> Option<Found> {
    let candidates = spdx_texts::nearest(words, 3).into_iter();
    let found: Vec<Found> = candidates
        .filter(|(score, _)| *score >= LEAST_SCORE)
        .map(|(score, text)| {
            let template = text.words();
            Found { score, exact: is_exact(words, &template.plain), text, words: template }
        })
        .collect();
    let exact = found.iter().position(|found| found.exact).unwrap_or(0);
    found.into_iter().nth(exact)
}

fn is_exact(words: &str, template: &str) -> bool {
    let core = template.find(END_OF_TERMS).map(|at| &template[..at + END_OF_TERMS.len()]);
    words == template || core == Some(words)
}

impl Found {
    fn plain_match(&self) -> LicenseMatch {
        let owned = |id: &&str| (*id).to_owned();
        LicenseMatch {
            id: self.text.ids.first().map(owned).unwrap_or_default(),
            same_text: self.text.ids.iter().skip(1).map(owned).collect(),
            by: RecognizedBy::Text,
            score: if self.exact { 1.0 } else { self.score },
            exact: self.exact,
            extra: Vec::new(),
            missing: Vec::new(),
        }
    }

    fn changed_match(&self, text: &str, words: &Words) -> LicenseMatch {
        let template = self.text.text;
        LicenseMatch {
            extra: sentences_not_in(text, &self.words.plain),
            missing: sentences_not_in(template, &words.plain),
            ..self.plain_match()
        }
    }
}

fn by_phrases(words: &str) -> Option<LicenseMatch> {
    let license = model_licenses::by_phrases(words)?;
    Some(LicenseMatch {
        id: license.id.to_owned(),
        same_text: Vec::new(),
        by: RecognizedBy::Phrases,
        score: 1.0,
        exact: license.digests.contains(&words_digest(words).as_str()),
        extra: Vec::new(),
        missing: Vec::new(),
    })
}

/// The sha256 of the words, in hex.
fn words_digest(words: &str) -> String {
    Sha256::digest(words.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The sentences of a text whose words do not stand in a row in these.
fn sentences_not_in(text: &str, words: &str) -> Vec<String> {
    let notices: HashSet<String> = Words::of(text).notices.into_iter().collect();
    let counted = |line: &&str| !notices.contains(line.trim());
    let text = text.lines().filter(counted).collect::<Vec<_>>().join("\n");
    let mut sentences = Vec::new();
    for paragraph in text.split("\n\n") {
        for sentence in sentences_of(paragraph) {
            let plain = Words::of(sentence).plain;
            // One character or number alone is a list marker.
            let marker = plain.trim().len() <= 2;
            if !marker && !words.contains(&plain) {
                let shown = sentence.split_whitespace().collect::<Vec<_>>().join(" ");
                sentences.push(shown.chars().take(SENTENCE_CHARS).collect());
            }
            if sentences.len() == SENTENCES {
                return sentences;
            }
        }
    }
    sentences
}

/// Splits behind `.`, `;` and `:` with white space after them.
fn sentences_of(paragraph: &str) -> impl Iterator<Item = &str> {
    let mut rest = paragraph;
    std::iter::from_fn(move || {
        let ends = |(at, c): (usize, char)| {
            let after = &rest[at + c.len_utf8()..];
            (matches!(c, '.' | ';' | ':') && after.starts_with(char::is_whitespace))
                .then_some(at + 1)
        };
        let end = rest.char_indices().find_map(ends).unwrap_or(rest.len());
        let (sentence, after) = rest.split_at(end);
        rest = after;
        (!sentence.is_empty()).then_some(sentence)
    })
}

/// For the table's own test: phrases are compared in this form.
#[cfg(test)]
pub(super) fn plain(text: &str) -> String {
    super::license_words::plain(text)
}

#[cfg(test)]
#[path = "license_text_tests.rs"]
mod tests;
