//! What a manifest claims, as `check` tells it: not what is so, and nobody has looked.

use fullsource_format::manifest::Manifest;
use fullsource_verify::class::{Chain, Missing, Next, name};
use fullsource_verify::report::DocumentReport;

use crate::render::escape::shown;
use crate::render::style::Style;
use crate::suggest;

/// Things that are missing, and notes, that are shown; the rest are counted.
const SHOWN: usize = 12;

/// Notes on one document; finding what is meant takes time.
const NOTED: usize = 100;

/// The lines below the name of a document that is in order.
pub(super) fn lines(document: &DocumentReport, style: Style) -> String {
    let mut out = String::new();
    let notes = document.notes.iter().map(String::as_str);
    out.push_str(&listed(
        &style.open("words that no registry has, kept and judged as unknown"),
        notes,
    ));
    let claimed = document.by_word.claimed;
    let (there, free) = (claimed.availability.established, claimed.freedom.established);
    let text = match (there, free) {
        (0, _) => "no rung".to_owned(),
        (there, 0) => format!("`{}`, and no rung of freedom", name(Chain::Availability, there)),
        _ if there == free => format!("`{}`", name(Chain::Freedom, free)),
        _ => {
            let free = name(Chain::Freedom, free);
            format!("`{}`, and in freedom `{free}`", name(Chain::Availability, there))
        }
    };
    out.push_str(&format!(
        "  {} {text}, by its own word: nobody has looked\n",
        style.dim("claims")
    ));
    let mut lists = false;
    for next in shown_next(&document.by_word.next) {
        lists |= next.missing.iter().any(|missing| missing.text.contains("role"));
        let heading = style.dim(&format!("to claim `{}`:", next.name));
        out.push_str(&listed(&heading, next.missing.iter().map(|missing| &*missing.text)));
    }
    if lists {
        let add =
            "`fullsource add ROLE PLACE` lists one; `fullsource explain roles` tells the roles";
        out.push_str(&format!("    {} {add}\n", style.dim("help:")));
    }
    out
}

/// The lowest rung first. Where both chains are at one rung, what availability lacks is told only if
/// freedom does not lack the same: of an artifact its licence is told before its place.
fn shown_next(next: &[Next]) -> Vec<&Next> {
    let freedom = next.iter().find(|next| next.chain == Chain::Freedom);
    let told = |missing: &Missing| {
        freedom.is_some_and(|next| next.missing.iter().any(|other| other.text == missing.text))
    };
    let mut shown: Vec<_> = next.iter().collect();
    shown.retain(|next| {
        next.chain == Chain::Freedom
            || freedom.is_none_or(|freedom| freedom.rung != next.rung)
            || !next.missing.iter().take(SHOWN).all(told)
    });
    shown.sort_by_key(|next| next.rung);
    shown
}

fn listed<'a>(heading: &str, lines: impl ExactSizeIterator<Item = &'a str>) -> String {
    let count = lines.len();
    if count == 0 {
        return String::new();
    }
    let most = if count == SHOWN + 1 { count } else { SHOWN };
    let shown: String = lines.take(most).map(|line| format!("    - {}\n", shown(line))).collect();
    let rest = match count.checked_sub(most).filter(|rest| *rest > 0) {
        Some(rest) => format!("    - and {rest} more (--format json)\n"),
        None => String::new(),
    };
    format!("  {heading}\n{shown}{rest}")
}

/// Words that are kept and judged as unknown, with the ones that may be meant. A manifest may be full of
/// them: the rest are counted.
pub(super) fn notes(manifest: &Manifest) -> Vec<String> {
    let roles = manifest.artifacts().iter().flat_map(|artifact| {
        let unknown = artifact.roles.iter().filter(|role| !role.is_registered());
        unknown.map(move |role| Unknown::Role(role.as_str(), artifact.id.as_str()))
    });
    let kinds = manifest.stages().iter().filter(|stage| !stage.kind.is_registered());
    let kinds = kinds.map(|stage| Unknown::Kind(stage.kind.as_str(), stage.id.as_str()));
    let mut unknown = roles.chain(kinds);
    let mut notes: Vec<_> = unknown.by_ref().take(NOTED).map(Unknown::note).collect();
    let more = unknown.count();
    notes.extend((more > 0).then(|| format!("and {more} more")));
    notes
}

/// A word that no registry has, and what it is of.
enum Unknown<'a> {
    Role(&'a str, &'a str),
    Kind(&'a str, &'a str),
}

impl Unknown<'_> {
    fn note(self) -> String {
        let (text, meant) = match self {
            Self::Role(role, of) => (format!("the role `{role}` of `{of}`"), suggest::role(role)),
            Self::Kind(kind, of) => {
                (format!("the kind `{kind}` of the stage `{of}`"), suggest::stage_kind(kind))
            }
        };
        match meant {
            Some(meant) => format!("{text}; did you mean `{meant}`?"),
            None => text,
        }
    }
}
