//! SPDX expressions, judged: `AND` is the worst, `OR` the best, `WITH` only adds what is known to
//! add.

use super::{EXCEPTIONS, Freedom, Limit, Subject, row};

/// What an expression grants, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// What it grants.
    pub freedom: Freedom,
    /// The ids that decided, as written, in their order.
    pub ids: Vec<String>,
}

impl Judgement {
    /// What takes which freedom, of the ids that decided.
    pub fn limits(&self) -> impl Iterator<Item = (&str, &'static Limit)> {
        self.ids.iter().flat_map(|id| {
            row(id).into_iter().flat_map(move |row| row.limits.iter().map(|l| (id.as_str(), l)))
        })
    }

    fn of(id: &str, freedom: Freedom) -> Self {
        Self { freedom, ids: vec![id.to_owned()] }
    }

    /// The worse of two; both decide where they are alike.
    fn and(self, other: Self) -> Self {
        self.choose(other, |left, right| left < right)
    }

    /// The better of two.
    fn or(self, other: Self) -> Self {
        self.choose(other, |left, right| left > right)
    }

    fn choose(mut self, other: Self, wins: impl Fn(Freedom, Freedom) -> bool) -> Self {
        if wins(self.freedom, other.freedom) {
            return self;
        }
        if wins(other.freedom, self.freedom) {
            return other;
        }
        self.ids.extend(other.ids);
        self
    }
}

/// An operator or a parenthesis that waits for what stands behind it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Waiting {
    Open,
    Or,
    And,
}

/// Judges a text that is an expression by its grammar (`man-lic`); what is none is unknown.
///
/// Two stacks instead of recursion: an expression may hold five hundred parentheses.
pub(super) fn judge(text: &str, subject: Subject) -> Judgement {
    let mut values: Vec<Judgement> = Vec::new();
    let mut waiting: Vec<Waiting> = Vec::new();
    let mut after_with = false;
    for token in tokens(text) {
        match token {
            "(" => waiting.push(Waiting::Open),
            ")" => {
                settle(&mut values, &mut waiting, Waiting::Or);
                waiting.pop();
            }
            "AND" => {
                settle(&mut values, &mut waiting, Waiting::And);
                waiting.push(Waiting::And);
            }
            "OR" => {
                settle(&mut values, &mut waiting, Waiting::Or);
                waiting.push(Waiting::Or);
            }
            "WITH" => after_with = true,
            addition if after_with => {
                after_with = false;
                if let Some(base) = values.last_mut() {
                    add(base, addition);
                }
            }
            id => values.push(Judgement::of(id, of_id(id, subject))),
        }
    }
    settle(&mut values, &mut waiting, Waiting::Or);
    values.pop().unwrap_or_else(|| Judgement::of(text, Freedom::Unknown))
}

/// Joins what waits for an operator that binds no weaker than `until`.
fn settle(values: &mut Vec<Judgement>, waiting: &mut Vec<Waiting>, until: Waiting) {
    while let Some(operator) = waiting.last().copied().filter(|operator| *operator >= until) {
        waiting.pop();
        let (Some(right), Some(left)) = (values.pop(), values.pop()) else { return };
        values.push(match operator {
            Waiting::And => left.and(right),
            _ => left.or(right),
        });
    }
}

/// What an id grants; `+` is the same or better (`cls-42`).
fn of_id(id: &str, subject: Subject) -> Freedom {
    if id == "NONE" {
        return Freedom::Restricted;
    }
    let base = id.strip_suffix('+').unwrap_or(id);
    let known = row(id).or_else(|| row(base));
    known.map_or(Freedom::Unknown, |row| row.freedom(subject))
}

/// `WITH`: an exception of the SPDX list leaves the base as it is; any other addition may take
/// back what the base grants (`cls-43`).
fn add(base: &mut Judgement, addition: &str) {
    let listed = EXCEPTIONS.iter().any(|exception| exception.eq_ignore_ascii_case(addition));
    if !listed && base.freedom == Freedom::Libre {
        *base = Judgement::of(addition, Freedom::Unknown);
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use fullsource_format::role::Category;

    fn freedom(text: &str, category: Category) -> Freedom {
        judge(text, Subject::Of(category)).freedom
    }

    #[test]
    fn the_worst_of_and_the_best_of_or_decide() {
        use Freedom::{Libre, Restricted, Unknown};
        for (text, expected) in [
            ("Apache-2.0", Libre),
            ("apache-2.0", Libre),
            ("Apache-2.0 OR LicenseRef-Commercial", Libre),
            ("Apache-2.0 AND LicenseRef-Commercial", Unknown),
            ("MIT AND JSON", Restricted),
            ("MIT AND JSON OR ISC", Libre),
            ("MIT AND (JSON OR ISC)", Libre),
            ("MIT AND (JSON OR SSPL-1.0)", Restricted),
            ("JSON OR LicenseRef-x AND MIT", Unknown),
            ("(JSON OR MIT) AND (LicenseRef-x OR JSON)", Unknown),
            ("NONE", Restricted),
            ("NOASSERTION", Unknown),
            ("GPL-2.0", Libre),
            ("GPL-2.0+", Libre),
            ("Apache-2.0+", Libre),
            ("CC-BY-NC-4.0+", Restricted),
            ("GPL-2.0-only WITH Classpath-exception-2.0", Libre),
            ("MIT WITH AdditionRef-Commons-Clause", Unknown),
            ("MIT WITH Commons-Clause", Unknown),
            ("CC-BY-NC-4.0 WITH AdditionRef-permission", Restricted),
            ("MIT WITH Commons-Clause OR ISC", Libre),
            ("LicenseRef-Acme", Unknown),
            ("DocumentRef-a:LicenseRef-OpenMDW-1.1", Unknown),
            ("LicenseRef-OpenMDW-1.1", Libre),
            ("PDDL-1.0", Unknown),
            ("((((MIT))))", Libre),
        ] {
            assert_eq!(freedom(text, Category::Code), expected, "{text}");
        }
        assert_eq!(freedom("PDDL-1.0 AND O-UDA-1.0", Category::Data), Libre);
        assert_eq!(freedom("GPL-3.0-or-later", Category::Data), Libre);
        assert_eq!(freedom("MIT", Category::Unknown), Unknown);
    }

    #[test]
    fn the_ids_that_decided_are_named() {
        let ids = |text| judge(text, Subject::Of(Category::Weights)).ids;
        assert_eq!(ids("MIT AND JSON AND CC-BY-NC-4.0"), ["JSON", "CC-BY-NC-4.0"]);
        assert_eq!(ids("JSON OR MIT"), ["MIT"]);
        assert_eq!(ids("ISC OR MIT"), ["ISC", "MIT"]);
        let llama = "LicenseRef-scancode-llama-3.1-license-2024";
        let judged = judge(llama, Subject::Of(Category::Weights));
        let told: Vec<_> = judged.limits().map(|(_, limit)| limit.to_string()).collect();
        assert!(told[0].starts_with("run, share, change: by a cap on users or revenue (2: "));
    }

    #[test]
    fn many_parentheses_are_read_without_recursion() {
        let text = format!("{}MIT{}", "(".repeat(100_000), ")".repeat(100_000));
        assert_eq!(freedom(&text, Category::Code), Freedom::Libre);
    }
}
