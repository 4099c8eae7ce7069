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
            Self::Hollow | Self::CommitUnreachable | Self::CommitUnplaced | Self::Swhid => {
                [NO, YES, NO]
            }
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
