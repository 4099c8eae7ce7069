//! Who signed, and whether that counts: keys, principals, roles, validity, revocation.
//!
//! Spec: `spec/v0.1/keys.md`.

use std::collections::BTreeSet;

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
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
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

/// Judges the keys that signed (`ver-10` to `ver-12`, `ver-17`, `ver-20`). The envelope was opened
/// with [`Trust::all_keys`], so each of them is one that the verifier knows.
pub(crate) fn assess(
    signed_by: &[PublicKey],
    release: &Release,
    trust: &Trust,
    now: Timestamp,
) -> Assessment {
    let mut signers = Vec::new();
    let mut findings = Vec::new();
    let mut counted = Vec::new();
    let mut producers = Vec::new();
    let mut vouched = false;
    for key in signed_by {
        let state = state(key, trust, now);
        let mut standing = Standing::None;
        match state {
            Ok(role) => {
                counted.push(key);
                if role == Standing::Producer {
                    producers.push(key);
                }
                standing = vouches(key, release, trust, now);
                vouched |= standing == Standing::Producer;
            }
            Err((code, text)) => findings.push(Finding::new(code, text)),
        }
        signers.push(Signer {
            key_id: key.key_id().to_string(),
            key_type: key.key_type().name().to_owned(),
            principal: principal(key, release, trust),
            standing,
        });
    }
    let threshold = trust.threshold.max(1) as usize;
    if count(&counted, trust) < threshold {
        if !counted.is_empty() {
            let text =
                format!("{} signer(s) count, {threshold} are required", count(&counted, trust));
            findings.push(Finding::new(Code::SignatureThreshold, text));
        }
        return Assessment { signers, findings };
    }
    for finding in findings.iter_mut().filter(|f| f.code != Code::SignerRevoked) {
        finding.severity = Severity::Warning;
    }
    if count(&producers, trust) < threshold || !vouched {
        let text = "signed by an observer, not by the release's producer";
        findings.push(Finding::new(Code::SignerObserver, text));
    }
    Assessment { signers, findings }
}

/// Whether enough signers with a counting key signed, before anything is known of the payload
/// (`ver-11`).
pub fn meets_threshold(signed_by: &[PublicKey], trust: &Trust, now: Timestamp) -> bool {
    let counted: Vec<_> = signed_by.iter().filter(|key| state(key, trust, now).is_ok()).collect();
    count(&counted, trust) >= trust.threshold.max(1) as usize
}

/// Whether the producer of this very release signed, as far as one signature tells (`ver-18`).
pub fn is_producers(
    signed_by: &[PublicKey],
    release: &Release,
    trust: &Trust,
    now: Timestamp,
) -> bool {
    let assessed = assess(signed_by, release, trust, now);
    !assessed.findings.iter().any(|f| f.code == Code::SignerObserver)
        && assessed.signers.iter().any(|signer| signer.standing == Standing::Producer)
}

/// Whether an observer that the trust file names vouches for evidence (`evd-13`). A key given by
/// itself does not.
pub fn vouch_for_evidence(signed_by: &[PublicKey], trust: &Trust, now: Timestamp) -> bool {
    let revoked = |key: &PublicKey| trust.revoked.as_ref().is_some_and(|l| l.revokes_key(key));
    let observes =
        |entry: &TrustEntry| entry.valid_at(now) && entry.roles().contains(&Role::Observer);
    signed_by.iter().any(|key| !revoked(key) && entries(key, trust).any(observes))
}

/// Whether a key counts, and with which role (`ver-10`).
fn state(key: &PublicKey, trust: &Trust, now: Timestamp) -> Result<Standing, (Code, String)> {
    if trust.revoked.as_ref().is_some_and(|list| list.revokes_key(key)) {
        let text = format!("key {} signed and is revoked", key.key_id());
        return Err((Code::SignerRevoked, text));
    }
    if trust.keys.contains(key) {
        return Ok(Standing::Producer);
    }
    let signs = |role: &Role| matches!(role, Role::Producer | Role::Observer);
    let with_role: Vec<_> =
        entries(key, trust).filter(|entry| entry.roles().iter().any(signs)).collect();
    let valid = with_role.iter().filter(|entry| entry.valid_at(now));
    let roles: Vec<_> = valid.flat_map(|entry| entry.roles()).collect();
    if roles.contains(&&Role::Producer) {
        return Ok(Standing::Producer);
    }
    if roles.contains(&&Role::Observer) {
        return Ok(Standing::Observer);
    }
    let expired =
        with_role.iter().find(|entry| matches!(entry.validity(now), Validity::Expired { .. }));
    Err(match (expired, with_role.first()) {
        (Some(entry), _) => {
            let text = format!("the trust entry at line {} is no longer valid", entry.line());
            (Code::SignerExpired, text)
        }
        (None, Some(entry)) => {
            let text = format!("the trust entry at line {} is not yet valid", entry.line());
            (Code::SignerNotYetValid, text)
        }
        (None, None) => (Code::SignerRole, without_role(key, trust)),
    })
}

fn without_role(key: &PublicKey, trust: &Trust) -> String {
    let why = entries(key, trust).find_map(|entry| Some((entry.line(), entry.no_role()?)));
    match why {
        Some((line, reason)) => {
            format!("the trust entry at line {line} gives this key no role for releases: {reason}")
        }
        None => "the trust file gives this key no role for releases".to_owned(),
    }
}

/// What a counting key vouches as for this release (`trust-10` to `trust-12`).
fn vouches(key: &PublicKey, release: &Release, trust: &Trust, now: Timestamp) -> Standing {
    let producer = release.producer.uri.as_ref().map(|uri| uri.as_str());
    let speaks = |entry: &TrustEntry| {
        producer.is_some_and(|uri| entry.valid_at(now) && entry.allows(Role::Producer, uri))
    };
    let by_itself = trust.keys.contains(key);
    match by_itself || entries(key, trust).any(speaks) {
        true => Standing::Producer,
        false => Standing::Observer,
    }
}

/// Who holds a key, to be shown: the principal that is the release's producer, or the first.
fn principal(key: &PublicKey, release: &Release, trust: &Trust) -> Option<String> {
    let mut held: Vec<_> = entries(key, trust).flat_map(TrustEntry::principals).collect();
    held.sort_by_key(|name| release.producer.uri.as_ref().map(|uri| uri.as_str() != *name));
    held.first().map(|name| (*name).clone())
}

fn entries<'t>(key: &'t PublicKey, trust: &'t Trust) -> impl Iterator<Item = &'t TrustEntry> {
    trust.file.iter().flat_map(TrustFile::entries).filter(move |entry| entry.key() == key)
}

/// The number of signers that hold these keys (`trust-17`).
fn count(keys: &[&PublicKey], trust: &Trust) -> usize {
    let signers: BTreeSet<String> =
        keys.iter().map(|key| Holder::of(key, trust).name(key)).collect();
    signers.len()
}

/// Who holds a key: keys with a principal in common, directly or by way of further keys, are one
/// signer's (`trust-17`).
struct Holder<'t> {
    principals: BTreeSet<&'t str>,
    keys: Vec<&'t PublicKey>,
}

impl<'t> Holder<'t> {
    fn of(key: &'t PublicKey, trust: &'t Trust) -> Self {
        let all: Vec<&TrustEntry> = trust.file.iter().flat_map(TrustFile::entries).collect();
        let mut held = Self { principals: BTreeSet::new(), keys: Vec::new() };
        let mut theirs = vec![key];
        while let Some(key) = theirs.pop() {
            held.keys.push(key);
            let new = all.iter().filter(|entry| entry.key() == key);
            let names: Vec<_> = new.flat_map(|entry| entry.principals()).collect();
            for name in names.into_iter().filter(|name| held.principals.insert(name)) {
                let shared = all.iter().filter(|entry| entry.principals().contains(name));
                theirs.extend(shared.map(|entry| entry.key()));
            }
        }
        held
    }

    fn name(&self, key: &PublicKey) -> String {
        let first = self.principals.first();
        first.map_or_else(|| key.key_id().to_string(), |name| (*name).to_owned())
    }
}

/// Somebody whose word on a rebuild is taken (`reb-60`, `reb-64`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rebuilder {
    /// The first of the signer's principals, in the order of bytes.
    pub(crate) name: String,
    /// Whether it is the release's producer, or has a key that signed the statement.
    pub(crate) own: bool,
    /// The principals that hold the role with this key.
    pub(crate) principals: Vec<String>,
}

/// The keys that attestations are opened with: those that a valid entry gives the role rebuilder, and
/// that are not revoked.
pub(crate) fn rebuilders_keys(trust: &Trust, now: Timestamp) -> Vec<PublicKey> {
    let entries = trust.file.iter().flat_map(TrustFile::entries);
    let valid = entries.filter(|entry| rebuilds(entry, now));
    let revoked = |key: &PublicKey| trust.revoked.as_ref().is_some_and(|l| l.revokes_key(key));
    valid.map(TrustEntry::key).filter(|key| !revoked(key)).cloned().collect()
}

fn rebuilds(entry: &TrustEntry, now: Timestamp) -> bool {
    entry.roles().contains(&Role::Rebuilder) && entry.valid_at(now)
}

/// Who holds these keys of [`rebuilders_keys`], each once.
pub(crate) fn rebuilders(
    keys: &[PublicKey],
    signed_by: &[PublicKey],
    release: &Release,
    trust: &Trust,
    now: Timestamp,
) -> Vec<Rebuilder> {
    let mut rebuilders: Vec<Rebuilder> = Vec::new();
    for key in keys {
        let holder = Holder::of(key, trust);
        let uri = release.producer.uri.as_ref().map(|uri| uri.as_str());
        let own = uri.is_some_and(|uri| holder.principals.contains(uri))
            || holder.keys.iter().any(|held| signed_by.contains(held));
        let entries = entries(key, trust).filter(|entry| rebuilds(entry, now));
        let principals: Vec<String> = entries.flat_map(TrustEntry::principals).cloned().collect();
        let name = holder.name(key);
        match rebuilders.iter_mut().find(|known| known.name == name) {
            Some(known) => known.principals.extend(principals),
            None => rebuilders.push(Rebuilder { name, own, principals }),
        }
    }
    rebuilders
}
