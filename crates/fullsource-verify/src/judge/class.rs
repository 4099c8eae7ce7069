//! The class in the report: what was established, held against what is claimed and what is required.

use std::collections::HashMap;

use fullsource_format::digest::Sha256;
use fullsource_format::evidence::{ContentFactKind, Evidence, Observation};
use fullsource_format::index::FileTable;
use fullsource_format::license::LicenseExpression;
use fullsource_format::manifest::Manifest;
use fullsource_format::text::Id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::artifacts::Status;
use crate::class::{self, Chain, Class, ClassReport, Linkage, Looked, Trusting, name, rung_named};
use crate::finding::{Code, Finding, Severity};
use crate::frameworks::{self, Badges, Frameworks, Mof};
use crate::judge::Verifier;
use crate::licenses::{self, Agreement, Freedom, Subject};
use crate::lineage::{self, FalseStart, Layers, LineageError, Member};
use crate::parents::{Joined, ParentReport, Parents, Taking};
use crate::rebuilds::{Opened, Rebuilds};

/// What the report says of the class.
#[derive(Debug, Clone)]
pub(crate) struct Classed {
    pub(crate) class: ClassReport,
    pub(crate) frameworks: Frameworks,
    pub(crate) badges: Badges,
    pub(crate) restrictions: Vec<Restriction>,
    pub(crate) parents: Vec<ParentReport>,
    pub(crate) rebuilds: Option<Rebuilds>,
}

/// What takes a freedom from one artifact (`cls-45`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Restriction {
    /// The artifact.
    pub artifact: String,
    /// The licence that decided, as written.
    pub license: String,
    /// Which freedoms: run, study, share, change.
    pub takes: Vec<String>,
    /// By what.
    pub by: String,
    /// The clause, and what it says in short.
    pub clause: String,
}

/// What a class is judged from.
pub(super) struct Case<'a> {
    pub(super) id: Sha256,
    pub(super) manifest: &'a Manifest,
    /// The files that the statement covers.
    pub(super) covered: &'a FileTable,
    /// What each artifact is worth, in the order of the manifest.
    pub(super) statuses: &'a [Status],
    /// What is known of the layers of each.
    pub(super) layers: Vec<Layers>,
    /// What speaks of each.
    pub(super) spoken: &'a [Vec<&'a Observation>],
    pub(super) evidence: &'a Evidence,
    pub(super) vouched: bool,
    pub(super) by_producer: bool,
    pub(super) unclaimed_weights: Option<String>,
    /// Others' rebuilds that count.
    pub(super) rebuilt: Opened,
}

/// What was asked of the class.
#[derive(Clone, Copy)]
pub(super) enum Asked<'a> {
    /// A rung by its name.
    Rung(&'a str),
    /// What the statement claims of itself.
    Claim,
    /// Nothing: a policy asks for what it asks.
    Nothing,
}

/// The class, and what is wrong with it. `grave`: what was found before weighs enough to say so.
pub(super) fn judge(
    case: Case<'_>,
    asked: Asked<'_>,
    verifier: &Verifier,
    grave: Option<Severity>,
) -> (Option<Classed>, Vec<Finding>) {
    let policy = &verifier.policy;
    let Case { manifest, statuses, evidence, vouched, by_producer, .. } = case;
    let word_of = |locator: &str| policy.takes_word_of(locator);
    let trusting = Trusting { by_producer, vouched, word_of: &word_of };
    let looked = class::look(manifest, statuses, case.spoken, trusting);
    let mut findings = other_texts(manifest, &looked);
    let member = Member {
        statement: case.id,
        manifest,
        seen: looked.seen,
        by_producer,
        contradictions: looked.undeclared.iter().map(ToString::to_string).collect(),
        unclaimed_weights: case.unclaimed_weights,
        layers: case.layers,
        parents: Vec::new(),
    };
    let parents = Parents::open(evidence, verifier, Taking { vouched, word_of: &word_of });
    let Joined { members, findings: of_parents, reports } = parents.join(member, case.covered);
    findings.extend(of_parents);
    let lineage = match lineage::judge(case.id, &members, policy.output_terms()) {
        Ok(lineage) => lineage,
        // Nothing is said of the class (cls-27).
        Err(error) => {
            findings.extend(of_lineage(&error, case.id));
            findings.extend(unjudged(asked, "nothing is said of its lineage"));
            return (None, findings);
        }
    };
    findings.extend(lineage.false_starts.iter().flat_map(not_the_start));
    let class = &lineage.class;
    findings.extend(match asked {
        Asked::Rung(rung) => required(class, rung),
        Asked::Claim => short_of_claim(class, grave.max(heaviest(&findings))),
        Asked::Nothing => None,
    });
    let parameters = parameters(manifest, evidence);
    let frameworks = frameworks::frameworks(class, parameters);
    findings.extend(policy.require_mof().and_then(|wanted| required_mof(&frameworks.mof, wanted)));
    let reached: Vec<_> = class.stages().map(|(nth, _)| nth).collect();
    let rebuilds = case.rebuilt.told(manifest, &reached, policy);
    let linkage = rebuilds.as_ref().map_or(Linkage::Asserted, Rebuilds::linkage);
    let badges = frameworks::badges(class, parameters);
    let classed = Classed {
        class: class.report(linkage),
        frameworks,
        badges: Badges { reproduced: linkage.into(), ..badges },
        restrictions: restrictions(manifest),
        parents: reports.into_iter().map(|report| report.standing(&lineage)).collect(),
        rebuilds,
    };
    (Some(classed), findings)
}

/// What is wrong with a lineage of which nothing is said. A cycle of the target's own models has its
/// finding already.
fn of_lineage(error: &LineageError, target: Sha256) -> Option<Finding> {
    match error {
        LineageError::Cycle(_) => Some(Finding::new(Code::StageCycle, error.to_string())),
        LineageError::TooDeep | LineageError::TooMany(_) => {
            Some(Finding::new(Code::LimitExceeded, error.to_string()))
        }
        LineageError::Internal { statement, .. } if *statement != target => {
            Some(Finding::new(Code::StageCycle, error.to_string()))
        }
        LineageError::Internal { .. } | LineageError::Missing(_) => None,
    }
}

/// The models that an output cannot have been made from (`ver-96`).
fn not_the_start(found: &FalseStart) -> impl Iterator<Item = Finding> {
    let finding = |id: &Id| Finding::new(Code::ParentMismatch, found.to_string()).of(id.as_str());
    found.models.iter().map(finding)
}

/// Where a rung was asked for, and nobody judged it (`ver-58`).
pub(super) fn unjudged(asked: Asked<'_>, why: &str) -> Option<Finding> {
    let Asked::Rung(rung) = asked else { return None };
    Some(Finding::new(
        Code::ClassUnjudged,
        format!("`{rung}` is required and was not judged: {why}"),
    ))
}

fn heaviest(findings: &[Finding]) -> Option<Severity> {
    findings.iter().map(|finding| finding.severity).max()
}

// ver-81
fn required(class: &Class<'_>, rung: &str) -> Option<Finding> {
    let Some((chain, wanted)) = rung_named(rung) else {
        return unjudged(Asked::Rung(rung), "it is the name of no rung");
    };
    let found = class.verified().on(chain);
    if found.established >= wanted {
        return None;
    }
    Some(if found.possible < wanted {
        let at_most = at_most(chain, found.possible);
        let text = format!("`{rung}` is required, and {at_most} is possible");
        Finding::new(Code::ClassImpossible, text)
    } else {
        let reached = reached(chain, found.established);
        let text = format!("`{rung}` is required, and {reached} is established");
        Finding::new(Code::ClassUnproven, text)
    })
}

/// A rung in a sentence. Where there is none, the headline may be a rung of the other chain.
fn reached(chain: Chain, rung: u8) -> String {
    match (rung, chain) {
        (0, Chain::Availability) => "no rung of availability".to_owned(),
        (0, Chain::Freedom) => "no rung of freedom".to_owned(),
        _ => format!("`{}`", name(chain, rung)),
    }
}

fn at_most(chain: Chain, rung: u8) -> String {
    let more = if rung == 0 { "" } else { "no more than " };
    format!("{more}{}", reached(chain, rung))
}

/// pol-11. The classes count down: 1 is the best.
fn required_mof(mof: &Mof, wanted: u8) -> Option<Finding> {
    let reaches = |class: u8| class != 0 && class <= wanted;
    if reaches(mof.class.established) {
        return None;
    }
    let text = format!("class {wanted} of the Model Openness Framework is required");
    Some(match reaches(mof.class.possible) {
        true => Finding::new(Code::ClassUnproven, format!("{text}, and was not established")),
        false => Finding::new(Code::ClassImpossible, format!("{text}, and is not possible")),
    })
}

/// Where less was established than the statement claims, and nothing else says so (`ver-80`).
fn short_of_claim(class: &Class<'_>, grave: Option<Severity>) -> Option<Finding> {
    let (claimed, verified) = (class.claimed(), class.verified());
    let short = |chain: &Chain| {
        let (claimed, verified) = (claimed.on(*chain), verified.on(*chain));
        (verified.established < claimed.established).then_some((*chain, claimed, verified))
    };
    let found: Vec<_> = Chain::BOTH.iter().filter_map(short).collect();
    // The chain of freedom says more.
    let impossible = found.iter().rev().find(|(_, claimed, verified)| {
        verified.possible < claimed.established && grave < Some(Severity::Error)
    });
    if let Some((chain, claimed, verified)) = impossible {
        let says = name(*chain, claimed.established);
        let at_most = at_most(*chain, verified.possible);
        let text = format!("it claims to be `{says}`, and {at_most} is possible");
        return Some(Finding::new(Code::ClassImpossible, text));
    }
    let (chain, claimed, verified) = found.last()?;
    if grave >= Some(Severity::Incomplete) {
        return None;
    }
    let says = name(*chain, claimed.established);
    let reached = reached(*chain, verified.established);
    let text = format!("it claims to be `{says}`, and {reached} is established");
    Some(Finding::new(Code::ClassUnproven, text))
}

/// Licence texts that are another's (`ver-82`).
fn other_texts(manifest: &Manifest, looked: &Looked) -> Vec<Finding> {
    let artifacts = manifest.artifacts().iter().zip(&looked.texts);
    let differs = artifacts.filter(|(_, text)| **text == Agreement::Differs);
    let finding = |(artifact, _): (&fullsource_format::manifest::Artifact, _)| {
        let declared = artifact.license.as_ref().map_or("none", LicenseExpression::as_str);
        let text = format!("`{declared}` is declared, and what lies there says something else");
        Finding::new(Code::LicenseMismatch, text).of(artifact.id.as_str())
    };
    differs.map(finding).collect()
}

// cls-45
fn restrictions(manifest: &Manifest) -> Vec<Restriction> {
    let mut all = Vec::new();
    for artifact in manifest.artifacts() {
        let Some(license) = &artifact.license else { continue };
        let mut said: Vec<(String, &licenses::Limit)> = Vec::new();
        for role in &artifact.roles {
            let judged = licenses::judge(license, Subject::Of(role.category()));
            if judged.freedom != Freedom::Restricted {
                continue;
            }
            for (id, limit) in judged.limits() {
                if !said.iter().any(|(known, said)| known == id && *said == limit) {
                    said.push((id.to_owned(), limit));
                }
            }
        }
        all.extend(said.into_iter().map(|(license, limit)| Restriction {
            artifact: artifact.id.to_string(),
            license,
            takes: limit.rights.iter().map(|right| right.as_str().to_owned()).collect(),
            by: limit.by.as_str().to_owned(),
            clause: format!("{}: {}", limit.clause, limit.says),
        }));
    }
    all
}

/// How many parameters the weights have, where a header says so.
fn parameters(manifest: &Manifest, evidence: &Evidence) -> Option<u64> {
    let weights = manifest
        .artifacts()
        .iter()
        .filter(|artifact| artifact.roles.iter().any(|role| role.as_str() == "weights.final"));
    let by_id: HashMap<&str, _> =
        evidence.artifacts.iter().map(|seen| (seen.id.as_str(), seen)).collect();
    let of_one = |id: &str| -> Option<u64> {
        let seen = by_id.get(id)?.observations.iter();
        let counts = seen.map(|seen| {
            let facts = seen.facts.iter().filter(|fact| fact.kind == ContentFactKind::Parameters);
            facts.filter_map(|fact| fact.count).map(|count| count.0).sum::<u64>()
        });
        counts.max().filter(|count| *count > 0)
    };
    weights.filter_map(|artifact| of_one(artifact.id.as_str())).max()
}
