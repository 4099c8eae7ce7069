//! What the content of an artifact says about itself, and what a locator pins by itself.

use serde_json::{Value, json};

use super::artifacts::{PLACE, TRAINER, start, trainer};
use super::case::Case;
use super::evidence::{observed, of, seen};
use super::release::Release;
use super::seal::sha256;

const COMMIT: &str = "3b18e512dba79e4c8300dd08aeb37f8e728b8dad";

pub(super) fn cases() -> Vec<Case> {
    [facts(), texts(), names(), tokens(), twins(), pins()].concat()
}

/// An observation of the trainer that agrees with its claim.
fn agrees(more: Value) -> Value {
    let mut observation = seen(PLACE, json!({ "digests": { "sha256": sha256(TRAINER) } }));
    for (field, value) in more.as_object().into_iter().flatten() {
        observation[field] = value.clone();
    }
    observation
}

fn outcome(case: Case, codes: &[&str]) -> Case {
    match codes {
        [] => case.passes(&[]),
        ["artifact-placeholder" | "artifact-mismatch"] => case.fails(codes),
        ["artifact-unchecked" | "artifact-weak"] => case.incomplete(codes),
        _ => case.passes(codes),
    }
}

type Row = (&'static str, &'static str, &'static str, Value, &'static [&'static str]);

/// One fact about a source that is there and equal.
fn facts() -> Vec<Case> {
    let signed = Release::toy().artifact(trainer()).signed(|_| {});
    let hollow = |value: &str| json!({ "kind": "hollow", "value": value });
    let about = |kind: &str| json!({ "kind": kind, "path": "a", "value": "x" });
    let rows: Vec<Row> = vec![
        ("hollow-empty", "ver-71", "Nothing is in it.", hollow("empty"), &["artifact-placeholder"]),
        (
            "hollow-readme",
            "ver-71",
            "Only a README is in it.",
            hollow("readme-only"),
            &["artifact-placeholder"],
        ),
        (
            "hollow-url-list",
            "ver-71",
            "Only addresses are in it.",
            hollow("url-list"),
            &["artifact-placeholder"],
        ),
        (
            "lfs-pointers",
            "ver-72",
            "Pointers in place of the content.",
            json!({ "kind": "lfs-pointers", "path": "a", "count": 2 }),
            &["artifact-unchecked"],
        ),
        (
            "submodule",
            "ver-72",
            "A part of it lies in another repository.",
            json!({ "kind": "submodule", "path": "third_party/x", "value": COMMIT }),
            &["artifact-unchecked"],
        ),
        (
            "commit-unreachable",
            "ver-75",
            "No branch leads to the commit.",
            json!({ "kind": "commit-unreachable", "value": COMMIT }),
            &["commit-unreachable"],
        ),
        (
            "commit-unplaced",
            "ver-75",
            "Nobody knows which branch leads to the commit.",
            json!({ "kind": "commit-unplaced", "value": COMMIT }),
            &[],
        ),
        (
            "header-fault",
            "ver-76",
            "A weights file that no strict reader reads.",
            about("header-fault"),
            &["content-malformed"],
        ),
        (
            "shape-mismatch",
            "ver-76",
            "Shapes unlike the configuration's.",
            about("shape-mismatch"),
            &["content-malformed"],
        ),
        (
            "pickle-unread",
            "ver-76",
            "A pickle that breaks off.",
            about("pickle-unread"),
            &["content-malformed"],
        ),
        (
            "pickle-import",
            "ver-76",
            "A pickle that imports `os.system`.",
            json!({ "kind": "pickle-import", "path": "a", "value": "os.system" }),
            &["pickle-code"],
        ),
        (
            "license-text",
            "evd-20",
            "A licence text, which says nothing against it.",
            json!({ "kind": "license-text", "path": "LICENSE", "value": "MIT", "count": 1000 }),
            &[],
        ),
        (
            "fault-with-path",
            "evd-20",
            "A field that may be there.",
            json!({ "kind": "fault", "path": "a", "value": "x" }),
            &[],
        ),
        (
            "fault-without-path",
            "evd-20",
            "A field that may be absent.",
            json!({ "kind": "fault", "value": "x" }),
            &[],
        ),
    ];
    let make = |(id, rule, about, fact, codes): Row| {
        let layer = if matches!(codes, ["artifact-placeholder" | "artifact-unchecked"]) {
            "artifacts"
        } else {
            "pass"
        };
        let evidence = observed(&signed, "trainer", vec![agrees(json!({ "facts": [fact] }))]);
        outcome(
            start(&format!("content-{id}"), rule, layer, about).signed(&signed).evidence(&evidence),
            codes,
        )
    };
    let mut cases: Vec<Case> = rows.into_iter().map(make).collect();
    let elsewhere = seen("https://example.net/trainer.tar", json!({ "facts": [hollow("empty")] }));
    let evidence = observed(&signed, "trainer", vec![agrees(json!({})), elsewhere]);
    cases.push(outcome(
        start(
            "content-of-another-place",
            "ver-70",
            "pass",
            "A fact of a place that the artifact does not have.",
        )
        .signed(&signed)
        .evidence(&evidence),
        &[],
    ));
    let mut artifact = trainer();
    artifact["locators"] = json!([PLACE, "https://example.net/trainer.tar"]);
    let mirrored = Release::toy().artifact(artifact).signed(|_| {});
    let other = seen(
        "https://example.net/trainer.tar",
        json!({ "digests": { "sha256": sha256(b"") }, "facts": [hollow("empty")] }),
    );
    let evidence = observed(&mirrored, "trainer", vec![agrees(json!({})), other]);
    cases.push(
        start(
            "content-of-another-content",
            "ver-70",
            "pass",
            "A mirror serves something else, and that is hollow.",
        )
        .signed(&mirrored)
        .evidence(&evidence)
        .passes(&["artifact-mismatch"]),
    );
    let broken: [(&str, &str, Value); 6] = [
        (
            "fact-unknown",
            "A kind of fact that there is not.",
            json!({ "kind": "nice", "value": "x" }),
        ),
        (
            "fact-field-missing",
            "A fact without its value.",
            json!({ "kind": "submodule", "path": "a" }),
        ),
        (
            "fact-field-extra",
            "A fact with a field of another kind.",
            json!({ "kind": "hollow", "value": "empty", "count": 1 }),
        ),
        ("fact-hollow-other", "A way to be hollow that there is not.", hollow("small")),
        ("fact-array", "A fact as an array.", json!(["hollow", "empty"])),
        (
            "fact-null",
            "A field that is null.",
            json!({ "kind": "fault", "path": null, "value": "x" }),
        ),
    ];
    cases.extend(broken.into_iter().map(|(id, about, fact)| {
        let evidence = observed(&signed, "trainer", vec![agrees(json!({ "facts": [fact] }))]);
        start(&format!("content-{id}"), "evd-20", "input", about)
            .signed(&signed)
            .evidence(&evidence)
            .stops(&["evidence-malformed"])
    }));
    for (id, rule, about, more) in [
        (
            "sample-without-seed",
            "evd-21",
            "A sample that nobody can draw again.",
            json!({ "sample": { "seen": 1, "of": 9 } }),
        ),
        ("route-other", "evd-22", "A way that there is not.", json!({ "route": "tunnel" })),
    ] {
        let evidence = observed(&signed, "trainer", vec![agrees(more)]);
        cases.push(
            start(id, rule, "input", about)
                .signed(&signed)
                .evidence(&evidence)
                .stops(&["evidence-malformed"]),
        );
    }
    for (id, layer, about, differing) in [
        ("sample", "artifacts", "A sample matched.", 0),
        ("sample-differs", "artifacts", "A file of a sample is another one.", 1),
    ] {
        let sample = json!({ "seen": 4, "of": 9, "differing": differing, "seed": sha256(b"") });
        let look = seen(PLACE, json!({ "status": "partial", "sample": sample }));
        let evidence = observed(&signed, "trainer", vec![look]);
        let codes: &[&str] =
            if differing == 0 { &["artifact-unchecked"] } else { &["artifact-mismatch"] };
        let case = start(id, "ver-48", layer, about).signed(&signed).evidence(&evidence);
        cases.push(outcome(case, codes));
    }
    let mut evidence = of(&signed);
    evidence["parents"] = json!([{ "statement": { "sha256": sha256(b"") }, "envelope": "{}",
        "artifacts": [{ "id": "a", "observations": [{ "locator": "x" }] }] }]);
    cases.push(
        start(
            "parent-observation-broken",
            "evd-23",
            "input",
            "What was seen of a parent's artifact, without a time.",
        )
        .signed(&signed)
        .evidence(&evidence)
        .stops(&["evidence-malformed"]),
    );
    cases
}

/// The licence declared, and a text of another.
fn texts() -> Vec<Case> {
    let mut artifact = trainer();
    artifact["license"] = json!("MIT");
    let signed = Release::toy().artifact(artifact).signed(|_| {});
    let text = |id: &str, score: u64| json!({ "kind": "license-text", "path": "LICENSE", "value": id, "count": score });
    let rows = [
        ("text-agrees", "The text is that of the licence.", text("MIT", 1000), false),
        (
            "text-of-another",
            "The text is that of another licence.",
            text("CC-BY-NC-4.0", 1000),
            true,
        ),
    ];
    let make = |(id, about, fact, differs): (&str, &str, Value, bool)| {
        let evidence = observed(&signed, "trainer", vec![agrees(json!({ "facts": [fact] }))]);
        let layer = if differs { "artifacts" } else { "pass" };
        let case = start(&format!("license-{id}"), "ver-82", layer, about);
        let case = case.signed(&signed).evidence(&evidence);
        if differs { case.fails(&["license-mismatch"]) } else { case.passes(&[]) }
    };
    rows.into_iter().map(make).collect()
}

/// What a card or a configuration names.
fn names() -> Vec<Case> {
    let base = |locators: Value| {
        json!({ "id": "base", "roles": ["model.base"], "locators": locators,
        "digest": { "sha256": sha256(b"base") } })
    };
    let settings = |roles: Value| {
        let mut artifact = trainer();
        artifact["roles"] = roles;
        artifact
    };
    let plain = Release::toy().artifact(settings(json!(["code.training", "config.training"])));
    let code = Release::toy().artifact(trainer());
    let listed =
        plain.clone().artifact(base(json!([format!("hf:models/Org/Base-1@{COMMIT}#path=w")])));
    let prefix = plain.clone().artifact(base(json!([format!("hf:models/org/base-1b@{COMMIT}")])));
    let rows = [
        (
            "undeclared",
            "A card names a base model that the manifest does not list.",
            &plain,
            "org/base-1",
            true,
        ),
        ("declared", "The same, and the manifest lists it.", &listed, "org/base-1", false),
        (
            "of-another",
            "The manifest lists another whose name starts alike.",
            &prefix,
            "org/base-1",
            true,
        ),
        ("of-code", "The settings of a repository of code name it.", &code, "org/base-1", false),
        ("itself", "A card names the release itself.", &plain, "toy", false),
    ];
    let make = |(id, about, release, name, undeclared): (&str, &str, &Release, &str, bool)| {
        let signed = release.clone().signed(|_| {});
        let fact = json!({ "kind": "names-base-model", "path": "README.md", "value": name });
        let mut evidence = observed(&signed, "trainer", vec![agrees(json!({ "facts": [fact] }))]);
        let place = |text: &str| seen(text, json!({ "digests": { "sha256": sha256(b"base") } }));
        let places = [
            format!("hf:models/Org/Base-1@{COMMIT}#path=w"),
            format!("hf:models/org/base-1b@{COMMIT}"),
        ];
        if let Some(list) = evidence["artifacts"].as_array_mut() {
            list.push(json!({ "id": "base", "observations": places.iter().map(|p| place(p)).collect::<Vec<_>>() }));
        }
        let codes: &[&str] = if undeclared { &["source-undeclared"] } else { &[] };
        start(&format!("content-names-{id}"), "ver-77", "pass", about)
            .signed(&signed)
            .evidence(&evidence)
            .passes(codes)
    };
    rows.into_iter().map(make).collect()
}

/// How many tokens bytes can hold.
fn tokens() -> Vec<Case> {
    let data = json!({ "id": "corpus", "roles": ["data.pretraining"], "locators": [PLACE],
        "digest": { "sha256": sha256(TRAINER) } });
    let rows = [
        (
            "as-many",
            "As many tokens as bytes.",
            json!({ "tokens": 13 }),
            json!({ "size": 13 }),
            false,
        ),
        (
            "more",
            "One token more than bytes.",
            json!({ "tokens": 14 }),
            json!({ "size": 13 }),
            true,
        ),
        (
            "by-epochs",
            "Read three times.",
            json!({ "tokens": 39, "epochs": 3 }),
            json!({ "size": 13 }),
            false,
        ),
        (
            "beyond-epochs",
            "Read three times, and more.",
            json!({ "tokens": 40, "epochs": 3 }),
            json!({ "size": 13 }),
            true,
        ),
        (
            "part-of-an-epoch",
            "Half of it was read.",
            json!({ "tokens": 10, "epochs": "0.5" }),
            json!({ "size": 13 }),
            false,
        ),
        (
            "compressed",
            "Compressed bytes hold more than they weigh.",
            json!({ "tokens": 90 }),
            json!({ "size": 13, "facts": [{ "kind": "compressed", "count": 13 }] }),
            false,
        ),
        (
            "size-unknown",
            "Nobody tells how large it is.",
            json!({ "tokens": 90 }),
            json!({}),
            false,
        ),
    ];
    let make = |(id, about, used, more, over): (&str, &str, Value, Value, bool)| {
        let mut used = used;
        used["artifact"] = json!("corpus");
        let signed = Release::toy().artifact(data.clone()).manifest(|m| {
            m["stages"] = json!([{ "id": "pt", "kind": "pretrain", "data": [used], "outputs": ["weights"] }]);
        }).signed(|_| {});
        let evidence = observed(&signed, "corpus", vec![agrees(more)]);
        let layer = if over { "artifacts" } else { "pass" };
        outcome(
            start(&format!("content-tokens-{id}"), "ver-74", layer, about)
                .signed(&signed)
                .evidence(&evidence),
            if over { &["artifact-placeholder"] } else { &[] },
        )
    };
    rows.into_iter().map(make).collect()
}

/// The same bytes under two names.
fn twins() -> Vec<Case> {
    let twin = |id: &str, role: &str| {
        json!({ "id": id, "roles": [role], "locators": [PLACE],
        "digest": { "sha256": sha256(TRAINER) } })
    };
    let other = json!({ "id": "b", "roles": ["data.sft"], "locators": ["https://example.org/other"],
        "digest": { "sha256": sha256(b"other") } });
    let rows = [
        (
            "code-and-data-apart",
            "Code and data elsewhere, each with bytes of its own.",
            vec![twin("a", "code.training"), other],
            vec![],
        ),
        (
            "code-and-data",
            "The same bytes as code and as data.",
            vec![twin("a", "code.training"), twin("b", "data.sft")],
            vec!["a", "b"],
        ),
        (
            "code-twice",
            "The same bytes as two kinds of code.",
            vec![twin("a", "code.training"), twin("b", "code.preprocessing")],
            vec![],
        ),
        (
            "document-and-data",
            "The same bytes as a document and as data.",
            vec![twin("a", "doc.data-card"), twin("b", "data.sft")],
            vec![],
        ),
    ];
    rows.into_iter()
        .map(|(id, about, artifacts, wrong): (&str, &str, Vec<Value>, Vec<&str>)| {
            let release = artifacts
                .iter()
                .fold(Release::toy(), |release, artifact| release.artifact(artifact.clone()));
            let signed = release.signed(|_| {});
            let mut evidence = of(&signed);
            let apart = seen(
                "https://example.org/other",
                json!({ "digests": { "sha256": sha256(b"other") } }),
            );
            let second = if id.ends_with("apart") { apart } else { agrees(json!({})) };
            evidence["artifacts"] = json!([{ "id": "a", "observations": [agrees(json!({}))] },
                                       { "id": "b", "observations": [second] }]);
            let case = start(
                &format!("content-{id}"),
                "ver-73",
                if wrong.is_empty() { "pass" } else { "artifacts" },
                about,
            )
            .signed(&signed)
            .evidence(&evidence);
            if wrong.is_empty() { case.passes(&[]) } else { case.fails(&["artifact-placeholder"]) }
        })
        .collect()
}

/// What a locator pins by itself.
fn pins() -> Vec<Case> {
    let git = format!("git+https://example.org/t.git@{COMMIT}");
    let other = COMMIT.replace('3', "4");
    let pin = sha256(b"the archive");
    let oci = format!("oci:example.org/t@sha256:{pin}");
    let digests = |more: Value| {
        let mut set = json!({ "sha256": sha256(TRAINER) });
        for (name, value) in more.as_object().into_iter().flatten() {
            set[name] = value.clone();
        }
        json!({ "digests": set })
    };
    let served = |sha256: &str| json!({ "digests": { "sha256": self::sha256(TRAINER) }, "served": { "sha256": sha256 } });
    let archive = json!({ "uri": PLACE, "sha256": pin });
    let rows: Vec<(&str, &str, Value, Value, &'static [&'static str])> = vec![
        ("git", "The commit was seen.", json!(git), digests(json!({ "gitCommit": COMMIT })), &[]),
        (
            "git-differs",
            "Another commit was seen.",
            json!(git),
            digests(json!({ "gitCommit": other })),
            &["artifact-mismatch"],
        ),
        (
            "git-unseen",
            "Nobody computed the commit.",
            json!(git),
            digests(json!({})),
            &["artifact-unchecked"],
        ),
        ("archive", "The archive is the one that is pinned.", archive.clone(), served(&pin), &[]),
        (
            "archive-differs",
            "Another archive with the same content.",
            archive.clone(),
            served(&sha256(b"x")),
            &["artifact-mismatch"],
        ),
        (
            "archive-unseen",
            "The pinned digest is not that of the content.",
            archive.clone(),
            digests(json!({})),
            &["artifact-mismatch"],
        ),
        (
            "archive-blake3-alone",
            "Only BLAKE3 of the archive was computed.",
            archive,
            json!({ "digests": { "sha256": sha256(TRAINER) }, "served": { "blake3": sha256(b"") } }),
            &["artifact-unchecked"],
        ),
        ("oci", "The manifest is the one that is pinned.", json!(oci), served(&pin), &[]),
        (
            "oci-differs",
            "Another manifest was served.",
            json!(oci),
            served(&sha256(b"x")),
            &["artifact-mismatch"],
        ),
    ];
    let make =
        |(id, about, locator, more, codes): (&str, &str, Value, Value, &'static [&'static str])| {
            let mut artifact = trainer();
            artifact["locators"] = json!([locator]);
            let signed = Release::toy().artifact(artifact).signed(|_| {});
            let place = locator.as_str().or(locator["uri"].as_str()).unwrap_or_default().to_owned();
            let layer = if codes.is_empty() { "pass" } else { "artifacts" };
            let evidence = observed(&signed, "trainer", vec![seen(&place, more)]);
            outcome(
                start(&format!("pin-{id}"), "ver-78", layer, about)
                    .signed(&signed)
                    .evidence(&evidence),
                codes,
            )
        };
    rows.into_iter().map(make).collect()
}
