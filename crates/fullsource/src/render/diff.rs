//! A comparison, as people see it: the same lines as text and as Markdown, what got worse first.

mod changes;
mod lines;
mod markdown;
mod moves;
mod text;

use std::path::Path;

use fullsource_verify::compare::Diff;

use crate::cli::DiffFormat;
use crate::exit::Failure;
use crate::render::style::Style;

/// The comparison in a form, for a file or, where none is named, for standard output.
pub(crate) fn diff(diff: &Diff, form: DiffFormat, to: Option<&Path>) -> Result<String, Failure> {
    let to_file = to.is_some_and(|path| path.as_os_str() != "-");
    let style = if to_file { Style::plain() } else { Style::of(&std::io::stdout()) };
    match form {
        DiffFormat::Text => Ok(style.fit(text::diff(diff, style))),
        DiffFormat::Markdown => Ok(markdown::diff(diff)),
        DiffFormat::Json => super::pretty(diff),
    }
}
