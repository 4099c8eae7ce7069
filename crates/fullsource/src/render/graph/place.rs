//! Where each node stands: a picture runs from top to bottom, as things ran, in four columns.
//!
//! | column | holds |
//! |---|---|
//! | 0 | where data comes from: what collected, generated or preceded it |
//! | 1 | data, and models that were used and are not in the output |
//! | 2 | the spine: each stage, and below it what came out |
//! | 3 | code, configuration, environment |
//!
//! Every stage has a band of its own, in the order that they ran: the layers of Sugiyama's method, whose
//! order within a layer is given by what belongs to the band. What several stages use stands at the first
//! of them. Between the columns are gutters and between the bands corridors, in which no box ever stands:
//! lines run there.

use std::ops::Range;

use super::model::{Edge, Graph, Kind, What};

pub(super) const COLUMNS: usize = 4;
/// The column of the stages.
pub(super) const SPINE: usize = 2;

/// Nodes side by side with one stage.
#[derive(Debug, Clone, Default)]
pub(super) struct Band {
    pub(super) release: usize,
    /// Whether it holds what no stage names, below stages.
    pub(super) is_beside: bool,
    /// What stands in each column, from top to bottom.
    pub(super) columns: [Vec<usize>; COLUMNS],
}

/// The bands of all releases, and where each node is: its band and its column.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) bands: Vec<Band>,
    pub(super) of: Vec<(usize, usize)>,
}

impl Places {
    /// The bands of a release.
    pub(super) fn bands_of(&self, release: usize) -> Range<usize> {
        let is = |band: &Band| band.release == release;
        let first = self.bands.iter().position(is).unwrap_or(0);
        let last = self.bands.iter().rposition(is).map_or(first, |last| last + 1);
        first..last
    }

    /// The node that stands next below each in its column.
    pub(super) fn below(&self) -> Vec<Option<usize>> {
        let mut below = vec![None; self.of.len()];
        for column in 0..COLUMNS {
            let stack: Vec<usize> =
                self.bands.iter().flat_map(|band| &band.columns[column]).copied().collect();
            for pair in stack.windows(2) {
                below[pair[0]] = Some(pair[1]);
            }
        }
        below
    }
}

/// Gives every node its place.
pub(super) fn places(graph: &Graph) -> Places {
    let mut places = Places { bands: Vec::new(), of: vec![(0, 0); graph.nodes.len()] };
    let origins = graph.nodes.iter().any(|node| node.what == What::Data)
        && graph.edges.iter().any(|edge| is_origin(edge.kind));
    let mut first = 0;
    for release in 0..graph.releases.len() {
        let count = graph.nodes[first..].iter().take_while(|node| node.release == release).count();
        let nodes = first..first + count;
        let bands = Placing::new(graph, nodes.clone()).bands(release, usize::from(!origins));
        for mut band in bands {
            spread(graph, &mut band);
            let number = places.bands.len();
            for (column, stack) in band.columns.iter().enumerate() {
                stack.iter().for_each(|node| places.of[*node] = (number, column));
            }
            places.bands.push(band);
        }
        first = nodes.end;
    }
    places
}

const fn is_origin(kind: Kind) -> bool {
    matches!(kind, Kind::Collected | Kind::Generated | Kind::Derived)
}

/// Code before configuration before environment; the rest as it came.
fn spread(graph: &Graph, band: &mut Band) {
    band.columns[COLUMNS - 1].sort_by_key(|node| (graph.nodes[*node].what, *node));
}

/// The places within one release. Its bands: models from elsewhere, each stage, and what no stage names.
struct Placing<'a> {
    graph: &'a Graph,
    nodes: Range<usize>,
    edges: Vec<&'a Edge>,
    stages: usize,
    /// In the order in which they were given.
    given: Vec<(usize, usize, usize)>,
    is_given: Vec<bool>,
}

impl<'a> Placing<'a> {
    fn new(graph: &'a Graph, nodes: Range<usize>) -> Self {
        let edges: Vec<&Edge> =
            graph.edges.iter().filter(|edge| nodes.contains(&edge.to)).collect();
        let is_stage = |node: &usize| graph.nodes[*node].what == What::Stage;
        let stages = nodes.clone().filter(is_stage).count();
        let is_given = vec![false; nodes.len()];
        Self { graph, nodes, edges, stages, given: Vec::new(), is_given }
    }

    fn give(&mut self, node: usize, band: usize, column: usize) -> bool {
        let new = !std::mem::replace(&mut self.is_given[node - self.nodes.start], true);
        if new {
            self.given.push((node, band, column));
        }
        new
    }

    fn bands(mut self, release: usize, first_column: usize) -> Vec<Band> {
        self.give_spine();
        self.give_models();
        self.give_inputs();
        self.give_origins();
        let beside = self.stages + 1;
        let mut bands = vec![Band { release, ..Band::default() }; beside + 1];
        for (node, band, column) in &self.given {
            bands[*band].columns[*column].push(*node);
        }
        let mut rest: Vec<usize> =
            self.nodes.clone().filter(|n| !self.is_given[n - self.nodes.start]).collect();
        rest.sort_by_key(|node| (self.graph.nodes[*node].what, *node));
        let wide = COLUMNS - first_column;
        bands[beside].is_beside = self.stages > 0;
        for (at, node) in rest.iter().enumerate() {
            let column = if rest.len() == 1 { SPINE } else { first_column + at % wide };
            bands[beside].columns[column].push(*node);
        }
        bands.retain(|band| band.columns.iter().any(|stack| !stack.is_empty()));
        bands
    }

    /// The stages, and below each what came out.
    fn give_spine(&mut self) {
        let first = self.nodes.start;
        for stage in 0..self.stages {
            self.give(first + stage, stage + 1, SPINE);
        }
        for (stage, edge) in self.of_stages(|edge| edge.kind == Kind::CameOut, |edge| edge.from) {
            self.give(edge.to, stage + 1, SPINE);
        }
    }

    /// Above the stages: models that are releases of their own, and what the first stage starts from.
    fn give_models(&mut self) {
        let from_elsewhere: Vec<usize> = self
            .edges
            .iter()
            .filter(|edge| edge.kind == Kind::Parent)
            .map(|edge| edge.to)
            .collect();
        for node in from_elsewhere {
            let is = |edge: &&&Edge| edge.from == node && edge.kind != Kind::StartedFrom;
            let started = self.edges.iter().any(|e| e.from == node && e.kind == Kind::StartedFrom);
            let used = self.edges.iter().any(|edge| is(&edge));
            self.give(node, 0, if used && !started { 1 } else { SPINE });
        }
        let started = |edge: &Edge| edge.kind == Kind::StartedFrom;
        for (stage, edge) in self.of_stages(started, |edge| edge.to) {
            if stage == 0 {
                self.give(edge.from, 0, SPINE);
            }
        }
    }

    /// Beside the first stage that uses them: data on one side, code and its like on the other.
    fn give_inputs(&mut self) {
        let used = |edge: &Edge| matches!(edge.kind, Kind::WentInto | Kind::StartedFrom);
        for (stage, edge) in self.of_stages(used, |edge| edge.to) {
            let column = match self.graph.nodes[edge.from].what {
                What::Code | What::Config | What::Environment => COLUMNS - 1,
                _ => 1,
            };
            self.give(edge.from, stage + 1, column);
        }
    }

    /// Beside the data that came from them.
    fn give_origins(&mut self) {
        let mut next = 0;
        let mut into: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for edge in self.edges.iter().filter(|edge| is_origin(edge.kind)) {
            into[edge.to - self.nodes.start].push(edge.from);
        }
        while let Some((node, band, _)) = self.given.get(next).copied() {
            for from in &into[node - self.nodes.start] {
                self.give(*from, band, 0);
            }
            next += 1;
        }
    }

    /// The edges of a kind, with the number of the stage at one end, in the order of the stages.
    fn of_stages(
        &self,
        of_kind: impl Fn(&Edge) -> bool,
        end: impl Fn(&Edge) -> usize,
    ) -> Vec<(usize, Edge)> {
        let first = self.nodes.start;
        let stages = first..first + self.stages;
        let mut found: Vec<(usize, Edge)> = self
            .edges
            .iter()
            .filter(|edge| of_kind(edge) && stages.contains(&end(edge)))
            .map(|edge| (end(edge) - first, **edge))
            .collect();
        found.sort();
        found
    }
}
