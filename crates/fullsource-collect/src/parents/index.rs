//! The file index of a parent's release: it lies beside the bundle, and is the one that the statement
//! binds or none (`look-56`).

use std::fs::File;

use fullsource_format::digest::Sha256;
use fullsource_format::index::FileTable;
use fullsource_format::limits;
use fullsource_format::manifest::IndexRef;
use fullsource_format::statement::Statement;

use super::Parents;
use super::document::{bounded, fetched, in_release};
use super::place::{At, Place};
use crate::progress::Stopped;
use crate::source::TroubleKind;

/// A file index that was read.
pub(super) struct Index {
    /// As received.
    pub(super) text: String,
    pub(super) files: FileTable,
}

/// Reads the index of a statement whose bundle lies at this place. `room`: bytes that may be kept.
/// Gives why where it cannot be had, or is another.
pub(super) fn read(
    parents: &Parents<'_>,
    statement: &Statement,
    stated: &IndexRef,
    place: &Place,
    room: usize,
) -> Result<Result<Index, String>, Stopped> {
    let most = room.min(limits::PARENT_INDEX_BYTES);
    let size = usize::try_from(stated.size.0).ok().filter(|size| *size <= most);
    let Some(size) = size else {
        return Ok(Err(format!("it has {} bytes, at most {most} are kept", stated.size.0)));
    };
    // The statement binds its bytes, wherever they come from.
    let bytes = match remembered(parents, &stated.sha256, size) {
        Some(bytes) => bytes,
        None => match beside(parents, place, stated.name.as_str(), size)? {
            Ok(bytes) => bytes,
            Err(why) => return Ok(Err(why)),
        },
    };
    let files = match statement.open_index(stated, &bytes) {
        Ok(files) => files,
        Err(error) => return Ok(Err(error.to_string())),
    };
    if let Some(cache) = parents.cache {
        // A cache that cannot be written costs the next run a fetch, and this one nothing.
        let _ = cache.put(bytes.as_slice(), Some(stated.sha256));
    }
    Ok(match String::from_utf8(bytes) {
        Ok(text) => Ok(Index { text, files }),
        Err(_) => Err("it is not UTF-8".to_owned()),
    })
}

fn remembered(parents: &Parents<'_>, sha256: &Sha256, size: usize) -> Option<Vec<u8>> {
    let mut file: File = parents.cache?.get(sha256).ok()??;
    bounded(&mut file, size).ok()
}

fn beside(
    parents: &Parents<'_>,
    place: &Place,
    name: &str,
    size: usize,
) -> Result<Result<Vec<u8>, String>, Stopped> {
    let read = match place.beside(name) {
        At::Unknown => return Ok(Err("what lies beside its bundle cannot be told".to_owned())),
        At::Release(path) => in_release(parents.release, &path, size),
        At::Elsewhere(locator) => fetched(parents, &locator, size),
    };
    match read {
        Ok((bytes, _)) => Ok(Ok(bytes)),
        Err(trouble) if trouble.kind == TroubleKind::Stopped => Err(Stopped),
        Err(trouble) => Ok(Err(trouble.detail.to_string())),
    }
}
