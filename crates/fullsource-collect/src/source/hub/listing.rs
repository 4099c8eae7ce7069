//! What a commit of a hub repository holds, as the hub lists it: page by page, paths and ids.

use fullsource_format::digest::{GitId, Sha256};
use serde::Deserialize;
use url::Url;

use crate::source::Trouble;
use crate::tree::escaped;

/// One entry of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    /// From the repository's root.
    pub(super) path: String,
    pub(super) kind: Kind,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A file, its size, and the hub's word on its bytes.
    File { size: u64, word: HubWord },
    /// Its entries are listed themselves.
    Directory,
    /// What git has in a tree beside files and directories: a commit of another repository.
    Submodule(GitId),
}

/// What the hub says of a file's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HubWord {
    /// SHA-256 of the bytes: of files kept outside git (LFS, Xet).
    Sha256(Sha256),
    /// The id of the git blob that the bytes are.
    Blob([u8; 20]),
    /// Nothing that its bytes could be held against.
    None,
}

#[derive(Deserialize)]
struct WireEntry {
    #[serde(rename = "type")]
    kind: String,
    path: String,
    #[serde(default)]
    oid: Option<String>,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    lfs: Option<WireLfs>,
    #[serde(default, rename = "xetHash")]
    xet_hash: Option<String>,
}

#[derive(Deserialize)]
struct WireLfs {
    oid: String,
    size: u64,
}

/// Reads one page of a listing, or the answer to a question about paths.
pub(super) fn read_page(body: &[u8]) -> Result<Vec<Listed>, Trouble> {
    let entries: Vec<WireEntry> = serde_json::from_slice(body)
        .map_err(|error| Trouble::faulty(format!("the hub's listing cannot be read: {error}")))?;
    entries.into_iter().map(Listed::try_from).collect()
}

impl TryFrom<WireEntry> for Listed {
    type Error = Trouble;
    fn try_from(wire: WireEntry) -> Result<Self, Trouble> {
        let refuse = |what: &str| {
            let path = escaped(wire.path.as_bytes());
            Trouble::faulty(format!("the hub's listing cannot be read: `{path}` {what}"))
        };
        // A part that a URL would swallow: another file would be asked for in its name.
        if wire.path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(refuse("is no path inside a repository"));
        }
        let id = wire.oid.as_deref().and_then(|oid| oid.parse::<GitId>().ok());
        let kind = match (wire.kind.as_str(), &wire.lfs, id) {
            ("directory", _, _) => Kind::Directory,
            ("file", Some(lfs), _) => {
                let sha256 = lfs.oid.strip_prefix("sha256:").unwrap_or(&lfs.oid);
                let sha256 =
                    sha256.parse().map_err(|_| refuse("has an LFS id that is no SHA-256"))?;
                Kind::File { size: lfs.size, word: HubWord::Sha256(sha256) }
            }
            // Kept outside git, so that `oid` is of a pointer and not of the bytes.
            ("file", None, _) if wire.xet_hash.is_some() => {
                Kind::File { size: wire.size, word: HubWord::None }
            }
            ("file", None, Some(GitId::Sha1(blob))) => {
                Kind::File { size: wire.size, word: HubWord::Blob(blob) }
            }
            ("file", None, _) => Kind::File { size: wire.size, word: HubWord::None },
            (_, _, Some(commit)) => Kind::Submodule(commit),
            _ => return Err(refuse("is neither file nor directory")),
        };
        Ok(Self { path: wire.path, kind })
    }
}

/// The `cursor` of the next page, where a `Link` header (RFC 8288) tells of one. Only the cursor is
/// taken: the next page is asked of the same hub, whatever host the header names. Fails where there is
/// a next page and no cursor for it, lest a listing that goes on be taken for whole.
pub(super) fn next_cursor(link: &str, base: &Url) -> Result<Option<String>, Trouble> {
    let is_next = |parameter: &str| {
        let (name, value) = parameter.split_once('=').unwrap_or_default();
        name.trim().eq_ignore_ascii_case("rel") && value.trim().trim_matches('"') == "next"
    };
    let mut links = link.split('<').skip(1).filter_map(|link| link.split_once('>'));
    let next = links.find(|(_, parameters)| parameters.split([';', ',']).any(is_next));
    let Some((target, _)) = next else { return Ok(None) };
    let url = base.join(target).ok();
    let cursor = url.as_ref().and_then(|url| url.query_pairs().find(|(name, _)| name == "cursor"));
    match cursor {
        Some((_, cursor)) => Ok(Some(cursor.into_owned())),
        None => Err(Trouble::faulty("the hub's listing goes on at an address without a cursor")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOB: &str = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
    const LFS: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn page(entries: &serde_json::Value) -> Result<Vec<Listed>, Trouble> {
        read_page(entries.to_string().as_bytes())
    }

    fn kind(entry: &serde_json::Value) -> Kind {
        page(&serde_json::json!([entry])).unwrap()[0].kind
    }

    #[test]
    fn every_kind_of_entry_is_read() {
        let file = serde_json::json!({ "type": "file", "path": "a/b", "oid": BLOB, "size": 3 });
        let blob = match BLOB.parse() {
            Ok(GitId::Sha1(blob)) => blob,
            other => panic!("{other:?}"),
        };
        assert_eq!(kind(&file), Kind::File { size: 3, word: HubWord::Blob(blob) });
        let mut lfs = file.clone();
        lfs["lfs"] = serde_json::json!({ "oid": LFS, "size": 9, "pointerSize": 130 });
        let word = HubWord::Sha256(LFS.parse().unwrap());
        assert_eq!(kind(&lfs), Kind::File { size: 9, word });
        let mut xet = file.clone();
        xet["xetHash"] = "0".repeat(64).into();
        assert_eq!(kind(&xet), Kind::File { size: 3, word: HubWord::None });
        let unknown = serde_json::json!({ "type": "unknown", "path": "s", "oid": BLOB });
        assert_eq!(kind(&unknown), Kind::Submodule(GitId::Sha1(blob)));
    }

    #[test]
    fn paths_that_lead_elsewhere_are_refused() {
        for path in ["", "/a", "a//b", "a/", "../a", "a/../b", "."] {
            let listed = page(&serde_json::json!([{ "type": "file", "path": path, "size": 1 }]));
            assert!(listed.is_err(), "{path}");
        }
        assert!(page(&serde_json::json!({ "error": "?" })).is_err());
    }

    #[test]
    fn the_cursor_is_taken_from_the_next_link_of_any_host() {
        let base: Url = "https://hub.example/api/models/x/tree/1".parse().unwrap();
        let next = |link| next_cursor(link, &base).unwrap();
        let link = "<https://other.example/t?recursive=true&cursor=a%2Bb%3D>; rel=\"next\"";
        assert_eq!(next(link).unwrap(), "a+b=");
        assert_eq!(next("</t?cursor=1>; rel=\"prev\", </t?cursor=2>; rel=next").unwrap(), "2");
        assert_eq!(next("</t?cursor=1>; rel=\"prev\""), None);
        assert_eq!(next("nonsense"), None);
        assert!(next_cursor("</t?page=2>; rel=next", &base).is_err());
    }
}
