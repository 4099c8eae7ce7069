//! Stages: how the weights were made, step by step.

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Serialize};

use super::artifact::one_or_more;
use crate::text::{Amount, Count, Id, Text, from_text};

/// One step that made weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    /// Its id in this manifest.
    #[schemars(extend("examples" = ["pretrain"]))]
    pub id: Id,
    /// What kind of step it is.
    pub kind: StageKind,
    /// The software that ran.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["trainer"]]))]
    pub code: Vec<Id>,
    /// Its configuration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["training-config"]]))]
    pub config: Vec<Id>,
    /// The environment it ran in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["lock", "container"]]))]
    pub environment: Vec<Id>,
    /// What the training program read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<DataUse>,
    /// Why it read no data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["the stage merges weights"]))]
    pub no_data: Option<Text>,
    /// Models that went in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<ModelUse>,
    /// What came out.
    #[schemars(length(min = 1))]
    #[serde(deserialize_with = "one_or_more")]
    #[schemars(extend("examples" = [["weights"]]))]
    pub outputs: Vec<Id>,
    /// Present where the stage starts from nothing but a random generator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init: Option<Init>,
    /// What it cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compute: Option<Compute>,
    /// The command that runs it again: a program and its arguments, with `{input:ID}`, `{output}` and
    /// `{threads}` for what is put in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["python3", "{input:trainer}/train.py", "--data", "{input:corpus}", "--out", "{output}"]]))]
    pub command: Vec<Text>,
    /// What the command needs of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<Runtime>,
    /// Parts that can be run again one by one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Segment>,
    /// How outputs that were made again compare with the claimed ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare: Option<Compare>,
}

/// What kind of step a stage is. The list is open; an unknown kind needs all a training stage needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct StageKind(String);

/// A text that is not of the form of a stage kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a stage kind: lower-case letters and `-`, such as `pretrain`")]
pub struct StageKindError(String);

impl StageKind {
    /// The registered kinds, in the order of the registry.
    pub const REGISTERED: &[&str] = &[
        "pretrain",
        "midtrain",
        "sft",
        "preference",
        "rl",
        "distill",
        "train",
        "merge",
        "quantize",
        "prune",
        "convert",
        "adapter",
    ];

    /// The kind as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the registry has it.
    pub fn is_registered(&self) -> bool {
        Self::REGISTERED.contains(&self.as_str())
    }

    /// Whether the stage changes weights without learning from data.
    pub fn is_transform(&self) -> bool {
        matches!(self.as_str(), "merge" | "quantize" | "prune" | "convert")
    }
}

impl FromStr for StageKind {
    type Err = StageKindError;
    fn from_str(text: &str) -> Result<Self, StageKindError> {
        let plain = |b: u8| b.is_ascii_lowercase() || b == b'-';
        let fits = (1..=64).contains(&text.len()) && text.bytes().all(plain);
        if fits && !text.starts_with('-') {
            Ok(Self(text.to_owned()))
        } else {
            Err(StageKindError(text.chars().take(64).collect()))
        }
    }
}

impl fmt::Display for StageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for StageKind {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from_text(from)
    }
}

impl JsonSchema for StageKind {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "StageKind".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[a-z][a-z-]{0,63}$",
            "examples": Self::REGISTERED,
            "description": "What kind of step it is. An unknown kind needs all that a training stage needs."
        })
    }
}

/// A data set as a stage read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataUse {
    /// The data set.
    pub artifact: Id,
    /// Tokens read from it.
    pub tokens: Option<Amount>,
    /// How often it was read.
    pub epochs: Option<Amount>,
}

/// A data set, and how much of it was read.
#[derive(Serialize, Deserialize, JsonSchema)]
struct DataUseForm {
    /// The data set.
    #[schemars(extend("examples" = ["corpus"]))]
    artifact: Id,
    /// Tokens read from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [5_120_000]))]
    tokens: Option<Amount>,
    /// How often it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["19.4"]))]
    epochs: Option<Amount>,
}

impl Serialize for DataUse {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { artifact, tokens, epochs } = self.clone();
        if tokens.is_none() && epochs.is_none() {
            return artifact.serialize(to);
        }
        DataUseForm { artifact, tokens, epochs }.serialize(to)
    }
}

impl<'de> Deserialize<'de> for DataUse {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> serde::de::Visitor<'de> for Read {
            type Value = DataUse;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the id of a data set, or an object of `artifact`, `tokens`, `epochs`")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<DataUse, E> {
                let artifact = text.parse().map_err(E::custom)?;
                Ok(DataUse { artifact, tokens: None, epochs: None })
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                fields: A,
            ) -> Result<DataUse, A::Error> {
                let form = DataUseForm::deserialize(MapAccessDeserializer::new(fields))?;
                let DataUseForm { artifact, tokens, epochs } = form;
                Ok(DataUse { artifact, tokens, epochs })
            }
        }
        from.deserialize_any(Read)
    }
}

impl JsonSchema for DataUse {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "DataUse".into()
    }
    fn json_schema(schemas: &mut SchemaGenerator) -> Schema {
        let (id, form) = (schemas.subschema_for::<Id>(), schemas.subschema_for::<DataUseForm>());
        json_schema!({
            "anyOf": [id, form],
            "description": "The id of a data set; or an object of it and how much of it was read."
        })
    }
}

/// A model that went into a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ModelUse {
    /// The model.
    #[schemars(extend("examples" = ["base"]))]
    pub artifact: Id,
    /// How it went in.
    #[serde(rename = "use")]
    pub usage: Use,
}

/// How a model went into a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Use {
    /// Its parameters are in the output: frozen, merged and quantised ones included.
    Init,
    /// It ran during the stage and is not in the output: a reward model, a teacher.
    Online,
}

/// A start from nothing but a random generator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Init {
    /// The generator and how it is used.
    #[schemars(extend("examples" = ["splitmix64"]))]
    pub prng: Text,
    /// Its seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [1851]))]
    pub seed: Option<Amount>,
}

/// What a stage cost.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Compute {
    /// The accelerator, or `cpu`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["NVIDIA H100", "cpu"]))]
    pub accelerator: Option<Text>,
    /// Accelerator-hours in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["0.02"]))]
    pub hours: Option<Amount>,
    /// Floating-point operations in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["1500000000000000000000"]))]
    pub flop: Option<Amount>,
    /// Energy in kilowatt-hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [120]))]
    pub energy_kwh: Option<Amount>,
}

/// What a stage's command needs of the machine.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Runtime {
    /// Operating system and architecture, as OCI writes them: `linux/amd64`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["linux/amd64"]))]
    pub platform: Option<Text>,
    /// Number of threads that give the claimed outputs; absent: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [1]))]
    pub threads: Option<Count>,
}

/// A part of a stage that can be run again by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Segment {
    /// Its id in this stage.
    #[schemars(extend("examples" = ["first"]))]
    pub id: Id,
    /// `init`, or the artifact it starts from.
    #[schemars(extend("examples" = ["init", "step-1500"]))]
    pub from: Id,
    /// The artifact it ends in.
    #[schemars(extend("examples" = ["step-1500"]))]
    pub to: Id,
    /// Optimizer steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [1500]))]
    pub steps: Option<Amount>,
    /// The command that runs it again, as of a stage, and with `{checkpoint}` for what `from` holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["python3", "{input:trainer}/train.py", "--from", "{checkpoint}", "--out", "{output}"]]))]
    pub command: Vec<Text>,
    /// Its cost in accelerator-hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["0.02"]))]
    pub cost: Option<Amount>,
}

/// How outputs that were made again compare with the claimed ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Compare {
    /// The relation that must hold.
    pub mode: CompareMode,
    /// How far apart they may be, for `ulp` and `bounded`.
    #[serde(default, skip_serializing_if = "CompareLimits::is_empty")]
    pub limits: CompareLimits,
}

/// How far apart outputs may be: the one limit that the mode uses, and no other.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompareLimits {
    /// For `ulp`: units in the last place, at most 64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [1]))]
    pub ulp: Option<Count>,
    /// For `bounded`: the relative L2 of a tensor, at most 0.5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["0.000001"]))]
    pub relative_l2: Option<Amount>,
}

impl CompareLimits {
    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.ulp.is_none() && self.relative_l2.is_none()
    }
}

/// The relation that outputs made again must have to the claimed ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CompareMode {
    /// The same bytes.
    Exact,
    /// The same values in another layout.
    Canonical,
    /// Values at most so many units in the last place apart.
    Ulp,
    /// Tensors at most so far apart in relative L2 norm.
    Bounded,
}
