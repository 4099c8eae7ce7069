//! The picture as SVG.

mod legend;
mod strokes;
mod words;

use std::fmt::Write as _;

use super::icons::{icon, outline};
use super::label::{cut, is_guess, lines, width, xml};
use super::model::{Graph, Node, What};
use super::place::places;
use super::route::{BOX, INSET, Layout, MARGIN, Rect, layout};
use strokes::edges;
use words::{described, summary};

/// Colours and fonts. Without them the picture is black on white, and says the same.
const STYLE: &str = include_str!("style.css");

const NAME: f64 = 12.5;
const SMALL: f64 = 11.0;
/// Between lines of text.
const LEADING: f64 = 15.0;
/// Where text begins in a box, and how much of the box it leaves free.
const INDENT: f64 = 30.0;
const ROOM: f64 = BOX - INDENT - 13.0;
/// Widths are those of bold letters; others are narrower.
const PLAIN: f64 = 0.88;
/// Above the frames: what the picture is, in three lines.
const HEAD: f64 = 70.0;

/// Bytes of full names that all nodes together may have, as what a pointer shows.
const FULL_NAMES: usize = 40_000;

pub(super) fn write(graph: &Graph) -> String {
    let places = places(graph);
    let texts: Vec<Text> = graph.nodes.iter().map(Text::of).collect();
    let heights: Vec<f64> =
        texts.iter().map(|text| 17.0 + LEADING * text.lines.len() as f64).collect();
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

/// The lines of a box: its name, then how many more it stands for, and what they came to.
struct Text {
    lines: Vec<String>,
    /// How many of them are the name.
    of_name: usize,
}

impl Text {
    fn of(node: &Node) -> Self {
        let mut text = lines(&node.name, ROOM / NAME, 3);
        if text.is_empty() {
            text.push("(blank)".to_owned());
        }
        let of_name = text.len();
        text.extend(node.others());
        text.extend(lines(&node.details(), ROOM / SMALL / PLAIN, 3));
        Self { lines: text, of_name }
    }
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
    let fits = width - 2.0 * MARGIN;
    out.push_str("<g class=\"fsg-t\">");
    for line in lines(&title, fits / 17.0, 1) {
        let _ = write!(
            out,
            "<text x=\"{MARGIN}\" y=\"26\" font-size=\"17\" font-weight=\"bold\">{}</text>",
            xml(&line)
        );
    }
    for (number, line) in lines(&summary(graph), fits / NAME / PLAIN, 2).iter().enumerate() {
        let y = 45.0 + LEADING * number as f64;
        let _ = write!(out, "<text class=\"fsg-d\" x=\"{MARGIN}\" y=\"{y}\">{}</text>", xml(line));
    }
    out.push_str("</g>\n");
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
        let fits = w - 2.0 * INSET;
        let _ = writeln!(
            out,
            "<text class=\"fsg-halo\" x=\"{x}\" y=\"{}\" font-size=\"15\" font-weight=\"bold\">{}</text>\
             <text class=\"fsg-d fsg-halo\" x=\"{x}\" y=\"{}\" font-size=\"{SMALL}\">{}</text>",
            y + 23.0,
            xml(&lines(&release.title, fits / 15.0, 1).join("")),
            y + 40.0,
            xml(&lines(&release.about, fits / SMALL / PLAIN, 1).join("")),
            x = x + INSET,
        );
    }
    for (x, y) in &layout.captions {
        let _ = writeln!(
            out,
            "<text class=\"fsg-d fsg-halo\" x=\"{x}\" y=\"{y}\" font-size=\"{SMALL}\">named by no stage</text>"
        );
    }
    out.push_str("</g>\n");
}

fn nodes(out: &mut String, graph: &Graph, layout: &Layout, texts: &[Text]) {
    let full = (FULL_NAMES / graph.nodes.len().max(1)).clamp(100, 2000);
    out.push_str("<g fill=\"#fff\" stroke=\"#333\">\n");
    for ((node, at), text) in graph.nodes.iter().zip(&layout.boxes).zip(texts) {
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
        out.push_str(&written(node, *at, text));
        out.push_str("</g>\n");
    }
    out.push_str("</g>\n");
}

fn sign_of(node: &Node, at: Rect) -> String {
    node.state.map_or_else(String::new, |state| icon(state, at.x + 11.0, at.y + 11.0))
}

fn written(node: &Node, at: Rect, text: &Text) -> String {
    let mut out = String::from("<g class=\"fsg-t\" stroke=\"none\" fill=\"#000\">");
    for (number, line) in text.lines.iter().enumerate() {
        let is_name = number < text.of_name;
        let class = match (node.what, is_name) {
            (What::Stage, _) => " class=\"fsg-on\"",
            (_, true) => "",
            (_, false) => " class=\"fsg-d\"",
        };
        let (size, weight) = if is_name { (NAME, " font-weight=\"bold\"") } else { (SMALL, "") };
        let font = if is_name { String::new() } else { format!(" font-size=\"{size}\"") };
        let x = at.x + if node.state.is_some() { INDENT } else { 14.0 };
        let y = at.y + 22.5 + LEADING * number as f64;
        let told = if is_guess(line) {
            format!(
                " textLength=\"{:.0}\" lengthAdjust=\"spacingAndGlyphs\"",
                (width(line) * size).min(ROOM)
            )
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
