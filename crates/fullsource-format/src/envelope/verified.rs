//! What came out of an envelope: vouched for, or not.

use crate::digest::Sha256;
use crate::json::UnknownFields;
use crate::key::PublicKey;
use crate::statement::{Statement, StatementError};

/// A value that came out of an envelope whose signature a trusted key made. Made here only.
#[derive(Debug, Clone)]
pub struct Verified<T> {
    pub(super) value: T,
    pub(super) id: Sha256,
    pub(super) signers: Vec<PublicKey>,
}

impl<T> Verified<T> {
    /// The value.
    pub const fn value(&self) -> &T {
        &self.value
    }

    /// The statement id: SHA-256 of the payload bytes.
    pub const fn id(&self) -> Sha256 {
        self.id
    }

    /// The trusted keys that made a signature over it, each once, in the order they were given.
    pub fn signers(&self) -> &[PublicKey] {
        &self.signers
    }
}

/// A value that nobody vouches for.
#[derive(Debug, Clone)]
pub struct Unverified<T> {
    pub(super) value: T,
    pub(super) id: Sha256,
}

impl<T> Unverified<T> {
    /// The value.
    pub const fn value(&self) -> &T {
        &self.value
    }

    /// The statement id: SHA-256 of the payload bytes.
    pub const fn id(&self) -> Sha256 {
        self.id
    }
}

impl Unverified<Statement> {
    /// Reads a statement that is not signed at all.
    pub fn from_payload(payload: &[u8]) -> Result<Self, StatementError> {
        let value = Statement::parse(payload, UnknownFields::Ignore)?;
        Ok(Self { value, id: Sha256::of(payload) })
    }
}
