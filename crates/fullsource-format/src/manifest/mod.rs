//! The manifest: where the weights come from. As `fullsource.json` it is the author's file; as the
//! `predicate` of a statement it is what is signed.
//!
//! [`wire`] types hold what JSON holds; a [`Manifest`] is one whose semantic rules hold, too.
//!
//! Spec: `spec/v0.1/manifest.md`.

mod artifact;
mod command;
mod release;
mod rules;
mod stage;

use std::collections::HashMap;

use crate::json::{JsonError, Profiled, UnknownFields};
use crate::limits;
use crate::text::Id;
use crate::violation::Violation;

pub use artifact::{Availability, HumanAuthored, LicenseFile, PinnedLocator, SignedElsewhere};
pub use command::{Command, CommandError, CommandFault, Placeholder};
pub use release::{
    Closure, FileEntry, IndexRef, NotApplicable, Producer, Release, Tree, TreeDigest,
};
pub use stage::{
    Compare, CompareLimits, CompareMode, Compute, DataUse, Init, ModelUse, Runtime, Segment,
    StageKind, Use,
};

/// The types of the document as written: valid values, unchecked relations.
pub mod wire {
    pub use super::artifact::Artifact;
    pub use super::release::Manifest;
    pub use super::stage::Stage;
}

pub use artifact::Artifact;
pub use stage::Stage;

/// Bytes of memory that a value of a manifest or a statement takes until all is judged: measured on
/// 100,000 artifacts, 120 to 300.
pub(crate) const VALUE_BYTES: usize = 320;

/// The value of `$schema` that drafts carry for editors.
pub const SCHEMA_URI: &str = "https://fullsource.dev/schema/v0.1/manifest.json";

/// A manifest whose semantic rules hold: ids are unique, references resolve, what excludes each
/// other does not stand together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    wire: wire::Manifest,
    artifacts: HashMap<Id, usize>,
}

/// Why a document is not a manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// The document cannot be read.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// It can be read, but rules between its parts are broken: all that are, in document order.
    #[error("{} rule(s) of the manifest are broken, the first: {}", .0.len(), .0[0])]
    Rules(Vec<Violation>),
}

impl Manifest {
    /// Reads a manifest from JSON.
    pub fn parse(document: &[u8], unknown: UnknownFields) -> Result<Self, ManifestError> {
        Self::read(Profiled::of(document, limits::DOCUMENT_BYTES)?, unknown)
    }

    /// Reads a manifest from JSON that keeps the profile.
    pub fn read(document: Profiled<'_>, unknown: UnknownFields) -> Result<Self, ManifestError> {
        let document = document.within(limits::DOCUMENT_BYTES)?;
        let document = document.with_room(VALUE_BYTES)?;
        let wire: wire::Manifest = document.read(unknown)?;
        Self::try_from(wire).map_err(ManifestError::Rules)
    }

    /// The document as written.
    pub const fn as_wire(&self) -> &wire::Manifest {
        &self.wire
    }

    /// The document as written, for changes; what comes back has to be checked again.
    pub fn into_wire(self) -> wire::Manifest {
        self.wire
    }

    /// The release the manifest is about.
    pub const fn release(&self) -> &Release {
        &self.wire.release
    }

    /// The artifacts, in document order.
    pub fn artifacts(&self) -> &[Artifact] {
        &self.wire.artifacts
    }

    /// The stages, in document order.
    pub fn stages(&self) -> &[Stage] {
        &self.wire.stages
    }

    /// The artifact with this id.
    pub fn artifact(&self, id: &Id) -> Option<&Artifact> {
        self.artifacts.get(id).map(|index| &self.wire.artifacts[*index])
    }

    /// A cycle over `outputs` and `models` of the stages, as the ids of its artifacts, if there is
    /// one (`man-30`). It is judged, not refused: the report of a cyclic lineage says so.
    pub fn cycle(&self) -> Option<Vec<Id>> {
        rules::cycle(&self.wire)
    }
}

impl TryFrom<wire::Manifest> for Manifest {
    type Error = Vec<Violation>;

    fn try_from(wire: wire::Manifest) -> Result<Self, Vec<Violation>> {
        let violations = rules::violations(&wire);
        if !violations.is_empty() {
            return Err(violations);
        }
        let artifacts = wire.artifacts.iter().enumerate().map(|(i, a)| (a.id.clone(), i)).collect();
        Ok(Self { wire, artifacts })
    }
}
