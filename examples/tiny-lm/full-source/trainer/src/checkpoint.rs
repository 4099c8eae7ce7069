//! How a training stops and goes on: the whole state in one file.
//!
//! A checkpoint holds the parameters under the same names as the finished model, both means of Adam
//! for each (`adam.first.NAME`, `adam.second.NAME`), and as notes the step, the state of the random
//! numbers, which is the position in the data, and a fingerprint of what the run is made from. Going
//! on from it gives the same bits as never having stopped.

use std::path::Path;

use crate::Error;
use crate::adam::Moments;
use crate::config::{ModelConfig, TrainingConfig};
use crate::model::{Parameters, Shape, Tensor};
use crate::random::SplitMix64;
use crate::safetensors::TensorFile;
use crate::tokenizer::Token;

/// All that the next step depends on, beside configuration and data.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Steps done.
    pub step: u64,
    /// The parameters.
    pub parameters: Parameters,
    /// What Adam remembers.
    pub moments: Moments,
    /// Decides which stretches of text come next.
    pub random: SplitMix64,
}

impl State {
    /// The state before the first step, from the seed alone.
    pub fn init(shape: Shape, seed: u64) -> Self {
        let mut random = SplitMix64::new(seed);
        let parameters = Parameters::random(shape, &mut random);
        Self { step: 0, parameters, moments: Moments::zeros(shape), random }
    }

    /// Writes a checkpoint of the run with this fingerprint.
    pub fn save(&self, path: &Path, fingerprint: &str) -> Result<(), Error> {
        let mut file = TensorFile::default();
        put(&mut file, "", &self.parameters);
        put(&mut file, "adam.first.", &self.moments.first);
        put(&mut file, "adam.second.", &self.moments.second);
        file.notes.insert("step".into(), self.step.to_string());
        file.notes.insert("random".into(), self.random.state().to_string());
        file.notes.insert("run".into(), fingerprint.into());
        file.write(path)
    }

    /// Reads a checkpoint. One of another run is refused.
    pub fn load(path: &Path, shape: Shape, fingerprint: &str) -> Result<Self, Error> {
        let file = TensorFile::read(path)?;
        let found = note(&file, path, "run")?;
        if found != fingerprint {
            let (found, expected) = (found.into(), fingerprint.into());
            return Err(Error::ForeignCheckpoint { path: path.into(), found, expected });
        }
        Ok(Self {
            step: number(&file, path, "step")?,
            parameters: take(&file, path, "", shape)?,
            moments: Moments {
                first: take(&file, path, "adam.first.", shape)?,
                second: take(&file, path, "adam.second.", shape)?,
            },
            random: SplitMix64::new(number(&file, path, "random")?),
        })
    }
}

impl Parameters {
    /// Writes the finished model: the parameters and nothing else.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let mut file = TensorFile::default();
        put(&mut file, "", self);
        file.write(path)
    }

    /// Reads the parameters of a finished model or of a checkpoint.
    pub fn load(path: &Path, shape: Shape) -> Result<Self, Error> {
        take(&TensorFile::read(path)?, path, "", shape)
    }
}

/// 16 hexadecimal digits which differ as soon as configuration, settings or data do.
///
/// This guards against a mix-up, not against an attacker: it is the 64-bit FNV-1a hash.
pub fn fingerprint(model: &ModelConfig, training: &TrainingConfig, tokens: &[Token]) -> String {
    let settings = format!("{model:?} {training:?}");
    let bytes = settings.bytes().chain(tokens.iter().flat_map(|token| token.to_le_bytes()));
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}

fn put(file: &mut TensorFile, prefix: &str, parameters: &Parameters) {
    for tensor in Tensor::ALL {
        let (shape, values) = (tensor.shape(parameters.shape), parameters.tensor(tensor).to_vec());
        file.tensors.insert(format!("{prefix}{}", tensor.name()), (shape, values));
    }
}

fn take(file: &TensorFile, path: &Path, prefix: &str, shape: Shape) -> Result<Parameters, Error> {
    let mut parameters = Parameters::zeros(shape);
    for tensor in Tensor::ALL {
        let name = format!("{prefix}{}", tensor.name());
        match file.tensors.get(&name) {
            Some((found, values)) if *found == tensor.shape(shape) => {
                parameters.tensor_mut(tensor).copy_from_slice(values);
            }
            found => {
                let found = found.map_or("nothing".into(), |(found, _)| format!("{found:?}"));
                let reason = format!("`{name}` should be {:?} but is {found}", tensor.shape(shape));
                return Err(Error::Tensors { path: path.into(), reason });
            }
        }
    }
    Ok(parameters)
}

fn note<'a>(file: &'a TensorFile, path: &Path, name: &str) -> Result<&'a str, Error> {
    let reason = || format!("it has no `{name}`, so it is not a checkpoint");
    file.notes
        .get(name)
        .map(String::as_str)
        .ok_or_else(|| Error::Tensors { path: path.into(), reason: reason() })
}

fn number(file: &TensorFile, path: &Path, name: &str) -> Result<u64, Error> {
    let text = note(file, path, name)?;
    let reason = || format!("its `{name}` is `{text}`, not a number");
    text.parse().map_err(|_| Error::Tensors { path: path.into(), reason: reason() })
}
