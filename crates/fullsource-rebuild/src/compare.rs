//! What was made, held against what is claimed (`reb-20` to `reb-37`).
//!
//! Bytes go first: what has the same bytes is never parsed. What differs is compared by what it is: tensors,
//! members of archives, or bytes. Memory does not grow with the size of a file.

mod amount;
mod changed;
mod element;
mod found;
mod looked;
mod measure;
mod members;
mod pairs;
pub(crate) mod set;
mod shards;
mod tensors;
mod ties;

use fullsource_collect::directory::Directory;
use fullsource_collect::progress::{Progress, Stopped};
use fullsource_format::manifest::Compare;
use fullsource_format::path::RelPath;
use fullsource_format::rebuild::OutputMade;
use fullsource_format::text::Id;

pub use changed::{Changed, changed};
use found::Found;
use looked::Looked;

/// One side of a comparison: where the content of an output lies.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// What its paths start from.
    pub root: &'a Directory,
    /// Its files, sorted by path bytes. Of both sides the same list where what was made is at the claimed paths.
    pub files: &'a [RelPath],
    /// Whether it is one file or a tree.
    pub form: Form,
}

/// What an artifact is (`digest-7`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One file. What it is called is of no matter; its digests are `sha256` and `blake3`.
    File,
    /// Files at their paths, as its `dirHash` has them.
    Tree,
}

/// Holds one output against the claimed one, in flat memory, at the speed of reading both.
///
/// `compare` is that of the stage; without it the claim is `exact`. Digests of both sides are computed
/// first and told in the outcome.
pub fn output(
    artifact: &Id,
    claimed: Side<'_>,
    made: Side<'_>,
    compare: Option<&Compare>,
    progress: &Progress,
) -> Result<OutputMade, Stopped> {
    let both = Looked::both(claimed, made, progress)?;
    let mut found = Found::default();
    pairs::hold(&both, &mut found, progress)?;
    Ok(found.into_outcome(artifact, &both, compare))
}

#[cfg(test)]
#[path = "compare/compare_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "compare/archive_tests.rs"]
mod archive_tests;
