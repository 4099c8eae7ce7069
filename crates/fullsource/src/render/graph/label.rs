//! Texts of others, as parts of a picture: made harmless, measured, broken into lines.

use std::fmt::Write as _;

use crate::render::escape;

/// Shown as on a terminal; and what no XML document may hold is shown as an escape, too.
pub(super) fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in escape::shown(text).chars() {
        match c {
            '\u{fffe}' | '\u{ffff}' | '\u{61c}' | '\u{e0000}'..='\u{e007f}' => {
                let _ = write!(out, "{}", c.escape_unicode());
            }
            c => out.push(c),
        }
    }
    out
}

/// As text or an attribute of XML.
pub(super) fn xml(text: &str) -> String {
    escape::in_markup(&shown(text))
}

/// The first characters of a text that is longer, and an ellipsis.
pub(super) fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}…", &text[..at]),
    }
}

/// How wide a text is at most, in parts of its font size, in the bold of a wide font (DejaVu Sans).
pub(super) fn width(text: &str) -> f64 {
    text.chars().map(width_of).sum()
}

fn width_of(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | ' ' | '/' | '\\' | '·' => 0.41,
        'f' | 't' | 'r' | 'I' | 'J' | '(' | ')' | '[' | ']' | '-' | '!' => 0.51,
        'c' | 's' | 'z' | 'v' | 'x' | 'y' | '?' => 0.67,
        'm' | 'M' | 'W' | '@' | '%' | '…' => 1.11,
        'w' => 0.94,
        'a'..='z' | '0'..='9' | '_' => 0.72,
        'A'..='Z' => 0.86,
        '\u{300}'..='\u{36f}' => 0.0,
        c if is_wide(c) => 1.1,
        c if c.is_ascii() => 0.84,
        '\u{80}'..='\u{24f}' | '\u{370}'..='\u{6ff}' | '\u{ff61}'..='\u{ffdc}' => 0.85,
        // Scripts with wide letters, and ligatures that one does not expect.
        _ => 1.4,
    }
}

/// Whether fonts differ so much in it that a measure is a guess, and the picture has to be told.
pub(super) fn is_guess(text: &str) -> bool {
    let known = |c: char| c < '\u{700}' || is_wide(c) || matches!(c, '…' | '\u{ff61}'..='\u{ffdc}');
    !text.chars().all(known)
}

/// Characters that take the room of two: `East_Asian_Width` W and F of Unicode.
const fn is_wide(c: char) -> bool {
    matches!(
        c,
        '\u{1100}'..='\u{115f}'
            | '\u{2e80}'..='\u{303e}'
            | '\u{3041}'..='\u{a4cf}'
            | '\u{a960}'..='\u{a97c}'
            | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}'
            | '\u{fe30}'..='\u{fe6f}'
            | '\u{ff00}'..='\u{ff60}'
            | '\u{ffe0}'..='\u{ffe6}'
            | '\u{1f300}'..='\u{1faff}'
            | '\u{20000}'..='\u{3fffd}'
    )
}

/// A text in lines of a width, the last one cut where it is longer.
pub(super) fn lines(text: &str, wide: f64, at_most: usize) -> Vec<String> {
    // What is behind the last line is cut, so it need not be looked at.
    let text = shown(&cut(text, 400));
    let (mut lines, mut rest) = (Vec::new(), text.trim());
    while !rest.is_empty() {
        let fits = prefix(rest, wide);
        if fits == rest.len() {
            lines.push(rest.to_owned());
            break;
        }
        if lines.len() + 1 == at_most {
            lines.push(format!("{}…", &rest[..prefix(rest, wide - width("…"))]));
            break;
        }
        let end = break_before(rest, fits);
        lines.push(rest[..end].trim_end().to_owned());
        rest = rest[end..].trim_start();
    }
    lines
}

/// How many bytes of a text fit, at least one character.
fn prefix(text: &str, wide: f64) -> usize {
    let mut sum = 0.0;
    for (at, c) in text.char_indices() {
        sum += width_of(c);
        if sum > wide && at > 0 {
            return at;
        }
    }
    text.len()
}

/// The end of a line of at most `fits` bytes: behind a space, else behind another separator, unless the
/// line became short; else there.
fn break_before(text: &str, fits: usize) -> usize {
    let line = &text[..fits];
    let behind = |separators: &[char], at_least: usize| {
        line.rfind(separators).map(|at| at + 1).filter(|end| *end > at_least)
    };
    behind(&[' '], fits / 3).or_else(|| behind(&['-', '_', '/', '.'], fits / 2)).unwrap_or(fits)
}
