//! Paths inside a release: relative, with `/`, in one spelling.
//!
//! Spec: `spec/v0.1/digest.md`, rules `path-*`.

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::limits;
use crate::text::from_text;

/// Why a text is not a path inside a release (`path-1` to `path-5`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Nothing, or nothing between two slashes.
    #[error("a path has no empty parts: no leading, trailing or double `/`")]
    EmptyPart,
    /// `.` or `..` as a part.
    #[error("a path has no `{0}` part: it names one file below the release directory")]
    Dots(&'static str),
    /// A control character, which no path of a release has.
    #[error("a path has no control characters, this has U+{:04X}", *.0 as u32)]
    Control(char),
    /// A backslash, which is a separator on some systems and undefines dirHash.
    #[error(
        "a path has no backslash: parts are separated by `/`, and dirHash is undefined with one"
    )]
    Backslash,
    /// A drive letter or a stream, on systems that have them.
    #[error("a path does not start with a drive letter (`{0}:`)")]
    Drive(char),
    /// Longer than the limit.
    #[error("a path has at most {limit} bytes, this has {0}", limit = limits::PATH_BYTES)]
    TooLong(usize),
}

/// A path of one file below a directory: relative, `/` between parts, no `.` or `..`, no control
/// characters, no backslash, at most [`limits::PATH_BYTES`] bytes of UTF-8. It cannot leave the
/// directory it is joined to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RelPath(Box<str>);

impl RelPath {
    /// A path that a [`FileTable`](crate::index::FileTable) or a [`RelPath`] held before.
    pub(crate) fn from_checked(path: &str) -> Self {
        Self(path.into())
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The parts, first to last.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }

    /// What follows the last `.` of the file name, in lower case, if it has one.
    pub fn extension(&self) -> Option<String> {
        let (_, extension) = self.file_name().rsplit_once('.')?;
        Some(extension.to_ascii_lowercase())
    }
}

impl FromStr for RelPath {
    type Err = PathError;
    fn from_str(text: &str) -> Result<Self, PathError> {
        check(text)?;
        Ok(Self(text.into()))
    }
}

/// Whether a text is a path of a release, without keeping it.
pub(crate) fn check(text: &str) -> Result<(), PathError> {
    if text.len() > limits::PATH_BYTES {
        return Err(PathError::TooLong(text.len()));
    }
    if let Some(c) = text.chars().find(|c| c.is_control()) {
        return Err(PathError::Control(c));
    }
    if text.contains('\\') {
        return Err(PathError::Backslash);
    }
    if let [drive, b':', ..] = text.as_bytes()
        && drive.is_ascii_alphabetic()
    {
        return Err(PathError::Drive(char::from(*drive)));
    }
    text.split('/').try_for_each(|part| match part {
        "" => Err(PathError::EmptyPart),
        "." => Err(PathError::Dots(".")),
        ".." => Err(PathError::Dots("..")),
        _ => Ok(()),
    })
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for RelPath {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for RelPath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for RelPath {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from_text(from)
    }
}

/// The path rules as an ECMA 262 regular expression, without the drive letter and length rules.
const PATTERN: &str = r"^(?![A-Za-z]:)(?!\.{1,2}(/|$))[^/\\\u0000-\u001f\u007f-\u009f]+(/(?!\.{1,2}(/|$))[^/\\\u0000-\u001f\u007f-\u009f]+)*$";

impl JsonSchema for RelPath {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RelPath".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": PATTERN,
            "maxLength": limits::PATH_BYTES,
            "examples": ["LICENSE", "trainer/LICENSE"],
            "description": "A path of one file below the release directory: relative, `/` between parts, no `.` or `..`, no control character, no backslash."
        })
    }
}

/// What a release's manifest may name: one file, or with a trailing `/` everything below.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileSelector {
    /// One file.
    File(RelPath),
    /// All files below this directory.
    Below(RelPath),
}

impl FileSelector {
    /// Whether the path is selected.
    pub fn selects(&self, path: &RelPath) -> bool {
        match self {
            Self::File(file) => file == path,
            Self::Below(dir) => {
                path.as_str().strip_prefix(dir.as_str()).is_some_and(|rest| rest.starts_with('/'))
            }
        }
    }
}

impl FromStr for FileSelector {
    type Err = PathError;
    fn from_str(text: &str) -> Result<Self, PathError> {
        match text.strip_suffix('/') {
            Some(dir) => dir.parse().map(Self::Below),
            None => text.parse().map(Self::File),
        }
    }
}

impl fmt::Display for FileSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.fmt(f),
            Self::Below(path) => write!(f, "{path}/"),
        }
    }
}

impl Serialize for FileSelector {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FileSelector {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from_text(from)
    }
}

impl JsonSchema for FileSelector {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FileSelector".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let pattern = format!("{}/?$", &PATTERN[..PATTERN.len() - 1]);
        json_schema!({
            "type": "string",
            "pattern": pattern,
            "maxLength": limits::PATH_BYTES + 1,
            "examples": ["model.safetensors", "trainer/"],
            "description": "A file of this release, or with a trailing `/` all files below that directory."
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_leave_the_directory_is_refused() {
        for bad in [
            "", "/a", "a/", "a//b", "..", "a/../b", "./a", "a/.", "a\\b", "C:x", "a\nb", "a\u{85}b",
        ] {
            assert!(bad.parse::<RelPath>().is_err(), "{bad:?}");
        }
        let long = "a".repeat(limits::PATH_BYTES + 1);
        assert_eq!(long.parse::<RelPath>(), Err(PathError::TooLong(long.len())));
        assert!(long[1..].parse::<RelPath>().is_ok());
    }

    #[test]
    fn odd_but_honest_names_are_kept() {
        for good in ["a", "a/b.c", "...", ".hidden", "a file.txt", "模型.txt", "a/..b/c"] {
            let path: RelPath = good.parse().unwrap();
            assert_eq!(path.as_str(), good);
            assert!(path.parts().eq(good.split('/')), "{good}");
            assert_eq!(AsRef::<str>::as_ref(&path), good);
            assert!(std::collections::HashSet::from([path]).contains(good));
        }
    }

    #[test]
    fn a_directory_selects_what_is_below_and_no_sibling() {
        let data: FileSelector = "data/".parse().unwrap();
        assert!(data.selects(&"data/x/y".parse().unwrap()));
        assert!(!data.selects(&"data".parse().unwrap()));
        assert!(!data.selects(&"data2/x".parse().unwrap()));
        let file: FileSelector = "data/x".parse().unwrap();
        assert!(file.selects(&"data/x".parse().unwrap()));
        assert!(!file.selects(&"data/x/y".parse().unwrap()));
    }
}
