//! What a directory holds, byte for byte, to be compared with another time and to be put back.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// All files and directories below a directory, by their paths from there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State(pub BTreeMap<PathBuf, Entry>);

/// A file or a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its permissions.
    pub mode: u32,
    /// Its bytes; a directory has none.
    pub bytes: Option<Vec<u8>>,
}

impl State {
    /// What is there now.
    pub fn of(root: &Path) -> Self {
        let mut found = BTreeMap::new();
        take(root, Path::new(""), &mut found);
        Self(found)
    }

    /// Makes a directory be so again.
    pub fn restore(&self, root: &Path) {
        let now = Self::of(root);
        for (path, entry) in now.0.iter().rev() {
            let kept = self.0.get(path).map(|wanted| wanted.bytes.is_some());
            match (entry.bytes.is_some(), kept) {
                (is_file, Some(was_file)) if is_file == was_file => {}
                (true, _) => fs::remove_file(root.join(path)).unwrap(),
                (false, _) => fs::remove_dir(root.join(path)).unwrap(),
            }
        }
        for (path, wanted) in &self.0 {
            if now.0.get(path) != Some(wanted) {
                wanted.put(&root.join(path));
            }
        }
    }

    /// Takes out what has a path that is meant.
    pub fn take(&mut self, meant: impl Fn(&str) -> bool) -> Vec<PathBuf> {
        let paths = self.0.keys().filter(|path| meant(&path.to_string_lossy()));
        let paths: Vec<_> = paths.cloned().collect();
        paths.iter().for_each(|path| drop(self.0.remove(path)));
        paths
    }

    /// Makes files equal that are whole: what is drawn by chance, or holds the time.
    pub fn alike(&mut self, whole: impl Fn(&str, &[u8]) -> Option<bool>) {
        for (path, entry) in &mut self.0 {
            let (Some(name), Some(bytes)) = (path.to_str(), &mut entry.bytes) else { continue };
            if let Some(whole) = whole(name, bytes) {
                *bytes = format!("whole: {whole}").into_bytes();
            }
        }
    }

    /// The paths at which it differs from another.
    pub fn differences(&self, other: &Self) -> Vec<PathBuf> {
        let paths = self.0.keys().chain(other.0.keys());
        let differs = |path: &&PathBuf| self.0.get(*path) != other.0.get(*path);
        paths.filter(differs).cloned().collect()
    }
}

impl Entry {
    fn put(&self, path: &Path) {
        match &self.bytes {
            Some(bytes) => fs::write(path, bytes).unwrap(),
            None => fs::create_dir_all(path).unwrap(),
        }
        fs::set_permissions(path, Permissions::from_mode(self.mode)).unwrap();
    }
}

fn take(root: &Path, below: &Path, found: &mut BTreeMap<PathBuf, Entry>) {
    for entry in fs::read_dir(root.join(below)).unwrap() {
        let path = below.join(entry.unwrap().file_name());
        let about = root.join(&path).symlink_metadata().unwrap();
        let mode = about.permissions().mode() & 0o7777;
        let bytes = about.is_file().then(|| fs::read(root.join(&path)).unwrap());
        let is_directory = about.is_dir();
        found.insert(path.clone(), Entry { mode, bytes });
        if is_directory {
            take(root, &path, found);
        }
    }
}
