//! From text to locator, scheme by scheme (`loc-1` to `loc-11`).

use std::str::FromStr;

use super::{BYTES, GitTransport, HubKind, Locator, LocatorError, SCHEMES, Store};
use crate::digest::GitId;
use crate::path::RelPath;

impl FromStr for Locator {
    type Err = LocatorError;
    fn from_str(text: &str) -> Result<Self, LocatorError> {
        if text.len() > BYTES {
            return Err(LocatorError::TooLong(text.len()));
        }
        let Some((scheme, rest)) = split_scheme(text) else {
            return Ok(Self::Relative(text.parse()?));
        };
        if !SCHEMES.contains(&scheme) {
            return Err(LocatorError::Scheme(scheme.to_owned()));
        }
        let forbidden =
            |c: &char| c.is_control() || c.is_whitespace() || "\"<>\\^`{|}".contains(*c);
        if let Some(c) = rest.chars().find(forbidden) {
            return Err(LocatorError::Character(c));
        }
        let (rest, path) = split_fragment(rest)?;
        match scheme {
            "https" => https(rest, path),
            "git+https" => git(GitTransport::Https, authority(rest, text)?, path),
            "git+file" => git(GitTransport::File, local(rest, text)?, path),
            "hf" => hub(rest, path),
            "oci" => whole(path).and_then(|()| oci(rest)),
            "swh" => whole(path).and_then(|()| swh(text)),
            store => whole(path).and_then(|()| object(store, authority(rest, text)?)),
        }
    }
}

/// Splits `scheme:rest`. A colon behind a `/` belongs to a path, and so does one behind a letter
/// alone: that is a drive, which the path rules refuse.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let starts = scheme.len() > 1 && scheme.as_bytes()[0].is_ascii_alphabetic();
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
    (starts && scheme.bytes().all(plain)).then_some((scheme, rest))
}

fn split_fragment(rest: &str) -> Result<(&str, Option<RelPath>), LocatorError> {
    match rest.split_once('#') {
        None => Ok((rest, None)),
        Some((before, fragment)) => match fragment.strip_prefix("path=") {
            Some(path) => Ok((before, Some(percent_decode(path)?.parse()?))),
            None => Err(LocatorError::Fragment(fragment.to_owned())),
        },
    }
}

/// Decodes `%XX`; what is not UTF-8 afterwards has no path.
fn percent_decode(text: &str) -> Result<String, LocatorError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = (byte == b'%').then(|| after.get(..2)).flatten();
        let code = code.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        match code.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()) {
            Some(decoded) => (bytes.push(decoded), rest = &after[2..]).1,
            None if byte == b'%' => return Err(LocatorError::Character('%')),
            None => (bytes.push(byte), rest = after).1,
        }
    }
    String::from_utf8(bytes).map_err(|_| LocatorError::Character('%'))
}

/// A locator of this scheme names a whole: `#path=` has nothing to select in.
fn whole(path: Option<RelPath>) -> Result<(), LocatorError> {
    match path {
        None => Ok(()),
        Some(path) => Err(LocatorError::Fragment(format!("path={path}"))),
    }
}

/// What follows `//`: a host without user info, and a path.
fn authority<'a>(rest: &'a str, locator: &str) -> Result<&'a str, LocatorError> {
    let no_host = || LocatorError::Host(locator.to_owned());
    let rest = rest.strip_prefix("//").ok_or_else(no_host)?;
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    // A commit behind `@` stands in the path, user info in the host.
    if host.contains('@') {
        return Err(LocatorError::UserInfo);
    }
    if host.is_empty() || host.starts_with(':') { Err(no_host()) } else { Ok(rest) }
}

fn local<'a>(rest: &'a str, locator: &str) -> Result<&'a str, LocatorError> {
    match rest.strip_prefix("//") {
        Some(path) if path.starts_with('/') => Ok(path),
        _ => Err(LocatorError::Host(locator.to_owned())),
    }
}

fn https(rest: &str, path: Option<RelPath>) -> Result<Locator, LocatorError> {
    let url = format!("https:{rest}");
    authority(rest, &url)?;
    Ok(Locator::Https { url, path })
}

fn git(
    transport: GitTransport,
    rest: &str,
    path: Option<RelPath>,
) -> Result<Locator, LocatorError> {
    let scheme = if transport == GitTransport::Https { "git+https" } else { "git+file" };
    let unpinned = || LocatorError::GitPin(format!("{scheme}://{rest}"));
    let (repository, commit) = rest.rsplit_once('@').ok_or_else(unpinned)?;
    let commit = commit.parse().map_err(|_| unpinned())?;
    Ok(Locator::Git { transport, repository: repository.to_owned(), commit, path })
}

fn hub(rest: &str, path: Option<RelPath>) -> Result<Locator, LocatorError> {
    let malformed = || LocatorError::Hub(format!("hf:{rest}"));
    let unpinned = || LocatorError::HubPin(format!("hf:{rest}"));
    let (kind, rest) = if let Some(rest) = rest.strip_prefix("models/") {
        (HubKind::Models, rest)
    } else if let Some(rest) = rest.strip_prefix("datasets/") {
        (HubKind::Datasets, rest)
    } else {
        return Err(malformed());
    };
    let (name, commit) = rest.split_once('@').ok_or_else(unpinned)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && part.bytes().all(plain);
    if name.split('/').count() > 2 || !name.split('/').all(part) {
        return Err(malformed());
    }
    match commit.parse() {
        Ok(commit @ GitId::Sha1(_)) => {
            Ok(Locator::Hub { kind, name: name.to_owned(), commit, path })
        }
        _ => Err(unpinned()),
    }
}

fn object(store: &str, address: &str) -> Result<Locator, LocatorError> {
    let store = match store {
        "s3" => Store::S3,
        "gs" => Store::Gs,
        _ => Store::Az,
    };
    Ok(Locator::Object { store, address: address.to_owned() })
}

fn oci(rest: &str) -> Result<Locator, LocatorError> {
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let unpinned = || LocatorError::OciPin(format!("oci:{rest}"));
    let (reference, digest) = rest.split_once("@sha256:").ok_or_else(unpinned)?;
    if reference.contains('@') {
        return Err(LocatorError::UserInfo);
    }
    if !reference.contains('/') || reference.starts_with('/') {
        return Err(LocatorError::Host(format!("oci:{rest}")));
    }
    let digest = digest.parse().map_err(|_| unpinned())?;
    Ok(Locator::Oci { reference: reference.to_owned(), digest })
}

fn swh(text: &str) -> Result<Locator, LocatorError> {
    let malformed = || LocatorError::Swhid(text.to_owned());
    let rest = text.strip_prefix("swh:1:").ok_or_else(malformed)?;
    let (kind, id) = rest.split_once(':').ok_or_else(malformed)?;
    let known = matches!(kind, "cnt" | "dir" | "rev");
    match id.parse() {
        Ok(GitId::Sha1(_)) if known => Ok(Locator::Swh(text.to_owned())),
        _ => Err(malformed()),
    }
}
