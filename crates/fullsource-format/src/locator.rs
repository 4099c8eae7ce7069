//! Locators: where an artifact lies, always pinned.
//!
//! A branch, a tag or an unversioned name cannot be held by this type. Spec: `spec/v0.1/locator.md`.

mod parse;

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::digest::{GitId, Sha256};
use crate::path::{FileSelector, PathError, RelPath};
use crate::text::from_text;

/// The longest locator, in bytes.
const BYTES: usize = 8192;

/// Why a text is not a locator (`loc-*`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocatorError {
    /// A scheme that the registry does not have.
    #[error(
        "unknown scheme `{0}:`; use a relative path, https:, git+https:, git+file:, hf:, s3:, gs:, \
         az:, oci: or swh:"
    )]
    Scheme(String),
    /// A git locator without a full commit id.
    #[error(
        "`{0}` is not pinned: end it with `@` and the full commit id (40 or 64 hexadecimal digits), \
         not a branch or a tag; `git rev-parse REF^{{commit}}` gives it"
    )]
    GitPin(String),
    /// A hub locator without a commit id.
    #[error(
        "`{0}` is not pinned: end it with `@` and the commit id (40 hexadecimal digits), not a branch \
         or a tag; the hub shows it under \"Files and versions\""
    )]
    HubPin(String),
    /// A hub locator of another form.
    #[error("`{0}` is not a hub locator: hf:models/ORG/NAME@COMMIT or hf:datasets/ORG/NAME@COMMIT")]
    Hub(String),
    /// An OCI locator without a digest.
    #[error("`{0}` is not pinned: end it with `@sha256:` and 64 hexadecimal digits, not a tag")]
    OciPin(String),
    /// No SWHID.
    #[error(
        "`{0}` is not a SWHID: swh:1: then cnt, dir or rev, and 40 hexadecimal digits; a release or a snapshot is no content"
    )]
    Swhid(String),
    /// User name or password in a URL.
    #[error("a locator holds no user name or password; credentials come from the verifier's side")]
    UserInfo,
    /// No host, bucket, registry or repository.
    #[error("`{0}` names no host")]
    Host(String),
    /// A character that no URI has.
    #[error("a locator has no {0:?}; percent-encode it")]
    Character(char),
    /// A fragment other than `#path=`.
    #[error("`#{0}` is not a fragment of a locator; only `#path=PATH` is")]
    Fragment(String),
    /// A path that leaves its directory or has no single spelling.
    #[error("{0}")]
    Path(#[from] PathError),
    /// Longer than the limit.
    #[error("a locator has at most {BYTES} bytes, this has {0}")]
    TooLong(usize),
}

/// Where an artifact lies. Holds no branch, no tag, and no credentials.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Locator {
    /// A file of the release, or with a trailing `/` the files below a directory of it.
    Relative(FileSelector),
    /// A file or an archive at an `https:` address; pinned by the artifact's digest.
    Https {
        /// The address, without the fragment.
        url: String,
        /// A member or a directory of the archive that the address serves.
        path: Option<RelPath>,
    },
    /// A git repository at a commit.
    Git {
        /// How the repository is reached.
        transport: GitTransport,
        /// Host and path, or the absolute path of a repository on this machine.
        repository: String,
        /// The commit.
        commit: GitId,
        /// A file or a directory of the commit's tree.
        path: Option<RelPath>,
    },
    /// A repository of the Hugging Face hub at a commit.
    Hub {
        /// Models or data sets.
        kind: HubKind,
        /// `org/name`, or `name` alone where the hub has it.
        name: String,
        /// The commit.
        commit: GitId,
        /// A file or a directory of the commit's tree.
        path: Option<RelPath>,
    },
    /// An object or a prefix in an object store; pinned by the artifact's digest.
    Object {
        /// Which store.
        store: Store,
        /// Bucket or container, and key or prefix.
        address: String,
    },
    /// An OCI artifact or image by digest.
    Oci {
        /// Registry and repository.
        reference: String,
        /// The manifest's digest.
        digest: Sha256,
    },
    /// A Software Heritage id, core part.
    Swh(String),
}

/// How a git repository is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GitTransport {
    /// `git+https:`
    Https,
    /// `git+file:`, which is never public.
    File,
}

/// Which repositories of the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HubKind {
    /// `hf:models/`
    Models,
    /// `hf:datasets/`
    Datasets,
}

/// Which object store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Store {
    /// Amazon S3 and what speaks like it.
    S3,
    /// Google Cloud Storage.
    Gs,
    /// Azure Blob Storage.
    Az,
}

/// The registered schemes, in the order of the registry; a relative path has none.
pub const SCHEMES: &[&str] =
    &["https", "git+https", "git+file", "hf", "s3", "gs", "az", "oci", "swh"];

impl Locator {
    /// The scheme, or `path` for a path in the release.
    pub const fn scheme(&self) -> &'static str {
        match self {
            Self::Relative(_) => "path",
            Self::Https { .. } => "https",
            Self::Git { transport: GitTransport::Https, .. } => "git+https",
            Self::Git { transport: GitTransport::File, .. } => "git+file",
            Self::Hub { .. } => "hf",
            Self::Object { store: Store::S3, .. } => "s3",
            Self::Object { store: Store::Gs, .. } => "gs",
            Self::Object { store: Store::Az, .. } => "az",
            Self::Oci { .. } => "oci",
            Self::Swh(_) => "swh",
        }
    }
}

impl Locator {
    /// Whether whoever follows the locator shows a credential by that alone: a query that holds a
    /// signature (`loc-13`).
    pub fn carries_credential(&self) -> bool {
        let Self::Https { url, .. } = self else { return false };
        let query = url.split_once('?').map_or("", |(_, query)| query);
        query.split('&').any(|parameter| {
            let name = parameter.split('=').next().unwrap_or_default();
            SIGNED_QUERY.contains(&name)
        })
    }
}

/// Query parameters that hold a signature of S3, GCS, Azure or CloudFront.
const SIGNED_QUERY: &[&str] = &["Signature", "sig", "X-Amz-Signature", "X-Goog-Signature"];

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fragment = |f: &mut fmt::Formatter<'_>, path: &Option<RelPath>| match path {
            Some(path) => write!(f, "#path={}", percent_encode(path.as_str())),
            None => Ok(()),
        };
        match self {
            Self::Relative(selector) => selector.fmt(f),
            Self::Https { url, path } => f.write_str(url).and_then(|()| fragment(f, path)),
            Self::Git { repository, commit, path, .. } => {
                write!(f, "{}://{repository}@{commit}", self.scheme())?;
                fragment(f, path)
            }
            Self::Hub { kind, name, commit, path } => {
                let kind = if *kind == HubKind::Models { "models" } else { "datasets" };
                write!(f, "hf:{kind}/{name}@{commit}")?;
                fragment(f, path)
            }
            Self::Object { address, .. } => write!(f, "{}://{address}", self.scheme()),
            Self::Oci { reference, digest } => write!(f, "oci:{reference}@sha256:{digest}"),
            Self::Swh(id) => f.write_str(id),
        }
    }
}

fn percent_encode(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for c in path.chars() {
        if c.is_whitespace() || "%#\"<>\\^`{|}".contains(c) {
            let mut utf8 = [0; 4];
            c.encode_utf8(&mut utf8).bytes().for_each(|b| text.push_str(&format!("%{b:02X}")));
        } else {
            text.push(c);
        }
    }
    text
}

impl Serialize for Locator {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Locator {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from_text(from)
    }
}

impl JsonSchema for Locator {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Locator".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "minLength": 1,
            "maxLength": BYTES,
            "examples": [
                "data/corpus.txt",
                "https://example.org/corpus.tar.zst#path=corpus",
                "git+https://example.org/train.git@3b18e512dba79e4c8300dd08aeb37f8e728b8dad",
                "hf:datasets/org/name@3b18e512dba79e4c8300dd08aeb37f8e728b8dad"
            ],
            "description": "Where an artifact lies, pinned: a path in this release or a URI at a commit or digest. `fullsource check` holds it against the grammar of its scheme."
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "3b18e512dba79e4c8300dd08aeb37f8e728b8dad";

    #[test]
    fn a_locator_reads_back_as_it_was_written() {
        let sha = "9".repeat(64);
        for text in [
            "data/corpus.txt".to_owned(),
            "data/".to_owned(),
            "https://example.org/a.tar.gz?x=1#path=src/a%20b".to_owned(),
            format!("git+https://example.org/r.git@{COMMIT}#path=src"),
            format!("git+https://example.org/r@{sha}"),
            format!("git+file:///srv/r.git@{COMMIT}"),
            format!("hf:models/org/name@{COMMIT}#path=config.json"),
            format!("hf:datasets/squad@{COMMIT}"),
            "s3://bucket/prefix/".to_owned(),
            "gs://bucket/key".to_owned(),
            "az://container/key".to_owned(),
            format!("oci:registry.example/org/model@sha256:{sha}"),
            format!("swh:1:rev:{COMMIT}"),
        ] {
            assert_eq!(text.parse::<Locator>().unwrap().to_string(), text);
        }
    }

    /// `loc-13`: what shows a credential by itself is there for nobody else.
    #[test]
    fn a_signature_in_a_query_is_a_credential() {
        for (query, carries) in [
            ("", false),
            ("?x=1", false),
            ("?Signature=abc", true),
            ("?x=1&sig=abc", true),
            ("?X-Amz-Signature=abc&x=1", true),
            ("?X-Goog-Signature", true),
            ("?signature=abc", false),
            ("?x=sig", false),
        ] {
            let locator: Locator = format!("https://example.org/a{query}").parse().unwrap();
            assert_eq!(locator.carries_credential(), carries, "{query}");
        }
        assert!(!"s3://bucket/sig".parse::<Locator>().unwrap().carries_credential());
    }

    #[test]
    fn branches_tags_and_bare_names_are_refused_with_the_way_to_pin() {
        for text in [
            "git+https://example.org/r.git@main",
            "git+https://example.org/r.git",
            "git+https://example.org/r.git@3b18e51",
            "git+file:///srv/r.git@main",
            "hf:models/org/name",
            "hf:models/org/name@main",
            "oci:registry.example/org/model:latest",
        ] {
            let error = text.parse::<Locator>().unwrap_err().to_string();
            assert!(error.contains(&format!("`{text}` is not pinned")), "{text}: {error}");
        }
    }

    #[test]
    fn a_colon_alone_makes_no_scheme() {
        for text in [":x", "1a:b", "a/b:c"] {
            assert!(matches!(text.parse(), Ok(Locator::Relative(_))), "{text}");
        }
        assert!(matches!("C:/x".parse::<Locator>(), Err(LocatorError::Path(_))));
        assert!(matches!("ab:/x".parse::<Locator>(), Err(LocatorError::Scheme(_))));
    }

    #[test]
    fn user_info_foreign_schemes_and_traversal_are_refused() {
        for text in [
            "https://user@example.org/x",
            "https://user:secret@example.org/x",
            "http://example.org/x",
            "file:///etc/passwd",
            "git+ssh://git@example.org/r@3b18e512dba79e4c8300dd08aeb37f8e728b8dad",
            "../x",
            "/etc/passwd",
            "C:/x",
            "https:///x",
            "https://example.org/a b",
            "https://example.org/a#frag",
            "https://example.org/a#path=../x",
            "https://example.org/a#path=%2e%2e/x",
            "s3://b/k#path=x",
            "hf:models/../x@3b18e512dba79e4c8300dd08aeb37f8e728b8dad",
            "swh:1:rev:3b18",
            "",
        ] {
            assert!(text.parse::<Locator>().is_err(), "{text:?}");
        }
    }
}
