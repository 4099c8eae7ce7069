//! What one release was made from: each stage and artifact, and how they have to do with one another.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use fullsource_format::digest::Sha256;
use fullsource_format::manifest::{Availability, Use};
use fullsource_verify::Status;
use fullsource_verify::made::{ArtifactReport, StageReport};

use super::model::{Edge, Kind, State, What};

/// A stage or an artifact.
#[derive(Debug, Clone)]
pub(super) struct Thing {
    pub(super) what: What,
    pub(super) name: String,
    pub(super) role: String,
    /// What it came to, in words; none for a stage.
    pub(super) word: Option<(State, String)>,
    /// The release that it is the model of.
    pub(super) statement: Option<Sha256>,
}

/// The stages in the order that they ran, then the artifacts, then what is named and not listed.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) things: Vec<Thing>,
    pub(super) stages: usize,
    /// Between numbers of things.
    pub(super) edges: Vec<Edge>,
}

/// A reference: what names, what is named, and whether that was there first.
struct Named<'a> {
    by: usize,
    id: &'a str,
    kind: Kind,
}

/// The parts of a release. A saved report is anybody's word: ids may be missing or be there twice.
pub(super) fn parts(artifacts: &[ArtifactReport], stages: &[StageReport]) -> Parts {
    let mut things: Vec<Thing> = stages.iter().map(stage).collect();
    things.extend(artifacts.iter().map(artifact));
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    for (number, artifact) in artifacts.iter().enumerate() {
        numbers.entry(&artifact.id).or_insert(stages.len() + number);
    }
    let mut edges = Vec::new();
    for Named { by, id, kind } in names(artifacts, stages) {
        let other = *numbers.entry(id).or_insert_with(|| {
            things.push(unlisted(id));
            things.len() - 1
        });
        edges.push(match kind {
            Kind::CameOut => Edge { from: by, to: other, kind },
            _ => Edge { from: other, to: by, kind },
        });
    }
    in_order(Parts { things, stages: stages.len(), edges })
}

fn names<'a>(
    artifacts: &'a [ArtifactReport],
    stages: &'a [StageReport],
) -> impl Iterator<Item = Named<'a>> {
    let of_stages = stages.iter().enumerate().flat_map(|(by, stage)| {
        let used = [&stage.data, &stage.code, &stage.config, &stage.environment];
        let used = used.into_iter().flatten().map(|id| (id.as_str(), Kind::WentInto));
        let models = stage.models.iter().map(|model| {
            let started = model.usage == Use::Init;
            let kind = if started { Kind::StartedFrom } else { Kind::WentInto };
            (model.artifact.as_str(), kind)
        });
        let outputs = stage.outputs.iter().map(|id| (id.as_str(), Kind::CameOut));
        used.chain(models).chain(outputs).map(move |(id, kind)| Named { by, id, kind })
    });
    let first = stages.len();
    of_stages.chain(artifacts.iter().enumerate().flat_map(move |(number, artifact)| {
        let by = first + number;
        let collected = artifact.collected_by.iter().map(|id| (id, Kind::Collected));
        let generated = artifact.generated_by.iter().map(|id| (id, Kind::Generated));
        let derived = artifact.derived_from.iter().map(|id| (id, Kind::Derived));
        collected.chain(generated).chain(derived).map(move |(id, kind)| Named { by, id, kind })
    }))
}

fn stage(stage: &StageReport) -> Thing {
    Thing {
        what: What::Stage,
        name: stage.id.clone(),
        role: stage.kind.clone(),
        word: None,
        statement: None,
    }
}

fn artifact(artifact: &ArtifactReport) -> Thing {
    Thing {
        what: What::of_role(artifact.roles.first().map_or("", String::as_str)),
        name: artifact.name.clone().unwrap_or_else(|| artifact.id.clone()),
        role: artifact.roles.join(", "),
        word: Some((State::of(artifact.status), word(artifact))),
        statement: artifact.statement,
    }
}

/// Its status; and what is claimed of a door that nobody has tried.
fn word(artifact: &ArtifactReport) -> String {
    let status = artifact.status.as_str();
    match (artifact.status, artifact.availability) {
        (Status::Gated | Status::Closed | Status::Withheld | Status::RecipeOnly, _) => {
            status.to_owned()
        }
        (_, Some(Availability::Gated)) => format!("{status}, said gated"),
        (_, Some(Availability::RecipeOnly)) => format!("{status}, said recipe-only"),
        (_, Some(Availability::Withheld)) => format!("{status}, said withheld"),
        _ => status.to_owned(),
    }
}

fn unlisted(id: &str) -> Thing {
    Thing {
        what: What::Other,
        name: id.to_owned(),
        role: "no artifact".to_owned(),
        word: Some((State::Missing, "not listed".to_owned())),
        statement: None,
    }
}

/// The stages in the order that they can have run; those that wait for themselves, as they are listed.
fn in_order(parts: Parts) -> Parts {
    let Parts { things, stages, edges } = parts;
    let order = order(things.len(), stages, &edges);
    let mut place = (0..things.len()).collect::<Vec<_>>();
    for (new, old) in order.iter().enumerate() {
        place[*old] = new;
    }
    let mut sorted: Vec<(usize, Thing)> =
        things.into_iter().enumerate().map(|(old, thing)| (place[old], thing)).collect();
    sorted.sort_by_key(|(new, _)| *new);
    Parts {
        things: sorted.into_iter().map(|(_, thing)| thing).collect(),
        stages,
        edges: edges
            .into_iter()
            .map(|edge| Edge { from: place[edge.from], to: place[edge.to], kind: edge.kind })
            .collect(),
    }
}

/// Numbers of stages, sorted topologically: what a stage waits for comes before it, as far as it can.
fn order(things: usize, stages: usize, edges: &[Edge]) -> Vec<usize> {
    let mut waits = vec![0usize; things];
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); things];
    for edge in edges {
        waits[edge.to] += 1;
        after[edge.from].push(edge.to);
    }
    let mut ready: BinaryHeap<Reverse<(bool, usize)>> = BinaryHeap::new();
    // Artifacts first: they cost nothing, and let stages go.
    let of = |thing: usize| Reverse((thing < stages, thing));
    ready.extend((0..things).filter(|thing| waits[*thing] == 0).map(of));
    let (mut done, mut order) = (vec![false; things], Vec::new());
    for next in 0..=stages {
        while let Some(Reverse((is_stage, thing))) = ready.pop() {
            if std::mem::replace(&mut done[thing], true) {
                continue;
            }
            if is_stage {
                order.push(thing);
            }
            for other in &after[thing] {
                waits[*other] -= 1;
                if waits[*other] == 0 {
                    ready.push(of(*other));
                }
            }
        }
        // What is left waits for itself.
        if next < stages && !done[next] {
            ready.push(of(next));
        }
    }
    order
}
