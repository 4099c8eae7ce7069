//! The training text as tokens, and the stretch of it that is learnt from next.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::random::SplitMix64;
use crate::tokenizer::{Token, Tokenizer};

/// A text as tokens, long enough for at least one window.
#[derive(Debug, Clone)]
pub struct Corpus {
    tokens: Vec<Token>,
    window: usize,
}

impl Corpus {
    /// Cuts a text into tokens. `window` is the number of characters predicted in one example.
    pub fn new(text: &str, tokenizer: &Tokenizer, window: usize) -> Result<Self, Error> {
        let tokens = tokenizer.encode(text)?;
        if tokens.len() <= window {
            return Err(Error::TooLittleData { tokens: tokens.len(), needed: window + 1 });
        }
        Ok(Self { tokens, window })
    }

    /// All tokens, in the order of the text.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// A stretch of `window` + 1 tokens which starts anywhere: each token but the last is read, and
    /// each but the first is to be predicted.
    pub fn draw(&self, random: &mut SplitMix64) -> &[Token] {
        let starts = self.tokens.len() - self.window;
        let start = random.below(starts as u64) as usize;
        &self.tokens[start..=start + self.window]
    }
}

/// Reads a text file, or all `*.txt` files directly in a directory in the order of their names.
pub fn read_text(path: &Path) -> Result<String, Error> {
    let read_error = |source| Error::Read { path: path.into(), source };
    if !path.is_dir() {
        return fs::read_to_string(path).map_err(read_error);
    }
    let entries: Result<Vec<PathBuf>, _> =
        fs::read_dir(path).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut files = entries.map_err(read_error)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    files.iter().map(|file| read_text(file)).collect()
}
