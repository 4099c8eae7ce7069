//! What became of single artifacts, of the needs that they met, and of parents.

use fullsource_verify::class::Chain;
use fullsource_verify::compare::{By, Bytes, Trend};
use serde_json::{Value, json};

use crate::sight::claim;
use crate::{base, diff, with};

fn with_status(status: &str) -> Value {
    with("trainer", |artifact| artifact["status"] = json!(status))
}

/// `dif-10`
#[test]
fn what_can_be_had_again_is_opened() {
    for (from, to, trend, opened) in [
        ("gated", "verified", Trend::Better, true),
        ("absent", "verified", Trend::Better, true),
        ("absent", "gated", Trend::Better, true),
        // It was there, with other bytes.
        ("mismatch", "verified", Trend::Better, false),
        ("unreachable", "verified", Trend::Seen, false),
        ("withheld", "verified", Trend::Neutral, false),
    ] {
        let told = diff(&with_status(from), &with_status(to));
        let change = told.changed[0].status.unwrap();
        assert_eq!(change.trend, trend, "{from} {to}");
        let by_look: Vec<_> = told.opened.iter().map(|one| (one.by, one.to.as_str())).collect();
        assert_eq!(by_look, opened.then_some((By::Look, to)).into_iter().collect::<Vec<_>>());
        assert!(told.withdrawn.is_empty());
    }
    // What was known to be gone, and cannot be looked for now, is not withdrawn again.
    assert!(diff(&with_status("absent"), &with_status("unreachable")).withdrawn.is_empty());
}

#[test]
fn the_publisher_gives_more_or_less() {
    let said = ["withheld", "recipe-only", "gated", "public"];
    let with = |said: &str| with("trainer", |artifact| artifact["availability"] = json!(said));
    for (nth, more) in said.iter().enumerate() {
        for less in &said[..nth] {
            let (opened, withdrawn) =
                (diff(&with(less), &with(more)).opened, diff(&with(more), &with(less)).withdrawn);
            assert_eq!((opened[0].by, opened[0].trend), (By::Publisher, Trend::Better));
            assert_eq!((withdrawn[0].by, withdrawn[0].trend), (By::Publisher, Trend::Worse));
        }
    }
    // Where it says nothing, it is public.
    assert_eq!(diff(&base(), &with("public")).trend, None);
}

/// `dif-7`
#[test]
fn nobody_misses_what_nobody_could_have() {
    for (said, trend) in [
        ("public", Trend::Worse),
        ("gated", Trend::Worse),
        ("recipe-only", Trend::Neutral),
        ("withheld", Trend::Neutral),
    ] {
        let before = with("lock", |lock| lock["availability"] = json!(said));
        let mut after = base();
        after["artifacts"].as_array_mut().unwrap().retain(|artifact| artifact["id"] != "lock");
        assert_eq!(diff(&before, &after).removed[0].trend, trend, "{said}");
    }
}

/// `dif-6`
#[test]
fn other_bytes_under_another_name_are_another_artifact() {
    let after = with("lock", |lock| {
        lock["id"] = json!("lock-2");
        lock["digest"]["sha256"] = json!("7".repeat(64));
    });
    let told = diff(&base(), &after);
    assert_eq!(
        (told.added[0].artifact.as_str(), told.removed[0].artifact.as_str()),
        ("lock-2", "lock")
    );
}

/// `dif-9`
#[test]
fn bytes_are_the_same_where_a_strong_digest_says_so() {
    let (one, other) = ("d".repeat(64), "0".repeat(64));
    let corpus = |digest: Value| with("corpus", |corpus| corpus["digest"] = digest.clone());
    let both = json!({ "sha256": one, "blake3": one });
    for (before, after, bytes) in [
        (&both, json!({ "sha256": one }), Bytes::Same),
        (&both, json!({ "sha256": other }), Bytes::Differ),
        (&both, json!({ "sha256": one, "blake3": other }), Bytes::Differ),
        (&both, json!({ "dirHash": one }), Bytes::Unknown),
        (&json!({ "sha256": one }), both.clone(), Bytes::Same),
    ] {
        let told = diff(&corpus(before.clone()), &corpus(after.clone()));
        assert_eq!(told.changed[0].bytes, bytes, "{before} {after}");
        assert_eq!(told.trend, Some(Trend::Neutral));
    }
}

#[test]
fn a_field_tells_what_it_lost_and_what_it_gained() {
    let after = with("weights", |weights| weights["name"] = json!("Other weights"));
    let told = diff(&base(), &after);
    let change = &told.changed[0].changed[0];
    let texts = |list: &[String]| list.join(", ");
    assert_eq!(
        (change.field.as_str(), texts(&change.gone), texts(&change.new)),
        ("name", "The weights".to_owned(), "Other weights".to_owned())
    );
}

/// A report in which the need for training code has these values.
fn code(mut report: Value, availability: &str, freedom: &str) -> Value {
    let need = &mut report["class"]["rungs"][1]["needs"][0];
    (need["availability"], need["freedom"]) = (json!(availability), json!(freedom));
    report
}

/// The chains on which needs are told, and which way they went.
fn needs(before: &Value, after: &Value) -> Vec<(Chain, Trend)> {
    let class = diff(before, after).class;
    class.iter().flat_map(|class| &class.needs).map(|need| (need.chain, need.trend)).collect()
}

/// `dif-13`
#[test]
fn a_need_is_told_on_the_chain_of_freedom_where_it_moved_otherwise() {
    let to = |availability, freedom| needs(&base(), &code(base(), availability, freedom));
    assert_eq!(to("no", "no"), [(Chain::Availability, Trend::Worse)]);
    assert_eq!(to("yes", "no"), [(Chain::Freedom, Trend::Worse)]);
    assert_eq!(
        to("unknown", "no"),
        [(Chain::Availability, Trend::Unseen), (Chain::Freedom, Trend::Worse)]
    );
}

/// `dif-13`
#[test]
fn what_nobody_looked_at_tells_nothing_of_single_needs() {
    assert!(needs(&base(), &code(claim(), "unknown", "unknown")).is_empty());
    assert!(needs(&code(claim(), "unknown", "unknown"), &base()).is_empty());
    // That it cannot be met is known without a look.
    assert_eq!(needs(&base(), &code(claim(), "no", "no")), [(Chain::Availability, Trend::Worse)]);
    let unseen = code(base(), "unknown", "unknown");
    assert_eq!(needs(&base(), &unseen), [(Chain::Availability, Trend::Unseen)]);
}

#[test]
fn a_parent_counts_or_is_known_not_to() {
    let parent = |status: &str| {
        let mut report = base();
        report["parents"][0]["status"] = json!(status);
        report
    };
    for (from, to, trend) in [
        ("counts", "unreachable", Trend::Unseen),
        ("counts", "revoked", Trend::Worse),
        ("unchecked", "absent", Trend::Worse),
        ("mismatch", "counts", Trend::Better),
        ("closed", "counts", Trend::Seen),
        ("closed", "unrelated", Trend::Neutral),
    ] {
        let told = diff(&parent(from), &parent(to));
        assert_eq!(told.parents.changed[0].trend, trend, "{from} {to}");
    }
}

#[test]
fn parents_that_came_or_went_are_in_the_document() {
    let mut fewer = base();
    fewer["parents"].as_array_mut().unwrap().remove(1);
    for (list, before, after) in [("added", &fewer, &base()), ("removed", &base(), &fewer)] {
        let document = serde_json::to_value(diff(before, after)).unwrap();
        let lists: Vec<_> = document["parents"].as_object().unwrap().keys().collect();
        assert_eq!(lists, [list]);
    }
}
