//! Lines, and the heads of arrows.

use std::fmt::Write as _;

use crate::render::graph::model::Kind;
use crate::render::graph::route::{Layout, Line};

/// How round the corners of lines are.
const ROUND: f64 = 5.0;

/// How a kind of line is drawn.
pub(super) const fn dashes(kind: Kind) -> &'static str {
    match kind {
        Kind::WentInto | Kind::CameOut => " stroke-width=\"1.3\"",
        Kind::StartedFrom => " stroke-width=\"2.6\"",
        Kind::Collected => " stroke-width=\"1.5\" stroke-dasharray=\"1.5 3\"",
        Kind::Generated => " stroke-width=\"1.5\" stroke-dasharray=\"6 3\"",
        Kind::Derived => " stroke-width=\"1.5\" stroke-dasharray=\"8 3 2 3\"",
        Kind::Parent => " stroke-width=\"2.2\" stroke-dasharray=\"11 3\"",
    }
}

pub(super) fn edges(out: &mut String, layout: &Layout) {
    out.push_str("<g class=\"fsg-l\" fill=\"none\" stroke=\"#555\">\n");
    for line in &layout.lines {
        let class = line.edge.kind.as_str();
        let dashes = dashes(line.edge.kind);
        let _ = writeln!(out, "<path class=\"fsg-{class}\"{dashes} d=\"{}\"/>", path(&line.points));
    }
    out.push_str("</g>\n<g class=\"fsg-h\" fill=\"#555\">\n");
    for kind in Kind::ALL {
        let mut heads: Vec<String> = layout
            .lines
            .iter()
            .filter(|line| line.edge.kind == kind)
            .filter_map(arrow_head)
            .collect();
        heads.sort();
        heads.dedup();
        if !heads.is_empty() {
            let d = heads.concat();
            let _ = writeln!(out, "<path class=\"fsg-{}\" d=\"{d}\"/>", kind.as_str());
        }
    }
    out.push_str("</g>\n");
}

/// A line with round corners.
fn path(points: &[(f64, f64)]) -> String {
    let Some((x, y)) = points.first() else { return String::new() };
    let mut d = format!("M{x} {y}");
    for at in 1..points.len() {
        let (before, here) = (points[at - 1], points[at]);
        let Some(next) = points.get(at + 1) else {
            let _ = write!(d, "L{} {}", here.0, here.1);
            break;
        };
        let (arrive, leave) = (towards(here, before), towards(here, *next));
        let _ =
            write!(d, "L{} {}Q{} {} {} {}", arrive.0, arrive.1, here.0, here.1, leave.0, leave.1);
    }
    d
}

/// A point near a corner, on the way to another, no further than half of it.
fn towards(corner: (f64, f64), other: (f64, f64)) -> (f64, f64) {
    let (dx, dy) = (other.0 - corner.0, other.1 - corner.1);
    let by = ROUND.min((dx.abs() + dy.abs()) / 2.0);
    (corner.0 + by * sign(dx), corner.1 + by * sign(dy))
}

fn sign(value: f64) -> f64 {
    if value == 0.0 { 0.0 } else { value.signum() }
}

fn arrow_head(line: &Line) -> Option<String> {
    let (x, y) = *line.points.last()?;
    let (before_x, _) = *line.points.get(line.points.len().checked_sub(2)?)?;
    Some(if before_x < x {
        format!("M{x} {y}l-8-4v8z")
    } else if before_x > x {
        format!("M{x} {y}l8-4v8z")
    } else {
        format!("M{x} {y}l-4-8h8z")
    })
}
