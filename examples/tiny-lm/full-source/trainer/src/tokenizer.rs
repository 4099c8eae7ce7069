//! From text to numbers and back: one token per character.
//!
//! `tokenizer.json` is in the form of Hugging Face's `tokenizers` library (a BPE model without any
//! merge), so that other software can read it too. The vocabulary is every character of the training
//! text, in the order of their code points.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use crate::Error;
use crate::config::read_json;

/// The number of a character in the vocabulary.
pub type Token = u16;

/// `tokenizer.json` without its entries.
const TEMPLATE: &str = r#"{
  "version": "1.0",
  "truncation": null,
  "padding": null,
  "added_tokens": [],
  "normalizer": null,
  "pre_tokenizer": null,
  "post_processor": null,
  "decoder": { "type": "Fuse" },
  "model": {
    "type": "BPE",
    "dropout": null,
    "unk_token": null,
    "continuing_subword_prefix": null,
    "end_of_word_suffix": null,
    "fuse_unk": false,
    "byte_fallback": false,
    "ignore_merges": false,
    "vocab": {
ENTRIES
    },
    "merges": []
  }
}
"#;

/// A vocabulary of characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokenizer {
    characters: Vec<char>,
    tokens: BTreeMap<char, Token>,
}

/// The part of `tokenizer.json` that is read.
#[derive(Deserialize)]
struct TokenizerFile {
    model: Vocabulary,
}

#[derive(Deserialize)]
struct Vocabulary {
    vocab: BTreeMap<String, usize>,
}

impl Tokenizer {
    /// The tokenizer that knows the characters of `text`.
    pub fn of_text(text: &str) -> Self {
        Self::of_characters(text.chars().collect::<BTreeSet<char>>().into_iter().collect())
    }

    /// Reads `tokenizer.json`.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let file: TokenizerFile = read_json(path)?;
        let mut entries: Vec<(usize, String)> =
            file.model.vocab.into_iter().map(|(text, token)| (token, text)).collect();
        entries.sort();
        let numbered = entries.iter().enumerate().all(|(place, (token, _))| place == *token);
        let characters: Option<Vec<char>> =
            entries.iter().map(|(_, text)| only_character(text)).collect();
        match characters {
            Some(characters) if numbered && characters.len() <= usize::from(Token::MAX) + 1 => {
                Ok(Self::of_characters(characters))
            }
            _ => Err(Error::Vocabulary { path: path.into() }),
        }
    }

    /// The contents of `tokenizer.json`.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let mut entries = Vec::new();
        for (token, character) in self.characters.iter().enumerate() {
            entries
                .push(format!("      {}: {token}", serde_json::to_string(&character.to_string())?));
        }
        Ok(TEMPLATE.replace("ENTRIES", &entries.join(",\n")))
    }

    /// How many characters there are.
    pub fn size(&self) -> usize {
        self.characters.len()
    }

    /// The tokens of a text. Fails at the first character which is not in the vocabulary.
    pub fn encode(&self, text: &str) -> Result<Vec<Token>, Error> {
        let token = |character| {
            self.tokens.get(&character).copied().ok_or(Error::UnknownCharacter { character })
        };
        text.chars().map(token).collect()
    }

    /// The character of a token, which must be below [`Tokenizer::size`].
    pub fn character(&self, token: usize) -> char {
        self.characters[token]
    }

    fn of_characters(characters: Vec<char>) -> Self {
        let tokens = characters.iter().copied().zip(0..).collect();
        Self { characters, tokens }
    }
}

fn only_character(text: &str) -> Option<char> {
    let mut characters = text.chars();
    characters.next().filter(|_| characters.next().is_none())
}
