//! What the whole moved: the two sides, the verdict, the class and why.

use std::collections::HashMap;

use fullsource_verify::class::{Chain, Interval, Tri, name};
use fullsource_verify::compare::{
    Basis, By, ChainChange, ClassChange, Decided, Diff, NeedChange, Side, Trend,
};
use fullsource_verify::report::Verdict;

use super::lines::{Line, Section};

/// The headline's word.
pub(super) const fn word(trend: Option<Trend>) -> &'static str {
    match trend {
        None => "SAME",
        Some(Trend::Neutral) => "DIFFERENT",
        Some(Trend::Seen) => "SEEN",
        Some(Trend::Better) => "BETTER",
        Some(Trend::Unseen) => "UNSEEN",
        Some(Trend::Worse) => "WORSE",
    }
}

/// The headline's word as a sentence.
pub(super) const fn sentence(trend: Option<Trend>) -> &'static str {
    match trend {
        None => "nothing that a report tells differs",
        Some(Trend::Neutral) => "something differs, and nothing of it is better or worse",
        Some(Trend::Seen) => {
            "something could be established that was not before; nothing got worse"
        }
        Some(Trend::Better) => "something got better, and nothing worse",
        Some(Trend::Unseen) => "something could not be seen again; it need not be worse",
        Some(Trend::Worse) => "something got worse",
    }
}

/// Said of every comparison: nothing in it was verified here.
pub(super) const UNVERIFIED: &str =
    "UNVERIFIED: a report or a claim is anybody's word; nothing was checked here";

/// The names of the two releases.
pub(super) fn names(diff: &Diff) -> Line {
    let name = |side: &Side| {
        side.release.as_ref().map_or_else(
            || "no release".to_owned(),
            |release| {
                let version =
                    release.version.as_ref().map_or_else(String::new, |v| format!(" {v}"));
                format!("{}{version}", release.name)
            },
        )
    };
    let (before, after) = (name(&diff.before), name(&diff.after));
    if before == after {
        Line::plain().quote(&before)
    } else {
        Line::plain().moved(&before, &after)
    }
}

/// The sides, the verdict and the class.
pub(super) fn sections(diff: &Diff) -> Vec<Section> {
    let mut all = vec![
        Section::line("before", side(&diff.before)),
        Section::line("after", side(&diff.after)),
    ];
    if let Some(verdict) = &diff.verdict {
        let (from, to) = (verdict_word(verdict.from), verdict_word(verdict.to));
        all.push(Section::line("verdict", Line::new(verdict.trend).say(format!("{from} → {to}"))));
    }
    let Some(class) = &diff.class else { return all };
    if class.from != class.to {
        all.push(Section::line("class", Line::plain().moved(&class.from, &class.to)));
    }
    let chains = |what: &str, chains: &[ChainChange]| -> Vec<_> {
        let line = |change: &ChainChange| {
            let label = match change.chain {
                Chain::Availability => "there",
                Chain::Freedom => "free",
            };
            let (from, to) =
                (interval(change.chain, change.from), interval(change.chain, change.to));
            let text = format!("{what}{from} → {to}");
            Section::line(label, Line::new(change.trend).say(text))
        };
        chains.iter().map(line).collect()
    };
    all.extend(chains("", &class.verified));
    all.extend(chains("claimed: ", &class.claimed));
    all.extend(chains("without the models that it starts from: ", &class.delta));
    if let Some(linkage) = &class.linkage {
        all.push(Section::line("linkage", Line::plain().moved(&linkage.from, &linkage.to)));
    }
    all.extend(why(diff, class));
    all
}

fn side(side: &Side) -> Line {
    let class = |headline: &Option<String>| match headline {
        Some(headline) => headline.clone(),
        None => "no class".to_owned(),
    };
    match side.basis {
        Basis::Claim => Line::plain()
            .say("a claim at which nobody looked: ")
            .quote(&class(&side.claimed))
            .say(", by its own word"),
        Basis::Report => {
            let verdict = verdict_word(side.verdict);
            let line =
                Line::plain().say(format!("a report: {verdict}, ")).quote(&class(&side.headline));
            let claims =
                side.claimed.iter().filter(|claimed| Some(*claimed) != side.headline.as_ref());
            let line =
                claims.fold(line, |line, claimed| line.say(" (claims ").quote(claimed).say(")"));
            line.say(format!(", {} of {} artifacts looked at", side.artifacts_seen, side.artifacts))
        }
    }
}

pub(super) const fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "PASS",
        Verdict::Fail => "FAIL",
        Verdict::Incomplete => "INCOMPLETE",
        Verdict::Error => "ERROR",
    }
}

/// What is established, and what is possible where that is more.
pub(super) fn interval(chain: Chain, interval: Interval) -> String {
    let (established, possible) = (interval.established, interval.possible);
    match established {
        0 if possible == 0 => "out of reach".to_owned(),
        0 => format!("not established ({} possible)", name(chain, possible)),
        rung if rung == possible => name(chain, rung).to_owned(),
        rung => format!("{} ({} possible)", name(chain, rung), name(chain, possible)),
    }
}

/// The needs that moved it, and what became of the artifacts that decided.
fn why(diff: &Diff, class: &ClassChange) -> Option<Section> {
    let causes = Causes::of(diff);
    Section::list("why", class.needs.iter().map(|need| reason(need, &causes)).collect())
}

fn reason(need: &NeedChange, causes: &Causes) -> Line {
    let of = |word: &'static str, id: &Option<String>, line: Line| match id {
        Some(id) => line.say(format!(" {word} ")).quote(id),
        None => line,
    };
    let rung = name(need.chain, need.rung);
    let line = Line::new(need.trend).say(format!("{rung} needs {}", words(need)));
    let line = of("of stage", &need.stage, line);
    let line = of("of", &need.about, line);
    let value = |side: &Option<Decided>| side.as_ref().map_or("not needed", |side| tri(side.value));
    let line = line.say(format!(": {} → {}", value(&need.from), value(&need.to)));
    let decided = |side: &Option<Decided>| side.as_ref().and_then(|side| side.artifact.clone());
    let (was, is) = (decided(&need.from), decided(&need.to));
    match is.or(was) {
        Some(id) => causes.tell(&id, line.say("; ").quote(&id)),
        None => line,
    }
}

fn words(need: &NeedChange) -> String {
    let value = serde_json::to_value(need.need).ok();
    value.as_ref().and_then(|value| value.as_str()).unwrap_or_default().replace('-', " ")
}

pub(super) const fn tri(value: Tri) -> &'static str {
    match value {
        Tri::T => "yes",
        Tri::U => "unknown",
        Tri::F => "no",
    }
}

/// What became of artifacts, in a few words.
struct Causes(HashMap<String, (&'static str, String, String)>);

impl Causes {
    fn of(diff: &Diff) -> Self {
        let mut all = HashMap::new();
        let mut tell = |id: &str, what, from: &str, to: &str| {
            all.entry(id.to_owned()).or_insert_with(|| (what, from.to_owned(), to.to_owned()));
        };
        for access in
            diff.withdrawn.iter().chain(&diff.opened).filter(|one| one.by == By::Publisher)
        {
            tell(&access.artifact, "the publisher says", &access.from, &access.to);
        }
        for change in &diff.changed {
            if let Some(status) = change.status {
                tell(&change.artifact, "a look says", status.from.as_str(), status.to.as_str());
            }
        }
        for license in &diff.relicensed {
            let text =
                |license: &Option<String>| license.clone().unwrap_or_else(|| "no licence".into());
            tell(&license.artifact, "its licence", &text(&license.from), &text(&license.to));
        }
        diff.removed.iter().for_each(|one| tell(&one.artifact, "claimed", "yes", "no longer"));
        diff.added.iter().for_each(|one| tell(&one.artifact, "claimed", "no", "now"));
        Self(all)
    }

    fn tell(&self, id: &str, line: Line) -> Line {
        match self.0.get(id) {
            Some((what, from, to)) => line.say(format!(" ({what}: ")).moved(from, to).say(")"),
            None => line,
        }
    }
}
