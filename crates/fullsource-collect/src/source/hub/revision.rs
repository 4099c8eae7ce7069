//! What a hub says of a revision: its commit, and on what terms.

use fullsource_format::digest::GitId;
use fullsource_format::evidence::Access;
use fullsource_format::locator::HubKind;
use serde::Deserialize;

use super::HubAccess;
use super::address::Repository;
use super::ask::Asked;
use crate::net::Net;
use crate::source::Trouble;

/// Bytes of the answer: a card's front matter at most, unless the hub adds a list of all files.
const ANSWER_BYTES: u64 = 32 << 20;

/// A branch, a tag or a short id, pinned; and what the hub says of the repository beside that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// Models or data sets, as asked.
    pub kind: HubKind,
    /// The commit that the revision is now.
    pub commit: GitId,
    /// Whether files are given only to those who accepted terms.
    pub gated: Gate,
    /// Whether the hub answered this without a token.
    pub access: Access,
    /// `license` of the card, in the hub's ids; several where the card has a list.
    pub licenses: Vec<String>,
    /// `license_name` of the card, where `license` is `other`.
    pub license_name: Option<String>,
    /// `license_link` of the card.
    pub license_link: Option<String>,
}

/// On what terms a hub gives the files of a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// To anyone.
    Open,
    /// To whoever accepts terms.
    Automatic,
    /// To whom the owner admits.
    Manual,
}

/// The commit of a revision: a branch, a tag, a commit id, or the default branch where there is
/// none. Fails as [`look`](super::look) does.
pub fn resolve(
    kind: HubKind,
    name: &str,
    revision: Option<&str>,
    access: &HubAccess,
    net: &Net,
) -> Result<Resolved, Trouble> {
    if name.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(Trouble::absent("no repository of a hub has such a name"));
    }
    let repository = Repository { endpoint: access.endpoint(), kind, name };
    let asked = Asked::new(net, access, repository);
    let wire = read(&asked, revision, &["sha", "gated", "cardData"])?;
    let card = wire.card_data.unwrap_or_default();
    Ok(Resolved {
        kind,
        commit: wire.sha,
        gated: wire.gated.into(),
        access: asked.who(),
        licenses: card.license.into(),
        license_name: card.license_name.text(),
        license_link: card.license_link.text(),
    })
}

/// Fails where a commit id does not lead to that commit (`loc-14`): an annotated tag has an id, too.
pub(super) fn check_commit(asked: &Asked<'_>, commit: &GitId) -> Result<(), Trouble> {
    let found = read(asked, Some(&commit.to_string()), &["sha"])?.sha;
    if found == *commit {
        return Ok(());
    }
    Err(Trouble::absent(format!("{commit} is no commit: the hub reads it as {found}")))
}

fn read(asked: &Asked<'_>, revision: Option<&str>, fields: &[&str]) -> Result<Wire, Trouble> {
    let url = asked.repository.revision(revision, fields)?;
    serde_json::from_slice(&asked.read(&url, ANSWER_BYTES)?)
        .map_err(|error| Trouble::faulty(format!("the hub's answer cannot be read: {error}")))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    sha: GitId,
    #[serde(default)]
    gated: WireGate,
    #[serde(default)]
    card_data: Option<WireCard>,
}

#[derive(Deserialize, Default)]
#[serde(untagged)]
enum WireGate {
    Word(String),
    Flag(bool),
    #[default]
    None,
}

/// A card is its author's: any of its fields may hold anything.
#[derive(Deserialize, Default)]
struct WireCard {
    #[serde(default)]
    license: OneOrMany,
    #[serde(default)]
    license_name: OneOrMany,
    #[serde(default)]
    license_link: OneOrMany,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
    Other(serde::de::IgnoredAny),
}

impl Default for OneOrMany {
    fn default() -> Self {
        Self::Other(serde::de::IgnoredAny)
    }
}

impl OneOrMany {
    fn text(self) -> Option<String> {
        Vec::from(self).into_iter().next()
    }
}

impl From<OneOrMany> for Vec<String> {
    fn from(some: OneOrMany) -> Self {
        match some {
            OneOrMany::One(text) => vec![text],
            OneOrMany::Many(texts) => texts,
            OneOrMany::Other(_) => Vec::new(),
        }
    }
}

impl From<WireGate> for Gate {
    fn from(wire: WireGate) -> Self {
        match wire {
            WireGate::None | WireGate::Flag(false) => Self::Open,
            WireGate::Word(word) if word == "auto" => Self::Automatic,
            WireGate::Word(_) | WireGate::Flag(true) => Self::Manual,
        }
    }
}
