//! Failures on standard error: what happened, where, and what to do.

#![allow(clippy::print_stderr, reason = "this is where the command line speaks")]

use crate::exit::{Excerpt, Failure};
use crate::render::escape::shown;
use crate::render::style::Style;

/// Columns of a line that are shown around the fault.
const AROUND: usize = 60;

/// Faults of one document that are shown beside the first.
const MORE: usize = 20;

/// Prints a failure. A standard error that is gone changes nothing.
pub(crate) fn print(failure: &Failure) {
    print_as("error", failure);
    failure.others.iter().take(MORE).for_each(|other| print_as("error", other));
}

/// Prints a failure that weighs as the label says.
pub(crate) fn print_as(label: &str, failure: &Failure) {
    use std::io::Write as _;
    let style = Style::of(&std::io::stderr());
    let _ = std::io::stderr().lock().write_all(text(label, failure, style).as_bytes());
}

/// Tells what is no failure and no result: what had to be assumed, what is about to be done.
pub(crate) fn notes(notes: &[String]) {
    use std::io::Write as _;
    let style = Style::of(&std::io::stderr());
    let line = |text: &String| format!("{} {}\n", style.bold("note:"), shown(text));
    let lines: String = notes.iter().map(line).collect();
    // A standard error that is gone changes nothing.
    let _ = std::io::stderr().lock().write_all(lines.as_bytes());
}

fn text(label: &str, failure: &Failure, style: Style) -> String {
    let head = format!("{label}[{}]", failure.code);
    let head = if label == "error" { style.bad(&head) } else { style.open(&head) };
    let mut out = style.fit(format!("{head}: {}\n", shown(&failure.message)));
    for line in &failure.list {
        out.push_str(&style.fit(format!("    {}\n", shown(line))));
    }
    if let Some(excerpt) = &failure.excerpt {
        out.push_str(&place(excerpt, style));
    }
    out.push_str(&style.fit(format!("  {} {}\n", style.bold("help:"), shown(&failure.help))));
    out
}

/// The line of a fault with a caret under it.
pub(crate) fn place(excerpt: &Excerpt, style: Style) -> String {
    let Excerpt { document, place, .. } = excerpt;
    let number = place.line.to_string();
    let margin = " ".repeat(number.len());
    let (before, after, cut) = excerpt.around(AROUND);
    let cut = if cut { "…" } else { "" };
    let before = format!("{cut}{}", shown(before));
    let marked = after.char_indices().take_while(|(i, _)| *i < place.length).count().max(1);
    format!(
        " {margin}{} {}:{}:{}\n {margin} {bar}\n {number} {bar} {before}{}\n {margin} {bar} {}{}\n",
        style.dim("-->"),
        shown(document),
        place.line,
        place.column,
        shown(after),
        " ".repeat(before.chars().count()),
        style.bad(&"^".repeat(marked)),
        bar = style.dim("|"),
    )
}
