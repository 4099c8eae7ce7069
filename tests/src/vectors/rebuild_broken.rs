//! Attestations about something else, and such as cannot be so.

use serde_json::{Value, json};

use super::case::Case;
use super::key::BOB;
use super::rebuild::{audited, both, files_of, given, graded, of_shrink, of_train, start};
use super::release::Signed;
use super::seal::{EVIDENCE, envelope, text};

type Change = fn(&mut Value);

/// What makes the attestation of the stage `train` one about something else (reb-61).
const FOREIGN: &[(&str, &str, Change)] = &[
    ("command", "Another command was run.", |a| {
        a["predicate"]["runs"][0]["command"] = json!(["sh"]);
    }),
    ("statement", "It is about another statement.", |a| {
        a["predicate"]["statement"]["sha256"] = json!("0".repeat(64));
    }),
    ("stage", "It is about a stage that there is not.", |a| {
        a["predicate"]["stage"] = json!("tune");
    }),
    ("stage-of-others", "Its subjects and outputs are those of another stage.", |a| {
        a["predicate"]["stage"] = json!("shrink");
    }),
    ("subject-digest", "A subject with another digest.", |a| {
        a["subject"][0]["digest"]["sha256"] = json!("0".repeat(64));
    }),
    ("subject-name", "A subject that the stage does not make.", |a| {
        a["subject"][0]["name"] = json!("README.md");
    }),
    ("subject-hostile", "A subject with a name that is no file's.", |a| {
        a["subject"][0]["name"] = json!("\u{202e}model<b>::error::");
    }),
    ("output", "An output that the stage has not.", |a| {
        a["predicate"]["runs"][0]["outputs"][0]["artifact"] = json!("corpus");
    }),
    ("claimed", "It holds something else for what was claimed.", |a| {
        a["predicate"]["runs"][0]["outputs"][0]["claimed"] = json!({ "sha256": "0".repeat(64) });
    }),
    ("made", "The same bytes, with another digest than is claimed.", |a| {
        a["predicate"]["runs"][0]["outputs"][0]["made"] = json!({ "sha256": "0".repeat(64) });
    }),
    ("predicate-type", "Another kind of statement.", |a| {
        a["predicateType"] = json!("https://slsa.dev/provenance/v1");
    }),
    ("type", "Another type.", |a| a["_type"] = json!("https://in-toto.io/Statement/v0.1")),
    ("bounded-without-limit", "A tolerance that the stage has not.", |a| {
        *a = graded(a.take(), "rebuilt-bounded");
        for nth in 0..2 {
            a["predicate"]["runs"][0]["outputs"][nth]["tensors"] = json!({
                "total": 1, "differing": 0, "elements": 2, "differingElements": 0, "maxUlp": 0 });
        }
    }),
];

/// What cannot be so in any attestation (reb-8), or is none of its form (reb-61).
const MALFORMED: &[(&str, &str, &str, Change)] = &[
    ("grade-of-runs", "reb-8", "A better grade than its run.", |a| {
        a["predicate"]["runs"][0]["grade"] = json!("not-run");
    }),
    ("grade-of-outputs", "reb-8", "A better grade than its output.", |a| {
        a["predicate"]["runs"][0]["outputs"][1]["grade"] = json!("contradicted");
    }),
    ("no-outputs", "reb-8", "A grade of nothing.", |a| {
        a["predicate"]["runs"][0]["outputs"] = json!([]);
    }),
    ("no-runs", "reb-8", "No run.", |a| a["predicate"]["runs"] = json!([])),
    ("no-subject", "reb-8", "No subject.", |a| a["subject"] = json!([])),
    ("output-twice", "reb-8", "An output twice.", |a| {
        a["predicate"]["runs"][0]["outputs"][1]["artifact"] = json!("half");
    }),
    ("exit", "reb-8", "A command that failed, and made the same.", |a| {
        a["predicate"]["runs"][0]["exit"] = json!(1);
    }),
    ("digests", "reb-8", "The same bytes with two digests.", |a| {
        a["predicate"]["runs"][0]["outputs"][0]["claimed"] = json!({ "blake3": "0".repeat(64) });
        a["predicate"]["runs"][0]["outputs"][0]["made"] = json!({ "blake3": "1".repeat(64) });
    }),
    ("files", "reb-8", "The same bytes, and a file that is missing.", |a| {
        a["predicate"]["runs"][0]["outputs"][0]["files"] =
            json!([{ "path": "a", "how": "missing" }]);
    }),
    ("elements", "reb-8", "The same bytes, and elements that differ.", |a| {
        a["predicate"]["runs"][0]["outputs"][0]["tensors"] = json!({
            "total": 1, "differing": 1, "elements": 2, "differingElements": 1 });
    }),
    ("bounded-without-distance", "reb-8", "A tolerance, and no distance.", |a| {
        *a = graded(a.take(), "rebuilt-bounded");
    }),
    ("time", "reb-8", "It ended before it began.", |a| {
        a["predicate"]["finishedAt"] = json!("2026-02-28T00:00:00Z");
    }),
    ("segment-without-audit", "reb-8", "A segment, and no audit.", |a| {
        a["predicate"]["runs"][0]["segment"] = json!("one");
    }),
    ("grade-unknown", "reb-61", "A grade that there is not.", |a| {
        a["predicate"]["grade"] = json!("rebuilt-perfect");
    }),
    ("field-missing", "reb-61", "It does not say where it ran.", |a| {
        a["predicate"]["environment"] = json!({});
    }),
    ("subject-digest-more", "reb-61", "A subject with a second digest.", |a| {
        a["subject"][0]["digest"]["sha512"] = json!("0");
    }),
];

/// What cannot be so in an attestation of segments.
const AUDITS: &[(&str, &str, Change)] = &[
    ("audit-drawn", "More are said to be drawn than were run.", |a| {
        a["predicate"]["audit"]["drawn"] = json!(2);
    }),
    ("audit-miss-even", "A better chance than the draw gives.", |a| {
        a["predicate"]["audit"]["missEven"] = json!("1/3");
    }),
    ("audit-miss-worst", "The worst chance is better than the even one.", |a| {
        a["predicate"]["audit"]["missWorst"] = json!("1/3");
    }),
    ("audit-fraction", "A chance that is no fraction.", |a| {
        a["predicate"]["audit"]["missWorst"] = json!("0.5");
    }),
    ("audit-fraction-above-one", "A chance above 1.", |a| {
        a["predicate"]["audit"]["missWorst"] = json!("3/2");
    }),
    ("audit-without-segment", "A run of the whole in an audit.", |a| {
        if let Some(run) = a["predicate"]["runs"][0].as_object_mut() {
            run.remove("segment");
        }
    }),
];

pub(super) fn cases() -> Vec<Case> {
    let changed = |mut one: Value, change: Change| {
        change(&mut one);
        one
    };
    let asserted = json!({ "linkage": "asserted" });
    let mut cases = Vec::new();
    for (id, about, change) in FOREIGN {
        let (case, signed) = start(&format!("foreign-{id}"), "reb-61", about);
        let attestations = [(changed(of_train(&signed), *change), BOB), (of_shrink(&signed), BOB)];
        cases.push(given(case, &attestations).passes(&["rebuild-foreign"]).class(asserted.clone()));
    }
    for (id, rule, about, change) in MALFORMED {
        let (case, signed) = start(&format!("malformed-{id}"), rule, about);
        let attestations = [(changed(of_train(&signed), *change), BOB), (of_shrink(&signed), BOB)];
        cases.push(given(case, &attestations).stops(&["rebuild-malformed"]));
    }
    for (id, about, change) in AUDITS {
        let (case, signed) = start(&format!("malformed-{id}"), "reb-8", about);
        let audit = audited(&signed, &[("two", "weights")]);
        let attestations = [(changed(audit, *change), BOB)];
        cases.push(given(case, &attestations).stops(&["rebuild-malformed"]));
    }
    cases.extend(segments());
    cases.extend(files());
    cases
}

fn segments() -> Vec<Case> {
    let foreign = |id: &str, about: &str, make: fn(&Signed) -> Value| {
        let (case, signed) = start(&format!("foreign-{id}"), "reb-61", about);
        given(case, &[(make(&signed), BOB)]).passes(&["rebuild-foreign"])
    };
    vec![
        foreign("segment", "A segment that the stage has not.", |signed| {
            audited(signed, &[("three", "weights")])
        }),
        foreign("segments-order", "The segments in another order.", |signed| {
            audited(signed, &[("two", "weights"), ("one", "half")])
        }),
        foreign("segments-number", "Of three segments, where there are two.", |signed| {
            let mut one = audited(signed, &[("two", "weights")]);
            one["predicate"]["audit"]["of"] = json!(3);
            one["predicate"]["audit"]["missEven"] = json!("2/3");
            one["predicate"]["audit"]["missWorst"] = json!("2/3");
            one
        }),
    ]
}

/// Files that hold something else.
fn files() -> Vec<Case> {
    let (other, signed) = start("foreign-payload-type", "reb-61", "Another type of payload.");
    let sealed = text(&envelope(EVIDENCE, &text(&of_train(&signed)), &[BOB]));
    let (broken, _) = start("no-envelope", "reb-60", "A file that is no envelope.");
    let (bare, _) = start("not-signed", "reb-60", "An attestation without an envelope.");
    let (junk, _) = start("not-opened", "reb-61", "What nobody trusted signed is not looked at.");
    let junk_sealed = text(&super::seal::bundle(b"no json", super::key::MALLORY));
    let (scope, _) = start("files-alone", "reb-66", "Signature and files alone.");
    let (gone, _) = start("file-missing", "reb-60", "A file that is not there.");
    vec![
        files_of(other, vec![sealed]).passes(&["rebuild-foreign"]),
        files_of(broken, vec![b"no json".to_vec()]).stops(&["bundle-malformed"]),
        files_of(bare, vec![text(&of_train(&signed))]).stops(&["bundle-malformed"]),
        files_of(junk, vec![junk_sealed]).passes(&["rebuild-untrusted"]),
        given(scope, &both(&signed, BOB))
            .input("policy", "weights-only")
            .passes(&[])
            .class(Value::Null),
        gone.input("rebuilds", vec!["nowhere.json"]).stops(&["target-unreadable"]),
    ]
}
