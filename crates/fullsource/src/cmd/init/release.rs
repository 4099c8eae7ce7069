//! What lies in the directory, told apart as `sign` will: files of the release, and what a release
//! cannot hold.

use fullsource_collect::directory::Directory;
use fullsource_collect::progress::Progress;
use fullsource_collect::tree::{self, EntryKind, TreeError};
use fullsource_format::index::FileTable;
use fullsource_format::loadable::is_loadable;
use fullsource_format::path::RelPath;
use fullsource_format::release_dir::{self, LeftOut};

/// The entries of a directory.
pub(super) struct Release {
    /// What `sign` will cover.
    pub(super) files: FileTable,
    /// What `sign` will refuse: the path, what it is, and the way out.
    pub(super) refused: Vec<Refused>,
}

/// Something that a release cannot hold.
pub(super) struct Refused {
    pub(super) path: String,
    pub(super) what: String,
    pub(super) way_out: &'static str,
}

impl Release {
    /// Walks the directory (`tree-2`).
    pub(super) fn walk(directory: &Directory, progress: &Progress) -> Result<Self, TreeError> {
        let prune = |path: &str| release_dir::left_out_directory(path);
        let tree = tree::walk(directory, &prune, progress)?;
        let mut refused: Vec<Refused> = tree.others.iter().filter_map(other).collect();
        let mut files = FileTable::builder();
        for file in tree.files.iter() {
            match left_out(file.path) {
                None => files.push(file)?,
                Some(refusal) => refused.extend(refusal),
            }
        }
        let files = files.build()?;
        refused.extend(twins(&files));
        Ok(Self { files, refused })
    }

    /// The paths of the files, sorted.
    pub(super) fn paths(&self) -> Vec<RelPath> {
        self.files.iter().filter_map(|file| file.path.parse().ok()).collect()
    }
}

const RENAME: &str = "rename it";
const EXCLUDE: &str = "remove it, or `sign --exclude` it";

fn refused(path: &str, what: impl Into<String>, way_out: &'static str) -> Refused {
    Refused { path: path.to_owned(), what: what.into(), way_out }
}

fn not_nfc(path: &str) -> Refused {
    let what = "its name is not in Unicode normalisation form C";
    refused(path, what, "rename it: two spellings of one name could stand side by side")
}

/// An entry that is not a regular file with a valid name.
fn other(entry: &tree::Entry) -> Option<Refused> {
    let path = entry.path.as_str();
    Some(match &entry.kind {
        EntryKind::InvalidName(fault) => refused(path, fault.to_string(), RENAME),
        _ if !release_dir::is_nfc(path) => not_nfc(path),
        EntryKind::Pruned => return None,
        EntryKind::Symlink => {
            refused(path, "a symbolic link", "put the file itself there: `cp -L` follows links")
        }
        EntryKind::Special => refused(path, "neither a file nor a directory", EXCLUDE),
        EntryKind::EmptyDirectory => refused(path, "an empty directory", EXCLUDE),
        EntryKind::Unreadable(reason) => {
            refused(path, format!("it cannot be read: {reason}"), "check its permissions")
        }
    })
}

/// Why a regular file is not one of the release; within it, whether `sign` refuses it.
fn left_out(path: &str) -> Option<Option<Refused>> {
    if !release_dir::is_nfc(path) {
        return Some(Some(not_nfc(path)));
    }
    let left_out: LeftOut = release_dir::left_out_file(path, &|_| false)?;
    let loaded = path.parse().is_ok_and(|path| is_loadable(&path));
    let refusal = refused(path, "left out of every release, and a framework may load it", RENAME);
    Some((left_out == LeftOut::Ignored && loaded).then_some(refusal))
}

fn twins(files: &FileTable) -> Vec<Refused> {
    let twin = |(first, second): (&str, &str)| {
        let what = format!("it differs from `{first}` in case or normalisation alone");
        refused(second, what, "rename one of them: some file systems take both for one")
    };
    release_dir::twins(files.iter().map(|file| file.path)).into_iter().map(twin).collect()
}
