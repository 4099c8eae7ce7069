//! The report: what it means, computed from findings and never set.
//!
//! Spec: `spec/v0.1/report.md`.

mod read;

use fullsource_format::digest::Sha256;
use fullsource_format::evidence::{Digests, StatementRef, Unread};
use fullsource_format::manifest::Release;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::class::{ByWord, ClassReport};
use crate::finding::{Code, Finding, Layer, Severity};
use crate::frameworks::{Badges, Frameworks};
use crate::judge::{Classed, Restriction};
use crate::made::{ArtifactReport, Made, StageReport};
use crate::parents::ParentReport;
use crate::rebuilds::Rebuilds;
use crate::signers::Signer;

pub use read::{Contradiction, ReportError};

/// `_type` of every report.
pub const TYPE: &str = "https://fullsource.dev/report/v0.1";

/// Findings of one code that a report lists; the rest are counted.
const LISTED: usize = 1000;

/// What a look at a release came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// What was required holds.
    Pass,
    /// Something contradicts.
    Fail,
    /// What was required is possible, and could not be established.
    Incomplete,
    /// It could not be judged at all.
    Error,
}

impl Verdict {
    /// The verdict in a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Incomplete => "incomplete",
            Self::Error => "error",
        }
    }

    /// The process's exit code.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Fail => 1,
            Self::Incomplete => 3,
            Self::Error => 4,
        }
    }

    /// The verdict that findings amount to (`ver-61`).
    fn of(findings: &[Finding]) -> Self {
        // Whatever a saved report says that it weighs.
        if findings.iter().any(|finding| finding.code.layer() == Layer::Input) {
            return Self::Error;
        }
        match findings.iter().map(|finding| finding.severity).max() {
            Some(Severity::Error) => Self::Fail,
            Some(Severity::Incomplete) => Self::Incomplete,
            _ => Self::Pass,
        }
    }
}

/// What a look at a release came to, and why.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "fullsource report")]
pub struct Report {
    /// The type of a report.
    #[serde(rename = "_type")]
    #[schemars(extend("const" = TYPE))]
    report_type: String,
    /// What it came to.
    verdict: Verdict,
    /// The statement that was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    statement: Option<StatementRef>,
    /// The release that it is about, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    release: Option<ReleaseReport>,
    /// The trusted keys that signed it.
    signers: Vec<Signer>,
    /// The files of the release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    files: Option<FilesReport>,
    /// The class: how far down from the weights it is there, and how far down it is free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    class: Option<ClassReport>,
    /// The models of others that it was made from, and their ancestors, where statements name them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parents: Vec<ParentReport>,
    /// What others' rebuilds say of the stages, where any were given or are asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rebuilds: Option<Rebuilds>,
    /// What takes which freedom from which artifact.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    restrictions: Vec<Restriction>,
    /// What other definitions say of it, from the same facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    frameworks: Option<Frameworks>,
    /// What a reader wants to know beside the class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    badges: Option<Badges>,
    /// The claimed artifacts.
    artifacts: Vec<ArtifactReport>,
    /// The stages that made the weights, as claimed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    stages: Vec<StageReport>,
    /// What is wrong, or could not be seen; the heaviest first.
    findings: Vec<Finding>,
    /// What this report does not show.
    not_checked: Vec<String>,
    /// What each document claims that was checked by itself, by its own word alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    documents: Vec<DocumentReport>,
}

/// What one manifest claims that was checked by itself. Nobody looked at what it names: a claim
/// establishes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DocumentReport {
    /// The file that it stands in.
    pub document: String,
    /// The rungs that it claims, and what it does not claim for the next.
    #[serde(flatten)]
    pub by_word: ByWord,
    /// Words that no registry has: kept, and judged as unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// The release, in its own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseReport {
    /// Its name.
    pub name: String,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its producer's name.
    pub producer: String,
    /// Its producer's identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub producer_uri: Option<String>,
}

impl From<&Release> for ReleaseReport {
    fn from(release: &Release) -> Self {
        Self {
            name: release.name.to_string(),
            version: release.version.as_ref().map(ToString::to_string),
            producer: release.producer.name.to_string(),
            producer_uri: release.producer.uri.as_ref().map(ToString::to_string),
        }
    }
}

/// The files of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilesReport {
    /// Files that the statement covers.
    pub covered: u64,
    /// Of these, files whose bytes are what was signed.
    pub intact: u64,
    /// Bytes of the covered files.
    pub total_bytes: u64,
    /// Which digests were computed.
    pub digests: Digests,
    /// Files that were not read in this look, but taken for what they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<Unread>,
}

/// The parts of a report, before its verdict is computed.
pub(crate) struct Parts {
    pub(crate) statement: Option<Sha256>,
    pub(crate) release: Option<ReleaseReport>,
    pub(crate) signers: Vec<Signer>,
    pub(crate) files: Option<FilesReport>,
    pub(crate) made: Made,
    pub(crate) findings: Vec<Finding>,
    pub(crate) not_checked: Vec<String>,
    pub(crate) classed: Option<Classed>,
}

impl Report {
    pub(crate) fn of(parts: Parts) -> Self {
        let Parts { statement, release, signers, files, made, findings, not_checked, classed } =
            parts;
        let Made { artifacts, stages } = made;
        let (class, frameworks, badges, restrictions, parents, rebuilds) = match classed {
            Some(Classed { class, frameworks, badges, restrictions, parents, rebuilds }) => {
                (Some(class), Some(frameworks), Some(badges), restrictions, parents, rebuilds)
            }
            None => (None, None, None, Vec::new(), Vec::new(), None),
        };
        Self {
            report_type: TYPE.to_owned(),
            verdict: Verdict::of(&findings),
            statement: statement.map(|sha256| StatementRef { sha256 }),
            release,
            signers,
            files,
            class,
            parents,
            rebuilds,
            restrictions,
            frameworks,
            badges,
            artifacts,
            stages,
            findings: listed(findings),
            not_checked,
            documents: Vec::new(),
        }
    }

    /// The report of a run that found nothing to judge, or could not choose.
    pub fn unjudged(findings: Vec<Finding>) -> Self {
        Self::of(Parts {
            statement: None,
            release: None,
            signers: Vec::new(),
            files: None,
            made: Made::default(),
            findings,
            not_checked: vec!["everything: there was nothing to judge".to_owned()],
            classed: None,
        })
    }

    /// The report on documents that were checked by themselves. What is wrong with a document is a
    /// failure of it, not of the run.
    pub fn of_documents(
        verdict: Verdict,
        findings: Vec<Finding>,
        documents: Vec<DocumentReport>,
    ) -> Self {
        let report = Self::of(Parts {
            statement: None,
            release: None,
            signers: Vec::new(),
            files: None,
            made: Made::default(),
            findings,
            not_checked: vec!["signatures, files and artifacts: documents alone".to_owned()],
            classed: None,
        });
        Self { verdict, documents, ..report }
    }

    /// What it came to.
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// The statement that was judged.
    pub fn statement(&self) -> Option<Sha256> {
        self.statement.map(|statement| statement.sha256)
    }

    /// The release that it is about.
    pub const fn release(&self) -> Option<&ReleaseReport> {
        self.release.as_ref()
    }

    /// The trusted keys that signed it.
    pub fn signers(&self) -> &[Signer] {
        &self.signers
    }

    /// The files of the release.
    pub const fn files(&self) -> Option<&FilesReport> {
        self.files.as_ref()
    }

    /// The class, where it was judged.
    pub const fn class(&self) -> Option<&ClassReport> {
        self.class.as_ref()
    }

    /// The models of others that it was made from, and their ancestors.
    pub fn parents(&self) -> &[ParentReport] {
        &self.parents
    }

    /// What others' rebuilds say of the stages, where any were given or are asked for.
    pub const fn rebuilds(&self) -> Option<&Rebuilds> {
        self.rebuilds.as_ref()
    }

    /// What takes which freedom from which artifact.
    pub fn restrictions(&self) -> &[Restriction] {
        &self.restrictions
    }

    /// What other definitions say of it, where the class was judged.
    pub const fn frameworks(&self) -> Option<&Frameworks> {
        self.frameworks.as_ref()
    }

    /// What a reader wants to know beside the class, where that was judged.
    pub const fn badges(&self) -> Option<&Badges> {
        self.badges.as_ref()
    }

    /// The claimed artifacts.
    pub fn artifacts(&self) -> &[ArtifactReport] {
        &self.artifacts
    }

    /// The stages that made the weights, as claimed.
    pub fn stages(&self) -> &[StageReport] {
        &self.stages
    }

    /// What is wrong, or could not be seen; the heaviest first.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What documents claim that were checked by themselves.
    pub fn documents(&self) -> &[DocumentReport] {
        &self.documents
    }

    /// What this report does not show.
    pub fn not_checked(&self) -> &[String] {
        &self.not_checked
    }
}

/// The heaviest first, then by code and place; at most [`LISTED`] of one code, the rest counted.
fn listed(mut findings: Vec<Finding>) -> Vec<Finding> {
    let order = |f: &Finding| (std::cmp::Reverse(f.severity), f.code);
    findings.sort_by(|a, b| {
        let about = (&a.artifact, &a.path, a.place).cmp(&(&b.artifact, &b.path, b.place));
        order(a).cmp(&order(b)).then(about)
    });
    let mut kept: Vec<Finding> = Vec::new();
    let mut run: (Option<(Code, Severity)>, usize) = (None, 0);
    for finding in findings {
        let key = Some((finding.code, finding.severity));
        run = if run.0 == key { (key, run.1 + 1) } else { (key, 1) };
        match run.1 {
            ..=LISTED => kept.push(finding),
            count => {
                let text = format!("and {} more", count - LISTED);
                let rest = Finding::new(finding.code, text).weighing(finding.severity);
                if count > LISTED + 1 {
                    kept.pop();
                }
                kept.push(rest);
            }
        }
    }
    kept
}
