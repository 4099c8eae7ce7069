//! Attestations: read back as written, and what cannot be so in them.

#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::*;

fn exact(id: &str) -> Value {
    let digest = json!({ "sha256": "1".repeat(64) });
    json!({ "artifact": id, "grade": "rebuilt-exact", "claimed": digest, "made": digest })
}

fn whole() -> Value {
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{ "name": "model.safetensors", "digest": { "sha256": "1".repeat(64) } }],
        "predicateType": "https://fullsource.dev/rebuild/v0.1",
        "predicate": {
            "statement": { "sha256": "2".repeat(64) },
            "stage": "train",
            "grade": "rebuilt-exact",
            "runs": [{ "command": ["train"], "grade": "rebuilt-exact", "exit": 0,
                       "outputs": [exact("weights")] }],
            "inputs": [{ "artifact": "trainer", "files": 3, "bytes": 4096 }],
            "environment": {
                "platform": "linux/amd64", "cpu": "c", "kernel": "k", "libc": "l",
                "sandbox": "namespaces", "threads": 1,
                "limits": { "wallSeconds": 60, "memory": 1, "disk": 1, "processes": 1 }
            },
            "tool": { "name": "fullsource", "version": "0.1.0" },
            "startedAt": "2026-03-01T00:00:00Z",
            "finishedAt": "2026-03-01T00:01:00Z"
        }
    })
}

fn audited() -> Value {
    let mut document = whole();
    let run = |id: &str| {
        json!({ "segment": id, "command": ["train"], "grade": "rebuilt-exact", "exit": 0,
                "outputs": [exact("weights")] })
    };
    document["predicate"]["runs"] = json!([run("one"), run("three")]);
    document["predicate"]["audit"] = json!({
        "seed": "s", "drawn": 2, "of": 4, "missWorst": "3/4", "missEven": "1/2"
    });
    document
}

fn parse(document: &Value) -> Result<Attestation, AttestationError> {
    Attestation::parse(document.to_string().as_bytes())
}

#[test]
fn what_is_written_is_read_again() {
    for document in [whole(), audited()] {
        let read = parse(&document).unwrap();
        let again = Attestation::parse(&read.to_payload()).unwrap();
        assert_eq!(read, again);
        let new = Attestation::new(read.subjects().to_vec(), read.rebuild().clone()).unwrap();
        assert_eq!(new.to_payload(), read.to_payload());
    }
}

#[test]
fn other_types_are_told_apart() {
    let changed = |field: &str| {
        let mut document = whole();
        document[field] = json!("https://example.org/");
        parse(&document).unwrap_err()
    };
    assert!(matches!(changed("_type"), AttestationError::Type(_)));
    assert!(matches!(changed("predicateType"), AttestationError::PredicateType(_)));
    assert!(matches!(Attestation::parse(b"{").unwrap_err(), AttestationError::Json(_)));
}

/// Each change makes a lie that the rest of the attestation gives away.
#[test]
fn parts_that_cannot_both_be_so_are_refused() {
    type Change = fn(&mut Value);
    let of_whole: &[(&str, Change)] = &[
        ("/subject", |d| d["subject"] = json!([])),
        ("/subject", |d| {
            let one = d["subject"][0].clone();
            d["subject"] = json!([one, one]);
        }),
        ("/predicate/grade", |d| d["predicate"]["grade"] = json!("rebuilt-canonical")),
        ("/predicate/grade", |d| d["predicate"]["runs"][0]["grade"] = json!("not-run")),
        ("/predicate/runs/0/grade", |d| {
            d["predicate"]["runs"][0]["outputs"][0]["grade"] = json!("near-miss");
        }),
        ("/predicate/runs/0/grade", |d| d["predicate"]["runs"][0]["outputs"] = json!([])),
        ("/predicate/runs/0/outputs", |d| {
            d["predicate"]["runs"][0]["outputs"] = json!([exact("a"), exact("a")]);
        }),
        ("/predicate/runs/0/exit", |d| d["predicate"]["runs"][0]["exit"] = json!(1)),
        ("/predicate/runs/0/outputs/0/made", |d| {
            d["predicate"]["runs"][0]["outputs"][0]["made"] = json!({ "sha256": "3".repeat(64) });
        }),
        ("/predicate/runs/0/outputs/0/files", |d| {
            d["predicate"]["runs"][0]["outputs"][0]["files"] =
                json!([{ "path": "a", "how": "missing" }]);
        }),
        ("/predicate/runs/0/outputs/0/tensors", |d| {
            d["predicate"]["runs"][0]["outputs"][0]["tensors"] = json!({
                "total": 1, "differing": 1, "elements": 4, "differingElements": 1 });
        }),
        ("/predicate/runs/0/outputs/0/tensors/differingElements", |d| {
            d["predicate"]["runs"][0]["outputs"][0]["tensors"] = json!({
                "total": 1, "differing": 1, "elements": 4, "differingElements": 5 });
        }),
        ("/predicate/runs/0/outputs/0/tensors", |d| {
            d["predicate"]["grade"] = json!("rebuilt-bounded");
            d["predicate"]["runs"][0]["grade"] = json!("rebuilt-bounded");
            d["predicate"]["runs"][0]["outputs"][0]["grade"] = json!("rebuilt-bounded");
        }),
        ("/predicate/finishedAt", |d| {
            d["predicate"]["finishedAt"] = json!("2026-02-28T00:00:00Z");
        }),
        ("/predicate/runs", |d| d["predicate"]["runs"][0]["segment"] = json!("one")),
        ("/predicate/runs", |d| {
            d["predicate"]["runs"] = json!([]);
        }),
        ("/predicate/copies", |d| {
            let copy =
                json!({ "artifact": "a", "input": "b", "path": "c", "offset": 0, "bytes": 64 });
            d["predicate"]["copies"] = json!(vec![copy; 101]);
        }),
        ("/predicate/environment/tools", |d| {
            d["predicate"]["environment"]["tools"] = json!(vec![json!({ "name": "cc" }); 1001]);
        }),
    ];
    let of_audit: &[(&str, Change)] = &[
        ("/predicate/runs", |d| drop(d["predicate"].as_object_mut().unwrap().remove("audit"))),
        ("/predicate/runs", |d| {
            drop(d["predicate"]["runs"][0].as_object_mut().unwrap().remove("segment"));
        }),
        ("/predicate/runs", |d| d["predicate"]["runs"][0]["segment"] = json!("three")),
        ("/predicate/audit/drawn", |d| d["predicate"]["audit"]["drawn"] = json!(3)),
        ("/predicate/audit/of", |d| d["predicate"]["audit"]["of"] = json!(1)),
        ("/predicate/audit/missEven", |d| d["predicate"]["audit"]["missEven"] = json!("1/3")),
        ("/predicate/audit/missEven", |d| d["predicate"]["audit"]["missEven"] = json!("50%")),
        ("/predicate/audit/missEven", |d| d["predicate"]["audit"]["missEven"] = json!("1/0")),
        ("/predicate/audit/missWorst", |d| d["predicate"]["audit"]["missWorst"] = json!("2/1")),
        ("/predicate/audit/missWorst", |d| d["predicate"]["audit"]["missWorst"] = json!("01/2")),
        ("/predicate/audit/missWorst", |d| d["predicate"]["audit"]["missWorst"] = json!("1/4")),
        ("/predicate/audit/missWorst", |d| {
            d["predicate"]["audit"]["missWorst"] = json!(format!("1/{}", "9".repeat(81)));
        }),
        ("/predicate/audit/missWorst", |d| {
            d["predicate"]["audit"]["of"] = json!(2);
            d["predicate"]["audit"]["missEven"] = json!("0/1");
        }),
    ];
    let all = of_whole.iter().map(|one| (whole(), one));
    for (mut document, (place, change)) in all.chain(of_audit.iter().map(|one| (audited(), one))) {
        change(&mut document);
        match parse(&document) {
            Err(AttestationError::Incoherent(wrong)) => {
                assert_eq!(wrong.pointer, *place, "{wrong}")
            }
            other => unreachable!("{place}: {other:?}"),
        }
    }
}

/// The same bytes or values, held against each other by their tensors.
#[test]
fn what_was_compared_and_does_not_differ_is_taken() {
    let told = |grade: &str, differing: u64| {
        let mut document = whole();
        let predicate = &mut document["predicate"];
        predicate["grade"] = json!(grade);
        predicate["runs"][0]["grade"] = json!(grade);
        predicate["runs"][0]["outputs"][0]["grade"] = json!(grade);
        predicate["runs"][0]["outputs"][0]["tensors"] = json!({
            "total": 1, "differing": differing, "elements": 4, "differingElements": differing });
        parse(&document).is_ok()
    };
    for grade in ["rebuilt-exact", "rebuilt-canonical"] {
        assert_eq!((told(grade, 0), told(grade, 1)), (true, false), "{grade}");
    }
    assert!(told("near-miss", 1));
}

#[test]
fn a_chance_is_a_fraction_of_digits() {
    let told = |worst: &str| {
        let mut document = audited();
        document["predicate"]["audit"]["missWorst"] = json!(worst);
        parse(&document).is_ok()
    };
    for good in ["1/2", "2/4", "1/1", "9007199254740993/9007199254740993"] {
        assert!(told(good), "{good}");
    }
    for bad in ["/2", "1/", "+/9", "-1/2", "1/ 2", " 1/2", "a/b", "1e0/2", "1/02", "1/2/3"] {
        assert!(!told(bad), "{bad}");
    }
}

/// `reb-7`: others find an attestation by the files that it is about.
#[test]
fn an_attestation_is_about_what_the_stage_claims_by_its_files_and_ids() {
    let digest = |text: &str| Sha256::of(text.as_bytes());
    let artifact = |id: &str, file: Option<&str>| match file {
        Some(file) => json!({ "id": id, "roles": ["weights.intermediate"], "files": [file] }),
        None => json!({ "id": id, "roles": ["weights.intermediate"],
            "digest": { "sha256": digest(id).to_string() }, "locators": ["https://a.example/"] }),
    };
    let stage =
        |id: &str, outputs: &[&str]| json!({ "id": id, "kind": "train", "outputs": outputs });
    let manifest = json!({
        "release": { "name": "m", "producer": { "name": "p" } },
        "artifacts": [artifact("one", Some("z.bin")), artifact("all", Some("below/")),
            artifact("away", None), artifact("other", Some("other.bin")),
            { "id": "loose", "roles": ["weights.intermediate"] }],
        "stages": [stage("make", &["one", "all", "away"]), stage("bare", &["loose"])],
    });
    let unknown = crate::json::UnknownFields::Refuse;
    let manifest =
        crate::manifest::Manifest::parse(manifest.to_string().as_bytes(), unknown).unwrap();
    let mut files = crate::index::FileTable::builder();
    for path in ["below/a", "below/b", "other.bin", "z.bin"] {
        let sha256 = Some(digest(path));
        files.push(crate::index::FileRecord { path, size: 1, sha256, blake3: None }).unwrap();
    }
    let (files, statement) = (files.build().unwrap(), digest("statement"));
    let [make, bare] = manifest.stages() else { unreachable!() };
    let found = subjects(&manifest, &files, statement, make);
    let named = |name: &str, of: &str| (name.to_owned(), digest(of));
    let pairs: Vec<_> =
        found.iter().map(|one| (one.name.as_str().to_owned(), one.digest.sha256)).collect();
    let claimed = ["away", "below/a", "below/b", "z.bin"];
    assert_eq!(pairs, claimed.map(|name| named(name, name)));
    let of_bare = subjects(&manifest, &files, statement, bare);
    assert_eq!((of_bare.len(), of_bare[0].name.as_str()), (1, STATEMENT));
    assert_eq!(of_bare[0].digest.sha256, statement);
    let is_claimed = |name: &str, of: &str| {
        let digest = crate::statement::SubjectDigest { sha256: digest(of) };
        let subject = crate::statement::Subject { name: name.parse().unwrap(), digest };
        is_claimed(&manifest, &files, statement, make, &subject)
    };
    for name in claimed.into_iter().chain([STATEMENT]) {
        assert!(is_claimed(name, name) && !is_claimed(name, "else"), "{name}");
    }
    for name in ["other.bin", "all", "one", "below", "other", "loose"] {
        assert!(!is_claimed(name, name), "{name}");
    }
    assert!(!is_claimed("else", "away") && !is_claimed("other.bin", "statement"));
}

#[test]
fn several_grades_are_the_weakest_and_what_differs_differs() {
    use Grade::{Contradicted, NearMiss, NotRun, RebuiltBounded, RebuiltExact};
    assert_eq!(Grade::of_all([]), None);
    assert_eq!(Grade::of_all([RebuiltExact, RebuiltBounded]), Some(RebuiltBounded));
    assert_eq!(Grade::of_all([RebuiltExact, NotRun]), Some(NotRun));
    for order in [[NotRun, NearMiss, Contradicted], [Contradicted, NotRun, RebuiltExact]] {
        assert_eq!(Grade::of_all(order), Some(Contradicted));
    }
    assert_eq!(Grade::of_all([NotRun, NearMiss, RebuiltExact]), Some(NearMiss));
}
