//! What the content of an artifact says about itself, as far as it changes what the artifact is worth
//! or somebody should know of it.
//!
//! Spec: `spec/v0.1/verification.md`, rules `ver-70` to `ver-77`.

use std::collections::{BTreeMap, HashMap, HashSet};

use fullsource_format::digest::DigestSet;
use fullsource_format::evidence::{ContentFact, ContentFactKind as Kind, Observation};
use fullsource_format::manifest::{Artifact, DataUse, Manifest};

use super::artifacts::Status;
use super::names::Names;
use super::twins;
use crate::finding::{Code, Finding, Severity};

/// Names told of one kind of fact; the rest are counted.
const TOLD: usize = 5;

/// One artifact, its status by its digests, what it holds for certain, and what was seen of it.
pub(crate) struct Held<'a> {
    pub(crate) artifact: &'a Artifact,
    pub(crate) status: Status,
    /// Digests of the content, claimed and not contradicted.
    pub(crate) digests: DigestSet,
    /// The observations that count and do not contradict the claim.
    pub(crate) seen: Vec<&'a Observation>,
}

impl Held<'_> {
    pub(crate) fn facts(&self) -> impl Iterator<Item = &ContentFact> {
        self.seen.iter().flat_map(|seen| &seen.facts)
    }

    fn of(&self, kind: Kind) -> impl Iterator<Item = &ContentFact> {
        self.facts().filter(move |fact| fact.kind == kind)
    }

    /// Whether it counts as there, so that what is inside matters.
    const fn is_there(&self) -> bool {
        matches!(
            self.status,
            Status::Verified
                | Status::Gated
                | Status::Metadata
                | Status::Partial
                | Status::Unchecked
        )
    }

    /// Whether it is code, or an environment, and nothing else.
    fn is_code(&self) -> bool {
        let code = |role: &str| role.starts_with("code.") || role.starts_with("env.");
        self.artifact.roles.iter().all(|role| code(role.as_str()))
    }
}

/// What the content came to: other statuses for some artifacts, by their place in the list, and
/// findings.
#[derive(Default)]
pub(crate) struct Weighed {
    pub(crate) statuses: BTreeMap<usize, Status>,
    pub(crate) findings: Vec<Finding>,
}

/// Weighs what all artifacts hold.
pub(crate) fn weigh(manifest: &Manifest, held: &[Held<'_>]) -> Weighed {
    let mut weighed = Weighed::default();
    let twins = code_and_data(held);
    let mut uses = Uses::new();
    for used in manifest.stages().iter().flat_map(|stage| &stage.data) {
        uses.entry(used.artifact.as_str()).or_default().push(used);
    }
    for (nth, one) in held.iter().enumerate() {
        let id = one.artifact.id.as_str();
        let reason = hollow(one)
            .or_else(|| twins.get(&nth).cloned())
            .or_else(|| too_many_tokens(&uses, one))
            .filter(|_| one.is_there());
        if let Some(reason) = reason {
            weighed.statuses.insert(nth, Status::Placeholder);
            weighed.findings.push(Finding::new(Code::ArtifactPlaceholder, reason).of(id));
        } else if let Some(reason) = elsewhere(one).filter(|_| one.is_there()) {
            weighed.statuses.insert(nth, Status::Partial);
            weighed.findings.push(Finding::new(Code::ArtifactUnchecked, reason).of(id));
        }
        weighed.findings.extend(noted(one).into_iter().map(|finding| finding.of(id)));
    }
    weighed.findings.extend(undeclared(manifest, held));
    weighed
}

// ver-71
fn hollow(one: &Held<'_>) -> Option<String> {
    let fact = one.of(Kind::Hollow).next()?;
    Some(
        match fact.value.as_ref().map_or("", |value| value.as_str()) {
            "empty" => "there is nothing in it",
            "readme-only" => "there is only a README in it",
            "license-only" => "there is only a licence text in it",
            "manifest-only" => "there is only a manifest in it",
            "url-list" => "there is only a list of addresses in it",
            _ => "there is only an empty index in it",
        }
        .to_owned(),
    )
}

// ver-72
fn elsewhere(one: &Held<'_>) -> Option<String> {
    let pointers: u64 = one.of(Kind::LfsPointers).filter_map(|fact| fact.count).map(|c| c.0).sum();
    let submodules = one.of(Kind::Submodule).count();
    match (pointers, submodules) {
        (0, 0) => None,
        (_, 0) => Some(format!("{pointers} of its files are Git LFS pointers, not the content")),
        (0, _) => Some(format!("{submodules} submodules, whose content lies elsewhere")),
        _ => Some(format!("{pointers} Git LFS pointers and {submodules} submodules in it")),
    }
}

/// The same content as code and as data: it is neither (`ver-73`).
fn code_and_data(held: &[Held<'_>]) -> BTreeMap<usize, String> {
    let artifacts = held.iter().map(|one| (one.artifact, &one.digests));
    let text =
        |other| format!("the same content is said to be code and data, here and as `{other}`");
    let told = |(nth, other): (usize, usize)| match nth == other {
        true => (nth, "it is said to be code and data".to_owned()),
        false => (nth, text(&held[other].artifact.id)),
    };
    twins::code_and_data(artifacts).into_iter().map(told).collect()
}

/// The uses of each artifact as data, by its id.
type Uses<'a> = HashMap<&'a str, Vec<&'a DataUse>>;

/// More tokens than its bytes can hold, where none of them is compressed (`ver-74`).
fn too_many_tokens(uses: &Uses<'_>, one: &Held<'_>) -> Option<String> {
    let of_this = uses.get(one.artifact.id.as_str())?;
    if one.of(Kind::Compressed).next().is_some() {
        return None;
    }
    let bytes = one.seen.iter().filter_map(|seen| seen.size).map(|size| size.0).max()?;
    #[allow(clippy::cast_precision_loss, reason = "compared with a number that is rounded, too")]
    let too_many = of_this.iter().filter_map(|used| {
        let tokens = used.tokens.as_ref()?.to_f64();
        let epochs = used.epochs.as_ref().map_or(1.0, |epochs| epochs.to_f64().max(1.0));
        (tokens > bytes as f64 * epochs).then_some(tokens)
    });
    let tokens = too_many.reduce(f64::max)?;
    Some(format!("{tokens:.0} tokens are said to be read from {bytes} bytes"))
}

/// What somebody should know, and that changes no status (`ver-75`, `ver-76`).
fn noted(one: &Held<'_>) -> Vec<Finding> {
    let value = |fact: &ContentFact| fact.value.as_ref().map(ToString::to_string);
    let mut findings = Vec::new();
    if let Some(commit) = one.of(Kind::CommitUnreachable).find_map(value) {
        let text = format!("no branch and no tag of the repository leads to commit {commit}");
        findings.push(Finding::new(Code::CommitUnreachable, text));
    } else if let Some(commit) = one.of(Kind::CommitUnplaced).find_map(value) {
        let text = format!("whether a branch or a tag leads to commit {commit} is not known");
        let note = Finding::new(Code::CommitUnreachable, text).weighing(Severity::Note);
        findings.push(note);
    }
    for (kind, code) in [
        (Kind::HeaderFault, Code::ContentMalformed),
        (Kind::ShapeMismatch, Code::ContentMalformed),
        (Kind::PickleUnread, Code::ContentMalformed),
        (Kind::PickleImport, Code::PickleCode),
    ] {
        let mut facts: Vec<_> = one.of(kind).collect();
        facts.sort();
        facts.dedup();
        for fact in facts.iter().take(TOLD) {
            let text = value(fact).unwrap_or_default();
            let path = fact.path.as_ref().map_or("", |path| path.as_str());
            findings.push(Finding::new(code, text).at(path));
        }
        if let Some(more) = facts.len().checked_sub(TOLD).filter(|more| *more > 0) {
            findings.push(Finding::new(code, format!("and {more} more")));
        }
    }
    findings
}

/// Models, data sets and tokenizers that a card or a configuration names, and the manifest does not
/// (`ver-77`).
fn undeclared(manifest: &Manifest, held: &[Held<'_>]) -> Vec<Finding> {
    let mut named: BTreeMap<(&str, String), (&str, String)> = BTreeMap::new();
    // What is no code speaks first.
    let (code, others): (Vec<_>, Vec<_>) = held.iter().partition(|one| one.is_code());
    for one in others.into_iter().chain(code) {
        for fact in one.facts() {
            let what = match fact.kind {
                Kind::NamesBaseModel => "a base model",
                Kind::NamesDataset => "a data set",
                Kind::NamesTokenizer => "a tokenizer",
                _ => continue,
            };
            let (Some(value), Some(path)) = (&fact.value, &fact.path) else { continue };
            let place = (one.artifact.id.as_str(), path.to_string());
            named.entry((what, value.to_string())).or_insert(place);
        }
    }
    if named.is_empty() {
        return Vec::new();
    }
    let listed = Names::of(manifest);
    let missing = named.into_iter().filter(|((_, name), _)| !listed.has(name));
    // A repository of code has settings for other models, too.
    let code: HashSet<&str> =
        held.iter().filter(|one| one.is_code()).map(|one| one.artifact.id.as_str()).collect();
    let finding = |((what, name), (id, path)): ((&str, String), (&str, String))| {
        let text = format!("it names `{name}` as {what}, which the manifest does not list");
        let finding = Finding::new(Code::SourceUndeclared, text).of(id).at(path);
        if code.contains(id) { finding.weighing(Severity::Note) } else { finding }
    };
    missing.map(finding).collect()
}
