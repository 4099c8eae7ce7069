//! What the whole moved: the two sides, the verdict, the class and why.

use std::collections::HashMap;
use std::sync::Arc;

use fullsource_verify::class::{Chain, Interval, Tri, name};
use fullsource_verify::compare::{
    Basis, By, ChainChange, ClassChange, Decided, Diff, NeedChange, Side, Trend,
};
use fullsource_verify::report::Verdict;

use super::lines::{Line, Section};

/// Parts that the headline names; the rest are counted.
const PARTS: usize = 4;

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

/// The headline as a sentence, with the parts that it rests on.
pub(super) fn sentence(trend: Option<Trend>, sections: &[Section]) -> String {
    let what = match trend {
        None => return "nothing that is compared differs".to_owned(),
        Some(Trend::Neutral) => return "nothing of what differs is better or worse".to_owned(),
        Some(Trend::Seen) => "established now, and not before",
        Some(Trend::Better) => "nothing got worse; better",
        Some(Trend::Unseen) => "could not be seen again, and need not be worse",
        Some(Trend::Worse) => "got worse",
    };
    let moved = sections.iter().filter(|one| one.lines.iter().any(|line| line.trend == trend));
    let mut labels: Vec<_> = moved.map(|one| one.label).filter(|label| *label != "why").collect();
    labels.dedup();
    let more = labels.len().saturating_sub(PARTS);
    labels.truncate(PARTS);
    match (labels.is_empty(), more) {
        (true, _) => format!("something {what}"),
        (false, 0) => format!("{what}: {}", labels.join(", ")),
        (false, more) => format!("{what}: {} and {more} more", labels.join(", ")),
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
    all.extend(class.verified.iter().map(|one| chain("", "", one)));
    let as_seen = |one: &&ChainChange| {
        !class
            .verified
            .iter()
            .any(|seen| (seen.chain, seen.from, seen.to) == (one.chain, one.from, one.to))
    };
    all.extend(class.claimed.iter().filter(as_seen).map(|one| chain("claimed", "", one)));
    let without = "without the models that it starts from, ";
    all.extend(class.delta.iter().map(|one| chain("increment", without, one)));
    if let Some(linkage) = &class.linkage {
        all.push(Section::line("linkage", Line::plain().moved(&linkage.from, &linkage.to)));
    }
    all.extend(why(diff, class));
    all
}

fn chain(label: &'static str, what: &str, one: &ChainChange) -> Section {
    let chain = match one.chain {
        Chain::Availability => "there",
        Chain::Freedom => "free",
    };
    let (from, to) = (interval(one.chain, one.from), interval(one.chain, one.to));
    let (label, what) = match label {
        "" => (chain, what.to_owned()),
        label => (label, format!("{what}{chain}: ")),
    };
    Section::line(label, Line::new(one.trend).say(format!("{what}{from} → {to}")))
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
            line.say(match side.artifacts_unseen {
                0 => format!(", {} artifacts", side.artifacts),
                unseen => format!(", {unseen} of {} artifacts could not be seen", side.artifacts),
            })
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
    let needs = class.needs.iter().filter(|need| need.moves_rung);
    Section::list("why", needs.map(|need| reason(need, &causes)).collect())
}

fn reason(need: &NeedChange, causes: &Causes) -> Line {
    let of = |word: &'static str, id: &Option<Arc<str>>, line: Line| match id {
        Some(id) => line.say(format!(" {word} ")).quote(id),
        None => line,
    };
    let rung = name(need.chain, need.rung);
    let line = Line::new(need.trend).say(format!("{rung} needs {}", words(need)));
    let line = of("of stage", &need.stage, line);
    let line = of("of", &need.about, line);
    let value = |side: &Option<Decided>| side.as_ref().map_or("not asked", |side| met(side.value));
    let line = line.say(format!(": {} → {}", value(&need.from), value(&need.to)));
    let decided = |side: &Option<Decided>| side.as_ref().and_then(|side| side.artifact.clone());
    let (was, is) = (decided(&need.from), decided(&need.to));
    match is.or(was) {
        Some(id) => causes.tell(&id, line.say(", decided by ").quote(&id)),
        None => line,
    }
}

fn words(need: &NeedChange) -> String {
    let value = serde_json::to_value(need.need).ok();
    value.as_ref().and_then(|value| value.as_str()).unwrap_or_default().replace('-', " ")
}

const fn met(value: Tri) -> &'static str {
    match value {
        Tri::T => "met",
        Tri::U => "unknown",
        Tri::F => "not met",
    }
}

/// What became of artifacts, in a few words.
struct Causes(HashMap<String, Cause>);

enum Cause {
    Moved(&'static str, String, String),
    Told(&'static str),
}

impl Causes {
    /// Of each artifact the first: what its publisher says, what a look came to, its licence.
    fn of(diff: &Diff) -> Self {
        let mut all = HashMap::new();
        let mut tell = |id: &str, cause| {
            all.entry(id.to_owned()).or_insert(cause);
        };
        let said = diff.withdrawn.iter().chain(&diff.opened).filter(|one| one.by == By::Publisher);
        for one in said {
            let (from, to) = (one.from.clone(), one.to.clone());
            tell(&one.artifact, Cause::Moved("the publisher says", from, to));
        }
        for one in &diff.changed {
            let Some(status) = one.status else { continue };
            let [from, to] = [status.from, status.to].map(|status| status.as_str().to_owned());
            tell(&one.artifact, Cause::Moved("a look says", from, to));
        }
        for one in &diff.relicensed {
            let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
            tell(&one.artifact, Cause::Moved("its licence", text(&one.from), text(&one.to)));
        }
        diff.removed.iter().for_each(|one| tell(&one.artifact, Cause::Told("no longer claimed")));
        diff.added.iter().for_each(|one| tell(&one.artifact, Cause::Told("not claimed before")));
        Self(all)
    }

    fn tell(&self, id: &str, line: Line) -> Line {
        match self.0.get(id) {
            Some(Cause::Moved(what, from, to)) => {
                line.say(format!(" ({what}: ")).moved(from, to).say(")")
            }
            Some(Cause::Told(what)) => line.say(format!(" ({what})")),
            None => line,
        }
    }
}
