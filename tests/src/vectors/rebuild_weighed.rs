//! Attestations that count for nothing, that disagree, that are weaker than the claim; and what policies ask for.

use serde_json::{Value, json};

use super::case::{Case, case};
use super::key::{ALICE, BOB, CAROL, MALLORY, Person};
use super::rebuild::{
    BOBS, CAROLS, ONE, REBUILDER, audited, both, given, graded, linked, of, of_shrink, of_train,
    release, trust,
};
use super::seal::{sha256, text};

pub(super) fn cases() -> Vec<Case> {
    [untrusted(), disagreeing(), weaker(), asked()].concat()
}

fn untrusted() -> Vec<Case> {
    let signed = release().signed(|_| {});
    let with = |id: &str, about: &str, by: Person, trust: String| {
        given(of(&signed, id, "reb-61", about), &both(&signed, by))
            .trust(trust)
            .passes(&["rebuild-untrusted"])
            .class(linked("asserted"))
    };
    let dated = |dates: &str| trust().replacen(REBUILDER, &format!("{REBUILDER},{dates}"), 1);
    let observer = trust().replacen("fullsource-rebuilder", "fullsource-observer", 1);
    let wide = trust().replacen("fullsource-rebuilder", "fullsource*", 1);
    let id = sha256(&text(&of_train(&signed)));
    let start =
        |id: &str, about: &str| given(of(&signed, id, "reb-61", about), &both(&signed, BOB));
    vec![
        with("untrusted", "Nobody knows who signed.", MALLORY, trust()),
        with("untrusted-producer", "The producer's key has no role for it.", ALICE, trust()),
        with("untrusted-observer", "An observer is no rebuilder.", BOB, observer),
        with("untrusted-wildcard", "A namespace with a wildcard gives nothing.", BOB, wide),
        with("expired", "The entry is past its end.", BOB, dated("valid-before=\"20260101\"")),
        with(
            "not-yet-valid",
            "The entry is not valid yet.",
            BOB,
            dated("valid-after=\"20270101\""),
        ),
        start("key-by-itself", "A key given by itself rebuilds nothing.")
            .trust(trust().replacen("fullsource-rebuilder", "git", 1))
            .keys(&[ALICE, BOB])
            .passes(&["rebuild-untrusted"])
            .class(linked("asserted")),
        start("key-revoked", "The key is revoked.")
            .revoked(format!("{}\n", BOB.key_id()))
            .passes(&["rebuild-untrusted"])
            .class(linked("asserted")),
        start("attestation-revoked", "The attestation is revoked.")
            .revoked(format!("{id}\n"))
            .passes(&["rebuild-untrusted"])
            .class(linked("asserted")),
    ]
    .into_iter()
    .map(|case| case.input("now", "2026-03-02T00:00:00Z"))
    .collect()
}

fn disagreeing() -> Vec<Case> {
    let signed = release().signed(|_| {});
    let contradicted = || graded(of_train(&signed), "contradicted");
    let with = |id: &str, about: &str, attestations: Vec<(Value, Person)>| {
        given(of(&signed, id, "reb-63", about), &attestations)
            .fails(&["rebuild-contradicted"])
            .class(linked("asserted"))
    };
    let beside = |one: Value, by: Person| [both(&signed, BOB), vec![(one, by)]].concat();
    let mut bare = contradicted();
    bare["predicate"]["environment"]["sandbox"] = json!("none");
    let part = graded(audited(&signed, &[("two", "weights")]), "near-miss");
    let mut mixed = audited(&signed, &[("one", "half"), ("two", "weights")]);
    mixed["predicate"]["runs"][0]["grade"] = json!("not-run");
    mixed["predicate"]["runs"][0]["outputs"] = json!([]);
    mixed["predicate"]["runs"][1]["grade"] = json!("contradicted");
    mixed["predicate"]["runs"][1]["outputs"][0]["grade"] = json!("contradicted");
    mixed["predicate"]["grade"] = json!("contradicted");
    vec![
        with("contradicted", "Another came to something else.", beside(contradicted(), CAROL)),
        with(
            "contradicted-and-confirmed",
            "One rebuilder says both: the better does not wash the worse.",
            beside(contradicted(), BOB),
        ),
        with("near-miss", "Near is not it.", beside(graded(of_train(&signed), "near-miss"), CAROL)),
        with("near-miss-of-a-segment", "A part that came out otherwise.", beside(part, CAROL)),
        with("contradicted-without-sandbox", "Also without a sandbox.", beside(bare, CAROL)),
        with(
            "contradicted-beside-not-run",
            "One segment was not run, the other differs.",
            beside(mixed, CAROL),
        ),
        given(
            of(
                &signed,
                "contradicted-unlisted",
                "pol-21",
                "What disagrees counts, whoever is listed.",
            ),
            &beside(contradicted(), CAROL),
        )
        .policy(&format!("digests = \"any\"\nrebuilders = [\"{BOBS}\"]\n"))
        .fails(&["rebuild-contradicted"])
        .class(linked("asserted")),
        given(
            of(
                &signed,
                "contradicted-files-alone",
                "reb-66",
                "The finding is given where no class is.",
            ),
            &beside(contradicted(), CAROL),
        )
        .input("policy", "weights-only")
        .fails(&["rebuild-contradicted"])
        .class(Value::Null),
        given(
            of(
                &signed,
                "contradicted-untrusted",
                "reb-61",
                "Who is not trusted disagrees with nobody.",
            ),
            &beside(contradicted(), MALLORY),
        )
        .passes(&["rebuild-untrusted"])
        .class(linked(ONE)),
    ]
}

fn weaker() -> Vec<Case> {
    let signed = release().signed(|_| {});
    let canonical = || graded(of_train(&signed), "rebuilt-canonical");
    let bounded_release = release().manifest(|m| {
        m["stages"][0]["compare"] =
            json!({ "mode": "bounded", "limits": { "relativeL2": "0.001" } });
    });
    let bounded_signed = bounded_release.signed(|_| {});
    let bounded = |l2: &str| {
        let mut one = graded(of_train(&bounded_signed), "rebuilt-bounded");
        for nth in 0..2 {
            one["predicate"]["runs"][0]["outputs"][nth]["tensors"] = json!({
                "total": 1, "differing": 1, "elements": 2, "differingElements": 1, "relativeL2": l2 });
        }
        vec![(one, BOB), (of_shrink(&bounded_signed), BOB)]
    };
    let ulp_signed = release()
        .manifest(|m| m["stages"][0]["compare"] = json!({ "mode": "ulp", "limits": { "ulp": 2 } }))
        .signed(|_| {});
    let with = |id: &str, rule: &str, about: &str, attestations: Vec<(Value, Person)>| {
        given(of(&signed, id, rule, about), &attestations)
    };
    let bob = || vec![(canonical(), BOB), (of_shrink(&signed), BOB)];
    let two = "digests = \"any\"\nrebuilds = 2\n";
    let within = |id: &str, rule: &str, about: &str, l2: &str| {
        given(of(&bounded_signed, id, rule, about), &bounded(l2))
    };
    let near = |id: &str, rule: &str, about: &str, ulp: u64| {
        let mut one = graded(of_train(&ulp_signed), "rebuilt-bounded");
        for nth in 0..2 {
            one["predicate"]["runs"][0]["outputs"][nth]["tensors"] = json!({
                "total": 1, "differing": 1, "elements": 2, "differingElements": 1, "maxUlp": ulp });
        }
        let attestations = [(one, BOB), (of_shrink(&ulp_signed), BOB)];
        given(of(&ulp_signed, id, rule, about), &attestations)
    };
    vec![
        with(
            "canonical",
            "reb-63",
            "The same values in another layout, where bytes are claimed.",
            bob(),
        )
        .passes(&["rebuild-weaker"])
        .class(linked("rebuilt-canonical, independent: 1")),
        with(
            "strongest-of-two",
            "reb-65",
            "One of two came to the same bytes.",
            [bob(), both(&signed, CAROL)].concat(),
        )
        .passes(&["rebuild-weaker"])
        .class(linked(ONE)),
        with(
            "weakest-of-two",
            "reb-65",
            "Two are asked for: both came to the same values.",
            [bob(), both(&signed, CAROL)].concat(),
        )
        .policy(two)
        .passes(&["rebuild-weaker"])
        .class(linked("rebuilt-canonical, independent: 2")),
        within("bounded", "reb-65", "Within the tolerance of the stage.", "0.0009")
            .passes(&[])
            .class(linked("rebuilt-bounded, independent: 1")),
        within("bounded-beyond", "reb-61", "Beyond the tolerance, by its own tensors.", "0.0011")
            .passes(&["rebuild-foreign"])
            .class(linked("asserted")),
        near("ulp", "reb-65", "As far off in ulps as the stage lets it be.", 2)
            .passes(&[])
            .class(linked("rebuilt-bounded, independent: 1")),
        near("ulp-beyond", "reb-61", "One ulp further.", 3)
            .passes(&["rebuild-foreign"])
            .class(linked("asserted")),
    ]
}

/// What policies ask for.
fn asked() -> Vec<Case> {
    let signed = release().signed(|_| {});
    let one = "digests = \"any\"\nrebuilds = 1\n";
    let with = |id: &str, rule: &str, about: &str| of(&signed, id, rule, about);
    let listed = |name: &str| format!("digests = \"any\"\nrebuilders = [\"{name}\"]\n");
    let refused = |id: &str, rule: &str, about: &str, policy: &str| {
        case(format!("policy/{id}"), rule, "policy", about)
            .document("policy", policy)
            .fails(&["policy-malformed"])
    };
    vec![
        with("asked-nobody", "pol-20", "A policy asks for a rebuilder, and there is none.")
            .policy(one)
            .incomplete(&["rebuild-missing"])
            .class(linked("asserted")),
        given(with("asked", "pol-20", "A policy asks for a rebuilder."), &both(&signed, BOB))
            .policy(one)
            .passes(&[])
            .class(linked(ONE)),
        given(with("listed", "pol-21", "A rebuilder whom the policy names."), &both(&signed, BOB))
            .policy(&listed(BOBS))
            .passes(&[])
            .class(linked(ONE)),
        given(
            with("listed-other", "pol-21", "A rebuilder whom the policy does not name."),
            &both(&signed, BOB),
        )
        .policy(&listed(CAROLS))
        .passes(&[])
        .class(linked("asserted")),
        given(
            with("lowered", "pol-6", "A policy may lower what is missing."),
            &[(of_train(&signed), BOB)],
        )
        .policy(&format!("{one}[severity]\nrebuild-missing = \"warning\"\n"))
        .passes(&["rebuild-missing"])
        .class(linked("asserted")),
        refused("check-rebuilds-zero", "pol-1", "No rebuilder is asked for.", "rebuilds = 0\n"),
        refused("check-rebuilds-65", "pol-1", "65 rebuilders.", "rebuilds = 65\n"),
        refused(
            "check-rebuilders-text",
            "pol-1",
            "One rebuilder as a text.",
            "rebuilders = \"a\"\n",
        ),
        refused(
            "check-rebuilds-files-alone",
            "pol-17",
            "Stages are not looked at.",
            "scope = \"release\"\nrebuilds = 1\n",
        ),
        refused(
            "check-rebuilders-files-alone",
            "pol-17",
            "Stages are not looked at.",
            "scope = \"release\"\nrebuilders = [\"a\"]\n",
        ),
        refused(
            "check-contradicted-lowered",
            "pol-6",
            "A contradiction is lowered.",
            "[severity]\nrebuild-contradicted = \"warning\"\n",
        ),
    ]
}
