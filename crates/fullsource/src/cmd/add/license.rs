//! The licence of an artifact, from what its content says of itself: taken where one text alone
//! speaks, unchanged; otherwise left to the author, who is told what was seen.

use std::collections::BTreeSet;

use fullsource_collect::read::hub_license::{HubLicense, hub_license};
use fullsource_format::evidence::{ContentFact, ContentFactKind};
use fullsource_format::license::LicenseExpression;
use fullsource_format::path::RelPath;

/// What is recorded of a licence.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Granted {
    pub(super) license: Option<LicenseExpression>,
    /// Where its text stands.
    pub(super) texts: Vec<RelPath>,
}

/// What a text that is a whole licence, unchanged, counts for.
const EXACT: u64 = 1000;
/// Texts that are told one by one.
const TOLD: usize = 6;

/// Texts of licences that the content holds.
struct Texts<'a> {
    /// Path and id.
    exact: Vec<(&'a str, &'a str)>,
    /// Path and what it is.
    other: Vec<(&'a str, String)>,
}

impl Granted {
    /// From facts, and from what the author says, which goes before them.
    pub(super) fn of(
        facts: &[ContentFact],
        given: Option<&LicenseExpression>,
        said: &mut Vec<String>,
    ) -> Self {
        let texts = Texts::of(facts);
        let granted = match given {
            Some(license) => texts.held_against(license, said),
            None if texts.is_empty() => declared(facts, said),
            None => texts.speak(said),
        };
        let policies = facts.iter().filter(|fact| fact.kind == ContentFactKind::UsePolicy);
        said.extend(policies.take(TOLD).map(|fact| {
            format!("`{}` sets terms beside the licence: {}", path(fact), value(fact))
        }));
        granted
    }
}

impl<'a> Texts<'a> {
    fn of(facts: &'a [ContentFact]) -> Self {
        let mut texts = Self { exact: Vec::new(), other: Vec::new() };
        for fact in facts {
            let score = fact.count.map_or(0, |count| count.0);
            match fact.kind {
                ContentFactKind::LicenseText if score == EXACT => {
                    texts.exact.push((path(fact), value(fact)));
                }
                ContentFactKind::LicenseText => {
                    let near = format!("near `{}` ({score} of 1000), and not it", value(fact));
                    texts.other.push((path(fact), near));
                }
                ContentFactKind::LicenseUnknown => {
                    texts.other.push((path(fact), "no licence that is known here".to_owned()));
                }
                _ => {}
            }
        }
        texts
    }

    fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.other.is_empty()
    }

    /// The licence, where all texts are of one.
    fn speak(&self, said: &mut Vec<String>) -> Granted {
        let ids: BTreeSet<&str> = self.exact.iter().map(|(_, id)| *id).collect();
        let license = match (ids.first(), ids.len()) {
            (Some(id), 1) if self.other.is_empty() => id.parse().ok(),
            _ => None,
        };
        let Some(license) = license else {
            said.push(format!(
                "no licence is recorded, `--license` gives it: {}",
                self.list().join("; ")
            ));
            return Granted::default();
        };
        let texts = self.nearest(|_| true);
        let shown: Vec<_> = texts.iter().map(|path| format!("`{path}`")).collect();
        said.push(format!("the licence is `{license}`, whose text is {}", shown.join(", ")));
        Granted { license: Some(license), texts }
    }

    /// What the author says, with the texts that are of it.
    fn held_against(&self, license: &LicenseExpression, said: &mut Vec<String>) -> Granted {
        let named = |id: &str| license.as_str().split([' ', '(', ')']).any(|part| part == id);
        let clash: Vec<_> = self.exact.iter().filter(|(_, id)| !named(id)).collect();
        if !clash.is_empty() || !self.other.is_empty() {
            said.push(format!(
                "the licence given is `{license}`; seen was: {}",
                self.list().join("; ")
            ));
        }
        Granted { license: Some(license.clone()), texts: self.nearest(named) }
    }

    /// The texts nearest to the root, of licences with these ids.
    fn nearest(&self, id: impl Fn(&str) -> bool) -> Vec<RelPath> {
        let depth = |path: &str| path.matches('/').count();
        let texts: Vec<&str> =
            self.exact.iter().filter(|(_, known)| id(known)).map(|(path, _)| *path).collect();
        let least = texts.iter().map(|path| depth(path)).min();
        let nearest: BTreeSet<&str> =
            texts.into_iter().filter(|path| Some(depth(path)) == least).collect();
        // A content that is one file has no path inside.
        nearest.into_iter().take(TOLD).filter_map(|path| path.parse().ok()).collect()
    }

    fn list(&self) -> Vec<String> {
        let exact = self.exact.iter().map(|(path, id)| format!("`{path}` is the text of `{id}`"));
        let other = self.other.iter().map(|(path, what)| format!("`{path}` is {what}"));
        let mut list: Vec<String> = exact.chain(other).collect();
        if list.len() > TOLD {
            let more = list.len() - TOLD;
            list.truncate(TOLD);
            list.push(format!("and {more} more"));
        }
        list
    }
}

/// What cards and package files declare, where they agree and there is no text.
fn declared(facts: &[ContentFact], said: &mut Vec<String>) -> Granted {
    let facts = facts.iter().filter(|fact| fact.kind == ContentFactKind::LicenseDeclared);
    let declared: Vec<_> = facts.map(|fact| (fact, expression(value(fact)))).collect();
    let Some((first, license)) = declared.first() else {
        said.push("no licence text was seen: `--license` gives the licence".to_owned());
        return Granted::default();
    };
    let known: Option<Vec<_>> = declared.iter().map(|(_, license)| license.as_ref()).collect();
    let agree = known.is_some_and(|all| all.iter().all(|one| Some(*one) == license.as_ref()));
    match license {
        Some(license) if agree => {
            said.push(format!(
                "the licence is `{license}`: `{}` declares `{}`, and no text of it was seen",
                path(first),
                value(first)
            ));
            Granted { license: Some(license.clone()), texts: Vec::new() }
        }
        _ => {
            let all: Vec<_> = declared
                .iter()
                .take(TOLD)
                .map(|(fact, _)| format!("`{}` declares `{}`", path(fact), value(fact)))
                .collect();
            let all = all.join("; ");
            said.push(format!("no licence is recorded, `--license` gives it: {all}"));
            Granted::default()
        }
    }
}

/// An expression whose ids are listed, from SPDX's or the hub's words.
fn expression(text: &str) -> Option<LicenseExpression> {
    let listed = |license: &LicenseExpression| license.unlisted().is_empty();
    if let Some(license) = text.parse().ok().filter(listed) {
        return Some(license);
    }
    match hub_license(text, None) {
        HubLicense::Expression { expression, assumed: None } => expression.parse().ok(),
        _ => None,
    }
}

fn path(fact: &ContentFact) -> &str {
    fact.path.as_ref().map_or("", |path| path.as_str())
}

fn value(fact: &ContentFact) -> &str {
    fact.value.as_ref().map_or("", |value| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(path: &str, id: &str, score: u64) -> ContentFact {
        ContentFact::new(ContentFactKind::LicenseText).at(path).saying(id).counting(score)
    }

    fn declares(path: &str, id: &str) -> ContentFact {
        ContentFact::new(ContentFactKind::LicenseDeclared).at(path).saying(id)
    }

    /// What is recorded, and what is said.
    fn of(facts: &[ContentFact], given: Option<&str>) -> (String, Vec<String>, String) {
        let mut said = Vec::new();
        let given = given.map(|given| given.parse().unwrap());
        let Granted { license, texts } = Granted::of(facts, given.as_ref(), &mut said);
        let license = license.map_or("-".to_owned(), |license| license.to_string());
        (license, texts.iter().map(ToString::to_string).collect(), said.join("\n"))
    }

    #[test]
    fn one_text_unchanged_speaks() {
        let (license, texts, _) = of(&[text("LICENSE", "MIT", 1000)], None);
        assert_eq!((license.as_str(), &texts[..]), ("MIT", &["LICENSE".to_owned()][..]));
        let same = [text("LICENSE", "MIT", 1000), text("lib/a/LICENSE", "MIT", 1000)];
        assert_eq!(of(&same, None).1, ["LICENSE"]);
    }

    #[test]
    fn changed_unknown_and_several_texts_leave_it_to_the_author() {
        let unknown = ContentFact::new(ContentFactKind::LicenseUnknown).at("COPYING");
        for (facts, words) in [
            (
                vec![text("LICENSE", "MIT", 999)],
                "`LICENSE` is near `MIT` (999 of 1000), and not it",
            ),
            (vec![text("LICENSE", "MIT", 1000), unknown], "`COPYING` is no licence that is known"),
            (
                vec![text("LICENSE", "MIT", 1000), text("lib/COPYING", "GPL-3.0-only", 1000)],
                "`lib/COPYING` is the text of `GPL-3.0-only`",
            ),
            (
                vec![
                    text("COPYING", "GPL-3.0-only", 1000),
                    text("COPYING", "GPL-3.0-or-later", 1000),
                ],
                "GPL-3.0-or-later",
            ),
            (vec![], "no licence text was seen"),
            (vec![declares("README.md", "other")], "`README.md` declares `other`"),
            (vec![declares("README.md", "mit"), declares("setup.cfg", "ISC")], "declares `ISC`"),
        ] {
            let (license, texts, said) = of(&facts, None);
            assert_eq!((license.as_str(), texts.len()), ("-", 0), "{facts:?}");
            assert!(said.contains(words), "{said}");
        }
    }

    #[test]
    fn a_declaration_is_taken_where_there_is_no_text() {
        let (license, _, said) = of(&[declares("README.md", "apache-2.0")], None);
        assert_eq!(license, "Apache-2.0");
        assert!(said.contains("no text of it was seen"), "{said}");
        let both = [declares("README.md", "apache-2.0"), text("LICENSE", "MIT", 1000)];
        assert_eq!(of(&both, None).0, "MIT");
    }

    #[test]
    fn what_the_author_says_goes_first_and_is_held_against_the_texts() {
        let facts = [text("LICENSE-MIT", "MIT", 1000), text("LICENSE-APACHE", "Apache-2.0", 1000)];
        let (license, texts, said) = of(&facts, Some("MIT OR Apache-2.0"));
        assert_eq!(license, "MIT OR Apache-2.0");
        assert_eq!(texts, ["LICENSE-APACHE", "LICENSE-MIT"]);
        assert_eq!(said, "");
        let (license, texts, said) = of(&facts, Some("ISC"));
        assert_eq!((license.as_str(), texts.len()), ("ISC", 0));
        assert!(said.contains("`LICENSE-MIT` is the text of `MIT`"), "{said}");
    }

    #[test]
    fn terms_beside_the_licence_are_told() {
        let policy =
            ContentFact::new(ContentFactKind::UsePolicy).at("USE_POLICY.md").saying("no weapons");
        assert!(of(&[policy], Some("MIT")).2.contains("`USE_POLICY.md` sets terms"));
    }
}
