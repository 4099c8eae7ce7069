//! The class as text: two ladders of four steps, what is missing for the next one, and what takes which
//! freedom.

use fullsource_verify::class::{Chain, ClassReport, Interval, TOP, name};
use fullsource_verify::frameworks::{Badges, Band, Debian, Frameworks, Fsf, Osaid};
use fullsource_verify::judge::Restriction;
use fullsource_verify::parents::ParentReport;
use fullsource_verify::report::Report;

use crate::render::escape::shown;
use crate::render::rebuilds;
use crate::render::style::Style;

/// Things that are missing, and restrictions, that are shown; the rest are counted.
const SHOWN: usize = 6;

/// The steps, from the weights down to where the data comes from.
const STEPS: [&str; TOP as usize] = ["weights", "recipe", "source", "origin"];

/// The lines of the class, where it was judged.
pub(super) fn lines(report: &Report, style: Style) -> String {
    let Some(class) = report.class() else { return String::new() };
    let mut out = String::new();
    let mut line = |label: &str, text: &str| {
        out.push_str(&format!("  {} {text}\n", style.dim(&format!("{label:<10}"))));
    };
    let (headline, linkage) = (shown(&class.headline), class.linkage);
    line("class", &format!("{} (linkage: {linkage})", style.bold(&headline)));
    line("there", &ladder(class.availability, Chain::Availability, style));
    line("free", &ladder(class.freedom, Chain::Freedom, style));
    if let Some(text) = claimed(class) {
        line("claimed", &text);
    }
    if let Some(delta) = class.delta {
        let headline = delta.headline();
        line("increment", &format!("{headline}, without the models that it starts from"));
    }
    for parent in report.parents().iter().filter(|parent| !parent.artifacts.is_empty()) {
        line("parent", &of_parent(parent));
    }
    let rebuilt = rebuilds::lines(report);
    for told in rebuilt.iter().take(SHOWN) {
        line("run again", &shown(told));
    }
    if let Some(more) = rebuilt.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        line("", &format!("and {more} more stages (--format json)"));
    }
    if let Some(frameworks) = report.frameworks() {
        line("elsewhere", &elsewhere(frameworks));
    }
    for (label, text) in report.badges().map(of_badges).unwrap_or_default() {
        let label = style.dim(&format!("{label:<10}"));
        out.push_str(&format!("  {label} {text}\n"));
    }
    out
}

/// `[x]` is established, `[?]` is possible, `[ ]` is out of reach.
fn ladder(interval: Interval, chain: Chain, style: Style) -> String {
    let step = |(nth, step): (usize, &&str)| {
        let rung = nth as u8 + 1;
        match rung {
            _ if rung <= interval.established => style.good(&format!("[x] {step}")),
            _ if rung <= interval.possible => style.open(&format!("[?] {step}")),
            _ => format!("[ ] {step}"),
        }
    };
    let steps: Vec<_> = STEPS.iter().enumerate().map(step).collect();
    let reached = match interval.established {
        0 if interval.possible == 0 => "out of reach".to_owned(),
        0 => "not established".to_owned(),
        rung => name(chain, rung).to_owned(),
    };
    format!("{}  {reached}", steps.join("  "))
}

/// What the statement claims, where less was established.
pub(super) fn claimed(class: &ClassReport) -> Option<String> {
    let short = |claimed: Interval, found: Interval| found.established < claimed.established;
    let less = short(class.claimed.availability, class.availability)
        || short(class.claimed.freedom, class.freedom);
    less.then(|| format!("{}, by its own statement", class.claimed.headline()))
}

/// What a reader wants to know beside the class: what is behind a door, whose makers it hangs on, and who
/// could make it again.
fn of_badges(badges: &Badges) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    if !badges.gated.is_empty() {
        let ids: Vec<_> = badges.gated.iter().map(|id| shown(id)).collect();
        lines.push(("gated", ids.join(", ")));
    }
    if !badges.vendor_dependent.is_empty() {
        let on: Vec<_> = badges.vendor_dependent.iter().map(|on| shown(&on.artifact)).collect();
        lines.push(("depends on", format!("the makers of {}", on.join(", "))));
    }
    let again = match badges.exercisability {
        Band::Workstation => "with a workstation (below 1,000 accelerator-hours)",
        Band::Lab => "by a lab (below 100,000 accelerator-hours)",
        Band::Institution => "by an institution (below 1,000,000 accelerator-hours)",
        Band::Hyperscale => "at hyperscale (1,000,000 accelerator-hours and more)",
        Band::Undisclosed => return lines,
    };
    lines.push(("again", format!("could be trained again {again}")));
    lines
}

/// A model that it was made from: which, whose word, and where that stands.
pub(super) fn of_parent(parent: &ParentReport) -> String {
    let stands = parent.artifacts.iter().map(|id| shown(id)).collect::<Vec<_>>().join(", ");
    let named = parent.release.as_ref().map_or_else(
        || "nothing known".to_owned(),
        |release| {
            let version = release.version.as_ref().map_or_else(String::new, |v| format!(" {v}"));
            shown(&format!("{}{version}", release.name))
        },
    );
    let whose = match (parent.local, parent.trusted) {
        (true, _) => "by a local document",
        (false, true) => "by its producer",
        (false, false) => "by nobody trusted",
    };
    let class = parent.verified.map_or("not judged", |standing| standing.headline());
    format!("{stands}: {named}, {whose}: {class}")
}

pub(super) fn elsewhere(frameworks: &Frameworks) -> String {
    let osaid = match frameworks.osaid.answer {
        Osaid::Yes => "yes",
        Osaid::No => "no",
        Osaid::Undetermined => "undetermined",
    };
    let debian = match frameworks.debian.answer {
        Debian::Free => "Free",
        Debian::ToxicCandy => "ToxicCandy",
        Debian::NonFree => "Non-free",
        Debian::Undetermined => "undetermined",
    };
    let fsf = match frameworks.fsf.answer {
        Fsf::Free => "free",
        Fsf::Nonfree => "nonfree",
        Fsf::Undetermined => "undetermined",
    };
    let mof = match frameworks.mof.class.established {
        0 => "none",
        1 => "I",
        2 => "II",
        _ => "III",
    };
    format!("OSAID 1.0 {osaid}; Debian {debian}; FSF {fsf}; MOF 1.0 class {mof}")
}

/// What is missing for the next rung, where the class was judged.
pub(super) fn missing(report: &Report, style: Style) -> String {
    let Some(next) = report.class().and_then(|class| class.next.as_ref()) else {
        return String::new();
    };
    let mut out = format!("  {}\n", style.dim(&format!("missing for `{}`:", shown(&next.name))));
    for missing in next.missing.iter().take(SHOWN) {
        out.push_str(&format!("    - {}\n", shown(&missing.text)));
    }
    out.push_str(&more(next.missing.len()));
    out
}

/// What takes which freedom, each once with all that it takes it from.
pub(super) fn taken(report: &Report, style: Style) -> String {
    let mut groups: Vec<(&Restriction, Vec<&str>)> = Vec::new();
    for taken in report.restrictions() {
        let same = |known: &Restriction| {
            (&known.license, &known.takes, &known.by, &known.clause)
                == (&taken.license, &taken.takes, &taken.by, &taken.clause)
        };
        match groups.iter_mut().find(|(known, _)| same(known)) {
            Some((_, artifacts)) => artifacts.push(&taken.artifact),
            None => groups.push((taken, vec![&taken.artifact])),
        }
    }
    if groups.is_empty() {
        return String::new();
    }
    let mut out = format!("  {}\n", style.dim("freedom that licences take:"));
    let mut of = (String::new(), String::new());
    for (taken, artifacts) in groups.iter().take(SHOWN) {
        let (license, from) = (shown(&taken.license), names(artifacts));
        if of != (license.clone(), from.clone()) {
            out.push_str(&format!("    {license}, of {from}:\n"));
            of = (license, from);
        }
        let (takes, by) = (shown(&taken.takes.join(", ")), shown(&taken.by));
        let clause = shown(&taken.clause);
        out.push_str(&format!("    - {takes}: by {by} ({clause})\n"));
    }
    out.push_str(&more(groups.len()));
    out
}

/// The first of some ids, and how many more there are.
fn names(ids: &[&str]) -> String {
    let mut text = ids.iter().take(SHOWN).map(|id| shown(id)).collect::<Vec<_>>().join(", ");
    if let Some(more) = ids.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

fn more(count: usize) -> String {
    match count.checked_sub(SHOWN).filter(|more| *more > 0) {
        Some(more) => format!("    - and {more} more (--format json)\n"),
        None => String::new(),
    }
}
