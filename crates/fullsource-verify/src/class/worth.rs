//! What each artifact counts for on both chains, in the category of a role, and what it lacks.

use std::collections::HashMap;

use fullsource_format::role::Category;

use super::graph::{Graph, Nth};
use super::seen::Seen;
use super::tri::{Chain, Pair, Tri};
use crate::licenses::{self, Freedom, Subject};

/// The worth of every artifact of a manifest.
pub(super) struct Worths {
    seen: Vec<Seen>,
    licenses: Vec<[Freedom; COLUMNS.len()]>,
}

const COLUMNS: [Category; 4] = [Category::Code, Category::Data, Category::Weights, Category::Doc];

/// Why an artifact is not worth more, by what decides first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    /// It is not there: withheld, gone, another, or empty of what it should hold.
    Missing,
    /// Nobody could establish that it is there.
    Unseen,
    /// It is there, and not for everyone.
    Gated,
    /// Its licence is not libre, or says nothing that is known.
    License(Freedom),
    /// The text of its licence is another's, or was not found.
    Text(Tri),
}

impl Worths {
    /// From what is known of each artifact, in document order. What is not given is unknown.
    pub(super) fn of(graph: &Graph<'_>, seen: impl Fn(Nth) -> Seen) -> Self {
        let artifacts = graph.artifacts;
        let mut judged: HashMap<&str, [Freedom; COLUMNS.len()]> = HashMap::new();
        let licenses = artifacts.iter().map(|artifact| match &artifact.license {
            None => [Freedom::Unknown; COLUMNS.len()],
            Some(license) => *judged.entry(license.as_str()).or_insert_with(|| {
                COLUMNS.map(|column| licenses::judge(license, Subject::Of(column)).freedom)
            }),
        });
        let licenses = licenses.collect();
        let mut worths = Self { seen: (0..artifacts.len()).map(seen).collect(), licenses };
        for nth in &graph.twofold {
            worths.seen[*nth] = worths.seen[*nth].hollow();
        }
        worths
    }

    /// What an artifact counts for, in a category: there is the minimum of all (`cls-3`).
    pub(super) fn of_artifact(&self, nth: Nth, category: Category) -> Pair {
        let seen = self.seen[nth];
        let license = Tri::from(self.license(nth, category));
        let freedom = seen.exists().min(seen.public()).min(license).min(seen.text());
        Pair { availability: seen.exists(), freedom }
    }

    pub(super) fn exists(&self, nth: Nth) -> Tri {
        self.seen[nth].exists()
    }

    pub(super) fn public(&self, nth: Nth) -> Tri {
        self.seen[nth].public()
    }

    pub(super) fn license(&self, nth: Nth, category: Category) -> Freedom {
        let column = COLUMNS.iter().position(|column| *column == category);
        column.map_or(Freedom::Unknown, |column| self.licenses[nth][column])
    }

    /// What an artifact lacks on a chain, in the order in which one would mend it.
    pub(super) fn lack(&self, nth: Nth, category: Category, chain: Chain) -> Option<Lack> {
        let seen = self.seen[nth];
        let license = self.license(nth, category);
        match (seen.exists(), chain) {
            (Tri::F, _) => Some(Lack::Missing),
            (_, Chain::Freedom) if license == Freedom::Restricted => Some(Lack::License(license)),
            (_, Chain::Freedom) if seen.public() == Tri::F => Some(Lack::Gated),
            (_, Chain::Freedom) if seen.text() == Tri::F => Some(Lack::Text(Tri::F)),
            (Tri::U, _) => Some(Lack::Unseen),
            (Tri::T, Chain::Availability) => None,
            // What is there is public or is not (`cls-4`).
            (Tri::T, Chain::Freedom) => match (license, seen.text()) {
                (Freedom::Unknown, _) => Some(Lack::License(license)),
                (_, Tri::U) => Some(Lack::Text(Tri::U)),
                _ => None,
            },
        }
    }
}
