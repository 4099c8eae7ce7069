//! Texts of others, made harmless for a terminal (`rep-7`).

use std::borrow::Cow;
use std::fmt::Write as _;

/// Shows control characters, and those that change the direction of text, as escapes.
pub(crate) fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_control() || turns(c) => drop(write!(out, "{}", c.escape_default())),
            c => out.push(c),
        }
    }
    out
}

/// The same in a JSON document, whose strings alone can hold such characters, by JSON's own escapes.
pub(crate) fn in_json(document: &str) -> String {
    let mut out = String::with_capacity(document.len());
    for c in document.chars() {
        match c {
            '\n' => out.push(c),
            c if c.is_control() || turns(c) => drop(write!(out, "\\u{:04x}", u32::from(c))),
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

/// Characters that change the direction of what follows, and line separators.
const fn turns(c: char) -> bool {
    matches!(
        c,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::{in_json, shown};

    #[test]
    fn escapes_and_direction_changes_are_shown() {
        assert_eq!(shown("a\u{1b}[31mb\u{202e}c"), "a\\u{1b}[31mb\\u{202e}c");
        assert_eq!(shown("模型 é"), "模型 é");
    }

    #[test]
    fn a_json_document_says_the_same_without_them() {
        let said = serde_json::json!({"a": "\u{1b}[31m\u{9b}1m\u{7f}\u{202e}\u{feff}模 é \n"});
        let document = in_json(&serde_json::to_string_pretty(&said).unwrap());
        assert!(!document.chars().any(|c| c != '\n' && (c.is_control() || super::turns(c))));
        assert!(document.contains("模 é"));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&document).unwrap(), said);
    }
}
