//! The graph for Graphviz, which lays it out itself.

use std::fmt::Write as _;

use super::label::{cut, shown};
use super::model::{Graph, Kind, Node, State, What};

pub(super) fn write(graph: &Graph) -> String {
    let mut out = String::from(
        "digraph fullsource {\n  rankdir=TB;\n  node [fontname=\"Helvetica\", fontsize=11, style=filled, fillcolor=white];\n  \
         edge [fontname=\"Helvetica\", fontsize=9];\n",
    );
    let _ = writeln!(out, "  label={};\n  labelloc=t;", quoted(&title(graph)));
    for (number, release) in graph.releases.iter().enumerate() {
        let _ = writeln!(out, "  subgraph cluster_{number} {{");
        let label = [release.title.as_str(), release.about.as_str()];
        let _ = writeln!(out, "    label={};\n    labelloc=t;", quoted_lines(label.into_iter()));
        for (at, node) in graph.nodes.iter().enumerate().filter(|(_, n)| n.release == number) {
            let _ = writeln!(out, "    n{at} [label={}, {}];", label_of(node), shape(node));
        }
        out.push_str("  }\n");
    }
    for edge in &graph.edges {
        let kind = edge.kind;
        let _ = writeln!(out, "  n{} -> n{} [{}];", edge.from, edge.to, line(kind));
    }
    out.push_str("}\n");
    out
}

fn title(graph: &Graph) -> String {
    match graph.undrawn {
        0 => format!("How {} was made", graph.title),
        more => format!("How {} was made ({more} more ancestors are not drawn)", graph.title),
    }
}

fn label_of(node: &Node) -> String {
    let name = cut(&node.name, 80);
    let sign = node.state.map_or("", sign);
    let first = format!("{sign}{name}");
    let (others, details) = (node.others(), node.details());
    let lines = std::iter::once(first.as_str());
    quoted_lines(lines.chain(others.as_deref()).chain(std::iter::once(cut(&details, 120).as_str())))
}

/// A sign before the name, for those to whom a shape says nothing.
pub(super) const fn sign(state: State) -> &'static str {
    match state {
        State::Verified => "✓ ",
        State::Gated => "◈ ",
        State::Missing => "✗ ",
        State::Withheld => "⊘ ",
        State::Unknown => "? ",
        State::Internal => "▣ ",
    }
}

const fn shape(node: &Node) -> &'static str {
    match (node.what, node.state) {
        (What::Stage, _) | (_, None) => {
            "shape=box, style=\"filled,rounded,bold\", fillcolor=\"#22344f\", fontcolor=white"
        }
        (_, Some(State::Verified)) => "shape=box, color=\"#1b6e3c\", fillcolor=\"#e4f4e9\"",
        (_, Some(State::Gated)) => "shape=hexagon, color=\"#855400\", fillcolor=\"#fff2cf\"",
        (_, Some(State::Missing)) => {
            "shape=note, style=\"filled,dashed\", color=\"#b3261e\", fillcolor=\"#fde7e6\""
        }
        (_, Some(State::Withheld)) => "shape=octagon, color=\"#5f3b97\", fillcolor=\"#ece6f7\"",
        (_, Some(State::Unknown)) => {
            "shape=box, style=\"filled,rounded,dotted\", color=\"#59616d\", fillcolor=\"#f0f2f5\""
        }
        (_, Some(State::Internal)) => {
            "shape=box, peripheries=2, color=\"#2a5b93\", fillcolor=\"#e6f0fa\""
        }
    }
}

const fn line(kind: Kind) -> &'static str {
    match kind {
        Kind::WentInto => "color=\"#59616d\"",
        Kind::StartedFrom => "style=bold, penwidth=2.5, tooltip=\"started from\"",
        Kind::CameOut => "color=\"#22344f\"",
        Kind::Collected => "style=dotted, label=\"collected\"",
        Kind::Generated => "style=dashed, label=\"generated\"",
        Kind::Derived => "style=dashed, label=\"made into\"",
        Kind::Parent => "style=dashed, penwidth=2, color=\"#5f3b97\", label=\"is\"",
    }
}

fn quoted(text: &str) -> String {
    quoted_lines(std::iter::once(text))
}

/// A string of several lines. Graphviz reads `\` as the start of an escape, and `&` as that of an entity.
fn quoted_lines<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::from("\"");
    for (number, line) in lines.enumerate() {
        if number > 0 {
            out.push_str("\\n");
        }
        for c in shown(line).chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '&' => out.push_str("&amp;"),
                c => out.push(c),
            }
        }
    }
    out.push('"');
    out
}
