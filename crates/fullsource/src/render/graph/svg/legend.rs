//! What shapes and lines mean.

use std::fmt::Write as _;

use super::SMALL;
use super::strokes::dashes;
use crate::render::graph::icons::{icon, outline};
use crate::render::graph::model::{Graph, Kind, State};
use crate::render::graph::route::{MARGIN, Rect};

/// A picture is at least so wide, for its legend.
pub(super) const WIDTH: f64 = 560.0;
/// One entry.
const CELL: (f64, f64) = (147.0, 24.0);
/// The same for lines, the longest of whose names is longer.
const LINE_CELL: f64 = 147.0;

/// The legend, and where it ends.
pub(super) struct Legend {
    pub(super) text: String,
    pub(super) bottom: f64,
}

/// Every state, a stage, and the kinds of lines that there are.
pub(super) fn legend(graph: &Graph, width: f64, top: f64) -> Legend {
    let mut text = String::from("<g fill=\"#fff\" stroke=\"#333\">\n");
    let mut grid = Grid { top, width, at: (0.0, 0.0) };
    let states = std::iter::once(None).chain(State::ALL.map(Some));
    for state in states {
        let (x, y) = grid.next(CELL.0);
        let shape = Rect { x, y, w: 34.0, h: 17.0 };
        text.push_str(&outline(state, shape));
        text.push_str(&state.map_or_else(String::new, |state| icon(state, x + 11.0, y + 2.5)));
        text.push_str(&name(state.map_or("stage", State::meaning), x + 42.0, y));
    }
    grid.end_row();
    for kind in Kind::ALL {
        if graph.edges.iter().any(|edge| edge.kind == kind) {
            let wide = if kind == Kind::Parent { LINE_CELL + 60.0 } else { LINE_CELL };
            let (x, y) = grid.next(wide);
            text.push_str(&line(kind, x, y + 8.5));
            text.push_str(&name(kind.meaning(), x + 42.0, y));
        }
    }
    grid.end_row();
    text.push_str("</g>\n");
    Legend { text, bottom: top + grid.at.1 }
}

struct Grid {
    top: f64,
    width: f64,
    at: (f64, f64),
}

impl Grid {
    /// The place of the next entry.
    fn next(&mut self, wide: f64) -> (f64, f64) {
        if self.at.0 + wide > self.width - 2.0 * MARGIN {
            self.end_row();
        }
        let place = (MARGIN + self.at.0, self.top + self.at.1);
        self.at.0 += wide;
        place
    }

    fn end_row(&mut self) {
        if self.at.0 > 0.0 {
            self.at = (0.0, self.at.1 + CELL.1);
        }
    }
}

fn name(text: &str, x: f64, y: f64) -> String {
    format!(
        "<g class=\"fsg-t\" stroke=\"none\" fill=\"#000\"><text x=\"{x}\" y=\"{}\" font-size=\"{SMALL}\">{text}</text></g>\n",
        y + 12.5
    )
}

fn line(kind: Kind, x: f64, y: f64) -> String {
    let (class, dashes) = (kind.as_str(), dashes(kind));
    let mut out = String::new();
    let _ = write!(
        out,
        "<g class=\"fsg-l\"><path class=\"fsg-{class}\"{dashes} d=\"M{x} {y}h28\"/></g>\
         <g class=\"fsg-h\"><path class=\"fsg-{class}\" d=\"M{} {y}l-8-4v8z\"/></g>",
        x + 35.0
    );
    out
}
