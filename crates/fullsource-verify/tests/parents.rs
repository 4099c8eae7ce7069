//! Parents: who signed what, held against the bytes, and judged from evidence alone.

#![allow(clippy::unwrap_used, clippy::panic)]

use fullsource_format::digest::Sha256;
use fullsource_format::envelope;
use fullsource_format::evidence::{
    Access, ArtifactSeen, Evidence, Local, Observation, ParentSeen, StatementRef, Status, Strength,
    Tool,
};
use fullsource_format::json::UnknownFields;
use fullsource_format::key::SecretKey;
use fullsource_format::manifest::Manifest;
use fullsource_format::revoked::RevocationList;
use fullsource_format::trust::TrustFile;
use fullsource_verify::Status as Worth;
use fullsource_verify::class::{OutputTerms, Seen, Standing};
use fullsource_verify::finding::{Code, Finding};
use fullsource_verify::judge::Verifier;
use fullsource_verify::lineage::{self, LineageError, Member};
use fullsource_verify::parents::{ParentReport, ParentStatus, Parents, Taking};
use fullsource_verify::policy::Policy;
use fullsource_verify::signers::Trust;
use jiff::Timestamp;
use serde_json::{Value, json};

const WEIGHTS: &[u8] = b"weights of the parent";
const PLACE: &str = "https://example.org/";
/// The public half of [`key`].
const PUBLIC: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPjrterTfaoyhazXgqc6ycGl4WQRQ5fd+kFiq8eJmo3m";
const URI: &str = "https://lab.example";

fn key() -> SecretKey {
    let file = include_bytes!("../../fullsource-format/tests/data/keys/openssh-ed25519");
    SecretKey::from_text(file, None).unwrap()
}

/// An artifact elsewhere.
fn part(id: &str, role: &str) -> Value {
    json!({ "id": id, "roles": [role], "license": "Apache-2.0",
            "locators": [format!("{PLACE}{id}")],
            "digest": { "sha256": Sha256::of(id.as_bytes()).to_string() } })
}

/// A whole release whose weights are a file of its own; the ids of its models follow.
fn release(name: &str, weights: &[u8], bases: &[Value]) -> Value {
    let mut artifacts = vec![
        json!({ "id": "weights", "roles": ["weights.final"], "files": ["model.safetensors"],
                "license": "Apache-2.0" }),
        part("config", "config.model"),
        part("tokenizer", "tokenizer.model"),
        part("run", "code.inference"),
        part("trainer", "code.training"),
        part("args", "config.training"),
        part("prep", "code.preprocessing"),
        part("about", "doc.data-information"),
        part("corpus", "data.pretraining"),
    ];
    let models: Vec<_> =
        bases.iter().map(|base| json!({ "artifact": base["id"], "use": "init" })).collect();
    let mut stage = json!({ "id": "pretrain", "kind": "pretrain", "data": ["corpus"],
                            "models": models, "outputs": ["weights"] });
    if bases.is_empty() {
        stage["init"] = json!({ "prng": "ChaCha20" });
    }
    artifacts.extend_from_slice(bases);
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{ "name": "model.safetensors",
                      "digest": { "sha256": Sha256::of(weights).to_string() } }],
        "predicateType": "https://fullsource.dev/model-provenance/v0.1",
        "predicate": {
            "release": { "name": name, "producer": { "name": "Lab", "uri": URI } },
            "files": [{ "path": "model.safetensors", "size": weights.len() }],
            "closure": "complete", "artifacts": artifacts, "stages": [stage],
        },
    })
}

/// A model that a statement is named for.
fn base(id: &str, statement: Sha256, weights: &[u8]) -> Value {
    json!({ "id": id, "roles": ["model.base"], "license": "Apache-2.0",
            "locators": [format!("{PLACE}{id}")],
            "digest": { "sha256": Sha256::of(weights).to_string() },
            "statement": { "sha256": statement.to_string() } })
}

fn bytes(statement: &Value) -> Vec<u8> {
    serde_json::to_vec(statement).unwrap()
}

fn id(statement: &Value) -> Sha256 {
    Sha256::of(&bytes(statement))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn seen(locator: &str, content: &[u8]) -> Observation {
    digested(locator, Sha256::of(content))
}

fn digested(locator: &str, sha256: Sha256) -> Observation {
    use fullsource_format::evidence::{ContentFact, ContentFactKind};
    let fact = ContentFact::new(ContentFactKind::LicenseText).at("LICENSE").saying("Apache-2.0");
    Observation {
        digests: Some(fullsource_format::digest::Digest::Sha256(sha256).into()),
        strength: Some(Strength::Bytes),
        access: Some(Access::Anonymous),
        facts: vec![fact.counting(1000)],
        ..Observation::new(locator, at(0), Status::Seen)
    }
}

/// Everything that a release claims was seen.
fn all_seen(statement: &Value, weights: &[u8]) -> Vec<ArtifactSeen> {
    let artifacts = statement["predicate"]["artifacts"].as_array().unwrap();
    let seen = artifacts.iter().map(|artifact| {
        let id = artifact["id"].as_str().unwrap();
        let observation = match artifact["files"].is_array() {
            true => seen("files", weights),
            false => {
                let digest = artifact["digest"]["sha256"].as_str().unwrap().parse().unwrap();
                digested(&format!("{PLACE}{id}"), digest)
            }
        };
        ArtifactSeen { id: id.parse().unwrap(), observations: vec![observation] }
    });
    seen.collect()
}

/// A parent that was found and looked at.
fn found(statement: &Value, weights: &[u8], document: String) -> ParentSeen {
    let artifacts = all_seen(statement, weights);
    ParentSeen { envelope: Some(document), artifacts, ..ParentSeen::new(id(statement)) }
}

fn signed(statement: &Value) -> String {
    envelope::sign(&bytes(statement), &[key()])
}

fn evidence(parents: Vec<ParentSeen>) -> Evidence {
    Evidence {
        evidence_type: fullsource_format::evidence::TYPE.to_owned(),
        statement: StatementRef { sha256: Sha256::of(b"target") },
        tool: Tool::this("test", "1"),
        collected_at: at(0),
        release: None,
        artifacts: Vec::new(),
        parents,
    }
}

fn trusting(trust: Trust) -> Verifier {
    Verifier {
        trust,
        policy: Policy::standard(),
        now: at(0),
        require: None,
        expect: None,
        accept_evidence: false,
    }
}

/// Who trusts the lab as this principal.
fn principal(name: &str) -> Verifier {
    let line = format!("{name} namespaces=\"fullsource\" {PUBLIC}\n");
    let file = TrustFile::parse(line.as_bytes()).unwrap();
    trusting(Trust { file: Some(file), threshold: 1, ..Trust::default() })
}

struct Outcome {
    findings: Vec<(Code, String)>,
    reports: Vec<ParentReport>,
    parent: Option<Standing>,
    class: Option<Standing>,
}

/// A target with these models, in whose own parts nothing is missing.
fn judged(models: &[Value], evidence: &Evidence, verifier: &Verifier) -> Outcome {
    with(models, evidence, verifier, true).unwrap()
}

fn with(
    models: &[Value],
    evidence: &Evidence,
    verifier: &Verifier,
    vouched: bool,
) -> Result<Outcome, LineageError> {
    let document = release("target", b"of the target", models)["predicate"].clone();
    let mut document = document;
    document.as_object_mut().unwrap().remove("files");
    let manifest = Manifest::parse(&bytes(&document), UnknownFields::Refuse).unwrap();
    let parents = Parents::open(evidence, verifier, Taking { vouched, word_of: &|_| false });
    let sound = |artifact: &fullsource_format::manifest::Artifact| {
        Seen::of(Worth::Verified, artifact.availability).with_text(fullsource_verify::class::Tri::T)
    };
    let target = Member {
        statement: evidence.statement.sha256,
        manifest: &manifest,
        seen: manifest.artifacts().iter().map(sound).collect(),
        by_producer: true,
        contradictions: Vec::new(),
        unclaimed_weights: None,
        layers: Vec::new(),
        parents: Vec::new(),
    };
    let joined = parents.join(target, &fullsource_format::index::FileTable::default());
    let lineage = lineage::judge(evidence.statement.sha256, &joined.members, OutputTerms::Count)?;
    let reports: Vec<_> =
        joined.reports.into_iter().map(|report| report.standing(&lineage)).collect();
    let brief = |finding: &Finding| (finding.code, finding.artifact.clone().unwrap());
    Ok(Outcome {
        findings: joined.findings.iter().map(brief).collect(),
        parent: reports.first().and_then(|report| report.verified),
        class: Some(lineage.class.verified()),
        reports,
    })
}

fn established(standing: Option<Standing>) -> (u8, u8) {
    let standing = standing.unwrap();
    (standing.freedom.established, standing.freedom.possible)
}

#[test]
fn a_parent_counts_by_its_own_producers_word() {
    let parent = release("parent", WEIGHTS, &[]);
    let models = [base("base", id(&parent), WEIGHTS)];
    let evidence = evidence(vec![found(&parent, WEIGHTS, signed(&parent))]);
    let outcome = judged(&models, &evidence, &principal(URI));
    assert_eq!(outcome.findings, []);
    assert_eq!(established(outcome.parent), (3, 3));
    assert_eq!(established(outcome.class), (3, 3));
    let report = &outcome.reports[0];
    assert_eq!((report.status, report.trusted, report.local), (ParentStatus::Counts, true, false));
    assert_eq!(report.artifacts, ["base"]);
    assert_eq!(report.release.as_ref().unwrap().name, "parent");
    assert_eq!(report.signers.len(), 1);
}

#[test]
fn nobody_elses_word_closes_a_parent() {
    let parent = release("parent", WEIGHTS, &[]);
    let models = [base("base", id(&parent), WEIGHTS)];
    let by_key = Trust { keys: vec![key().public()], threshold: 1, ..Trust::default() };
    let seen = |document: String| evidence(vec![found(&parent, WEIGHTS, document)]);
    let plain = String::from_utf8(bytes(&parent)).unwrap();
    for (what, verifier, document) in [
        ("a key vouches for the target alone", trusting(by_key), signed(&parent)),
        ("another principal", principal("https://other.example"), signed(&parent)),
        ("no trust at all", trusting(Trust::default()), signed(&parent)),
        ("unsigned", principal(URI), plain),
    ] {
        let outcome = judged(&models, &seen(document), &verifier);
        assert_eq!(outcome.findings, [(Code::ParentUntrusted, "base".to_owned())], "{what}");
        assert_eq!(established(outcome.parent), (1, 3), "{what}");
        assert_eq!(established(outcome.class), (1, 3), "{what}");
        assert!(!outcome.reports[0].trusted, "{what}");
    }
}

#[test]
fn a_statement_about_other_bytes_counts_as_none_and_contradicts() {
    let parent = release("parent", WEIGHTS, &[]);
    let evidence = evidence(vec![found(&parent, WEIGHTS, signed(&parent))]);
    let outcome = judged(&[base("base", id(&parent), b"other")], &evidence, &principal(URI));
    assert_eq!(outcome.findings, [(Code::ParentMismatch, "base".to_owned())]);
    assert_eq!(outcome.reports[0].status, ParentStatus::Mismatch);
    assert_eq!(outcome.parent, None);
    assert_eq!(established(outcome.class), (1, 1));
    // A digest that the statement does not let anyone know.
    let mut unrelated = base("base", id(&parent), WEIGHTS);
    unrelated["digest"] = json!({ "dirHash": Sha256::of(b"x").to_string() });
    let outcome = judged(&[unrelated], &evidence, &principal(URI));
    assert_eq!(outcome.findings, [(Code::ParentUnchecked, "base".to_owned())]);
    assert_eq!(outcome.reports[0].status, ParentStatus::Unrelated);
    assert_eq!(established(outcome.class), (1, 3));
}

#[test]
fn what_was_not_found_is_unknown_and_only_what_is_gone_is_gone() {
    let parent = release("parent", WEIGHTS, &[]);
    let models = [base("base", id(&parent), WEIGHTS)];
    let at_place = |status| Observation::new(PLACE, at(0), status);
    let other = Observation { facts: Vec::new(), ..seen(PLACE, b"another statement") };
    let cases = [
        (vec![], Code::ParentUnchecked, ParentStatus::Unchecked),
        (vec![at_place(Status::Skipped)], Code::ParentUnchecked, ParentStatus::Unchecked),
        (vec![at_place(Status::Unreachable)], Code::ParentUnchecked, ParentStatus::Unreachable),
        (vec![at_place(Status::Closed)], Code::ParentUnchecked, ParentStatus::Closed),
        (vec![at_place(Status::Absent)], Code::ParentAbsent, ParentStatus::Absent),
        (vec![at_place(Status::Absent), other.clone()], Code::ParentAbsent, ParentStatus::Absent),
        (
            vec![other, at_place(Status::Unreachable)],
            Code::ParentUnchecked,
            ParentStatus::Unreachable,
        ),
    ];
    for (observations, code, status) in cases {
        let lost = ParentSeen { observations, ..ParentSeen::new(id(&parent)) };
        let outcome = judged(&models, &evidence(vec![lost]), &principal(URI));
        assert_eq!(outcome.findings, [(code, "base".to_owned())], "{status:?}");
        assert_eq!(outcome.reports[0].status, status);
        assert!(outcome.reports[0].reason.is_some());
        // cls-28: rung 1 by its own worth, the rest unknown.
        assert_eq!(established(outcome.class), (1, 3), "{status:?}");
    }
    let outcome = judged(&models, &evidence(vec![]), &principal(URI));
    assert_eq!(outcome.findings, [(Code::ParentUnchecked, "base".to_owned())]);
}

#[test]
fn the_document_must_hold_the_statement_that_is_named() {
    let (parent, other) = (release("parent", WEIGHTS, &[]), release("other", WEIGHTS, &[]));
    let models = [base("base", id(&parent), WEIGHTS)];
    for document in [signed(&other), "{}".to_owned(), String::new()] {
        let evidence = evidence(vec![found(&parent, WEIGHTS, document)]);
        let outcome = judged(&models, &evidence, &principal(URI));
        assert_eq!(outcome.findings, [(Code::ParentUnchecked, "base".to_owned())]);
        assert_eq!(outcome.reports[0].status, ParentStatus::Malformed);
    }
    let revoked = RevocationList::parse(format!("{}\n", id(&parent)).as_bytes());
    let mut verifier = principal(URI);
    verifier.trust.revoked = Some(revoked.unwrap());
    let evidence = evidence(vec![found(&parent, WEIGHTS, signed(&parent))]);
    let outcome = judged(&models, &evidence, &verifier);
    assert_eq!(outcome.reports[0].status, ParentStatus::Revoked);
    assert_eq!(established(outcome.class), (1, 3));
}

#[test]
fn a_parents_own_files_are_what_lay_beside_its_bundle() {
    let parent = release("parent", WEIGHTS, &[]);
    let models = [base("base", id(&parent), WEIGHTS)];
    let look = |observation: Option<Observation>| {
        let mut found = found(&parent, WEIGHTS, signed(&parent));
        found.artifacts[0].observations = observation.into_iter().collect();
        let outcome = judged(&models, &evidence(vec![found]), &principal(URI));
        established(outcome.parent)
    };
    assert_eq!(look(Some(seen("files", WEIGHTS))), (3, 3));
    assert_eq!(look(Some(seen("files", b"other"))), (0, 0));
    assert_eq!(look(Some(Observation::new("files", at(0), Status::Absent))), (0, 0));
    assert_eq!(look(Some(Observation::new("files", at(0), Status::Unreachable))), (0, 3));
    assert_eq!(look(None), (0, 3));
    let credential = Observation { access: Some(Access::Credential), ..seen("files", WEIGHTS) };
    assert_eq!(look(Some(credential)), (0, 0));
    // Evidence that nobody vouches for establishes nothing.
    let found = evidence(vec![found(&parent, WEIGHTS, signed(&parent))]);
    let outcome = with(&models, &found, &principal(URI), false).unwrap();
    assert_eq!(established(outcome.parent), (0, 3));
}

#[test]
fn three_generations_and_a_lineage_that_leads_back() {
    let oldest = release("oldest", b"oldest", &[]);
    let middle = release("middle", WEIGHTS, &[base("base", id(&oldest), b"oldest")]);
    let models = [base("base", id(&middle), WEIGHTS)];
    let mut gone =
        vec![found(&middle, WEIGHTS, signed(&middle)), found(&oldest, b"oldest", signed(&oldest))];
    let outcome = judged(&models, &evidence(gone.clone()), &principal(URI));
    assert_eq!(established(outcome.class), (3, 3));
    let names: Vec<_> = outcome
        .reports
        .iter()
        .map(|report| report.release.as_ref().unwrap().name.clone())
        .collect();
    assert_eq!(names, ["middle", "oldest"]);
    assert_eq!(outcome.reports[1].artifacts, [""; 0]);
    // Without the oldest nothing above rung 1 is known of the rest.
    gone.pop();
    let outcome = judged(&models, &evidence(gone), &principal(URI));
    assert_eq!((established(outcome.parent), established(outcome.class)), ((1, 3), (1, 3)));
    assert_eq!(outcome.findings, []);
    // A parent that says that it was made from the target.
    let target = Sha256::of(b"target");
    let round = release("round", WEIGHTS, &[base("base", target, b"of the target")]);
    let models = [base("base", id(&round), WEIGHTS)];
    let found = evidence(vec![found(&round, WEIGHTS, signed(&round))]);
    let cycle = with(&models, &found, &principal(URI), true);
    assert!(matches!(cycle, Err(LineageError::Cycle(id)) if id == target));
}

/// A manifest that somebody wrote for a model of which nobody published a statement.
fn written(weights: &[u8]) -> Value {
    let mut manifest = release("described", weights, &[])["predicate"].clone();
    manifest.as_object_mut().unwrap().remove("files");
    manifest["artifacts"][0] = json!({ "id": "weights", "roles": ["weights.final"],
        "license": "Apache-2.0", "locators": [format!("{PLACE}weights")],
        "digest": { "sha256": Sha256::of(weights).to_string() } });
    manifest
}

#[test]
fn a_document_written_here_stands_for_a_model_without_a_statement() {
    let manifest = written(WEIGHTS);
    let local = |artifacts: &[&str]| {
        let artifacts = artifacts.iter().map(|id| id.parse().unwrap()).collect();
        let mut seen = ParentSeen::new(id(&manifest));
        seen.envelope = Some(String::from_utf8(bytes(&manifest)).unwrap());
        seen.local = Some(Local { artifacts });
        seen.artifacts = all_seen(&json!({ "predicate": manifest }), WEIGHTS);
        seen.artifacts[0].observations = vec![self::seen(&format!("{PLACE}weights"), WEIGHTS)];
        evidence(vec![seen])
    };
    let model = |weights: Option<&[u8]>| {
        let mut model = base("base", id(&manifest), weights.unwrap_or(b""));
        model.as_object_mut().unwrap().remove("statement");
        if weights.is_none() {
            model.as_object_mut().unwrap().remove("digest");
        }
        model
    };
    for (given, model) in [(&[][..], model(Some(WEIGHTS))), (&["base"][..], model(Some(WEIGHTS)))] {
        let outcome = judged(&[model], &local(given), &principal(URI));
        assert_eq!(outcome.findings, [(Code::ParentLocal, "base".to_owned())]);
        let report = &outcome.reports[0];
        assert_eq!((report.local, report.trusted), (true, false));
        assert_eq!(established(outcome.parent), (1, 3));
        assert_eq!(established(outcome.class), (1, 3));
    }
    // Given for it by name, it needs no digest; what is unpinned stays unknown all the same (cls-29).
    let outcome = judged(&[model(None)], &local(&["base"]), &principal(URI));
    assert_eq!(outcome.reports.len(), 1);
    assert_eq!(established(outcome.class), (0, 3));
    // It is about other bytes, it is for another model, or it has no digest in common.
    for (given, model) in [
        (&[][..], model(Some(b"other"))),
        (&["base"][..], model(Some(b"other"))),
        (&["corpus"][..], model(Some(WEIGHTS))),
        (&[][..], model(None)),
    ] {
        let outcome = judged(&[model], &local(given), &principal(URI));
        assert_eq!((outcome.findings, outcome.reports.len()), (vec![], 0));
    }
    // It does not stand in for a statement that is named and was not found.
    let named = base("base", Sha256::of(b"published"), WEIGHTS);
    let outcome = judged(&[named], &local(&["base"]), &principal(URI));
    assert_eq!(outcome.findings, [(Code::ParentUnchecked, "base".to_owned())]);
    // Nobody else's evidence brings one.
    let outcome = with(&[model(Some(WEIGHTS))], &local(&[]), &principal(URI), false).unwrap();
    assert!(outcome.reports.is_empty());
}

#[test]
fn a_published_statement_that_was_given_is_the_published_one() {
    let parent = release("parent", WEIGHTS, &[]);
    let mut given = found(&parent, WEIGHTS, signed(&parent));
    given.local = Some(Local::default());
    let models = [base("base", id(&parent), WEIGHTS)];
    let outcome = judged(&models, &evidence(vec![given]), &principal(URI));
    assert_eq!(outcome.findings, []);
    assert_eq!(established(outcome.class), (3, 3));
}
