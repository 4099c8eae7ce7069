//! What a policy asks for beside the class: licences, signers, the age of evidence.
//!
//! Spec: `spec/v0.1/policy.md`, rules `pol-12` to `pol-14`.

use fullsource_format::evidence::Evidence;
use fullsource_format::license::LicenseExpression;
use fullsource_format::manifest::Manifest;
use jiff::Timestamp;

use crate::finding::{Code, Finding};
use crate::policy::Policy;
use crate::signers::{Signer, Standing};

/// Artifacts under licences that the policy does not have (`pol-12`).
pub(crate) fn licenses(manifest: &Manifest, policy: &Policy) -> Vec<Finding> {
    let allowed = policy.licenses();
    if allowed.is_empty() {
        return Vec::new();
    }
    let has = |id: &str| allowed.iter().any(|known| known.eq_ignore_ascii_case(id));
    let artifacts = manifest.artifacts().iter();
    let refused = artifacts.filter_map(|artifact| {
        let license = artifact.license.as_ref();
        if license.is_some_and(|license| license.is_met_by(&has)) {
            return None;
        }
        let license = license.map_or("no licence", LicenseExpression::as_str);
        let text = format!("`{license}` is not among the licences that the policy takes");
        Some(Finding::new(Code::LicenseRefused, text).of(artifact.id.as_str()))
    });
    refused.collect()
}

/// Whether enough of those who may sign did (`pol-13`).
pub(crate) fn signers(signers: &[Signer], policy: &Policy) -> Option<Finding> {
    let asked = policy.signers();
    if asked.is_empty() {
        return None;
    }
    let counts = |signer: &&Signer| signer.standing == Standing::Producer;
    let known = |signer: &&Signer| {
        signer.principal.as_ref().is_some_and(|principal| asked.contains(principal))
    };
    let mut found: Vec<_> =
        signers.iter().filter(counts).filter(known).map(|signer| &signer.principal).collect();
    found.sort();
    found.dedup();
    let wanted = policy.threshold().unwrap_or(1) as usize;
    if found.len() >= wanted {
        return None;
    }
    let text =
        format!("{} of the principals that the policy names signed, {wanted} must", found.len());
    Some(Finding::new(Code::SignerRefused, text))
}

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Evidence that is too old, or of a day that has not come (`pol-14`).
pub(crate) fn age(evidence: &Evidence, policy: &Policy, now: Timestamp) -> Option<Finding> {
    let days = policy.max_age_days()?;
    let age = now.as_second().saturating_sub(evidence.collected_at.as_second());
    if (-DAY..=i64::from(days) * DAY).contains(&age) {
        return None;
    }
    let text = match age {
        ..0 => format!("the evidence is dated {} days after now: its age is not known", -age / DAY),
        _ => format!("the evidence is {} days old, {days} are allowed", age / DAY),
    };
    Some(Finding::new(Code::EvidenceOld, text))
}
