//! What a rebuild tells people and programs.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use fullsource_format::manifest::{Manifest, Stage};
use fullsource_format::rebuild::{
    Audit, Copy, FileDifference, FileUnlike, Grade, OutputMade, Probe, Rebuild, Run,
    TensorsCompared,
};
use fullsource_format::text::Count;
use fullsource_rebuild::draw::Drawn;
use fullsource_rebuild::run::Extent;
use fullsource_verify::finding::Code;

use super::{Planned, meets};
use crate::exit::Failure;
use crate::render::diagnostic;
use crate::render::escape::shown;
use crate::render::style::Style;
use crate::render::text::size;

/// Files of an output that are named.
const FILES: usize = 3;
/// Stages that are told in full; of more, those alone that do not meet the claim.
const STAGES: usize = 10;
/// Outputs of one run that are named; the rest are counted.
const SHOWN: usize = 10;

/// Says on standard error, before anything starts, what is run and what that leaves unnoticed (`reb-57`).
pub(super) fn announce(planned: &[Planned<'_>]) {
    let mut notes = Vec::new();
    for Planned { stage, extent } in planned {
        let Extent::Segments(Drawn { audit, .. }) = extent else { continue };
        let mut text = format!("stage `{}`: {}", stage.id, audited(audit));
        if let (Some(cost), Some(all)) = (&audit.cost, &audit.cost_of_all) {
            text.push_str(&format!("; {cost} of {all} accelerator-hours by declaration"));
        }
        notes.push(text);
    }
    diagnostic::notes(&notes);
}

/// Names the stages that are not run because they do not say how.
pub(super) fn announce_others(manifest: &Manifest, planned: &[Planned<'_>]) {
    let run = |stage: &&Stage| planned.iter().any(|planned| planned.stage.id == stage.id);
    let others = manifest.stages().iter().filter(|stage| !run(stage));
    let ids: Vec<String> = others.map(|stage| format!("`{}`", stage.id)).take(SHOWN).collect();
    if !ids.is_empty() {
        let text = format!("not run, as nothing says how: stage {}", ids.join(", "));
        diagnostic::notes(&[text]);
    }
}

fn audited(audit: &Audit) -> String {
    match (audit.drawn.0, audit.of.0) {
        (drawn, of) if drawn == of => format!("all of {of} segments"),
        (drawn, of) => format!("{drawn} of {of} segments; {}", unnoticed(audit)),
    }
}

fn unnoticed(audit: &Audit) -> String {
    let Audit { seed, miss_even, miss_worst, .. } = audit;
    format!(
        "one that is false goes unnoticed with a chance of {miss_even}, at worst {miss_worst} \
         (seed `{seed}`)"
    )
}

/// Names the stages of which a probe was asked for and shows nothing: no look is not a look that found nothing.
pub(super) fn announce_unprobed(rebuilds: &[Rebuild]) {
    let unprobed = rebuilds.iter().filter(|rebuild| rebuild.probe.is_none());
    let ids: Vec<String> = unprobed.map(|one| format!("`{}`", one.stage)).take(SHOWN).collect();
    if !ids.is_empty() {
        let why = "it did not run, has no data with a record, or fails with one altered";
        diagnostic::notes(&[format!("no probe of stage {}: {why}", ids.join(", "))]);
    }
}

/// The predicates, as attestations have them.
pub(super) fn json(rebuilds: &[Rebuild]) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(rebuilds)
        .map_err(|error| Failure::of(Code::StatementMalformed, error))?;
    Ok(text + "\n")
}

/// The outcome for people.
pub(super) fn text(manifest: &Manifest, rebuilds: &[Rebuild]) -> String {
    let style = Style::of(&std::io::stdout());
    let told = rebuilds.iter().map(|rebuild| (rebuild, meets(manifest, rebuild)));
    if rebuilds.len() <= STAGES {
        return told.map(|(rebuild, meets)| stage(rebuild, meets, style)).collect();
    }
    let mut out = format!(
        "{} stages: {}\n",
        rebuilds.len(),
        counted(rebuilds.iter().map(|rebuild| rebuild.grade))
    );
    for (rebuild, _) in told.filter(|(_, meets)| !meets) {
        let reason = rebuild.reason.as_ref().map(|reason| format!(": {reason}"));
        let text = format!("{}{}", rebuild.stage, reason.unwrap_or_default());
        out.push_str(&format!("  {} {}\n", graded(rebuild.grade, false, style), shown(&text)));
    }
    out
}

fn graded(grade: Grade, meets: bool, style: Style) -> String {
    let text = grade.as_str();
    match grade {
        Grade::NotRun => style.open(text),
        _ if meets => style.good(text),
        _ => style.bad(text),
    }
}

fn stage(rebuild: &Rebuild, meets: bool, style: Style) -> String {
    let grade = graded(rebuild.grade, meets, style);
    let mut out = format!("{grade}  stage {}\n", shown(rebuild.stage.as_str()));
    let mut line = |label: &str, text: &str| {
        let _infallible = writeln!(out, "  {} {text}", style.dim(&format!("{label:<10}")));
    };
    if let Some(reason) = &rebuild.reason {
        line("reason", &shown(reason.as_str()));
    }
    for run in &rebuild.runs {
        run_lines(run, &mut line);
    }
    if let Some(audit) = &rebuild.audit {
        line("audit", &shown(&audited(audit)));
    }
    for copy in rebuild.copies.iter().take(SHOWN) {
        line("copy", &copied(copy));
    }
    if let Some(probe) = &rebuild.probe {
        line("probe", &probed(probe));
    }
    let environment = &rebuild.environment;
    let (cpu, threads) = (shown(environment.cpu.as_str()), environment.threads.0);
    line("ran on", &format!("{cpu}, {threads} threads, {}", shown(environment.sandbox.as_str())));
    line("shows", shows(rebuild.grade));
    out
}

fn run_lines(run: &Run, line: &mut dyn FnMut(&str, &str)) {
    if let Some(segment) = &run.segment {
        let took = took(run);
        line("segment", &format!("{}: {}{took}", shown(segment.as_str()), run.grade.as_str()));
        if let Some(reason) = &run.reason {
            line("", &shown(reason.as_str()));
        }
    } else if run.wall_milliseconds.is_some() {
        line("took", took(run).trim_start_matches(", "));
    }
    let grades = counted(run.outputs.iter().map(|made| made.grade));
    if run.outputs.len() > 1 {
        line("outputs", &grades);
    }
    let worst = run.outputs.iter().filter(|made| made.grade != Grade::RebuiltExact);
    let exact = run.outputs.iter().filter(|made| made.grade == Grade::RebuiltExact);
    for made in worst.chain(exact).take(SHOWN) {
        line("output", &output(made));
    }
}

/// `109 rebuilt-exact, 54 contradicted`
fn counted(grades: impl Iterator<Item = Grade>) -> String {
    let mut counts = BTreeMap::new();
    grades.for_each(|grade| *counts.entry(Reverse(grade)).or_insert(0) += 1);
    let told = counts.iter().map(|(Reverse(grade), count)| format!("{count} {}", grade.as_str()));
    told.collect::<Vec<String>>().join(", ")
}

fn output(made: &OutputMade) -> String {
    let mut text = format!("{}: {}", shown(made.artifact.as_str()), made.grade.as_str());
    if let Some(tensors) = made.tensors.as_ref().filter(|tensors| tensors.differing.0 > 0) {
        text.push_str(&format!(", {}", differing(tensors)));
    }
    if let Some(detail) = &made.detail {
        text.push_str(&format!(" ({})", shown(detail.as_str())));
    }
    for FileUnlike { path, how } in made.files.iter().take(FILES) {
        let how = match how {
            FileDifference::Differs => "differs",
            FileDifference::Missing => "is missing",
            FileDifference::Added => "is added",
        };
        text.push_str(&format!("; {} {how}", shown(path.as_str())));
    }
    if made.files.len() > FILES {
        text.push_str(&format!("; and {} more", made.files.len() - FILES));
    }
    text
}

fn differing(tensors: &TensorsCompared) -> String {
    let mut text = format!(
        "{} of {} tensors and {} of {} elements differ",
        tensors.differing.0, tensors.total.0, tensors.differing_elements.0, tensors.elements.0
    );
    if let Some(ulp) = tensors.max_ulp {
        text.push_str(&format!(", by {} ulp at most", ulp.0));
    }
    if let Some(distance) = &tensors.relative_l2 {
        text.push_str(&format!(", relative L2 {distance}"));
    }
    text
}

fn took(run: &Run) -> String {
    let seconds = |count: Option<Count>| {
        count.map(|Count(ms)| format!("{}.{} s", ms / 1000, ms % 1000 / 100))
    };
    let mut text = String::new();
    if let Some(wall) = seconds(run.wall_milliseconds) {
        text.push_str(&format!(", {wall}"));
    }
    if let Some(cpu) = seconds(run.cpu_milliseconds) {
        text.push_str(&format!(", {cpu} of processors"));
    }
    if let Some(Count(bytes)) = run.peak_memory {
        text.push_str(&format!(", {} of memory", size(bytes)));
    }
    text
}

fn copied(copy: &Copy) -> String {
    let Copy { artifact, input, path, offset, bytes } = copy;
    format!(
        "{} of `{}` stand in `{}`, {} from byte {} on",
        size(bytes.0),
        shown(artifact.as_str()),
        shown(input.as_str()),
        shown(path.as_str()),
        offset.0
    )
}

fn probed(probe: &Probe) -> String {
    let Probe { input, path, offset, elements, changed, .. } = probe;
    #[allow(clippy::cast_precision_loss, reason = "shown with four digits")]
    let share = 100.0 * changed.0 as f64 / elements.0.max(1) as f64;
    format!(
        "one record of `{}` altered ({}, byte {}): {} of {} elements changed ({share:.2} %)",
        shown(input.as_str()),
        shown(path.as_str()),
        offset.0,
        changed.0,
        elements.0
    )
}

/// What a grade shows, and what it does not (`reb-31` to `reb-36`).
const fn shows(grade: Grade) -> &'static str {
    match grade {
        Grade::RebuiltExact => {
            "this command makes these bytes of these inputs; not that it was the first to"
        }
        Grade::RebuiltCanonical => {
            "this command makes these values of these inputs, in another layout"
        }
        Grade::RebuiltBounded => "near the claimed values, within the declared limit; no proof",
        Grade::NearMiss => {
            "something differs: the environment, the order of additions, or the source"
        }
        Grade::Contradicted => "not made by this command from these inputs in this environment",
        Grade::NotRun => "nothing",
    }
}
