//! Attestations that somebody gave (`reb-60`): read here, opened and judged where all else is.

use std::collections::HashSet;
use std::path::PathBuf;

use fullsource_format::digest::Sha256;
use fullsource_format::limits;
use fullsource_verify::finding::Code;
use fullsource_verify::rebuilds::Given;

use super::choose;
use crate::exit::Failure;
use crate::input;

/// The attestations in these files, each once, in their order.
pub(super) fn given(paths: &[PathBuf]) -> Result<Vec<Given>, Failure> {
    let mut given = Vec::new();
    let mut known = HashSet::new();
    for path in paths {
        let bytes = input::read(path, limits::ENVELOPE_BYTES)?;
        // The same file twice says nothing more.
        if !known.insert(Sha256::of(&bytes)) {
            continue;
        }
        let file = path.display().to_string();
        let read = choose::read(path, &bytes)?;
        given.extend(read.into_iter().map(|envelope| Given { file: file.clone(), envelope }));
        if given.len() > limits::ATTESTATIONS {
            let text =
                format!("there are more than {} attestations of rebuilds", limits::ATTESTATIONS);
            return Err(Failure::of(Code::LimitExceeded, text));
        }
    }
    Ok(given)
}
