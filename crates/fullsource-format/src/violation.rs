//! Broken rules between the parts of a document: where, and what is wrong.
//!
//! Spec: `spec/v0.1/manifest.md` and `spec/v0.1/statement.md`.

use crate::digest::MerkleRoot;
use crate::index::TableError;
use crate::manifest::CommandFault;
use crate::path::{FileSelector, RelPath};
use crate::text::Id;

/// A broken rule, and the place of what breaks it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {fault}")]
pub struct Violation {
    /// JSON Pointer (RFC 6901) from the document that was read: a manifest or a statement.
    pub pointer: String,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong between the parts of a manifest or a statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Two artifacts, two stages, or two segments of one stage with one id.
    #[error("the id `{0}` stands twice")]
    IdDuplicate(Id),
    /// An id that no artifact (or stage) of the manifest has.
    #[error("there is no {kind} `{id}` in this manifest")]
    ReferenceUnknown {
        /// `artifact` or `stage`.
        kind: &'static str,
        /// The id.
        id: Id,
    },
    /// One artifact as the output of two stages.
    #[error("`{artifact}` is already an output of stage `{stage}`")]
    OutputTwice {
        /// The artifact.
        artifact: Id,
        /// The stage that has it first.
        stage: Id,
    },
    /// A withheld artifact with a place or a digest.
    #[error("a withheld artifact has a name and a reason, no `{0}`")]
    WithheldHasSource(&'static str),
    /// A withheld or recipe-only artifact without a reason.
    #[error("`availability` is not `public` or `gated`, and there is no `reason`")]
    ReasonMissing,
    /// A role that every model needs declared not applicable.
    #[error("`{0}` cannot be declared not applicable")]
    NotApplicableRole(String),
    /// `noData` where a stage cannot do without.
    #[error("{0}")]
    NoDataInvalid(&'static str),
    /// Segments that do not form a chain.
    #[error("{0}")]
    SegmentsBroken(String),
    /// An item of a command that cannot be read, or that asks for what there is not.
    #[error(transparent)]
    CommandMalformed(#[from] CommandFault),
    /// A comparison without the limit that its mode needs, or with one that it does not use.
    #[error("{0}")]
    CompareLimits(&'static str),
    /// `files` beside `tree.index`.
    #[error("`files` and `tree.index` exclude each other")]
    IndexConflict,
    /// A file index with another Merkle root than is stated.
    #[error("`merkleRoot` states {stated}, the index has {computed}")]
    MerkleRoot {
        /// The stated root.
        stated: MerkleRoot,
        /// The root of the entries.
        computed: MerkleRoot,
    },
    /// A file index under another name than the format gives it.
    #[error("the file index is named `{0}`")]
    IndexName(String),
    /// A file index that lists what the release directory keeps for itself.
    #[error("the file index lists `{0}`, which is reserved")]
    IndexListsReserved(RelPath),
    /// A statement about nothing.
    #[error("a statement has at least one subject")]
    NoSubject,
    /// Two subjects with one name.
    #[error("the subject `{0}` stands twice")]
    SubjectDuplicate(RelPath),
    /// A subject that the release directory keeps for itself.
    #[error("`{0}` is reserved and cannot be a subject")]
    SubjectReserved(RelPath),
    /// `files` and the subjects differ.
    #[error("`{path}` is {has}, and not {lacks}")]
    FilesMismatch {
        /// The path.
        path: RelPath,
        /// Where it stands.
        has: &'static str,
        /// Where it does not.
        lacks: &'static str,
    },
    /// Files that cannot be held in one list.
    #[error(transparent)]
    Files(#[from] TableError),
    /// What `tree` states is not what the subjects give.
    #[error("`{field}` states {stated}, the subjects give {computed}")]
    TreeMismatch {
        /// The field of `tree`.
        field: &'static str,
        /// Its value.
        stated: String,
        /// The value computed.
        computed: String,
    },
    /// An artifact's `files` that select no file of the release.
    #[error("`{0}` selects no file that the release covers")]
    FilesUncovered(FileSelector),
    /// More of something than the format allows.
    #[error("there are {found} {what}, the limit is {limit}")]
    LimitExceeded {
        /// Of what.
        what: &'static str,
        /// How many.
        found: usize,
        /// The limit.
        limit: usize,
    },
}

impl Fault {
    /// The code of the finding, a heading of `spec/v0.1/findings.md`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::IdDuplicate(_) | Self::SubjectDuplicate(_) => "id-duplicate",
            Self::ReferenceUnknown { .. } => "reference-unknown",
            Self::OutputTwice { .. } => "output-twice",
            Self::WithheldHasSource(_) => "withheld-has-source",
            Self::ReasonMissing => "reason-missing",
            Self::NotApplicableRole(_) => "not-applicable-role",
            Self::NoDataInvalid(_) => "no-data-invalid",
            Self::SegmentsBroken(_) => "segments-broken",
            Self::CommandMalformed(_) => "command-malformed",
            Self::CompareLimits(_) => "compare-limits",
            Self::IndexConflict | Self::IndexName(_) | Self::MerkleRoot { .. } => "index-conflict",
            Self::NoSubject | Self::SubjectReserved(_) => "statement-malformed",
            Self::IndexListsReserved(_) => "index-malformed",
            Self::Files(_) | Self::LimitExceeded { .. } => "limit-exceeded",
            Self::FilesMismatch { .. } => "files-mismatch",
            Self::TreeMismatch { .. } => "tree-mismatch",
            Self::FilesUncovered(_) => "files-uncovered",
        }
    }
}
