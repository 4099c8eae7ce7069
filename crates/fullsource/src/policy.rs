//! Policies: built in, or files in TOML.

use std::path::Path;

use fullsource_format::json::Place;
use fullsource_format::limits;
use fullsource_verify::finding::Code;
use fullsource_verify::policy::{Policy, WirePolicy};

use crate::exit::Failure;
use crate::{input, suggest};

/// The built-in policies beside `default`, each a document like any other (`pol-8`).
const BUILT_IN: &[(&str, &str)] = &[
    ("weights-only", include_str!("policy/weights-only.toml")),
    ("osi", include_str!("policy/osi.toml")),
    ("debian", include_str!("policy/debian.toml")),
    ("mof-1", include_str!("policy/mof-1.toml")),
    ("mof-2", include_str!("policy/mof-2.toml")),
    ("mof-3", include_str!("policy/mof-3.toml")),
];

/// The names of the built-in policies.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    std::iter::once("default").chain(BUILT_IN.iter().map(|(name, _)| *name))
}

/// The policy of this name or file; the standard where none is named.
pub(crate) fn read(name: Option<&str>) -> Result<Policy, Failure> {
    let Some(name) = name.filter(|name| *name != "default") else { return Ok(Policy::standard()) };
    if let Some((name, document)) = BUILT_IN.iter().find(|(built_in, _)| *built_in == name) {
        return parse(Path::new(name), document.as_bytes());
    }
    let path = Path::new(name);
    let bytes = input::read(path, limits::POLICY_BYTES).map_err(|failure| {
        let failure = failure.unread(Code::PolicyMalformed);
        if path.exists() { failure } else { failure.helping(suggest::helped(name, names(), HELP)) }
    })?;
    parse(path, &bytes)
}

/// What to do about a policy that there is not.
const HELP: &str = "name a TOML file, or a built-in policy: default, weights-only, osi, debian, mof-1, \
    mof-2, mof-3";

/// Reads a policy document (`pol-1`).
pub(crate) fn parse(path: &Path, bytes: &[u8]) -> Result<Policy, Failure> {
    let refused = |text: &dyn std::fmt::Display, offset: usize, length: usize| {
        let place = Place::at(bytes, offset, length);
        Failure::of(Code::PolicyMalformed, text).at(path, bytes, place)
    };
    let text = std::str::from_utf8(bytes)
        .map_err(|error| refused(&"the policy is not valid UTF-8 here", error.valid_up_to(), 1))?;
    let wire: WirePolicy = toml::from_str(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        refused(&error.message(), span.start, span.len().min(80))
    })?;
    Policy::try_from(wire).map_err(|error| refused(&error, 0, 1))
}
