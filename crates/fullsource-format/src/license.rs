//! Licence expressions, as they are claimed.
//!
//! Reading one never judges it: an id that no list knows is kept, and is unknown, never libre.
//!
//! Spec: `spec/v0.1/manifest.md`, rules `man-lic-*`.

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::text::from_text;

/// A text that is no SPDX licence expression, whatever its ids.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an SPDX licence expression: {reason}")]
pub struct LicenseError {
    text: String,
    reason: &'static str,
}

/// One SPDX licence expression (SPDX 3.0.1, Annex B), or `NONE`, or `NOASSERTION`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct LicenseExpression(Box<str>);

/// The longest expression.
const CHARS: usize = 1024;

impl LicenseExpression {
    /// The expression as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the expression is met where an id is met as this says: `AND` needs both, `OR` one. An
    /// addition behind `WITH` and a final `+` are not asked about.
    pub fn is_met_by(&self, met: &dyn Fn(&str) -> bool) -> bool {
        let tokens: Vec<&str> = tokens(&self.0).collect();
        any_of(&mut tokens.as_slice(), met)
    }

    /// The ids that are neither on the SPDX list nor a `LicenseRef-`; a verifier knows nothing of
    /// them.
    pub fn unlisted(&self) -> Vec<&str> {
        let mut ids = Vec::new();
        let mut after_with = false;
        for token in tokens(&self.0) {
            let operator = matches!(token, "AND" | "OR" | "WITH" | "(" | ")");
            if !operator && !is_listed(token, after_with) {
                ids.push(token);
            }
            after_with = token == "WITH";
        }
        ids
    }
}

/// The ids on the SPDX list, but for exceptions.
pub fn listed() -> impl Iterator<Item = &'static str> {
    spdx::identifiers::LICENSES.iter().map(|license| license.name)
}

/// The listed id that is meant by another spelling of it, such as `apache2` or `mit`. It is a guess for
/// people; nothing is judged by it.
pub fn meant(spelling: &str) -> Option<&'static str> {
    let same = listed().find(|id| id.eq_ignore_ascii_case(spelling));
    same.or_else(|| {
        let (license, length) = spdx::imprecise_license_id(spelling)?;
        (length == spelling.len()).then_some(license.name)
    })
}

/// Terms joined by `OR`. The depth is bounded by the length of an expression.
fn any_of(rest: &mut &[&str], met: &dyn Fn(&str) -> bool) -> bool {
    let mut is_met = all_of(rest, met);
    while let ["OR", after @ ..] = *rest {
        *rest = after;
        is_met |= all_of(rest, met);
    }
    is_met
}

/// Terms joined by `AND`.
fn all_of(rest: &mut &[&str], met: &dyn Fn(&str) -> bool) -> bool {
    let mut is_met = one_of(rest, met);
    while let ["AND", after @ ..] = *rest {
        *rest = after;
        is_met &= one_of(rest, met);
    }
    is_met
}

fn one_of(rest: &mut &[&str], met: &dyn Fn(&str) -> bool) -> bool {
    let Some((first, after)) = rest.split_first() else { return false };
    *rest = after;
    if *first == "(" {
        let is_met = any_of(rest, met);
        *rest = rest.get(1..).unwrap_or_default();
        return is_met;
    }
    if let ["WITH", _, after @ ..] = *rest {
        *rest = after;
    }
    met(first.strip_suffix('+').unwrap_or(first))
}

fn is_listed(id: &str, addition: bool) -> bool {
    let reference = id.rsplit(':').next().unwrap_or(id);
    if addition {
        return reference.starts_with("AdditionRef-") || spdx::exception_id(id).is_some();
    }
    matches!(id, "NONE" | "NOASSERTION")
        || reference.starts_with("LicenseRef-")
        || spdx::license_id(id.strip_suffix('+').unwrap_or(id)).is_some()
}

fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').flat_map(|word| {
        let mut rest = word;
        std::iter::from_fn(move || {
            let end = match rest.find(['(', ')']) {
                None => rest.len(),
                Some(0) => 1,
                Some(parenthesis) => parenthesis,
            };
            let (token, after) = rest.split_at(end);
            rest = after;
            (!token.is_empty()).then_some(token)
        })
    })
}

/// Checks the grammar: ids joined by `AND`, `OR` and `WITH`, parentheses in pairs.
fn check(text: &str) -> Result<(), &'static str> {
    if text.is_empty() || text.len() > CHARS {
        return Err("it has 1 to 1024 characters");
    }
    if matches!(text, "NONE" | "NOASSERTION") {
        return Ok(());
    }
    let (mut open, mut want_id, mut may_with, mut in_with) = (0_usize, true, false, false);
    for token in tokens(text) {
        match token {
            "(" if want_id && !in_with => open += 1,
            ")" if !want_id && open > 0 => (open, may_with) = (open - 1, false),
            "AND" | "OR" if !want_id => want_id = true,
            "WITH" if !want_id && may_with => (want_id, in_with) = (true, true),
            "(" | ")" | "AND" | "OR" | "WITH" => {
                return Err("an operator stands where an id should");
            }
            _ if !want_id => return Err("two ids without `AND`, `OR` or `WITH` between them"),
            id if !is_id(id) => {
                return Err("an id has letters, digits, `.`, `-`, `:` and a final `+`");
            }
            "NONE" | "NOASSERTION" => return Err("`NONE` and `NOASSERTION` stand alone"),
            _ => (want_id, may_with, in_with) = (false, !in_with, false),
        }
    }
    match (want_id, open) {
        (true, _) => Err("it ends where an id should stand"),
        (_, 1..) => Err("a parenthesis is not closed"),
        _ => Ok(()),
    }
}

fn is_id(token: &str) -> bool {
    let body = token.strip_suffix('+').unwrap_or(token);
    !body.is_empty()
        && body.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':'))
}

impl FromStr for LicenseExpression {
    type Err = LicenseError;
    fn from_str(text: &str) -> Result<Self, LicenseError> {
        match check(text) {
            Ok(()) => Ok(Self(text.into())),
            Err(reason) => Err(LicenseError { text: text.chars().take(80).collect(), reason }),
        }
    }
}

impl fmt::Display for LicenseExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for LicenseExpression {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from_text(from)
    }
}

impl JsonSchema for LicenseExpression {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "LicenseExpression".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[A-Za-z0-9.:+() -]+$",
            "maxLength": CHARS,
            "examples": ["Apache-2.0", "MIT OR Apache-2.0", "LicenseRef-llama3.1", "NOASSERTION"],
            "description": "One SPDX licence expression, `NONE` or `NOASSERTION`. What SPDX lacks is a `LicenseRef-`."
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_met_as_its_operators_say() {
        for (text, expected) in [
            ("MIT", true),
            ("GPL-3.0-only", false),
            ("MIT OR GPL-3.0-only", true),
            ("MIT AND GPL-3.0-only", false),
            ("GPL-3.0-only AND MIT OR Apache-2.0", true),
            ("GPL-3.0-only AND (MIT OR Apache-2.0)", false),
            ("(MIT AND (Apache-2.0 OR X-1)) OR X-2", true),
            ("Apache-2.0 WITH LLVM-exception AND MIT+", true),
            ("NOASSERTION", false),
        ] {
            let expression: LicenseExpression = text.parse().unwrap();
            assert_eq!(
                expression.is_met_by(&|id| matches!(id, "MIT" | "Apache-2.0")),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn expressions_are_read_without_judging_their_ids() {
        for good in [
            "Apache-2.0",
            "MIT OR (Apache-2.0 AND CC-BY-4.0)",
            "GPL-2.0+ WITH Classpath-exception-2.0",
            "LicenseRef-llama3.1",
            "llama3.1",
            "NOASSERTION",
            "((MIT))",
        ] {
            assert!(good.parse::<LicenseExpression>().is_ok(), "{good}");
        }
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for bad in [
            "",
            "MIT Apache-2.0",
            "MIT AND",
            "AND MIT",
            "MIT AND OR",
            "(MIT",
            "MIT)",
            "()",
            "MIT WITH (x)",
            "(MIT) WITH x",
            "MIT WITH a WITH b",
            "MIT OR NONE",
            "MIT, BSD",
            "MIT\nBSD",
        ] {
            assert!(bad.parse::<LicenseExpression>().is_err(), "{bad:?}");
        }
        let read = |characters| "a".repeat(characters).parse::<LicenseExpression>();
        assert!(read(CHARS).is_ok_and(|read| read.to_string() == "a".repeat(CHARS)));
        assert!(read(CHARS + 1).is_err());
    }

    #[test]
    fn another_spelling_of_a_listed_id_is_known() {
        for (spelling, id) in [("mit", "MIT"), ("MIT", "MIT"), ("apache2", "Apache-2.0")] {
            assert_eq!(meant(spelling), Some(id));
            assert!(listed().any(|listed| listed == id));
        }
        assert_eq!(meant("apache2 or so"), None);
    }

    #[test]
    fn unlisted_ids_are_named() {
        let read = |text: &str| text.parse::<LicenseExpression>().unwrap();
        assert!(read("MIT OR LicenseRef-x WITH AdditionRef-y").unlisted().is_empty());
        assert_eq!(read("llama3.1 AND (MIT OR gemma)").unlisted(), ["llama3.1", "gemma"]);
        assert_eq!(read("MIT WITH MIT").unlisted(), ["MIT"]);
    }
}
