//! The two files that describe a training: `config.json` (the model) and `training.json` (the rest).

use std::fs;
use std::path::Path;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};

use crate::Error;

/// The shape of the model: what is needed to use it, in the manner of Hugging Face's `config.json`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ModelConfig {
    /// The kind of model; always `tiny-gru`.
    pub model_type: String,
    /// How many different characters it knows.
    pub vocab_size: usize,
    /// How many numbers it remembers from one character to the next.
    pub hidden_size: usize,
}

/// How the model was trained. Together with `config.json` and the data it determines every bit.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingConfig {
    /// Where the random numbers start.
    pub seed: u64,
    /// How often the parameters are moved.
    pub steps: u64,
    /// Stretches of text looked at in one step.
    pub batch_examples: usize,
    /// Stretches in one shard; a batch is cut into shards of this size whatever the number of threads.
    pub shard_examples: usize,
    /// Characters predicted in one stretch.
    pub window: usize,
    /// The largest learning rate.
    pub learning_rate: Decimal,
    /// The learning rate of the last step.
    pub final_learning_rate: Decimal,
    /// Steps in which the learning rate rises from 0 to its largest.
    pub warmup_steps: u64,
    /// Adam's memory of the gradient.
    pub beta1: Decimal,
    /// Adam's memory of its square.
    pub beta2: Decimal,
    /// Keeps Adam from dividing by 0.
    pub epsilon: Decimal,
    /// A longer gradient is shortened to this length.
    pub gradient_clip: Decimal,
}

/// A number written as a decimal string, `"0.004"`, so that every reader of the JSON sees the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decimal(pub f32);

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.parse::<f32>() {
            Ok(value) if value.is_finite() && value >= 0.0 => Ok(Self(value)),
            _ => Err(D::Error::custom(format!("`{text}` is not a decimal number of at least 0"))),
        }
    }
}

impl ModelConfig {
    /// Reads and checks `config.json`.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let config: Self = read_json(path)?;
        if config.model_type != "tiny-gru" {
            return Err(setting("model_type", &config.model_type, "`tiny-gru`"));
        }
        within("vocab_size", config.vocab_size, 1, 65_536, "from 1 to 65536")?;
        within("hidden_size", config.hidden_size, 1, 4096, "from 1 to 4096")?;
        Ok(config)
    }
}

impl TrainingConfig {
    /// Reads and checks `training.json`.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let config: Self = read_json(path)?;
        within("window", config.window, 1, 65_536, "from 1 to 65536")?;
        within("batch_examples", config.batch_examples, 1, 65_536, "from 1 to 65536")?;
        within(
            "shard_examples",
            config.shard_examples,
            1,
            config.batch_examples,
            "from 1 to `batch_examples`",
        )?;
        if config.steps == 0 {
            return Err(setting("steps", config.steps, "at least 1"));
        }
        for (name, beta) in [("beta1", config.beta1), ("beta2", config.beta2)] {
            if beta.0 >= 1.0 {
                return Err(setting(name, beta.0, "less than 1"));
            }
        }
        Ok(config)
    }
}

/// Reads a JSON file into the type that describes it.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let bytes = fs::read(path).map_err(|source| Error::Read { path: path.into(), source })?;
    serde_json::from_slice(&bytes).map_err(|source| Error::Json { path: path.into(), source })
}

fn within(
    name: &'static str,
    value: usize,
    least: usize,
    most: usize,
    needed: &'static str,
) -> Result<(), Error> {
    if (least..=most).contains(&value) { Ok(()) } else { Err(setting(name, value, needed)) }
}

fn setting(name: &'static str, value: impl ToString, needed: &'static str) -> Error {
    Error::Setting { name, value: value.to_string(), needed }
}
