//! The words of a licence text, without what the same licence may differ in.
//!
//! After the SPDX matching guidelines: case, white space, punctuation, list markers, known titles
//! and copyright notices do not count. What is taken for a notice is told, since a restriction can
//! be written into one.

/// Characters of a line that may be a notice.
const NOTICE_CHARS: usize = 200;

/// A licence text reduced to what counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    /// The words, in lower case, each followed by one space, after one space.
    pub(super) plain: String,
    /// The lines that were taken for copyright notices, as they stand.
    pub(super) notices: Vec<String>,
}

impl Words {
    pub(super) fn of(text: &str) -> Self {
        let (mut words, mut notices) = (String::from(" "), Vec::new());
        let mut sentence_ended = true;
        for line in text.lines() {
            if is_notice(line) || (sentence_ended && is_short_notice(line)) {
                notices.push(line.trim().to_owned());
                continue;
            }
            let line_words = plain(if sentence_ended { after_marker(line) } else { line });
            sentence_ended = ends_sentence(line);
            let title = words == " " && TITLES.contains(&line_words.trim());
            if !title {
                words.push_str(&line_words[1..]);
            }
        }
        for (one, other) in SAME {
            if words.contains(one) {
                words = words.replace(one, other);
            }
        }
        Self { plain: words, notices }
    }
}

/// The words of a piece of text, in the form of [`Words::plain`].
pub(super) fn plain(text: &str) -> String {
    let mut words = String::from(" ");
    for c in without_item_marks(text).chars() {
        if c.is_alphanumeric() {
            words.extend(c.to_lowercase());
        } else if !matches!(c, '\'' | '\u{2019}' | '`') && !words.ends_with(' ') {
            words.push(' ');
        }
    }
    if !words.ends_with(' ') {
        words.push(' ');
    }
    words.replace(" https ", " http ").replace(" licence ", " license ")
}

/// What follows a list marker at the start of a line: `1.`, `a)`, `iv.`, `*`.
fn after_marker(line: &str) -> &str {
    let line = line.trim_start_matches(|c: char| !c.is_alphanumeric());
    let length = line.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let (word, rest) = line.split_at(length);
    match rest.strip_prefix(['.', ')', ']']) {
        Some(rest) if is_item(word) && rest.starts_with([' ', '\t']) => rest,
        _ => line,
    }
}

/// The text without `(1)`, `(a)`, `(iv)`, which some copies have and others spell `1.` or `a)`.
fn without_item_marks(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once('(') {
        kept.push_str(before);
        let close = inside.bytes().take(5).position(|b| b == b')');
        match close.map(|at| (&inside[..at], &inside[at + 1..])) {
            Some((word, after)) if is_item(word) => rest = after,
            _ => {
                kept.push('(');
                rest = inside;
            }
        }
    }
    kept + rest
}

fn is_item(word: &str) -> bool {
    let all = |set: &[u8]| word.bytes().all(|b| set.contains(&b.to_ascii_lowercase()));
    match word.len() {
        1 => word.bytes().all(|b| b.is_ascii_alphanumeric()) && word != "c",
        2 => all(b"0123456789") || all(b"ivx"),
        3 | 4 => all(b"ivx"),
        _ => false,
    }
}

/// Whether a list marker may start the next line: not where the line breaks within a sentence, as
/// in `section` and `7.`
fn ends_sentence(line: &str) -> bool {
    let line = line.trim_end();
    let last = line.rsplit(' ').next().unwrap_or_default();
    line.ends_with(|c: char| !c.is_alphanumeric())
        || line.is_empty()
        || matches!(last, "and" | "or")
}

/// `Copyright (c) 2024 Somebody`, `All rights reserved.` A line with one of the words in which
/// conditions are written is none.
fn is_notice(line: &str) -> bool {
    if line.chars().count() > NOTICE_CHARS {
        return false;
    }
    let lower = line.trim_matches(|c: char| !c.is_alphanumeric() && !"(©<[{".contains(c));
    let lower = lower.to_lowercase();
    if lower.trim_end_matches('.') == "all rights reserved" {
        return true;
    }
    let rest = lower.strip_prefix("portions ").unwrap_or(&lower);
    let starts = |text: &str, marks: &[&str]| marks.iter().any(|mark| text.starts_with(mark));
    let year = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_digit()) || starts(text, &["<", "[", "{"])
    };
    let marked = match rest.strip_prefix("copyright") {
        Some(after) => {
            let after = after.trim_start();
            year(after) || starts(after, &["©", "(c)"])
        }
        // `(c)` alone is a list marker more often.
        None => {
            let after = rest.strip_prefix("(c)").or_else(|| rest.strip_prefix('©'));
            after.is_some_and(|after| year(after.trim_start()))
        }
    };
    marked
        && !has_second_sentence(&lower)
        && !plain(&lower).split(' ').any(|word| CONDITIONS.contains(&word))
}

/// `Copyright Mozilla Foundation`: without a mark or a year, on a line of its own.
fn is_short_notice(line: &str) -> bool {
    const LAW: [&str; 8] = ["holder", "holders", "owner", "owners", "notice", "law", "laws", "and"];
    let words = plain(line);
    let mut words = words.split_ascii_whitespace();
    words.next() == Some("copyright")
        && words.clone().count() <= 4
        && !words.any(|word| LAW.contains(&word) || CONDITIONS.contains(&word))
}

/// A full stop with something else behind it than `all rights reserved`: not one of `Foo Inc.`
fn has_second_sentence(lower: &str) -> bool {
    const SHORT: [&str; 9] = ["inc", "ltd", "co", "corp", "dr", "jr", "prof", "al", "st"];
    let lower = lower.replace("all rights reserved", "");
    lower.match_indices(". ").any(|(at, _)| {
        let word = lower[..at].rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let goes_on = lower[at + 2..].contains(char::is_alphabetic);
        goes_on && word.chars().count() > 1 && !SHORT.contains(&word)
    })
}

/// Words in which conditions are written.
#[rustfmt::skip]
const CONDITIONS: &[&str] = &[
    "must", "shall", "may", "should", "not", "no", "only", "except", "unless", "provided", "permitted",
    "permission", "allowed", "prohibited", "forbidden", "restricted", "excluded", "excluding", "subject",
    "use", "used", "users", "purpose", "purposes", "applications", "commercial", "noncommercial", "military",
    "personal", "internal", "evaluation", "consent", "confidential", "proprietary",
    "license", "licensed", "terms", "agree", "cannot", "without",
];

/// Titles that may stand above the text or not.
const TITLES: &[&str] = &[
    "the mit license",
    "mit license",
    "the mit license mit",
    "mit license mit",
    "expat license",
    "bsd 3 clause license",
    "the bsd 3 clause license",
    "bsd 2 clause license",
    "isc license",
    "the isc license",
    "the bsd 2 clause license",
    "the 3 clause bsd license",
    "bsd zero clause license",
    "zlib license",
    "the zlib license",
    "mit no attribution",
    "the unlicense",
    "unlicense",
    "boost software license",
];

/// Parts that SPDX marks as optional, and what GNU changed in its texts without a new version.
const SAME: &[(&str, &str)] = &[
    (" including the next paragraph ", " "),
    (" http fsf org ", " "),
    (" 51 franklin street fifth floor boston ma 02110 1301 usa ", " "),
    (" 51 franklin st fifth floor boston ma 02110 1301 usa ", " "),
    (" 59 temple place suite 330 boston ma 02111 1307 usa ", " "),
    (" 675 mass ave cambridge ma 02139 usa ", " "),
    (" gnu org licenses why not lgpl ", " gnu org philosophy why not lgpl "),
    (" and a brief idea of what it does ", " and an idea of what it does "),
    (
        " gnu general public license terms and conditions for copying ",
        " terms and conditions for copying ",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_does_not_count() {
        let one =
            "The MIT License (MIT)\n\nCopyright (c) 2024 A & B\n\n 1. Don\u{2019}t  be “evil”\n";
        let other = "MIT License\n© 2020 C\nAll rights reserved.\n(a) DON'T\nbe evil.";
        assert_eq!(Words::of(one).plain, " dont be evil ");
        assert_eq!(Words::of(other).plain, " dont be evil ");
        assert_eq!(Words::of(other).notices, ["© 2020 C", "All rights reserved."]);
    }

    #[test]
    fn conditions_are_no_notices() {
        for line in [
            "Copyright 2024 A. For research only.",
            "Copyright 2024 Foo. Weapons are another matter",
            "Copyright 2024 Foo, military applications excluded",
            "Copyright (c) 2024 A, not for commercial use",
            "copyright notice and this permission notice",
            "copyright holder nor the names of its",
            "(c) The Licensee",
            "(c) \u{201c}Output\u{201d} means the results of operating a Model",
            "Copyright law applies",
        ] {
            assert!(!is_notice(line), "{line}");
        }
        for line in [
            "Copyright (C) 1989 Free Software Foundation, Inc.",
            "# Copyright 2024 A",
            "(c) 2020 B",
        ] {
            assert!(is_notice(line), "{line}");
        }
    }
}
