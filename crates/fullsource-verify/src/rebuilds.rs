//! What others' rebuilds are worth: which attestations count, what they confirm, and what they say
//! against it.
//!
//! Spec: `spec/v0.1/rebuild.md`, rules `reb-60` to `reb-66`.

mod fits;
mod told;

use std::collections::BTreeMap;
use std::fmt;

use fullsource_format::digest::Sha256;
use fullsource_format::envelope::{Envelope, OpenRebuildError, Verified};
use fullsource_format::index::FileTable;
use fullsource_format::key::PublicKey;
use fullsource_format::manifest::{Manifest, Stage};
use fullsource_format::rebuild::{Attestation, AttestationError, Grade};
use jiff::Timestamp;

use crate::finding::{Code, Finding};
use crate::policy::Policy;
use crate::signers::{self, Rebuilder, Trust};

pub use told::{
    ASSERTED, AuditTold, RebuildTold, Rebuilds, Reproduced, ReproducedBy, StageRebuilds,
};

/// Attestations that somebody gave, and the file that they stand in.
#[derive(Clone)]
pub struct Given {
    /// The file, to be named in findings.
    pub file: String,
    /// What stands in it.
    pub envelope: Envelope,
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Given").field("file", &self.file).finish_non_exhaustive()
    }
}

/// What attestations are held against.
#[derive(Clone, Copy)]
pub(crate) struct Held<'a> {
    pub(crate) manifest: &'a Manifest,
    pub(crate) covered: &'a FileTable,
    pub(crate) statement: Sha256,
    /// The known keys that signed the statement.
    pub(crate) signed_by: &'a [PublicKey],
}

/// The attestations that count, by the stage that they are about.
pub(crate) struct Opened {
    by_stage: BTreeMap<usize, Vec<RebuildTold>>,
    /// Whether any was given.
    any: bool,
}

impl Opened {
    /// Opens what was given, and notes what is wrong with each (`reb-60` to `reb-63`).
    pub(crate) fn of(
        given: &[Given],
        held: Held<'_>,
        trust: &Trust,
        policy: &Policy,
        now: Timestamp,
    ) -> (Self, Vec<Finding>) {
        let mut opened = Self { by_stage: BTreeMap::new(), any: !given.is_empty() };
        let mut findings = Vec::new();
        let keys = signers::rebuilders_keys(trust, now);
        for one in given {
            match open(one, &keys, held, trust) {
                Ok((stage, attestation)) => {
                    let counted = signers::rebuilders(
                        attestation.signers(),
                        held.signed_by,
                        held.manifest.release(),
                        trust,
                        now,
                    );
                    let (told, wrong) = judged(one, stage, &attestation, counted, held, policy);
                    opened.by_stage.entry(stage).or_default().extend(told);
                    findings.extend(wrong);
                }
                Err((code, why)) => findings.push(Finding::new(code, why).at(&one.file)),
            }
        }
        (opened, findings)
    }

    /// What the report says of the stages that the rungs judge, in the order of the statement
    /// (`reb-66`). Nothing where nothing was given and nothing is asked.
    pub(crate) fn told(
        self,
        manifest: &Manifest,
        reached: &[usize],
        policy: &Policy,
    ) -> Option<Rebuilds> {
        if !self.any && policy.rebuilds().is_none() {
            return None;
        }
        let Self { mut by_stage, .. } = self;
        let stages = manifest.stages().iter().enumerate().filter_map(|(nth, stage)| {
            let told = by_stage.remove(&nth);
            let judged = reached.contains(&nth);
            (judged || told.is_some()).then(|| StageRebuilds {
                stage: stage.id.to_string(),
                judged,
                told: told.unwrap_or_default(),
            })
        });
        let made = |id| manifest.stages().iter().any(|stage| stage.outputs.contains(id));
        let weights = manifest.artifacts().iter().filter(|artifact| fits::is_final(artifact));
        let unmade = weights.filter(|artifact| !made(&artifact.id));
        Some(Rebuilds {
            asked: policy.rebuilds().unwrap_or(1),
            stages: stages.collect(),
            unmade: unmade.map(|artifact| artifact.id.to_string()).collect(),
        })
    }
}

/// An attestation about a stage of the statement, or why it counts for nothing.
fn open(
    given: &Given,
    keys: &[PublicKey],
    held: Held<'_>,
    trust: &Trust,
) -> Result<(usize, Verified<Attestation>), (Code, String)> {
    let foreign = |why: String| (Code::RebuildForeign, why);
    let attestation = given.envelope.open_rebuild(keys).map_err(|error| match error {
        OpenRebuildError::Untrusted => (Code::RebuildUntrusted, untrusted(&given.envelope, trust)),
        OpenRebuildError::Attestation(
            AttestationError::Json(_) | AttestationError::Incoherent(_),
        ) => (Code::RebuildMalformed, error.to_string()),
        OpenRebuildError::PayloadType(_) | OpenRebuildError::Attestation(_) => {
            foreign(error.to_string())
        }
    })?;
    let revoked = trust.revoked.as_ref();
    if revoked.is_some_and(|list| list.revokes_statement(&attestation.id())) {
        let text = format!("the attestation {} is revoked", attestation.id());
        return Err((Code::RebuildUntrusted, text));
    }
    let stage = fits::stage_of(attestation.value(), held).map_err(foreign)?;
    Ok((stage, attestation))
}

fn untrusted(envelope: &Envelope, trust: &Trust) -> String {
    match envelope.signing_keys(&trust.all_keys()).first() {
        Some(key) => format!(
            "key {} signed it, and no valid entry of the trust file gives that key the role rebuilder",
            key.key_id()
        ),
        None => "no key of the trust file signed it".to_owned(),
    }
}

/// What an attestation about a stage is told as, once for each rebuilder that signed it, and what is
/// to be said of it.
fn judged(
    given: &Given,
    stage: usize,
    attestation: &Verified<Attestation>,
    rebuilders: Vec<Rebuilder>,
    held: Held<'_>,
    policy: &Policy,
) -> (Vec<RebuildTold>, Option<Finding>) {
    let rebuild = attestation.value().rebuild();
    let stage = &held.manifest.stages()[stage];
    let short = fits::why_not_whole(rebuild, stage, held.manifest);
    let told = rebuilders.iter().map(|rebuilder| {
        let refused = short.or_else(|| not_counted(rebuilder, policy));
        RebuildTold {
            rebuilder: rebuilder.name.clone(),
            own: rebuilder.own,
            grade: rebuild.grade,
            confirms: refused.is_none(),
            reason: refused.map(str::to_owned),
            audit: rebuild.audit.as_ref().map(AuditTold::of),
        }
    });
    let by: Vec<_> = rebuilders.iter().map(|rebuilder| rebuilder.name.as_str()).collect();
    let finding = of_grade(rebuild.grade, stage, &by.join("`, `"));
    (told.collect(), finding.map(|finding| finding.at(&given.file)))
}

/// Why a rebuilder's word does not count for the linkage (`pol-21`).
fn not_counted(rebuilder: &Rebuilder, policy: &Policy) -> Option<&'static str> {
    let listed = |name: &String| policy.rebuilders().contains(name);
    match policy.rebuilders() {
        [] if rebuilder.own && policy.rebuilds().is_some() => {
            Some("the policy asks for independent rebuilders")
        }
        [] => None,
        _ if rebuilder.principals.iter().any(listed) => None,
        _ => Some("the policy does not name this rebuilder"),
    }
}

// reb-63
fn of_grade(grade: Grade, stage: &Stage, by: &str) -> Option<Finding> {
    let (id, came) = (&stage.id, grade.as_str());
    match grade {
        Grade::Contradicted | Grade::NearMiss => {
            let text = format!(
                "`{by}` ran stage `{id}` again: {came}: not made by this command from these inputs"
            );
            Some(Finding::new(Code::RebuildContradicted, text))
        }
        _ if grade.is_rebuilt() && !grade.meets(fits::mode(stage)) => {
            let text =
                format!("`{by}` ran stage `{id}` again: {came}, which is less than is claimed");
            Some(Finding::new(Code::RebuildWeaker, text))
        }
        _ => None,
    }
}

/// What a policy asks for and the linkage does not rest on (`pol-20`).
pub(crate) fn missing(rebuilds: Option<&Rebuilds>, policy: &Policy) -> Option<Finding> {
    let asked = policy.rebuilds()?;
    let Some(rebuilds) = rebuilds else {
        let text = format!("{asked} rebuilder(s) are asked for, and the stages were not judged");
        return Some(Finding::new(Code::RebuildMissing, text));
    };
    if rebuilds.linkage().rebuilt().is_some() {
        return None;
    }
    let short: Vec<_> = rebuilds.short().collect();
    let stages = match short[..] {
        [] => "no stage".to_owned(),
        [first] => format!("stage `{first}`"),
        [first, ..] => format!("stage `{first}` and {} more", short.len() - 1),
    };
    let text = match short.is_empty() && !rebuilds.stages.is_empty() {
        true => format!(
            "{asked} rebuilder(s) are asked for, and what was rebuilt is not agreed on or not all"
        ),
        false => format!("{asked} rebuilder(s) are asked for, and fewer confirmed {stages}"),
    };
    Some(Finding::new(Code::RebuildMissing, text))
}
