//! What a rung needs: one conjunct for each need, with its value on both chains and the artifact
//! that decided it.

use std::rc::Rc;

use fullsource_format::role::Category;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::graph::Nth;
use super::tri::{Chain, Pair, Tri};
use super::worth::Worths;

/// What is needed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// Every weight file belongs to the weights.
    WeightsClaimed,
    /// The weights.
    Weights,
    /// The model's configuration.
    ModelConfig,
    /// The tokenizer.
    Tokenizer,
    /// Code that runs the model, or describes it.
    RunningCode,
    /// The models that it starts from.
    StartingModel,
    /// That everything is listed.
    Closure,
    /// A stage that makes the weights.
    MakingStage,
    /// A kind of stage that is known.
    KnownKind,
    /// The training code of a stage.
    TrainingCode,
    /// The training configuration of a stage.
    TrainingConfig,
    /// The preprocessing code of a stage.
    Preprocessing,
    /// The description of a data set.
    DataInformation,
    /// The code or the configuration of a transformation.
    Transform,
    /// A data set.
    Data,
    /// That a stage says what it learned from.
    DataListed,
    /// A model that ran during a stage.
    RunningModel,
    /// The generator of synthetic data.
    Generator,
    /// What a generator's terms leave of its outputs.
    OutputTerms,
    /// The lock of a stage's environment.
    Lock,
    /// The software that collected a data set, or the guidelines of those who wrote it.
    Origin,
    /// What a data set was made from.
    Source,
    /// A model that made data.
    DataModel,
    /// The rights in the contents of a data set.
    ContentRights,
}

/// Artifacts that are all needed.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) members: Vec<Nth>,
    pub(super) category: Category,
    worth: Pair,
    decided: [Option<Nth>; 2],
}

impl Group {
    pub(super) fn of(worths: &Worths, members: Vec<Nth>, category: Category) -> Rc<Self> {
        let mut group = Self { members, category, worth: Pair::T, decided: [None; 2] };
        for nth in &group.members {
            let worth = worths.of_artifact(*nth, category);
            for (chain, decided) in Chain::BOTH.into_iter().zip(&mut group.decided) {
                if decided.is_none() || worth.on(chain) < group.worth.on(chain) {
                    *decided = Some(*nth);
                }
            }
            group.worth = group.worth.and(worth);
        }
        Rc::new(group)
    }
}

/// One need of one rung.
#[derive(Debug)]
pub(super) struct Conjunct {
    pub(super) rung: u8,
    pub(super) need: Need,
    /// The stage that it is about.
    pub(super) stage: Option<usize>,
    /// The data set or the model that it is about.
    pub(super) about: Option<Nth>,
    pub(super) worth: Pair,
    /// The artifact that decided, on each chain.
    pub(super) decided: [Option<Nth>; 2],
    /// Whether it asks for what the release starts from, which the delta leaves out (`cls-33`).
    pub(super) of_start: bool,
    /// Each is enough: groups of artifacts that are all needed, one of them at least.
    pub(super) ways: Vec<Vec<Rc<Group>>>,
    /// Where there is one way and one artifact, that one, and no way beside it.
    pub(super) only: Option<(Nth, Category)>,
}

impl Conjunct {
    /// A need whose value is known.
    pub(super) fn given(rung: u8, need: Need, worth: Pair) -> Self {
        let (stage, about, decided, ways, only) = (None, None, [None; 2], Vec::new(), None);
        Self { rung, need, stage, about, worth, decided, of_start: false, ways, only }
    }

    /// A need that one artifact meets.
    pub(super) fn by_one(
        rung: u8,
        need: Need,
        worths: &Worths,
        nth: Nth,
        category: Category,
    ) -> Self {
        let given = Self::given(rung, need, worths.of_artifact(nth, category));
        Self { decided: [Some(nth); 2], only: Some((nth, category)), ..given }
    }

    /// A need that artifacts meet: one of the ways, all artifacts of it. A way without artifacts
    /// is none.
    pub(super) fn by(rung: u8, need: Need, ways: Vec<Vec<Rc<Group>>>) -> Self {
        let mut conjunct = Self::given(rung, need, Pair::F);
        for way in &ways {
            if way.iter().all(|group| group.members.is_empty()) {
                continue;
            }
            let worth = way.iter().fold(Pair::T, |worth, group| worth.and(group.worth));
            for (nth, chain) in Chain::BOTH.into_iter().enumerate() {
                let decider = || {
                    let worst = way.iter().filter(|group| !group.members.is_empty());
                    worst.min_by_key(|group| group.worth.on(chain))?.decided[nth]
                };
                if conjunct.decided[nth].is_none() || worth.on(chain) > conjunct.worth.on(chain) {
                    conjunct.decided[nth] = decider();
                }
            }
            conjunct.worth = conjunct.worth.or(worth);
        }
        conjunct.ways = ways;
        conjunct
    }

    pub(super) fn at(self, stage: usize) -> Self {
        Self { stage: Some(stage), ..self }
    }

    pub(super) fn about(mut self, artifact: Nth) -> Self {
        self.about = Some(artifact);
        for decided in &mut self.decided {
            decided.get_or_insert(artifact);
        }
        self
    }

    pub(super) fn of_start(self) -> Self {
        Self { of_start: true, ..self }
    }

    pub(super) fn value(&self, chain: Chain) -> Tri {
        self.worth.on(chain)
    }
}
