//! Texts of others, made harmless for a terminal (`rep-7`).

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

/// Characters that change the direction of what follows, and line separators.
const fn turns(c: char) -> bool {
    matches!(
        c,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn escapes_and_direction_changes_are_shown() {
        assert_eq!(shown("a\u{1b}[31mb\u{202e}c"), "a\\u{1b}[31mb\\u{202e}c");
        assert_eq!(shown("模型 é"), "模型 é");
    }
}
