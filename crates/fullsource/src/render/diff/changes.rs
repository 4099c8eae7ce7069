//! What changed, part by part.

use std::collections::HashSet;

use fullsource_verify::compare::{
    Access, ArtifactChange, BadgeChange, By, Bytes, Changed, Diff, FileChanges, FileList,
    FindingChange, ParentChange, Relicensed, SignerChanges, Sole, Trend,
};
use fullsource_verify::licenses::Right;

use super::lines::{Line, Section};
use super::moves;
use crate::render::text::{signed_by, size};
use crate::render::words;

/// Texts of one field that are shown; the rest are counted.
const TEXTS: usize = 3;

/// Everything beside the verdict and the class.
pub(super) fn sections(diff: &Diff) -> Vec<Section> {
    let lists = [
        Section::list("relicensed", diff.relicensed.iter().map(relicensed).collect()),
        Section::list("withdrawn", diff.withdrawn.iter().map(access).collect()),
        Section::list("opened", diff.opened.iter().map(access).collect()),
        Section::list("removed", diff.removed.iter().map(sole).collect()),
        Section::list("added", diff.added.iter().map(sole).collect()),
        changed(diff),
        Section::list("stages", stages(diff)),
        diff.files.as_ref().map(files),
        diff.signers.as_ref().and_then(signers),
        Section::list("parents", parents(diff)),
        Section::list("findings", findings(diff)),
        elsewhere(diff),
        Section::list("badges", badges(diff)),
        Section::list(
            "release",
            diff.release.iter().map(|one| field(Line::plain(), one)).collect(),
        ),
    ];
    lists.into_iter().flatten().collect()
}

fn relicensed(one: &Relicensed) -> Line {
    let license = |text: &Option<String>| text.clone().unwrap_or_else(|| "no licence".to_owned());
    let line = Line::new(one.trend).quote(&one.artifact).say(": ");
    let line = line.moved(&license(&one.from), &license(&one.to));
    let rights =
        |rights: &[Right]| rights.iter().map(|right| right.as_str()).collect::<Vec<_>>().join(", ");
    let line = match (one.lost.is_empty(), one.gained.is_empty()) {
        (true, true) if one.unknown.is_empty() => line.say(", the same freedoms"),
        (true, true) => line.say(", freedoms unknown"),
        (false, true) => line.say(format!(", loses {}", rights(&one.lost))),
        (true, false) => line.say(format!(", gains {}", rights(&one.gained))),
        (false, false) => {
            line.say(format!(", loses {}, gains {}", rights(&one.lost), rights(&one.gained)))
        }
    };
    match (&one.by[..], one.lost.is_empty()) {
        (_, true) => line,
        ([], _) if one.unknown.is_empty() => line,
        ([], _) if one.to.is_none() => line,
        ([], _) => line.say(" (nobody here knows what that licence leaves)"),
        (by, _) => line.say(", by ").quote_all(by, 2),
    }
}

fn access(one: &Access) -> Line {
    let line = Line::new(one.trend).quote(&one.artifact).say(": ").moved(&one.from, &one.to);
    line.say(match (one.by, one.trend) {
        (By::Publisher, _) => ", the publisher says",
        (By::Look, Trend::Unseen) => ", it could not be seen and need not be gone",
        (By::Look, Trend::Worse) if one.to == "absent" => ", gone from every place",
        (By::Look, _) => ", a look says",
    })
}

fn sole(one: &Sole) -> Line {
    let line = Line::new(one.trend).quote(&one.artifact).say(" (").quote_all(&one.roles, TEXTS);
    let line = match &one.license {
        Some(license) => line.say("; ").quote(license).say(")"),
        None => line.say(")"),
    };
    match one.trend {
        Trend::Worse => line.say(", the last of a role"),
        Trend::Better => line.say(", the first of a role"),
        _ => line,
    }
}

/// The artifacts that changed, without what other sections tell of them.
fn changed(diff: &Diff) -> Option<Section> {
    let access = diff.withdrawn.iter().chain(&diff.opened).filter(|one| one.by == By::Look);
    let seen: HashSet<&str> = access.map(|one| one.artifact.as_str()).collect();
    let lines = diff.changed.iter().filter_map(|one| {
        let status = one.status.filter(|_| !seen.contains(one.artifact.as_str()));
        artifact(&ArtifactChange { status, ..one.clone() })
    });
    Section::list("changed", lines.collect())
}

fn artifact(one: &ArtifactChange) -> Option<Line> {
    let told_elsewhere = |field: &str| matches!(field, "license" | "availability");
    let fields: Vec<_> =
        one.changed.iter().filter(|changed| !told_elsewhere(&changed.field)).collect();
    let bytes = one.bytes == Bytes::Differ;
    if one.was.is_none() && fields.is_empty() && one.status.is_none() && !bytes {
        return None;
    }
    let trend = one.status.map_or(Trend::Neutral, |status| status.trend);
    let mut line = Line::new(trend).quote(&one.artifact);
    let mut gap = ": ";
    if let Some(was) = &one.was {
        line = line.say(", was ").quote(was).say(", the same digest");
        gap = "; ";
    }
    if let Some(status) = one.status {
        line = line.say(format!("{gap}{} → {}", status.from.as_str(), status.to.as_str()));
        gap = "; ";
    }
    if bytes {
        line = line.say(format!("{gap}other bytes"));
        gap = "; ";
    }
    // A digest is nothing to read; that the bytes differ says it.
    for changed in fields.into_iter().filter(|one| !(bytes && one.field == "digest")) {
        line = field(line.say(gap), changed);
        gap = "; ";
    }
    Some(line)
}

/// A field: what was and what is, or what it lost and gained.
fn field(line: Line, changed: &Changed) -> Line {
    let Changed { field, gone, new } = changed;
    let line = line.say(format!("{field} "));
    let hexadecimal = matches!(field.as_str(), "digest" | "statement");
    let short = |texts: &[String]| -> Vec<String> {
        texts.iter().map(|text| if hexadecimal { shortened(text) } else { text.clone() }).collect()
    };
    let (gone, new) = (short(gone), short(new));
    match (&gone[..], &new[..]) {
        ([from], [to]) => line.moved(from, to),
        ([], new) => line.say("+ ").quote_all(new, TEXTS),
        (gone, []) => line.say("− ").quote_all(gone, TEXTS),
        (gone, new) => line.say("− ").quote_all(gone, TEXTS).say(" + ").quote_all(new, TEXTS),
    }
}

/// A digest as people compare it: its name and its first digits.
fn shortened(digest: &str) -> String {
    let (name, digits) =
        digest.split_once(':').map_or(("", digest), |(name, digits)| (name, digits));
    let digits: String = digits.chars().take(12).collect();
    if name.is_empty() { format!("{digits}…") } else { format!("{name}:{digits}…") }
}

fn fields(line: Line, all: &[Changed]) -> Line {
    let mut line = line;
    for (nth, changed) in all.iter().enumerate() {
        line = field(line.say(if nth == 0 { ": " } else { "; " }), changed);
    }
    line
}

fn stages(diff: &Diff) -> Vec<Line> {
    let stages = &diff.stages;
    let sole = |what: &'static str| {
        move |one: &fullsource_verify::compare::SoleStage| {
            Line::plain()
                .say(format!("{what} "))
                .quote(&one.stage)
                .say(" (")
                .quote(&one.kind)
                .say(")")
        }
    };
    let changed =
        stages.changed.iter().map(|one| fields(Line::plain().quote(&one.stage), &one.changed));
    let removed = stages.removed.iter().map(sole("removed"));
    removed.chain(stages.added.iter().map(sole("added"))).chain(changed).collect()
}

fn files(files: &FileChanges) -> Section {
    let mut line = Line::plain();
    let mut gap = "";
    let lists = [("added", &files.added), ("removed", &files.removed), ("changed", &files.changed)];
    for (what, list) in lists {
        let Some(FileList { count, first }) = list.as_ref().filter(|list| list.count > 0) else {
            continue;
        };
        let listed = first.len().min(TEXTS);
        line = line.say(format!("{gap}{count} {what}: ")).quote_all(&first[..listed], TEXTS);
        let more = count - listed as u64;
        line = if more > 0 { line.say(format!(" and {more} more")) } else { line };
        gap = "; ";
    }
    if let Some((before, after)) = files.before.as_ref().zip(files.after.as_ref()) {
        let text = |of: &fullsource_verify::report::FilesReport| {
            let unread = words::unread(of).map_or_else(String::new, |what| format!(" ({what})"));
            format!("{} of {} intact, {}{unread}", of.intact, of.covered, size(of.total_bytes))
        };
        let (before, after) = (text(before), text(after));
        line = line.say(match before == after {
            true => format!("{gap}{after}"),
            false => format!("{gap}{before} → {after}"),
        });
    }
    Section::line("files", line)
}

fn signers(signers: &SignerChanges) -> Option<Section> {
    let line = |what: &str, one| Line::new(signers.trend).say(what).quote(&signed_by(one));
    // Where nobody held it against a key, it may be there as before.
    let (gone, new) = match signers.trend {
        Trend::Unseen => ("not checked now: ", "now "),
        Trend::Seen => ("no longer ", "checked now: "),
        _ => ("no longer ", "now "),
    };
    let gone = signers.gone.iter().map(|one| line(gone, one));
    let mut lines: Vec<_> = gone.chain(signers.new.iter().map(|one| line(new, one))).collect();
    if lines.is_empty() {
        lines.push(Line::new(signers.trend).say("no signature was held against a key on one side"));
    }
    Section::list("signed by", lines)
}

fn parents(diff: &Diff) -> Vec<Line> {
    let parents = &diff.parents;
    let sole = |what: &'static str| {
        move |one: &fullsource_verify::compare::SoleParent| {
            let id = one.statement.sha256.to_string();
            let line = Line::plain().say(format!("{what} "));
            line.quote(one.name.as_deref().unwrap_or("nothing known"))
                .say(format!(", statement {id}"))
        }
    };
    let changed = parents.changed.iter().map(parent);
    let removed = parents.removed.iter().map(sole("removed"));
    changed.chain(removed).chain(parents.added.iter().map(sole("added"))).collect()
}

fn parent(one: &ParentChange) -> Line {
    let line = Line::new(one.trend);
    let mut line = match &one.artifacts[..] {
        [] => line.say(format!("statement {}", one.statement.sha256)),
        ids => line.quote_all(ids, TEXTS),
    };
    if let Some(was) = one.was {
        line = line.say(format!(", another statement (was {})", was.sha256));
    }
    for (what, chains) in [("", &one.verified), ("claimed ", &one.claimed)] {
        for change in chains {
            let from = moves::interval(change.chain, change.from);
            let to = moves::interval(change.chain, change.to);
            line = line.say(format!("; {what}{from} → {to}"));
        }
    }
    let told: Vec<_> =
        one.changed.iter().filter(|changed| changed.field != "made").cloned().collect();
    fields(line, &told)
}

fn findings(diff: &Diff) -> Vec<Line> {
    let all = &diff.findings;
    let new = all.new.iter().map(|one| finding("new", one));
    let gone = all.gone.iter().map(|one| finding("gone", one));
    new.chain(gone).chain(all.weighed.iter().map(|one| finding("weighs otherwise", one))).collect()
}

fn finding(what: &str, one: &FindingChange) -> Line {
    let was = one.was.map_or_else(String::new, |was| format!("{was} → "));
    let line = Line::new(one.trend).say(format!("{what}: {was}{}[{}]", one.severity, one.code));
    let about = one.artifact.iter().chain(&one.path);
    let line = about.fold(line.say(" "), |line, text| line.quote(text).say(": "));
    line.quote(&one.message)
}

/// The answers of others in one line; the components of the MOF are in the JSON form.
fn elsewhere(diff: &Diff) -> Option<Section> {
    let name = |framework: &str| match framework {
        "osaid" => Some("OSAID 1.0"),
        "debian" => Some("Debian"),
        "fsf" => Some("FSF"),
        "mof.class" => Some("MOF 1.0"),
        "aiAct.exemption" => Some("AI Act exemption"),
        _ => None,
    };
    let told = diff.frameworks.iter().filter_map(|one| Some((name(&one.framework)?, one)));
    let mut line: Option<Line> = None;
    for (name, one) in told {
        let so_far = match line.take() {
            Some(line) => line.say("; "),
            None => Line::plain(),
        };
        let value = |text: &Option<String>| text.clone().unwrap_or_else(|| "not asked".to_owned());
        line = Some(so_far.say(format!("{name} ")).moved(&value(&one.from), &value(&one.to)));
    }
    line.map(|line| Section::line("elsewhere", line))
}

fn badges(diff: &Diff) -> Vec<Line> {
    let told = |badge: &BadgeChange| {
        let words = match badge.changed.field.as_str() {
            "vendorDependent" => "depends on the makers of",
            "exercisability" => "what making it again takes:",
            other => other,
        };
        let changed = Changed { field: words.to_owned(), ..badge.changed.clone() };
        field(Line::new(badge.trend), &changed)
    };
    diff.badges.iter().map(told).collect()
}
