//! The segments that an audit runs, drawn after publication (`reb-55` to `reb-57`).

use fullsource_format::digest::Sha256;
use fullsource_format::manifest::Segment;
use fullsource_format::rebuild::Audit;

/// What was drawn.
#[derive(Debug)]
pub struct Drawn {
    /// The numbers of the drawn segments, ascending.
    pub segments: Vec<usize>,
    /// What an attestation says of it.
    pub audit: Audit,
}

/// Why nothing can be drawn.
#[derive(Debug, thiserror::Error)]
pub enum DrawError {
    /// More segments asked for than there are, or none.
    #[error("{asked} of {of} segments cannot be drawn")]
    Number {
        /// Asked for.
        asked: usize,
        /// Segments of the stage.
        of: usize,
    },
}

/// Draws `k` segments by the seed, weighted by their cost.
pub fn draw(
    segments: &[Segment],
    k: usize,
    seed: &str,
    statement: &Sha256,
) -> Result<Drawn, DrawError> {
    let _ = (segments, k, seed, statement);
    todo!()
}

/// Segments that the caller named, by their numbers: nothing was drawn, so that the others are never looked at.
pub fn chosen(segments: &[Segment], numbers: Vec<usize>) -> Drawn {
    let _ = (segments, numbers);
    todo!()
}
