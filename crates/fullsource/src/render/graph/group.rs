//! What is drawn as one: artifacts of one role and state that have to do with the same others, the more
//! of them the coarser, until a picture holds them. Every one of them is counted.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;

use fullsource_format::digest::Sha256;

use super::model::{Edge, Kind, Node, State, What};
use super::release::{Parts, Thing};

/// What a picture holds at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    pub(super) releases: usize,
    /// Nodes and edges of the release itself.
    pub(super) nodes: usize,
    pub(super) edges: usize,
    /// Nodes of each other release; edges in proportion.
    pub(super) of_others: usize,
}

impl Budget {
    /// For one of the ancestors.
    pub(super) const fn of_other(self) -> Self {
        Self { nodes: self.of_others, edges: self.of_others * 3, ..self }
    }
}

/// The nodes and edges of one release.
#[derive(Debug, Default)]
pub(super) struct Grouped {
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
    /// The node of each thing.
    pub(super) node_of: Vec<usize>,
}

/// How coarse it is drawn: the finest that the budget holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    /// More than this many of one role, state and use are one.
    Alike { more_than: usize, stages: usize },
    /// One for each category and use.
    Used { stages: usize },
    /// One for each category.
    Category { stages: usize },
}

const LEVELS: [Level; 5] = [
    Level::Alike { more_than: 4, stages: 40 },
    Level::Alike { more_than: 1, stages: 40 },
    Level::Alike { more_than: 1, stages: 16 },
    Level::Used { stages: 12 },
    Level::Category { stages: 8 },
];

impl Level {
    const fn stages(self) -> usize {
        let (Self::Alike { stages, .. } | Self::Used { stages } | Self::Category { stages }) = self;
        stages
    }
}

/// The parts of a release as nodes of the picture's release `release`.
pub(super) fn grouped(parts: &Parts, release: usize, budget: Budget) -> Grouped {
    let mut grouped = Grouped::default();
    for level in LEVELS {
        grouped = at(level, parts, release);
        if grouped.nodes.len() <= budget.nodes && grouped.edges.len() <= budget.edges {
            break;
        }
    }
    grouped
}

fn at(level: Level, parts: &Parts, release: usize) -> Grouped {
    let mut node_of = stage_nodes(parts.stages, level.stages());
    let stage_nodes = node_of.last().map_or(0, |last| last + 1);
    let keys = match level {
        Level::Alike { more_than, .. } => alike(parts, &node_of, more_than),
        Level::Used { .. } => used(parts, &node_of),
        Level::Category { .. } => {
            numbered(parts.things[parts.stages..].iter().map(|thing| thing.what))
        }
    };
    let mut seen: HashMap<usize, usize> = HashMap::new();
    for key in keys {
        let next = stage_nodes + seen.len();
        node_of.push(*seen.entry(key).or_insert(next));
    }
    let count = stage_nodes + seen.len();
    let edges: BTreeSet<Edge> = parts
        .edges
        .iter()
        .map(|edge| Edge { from: node_of[edge.from], to: node_of[edge.to], kind: edge.kind })
        .collect();
    Grouped {
        nodes: nodes(&parts.things, &node_of, count, release),
        edges: edges.into_iter().collect(),
        node_of,
    }
}

/// The node of each stage: where there are too many, those in the middle are one.
fn stage_nodes(stages: usize, at_most: usize) -> Vec<usize> {
    if stages <= at_most {
        return (0..stages).collect();
    }
    let first = at_most / 2;
    let last = at_most - first - 1;
    let middle = stages - last;
    let node = |stage: usize| match stage {
        stage if stage < first => stage,
        stage if stage < middle => first,
        stage => stage - middle + first + 1,
    };
    (0..stages).map(node).collect()
}

/// Equal numbers for equal values, in the order of their first.
fn numbered<T: Eq + Hash>(values: impl Iterator<Item = T>) -> Vec<usize> {
    let mut numbers = HashMap::new();
    values
        .map(|value| {
            let next = numbers.len();
            *numbers.entry(value).or_insert(next)
        })
        .collect()
}

/// What a thing looks like from outside.
type Look<'a> = (What, &'a str, Option<&'a (State, String)>, Option<Sha256>);

/// What it has to do with which stage, or with which kind of artifact.
type Tie = (Kind, bool, bool, usize);

/// A key for each artifact: equal for those of one role and state that have to do with the same stages
/// and with the same kinds of artifacts, if there are more than `more_than` of them.
fn alike(parts: &Parts, node_of: &[usize], more_than: usize) -> Vec<usize> {
    let looks = numbered(parts.things.iter().map(|thing| -> Look<'_> {
        (thing.what, &thing.role, thing.word.as_ref(), thing.statement)
    }));
    let ties = ties(parts, |other| match node_of.get(other) {
        Some(stage) => (true, *stage),
        None => (false, looks[other]),
    });
    let artifacts = parts.stages..parts.things.len();
    let keys = numbered(artifacts.map(|thing| (looks[thing], &ties[thing])));
    let mut counts: HashMap<usize, usize> = HashMap::new();
    for key in &keys {
        *counts.entry(*key).or_default() += 1;
    }
    let alone = |(at, key): (usize, &usize)| match counts.get(key) {
        Some(count) if *count > more_than => (true, *key),
        _ => (false, at),
    };
    numbered(keys.iter().enumerate().map(alone))
}

/// A key for each artifact: its category, and the stages that it has to do with.
fn used(parts: &Parts, node_of: &[usize]) -> Vec<usize> {
    let ties = ties(parts, |other| match node_of.get(other) {
        Some(stage) => (true, *stage),
        None => (false, 0),
    });
    let artifacts = parts.stages..parts.things.len();
    numbered(artifacts.map(|thing| {
        let with_stages = ties[thing].iter().filter(|(_, _, is_stage, _)| *is_stage);
        (parts.things[thing].what, with_stages.copied().collect::<Vec<_>>())
    }))
}

/// What each thing has to do with the others, as these are called.
fn ties(parts: &Parts, called: impl Fn(usize) -> (bool, usize)) -> Vec<BTreeSet<Tie>> {
    let mut ties = vec![BTreeSet::new(); parts.things.len()];
    for edge in &parts.edges {
        let (to_stage, to) = called(edge.to);
        ties[edge.from].insert((edge.kind, true, to_stage, to));
        let (from_stage, from) = called(edge.from);
        ties[edge.to].insert((edge.kind, false, from_stage, from));
    }
    ties
}

fn nodes(things: &[Thing], node_of: &[usize], count: usize, release: usize) -> Vec<Node> {
    let mut members: Vec<Vec<&Thing>> = vec![Vec::new(); count];
    for (thing, node) in things.iter().zip(node_of) {
        members[*node].push(thing);
    }
    members.iter().filter_map(|members| node(members, release)).collect()
}

fn node(members: &[&Thing], release: usize) -> Option<Node> {
    let first = members.first()?;
    let mut counts = BTreeMap::new();
    for (_, word) in members.iter().filter_map(|thing| thing.word.as_ref()) {
        *counts.entry(word.clone()).or_default() += 1;
    }
    let one_role = members.iter().all(|thing| thing.role == first.role);
    let role = if one_role { first.role.as_str() } else { first.what.plural() };
    Some(Node {
        release,
        what: first.what,
        name: first.name.clone(),
        role: role.to_owned(),
        members: members.len(),
        counts,
        state: members.iter().filter_map(|thing| thing.word.as_ref()).map(|word| word.0).min(),
    })
}
