//! How results look. Everything that comes from a release is escaped on its way to a terminal.

mod class;
pub(crate) mod diagnostic;
pub(crate) mod escape;
pub(crate) mod graph;
pub(crate) mod style;
pub(crate) mod text;

use std::path::Path;

use fullsource_verify::report::Report;

use crate::cli::ReportFormat;
use crate::exit::Failure;
use crate::render::style::Style;

/// The report in a form, for a file or, where none is named, for standard output.
pub(crate) fn report(
    report: &Report,
    form: ReportFormat,
    to: Option<&Path>,
) -> Result<String, Failure> {
    let to_file = to.is_some_and(|path| path.as_os_str() != "-");
    let style = if to_file { Style::plain() } else { Style::of(&std::io::stdout()) };
    match form {
        ReportFormat::Text => Ok(text::report(report, style)),
        ReportFormat::Json => json(report),
    }
}

/// The report as JSON, with a newline at its end.
pub(crate) fn json(report: &Report) -> Result<String, Failure> {
    let mut text = serde_json::to_string_pretty(report)
        .map_err(|error| Failure::of(fullsource_verify::finding::Code::TargetUnreadable, error))?;
    text.push('\n');
    // A report is also read on a terminal.
    Ok(escape::in_json(&text))
}
