//! `fullsource render`: a report in another form. Nothing is looked at.

use std::process::ExitCode;

use crate::cli::Render;
use crate::exit::{Exit, Failure};
use crate::render::origin::Origin;
use crate::{output, render, subject};

pub(crate) fn run(args: &Render) -> Result<ExitCode, Failure> {
    if let Some(out) = &args.output {
        output::not_an_input(out, std::iter::once(&args.subject).chain(&args.manifest))?;
        if args.subject.is_dir() {
            output::beside_release(&args.subject, out, &[])?;
        }
    }
    let report = subject::report(&args.subject)?;
    let text = render::report(&report, args.format, &origin(args)?, args.output.as_deref())?;
    output::write(args.output.as_deref(), text.as_bytes())?;
    Ok(Exit::Done.into())
}

/// What the findings of the report are about, as far as it is at hand.
fn origin(args: &Render) -> Result<Origin, Failure> {
    let origin = match args.subject.is_dir() {
        true => Origin::of_release(&args.subject),
        false => Origin::of_document(&args.subject),
    };
    match &args.manifest {
        Some(path) => origin.with_manifest(path),
        None => Ok(origin),
    }
}
