//! What can go wrong, with what to do about it.

use std::io;
use std::path::PathBuf;

/// Why a command could not do its work. [`Error::help`] says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read.
    #[error("could not read `{path}`: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("could not write `{path}`: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A JSON file has a mistake in it, or lacks a field.
    #[error("`{path}` is not as expected: {source}")]
    Json {
        /// The file.
        path: PathBuf,
        /// The place and the reason.
        source: serde_json::Error,
    },
    /// A setting has a value that no training can use.
    #[error("`{name}` is {value}, but must be {needed}")]
    Setting {
        /// The field of `config.json` or `training.json`.
        name: &'static str,
        /// What it is.
        value: String,
        /// What it may be.
        needed: &'static str,
    },
    /// The data or the prompt holds a character that the tokenizer does not know.
    #[error("the character {character:?} is not in the vocabulary")]
    UnknownCharacter {
        /// The character.
        character: char,
    },
    /// `config.json` and `tokenizer.json` do not belong together.
    #[error("`config.json` has a vocabulary of {config}, `tokenizer.json` one of {tokenizer}")]
    VocabularySize {
        /// `vocab_size` of the model.
        config: usize,
        /// Entries of the tokenizer.
        tokenizer: usize,
    },
    /// The tokenizer's ids are not 0, 1, 2, ... without a gap.
    #[error("`{path}` is not a vocabulary of single characters numbered from 0 without a gap")]
    Vocabulary {
        /// The file.
        path: PathBuf,
    },
    /// There is too little text for a single window.
    #[error("the data has {tokens} tokens; a window needs {needed}")]
    TooLittleData {
        /// Tokens found.
        tokens: usize,
        /// Tokens needed.
        needed: usize,
    },
    /// A safetensors file is broken or holds something else.
    #[error("`{path}` is not a safetensors file of this model: {reason}")]
    Tensors {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The checkpoint was made from another configuration or other data.
    #[error("`{path}` belongs to another training: its run is `{found}`, this one `{expected}`")]
    ForeignCheckpoint {
        /// The checkpoint.
        path: PathBuf,
        /// Fingerprint in the file.
        found: String,
        /// Fingerprint of configuration, settings and data given now.
        expected: String,
    },
    /// The last step asked for does not lie ahead.
    #[error(
        "cannot train until step {until}: the start is at step {start} and the training has {steps} steps"
    )]
    StepRange {
        /// Step of the start.
        start: u64,
        /// Step asked for.
        until: u64,
        /// Steps of the whole training.
        steps: u64,
    },
}

impl Error {
    /// What the user can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Read { .. } => "check that the path is right and may be read",
            Self::Write { .. } => "check that the directory exists, may be written and has room",
            Self::Json { .. } => "compare the file with the one shipped beside this trainer",
            Self::Setting { .. } => "correct the setting and start again",
            Self::UnknownCharacter { .. } => {
                "use characters of the training text, or make a new tokenizer with `tiny-lm tokenizer`"
            }
            Self::VocabularySize { .. } => "set `vocab_size` to the tokenizer's size",
            Self::Vocabulary { .. } => "make the tokenizer again with `tiny-lm tokenizer`",
            Self::TooLittleData { .. } => "give more text, or make `window` smaller",
            Self::Tensors { .. } => "give a file that `tiny-lm train` wrote for this `config.json`",
            Self::ForeignCheckpoint { .. } => {
                "give the configuration and the data that the checkpoint was made with"
            }
            Self::StepRange { .. } => "give `--until` a step after the start and not after the end",
        }
    }
}
