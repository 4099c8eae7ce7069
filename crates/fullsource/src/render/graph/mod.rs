//! How a release was made, as a picture: stages, what went into them, what came out, and the releases of
//! parents above. Nothing is said that the report does not say.
//!
//! Three steps: [`build`] makes of a report the parts of each release, [`group`] draws parts of one kind
//! together until they fit, and a form writes them: [`svg`] with a layout of its own, [`dot`] and
//! [`mermaid`] for tools that have one.

mod build;
mod dot;
mod group;
mod icons;
mod label;
mod lanes;
mod lineage;
mod mermaid;
mod model;
mod place;
mod release;
mod route;
mod svg;

use fullsource_verify::report::Report;

use group::Budget;

/// What a picture holds at most, so that 10,000 artifacts are still a picture and below 300 kB.
const PICTURE: Budget = Budget { releases: 8, nodes: 110, edges: 330, of_others: 36 };

/// Mermaid draws 500 edges and reads 50,000 characters, and then stops.
const MERMAID: Budget = Budget { releases: 6, nodes: 90, edges: 220, of_others: 20 };

/// One complete `<svg>` element, for a file of its own or inside a page: no script, nothing loaded, every
/// class and id begins with `fsg-`.
pub(crate) fn svg(report: &Report) -> String {
    svg::write(&build::graph(report, PICTURE))
}

/// A graph for Graphviz.
pub(crate) fn dot(report: &Report) -> String {
    dot::write(&build::graph(report, PICTURE))
}

/// A flowchart for Mermaid.
pub(crate) fn mermaid(report: &Report) -> String {
    mermaid::write(&build::graph(report, MERMAID))
}

#[cfg(test)]
mod tests;
