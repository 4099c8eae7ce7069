use proptest::prelude::*;

use super::*;

fn file(header: &str, data: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + data, 0);
    bytes
}

fn ours(bytes: &[u8]) -> Result<Safetensors, SafetensorsError> {
    read(bytes, bytes.len() as u64)
}

fn judge_accepts(bytes: &[u8]) -> bool {
    ::safetensors::SafeTensors::deserialize(bytes).is_ok()
}

const TWO: &str = r#"{"b":{"dtype":"F32","shape":[2,2],"data_offsets":[2,18]},
"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"__metadata__":{"format":"pt"}}   "#;

#[test]
fn a_file_is_read_in_the_order_of_its_bytes() {
    let bytes = file(TWO, 18);
    assert!(judge_accepts(&bytes));
    let read = ours(&bytes).unwrap();
    assert_eq!(read.tensors.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(read.parameters, 6);
    assert_eq!(read.metadata["format"], "pt");
    assert_eq!((read.tensors[1].dtype, read.tensors[1].bytes), ("F32", 16));
}

#[test]
fn a_file_without_tensors_and_one_of_empty_tensors_are_read() {
    for (header, data) in [
        ("{}", 0),
        (
            r#"{"a":{"dtype":"F32","shape":[0,9],"data_offsets":[0,0]},"b":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#,
            0,
        ),
        (r#"{"a":{"dtype":"F4","shape":[],"data_offsets":[0,0]}}"#, 0),
    ] {
        let bytes = file(header, data);
        assert_eq!(ours(&bytes).is_ok(), judge_accepts(&bytes), "{header}");
    }
}

/// What the reference reader takes and this one refuses: each lets two readers see two models.
#[test]
fn refused_beyond_the_reference_reader() {
    let one = r#"{"dtype":"U8","shape":[1],"data_offsets":[0,1]}"#;
    let two = r#"{"dtype":"U8","shape":[1],"data_offsets":[1,2]}"#;
    let cases: [(String, usize, &str); 7] = [
        (format!(r#"{{"a":{one},"a":{one}}}"#), 1, "stands here twice"),
        (format!(r#"{{"a":{one},"\u0061":{one}}}"#), 1, "stands here twice"),
        (format!(r#"{{"é":{one},"e\u0301":{two}}}"#), 2, "two Unicode normalisations"),
        (
            r#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":0}}"#.into(),
            1,
            "unknown field `x`",
        ),
        (format!("{{\"a\":{one}}}\n"), 1, "only spaces"),
        (format!(" {{\"a\":{one}}}"), 1, "does not start"),
        (format!(r#"{{"__metadata__":null,"a":{one}}}"#), 1, "expected an object"),
    ];
    for (header, data, message) in cases {
        let bytes = file(&header, data);
        assert!(judge_accepts(&bytes), "{header}");
        let error = ours(&bytes).unwrap_err().to_string();
        assert!(error.contains(message), "{header}: {error}");
    }
}

#[test]
fn refused_as_the_reference_reader_does() {
    let span = |shape: &str, from: u64, to: u64| {
        format!(r#"{{"a":{{"dtype":"F32","shape":{shape},"data_offsets":[{from},{to}]}}}}"#)
    };
    let cases: [(String, usize, &str); 9] = [
        (span("[1]", 0, 4), 5, "the file at byte 5"),
        (span("[1]", 0, 4), 3, "the file at byte 3"),
        (span("[1]", 4, 8), 8, "starts at byte 4"),
        (span("[1]", 0, 8), 8, "needs 4 bytes"),
        (span("[9223372036854775807,4]", 0, 4), 4, "no size in bytes"),
        (span("[4611686018427387904,4]", 0, 0), 0, "no size in bytes"),
        (span("[1.0]", 0, 4), 4, "expected an integer"),
        (span("[-1]", 0, 4), 4, "expected an integer"),
        (span("[1]", 4, 0), 4, "a start and an end"),
    ];
    for (header, data, message) in cases {
        let bytes = file(&header, data);
        assert!(!judge_accepts(&bytes), "{header}");
        let error = ours(&bytes).unwrap_err().to_string();
        assert!(error.contains(message), "{header}: {error}");
    }
    let overlap = r#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#;
    assert!(matches!(ours(&file(overlap, 3)), Err(SafetensorsError::NotContiguous { .. })));
}

#[test]
fn lengths_that_lie_cost_nothing() {
    let mut huge = file("{}", 0);
    huge[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(matches!(ours(&huge), Err(SafetensorsError::HeaderTooLong(_))));
    huge[..8].copy_from_slice(&99_000_000u64.to_le_bytes());
    assert!(matches!(ours(&huge), Err(SafetensorsError::HeaderBeyondFile { .. })));
    assert!(matches!(read(&huge[..], 99_000_008), Err(SafetensorsError::Io(_))));
    assert!(matches!(ours(b"1234567"), Err(SafetensorsError::TooShort(7))));
    let deep =
        format!(r#"{{"a":{{"dtype":"U8","shape":[{}1],"data_offsets":[0,1]}}}}"#, "1,".repeat(64));
    assert!(matches!(ours(&file(&deep, 1)), Err(SafetensorsError::Limit { .. })));
}

proptest! {
    #[test]
    fn any_bytes_give_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = ours(&bytes);
    }

    /// Whatever this reader accepts, the reference reader accepts with the same tensors.
    #[test]
    fn what_is_accepted_the_reference_reader_accepts(
        cut in 0usize..160, with in any::<u8>(), extra in 0usize..3, drop in 0usize..3,
    ) {
        let mut bytes = file(TWO, 18);
        let at = cut % bytes.len();
        bytes[at] = with;
        bytes.resize((bytes.len() + extra).saturating_sub(drop), 0);
        if let Ok(read) = ours(&bytes) {
            let judged = ::safetensors::SafeTensors::deserialize(&bytes);
            let judged = judged.map_err(|e| TestCaseError::fail(e.to_string()))?;
            prop_assert_eq!(judged.len(), read.tensors.len());
            for tensor in &read.tensors {
                let view = judged.tensor(&tensor.name).unwrap();
                prop_assert_eq!(view.dtype().to_string(), tensor.dtype);
                prop_assert_eq!(view.data().len() as u64, tensor.bytes);
            }
        }
    }
}
