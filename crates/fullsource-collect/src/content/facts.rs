//! The facts of one content: as many as a verdict needs, in an order that does not hang on the order in
//! which files came.

use std::collections::{BTreeMap, BTreeSet};

use fullsource_format::evidence::{ContentFact, ContentFactKind};

/// Facts of one kind that are kept: those of the files nearest to the root.
const FACTS: usize = 5_000;
/// Different values of one kind that are kept with one file each, however deep it lies.
const VALUES: usize = 1_000;
/// Characters of a value. A sentence fits.
const VALUE_CHARS: usize = 300;

/// A text on one line, without control characters, clipped: for the value of a fact.
pub(super) fn one_line(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = words.chars().filter(|c| !c.is_control()).take(VALUE_CHARS + 1).collect();
    match line.char_indices().nth(VALUE_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[derive(Debug, Default)]
pub(super) struct Facts {
    kinds: BTreeMap<ContentFactKind, OfKind>,
}

#[derive(Debug, Default)]
struct OfKind {
    added: u64,
    nearest: BTreeSet<(usize, ContentFact)>,
    values: BTreeMap<Option<String>, (usize, ContentFact)>,
}

impl Facts {
    pub(super) fn add(&mut self, fact: ContentFact) {
        let depth = fact.path.as_ref().map_or(0, |path| path.as_str().matches('/').count());
        let kind = self.kinds.entry(fact.kind).or_default();
        kind.added += 1;
        let value = fact.value.as_ref().map(|value| value.as_str().to_owned());
        let entry = (depth, fact);
        match kind.values.get_mut(&value) {
            Some(first) => {
                if entry < *first {
                    *first = entry.clone();
                }
            }
            None => {
                kind.values.insert(value, entry.clone());
                if kind.values.len() > VALUES {
                    kind.values.pop_last();
                }
            }
        }
        kind.nearest.insert(entry);
        if kind.nearest.len() > FACTS {
            kind.nearest.pop_last();
        }
    }

    /// All that were kept, sorted, and for each kind of which some were not, a fault that says so.
    pub(super) fn finish(self) -> Vec<ContentFact> {
        let mut facts = BTreeSet::new();
        for (kind, OfKind { added, nearest, values }) in self.kinds {
            let kept: BTreeSet<_> =
                nearest.into_iter().chain(values.into_values()).map(|(_, fact)| fact).collect();
            let left = added - kept.len() as u64;
            if left > 0 {
                let name = format!("{kind:?}");
                let value = format!("{left} more facts of the kind {name} are left out");
                facts.insert(ContentFact::new(ContentFactKind::Fault).saying(value));
            }
            facts.extend(kept);
        }
        facts.into_iter().collect()
    }
}
