//! Texts of others, made harmless for a terminal (`rep-7`).

use std::borrow::Cow;
use std::fmt::Write as _;

/// Shows control characters, and those that change the direction of text, as escapes; and what a runner of
/// GitHub Actions would take for a command where it reads the output of a job: `::` at the start of a line,
/// `##[` anywhere (`rep-16`).
pub(crate) fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_control() || turns(c) => drop(write!(out, "{}", c.escape_default())),
            c => out.push(c),
        }
    }
    if out.trim_start().starts_with("::") {
        out = out.replacen(':', "\\u{3a}", 1);
    }
    if out.contains("##[") { out.replace("##[", "#\\u{23}[") } else { out }
}

/// The same in a JSON document, whose strings alone can hold such characters, by JSON's own escapes.
pub(crate) fn in_json(document: &str) -> String {
    let mut out = String::with_capacity(document.len());
    for c in document.chars() {
        match c {
            '\n' => out.push(c),
            c if c.is_control() || turns(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
    out
}

/// The first characters of a text, and that there are more.
pub(crate) fn cut(text: &str, characters: usize) -> Cow<'_, str> {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// As text or an attribute of HTML or XML. Control characters are to be shown before (`shown`).
pub(crate) fn in_markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Characters that change the direction of what follows, or that nobody sees, and line separators.
const fn turns(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::{in_json, shown};

    #[test]
    fn escapes_and_direction_changes_are_shown() {
        assert_eq!(shown("a\u{1b}[31mb\u{202e}c\u{61c}"), "a\\u{1b}[31mb\\u{202e}c\\u{61c}");
        assert_eq!(shown("模型 é"), "模型 é");
        assert_eq!(shown("a\u{1b}"), shown(&shown("a\u{1b}")));
    }

    #[test]
    fn nothing_is_a_command_to_a_runner() {
        assert_eq!(shown(" ::error::x"), " \\u{3a}:error::x");
        assert_eq!(shown("a ::b, [::1]"), "a ::b, [::1]");
        assert_eq!(shown("###[error]x ##[y"), "##\\u{23}[error]x #\\u{23}[y");
        assert_eq!(shown(&"##[".repeat(100_000)).len(), 800_000);
    }

    #[test]
    fn a_json_document_says_the_same_without_them() {
        let said =
            serde_json::json!({"a": "\u{1b}[31m\u{9b}1m\u{7f}\u{202e}\u{feff}\u{e0041}模 é \n"});
        let document = in_json(&serde_json::to_string_pretty(&said).unwrap());
        assert!(!document.chars().any(|c| c != '\n' && (c.is_control() || super::turns(c))));
        assert!(document.contains("模 é"));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&document).unwrap(), said);
    }
}
