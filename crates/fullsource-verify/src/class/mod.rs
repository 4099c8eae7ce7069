//! The class of a release: two chains, four rungs, three-valued, as an interval.
//!
//! Is it there (availability), and may anyone use it for anything (freedom)? On each chain, the
//! rungs are weights, recipe, source, origin. What is *established* is the highest rung whose needs
//! are all met, what is *possible* the highest of whose needs none is known to fail. Both are
//! computed twice: from what the statement claims, and from what was seen.
//!
//! Spec: `spec/v0.1/classification.md`.

mod ask;
mod by_word;
mod facts;
mod graph;
mod linkage;
mod looked;
mod need;
mod next;
mod seen;
mod standing;
mod told;
mod tri;
mod worth;

use fullsource_format::manifest::Stage;
use fullsource_format::role::{Category, Role};
use fullsource_format::text::Id;

use ask::Asked;
pub(crate) use ask::{Elsewhere, View};
use graph::Graph;
use need::Conjunct;
use worth::Worths;

pub use by_word::{ByWord, by_word};
pub use facts::{Facts, OutputTerms, Parent, Relation};
pub use linkage::{Linkage, LinkageError, Rebuilt};
pub use looked::{Looked, Trusting, Undeclared, look};
pub use need::Need;
pub use next::{Missing, Next};
pub use seen::Seen;
pub use standing::{Interval, Standing, TOP, name, rung_named};
pub use told::{ClassReport, ConjunctReport, RungReport};
pub use tri::{Chain, Pair, Tri};
pub use worth::Lack;

/// A statement whose models were made from themselves: nothing is said of its class (`cls-27`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("made from itself: {}", .0.iter().map(Id::as_str).collect::<Vec<_>>().join(" ← "))]
pub struct Cycle(
    /// The models on the cycle.
    pub Vec<Id>,
);

/// Where a release stands, and why.
pub struct Class<'a> {
    graph: Graph<'a>,
    worths: Worths,
    claims: Worths,
    /// Whether `worths` and what is asked are by what was seen, or by the statement's word.
    view: View,
    asked: Vec<Conjunct>,
    elsewhere: Vec<Elsewhere>,
    verified: Standing,
    claimed: Standing,
    delta: Option<Standing>,
}

/// Computes the class of a release.
///
/// Fails where its models were made from themselves.
pub fn classify<'m>(facts: &Facts<'m, '_>) -> Result<Class<'m>, Cycle> {
    let manifest = facts.manifest;
    if let Some(cycle) = manifest.cycle() {
        return Err(Cycle(cycle));
    }
    let graph = Graph::of(manifest);
    let claims = Worths::of(&graph, |nth| Seen::claimed(&manifest.artifacts()[nth]));
    let unseen = |nth: usize| {
        let status = crate::check::artifacts::Status::Unchecked;
        Seen::of(status, manifest.artifacts()[nth].availability)
    };
    let worths =
        Worths::of(&graph, |nth| facts.seen.get(nth).copied().unwrap_or_else(|| unseen(nth)));
    let claimed = standing(&ask::ask(facts, &graph, &claims, View::Claimed).conjuncts, false);
    let Asked { conjuncts: asked, elsewhere } = ask::ask(facts, &graph, &worths, View::Verified);
    let verified = standing(&asked, false);
    // cls-33
    let starts = asked.iter().any(|conjunct| conjunct.of_start && conjunct.about.is_some());
    let delta = starts.then(|| standing(&asked, true));
    let view = View::Verified;
    Ok(Class { graph, worths, claims, view, asked, elsewhere, verified, claimed, delta })
}

/// The intervals of both chains, with or without what is asked of the models it starts from.
fn standing(asked: &[Conjunct], without_start: bool) -> Standing {
    let mut rungs = [Pair::T; TOP as usize];
    for conjunct in asked.iter().filter(|conjunct| !(without_start && conjunct.of_start)) {
        let rung = &mut rungs[usize::from(conjunct.rung) - 1];
        *rung = rung.and(conjunct.worth);
    }
    let interval = |chain| Interval::of(rungs.map(|pair| pair.on(chain)));
    Standing { availability: interval(Chain::Availability), freedom: interval(Chain::Freedom) }
}

impl Class<'_> {
    /// Where it stands by what was seen.
    pub const fn verified(&self) -> Standing {
        self.verified
    }

    /// Where it stands by what its statement claims.
    pub const fn claimed(&self) -> Standing {
        self.claimed
    }

    /// Where what was added to the models it starts from stands, where it starts from some.
    pub const fn delta(&self) -> Option<Standing> {
        self.delta
    }

    /// The name on the chain of freedom, else on that of availability.
    pub const fn headline(&self) -> &'static str {
        self.verified.headline()
    }
}

/// What the frameworks ask.
impl Class<'_> {
    /// The artifacts with a role, all of them: not there where there is none.
    pub(crate) fn of_role(&self, role: &str, view: View) -> Pair {
        let members = self.graph.with_role(role);
        let category = role.parse::<Role>().map_or(Category::Unknown, |role| role.category());
        self.of_artifacts(members, category, view)
    }

    fn of_artifacts(&self, members: &[usize], category: Category, view: View) -> Pair {
        let worths = if view == View::Claimed { &self.claims } else { &self.worths };
        let worth = members.iter().map(|nth| worths.of_artifact(*nth, category));
        worth.reduce(Pair::and).unwrap_or(Pair::F)
    }

    /// The data sets that stages of some kinds read; `None` where there is no such stage.
    pub(crate) fn of_data(&self, kinds: impl Fn(&Stage) -> bool, view: View) -> Option<Pair> {
        let stages = self.stages().filter(|(_, stage)| kinds(stage));
        let stages: Vec<usize> = stages.map(|(number, _)| number).collect();
        let silent = |number: &usize| {
            let stage = &self.graph.stages[*number];
            stage.data.is_empty() && stage.no_data.is_none() && !stage.kind.is_transform()
        };
        if stages.is_empty() || stages.iter().any(silent) {
            return (!stages.is_empty()).then_some(Pair::F);
        }
        let data = self.graph.data(stages.into_iter());
        if data.is_empty() {
            return Some(Pair::T);
        }
        Some(self.of_artifacts(&data, Category::Data, view))
    }

    /// The stages that the weights come from.
    pub(crate) fn stages(&self) -> impl Iterator<Item = (usize, &Stage)> {
        self.graph.reached.iter().map(|number| (*number, &self.graph.stages[*number]))
    }

    /// Artifacts that are there, and not for everyone.
    pub(crate) fn gated(&self) -> impl Iterator<Item = &Id> {
        let artifacts = self.graph.artifacts.iter().enumerate();
        artifacts
            .filter(|(nth, _)| {
                self.worths.public(*nth) == Tri::F && self.worths.exists(*nth) != Tri::F
            })
            .map(|(_, artifact)| &artifact.id)
    }

    /// The models that were made elsewhere, with their ids.
    pub(crate) fn elsewhere(&self) -> impl Iterator<Item = (&Id, Elsewhere)> {
        self.elsewhere.iter().map(|model| (&self.graph.artifacts[model.artifact].id, *model))
    }
}
