//! What cannot be so in any attestation (`reb-8`): counts over their limits, and parts that say more, or
//! something else, than those that they rest on.

use super::{Audit, Grade, OutputMade, Rebuild, Run, TensorsCompared};
use crate::digest::{DigestSet, Match};
use crate::limits;
use crate::statement::Subject;

/// Runs of a rebuild: segments of a stage.
const RUNS: usize = 10_000;
/// What is listed of something only to be shown: copies, files, tensors.
const LISTED: usize = 100;
/// Programs of an environment.
const TOOLS: usize = 1_000;
/// Digits of a fraction's numerator and of its denominator. Costs have 60 at most, and there are 10,000.
const DIGITS: usize = 80;

/// Parts of an attestation that cannot all be so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {fault}")]
pub struct Incoherent {
    /// JSON Pointer (RFC 6901) into the attestation.
    pub pointer: String,
    /// What is wrong.
    pub fault: &'static str,
}

type Checked = Result<(), Incoherent>;

/// Fails where the parts of an attestation do not agree.
pub(super) fn check(subjects: &[Subject], rebuild: &Rebuild) -> Checked {
    counts(subjects, rebuild)?;
    let runs = rebuild.runs.iter().map(|run| run.grade);
    ensure(
        Grade::of_all(runs) == Some(rebuild.grade),
        "grade",
        "the grade is not that of its runs",
    )?;
    ensure(rebuild.started_at <= rebuild.finished_at, "finishedAt", "it ended before it began")?;
    for (nth, run) in rebuild.runs.iter().enumerate() {
        of_run(run).map_err(|wrong| wrong.below(&format!("runs/{nth}")))?;
    }
    match &rebuild.audit {
        Some(audit) => of_audit(audit, &rebuild.runs),
        None => {
            let whole = rebuild.runs.len() == 1 && rebuild.runs[0].segment.is_none();
            ensure(whole, "runs", "without an audit there is one run, of the whole stage")
        }
    }
}

fn counts(subjects: &[Subject], rebuild: &Rebuild) -> Checked {
    let subjects_fit = (1..=limits::SUBJECTS).contains(&subjects.len());
    if !subjects_fit {
        let fault = "there are 1 to 1,000 subjects";
        return Err(Incoherent { pointer: "/subject".to_owned(), fault });
    }
    let mut names: Vec<_> = subjects.iter().map(|subject| subject.name.as_str()).collect();
    names.sort_unstable();
    if names.windows(2).any(|two| two[0] == two[1]) {
        let fault = "a subject stands twice";
        return Err(Incoherent { pointer: "/subject".to_owned(), fault });
    }
    ensure((1..=RUNS).contains(&rebuild.runs.len()), "runs", "there are 1 to 10,000 runs")?;
    ensure(
        rebuild.inputs.len() <= limits::ARTIFACTS,
        "inputs",
        "there are at most 100,000 inputs",
    )?;
    ensure(rebuild.copies.len() <= LISTED, "copies", "at most 100 are listed")?;
    let tools = rebuild.environment.tools.len();
    ensure(tools <= TOOLS, "environment/tools", "at most 1,000 are listed")
}

fn of_run(run: &Run) -> Checked {
    ensure(run.outputs.len() <= limits::ARTIFACTS, "outputs", "there are at most 100,000")?;
    let mut ids: Vec<_> = run.outputs.iter().map(|output| &output.artifact).collect();
    ids.sort_unstable();
    let twice = ids.windows(2).any(|two| two[0] == two[1]);
    ensure(!twice, "outputs", "an output stands twice")?;
    // What was copied out of an input is not run, whatever came out (reb-41).
    let of_outputs = Grade::of_all(run.outputs.iter().map(|output| output.grade));
    let agrees = run.grade == Grade::NotRun || of_outputs == Some(run.grade);
    ensure(agrees, "grade", "the grade is not that of its outputs")?;
    let made = run.exit.is_none_or(|code| code == 0) || run.grade == Grade::NotRun;
    ensure(made, "exit", "a command that failed made nothing (reb-14)")?;
    for (nth, output) in run.outputs.iter().enumerate() {
        of_output(output).map_err(|wrong| wrong.below(&format!("outputs/{nth}")))?;
    }
    Ok(())
}

fn of_output(output: &OutputMade) -> Checked {
    ensure(output.files.len() <= LISTED, "files", "at most 100 are listed")?;
    let differs = |claimed: &DigestSet, made: &DigestSet| {
        matches!(claimed.compare(made), Match::Differs { .. })
    };
    let differs =
        output.claimed.as_ref().zip(output.made.as_ref()).is_some_and(|(a, b)| differs(a, b));
    let tensors = output.tensors.as_ref();
    tensors
        .map_or(Ok(()), |tensors| of_tensors(tensors).map_err(|wrong| wrong.below("tensors")))?;
    let values_differ = tensors.is_some_and(|tensors| tensors.differing_elements.0 > 0);
    match output.grade {
        Grade::RebuiltExact => {
            ensure(!differs, "made", "the same bytes do not have other digests")?;
            ensure(!values_differ, "tensors", "in the same bytes nothing differs")?;
            ensure(output.files.is_empty(), "files", "in the same bytes no file differs")
        }
        Grade::RebuiltCanonical => {
            ensure(!values_differ, "tensors", "the same values do not differ")?;
            ensure(output.files.is_empty(), "files", "of the same members none differs")
        }
        Grade::RebuiltBounded => {
            let tensors = tensors.is_some_and(|t| t.max_ulp.is_some() || t.relative_l2.is_some());
            ensure(tensors, "tensors", "what is within a limit has a distance")
        }
        Grade::NearMiss | Grade::Contradicted | Grade::NotRun => Ok(()),
    }
}

fn of_tensors(tensors: &TensorsCompared) -> Checked {
    let within = tensors.differing_elements <= tensors.elements;
    ensure(within, "differingElements", "more elements differ than there are")?;
    ensure(tensors.worst.len() <= LISTED, "worst", "at most 100 are listed")
}

// reb-57
fn of_audit(audit: &Audit, runs: &[Run]) -> Checked {
    let (drawn, of) = (audit.drawn.0, audit.of.0);
    let mut segments: Vec<_> = runs.iter().filter_map(|run| run.segment.as_ref()).collect();
    ensure(segments.len() == runs.len(), "runs", "in an audit each run is of a segment")?;
    segments.sort_unstable();
    let twice = segments.windows(2).any(|two| two[0] == two[1]);
    ensure(!twice, "runs", "a segment was run twice")?;
    ensure(drawn == runs.len() as u64, "audit/drawn", "there is a run for each drawn segment")?;
    ensure(drawn <= of, "audit/of", "more segments were drawn than there are")?;
    let even = Fraction::parse(audit.miss_even.as_str());
    let even = even.ok_or_else(|| Incoherent::at("audit/missEven", Fraction::FORM))?;
    let worst = Fraction::parse(audit.miss_worst.as_str());
    let worst = worst.ok_or_else(|| Incoherent::at("audit/missWorst", Fraction::FORM))?;
    let is_even = even.is(u128::from(of - drawn), u128::from(of));
    ensure(is_even, "audit/missEven", "it is not 1 less the share that was drawn")?;
    let plausible = if drawn == of { worst.is_zero() } else { worst.at_least(&even) };
    ensure(plausible, "audit/missWorst", "the worst chance is not better than the even one")
}

/// A fraction from 0 to 1, as an attestation writes it.
struct Fraction<'t> {
    above: &'t str,
    below: &'t str,
}

impl<'t> Fraction<'t> {
    const FORM: &'static str =
        "a fraction is `NUMERATOR/DENOMINATOR`, of 1 to 80 digits each, from 0 to 1";

    fn parse(text: &'t str) -> Option<Self> {
        let (above, below) = text.split_once('/')?;
        let digits = |part: &str| {
            (1..=DIGITS).contains(&part.len())
                && part.bytes().all(|byte| byte.is_ascii_digit())
                && (part == "0" || !part.starts_with('0'))
        };
        let within = (above.len(), above) <= (below.len(), below);
        (digits(above) && digits(below) && below != "0" && within).then_some(Self { above, below })
    }

    fn is_zero(&self) -> bool {
        self.above == "0"
    }

    /// Whether it is `above / below`, both below 2^64.
    fn is(&self, above: u128, below: u128) -> bool {
        let own = |text: &str| text.parse::<u64>().ok().map(u128::from);
        match (own(self.above), own(self.below)) {
            (Some(own_above), Some(own_below)) => own_above * below == above * own_below,
            _ => false,
        }
    }

    /// Whether it is not smaller, as near as doubles tell.
    fn at_least(&self, other: &Self) -> bool {
        let value = |part: &str| part.parse::<f64>().unwrap_or(f64::NAN);
        let nearly = |one: &Self| value(one.above) / value(one.below);
        nearly(self) >= nearly(other) - 1e-9
    }
}

impl Incoherent {
    fn at(place: &str, fault: &'static str) -> Self {
        Self { pointer: format!("/predicate/{place}"), fault }
    }

    /// The same, one level further down.
    fn below(self, place: &str) -> Self {
        let inner = self.pointer.strip_prefix("/predicate").unwrap_or_default();
        Self { pointer: format!("/predicate/{place}{inner}"), ..self }
    }
}

fn ensure(holds: bool, place: &str, fault: &'static str) -> Checked {
    if holds { Ok(()) } else { Err(Incoherent::at(place, fault)) }
}
