//! Web addresses, as far as their parts tell what lies there.

use fullsource_format::path::RelPath;

use super::place::PlaceError;

/// An `https:` address without query and fragment.
#[derive(Debug)]
pub(super) struct Url {
    /// Lower case, with a port where one is given.
    pub(super) host: String,
    /// The parts of its path, decoded; no empty ones.
    pub(super) parts: Vec<String>,
}

impl Url {
    /// Reads an address; none where it holds a user name, or what cannot be decoded.
    pub(super) fn read(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("https://")?;
        let rest = rest.split(['?', '#']).next()?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        if host.is_empty() || host.contains('@') {
            return None;
        }
        let parts = path.split('/').filter(|part| !part.is_empty()).map(decoded);
        Some(Self { host: host.to_ascii_lowercase(), parts: parts.collect::<Option<_>>()? })
    }
}

/// What stands before the first `:`, where it is a scheme, or the user and host of scp's form.
pub(super) fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.' | b'@' | b'_');
    let starts = scheme.len() > 1 && scheme.as_bytes()[0].is_ascii_alphabetic();
    (starts && scheme.bytes().all(plain)).then_some((scheme, rest))
}

/// Splits `#path=PATH` off. Another fragment is refused, as in a locator.
pub(super) fn fragment(rest: &str) -> Result<(&str, Option<RelPath>), PlaceError> {
    let Some((rest, fragment)) = rest.split_once('#') else { return Ok((rest, None)) };
    let path = fragment.strip_prefix("path=").and_then(decoded);
    let refused = || fullsource_format::locator::LocatorError::Fragment(fragment.to_owned());
    Ok((rest, Some(path.ok_or_else(refused)?.parse()?)))
}

/// Resolves `%XX`; none where it is not UTF-8.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut parts = text.split('%');
    bytes.extend_from_slice(parts.next()?.as_bytes());
    for part in parts {
        let hex = part.get(..2).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))?;
        bytes.push(u8::from_str_radix(hex, 16).ok()?);
        bytes.extend_from_slice(part.get(2..)?.as_bytes());
    }
    String::from_utf8(bytes).ok()
}
