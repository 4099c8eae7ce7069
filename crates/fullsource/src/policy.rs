//! Policies: built in, or files in TOML.

use std::path::Path;

use fullsource_format::json::Place;
use fullsource_format::limits;
use fullsource_verify::finding::Code;
use fullsource_verify::policy::{Policy, WirePolicy};

use crate::exit::Failure;
use crate::input;

/// The built-in policy that asks for signature and files alone.
const WEIGHTS_ONLY: &str = include_str!("policy/weights-only.toml");

/// The policy of this name or file; the standard where none is named.
pub(crate) fn read(name: Option<&str>) -> Result<Policy, Failure> {
    match name {
        None | Some("default") => Ok(Policy::standard()),
        Some("weights-only") => parse(Path::new("weights-only"), WEIGHTS_ONLY.as_bytes()),
        Some(file) => {
            let path = Path::new(file);
            let help = "name a TOML file, or a built-in policy: default, weights-only";
            let bytes = input::read(path, limits::POLICY_BYTES).map_err(|failure| {
                let failure = failure.unread(Code::PolicyMalformed);
                if path.exists() { failure } else { failure.helping(help) }
            })?;
            parse(path, &bytes)
        }
    }
}

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
