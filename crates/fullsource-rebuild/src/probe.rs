//! One input record, altered under the verifier's seed (`reb-50`).

use std::io;

use fullsource_collect::directory::Directory;
use fullsource_collect::progress::Progress;
use fullsource_format::path::RelPath;

/// Where an input is altered, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alteration {
    /// The file of the input.
    pub path: RelPath,
    /// The byte.
    pub offset: u64,
    /// What it was.
    pub from: u8,
    /// What it becomes.
    pub to: u8,
}

/// Draws a record of the input's files, weighted by their sizes, and what becomes of it. None where all files are
/// empty.
pub fn draw(
    root: &Directory,
    files: &[RelPath],
    seed: &str,
    progress: &Progress,
) -> io::Result<Option<Alteration>> {
    let _ = (root, files, seed, progress);
    todo!()
}
