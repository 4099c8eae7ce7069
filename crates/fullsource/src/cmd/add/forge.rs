//! What the addresses of GitHub, GitLab and Codeberg are about.

use super::url::Url;

/// What lies at an address of a forge.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// A repository, by its path without `.git`.
    Repository { path: String },
    /// A repository at a commit, a branch or a tag, and a path in it: what is which is not told.
    At { path: String, tail: Vec<String> },
    /// A file to download.
    Served,
    /// Something else: an issue, a wiki, a list.
    Other,
}

/// What an address is about, where its host is a forge, and it is not that of a repository to clone.
pub(super) fn page(address: &Url) -> Option<Page> {
    let parts: Vec<&str> = address.parts.iter().map(String::as_str).collect();
    if parts.iter().any(|part| part.ends_with(".git") || part.contains(".git@")) {
        return None;
    }
    match site(address) {
        "github.com" if address.host == RAW => raw_github(&parts),
        "github.com" => Some(github(&parts)),
        "codeberg.org" => Some(codeberg(&parts)),
        site if site == "gitlab.com" || parts.contains(&"-") => Some(gitlab(&parts)),
        _ => None,
    }
}

/// Where GitHub serves single files.
const RAW: &str = "raw.githubusercontent.com";

/// The host that the repositories are cloned from.
pub(super) fn site(address: &Url) -> &str {
    match address.host.as_str() {
        RAW => "github.com",
        host => host.strip_prefix("www.").unwrap_or(host),
    }
}

fn owned(parts: &[&str]) -> Vec<String> {
    parts.iter().map(|part| (*part).to_owned()).collect()
}

fn at(repository: &[&str], tail: &[&str]) -> Page {
    Page::At { path: repository.join("/"), tail: owned(tail) }
}

fn github(parts: &[&str]) -> Page {
    let [org, name, rest @ ..] = parts else { return Page::Other };
    // `org/repo@v1` is what workflows have.
    let (name, reference) = name.split_once('@').unwrap_or((name, ""));
    let repository = [*org, name];
    match rest {
        [] if reference.is_empty() => Page::Repository { path: repository.join("/") },
        [] => at(&repository, &[reference]),
        ["tree" | "blob" | "raw" | "commit", tail @ ..] if !tail.is_empty() => {
            at(&repository, tail)
        }
        ["releases", "tag", tag @ ..] if !tag.is_empty() => at(&repository, &[&tag.join("/")]),
        ["releases", "download" | "latest", _, ..] | ["archive", _, ..] => Page::Served,
        _ => Page::Other,
    }
}

/// `ORG/NAME/REFERENCE/PATH`, the reference as `refs/heads/NAME`, too.
fn raw_github(parts: &[&str]) -> Option<Page> {
    match parts {
        [org, name, "refs", "heads" | "tags", tail @ ..] | [org, name, tail @ ..]
            if !tail.is_empty() =>
        {
            Some(at(&[org, name], tail))
        }
        _ => None,
    }
}

/// Groups nest; `-` ends the repository's path.
fn gitlab(parts: &[&str]) -> Page {
    let Some(dash) = parts.iter().position(|part| *part == "-") else {
        return match parts.len() {
            0 | 1 => Page::Other,
            _ => Page::Repository { path: parts.join("/") },
        };
    };
    let repository = &parts[..dash];
    match &parts[dash + 1..] {
        _ if repository.len() < 2 => Page::Other,
        ["tree" | "blob" | "raw" | "commit" | "tags", tail @ ..] if !tail.is_empty() => {
            at(repository, tail)
        }
        ["releases", _, "downloads", ..] | ["archive", _, ..] => Page::Served,
        ["releases", tag] => at(repository, &[tag]),
        _ => Page::Other,
    }
}

fn codeberg(parts: &[&str]) -> Page {
    let [org, name, rest @ ..] = parts else { return Page::Other };
    let repository = [*org, *name];
    match rest {
        [] => Page::Repository { path: repository.join("/") },
        ["src" | "raw", "branch" | "tag" | "commit", tail @ ..] if !tail.is_empty() => {
            at(&repository, tail)
        }
        ["commit", commit, ..] => at(&repository, &[commit]),
        ["releases", "tag", tag @ ..] if !tag.is_empty() => at(&repository, &[&tag.join("/")]),
        ["releases", "download", _, ..] | ["archive", _, ..] => Page::Served,
        _ => Page::Other,
    }
}
