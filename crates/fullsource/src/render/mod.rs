//! How results look. Everything that comes from a release is escaped on its way to a terminal.

mod badge;
mod class;
pub(crate) mod diagnostic;
pub(crate) mod diff;
pub(crate) mod escape;
mod fit;
#[cfg(test)]
mod form_tests;
mod github;
pub(crate) mod graph;
mod html;
mod junit;
mod markdown;
pub(crate) mod origin;
mod rebuilds;
mod sarif;
pub(crate) mod style;
pub(crate) mod text;
mod words;

use std::path::Path;

use fullsource_verify::report::Report;
use serde::Serialize;

use crate::cli::ReportFormat;
use crate::exit::Failure;
use crate::render::origin::Origin;
use crate::render::style::Style;

/// The report in a form, for a file or, where none is named, for standard output. The origin is what its
/// findings are pointed at, in the forms that point.
pub(crate) fn report(
    report: &Report,
    form: ReportFormat,
    origin: &Origin,
    to: Option<&Path>,
) -> Result<String, Failure> {
    let to_file = to.is_some_and(|path| path.as_os_str() != "-");
    let style = if to_file { Style::plain() } else { Style::of(&std::io::stdout()) };
    match form {
        ReportFormat::Text => Ok(style.fit(text::report(report, style))),
        ReportFormat::Json => json(report),
        ReportFormat::Html => Ok(html::page(report)),
        ReportFormat::Markdown => Ok(markdown::report(report)),
        ReportFormat::Sarif => sarif::report(report, origin),
        ReportFormat::Junit => junit::report(report, origin),
        ReportFormat::Github => Ok(github::report(report, origin)),
        ReportFormat::Badge => Ok(badge::svg(report)),
        ReportFormat::Shields => badge::shields(report),
    }
}

/// The report as JSON, with a newline at its end.
pub(crate) fn json(report: &Report) -> Result<String, Failure> {
    pretty(report)
}

/// A JSON document with a newline at its end. It is also read on a terminal.
fn pretty(document: &impl Serialize) -> Result<String, Failure> {
    let mut text = serde_json::to_string_pretty(document)
        .map_err(|error| Failure::of(fullsource_verify::finding::Code::TargetUnreadable, error))?;
    text.push('\n');
    Ok(escape::in_json(&text))
}
