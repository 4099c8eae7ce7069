//! The judgement: a statement, the evidence, what the verifier trusts and asks, and the time.
//!
//! Spec: `spec/v0.1/verification.md`.

mod class;

use std::collections::{HashMap, HashSet};

use fullsource_format::digest::Sha256;
use fullsource_format::envelope::{Unverified, Verified};
use fullsource_format::evidence::{Evidence, ReleaseSeen, Unread};
use fullsource_format::index::FileTable;
use fullsource_format::key::PublicKey;
use fullsource_format::manifest::Manifest;
use fullsource_format::statement::Statement;
use fullsource_format::text::Id;
use jiff::Timestamp;

use crate::check;
use crate::check::indexes::ArtifactIndex;
use crate::finding::{Code, Finding, Layer, Severity};
use crate::made::Made;
use crate::policy::{Policy, Scope};
use crate::rebuilds::{self, Held, Opened, Rebuilds};
use crate::report::{FilesReport, Parts, ReleaseReport, Report};
use crate::signers::{self, Signer, Standing, Trust};

pub(crate) use class::Classed;
pub use class::Restriction;

/// What a statement binds beside itself: the covered files, and the file indexes of artifacts.
#[derive(Debug, Clone, Default)]
pub struct FilesAndIndexes {
    /// The covered files.
    pub files: FileTable,
    /// What lies under the names of the artifacts' file indexes.
    pub indexes: HashMap<Id, ArtifactIndex>,
}

/// What a release claims, and who vouches for it.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    manifest: &'a Manifest,
    files: &'a FileTable,
    indexes: &'a HashMap<Id, ArtifactIndex>,
    id: Sha256,
    signed: Signed<'a>,
    rebuilt: &'a [rebuilds::Given],
}

#[derive(Debug, Clone, Copy)]
enum Signed<'a> {
    By(&'a [PublicKey]),
    /// There is a signature, and no key to hold it against.
    Unknown,
    Not,
}

impl<'a> Claim<'a> {
    /// A statement that trusted keys signed, with the files it covers and its artifacts' indexes.
    pub fn signed(statement: &'a Verified<Statement>, files: &'a FilesAndIndexes) -> Self {
        let signed = Signed::By(statement.signers());
        let FilesAndIndexes { files, indexes } = files;
        let manifest = statement.value().manifest();
        Self { manifest, files, indexes, id: statement.id(), signed, rebuilt: &[] }
    }

    /// A statement in an envelope that was opened without a key.
    pub fn without_key(statement: &'a Unverified<Statement>, files: &'a FilesAndIndexes) -> Self {
        Self { signed: Signed::Unknown, ..Self::unsigned(statement, files) }
    }

    /// A statement that nobody signed.
    pub fn unsigned(statement: &'a Unverified<Statement>, files: &'a FilesAndIndexes) -> Self {
        Self::draft(statement.value().manifest(), statement.id(), files)
    }

    /// A manifest that is no statement yet. `id`: SHA-256 of the document.
    pub const fn draft(manifest: &'a Manifest, id: Sha256, files: &'a FilesAndIndexes) -> Self {
        let FilesAndIndexes { files, indexes } = files;
        Self { manifest, files, indexes, id, signed: Signed::Not, rebuilt: &[] }
    }

    /// The same, with what others attest of rebuilding it.
    #[must_use]
    pub const fn rebuilt(self, rebuilt: &'a [rebuilds::Given]) -> Self {
        Self { rebuilt, ..self }
    }

    const fn manifest(&self) -> &'a Manifest {
        self.manifest
    }
}

/// What the verifier brings: trust, a policy, and the time.
#[derive(Debug, Clone)]
pub struct Verifier {
    /// Whom to trust.
    pub trust: Trust,
    /// What to ask.
    pub policy: Policy,
    /// When (UTC). Never a date that a statement gives.
    pub now: Timestamp,
    /// The rung asked for by name, if any.
    pub require: Option<String>,
    /// The release asked for by name, if any.
    pub expect: Option<Expected>,
    /// Whether evidence that somebody else collected counts although nobody signed it.
    pub accept_evidence: bool,
}

/// The release that somebody means to have (`ver-21`): its name, or its name, `@` and its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The text, as it was asked for.
    pub text: String,
}

/// Where the evidence comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provenance {
    /// This run looked.
    Own,
    /// A file that somebody gave, signed by an observer whom the verifier trusts.
    Observer,
    /// A file that somebody gave.
    Supplied,
}

/// Judges a claim by the evidence.
pub fn judge(
    claim: &Claim<'_>,
    evidence: &Evidence,
    provenance: Provenance,
    verifier: &Verifier,
) -> Report {
    let (signers, mut findings) = judge_claim(claim, verifier);
    findings.extend(check::asked::signers(&signers, &verifier.policy));
    let vouched = provenance != Provenance::Supplied || verifier.accept_evidence;
    if !vouched {
        let text = "evidence supplied, not signed by a trusted observer: it establishes nothing";
        findings.push(Finding::new(Code::EvidenceUnsigned, text));
    }
    let (files, reported) = judge_files(&mut findings, claim, evidence, verifier);
    let indexes = check::indexes::check(claim.manifest(), claim.files, claim.indexes);
    let contradicted = indexes.iter().filter(|finding| finding.severity == Severity::Error);
    let contradicted: HashSet<_> = contradicted.filter_map(|f| f.artifact.clone()).collect();
    findings.extend(indexes);
    let asked = asked(verifier);
    let (rebuilt, of_rebuilds) = opened(claim, verifier);
    let (mut made, mut classed) = (Made::default(), None);
    if verifier.policy.scope() == Scope::Sources {
        let judged = check::artifacts::check(
            claim.manifest(),
            claim.files,
            &files,
            evidence,
            vouched,
            &contradicted,
        );
        findings.extend(judged.findings);
        findings.extend(check::asked::licenses(claim.manifest(), &verifier.policy));
        findings.extend(check::asked::age(evidence, &verifier.policy, verifier.now));
        let unclaimed = findings.iter().find(|finding| finding.code == Code::WeightsUnclaimed);
        let case = class::Case {
            id: claim.id,
            manifest: claim.manifest(),
            covered: claim.files,
            statuses: &judged.statuses,
            layers: judged.layers,
            spoken: &judged.spoken,
            evidence,
            vouched,
            by_producer: by_producer(&signers, &findings),
            unclaimed_weights: unclaimed.and_then(|finding| finding.path.clone()),
            rebuilt,
        };
        let grave = findings.iter().map(|finding| finding.severity).max();
        let (class, wrong) = class::judge(case, asked, verifier, grave);
        classed = class;
        findings.extend(wrong);
        made = Made::of(claim.manifest(), &judged.statuses, &judged.digests);
    } else {
        findings.extend(class::unjudged(asked, "the policy asks for signature and files alone"));
    }
    findings.extend(of_rebuilds);
    let rebuilds = classed.as_ref().and_then(|classed| classed.rebuilds.as_ref());
    findings.extend(rebuilds::missing(rebuilds, &verifier.policy));
    verifier.policy.weigh(&mut findings);
    let not_checked = not_checked(claim, &verifier.policy, rebuilds);
    Report::of(Parts {
        statement: Some(claim.id),
        release: Some(ReleaseReport::from(claim.manifest().release())),
        signers,
        files: reported,
        made,
        findings,
        not_checked: [not_checked, not_read(evidence)].concat(),
        classed,
    })
}

/// The rebuilds that count, and what is wrong with those that do not.
fn opened(claim: &Claim<'_>, verifier: &Verifier) -> (Opened, Vec<Finding>) {
    let Verifier { trust, policy, now, .. } = verifier;
    let signed_by = match claim.signed {
        Signed::By(keys) => keys,
        Signed::Unknown | Signed::Not => &[],
    };
    let held =
        Held { manifest: claim.manifest, covered: claim.files, statement: claim.id, signed_by };
    Opened::of(claim.rebuilt, held, trust, policy, *now)
}

/// What is asked of the class: a rung by name, else, without a policy, what the release claims.
fn asked(verifier: &Verifier) -> class::Asked<'_> {
    match &verifier.require {
        Some(rung) => class::Asked::Rung(rung),
        None => match verifier.policy.require() {
            Some(rung) => class::Asked::Rung(rung),
            None if verifier.policy.is_explicit() => class::Asked::Nothing,
            None => class::Asked::Claim,
        },
    }
}

/// Whether a trusted signature that counts says that the statement is the producer's own.
fn by_producer(signers: &[Signer], findings: &[Finding]) -> bool {
    let wrong = |finding: &Finding| {
        finding.code.layer() == Layer::Signature && finding.severity == Severity::Error
    };
    signers.iter().any(|signer| signer.standing == Standing::Producer)
        && !findings.iter().any(wrong)
}

/// The report where the covered files are not known: their index is gone, or not the one signed.
pub fn without_files(claim: &Claim<'_>, finding: Finding, verifier: &Verifier) -> Report {
    let (signers, mut findings) = judge_claim(claim, verifier);
    findings.push(finding);
    findings.extend(class::unjudged(asked(verifier), "what is covered is not known"));
    findings.extend(rebuilds::missing(None, &verifier.policy));
    verifier.policy.weigh(&mut findings);
    let mut not_checked = not_checked(claim, &verifier.policy, None);
    if !claim.rebuilt.is_empty() {
        not_checked.push("what others attest of rebuilding it".to_owned());
    }
    not_checked.push("the files and the artifacts: what is covered is not known".to_owned());
    Report::of(Parts {
        statement: Some(claim.id),
        release: Some(ReleaseReport::from(claim.manifest().release())),
        signers,
        files: None,
        made: Made::default(),
        findings,
        not_checked,
        classed: None,
    })
}

/// The report where keys were given and none of them signed. The payload was not looked at.
pub fn untrusted(keys: usize, signatures: usize) -> Report {
    let text = format!("none of {keys} trusted key(s) made any of {signatures} signature(s)");
    Report::of(Parts {
        statement: None,
        release: None,
        signers: Vec::new(),
        files: None,
        made: Made::default(),
        findings: vec![Finding::new(Code::SignatureUntrusted, text)],
        not_checked: vec!["the statement, the files and the artifacts".to_owned()],
        classed: None,
    })
}

/// Who vouches for the claim, and whether it is the one that was asked for.
fn judge_claim(claim: &Claim<'_>, verifier: &Verifier) -> (Vec<Signer>, Vec<Finding>) {
    let mut findings = Vec::new();
    let signers = judge_signature(&mut findings, claim, verifier);
    findings.extend(verifier.expect.as_ref().and_then(|expected| unexpected(claim, expected)));
    (signers, findings)
}

fn unexpected(claim: &Claim<'_>, expected: &Expected) -> Option<Finding> {
    let release = claim.manifest().release();
    let version = release.version.as_ref().map(|version| version.as_str());
    let full = version.map(|version| format!("{}@{version}", release.name));
    if release.name.as_str() == expected.text || full.as_ref() == Some(&expected.text) {
        return None;
    }
    let this = full.unwrap_or_else(|| release.name.to_string());
    let text = format!("this is `{this}`, `{}` was asked for", expected.text);
    Some(Finding::new(Code::StatementUnexpected, text))
}

fn judge_signature(
    findings: &mut Vec<Finding>,
    claim: &Claim<'_>,
    verifier: &Verifier,
) -> Vec<Signer> {
    let trust = &verifier.trust;
    let unsigned = match claim.signed {
        Signed::By(keys) => {
            let release = claim.manifest().release();
            let assessed = signers::assess(keys, release, trust, verifier.now);
            findings.extend(assessed.findings);
            findings.extend(revoked(claim, trust));
            return assessed.signers;
        }
        Signed::Unknown => Finding::new(
            Code::SignatureNoKey,
            "it is signed, and no key was given to hold the signature against",
        ),
        Signed::Not if trust.is_empty() => {
            Finding::new(Code::SignatureNone, "the statement is not signed")
        }
        Signed::Not => {
            Finding::new(Code::SignatureNone, "keys were given, and the statement is not signed")
                .weighing(Severity::Error)
        }
    };
    findings.push(unsigned);
    findings.extend(revoked(claim, trust));
    Vec::new()
}

fn revoked(claim: &Claim<'_>, trust: &Trust) -> Option<Finding> {
    trust.revoked.as_ref().filter(|list| list.revokes_statement(&claim.id))?;
    let text = format!("statement {} is revoked", claim.id);
    Some(Finding::new(Code::StatementRevoked, text))
}

fn judge_files(
    findings: &mut Vec<Finding>,
    claim: &Claim<'_>,
    evidence: &Evidence,
    verifier: &Verifier,
) -> (check::files::Files, Option<FilesReport>) {
    let Some(seen) = &evidence.release else {
        let text = "nobody looked at the files of the release";
        findings.push(Finding::new(Code::NotLooked, text));
        let intact = vec![false; claim.files.len()];
        let files = check::files::Files::unseen(intact);
        return (files, None);
    };
    let Verifier { policy, require, .. } = verifier;
    let asked = policy.is_explicit() || require.is_some();
    let files = check::files::check(claim.manifest(), claim.files, seen, policy, asked);
    findings.extend(files.findings.iter().cloned());
    let report = files_report(claim.files, seen, &files.intact);
    (files, Some(report))
}

fn files_report(covered: &FileTable, seen: &ReleaseSeen, intact: &[bool]) -> FilesReport {
    FilesReport {
        covered: covered.len() as u64,
        intact: intact.iter().filter(|intact| **intact).count() as u64,
        total_bytes: covered.total_bytes(),
        digests: seen.digests,
        unread: seen.unread,
    }
}

/// What no pass of this version shows (`rep-9`).
fn not_checked(claim: &Claim<'_>, policy: &Policy, rebuilds: Option<&Rebuilds>) -> Vec<String> {
    let mut list = vec![
        "freshness: whether a newer release replaces this one",
        rebuilds.map_or(rebuilds::ASSERTED, Rebuilds::not_shown),
        "that what is loaded later is what was read now",
    ];
    if policy.scope() == Scope::Release {
        list.push(
            "the claimed sources and the class: the policy asks for signature and files alone",
        );
    }
    if matches!(claim.signed, Signed::Unknown | Signed::Not) {
        list.push("who made the statement");
    }
    list.into_iter().map(str::to_owned).collect()
}

/// What was taken for what it was (`rep-9`).
fn not_read(evidence: &Evidence) -> Vec<String> {
    let unread = evidence.release.as_ref().and_then(|seen| seen.unread);
    let text = |unread: Unread| {
        format!("the bytes of {} files: by `--trust-mtime` they were not read", unread.files.0)
    };
    unread.map(text).into_iter().collect()
}
