//! The covered files: subjects, or the entries of the release's file index (`ver-26`).

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Seek as _};
use std::path::Path;

use fullsource_format::digest::Sha256;
use fullsource_format::index::{IndexError, IndexFault, read_index};
use fullsource_format::json::UnknownFields;
use fullsource_format::manifest::{IndexRef, Manifest};
use fullsource_format::release_dir;
use fullsource_format::statement::{Covered, Statement};
use fullsource_format::text::Id;
use fullsource_verify::ArtifactIndex;
use fullsource_verify::finding::{Code, Finding};
use fullsource_verify::judge::FilesAndIndexes;

use crate::exit::{Failure, reason};
use crate::input;

/// The files that a statement covers.
pub(crate) enum CoveredFiles {
    /// All of them.
    Known(FilesAndIndexes),
    /// Their index is gone, or not the one that was signed.
    Lost(Finding),
}

/// The covered files of a statement, and the file indexes of its artifacts.
pub(crate) fn files(statement: &Statement, target: Option<&Path>) -> Result<CoveredFiles, Failure> {
    let known = |files| {
        let indexes = target.map(|target| artifact_indexes(statement.manifest(), target));
        CoveredFiles::Known(FilesAndIndexes { files, indexes: indexes.unwrap_or_default() })
    };
    let index = match statement.covered() {
        Covered::Listed(files) => return Ok(known(files.clone())),
        Covered::Indexed(index) => index,
    };
    let lost = |code, text: &str| {
        Ok(CoveredFiles::Lost(Finding::new(code, text).at(release_dir::FILE_INDEX)))
    };
    let Some(target) = target else {
        return lost(Code::NotLooked, "the file index lies in the release, which was not given");
    };
    let path = target.join(release_dir::FILE_INDEX);
    let file = match bound(&path, index) {
        Ok(file) => file,
        Err(Trouble::Missing) => return lost(Code::FileMissing, "it is not there"),
        Err(Trouble::Differs) => {
            return lost(Code::FileChanged, "it is not the index that was signed");
        }
        Err(Trouble::Unreadable(error)) => return lost(Code::FileUnreadable, &reason(&error)),
    };
    let read = read_index(BufReader::with_capacity(1 << 16, file), UnknownFields::Ignore)
        .map_err(|error| index_failure(&path, &error))?;
    if read.digests.sha256 != index.sha256 {
        return lost(Code::FileChanged, "it changed while it was read");
    }
    let broken = statement.index_violations(index, &read);
    if broken.is_empty() {
        return Ok(known(read.files));
    }
    Err(input::rules_failure(&path, b"", &broken))
}

fn artifact_indexes(manifest: &Manifest, target: &Path) -> HashMap<Id, ArtifactIndex> {
    let indexed = manifest.artifacts().iter().filter_map(|a| Some((&a.id, a.index.as_ref()?)));
    indexed.map(|(id, index)| (id.clone(), artifact_index(target, index))).collect()
}

fn artifact_index(target: &Path, index: &IndexRef) -> ArtifactIndex {
    let file = match bound(&target.join(index.name.as_str()), index) {
        Ok(file) => file,
        Err(Trouble::Missing) => return ArtifactIndex::Missing,
        Err(Trouble::Differs) => return ArtifactIndex::Differs,
        Err(Trouble::Unreadable(error)) => return ArtifactIndex::Unreadable(reason(&error)),
    };
    match read_index(BufReader::with_capacity(1 << 16, file), UnknownFields::Ignore) {
        Ok(read) if read.digests.sha256 == index.sha256 => ArtifactIndex::Read(read),
        Ok(_) => ArtifactIndex::Differs,
        Err(error) => ArtifactIndex::Malformed(error.to_string()),
    }
}

enum Trouble {
    Missing,
    Differs,
    Unreadable(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            _ => Self::Unreadable(error),
        }
    }
}

/// The index, if its bytes are the ones that were signed. They are not parsed before (`idx-6`).
fn bound(path: &Path, index: &IndexRef) -> Result<File, Trouble> {
    let about = path.symlink_metadata()?;
    if !about.is_file() {
        return Err(Trouble::Missing);
    }
    if about.len() != index.size.0 {
        return Err(Trouble::Differs);
    }
    let mut file = File::open(path)?;
    let mut hasher = Sha256::hasher();
    let mut reader = BufReader::with_capacity(1 << 18, &file);
    loop {
        let block = reader.fill_buf()?;
        let length = block.len();
        if length == 0 {
            break;
        }
        hasher.update(block);
        reader.consume(length);
    }
    if hasher.finish() != index.sha256 {
        return Err(Trouble::Differs);
    }
    file.rewind()?;
    Ok(file)
}

/// A file index that cannot be read.
pub(in crate::cmd) fn index_failure(path: &Path, error: &IndexError) -> Failure {
    let code = match error.fault {
        IndexFault::Table(_) | IndexFault::TooLarge | IndexFault::LineTooLong => {
            Code::LimitExceeded
        }
        _ => Code::IndexMalformed,
    };
    Failure::of(code, format!("`{}`: {error}", path.display()))
}
