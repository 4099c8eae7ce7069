//! What others' rebuilds say of the stages, as lines for people. The texts in them are not escaped yet.

use fullsource_format::rebuild::Grade;
use fullsource_verify::rebuilds::{RebuildTold, StageRebuilds};
use fullsource_verify::report::Report;

/// Rebuilders of one stage that are shown; the rest are counted.
const SHOWN: usize = 6;

/// One line for each stage, and for weights that no stage makes.
pub(super) fn lines(report: &Report) -> Vec<String> {
    let Some(rebuilds) = report.rebuilds() else { return Vec::new() };
    let unmade = rebuilds.unmade.iter().map(|id| format!("{id}: no stage makes it"));
    rebuilds.stages.iter().map(of_stage).chain(unmade).collect()
}

fn of_stage(stage: &StageRebuilds) -> String {
    let mut told: Vec<_> = stage.told.iter().take(SHOWN).map(one).collect();
    if let Some(more) = stage.told.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        told.push(format!("and {more} more"));
    }
    match told.is_empty() {
        true => format!("{}: by nobody", stage.stage),
        false => format!("{}: {}", stage.stage, told.join("; ")),
    }
}

/// What one rebuilder says, in words that accuse nobody.
fn one(told: &RebuildTold) -> String {
    let who = if told.own { "self" } else { "independent" };
    let mut text = format!("{} by {} ({who})", told.grade.as_str(), told.rebuilder);
    if let Some(audit) = &told.audit {
        text.push_str(&format!(", {} of {} segments", audit.drawn, audit.of));
        if audit.drawn < audit.of {
            let (worst, even) = (&audit.miss_worst, &audit.miss_even);
            text.push_str(&format!(
                ", of which a false one goes unnoticed with a chance of {even}, {worst} at worst"
            ));
        }
    }
    let differs = matches!(told.grade, Grade::Contradicted | Grade::NearMiss);
    if let Some(reason) = told.reason.as_ref().filter(|_| told.grade.is_rebuilt()) {
        text.push_str(&format!(", does not count: {reason}"));
    } else if differs {
        text.push_str(": not made by this command from these inputs");
    }
    text
}
