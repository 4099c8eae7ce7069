//! Stretches of the outputs that stand in an input (`reb-40`, `reb-41`).

use std::io::Read;

use fullsource_collect::directory::Directory;
use fullsource_collect::progress::{Progress, Stopped};
use fullsource_format::path::RelPath;
use fullsource_format::rebuild::Copy;
use fullsource_format::text::Id;

/// The stretches of an output that are looked for.
#[derive(Debug)]
pub struct Stretches;

impl Stretches {
    /// Of the tensors of a file, or of all of it where there are none; of a million at most, drawn by the seed.
    pub fn of(
        artifact: &Id,
        root: &Directory,
        files: &[RelPath],
        seed: &[u8],
        progress: &Progress,
    ) -> Result<Self, Stopped> {
        let _ = (artifact, root, files, seed, progress);
        todo!()
    }

    /// Looks for them in a file of an input, as it is, in hexadecimal, in base64, and inside archives.
    pub fn find(
        &self,
        input: &Id,
        path: &str,
        bytes: &mut dyn Read,
        progress: &Progress,
    ) -> Result<Vec<Copy>, Stopped> {
        let _ = (input, path, bytes, progress);
        todo!()
    }

    /// Whether what was found makes up so much of the output that no run shows how it was made (`reb-41`).
    pub fn are_the_output(&self, found: &[Copy]) -> bool {
        let _ = found;
        todo!()
    }
}
