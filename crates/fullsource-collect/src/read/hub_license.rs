//! Licence ids of the Hugging Face hub, which are not SPDX ids.

use fullsource_format::license::LicenseExpression;

use super::hub_license_table::TABLE;

/// What a licence of a card, or of a GGUF file, says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HubLicense {
    /// An SPDX expression, or a `LicenseRef-` for a licence that SPDX lacks.
    Expression {
        /// The expression.
        expression: String,
        /// What had to be assumed: the hub's id says less than the expression.
        assumed: Option<&'static str>,
    },
    /// A family (`cc`, `gpl`): which licence of it is not said.
    Family(&'static str),
    /// `other`, with the `license_name` that the card gives.
    Other(Option<String>),
    /// `unknown`: nothing is said.
    Unknown,
    /// No id of the hub, and none of SPDX.
    Unlisted(String),
}

/// A row of the hub's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row {
    Spdx(&'static str),
    Assumed(&'static str, &'static str),
    Family(&'static str),
    Other,
    Unknown,
}

/// Looks up an id as it stands in a card. SPDX ids are taken too, in any case.
/// `license_name` is the card's, for `other`.
pub fn hub_license(id: &str, license_name: Option<&str>) -> HubLicense {
    let id = id.trim();
    let lower = id.to_ascii_lowercase();
    let row = TABLE.iter().find(|(name, _)| *name == lower).map(|(_, row)| *row);
    let expression = |expression: &str, assumed| HubLicense::Expression {
        expression: expression.to_owned(),
        assumed,
    };
    match row {
        Some(Row::Spdx(spdx)) => expression(spdx, None),
        Some(Row::Assumed(spdx, assumed)) => expression(spdx, Some(assumed)),
        Some(Row::Family(name)) => HubLicense::Family(name),
        Some(Row::Other) => HubLicense::Other(license_name.and_then(license_ref)),
        Some(Row::Unknown) => HubLicense::Unknown,
        None => match spdx_expression(id) {
            Some(spdx) => expression(&spdx, None),
            None => HubLicense::Unlisted(id.chars().take(200).collect()),
        },
    }
}

/// The `LicenseRef-` of a name that a card gives: what SPDX does not allow in one becomes `-`.
pub fn license_ref(name: &str) -> Option<String> {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    let name: String = name.trim().chars().take(100).map(allowed).collect();
    let name = name.trim_matches('-');
    (!name.is_empty()).then(|| format!("LicenseRef-{name}"))
}

/// A listed SPDX id in its own spelling, or an expression that holds as it stands.
fn spdx_expression(text: &str) -> Option<String> {
    if text.len() > 1000 {
        return None;
    }
    let same = |id: &&spdx::License| id.name.eq_ignore_ascii_case(text);
    if let Some(id) = spdx::identifiers::LICENSES.iter().find(same) {
        return (!matches!(id.name, "NONE" | "NOASSERTION")).then(|| id.name.to_owned());
    }
    // SPDX takes any white space, the format spaces alone.
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    spdx::Expression::parse(&text).ok()?;
    let expression: LicenseExpression = text.parse().ok()?;
    Some(expression.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn expression(id: &str) -> String {
        match hub_license(id, None) {
            HubLicense::Expression { expression, .. } => expression,
            other => panic!("{id}: {other:?}"),
        }
    }

    #[test]
    fn ids_are_mapped_and_families_are_not() {
        assert_eq!(expression("apache-2.0"), "Apache-2.0");
        assert_eq!(expression("bsl-1.0"), "BSL-1.0");
        assert_eq!(expression("llama3.1"), "LicenseRef-scancode-llama-3.1-license-2024");
        assert_eq!(expression("openmdw-1.1"), "LicenseRef-OpenMDW-1.1");
        assert_eq!(expression("MIT"), "MIT");
        assert_eq!(expression("Apache-2.0 OR MIT"), "Apache-2.0 OR MIT");
        assert_eq!(expression("MIT\tOR\n ISC\u{c}AND  (BSL-1.0) "), "MIT OR ISC AND (BSL-1.0)");
        for family in ["cc", "gpl", "bsd", "lgpl", "gfdl", "openrail"] {
            assert!(matches!(hub_license(family, None), HubLicense::Family(_)), "{family}");
        }
        assert_eq!(hub_license("unknown", None), HubLicense::Unknown);
        assert_eq!(hub_license("free", None), HubLicense::Unlisted("free".into()));
        let name = Some("My License (v1)");
        assert_eq!(
            hub_license("other", name),
            HubLicense::Other(Some("LicenseRef-My-License--v1".into()))
        );
        let gpl = hub_license("gpl-3.0", None);
        assert!(matches!(gpl, HubLicense::Expression { assumed: Some(_), .. }));
    }

    /// The list of the hub's documentation, hub-docs 242f4a1e of August 2026, has 83 ids.
    #[test]
    fn the_table_is_whole_and_its_expressions_hold() {
        assert_eq!(TABLE.len(), 83);
        for (id, row) in TABLE {
            assert_eq!(TABLE.iter().filter(|(other, _)| other == id).count(), 1, "{id}");
            if let Row::Spdx(text) | Row::Assumed(text, _) = row {
                let parsed = spdx::Expression::parse(text);
                assert!(parsed.is_ok(), "{id}: {text}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_gives_an_answer(id in ".{0,60}", name in ".{0,60}") {
            if let HubLicense::Expression { expression, .. } = hub_license(&id, Some(&name)) {
                prop_assert!(expression.parse::<LicenseExpression>().is_ok(), "{expression}");
            }
            if let Some(reference) = license_ref(&name) {
                prop_assert!(spdx::Expression::parse(&reference).is_ok(), "{reference}");
            }
        }
    }
}
