//! The graph as a flowchart of Mermaid, which lays it out itself.

use std::fmt::Write as _;

use super::dot::sign;
use super::label::{cut, shown};
use super::model::{Graph, Kind, Node, State, What};

pub(super) fn write(graph: &Graph) -> String {
    let mut out = String::from("flowchart TB\n");
    for (number, release) in graph.releases.iter().enumerate() {
        let about = format!("{}<br>{}", text(&release.title, 60), text(&release.about, 120));
        let _ = writeln!(out, "  subgraph r{number} [\"{about}\"]");
        for (at, node) in graph.nodes.iter().enumerate().filter(|(_, n)| n.release == number) {
            let (open, close) = shape(node);
            let class = node.state.map_or("stage", State::as_str);
            let _ = writeln!(out, "    n{at}{open}\"{}\"{close}:::{class}", label(node));
        }
        out.push_str("  end\n");
    }
    if graph.undrawn > 0 {
        let _ = writeln!(out, "  more[\"{} more ancestors are not drawn\"]", graph.undrawn);
    }
    for edge in &graph.edges {
        let _ = writeln!(out, "  n{} {} n{}", edge.from, arrow(edge.kind), edge.to);
    }
    out.push_str(CLASSES);
    out
}

const CLASSES: &str = "\
  classDef stage fill:#22344f,stroke:#22344f,color:#ffffff
  classDef verified fill:#e4f4e9,stroke:#1b6e3c,color:#14181f
  classDef gated fill:#fff2cf,stroke:#855400,color:#14181f
  classDef missing fill:#fde7e6,stroke:#b3261e,color:#14181f,stroke-dasharray:7 3
  classDef withheld fill:#ece6f7,stroke:#5f3b97,color:#14181f
  classDef unknown fill:#f0f2f5,stroke:#59616d,color:#14181f,stroke-dasharray:2 3
  classDef internal fill:#e6f0fa,stroke:#2a5b93,color:#14181f
";

fn label(node: &Node) -> String {
    let sign = node.state.map_or("▸ ", sign);
    let others = node.others().map_or_else(String::new, |others| format!("<br>{others}"));
    format!("{sign}{}{others}<br>{}", text(&node.name, 60), text(&node.details(), 80))
}

const fn shape(node: &Node) -> (&'static str, &'static str) {
    match (node.what, node.state) {
        (What::Stage, _) | (_, None) => ("[[", "]]"),
        (_, Some(State::Verified)) => ("[", "]"),
        (_, Some(State::Gated)) => ("{{", "}}"),
        (_, Some(State::Missing)) => (">", "]"),
        (_, Some(State::Withheld)) => ("[/", "/]"),
        (_, Some(State::Unknown)) => ("([", "])"),
        (_, Some(State::Internal)) => ("[(", ")]"),
    }
}

const fn arrow(kind: Kind) -> &'static str {
    match kind {
        Kind::WentInto | Kind::CameOut => "-->",
        Kind::StartedFrom => "==>",
        Kind::Collected => "-.->|collected|",
        Kind::Generated => "-.->|generated|",
        Kind::Derived => "-.->|made into|",
        Kind::Parent => "==>|is|",
    }
}

/// A text between quotes: what is neither a letter nor harmless stands as its code, so that nothing of it
/// is Mermaid, Markdown or HTML.
fn text(text: &str, chars: usize) -> String {
    let mut out = String::new();
    for c in shown(&cut(text, chars)).chars() {
        match c {
            c if c.is_ascii_alphanumeric() || " .,-/".contains(c) || !c.is_ascii() => out.push(c),
            c => {
                let _ = write!(out, "#{};", u32::from(c));
            }
        }
    }
    out
}
