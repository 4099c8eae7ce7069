//! What a release was made from: the artifacts and stages of one release, as claimed, and what each artifact came
//! to. All that a graph of the release, or a comparison with another one, is made from.
//!
//! Spec: `spec/v0.1/report.md`.

use fullsource_format::digest::{DigestSet, Sha256};
use fullsource_format::manifest::{Artifact, Availability, Manifest, ModelUse, Stage};
use fullsource_format::text::{Count, Id};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::artifacts::Status;

/// The artifacts and stages of a release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Made {
    /// The claimed artifacts.
    pub artifacts: Vec<ArtifactReport>,
    /// The stages that made the weights.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<StageReport>,
}

/// One artifact in the report: what is claimed of it, and what that came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArtifactReport {
    /// Its id.
    pub id: String,
    /// A name to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its roles.
    pub roles: Vec<String>,
    /// What it is worth.
    pub status: Status,
    /// Whether anyone can have it, as claimed. Absent: public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability: Option<Availability>,
    /// Its licence, as claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// Digests of its content, as claimed, or as the statement states them of its files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<DigestSet>,
    /// Its size in bytes, as claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Count>,
    /// Where it lies, as claimed: paths of the release, then locators.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<String>,
    /// For data: the artifacts that collected it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub collected_by: Vec<String>,
    /// For data: the models that generated it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub generated_by: Vec<String>,
    /// For data: what it was made from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub derived_from: Vec<String>,
    /// For a model made elsewhere: its own statement, which `parents` tells of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<Sha256>,
}

/// One stage in the report, as claimed. All but its kind are ids of artifacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StageReport {
    /// Its id.
    pub id: String,
    /// What kind of step it is.
    pub kind: String,
    /// The software that ran.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub code: Vec<String>,
    /// Its configuration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub config: Vec<String>,
    /// The environment it ran in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<String>,
    /// What the training program read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<String>,
    /// Models that went in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<ModelUse>,
    /// What came out.
    pub outputs: Vec<String>,
}

impl Made {
    /// What a manifest claims, with the digests that its statement states and what its artifacts came
    /// to, in its order.
    pub(crate) fn of(manifest: &Manifest, statuses: &[Status], digests: &[DigestSet]) -> Self {
        let artifacts = manifest.artifacts().iter().zip(statuses).zip(digests);
        Self {
            artifacts: artifacts
                .map(|((artifact, status), digest)| artifact_report(artifact, *status, digest))
                .collect(),
            stages: manifest.stages().iter().map(stage_report).collect(),
        }
    }
}

fn artifact_report(artifact: &Artifact, status: Status, digest: &DigestSet) -> ArtifactReport {
    let files = artifact.files.iter().map(ToString::to_string);
    let locators = artifact.locators.iter().map(|pinned| pinned.uri.to_string());
    ArtifactReport {
        id: artifact.id.to_string(),
        name: artifact.name.as_ref().map(ToString::to_string),
        roles: artifact.roles.iter().map(ToString::to_string).collect(),
        status,
        availability: Some(artifact.availability).filter(|said| *said != Availability::Public),
        license: artifact.license.as_ref().map(ToString::to_string),
        digest: Some(digest.clone()).filter(|digest| digest.digests().next().is_some()),
        size: artifact.size,
        places: files.chain(locators).collect(),
        collected_by: texts(&artifact.collected_by),
        generated_by: texts(&artifact.generated_by),
        derived_from: texts(&artifact.derived_from),
        statement: artifact.statement.as_ref().map(|elsewhere| elsewhere.sha256),
    }
}

fn stage_report(stage: &Stage) -> StageReport {
    StageReport {
        id: stage.id.to_string(),
        kind: stage.kind.to_string(),
        code: texts(&stage.code),
        config: texts(&stage.config),
        environment: texts(&stage.environment),
        data: stage.data.iter().map(|data| data.artifact.to_string()).collect(),
        models: stage.models.clone(),
        outputs: texts(&stage.outputs),
    }
}

fn texts(ids: &[Id]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}
