//! Where everything is, in pixels: boxes from their places, and lines through gutters and corridors, in
//! which no box stands. A line never crosses a box.

use std::collections::{BTreeMap, HashSet};

use super::lanes::{Stretch, lanes};
use super::model::{Edge, Graph, Kind};
use super::place::{COLUMNS, Places, SPINE};

/// How wide a box is.
pub(super) const BOX: f64 = 216.0;
/// Below the upper edge of a box: where lines reach it.
const PORT: f64 = 18.0;
/// The same for lines that leave where others arrive.
const SECOND_PORT: f64 = 32.0;
/// Between boxes, one above the other: on the spine, and elsewhere.
const GAPS: [f64; COLUMNS] = [12.0, 12.0, 26.0, 12.0];
const LANE: f64 = 8.0;
/// Between a lane and a box: room for the head of an arrow.
const PAD: f64 = 15.0;
/// Above the first band of a release: its title.
const TITLE: f64 = 58.0;
/// Between a frame and what is in it.
pub(super) const INSET: f64 = 16.0;
const FOOT: f64 = 16.0;
/// Above what no stage names: its title.
const CAPTION: f64 = 18.0;
/// Between the frames of two releases.
const BETWEEN: f64 = 12.0;
/// Around everything.
pub(super) const MARGIN: f64 = 10.0;

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) w: f64,
    pub(super) h: f64,
}

/// A line: its corners, and which edge it is.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) edge: Edge,
    pub(super) points: Vec<(f64, f64)>,
}

/// A picture, laid out.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// Of each node.
    pub(super) boxes: Vec<Rect>,
    /// Of each release.
    pub(super) frames: Vec<Rect>,
    pub(super) lines: Vec<Line>,
    /// Where it is said that no stage names what stands below.
    pub(super) captions: Vec<(f64, f64)>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Lays out a graph whose boxes have these heights, from `top` down.
pub(super) fn layout(graph: &Graph, places: &Places, heights: &[f64], top: f64) -> Layout {
    let ways = ways(graph, places);
    let corridors = Channels::corridors(&ways);
    let rows = Rows::of(places, heights, &corridors, top);
    let gutters = Channels::gutters(&ways, &rows, &corridors);
    let columns = Columns::of(places, &gutters);
    let boxes: Vec<Rect> = (0..places.of.len())
        .map(|node| Rect {
            x: columns.lefts[places.of[node].1],
            y: rows.tops[node],
            w: BOX,
            h: heights[node],
        })
        .collect();
    let (left, right) = (MARGIN, columns.right);
    let frames = rows.frames.iter();
    let frames = frames.map(|(y, h)| Rect { x: left, y: *y, w: right - left, h: *h }).collect();
    let lines = ways.iter().map(|way| Line {
        edge: way.edge,
        points: points(way, &boxes, &rows, &columns, &corridors, &gutters),
    });
    Layout {
        lines: lines.collect(),
        captions: rows.captions.iter().map(|y| (MARGIN + INSET, *y)).collect(),
        boxes,
        frames,
        width: columns.outer + MARGIN,
        height: rows.bottom,
    }
}

/// Which gutters and corridors a line goes through: one gutter more than corridors; none where it goes
/// straight down.
struct Way {
    edge: Edge,
    gutters: Vec<usize>,
    corridors: Vec<usize>,
    /// Where it leaves, below the edge of the box.
    port: f64,
    /// Whether it joins those that go to the same box, or those that come from the same one.
    joins_target: bool,
}

/// The gutter outside the frames.
const OUTSIDE: usize = COLUMNS + 1;

fn ways(graph: &Graph, places: &Places) -> Vec<Way> {
    let below = places.below();
    let way = |edge: &Edge| -> Way {
        let ((from_band, from), (to_band, to)) = (places.of[edge.from], places.of[edge.to]);
        let straight = below[edge.from] == Some(edge.to);
        let (first, last) = sides(from, to);
        let (gutters, corridors) = match edge.kind {
            _ if straight => (Vec::new(), Vec::new()),
            Kind::Parent => between_releases(places, from_band, to_band, first, last),
            _ if first == last => (vec![first], Vec::new()),
            _ if to_band < from_band => (vec![first, last], vec![from_band]),
            _ => (vec![first, last], vec![from_band + 1]),
        };
        let dashed = !matches!(edge.kind, Kind::WentInto | Kind::StartedFrom | Kind::CameOut);
        let joins_target = !dashed && from_band == to_band && from != to && gutters.len() == 1;
        Way { edge: *edge, gutters, corridors, port: PORT, joins_target }
    };
    let mut ways: Vec<Way> = graph.edges.iter().map(way).collect();
    let arrives: HashSet<(usize, usize)> = ways
        .iter()
        .filter_map(|way| way.gutters.last().map(|gutter| (way.edge.to, *gutter)))
        .collect();
    for way in &mut ways {
        let both = |gutter: &usize| arrives.contains(&(way.edge.from, *gutter));
        if way.gutters.first().is_some_and(both) {
            way.port = SECOND_PORT;
        }
    }
    ways
}

/// The gutters beside two columns that are nearest to one another. Gutter `n` is left of column `n`.
const fn sides(from: usize, to: usize) -> (usize, usize) {
    if from < to {
        (from + 1, to)
    } else if to < from {
        (from, to + 1)
    } else if from < SPINE {
        (from, from)
    } else {
        (from + 1, from + 1)
    }
}

/// From one frame into another: below or above the frame of the first, and outside past those between.
fn between_releases(
    places: &Places,
    from_band: usize,
    to_band: usize,
    first: usize,
    last: usize,
) -> (Vec<usize>, Vec<usize>) {
    let (from, to) = (places.bands[from_band].release, places.bands[to_band].release);
    let (leave, enter) = (places.bands_of(from).end, places.bands_of(to).start);
    if leave == enter {
        (vec![first, last], vec![leave])
    } else {
        (vec![first, OUTSIDE, last], vec![leave, enter])
    }
}

/// A line of a channel: those that it is drawn as one with have the same.
type Net = (usize, bool, usize, Kind);

fn net(channel: usize, way: &Way) -> Net {
    let end = if way.joins_target { way.edge.to } else { way.edge.from };
    (channel, way.joins_target, end, way.edge.kind)
}

/// Which lane of its channel each net has, and how many lanes each channel has.
struct Channels {
    lane: BTreeMap<Net, usize>,
    counts: BTreeMap<usize, usize>,
}

impl Channels {
    fn of(stretches: impl Iterator<Item = (Net, Stretch)>) -> Self {
        let mut nets: BTreeMap<Net, Stretch> = BTreeMap::new();
        for (net, stretch) in stretches {
            nets.entry(net).and_modify(|old| *old = old.joined(stretch)).or_insert(stretch);
        }
        let mut by_channel: BTreeMap<usize, Vec<(Net, Stretch)>> = BTreeMap::new();
        for (net, stretch) in nets {
            by_channel.entry(net.0).or_default().push((net, stretch));
        }
        let mut channels = Self { lane: BTreeMap::new(), counts: BTreeMap::new() };
        for (channel, mut nets) in by_channel {
            // What stays within a band is nearest to its boxes, and what runs far nearest to the spine.
            nets.sort_by(|a, b| b.0.1.cmp(&a.0.1).then(a.1.length().total_cmp(&b.1.length())));
            let stretches: Vec<Stretch> = nets.iter().map(|(_, stretch)| *stretch).collect();
            let (given, count) = lanes(&stretches);
            channels.counts.insert(channel, count);
            channels.lane.extend(nets.iter().map(|(net, _)| *net).zip(given));
        }
        channels
    }

    fn corridors(ways: &[Way]) -> Self {
        Self::of(ways.iter().flat_map(|way| {
            way.corridors.iter().zip(way.gutters.windows(2)).map(|(corridor, pair)| {
                (net(*corridor, way), Stretch::of(pair[0] as f64, pair[1] as f64))
            })
        }))
    }

    fn gutters(ways: &[Way], rows: &Rows, corridors: &Self) -> Self {
        Self::of(ways.iter().flat_map(|way| {
            let ys = turns(way, rows, corridors);
            let pairs: Vec<_> = ys.windows(2).map(|y| Stretch::of(y[0], y[1])).collect();
            way.gutters.iter().zip(pairs).map(|(gutter, y)| (net(*gutter, way), y))
        }))
    }

    fn count(&self, channel: usize) -> f64 {
        self.counts.get(&channel).copied().unwrap_or(0) as f64
    }

    fn lane(&self, channel: usize, way: &Way) -> f64 {
        self.lane.get(&net(channel, way)).copied().unwrap_or(0) as f64
    }
}

/// The heights at which a line turns: where it leaves, each corridor, where it arrives.
fn turns(way: &Way, rows: &Rows, corridors: &Channels) -> Vec<f64> {
    let mut ys = vec![rows.tops[way.edge.from] + way.port];
    for corridor in &way.corridors {
        ys.push(rows.corridors[*corridor] + PAD + corridors.lane(*corridor, way) * LANE);
    }
    ys.push(rows.tops[way.edge.to] + PORT);
    ys
}

/// Heights: of boxes, of corridors (the one above each band, and the last below all), of frames.
struct Rows {
    tops: Vec<f64>,
    corridors: Vec<f64>,
    frames: Vec<(f64, f64)>,
    captions: Vec<f64>,
    bottom: f64,
}

impl Rows {
    fn of(places: &Places, heights: &[f64], channels: &Channels, top: f64) -> Self {
        let mut rows = Self {
            tops: vec![0.0; heights.len()],
            corridors: Vec::new(),
            frames: Vec::new(),
            captions: Vec::new(),
            bottom: top,
        };
        let mut y = top;
        for (number, band) in places.bands.iter().enumerate() {
            let new = number == 0 || places.bands[number - 1].release != band.release;
            if new && number > 0 {
                y = rows.close_frame(y);
            }
            rows.corridors.push(y);
            let count = channels.count(number);
            y += match (new, count > 0.0) {
                (true, false) => BETWEEN,
                (false, false) => 30.0,
                (_, true) => 2.0 * PAD + (count - 1.0) * LANE,
            };
            if new {
                rows.frames.push((y, 0.0));
                y += TITLE;
            }
            if band.is_beside {
                y += CAPTION;
                rows.captions.push(y - 9.0);
            }
            y = rows.stack(&band.columns, heights, y);
        }
        y = rows.close_frame(y);
        rows.corridors.push(y);
        let count = channels.count(places.bands.len());
        rows.bottom = y + if count > 0.0 { 2.0 * PAD + count * LANE } else { 0.0 };
        rows
    }

    fn close_frame(&mut self, y: f64) -> f64 {
        if let Some(frame) = self.frames.last_mut() {
            frame.1 = y + FOOT - frame.0;
        }
        y + FOOT
    }

    /// Stacks the boxes of a band; gives the height below the tallest stack.
    fn stack(&mut self, columns: &[Vec<usize>; COLUMNS], heights: &[f64], top: f64) -> f64 {
        let mut bottom = top;
        for (column, gap) in columns.iter().zip(GAPS) {
            let mut y = top;
            for node in column {
                self.tops[*node] = y;
                bottom = bottom.max(y + heights[*node]);
                y += heights[*node] + gap;
            }
        }
        bottom
    }
}

/// Where columns and gutters are.
struct Columns {
    lefts: [f64; COLUMNS],
    gutters: [(f64, f64); COLUMNS + 2],
    /// The right edge of the frames, and of what runs outside of them.
    right: f64,
    outer: f64,
}

impl Columns {
    fn of(places: &Places, channels: &Channels) -> Self {
        let (mut lefts, mut gutters) = ([0.0; COLUMNS], [(0.0, 0.0); COLUMNS + 2]);
        let mut x = MARGIN;
        let used = |column: usize| places.bands.iter().any(|band| !band.columns[column].is_empty());
        for column in 0..=COLUMNS {
            let count = channels.count(column);
            let edge = column == 0 || column == COLUMNS;
            let wide = match (edge, count > 0.0) {
                (true, false) => INSET,
                (false, false) if !used(column - 1) => 0.0,
                (false, false) => 24.0,
                (_, true) => 2.0 * PAD + (count - 1.0) * LANE,
            };
            gutters[column] = (x, x + wide);
            x += wide;
            if column < COLUMNS {
                lefts[column] = x;
                x += if used(column) { BOX } else { 0.0 };
            }
        }
        let count = channels.count(OUTSIDE);
        let outer = x + if count > 0.0 { PAD + count * LANE } else { 0.0 };
        gutters[OUTSIDE] = (x, outer);
        Self { lefts, gutters, right: x, outer }
    }

    fn lane(&self, gutter: usize, lane: f64) -> f64 {
        let (left, right) = self.gutters[gutter];
        if gutter > SPINE && gutter < OUTSIDE {
            right - PAD - lane * LANE
        } else {
            left + PAD + lane * LANE
        }
    }
}

fn points(
    way: &Way,
    boxes: &[Rect],
    rows: &Rows,
    columns: &Columns,
    corridors: &Channels,
    gutters: &Channels,
) -> Vec<(f64, f64)> {
    let (from, to) = (boxes[way.edge.from], boxes[way.edge.to]);
    let (Some(first), Some(last)) = (way.gutters.first(), way.gutters.last()) else {
        let x = from.x + from.w / 2.0;
        return vec![(x, from.y + from.h), (x, to.y)];
    };
    let side = |of: Rect, gutter: usize| {
        if columns.gutters[gutter].0 < of.x { of.x } else { of.x + of.w }
    };
    let ys = turns(way, rows, corridors);
    let mut points = vec![(side(from, *first), ys[0])];
    for (gutter, y) in way.gutters.iter().zip(ys.windows(2)) {
        let x = columns.lane(*gutter, gutters.lane(*gutter, way));
        points.extend([(x, y[0]), (x, y[1])]);
    }
    points.push((side(to, *last), ys[ys.len() - 1]));
    points.dedup();
    points
}
