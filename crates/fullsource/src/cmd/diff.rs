//! `fullsource diff`: what changed between two releases, or two reports. Nothing is looked at.

use std::process::ExitCode;

use fullsource_verify::compare::{self, Trend};

use crate::cli::{Diff, FailOn};
use crate::exit::{Exit, Failure};
use crate::subject::Subject;
use crate::{output, render, subject};

pub(crate) fn run(args: &Diff) -> Result<ExitCode, Failure> {
    if args.fail_on.contains(&FailOn::Never) && args.fail_on.len() > 1 {
        let help = "leave `never` out, or the others";
        return Err(Failure::usage("`--fail-on never` stands alone", help));
    }
    if let Some(out) = &args.output {
        output::not_an_input(out, [&args.before, &args.after].into_iter())?;
        for release in [&args.before, &args.after].into_iter().filter(|side| side.is_dir()) {
            output::beside_release(release, out, &[])?;
        }
    }
    let (before, after) = (subject::with_files(&args.before)?, subject::with_files(&args.after)?);
    let diff = compare::Diff::of(side(&before), side(&after));
    let text = render::diff::diff(&diff, args.format, args.output.as_deref())?;
    output::write(args.output.as_deref(), text.as_bytes())?;
    Ok(exit(&diff, &args.fail_on).into())
}

const fn side(subject: &Subject) -> compare::Release<'_> {
    compare::Release { report: &subject.report, files: subject.files.as_ref() }
}

/// What a script is told (`dif-16`): the worst of what it asked for.
fn exit(diff: &compare::Diff, fail_on: &[FailOn]) -> Exit {
    let of = |trend| match trend {
        Some(Trend::Worse) => Exit::Fail,
        Some(Trend::Unseen) => Exit::Incomplete,
        _ => Exit::Done,
    };
    let failing = |differs: bool| if differs { Exit::Fail } else { Exit::Done };
    let asked = |on: &FailOn| match on {
        FailOn::Worse => of(diff.trend),
        FailOn::Verdict => of(diff.verdict_trend()),
        FailOn::Relicensed => failing(!diff.relicensed.is_empty()),
        FailOn::Any => failing(diff.trend.is_some()),
        FailOn::Never => Exit::Done,
    };
    let ends: Vec<_> = fail_on.iter().map(asked).collect();
    let order = [Exit::Fail, Exit::Incomplete];
    order.into_iter().find(|exit| ends.contains(exit)).unwrap_or(Exit::Done)
}
