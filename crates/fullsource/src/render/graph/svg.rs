//! The picture as SVG.

mod legend;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::icons::{icon, outline};
use super::label::{cut, is_guess, lines, width, xml};
use super::model::{Graph, Kind, Node, State, What};
use super::place::places;
use super::route::{BOX, Layout, Line, MARGIN, Rect, TITLE, layout};

/// Colours and fonts. Without them the picture is black on white, and says the same.
const STYLE: &str = include_str!("style.css");

const NAME: f64 = 12.5;
const SMALL: f64 = 11.0;
/// Between lines of text.
const LEADING: f64 = 15.0;
/// Where text begins in a box, and how much of the box it leaves free.
const INDENT: f64 = 30.0;
const ROOM: f64 = BOX - INDENT - 14.0;
/// How round the corners of lines are.
const ROUND: f64 = 5.0;
/// Above the frames: what the picture is.
const HEAD: f64 = 56.0;

/// Bytes of full names that all nodes together may have, as what a pointer shows.
const FULL_NAMES: usize = 40_000;

pub(super) fn write(graph: &Graph) -> String {
    let places = places(graph);
    let texts: Vec<Vec<String>> = graph.nodes.iter().map(text_of).collect();
    let heights: Vec<f64> = texts.iter().map(|lines| 12.0 + LEADING * lines.len() as f64).collect();
    let layout = layout(graph, &places, &heights, HEAD);
    let legend = legend::legend(graph, layout.width.max(legend::WIDTH), layout.height + 14.0);
    let (width, height) = (layout.width.max(legend::WIDTH), legend.bottom + MARGIN);
    let mut out = String::with_capacity(96 << 10);
    head(&mut out, graph, width, height);
    frames(&mut out, &layout);
    edges(&mut out, &layout);
    titles(&mut out, graph, &layout);
    nodes(&mut out, graph, &layout, &texts);
    out.push_str(&legend.text);
    out.push_str("</svg>\n");
    out
}

/// The lines of a box: its name in two at most, what it came to.
fn text_of(node: &Node) -> Vec<String> {
    let mut text = lines(&node.name, ROOM / NAME, 2);
    text.extend(node.others());
    text.extend(lines(&node.details(), ROOM / SMALL, 1));
    text
}

fn head(out: &mut String, graph: &Graph, width: f64, height: f64) {
    let title = format!("How {} was made", cut(&graph.title, 200));
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"fsg\" role=\"img\" direction=\"ltr\" \
         aria-labelledby=\"fsg-title fsg-desc\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"{NAME}\">\n\
         <title id=\"fsg-title\">{}</title>\n<desc id=\"fsg-desc\">{}</desc>\n<style>\n{STYLE}</style>\n\
         <rect class=\"fsg-bg\" width=\"{width}\" height=\"{height}\" fill=\"none\"/>",
        xml(&title),
        xml(&described(graph)),
    );
    let fits = (width - 2.0 * MARGIN) / 17.0;
    let shown = lines(&title, fits, 1).join("");
    let _ = writeln!(
        out,
        "<g class=\"fsg-t\"><text x=\"{MARGIN}\" y=\"26\" font-size=\"17\" font-weight=\"bold\">{}</text>\
         <text class=\"fsg-d\" x=\"{MARGIN}\" y=\"45\">{}</text></g>",
        xml(&shown),
        xml(&lines(&summary(graph), (width - 2.0 * MARGIN) / NAME, 1).join("")),
    );
}

/// How many stages and artifacts there are, and what they came to.
fn summary(graph: &Graph) -> String {
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
    let words: Vec<String> = words.iter().map(|(word, count)| format!("{count} {word}")).collect();
    let mut text = format!(
        "{} and {}: {}",
        of(count(last, true), "stage"),
        of(count(last, false), "artifact"),
        words.join(", ")
    );
    let above = last + graph.undrawn;
    if above > 0 {
        text.push_str(&format!(". Above it {}", of(above, "release")));
    }
    if graph.undrawn > 0 {
        text.push_str(&format!(", of which {} not drawn", graph.undrawn));
    }
    text
}

fn of(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// The picture in words: each release, with its stages and what came to what.
fn described(graph: &Graph) -> String {
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

fn frames(out: &mut String, layout: &Layout) {
    out.push_str("<g fill=\"none\" stroke=\"#888\">\n");
    let last = layout.frames.len().saturating_sub(1);
    for (number, Rect { x, y, w, h }) in layout.frames.iter().enumerate() {
        let class = if number == last { "fsg-frame fsg-subject" } else { "fsg-frame" };
        let _ = writeln!(
            out,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"8\"/>"
        );
    }
    out.push_str("</g>\n");
}

fn titles(out: &mut String, graph: &Graph, layout: &Layout) {
    out.push_str("<g class=\"fsg-t\">\n");
    for (release, Rect { x, y, w, .. }) in graph.releases.iter().zip(&layout.frames) {
        let fits = w - 32.0;
        let _ = writeln!(
            out,
            "<text class=\"fsg-halo\" x=\"{x}\" y=\"{}\" font-size=\"15\" font-weight=\"bold\">{}</text>\
             <text class=\"fsg-d fsg-halo\" x=\"{x}\" y=\"{}\" font-size=\"{SMALL}\">{}</text>",
            y + 23.0,
            xml(&lines(&release.title, fits / 15.0, 1).join("")),
            y + 40.0,
            xml(&lines(&release.about, fits / SMALL, 1).join("")),
            x = x + 16.0,
        );
    }
    out.push_str("</g>\n");
    debug_assert!(TITLE > 44.0, "titles have room");
}

/// How a kind of line is drawn.
const fn dashes(kind: Kind) -> &'static str {
    match kind {
        Kind::WentInto | Kind::CameOut => " stroke-width=\"1.3\"",
        Kind::StartedFrom => " stroke-width=\"2.6\"",
        Kind::Collected => " stroke-width=\"1.5\" stroke-dasharray=\"1.5 3\"",
        Kind::Generated => " stroke-width=\"1.5\" stroke-dasharray=\"6 3\"",
        Kind::Derived => " stroke-width=\"1.5\" stroke-dasharray=\"8 3 2 3\"",
        Kind::Parent => " stroke-width=\"2.2\" stroke-dasharray=\"11 3\"",
    }
}

fn edges(out: &mut String, layout: &Layout) {
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

fn nodes(out: &mut String, graph: &Graph, layout: &Layout, texts: &[Vec<String>]) {
    let full = (FULL_NAMES / graph.nodes.len().max(1)).clamp(100, 2000);
    out.push_str("<g fill=\"#fff\" stroke=\"#333\">\n");
    for ((node, at), lines) in graph.nodes.iter().zip(&layout.boxes).zip(texts) {
        let name = format!(
            "{}{}",
            cut(&node.name, full),
            node.others().map_or_else(String::new, |o| format!(" {o}"))
        );
        let details = cut(&node.details(), full);
        let _ = write!(out, "<g><title>{}: {}</title>", xml(&name), xml(&details));
        if node.members > 1 {
            let behind = Rect { x: at.x + 4.0, y: at.y + 4.0, ..*at };
            out.push_str(&outline(node.state, behind));
        }
        out.push_str(&outline(node.state, *at));
        out.push_str(&sign_of(node, *at));
        out.push_str(&written(node, *at, lines));
        out.push_str("</g>\n");
    }
    out.push_str("</g>\n");
}

fn sign_of(node: &Node, at: Rect) -> String {
    node.state.map_or_else(String::new, |state| icon(state, at.x + 11.0, at.y + 11.0))
}

fn written(node: &Node, at: Rect, lines: &[String]) -> String {
    let mut out = String::from("<g class=\"fsg-t\" stroke=\"none\" fill=\"#000\">");
    let small = 1 + usize::from(node.members > 1);
    for (number, line) in lines.iter().enumerate() {
        let is_name = number + small < lines.len();
        let class = match (node.what, is_name) {
            (What::Stage, _) => " class=\"fsg-on\"",
            (_, true) => "",
            (_, false) => " class=\"fsg-d\"",
        };
        let (size, weight) = if is_name { (NAME, " font-weight=\"bold\"") } else { (SMALL, "") };
        let font = if is_name { String::new() } else { format!(" font-size=\"{size}\"") };
        let x = at.x + if node.state.is_some() { INDENT } else { 14.0 };
        let y = at.y + 22.0 + LEADING * number as f64;
        let told = if is_guess(line) {
            format!(" textLength=\"{:.0}\" lengthAdjust=\"spacingAndGlyphs\"", width(line) * size)
        } else {
            String::new()
        };
        let _ = write!(
            out,
            "<text{class} x=\"{x}\" y=\"{y}\"{font}{weight}{told}>{}</text>",
            xml(line)
        );
    }
    out + "</g>"
}
