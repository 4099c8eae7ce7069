//! What is told of parents.

use fullsource_format::digest::Sha256;
use fullsource_format::evidence::StatementRef;
use fullsource_format::manifest::Artifact;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::opened::Opened;
use crate::class::Standing;
use crate::lineage::Lineage;
use crate::made::Made;
use crate::report::ReleaseReport;
use crate::signers::Signer;

/// What a parent's statement came to, the worst last.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ParentStatus {
    /// It is about the bytes of the model, and counts.
    Counts,
    /// It states nothing that the digests of the model could be held against.
    Unrelated,
    /// Nobody looked for it.
    Unchecked,
    /// No place answered.
    Unreachable,
    /// A door that was not opened.
    Closed,
    /// It is at none of its places.
    Absent,
    /// What was found cannot be read as a statement.
    Malformed,
    /// The verifier does not accept it any longer.
    Revoked,
    /// It is about other bytes.
    Mismatch,
}

/// One parent in the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ParentReport {
    /// Its statement.
    pub statement: StatementRef,
    /// The artifacts of the target that stand for it. Empty for a parent's parent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<String>,
    /// What its statement came to.
    pub status: ParentStatus,
    /// Why it was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What its statement says that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<ReleaseReport>,
    /// The trusted keys that signed it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signers: Vec<Signer>,
    /// Whether one of them is trusted as the producer of that model.
    pub trusted: bool,
    /// Whether it is a document that somebody wrote locally.
    #[serde(default, skip_serializing_if = "is_false")]
    pub local: bool,
    /// What it was made from, as its statement claims, and what that came to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<Made>,
    /// Where it stands by what was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<Standing>,
    /// Where it stands by what its statement claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<Standing>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl ParentReport {
    pub(super) const fn new(sha256: Sha256) -> Self {
        Self {
            statement: StatementRef { sha256 },
            artifacts: Vec::new(),
            status: ParentStatus::Counts,
            reason: None,
            release: None,
            signers: Vec::new(),
            trusted: false,
            local: false,
            made: None,
            verified: None,
            claimed: None,
        }
    }

    /// The worst counts that a child makes of it.
    pub(super) fn weigh(&mut self, status: ParentStatus) {
        self.status = self.status.max(status);
    }

    pub(super) fn tell(&mut self, opened: &Opened, status: ParentStatus) {
        self.weigh(status);
        if self.release.is_none() {
            self.release = Some(ReleaseReport::from(opened.manifest.release()));
            self.signers.clone_from(&opened.signers);
            self.trusted = opened.by_producer;
            self.local = opened.local.is_some();
            self.made = Some(Made::of(&opened.manifest, &opened.statuses, &opened.digests));
        }
    }

    pub(super) fn lose(&mut self, status: ParentStatus, why: &str) {
        self.weigh(status);
        self.reason.get_or_insert_with(|| why.to_owned());
    }

    pub(super) fn for_artifact(&mut self, artifact: &Artifact) {
        self.artifacts.push(artifact.id.to_string());
    }

    /// The same, with where it stands in a lineage that was judged.
    #[must_use]
    pub fn standing(self, lineage: &Lineage<'_>) -> Self {
        let judged = lineage.ancestors.get(&self.statement.sha256);
        let (verified, claimed) = (judged.map(|one| one.verified), judged.map(|one| one.claimed));
        Self { verified, claimed, ..self }
    }
}
