//! The comparison as Markdown, for a job's summary or a comment on a pull request. Texts of others stand as
//! code, in which nothing means anything.

use fullsource_verify::compare::Diff;

use crate::render::markdown;

use super::lines::{Line, Piece, Section};
use super::{changes, moves};

/// Lines of one list that are shown; the rest are counted.
const SHOWN: usize = 25;

/// The whole comparison.
pub(super) fn diff(diff: &Diff) -> String {
    let all: Vec<_> = moves::sections(diff).into_iter().chain(changes::sections(diff)).collect();
    let (word, sentence) = (moves::word(diff.trend), moves::sentence(diff.trend, &all));
    let mut out = format!("## fullsource diff: {word}\n\n**{}**\n\n", moves::UNVERIFIED);
    out.push_str(&format!("{}: {sentence}.\n\n", line(&moves::names(diff))));
    let (lists, lines): (Vec<&Section>, Vec<&Section>) = all.iter().partition(|one| one.list);
    for section in lines {
        section.lines.iter().for_each(|one| {
            out.push_str(&format!("- {}: {}\n", section.label, line(one)));
        });
    }
    out.push('\n');
    lists.into_iter().for_each(|section| out.push_str(&list(section)));
    if !diff.not_compared.is_empty() {
        let texts = diff.not_compared.iter().map(|text| Line::plain().say(text.as_str()));
        out.push_str(&list(&Section { label: "not compared", lines: texts.collect(), list: true }));
    }
    markdown::bounded(out)
}

fn list(section: &Section) -> String {
    let mut label = section.label.to_owned();
    label[..1].make_ascii_uppercase();
    let mut out = format!("### {label}\n\n");
    for one in section.lines.iter().take(SHOWN) {
        out.push_str(&format!("- {}\n", line(one)));
    }
    if let Some(more) = section.lines.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        out.push_str(&format!("- and {more} more\n"));
    }
    out.push('\n');
    out
}

fn line(line: &Line) -> String {
    let trend = line.trend.map_or_else(String::new, |trend| format!("**{}** ", trend.as_str()));
    let piece = |piece: &Piece| match piece {
        Piece::Ours(text) => text.clone(),
        Piece::Theirs(text) => code(text),
    };
    trend + &line.pieces.iter().map(piece).collect::<String>()
}

/// A text of others as code, also where there is none.
fn code(text: &str) -> String {
    Some(markdown::code(text))
        .filter(|code| !code.is_empty())
        .unwrap_or_else(|| "(nothing)".to_owned())
}
