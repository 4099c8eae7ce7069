//! Parents: from what was seen of them, and whom the verifier trusts, to the members of a lineage.
//!
//! A parent's statement is pinned by its id in the statement of its child, so its text is the one that
//! the child's signer meant, whoever signed it. Whether it is the word of that model's producer is
//! judged here, with the verifier's own keys; where it is not, its closure is unknown.
//!
//! Spec: `spec/v0.1/verification.md`, "Parents"; `spec/v0.1/classification.md`, "Parents".

mod opened;
mod told;

use std::collections::{HashMap, HashSet};

use fullsource_format::digest::Sha256;
use fullsource_format::evidence::{Evidence, Local};
use fullsource_format::index::FileTable;
use fullsource_format::manifest::{Artifact, Manifest};
use fullsource_format::text::Id;

use crate::class::Tri;
use crate::finding::{Code, Finding};
use crate::judge::Verifier;
use crate::lineage::{self, Link, Member};
use opened::{Opened, Tried};

pub use told::{ParentReport, ParentStatus};

/// How evidence about parents is to be taken.
#[derive(Clone, Copy)]
pub struct Taking<'a> {
    /// Whether the evidence establishes anything (`ver-49`).
    pub vouched: bool,
    /// Whether a policy takes the word of the host behind a locator.
    pub word_of: &'a dyn Fn(&str) -> bool,
}

/// The statements of parents, opened, and what was seen of what they claim.
pub struct Parents {
    /// By the ids of their statements, in the order of the evidence.
    tried: Vec<Tried>,
    numbers: HashMap<Sha256, usize>,
}

/// A target among its ancestors.
pub struct Joined<'a> {
    /// The target, and the ancestors whose statements were opened.
    pub members: Vec<Member<'a>>,
    /// What is wrong with the target's own parents, or could not be seen of them.
    pub findings: Vec<Finding>,
    /// What became of every parent that the target or one of its ancestors names. Where each stands is
    /// not known yet: [`ParentReport::standing`].
    pub reports: Vec<ParentReport>,
}

/// What the statement of a model comes to for a child.
enum Held<'a> {
    /// It is about the bytes.
    Counts(&'a Opened),
    /// It is about other bytes.
    Differs(&'a Opened),
    /// Nothing tells whether it is about the bytes.
    Unrelated(&'a Opened),
    /// It is the statement of the target itself.
    Target,
    /// There is none to hold.
    Lost(ParentStatus, &'a str),
}

/// A statement that stands for a model.
struct Named<'a> {
    statement: Sha256,
    held: Held<'a>,
}

impl Parents {
    /// Opens what the evidence has, with the verifier's keys, and judges what was seen of the artifacts
    /// that it claims. Keys given by themselves vouch for the target alone (`cls-53`).
    pub fn open(evidence: &Evidence, verifier: &Verifier, taking: Taking<'_>) -> Self {
        let mut parents = Self { tried: Vec::new(), numbers: HashMap::new() };
        for seen in &evidence.parents {
            let id = seen.statement.sha256;
            if seen.local.is_some() && !taking.vouched || parents.numbers.contains_key(&id) {
                continue;
            }
            parents.numbers.insert(id, parents.tried.len());
            parents.tried.push(opened::open(seen, verifier, taking));
        }
        parents
    }

    /// Puts a target among its ancestors: which statement stands for which model, each held against the
    /// bytes of its child (`cls-52`). The target's own parents are filled in.
    /// `covered` are the files that the target's statement covers.
    pub fn join<'a>(&'a self, mut target: Member<'a>, covered: &FileTable) -> Joined<'a> {
        let mut findings = Vec::new();
        let mut reports = Reports::default();
        let id = target.statement;
        let (links, contradictions) =
            self.links(target.manifest, covered, id, true, |artifact, named| {
                findings.extend(finding(artifact, named));
                reports.take(named).for_artifact(artifact);
            });
        target.parents = links;
        target.contradictions.extend(contradictions);
        let mut members = vec![target];
        for opened in self.opened().filter(|opened| opened.id != id) {
            let (parents, contradictions) =
                self.links(&opened.manifest, &opened.covered, id, false, |_, named| {
                    reports.take(named);
                });
            members.push(opened.member(parents, contradictions));
        }
        Joined { members, findings, reports: reports.list }
    }

    fn opened(&self) -> impl Iterator<Item = &Opened> {
        self.tried.iter().filter_map(|tried| match tried {
            Tried::Opened(opened) => Some(opened.as_ref()),
            Tried::Lost { .. } => None,
        })
    }

    /// The statements that count for the models in a manifest, and what contradicts that it lists
    /// everything.
    fn links<'s>(
        &'s self,
        manifest: &'s Manifest,
        covered: &FileTable,
        target: Sha256,
        of_target: bool,
        mut hear: impl FnMut(&'s Artifact, &Named<'s>),
    ) -> (Vec<Link>, Vec<String>) {
        let (mut links, mut contradictions) = (Vec::new(), Vec::new());
        let models = from_elsewhere(manifest);
        for artifact in manifest.artifacts() {
            let is_model = models.contains(&artifact.id);
            let local = || is_model.then(|| self.local(artifact, covered, of_target)).flatten();
            let Some(named) = self.named(artifact, covered, target).or_else(local) else {
                continue;
            };
            let (statement, id) = (named.statement, &artifact.id);
            match &named.held {
                Held::Counts(_) | Held::Target => {
                    let meant = artifact.statement.as_ref().and_then(|own| own.artifact.clone());
                    links.push(Link { artifact: id.clone(), statement, meant });
                }
                Held::Differs(_) => contradictions
                    .push(format!("the statement {statement} is not about the bytes of `{id}`")),
                Held::Unrelated(_) | Held::Lost(..) => {}
            }
            hear(artifact, &named);
        }
        (links, contradictions)
    }

    /// The statement that is named for a model, and what it comes to.
    fn named(&self, artifact: &Artifact, covered: &FileTable, target: Sha256) -> Option<Named<'_>> {
        let statement = artifact.statement.as_ref()?.sha256;
        let tried = self.numbers.get(&statement).and_then(|nth| self.tried.get(*nth));
        let held = match tried {
            _ if statement == target => Held::Target,
            Some(Tried::Opened(opened)) => {
                match lineage::is_about(artifact, covered, &opened.manifest, &opened.covered) {
                    Tri::T => Held::Counts(opened),
                    Tri::F => Held::Differs(opened),
                    Tri::U => Held::Unrelated(opened),
                }
            }
            Some(Tried::Lost { status, why }) => Held::Lost(*status, why),
            None => Held::Lost(ParentStatus::Unchecked, "nobody looked for it"),
        };
        Some(Named { statement, held })
    }

    /// The local document for a model of which nobody named a statement (`ver-94`): one that was given
    /// for it by name and is about nothing else, or one that states a strong digest of it.
    fn local(
        &self,
        artifact: &Artifact,
        covered: &FileTable,
        of_target: bool,
    ) -> Option<Named<'_>> {
        if artifact.statement.is_some() {
            return None;
        }
        let mut locals = self.opened().filter_map(|opened| Some((opened, opened.local.as_ref()?)));
        let stands = |opened: &Opened, local: &Local| {
            let about = lineage::is_about(artifact, covered, &opened.manifest, &opened.covered);
            match of_target && local.artifacts.contains(&artifact.id) {
                true => about != Tri::F,
                false => local.artifacts.is_empty() && artifact.digest.is_some() && about == Tri::T,
            }
        };
        let (opened, _) = locals.find(|(opened, local)| stands(opened, local))?;
        Some(Named { statement: opened.id, held: Held::Counts(opened) })
    }
}

/// The models of a manifest that no stage of it makes (`cls-56`).
fn from_elsewhere(manifest: &Manifest) -> HashSet<&Id> {
    let used = manifest.stages().iter().flat_map(|stage| &stage.models).map(|used| &used.artifact);
    let made_data = manifest.artifacts().iter().flat_map(|artifact| &artifact.generated_by);
    let mut models: HashSet<&Id> = used.chain(made_data).collect();
    for made in manifest.stages().iter().flat_map(|stage| &stage.outputs) {
        models.remove(made);
    }
    models
}

/// What is wrong with a parent of the target, or could not be seen of it (`ver-95`).
fn finding(artifact: &Artifact, named: &Named<'_>) -> Option<Finding> {
    let Named { statement: named, held } = named;
    let (code, text) = match held {
        Held::Target => return None,
        Held::Counts(opened) if opened.by_producer => return None,
        Held::Counts(opened) if opened.local.is_some() => {
            let text = "it is judged from a document that was written locally";
            (Code::ParentLocal, text.to_owned())
        }
        Held::Counts(_) => {
            let text = "is signed by nobody who is trusted as that model's producer";
            (Code::ParentUntrusted, format!("its statement {named} {text}"))
        }
        Held::Differs(_) => {
            (Code::ParentMismatch, format!("its statement {named} is about other bytes"))
        }
        Held::Unrelated(_) => {
            let text = "has no digest to hold against those that are claimed of it";
            (Code::ParentUnchecked, format!("its statement {named} {text}"))
        }
        Held::Lost(ParentStatus::Absent, why) => {
            (Code::ParentAbsent, format!("its statement {named} is at none of its places: {why}"))
        }
        Held::Lost(_, why) => {
            (Code::ParentUnchecked, format!("its statement {named} was not read: {why}"))
        }
    };
    Some(Finding::new(code, text).of(artifact.id.as_str()))
}

/// The reports, one for each statement.
#[derive(Default)]
struct Reports {
    list: Vec<ParentReport>,
    numbers: HashMap<Sha256, usize>,
}

impl Reports {
    /// The report of a statement, with what one of its children makes of it.
    fn take(&mut self, named: &Named<'_>) -> &mut ParentReport {
        let nth = *self.numbers.entry(named.statement).or_insert_with(|| {
            self.list.push(ParentReport::new(named.statement));
            self.list.len() - 1
        });
        let report = &mut self.list[nth];
        match &named.held {
            Held::Counts(opened) => report.tell(opened, ParentStatus::Counts),
            Held::Differs(opened) => report.tell(opened, ParentStatus::Mismatch),
            Held::Unrelated(opened) => report.tell(opened, ParentStatus::Unrelated),
            Held::Target => report.weigh(ParentStatus::Counts),
            Held::Lost(status, why) => report.lose(*status, why),
        }
        report
    }
}
