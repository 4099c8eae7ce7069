//! Whether an attestation is about what the statement claims, and about all of it.

use std::collections::HashSet;

use fullsource_format::digest::{DigestSet, Match};
use fullsource_format::manifest::{Artifact, CompareMode, Manifest, Stage};
use fullsource_format::path::FileSelector;
use fullsource_format::rebuild::{self, Attestation, Grade, OutputMade, Rebuild, Run};
use fullsource_format::text::{Id, Text};

use super::Held;

/// `environment.sandbox` where there was none (`reb-13`).
const NO_SANDBOX: &str = "none";

/// Whether an artifact is what the rungs judge.
pub(super) fn is_final(artifact: &Artifact) -> bool {
    artifact.roles.iter().any(|role| role.as_str() == "weights.final")
}

/// What a stage claims of outputs that are made again (`reb-37`).
pub(super) fn mode(stage: &Stage) -> CompareMode {
    stage.compare.as_ref().map_or(CompareMode::Exact, |compare| compare.mode)
}

/// The stage that an attestation is about, or why it is about something else (`reb-61`).
pub(super) fn stage_of(attestation: &Attestation, held: Held<'_>) -> Result<usize, String> {
    let rebuild = attestation.rebuild();
    let Held { manifest, covered, statement, .. } = held;
    if rebuild.statement.sha256 != statement {
        return Err(format!("it is about statement {}", rebuild.statement.sha256));
    }
    let nth = manifest.stages().iter().position(|stage| stage.id == rebuild.stage);
    let nth = nth.ok_or_else(|| format!("there is no stage `{}`", rebuild.stage))?;
    let stage = &manifest.stages()[nth];
    let other = attestation
        .subjects()
        .iter()
        .find(|subject| !rebuild::is_claimed(manifest, covered, statement, stage, subject));
    if let Some(subject) = other {
        let name = &subject.name;
        return Err(format!("its subject `{name}` is not what stage `{}` claims", stage.id));
    }
    segments(rebuild, stage)?;
    for run in &rebuild.runs {
        if !run.command.is_empty() && run.command != *command_of(run, stage) {
            return Err(format!("what it ran is not the command of stage `{}`", stage.id));
        }
        for output in &run.outputs {
            of_output(output, stage, held)?;
        }
    }
    Ok(nth)
}

/// The command that the statement has for a run.
fn command_of<'a>(run: &Run, stage: &'a Stage) -> &'a [Text] {
    let segment = stage.segments.iter().find(|segment| Some(&segment.id) == run.segment.as_ref());
    segment.map_or(&stage.command, |segment| &segment.command)
}

/// Whether what an attestation says of its sandbox is that there was none (`reb-62`).
fn is_none(sandbox: &Text) -> bool {
    let word = sandbox.as_str().trim();
    word.is_empty() || word.eq_ignore_ascii_case(NO_SANDBOX)
}

/// Whether the segments are the stage's, in their order.
fn segments(rebuild: &Rebuild, stage: &Stage) -> Result<(), String> {
    let Some(audit) = &rebuild.audit else { return Ok(()) };
    let of = stage.segments.len();
    if audit.of.0 != of as u64 {
        return Err(format!("stage `{}` has {of} segments, and not {}", stage.id, audit.of.0));
    }
    let mut left = stage.segments.iter();
    let ran = rebuild.runs.iter().filter_map(|run| run.segment.as_ref());
    for id in ran {
        if !left.any(|segment| segment.id == *id) {
            let id = &stage.id;
            return Err(format!("its segments are not those of stage `{id}`, in their order"));
        }
    }
    Ok(())
}

fn of_output(output: &OutputMade, stage: &Stage, held: Held<'_>) -> Result<(), String> {
    let id = &output.artifact;
    let ends = stage.segments.iter().map(|segment| &segment.to);
    let claimed = held
        .manifest
        .artifact(id)
        .filter(|_| stage.outputs.iter().chain(ends).any(|known| known == id));
    let Some(artifact) = claimed else {
        return Err(format!("`{id}` is no output of stage `{}`", stage.id));
    };
    let exact = output.grade == Grade::RebuiltExact;
    let stated = [output.claimed.as_ref(), output.made.as_ref().filter(|_| exact)];
    let own = claimed_digests(artifact, held);
    let differs = |found: &DigestSet| matches!(own.compare(found), Match::Differs { .. });
    if stated.into_iter().flatten().any(differs) {
        return Err(format!("what it says was claimed of `{id}` is not what the statement claims"));
    }
    if output.grade == Grade::RebuiltBounded && !within(output, stage) {
        return Err(format!("`{id}` is not within a limit that stage `{}` has", stage.id));
    }
    Ok(())
}

/// The digests that the statement has of an output: its own, and of one file those that it covers.
fn claimed_digests(artifact: &Artifact, held: Held<'_>) -> DigestSet {
    let own = artifact.digest.clone().unwrap_or_default();
    let mut selectors = artifact.selectors();
    let (Some(FileSelector::File(path)), None) = (selectors.next(), selectors.next()) else {
        return own;
    };
    let sha256 = held.covered.get(path.as_str()).and_then(|file| file.sha256);
    match sha256.filter(|_| own.sha256().is_none()) {
        Some(sha256) => own.with(fullsource_format::digest::Digest::Sha256(sha256)),
        None => own,
    }
}

// reb-33
fn within(output: &OutputMade, stage: &Stage) -> bool {
    let (Some(compare), Some(tensors)) = (&stage.compare, &output.tensors) else { return false };
    match compare.mode {
        CompareMode::Ulp => tensors.max_ulp.is_some_and(|found| Some(found) <= compare.limits.ulp),
        CompareMode::Bounded => {
            let limit = compare.limits.relative_l2.as_ref().map(|limit| limit.to_f64());
            tensors.relative_l2.as_ref().is_some_and(|found| Some(found.to_f64()) <= limit)
        }
        CompareMode::Exact | CompareMode::Canonical => false,
    }
}

/// Why an attestation does not confirm the whole stage (`reb-62`), in words.
pub(super) fn why_not_whole(
    rebuild: &Rebuild,
    stage: &Stage,
    manifest: &Manifest,
) -> Option<&'static str> {
    let in_part = rebuild.audit.as_ref().is_some_and(|audit| audit.drawn < audit.of);
    let compared: HashSet<&Id> =
        rebuild.runs.iter().flat_map(|run| &run.outputs).map(|output| &output.artifact).collect();
    let asked = stage.outputs.iter().filter(|id| {
        let artifact = manifest.artifact(id);
        artifact.is_some_and(|one| is_final(one) || has_content(one))
    });
    let asked: Vec<_> = asked.collect();
    if !rebuild.grade.is_rebuilt() {
        Some("it did not come out as claimed, or was not run")
    } else if is_none(&rebuild.environment.sandbox) {
        Some("it ran without a sandbox")
    } else if in_part {
        Some("a part of the segments was run")
    } else if rebuild.audit.is_some() && !joins_up(stage, manifest) {
        Some("what stands between its segments has no strong digest")
    } else if asked.is_empty() {
        Some("nothing is claimed of what came out")
    } else if !asked.into_iter().all(|id| compared.contains(id)) {
        Some("not every output was compared")
    } else {
        None
    }
}

/// Whether the statement fixes what an artifact holds.
fn has_content(artifact: &Artifact) -> bool {
    artifact.selectors().next().is_some() || artifact.digest.is_some()
}

// reb-58
fn joins_up(stage: &Stage, manifest: &Manifest) -> bool {
    let ends = stage.segments.iter().rev().skip(1).map(|segment| &segment.to);
    let strong = |id: &Id| {
        manifest.artifact(id).is_some_and(|artifact| {
            let digest = artifact.digest.as_ref();
            digest.is_some_and(DigestSet::has_strong) || artifact.selectors().next().is_some()
        })
    };
    ends.into_iter().all(strong)
}
