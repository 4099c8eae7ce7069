//! The manifest that the files speak for.

use std::collections::BTreeSet;

use fullsource_collect::read::role_guess::{Certainty, RoleGuesses, guess_roles};
use fullsource_format::limits;
use fullsource_format::manifest::{
    self, Artifact, Availability, LicenseFile, Manifest, PinnedLocator, Producer, Stage, wire,
};
use fullsource_format::path::RelPath;
use fullsource_format::role::Role;
use fullsource_format::text::{Id, Name, Text};
use fullsource_format::violation::Violation;

use super::ask::Answers;
use super::license::Licenses;
use super::release::Release;
use super::role::{self, Part, slug};
use super::seen::Seen;
use super::source::{self, Source};
use super::stage::{self, Material, is_transform};

/// What the command line says of the release.
pub(super) struct Identity {
    pub(super) name: Name,
    pub(super) version: Option<Name>,
    pub(super) producer: Producer,
}

/// A manifest, and what there is to say about it.
pub(super) struct Draft {
    pub(super) manifest: Manifest,
    /// The artifacts of files.
    pub(super) parts: Vec<Part>,
    pub(super) licenses: Licenses,
    pub(super) assumed: Vec<String>,
    pub(super) problems: Vec<String>,
    /// Files of no artifact.
    pub(super) unplaced: Vec<RelPath>,
}

/// Drafts the manifest of a release.
pub(super) fn draft(
    identity: Identity,
    release: &Release,
    seen: &mut Seen,
) -> Result<Draft, Vec<Violation>> {
    let all = release.paths();
    let guesses = guess_roles(&all, &seen.facts);
    let licenses = Licenses::of(seen);
    let mut problems = std::mem::take(&mut seen.problems);
    problems.extend(missing_shards(&guesses));
    let (unplaced, files_say) = (guesses.unplaced.clone(), guesses.stage_kind);
    let (parts, mut assumed) = role::parts(guesses, seen);
    assumed.extend(by_name_alone(&parts));
    let tokenizer = parts.iter().any(|part| part.has("tokenizer.model"));
    assumed.extend(about_names(&identity, seen, tokenizer));
    let mut taken: BTreeSet<String> = parts.iter().map(|part| part.id.clone()).collect();
    let mut artifacts = of_files(&parts, &all, &licenses, seen, &mut assumed);
    let mut elsewhere = Elsewhere { seen, taken: &mut taken, artifacts: Vec::new() };
    let bases = elsewhere.add(source::Part::Base, "base", "model.base");
    let teachers = elsewhere.add(source::Part::Teacher, "teacher", "model.teacher");
    let calibration = elsewhere.add(source::Part::Calibration, "calibration", "data.calibration");
    let data_role = if bases.is_empty() { "data.pretraining" } else { "data.sft" };
    let data = elsewhere.add(source::Part::Data, "data", data_role);
    artifacts.extend(elsewhere.artifacts);
    let material = Material {
        parts: &parts,
        bases,
        teachers,
        data: data.clone(),
        calibration,
        files_say,
        config_quantized: seen.facts.configs.values().any(|config| config.quantization.is_some()),
        card: seen.card.as_ref().map(|(_, card)| card),
    };
    let stage = material.stage(&mut assumed);
    assumed.extend((!data.is_empty()).then(|| {
        let learns = stage.as_ref().is_some_and(|stage| !is_transform(stage.kind.as_str()));
        data_note(data_role, learns)
    }));
    let manifest = manifest_of(identity, artifacts, stage)?;
    Ok(Draft { manifest, parts, licenses, assumed, problems, unplaced })
}

impl Draft {
    /// The same, with what the releaser said: the licence of what has none, and the stage that made the
    /// weights.
    pub(super) fn with(mut self, answers: &Answers) -> Result<Self, Vec<Violation>> {
        let mut wire = self.manifest.as_wire().clone();
        if let Some(license) = &answers.license {
            let own = |artifact: &&mut Artifact| {
                let text = artifact.roles.iter().any(|role| role == "doc.license");
                !artifact.files.is_empty() && artifact.license.is_none() && !text
            };
            let mut count = 0;
            for artifact in wire.artifacts.iter_mut().filter(own) {
                artifact.license = Some(license.clone());
                count += 1;
            }
            if count > 0 {
                self.assumed.retain(|text| !text.contains("has no licence"));
                self.assumed
                    .push(format!("`{license}`, which you said, for all {count} without one"));
            }
        }
        if let Some(kind) = &answers.stage {
            stage::said(&mut wire, kind);
        }
        self.manifest = Manifest::try_from(wire)?;
        Ok(self)
    }
}

fn manifest_of(
    identity: Identity,
    artifacts: Vec<Artifact>,
    stage: Option<Stage>,
) -> Result<Manifest, Vec<Violation>> {
    Manifest::try_from(wire::Manifest {
        schema: Some(Text::clipped(manifest::SCHEMA_URI)),
        release: manifest::Release {
            name: identity.name,
            version: identity.version,
            uri: None,
            released_on: None,
            producer: identity.producer,
            supersedes: None,
        },
        files: Vec::new(),
        tree: None,
        closure: None,
        artifacts,
        stages: stage.into_iter().collect(),
        not_applicable: Vec::new(),
    })
}

/// Shards that are named and not there.
fn missing_shards(guesses: &RoleGuesses) -> Option<String> {
    let (index, shard) = guesses.missing_shards.first()?;
    let more = guesses.missing_shards.len() - 1;
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(format!(
        "`{index}` names the shard `{shard}`{more}, not there: put it there, `verify` fails without"
    ))
}

fn data_note(role: &str, learns: bool) -> String {
    let rest = match learns {
        true => "give each the role that it had (`data.preference`, `data.midtraining`, …)",
        false => {
            "they belong in the `data` of the stage that learnt from them, which is not drafted"
        }
    };
    format!("the data sets named get the role `{role}`: {rest}")
}

/// Roles that come from names which prove nothing.
fn by_name_alone(parts: &[Part]) -> Option<String> {
    let hints: Vec<&Part> = parts.iter().filter(|part| part.certainty == Certainty::Hint).collect();
    let shown = hints.iter().take(4).map(|part| format!("`{}` ({})", part.roles[0], part.files[0]));
    let shown: Vec<_> = shown.collect();
    let more = hints.len().saturating_sub(shown.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!hints.is_empty()).then(|| format!("roles by names alone: {}{more}", shown.join(", ")))
}

/// What is made of names, and which are not listed.
fn about_names(identity: &Identity, seen: &mut Seen, tokenizer: bool) -> Vec<String> {
    const TOLD: usize = 3;
    let own = seen.sources.without_itself(identity.name.as_str());
    let mut notes: Vec<String> = own
        .iter()
        .map(|Source { name, by, .. }| {
            format!("`{by}` names `{name}`, taken for this model itself, not for a base")
        })
        .collect();
    let sources = &seen.sources;
    let card = seen.card.as_ref().map(|(path, _)| path.as_str());
    let bases = sources.of(source::Part::Base).filter(|base| Some(base.by.as_str()) != card);
    notes.extend(bases.take(TOLD).map(|Source { name, by, .. }| {
        format!(
            "`{by}` names `{name}`: taken for a base model, whose parameters went into this one"
        )
    }));
    let paths = sources.distinct_machine_paths();
    notes.extend(paths.take(TOLD).map(|Source { name, by, .. }| {
        format!("`{by}` names the path `{name}`, which says nothing to others: it is not listed")
    }));
    let same = |name: &str| sources.of(source::Part::Base).any(|base| base.name == name);
    let others = sources.of(source::Part::Tokenizer).filter(|source| !same(&source.name));
    notes.extend(others.take(if tokenizer { TOLD } else { 0 }).map(|source| {
        let Source { name, by, .. } = source;
        format!("`{by}` names the tokenizer `{name}`: it is not listed, files here stand for it")
    }));
    if sources.cut {
        notes.push("more models and data sets are named than are listed".to_owned());
    }
    notes
}

/// The artifacts of files of this release.
fn of_files(
    parts: &[Part],
    all: &[RelPath],
    licenses: &Licenses,
    seen: &Seen,
    assumed: &mut Vec<String>,
) -> Vec<Artifact> {
    let gated = seen.card.as_ref().is_some_and(|(_, card)| !card.gated.is_empty());
    if gated {
        assumed
            .push("the card asks who downloads: files here are `gated`, not `public`".to_owned());
    }
    let texts = parts.iter().filter(|part| part.has("doc.license"));
    let texts: Vec<(&RelPath, &str)> =
        texts.flat_map(|part| part.files.iter().map(|file| (file, part.id.as_str()))).collect();
    let mut artifacts = Vec::new();
    for part in parts {
        let Some(mut artifact) = named(&part.id, &part.roles) else { continue };
        artifact.files = role::selectors(&part.files, all);
        if gated {
            artifact.availability = Availability::Gated;
        }
        if !part.has("doc.license") {
            match licenses.granted(&part.files) {
                Ok(granted) => {
                    let text = |path: &RelPath| texts.iter().find(|(file, _)| *file == path);
                    let ids = granted.texts.iter().filter_map(text);
                    let ids = ids.filter_map(|(_, id)| id.parse().ok());
                    artifact.license_files =
                        ids.map(|artifact| LicenseFile::Artifact { artifact }).collect();
                    artifact.license = granted.license;
                }
                Err(reason) => assumed.push(format!("`{}` has no licence: {reason}", part.id)),
            }
        }
        artifacts.push(artifact);
    }
    artifacts
}

/// Artifacts that lie elsewhere and are known by name.
struct Elsewhere<'a> {
    seen: &'a Seen,
    taken: &'a mut BTreeSet<String>,
    artifacts: Vec<Artifact>,
}

impl Elsewhere<'_> {
    /// Adds those of one kind and gives their ids.
    fn add(&mut self, part: source::Part, word: &str, role: &str) -> Vec<Id> {
        let mut ids = Vec::new();
        for source in self.seen.sources.of(part) {
            let base = slug(word, &source.name);
            let (mut id, mut number) = (base.clone(), 1);
            while !self.taken.insert(id.clone()) {
                number += 1;
                id = format!("{base}-{number}");
            }
            let Some(mut artifact) = named(&id, &[role]) else { continue };
            artifact.name = Some(Name::clipped(&source.name));
            ids.push(artifact.id.clone());
            self.artifacts.push(artifact);
        }
        ids
    }
}

/// An artifact of an id and roles, with nothing else said.
fn named(id: &str, roles: &[&str]) -> Option<Artifact> {
    let roles: Vec<Role> = roles.iter().filter_map(|role| role.parse().ok()).collect();
    Some(Artifact {
        id: id.parse().ok()?,
        name: None,
        roles,
        files: Vec::new(),
        locators: Vec::<PinnedLocator>::new(),
        digest: None,
        size: None,
        index: None,
        license: None,
        license_files: Vec::new(),
        availability: Availability::Public,
        reason: None,
        collected_by: Vec::new(),
        generated_by: Vec::new(),
        derived_from: Vec::new(),
        documented_by: Vec::new(),
        human_authored: None,
        content_rights: None,
        statement: None,
        output_terms: None,
    })
}

/// The manifest as its file: `$schema` first, two spaces a level. None where it is larger than a
/// manifest may be.
pub(super) fn document(manifest: &Manifest) -> Result<Option<Vec<u8>>, serde_json::Error> {
    let mut bytes = serde_json::to_vec_pretty(manifest.as_wire())?;
    bytes.push(b'\n');
    Ok((bytes.len() <= limits::DOCUMENT_BYTES).then_some(bytes))
}
