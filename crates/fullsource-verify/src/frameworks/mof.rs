//! The Model Openness Framework 1.0: three classes, each with components that must be released
//! under an open licence.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::class::{Class, Pair, Tri, View};

/// The class of the Model Openness Framework, and its components.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mof {
    /// By what was seen: 3 (Open Model), 2 (Open Tooling), 1 (Open Science), 0 for none.
    pub class: MofClass,
    /// By what the statement claims.
    pub claimed: MofClass,
    /// Every component, in the framework's order.
    pub components: Vec<Component>,
}

/// A class that is established, and the best that is possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MofClass {
    /// All components of it and of those below are there, under libre licences.
    pub established: u8,
    /// No component of it and of those below is known to be missing.
    pub possible: u8,
}

/// A component of the framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Component {
    /// Its name in the framework.
    pub name: String,
    /// The class that needs it.
    pub class: u8,
    /// Whether that class can do without it.
    pub optional: bool,
    /// Whether it is there under a libre licence.
    pub value: Tri,
    /// The same, by what the statement claims.
    pub claimed: Tri,
}

enum What {
    Role(&'static str),
    /// One of two suffices.
    Either(&'static str, &'static str),
    Datasets,
}

/// Name, class, whether it is optional, and where it is found. In the framework, classes count
/// down: what III needs, II needs too.
const COMPONENTS: &[(&str, u8, bool, What)] = &[
    ("Model architecture", 3, false, What::Role("code.architecture")),
    ("Model parameters (Final)", 3, false, What::Role("weights.final")),
    ("Technical report", 3, false, What::Either("doc.technical-report", "doc.paper")),
    ("Evaluation results", 3, false, What::Role("eval.results")),
    ("Model card", 3, false, What::Role("doc.model-card")),
    ("Data card", 3, false, What::Role("doc.data-card")),
    ("Training code", 2, false, What::Role("code.training")),
    ("Inference code", 2, false, What::Role("code.inference")),
    ("Evaluation code", 2, false, What::Role("code.evaluation")),
    ("Evaluation data", 2, false, What::Role("data.evaluation")),
    ("Supporting libraries and tools", 2, true, What::Either("env.lock", "env.container")),
    ("Datasets", 1, false, What::Datasets),
    ("Data preprocessing code", 1, false, What::Role("code.preprocessing")),
    ("Model parameters (Intermediate)", 1, false, What::Role("weights.intermediate")),
    ("Research paper", 1, false, What::Role("doc.paper")),
    ("Model metadata", 1, true, What::Role("config.training")),
];

impl Mof {
    // cls-63
    pub(super) fn of(class: &Class<'_>) -> Self {
        let components: Vec<_> = COMPONENTS
            .iter()
            .map(|(name, of, optional, what)| Component {
                name: (*name).to_owned(),
                class: *of,
                optional: *optional,
                value: worth(class, what, View::Verified).freedom,
                claimed: worth(class, what, View::Claimed).freedom,
            })
            .collect();
        Self {
            class: MofClass::of(&components, |component| component.value),
            claimed: MofClass::of(&components, |component| component.claimed),
            components,
        }
    }
}

fn worth(class: &Class<'_>, what: &What, view: View) -> Pair {
    match what {
        What::Role(role) => class.of_role(role, view),
        What::Either(one, other) => class.of_role(one, view).or(class.of_role(other, view)),
        What::Datasets => class.of_data(|_| true, view).unwrap_or(Pair::F),
    }
}

impl MofClass {
    fn of(components: &[Component], value: impl Fn(&Component) -> Tri) -> Self {
        let reached = |enough: Tri| {
            let complete = |class: &u8| {
                let needed = components.iter().filter(|component| component.class == *class);
                needed.filter(|component| !component.optional).all(|c| value(c) >= enough)
            };
            [3, 2, 1].iter().take_while(|class| complete(class)).last().copied().unwrap_or(0)
        };
        Self { established: reached(Tri::T), possible: reached(Tri::U) }
    }
}
