//! Whether the models that a stage is said to start from can be the ones that its outputs were made
//! from: by the shapes of the matrices in their layers, which tuning leaves as they are.
//!
//! Spec: `spec/v0.1/classification.md`, rule `cls-58`.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use fullsource_format::evidence::{ContentFact, ContentFactKind, NameAndShape};
use fullsource_format::manifest::{Artifact, Manifest, Stage, Use};
use fullsource_format::text::Id;

/// The shapes of the matrices in a model's layers, by their names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layers(BTreeMap<String, BTreeSet<[u64; 2]>>);

/// A stage whose output has other layers than every model that it is said to start from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FalseStart {
    /// The stage, by its place in the manifest.
    pub stage: usize,
    /// Its output.
    pub output: Id,
    /// The models.
    pub models: Vec<Id>,
    /// A matrix in which the output differs from the first of them.
    pub matrix: String,
}

impl std::fmt::Display for FalseStart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let models: Vec<_> = self.models.iter().map(Id::as_str).collect();
        let Self { output, matrix, .. } = self;
        let models = models.join("`, `");
        write!(f, "`{output}` cannot have been made from `{models}`: `{matrix}` has another shape")
    }
}

impl Layers {
    /// From the facts of what speaks of a model.
    pub fn of<'f>(facts: impl Iterator<Item = &'f ContentFact>) -> Self {
        let mut layers: BTreeMap<String, BTreeSet<[u64; 2]>> = BTreeMap::new();
        let told = facts.filter(|fact| fact.kind == ContentFactKind::TensorShape);
        for NameAndShape { name, shape } in
            told.filter_map(|fact| NameAndShape::parse(fact.value.as_ref()?.as_str()))
        {
            layers.entry(name.to_owned()).or_default().insert(shape);
        }
        Self(layers)
    }

    /// Whether nothing is known of them.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A matrix of both, no shape of which in the one can be a shape of it in the other.
    fn unlike(&self, other: &Self) -> Option<&str> {
        let both = self.0.iter().filter_map(|(name, own)| Some((name, own, other.0.get(name)?)));
        let mut unlike = both.filter(|(_, own, others)| {
            !own.iter().any(|one| others.iter().any(|other| go_together(*one, *other)))
        });
        unlike.next().map(|(name, ..)| name.as_str())
    }
}

/// Whether two shapes can be those of one matrix: equal, or one a part of the other, as where it was
/// split over machines or heads were joined.
fn go_together([rows, columns]: [u64; 2], [other_rows, other_columns]: [u64; 2]) -> bool {
    let divides = |a: u64, b: u64| a.is_multiple_of(b) || b.is_multiple_of(a);
    (columns == other_columns && divides(rows, other_rows))
        || (rows == other_rows && divides(columns, other_columns))
}

/// The false starts among the stages of a manifest (`cls-58`). `layers` are those of its artifacts, in
/// document order; `elsewhere` gives those of the models that an artifact stands for by a statement.
pub(super) fn false_starts<'l>(
    manifest: &'l Manifest,
    layers: &'l [Layers],
    elsewhere: impl Fn(&Id) -> Vec<&'l Layers>,
) -> Vec<FalseStart> {
    if layers.iter().all(Layers::is_empty) {
        return Vec::new();
    }
    let known = Known::of(manifest, layers);
    let stages = manifest.stages().iter().enumerate();
    stages.filter_map(|(nth, stage)| known.false_start(nth, stage, &elsewhere)).collect()
}

/// A manifest, indexed by its models.
struct Known<'l> {
    artifacts: HashMap<&'l Id, (&'l Artifact, Option<&'l Layers>)>,
    makers: HashMap<&'l Id, &'l Stage>,
}

impl<'l> Known<'l> {
    fn of(manifest: &'l Manifest, layers: &'l [Layers]) -> Self {
        let known = layers.iter().map(Some).chain(std::iter::repeat(None));
        let artifacts = manifest.artifacts().iter().zip(known);
        let artifacts = artifacts.map(|(artifact, layers)| {
            (&artifact.id, (artifact, layers.filter(|layers| !layers.is_empty())))
        });
        let outputs = |stage: &'l Stage| stage.outputs.iter().map(move |output| (output, stage));
        let makers = manifest.stages().iter().flat_map(outputs).collect();
        Self { artifacts: artifacts.collect(), makers }
    }

    fn layers(&self, id: &Id) -> Option<&'l Layers> {
        self.artifacts.get(id)?.1
    }

    /// The models that a stage starts from (`cls-25`, `cls-24`).
    fn starts(&self, stage: &'l Stage) -> impl Iterator<Item = &'l Id> {
        let is_base = |id: &Id| {
            let artifact = self.artifacts.get(id).map(|(artifact, _)| artifact);
            artifact.is_some_and(|one| one.roles.iter().any(|role| role.as_str() == "model.base"))
        };
        let models = stage.models.iter();
        let starts =
            models.filter(move |model| model.usage == Use::Init || is_base(&model.artifact));
        starts.map(|model| &model.artifact)
    }

    fn false_start(
        &self,
        nth: usize,
        stage: &'l Stage,
        elsewhere: &impl Fn(&Id) -> Vec<&'l Layers>,
    ) -> Option<FalseStart> {
        if !tunes(stage) || !stage.outputs.iter().any(|output| self.layers(output).is_some()) {
            return None;
        }
        let starts = self.behind(stage, elsewhere)?;
        let (output, matrix) = stage.outputs.iter().find_map(|output| {
            let own = self.layers(output)?;
            let unlike: Option<Vec<_>> = starts.iter().map(|start| own.unlike(start)).collect();
            Some((output.clone(), (*unlike?.first()?).to_owned()))
        })?;
        Some(FalseStart {
            stage: nth,
            output,
            models: self.starts(stage).cloned().collect(),
            matrix,
        })
    }

    /// The layers of all that a stage starts from: through tuned models of which nothing is known to
    /// what those were tuned from. None where something in it is not known.
    fn behind(
        &self,
        stage: &'l Stage,
        elsewhere: &impl Fn(&Id) -> Vec<&'l Layers>,
    ) -> Option<Vec<&'l Layers>> {
        let mut wanted: Vec<&Id> = self.starts(stage).collect();
        let mut found = Vec::new();
        let mut met = HashSet::new();
        while let Some(id) = wanted.pop() {
            if !met.insert(id) {
                continue;
            }
            let maker = self.makers.get(id);
            match (self.layers(id), maker) {
                (Some(layers), _) => found.push(layers),
                (None, Some(maker)) if tunes(maker) => {
                    let before = wanted.len();
                    wanted.extend(self.starts(maker));
                    (wanted.len() > before).then_some(())?;
                }
                (None, Some(_)) => return None,
                (None, None) => {
                    let layers = elsewhere(id);
                    (!layers.is_empty()).then_some(())?;
                    found.extend(layers);
                }
            }
        }
        Some(found)
    }
}

/// Whether a stage leaves the layers of what it starts from as they are, and adds none of its own.
fn tunes(stage: &Stage) -> bool {
    matches!(stage.kind.as_str(), "sft" | "preference" | "rl") && stage.init.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(values: &[&str]) -> Layers {
        let fact = |value: &&str| ContentFact::new(ContentFactKind::TensorShape).saying(value);
        let facts: Vec<_> = values.iter().map(fact).collect();
        Layers::of(facts.iter())
    }

    #[test]
    fn layers_of_other_widths_are_unlike() {
        let small = layers(&["layers.*.up.weight 11008x4096", "layers.*.q.weight 4096x4096"]);
        let large = layers(&["layers.*.up.weight 13824x5120", "layers.*.q.weight 5120x5120"]);
        assert_eq!(small.unlike(&large), Some("layers.*.q.weight"));
        assert_eq!(small.unlike(&small), None);
        let wider = layers(&["layers.*.up.weight 14336x4096", "layers.*.q.weight 4096x4096"]);
        assert_eq!(small.unlike(&wider), Some("layers.*.up.weight"));
    }

    #[test]
    fn what_can_be_one_matrix_is_not_unlike() {
        let whole = layers(&["layers.*.down.weight 4096x11008", "layers.*.k.weight 4096x4096"]);
        for other in [
            &["blk.*.ffn_down.weight 5120x5120"][..],
            &["layers.*.down.weight 4096x5504"],
            &["layers.*.k.weight 1024x4096"],
            &["layers.*.k.weight 9x9", "layers.*.k.weight 4096x4096"],
            &["layers.*.k.weight 9x9x9", "layers.*.k.weight 09x9", "layers.*.k.weight"],
        ] {
            assert_eq!(whole.unlike(&layers(other)), None, "{other:?}");
        }
    }
}
