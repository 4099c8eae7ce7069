//! Artifacts: everything that went into the weights or describes them.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Serialize};

use super::IndexRef;
use crate::digest::{DigestSet, Sha256};
use crate::license::LicenseExpression;
use crate::locator::Locator;
use crate::path::{FileSelector, RelPath};
use crate::role::Role;
use crate::text::{Count, Id, Name, Text};

/// One thing that went into the weights, came out of a stage, or describes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Artifact {
    /// Its id in this manifest.
    #[schemars(extend("examples" = ["trainer", "corpus", "weights"]))]
    pub id: Id,
    /// A name to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["Training program"]))]
    pub name: Option<Name>,
    /// What it is for; one artifact may have several roles.
    #[schemars(length(min = 1, max = 64))]
    #[serde(deserialize_with = "one_to_64")]
    #[schemars(extend("examples" = [["code.training"], ["data.pretraining", "data.tokenizer"]]))]
    pub roles: Vec<Role>,
    /// Files of this release. Where `locators` stand, too, they hold the same bytes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["trainer/"], ["model.safetensors"]]))]
    pub files: Vec<FileSelector>,
    /// Where it lies, each pinned: mirrors of the same bytes.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "at_most::<_, _, 64>"
    )]
    #[schemars(length(max = 64))]
    pub locators: Vec<PinnedLocator>,
    /// Digests of the content: of a file, or of the selected tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<DigestSet>,
    /// Size of the content in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [1_048_576]))]
    pub size: Option<Count>,
    /// For a large tree, the index of exactly the files that are meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<Box<IndexRef>>,
    /// One SPDX expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<LicenseExpression>,
    /// Where the licence's text stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub license_files: Vec<LicenseFile>,
    /// Whether anyone can have it. Absent: public.
    #[serde(default, skip_serializing_if = "Availability::is_public")]
    pub availability: Availability,
    /// Why it is withheld, or a recipe only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["contains personal data"]))]
    pub reason: Option<Text>,
    /// For data: the software that collected it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["collector"]]))]
    pub collected_by: Vec<Id>,
    /// For data: the models that generated it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["teacher"]]))]
    pub generated_by: Vec<Id>,
    /// For data: what it was made from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["crawl"]]))]
    pub derived_from: Vec<Id>,
    /// What describes it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["data-card"]]))]
    pub documented_by: Vec<Id>,
    /// For data: written by people, under these guidelines. Void beside `generatedBy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub human_authored: Option<HumanAuthored>,
    /// For data: licence of the contents, as against the compilation. Shown as asserted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["CC0-1.0", "NOASSERTION"]))]
    pub content_rights: Option<LicenseExpression>,
    /// For a model made elsewhere: its own signed statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<Box<SignedElsewhere>>,
    /// For a model or service: licence of what it puts out. Absent: as `license`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["Apache-2.0", "LicenseRef-llama3.1"]))]
    pub output_terms: Option<LicenseExpression>,
}

impl Artifact {
    /// The files of this release that it names, by `files` or by a relative locator (`man-31`).
    pub fn selectors(&self) -> impl Iterator<Item = &FileSelector> {
        let relative = self.locators.iter().filter_map(|pinned| match &pinned.uri {
            Locator::Relative(selector) => Some(selector),
            _ => None,
        });
        self.files.iter().chain(relative)
    }

    /// What the paths of its files start with: its directory, where it names exactly one (`digest-7`),
    /// with a `/` at its end.
    pub fn root(&self) -> String {
        let mut named = self.selectors();
        match (named.next(), named.next()) {
            (Some(FileSelector::Below(directory)), None) => format!("{directory}/"),
            _ => String::new(),
        }
    }
}

/// Reads an array of at most `MOST` items.
pub(super) fn at_most<'de, D, T, const MOST: usize>(from: D) -> Result<Vec<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    let items = Vec::deserialize(from)?;
    if items.len() > MOST {
        let text = format!("there are {} items, the limit is {MOST}", items.len());
        return Err(serde::de::Error::custom(text));
    }
    Ok(items)
}

fn one_to_64<'de, D, T>(from: D) -> Result<Vec<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    let items = at_most::<D, T, 64>(from)?;
    if items.is_empty() {
        Err(serde::de::Error::invalid_length(0, &"at least one"))
    } else {
        Ok(items)
    }
}

/// Reads an array that must not be empty.
pub(super) fn one_or_more<'de, D, T>(from: D) -> Result<Vec<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    let items = Vec::deserialize(from)?;
    if items.is_empty() {
        Err(serde::de::Error::invalid_length(0, &"at least one"))
    } else {
        Ok(items)
    }
}

/// Whether anyone can have an artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Availability {
    /// Anyone, without asking.
    #[default]
    Public,
    /// Behind a click-through, a registration or a credential.
    Gated,
    /// Only instructions to make it again are published.
    RecipeOnly,
    /// Not published.
    Withheld,
}

impl Availability {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
    pub(super) const fn is_public(&self) -> bool {
        matches!(self, Self::Public)
    }
}

/// A locator, and the digest of the archive it serves where that is not the content itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedLocator {
    /// Where.
    pub uri: Locator,
    /// SHA-256 of the archive as served.
    pub sha256: Option<Sha256>,
}

/// A locator that serves an archive, and the digest of that.
#[derive(Serialize, Deserialize, JsonSchema)]
struct PinnedForm {
    /// Where.
    #[schemars(extend("examples" = ["https://lab.example/corpus.tar.zst#path=corpus"]))]
    uri: Locator,
    /// SHA-256 of the archive as served.
    sha256: Sha256,
}

impl Serialize for PinnedLocator {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.sha256 {
            None => self.uri.serialize(to),
            Some(sha256) => PinnedForm { uri: self.uri.clone(), sha256 }.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for PinnedLocator {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> serde::de::Visitor<'de> for Read {
            type Value = PinnedLocator;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a locator, or an object of `uri` and `sha256`")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<PinnedLocator, E> {
                let uri = text.parse().map_err(E::custom)?;
                Ok(PinnedLocator { uri, sha256: None })
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                fields: A,
            ) -> Result<PinnedLocator, A::Error> {
                let form = PinnedForm::deserialize(MapAccessDeserializer::new(fields))?;
                if matches!(form.uri, Locator::Relative(_)) {
                    let text = "a path in this release has no archive to pin; write it by itself";
                    return Err(serde::de::Error::custom(text));
                }
                Ok(PinnedLocator { uri: form.uri, sha256: Some(form.sha256) })
            }
        }
        from.deserialize_any(Read)
    }
}

impl JsonSchema for PinnedLocator {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PinnedLocator".into()
    }
    fn json_schema(schemas: &mut SchemaGenerator) -> Schema {
        let (text, form) =
            (schemas.subschema_for::<Locator>(), schemas.subschema_for::<PinnedForm>());
        json_schema!({
            "anyOf": [text, form],
            "description": "A locator; or an object of it and the digest of the archive that it serves."
        })
    }
}

/// Where a licence's text stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, try_from = "LicenseFileForm")]
pub enum LicenseFile {
    /// A path from the root of the artifact's locator, or of the release for `files`.
    Path {
        /// The path.
        path: RelPath,
    },
    /// Another artifact of this manifest.
    Artifact {
        /// Its id.
        artifact: Id,
    },
}

#[derive(Deserialize)]
struct LicenseFileForm {
    path: Option<RelPath>,
    artifact: Option<Id>,
}

impl TryFrom<LicenseFileForm> for LicenseFile {
    type Error = &'static str;
    fn try_from(form: LicenseFileForm) -> Result<Self, &'static str> {
        match form {
            LicenseFileForm { path: Some(path), artifact: None } => Ok(Self::Path { path }),
            LicenseFileForm { path: None, artifact: Some(artifact) } => {
                Ok(Self::Artifact { artifact })
            }
            _ => Err("a licence file has either `path` or `artifact`"),
        }
    }
}

impl JsonSchema for LicenseFile {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "LicenseFile".into()
    }
    fn json_schema(schemas: &mut SchemaGenerator) -> Schema {
        let (mut path, mut id) =
            (schemas.subschema_for::<RelPath>(), schemas.subschema_for::<Id>());
        path.insert("description".into(), "Its path.".into());
        id.insert("description".into(), "The id of the artifact that holds it.".into());
        id.insert("examples".into(), ["license"].into());
        json_schema!({
            "type": "object",
            "properties": { "path": path, "artifact": id },
            "oneOf": [{ "required": ["path"] }, { "required": ["artifact"] }],
            "description": "A path from the root of the artifact's locator, or another artifact."
        })
    }
}

/// Data that people wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HumanAuthored {
    /// The guidelines they followed.
    #[schemars(length(min = 1))]
    #[serde(deserialize_with = "one_or_more")]
    #[schemars(extend("examples" = [["annotation-guidelines"]]))]
    pub guidelines: Vec<Id>,
}

/// The signed statement of a model that was made elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignedElsewhere {
    /// Its statement id: SHA-256 of the payload bytes.
    pub sha256: Sha256,
    /// Where its bundle lies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locators: Vec<PinnedLocator>,
    /// Which artifact of it is meant. Absent: the one with the role `weights.final`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["weights"]))]
    pub artifact: Option<Id>,
}
