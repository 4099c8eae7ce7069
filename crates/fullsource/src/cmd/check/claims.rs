//! What a manifest claims, as `check` tells it: not what is so, and nobody has looked.

use fullsource_format::manifest::Manifest;
use fullsource_verify::class::{Chain, Next, name};
use fullsource_verify::report::DocumentReport;

use crate::render::escape::shown;
use crate::render::style::Style;
use crate::suggest;

/// Things that are missing, and notes, that are shown; the rest are counted.
const SHOWN: usize = 12;

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
        out.push_str(&listed(&heading, next.missing.iter().map(|missing| missing.text.as_str())));
    }
    if lists {
        let add =
            "`fullsource add ROLE PLACE` lists one; `fullsource explain roles` tells the roles";
        out.push_str(&format!("    {} {add}\n", style.dim("help:")));
    }
    out
}

/// The lowest rung first. The chain of freedom never stands above the other one, so where both are at
/// one rung, what freedom lacks is all.
fn shown_next(next: &[Next]) -> Vec<&Next> {
    let freedom = next.iter().find(|next| next.chain == Chain::Freedom).map(|next| next.rung);
    let mut shown: Vec<_> = next.iter().collect();
    shown.retain(|next| next.chain == Chain::Freedom || Some(next.rung) != freedom);
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

/// Words that are kept and judged as unknown, with the ones that may be meant.
pub(super) fn notes(manifest: &Manifest) -> Vec<String> {
    let meant =
        |word: Option<&str>| word.map_or(String::new(), |w| format!("; did you mean `{w}`?"));
    let roles = manifest.artifacts().iter().flat_map(|artifact| {
        let unknown = artifact.roles.iter().filter(|role| !role.is_registered());
        unknown.map(move |role| {
            let meant = meant(suggest::role(role.as_str()));
            format!("the role `{role}` of `{}`{meant}", artifact.id)
        })
    });
    let kinds = manifest.stages().iter().filter(|stage| !stage.kind.is_registered());
    let kinds = kinds.map(|stage| {
        let meant = meant(suggest::stage_kind(stage.kind.as_str()));
        format!("the kind `{}` of the stage `{}`{meant}", stage.kind, stage.id)
    });
    roles.chain(kinds).collect()
}
