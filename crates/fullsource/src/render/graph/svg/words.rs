//! The picture in words.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::render::graph::label::cut;
use crate::render::graph::model::{Graph, Node, State, What};

/// How many stages and artifacts there are, and what they came to.
pub(super) fn summary(graph: &Graph) -> String {
    let count = |release: usize, stages: bool| -> usize {
        let nodes = graph.nodes.iter();
        let nodes = nodes.filter(|n| n.release == release && (n.what == What::Stage) == stages);
        nodes.map(|node| node.members).sum()
    };
    let last = graph.releases.len().saturating_sub(1);
    let mut words: BTreeMap<&str, usize> = BTreeMap::new();
    for node in graph.nodes.iter().filter(|node| node.release == last) {
        for (word, count) in &node.counts {
            *words.entry(word).or_default() += count;
        }
    }
    let mut words: Vec<(&str, usize)> = words.into_iter().collect();
    words.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let words: Vec<String> = words.iter().map(|(word, count)| format!("{count} {word}")).collect();
    let above = match (last + graph.undrawn, graph.undrawn) {
        (0, _) => String::new(),
        (above, 0) => format!(", made from {}", of(above, "other release")),
        (above, undrawn) => {
            format!(", made from {}, {undrawn} of them not drawn", of(above, "other release"))
        }
    };
    let (stages, artifacts) = (of(count(last, true), "stage"), of(count(last, false), "artifact"));
    format!("{stages} and {artifacts}{above}: {}", words.join(", "))
}

fn of(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// The picture in words: each release, with its stages and what came to what.
pub(super) fn described(graph: &Graph) -> String {
    let mut text = format!("{}.", summary(graph));
    for (number, release) in graph.releases.iter().enumerate().rev() {
        let nodes = || graph.nodes.iter().filter(|node| node.release == number);
        let _ = write!(text, " {}: {}.", cut(&release.title, 100), release.about);
        let stages: Vec<String> = nodes()
            .filter(|node| node.what == What::Stage)
            .map(|node| format!("{} ({})", cut(&node.name, 60), node.role))
            .collect();
        if !stages.is_empty() {
            let _ = write!(text, " Stages: {}.", stages.join(", "));
        }
        for state in State::ALL {
            let names: Vec<String> =
                nodes().filter(|node| node.state == Some(state)).take(12).map(brief).collect();
            let more = nodes().filter(|node| node.state == Some(state)).count() - names.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            if !names.is_empty() {
                let _ = write!(text, " {}: {}{more}.", state.meaning(), names.join(", "));
            }
        }
    }
    text
}

fn brief(node: &Node) -> String {
    let others = node.others().map_or_else(String::new, |others| format!(" {others}"));
    format!("{}{others}", cut(&node.name, 60))
}
