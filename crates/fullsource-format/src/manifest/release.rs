//! The top level of a manifest, and what signing fills in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::artifact::at_most;
use super::{Artifact, Stage};
use crate::digest::{Blake3, DirHash, MerkleRoot, Sha256};
use crate::path::RelPath;
use crate::release_dir::Glob;
use crate::role::Role;
use crate::text::{Count, Day, Id, Name, Text};

/// A model provenance manifest: a release, its artifacts, and the stages that made its weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "fullsource manifest")]
pub struct Manifest {
    /// For editors; in the author's file only, never signed.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [super::SCHEMA_URI]))]
    pub schema: Option<Text>,
    /// What is released, by whom.
    pub release: Release,
    /// Size and BLAKE3 of every subject. Filled in by signing; absent where `tree.index` is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileEntry>,
    /// The release directory as a whole. Filled in by signing, but for `excluded`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree: Option<Tree>,
    /// Whether all stages, data sets and parent models are listed. Absent: not asserted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closure: Option<Closure>,
    /// Everything that went into the weights or describes them, and the weights themselves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100_000))]
    pub artifacts: Vec<Artifact>,
    /// How the weights were made, step by step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub stages: Vec<Stage>,
    /// Roles that this model has no use for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_applicable: Vec<NotApplicable>,
}

impl Manifest {
    /// The ids of the artifacts that have a file index.
    pub fn indexed(&self) -> impl Iterator<Item = &str> {
        self.artifacts.iter().filter(|a| a.index.is_some()).map(|a| a.id.as_str())
    }
}

/// What is released, by whom, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Release {
    /// The model's name, such as `tiny-lm`.
    #[schemars(extend("examples" = ["tiny-lm"]))]
    pub name: Name,
    /// The release's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["1.0"]))]
    pub version: Option<Name>,
    /// An identifier of the release, such as a purl. It need not resolve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["pkg:huggingface/lab/tiny-lm@1.0"]))]
    pub uri: Option<Text>,
    /// The day of the release, as the producer states it. Never used as a time of signing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["2026-01-31"]))]
    pub released_on: Option<Day>,
    /// Who makes the release.
    pub producer: Producer,
    /// Statement id of the release that this one replaces. It grants nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<Sha256>,
}

/// Who makes a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Producer {
    /// Their name.
    #[schemars(extend("examples" = ["Example Lab"]))]
    pub name: Name,
    /// Their identity: what a trust file's principal must equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["https://lab.example"]))]
    pub uri: Option<Text>,
}

/// One subject: what the statement's own subject cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FileEntry {
    /// The path, equal to the subject's name.
    #[schemars(extend("examples" = ["model.safetensors"]))]
    pub path: RelPath,
    /// Size in bytes.
    #[schemars(extend("examples" = [386_536]))]
    pub size: Count,
    /// BLAKE3 of the content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blake3: Option<Blake3>,
}

/// The release directory as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tree {
    /// Number of files covered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [65]))]
    pub file_count: Option<Count>,
    /// Sum of their sizes in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [1_048_576]))]
    pub total_bytes: Option<Count>,
    /// Their dirHash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<TreeDigest>,
    /// Globs of what is not covered.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "at_most::<_, _, 1000>"
    )]
    #[schemars(length(max = 1000))]
    #[schemars(extend("examples" = [["checkpoint-*/"]]))]
    pub excluded: Vec<Glob>,
    /// The file index, for a release of more than 1000 files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<IndexRef>,
}

/// The digest of a release directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TreeDigest {
    /// in-toto dirHash of all covered files.
    pub dir_hash: DirHash,
}

/// A file index and what binds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IndexRef {
    /// Its path in the release.
    #[schemars(extend("examples" = ["fullsource.files.jsonl"]))]
    pub name: RelPath,
    /// SHA-256 of its bytes, uncompressed.
    pub sha256: Sha256,
    /// Its size in bytes.
    #[schemars(extend("examples" = [4_194_304]))]
    pub size: Count,
    /// RFC 6962 Merkle root of its records.
    pub merkle_root: MerkleRoot,
}

/// The signer's word on whether the manifest lists everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Closure {
    /// All stages, data sets and parent models are listed.
    Complete,
    /// They are not.
    Partial,
}

/// A role that this model, or one stage of it, has no use for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotApplicable {
    /// `config.model`, `tokenizer.model`, `config.training` or `code.preprocessing`.
    #[schemars(extend("examples" = ["tokenizer.model", "code.preprocessing"]))]
    pub role: Role,
    /// The stage that it holds for; absent: for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["pretrain"]))]
    pub stage: Option<Id>,
    /// Why.
    #[schemars(extend("examples" = ["the model reads bytes"]))]
    pub reason: Text,
}
