//! From a report to what is drawn.

use std::collections::BTreeMap;

use fullsource_verify::report::Report;

use super::group::{Budget, Grouped, grouped};
use super::lineage::{Told, releases};
use super::model::{Edge, Graph, Kind, Node, State, What};
use super::release;

/// The picture of a report, within a budget.
pub(super) fn graph(report: &Report, budget: Budget) -> Graph {
    let (told, undrawn) = releases(report, budget.releases);
    let last = told.len().saturating_sub(1);
    let mut graph = Graph { undrawn, ..Graph::default() };
    let mut firsts = Vec::new();
    for (number, told) in told.iter().enumerate() {
        let budget = if number == last { budget } else { budget.of_other() };
        let mut made = grouped(&release::parts(told.artifacts, told.stages), number, budget);
        if made.nodes.is_empty() {
            made.nodes.push(unknown(told, number));
        }
        firsts.push((graph.nodes.len(), made.node_of.clone()));
        graph.take(made);
        graph.releases.push(told.release.clone());
        graph.title.clone_from(&told.release.title);
    }
    let parents = parents(&graph, &told, &firsts);
    graph.edges.extend(parents);
    graph
}

impl Graph {
    fn take(&mut self, made: Grouped) {
        let first = self.nodes.len();
        self.nodes.extend(made.nodes);
        self.edges.extend(made.edges.into_iter().map(|edge| Edge {
            from: edge.from + first,
            to: edge.to + first,
            kind: edge.kind,
        }));
    }
}

/// In place of a release of which nothing is known.
fn unknown(told: &Told<'_>, release: usize) -> Node {
    let (state, text) = &told.unknown;
    let word = if *state == State::Missing { "missing" } else { "not looked at" };
    Node {
        release,
        what: What::Other,
        name: text.clone(),
        role: "release".to_owned(),
        members: 1,
        counts: BTreeMap::from([(word.to_owned(), 1)]),
        state: Some(*state),
    }
}

/// From what each release is about, its final weights, to the model of a child that it is.
fn parents(graph: &Graph, told: &[Told<'_>], firsts: &[(usize, Vec<usize>)]) -> Vec<Edge> {
    let mut edges = Vec::new();
    for (number, told) in told.iter().enumerate() {
        let (first, node_of) = &firsts[number];
        for (artifact, release) in &told.models {
            let Some(to) = node_of.get(told.stages.len() + artifact) else { continue };
            edges.push(Edge { from: subject(graph, *release), to: first + to, kind: Kind::Parent });
        }
    }
    edges.sort();
    edges.dedup();
    edges
}

/// What a release is about: its final weights, else what came out last, else its last node.
fn subject(graph: &Graph, release: usize) -> usize {
    let of = |node: &usize| graph.nodes[*node].release == release;
    let nodes = || (0..graph.nodes.len()).filter(of);
    let with = |role: &str| nodes().filter(|at| graph.nodes[*at].role.starts_with(role)).last();
    let came_out = || {
        let out = graph.edges.iter().filter(|edge| edge.kind == Kind::CameOut);
        out.map(|edge| edge.to).filter(of).max()
    };
    with("weights.final")
        .or_else(came_out)
        .or_else(|| with("weights"))
        .or_else(|| nodes().last())
        .unwrap_or(0)
}
