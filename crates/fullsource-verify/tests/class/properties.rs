//! What holds for every release, over thousands of random ones.

use std::collections::HashMap;

use fullsource_verify::Status;
use fullsource_verify::class::{Chain, OutputTerms, Standing, TOP, Tri};
use fullsource_verify::lineage::{self, LineageError};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::Config;
use serde_json::{Value, json};

use crate::release::{Draft, statement};

const LICENSES: &[&str] =
    &["MIT", "MIT", "MIT", "CC0-1.0", "CC0-1.0", "JSON", "LicenseRef-who", "CC-BY-NC-4.0", "NONE"];

const STATUSES: &[Status] = &[
    Status::Verified,
    Status::Verified,
    Status::Verified,
    Status::Verified,
    Status::Gated,
    Status::Closed,
    Status::Partial,
    Status::Unchecked,
    Status::Absent,
    Status::Mismatch,
    Status::Metadata,
];

/// Every role that a rung asks for, and some that none does.
const ROLES: &[&str] = &[
    "weights.final",
    "weights.intermediate",
    "config.model",
    "tokenizer.model",
    "code.inference",
    "code.architecture",
    "code.training",
    "config.training",
    "code.preprocessing",
    "code.data-collection",
    "code.transform",
    "config.transform",
    "code.simulator",
    "env.lock",
    "doc.model-card",
    "doc.data-card",
    "doc.data-information",
    "doc.annotation-guidelines",
    "data.pretraining",
    "data.sft",
    "data.synthetic",
    "data.index",
    "model.base",
    "model.teacher",
];

const KINDS: &[&str] =
    &["pretrain", "sft", "rl", "distill", "merge", "convert", "adapter", "alchemy"];

#[derive(Debug, Clone)]
struct Plan {
    artifacts: Vec<(usize, usize, usize, u8)>,
    stages: Vec<(usize, Vec<(u8, u16)>)>,
    closure: u8,
    by_producer: bool,
}

/// Releases near a whole one: all roles once, then what chance adds.
fn plans() -> impl Strategy<Value = Plan> {
    let artifact = (0..ROLES.len(), 0..LICENSES.len(), 0..STATUSES.len(), 0..8_u8);
    let stage = (0..KINDS.len(), prop::collection::vec((0..8_u8, any::<u16>()), 0..10));
    (
        prop::collection::vec(artifact, 0..14),
        prop::collection::vec(stage, 0..4),
        0..6_u8,
        prop::bool::weighted(0.8),
        // How likely the parts of the whole are there as they should be.
        0..3_u8,
    )
        .prop_map(|(mut artifacts, stages, closure, by_producer, base)| {
            if base > 0 {
                let whole = (0..ROLES.len()).map(|role| (role, 3, 0, 0));
                artifacts.extend(whole);
            }
            Plan { artifacts, stages, closure, by_producer }
        })
}

fn draft(plan: &Plan) -> Draft {
    let mut draft = Draft::new("m");
    draft.by_producer = plan.by_producer;
    match plan.closure {
        0 => {}
        1 => draft.manifest["closure"] = json!("partial"),
        _ => draft.manifest["closure"] = json!("complete"),
    }
    let mut by_role: HashMap<&str, Vec<String>> = HashMap::new();
    for (nth, (role, license, status, text)) in plan.artifacts.iter().enumerate() {
        let (id, role) = (format!("a{nth}"), ROLES[*role]);
        draft.artifact(&id, &[role], LICENSES[*license]);
        draft.see(&id, STATUSES[*status]);
        draft.text(
            &id,
            [Tri::T, Tri::T, Tri::T, Tri::T, Tri::T, Tri::T, Tri::U, Tri::F][*text as usize],
        );
        by_role.entry(role).or_default().push(id);
    }
    link_data(&mut draft, plan, &by_role);
    let mut made: Vec<String> = Vec::new();
    let weights: Vec<String> = ["weights.final", "weights.intermediate"]
        .iter()
        .flat_map(|role| by_role.get(role).cloned().unwrap_or_default())
        .collect();
    for (nth, (kind, links)) in plan.stages.iter().enumerate() {
        let Some(output) = weights.get(nth).filter(|id| !made.contains(id)) else { continue };
        let mut stage =
            json!({ "id": format!("s{nth}"), "kind": KINDS[*kind], "outputs": [output] });
        for (what, which) in links {
            link(&mut stage, *what, *which, &by_role, &made);
        }
        made.push(output.clone());
        draft.list("stages").push(stage);
    }
    draft
}

fn pick(of: Option<&Vec<String>>, which: u16) -> Option<&String> {
    let of = of?;
    of.get(usize::from(which) % of.len().max(1))
}

fn link_data(draft: &mut Draft, plan: &Plan, by_role: &HashMap<&str, Vec<String>>) {
    let data: Vec<String> = ["data.pretraining", "data.sft", "data.synthetic"]
        .iter()
        .flat_map(|role| by_role.get(role).cloned().unwrap_or_default())
        .collect();
    for (nth, id) in data.iter().enumerate() {
        let chance = plan.artifacts[nth % plan.artifacts.len()].3;
        let mut set = |field: &str, role: &str| {
            if let Some(other) = pick(by_role.get(role), chance.into()) {
                draft.edit(id).insert(field.into(), json!([other]));
            }
        };
        match (usize::from(chance) + nth) % 5 {
            0 => set("collectedBy", "code.data-collection"),
            1 => set("generatedBy", "model.teacher"),
            2 => set("derivedFrom", "data.pretraining"),
            3 => set("documentedBy", "doc.data-information"),
            _ => {
                draft.edit(id).insert("contentRights".into(), json!("CC0-1.0"));
                if let Some(rules) = pick(by_role.get("doc.annotation-guidelines"), 0) {
                    let human = json!({ "guidelines": [rules] });
                    draft.edit(id).insert("humanAuthored".into(), human);
                }
            }
        }
    }
}

fn link(
    stage: &mut Value,
    what: u8,
    which: u16,
    by_role: &HashMap<&str, Vec<String>>,
    made: &[String],
) {
    let push = |stage: &mut Value, field: &str, value: Value| {
        let list = stage.as_object_mut().unwrap().entry(field).or_insert_with(|| json!([]));
        list.as_array_mut().unwrap().push(value);
    };
    let role =
        |roles: &[&str]| pick(by_role.get(roles[usize::from(which / 7) % roles.len()]), which);
    match what {
        0 => {
            if let Some(id) = role(&["code.training", "code.preprocessing", "code.transform"]) {
                push(stage, "code", json!(id));
            }
        }
        1 => {
            if let Some(id) = role(&["config.training", "config.transform"]) {
                push(stage, "config", json!(id));
            }
        }
        2 | 3 => {
            if let Some(id) =
                role(&["data.pretraining", "data.sft", "data.synthetic", "data.index"])
            {
                push(stage, "data", json!(id));
            }
        }
        4 => {
            if let Some(id) = role(&["model.base", "model.teacher"]) {
                let usage = if which.is_multiple_of(2) { "init" } else { "online" };
                push(stage, "models", json!({ "artifact": id, "use": usage }));
            }
        }
        5 => {
            if let Some(id) = made.last() {
                push(stage, "models", json!({ "artifact": id, "use": "init" }));
            }
        }
        _ => {
            stage.as_object_mut().unwrap().insert("init".into(), json!({ "prng": "philox" }));
        }
    }
}

/// A release of which nothing is missing, in two stages; its ids are `a` and a number, `s` and a
/// number.
fn complete() -> Draft {
    let mut draft = Draft::new("m");
    let roles = ROLES.iter().filter(|role| !role.starts_with("model.")).chain(&["data.sft"]);
    for (nth, role) in roles.enumerate() {
        let roles =
            if *role == "data.index" { &["data.pretraining"] } else { std::slice::from_ref(role) };
        draft.artifact(&format!("a{nth}"), roles, "MIT");
    }
    let id = |draft: &mut Draft, role: &str| {
        let list = draft.list("artifacts").iter();
        list.clone().find(|a| a["roles"][0] == role).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let [weights, middle] = ["weights.final", "weights.intermediate"].map(|r| id(&mut draft, r));
    let [crawler, rules, trainer] =
        ["code.data-collection", "doc.annotation-guidelines", "code.training"]
            .map(|r| id(&mut draft, r));
    let [crawled, written] = ["data.pretraining", "data.sft"].map(|r| id(&mut draft, r));
    for data in [&crawled, &written] {
        draft.edit(data).insert("contentRights".into(), json!("CC0-1.0"));
    }
    draft.edit(&crawled).insert("collectedBy".into(), json!([crawler]));
    draft.edit(&written).insert("humanAuthored".into(), json!({ "guidelines": [rules] }));
    draft.manifest["closure"] = json!("complete");
    draft.manifest["stages"] = json!([
        { "id": "s0", "kind": "pretrain", "data": [crawled], "outputs": [middle], "code": [trainer],
          "init": { "prng": "philox" } },
        { "id": "s1", "kind": "sft", "data": [written], "outputs": [weights], "code": [trainer],
          "models": [{ "artifact": middle, "use": "init" }] },
    ]);
    draft
}

/// A complete release to which chance did a few things.
fn near() -> impl Strategy<Value = Draft> {
    let change = (0..9_u8, any::<prop::sample::Index>(), any::<u16>());
    prop::collection::vec(change, 0..5).prop_map(|changes| {
        let mut draft = complete();
        changes.into_iter().for_each(|(what, nth, which)| change_one(&mut draft, what, nth, which));
        draft
    })
}

fn change_one(draft: &mut Draft, what: u8, nth: prop::sample::Index, which: u16) {
    let count = draft.list("artifacts").len();
    let id = format!("a{}", nth.index(count));
    let chosen = usize::from(which);
    match what {
        0 | 1 => draft.see(&id, STATUSES[chosen % STATUSES.len()]),
        2 => {
            let license = LICENSES[chosen % LICENSES.len()];
            draft.edit(&id).insert("license".into(), json!(license));
        }
        3 => draft.text(&id, [Tri::T, Tri::U, Tri::F][chosen % 3]),
        4 => {
            let role = ROLES[chosen % ROLES.len()];
            draft.artifact(&format!("a{count}"), &[role], "MIT");
        }
        5 => {
            let new = format!("a{count}");
            draft.artifact(&new, &["data.synthetic"], "MIT");
            let field = ["generatedBy", "derivedFrom", "collectedBy"][chosen % 3];
            draft.edit(&id).insert(field.into(), json!([new]));
        }
        6 => {
            let usage = if which.is_multiple_of(2) { "init" } else { "online" };
            let new = format!("a{count}");
            draft.artifact(&new, &["model.base"], LICENSES[chosen % LICENSES.len()]);
            let stage = draft.stage(if which.is_multiple_of(3) { "s0" } else { "s1" });
            stage.insert("models".into(), json!([{ "artifact": new, "use": usage }]));
        }
        7 => {
            let kind = KINDS[chosen % KINDS.len()];
            draft
                .stage(if which.is_multiple_of(3) { "s0" } else { "s1" })
                .insert("kind".into(), json!(kind));
        }
        _ => {
            draft
                .stage(if which.is_multiple_of(3) { "s0" } else { "s1" })
                .insert("code".into(), json!([id]));
        }
    }
}

fn releases() -> impl Strategy<Value = Draft> {
    prop_oneof![2 => near(), 1 => plans().prop_map(|plan| draft(&plan))]
}

fn ids(draft: &Draft) -> Vec<String> {
    let list = draft.manifest["artifacts"].as_array().unwrap().iter();
    list.map(|artifact| artifact["id"].as_str().unwrap().to_owned()).collect()
}

fn status(draft: &Draft, id: &str) -> Status {
    draft.seen.get(id).map_or(Status::Verified, |seen| seen.0)
}

/// Where a release stands: verified and claimed.
fn stands(draft: &Draft) -> (Standing, Standing) {
    let manifest = draft.parse();
    let members = [draft.member(&manifest)];
    match lineage::judge(statement("m"), &members, OutputTerms::Count) {
        Ok(judged) => (judged.class.verified(), judged.class.claimed()),
        Err(LineageError::Internal { .. }) => panic!("plans have no cycles"),
        Err(other) => panic!("{other}"),
    }
}

/// Whether one stands nowhere above the other.
fn not_above(lower: Standing, upper: Standing) -> bool {
    Chain::BOTH.into_iter().all(|chain| {
        let (lower, upper) = (lower.on(chain), upper.on(chain));
        lower.established <= upper.established && lower.possible <= upper.possible
    })
}

/// Stronger statuses: F/F < U/U < T/T and F/F < T/F < T/T.
fn stronger(status: Status) -> &'static [Status] {
    match status {
        Status::Absent | Status::Mismatch => &[Status::Unchecked, Status::Gated, Status::Verified],
        Status::Verified => &[],
        Status::Closed | Status::Gated => &[Status::Verified],
        _ => &[Status::Verified],
    }
}

/// Fewer cases for who runs the tests often: `tests/mutants.md` says when.
fn config() -> Config {
    let asked = Config::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { asked.cases } else { 700 };
    Config { cases, failure_persistence: None, max_shrink_iters: 2000, ..asked }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn freedom_is_never_above_availability_nor_established_above_possible(draft in releases()) {
        let (verified, claimed) = stands(&draft);
        for standing in [verified, claimed] {
            let (a, f) = (standing.availability, standing.freedom);
            prop_assert!(f.established <= a.established && f.possible <= a.possible);
            prop_assert!(a.established <= a.possible && f.established <= f.possible);
        }
        prop_assert!(not_above(verified, claimed), "seen {verified:?}, claimed {claimed:?}");
    }

    #[test]
    fn a_stronger_status_never_lowers_a_rung(
        before in releases(),
        which in any::<prop::sample::Index>(),
    ) {
        let ids = ids(&before);
        if ids.is_empty() {
            return Ok(());
        }
        let id = &ids[which.index(ids.len())];
        for stronger in stronger(status(&before, id)) {
            let mut after = before.clone();
            after.see(id, *stronger);
            let (was, is) = (stands(&before).0, stands(&after).0);
            prop_assert!(not_above(was, is), "{id} {stronger:?}: {was:?}, then {is:?}");
        }
    }

    /// Looking at less: what was seen becomes unchecked. It establishes no more.
    #[test]
    fn looking_at_less_never_establishes_more(before in releases(), picks in any::<u32>()) {
        let mut after = before.clone();
        for (nth, id) in ids(&before).iter().enumerate().filter(|(nth, _)| picks >> (nth % 32) & 1 == 1) {
            let seen = Status::Unchecked;
            after.see(id, seen);
            if nth % 2 == 0 {
                after.text(id, Tri::U);
            }
        }
        let (was, is) = (stands(&before).0, stands(&after).0);
        for chain in Chain::BOTH {
            prop_assert!(is.on(chain).established <= was.on(chain).established);
        }
    }

    #[test]
    fn an_added_unmet_input_never_raises_a_rung(
        before in releases(),
        stage in any::<prop::sample::Index>(),
        what in 0..3_u8,
    ) {
        if before.manifest["stages"].as_array().unwrap().is_empty() {
            return Ok(());
        }
        let mut after = before.clone();
        let (role, field) = [("code.training", "code"), ("data.sft", "data"), ("model.base", "models")][what as usize];
        after.artifact("unmet", &[role], "MIT");
        after.see("unmet", Status::Absent);
        let stages = after.list("stages");
        let at = stage.index(stages.len());
        let item = if field == "models" { json!({ "artifact": "unmet", "use": "init" }) } else { json!("unmet") };
        let list = stages[at].as_object_mut().unwrap().entry(field).or_insert_with(|| json!([]));
        list.as_array_mut().unwrap().push(item);
        let (was, is) = (stands(&before).0, stands(&after).0);
        prop_assert!(not_above(is, was), "was {was:?}, is {is:?}");
    }

    #[test]
    fn order_and_ids_do_not_matter(before in releases(), seed in any::<u64>()) {
        let mut after = before.clone();
        for list in ["artifacts", "stages"] {
            let items = after.list(list);
            let count = items.len().max(1) as u64;
            items.sort_by_key(|item| {
                let id = item["id"].as_str().unwrap();
                let number: u64 = id[1..].parse().unwrap();
                number.wrapping_mul(seed | 1).wrapping_add(seed >> 7) % (count * 31)
            });
        }
        // Every id gets another; those of artifacts stand between quotes, as those of stages do.
        let text = after.manifest.to_string();
        let renamed = (0..before.seen.len().max(40)).rev().fold(text, |text, nth| {
            text.replace(&format!("\"a{nth}\""), &format!("\"x{}\"", nth * 7 + 3))
        });
        after.manifest = serde_json::from_str(&renamed).unwrap();
        let rename = |id: &str| format!("x{}", id[1..].parse::<usize>().unwrap() * 7 + 3);
        after.seen = before.seen.iter().map(|(id, seen)| (rename(id), *seen)).collect();
        prop_assert_eq!(stands(&before), stands(&after));
    }

    #[test]
    fn what_is_missing_is_named_and_is_enough_to_name(draft in releases()) {
        let manifest = draft.parse();
        let members = [draft.member(&manifest)];
        let judged = lineage::judge(statement("m"), &members, OutputTerms::Count).unwrap();
        for chain in Chain::BOTH {
            let established = judged.class.verified().on(chain).established;
            match judged.class.next(chain) {
                None => prop_assert_eq!(established, TOP),
                Some(next) => {
                    prop_assert_eq!(next.rung, established + 1);
                    prop_assert!(!next.missing.is_empty());
                    prop_assert!(next.missing.iter().all(|m| m.value != Tri::T && !m.text.is_empty()));
                            // Nothing is said twice.
                    let texts: std::collections::HashSet<_> = next.missing.iter().map(|m| &m.text).collect();
                    prop_assert_eq!(texts.len(), next.missing.len(), "{:#?}", next.missing);
                }
            }
        }
    }
}

/// The releases reach every rung: a property that only ever sees rung 0 shows nothing.
#[test]
fn releases_reach_every_rung() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut reached = [[0_u32; 5]; 2];
    for _ in 0..1500 {
        let release = releases().new_tree(&mut runner).unwrap().current();
        let standing = stands(&release).0;
        reached[0][usize::from(standing.availability.established)] += 1;
        reached[1][usize::from(standing.freedom.established)] += 1;
    }
    assert!(reached.iter().flatten().all(|count| *count > 0), "{reached:?}");
}
