//! What was made, held against what is claimed (`reb-20` to `reb-37`).

use fullsource_collect::directory::Directory;
use fullsource_collect::progress::{Progress, Stopped};
use fullsource_format::manifest::Compare;
use fullsource_format::path::RelPath;
use fullsource_format::rebuild::OutputMade;
use fullsource_format::text::Id;

/// One side of a comparison: where the content of an output lies.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// What its paths start from.
    pub root: &'a Directory,
    /// Its files, sorted by path bytes. Of both sides the same list where what was made is at the claimed paths.
    pub files: &'a [RelPath],
}

/// Holds one output against the claimed one, in flat memory, at the speed of reading both.
///
/// `compare` is that of the stage; without it the claim is `exact`. Digests of both sides are computed
/// in the same read and told in the outcome.
pub fn output(
    artifact: &Id,
    claimed: Side<'_>,
    made: Side<'_>,
    compare: Option<&Compare>,
    progress: &Progress,
) -> Result<OutputMade, Stopped> {
    let _ = (artifact, claimed, made, compare, progress);
    todo!()
}
