//! The one stage that files can give evidence of: the last one.

use fullsource_collect::read::model_card::ModelCard;
use fullsource_format::manifest::{DataUse, ModelUse, Stage, StageKind, Use, wire};
use fullsource_format::text::Id;

use super::role::Part;

/// What a stage is drafted from.
pub(super) struct Material<'a> {
    pub(super) parts: &'a [Part],
    pub(super) bases: Vec<Id>,
    pub(super) teachers: Vec<Id>,
    pub(super) data: Vec<Id>,
    pub(super) calibration: Vec<Id>,
    /// The kind that the files show.
    pub(super) files_say: Option<&'static str>,
    /// Whether a configuration says that the weights are quantised.
    pub(super) config_quantized: bool,
    pub(super) card: Option<&'a ModelCard>,
}

/// What kind of stage it was, and what had to be assumed.
struct Kind {
    name: &'static str,
    assumed: Option<String>,
}

impl Material<'_> {
    /// The stage, where something shows that there was one.
    pub(super) fn stage(&self, assumed: &mut Vec<String>) -> Option<Stage> {
        let outputs = self.outputs();
        if outputs.is_empty() {
            return None;
        }
        let kind = self.kind()?;
        assumed.extend(kind.assumed);
        let transform = is_transform(kind.name);
        let code = match transform {
            true => self.ids(&["code.transform"]),
            false => self.ids(&["code.training", "code.preprocessing"]),
        };
        let config = if transform { "config.transform" } else { "config.training" };
        let data = match kind.name {
            "quantize" => &self.calibration,
            _ if transform => &Vec::new(),
            _ => &self.data,
        };
        let init = self.bases.iter().map(|id| (id, Use::Init));
        let online = self.teachers.iter().map(|id| (id, Use::Online));
        let model = |(id, usage): (&Id, Use)| ModelUse { artifact: id.clone(), usage };
        let used = |id: &Id| DataUse { artifact: id.clone(), tokens: None, epochs: None };
        Some(Stage {
            code,
            config: self.ids(&[config]),
            environment: self.ids(&["env.lock", "env.container", "env.toolchain", "env.system"]),
            data: data.iter().map(used).collect(),
            models: init.chain(online).map(model).collect(),
            ..bare(kind.name.parse().ok()?, kind.name.parse().ok()?, outputs)
        })
    }

    /// The weights in the form that stands first; another form may have been converted from it.
    fn outputs(&self) -> Vec<Id> {
        let mut weights = self.parts.iter().filter(|part| part.has("weights.final")).peekable();
        let form = weights.peek().map(|part| part.form());
        let same = weights.filter(|part| Some(part.form()) == form);
        same.filter_map(|part| part.id.parse().ok()).collect()
    }

    fn ids(&self, roles: &[&str]) -> Vec<Id> {
        let named = self.parts.iter().filter(|part| roles.iter().any(|role| part.has(role)));
        named.filter_map(|part| part.id.parse().ok()).collect()
    }

    /// An adapter's files are beyond doubt; then the card speaks, then other files.
    fn kind(&self) -> Option<Kind> {
        let known = |name| Some(Kind { name, assumed: None });
        let relation = self.card.and_then(|card| card.base_model_relation.as_deref());
        let merged = self.card.is_some_and(|card| {
            card.tags.iter().any(|tag| matches!(tag.as_str(), "merge" | "mergekit"))
        });
        match (self.of_files(), relation) {
            (Some("adapter"), _) | (None, Some("adapter")) => known("adapter"),
            (_, Some("quantized")) => known("quantize"),
            (_, Some("merge")) => known("merge"),
            (_, Some("finetune")) => self.training("the card says `finetune`"),
            (None, _) if merged && self.bases.len() > 1 => known("merge"),
            (Some(name), _) => known(name),
            (None, _) if !self.bases.is_empty() => self.training("a base model is named"),
            (None, _) if !self.data.is_empty() => self.training("data sets are named"),
            (None, _) if !self.ids(&["code.training", "config.training"]).is_empty() => {
                self.training("code or settings of a training are here")
            }
            (None, _) => None,
        }
    }

    /// GGUF files beside other forms of weights say nothing about how those were made.
    fn of_files(&self) -> Option<&'static str> {
        let kind = self.files_say?;
        let first = self.parts.iter().find(|part| part.has("weights.final"))?;
        let converted = matches!(kind, "quantize" | "convert");
        (!converted || self.config_quantized || first.form() == "gguf").then_some(kind)
    }

    fn training(&self, why: &str) -> Option<Kind> {
        let assumed = format!(
            "{why}: the stage `train` is drafted; if it was `pretrain`, `sft`, `preference`, `rl` or \
             `distill`, say so in its `kind`"
        );
        Some(Kind { name: "train", assumed: Some(assumed) })
    }
}

/// A stage of which nothing is said but what it made.
fn bare(id: Id, kind: StageKind, outputs: Vec<Id>) -> Stage {
    Stage {
        id,
        kind,
        code: Vec::new(),
        config: Vec::new(),
        environment: Vec::new(),
        data: Vec::new(),
        no_data: None,
        models: Vec::new(),
        outputs,
        init: None,
        compute: None,
        command: Vec::new(),
        runtime: None,
        segments: Vec::new(),
        compare: None,
    }
}

/// Gives the stage that is drafted this kind, or drafts one that made the weights.
pub(super) fn said(manifest: &mut wire::Manifest, kind: &StageKind) {
    let Ok(id) = kind.as_str().parse::<Id>() else { return };
    if let Some(stage) = manifest.stages.first_mut() {
        (stage.id, stage.kind) = (id, kind.clone());
        return;
    }
    let weights =
        manifest.artifacts.iter().filter(|a| a.roles.iter().any(|r| r == "weights.final"));
    let outputs: Vec<Id> = weights.map(|artifact| artifact.id.clone()).collect();
    if !outputs.is_empty() {
        manifest.stages.push(bare(id, kind.clone(), outputs));
    }
}

/// Whether a stage of this kind learns nothing from data.
pub(super) fn is_transform(kind: &str) -> bool {
    matches!(kind, "merge" | "quantize" | "prune" | "convert")
}

#[cfg(test)]
mod tests {
    use super::*;
    use fullsource_collect::read::role_guess::Certainty;

    fn part(role: &'static str, file: &str) -> Part {
        let id = role.replace('.', "-");
        let files = vec![file.parse().unwrap()];
        Part { id, roles: vec![role], files, certainty: Certainty::Name }
    }

    fn kind(parts: &[Part], bases: usize, files_say: Option<&'static str>, card: &str) -> String {
        let card = ModelCard::parse(format!("---\n{card}\n---\n").as_bytes()).unwrap().unwrap();
        let material = Material {
            parts,
            bases: (0..bases).map(|n| format!("base-{n}").parse().unwrap()).collect(),
            teachers: Vec::new(),
            data: Vec::new(),
            calibration: Vec::new(),
            files_say,
            config_quantized: false,
            card: Some(&card),
        };
        let stage = material.stage(&mut Vec::new());
        stage.map_or("none".to_owned(), |stage| stage.kind.to_string())
    }

    #[test]
    fn a_stage_needs_evidence() {
        let weights = [part("weights.final", "model.safetensors")];
        let gguf = [part("weights.final", "model.gguf")];
        let trained = [part("weights.final", "m.bin"), part("code.training", "train.py")];
        assert_eq!(kind(&weights, 0, None, "a: 1"), "none");
        assert_eq!(kind(&weights, 1, None, "a: 1"), "train");
        assert_eq!(kind(&trained, 0, None, "a: 1"), "train");
        assert_eq!(kind(&trained[1..], 1, None, "a: 1"), "none");
        assert_eq!(kind(&weights, 1, None, "base_model_relation: quantized"), "quantize");
        assert_eq!(kind(&weights, 1, Some("adapter"), "base_model_relation: finetune"), "adapter");
        assert_eq!(kind(&weights, 2, None, "tags: [mergekit]"), "merge");
        assert_eq!(kind(&gguf, 1, Some("quantize"), "a: 1"), "quantize");
        assert_eq!(kind(&weights, 1, Some("quantize"), "a: 1"), "train");
    }
}
