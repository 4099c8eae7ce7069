//! What the bytes of an artifact say about themselves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{Count, Text};

/// One thing that the content of an artifact says, or that the place showed of it (`evd-20`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "WireContentFact")]
#[schemars(!try_from)]
pub struct ContentFact {
    /// What kind of thing.
    pub kind: ContentFactKind,
    /// The file that says so, as a path from the artifact's root; escaped where it is no path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Text>,
    /// What it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Text>,
    /// How many, or how much: in the unit of the kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<Count>,
}

/// Kinds of content facts. Each says which fields it has; the others are absent.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ContentFactKind {
    /// `path`, `value` (an SPDX or LicenseRef id), `count` (per mille; 1000 is the whole text, unmodified).
    LicenseText,
    /// `path`: a file named like a licence whose text is none that is known.
    LicenseUnknown,
    /// `path`, `value`: a licence named by a model card or by a package's metadata.
    LicenseDeclared,
    /// `path`, `value` (what it forbids, or its title): terms of use beside the licence.
    UsePolicy,
    /// `value`: why there is nothing of its kind in it. One of [`HOLLOW`].
    Hollow,
    /// `count`: files that are Git LFS pointers; `path`: the first.
    LfsPointers,
    /// `path`, `value` (a commit): a submodule, whose content is elsewhere.
    Submodule,
    /// `value` (a commit): no branch and no tag of the repository leads to it.
    CommitUnreachable,
    /// `value` (a commit): whether a branch or a tag leads to it could not be found out.
    CommitUnplaced,
    /// `path`, `value`: a base model that a card or a configuration names.
    NamesBaseModel,
    /// `path`, `value`: a data set that a card or a configuration names.
    NamesDataset,
    /// `path`, `value`: a tokenizer elsewhere that a card or a configuration names.
    NamesTokenizer,
    /// `path`, `count`: parameters that the header of a weights file describes.
    Parameters,
    /// `value` (a [`NameAndShape`]): a shape that a matrix has in the layers of the model.
    TensorShape,
    /// `path`, `value`: where a weights file's shapes cannot be those of `config.json` beside it.
    ShapeMismatch,
    /// `path`, `value`: why a weights file or its header cannot be read.
    HeaderFault,
    /// `path`, `value`: something that a pickle imports beyond the list of harmless names.
    PickleImport,
    /// `path`, `value`: why a pickle could not be read to its end.
    PickleUnread,
    /// `count`: bytes in compressed files, which can hold more than they weigh.
    Compressed,
    /// `value`: the Software Heritage id of the content.
    Swhid,
    /// `value`, and `path` where it is about one: why what lies there cannot be read as what it should be.
    Fault,
    /// `count`: files of which only the host's word was taken.
    WordOnly,
}

/// What a [`ContentFactKind::TensorShape`] says: `model.layers.*.mlp.up_proj.weight 11008x4096`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameAndShape<'a> {
    /// The name of the tensor, with `*` for every number.
    pub name: &'a str,
    /// Rows and columns.
    pub shape: [u64; 2],
}

/// Digits of a dimension: any of fewer fits 64 bits.
const DIMENSION_DIGITS: usize = 16;

impl<'a> NameAndShape<'a> {
    /// Reads the value of a fact; none where it has another form, which says nothing (`evd-20`).
    pub fn parse(value: &'a str) -> Option<Self> {
        let (name, shape) = value.rsplit_once(' ')?;
        let (rows, columns) = shape.split_once('x')?;
        (!name.is_empty()).then_some(())?;
        Some(Self { name, shape: [dimension(rows)?, dimension(columns)?] })
    }
}

fn dimension(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|b| b.is_ascii_digit()) && text.len() <= DIMENSION_DIGITS;
    (digits && !text.starts_with('0')).then(|| text.parse().ok())?
}

impl std::fmt::Display for NameAndShape<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [rows, columns] = self.shape;
        write!(f, "{} {rows}x{columns}", self.name)
    }
}

/// Values of [`ContentFactKind::Hollow`].
pub const HOLLOW: &[&str] =
    &["empty", "readme-only", "license-only", "manifest-only", "url-list", "empty-index"];

impl ContentFactKind {
    /// Every kind.
    pub const ALL: &[Self] = &[
        Self::LicenseText,
        Self::LicenseUnknown,
        Self::LicenseDeclared,
        Self::UsePolicy,
        Self::Hollow,
        Self::LfsPointers,
        Self::Submodule,
        Self::CommitUnreachable,
        Self::CommitUnplaced,
        Self::NamesBaseModel,
        Self::NamesDataset,
        Self::NamesTokenizer,
        Self::Parameters,
        Self::TensorShape,
        Self::ShapeMismatch,
        Self::HeaderFault,
        Self::PickleImport,
        Self::PickleUnread,
        Self::Compressed,
        Self::Swhid,
        Self::Fault,
        Self::WordOnly,
    ];

    /// Which of `path`, `value` and `count` a fact of this kind has: yes, no, or maybe.
    const fn fields(self) -> [Option<bool>; 3] {
        const YES: Option<bool> = Some(true);
        const NO: Option<bool> = Some(false);
        match self {
            Self::LicenseText => [YES, YES, YES],
            Self::LicenseUnknown => [YES, NO, NO],
            Self::Hollow
            | Self::CommitUnreachable
            | Self::CommitUnplaced
            | Self::TensorShape
            | Self::Swhid => [NO, YES, NO],
            Self::LfsPointers | Self::Parameters => [YES, NO, YES],
            Self::Compressed | Self::WordOnly => [NO, NO, YES],
            Self::Fault => [None, YES, NO],
            _ => [YES, YES, NO],
        }
    }
}

impl ContentFact {
    /// A fact without fields yet.
    pub const fn new(kind: ContentFactKind) -> Self {
        Self { kind, path: None, value: None, count: None }
    }

    /// The same, about a file. The path is escaped and clipped.
    #[must_use]
    pub fn at(self, path: &str) -> Self {
        Self { path: Some(Text::clipped(path)), ..self }
    }

    /// The same, with a value. It is clipped.
    #[must_use]
    pub fn saying(self, value: impl AsRef<str>) -> Self {
        Self { value: Some(Text::clipped(value.as_ref())), ..self }
    }

    /// The same, with a count. It is clipped.
    #[must_use]
    pub fn counting(self, count: u64) -> Self {
        Self { count: Some(Count(count.min(crate::limits::MAX_INTEGER))), ..self }
    }
}

#[derive(Deserialize)]
struct WireContentFact {
    kind: ContentFactKind,
    path: Option<Text>,
    value: Option<Text>,
    count: Option<Count>,
}

impl TryFrom<WireContentFact> for ContentFact {
    type Error = String;

    // evd-20
    fn try_from(wire: WireContentFact) -> Result<Self, String> {
        let WireContentFact { kind, path, value, count } = wire;
        let has = [path.is_some(), value.is_some(), count.is_some()];
        for ((name, has), wants) in ["path", "value", "count"].iter().zip(has).zip(kind.fields()) {
            if wants.is_some_and(|wants| wants != has) {
                let what = if has { "does not have" } else { "needs" };
                return Err(format!("a fact of kind {kind:?} {what} `{name}`"));
            }
        }
        if let (ContentFactKind::Hollow, Some(value)) = (kind, &value)
            && !HOLLOW.contains(&value.as_str())
        {
            return Err(format!("`{}` is no way to be hollow", value.as_str()));
        }
        Ok(Self { kind, path, value, count })
    }
}
