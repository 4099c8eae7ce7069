//! Indexes of sharded weights: `*.safetensors.index.json`, `pytorch_model.bin.index.json`.
//!
//! `weight_map` gives for each tensor the file that holds it, relative to the index. A framework
//! opens whatever is named there, so a name that leaves the directory is refused.

use std::collections::BTreeSet;

use fullsource_format::path::{PathError, RelPath};
use unicode_normalization::UnicodeNormalization;

use super::json::{JsonError, JsonFault};
use super::json_parser::Parser;

/// Bytes of an index. The largest published ones have about 15 MB.
pub const INDEX_BYTES: usize = 128 << 20;
/// Entries of a `weight_map`.
pub const TENSORS: usize = 1_000_000;
const VALUES: usize = 2_000_000;

/// What an index of shards says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SafetensorsIndex {
    /// The files, relative to the index's own directory, sorted.
    pub files: BTreeSet<RelPath>,
    /// How many tensors are mapped.
    pub tensors: usize,
    /// `metadata.total_size` in bytes, where it is an integer.
    pub total_size: Option<u64>,
}

/// Why a file is not such an index.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SafetensorsIndexError {
    /// Above [`INDEX_BYTES`].
    #[error("the index has {0} bytes, at most {INDEX_BYTES} are read")]
    TooLong(usize),
    /// Not JSON, or without a `weight_map` of names to file names.
    #[error("{0}")]
    Json(#[from] JsonError),
    /// A file name that leaves the directory, or that no release can hold.
    #[error("`weight_map` names the file `{file}` for the tensor `{tensor}`: {fault}")]
    File {
        /// The first tensor that it is named for.
        tensor: String,
        /// As it stands.
        file: String,
        /// Why it is refused.
        fault: PathError,
    },
    /// Two names that one reader takes for the same.
    #[error("the tensor name `{0}` stands twice, in two Unicode normalisations")]
    NameTwin(String),
    /// More than [`TENSORS`].
    #[error("`weight_map` has more than {TENSORS} tensors")]
    Tensors,
}

impl SafetensorsIndex {
    /// Reads an index. Fields beside `weight_map` and `metadata` are allowed, as frameworks do.
    pub fn parse(bytes: &[u8]) -> Result<Self, SafetensorsIndexError> {
        Self::parse_mapping(bytes, &mut |_, _| ())
    }

    /// The same; each tensor is told with the file that holds it, as it stands there.
    pub fn parse_mapping(
        bytes: &[u8],
        tell: &mut dyn FnMut(&str, &str),
    ) -> Result<Self, SafetensorsIndexError> {
        if bytes.len() > INDEX_BYTES {
            return Err(SafetensorsIndexError::TooLong(bytes.len()));
        }
        let mut parser = Parser::new(bytes, VALUES)?;
        let (mut map, mut total_size) = (None, None);
        parser.object(|parser, field| {
            match field.as_ref() {
                "weight_map" => map = Some(weight_map(parser, tell)?),
                "metadata" => {
                    total_size = parser.value()?.get("total_size").and_then(|size| size.as_u64());
                }
                _ => drop(parser.value()?),
            }
            Ok::<(), SafetensorsIndexError>(())
        })?;
        parser.end()?;
        let (files, tensors) = map.ok_or_else(|| parser.fault(JsonFault::Missing("weight_map")))?;
        Ok(Self { files, tensors, total_size })
    }
}

fn weight_map(
    parser: &mut Parser,
    tell: &mut dyn FnMut(&str, &str),
) -> Result<(BTreeSet<RelPath>, usize), SafetensorsIndexError> {
    let mut files = BTreeSet::new();
    let mut names = std::collections::HashSet::new();
    parser.object(|parser, tensor| {
        let file = parser.string()?;
        if names.len() >= TENSORS {
            return Err(SafetensorsIndexError::Tensors);
        }
        tell(&tensor, &file);
        if !names.insert(tensor.nfc().collect::<String>()) {
            return Err(SafetensorsIndexError::NameTwin(tensor.into_owned()));
        }
        if !files.contains(file.as_ref()) {
            let path = file.parse::<RelPath>().map_err(|fault| SafetensorsIndexError::File {
                tensor: tensor.into_owned(),
                file: file.into_owned(),
                fault,
            })?;
            files.insert(path);
        }
        Ok(())
    })?;
    Ok((files, names.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_files_of_all_shards_are_given() {
        let text = br#"{"metadata": {"total_size": 8.5e9, "total_parameters": 3},
            "weight_map": {"a": "model-00001-of-00002.safetensors",
            "b": "model-00002-of-00002.safetensors", "c": "model-00001-of-00002.safetensors"}}"#;
        let index = SafetensorsIndex::parse(text).unwrap();
        assert_eq!(index.files.len(), 2);
        assert_eq!((index.tensors, index.total_size), (3, None));
    }

    #[test]
    fn names_that_leave_the_directory_are_refused() {
        for bad in ["../x.bin", "/etc/passwd", "a/../../x", "C:x", "", r"a\\b", r"a\u0000"] {
            let text = format!(r#"{{"weight_map": {{"a": "{bad}"}}}}"#);
            let error = SafetensorsIndex::parse(text.as_bytes()).unwrap_err();
            assert!(matches!(error, SafetensorsIndexError::File { .. }), "{bad}: {error}");
        }
    }

    #[test]
    fn an_index_that_two_readers_read_differently_is_refused() {
        let twice = br#"{"weight_map": {"a": "x"}, "weight_map": {"a": "y"}}"#;
        assert!(matches!(SafetensorsIndex::parse(twice), Err(SafetensorsIndexError::Json(_))));
        let twin = "{\"weight_map\": {\"\u{e9}\": \"x\", \"e\u{301}\": \"y\"}}";
        let error = SafetensorsIndex::parse(twin.as_bytes()).unwrap_err();
        assert!(matches!(error, SafetensorsIndexError::NameTwin(_)));
        let error = SafetensorsIndex::parse(b"{}").unwrap_err();
        assert!(error.to_string().contains("`weight_map` is missing"));
    }

    proptest! {
        #[test]
        fn any_text_gives_an_answer(text in r#"\{?"?(weight_map|metadata)?"?[:{}\[\]",.a-z0-9\\]{0,40}"#) {
            let _ = SafetensorsIndex::parse(text.as_bytes());
        }
    }
}
