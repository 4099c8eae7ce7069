//! Policies: what a verifier asks for, beyond what the release claims of itself.
//!
//! Spec: `spec/v0.1/policy.md`.

use std::collections::BTreeMap;

use fullsource_format::evidence::Digests;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::class::{OutputTerms, rung_named};
use crate::finding::{Code, Finding, Layer, Severity};

/// What to ask of a release.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "fullsource policy")]
pub struct WirePolicy {
    /// What the policy is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["What we deploy"]))]
    pub description: Option<String>,
    /// How far it looks.
    #[serde(default)]
    pub scope: Scope,
    /// How many principals must have signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 64))]
    #[schemars(extend("examples" = [2]))]
    pub threshold: Option<u32>,
    /// Which digests must have been computed.
    #[serde(default)]
    pub digests: RequiredDigests,
    /// The rung that must be established, by its name on one of the chains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["full-source"]))]
    pub require: Option<String>,
    /// The class of the Model Openness Framework that must be established: 3, 2 or 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3))]
    #[schemars(extend("examples" = [2]))]
    pub require_mof: Option<u8>,
    /// The licences that artifacts may have: SPDX ids and `LicenseRef-` names. Absent: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["Apache-2.0", "CC0-1.0"]]))]
    pub licenses: Vec<String>,
    /// The principals of whom as many as the threshold says must have signed. Absent: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["https://lab.example"]]))]
    pub signers: Vec<String>,
    /// How many rebuilders must have confirmed each stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 64))]
    #[schemars(extend("examples" = [2]))]
    pub rebuilds: Option<u32>,
    /// The principals whose rebuilds count. Absent: every independent one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["https://rebuilds.example"]]))]
    pub rebuilders: Vec<String>,
    /// Hosts whose word on a digest counts like bytes that were read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["huggingface.co"]]))]
    pub word_of: Vec<String>,
    /// The oldest that evidence may be, in days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [30]))]
    pub max_age_days: Option<u32>,
    /// What restricted terms on outputs do to data that a model made.
    #[serde(default)]
    pub output_terms: OutputTerms,
    /// Severities other than the codes' own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, Severity>")]
    pub severity: BTreeMap<Code, Severity>,
}

/// How far a policy looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Signature and files of the release alone.
    Release,
    /// Every claimed source, too.
    #[default]
    Sources,
}

/// Which digests must have been computed of the release's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RequiredDigests {
    /// SHA-256 and BLAKE3.
    #[default]
    All,
    /// SHA-256.
    Sha256,
    /// BLAKE3.
    Blake3,
    /// Either.
    Any,
}

impl RequiredDigests {
    /// Whether these digests are enough.
    pub const fn met_by(self, computed: Digests) -> bool {
        matches!(
            (self, computed),
            (_, Digests::All)
                | (Self::Any, _)
                | (Self::Sha256, Digests::Sha256)
                | (Self::Blake3, Digests::Blake3)
        )
    }
}

/// Why a policy cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not one of the thresholds that make sense.
    #[error("`threshold` is {0}; it is 1 to 64")]
    Threshold(u32),
    /// Not one of the numbers of rebuilders that make sense.
    #[error("`rebuilds` is {0}; it is 1 to 64")]
    Rebuilds(u32),
    /// A rung that there is not.
    #[error("`require = \"{0}\"` names no rung")]
    Rung(String),
    /// A class that the framework does not have.
    #[error("`require-mof` is {0}; the classes are 3, 2 and 1")]
    Mof(u8),
    /// Something that only a look at the sources can establish.
    #[error("`{0}` asks for what `scope = \"release\"` does not look at")]
    OutOfScope(&'static str),
    /// A severity that would let a contradiction or a missing signature pass.
    #[error("`severity.{code}` cannot be lowered from {from} to {to}: {reason}")]
    Weakens {
        /// The code.
        code: Code,
        /// Its own severity.
        from: Severity,
        /// The severity asked for.
        to: Severity,
        /// Why not.
        reason: &'static str,
    },
}

/// A policy that weakens no check it must not weaken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    wire: WirePolicy,
    explicit: bool,
}

impl TryFrom<WirePolicy> for Policy {
    type Error = PolicyError;

    // pol-6, pol-7
    fn try_from(wire: WirePolicy) -> Result<Self, PolicyError> {
        if let Some(threshold) = wire.threshold.filter(|t| !(1..=64).contains(t)) {
            return Err(PolicyError::Threshold(threshold));
        }
        if let Some(rebuilds) = wire.rebuilds.filter(|k| !(1..=64).contains(k)) {
            return Err(PolicyError::Rebuilds(rebuilds));
        }
        if let Some(rung) = wire.require.as_ref().filter(|rung| rung_named(rung).is_none()) {
            return Err(PolicyError::Rung(rung.clone()));
        }
        if let Some(class) = wire.require_mof.filter(|class| !(1..=3).contains(class)) {
            return Err(PolicyError::Mof(class));
        }
        if wire.scope == Scope::Release {
            let asked = [
                ("require", wire.require.is_some()),
                ("require-mof", wire.require_mof.is_some()),
                ("licenses", !wire.licenses.is_empty()),
                ("max-age-days", wire.max_age_days.is_some()),
                ("rebuilds", wire.rebuilds.is_some()),
                ("rebuilders", !wire.rebuilders.is_empty()),
            ];
            if let Some((key, _)) = asked.into_iter().find(|(_, asked)| *asked) {
                return Err(PolicyError::OutOfScope(key));
            }
        }
        for (&code, &to) in &wire.severity {
            let from = code.severity();
            let signature = code.layer() == Layer::Signature && code != Code::SignerObserver;
            let reason = match from {
                _ if to >= from => continue,
                _ if signature => "a signature finding stands as it is",
                Severity::Error => "a contradiction stands as it is",
                _ => continue,
            };
            return Err(PolicyError::Weakens { code, from, to, reason });
        }
        Ok(Self { wire, explicit: true })
    }
}

impl Policy {
    /// What holds where no policy is given: the release must live up to what it claims.
    pub fn standard() -> Self {
        let wire = WirePolicy { digests: RequiredDigests::Any, ..WirePolicy::default() };
        Self { wire, explicit: false }
    }

    /// How far it looks.
    pub const fn scope(&self) -> Scope {
        self.wire.scope
    }

    /// How many principals must have signed, where it says so.
    pub const fn threshold(&self) -> Option<u32> {
        self.wire.threshold
    }

    /// Which digests must have been computed.
    pub const fn digests(&self) -> RequiredDigests {
        self.wire.digests
    }

    /// The rung that must be established.
    pub fn require(&self) -> Option<&str> {
        self.wire.require.as_deref()
    }

    /// The class of the Model Openness Framework that must be established.
    pub const fn require_mof(&self) -> Option<u8> {
        self.wire.require_mof
    }

    /// The licences that artifacts may have, where it says so.
    pub fn licenses(&self) -> &[String] {
        &self.wire.licenses
    }

    /// The principals that may have signed, where it says so.
    pub fn signers(&self) -> &[String] {
        &self.wire.signers
    }

    /// How many rebuilders must have confirmed each stage, where it says so.
    pub const fn rebuilds(&self) -> Option<u32> {
        self.wire.rebuilds
    }

    /// The principals whose rebuilds count, where it says so.
    pub fn rebuilders(&self) -> &[String] {
        &self.wire.rebuilders
    }

    /// Whether the word of the host that a locator names counts like bytes.
    pub fn takes_word_of(&self, locator: &str) -> bool {
        let rest = locator.split_once("://").map_or_else(
            || locator.split_once(':').map_or(locator, |(_, rest)| rest),
            |(_, rest)| rest,
        );
        let host = match locator.strip_prefix("hf:") {
            Some(_) => "huggingface.co",
            None => rest.split(['/', '?', '#', ':']).next().unwrap_or_default(),
        };
        self.wire.word_of.iter().any(|known| known.eq_ignore_ascii_case(host))
    }

    /// The oldest that evidence may be, in days.
    pub const fn max_age_days(&self) -> Option<u32> {
        self.wire.max_age_days
    }

    /// What restricted terms on outputs do.
    pub const fn output_terms(&self) -> OutputTerms {
        self.wire.output_terms
    }

    /// Whether somebody asked for it, as against the standard.
    pub const fn is_explicit(&self) -> bool {
        self.explicit
    }

    /// Gives findings the severities of the policy. One that was raised already stays raised.
    pub fn weigh(&self, findings: &mut [Finding]) {
        for finding in findings {
            let own = finding.code.severity();
            match self.wire.severity.get(&finding.code) {
                Some(&asked) if asked > finding.severity || finding.severity == own => {
                    finding.severity = asked;
                }
                _ => {}
            }
        }
    }
}
