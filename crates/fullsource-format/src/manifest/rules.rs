//! The semantic rules of a manifest: what no schema can say.
//!
//! Spec: `spec/v0.1/manifest.md`, rules from `man-10`.

mod again;

use std::collections::{HashMap, HashSet};

use super::{Artifact, Availability, NotApplicable, Stage, wire};
use crate::json::push_pointer;
use crate::limits;
use crate::release_dir;
use crate::role::MAY_BE_NOT_APPLICABLE;
use crate::text::Id;
use crate::violation::{Fault, Violation};

/// All broken rules, in document order.
pub(super) fn violations(manifest: &wire::Manifest) -> Vec<Violation> {
    let mut found = Found::default();
    found.count("artifacts", manifest.artifacts.len(), limits::ARTIFACTS);
    found.count("stages", manifest.stages.len(), limits::STAGES);
    if !found.0.is_empty() {
        return found.0;
    }
    // man-21
    if !manifest.files.is_empty() && manifest.tree.as_ref().is_some_and(|t| t.index.is_some()) {
        found.push(&["files"], Fault::IndexConflict);
    }
    index_names(&mut found, manifest);
    let artifacts = Artifacts::of(&mut found, manifest);
    for (index, artifact) in manifest.artifacts.iter().enumerate() {
        artifact_rules(&mut found, &artifacts, index, artifact);
    }
    let mut stages = HashSet::new();
    let mut made_by = HashMap::new();
    for (index, stage) in manifest.stages.iter().enumerate() {
        let at = index.to_string();
        if !stages.insert(&stage.id) {
            found.push(&["stages", &at, "id"], Fault::IdDuplicate(stage.id.clone()));
        }
        stage_references(&mut found, &artifacts, &at, stage);
        outputs_once(&mut found, &mut made_by, &at, stage);
        no_data(&mut found, &artifacts, &at, stage);
        again::rules(&mut found, &artifacts, &at, stage);
    }
    for (index, entry) in manifest.not_applicable.iter().enumerate() {
        not_applicable(&mut found, &stages, index, entry);
    }
    found.0
}

// man-23
fn index_names(found: &mut Found, manifest: &wire::Manifest) {
    let release = manifest.tree.as_ref().and_then(|tree| tree.index.as_ref());
    if release.is_some_and(|index| index.name.as_str() != release_dir::FILE_INDEX) {
        let fault = Fault::IndexName(release_dir::FILE_INDEX.to_owned());
        found.push(&["tree", "index", "name"], fault);
    }
    for (nth, artifact) in manifest.artifacts.iter().enumerate() {
        let name = format!("{}{}", artifact.id, release_dir::INDEX_ENDING);
        // The release's own index has that name (man-23).
        let taken = name == release_dir::FILE_INDEX;
        if artifact.index.as_ref().is_some_and(|index| taken || index.name.as_str() != name) {
            let path = ["artifacts", &nth.to_string(), "index", "name"];
            found.push(&path, Fault::IndexName(name));
        }
    }
}

#[derive(Default)]
struct Found(Vec<Violation>);

impl Found {
    fn push(&mut self, path: &[&str], fault: Fault) {
        let mut pointer = String::new();
        path.iter().for_each(|part| push_pointer(&mut pointer, part));
        self.0.push(Violation { pointer, fault });
    }

    fn count(&mut self, what: &'static str, found: usize, limit: usize) {
        if found > limit {
            self.push(&[what], Fault::LimitExceeded { what, found, limit });
        }
    }
}

/// The artifacts by id.
struct Artifacts<'m>(HashMap<&'m Id, &'m Artifact>);

impl<'m> Artifacts<'m> {
    fn of(found: &mut Found, manifest: &'m wire::Manifest) -> Self {
        let mut by_id = HashMap::with_capacity(manifest.artifacts.len());
        for (index, artifact) in manifest.artifacts.iter().enumerate() {
            if by_id.insert(&artifact.id, artifact).is_some() {
                let fault = Fault::IdDuplicate(artifact.id.clone());
                found.push(&["artifacts", &index.to_string(), "id"], fault);
            }
        }
        Self(by_id)
    }

    /// Notes each id of a list that no artifact has.
    fn resolve(&self, found: &mut Found, path: &[&str], ids: &[Id]) {
        for (index, id) in ids.iter().enumerate() {
            self.resolve_one(found, &[path, &[&index.to_string()]].concat(), id);
        }
    }

    fn resolve_one(&self, found: &mut Found, path: &[&str], id: &Id) {
        if !self.0.contains_key(id) {
            found.push(path, Fault::ReferenceUnknown { kind: "artifact", id: id.clone() });
        }
    }
}

// man-11, man-12, man-13
fn artifact_rules(found: &mut Found, artifacts: &Artifacts, index: usize, artifact: &Artifact) {
    let at = index.to_string();
    let lists = [
        ("collectedBy", &artifact.collected_by),
        ("generatedBy", &artifact.generated_by),
        ("derivedFrom", &artifact.derived_from),
        ("documentedBy", &artifact.documented_by),
    ];
    for (field, ids) in lists {
        artifacts.resolve(found, &["artifacts", &at, field], ids);
    }
    if let Some(human) = &artifact.human_authored {
        let path = ["artifacts", &at, "humanAuthored", "guidelines"];
        artifacts.resolve(found, &path, &human.guidelines);
    }
    for (nth, file) in artifact.license_files.iter().enumerate() {
        if let super::LicenseFile::Artifact { artifact: id } = file {
            let path = ["artifacts", &at, "licenseFiles", &nth.to_string(), "artifact"];
            artifacts.resolve_one(found, &path, id);
        }
    }
    if artifact.availability == Availability::Withheld {
        let sources = [
            ("files", !artifact.files.is_empty()),
            ("locators", !artifact.locators.is_empty()),
            ("digest", artifact.digest.is_some()),
            ("index", artifact.index.is_some()),
        ];
        for (field, _) in sources.into_iter().filter(|(_, present)| *present) {
            found.push(&["artifacts", &at, field], Fault::WithheldHasSource(field));
        }
    }
    let needs_reason =
        matches!(artifact.availability, Availability::Withheld | Availability::RecipeOnly);
    if needs_reason && artifact.reason.is_none() {
        found.push(&["artifacts", &at, "availability"], Fault::ReasonMissing);
    }
}

// man-11
fn stage_references(found: &mut Found, artifacts: &Artifacts, at: &str, stage: &Stage) {
    let lists = [
        ("code", &stage.code),
        ("config", &stage.config),
        ("environment", &stage.environment),
        ("outputs", &stage.outputs),
    ];
    for (field, ids) in lists {
        artifacts.resolve(found, &["stages", at, field], ids);
    }
    for (index, data) in stage.data.iter().enumerate() {
        artifacts.resolve_one(found, &["stages", at, "data", &index.to_string()], &data.artifact);
    }
    for (index, model) in stage.models.iter().enumerate() {
        let path = ["stages", at, "models", &index.to_string(), "artifact"];
        artifacts.resolve_one(found, &path, &model.artifact);
    }
}

// man-14
fn outputs_once<'m>(
    found: &mut Found,
    made_by: &mut HashMap<&'m Id, &'m Id>,
    at: &str,
    stage: &'m Stage,
) {
    for (index, output) in stage.outputs.iter().enumerate() {
        if let Some(first) = made_by.insert(output, &stage.id) {
            let fault = Fault::OutputTwice { artifact: output.clone(), stage: first.clone() };
            found.push(&["stages", at, "outputs", &index.to_string()], fault);
        }
    }
}

// man-15
fn no_data(found: &mut Found, artifacts: &Artifacts, at: &str, stage: &Stage) {
    if stage.no_data.is_none() {
        return;
    }
    let simulator = |id: &Id| {
        artifacts.0.get(id).is_some_and(|a| a.roles.iter().any(|r| r.as_str() == "code.simulator"))
    };
    let reason = if !stage.data.is_empty() {
        "`noData` and `data` exclude each other"
    } else if stage.kind.is_transform() {
        return;
    } else if stage.kind.as_str() != "rl" {
        "`noData` is for kinds rl, merge, quantize, prune and convert; list the data, withheld or not"
    } else if !stage.code.iter().any(simulator) {
        "an rl stage without data needs a `code.simulator` among its `code`"
    } else {
        return;
    };
    found.push(&["stages", at, "noData"], Fault::NoDataInvalid(reason));
}

// man-17, man-20
fn not_applicable(found: &mut Found, stages: &HashSet<&Id>, index: usize, entry: &NotApplicable) {
    let at = index.to_string();
    if !MAY_BE_NOT_APPLICABLE.contains(&entry.role.as_str()) {
        let fault = Fault::NotApplicableRole(entry.role.to_string());
        found.push(&["notApplicable", &at, "role"], fault);
    }
    if let Some(id) = entry.stage.as_ref().filter(|id| !stages.contains(id)) {
        let fault = Fault::ReferenceUnknown { kind: "stage", id: id.clone() };
        found.push(&["notApplicable", &at, "stage"], fault);
    }
}

/// A cycle over outputs → models of the stages, found depth first without recursion, each model of
/// each stage looked at once.
pub(super) fn cycle(manifest: &wire::Manifest) -> Option<Vec<Id>> {
    let mut maker = HashMap::new();
    for (nth, stage) in manifest.stages.iter().enumerate() {
        maker.extend(stage.outputs.iter().map(|output| (output, nth)));
    }
    let mut finished = HashSet::new();
    for start in 0..manifest.stages.len() {
        if finished.contains(&start) {
            continue;
        }
        // The stages on the way, each with what it makes for the one before, and its next model.
        let mut path = vec![(start, manifest.stages[start].outputs.first(), 0)];
        let mut on_path = HashSet::from([start]);
        while let Some((nth, _, next)) = path.last_mut() {
            let model = manifest.stages[*nth].models.get(*next).map(|model| &model.artifact);
            *next += 1;
            match model.map(|model| (model, maker.get(model))) {
                None => {
                    on_path.remove(nth);
                    finished.insert(*nth);
                    path.pop();
                }
                Some((model, Some(parent))) if on_path.contains(parent) => {
                    let from = path.iter().position(|(nth, ..)| nth == parent)?;
                    let between = path[from + 1..].iter().filter_map(|(_, made, _)| *made);
                    return Some(std::iter::once(model).chain(between).cloned().collect());
                }
                Some((model, Some(parent))) if !finished.contains(parent) => {
                    on_path.insert(*parent);
                    path.push((*parent, Some(model), 0));
                }
                Some(_) => {}
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn manifest(stages: &[Value]) -> wire::Manifest {
        let release = json!({ "name": "m", "version": "1", "producer": { "name": "p" } });
        let document = json!({ "release": release, "artifacts": [], "stages": stages });
        serde_json::from_value(document).unwrap()
    }

    fn stage(id: &str, models: &[&str], outputs: &[&str]) -> Value {
        let models: Vec<Value> =
            models.iter().map(|model| json!({ "artifact": model, "use": "init" })).collect();
        json!({ "id": id, "kind": "merge", "models": models, "outputs": outputs })
    }

    fn cycle_of(stages: &[Value]) -> Option<Vec<String>> {
        let ids = cycle(&manifest(stages))?;
        Some(ids.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_cycle_is_told_by_the_models_on_it() {
        assert_eq!(cycle_of(&[stage("s", &["a"], &["a"])]), Some(vec!["a".to_owned()]));
        assert_eq!(cycle_of(&[stage("s", &["b"], &["a", "b"])]), Some(vec!["b".to_owned()]));
        let three = [
            stage("start", &["a"], &["x"]),
            stage("one", &["given", "c"], &["a"]),
            stage("two", &["a"], &["b"]),
            stage("three", &["b", "b"], &["c"]),
        ];
        assert_eq!(cycle_of(&three).unwrap(), ["a", "c", "b"]);
        assert_eq!(cycle_of(&three[..3]), None);
        let diamond = [
            stage("s", &["a", "b"], &["x"]),
            stage("t", &["c"], &["a"]),
            stage("u", &["c"], &["b"]),
            stage("v", &[], &["c"]),
        ];
        assert_eq!(cycle_of(&diamond), None);
    }

    #[test]
    fn many_models_and_many_outputs_of_one_stage_are_not_multiplied() {
        // For each output once more this would be 1,600,000,000 models.
        let outputs: Vec<String> = (0..40_000).map(|n| format!("o{n}")).collect();
        let outputs: Vec<&str> = outputs.iter().map(String::as_str).collect();
        assert_eq!(cycle_of(&[stage("s", &vec!["given"; 40_000], &outputs)]), None);
    }
}
