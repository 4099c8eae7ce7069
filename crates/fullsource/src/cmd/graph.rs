//! `fullsource graph`: how a release was made, as a picture. Nothing is looked at.

use std::process::ExitCode;

use crate::cli::{Graph, GraphFormat};
use crate::exit::{Exit, Failure};
use crate::render::graph;
use crate::{output, subject};

pub(crate) fn run(args: &Graph) -> Result<ExitCode, Failure> {
    if let Some(out) = &args.output {
        output::not_an_input(out, std::iter::once(&args.subject))?;
        if args.subject.is_dir() {
            output::beside_release(&args.subject, out, &[])?;
        }
    }
    let report = subject::report(&args.subject)?;
    let text = match args.format {
        GraphFormat::Svg => graph::svg(&report),
        GraphFormat::Dot => graph::dot(&report),
        GraphFormat::Mermaid => graph::mermaid(&report),
    };
    output::write(args.output.as_deref(), text.as_bytes())?;
    Ok(Exit::Done.into())
}
