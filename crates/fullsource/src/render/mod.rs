//! How results look. Everything that comes from a release is escaped on its way to a terminal.

mod class;
pub(crate) mod diagnostic;
pub(crate) mod escape;
pub(crate) mod style;
pub(crate) mod text;

use fullsource_verify::report::Report;

use crate::exit::Failure;

/// The report as JSON, with a newline at its end.
pub(crate) fn json(report: &Report) -> Result<String, Failure> {
    let mut text = serde_json::to_string_pretty(report)
        .map_err(|error| Failure::of(fullsource_verify::finding::Code::TargetUnreadable, error))?;
    text.push('\n');
    // A report is also read on a terminal.
    Ok(escape::in_json(&text))
}
