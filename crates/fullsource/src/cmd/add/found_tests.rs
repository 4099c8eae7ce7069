use super::super::resolve::tests::COMMIT;
use super::*;

use fullsource_format::digest::{Blake3, DirHash, Sha256};

fn seen(locator: &str, change: impl FnOnce(&mut Observation)) -> Result<(Found, String), NotSeen> {
    let locator: Locator = locator.replace("COMMIT", COMMIT).parse().unwrap();
    let at = jiff::Timestamp::UNIX_EPOCH;
    let mut observation = Observation::new(&locator.to_string(), at, Status::Seen);
    observation.digests = Some(tree());
    change(&mut observation);
    let mut said = Vec::new();
    let found = Found::of(locator, &observation, Some(&"MIT".parse().unwrap()), &mut said)?;
    Ok((found, said.join("\n")))
}

fn tree() -> DigestSet {
    DigestSet::from(Digest::DirHash(DirHash::new([1; 32])))
        .with(Digest::GitTree(COMMIT.parse().unwrap()))
        .with(Digest::GitCommit(COMMIT.parse().unwrap()))
}

fn algorithms(found: &Found) -> Vec<&'static str> {
    found.digest.iter().flat_map(DigestSet::digests).map(|digest| digest.algorithm()).collect()
}

#[test]
fn files_and_trees_have_their_digests() {
    let (git, said) = seen("git+https://example.org/r@COMMIT", |_| {}).unwrap();
    assert_eq!((algorithms(&git), said.as_str()), (vec!["dirHash", "gitTree"], ""));
    let (hub, _) = seen("hf:models/o/m@COMMIT", |_| {}).unwrap();
    assert_eq!(algorithms(&hub), ["dirHash"]);
    let file = DigestSet::from(Digest::Sha256(Sha256::new([2; 32])))
        .with(Digest::Blake3(Blake3::new([3; 32])));
    let (file, _) = seen("https://example.org/a.bin", |o| o.digests = Some(file)).unwrap();
    assert_eq!(algorithms(&file), ["sha256", "blake3"]);
}

#[test]
fn an_archive_is_its_content_and_the_digest_it_was_served_with() {
    let served = |o: &mut Observation| {
        o.served = Some(Digest::Sha256(Sha256::new([4; 32])).into());
    };
    let sha256 = |found: Found| match found.place {
        Place::Elsewhere(locator) => locator.sha256,
        Place::Release(_) => None,
    };
    let (kept, said) = seen("https://example.org/a.tar.gz", served).unwrap();
    assert_eq!(sha256(kept), Some(Sha256::new([4; 32])));
    assert!(said.contains("recorded is what is in it"), "{said}");
    let (anew, _) = seen("https://example.org/o/r/archive/v1.tar.gz", served).unwrap();
    assert_eq!(sha256(anew), None);
}

#[test]
fn what_was_not_seen_is_not_recorded() {
    for status in [Status::Closed, Status::Unreachable, Status::Skipped, Status::Absent] {
        let error = seen("https://example.org/a", |o| {
            o.status = status;
            o.detail = Some("why".parse().unwrap());
        });
        let error = error.unwrap_err();
        let fits = match &error {
            NotSeen::Absent { .. } => status == Status::Absent,
            NotSeen::Closed { .. } => status == Status::Closed,
            NotSeen::Unreachable { .. } => status == Status::Unreachable,
            NotSeen::Unseen { .. } => status == Status::Skipped,
            NotSeen::Undigested { .. } => false,
        };
        assert!(fits && error.to_string().ends_with(": why"), "{error}");
    }
    let nothing = seen("https://example.org/a", |o| o.digests = None).unwrap_err();
    assert!(matches!(nothing, NotSeen::Undigested { .. }));
    let partial = |o: &mut Observation| {
        (o.status, o.digests) = (Status::Partial, None);
    };
    assert!(seen("https://example.org/a", partial).is_err());
    let (swh, said) = seen("swh:1:dir:COMMIT", |o| o.digests = None).unwrap();
    assert!(swh.digest.is_none() && said.contains("no digest is recorded"), "{said}");
}

#[test]
fn what_not_everyone_can_have_is_gated() {
    for (locator, access) in [
        ("hf:models/o/m@COMMIT", Some(Access::Credential)),
        ("https://example.org/a?X-Amz-Signature=x", None),
        ("git+file:///srv/r@COMMIT", None),
    ] {
        let (found, said) = seen(locator, |o| o.access = access).unwrap();
        assert_eq!(found.availability, Availability::Gated);
        assert!(said.contains("recorded as `gated`"), "{said}");
    }
    let open = seen("hf:models/o/m@COMMIT", |o| o.access = Some(Access::Anonymous)).unwrap().0;
    assert_eq!(open.availability, Availability::Public);
}

#[test]
fn what_is_weak_or_missing_is_told() {
    let (_, said) = seen("git+https://example.org/r@COMMIT", |o| {
        o.digests = Some(Digest::GitTree(COMMIT.parse().unwrap()).into());
        o.strength = Some(Strength::Metadata);
        o.status = Status::Partial;
        o.route = Some(Route::Proxy);
        let fact = ContentFact::new;
        o.facts = vec![
            fact(ContentFactKind::Hollow).saying("readme-only"),
            fact(ContentFactKind::LfsPointers).at("a.bin").counting(7),
            fact(ContentFactKind::Submodule).at("vendor/x").saying(COMMIT),
            fact(ContentFactKind::CommitUnreachable).saying(COMMIT),
            fact(ContentFactKind::NamesBaseModel).at("config.json").saying("o/base"),
        ];
    })
    .unwrap();
    for words in
        ["SHA-1", "host's word", "proxy", "readme-only", "7 files", "vendor/x", "fork", "`o/base`"]
    {
        assert!(said.contains(words), "{words} in:\n{said}");
    }
}

#[test]
fn ids_are_the_last_name() {
    for (locator, expected) in [
        ("data/letters/", "letters"),
        ("train.py", "train.py"),
        ("https://example.org/x/Corpus v1.tar.zst", "-"),
        ("https://example.org/x/corpus.tar.zst?download=1", "corpus"),
        ("https://example.org/a.zip#path=src/main.py", "a-main.py"),
        ("git+https://example.org/o/r.git@COMMIT", "r"),
        ("hf:datasets/o/name@COMMIT#path=train", "name-train"),
        ("s3://bucket/a/b/", "b"),
        ("s3://bucket", "bucket"),
        ("oci:ghcr.io/o/image@sha256:COMMITCOMMIT", "-"),
        ("swh:1:dir:COMMIT", "dir-3b18e512dba7"),
    ] {
        let Ok(locator) = locator.replace("COMMIT", COMMIT).parse::<Locator>() else {
            assert_eq!(expected, "-");
            continue;
        };
        let place = match locator {
            Locator::Relative(selector) => Place::Release(selector),
            uri => Place::Elsewhere(PinnedLocator { uri, sha256: None }),
        };
        let role = "data.sft".parse().unwrap();
        assert_eq!(place.id(&role, |_| false).unwrap().as_str(), expected);
        let taken = |id: &str| id == expected || id == format!("{expected}-2");
        assert_eq!(place.id(&role, taken).unwrap().as_str(), format!("{expected}-3"));
    }
    let odd = Place::Release("…".parse().unwrap());
    assert_eq!(odd.id(&"data.sft".parse().unwrap(), |_| false).unwrap().as_str(), "data-sft");
}
