//! What came out, held against what is claimed (`reb-20` to `reb-37`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::DigestSet;
use crate::manifest::CompareMode;
use crate::text::{Amount, Count, Id, Text};

/// What a comparison shows (`reb-30` to `reb-36`). Ordered from the weakest to the strongest, `NotRun` first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// Nothing was made, or nothing can be held against anything. It shows nothing.
    NotRun,
    /// Something else came out: not made by this command from these inputs.
    Contradicted,
    /// The same tensors, near and not near enough.
    NearMiss,
    /// Within the tolerance that the producer declared. No proof.
    RebuiltBounded,
    /// The same values in another layout.
    RebuiltCanonical,
    /// The same bytes.
    RebuiltExact,
}

impl Grade {
    /// As attestations and reports write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotRun => "not-run",
            Self::Contradicted => "contradicted",
            Self::NearMiss => "near-miss",
            Self::RebuiltBounded => "rebuilt-bounded",
            Self::RebuiltCanonical => "rebuilt-canonical",
            Self::RebuiltExact => "rebuilt-exact",
        }
    }

    /// The grade of several runs or outputs together (`reb-30`); none of nothing.
    pub fn of_all(grades: impl IntoIterator<Item = Self>) -> Option<Self> {
        // What was seen to differ differs, whatever else was not run.
        let differs = |grade| matches!(grade, Self::Contradicted | Self::NearMiss);
        grades.into_iter().reduce(|a, b| match (a, b) {
            (Self::NotRun, other) | (other, Self::NotRun) if differs(other) => other,
            _ => a.min(b),
        })
    }

    /// Whether this is one of the three `rebuilt-…`.
    pub fn is_rebuilt(self) -> bool {
        self >= Self::RebuiltBounded
    }

    /// Whether it is what the stage claims (`reb-37`).
    pub fn meets(self, mode: CompareMode) -> bool {
        let least = match mode {
            CompareMode::Exact => Self::RebuiltExact,
            CompareMode::Canonical => Self::RebuiltCanonical,
            CompareMode::Ulp | CompareMode::Bounded => Self::RebuiltBounded,
        };
        self >= least
    }
}

/// One output, made and held against the claimed one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutputMade {
    /// The artifact.
    pub artifact: Id,
    /// What the comparison shows.
    pub grade: Grade,
    /// Digests of what is claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<DigestSet>,
    /// Digests of what was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<DigestSet>,
    /// What differs, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Text>,
    /// What was found tensor by tensor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tensors: Option<TensorsCompared>,
    /// Files and members that differ, at most 100.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub files: Vec<FileUnlike>,
}

/// A file or a member of an archive that is not what is claimed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileUnlike {
    /// Its path.
    pub path: Text,
    /// What is the matter.
    pub how: FileDifference,
}

/// How a file is not what is claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FileDifference {
    /// It has other content.
    Differs,
    /// It was not made.
    Missing,
    /// It is not claimed.
    Added,
}

/// Two sets of tensors, held against each other (`reb-21` to `reb-23`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TensorsCompared {
    /// Tensors that are claimed.
    pub total: Count,
    /// Of those, the ones that differ or are missing, and those that were made and are not claimed.
    pub differing: Count,
    /// Elements of all claimed tensors.
    pub elements: Count,
    /// Of those, the ones with other bits.
    pub differing_elements: Count,
    /// The largest ulp distance; absent where one is beyond any limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_ulp: Option<Count>,
    /// The largest relative L2 of a tensor; absent where one has no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relative_l2: Option<Amount>,
    /// Tensors that stand on one side alone, as the same values under another name of that side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tied: Option<Count>,
    /// The tensors that differ most, at most 100.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub worst: Vec<TensorDifference>,
}

/// How one tensor differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TensorDifference {
    /// Its name.
    pub name: Text,
    /// Elements with other bits.
    pub differing_elements: Count,
    /// The largest ulp distance; absent where one is beyond any limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_ulp: Option<Count>,
    /// Its relative L2; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relative_l2: Option<Amount>,
}
