//! The look at every place outside the release that a manifest claims: several at once, each once,
//! all written down.
//!
//! Spec: `spec/v0.1/looking.md`.

mod bring;
mod job;
mod keep;
mod sample;

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use fullsource_format::evidence::{ArtifactSeen, Observation};
use fullsource_format::index::FileTable;
use fullsource_format::locator::Locator;
use fullsource_format::manifest::{Artifact, Availability, Manifest, PinnedLocator};
use fullsource_format::role::Role;
use fullsource_format::text::Id;

use crate::net::Net;
use crate::progress::{Progress, Stopped};
use crate::source::{Access, Context};
pub use bring::{Bring, Brought, NotBrought};
use job::{Job, Key};
pub(crate) use job::{LOOKS, file_name, is_private, troubled, written};

/// How to look at the places that a manifest claims.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// What is claimed.
    pub manifest: &'a Manifest,
    /// The file indexes of artifacts, where they were read.
    pub indexes: &'a HashMap<&'a Id, &'a FileTable>,
    /// The network, with its budget.
    pub net: &'a Net,
    /// What the verifier's side brings: credentials, endpoints, and what it allows.
    pub access: &'a Access,
    /// Places looked at at once.
    pub jobs: NonZeroUsize,
    /// Where temporary files go.
    pub temporary: &'a Path,
    /// Told of progress, and asked whether to stop.
    pub progress: &'a Progress,
}

/// Looks at one place of which nothing is claimed: at all that it holds, for an artifact of these
/// roles. With `unpack`, what is served at an `https:` address is an archive of what is meant. The
/// directory for temporary files need not be empty. Fails only where it was stopped.
pub fn look_at(
    locator: &Locator,
    unpack: bool,
    roles: &[Role],
    access: &Access,
    context: &Context<'_>,
) -> Result<Observation, Stopped> {
    Job::unclaimed(locator, unpack, roles).look(access, context)
}

/// Whether a manifest claims any place outside the release.
pub fn are_claimed(manifest: &Manifest) -> bool {
    claimed(manifest).next().is_some()
}

/// Every place outside the release, with the artifact that is said to be published there.
fn claimed(manifest: &Manifest) -> impl Iterator<Item = (&Artifact, &PinnedLocator)> {
    let published = manifest.artifacts().iter().filter(|artifact| is_published(artifact));
    let located = published
        .flat_map(|artifact| artifact.locators.iter().map(move |pinned| (artifact, pinned)));
    located.filter(|(_, pinned)| !matches!(pinned.uri, Locator::Relative(_)))
}

impl Places<'_> {
    /// Looks at every place of every artifact that is said to be published, and writes down one
    /// observation for each. Fails only where it was stopped.
    pub fn look(&self) -> Result<Vec<ArtifactSeen>, Stopped> {
        let jobs = self.planned();
        self.progress.expect(bytes(self.manifest));
        let mut by_artifact: HashMap<&Id, Vec<Observation>> = HashMap::new();
        for (job, observation) in jobs.iter().zip(self.worked_off(&jobs)?) {
            for id in &job.artifacts {
                by_artifact.entry(id).or_default().push(observation.clone());
            }
        }
        let artifacts = self.manifest.artifacts().iter();
        let looked = artifacts.filter_map(|artifact| {
            let observations = by_artifact.remove(&artifact.id)?;
            Some(ArtifactSeen { id: artifact.id.clone(), observations })
        });
        Ok(looked.collect())
    }

    /// One job for each place; artifacts that want the same of the same place share it.
    fn planned(&self) -> Vec<Job<'_>> {
        let mut jobs: Vec<Job<'_>> = Vec::new();
        let mut known: HashMap<Key<'_>, usize> = HashMap::new();
        for (artifact, pinned) in claimed(self.manifest) {
            let job = Job::of(artifact, pinned, self.indexes.get(&artifact.id).copied());
            let nth = *known.entry(job.key()).or_insert(jobs.len());
            match jobs.get_mut(nth) {
                Some(same) if same.artifacts.last() != Some(&&artifact.id) => {
                    same.artifacts.push(&artifact.id);
                }
                Some(_) => {}
                None => jobs.push(job),
            }
        }
        jobs
    }

    fn worked_off(&self, jobs: &[Job<'_>]) -> Result<Vec<Observation>, Stopped> {
        let next = AtomicUsize::new(0);
        let seen: Vec<OnceLock<Observation>> = jobs.iter().map(|_| OnceLock::new()).collect();
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let Self { net, access, temporary, progress, .. } = *self;
        let context = Context { net, progress, threads, temporary };
        let work = || {
            while let Some((job, seen)) = {
                let nth = next.fetch_add(1, Ordering::Relaxed);
                jobs.get(nth).zip(seen.get(nth))
            } {
                let _at = progress.at(&job.name());
                // What was stopped leaves its place empty.
                let Ok(observation) = job.look(access, &context) else { return };
                let _ = seen.set(observation);
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..self.jobs.get().min(jobs.len()) {
                scope.spawn(work);
            }
        });
        seen.into_iter().map(|seen| seen.into_inner().ok_or(Stopped)).collect()
    }
}

/// Bytes at all places, where every size is claimed; else nothing is known.
fn bytes(manifest: &Manifest) -> u64 {
    let sizes = claimed(manifest).map(|(artifact, _)| artifact.size.map(|size| size.0));
    sizes.sum::<Option<u64>>().unwrap_or_default()
}

/// Whether its publisher says that it can be had.
const fn is_published(artifact: &Artifact) -> bool {
    matches!(artifact.availability, Availability::Public | Availability::Gated)
}
