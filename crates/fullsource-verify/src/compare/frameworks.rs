//! What other definitions say now, and what readers want to know beside the class.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::artifacts::Names;
use super::fields::{Changed, changed, word};
use super::trend::Trend;
use crate::class::Tri;
use crate::frameworks::{Badges, Debian, Frameworks, Fsf, MofClass, Openness, Osaid};

/// An answer that is another now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AnswerChange {
    /// Who answers, by the field of the report: `osaid`, `mof.class`, `euIndex.trainingcode`.
    pub framework: String,
    /// Before. Absent: it was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Now. Absent: it is not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Which way that is.
    pub trend: Trend,
}

/// A badge that is another now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BadgeChange {
    /// The badge, and what it lost and gained.
    #[serde(flatten)]
    pub changed: Changed,
    /// Which way that is.
    pub trend: Trend,
}

/// An answer in words, and how far up it is; `None` where nobody knows.
struct Answer {
    name: String,
    text: String,
    rank: Option<u8>,
    /// Whether more of it is better.
    ranked: bool,
}

/// The answers that changed.
pub(super) fn answers(before: &Frameworks, after: &Frameworks) -> Vec<AnswerChange> {
    let (ours, theirs) = (all(before), all(after));
    let mut found: HashMap<&str, &Answer> =
        ours.iter().map(|answer| (answer.name.as_str(), answer)).collect();
    let mut changes = Vec::new();
    for to in &theirs {
        let from = found.remove(to.name.as_str());
        if from.is_some_and(|from| from.text == to.text) {
            continue;
        }
        let trend = from.filter(|_| to.ranked).and_then(|from| Trend::of_rank(from.rank, to.rank));
        changes.push(AnswerChange {
            framework: to.name.clone(),
            from: from.map(|from| from.text.clone()),
            to: Some(to.text.clone()),
            trend: trend.unwrap_or(Trend::Neutral),
        });
    }
    let gone = ours.iter().filter(|answer| found.contains_key(answer.name.as_str()));
    changes.extend(gone.map(|answer| AnswerChange {
        framework: answer.name.clone(),
        from: Some(answer.text.clone()),
        to: None,
        trend: Trend::Neutral,
    }));
    changes
}

fn all(frameworks: &Frameworks) -> Vec<Answer> {
    let Frameworks { osaid, debian, fsf, mof, eu_index, ai_act } = frameworks;
    let answer =
        |name: &str, text: String, rank| Answer { name: name.to_owned(), text, rank, ranked: true };
    let tri = |name: &str, value: Tri| answer(name, word(&value), of_tri(value));
    let open = |name: &str, value: Openness| answer(name, word(&value), of_openness(value));
    let mut list = vec![
        answer("osaid", word(&osaid.answer), of_osaid(osaid.answer)),
        answer("debian", word(&debian.answer), of_debian(debian.answer)),
        answer("fsf", word(&fsf.answer), of_fsf(fsf.answer)),
        answer("mof.class", of_mof(mof.class), Some(level(mof.class.established))),
        answer("mof.claimed", of_mof(mof.claimed), Some(level(mof.claimed.established))),
        open("euIndex.datasourcesBasemodel", eu_index.datasources_basemodel),
        open("euIndex.datasourcesEndmodel", eu_index.datasources_endmodel),
        open("euIndex.weightsBasemodel", eu_index.weights_basemodel),
        open("euIndex.weightsEndmodel", eu_index.weights_endmodel),
        open("euIndex.trainingcode", eu_index.trainingcode),
        tri("aiAct.exemption", ai_act.exemption.answer),
        tri("aiAct.trainingContentSummary", ai_act.training_content_summary.answer),
    ];
    let risk = tri("aiAct.systemicRisk", ai_act.systemic_risk.answer);
    list.push(Answer { ranked: false, ..risk });
    for part in &mof.components {
        let value = tri(&format!("mof.{}", part.name), part.value);
        let claimed = tri(&format!("mof.{}.claimed", part.name), part.claimed);
        // The class says which way these go.
        list.extend([value, claimed].map(|answer| Answer { ranked: false, ..answer }));
    }
    list
}

const fn of_tri(value: Tri) -> Option<u8> {
    match value {
        Tri::T => Some(1),
        Tri::F => Some(0),
        Tri::U => None,
    }
}

const fn of_osaid(answer: Osaid) -> Option<u8> {
    match answer {
        Osaid::Yes => Some(1),
        Osaid::No => Some(0),
        Osaid::Undetermined => None,
    }
}

const fn of_debian(answer: Debian) -> Option<u8> {
    match answer {
        Debian::Free => Some(2),
        Debian::ToxicCandy => Some(1),
        Debian::NonFree => Some(0),
        Debian::Undetermined => None,
    }
}

const fn of_fsf(answer: Fsf) -> Option<u8> {
    match answer {
        Fsf::Free => Some(1),
        Fsf::Nonfree => Some(0),
        Fsf::Undetermined => None,
    }
}

const fn of_openness(answer: Openness) -> Option<u8> {
    match answer {
        Openness::Open => Some(2),
        Openness::Partial => Some(1),
        Openness::Closed => Some(0),
        Openness::Undetermined => None,
    }
}

/// The classes of the Model Openness Framework count down: 1 is the best, 0 is none.
const fn level(class: u8) -> u8 {
    if class == 0 { 0 } else { 4u8.saturating_sub(class) }
}

fn of_mof(class: MofClass) -> String {
    let one = |class| if class == 0 { "none".to_owned() } else { format!("class {class}") };
    let (established, possible) = (one(class.established), one(class.possible));
    if established == possible {
        established
    } else {
        format!("{established} ({possible} possible)")
    }
}

/// The badges that changed.
pub(super) fn badges(before: &Badges, after: &Badges, names: &Names<'_>) -> Vec<BadgeChange> {
    let depends = |badges: &Badges, was: bool| -> Vec<String> {
        let on = badges.vendor_dependent.iter();
        let name = |id: &str| if was { names.now(id).to_owned() } else { id.to_owned() };
        let text = |on: &crate::frameworks::Dependence| {
            let closed = word(&on.closed);
            format!("{} ({}; closed: {closed})", name(&on.artifact), word(&on.relation))
        };
        on.map(text).collect()
    };
    let badge = |changed: Changed| {
        let trend = match (changed.gone.is_empty(), changed.new.is_empty()) {
            (true, false) => Trend::Worse,
            (false, true) => Trend::Better,
            // Others for others, or one band of exercisability for another (`cls-67`).
            _ => Trend::Neutral,
        };
        BadgeChange { changed, trend }
    };
    let band = |badges: &Badges| [word(&badges.exercisability)];
    let all = [
        changed("gated", names.all(&before.gated), after.gated.clone()),
        changed("vendorDependent", depends(before, true), depends(after, false)),
        changed("exercisability", band(before), band(after)),
    ];
    all.into_iter().flatten().map(badge).collect()
}
