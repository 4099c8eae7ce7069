//! From evidence to what is known of each artifact, and to what contradicts that all is listed.

use std::collections::HashMap;

use fullsource_format::evidence::{
    ContentFact, ContentFactKind, Evidence, FILES, Observation, Status as At, Strength,
};
use fullsource_format::manifest::{Artifact, Manifest};
use fullsource_format::text::Id;

use super::seen::Seen;
use super::tri::Tri;
use crate::check::artifacts::Status;
use crate::check::places::newest;
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

/// Reads the evidence. `statuses` has what each artifact is worth, in document order.
pub fn look(
    manifest: &Manifest,
    statuses: &[Status],
    evidence: &Evidence,
    trusting: Trusting<'_>,
) -> Looked {
    let mut observed: HashMap<&str, Vec<&Observation>> = HashMap::new();
    for artifact in &evidence.artifacts {
        observed.entry(artifact.id.as_str()).or_default().extend(&artifact.observations);
    }
    let mut looked = Looked { seen: Vec::new(), texts: Vec::new(), undeclared: Vec::new() };
    let names = Names::of(manifest);
    for (artifact, status) in manifest.artifacts().iter().zip(statuses) {
        let observations = observed.get(artifact.id.as_str()).map_or(&[][..], Vec::as_slice);
        let content = Content::of(artifact, observations);
        let text = agreement(artifact.license.as_ref(), &content.facts);
        looked.seen.push(content.seen(artifact, *status, text, trusting));
        looked.texts.push(text);
        looked.undeclared.extend(names.undeclared(artifact, &content));
    }
    looked
}

/// What lay at all places of one artifact where something was seen.
struct Content<'a> {
    observations: Vec<&'a Observation>,
    facts: Vec<&'a ContentFact>,
}

impl<'a> Content<'a> {
    /// The newest look at each of its places counts (`evd-15`).
    fn of(artifact: &Artifact, observations: &[&'a Observation]) -> Self {
        let places = artifact.locators.iter().map(|pinned| pinned.uri.to_string());
        let places = places.chain(std::iter::once(FILES.to_owned()));
        let observations: Vec<_> = places
            .filter_map(|place| newest(observations, &place))
            .filter(|seen| matches!(seen.status, At::Seen | At::Partial))
            .collect();
        let facts = observations.iter().flat_map(|seen| &seen.facts).collect();
        Self { observations, facts }
    }

    fn has(&self, kinds: &[ContentFactKind]) -> bool {
        self.facts.iter().any(|fact| kinds.contains(&fact.kind))
    }

    fn seen(
        &self,
        artifact: &Artifact,
        status: Status,
        text: Agreement,
        trusting: Trusting<'_>,
    ) -> Seen {
        use ContentFactKind::{Compressed, Hollow, LfsPointers, Submodule};
        // A tree with pointers instead of files was seen in part.
        let in_part = self.has(&[LfsPointers, Submodule]);
        let status = match status {
            Status::Verified | Status::Gated | Status::Metadata if in_part => Status::Partial,
            other => other,
        };
        let mut seen = Seen::of(status, artifact.availability);
        let word = self.observations.iter().filter(|o| o.strength == Some(Strength::Metadata));
        if word.clone().any(|o| (trusting.word_of)(o.locator.as_str())) {
            seen = seen.trusting_the_word(status, artifact.availability);
        }
        let own = !artifact.files.is_empty() && trusting.by_producer;
        let mut agrees = text.holds(own);
        if !trusting.vouched {
            agrees = agrees.min(Tri::U);
        }
        let sizes = self.observations.iter().filter_map(|seen| seen.size);
        let bytes = sizes.map(|size| size.0).max().filter(|_| !self.has(&[Compressed]));
        seen = seen.with_text(agrees).holding(bytes);
        if self.has(&[Hollow]) { seen.hollow() } else { seen }
    }
}

/// The names under which a manifest lists things, in lower case.
struct Names(std::collections::HashSet<String>);

impl Names {
    fn of(manifest: &Manifest) -> Self {
        let mut names = std::collections::HashSet::new();
        let mut add = |text: &str| {
            let parts = text.split(['/', '@', ':', '#', '?', ' ']);
            names.extend(parts.filter(|part| !part.is_empty()).map(str::to_ascii_lowercase));
        };
        add(manifest.release().name.as_str());
        manifest.release().uri.iter().for_each(|uri| add(uri.as_str()));
        for artifact in manifest.artifacts() {
            add(artifact.id.as_str());
            artifact.name.iter().for_each(|name| add(name.as_str()));
            artifact.locators.iter().for_each(|pinned| add(&pinned.uri.to_string()));
        }
        Self(names)
    }

    /// What the content of the release's own parts names and no artifact has as a name, or as a part
    /// of its place.
    fn undeclared<'a>(
        &'a self,
        artifact: &'a Artifact,
        content: &'a Content<'_>,
    ) -> impl Iterator<Item = Undeclared> + 'a {
        let own = ["weights.final", "config.model", "tokenizer.model", "doc.model-card"];
        let speaks = artifact.roles.iter().any(|role| own.contains(&role.as_str()));
        let facts = content.facts.iter().filter(move |_| speaks);
        facts.filter_map(|fact| {
            let what = match fact.kind {
                ContentFactKind::NamesBaseModel => "base model",
                ContentFactKind::NamesDataset => "data set",
                ContentFactKind::NamesTokenizer => "tokenizer",
                _ => return None,
            };
            let name = fact.value.as_ref()?.as_str();
            let last = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
            let path = fact.path.as_ref().map_or("", |path| path.as_str()).to_owned();
            (!self.0.contains(&last)).then(|| Undeclared {
                artifact: artifact.id.clone(),
                what,
                name: name.to_owned(),
                path,
            })
        })
    }
}
