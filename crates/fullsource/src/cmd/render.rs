//! `fullsource render`: a report in another form. Nothing is looked at.

use std::process::ExitCode;

use crate::cli::Render;
use crate::exit::{Exit, Failure};
use crate::{output, render, subject};

pub(crate) fn run(args: &Render) -> Result<ExitCode, Failure> {
    if let Some(out) = &args.output {
        output::not_an_input(out, std::iter::once(&args.subject))?;
    }
    let report = subject::report(&args.subject)?;
    let text = render::report(&report, args.format, args.output.as_deref())?;
    output::write(args.output.as_deref(), text.as_bytes())?;
    Ok(Exit::Done.into())
}
