//! Roles: what an artifact is for. The list is open; an unknown role is kept.
//!
//! Spec: `spec/v0.1/registry/roles.toml`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::text::from_text;

/// A text that is not of the form of a role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a role: a category, a dot and a name, such as `weights.final`")]
pub struct RoleError(String);

/// What kind of thing a role is, which decides the licence table that it is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Category {
    /// `weights.*` and `model.*`.
    Weights,
    /// `code.*`, `config.*`, `tokenizer.*` and `env.*`.
    Code,
    /// `data.*`.
    Data,
    /// `doc.*`, `log.*`, `eval.*` and `attestation.*`.
    Doc,
    /// A category that the registry does not have.
    Unknown,
}

/// A role such as `weights.final`: lower case, a category, a dot and a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Role(Cow<'static, str>);

/// The registered roles, in the order of the registry.
pub const REGISTERED: &[&str] = &[
    "weights.final",
    "weights.intermediate",
    "weights.optimizer",
    "weights.reward",
    "config.model",
    "config.training",
    "config.transform",
    "tokenizer.model",
    "code.architecture",
    "code.inference",
    "code.training",
    "code.preprocessing",
    "code.data-collection",
    "code.transform",
    "code.simulator",
    "code.evaluation",
    "data.pretraining",
    "data.midtraining",
    "data.sft",
    "data.preference",
    "data.rl-prompts",
    "data.synthetic",
    "data.calibration",
    "data.tokenizer",
    "data.evaluation",
    "data.index",
    "doc.model-card",
    "doc.data-card",
    "doc.data-information",
    "doc.annotation-guidelines",
    "doc.technical-report",
    "doc.paper",
    "doc.training-content-summary",
    "doc.license",
    "doc.compute",
    "env.lock",
    "env.container",
    "env.toolchain",
    "env.system",
    "log.training",
    "eval.results",
    "attestation.rebuild",
    "model.base",
    "model.teacher",
    "model.reward",
];

/// The roles that may be declared not applicable (`man-20`).
pub const MAY_BE_NOT_APPLICABLE: &[&str] =
    &["config.model", "tokenizer.model", "config.training", "code.preprocessing"];

impl Role {
    /// The role as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the registry has it. An unregistered role is kept and judged as unknown.
    pub fn is_registered(&self) -> bool {
        REGISTERED.contains(&self.as_str())
    }

    /// What stands before the dot.
    pub fn category(&self) -> Category {
        match self.0.split('.').next() {
            Some("weights" | "model") => Category::Weights,
            Some("code" | "config" | "tokenizer" | "env") => Category::Code,
            Some("data") => Category::Data,
            Some("doc" | "log" | "eval" | "attestation") => Category::Doc,
            _ => Category::Unknown,
        }
    }

    /// Whether the role is one of `weights.*`.
    pub fn is_weights(&self) -> bool {
        self.0.starts_with("weights.")
    }
}

impl FromStr for Role {
    type Err = RoleError;
    fn from_str(text: &str) -> Result<Self, RoleError> {
        let word = |part: &str| {
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            part.starts_with(|c: char| c.is_ascii_lowercase()) && part.bytes().all(plain)
        };
        match text.split_once('.') {
            Some((category, name)) if text.len() <= 64 && word(category) && word(name) => {
                let registered = REGISTERED.iter().find(|role| **role == text);
                Ok(Self(registered.map_or_else(|| text.to_owned().into(), |role| (*role).into())))
            }
            _ => Err(RoleError(text.chars().take(64).collect())),
        }
    }
}

impl AsRef<str> for Role {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq<str> for Role {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from_text(from)
    }
}

impl JsonSchema for Role {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Role".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[a-z][a-z0-9-]*\\.[a-z][a-z0-9-]*$",
            "maxLength": 64,
            "examples": REGISTERED,
            "description": "What an artifact is for. An unregistered role is kept and judged as unknown."
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_registered_role_reads_and_has_a_category() {
        for role in REGISTERED {
            let role: Role = role.parse().unwrap();
            assert!(role.is_registered());
            assert_ne!(role.category(), Category::Unknown, "{role}");
        }
    }

    #[test]
    fn an_unknown_role_is_kept_and_a_malformed_one_refused() {
        let role: Role = "data.future".parse().unwrap();
        assert!(!role.is_registered());
        for bad in ["weights", "Weights.final", "weights.", ".final", "a.b.c", "weights.-x"] {
            assert!(bad.parse::<Role>().is_err(), "{bad}");
        }
    }
}
