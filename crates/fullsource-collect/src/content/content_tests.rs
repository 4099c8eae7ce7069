use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use fullsource_format::digest::Digest;
use fullsource_format::index::FileRecord;
use proptest::prelude::*;

use super::*;
use crate::directory::Directory;

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
            Want::Word => reader.word(&entry, &DigestSet::default()).unwrap(),
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

#[track_caller]
fn expect(role: &str, files: Files<'_>, expected: &[&str]) {
    let roles = roles(&[role]);
    let read = content(Wanted { roles: &roles, ..Wanted::default() }, files);
    assert_eq!(facts(&read), expected, "{role}");
    // Files that lie in the release say the same.
    let directory = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = directory.path().join("root").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let paths: Vec<String> = files.iter().map(|(path, _)| format!("root/{path}")).collect();
    let record =
        |(path, (_, bytes)): (&'_ String, &(&str, &[u8]))| (path.clone(), bytes.len() as u64);
    let records: Vec<(String, u64)> = paths.iter().zip(files).map(record).collect();
    let records: Vec<_> = records
        .iter()
        .map(|(path, size)| FileRecord { path, size: *size, sha256: None, blake3: None })
        .collect();
    let wanted = Wanted { roles: &roles, ..Wanted::default() };
    let root = Directory::open(directory.path()).unwrap();
    let here = local(&root, &records, "root/", &wanted).unwrap();
    assert_eq!(facts(&here), expected, "{role}, in the release");
}

const MIT: &[u8] = include_bytes!("../../../../LICENSE-MIT");

/// A safetensors file of tensors of F32.
fn safetensors(tensors: &[(&str, &[u64])], more: usize) -> Vec<u8> {
    let (mut header, mut end) = (String::from("{"), 0);
    for (name, shape) in tensors {
        let start = end;
        end += 4 * shape.iter().product::<u64>();
        let comma = if start == 0 && header.len() == 1 { "" } else { "," };
        write!(
            header,
            r#"{comma}"{name}":{{"dtype":"F32","shape":{shape:?},"data_offsets":[{start},{end}]}}"#
        )
        .unwrap();
    }
    header.push('}');
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.bytes());
    file.resize(file.len() + end as usize + more, 0);
    file
}

fn model(layers: u64) -> Vec<u8> {
    let names: Vec<String> =
        (0..layers).map(|layer| format!("model.layers.{layer}.mlp.weight")).collect();
    let mut tensors: Vec<(&str, &[u64])> = vec![("model.embed_tokens.weight", &[12, 4])];
    tensors.extend(names.iter().map(|name| (name.as_str(), &[4, 4][..])));
    safetensors(&tensors, 0)
}

#[test]
fn what_is_hollow_is_told_and_what_is_not_is_not() {
    expect("data.sft", &[], &["hollow = empty"]);
    expect("data.sft", &[("a", b""), ("b", b" \n"), (".gitattributes", b"x")], &["hollow = empty"]);
    expect("data.sft", &[("README.md", b"# Data")], &["hollow = readme-only"]);
    expect("doc.data-card", &[("README.md", b"# Data")], &[]);
    expect("data.sft", &[("README.md", b"# Data"), ("train.txt", b"hello")], &[]);
    expect(
        "code.training",
        &[("urls.txt", b"https://e.org/a\nhttps://e.org/b\n")],
        &["hollow = url-list"],
    );
    expect("code.training", &[("get.sh", b"wget https://e.org/a\n")], &[]);
    expect("data.sft", &[("fullsource.json", b"{}")], &["hollow = manifest-only"]);
    expect("data.sft", &[("x.json", b"{\"files\": []}")], &["hollow = empty-index"]);
    let license = ["license-text LICENSE = MIT # 1000", "hollow = license-only"];
    expect("data.sft", &[("LICENSE", MIT)], &license);
    expect("doc.license", &[("LICENSE", MIT)], &license[..1]);
    expect("data.sft", &[("text.txt", MIT)], &["hollow = license-only"]);
    let eight: Vec<String> = (0..9).map(|n| format!("{n}.txt")).collect();
    let eight: Vec<(&str, &[u8])> = eight.iter().map(|name| (name.as_str(), MIT)).collect();
    expect("data.sft", &eight[..8], &["hollow = license-only"]);
    expect("data.sft", &eight, &[]);
}

#[test]
fn licences_and_terms_of_use_are_told() {
    let changed = [MIT, b"\nThe software must not be used by anybody.\n"].concat();
    let card = b"---\nlicense: apache-2.0\n---\n# M\n\nThis model is for research purposes only.\n";
    expect(
        "weights.final",
        &[
            ("LICENSE", &changed),
            ("sub/LICENSE.txt", b"Ask me."),
            ("NOTICE", b"By us."),
            ("LICENSES/MIT.txt", MIT),
            ("USE_POLICY.md", b"# Policy of use\n\nDo no harm."),
            ("README.md", card),
            ("sub/README.md", b"---\nlicense: other\n---\nYou may not use the model."),
            ("Cargo.toml", b"[package]\nlicense = \"MIT\"\n"),
            ("w.bin", b"\x01\x02"),
        ],
        &[
            "license-text LICENSE = MIT # 975",
            "license-text LICENSES/MIT.txt = MIT # 1000",
            "license-unknown sub/LICENSE.txt",
            "license-declared Cargo.toml = MIT",
            "license-declared README.md = Apache-2.0",
            "license-declared sub/README.md = other",
            "use-policy README.md = This model is for research purposes only.",
            "use-policy USE_POLICY.md = Policy of use",
        ],
    );
}

#[test]
fn names_of_other_releases_are_told() {
    let files: Files<'_> = &[
        ("README.md", b"---\nbase_model: [o/base, gpt2]\ndatasets: o/data\n---\n"),
        (
            "config.json",
            br#"{"_name_or_path": "o/base", "quantization_config": {"dataset": "o/cal"}}"#,
        ),
        ("adapter_config.json", br#"{"base_model_name_or_path": "/home/me/base"}"#),
        ("tokenizer_config.json", br#"{"name_or_path": "o/tok"}"#),
        (
            "conf/train.yaml",
            b"model_name_or_path: o/other\ndataset_name: ./local\ntokenizer_name: o/tok2\n",
        ),
    ];
    let own = [
        "names-base-model README.md = gpt2",
        "names-base-model README.md = o/base",
        "names-base-model conf/train.yaml = o/other",
        "names-base-model config.json = o/base",
        "names-dataset README.md = o/data",
        "names-dataset config.json = o/cal",
        "names-tokenizer conf/train.yaml = o/tok2",
        "names-tokenizer tokenizer_config.json = o/tok",
    ];
    expect("config.training", files, &own);
    expect("data.sft", files, &[own[0], own[1], own[4]]);
    let broken: Files<'_> =
        &[("config.json", b"{"), ("README.md", b"---\na: [\n---\n"), ("tsconfig.json", b"//")];
    let roles = roles(&["code.training"]);
    let faults = facts(&content(Wanted { roles: &roles, ..Wanted::default() }, broken));
    let starts = [
        "fault README.md = the front matter cannot be read",
        "fault config.json = the config cannot be read",
    ];
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults.iter().zip(starts).all(|(fault, start)| fault.starts_with(start)), "{faults:?}");
}

#[test]
fn headers_are_held_against_their_files_and_configs() {
    let whole = model(2);
    let say = |vocabulary: u64, hidden: u64, layers: u64, more: &str| {
        format!(
            r#"{{"vocab_size":{vocabulary},"hidden_size":{hidden},"num_hidden_layers":{layers}{more}}}"#
        )
    };
    let parameters = "parameters model.safetensors # 80";
    let check = |config: &str, expected: &[&str]| {
        let facts: Vec<&str> = [parameters].into_iter().chain(expected.iter().copied()).collect();
        expect(
            "weights.final",
            &[("config.json", config.as_bytes()), ("model.safetensors", &whole)],
            &facts,
        );
    };
    check(&say(12, 4, 2, ""), &[]);
    check(&say(11, 4, 1, ""), &[]);
    check(&say(12, 8, 2, r#","embedding_size":4"#), &[]);
    check(&say(12, 4, 2, r#","num_nextn_predict_layers":1"#), &[]);
    let mismatch = "shape-mismatch model.safetensors = ";
    check(
        &say(13, 4, 2, ""),
        &[&format!("{mismatch}the embedding has 12 rows, `config.json` says 13")],
    );
    check(
        &say(12, 8, 2, ""),
        &[&format!("{mismatch}the embedding is 4 wide, `config.json` says 8")],
    );
    check(
        &say(12, 4, 3, ""),
        &[&format!("{mismatch}the last layer is 1, `config.json` says there are 3")],
    );
    let many = model(9);
    let value = "shape-mismatch x.safetensors = there is a layer 8, `config.json` says there are 2";
    let config = say(12, 4, 2, "");
    let files: Files<'_> = &[("config.json", config.as_bytes()), ("x.safetensors", &many)];
    expect("weights.final", files, &["parameters x.safetensors # 192", value]);
    // One shard of two says nothing of the layers.
    let config = say(12, 4, 30, "");
    let files: Files<'_> =
        &[("config.json", config.as_bytes()), ("model-00001-of-00002.safetensors", &whole)];
    expect("weights.final", files, &["parameters model-00001-of-00002.safetensors # 80"]);
}

#[test]
fn broken_headers_are_faults() {
    let long = safetensors(&[("a", &[1])], 1);
    let size = long.len();
    let due = format!(
        "header-fault a.safetensors = the header describes {} bytes, the file has {size}",
        size - 1
    );
    expect("weights.final", &[("a.safetensors", &long)], &[&due]);
    let gguf = [&b"GGUF\x03\0\0\0"[..], &[0; 16]].concat();
    expect("weights.final", &[("a.gguf", &gguf)], &["parameters a.gguf # 0"]);
    let fault = "header-fault a.gguf = the file does not start with `GGUF`";
    expect("weights.final", &[("a.gguf", b"GGML\0\0\0\0\0\0\0")], &[fault]);
}

#[test]
fn pickles_pointers_and_compressed_files_are_told() {
    let pickle = b"\x80\x02cos\nsystem\n)R.";
    let import = ["pickle-import pytorch_model.bin = os.system"];
    expect("weights.final", &[("pytorch_model.bin", pickle)], &import);
    expect("weights.final", &[("tokens.bin", b"\x01\x02\x03")], &[]);
    let unread = ["pickle-unread a.pkl = byte 2: 0xff is no opcode"];
    expect("weights.final", &[("a.pkl", b"N\x85\xff")], &unread);
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n";
    let pointers: Files<'_> =
        &[("b.safetensors", pointer), ("a.bin", pointer), ("README.md", b"# M")];
    expect("weights.final", pointers, &["lfs-pointers a.bin # 2"]);
    let packed = b"\x1f\x8b\x08\0\0";
    expect("data.sft", &[("a.gz", packed), ("b", b"PAR1"), ("c", b"text")], &["compressed # 9"]);
}

#[test]
fn a_single_file_has_the_name_that_it_is_given() {
    let whole = model(1);
    let wanted =
        Wanted { name: "model.safetensors", git: Some(ObjectFormat::Sha1), ..Wanted::default() };
    let read = content(wanted, &[("", &whole)]);
    assert_eq!(facts(&read)[0], "parameters model.safetensors # 64");
    assert!(facts(&read)[1].starts_with("swhid = swh:1:cnt:"));
    let digests = read.digests.unwrap();
    assert_eq!(digests.sha256(), Some(fullsource_format::digest::Sha256::of(&whole)));
    assert_eq!(digests.blake3().unwrap().as_bytes(), blake3::hash(&whole).as_bytes());
    assert_eq!((read.files, read.size, read.table.is_none()), (1, whole.len() as u64, true));
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
