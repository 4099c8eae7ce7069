//! What a draft lacks for each rung, in words that a releaser can act on.

use std::collections::BTreeSet;

use fullsource_format::manifest::{Artifact, Manifest, Stage, Use};

use super::seen::Seen;
use super::source::Part;
use super::stage::is_transform;

/// Names that are told in one line; the rest are counted.
const NAMES: usize = 3;

/// What is missing, by what it is for.
#[derive(Default)]
pub(super) struct Missing {
    /// Before anything else.
    pub(super) first: Vec<String>,
    /// Weights, recipe, source, origin.
    pub(super) rungs: [Vec<String>; 4],
}

/// The rungs, as they are called.
pub(super) const RUNGS: [&str; 4] = ["weights", "recipe", "source", "origin"];

/// Looks for what each rung needs.
pub(super) fn missing(manifest: &Manifest, seen: &Seen, lacking: &[String]) -> Missing {
    let draft = Drafted { manifest, seen };
    let producer = &manifest.release().producer;
    let mut first = Vec::new();
    if producer.name.as_str() == super::UNKNOWN_PRODUCER {
        first.push("who releases this: `release.producer.name`, or `--producer-name`".to_owned());
    }
    if producer.uri.is_none() {
        first.push(
            "the producer's identity, by which trust files know them: `release.producer.uri`, or \
             `--producer-uri`"
                .to_owned(),
        );
    }
    let mut weights = draft.weights();
    weights.extend(lacking.iter().take(NAMES).map(|reason| format!("a licence: {reason}")));
    Missing { first, rungs: [weights, draft.recipe(), draft.source(), draft.origin()] }
}

struct Drafted<'a> {
    manifest: &'a Manifest,
    seen: &'a Seen,
}

impl Drafted<'_> {
    fn with(&self, role: &str) -> Vec<&Artifact> {
        let has = |artifact: &&Artifact| artifact.roles.iter().any(|r| r.as_str() == role);
        self.manifest.artifacts().iter().filter(has).collect()
    }

    fn has(&self, role: &str) -> bool {
        !self.with(role).is_empty()
    }

    fn data(&self) -> Vec<&Artifact> {
        let is_data = |artifact: &&Artifact| {
            artifact.roles.iter().any(|role| {
                role.as_str().starts_with("data.") && role.as_str() != "data.evaluation"
            })
        };
        self.manifest.artifacts().iter().filter(is_data).collect()
    }

    /// Parents that are in the model.
    fn bases(&self) -> Vec<&Artifact> {
        let used = self.manifest.stages().iter().flat_map(|stage| &stage.models);
        let init = used.filter(|model| model.usage == Use::Init).map(|model| &model.artifact);
        let ids: BTreeSet<_> = init.collect();
        let bases = self.manifest.artifacts().iter();
        bases.filter(|a| ids.contains(&a.id) || a.roles.iter().any(|r| r == "model.base")).collect()
    }

    fn weights(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let weights = self.with("weights.final");
        if weights.is_empty() {
            lines.push("weights: no file here is known as such; give them `weights.final`".into());
        }
        let unlicensed: Vec<_> = weights.iter().filter(|a| a.license.is_none()).copied().collect();
        if !unlicensed.is_empty() {
            let ids = listed(&unlicensed);
            lines.push(format!(
                "the licence of the weights: `license` of {ids}, an SPDX expression"
            ));
        }
        for (role, what) in [("config.model", "settings"), ("tokenizer.model", "tokenizer")] {
            let adapter = self.manifest.stages().iter().any(|s| s.kind.as_str() == "adapter");
            if !self.has(role) && !adapter {
                lines.push(format!(
                    "the model's {what}: an artifact with the role `{role}`{}, or an entry in \
                     `notApplicable` with the reason",
                    self.named_tokenizer(role)
                ));
            }
        }
        lines.extend(self.code());
        let unpinned: Vec<_> = self.bases().into_iter().filter(unplaced).collect();
        if !unpinned.is_empty() {
            lines.push(format!(
                "the base model by its bytes, not by name alone: {} with a locator such as \
                 `hf:models/{name}@COMMIT` and a `digest`; `fullsource add model.base \
                 hf:models/{name} --dry-run` prints what to write there",
                listed(&unpinned),
                name = example(&unpinned)
            ));
        }
        lines
    }

    fn named_tokenizer(&self, role: &str) -> String {
        let mut named = self.seen.sources.of(Part::Tokenizer).filter(|_| role == "tokenizer.model");
        named.next().map_or_else(String::new, |source| format!(" (`{}` is named)", source.name))
    }

    fn code(&self) -> Option<String> {
        let adapter = self.manifest.stages().iter().any(|s| s.kind.as_str() == "adapter");
        if adapter || self.has("code.inference") || self.has("code.architecture") {
            return None;
        }
        let library = self.seen.card.as_ref().and_then(|(_, card)| card.library_name.as_deref());
        let model = || self.seen.facts.configs.values().find_map(|c| c.model_type.as_deref());
        let hint = match library {
            Some(library) => format!(" (the card says `{library}`)"),
            None => model().map_or_else(String::new, |m| format!(" (of the model type `{m}`)")),
        };
        Some(format!(
            "the code that runs the model{hint}: an artifact with the role `code.inference` or \
             `code.architecture`, with files or a locator such as `git+https://HOST/REPO@COMMIT`"
        ))
    }

    fn recipe(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let made: BTreeSet<_> =
            self.manifest.stages().iter().flat_map(|stage| &stage.outputs).collect();
        let weights = self.with("weights.final");
        let unmade: Vec<_> = weights.into_iter().filter(|a| !made.contains(&a.id)).collect();
        if !unmade.is_empty() {
            let ids = listed(&unmade);
            lines.push(format!(
                "how {ids} came about: an entry in `stages` with it in `outputs`; `--stage KIND` drafts \
                 one"
            ));
        }
        for stage in self.manifest.stages() {
            lines.extend(self.stage(stage));
        }
        let data = self.data();
        let trains = self.manifest.stages().iter().any(|s| !is_transform(s.kind.as_str()));
        if trains && !data.is_empty() && !self.has("doc.data-information") {
            lines.push(
                "what is in the data: an artifact with the role `doc.data-information`, in \
                 `documentedBy` of each data set"
                    .to_owned(),
            );
        }
        lines.extend(self.of_parents());
        lines.push(
            "your word that every stage, data set and parent model is listed: `closure`, once they \
             are, as `complete`"
                .to_owned(),
        );
        lines
    }

    /// What a stage lacks.
    fn stage(&self, stage: &Stage) -> Vec<String> {
        let mut lines = Vec::new();
        let transform = is_transform(stage.kind.as_str());
        let id = &stage.id;
        if stage.models.is_empty() && stage.init.is_none() {
            let start = match transform {
                true => "`models` (the model that went in)",
                false => {
                    "`models` (a base model), or from nothing `\"init\": { \"prng\": NAME, \"seed\": NUMBER }`"
                }
            };
            lines.push(format!("what the stage `{id}` started from: {start}"));
        }
        if transform {
            if !self.has("code.transform") && !self.has("config.transform") {
                lines.push(format!(
                    "what made it: the role `code.transform` or `config.transform`, in `code` or \
                     `config` of `{id}`"
                ));
            }
            return lines;
        }
        let needs = [
            ("code.training", "the training code", "code"),
            ("config.training", "its settings", "config"),
            ("code.preprocessing", "the code that prepared the data", "code"),
        ];
        for (role, what, field) in needs.into_iter().filter(|(role, ..)| !self.has(role)) {
            lines.push(format!(
                "{what}: an artifact with the role `{role}`, in `{field}` of `{id}`"
            ));
        }
        lines
    }

    fn source(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for stage in self.manifest.stages() {
            let transform = is_transform(stage.kind.as_str());
            if !transform && stage.data.is_empty() && stage.no_data.is_none() {
                let id = &stage.id;
                lines.push(format!(
                    "the data: artifacts such as `data.pretraining` or `data.sft`, in `data` of \
                     `{id}`"
                ));
            }
        }
        let data = self.data();
        let unpinned: Vec<_> = data.iter().copied().filter(unplaced).collect();
        if !unpinned.is_empty() {
            lines.push(format!(
                "the data sets by their bytes, not by name alone: {} with a locator such as \
                 `hf:datasets/{}@COMMIT`, a `digest` and a `license`, as `fullsource add ROLE PLACE \
                 --dry-run` prints them; what you do not publish takes `availability` `withheld` and a \
                 `reason`",
                listed(&unpinned),
                example(&unpinned)
            ));
        }
        if self.manifest.stages().is_empty() && data.is_empty() {
            lines.push("every data set that a stage read, by its bytes".to_owned());
        }
        lines
    }

    fn origin(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.has("env.lock") {
            lines.push(
                "what the code ran with: an artifact with the role `env.lock` (a lock file), in \
                 `environment` of the stage"
                    .to_owned(),
            );
        }
        lines.push(
            "where the data came from: `collectedBy` (code) or `humanAuthored` (guidelines), \
             `derivedFrom` and `contentRights` of each data set"
                .to_owned(),
        );
        lines
    }

    fn of_parents(&self) -> Option<String> {
        let bases = self.bases();
        let without: Vec<_> = bases.into_iter().filter(|base| base.statement.is_none()).collect();
        (!without.is_empty()).then(|| {
            format!(
                "the parent's own sources, for this rung and the next: a signed `statement` of {}",
                listed(&without)
            )
        })
    }
}

/// Whether an artifact is a name alone.
fn unplaced(artifact: &&Artifact) -> bool {
    artifact.files.is_empty() && artifact.locators.is_empty() && artifact.statement.is_none()
}

/// The name of the first, if it has the form of a hub's id.
fn example(artifacts: &[&Artifact]) -> String {
    let names = artifacts.iter().filter_map(|artifact| artifact.name.as_ref());
    let fits = |name: &&str| {
        name.matches('/').count() == 1
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
    };
    names.map(|name| name.as_str()).find(fits).unwrap_or("ORG/NAME").to_owned()
}

fn listed(artifacts: &[&Artifact]) -> String {
    let shown = artifacts.iter().take(NAMES).map(|artifact| format!("`{}`", artifact.id));
    let shown: Vec<_> = shown.collect();
    match artifacts.len().saturating_sub(NAMES) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
