//! Rebuilds: what came out when a stage was run again, as an attestation tells it.
//!
//! Spec: `spec/v0.1/rebuild.md`.

mod attestation;
mod outcome;
mod rules;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use attestation::{
    Attestation, AttestationError, STATEMENT, WireAttestation, is_claimed, subjects,
};
pub use outcome::{
    FileDifference, FileUnlike, Grade, OutputMade, TensorDifference, TensorsCompared,
};
pub use rules::Incoherent;

use crate::digest::{DigestSet, Sha256};
use crate::evidence::{StatementRef, Tool};
use crate::text::{Amount, Count, Id, Text};

/// `predicateType` of an attestation, compared as it stands.
pub const PREDICATE_TYPE: &str = "https://fullsource.dev/rebuild/v0.1";

/// A fraction, as a schema has it.
const FRACTION: &str = "^(0|[1-9][0-9]{0,79})/[1-9][0-9]{0,79}$";

/// The predicate of an attestation: what was run, of what, where, and what came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rebuild {
    /// The statement whose stage was run.
    pub statement: StatementRef,
    /// The stage.
    pub stage: Id,
    /// The weakest grade of all runs (`reb-30`).
    pub grade: Grade,
    /// Why nothing was run, or what stands in the way of a better grade.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    /// How segments were drawn; absent where the whole stage was run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<Audit>,
    /// One for each segment that was run, in their order, or the one of the stage.
    #[schemars(length(min = 1, max = 10_000))]
    pub runs: Vec<Run>,
    /// What the commands could read.
    #[schemars(length(max = 100_000))]
    pub inputs: Vec<InputUsed>,
    /// Where it ran.
    pub environment: Environment,
    /// Stretches of the outputs that stand in an input (`reb-40`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub copies: Vec<Copy>,
    /// What an altered input record changed (`reb-50`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<Probe>,
    /// What ran it.
    pub tool: Tool,
    /// When it began (UTC, RFC 3339).
    #[schemars(with = "crate::evidence::Instant")]
    #[serde(deserialize_with = "crate::evidence::in_utc")]
    pub started_at: Timestamp,
    /// When it ended.
    #[schemars(with = "crate::evidence::Instant")]
    #[serde(deserialize_with = "crate::evidence::in_utc")]
    pub finished_at: Timestamp,
}

/// One command that was run, or could not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// The segment; absent for the whole stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<Id>,
    /// The command, with its placeholders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<Text>,
    /// The weakest grade of its outputs.
    pub grade: Grade,
    /// Why it is not a better one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    /// The command's exit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<i32>,
    /// What came out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<OutputMade>,
    /// Milliseconds from start to end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wall_milliseconds: Option<Count>,
    /// Milliseconds of processors, of all that it started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_milliseconds: Option<Count>,
    /// Bytes of memory at the most, of all that it started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory: Option<Count>,
}

/// How segments were drawn, and what that leaves unnoticed (`reb-55` to `reb-57`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Audit {
    /// The verifier's seed.
    pub seed: Text,
    /// Segments that were drawn.
    pub drawn: Count,
    /// Segments of the stage.
    pub of: Count,
    /// The chance that a false segment goes unnoticed which is the one least likely to be drawn, as a fraction.
    #[schemars(extend("pattern" = FRACTION, "examples" = ["3/4"]))]
    pub miss_worst: Text,
    /// The same where each is as likely to be the false one.
    #[schemars(extend("pattern" = FRACTION, "examples" = ["1/2"]))]
    pub miss_even: Text,
    /// Declared cost of the drawn segments, in accelerator-hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Amount>,
    /// Declared cost of all segments, in accelerator-hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_of_all: Option<Amount>,
}

/// An input, as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InputUsed {
    /// The artifact.
    pub artifact: Id,
    /// Its files.
    pub files: Count,
    /// Their bytes.
    pub bytes: Count,
    /// The digests that were computed of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<DigestSet>,
}

/// Where it ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// Operating system and architecture, as OCI writes them: `linux/amd64`.
    #[schemars(extend("examples" = ["linux/amd64"]))]
    pub platform: Text,
    /// The processor's model.
    pub cpu: Text,
    /// The kernel's name and release.
    pub kernel: Text,
    /// The C library and its version.
    pub libc: Text,
    /// What kept the command in, or `none`.
    #[schemars(extend("examples" = ["namespaces, Landlock, seccomp", "none"]))]
    pub sandbox: Text,
    /// Threads that it was given.
    pub threads: Count,
    /// Programs that it could use, as far as they are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1_000))]
    pub tools: Vec<ToolUsed>,
    /// What it was held to.
    pub limits: LimitsSet,
}

/// A program of the environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ToolUsed {
    /// Its name.
    pub name: Text,
    /// What it says of its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Text>,
    /// SHA-256 of the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Sha256>,
}

/// What a command was held to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LimitsSet {
    /// Seconds from start to end.
    pub wall_seconds: Count,
    /// Bytes of memory, of all that it starts.
    pub memory: Count,
    /// Bytes of files that it writes.
    pub disk: Count,
    /// Processes and threads at once.
    pub processes: Count,
}

/// A stretch of an output that stands in an input (`reb-40`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Copy {
    /// The output.
    pub artifact: Id,
    /// The input.
    pub input: Id,
    /// The file of the input.
    pub path: Text,
    /// Bytes before it, in what the file holds.
    pub offset: Count,
    /// Its bytes.
    pub bytes: Count,
}

/// What an altered input record changed (`reb-50`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Probe {
    /// The verifier's seed.
    pub seed: Text,
    /// The input that was altered.
    pub input: Id,
    /// The file of it.
    pub path: Text,
    /// The byte of the file.
    pub offset: Count,
    /// Elements of all tensors of the outputs, or bytes where there are none.
    pub elements: Count,
    /// Of those, the ones that came out otherwise.
    pub changed: Count,
}

#[cfg(test)]
mod tests;
