//! The comparison as text: one screen, the headline first.

use fullsource_verify::compare::{Diff, Trend};

use super::lines::{Line, Piece, Section};
use super::{changes, moves};
use crate::render::escape::shown;
use crate::render::style::Style;

/// Lines of one list that are shown; the rest are counted.
const SHOWN: usize = 5;

/// The whole comparison.
pub(super) fn diff(diff: &Diff, style: Style) -> String {
    let word = moves::word(diff.trend);
    let word = match diff.trend {
        Some(Trend::Worse) => style.bad(word),
        Some(Trend::Unseen) => style.open(word),
        Some(Trend::Neutral) => style.bold(word),
        Some(Trend::Better | Trend::Seen) | None => style.good(word),
    };
    let names = style.bold(&plain(&moves::names(diff)));
    let parts: Vec<_> = moves::sections(diff).into_iter().chain(changes::sections(diff)).collect();
    let mut out = format!("{word}  {names}: {}\n", moves::sentence(diff.trend, &parts));
    out.push_str(&format!("  {}\n", moves::UNVERIFIED));
    for part in &parts {
        out.push_str(&section(part, style));
    }
    if !diff.not_compared.is_empty() {
        out.push_str(&format!("  {}\n", style.dim("not compared:")));
        diff.not_compared.iter().for_each(|text| out.push_str(&format!("    - {}\n", shown(text))));
    }
    out
}

fn section(section: &Section, style: Style) -> String {
    if !section.list {
        let label = style.dim(&format!("{:<10}", section.label));
        let lines = section.lines.iter();
        return lines.map(|one| format!("  {label} {}\n", line(one, style))).collect();
    }
    let mut out = format!("  {}\n", style.dim(&format!("{}:", section.label)));
    for one in section.lines.iter().take(SHOWN) {
        out.push_str(&format!("    - {}\n", line(one, style)));
    }
    if let Some(more) = section.lines.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        out.push_str(&format!("    - and {more} more (--format json)\n"));
    }
    out
}

fn line(line: &Line, style: Style) -> String {
    let Some(trend) = line.trend else { return plain(line) };
    let word = match trend {
        Trend::Worse => style.bad(trend.as_str()),
        Trend::Unseen => style.open(trend.as_str()),
        Trend::Better | Trend::Seen => style.good(trend.as_str()),
        Trend::Neutral => trend.as_str().to_owned(),
    };
    format!("{word}: {}", plain(line))
}

fn plain(line: &Line) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Ours(text) | Piece::Theirs(text) => text.clone(),
    };
    line.pieces.iter().map(piece).collect()
}
