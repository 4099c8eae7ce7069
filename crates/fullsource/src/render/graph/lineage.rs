//! Which releases a picture shows, and in which order: the oldest first.

use std::collections::{HashMap, VecDeque};

use fullsource_format::digest::Sha256;
use fullsource_verify::made::{ArtifactReport, StageReport};
use fullsource_verify::parents::{ParentReport, ParentStatus};
use fullsource_verify::report::Report;

use crate::render::words;

use super::label;
use super::model::{Release, State};

/// A release, and what is known of how it was made.
pub(super) struct Told<'a> {
    pub(super) release: Release,
    pub(super) artifacts: &'a [ArtifactReport],
    pub(super) stages: &'a [StageReport],
    /// In place of what is not known.
    pub(super) unknown: (State, String),
    /// Its models that are releases: the number of the artifact, and of the release.
    pub(super) models: Vec<(usize, usize)>,
}

/// The releases to be drawn, the oldest first, the target last; and how many more there are.
pub(super) fn releases(report: &Report, at_most: usize) -> (Vec<Told<'_>>, usize) {
    let all = All::of(report);
    let kept = all.nearest(at_most.max(1));
    let generations = all.generations(&kept);
    let mut order: Vec<usize> = (0..kept.len()).collect();
    // Those of which nothing is known stand above all, so that they part nobody from its parent.
    order.sort_by_key(|at| {
        let known = *at == 0 || !all.list[kept[*at]].artifacts.is_empty();
        (known, std::cmp::Reverse(generations[*at]))
    });
    let place: HashMap<usize, usize> =
        order.iter().enumerate().map(|(place, at)| (kept[*at], place)).collect();
    let told = order.iter().map(|at| {
        let one = &all.list[kept[*at]];
        let models = one.models.iter();
        let models = models.filter_map(|(artifact, of)| Some((*artifact, *place.get(of)?)));
        one.told(generations[*at], models.collect())
    });
    (told.collect(), all.list.len() - kept.len())
}

/// Every release that a report names, the target first.
struct All<'a> {
    list: Vec<One<'a>>,
}

struct One<'a> {
    whose: Whose<'a>,
    artifacts: &'a [ArtifactReport],
    stages: &'a [StageReport],
    models: Vec<(usize, usize)>,
}

enum Whose<'a> {
    Target(&'a Report),
    Parent(&'a ParentReport),
    /// Named by an artifact, and nothing is told of it.
    Nobody(Sha256),
}

impl<'a> All<'a> {
    fn of(report: &'a Report) -> Self {
        let target = One {
            whose: Whose::Target(report),
            artifacts: report.artifacts(),
            stages: report.stages(),
            models: Vec::new(),
        };
        let parents = report.parents().iter().map(|parent| One {
            whose: Whose::Parent(parent),
            artifacts: parent.made.as_ref().map_or(&[], |made| &made.artifacts),
            stages: parent.made.as_ref().map_or(&[], |made| &made.stages),
            models: Vec::new(),
        });
        let mut all = Self { list: std::iter::once(target).chain(parents).collect() };
        all.link(report);
        all
    }

    /// Finds the release of each model, by the statement that its artifact names; of the target's own
    /// models also those for which somebody gave a document.
    fn link(&mut self, report: &'a Report) {
        let mut numbers: HashMap<Sha256, usize> = HashMap::new();
        numbers.extend(report.statement().map(|id| (id, 0)));
        for (number, parent) in report.parents().iter().enumerate() {
            numbers.entry(parent.statement.sha256).or_insert(number + 1);
        }
        let mut given: HashMap<&str, usize> = HashMap::new();
        for (number, parent) in report.parents().iter().enumerate() {
            given.extend(parent.artifacts.iter().map(|id| (id.as_str(), number + 1)));
        }
        for number in 0..self.list.len() {
            let artifacts = self.list[number].artifacts;
            for (at, artifact) in artifacts.iter().enumerate() {
                let by_hand = given.get(artifact.id.as_str()).filter(|_| number == 0).copied();
                let release = by_hand.or_else(|| {
                    let id = artifact.statement?;
                    Some(*numbers.entry(id).or_insert_with(|| {
                        self.list.push(One::nobody(id));
                        self.list.len() - 1
                    }))
                });
                self.list[number].models.extend(release.map(|release| (at, release)));
            }
        }
    }

    /// The target and the releases nearest to it, by their numbers; then those that nothing leads to.
    fn nearest(&self, at_most: usize) -> Vec<usize> {
        let (mut seen, mut order) = (vec![false; self.list.len()], Vec::new());
        for start in 0..self.list.len() {
            let mut next = VecDeque::from([start]);
            while let Some(at) = next.pop_front() {
                if !std::mem::replace(&mut seen[at], true) {
                    order.push(at);
                    next.extend(self.list[at].models.iter().map(|(_, of)| *of));
                }
            }
            if order.len() >= at_most {
                break;
            }
        }
        order.truncate(at_most);
        order
    }

    /// How far above the target each is, by the longest way; in a circle no further than there are
    /// releases.
    fn generations(&self, kept: &[usize]) -> Vec<usize> {
        let place: HashMap<usize, usize> =
            kept.iter().enumerate().map(|(place, at)| (*at, place)).collect();
        let mut generations: Vec<usize> = (0..kept.len()).map(|place| place.min(1)).collect();
        for _ in 0..kept.len() {
            for (child, at) in kept.iter().enumerate() {
                for (_, of) in &self.list[*at].models {
                    let parent = place.get(of).copied().unwrap_or(0);
                    let further = (generations[child] + 1).min(kept.len());
                    if parent != 0 && parent != child && generations[parent] < further {
                        generations[parent] = further;
                    }
                }
            }
        }
        generations
    }
}

impl<'a> One<'a> {
    const fn nobody(id: Sha256) -> Self {
        Self { whose: Whose::Nobody(id), artifacts: &[], stages: &[], models: Vec::new() }
    }

    fn told(&self, generation: usize, models: Vec<(usize, usize)>) -> Told<'a> {
        let release = match &self.whose {
            Whose::Target(report) => target(report),
            Whose::Parent(parent) => ancestor(parent, generation),
            Whose::Nobody(id) => Release {
                title: format!("statement {}…", &id.to_string()[..12]),
                about: format!("{}, known by the id of its statement alone", above(generation)),
            },
        };
        let unknown = match &self.whose {
            Whose::Target(_) => (State::Unknown, "the report lists nothing".to_owned()),
            Whose::Parent(parent) => became(parent),
            Whose::Nobody(_) => (State::Unknown, "nobody looked for its statement".to_owned()),
        };
        Told { release, artifacts: self.artifacts, stages: self.stages, unknown, models }
    }
}

fn above(generation: usize) -> String {
    match generation {
        1 => "parent".to_owned(),
        2 => "grandparent".to_owned(),
        more => format!("ancestor, {more} generations back"),
    }
}

fn target(report: &Report) -> Release {
    let named = report.release().map(|release| name(&release.name, release.version.as_deref()));
    let mut about: Vec<String> = Vec::new();
    about.extend(report.release().map(|release| format!("says {}", release.producer)));
    about.push(format!("verdict: {}", report.verdict().as_str()));
    about.extend(report.class().map(|class| format!("class: {}", class.headline)));
    about.extend(words::unverified(report).map(|why| format!("{}: {why}", words::UNVERIFIED)));
    Release {
        title: named.unwrap_or_else(|| "a release without a name".to_owned()),
        about: label::cut(&about.join(" · "), 300),
    }
}

fn ancestor(parent: &ParentReport, generation: usize) -> Release {
    let id = parent.statement.sha256.to_string();
    let named = parent.release.as_ref();
    let whose = match (parent.local, parent.trusted) {
        (true, _) => "by a local document",
        (false, true) => "signed by its producer",
        (false, false) => "signed by nobody trusted",
    };
    let mut about = vec![above(generation)];
    about.extend(named.map(|release| format!("says {}, {whose}", release.producer)));
    if parent.status != ParentStatus::Counts {
        about.push(became(parent).1);
    }
    about.push(match parent.verified {
        Some(standing) => format!("class: {}", standing.headline()),
        None => "class: not judged".to_owned(),
    });
    Release {
        title: named.map_or_else(
            || format!("statement {}…", &id[..12]),
            |release| name(&release.name, release.version.as_deref()),
        ),
        about: label::cut(&about.join(" · "), 300),
    }
}

fn name(name: &str, version: Option<&str>) -> String {
    label::cut(&version.map_or_else(|| name.to_owned(), |v| format!("{name} {v}")), 300)
}

/// What became of its statement.
fn became(parent: &ParentReport) -> (State, String) {
    let (state, text) = match parent.status {
        ParentStatus::Counts => (State::Unknown, "what it was made from is not told"),
        ParentStatus::Unrelated => {
            (State::Unknown, "its statement cannot be held against the model")
        }
        ParentStatus::Unchecked => (State::Unknown, "nobody looked for its statement"),
        ParentStatus::Closed => (State::Unknown, "its statement is behind a door"),
        ParentStatus::Unreachable => (State::Missing, "its statement could not be reached"),
        ParentStatus::Absent => (State::Missing, "its statement is at none of its places"),
        ParentStatus::Malformed => (State::Missing, "its statement cannot be read"),
        ParentStatus::Revoked => (State::Missing, "its statement was revoked"),
        ParentStatus::Mismatch => (State::Missing, "its statement is about other bytes"),
    };
    (state, text.to_owned())
}
