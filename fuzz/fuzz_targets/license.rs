//! Licence expressions: taken exactly where a second reading of the grammar in `man-40` takes them.
#![no_main]

use fullsource_format::license::LicenseExpression;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let read = text.parse::<LicenseExpression>();
    assert_eq!(read.is_ok(), by_grammar(text), "{text:?}: {read:?}");
    if let Ok(expression) = read {
        assert_eq!(expression.to_string(), text);
        assert!(expression.unlisted().iter().all(|id| text.contains(id)));
    }
});

fn by_grammar(text: &str) -> bool {
    if text.chars().count() > 1024 {
        return false;
    }
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let tokens: Vec<&str> = spaced.split(' ').filter(|token| !token.is_empty()).collect();
    matches!(text, "NONE" | "NOASSERTION") || expression(&tokens) == Some(&[])
}

/// `expression = term *( ( "AND" / "OR" ) term )`; gives what follows it.
fn expression<'t, 's>(tokens: &'t [&'s str]) -> Option<&'t [&'s str]> {
    let mut rest = term(tokens)?;
    while let ["AND" | "OR", after @ ..] = rest {
        rest = term(after)?;
    }
    Some(rest)
}

/// `term = id [ "WITH" id ] / "(" expression ")"`
fn term<'t, 's>(tokens: &'t [&'s str]) -> Option<&'t [&'s str]> {
    if let ["(", inside @ ..] = tokens {
        return expression(inside)?.strip_prefix(&[")"]);
    }
    match id(tokens)? {
        ["WITH", after @ ..] => id(after),
        rest => Some(rest),
    }
}

fn id<'t, 's>(tokens: &'t [&'s str]) -> Option<&'t [&'s str]> {
    let (first, rest) = tokens.split_first()?;
    if ["AND", "OR", "WITH", "NONE", "NOASSERTION"].contains(first) {
        return None;
    }
    let body = first.strip_suffix('+').unwrap_or(first);
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-:".contains(c);
    (!body.is_empty() && body.chars().all(plain)).then_some(rest)
}
