//! From evidence to what is known of each artifact, and to what contradicts that all is listed.

use std::cell::LazyCell;

use fullsource_format::evidence::{ContentFact, ContentFactKind, Observation, Strength};
use fullsource_format::manifest::{Artifact, Manifest};
use fullsource_format::text::Id;

use super::seen::Seen;
use crate::check::artifacts::Status;
use crate::check::names::Names;
use crate::licenses::{Agreement, agreement};

/// What is known of the artifacts of one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// Of each artifact, in document order.
    pub seen: Vec<Seen>,
    /// What the texts found say of each licence, in document order.
    pub texts: Vec<Agreement>,
    /// What cards and configurations name and the manifest does not list.
    pub undeclared: Vec<Undeclared>,
}

/// A model, a data set or a tokenizer that the release's own files name, and the manifest does not
/// list (`cls-16`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undeclared {
    /// The artifact whose content names it.
    pub artifact: Id,
    /// What it is: `base model`, `data set` or `tokenizer`.
    pub what: &'static str,
    /// Its name.
    pub name: String,
    /// The file that names it.
    pub path: String,
}

impl std::fmt::Display for Undeclared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { what, name, path, .. } = self;
        write!(f, "`{path}` names the {what} `{name}`, which is not listed")
    }
}

/// How evidence is to be taken.
#[derive(Clone, Copy)]
pub struct Trusting<'a> {
    /// Whether a trusted signature says that the statement is the producer's own.
    pub by_producer: bool,
    /// Whether the evidence establishes anything (`ver-49`).
    pub vouched: bool,
    /// Whether a policy takes the word of the host behind a locator.
    pub word_of: &'a dyn Fn(&str) -> bool,
}

/// Reads what speaks of each artifact (`ver-70`). `statuses` has what each is worth; both are in document
/// order.
pub fn look(
    manifest: &Manifest,
    statuses: &[Status],
    spoken: &[Vec<&Observation>],
    trusting: Trusting<'_>,
) -> Looked {
    let mut looked = Looked { seen: Vec::new(), texts: Vec::new(), undeclared: Vec::new() };
    let names = LazyCell::new(|| Names::of(manifest));
    for ((artifact, status), spoken) in manifest.artifacts().iter().zip(statuses).zip(spoken) {
        let facts: Vec<_> = spoken.iter().flat_map(|seen| &seen.facts).collect();
        let text = agreement(artifact.license.as_ref(), &artifact.roles, &facts);
        looked.seen.push(seen(artifact, *status, spoken, text, trusting));
        looked.texts.push(text);
        looked.undeclared.extend(undeclared(artifact, &facts, &names));
    }
    looked
}

fn seen(
    artifact: &Artifact,
    status: Status,
    spoken: &[&Observation],
    text: Agreement,
    trusting: Trusting<'_>,
) -> Seen {
    let mut seen = Seen::of(status, artifact.availability);
    let mut word = spoken.iter().filter(|o| o.strength == Some(Strength::Metadata));
    if word.any(|o| (trusting.word_of)(o.locator.as_str())) {
        seen = seen.trusting_the_word(status, artifact.availability);
    }
    let own = !artifact.files.is_empty() && trusting.by_producer;
    // cls-48: what nobody vouches for establishes nothing.
    let text = match text {
        Agreement::Agrees if !trusting.vouched => Agreement::NoneFound,
        text => text,
    };
    seen.with_text(text.holds(own))
}

/// What the content of the release's own parts names, and the manifest does not list (`cls-16`).
fn undeclared(
    artifact: &Artifact,
    facts: &[&ContentFact],
    names: &LazyCell<Names, impl FnOnce() -> Names>,
) -> Vec<Undeclared> {
    let own = ["weights.final", "config.model", "tokenizer.model", "doc.model-card"];
    if !artifact.roles.iter().any(|role| own.contains(&role.as_str())) {
        return Vec::new();
    }
    let undeclared = facts.iter().filter_map(|fact| {
        let what = match fact.kind {
            ContentFactKind::NamesBaseModel => "base model",
            ContentFactKind::NamesDataset => "data set",
            ContentFactKind::NamesTokenizer => "tokenizer",
            _ => return None,
        };
        let name = fact.value.as_ref()?.as_str();
        let path = fact.path.as_ref().map_or("", |path| path.as_str()).to_owned();
        (!names.has(name)).then(|| Undeclared {
            artifact: artifact.id.clone(),
            what,
            name: name.to_owned(),
            path,
        })
    });
    undeclared.collect()
}
