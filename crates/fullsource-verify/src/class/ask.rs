//! The needs of every rung of one release, in the order of the spec.

mod data;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use fullsource_format::manifest::{Availability, Closure, Stage};
use fullsource_format::role::{Category, Role};

use super::facts::{Facts, Relation};
use super::graph::{Graph, Nth};
use super::need::{Conjunct, Group, Need};
use super::standing::{Standing, TOP};
use super::tri::{Pair, Tri};
use super::worth::Worths;

/// Whether the statement is taken at its word, or by what was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    Claimed,
    Verified,
}

/// All needs of all rungs.
pub(super) fn ask(facts: &Facts<'_, '_>, graph: &Graph<'_>, worths: &Worths, view: View) -> Asked {
    let wire = facts.manifest.as_wire();
    let not_applicable = wire.not_applicable.iter();
    let mut asker = Asker {
        facts,
        graph,
        worths,
        view,
        not_applicable: not_applicable
            .map(|entry| (entry.role.as_str(), entry.stage.as_ref().map(|id| id.as_str())))
            .collect(),
        serving: HashMap::new(),
        described: vec![false; graph.artifacts.len()],
        asked: Vec::new(),
        elsewhere: Vec::new(),
    };
    asker.first_rung();
    asker.whole();
    for number in &graph.reached {
        asker.stage(*number, 0);
    }
    for number in &graph.behind_data {
        asker.stage(*number, TOP);
    }
    asker.data();
    Asked { conjuncts: asker.asked, elsewhere: asker.elsewhere }
}

/// What was asked, and of whom.
pub(super) struct Asked {
    pub(super) conjuncts: Vec<Conjunct>,
    /// The models made elsewhere, each as often as it is used.
    pub(super) elsewhere: Vec<Elsewhere>,
}

/// A model that was made elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    pub(crate) artifact: Nth,
    pub(crate) relation: Relation,
    pub(crate) standing: Standing,
}

struct Asker<'f, 'a> {
    facts: &'f Facts<'a, 'f>,
    graph: &'f Graph<'a>,
    worths: &'f Worths,
    view: View,
    /// Roles that are declared not applicable, with the stage.
    not_applicable: HashSet<(&'f str, Option<&'f str>)>,
    /// What serves every stage, by role.
    serving: HashMap<&'static str, Rc<Group>>,
    /// Data sets whose description was asked for.
    described: Vec<bool>,
    asked: Vec<Conjunct>,
    elsewhere: Vec<Elsewhere>,
}

impl<'a> Asker<'_, 'a> {
    fn push(&mut self, conjunct: Conjunct) {
        self.asked.push(conjunct);
    }

    fn group(&self, members: Vec<Nth>, category: Category) -> Rc<Group> {
        Group::of(self.worths, members, category)
    }

    // cls-10 to cls-13
    fn first_rung(&mut self) {
        if self.facts.unclaimed_weights.is_some() {
            self.push(Conjunct::given(1, Need::WeightsClaimed, Pair::F));
        }
        let weights = self.group(self.graph.with_role("weights.final").to_vec(), Category::Weights);
        self.push(Conjunct::by(1, Need::Weights, vec![vec![weights]]));
        let bases = self.bases_of_adapters();
        self.first_rung_role(Need::ModelConfig, &["config.model"], &bases);
        self.first_rung_role(Need::Tokenizer, &["tokenizer.model"], &bases);
        self.first_rung_role(Need::RunningCode, &["code.inference", "code.architecture"], &bases);
    }

    fn first_rung_role(&mut self, need: Need, roles: &[&str], bases: &[Nth]) {
        let members: Vec<_> =
            roles.iter().flat_map(|role| self.graph.with_role(role).iter().copied()).collect();
        if members.is_empty()
            && roles.iter().any(|role| self.not_applicable.contains(&(role, None)))
        {
            return self.push(Conjunct::given(1, need, Pair::T));
        }
        if members.is_empty() && !bases.is_empty() {
            // cls-13
            for base in bases {
                let worth = self.standing(*base).meets(1);
                self.push(Conjunct::given(1, need, worth).about(*base).of_start());
            }
            return;
        }
        let ways = if need == Need::RunningCode {
            // cls-12: one suffices.
            members.into_iter().map(|nth| vec![self.group(vec![nth], Category::Code)]).collect()
        } else {
            vec![vec![self.group(members, Category::Code)]]
        };
        self.push(Conjunct::by(1, need, ways));
    }

    /// The models elsewhere that adapters are for, where the weights are adapters alone.
    fn bases_of_adapters(&self) -> Vec<Nth> {
        let weights = self.graph.with_role("weights.final").iter();
        let mut bases = Vec::new();
        for nth in weights {
            let stage = self.graph.maker(*nth).map(|number| &self.graph.stages[number]);
            let Some(stage) = stage.filter(|stage| stage.kind.as_str() == "adapter") else {
                return Vec::new();
            };
            let models = self.graph.starts_from(stage);
            if models.iter().any(|nth| self.graph.maker(*nth).is_some()) {
                return Vec::new();
            }
            bases.extend(models);
        }
        bases.sort_unstable();
        bases.dedup();
        bases
    }

    /// What is asked of the release as a whole from the second rung on.
    fn whole(&mut self) {
        let (closure, unread) = self.closure();
        let mut conjunct = Conjunct::given(2, Need::Closure, Pair::both(closure));
        conjunct.decided = [unread.first().copied(); 2];
        if !unread.is_empty() {
            conjunct.ways = vec![vec![self.group(unread, Category::Unknown)]];
        }
        self.push(conjunct);
        let weights = self.graph.with_role("weights.final").iter().copied();
        let unmade: Vec<_> = weights.filter(|nth| self.graph.maker(*nth).is_none()).collect();
        for nth in unmade {
            // cls-18
            self.push(Conjunct::given(2, Need::MakingStage, Pair::F).about(nth));
        }
    }

    /// Whether everything is listed, and what has to be read for that (`cls-15`, `cls-16`).
    fn closure(&self) -> (Tri, Vec<Nth>) {
        let contradicted = self.facts.unclaimed_weights.is_some()
            || (self.view == View::Verified && !self.facts.contradictions.is_empty());
        let closure = self.facts.manifest.as_wire().closure;
        if contradicted || closure == Some(Closure::Partial) {
            return (Tri::F, Vec::new());
        }
        let trusted = self.view == View::Claimed || self.facts.by_producer;
        if closure.is_none() || !trusted {
            return (Tri::U, Vec::new());
        }
        let vouches = |role: &Role| {
            let role = role.as_str();
            matches!(role, "weights.final" | "doc.model-card" | "doc.data-card")
                || role.starts_with("config.")
        };
        let listed = self.graph.artifacts.iter().enumerate();
        let unread: Vec<_> = listed
            .filter(|(_, artifact)| artifact.roles.iter().any(vouches))
            .map(|(nth, _)| nth)
            .filter(|nth| self.worths.exists(*nth) != Tri::T)
            .collect();
        (if unread.is_empty() { Tri::T } else { Tri::U }, unread)
    }

    /// What is asked of a stage: of one that the weights come from, at the rungs as they are; of
    /// one that made a model that made data, what the third rung asks, at the fourth (`cls-32`).
    fn stage(&mut self, number: usize, least: u8) {
        let stage = &self.graph.stages[number];
        let (second, third) = (least.max(2), least.max(3));
        if !stage.kind.is_registered() {
            // cls-23
            self.push(Conjunct::given(second, Need::KnownKind, Pair::U).at(number));
        }
        if stage.kind.is_transform() {
            self.transform(number, second);
        } else {
            self.training(number, second);
            if stage.data.is_empty() && stage.no_data.is_none() {
                // cls-22
                self.push(Conjunct::given(third, Need::DataListed, Pair::F).at(number));
            }
        }
        for nth in self.graph.runs_with(stage) {
            if self.graph.maker(nth).is_none() {
                let standing = self.meet(nth, Relation::Online);
                // cls-54, cls-55
                for (rung, reached) in [(third, 1), (TOP, 3)] {
                    let conjunct =
                        Conjunct::given(rung, Need::RunningModel, standing.meets(reached));
                    self.push(conjunct.at(number).about(nth));
                }
            }
        }
        self.start(number, least);
        if least < TOP {
            let lock = self.of_stage(stage, &["env.lock"]);
            self.push(Conjunct::by(4, Need::Lock, vec![lock]).at(number));
        }
    }

    // cls-21
    fn transform(&mut self, number: usize, rung: u8) {
        let stage = &self.graph.stages[number];
        let code = self.of_stage(stage, &["code.transform"]);
        let config = self.of_stage(stage, &["config.transform"]);
        self.push(Conjunct::by(rung, Need::Transform, vec![code, config]).at(number));
    }

    // cls-19
    fn training(&mut self, number: usize, rung: u8) {
        let stage = &self.graph.stages[number];
        let simulated = stage.no_data.is_some();
        let code: &[_] =
            if simulated { &["code.training", "code.simulator"] } else { &["code.training"] };
        let code = self.of_stage(stage, code);
        self.push(Conjunct::by(rung, Need::TrainingCode, vec![code]).at(number));
        self.stage_role(number, rung, Need::TrainingConfig, "config.training");
        if simulated {
            return;
        }
        self.stage_role(number, rung, Need::Preprocessing, "code.preprocessing");
        if stage.data.is_empty() {
            // cls-20
            let shared = self.documenting();
            let conjunct = Conjunct::by(rung, Need::DataInformation, vec![vec![shared]]);
            self.push(conjunct.at(number));
        }
        for nth in self.graph.reads(number).iter().copied() {
            if !std::mem::replace(&mut self.described[nth], true) {
                self.description(number, nth, rung);
            }
        }
    }

    // cls-20
    fn description(&mut self, number: usize, data: Nth, rung: u8) {
        let documents = self.graph.all(&self.graph.artifacts[data].documented_by);
        let own = documents.filter(|nth| self.graph.has_role(*nth, &["doc.data-information"]));
        let own: Vec<_> = own.collect();
        let mut way = vec![self.documenting()];
        if !own.is_empty() {
            way.insert(0, self.group(own, Category::Doc));
        }
        let conjunct = Conjunct::by(rung, Need::DataInformation, vec![way]);
        self.push(conjunct.at(number).about(data));
    }

    fn documenting(&mut self) -> Rc<Group> {
        let role = "doc.data-information";
        let (graph, worths) = (self.graph, self.worths);
        let group = self
            .serving
            .entry(role)
            .or_insert_with(|| Group::of(worths, graph.documenting_all(role), Category::Doc));
        Rc::clone(group)
    }

    /// A role that may be declared not applicable, for one stage (`cls-9`).
    fn stage_role(&mut self, number: usize, rung: u8, need: Need, role: &'static str) {
        let stage = &self.graph.stages[number];
        let way = self.of_stage(stage, &[role]);
        let id = stage.id.as_str();
        let declared = [None, Some(id)].iter().any(|of| self.not_applicable.contains(&(role, *of)));
        if declared && way.iter().all(|group| group.members.is_empty()) {
            self.push(Conjunct::given(rung, need, Pair::T).at(number));
        } else {
            self.push(Conjunct::by(rung, need, vec![way]).at(number));
        }
    }

    /// The artifacts of these roles that a stage names, and those that serve every stage (`cls-8`).
    fn of_stage(&mut self, stage: &Stage, roles: &[&'static str]) -> Vec<Rc<Group>> {
        let mut way = vec![self.group(self.graph.named_by(stage, roles), Category::Code)];
        let (graph, worths) = (self.graph, self.worths);
        for role in roles {
            let shared = self
                .serving
                .entry(role)
                .or_insert_with(|| Group::of(worths, graph.serving_all(role), Category::Code));
            way.push(Rc::clone(shared));
        }
        way
    }

    /// What a stage starts from, on every rung (`cls-14`, `cls-25`).
    fn start(&mut self, number: usize, least: u8) {
        let stage = &self.graph.stages[number];
        let models = self.graph.starts_from(stage);
        let elsewhere = models.iter().copied().filter(|nth| self.graph.maker(*nth).is_none());
        for nth in elsewhere.collect::<Vec<_>>() {
            let standing = self.meet(nth, Relation::Init);
            for rung in 1..=TOP {
                // Behind data, the third rung is asked for, at the fourth.
                let asked = if least == TOP { rung.min(3) } else { rung };
                let mut worth = standing.meets(asked);
                if rung == 1 {
                    worth = Pair::of_freedom(self.first_freedom(nth));
                }
                let conjunct = Conjunct::given(rung.max(least), Need::StartingModel, worth);
                self.push(conjunct.at(number).about(nth).of_start());
            }
        }
        // cls-58
        let is_false = self.view == View::Verified && self.facts.false_starts.contains(&number);
        if is_false || !self.graph.start_is_disclosed(stage) {
            let freedom = Pair::of_freedom(Tri::U);
            for (rung, worth) in [(1, freedom), (2, Pair::F)] {
                let conjunct = Conjunct::given(rung.max(least), Need::StartingModel, worth);
                self.push(conjunct.at(number).of_start());
            }
        }
    }

    /// Freedom on the first rung of a model that a stage starts from: of one that is withheld only
    /// the licence is asked, and it establishes nothing (`cls-30`).
    fn first_freedom(&self, nth: Nth) -> Tri {
        if self.is_withheld(nth) {
            return Tri::from(self.worths.license(nth, Category::Weights)).min(Tri::U);
        }
        self.standing(nth).freedom.meets(1)
    }

    /// Where a model made elsewhere stands, noted down.
    fn meet(&mut self, artifact: Nth, relation: Relation) -> Standing {
        let standing = self.standing(artifact);
        self.elsewhere.push(Elsewhere { artifact, relation, standing });
        standing
    }

    /// Where a model made elsewhere stands (`cls-26` to `cls-30`).
    fn standing(&self, nth: Nth) -> Standing {
        if self.is_withheld(nth) {
            return Standing::of_first_rung(Pair::F);
        }
        let artifact = &self.graph.artifacts[nth];
        let judged = self.facts.parents.get(&artifact.id).map(|parent| match self.view {
            View::Claimed => parent.claimed,
            View::Verified => parent.verified,
        });
        let own = || Standing::of_first_rung(self.worths.of_artifact(nth, Category::Weights));
        let mut standing = judged.unwrap_or_else(own);
        let pinned =
            artifact.digest.is_some() || artifact.statement.is_some() || !artifact.files.is_empty();
        if !pinned {
            // cls-29
            standing.availability.established = 0;
            standing.freedom.established = 0;
        }
        standing
    }

    fn is_withheld(&self, nth: Nth) -> bool {
        self.graph.artifacts[nth].availability == Availability::Withheld
    }
}
