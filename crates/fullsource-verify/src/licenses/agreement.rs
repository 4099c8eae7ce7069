//! Licence texts that were found, held against the licence that is declared.

use fullsource_format::evidence::{ContentFact, ContentFactKind};
use fullsource_format::license::LicenseExpression;
use fullsource_format::role::{Category, Role};

use crate::class::Tri;

use super::{DEPRECATED, Freedom, Subject, judge};

/// What the texts in an artifact's tree say of its declared licence. The order is that of the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Agreement {
    /// A text, a card or a use policy says something else.
    Differs,
    /// A text was found and is none that is known, or was changed.
    Unclear,
    /// No text was found.
    NoneFound,
    /// What was found is the text of what is declared.
    Agrees,
}

impl Agreement {
    /// Whether the text agrees. `own`: the artifact is what this release's producer made and signed,
    /// whose word is enough where no text was found (`cls-48`).
    pub const fn holds(self, own: bool) -> Tri {
        match self {
            Self::Agrees => Tri::T,
            Self::NoneFound if own => Tri::T,
            Self::NoneFound | Self::Unclear => Tri::U,
            Self::Differs => Tri::F,
        }
    }
}

/// A text that is whole and unmodified, per mille.
const WHOLE: u64 = 1000;

/// Holds the facts of an artifact's tree, and of its mirrors, against its licence (`cls-47`).
pub fn agreement(
    declared: Option<&LicenseExpression>,
    roles: &[Role],
    facts: &[&ContentFact],
) -> Agreement {
    let Some(declared) = declared else { return Agreement::NoneFound };
    let on: Vec<Category> = roles.iter().map(Role::category).collect();
    let readings = facts.iter().filter_map(|fact| reading(declared, &on, fact));
    let readings: Vec<_> = readings.collect();
    let agrees = readings.contains(&Reading::Declared);
    let worth = |reading: &Reading| match reading {
        Reading::Declared => Agreement::Agrees,
        // The licence of a part, beside that of the whole.
        Reading::AnotherLibre if agrees => Agreement::Agrees,
        Reading::AnotherLibre | Reading::TakesBack => Agreement::Differs,
        Reading::Unclear => Agreement::Unclear,
    };
    readings.iter().map(worth).min().unwrap_or(Agreement::NoneFound)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// The text of what is declared, whole.
    Declared,
    /// The text of another licence, libre too.
    AnotherLibre,
    /// Something that grants less.
    TakesBack,
    /// A text that is not known, or not whole.
    Unclear,
}

fn reading(declared: &LicenseExpression, on: &[Category], fact: &ContentFact) -> Option<Reading> {
    let value = fact.value.as_ref().map_or("", |value| value.as_str());
    match fact.kind {
        ContentFactKind::LicenseText if fact.count.is_none_or(|count| count.0 < WHOLE) => {
            Some(Reading::Unclear)
        }
        ContentFactKind::LicenseText if names(declared, value) => Some(Reading::Declared),
        ContentFactKind::LicenseText => Some(match freedom_of(value, on) {
            Freedom::Libre => Reading::AnotherLibre,
            Freedom::Unknown => Reading::Unclear,
            Freedom::Restricted => Reading::TakesBack,
        }),
        ContentFactKind::LicenseUnknown => Some(Reading::Unclear),
        // Terms of use beside a licence that grants any use.
        ContentFactKind::UsePolicy => Some(Reading::TakesBack),
        ContentFactKind::LicenseDeclared => declares(declared, on, value),
        _ => None,
    }
}

/// What a card or a package says of the licence: it differs where it grants less.
fn declares(declared: &LicenseExpression, on: &[Category], value: &str) -> Option<Reading> {
    let less = freedom_of(value, on) == Freedom::Restricted
        && freedom_of(declared.as_str(), on) != Freedom::Restricted;
    less.then_some(Reading::TakesBack)
}

/// The freedom of an expression on the best of these: a text does not say which of the roles it is for.
fn freedom_of(text: &str, on: &[Category]) -> Freedom {
    let Ok(expression) = text.parse::<LicenseExpression>() else { return Freedom::Unknown };
    let freedoms = on.iter().map(|category| judge(&expression, Subject::Of(*category)).freedom);
    freedoms.max().unwrap_or(Freedom::Unknown)
}

/// Whether the expression has the id, or one that stands for the same text.
fn names(declared: &LicenseExpression, id: &str) -> bool {
    let ids = declared.as_str().split([' ', '(', ')']);
    ids.map(text_of).any(|declared| declared.eq_ignore_ascii_case(&text_of(id)))
}

/// `GPL-2.0`, `GPL-2.0-only` and `GPL-2.0-or-later` have one text.
fn text_of(id: &str) -> String {
    let now = DEPRECATED.iter().find(|(old, _)| old.eq_ignore_ascii_case(id));
    let id = now.map_or(id, |(_, now)| *now);
    let id = id.strip_suffix('+').unwrap_or(id);
    let id = id.strip_suffix("-only").or_else(|| id.strip_suffix("-or-later")).unwrap_or(id);
    match id.strip_prefix("LicenseRef-scancode-openmdw-") {
        Some(version) => format!("OpenMDW-{version}"),
        None => id
            .strip_prefix("LicenseRef-")
            .filter(|id| id.starts_with("OpenMDW"))
            .unwrap_or(id)
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(declared: &str, facts: &[ContentFact]) -> Agreement {
        on("data.sft", declared, facts)
    }

    fn on(role: &str, declared: &str, facts: &[ContentFact]) -> Agreement {
        let facts: Vec<_> = facts.iter().collect();
        agreement(Some(&declared.parse().unwrap()), &[role.parse().unwrap()], &facts)
    }

    fn text(id: &str, per_mille: u64) -> ContentFact {
        ContentFact::new(ContentFactKind::LicenseText).at("LICENSE").saying(id).counting(per_mille)
    }

    #[test]
    fn an_exact_text_agrees_and_nothing_else_does() {
        assert_eq!(held("Apache-2.0", &[text("Apache-2.0", 1000)]), Agreement::Agrees);
        assert_eq!(held("MIT OR Apache-2.0", &[text("MIT", 1000)]), Agreement::Agrees);
        assert_eq!(held("GPL-3.0-or-later", &[text("GPL-3.0-only", 1000)]), Agreement::Agrees);
        assert_eq!(held("LicenseRef-OpenMDW-1.1", &[text("OpenMDW-1.1", 1000)]), Agreement::Agrees);
        assert_eq!(held("Apache-2.0", &[text("Apache-2.0", 990)]), Agreement::Unclear);
        assert_eq!(held("CC0-1.0", &[text("CC-BY-NC-4.0", 1000)]), Agreement::Differs);
        assert_eq!(held("CC-BY-4.0", &[text("CC-BY-SA-4.0", 1000)]), Agreement::Differs);
        assert_eq!(held("MIT", &[]), Agreement::NoneFound);
        let both = [text("MIT", 1000), text("CC-BY-NC-4.0", 1000)];
        assert_eq!(held("MIT", &both), Agreement::Differs);
    }

    #[test]
    fn a_text_that_is_libre_for_data_alone_takes_nothing_back() {
        let both = [text("CC0-1.0", 1000), text("ODC-By-1.0", 1000)];
        assert_eq!(held("CC0-1.0", &both), Agreement::Agrees);
        assert_eq!(on("doc.paper", "CC0-1.0", &both), Agreement::Unclear);
    }

    #[test]
    fn what_takes_back_is_a_difference() {
        let policy = ContentFact::new(ContentFactKind::UsePolicy).at("USE_POLICY.md").saying("x");
        assert_eq!(held("MIT", &[text("MIT", 1000), policy]), Agreement::Differs);
        let card =
            |id| ContentFact::new(ContentFactKind::LicenseDeclared).at("README.md").saying(id);
        assert_eq!(held("MIT", &[text("MIT", 1000), card("CC-BY-NC-4.0")]), Agreement::Differs);
        assert_eq!(held("MIT", &[text("MIT", 1000), card("ISC")]), Agreement::Agrees);
        let vendored = [text("MIT", 1000), text("ISC", 1000)];
        assert_eq!(held("MIT", &vendored), Agreement::Agrees);
        let unknown = ContentFact::new(ContentFactKind::LicenseUnknown).at("LICENSE.txt");
        assert_eq!(held("MIT", &[text("MIT", 1000), unknown]), Agreement::Unclear);
    }
}
