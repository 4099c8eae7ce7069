//! What is said about running a stage again: its segments, commands and limits.

use std::collections::HashSet;

use super::{Artifacts, Found};
use crate::manifest::{Command, CommandFault, CompareMode, Placeholder, Segment, Stage, Use};
use crate::text::{Amount, Id, Text};
use crate::violation::Fault;

/// How many units in the last place a tolerance may have: in bfloat16, half of a value.
const MOST_ULP: u64 = 64;
/// How large a relative L2 a tolerance may be. At 1 are tensors of nothing but zeros.
const MOST_RELATIVE_L2: f64 = 0.5;

/// Notes what breaks man-16 and man-24 to man-26.
pub(super) fn rules(found: &mut Found, artifacts: &Artifacts, at: &str, stage: &Stage) {
    segments(found, artifacts, at, stage);
    let inputs: HashSet<&Id> = inputs(stage).collect();
    commands(found, &inputs, at, stage);
    compare(found, at, stage);
}

// man-16
fn segments(found: &mut Found, artifacts: &Artifacts, at: &str, stage: &Stage) {
    let mut ids = HashSet::new();
    let mut last_end: Option<&Id> = None;
    for (index, segment) in stage.segments.iter().enumerate() {
        let nth = index.to_string();
        if !ids.insert(&segment.id) {
            let fault = Fault::IdDuplicate(segment.id.clone());
            found.push(&["stages", at, "segments", &nth, "id"], fault);
        }
        artifacts.resolve_one(found, &["stages", at, "segments", &nth, "to"], &segment.to);
        let starts = segment.from.as_str();
        match last_end {
            Some(end) if end != &segment.from => {
                let text = format!("the segment starts from `{starts}`, the last ended in `{end}`");
                let path = ["stages", at, "segments", &nth, "from"];
                found.push(&path, Fault::SegmentsBroken(text));
            }
            None if starts != "init" => {
                let path = ["stages", at, "segments", &nth, "from"];
                artifacts.resolve_one(found, &path, &segment.from);
                if artifacts.0.contains_key(&segment.from) && !goes_in(stage, &segment.from) {
                    let text = format!(
                        "the first segment starts from `{starts}`, which is not in the stage's `models` with `use: init`"
                    );
                    found.push(&path, Fault::SegmentsBroken(text));
                }
            }
            _ => {}
        }
        last_end = Some(&segment.to);
    }
    if let Some(end) = last_end.filter(|end| !stage.outputs.contains(end)) {
        let text = format!("the last segment ends in `{end}`, which is no output of the stage");
        found.push(&["stages", at, "segments"], Fault::SegmentsBroken(text));
    }
}

/// Whether a model's parameters are in what the stage makes.
fn goes_in(stage: &Stage, model: &Id) -> bool {
    stage.models.iter().any(|used| used.usage == Use::Init && used.artifact == *model)
}

/// What a command of the stage is given (`reb-2`).
fn inputs(stage: &Stage) -> impl Iterator<Item = &Id> {
    let listed = [&stage.code, &stage.config, &stage.environment].into_iter().flatten();
    let read = stage.data.iter().map(|data| &data.artifact);
    listed.chain(read).chain(stage.models.iter().map(|model| &model.artifact))
}

// man-24, man-25
fn commands(found: &mut Found, inputs: &HashSet<&Id>, at: &str, stage: &Stage) {
    command(found, &["stages", at, "command"], &stage.command, inputs, false);
    for (nth, segment) in stage.segments.iter().enumerate() {
        let path = ["stages", at, "segments", &nth.to_string(), "command"];
        command(found, &path, &segment.command, inputs, starts_from_artifact(segment, nth));
    }
}

/// `init` of a first segment is no artifact (man-16).
fn starts_from_artifact(segment: &Segment, nth: usize) -> bool {
    nth > 0 || segment.from.as_str() != "init"
}

fn command(
    found: &mut Found,
    path: &[&str],
    items: &[Text],
    inputs: &HashSet<&Id>,
    checkpoint: bool,
) {
    let mut push = |item: usize, fault| {
        let nth = item.to_string();
        let path = [path, &[&nth]].concat();
        found.push(&path, Fault::CommandMalformed(fault));
    };
    let command = match Command::parse(items) {
        Ok(command) => command,
        Err(error) => return push(error.item, error.fault),
    };
    for (item, placeholder) in command.placeholders() {
        match placeholder {
            Placeholder::Input(id) if !inputs.contains(id) => {
                push(item, CommandFault::NoInput(id.clone()));
            }
            Placeholder::Checkpoint if !checkpoint => push(item, CommandFault::NoCheckpoint),
            _ => {}
        }
    }
}

// man-26
fn compare(found: &mut Found, at: &str, stage: &Stage) {
    let Some(compare) = &stage.compare else { return };
    let (mode, limits) = (compare.mode, &compare.limits);
    let (ulp, l2) = (limits.ulp.map(|most| most.0), limits.relative_l2.as_ref());
    let mut push = |path: &[&str], reason| {
        let path = [&["stages", at, "compare"], path].concat();
        found.push(&path, Fault::CompareLimits(reason));
    };
    match (mode, ulp) {
        (CompareMode::Ulp, None) => push(&[], "the mode `ulp` needs `limits.ulp`"),
        (CompareMode::Ulp, Some(most)) if most > MOST_ULP => {
            push(&["limits", "ulp"], "`limits.ulp` is at most 64");
        }
        (CompareMode::Ulp, _) | (_, None) => {}
        _ => push(&["limits", "ulp"], "only the mode `ulp` uses `limits.ulp`"),
    }
    match (mode, l2.map(Amount::to_f64)) {
        (CompareMode::Bounded, None) => push(&[], "the mode `bounded` needs `limits.relativeL2`"),
        (CompareMode::Bounded, Some(most)) if most > MOST_RELATIVE_L2 => {
            push(&["limits", "relativeL2"], "`limits.relativeL2` is at most 0.5");
        }
        (CompareMode::Bounded, _) | (_, None) => {}
        _ => push(&["limits", "relativeL2"], "only the mode `bounded` uses `limits.relativeL2`"),
    }
}
