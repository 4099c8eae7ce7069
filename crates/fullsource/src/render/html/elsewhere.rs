//! What other definitions say of the same facts, each with the rule that decided, and the badges.

use fullsource_verify::class::{Relation, Tri};
use fullsource_verify::frameworks::{
    Answer, Badges, Band, Component, Debian, Dependence, EuIndex, Frameworks, Fsf, Mof, MofClass,
    Openness, Osaid,
};
use fullsource_verify::report::Report;

use super::markup::{El, el};
use super::{Section, left_out, scrolling, words};

/// Bytes of a list of artifacts.
const BYTES: usize = 50_000;

pub(super) fn frameworks(report: &Report) -> Option<Section> {
    let found = report.frameworks()?;
    let note =
        "From the same facts, by their own rules. None of them moves the verdict or the class.";
    let heads = ["definition", "answer", "decided by"];
    let heads = el("tr").all(heads.map(|head| el("th").set("scope", "col").text(head)));
    let body = el("tbody").all(answers(found));
    let caption = el("caption").text("what other definitions say");
    let table = el("table").add(caption).add(el("thead").add(heads)).add(body);
    let content = el("div")
        .add(el("p").text(note))
        .add(scrolling("what other definitions say", table))
        .add(components(&found.mof));
    Some(Section::new("frameworks", "What other definitions say", content))
}

fn answers(found: &Frameworks) -> Vec<El> {
    let Frameworks { osaid, debian, fsf, mof, eu_index, ai_act } = found;
    let screen =
        |name, answer: &Answer<Tri>| row(name, words::tri(answer.answer).word, &answer.rule);
    let mut rows = vec![
        row("Open Source AI Definition 1.0", osaid_word(osaid.answer), &osaid.rule),
        row("Debian, machine-learning policy", debian_word(debian.answer), &debian.rule),
        row("Free Software Foundation", fsf_word(fsf.answer), &fsf.rule),
        row("Model Openness Framework 1.0", mof_word(mof.class), mof_rule(mof)),
    ];
    rows.extend(dimensions(eu_index));
    rows.push(screen("EU AI Act, exemption of Article 53(2)", &ai_act.exemption));
    rows.push(screen("EU AI Act, systemic risk presumed", &ai_act.systemic_risk));
    rows.push(screen(
        "EU AI Act, summary of the training content",
        &ai_act.training_content_summary,
    ));
    rows
}

fn row(name: &'static str, answer: &'static str, rule: &str) -> El {
    el("tr")
        .add(el("th").set("scope", "row").text(name))
        .add(el("td").add(el("strong").text(answer)))
        .add(el("td").theirs(rule))
}

const fn osaid_word(answer: Osaid) -> &'static str {
    match answer {
        Osaid::Yes => "yes",
        Osaid::No => "no",
        Osaid::Undetermined => "undetermined",
    }
}

const fn debian_word(answer: Debian) -> &'static str {
    match answer {
        Debian::Free => "Free",
        Debian::ToxicCandy => "ToxicCandy",
        Debian::NonFree => "Non-free",
        Debian::Undetermined => "undetermined",
    }
}

const fn fsf_word(answer: Fsf) -> &'static str {
    match answer {
        Fsf::Free => "free",
        Fsf::Nonfree => "nonfree",
        Fsf::Undetermined => "undetermined",
    }
}

const fn mof_word(class: MofClass) -> &'static str {
    match class.established {
        0 => "none",
        1 => "class I",
        2 => "class II",
        _ => "class III",
    }
}

const fn mof_rule(mof: &Mof) -> &'static str {
    match mof.class.possible {
        0 => "a component that every class needs is missing",
        1 => "at best class I is possible; components below",
        2 => "at best class II is possible; components below",
        _ => "at best class III is possible; components below",
    }
}

fn dimensions(index: &EuIndex) -> [El; 5] {
    let line = |name, value: Openness| {
        let word = match value {
            Openness::Open => "open",
            Openness::Partial => "partial",
            Openness::Closed => "closed",
            Openness::Undetermined => "undetermined",
        };
        row(name, word, "availability alone: documentation and access are not judged")
    };
    [
        line("European Open Source AI Index, data of the base model", index.datasources_basemodel),
        line("European Open Source AI Index, data of this model", index.datasources_endmodel),
        line("European Open Source AI Index, weights of the base model", index.weights_basemodel),
        line("European Open Source AI Index, weights of this model", index.weights_endmodel),
        line("European Open Source AI Index, training code", index.trainingcode),
    ]
}

fn components(mof: &Mof) -> El {
    let heads = ["component", "needed by", "seen", "claimed"];
    let heads = el("tr").all(heads.map(|head| el("th").set("scope", "col").text(head)));
    let rows = mof.components.iter().map(component);
    let caption = el("caption").text("components of the Model Openness Framework");
    let table = el("table").add(caption).add(el("thead").add(heads)).add(el("tbody").all(rows));
    el("details")
        .add(el("summary").text("Components of the Model Openness Framework"))
        .add(scrolling("components of the Model Openness Framework", table))
}

fn component(component: &Component) -> El {
    let class = match component.class {
        1 => "class I",
        2 => "class II",
        _ => "class III",
    };
    let class = el("td").text(class).text(if component.optional { ", optional" } else { "" });
    el("tr")
        .add(el("th").set("scope", "row").theirs(&component.name))
        .add(class)
        .add(el("td").add(words::tri(component.value).element()))
        .add(el("td").text(words::tri(component.claimed).word))
}

/// What a reader wants to know beside the class.
pub(super) fn badges(report: &Report) -> Option<Section> {
    let badges = report.badges()?;
    let list = el("ul").class("badges").add(gated(badges)).add(dependent(badges)).add(
        el("li")
            .add(el("span").class("label").text("training again"))
            .text(" ")
            .text(again(badges.exercisability)),
    );
    Some(Section::new("badges", "Badges", list))
}

fn gated(badges: &Badges) -> El {
    let item = el("li").add(el("span").class("label").text("gated")).text(" ");
    if badges.gated.is_empty() {
        return item.text("no artifact is known to be behind a door");
    }
    let ids = badges.gated.iter().map(|id| el("li").theirs(id));
    let (list, left) = el("ul").fitting(BYTES, ids);
    item.text("there, and not for everyone:").add(list).add_some(left_out(left, "artifacts"))
}

fn dependent(badges: &Badges) -> El {
    let item = el("li").add(el("span").class("label").text("depends on its makers")).text(" ");
    if badges.vendor_dependent.is_empty() {
        return item.text("on those of no other model");
    }
    let (list, left) = el("ul").fitting(BYTES, badges.vendor_dependent.iter().map(dependence));
    item.text("only their makers could make these models again:")
        .add(list)
        .add_some(left_out(left, "models"))
}

fn dependence(on: &Dependence) -> El {
    let how = match on.relation {
        Relation::Init => "its parameters are in the weights",
        Relation::Online => "it ran during a stage",
        Relation::Offline => "it made data",
    };
    let closed = match on.closed {
        Tri::T => "its sources are known to be closed",
        Tri::U | Tri::F => "its sources are not known to be open",
    };
    el("li").theirs(&on.artifact).text(": ").text(how).text("; ").text(closed)
}

const fn again(band: Band) -> &'static str {
    match band {
        Band::Workstation => "possible with a workstation (below 1,000 accelerator-hours)",
        Band::Lab => "possible for a lab (below 100,000 accelerator-hours)",
        Band::Institution => "possible for an institution (below 1,000,000 accelerator-hours)",
        Band::Hyperscale => "at hyperscale (1,000,000 accelerator-hours and more)",
        Band::Undisclosed => "not known: a stage does not say what it took",
    }
}
