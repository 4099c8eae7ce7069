//! Registry and name of a repository.

use std::fmt;

use url::Url;

use crate::net::Net;
use crate::source::Trouble;

/// A repository of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Repository {
    /// The registry as it is written, which is how logins name it.
    pub(super) registry: String,
    /// The name, as the registry itself has it.
    pub(super) name: String,
}

/// Docker's own registry, which is asked under another name than it is written.
const DOCKER: [&str; 3] = ["docker.io", "index.docker.io", "registry-1.docker.io"];

impl Repository {
    /// Reads `REGISTRY/NAME`.
    pub(super) fn parse(text: &str) -> Result<Self, Trouble> {
        let no = || Trouble::skipped(format!("`{text}` is not REGISTRY/NAME"));
        let (registry, name) = text.split_once('/').ok_or_else(no)?;
        let registry = registry.to_ascii_lowercase();
        let url: Url = format!("https://{registry}/").parse().map_err(|_| no())?;
        let bare = url.path() == "/" && url.username().is_empty() && url.query().is_none();
        if !bare || registry.contains(['@', '\\', '#', '%']) || !is_name(name) {
            return Err(no());
        }
        if DOCKER.contains(&registry.as_str()) {
            let name = if name.contains('/') { name.to_owned() } else { format!("library/{name}") };
            return Ok(Self { registry: "docker.io".to_owned(), name });
        }
        Ok(Self { registry, name: name.to_owned() })
    }

    /// Reads `REGISTRY/NAME:TAG`; without a tag it is `latest`.
    pub(super) fn parse_tagged(text: &str) -> Result<(Self, String), Trouble> {
        let (before, last) = text.rsplit_once('/').unwrap_or(("", text));
        let (last, tag) = last.split_once(':').unwrap_or((last, "latest"));
        if !is_tag(tag) {
            return Err(Trouble::skipped(format!("`{tag}` is no tag")));
        }
        Ok((Self::parse(&format!("{before}/{last}"))?, tag.to_owned()))
    }

    /// The address that what is asked of this repository starts with. Plain HTTP only where the caller
    /// allowed it for this registry.
    pub(super) fn base(&self, net: &Net) -> Result<Url, Trouble> {
        let host = if self.registry == "docker.io" { DOCKER[2] } else { &self.registry };
        let at = |scheme| format!("{scheme}://{host}/v2/{}/", self.name).parse::<Url>();
        let no = |_| Trouble::skipped(format!("`{self}` has no address"));
        let plain = at("http").map_err(no)?;
        if net.allows_plain_http(&plain) { Ok(plain) } else { at("https").map_err(no) }
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.name)
    }
}

/// OCI distribution 1.1, "Pulling manifests": parts of lower-case letters and digits, with `.`, `_`
/// and `-` between them.
fn is_name(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    let outer = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let part =
        |part: &str| part.chars().all(inner) && part.starts_with(outer) && part.ends_with(outer);
    text.len() <= 255 && text.split('/').all(part)
}

fn is_tag(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    (1..=128).contains(&text.len()) && text.chars().all(plain) && !text.starts_with(['.', '-'])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it cannot go on")]
    use super::*;
    use crate::net::Settings;

    #[test]
    fn a_repository_has_one_address() {
        let net = Net::new(Settings::default()).unwrap();
        for (text, address) in [
            ("docker.io/ubuntu", "https://registry-1.docker.io/v2/library/ubuntu/"),
            ("index.docker.io/a/b", "https://registry-1.docker.io/v2/a/b/"),
            ("GHCR.io/a/b-c/d_e", "https://ghcr.io/v2/a/b-c/d_e/"),
            ("r.example:5000/x", "https://r.example:5000/v2/x/"),
            ("127.0.0.1:5000/x", "https://127.0.0.1:5000/v2/x/"),
        ] {
            let base = Repository::parse(text).unwrap().base(&net).unwrap();
            assert_eq!(base.as_str(), address);
        }
        let settings =
            Settings { allow: vec!["http://127.0.0.1".parse().unwrap()], ..net.settings().clone() };
        let net = Net::new(settings).unwrap();
        let base = Repository::parse("127.0.0.1:5000/x").unwrap().base(&net).unwrap();
        assert_eq!(base.as_str(), "http://127.0.0.1:5000/v2/x/");
    }

    #[test]
    fn what_is_no_name_is_not_asked_for() {
        for text in [
            "x",
            "/x",
            "r.example/",
            "r.example/X",
            "r.example/a//b",
            "r.example/../x",
            "r.example/a/..",
            "r.example/x:tag",
            "r.example/x?y",
            "u@r.example/x",
            "r.example#/x",
            "r.example/x%2fy",
            "r.example/-x",
            "r.example:x/y",
            "r.example\\/y",
        ] {
            assert!(Repository::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_tag_is_told_from_a_port() {
        let parse = |text: &str| Repository::parse_tagged(text).unwrap();
        assert_eq!(parse("r.example:5000/x").1, "latest");
        let (repository, tag) = parse("r.example:5000/a/x:v1.0");
        assert_eq!((repository.to_string().as_str(), tag.as_str()), ("r.example:5000/a/x", "v1.0"));
        assert!(Repository::parse_tagged("r.example/x:a/b").is_err());
        assert!(Repository::parse_tagged("r.example/x:").is_err());
    }
}
