use proptest::prelude::*;

use super::*;

/// Made by the Python package gguf: see the script beside it.
const SMALL: &[u8] = include_bytes!("../../tests/data/small.gguf");

fn read_all(bytes: &[u8]) -> Result<Gguf, GgufError> {
    read(bytes, bytes.len() as u64)
}

/// A file by hand: entries of key, type and value bytes, tensors of name, shape, type and offset.
#[derive(Default)]
struct File {
    version: Option<u32>,
    entries: Vec<(&'static str, u32, Vec<u8>)>,
    tensors: Vec<(&'static str, Vec<u64>, u32, u64)>,
    data: usize,
}

fn string(text: &str) -> Vec<u8> {
    let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
    bytes.extend(text.as_bytes());
    bytes
}

impl File {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = b"GGUF".to_vec();
        bytes.extend(self.version.unwrap_or(3).to_le_bytes());
        bytes.extend((self.tensors.len() as u64).to_le_bytes());
        bytes.extend((self.entries.len() as u64).to_le_bytes());
        for (key, kind, value) in &self.entries {
            bytes.extend(string(key));
            bytes.extend(kind.to_le_bytes());
            bytes.extend(value);
        }
        for (name, shape, kind, offset) in &self.tensors {
            bytes.extend(string(name));
            bytes.extend((shape.len() as u32).to_le_bytes());
            shape.iter().for_each(|d| bytes.extend(d.to_le_bytes()));
            bytes.extend(kind.to_le_bytes());
            bytes.extend(offset.to_le_bytes());
        }
        if !self.tensors.is_empty() {
            bytes.resize(bytes.len().next_multiple_of(32) + self.data, 0);
        }
        bytes
    }

    fn message(&self) -> String {
        read_all(&self.bytes()).unwrap_err().to_string()
    }
}

#[test]
fn what_the_python_writer_makes_is_read() {
    let gguf = read_all(SMALL).unwrap();
    assert_eq!(gguf.version, 3);
    assert_eq!(gguf.architecture(), Some("llama"));
    assert_eq!((gguf.name(), gguf.license()), (Some("Small"), Some("apache-2.0")));
    assert_eq!(gguf.license_name(), Some("Apache License 2.0"));
    assert_eq!((gguf.file_type(), gguf.tokenizer_model()), (Some(7), Some("gpt2")));
    assert_eq!(gguf.parameters, 3 * 64 + 5 + 6);
    let parent = &gguf.base_models()[0];
    assert_eq!(parent.name.as_deref(), Some("Parent"));
    assert_eq!(parent.repo_url.as_deref(), Some("https://example.org/parent"));
    assert_eq!(gguf.datasets(), ["https://example.org/texts"]);
    assert_eq!(gguf.metadata["tokenizer.ggml.tokens"], GgufValue::Array(3));
    let languages = ["en", "no"].map(str::to_owned).to_vec();
    assert_eq!(gguf.metadata["general.languages"], GgufValue::Strings(languages));
    let first = &gguf.tensors[0];
    assert_eq!((first.element_type, first.bytes), ("Q8_0", 3 * 64 / 32 * 34));
    assert_eq!(first.shape, [64, 3]);
}

#[test]
fn a_file_that_ends_anywhere_else_is_refused() {
    let gguf = read_all(SMALL).unwrap();
    let last = gguf.tensors.last().unwrap();
    let unpadded = (gguf.data_offset + last.offset + last.bytes) as usize;
    for length in 0..SMALL.len() + 40 {
        let mut bytes = SMALL.to_vec();
        bytes.resize(length, 0);
        let whole = (unpadded..=SMALL.len()).contains(&length);
        assert_eq!(read_all(&bytes).is_ok(), whole, "{length} of {}", SMALL.len());
    }
}

#[test]
fn a_file_by_hand_is_read() {
    let file = File {
        version: Some(2),
        entries: vec![("general.alignment", 4, 64u32.to_le_bytes().to_vec())],
        ..File::default()
    };
    assert_eq!(read_all(&file.bytes()).unwrap().tensors, []);
    let file = File {
        tensors: vec![("a", vec![], 0, 0), ("b", vec![0, 7], 0, 32), ("c", vec![2], 0, 32)],
        data: 40,
        ..File::default()
    };
    assert_eq!(read_all(&file.bytes()).unwrap().parameters, 3);
}

#[test]
fn tensors_that_lie_about_their_place_are_refused() {
    let with = |tensors, data| File { tensors, data, ..File::default() }.message();
    let overlap = with(vec![("a", vec![8], 0, 0), ("b", vec![8], 0, 0)], 64);
    assert!(overlap.contains("`b` starts at byte 0 of the data, 32 is due"), "{overlap}");
    let hole = with(vec![("a", vec![8], 0, 0), ("b", vec![8], 0, 64)], 96);
    assert!(hole.contains("`b` starts at byte 64"), "{hole}");
    let twice = with(vec![("a", vec![8], 0, 0), ("a", vec![8], 0, 32)], 64);
    assert!(twice.contains("`a` stands here twice"), "{twice}");
    let beyond = with(vec![("a", vec![8], 0, 0)], 31);
    assert!(beyond.contains("tensor data ends at"), "{beyond}");
    let trailing = with(vec![("a", vec![8], 0, 0)], 33);
    assert!(trailing.contains("tensor data ends at"), "{trailing}");
    let long = "x".repeat(64).leak();
    assert!(with(vec![(long, vec![8], 0, 0)], 32).contains("bytes of a tensor's name: 64"));
    assert!(with(vec![("a\0", vec![8], 0, 0)], 32).contains("control characters"));
}

#[test]
fn shapes_that_overflow_are_refused() {
    let with = |shape: Vec<u64>, kind| {
        File { tensors: vec![("a", shape, kind, 0)], data: 32, ..File::default() }.message()
    };
    assert!(with(vec![u64::MAX, 2], 0).contains("a shape without a size"));
    assert!(with(vec![1 << 32, 1 << 31], 0).contains("a shape without a size"));
    assert!(with(vec![1 << 61], 28).contains("a shape without a size"));
    assert!(with(vec![0, u64::MAX], 0).contains("a shape without a size"));
    assert!(with(vec![33], 8).contains("a shape without a size"));
    assert!(with(vec![1; 5], 0).contains("dimensions: 5"));
    for removed in [4, 5, 31, 32, 33, 36, 37, 38, 43, u32::MAX] {
        assert!(with(vec![32], removed).contains("which ggml does not have"), "{removed}");
    }
}

#[test]
fn metadata_that_lies_is_refused() {
    let with = |entries| File { entries, ..File::default() }.message();
    let twice = with(vec![("a", 7, vec![1]), ("a", 7, vec![0])]);
    assert!(twice.contains("the key `a` stands here twice"), "{twice}");
    assert!(with(vec![("a", 7, vec![2])]).contains("neither 0 nor 1"));
    assert!(with(vec![("a", 13, vec![])]).contains("no known type"));
    assert!(with(vec![("", 7, vec![1])]).contains("not printable ASCII"));
    assert!(with(vec![("a b", 7, vec![1])]).contains("not printable ASCII"));
    assert!(with(vec![("a", 8, u64::MAX.to_le_bytes().to_vec())]).contains("at most"));
    for alignment in [0u32, 4, 24] {
        let entry = ("general.alignment", 4, alignment.to_le_bytes().to_vec());
        assert!(with(vec![entry]).contains("power of two"), "{alignment}");
    }
    let wide = ("general.alignment", 10, 32u64.to_le_bytes().to_vec());
    assert!(with(vec![wide]).contains("power of two"));
    let mut nested = Vec::new();
    for _ in 0..9 {
        nested.extend(9u32.to_le_bytes());
        nested.extend(1u64.to_le_bytes());
    }
    assert!(with(vec![("a", 9, nested)]).contains("arrays in arrays"));
}

#[test]
fn counts_that_lie_cost_nothing() {
    for at in [8, 16] {
        let mut bytes = SMALL.to_vec();
        bytes[at..at + 8].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(matches!(read_all(&bytes), Err(GgufError::Limit { .. })));
    }
    let mut big_endian = SMALL.to_vec();
    big_endian[4..8].reverse();
    assert!(matches!(read_all(&big_endian), Err(GgufError::BigEndian)));
    big_endian[4] = 1;
    assert!(matches!(read_all(&big_endian), Err(GgufError::Version(_))));
    assert!(matches!(read_all(b"GGML0000"), Err(GgufError::Magic)));
}

proptest! {
    #[test]
    fn any_bytes_give_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_all(&bytes);
        let _ = read_all(&[b"GGUF\x03\0\0\0", &bytes[..]].concat());
    }

    #[test]
    fn any_byte_changed_gives_an_answer(at in 0usize..1200, with in any::<u8>()) {
        let mut bytes = SMALL.to_vec();
        let at = at % bytes.len();
        bytes[at] = with;
        if let Ok(gguf) = read_all(&bytes) {
            let (_, _) = (gguf.base_models(), gguf.datasets());
        }
    }
}
