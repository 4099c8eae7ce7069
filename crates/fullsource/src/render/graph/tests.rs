//! What holds for every picture, whatever a report says.

mod made;

use std::collections::HashSet;

use proptest::prelude::*;

use super::group::Budget;
use super::model::{Graph, Kind, State, What};
use super::place::places;
use super::route::{Layout, Rect, layout};
use super::{MERMAID, PICTURE, build, dot, mermaid, svg};
use made::{Made, artifact, report, stage};

fn laid_out(graph: &Graph) -> Layout {
    let heights: Vec<f64> = (0..graph.nodes.len()).map(|n| 47.0 + 15.0 * (n % 3) as f64).collect();
    layout(graph, &places(graph), &heights, 70.0)
}

fn overlap(a: &Rect, b: &Rect) -> bool {
    a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}

/// Whether a stretch of a line runs through the inside of a box.
fn runs_through(from: (f64, f64), to: (f64, f64), at: &Rect) -> bool {
    let (left, right) = (from.0.min(to.0), from.0.max(to.0));
    let (top, bottom) = (from.1.min(to.1), from.1.max(to.1));
    left < at.x + at.w && right > at.x && top < at.y + at.h && bottom > at.y
}

fn hold_invariants(graph: &Graph) {
    let layout = laid_out(graph);
    for (number, at) in layout.boxes.iter().enumerate() {
        let frame = &layout.frames[graph.nodes[number].release];
        assert!(
            at.x >= frame.x && at.x + at.w <= frame.x + frame.w,
            "{number} is beside its frame"
        );
        assert!(at.y >= frame.y && at.y + at.h <= frame.y + frame.h, "{number} is above its frame");
        for (other, beside) in layout.boxes.iter().enumerate().skip(number + 1) {
            assert!(!overlap(at, beside), "boxes {number} and {other} overlap");
        }
    }
    for pair in layout.frames.windows(2) {
        assert!(pair[0].y + pair[0].h < pair[1].y, "frames overlap");
    }
    assert_eq!(layout.lines.len(), graph.edges.len(), "a line for each edge");
    for line in &layout.lines {
        let (from, to) = (layout.boxes[line.edge.from], layout.boxes[line.edge.to]);
        let on = |at: Rect, (x, y): (f64, f64)| {
            x >= at.x && x <= at.x + at.w && y >= at.y && y <= at.y + at.h
        };
        assert!(on(from, line.points[0]) && on(to, *line.points.last().unwrap()), "{line:?}");
        for pair in line.points.windows(2) {
            assert!(pair[0].0 == pair[1].0 || pair[0].1 == pair[1].1, "{line:?} is slanted");
            for at in &layout.boxes {
                assert!(!runs_through(pair[0], pair[1], at), "{line:?} runs through {at:?}");
            }
            let outside =
                |(x, y): (f64, f64)| x < 0.0 || y < 0.0 || x > layout.width || y > layout.height;
            assert!(!outside(pair[0]) && !outside(pair[1]), "{line:?} leaves the picture");
        }
    }
}

/// Every stage and artifact of the releases that are drawn is one of the members of one node.
fn count_everything(made: &Made, graph: &Graph) {
    let last = graph.releases.len() - 1;
    let of = |stages: bool| -> usize {
        let nodes = graph.nodes.iter().filter(|n| n.release == last);
        nodes.filter(|n| (n.what == What::Stage) == stages).map(|n| n.members).sum()
    };
    assert_eq!(of(true), made.stages.len());
    let listed: HashSet<&str> = made.artifacts.iter().map(|a| a.id()).collect();
    let unlisted = made.named().into_iter().filter(|id| !listed.contains(id)).count();
    let nothing = usize::from(made.stages.is_empty() && made.artifacts.len() + unlisted == 0);
    assert_eq!(of(false), made.artifacts.len() + unlisted + nothing);
    for node in graph.nodes.iter().filter(|node| node.what != What::Stage) {
        assert_eq!(node.counts.values().sum::<usize>(), node.members, "each is counted once");
    }
}

fn well_formed(svg: &str) {
    let mut open = Vec::new();
    for tag in svg.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').expect("a tag ends");
        assert!(!text.contains('>'), "{text}");
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap();
        let known = ["svg", "title", "desc", "style", "g", "rect", "path", "text"];
        assert!(known.contains(&name), "<{tag}> is an element of somebody else");
        match tag {
            _ if tag.starts_with('/') => assert_eq!(open.pop(), Some(name)),
            _ if tag.ends_with('/') => (),
            _ => open.push(name),
        }
    }
    assert!(open.is_empty());
    assert!(svg.chars().all(|c| c == '\n' || !c.is_control()));
}

#[test]
fn invariants_hold_for_any_report() {
    proptest!(ProptestConfig::with_cases(96), |(made in made::any())| {
        let report = report(&made);
        for budget in [PICTURE, MERMAID, Budget { releases: 3, nodes: 6, edges: 6, of_others: 3 }] {
            let graph = build::graph(&report, budget);
            hold_invariants(&graph);
            count_everything(&made, &graph);
        }
        well_formed(&svg(&report));
        mermaid(&report);
        dot(&report);
    });
}

#[test]
fn stages_stand_in_the_order_that_they_ran() {
    let made = Made {
        stages: vec![
            stage("last").starts("b").makes("c"),
            stage("first").makes("a"),
            stage("middle").starts("a").makes("b"),
        ],
        artifacts: ["a", "b", "c"].map(|id| artifact(id, "weights.final")).into(),
        ..Made::default()
    };
    let graph = build::graph(&report(&made), PICTURE);
    let names: Vec<&str> = graph.nodes.iter().take(3).map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["first", "middle", "last"]);
    let layout = laid_out(&graph);
    assert!(layout.boxes[0].y < layout.boxes[1].y && layout.boxes[1].y < layout.boxes[2].y);
}

#[test]
fn many_of_one_kind_are_one_and_counted_by_state() {
    let mut made = Made { stages: vec![stage("train").reads_shards(200)], ..Made::default() };
    made.artifacts =
        (0..200).map(|n| artifact(&format!("shard-{n}"), "data.pretraining")).collect();
    made.artifacts[7] = artifact("shard-7", "data.pretraining").status("absent");
    let graph = build::graph(&report(&made), PICTURE);
    let nodes: Vec<(usize, Option<State>)> =
        graph.nodes.iter().map(|n| (n.members, n.state)).collect();
    assert_eq!(nodes, [(1, None), (199, Some(State::Verified)), (1, Some(State::Missing))]);
    let tight = Budget { releases: 1, nodes: 2, edges: 9, of_others: 1 };
    let graph = build::graph(&report(&made), tight);
    assert_eq!(graph.nodes[1].details(), "1 absent, 199 verified; data.pretraining");
    assert_eq!(graph.nodes[1].state, Some(State::Missing), "the worst");
    assert!(svg(&report(&made)).contains("and 198 more"));
}

#[test]
fn ten_thousand_artifacts_are_a_small_picture() {
    let report = report(&made::many(10_000, 100));
    let start = std::time::Instant::now();
    let picture = svg(&report);
    let (mermaid, dot) = (mermaid(&report), dot(&report));
    assert!(start.elapsed().as_secs() < 20, "unoptimised, and beside other tests");
    assert!(picture.len() < 300_000, "{}", picture.len());
    assert!(mermaid.len() < 50_000, "{}", mermaid.len());
    assert!(mermaid.matches("-->").count() < 500);
    assert!(dot.len() < 300_000);
}

#[test]
fn the_longest_names_stay_below_the_bound() {
    let long = |n: usize| format!("{n}{}", "<&'\u{202e}語".repeat(3000));
    let mut made = made::many(2_000, 20);
    made.artifacts =
        made.artifacts.into_iter().enumerate().map(|(n, a)| a.named(&long(n))).collect();
    let report = report(&made);
    assert!(svg(&report).len() < 300_000);
    assert!(mermaid(&report).len() < 50_000, "{}", mermaid(&report).len());
}

#[test]
fn names_are_text_in_every_form() {
    for name in made::HOSTILE {
        let made = Made {
            stages: vec![stage(name).reads(name).makes(name)],
            artifacts: vec![artifact(name, "data.sft").named(name)],
            name: (*name).to_owned(),
            ..Made::default()
        };
        let report = report(&made);
        well_formed(&svg(&report));
        for line in mermaid(&report).lines().filter(|line| line.contains('"')) {
            assert_eq!(line.matches('"').count(), 2, "{line}");
            let label = line.split('"').nth(1).unwrap().replace("<br>", "");
            assert!(
                !label.contains(['<', '>', '`', '[', ']', '{', '}', '\\', '%', '\u{202e}']),
                "{label}"
            );
        }
        let dot = dot(&report);
        let bare = dot.replace("\\\\", "").replace("\\\"", "");
        assert_eq!(bare.matches('"').count() % 2, 0, "{dot}");
    }
}

#[test]
fn circles_and_lost_statements_are_drawn() {
    let (target, parent) = ("00".repeat(32), "aa".repeat(32));
    let made = Made {
        artifacts: vec![
            artifact("own", "model.base").statement(&target),
            artifact("base", "model.base").statement(&parent),
            artifact("lost", "model.base").statement(&"dd".repeat(32)),
        ],
        parents: vec![(
            parent.clone(),
            vec![
                artifact("back", "model.base").statement(&target),
                artifact("itself", "weights.final").statement(&parent),
            ],
        )],
        ..Made::default()
    };
    let graph = build::graph(&report(&made), PICTURE);
    hold_invariants(&graph);
    assert_eq!(graph.releases.len(), 3);
    assert_eq!(graph.edges.iter().filter(|edge| edge.kind == Kind::Parent).count(), 5);
    assert!(graph.releases[0].about.contains("known by the id of its statement alone"));
    well_formed(&svg(&report(&made)));
}

#[test]
fn more_ancestors_than_a_picture_holds_are_counted() {
    let made = Made {
        artifacts: (0..30)
            .map(|n| artifact(&format!("m{n}"), "model.base").statement(&format!("{n:064x}")))
            .collect(),
        ..Made::default()
    };
    let graph = build::graph(&report(&made), PICTURE);
    assert_eq!((graph.releases.len(), graph.undrawn), (8, 22));
    assert!(svg(&report(&made)).contains("22 of them not drawn"));
    assert!(mermaid(&report(&made)).contains("more ancestors are not drawn"));
}
