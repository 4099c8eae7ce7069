//! What `init` tells: what it found and assumed, what is wrong, and what is missing for each rung.

use fullsource_format::path::RelPath;

use super::draft::Draft;
use super::missing::{Missing, RUNGS};
use super::release::Release;
use super::role::Part;
use super::seen::Seen;
use crate::render::escape::shown;
use crate::render::style::Style;
use crate::render::text::size;

/// Lines of one section; the rest are counted.
const LINES: usize = 12;
/// Columns of a line of the text.
const COLUMNS: usize = 100;
/// Characters of one line.
const CHARS: usize = 400;

/// The whole text. `written` is the file's name, or that of standard output.
pub(super) fn told(
    written: &str,
    release: &Release,
    seen: &Seen,
    draft: &Draft,
    missing: &Missing,
    next: &[String],
    style: Style,
) -> String {
    let wire = draft.manifest.as_wire();
    let mut out = format!(
        "{} {}: {} and {}, from {} ({})\n",
        style.good("drafted"),
        style.bold(&shown(written)),
        counted(wire.artifacts.len(), "artifact"),
        counted(wire.stages.len(), "stage"),
        counted(release.files.len(), "file"),
        size(release.files.total_bytes()),
    );
    out.push_str(&section(&style.bold("found"), &found(release, seen, draft)));
    out.push_str(&section("", &found_last(draft)));
    let assumed = draft.licenses.assumed.iter().chain(&draft.assumed).cloned().collect::<Vec<_>>();
    out.push_str(&section(&style.open("assumed, correct what is wrong"), &assumed));
    out.push_str(&section(&style.bad("problems"), &problems(release, draft)));
    out.push_str(&section(&style.open("missing, first of all"), &missing.first));
    for (number, (name, lines)) in RUNGS.iter().zip(&missing.rungs).enumerate() {
        let heading = format!("missing for rung {}, {name}", number + 1);
        out.push_str(&section(&style.open(&heading), lines));
    }
    out.push_str(&style.bold("next"));
    out.push_str(": correct the draft in an editor; `fullsource add` what lies elsewhere; then\n");
    out.extend(next.iter().map(|step| format!("  {}\n", shown(step))));
    out
}

fn section(heading: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let mut out = String::new();
    if !heading.is_empty() {
        out = format!("{heading}\n");
    }
    // One line more is no longer than the line that would count it.
    let most = if lines.len() == LINES + 1 { LINES + 1 } else { LINES };
    for line in lines.iter().take(most) {
        let mut text: String = line.chars().take(CHARS).collect();
        if text.len() < line.len() {
            text.push('…');
        }
        out.push_str(&wrapped(&shown(&text)));
    }
    if lines.len() > most {
        out.push_str(&format!("  - and {} more\n", lines.len() - most));
    }
    out
}

/// A line of a list, broken between words.
fn wrapped(text: &str) -> String {
    let mut out = "  -".to_owned();
    let mut column = out.len();
    for word in text.split(' ') {
        let width = word.chars().count();
        if column + 1 + width > COLUMNS && column > 4 {
            out.push_str("\n   ");
            column = 3;
        }
        out.push(' ');
        out.push_str(word);
        column += 1 + width;
    }
    out.push('\n');
    out
}

fn found(release: &Release, seen: &Seen, draft: &Draft) -> Vec<String> {
    let mut parts: Vec<&Part> = draft.parts.iter().collect();
    // What a release is about stands first.
    parts.sort_by_key(|part| !part.roles[0].starts_with("weights."));
    let texts = |part: &&&Part| !part.has("doc.license");
    let mut lines: Vec<String> =
        parts.iter().filter(texts).map(|part| of_part(part, release, seen)).collect();
    lines.extend(draft.licenses.found.iter().cloned());
    let wire = draft.manifest.as_wire();
    let elsewhere = wire.artifacts.iter().filter(|artifact| artifact.files.is_empty());
    let mut by_role: Vec<(String, Vec<String>)> = Vec::new();
    for artifact in elsewhere {
        let role = artifact.roles.first().map(ToString::to_string).unwrap_or_default();
        let name = artifact.name.as_ref().map_or_else(String::new, |name| format!("`{name}`"));
        match by_role.iter_mut().find(|(known, _)| *known == role) {
            Some((_, names)) => names.push(name),
            None => by_role.push((role, vec![name])),
        }
    }
    let named = by_role.iter().map(|(role, names)| format!("{role}, by name: {}", some(names)));
    lines.extend(named);
    lines
}

/// What is told however much was found.
fn found_last(draft: &Draft) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(draft.manifest.stages().iter().map(|stage| {
        let outputs: Vec<_> = stage.outputs.iter().map(|id| format!("`{id}`")).collect();
        format!("a stage of kind {}, which made {}", stage.kind, some(&outputs))
    }));
    if !draft.unplaced.is_empty() {
        let files: Vec<_> = draft.unplaced.iter().map(|file| format!("`{file}`")).collect();
        lines.push(format!("of no artifact, signed all the same: {}", some(&files)));
    }
    lines
}

fn of_part(part: &Part, release: &Release, seen: &Seen) -> String {
    let bytes = |file: &RelPath| release.files.get(file.as_str()).map_or(0, |file| file.size);
    let total = part.files.iter().map(bytes).fold(0u64, u64::saturating_add);
    let files: Vec<_> = part.files.iter().map(|file| format!("`{file}`")).collect();
    let mut line = format!("{}: {}, {}", part.roles.join(", "), some(&files), size(total));
    let headers: Vec<_> = part.files.iter().filter_map(|file| seen.weights.get(file)).collect();
    if !headers.is_empty() {
        let count = headers.iter().fold(0u64, |sum, header| sum.saturating_add(header.count));
        let types: std::collections::BTreeSet<_> =
            headers.iter().flat_map(|header| &header.types).copied().collect();
        let types: Vec<_> = types.into_iter().collect();
        line.push_str(&format!(", {} parameters ({})", grouped(count), types.join(", ")));
    }
    line
}

fn problems(release: &Release, draft: &Draft) -> Vec<String> {
    let refused = release.refused.iter();
    let refused = refused.map(|r| format!("`{}`: {}; {}", r.path, r.what, r.way_out));
    let mut lines: Vec<String> = refused.take(LINES).collect();
    if release.refused.len() > LINES {
        lines.truncate(LINES / 2);
        let more = release.refused.len() - lines.len();
        lines.push(format!("and {more} more of the kind"));
    }
    if !release.refused.is_empty() {
        lines.insert(0, "`sign` will refuse the release:".to_owned());
    } else if release.files.is_empty() {
        lines.push("there are no files to sign".to_owned());
    }
    lines.extend(draft.licenses.problems.iter().chain(&draft.problems).cloned());
    lines
}

/// The first of a list, and how many more there are.
fn some(names: &[String]) -> String {
    let most = if names.len() <= 4 { names.len() } else { 3 };
    let shown = names[..most].join(", ");
    match names.len() - most {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(count as u64))
}

/// A number with commas: `22,713,728`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_lists_are_for_people() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(22_713_728), "22,713,728");
        assert_eq!(counted(1, "file"), "1 file");
        assert_eq!(wrapped("a b"), "  - a b\n");
        let long = wrapped(&"word ".repeat(30));
        assert!(long.lines().all(|line| line.len() <= COLUMNS) && long.lines().count() == 2);
        assert_eq!(wrapped(&"x".repeat(200)).lines().count(), 1);
        let names: Vec<String> = (0..6).map(|n| n.to_string()).collect();
        assert_eq!(some(&names), "0, 1, 2 and 3 more");
        assert_eq!(some(&names[..4]), "0, 1, 2, 3");
    }
}
