use std::sync::atomic::{AtomicU64, Ordering};

use fullsource_format::digest::Digest;
use fullsource_format::evidence::ContentFactKind;
use fullsource_format::index::FileRecord;
use proptest::prelude::*;

use super::*;

#[path = "fact_tests.rs"]
mod facts_of;

type Files<'a> = &'a [(&'a str, &'a [u8])];

fn entry(path: &str, size: usize) -> Entry<'_> {
    Entry { path: path.as_bytes(), size: Some(size as u64), executable: path.ends_with(".sh") }
}

fn content(wanted: Wanted<'_>, files: Files<'_>) -> Content {
    let reader = Reader::new(wanted);
    for &(path, mut bytes) in files {
        let entry = entry(path, bytes.len());
        match reader.want(&entry) {
            Want::Bytes => reader.file(&entry, &mut bytes).unwrap(),
            Want::Word | Want::Name => reader.word(&entry, &DigestSet::default()).unwrap(),
        }
    }
    reader.finish().unwrap()
}

/// Facts as `kind path=value#count`.
fn facts(content: &Content) -> Vec<String> {
    let fact = |fact: &ContentFact| {
        let kind = serde_json::to_value(fact.kind).unwrap();
        let mut text = kind.as_str().unwrap().to_owned();
        let at = fact.path.iter().map(|path| format!(" {}", path.as_str()));
        let says = fact.value.iter().map(|value| format!(" = {}", value.as_str()));
        let count = fact.count.iter().map(|count| format!(" # {}", count.0));
        text.extend(at.chain(says).chain(count));
        text
    };
    content.facts.iter().map(fact).collect()
}

fn roles(roles: &[&str]) -> Vec<Role> {
    roles.iter().map(|role| role.parse().unwrap()).collect()
}

const MIT: &[u8] = include_bytes!("../../../../LICENSE-MIT");

#[test]
fn a_single_file_has_the_name_that_it_is_given() {
    let whole = facts_of::model(1);
    let wanted =
        Wanted { name: "model.safetensors", git: Some(ObjectFormat::Sha1), ..Wanted::default() };
    let read = content(wanted, &[("", &whole)]);
    assert_eq!(facts(&read)[0], "parameters model.safetensors # 64");
    assert!(facts(&read)[2].starts_with("swhid = swh:1:cnt:"));
    let digests = read.digests.unwrap();
    assert_eq!(digests.sha256(), Some(fullsource_format::digest::Sha256::of(&whole)));
    assert_eq!(digests.blake3().unwrap().as_bytes(), blake3::hash(&whole).as_bytes());
    assert_eq!((read.files, read.size, read.table.is_none()), (1, whole.len() as u64, true));
}

#[test]
fn digests_are_those_that_are_wanted_and_of_a_tree_its_own() {
    let of = |digests, path| {
        let read = content(Wanted { digests, ..Wanted::default() }, &[(path, b"x")]);
        let digests = read.digests.unwrap();
        (digests.sha256().is_some(), digests.blake3().is_some(), digests.dir_hash().is_some())
    };
    assert_eq!(of(Digests::Blake3, ""), (false, true, false));
    assert_eq!(of(Digests::Sha256, ""), (true, false, false));
    assert_eq!(of(Digests::Both, ""), (true, true, false));
    assert_eq!(of(Digests::Blake3, "x"), (false, false, true));
}

#[test]
fn a_tree_that_cannot_be_is_refused() {
    let reader = Reader::new(Wanted::default());
    let file = |path: &str| reader.file(&entry(path, 1), &mut &b"x"[..]);
    file("a").unwrap();
    for bad in ["a", "", "/a", "a//b", "a/", "./a", "a/../b", "b\0"] {
        assert!(matches!(file(bad), Err(SinkError::Refused(_))), "{bad}");
    }
    assert!(matches!(reader.symlink(b"a", b"b"), Err(SinkError::Refused(_))));
    assert_eq!(reader.finish().unwrap().files, 1);
    let one = Reader::new(Wanted::default());
    one.file(&entry("", 1), &mut &b"x"[..]).unwrap();
    assert!(matches!(one.file(&entry("a", 1), &mut &b"x"[..]), Err(SinkError::Refused(_))));
}

/// Fails after some bytes, once.
struct Cut(usize);

impl io::Read for Cut {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.min(buffer.len()).min(100);
        self.0 -= count;
        if count == 0 { Err(io::Error::other("the cable")) } else { Ok(count) }
    }
}

#[test]
fn what_a_source_says_comes_back_and_the_file_may_come_again() {
    for name in ["model.safetensors", "a.gguf", "x.pt", "LICENSE", "b"] {
        let reader = Reader::new(Wanted::default());
        let cut = reader.file(&entry(name, 5), &mut Cut(3));
        assert!(matches!(&cut, Err(SinkError::Read(e)) if e.to_string() == "the cable"), "{cut:?}");
        let short = reader.file(&entry(name, 5), &mut &b"abcd"[..]);
        assert!(
            matches!(&short, Err(SinkError::Read(e)) if e.kind() == io::ErrorKind::InvalidData)
        );
        reader.file(&entry(name, 5), &mut &b"abcde"[..]).unwrap();
        let read = reader.finish().unwrap();
        assert_eq!((read.files, read.size, read.table.unwrap().len()), (1, 5, 1));
    }
    let progress = Progress::default();
    progress.stop();
    let reader = Reader::new(Wanted { progress: Some(&progress), ..Wanted::default() });
    let stopped = reader.file(&entry("a", 1), &mut &b"x"[..]);
    assert!(matches!(stopped, Err(SinkError::Stopped(_))));
}

#[test]
fn what_is_taken_by_word_is_told() {
    let left = AtomicU64::new(5);
    let budget = |entry: &Entry<'_>| {
        let size = entry.size.unwrap_or(u64::MAX);
        let fits =
            left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(size));
        if fits.is_ok() { Want::Bytes } else { Want::Word }
    };
    let wanted =
        Wanted { budget: Some(&budget), git: Some(ObjectFormat::Sha256), ..Wanted::default() };
    let reader = Reader::new(wanted);
    let sha256 = fullsource_format::digest::Sha256::of(b"large file");
    for (path, bytes) in [("a", &b"abc"[..]), ("b", b"large file")] {
        let entry = entry(path, bytes.len());
        match reader.want(&entry) {
            Want::Bytes => reader.file(&entry, &mut &bytes[..]).unwrap(),
            Want::Word => reader.word(&entry, &Digest::Sha256(sha256).into()).unwrap(),
            Want::Name => reader.word(&entry, &DigestSet::default()).unwrap(),
        }
    }
    let read = reader.finish().unwrap();
    assert_eq!((read.files, read.word_only, read.size), (2, 1, 13));
    let expected = content(Wanted::default(), &[("a", b"abc"), ("b", b"large file")]);
    assert_eq!(read.digests, expected.digests);
    assert_eq!(facts(&read), ["fault = it has no git tree id: `b` was not read", "word-only # 1"]);
    // Without a digest there is none of the tree.
    let none =
        content(Wanted { budget: Some(&|_| Want::Word), ..Wanted::default() }, &[("a", b"x")]);
    assert_eq!(none.digests, None);
}

#[test]
fn an_index_says_which_files_are_meant() {
    let files: Files<'_> = &[("a", b"1"), ("b", b"2"), ("c", b"33"), ("z", b"extra")];
    let mut index = FileTable::builder();
    for (path, bytes) in [("a", &b"1"[..]), ("b", b"x"), ("c", b"3"), ("d", b"4")] {
        let sha256 = Some(fullsource_format::digest::Sha256::of(bytes));
        index.push(FileRecord { path, size: bytes.len() as u64, sha256, blake3: None }).unwrap();
    }
    let index = index.build().unwrap();
    let wanted = Wanted { index: Some(&index), ..Wanted::default() };
    let read = content(wanted, files);
    let found = read.index.clone().unwrap();
    assert_eq!((found.matched, found.differing, found.missing, found.extra), (1, 2, 1, 1));
    assert!(!found.is_whole());
    assert_eq!(
        facts(&read),
        [
            "fault = 1 files are not there; the index has 4",
            "fault = 1 files are there and not in the index; the index has 4",
            "fault = 2 files are not what the index says; the index has 4",
            "fault b = is not what the index says",
            "fault c = is not what the index says",
            "fault d = stands in the index and is not there",
            "fault z = does not stand in the index",
        ]
    );
    let meant: Files<'_> = &files[..3];
    assert_eq!(read.digests, content(Wanted::default(), meant).digests);
    // Of a sample, nothing is known of the others, and no digest of the whole.
    let sample = content(Wanted { index: Some(&index), sample: Some(&[0, 3]), ..wanted }, files);
    let found = sample.index.clone().unwrap();
    assert_eq!((found.matched, found.differing, found.missing, found.extra), (1, 0, 1, 1));
    assert_eq!((sample.files, &sample.digests), (1, &None));
    let gone = content(wanted, &[]);
    assert!(gone.facts.iter().all(|fact| fact.kind != ContentFactKind::Hollow));
    let empty = FileTable::builder().build().unwrap();
    let hollow = content(Wanted { index: Some(&empty), ..Wanted::default() }, &[]);
    assert_eq!(facts(&hollow), ["hollow = empty-index"]);
}

#[test]
fn facts_are_bounded_and_say_so() {
    let reader = Reader::new(Wanted::default());
    for number in 0..6_000 {
        let path = format!("{number}/LICENSE");
        reader.file(&entry(&path, 2), &mut &b"no"[..]).unwrap();
    }
    reader.file(&entry("LICENSE", MIT.len()), &mut &MIT[..]).unwrap();
    let read = reader.finish().unwrap();
    let left = "fault = 1000 more facts of the kind LicenseUnknown are left out";
    assert!(facts(&read).contains(&left.to_owned()));
    assert!(facts(&read).contains(&"license-text LICENSE = MIT # 1000".to_owned()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn neither_order_nor_threads_matter(
        picked in prop::collection::btree_map("[ab]{1,2}(/[ab-]{1,2}){0,2}|README[.]md|LICENSE|config[.]json", 0..7usize, 0..14),
        seed in any::<u64>(),
    ) {
        let bodies: [&[u8]; 7] = [b"", b"text", MIT, b"https://e.org/a\n", b"{}",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", b"\x1f\x8b"];
        let files: Vec<(&str, &[u8])> = picked.iter().map(|(p, b)| (p.as_str(), bodies[*b])).collect();
        let clash = files.iter().any(|(p, _)| files.iter().any(|(q, _)| q.starts_with(&format!("{p}/"))));
        prop_assume!(!clash);
        let wanted = Wanted { git: Some(ObjectFormat::Sha1), ..Wanted::default() };
        let expected = content(wanted, &files);
        let mut mixed = files.clone();
        mixed.sort_by_key(|(path, _)| path.bytes().fold(seed, |n, b| (n ^ u64::from(b)).wrapping_mul(0x100_0000_01b3)));
        let reader = Reader::new(wanted);
        std::thread::scope(|scope| {
            for part in mixed.chunks(5) {
                let reader = &reader;
                scope.spawn(move || {
                    for &(path, mut bytes) in part {
                        let (size, executable) = (None, path.ends_with(".sh"));
                        let entry = Entry { path: path.as_bytes(), size, executable };
                        reader.file(&entry, &mut bytes).unwrap();
                    }
                });
            }
        });
        let read = reader.finish().unwrap();
        prop_assert_eq!(read.digests, expected.digests);
        prop_assert_eq!(read.facts, expected.facts);
        prop_assert_eq!((read.size, read.files, read.partial), (expected.size, expected.files, expected.partial));
    }
}
