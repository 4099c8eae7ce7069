//! The comparison as Markdown, for a job's summary or a comment on a pull request. Texts of others stand as
//! code, in which nothing means anything.

use fullsource_verify::compare::Diff;

use super::lines::{Line, Piece, Section};
use super::{changes, moves};

/// Lines of one list that are shown; the rest are counted.
const SHOWN: usize = 25;

/// Bytes of the whole: a comment takes 65,536 characters.
const BYTES: usize = 60_000;

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
    bounded(out)
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

/// Code between runs of backticks that are none of its own.
fn code(text: &str) -> String {
    if text.trim().is_empty() {
        return "(nothing)".to_owned();
    }
    let runs: Vec<usize> = text.split(|c| c != '`').map(str::len).collect();
    let fence = "`".repeat((1..).find(|length| !runs.contains(length)).unwrap_or(1));
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Whole lines of it, as many as there is room for.
fn bounded(text: String) -> String {
    if text.len() <= BYTES {
        return text;
    }
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        if out.len() + line.len() > BYTES {
            break;
        }
        out.push_str(line);
    }
    out + "\nThe rest is left out here; `--format json` has all of it.\n"
}

#[cfg(test)]
mod tests {
    use super::{BYTES, bounded, code};

    #[test]
    fn a_fence_is_none_of_what_it_holds() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`a``"), "``` `a`` ```");
        assert_eq!(code(" "), "(nothing)");
    }

    #[test]
    fn what_is_too_long_ends_with_a_whole_line() {
        let text = bounded("- a line of a list\n".repeat(10_000));
        assert!(text.len() < BYTES + 100 && text.contains("- a line of a list\n\nThe rest"));
        assert_eq!(bounded("short\n".to_owned()), "short\n");
    }
}
