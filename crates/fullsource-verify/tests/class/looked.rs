//! From evidence to what is known of each artifact.

use fullsource_format::evidence::{ContentFact, ContentFactKind, Evidence, Observation};
use fullsource_format::json::UnknownFields;
use fullsource_format::manifest::{Artifact, Manifest};
use fullsource_verify::Status;
use fullsource_verify::class::{Looked, Tri, Trusting, look};
use fullsource_verify::finding::Code;
use fullsource_verify::judge::{Claim, FilesAndIndexes, Provenance, Verifier, judge};
use fullsource_verify::policy::Policy;
use fullsource_verify::signers::Trust;
use serde_json::{Value, json};

use crate::release::{Draft, statement, whole};

fn fact(kind: ContentFactKind) -> ContentFact {
    ContentFact::new(kind)
}

/// One observation of the corpus, and of the card, with these facts.
fn evidence(corpus: &[ContentFact], card: &[ContentFact]) -> Evidence {
    let seen = |id: &str, facts: &[ContentFact]| -> Value {
        json!({ "id": id, "observations": [{
            "locator": format!("https://example.org/{id}"), "at": "2026-01-01T00:00:00Z",
            "status": "seen", "strength": "bytes", "access": "anonymous", "size": 1000,
            "facts": facts,
        }] })
    };
    let document = json!({
        "_type": "https://fullsource.dev/evidence/v0.1",
        "statement": { "sha256": statement("m").to_string() },
        "tool": { "name": "t", "version": "1" },
        "collectedAt": "2026-01-01T00:00:00Z",
        "artifacts": [seen("corpus", corpus), seen("card", card)],
    });
    Evidence::parse(&serde_json::to_vec(&document).unwrap(), statement("m")).unwrap()
}

fn looked_at(draft: &Draft, evidence: &Evidence, vouched: bool) -> (Manifest, Looked) {
    let document = serde_json::to_vec(&draft.manifest).unwrap();
    let manifest = Manifest::parse(&document, UnknownFields::Refuse).unwrap();
    let statuses = vec![Status::Verified; manifest.artifacts().len()];
    let trusting = Trusting { by_producer: true, vouched, word_of: &|_| false };
    let spoken = |artifact: &Artifact| -> Vec<&Observation> {
        let seen = evidence.artifacts.iter().filter(|seen| seen.id == artifact.id);
        seen.flat_map(|seen| &seen.observations).collect()
    };
    let spoken: Vec<_> = manifest.artifacts().iter().map(spoken).collect();
    let looked = look(&manifest, &statuses, &spoken, trusting);
    (manifest, looked)
}

/// Whether the corpus exists, and whether the text of its licence agrees.
fn corpus(facts: &[ContentFact]) -> (Tri, Tri) {
    let (manifest, looked) = looked_at(&whole("m"), &evidence(facts, &[]), true);
    let nth = manifest.artifacts().iter().position(|a| a.id.as_str() == "corpus").unwrap();
    let seen = looked.seen[nth];
    (seen.exists(), seen.text())
}

#[test]
fn facts_of_the_content_decide() {
    let text = |id: &str, count| {
        fact(ContentFactKind::LicenseText).at("LICENSE").saying(id).counting(count)
    };
    assert_eq!(corpus(&[]), (Tri::T, Tri::U));
    assert_eq!(corpus(&[text("CC0-1.0", 1000)]), (Tri::T, Tri::T));
    assert_eq!(corpus(&[text("CC0-1.0", 990)]), (Tri::T, Tri::U));
    assert_eq!(corpus(&[text("CC-BY-NC-4.0", 1000)]), (Tri::T, Tri::F));
}

/// One look at the corpus.
fn look_at(place: &str, at: &str, strength: &str, size: u64, facts: &[ContentFact]) -> Value {
    json!({
        "locator": place, "at": at, "status": "seen", "strength": strength,
        "access": "anonymous", "size": size, "facts": facts,
    })
}

/// Evidence of these looks at the corpus.
fn evidence_of(looks: &[Value]) -> Evidence {
    let document = json!({
        "_type": "https://fullsource.dev/evidence/v0.1",
        "statement": { "sha256": statement("m").to_string() },
        "tool": { "name": "t", "version": "1" },
        "collectedAt": "2026-01-01T00:00:00Z",
        "artifacts": [{ "id": "corpus", "observations": looks }],
    });
    Evidence::parse(&serde_json::to_vec(&document).unwrap(), statement("m")).unwrap()
}

/// Whether a judgement finds another text than that of the corpus's licence, which lies at two places.
fn another_text(looks: &[Value]) -> bool {
    let mut draft = whole("m");
    draft.edit("corpus").insert("locators".into(), json!([A, B]));
    let (manifest, files) = (draft.parse(), FilesAndIndexes::default());
    let claim = Claim::draft(&manifest, statement("m"), &files);
    let verifier = Verifier {
        trust: Trust::default(),
        policy: Policy::standard(),
        now: TUESDAY.parse().unwrap(),
        require: None,
        expect: None,
        accept_evidence: false,
    };
    let report = judge(&claim, &evidence_of(looks), Provenance::Own, &verifier);
    report.findings().iter().any(|finding| finding.code == Code::LicenseMismatch)
}

const A: &str = "https://a.example/corpus";
const B: &str = "https://b.example/corpus";
const TRUSTED: &str = "https://trusted.example/corpus";
const MONDAY: &str = "2026-01-05T00:00:00Z";
const TUESDAY: &str = "2026-01-06T00:00:00Z";

/// `evd-15`
#[test]
fn the_newest_look_at_each_place_counts_and_no_look_elsewhere() {
    let nc =
        [fact(ContentFactKind::LicenseText).at("LICENSE").saying("CC-BY-NC-4.0").counting(1000)];
    let cc0 = [fact(ContentFactKind::LicenseText).at("LICENSE").saying("CC0-1.0").counting(1000)];
    let look = |place, at, facts: &[ContentFact]| look_at(place, at, "bytes", 1000, facts);
    assert!(!another_text(&[look(A, MONDAY, &nc), look(A, TUESDAY, &cc0)]));
    assert!(!another_text(&[look(A, TUESDAY, &cc0), look(A, MONDAY, &nc)]));
    // Of equal times the last.
    assert!(!another_text(&[look(A, MONDAY, &nc), look(A, MONDAY, &cc0)]));
    assert!(another_text(&[look(A, MONDAY, &cc0), look(A, MONDAY, &nc)]));
    // Each place by itself.
    assert!(another_text(&[look(A, TUESDAY, &cc0), look(B, MONDAY, &nc)]));
    assert!(!another_text(&[look(A, MONDAY, &cc0), look(TRUSTED, MONDAY, &nc)]));
}

/// `cls-4`
#[test]
fn a_hosts_word_counts_for_what_that_host_was_asked() {
    let exists = |looks: &[Value]| {
        let (manifest, evidence) = (whole("m").parse(), evidence_of(looks));
        let corpus = manifest.artifacts().iter().position(|a| a.id.as_str() == "corpus").unwrap();
        let mut spoken = vec![Vec::new(); manifest.artifacts().len()];
        spoken[corpus] = evidence.artifacts[0].observations.iter().collect();
        let statuses = vec![Status::Metadata; spoken.len()];
        let word_of = |place: &str| place.starts_with("https://trusted.example/");
        let trusting = Trusting { by_producer: true, vouched: true, word_of: &word_of };
        look(&manifest, &statuses, &spoken, trusting).seen[corpus].exists()
    };
    let word = |place| look_at(place, MONDAY, "metadata", 1000, &[]);
    assert_eq!(exists(&[word(A)]), Tri::U);
    assert_eq!(exists(&[word(TRUSTED)]), Tri::T);
    // That the trusted host gave other bytes is no word of its.
    let bytes = look_at(TRUSTED, MONDAY, "bytes", 1000, &[]);
    assert_eq!(exists(&[word(A), bytes]), Tri::U);
}

#[test]
fn evidence_that_nobody_vouches_for_agrees_with_nothing() {
    let text = fact(ContentFactKind::LicenseText).at("LICENSE").saying("CC0-1.0").counting(1000);
    let evidence = evidence(&[text], &[]);
    let texts = |vouched| {
        let (_, looked) = looked_at(&whole("m"), &evidence, vouched);
        looked.seen.iter().map(|seen| seen.text()).max()
    };
    assert_eq!((texts(true), texts(false)), (Some(Tri::T), Some(Tri::U)));
}

#[test]
fn files_of_the_release_need_no_text_beside_them() {
    let mut draft = whole("m");
    draft.edit("weights").insert("files".into(), json!(["model.safetensors"]));
    let (_, looked) = looked_at(&draft, &evidence(&[], &[]), true);
    assert_eq!(looked.seen[0].text(), Tri::T);
    assert_eq!(looked.seen[1].text(), Tri::U);
}

#[test]
fn what_the_card_names_is_listed_or_undeclared() {
    let names = |kind, name: &str| fact(kind).at("README.md").saying(name);
    let card = [
        names(ContentFactKind::NamesBaseModel, "meta-llama/Llama-3.2-1B"),
        names(ContentFactKind::NamesDataset, "example/Corpus"),
        names(ContentFactKind::NamesTokenizer, "example/m"),
        names(ContentFactKind::NamesDataset, "example/more"),
        names(ContentFactKind::NamesTokenizer, "example/other"),
    ];
    let draft = whole("m");
    // What the corpus names says nothing of this release.
    let corpus = [names(ContentFactKind::NamesDataset, "example/elsewhere")];
    let (_, looked) = looked_at(&draft, &evidence(&corpus, &card), true);
    let told: Vec<_> = looked.undeclared.iter().map(ToString::to_string).collect();
    let listed = |what| format!("`README.md` names the {what}, which is not listed");
    let expected = [
        listed("base model `meta-llama/Llama-3.2-1B`"),
        listed("data set `example/more`"),
        listed("tokenizer `example/other`"),
    ];
    assert_eq!(told, expected);
}
