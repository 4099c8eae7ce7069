//! Lineage: the statements of parent models, each judged once, with nothing judged before what it
//! was made from.
//!
//! The statements were found, opened and held against the parents' bytes already; this is the order
//! and the bounds. Spec: `spec/v0.1/classification.md`, section "Parents".

mod start;

use std::collections::{HashMap, HashSet};

use fullsource_format::digest::{Digest, DigestSet, Sha256};
use fullsource_format::index::{self, FileTable};
use fullsource_format::limits;
use fullsource_format::manifest::{Artifact, Manifest};
use fullsource_format::path::FileSelector;
use fullsource_format::text::Id;

use crate::check::artifacts::selected;
use crate::class::{self, Class, Cycle, Facts, OutputTerms, Parent, Seen, Tri};
use crate::licenses::{self, Freedom};
pub use start::{FalseStart, Layers};

/// One statement of a lineage, and what was seen of what it claims.
#[derive(Debug, Clone)]
pub struct Member<'a> {
    /// Its id.
    pub statement: Sha256,
    /// Its manifest.
    pub manifest: &'a Manifest,
    /// What was seen of each artifact, in document order.
    pub seen: Vec<Seen>,
    /// Whether a trusted signature says that it is that model's producer's own.
    pub by_producer: bool,
    /// What contradicts that it lists everything.
    pub contradictions: Vec<String>,
    /// A weight file that belongs to no artifact with a `weights.*` role.
    pub unclaimed_weights: Option<String>,
    /// What is known of the layers of each artifact, in document order. What is not given is not known.
    pub layers: Vec<Layers>,
    /// The statements of its own parents. Of a parent without one there is no link.
    pub parents: Vec<Link>,
}

/// The statement of a parent, which was held against the parent's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The artifact that stands for the parent.
    pub artifact: Id,
    /// The parent's statement.
    pub statement: Sha256,
    /// Which artifact of it is meant. Absent: those with the role `weights.final`.
    pub meant: Option<Id>,
}

/// Why nothing is said of a lineage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineageError {
    /// A statement that leads back to itself (`cls-27`).
    #[error("statement {0} is among its own ancestors")]
    Cycle(Sha256),
    /// A statement whose models were made from themselves.
    #[error("statement {statement}: {cycle}")]
    Internal {
        /// The statement.
        statement: Sha256,
        /// The models on the cycle.
        cycle: Cycle,
    },
    /// More generations than the limit.
    #[error("more than {} generations of parent models", limits::LINEAGE_DEPTH)]
    TooDeep,
    /// More parents than the limit.
    #[error("{0} parent models, the limit is {limit}", limit = limits::ANCESTORS)]
    TooMany(usize),
    /// The target is not among the members.
    #[error("statement {0} was not given")]
    Missing(Sha256),
}

/// The class of the target, and what its ancestors came to.
pub struct Lineage<'a> {
    /// The target's class.
    pub class: Class<'a>,
    /// Where every ancestor stands, by statement.
    pub ancestors: HashMap<Sha256, Parent>,
    /// What the target's outputs cannot have been made from.
    pub false_starts: Vec<FalseStart>,
}

/// Whether a parent's statement is about the bytes that an artifact stands for (`cls-52`): every
/// digest that the child states of it, and that the parent's statement lets us know, is equal, and
/// at least one strong one is. Where the child states none, the statement itself is what it pins.
///
/// `of_child` and `covered` are the files that the statements of the child and of the parent cover.
pub fn is_about(
    child: &Artifact,
    of_child: &FileTable,
    parent: &Manifest,
    covered: &FileTable,
) -> Tri {
    let claimed = self::stated(child, of_child);
    if claimed.digests().next().is_none() {
        return Tri::T;
    }
    let meant = child.statement.as_ref().and_then(|statement| statement.artifact.as_ref());
    // Of several that may be meant, one is enough.
    let values = artifacts_meant(parent, meant).map(|artifact| {
        let stated = stated(artifact, covered);
        let known = claimed.digests().filter_map(|claimed| {
            let same = |other: &Digest| other.algorithm() == claimed.algorithm();
            Some((claimed, stated.digests().find(same)?))
        });
        let known: Vec<_> = known.collect();
        match known.iter().any(|(claimed, stated)| claimed != stated) {
            true => Tri::F,
            false if known.iter().any(|(claimed, _)| claimed.is_strong()) => Tri::T,
            false => Tri::U,
        }
    });
    values.max().unwrap_or(Tri::U)
}

/// The digests that a statement gives an artifact: its own, and those of the files it names.
fn stated(artifact: &Artifact, covered: &FileTable) -> DigestSet {
    let mut stated = artifact.digest.clone().unwrap_or_default();
    let mut add = |digest: Digest| {
        if !stated.digests().any(|known| known.algorithm() == digest.algorithm()) {
            stated = stated.clone().with(digest);
        }
    };
    let selected = selected(artifact, covered);
    if let ([FileSelector::File(_)], [nth]) = (&artifact.files[..], &selected[..]) {
        let file = covered.record(*nth);
        file.sha256.into_iter().for_each(|digest| add(Digest::Sha256(digest)));
        file.blake3.into_iter().for_each(|digest| add(Digest::Blake3(digest)));
    } else if !selected.is_empty() {
        let root = artifact.root().len();
        let files = selected.iter().map(|nth| covered.record(*nth));
        let lines = files.filter_map(|file| Some((&file.path[root..], file.sha256?)));
        if let Ok(digest) = index::dir_hash(lines) {
            add(Digest::DirHash(digest));
        }
    }
    stated
}

/// The artifacts of a parent's statement that a child means.
fn artifacts_meant<'a>(
    parent: &'a Manifest,
    meant: Option<&'a Id>,
) -> impl Iterator<Item = &'a Artifact> {
    parent.artifacts().iter().filter(move |artifact| match meant {
        Some(id) => artifact.id == *id,
        None => artifact.roles.iter().any(|role| role.as_str() == "weights.final"),
    })
}

/// Judges a target and all its ancestors, each once (`cls-26`, `cls-27`).
///
/// Fails where a statement leads back to itself, or where there are more generations or ancestors
/// than the limits; then nothing is said of the whole set.
pub fn judge<'a>(
    target: Sha256,
    members: &'a [Member<'a>],
    output_terms: OutputTerms,
) -> Result<Lineage<'a>, LineageError> {
    let by_id: HashMap<Sha256, &Member<'a>> =
        members.iter().map(|member| (member.statement, member)).collect();
    let order = order(target, &by_id)?;
    let mut ancestors = HashMap::new();
    let mut last = None;
    for statement in order {
        let member = by_id.get(&statement).ok_or(LineageError::Missing(statement))?;
        let starts = false_starts(member, &by_id);
        let class = classify(member, &starts, &by_id, &ancestors, output_terms)
            .map_err(|cycle| LineageError::Internal { statement, cycle })?;
        let (claimed, verified) = (class.claimed(), class.verified());
        ancestors.insert(statement, Parent { claimed, verified, outputs: Freedom::Libre });
        last = Some((class, starts));
    }
    ancestors.remove(&target);
    let (class, false_starts) = last.ok_or(LineageError::Missing(target))?;
    Ok(Lineage { class, ancestors, false_starts })
}

/// The stages of a member that cannot have started from what they name (`cls-58`).
fn false_starts(member: &Member<'_>, by_id: &HashMap<Sha256, &Member<'_>>) -> Vec<FalseStart> {
    let elsewhere = |id: &Id| {
        let link = member.parents.iter().find(|link| link.artifact == *id);
        let parent = link.and_then(|link| Some((link, by_id.get(&link.statement)?)));
        let meant = parent.map(|(link, parent)| {
            let nth =
                |one: &Artifact| parent.manifest.artifacts().iter().position(|a| a.id == one.id);
            let meant = artifacts_meant(parent.manifest, link.meant.as_ref());
            meant.map(|one| parent.layers.get(nth(one)?)).collect::<Option<Vec<_>>>()
        });
        meant.flatten().unwrap_or_default()
    };
    start::false_starts(member.manifest, &member.layers, elsewhere)
}

fn classify<'a>(
    member: &'a Member<'a>,
    false_starts: &[FalseStart],
    by_id: &HashMap<Sha256, &Member<'a>>,
    judged: &HashMap<Sha256, Parent>,
    output_terms: OutputTerms,
) -> Result<Class<'a>, Cycle> {
    let links = member.parents.iter().filter_map(|link| {
        let parent = judged.get(&link.statement)?;
        let outputs = outputs(by_id.get(&link.statement)?.manifest, link.meant.as_ref());
        Some((link.artifact.clone(), Parent { outputs, ..*parent }))
    });
    let parents = links.collect();
    let mut contradictions = member.contradictions.clone();
    contradictions.extend(false_starts.iter().map(ToString::to_string));
    let false_starts: Vec<_> = false_starts.iter().map(|start| start.stage).collect();
    class::classify(&Facts {
        manifest: member.manifest,
        seen: &member.seen,
        by_producer: member.by_producer,
        contradictions: &contradictions,
        false_starts: &false_starts,
        unclaimed_weights: member.unclaimed_weights.as_deref(),
        parents: &parents,
        output_terms,
    })
}

/// What a model's own statement leaves of its outputs: the least of the artifacts that are meant.
/// A statement without them says nothing.
fn outputs(manifest: &Manifest, meant: Option<&Id>) -> Freedom {
    let terms = artifacts_meant(manifest, meant).map(|artifact| {
        licenses::output_terms(artifact.license.as_ref(), artifact.output_terms.as_ref())
    });
    terms.min().unwrap_or(Freedom::Libre)
}

/// The statements in an order in which each stands behind its parents; the target is the last.
/// A stack of our own: a lineage is as deep as its authors want.
fn order(
    target: Sha256,
    by_id: &HashMap<Sha256, &Member<'_>>,
) -> Result<Vec<Sha256>, LineageError> {
    if !by_id.contains_key(&target) {
        return Err(LineageError::Missing(target));
    }
    let mut done = Vec::new();
    // Generations behind each statement that is done.
    let mut generations: HashMap<Sha256, usize> = HashMap::new();
    let mut on_path = HashSet::from([target]);
    let mut path = vec![(target, 0_usize, 0_usize)];
    while let Some((statement, next, behind)) = path.last_mut() {
        let (statement, own) = (*statement, *behind);
        let parents = by_id.get(&statement).map_or(&[][..], |member| &member.parents);
        let Some(link) = parents.get(*next) else {
            if own > limits::LINEAGE_DEPTH {
                return Err(LineageError::TooDeep);
            }
            on_path.remove(&statement);
            generations.insert(statement, own);
            done.push(statement);
            path.pop();
            if let Some((.., behind)) = path.last_mut() {
                *behind = (*behind).max(own + 1);
            }
            continue;
        };
        *next += 1;
        let parent = link.statement;
        if on_path.contains(&parent) {
            return Err(LineageError::Cycle(parent));
        }
        if let Some(known) = generations.get(&parent) {
            *behind = own.max(known + 1);
        } else if by_id.contains_key(&parent) {
            let ancestors = on_path.len() + generations.len();
            if ancestors > limits::ANCESTORS {
                return Err(LineageError::TooMany(ancestors));
            }
            on_path.insert(parent);
            path.push((parent, 0, 0));
        }
    }
    Ok(done)
}
