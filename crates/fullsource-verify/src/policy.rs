//! Policies: what a verifier asks for, beyond what the release claims of itself.
//!
//! Spec: `spec/v0.1/policy.md`.

use std::collections::BTreeMap;

use fullsource_format::evidence::Digests;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::{Code, Finding, Layer, Severity};

/// What to ask of a release.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "fullsource policy")]
pub struct WirePolicy {
    /// What the policy is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How far it looks.
    #[serde(default)]
    pub scope: Scope,
    /// How many principals must have signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 64))]
    pub threshold: Option<u32>,
    /// Which digests must have been computed.
    #[serde(default)]
    pub digests: RequiredDigests,
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
