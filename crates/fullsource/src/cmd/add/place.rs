//! From what people have to what there is to resolve: addresses of forges, of the hub and of
//! registries, short names, and locators.

use fullsource_format::digest::{GitId, Sha256};
use fullsource_format::locator::{GitTransport, HubKind, Locator, LocatorError};
use fullsource_format::path::{PathError, RelPath};
use fullsource_format::role::{Category, Role};

use super::forge::{self, Page};
use super::url::{self, Url};

/// What has to be asked before there is a pinned locator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    /// Nothing.
    Pinned(Locator),
    /// The commit of a git repository.
    Git { transport: GitTransport, repository: String, at: Reference, path: Option<RelPath> },
    /// The commit of a repository of the hub.
    Hub { kind: HubKind, name: String, revision: Option<String>, path: Option<RelPath> },
    /// The digest of a tag of a registry; none: `latest`.
    Oci { reference: String, tag: Option<String> },
}

/// Where in a git repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reference {
    /// Where its HEAD points.
    Head,
    /// A branch or a tag.
    Named(String),
    /// A branch or a tag, whose name may hold `/`, then a path: the parts of a forge's address.
    Tail(Vec<String>),
}

/// Why a text is no place that can be recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum PlaceError {
    /// Neither a path that is there, nor anything else.
    #[error("`{0}` is neither a path in the release nor an address")]
    Unknown(String),
    /// A way to git that needs an account.
    #[error("`{0}` needs an account: others cannot look there")]
    Ssh(String, String),
    /// A way that anyone on it can change.
    #[error("`{0}` is not encrypted: what comes from there is anybody's")]
    Plain(String, String),
    /// A page about something, which is not the thing.
    #[error("`{0}` is a page of a site, not a source")]
    Page(String),
    /// A path in the address and another one beside it.
    #[error("the address selects `{0}`, and `--path` selects `{1}`")]
    TwoPaths(String, String),
    /// A place that has no parts.
    #[error("`--path` selects in git, the hub and archives, not in `{0}`")]
    NoParts(String),
    /// An address that cannot be written as a locator.
    #[error(transparent)]
    Locator(#[from] LocatorError),
    /// What it selects is no path.
    #[error(transparent)]
    Path(#[from] PathError),
}

impl PlaceError {
    /// What to do.
    pub(super) fn help(&self) -> String {
        match self {
            Self::Unknown(text) if text.contains('/') && !text.contains(':') => {
                format!("a path lies in the release and is there; an address starts as in `https://{text}`")
            }
            Self::Unknown(_) => {
                "`fullsource add --help` lists the forms; a model of the hub without an organisation \
                 is `hf:NAME`"
                    .to_owned()
            }
            Self::Ssh(_, https) => format!("use https: `{https}`"),
            Self::Plain(_, https) => format!("use https: `{https}`"),
            Self::Page(_) => {
                "give the repository, a directory or a file of it, or a download".to_owned()
            }
            Self::TwoPaths(..) => "give one of them".to_owned(),
            Self::NoParts(_) => "leave `--path` out".to_owned(),
            Self::Locator(_) | Self::Path(_) => {
                "`fullsource add --help` lists the forms that can be resolved".to_owned()
            }
        }
    }
}

/// Reads what stands for a place elsewhere. What has to be assumed is said.
pub(super) fn read(text: &str, role: &Role, said: &mut Vec<String>) -> Result<Request, PlaceError> {
    let text = text.trim();
    let Some((scheme, rest)) = url::split_scheme(text) else {
        return bare(text, role, said);
    };
    match scheme {
        "https" => https(text, said),
        "git+https" => git(GitTransport::Https, slashes(text, rest)?),
        "git+file" => git(GitTransport::File, slashes(text, rest)?),
        "hf" => hub(rest.strip_prefix("//").unwrap_or(rest), role, said),
        "oci" | "docker" => oci(scheme, rest.strip_prefix("//").unwrap_or(rest), said),
        "swh" => swh(text, said),
        "ssh" | "git+ssh" => Err(PlaceError::Ssh(text.to_owned(), over_https(rest))),
        "http" | "git" | "git+http" => {
            let git = if scheme == "http" { "" } else { "git+" };
            Err(PlaceError::Plain(text.to_owned(), format!("{git}https:{rest}")))
        }
        // `git@host:org/repo.git`, or a locator of another scheme, which is pinned by its digest.
        _ if scheme.contains('@') => {
            let https = over_https(&format!("{scheme}/{rest}"));
            Err(PlaceError::Ssh(text.to_owned(), https))
        }
        _ => Ok(Request::Pinned(text.parse()?)),
    }
}

impl Request {
    /// The same, of a file or a directory inside.
    pub(super) fn selecting(mut self, inside: RelPath) -> Result<Self, PlaceError> {
        let path = match &mut self {
            Self::Pinned(Locator::Https { path, .. })
            | Self::Pinned(Locator::Git { path, .. })
            | Self::Pinned(Locator::Hub { path, .. })
            | Self::Git { path, .. }
            | Self::Hub { path, .. } => path,
            Self::Pinned(other) => return Err(PlaceError::NoParts(other.to_string())),
            Self::Oci { reference, .. } => return Err(PlaceError::NoParts(reference.clone())),
        };
        match path {
            Some(there) if *there != inside => {
                Err(PlaceError::TwoPaths(there.to_string(), inside.to_string()))
            }
            _ => {
                *path = Some(inside);
                Ok(self)
            }
        }
    }
}

/// The https address of what ssh has as `//user@host:port/path`.
fn over_https(rest: &str) -> String {
    let rest = rest.trim_start_matches('/');
    let rest = rest.split_once('@').map_or(rest, |(_, rest)| rest);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.split(':').next().unwrap_or(host);
    let path = path.strip_suffix(".git").unwrap_or(path);
    format!("https://{host}/{path}.git")
}

fn slashes<'a>(text: &str, rest: &'a str) -> Result<&'a str, PlaceError> {
    rest.strip_prefix("//").ok_or_else(|| LocatorError::Host(text.to_owned()).into())
}

/// `org/name` of the hub, with a revision or without.
fn bare(text: &str, role: &Role, said: &mut Vec<String>) -> Result<Request, PlaceError> {
    let name = text.split(['@', '#']).next().unwrap_or(text);
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && part.bytes().all(plain);
    let mut parts = name.split('/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(org), Some(name), None) if part(org) && part(name) => hub(text, role, said),
        _ => Err(PlaceError::Unknown(text.to_owned())),
    }
}

/// `[models/|datasets/]ORG/NAME[@REVISION][/PATH|#path=PATH]`.
fn hub(rest: &str, role: &Role, said: &mut Vec<String>) -> Result<Request, PlaceError> {
    let (rest, path) = url::fragment(rest)?;
    let (kind, rest) = match rest.split_once('/') {
        Some(("models", rest)) => (HubKind::Models, rest),
        Some(("datasets", rest)) => (HubKind::Datasets, rest),
        _ => {
            let data = role.category() == Category::Data;
            let (kind, word) =
                if data { (HubKind::Datasets, "data set") } else { (HubKind::Models, "model") };
            said.push(format!(
                "`{rest}` is taken for the {word} of that name on the hub, by its role"
            ));
            (kind, rest)
        }
    };
    let (name, revision) = match rest.split_once('@') {
        Some((name, revision)) => (name, Some(revision)),
        None => (rest, None),
    };
    of_hub(kind, name, revision, path)
}

fn of_hub(
    kind: HubKind,
    name: &str,
    revision: Option<&str>,
    path: Option<RelPath>,
) -> Result<Request, PlaceError> {
    let word = if kind == HubKind::Models { "models" } else { "datasets" };
    let at = |commit: &str| format!("hf:{word}/{name}@{commit}").parse::<Locator>();
    // What is no name must not be asked for.
    at(NO_COMMIT)?;
    let pinned = revision.and_then(|revision| at(revision).ok());
    match pinned {
        Some(Locator::Hub { kind, name, commit, .. }) => {
            Ok(Request::Pinned(Locator::Hub { kind, name, commit, path }))
        }
        _ => {
            let revision = revision.map(str::to_owned);
            Ok(Request::Hub { kind, name: name.to_owned(), revision, path })
        }
    }
}

/// Stands for a commit where only the rest of a locator is held against its rules.
const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

fn https(text: &str, said: &mut Vec<String>) -> Result<Request, PlaceError> {
    let Some(address) = Url::read(text) else { return Ok(Request::Pinned(text.parse()?)) };
    if matches!(address.host.as_str(), "huggingface.co" | "www.huggingface.co" | "hf.co") {
        return hub_page(text, &address);
    }
    if let Some(page) = forge::page(&address) {
        let repository = |path: &str| format!("{}/{path}.git", forge::site(&address));
        return match page {
            Page::Served => plain(text, said),
            Page::Other => Err(PlaceError::Page(text.to_owned())),
            Page::Repository { path } => {
                of_git(GitTransport::Https, repository(&path), Reference::Head, None)
            }
            Page::At { path, tail } => {
                of_git(GitTransport::Https, repository(&path), Reference::Tail(tail), None)
            }
        };
    }
    let before = text.split(['#', '?']).next().unwrap_or(text);
    if before.ends_with(".git") || before.contains(".git@") {
        return git(GitTransport::Https, text.trim_start_matches("https://"));
    }
    plain(text, said)
}

/// What is recorded as it is served.
fn plain(text: &str, said: &mut Vec<String>) -> Result<Request, PlaceError> {
    let locator: Locator = text.parse()?;
    if text.contains("/archive/") {
        said.push(
            "forges pack such archives anew: the digest of their content stays, that of the archive \
             may not; the address of the repository would pin a commit"
                .to_owned(),
        );
    }
    if text.contains("/latest/") {
        said.push(
            "the address says `latest`: what lies there changes with the next release".to_owned(),
        );
    }
    Ok(Request::Pinned(locator))
}

/// `[datasets/]ORG/NAME[/tree|blob|resolve|raw/REVISION[/PATH]|/commit/COMMIT]`.
fn hub_page(text: &str, address: &Url) -> Result<Request, PlaceError> {
    let parts: Vec<&str> = address.parts.iter().map(String::as_str).collect();
    let (kind, parts) = match &parts[..] {
        ["datasets", rest @ ..] => (HubKind::Datasets, rest),
        ["spaces" | "docs" | "papers" | "blog" | "collections", ..] => {
            return Err(PlaceError::Page(text.to_owned()));
        }
        all => (HubKind::Models, all),
    };
    match parts {
        [name] => of_hub(kind, name, None, None),
        [org, name] | [org, name, "tree"] => of_hub(kind, &format!("{org}/{name}"), None, None),
        [org, name, "tree" | "blob" | "resolve" | "raw" | "commit", revision, path @ ..] => {
            let path = match path {
                [] => None,
                path => Some(path.join("/").parse()?),
            };
            of_hub(kind, &format!("{org}/{name}"), Some(revision), path)
        }
        _ => Err(PlaceError::Page(text.to_owned())),
    }
}

/// `HOST/PATH[@REFERENCE][#path=PATH]`.
fn git(transport: GitTransport, rest: &str) -> Result<Request, PlaceError> {
    let (rest, path) = url::fragment(rest)?;
    let at = match rest.rfind(".git@") {
        Some(at) => Some(at + 4),
        // A part that starts with `@` is the name of an owner.
        None => rest.rfind('@').filter(|at| !rest[..*at].ends_with('/')),
    };
    // Before the first `/` it would be a user name, which the locator's rules refuse.
    let slash = rest.find('/').unwrap_or(0);
    let (repository, reference) = match at.filter(|at| *at > slash) {
        Some(at) => (&rest[..at], Reference::Named(rest[at + 1..].to_owned())),
        None => (rest, Reference::Head),
    };
    of_git(transport, repository.to_owned(), reference, path)
}

fn of_git(
    transport: GitTransport,
    repository: String,
    at: Reference,
    path: Option<RelPath>,
) -> Result<Request, PlaceError> {
    let scheme = if transport == GitTransport::Https { "git+https" } else { "git+file" };
    let checked: Locator = format!("{scheme}://{repository}@{NO_COMMIT}").parse()?;
    let (name, inside) = match &at {
        Reference::Named(name) => (Some(name), None),
        Reference::Tail(parts) if parts.len() > 1 => {
            (parts.first(), parts[1..].join("/").parse::<RelPath>().ok())
        }
        Reference::Tail(parts) => (parts.first(), None),
        Reference::Head => (None, None),
    };
    let commit = name.and_then(|name| name.parse::<GitId>().ok());
    match (commit, checked) {
        (Some(commit), Locator::Git { transport, repository, .. }) => {
            let path = path.or(inside);
            Ok(Request::Pinned(Locator::Git { transport, repository, commit, path }))
        }
        _ => Ok(Request::Git { transport, repository, at, path }),
    }
}

/// `REGISTRY/NAME[:TAG][@sha256:DIGEST]`.
fn oci(scheme: &str, rest: &str, said: &mut Vec<String>) -> Result<Request, PlaceError> {
    let (name, digest) = match rest.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (rest, None),
    };
    let last = name.rfind('/').map_or(0, |slash| slash + 1);
    let (name, tag) = match name[last..].rfind(':') {
        Some(colon) => (&name[..last + colon], Some(&name[last + colon + 1..])),
        None => (name, None),
    };
    let registry = name.split('/').next().unwrap_or_default();
    let named = name.contains('/') && (registry.contains(['.', ':']) || registry == "localhost");
    let reference = match (scheme, named) {
        ("docker", false) => {
            let library = if name.contains('/') { "" } else { "library/" };
            let whole = format!("docker.io/{library}{name}");
            said.push(format!("`{name}` is taken for `{whole}`, as docker does"));
            whole
        }
        _ => name.to_owned(),
    };
    let pinned = |digest: &str| format!("oci:{reference}@{digest}").parse::<Locator>();
    if let Some(digest) = digest {
        if let Some(tag) = tag {
            said.push(format!("the tag `{tag}` is left out: the digest says which"));
        }
        return Ok(Request::Pinned(pinned(digest)?));
    }
    pinned(&format!("sha256:{}", Sha256::new([0; 32])))?;
    Ok(Request::Oci { reference, tag: tag.map(str::to_owned) })
}

/// An id of Software Heritage, without the qualifiers that say where it was found.
fn swh(text: &str, said: &mut Vec<String>) -> Result<Request, PlaceError> {
    let (core, qualifiers) = text.split_once(';').unwrap_or((text, ""));
    if !qualifiers.is_empty() {
        said.push(format!("`;{qualifiers}` is left out: it is no part of the id"));
    }
    Ok(Request::Pinned(core.parse()?))
}

#[cfg(test)]
#[path = "place_tests.rs"]
mod tests;
