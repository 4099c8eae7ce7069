//! Texts of others in Markdown (`rep-16`).

use crate::render::escape::{cut, shown};

/// Characters of one text that are shown.
const CHARACTERS: usize = 400;

/// A text as code: one line, in which nothing means anything.
pub(in crate::render) fn code(text: &str) -> String {
    span(&cut(&shown(text), CHARACTERS))
}

/// A sentence: plain words as they are, what it quotes and all else as code. Words alone can neither be
/// Markdown or HTML, nor become a link, a mention of somebody or a reference to something.
pub(super) fn prose(text: &str) -> String {
    let text = shown(text);
    let text = cut(&text, CHARACTERS);
    let mut out: Vec<String> = Vec::new();
    // Words that follow one another and are not plain.
    let mut odd: Vec<&str> = Vec::new();
    for (quoted, part) in parts(&text) {
        if quoted {
            flush(&mut odd, &mut out);
            out.push(span(part));
            continue;
        }
        for word in part.split_whitespace() {
            if is_plain(word) {
                flush(&mut odd, &mut out);
                out.push(word.to_owned());
                continue;
            }
            // The marks of a sentence stay its own.
            let (bracket, rest) = word.split_at(usize::from(word.starts_with('(')));
            let (core, marks) = rest.split_at(rest.trim_end_matches([',', ';', ':', ')']).len());
            if !bracket.is_empty() {
                flush(&mut odd, &mut out);
                out.push(bracket.to_owned());
            }
            odd.push(core);
            if !marks.is_empty() {
                flush(&mut odd, &mut out);
                out.push(marks.to_owned());
            }
        }
        flush(&mut odd, &mut out);
    }
    joined(&out)
}

fn flush(odd: &mut Vec<&str>, out: &mut Vec<String>) {
    if !odd.is_empty() {
        out.push(span(&odd.join(" ")));
        odd.clear();
    }
}

/// With a space between any two, but none after a bracket that opens, and before what ends or parts a
/// sentence.
fn joined(words: &[String]) -> String {
    let mut out = String::new();
    for word in words {
        let ends = word.chars().all(|c| matches!(c, '.' | ',' | ';' | ':' | '?' | ')'));
        if !out.is_empty() && !ends && !out.ends_with('(') {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// What stands between pairs of backticks, and what does not.
fn parts(text: &str) -> Vec<(bool, &str)> {
    let pieces: Vec<_> = text.split('`').collect();
    let last = pieces.len() - 1;
    let part = |(nth, piece)| {
        // The last backtick of an odd number quotes nothing.
        (nth % 2 == 1 && nth != last, piece)
    };
    pieces.into_iter().enumerate().map(part).filter(|(_, piece)| !piece.is_empty()).collect()
}

/// Letters, with an apostrophe or a hyphen between them, and the marks of a sentence around them; or a
/// number, which with a full stop would start a list.
fn is_plain(word: &str) -> bool {
    let number = word.trim_end_matches(',');
    let word = word.strip_prefix('(').unwrap_or(word);
    let word = word.trim_end_matches(['.', ',', ';', ':', '?', ')']);
    let letters = |part: &str| {
        // What looks like the id of a commit becomes a link.
        let id = part.len() >= 7 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        !id && !part.is_empty() && part.chars().all(char::is_alphabetic)
    };
    let is_number = number.len() < 7 && number.bytes().all(|byte| byte.is_ascii_digit());
    let parts = word.strip_suffix('\'').unwrap_or(word);
    word.is_empty() || is_number || parts.split(['\'', '-']).all(letters)
}

/// Code between runs of backticks that are none of its own.
fn span(text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let runs: Vec<usize> = text.split(|c| c != '`').map(str::len).collect();
    let fence = (1..).find(|length| !runs.contains(length)).unwrap_or(1);
    let fence = "`".repeat(fence);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_stay_readable() {
        assert_eq!(
            prose("its sha256 differs from the one that was signed"),
            "its `sha256` differs from the one that was signed"
        );
        assert_eq!(
            prose("`weights` takes run, by `use-based`, the producer's word (see 3 of them)."),
            "`weights` takes run, by `use-based`, the producer's word (see 3 of them)."
        );
        assert_eq!(prose("a letter (`a:`), x"), "a letter (`a:`), x");
        assert_eq!(prose("by it (3.2: b), 4.1, (e2)"), "by it (`3.2`: b), `4.1`, (`e2`)");
    }

    #[test]
    fn what_could_mean_something_is_code() {
        for (text, expected) in [
            ("@octocat hello", "`@octocat` hello"),
            ("see https://evil.example now", "see `https://evil.example` now"),
            ("www.evil.example a@b.example", "`www.evil.example a@b.example`"),
            ("<b>x</b>", "`<b>x</b>`"),
            ("deadbeef #12 GH-1", "`deadbeef #12 GH-1`"),
            ("a``b", "a b"),
            ("tick ` tock", "tick tock"),
            ("1234567 1. 2)", "`1234567 1. 2`)"),
            ("*a* _b_ |", "`*a* _b_ |`"),
            ("a\nb", "`a\\nb`"),
        ] {
            assert_eq!(prose(text), expected, "{text}");
        }
    }

    #[test]
    fn a_fence_is_none_of_what_it_holds() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`a``"), "``` `a`` ```");
        assert_eq!(code("a``b"), "`a``b`");
        assert_eq!(code(" "), "");
        assert!(code(&"`".repeat(100_000)).len() < 3 * CHARACTERS);
    }
}
