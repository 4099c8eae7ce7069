//! What hangs together in a manifest: which stage made what, which stages the weights come from,
//! which data sets went in, and what those were made from.

use std::collections::{HashMap, HashSet};

use fullsource_format::digest::DigestSet;
use fullsource_format::manifest::{Artifact, Manifest, Stage, Use};
use fullsource_format::text::Id;

use crate::check::twins;

/// The place of an artifact in the manifest.
pub(super) type Nth = usize;

/// A manifest, indexed.
pub(super) struct Graph<'a> {
    pub(super) artifacts: &'a [Artifact],
    pub(super) stages: &'a [Stage],
    index: HashMap<&'a str, Nth>,
    /// The stage that makes an artifact, by the artifact's place.
    made_by: HashMap<Nth, usize>,
    /// Whether a stage names the artifact.
    named: Vec<bool>,
    /// Whether a data set says that the artifact documents it.
    documents: Vec<bool>,
    by_role: HashMap<&'a str, Vec<Nth>>,
    /// The data sets that each stage reads.
    reads: Vec<Vec<Nth>>,
    /// The same bytes as code and as data.
    pub(super) twofold: Vec<Nth>,
    /// The stages that the weights come from, in document order (`cls-17`).
    pub(super) reached: Vec<usize>,
    /// Stages that only made a model that made data (`cls-32`).
    pub(super) behind_data: Vec<usize>,
}

impl<'a> Graph<'a> {
    pub(super) fn of(manifest: &'a Manifest) -> Self {
        let (artifacts, stages) = (manifest.artifacts(), manifest.stages());
        let ids = artifacts.iter().enumerate().map(|(nth, artifact)| (artifact.id.as_str(), nth));
        let mut graph = Self {
            artifacts,
            stages,
            index: ids.collect(),
            made_by: HashMap::new(),
            named: vec![false; artifacts.len()],
            documents: vec![false; artifacts.len()],
            by_role: HashMap::new(),
            reads: Vec::with_capacity(stages.len()),
            twofold: Vec::new(),
            reached: Vec::new(),
            behind_data: Vec::new(),
        };
        graph.index_roles();
        graph.index_stages();
        graph.twofold = twofold(artifacts);
        graph.reach();
        graph
    }

    fn index_roles(&mut self) {
        for (nth, artifact) in self.artifacts.iter().enumerate() {
            for role in &artifact.roles {
                let members = self.by_role.entry(role.as_str()).or_default();
                // A role may stand twice.
                if members.last() != Some(&nth) {
                    members.push(nth);
                }
            }
            for id in &artifact.documented_by {
                if let Some(document) = self.index.get(id.as_str()) {
                    self.documents[*document] = true;
                }
            }
        }
    }

    fn index_stages(&mut self) {
        for (number, stage) in self.stages.iter().enumerate() {
            let lists = [&stage.code, &stage.config, &stage.environment, &stage.outputs];
            let models = stage.models.iter().map(|model| &model.artifact);
            for id in lists.into_iter().flatten().chain(models) {
                if let Some(nth) = self.index.get(id.as_str()) {
                    self.named[*nth] = true;
                }
            }
            let mut reads = Vec::with_capacity(stage.data.len());
            for data in &stage.data {
                let Some(nth) = self.index.get(data.artifact.as_str()).copied() else { continue };
                self.named[nth] = true;
                reads.push(nth);
            }
            self.reads.push(reads);
            for id in &stage.outputs {
                if let Some(nth) = self.index.get(id.as_str()) {
                    self.made_by.entry(*nth).or_insert(number);
                }
            }
        }
    }

    /// Walks backwards from the weights, through `models`; then on, through `generatedBy` of the
    /// data. Every stage and every data set is looked at once.
    fn reach(&mut self) {
        let makers = self.with_role("weights.final").iter().filter_map(|nth| self.maker(*nth));
        let mut reached = HashSet::new();
        let direct = self.behind(makers.collect(), &mut reached);
        let (mut seen, mut behind_data) = (HashSet::new(), Vec::new());
        let mut fresh = direct.clone();
        while !fresh.is_empty() {
            let data = self.origins_beyond(fresh.iter().copied(), &mut seen);
            let generators = data.iter().flat_map(|nth| &self.artifacts[*nth].generated_by);
            let makers = generators.filter_map(|id| self.maker(self.nth(id)?)).collect();
            fresh = self.behind(makers, &mut reached);
            behind_data.extend(&fresh);
        }
        (self.reached, self.behind_data) = (sorted(direct), sorted(behind_data));
    }

    /// The stages that were not reached yet, behind and including these.
    fn behind(&self, mut open: Vec<usize>, reached: &mut HashSet<usize>) -> Vec<usize> {
        let mut fresh = Vec::new();
        while let Some(number) = open.pop() {
            if reached.insert(number) {
                fresh.push(number);
                let models = self.stages[number].models.iter();
                open.extend(models.filter_map(|model| self.maker(self.nth(&model.artifact)?)));
            }
        }
        fresh
    }

    pub(super) fn nth(&self, id: &Id) -> Option<Nth> {
        self.index.get(id.as_str()).copied()
    }

    /// The data sets that a stage reads, as often as it names them.
    pub(super) fn reads(&self, stage: usize) -> &[Nth] {
        &self.reads[stage]
    }

    pub(super) fn all<'s>(&'s self, ids: &'s [Id]) -> impl Iterator<Item = Nth> + 's {
        ids.iter().filter_map(|id| self.nth(id))
    }

    /// The stage that makes an artifact. A model that one makes is internal, never a parent.
    pub(super) fn maker(&self, nth: Nth) -> Option<usize> {
        self.made_by.get(&nth).copied()
    }

    /// Every artifact with a role, in document order.
    pub(super) fn with_role(&self, role: &str) -> &[Nth] {
        self.by_role.get(role).map_or(&[], Vec::as_slice)
    }

    /// Artifacts with a role that serve every stage: no stage names them (`cls-8`).
    pub(super) fn serving_all(&self, role: &str) -> Vec<Nth> {
        self.with_role(role).iter().copied().filter(|nth| !self.named[*nth]).collect()
    }

    /// Documents of a role that no data set names: they are about every data set (`cls-20`).
    pub(super) fn documenting_all(&self, role: &str) -> Vec<Nth> {
        self.with_role(role).iter().copied().filter(|nth| !self.documents[*nth]).collect()
    }

    /// The artifacts with one of these roles that a stage names.
    pub(super) fn named_by(&self, stage: &Stage, roles: &[&str]) -> Vec<Nth> {
        let ids = [&stage.code, &stage.config, &stage.environment].into_iter().flatten();
        let mut found: Vec<_> = ids.filter_map(|id| self.nth(id)).collect();
        found.retain(|nth| self.has_role(*nth, roles));
        found.sort_unstable();
        found.dedup();
        found
    }

    pub(super) fn has_role(&self, nth: Nth, roles: &[&str]) -> bool {
        self.artifacts[nth].roles.iter().any(|role| roles.contains(&role.as_str()))
    }

    /// The data sets that these stages read, each once.
    pub(super) fn data(&self, stages: impl Iterator<Item = usize>) -> Vec<Nth> {
        let mut seen = vec![false; self.artifacts.len()];
        let read = stages.flat_map(|number| self.reads[number].iter().copied());
        read.filter(|nth| !std::mem::replace(&mut seen[*nth], true)).collect()
    }

    /// The data sets that these stages read, and all that those were derived from, each once.
    pub(super) fn origins(&self, stages: impl Iterator<Item = usize>) -> Vec<Nth> {
        self.origins_beyond(stages, &mut HashSet::new())
    }

    /// The same, but for those that were seen already.
    fn origins_beyond(
        &self,
        stages: impl Iterator<Item = usize>,
        seen: &mut HashSet<Nth>,
    ) -> Vec<Nth> {
        let mut found = self.data(stages);
        found.retain(|nth| seen.insert(*nth));
        let mut next = 0;
        while let Some(nth) = found.get(next).copied() {
            next += 1;
            let sources = self.all(&self.artifacts[nth].derived_from);
            found.extend(sources.filter(|source| seen.insert(*source)).collect::<Vec<_>>());
        }
        found
    }

    /// The models that a stage starts from. What has the role `model.base` is one of them, however
    /// the stage says that it used it (`cls-24`).
    pub(super) fn starts_from(&self, stage: &'a Stage) -> Vec<Nth> {
        self.models(stage, |nth, usage| usage == Use::Init || self.has_role(nth, &["model.base"]))
    }

    /// The models that ran during a stage.
    pub(super) fn runs_with(&self, stage: &'a Stage) -> Vec<Nth> {
        self.models(stage, |_, usage| usage == Use::Online)
    }

    fn models(&self, stage: &'a Stage, wanted: impl Fn(Nth, Use) -> bool) -> Vec<Nth> {
        let uses = stage.models.iter();
        let models = uses.filter_map(|model| Some((self.nth(&model.artifact)?, model.usage)));
        models.filter(|(nth, usage)| wanted(*nth, *usage)).map(|(nth, _)| nth).collect()
    }

    /// Whether a stage has a start that it names: a model, or, for a kind that can start from
    /// nothing, a random generator (`cls-25`).
    pub(super) fn start_is_disclosed(&self, stage: &'a Stage) -> bool {
        let needs_model = stage.kind.is_transform() || stage.kind.as_str() == "adapter";
        !self.starts_from(stage).is_empty() || (stage.init.is_some() && !needs_model)
    }
}

fn sorted(mut list: Vec<usize>) -> Vec<usize> {
    list.sort_unstable();
    list
}

/// The artifacts that are code and data by what is claimed of them (`cls-6`).
fn twofold(artifacts: &[Artifact]) -> Vec<Nth> {
    let none = DigestSet::default();
    let claimed = |artifact: &'_ Artifact| artifact.digest.clone().unwrap_or_else(|| none.clone());
    let digests: Vec<DigestSet> = artifacts.iter().map(claimed).collect();
    twins::code_and_data(artifacts.iter().zip(&digests)).into_keys().collect()
}
