//! in-toto's dirHash of a list of files.
//!
//! Spec: `spec/v0.1/digest.md`, section "dirHash".

use sha2::Digest as _;

use crate::digest::{DirHash, Sha256, hex};

/// Why a list of files has no dirHash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DirHashError {
    /// A name with a backslash or a newline, which coreutils escape and others do not.
    #[error("dirHash is undefined: the name `{}` holds a backslash or a newline", path.escape_debug())]
    Undefined {
        /// The name.
        path: String,
    },
    /// The list is not strictly ascending by path bytes; a bug of the caller.
    #[error("`{}` does not come after the file before it", path.escape_debug())]
    Order {
        /// The path that is out of place.
        path: String,
    },
}

/// SHA-256 over the lines `sha256  path\n` of files that ascend strictly by path bytes: what
/// `find . -type f | cut -c3- | LC_ALL=C sort | xargs -r sha256sum | sha256sum` gives.
///
/// The paths are relative to the directory that is meant. Fails where a name holds a backslash or a
/// newline, for which the digest is undefined.
pub fn dir_hash<'a>(
    files: impl IntoIterator<Item = (&'a str, Sha256)>,
) -> Result<DirHash, DirHashError> {
    let mut lines = DirHasher::default();
    let mut last = None;
    for (path, sha256) in files {
        if last.is_some_and(|last| last >= path) {
            return Err(DirHashError::Order { path: path.to_owned() });
        }
        last = Some(path);
        lines.push(path, &sha256)?;
    }
    Ok(lines.finish())
}

/// The lines hashed so far; the caller keeps the order.
#[derive(Debug, Default, Clone)]
pub(super) struct DirHasher(sha2::Sha256);

impl DirHasher {
    pub(super) fn push(&mut self, path: &str, sha256: &Sha256) -> Result<(), DirHashError> {
        if path.bytes().any(|b| matches!(b, b'\\' | b'\n')) {
            return Err(DirHashError::Undefined { path: path.to_owned() });
        }
        self.0.update(hex(sha256.as_bytes()));
        self.0.update("  ");
        self.0.update(path);
        self.0.update("\n");
        Ok(())
    }

    pub(super) fn finish(self) -> DirHash {
        DirHash::new(self.0.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_what_sha256sum_prints() {
        let abc = Sha256::of(b"abc");
        let lines = format!("{abc}  a b\n{abc}  c/d\n");
        let expected = DirHash::new(*Sha256::of(lines.as_bytes()).as_bytes());
        assert_eq!(dir_hash([("a b", abc), ("c/d", abc)]), Ok(expected));
    }

    #[test]
    fn undefined_and_unsorted_lists_are_refused() {
        let abc = Sha256::of(b"abc");
        for name in ["a\\b", "a\nb"] {
            let refused = Err(DirHashError::Undefined { path: name.to_owned() });
            assert_eq!(dir_hash([(name, abc)]), refused);
        }
        for twice in [["b", "a"], ["a", "a"]] {
            let refused = Err(DirHashError::Order { path: "a".to_owned() });
            assert_eq!(dir_hash(twice.map(|path| (path, abc))), refused);
        }
    }
}
