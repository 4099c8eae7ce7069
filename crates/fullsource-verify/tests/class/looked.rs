//! From evidence to what is known of each artifact.

use fullsource_format::evidence::{ContentFact, ContentFactKind, Evidence};
use fullsource_format::json::UnknownFields;
use fullsource_format::manifest::Manifest;
use fullsource_verify::Status;
use fullsource_verify::class::{Looked, Seen, Tri, Trusting, look};
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
    let looked = look(&manifest, &statuses, evidence, trusting);
    (manifest, looked)
}

/// Whether the corpus exists, and whether the text of its licence agrees.
fn corpus(facts: &[ContentFact]) -> (Tri, Tri, Option<u64>) {
    let (manifest, looked) = looked_at(&whole("m"), &evidence(facts, &[]), true);
    let nth = manifest.artifacts().iter().position(|a| a.id.as_str() == "corpus").unwrap();
    let seen = looked.seen[nth];
    (seen.exists(), seen.text(), seen.bytes())
}

#[test]
fn facts_of_the_content_decide() {
    let text = |id: &str, count| {
        fact(ContentFactKind::LicenseText).at("LICENSE").saying(id).counting(count)
    };
    assert_eq!(corpus(&[]), (Tri::T, Tri::U, Some(1000)));
    assert_eq!(corpus(&[text("CC0-1.0", 1000)]), (Tri::T, Tri::T, Some(1000)));
    assert_eq!(corpus(&[text("CC0-1.0", 990)]), (Tri::T, Tri::U, Some(1000)));
    assert_eq!(corpus(&[text("CC-BY-NC-4.0", 1000)]), (Tri::T, Tri::F, Some(1000)));
    let hollow = fact(ContentFactKind::Hollow).saying("url-list");
    assert_eq!(corpus(&[hollow]).0, Tri::F);
    let pointers = fact(ContentFactKind::LfsPointers).at("a.bin").counting(3);
    assert_eq!(corpus(&[pointers]).0, Tri::U);
    assert_eq!(corpus(&[fact(ContentFactKind::Compressed).counting(9)]).2, None);
}

/// One look at the corpus.
fn look_at(place: &str, at: &str, strength: &str, size: u64, facts: &[ContentFact]) -> Value {
    json!({
        "locator": place, "at": at, "status": "seen", "strength": strength,
        "access": "anonymous", "size": size, "facts": facts,
    })
}

/// What these looks at the corpus, whose status is given, come to.
fn looks(status: Status, places: &[&str], looks: &[Value]) -> Seen {
    let mut draft = whole("m");
    draft.edit("corpus").insert("locators".into(), json!(places));
    let document = json!({
        "_type": "https://fullsource.dev/evidence/v0.1",
        "statement": { "sha256": statement("m").to_string() },
        "tool": { "name": "t", "version": "1" },
        "collectedAt": "2026-01-01T00:00:00Z",
        "artifacts": [{ "id": "corpus", "observations": looks }],
    });
    let evidence = serde_json::to_vec(&document).unwrap();
    let evidence = Evidence::parse(&evidence, statement("m")).unwrap();
    let manifest = draft.parse();
    let statuses = vec![status; manifest.artifacts().len()];
    let word_of = |place: &str| place.starts_with("https://trusted.example/");
    let trusting = Trusting { by_producer: true, vouched: true, word_of: &word_of };
    let nth = manifest.artifacts().iter().position(|a| a.id.as_str() == "corpus").unwrap();
    look(&manifest, &statuses, &evidence, trusting).seen[nth]
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
    let text = |seen: &[Value]| looks(Status::Verified, &[A, B], seen).text();
    assert_eq!(text(&[look(A, MONDAY, &nc), look(A, TUESDAY, &cc0)]), Tri::T);
    assert_eq!(text(&[look(A, TUESDAY, &cc0), look(A, MONDAY, &nc)]), Tri::T);
    // Of equal times the last.
    assert_eq!(text(&[look(A, MONDAY, &nc), look(A, MONDAY, &cc0)]), Tri::T);
    assert_eq!(text(&[look(A, MONDAY, &cc0), look(A, MONDAY, &nc)]), Tri::F);
    // Each place by itself.
    assert_eq!(text(&[look(A, TUESDAY, &cc0), look(B, MONDAY, &nc)]), Tri::F);
    assert_eq!(text(&[look(A, MONDAY, &cc0), look(TRUSTED, MONDAY, &nc)]), Tri::T);
}

/// `cls-4`
#[test]
fn a_hosts_word_counts_for_what_that_host_was_asked() {
    let exists = |places: &[&str], seen: &[Value]| looks(Status::Metadata, places, seen).exists();
    let word = |place| look_at(place, MONDAY, "metadata", 1000, &[]);
    assert_eq!(exists(&[A], &[word(A)]), Tri::U);
    assert_eq!(exists(&[TRUSTED], &[word(TRUSTED)]), Tri::T);
    // That the trusted host gave other bytes is no word of its.
    let bytes = look_at(TRUSTED, MONDAY, "bytes", 1000, &[]);
    assert_eq!(exists(&[A, TRUSTED], &[word(A), bytes]), Tri::U);
}

/// `cls-7`: the most that lies anywhere.
#[test]
fn the_largest_size_that_was_seen_bounds_what_could_be_read() {
    let sized = |place, size| look_at(place, MONDAY, "bytes", size, &[]);
    let both = [sized(A, 10), sized(B, 2000)];
    assert_eq!(looks(Status::Verified, &[A, B], &both).bytes(), Some(2000));
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
    let (_, looked) = looked_at(&draft, &evidence(&card, &card), true);
    let told: Vec<_> = looked.undeclared.iter().map(ToString::to_string).collect();
    // What the corpus names says nothing of this release.
    let listed = |what| format!("`README.md` names the {what}, which is not listed");
    let expected = [
        listed("base model `meta-llama/Llama-3.2-1B`"),
        listed("data set `example/more`"),
        listed("tokenizer `example/other`"),
    ];
    assert_eq!(told, expected);
}
