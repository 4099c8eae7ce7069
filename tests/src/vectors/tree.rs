//! Writing the vectors: the same cases give the same bytes.

use std::collections::HashSet;
use std::io;
use std::path::Path;

use super::case::Case;
use super::key::PEOPLE;

/// Replaces all directories below `root` by what the cases hold. Files directly in `root` stay.
pub fn write(root: &Path, cases: &[Case]) -> io::Result<()> {
    let mut seen = HashSet::new();
    if let Some(twice) = cases.iter().find(|case| !seen.insert(&case.id)) {
        return Err(io::Error::other(format!("two cases have the name `{}`", twice.id)));
    }
    std::fs::create_dir_all(root)?;
    for entry in std::fs::read_dir(root)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            std::fs::remove_dir_all(entry.path())?;
        }
    }
    for person in PEOPLE {
        put(&root.join(format!("keys/{}.pub", person.name)), person.pem().as_bytes())?;
    }
    for case in cases {
        let directory = root.join(&case.id);
        put(&directory.join("case.json"), &case.json())?;
        for (path, bytes) in &case.files {
            put(&directory.join(path), bytes)?;
        }
    }
    Ok(())
}

fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    std::fs::write(path, bytes)
}
