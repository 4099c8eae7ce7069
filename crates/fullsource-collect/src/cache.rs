//! A cache of bytes by their SHA-256, for one user, shared by all runs of that user.
//!
//! What comes out of it has the digest that it was asked by, or does not come out. A cached byte
//! proves a digest, never presence: that something lay at a place is for an observation to say.
//!
//! ```text
//! CACHE/objects/ab/cdef…   bytes, under the 64 digits of their SHA-256
//! CACHE/notes/ab/cdef…     what was told of an address; decides nothing by itself
//! CACHE/records/ab/cdef…   what was read of a release directory; asked for in so many words
//! CACHE/new/…              what is being written; gets its name once its digest is known
//! ```
//!
//! Several processes may use one cache at once. A run that was killed leaves at most a file in `new`,
//! which [`Cache::prune`] removes.

mod note;
mod object;
mod prune;
mod record;

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use fullsource_format::digest::Sha256;

use crate::directory::Directory;
pub use note::Note;
pub use object::{Checked, Incoming, PutError, Tampered};
pub use prune::{Bounds, Pruned, Usage};
pub use record::RecordTrouble;

/// A cache directory that is this user's own.
#[derive(Debug)]
pub struct Cache {
    objects: Directory,
    notes: Directory,
    records: Directory,
    new: Directory,
    path: PathBuf,
}

/// Why a directory is not used as a cache.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// It is a symbolic link, or holds one where a directory has to be.
    #[error("the cache `{0}` is a symbolic link, which somebody else could turn")]
    Symlink(PathBuf),
    /// Something else than a directory.
    #[error("the cache `{0}` is not a directory")]
    NotADirectory(PathBuf),
    /// It belongs to another user.
    #[error("the cache `{path}` belongs to user {owner}, not to you (user {you})")]
    Foreign {
        /// The directory.
        path: PathBuf,
        /// Its owner's number.
        owner: u32,
        /// This process's user.
        you: u32,
    },
    /// Others may write to it.
    #[error("the cache `{path}` may be written to by others (mode {mode:03o})")]
    Writable {
        /// The directory.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The system refused.
    #[error("cannot use the cache `{path}`: {error}")]
    System {
        /// The cache, or what in it.
        path: PathBuf,
        /// The system's word.
        #[source]
        error: io::Error,
    },
}

impl CacheError {
    /// What to do about it.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Symlink(_) | Self::NotADirectory(_) => "name the directory itself",
            Self::Foreign { .. } => "name a directory of your own in FULLSOURCE_CACHE",
            Self::Writable { .. } => "`chmod go-w` it if you trust what is in it, or name another",
            Self::System { .. } => "check the path, its permissions and the disk",
        }
    }
}

/// Marks a directory whose content can be had again, for programs that make backups.
const TAG: (&str, &[u8]) = ("CACHEDIR.TAG", b"Signature: 8a477f597d28d172789f06886806bc55\n");

impl Cache {
    /// Opens the cache at a path, made (0700) where it is not there. Refuses one that is a symbolic
    /// link, belongs to somebody else, or may be written to by others.
    pub fn open(path: &Path) -> Result<Self, CacheError> {
        let refused = |error| CacheError::System { path: path.to_owned(), error };
        DirBuilder::new().recursive(true).mode(0o700).create(path).or_else(|error| {
            // A symbolic link to nowhere is told as what it is.
            if path.symlink_metadata().is_ok() { Ok(()) } else { Err(refused(error)) }
        })?;
        trustworthy(path)?;
        let root = Directory::open(path).map_err(refused)?;
        let below = |name: &str| {
            root.make_directory(name, 0o700).map_err(refused)?;
            trustworthy(&path.join(name))?;
            root.open_directory(name.as_bytes()).map_err(refused)
        };
        let cache = Self {
            objects: below("objects")?,
            notes: below("notes")?,
            records: below("records")?,
            new: below("new")?,
            path: path.to_owned(),
        };
        // A cache without its tag is one all the same.
        let _ = cache.tag(&root);
        Ok(cache)
    }

    /// Tags the directory, where it is not tagged yet.
    fn tag(&self, root: &Directory) -> io::Result<()> {
        let size = root.stat(TAG.0.as_bytes()).map(|about| about.st_size);
        if size.is_ok_and(|size| size == TAG.1.len() as i64) {
            return Ok(());
        }
        let mut new = self.incoming().map_err(io::Error::other)?;
        io::Write::write_all(&mut new, TAG.1)?;
        new.rename(root, TAG.0)
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn refused(&self, error: io::Error) -> CacheError {
        CacheError::System { path: self.path.clone(), error }
    }
}

fn trustworthy(path: &Path) -> Result<(), CacheError> {
    let about = path
        .symlink_metadata()
        .map_err(|error| CacheError::System { path: path.to_owned(), error })?;
    let path = path.to_owned();
    if about.is_symlink() {
        return Err(CacheError::Symlink(path));
    }
    if !about.is_dir() {
        return Err(CacheError::NotADirectory(path));
    }
    let (owner, you) = (about.uid(), rustix::process::geteuid().as_raw());
    if owner != you {
        return Err(CacheError::Foreign { path, owner, you });
    }
    match about.mode() & 0o777 {
        mode if mode & 0o022 != 0 => Err(CacheError::Writable { path, mode }),
        _ => Ok(()),
    }
}

/// Directory and name of what is filed under a digest.
fn place_of(digest: &Sha256) -> (String, String) {
    let mut digits = digest.to_string();
    let name = digits.split_off(2);
    (digits, name)
}

/// The digest that a place stands for.
fn digest_at(directory: &[u8], name: &[u8]) -> Option<Sha256> {
    let digits = [directory, name].concat();
    (directory.len() == 2).then_some(())?;
    std::str::from_utf8(&digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

    #[test]
    fn a_cache_is_made_for_its_user_alone() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b/cache");
        let cache = Cache::open(&path).unwrap();
        for name in ["", "objects", "notes", "records", "new"] {
            let mode = cache.path().join(name).metadata().unwrap().mode() & 0o777;
            assert_eq!(mode, 0o700, "{name}");
        }
        Cache::open(&path).unwrap();
    }

    #[test]
    fn a_cache_that_others_could_turn_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("cache");
        Cache::open(&path).unwrap();
        let at = |name: &str| root.path().join(name);
        symlink("cache", at("link")).unwrap();
        symlink("nowhere", at("dangling")).unwrap();
        fs::write(at("file"), "").unwrap();
        for link in ["link", "dangling"] {
            assert!(matches!(Cache::open(&at(link)), Err(CacheError::Symlink(_))), "{link}");
        }
        assert!(matches!(Cache::open(&at("file")), Err(CacheError::NotADirectory(_))));
        for mode in [0o777, 0o720, 0o702] {
            for name in ["", "objects", "records", "new"] {
                fs::set_permissions(path.join(name), Permissions::from_mode(mode)).unwrap();
                let refused = Cache::open(&path);
                assert!(matches!(refused, Err(CacheError::Writable { .. })), "{mode:o} {name}");
                fs::set_permissions(path.join(name), Permissions::from_mode(0o755)).unwrap();
            }
        }
        fs::rename(path.join("notes"), at("elsewhere")).unwrap();
        symlink(at("elsewhere"), path.join("notes")).unwrap();
        assert!(Cache::open(&path).is_err());
        fs::remove_file(path.join("notes")).unwrap();
        if rustix::process::geteuid().is_root() {
            chown(&path, Some(1), None).unwrap();
            assert!(matches!(Cache::open(&path), Err(CacheError::Foreign { owner: 1, .. })));
        }
    }
}
