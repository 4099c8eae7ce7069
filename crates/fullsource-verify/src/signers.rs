//! Who signed, and whether that counts: keys, principals, roles, validity, revocation.
//!
//! Spec: `spec/v0.1/keys.md`.

use std::collections::BTreeSet;

use fullsource_format::digest::Sha256;
use fullsource_format::key::PublicKey;
use fullsource_format::manifest::Release;
use fullsource_format::revoked::RevocationList;
use fullsource_format::trust::{Role, TrustEntry, TrustFile, Validity};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::{Code, Finding, Severity};

/// What the verifier trusts, all of it from the verifier's own side.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Keys trusted as the producer of the target alone.
    pub keys: Vec<PublicKey>,
    /// Principals with validity and roles.
    pub file: Option<TrustFile>,
    /// Keys and statements that count no longer.
    pub revoked: Option<RevocationList>,
    /// How many principals must have signed; at least 1.
    pub threshold: u32,
}

impl Trust {
    /// Every key that an envelope is opened with. What each counts for is judged afterwards.
    pub fn all_keys(&self) -> Vec<PublicKey> {
        let listed = self.file.iter().flat_map(TrustFile::entries).map(|entry| entry.key().clone());
        self.keys.iter().cloned().chain(listed).collect()
    }

    /// Whether the verifier gave anything to trust.
    pub const fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.file.is_none()
    }
}

/// What a signature counts for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The release's producer.
    Producer,
    /// Somebody who describes what others released.
    Observer,
    /// Nobody: expired, not yet valid, revoked, or without a role.
    None,
}

/// One signature that a known key made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Signer {
    /// base64 of SHA-256 of the key's DER SPKI.
    pub key_id: String,
    /// `ed25519` or `p256`.
    pub key_type: String,
    /// Who it is, by the trust file; absent for a key given by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// What the signature counts for.
    pub standing: Standing,
}

/// What the signatures amount to.
pub(crate) struct Assessment {
    pub(crate) signers: Vec<Signer>,
    pub(crate) findings: Vec<Finding>,
}

/// Judges the keys that signed (`key-20` and following). The envelope was opened with
/// [`Trust::all_keys`], so each of them is one that the verifier knows.
pub(crate) fn assess(
    signed_by: &[PublicKey],
    statement: Sha256,
    release: &Release,
    trust: &Trust,
    now: Timestamp,
) -> Assessment {
    let mut signers = Vec::new();
    let mut reasons = Vec::new();
    for key in signed_by {
        let (signer, reason) = stand(key, release, trust, now);
        signers.push(signer);
        reasons.extend(reason);
    }
    let mut findings = counted(&signers, reasons, trust.threshold.max(1));
    if trust.revoked.as_ref().is_some_and(|list| list.revokes_statement(&statement)) {
        let text = format!("statement {statement} is revoked");
        findings.push(Finding::new(Code::StatementRevoked, text));
    }
    Assessment { signers, findings }
}

/// Counts principals, not keys, and weighs the reasons why some do not count.
fn counted(signers: &[Signer], mut reasons: Vec<Finding>, threshold: u32) -> Vec<Finding> {
    let principals = |standing: Standing| -> usize {
        let named = signers.iter().filter(|signer| signer.standing <= standing);
        named.map(|s| s.principal.as_ref().unwrap_or(&s.key_id)).collect::<BTreeSet<_>>().len()
    };
    let (producers, known) = (principals(Standing::Producer), principals(Standing::Observer));
    let threshold = threshold as usize;
    if known >= threshold {
        reasons.iter_mut().for_each(|reason| reason.severity = Severity::Warning);
    }
    if producers >= threshold {
        return reasons;
    }
    if known >= threshold {
        let text = "signed by an observer, not by the release's producer".to_owned();
        reasons.push(Finding::new(Code::SignerObserver, text));
    } else if known > 0 || reasons.is_empty() {
        let text = format!("{known} principal(s) signed, {threshold} are required");
        reasons.push(Finding::new(Code::SignatureThreshold, text));
    }
    reasons
}

/// What one key's signature counts for, and why it does not count where it does not.
fn stand(
    key: &PublicKey,
    release: &Release,
    trust: &Trust,
    now: Timestamp,
) -> (Signer, Option<Finding>) {
    let signer = |principal: Option<&str>, standing| Signer {
        key_id: key.key_id().to_string(),
        key_type: key.key_type().name().to_owned(),
        principal: principal.map(str::to_owned),
        standing,
    };
    let refused = |code, text: String| Some(Finding::new(code, text));
    if trust.revoked.as_ref().is_some_and(|list| list.revokes_key(key)) {
        let text = format!("key {} signed and is revoked", key.key_id());
        return (signer(None, Standing::None), refused(Code::SignerRevoked, text));
    }
    if trust.keys.contains(key) {
        return (signer(None, Standing::Producer), None);
    }
    let producer = release.producer.uri.as_ref().map_or("", |uri| uri.as_str());
    let entries = trust.file.iter().flat_map(TrustFile::entries).filter(|e| e.key() == key);
    let best = entries.map(|entry| entry_stands(entry, producer, now)).min_by_key(rank);
    match best {
        Some(Entry { principal, outcome: Ok(standing) }) => (signer(principal, standing), None),
        Some(Entry { principal, outcome: Err((code, text)) }) => {
            (signer(principal, Standing::None), refused(code, text))
        }
        None => (signer(None, Standing::None), None),
    }
}

/// What one entry of a trust file makes of a signature.
struct Entry<'t> {
    principal: Option<&'t str>,
    outcome: Result<Standing, (Code, String)>,
}

fn rank(entry: &Entry<'_>) -> u8 {
    match &entry.outcome {
        Ok(Standing::Producer) => 0,
        Ok(_) => 1,
        Err(_) => 2,
    }
}

fn entry_stands<'t>(entry: &'t TrustEntry, producer: &str, now: Timestamp) -> Entry<'t> {
    let is_producer = entry.allows(Role::Producer, producer);
    let matching = entry.principals().iter().find(|p| is_producer && p.as_str() == producer);
    let principal = matching.or(entry.principals().first()).map(String::as_str);
    let line = entry.line();
    let outcome = match entry.validity(now) {
        Validity::Expired { .. } => {
            let text = format!("the trust entry at line {line} is no longer valid at {now:.0}");
            Err((Code::SignerExpired, text))
        }
        Validity::NotYet { .. } => {
            let text = format!("the trust entry at line {line} is not yet valid at {now:.0}");
            Err((Code::SignerNotYetValid, text))
        }
        Validity::Valid if is_producer => Ok(Standing::Producer),
        Validity::Valid
            if entry.roles().iter().any(|r| matches!(r, Role::Producer | Role::Observer)) =>
        {
            Ok(Standing::Observer)
        }
        Validity::Valid => {
            let why = entry.no_role().map_or_else(String::new, |reason| format!(": {reason}"));
            let text =
                format!("the trust entry at line {line} gives this key no role for releases{why}");
            Err((Code::SignerRole, text))
        }
    };
    Entry { principal, outcome }
}
