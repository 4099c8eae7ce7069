//! A git object being hashed.

use fullsource_format::digest::GitId;
use sha2::Digest as _;

use super::{GitTreeError, ObjectFormat};
use crate::tree::escaped;

/// A git object being hashed: its header, then its content.
#[derive(Debug)]
pub struct GitObject(Hasher);

#[derive(Debug)]
enum Hasher {
    Sha1(Box<sha1dc::Hasher>),
    Sha256(sha2::Sha256),
}

impl GitObject {
    /// An object of a kind (`blob`, `tree`) whose content has this many bytes.
    pub fn new(format: ObjectFormat, kind: &str, size: u64) -> Self {
        let mut object = Self(match format {
            ObjectFormat::Sha1 => Hasher::Sha1(Box::default()),
            ObjectFormat::Sha256 => Hasher::Sha256(sha2::Sha256::new()),
        });
        object.update(format!("{kind} {size}\0").as_bytes());
        object
    }

    /// An object whose whole content is at hand.
    pub fn of(format: ObjectFormat, kind: &str, content: &[u8]) -> Self {
        let mut object = Self::new(format, kind, content.len() as u64);
        object.update(content);
        object
    }

    /// Takes the next bytes of the content.
    pub fn update(&mut self, content: &[u8]) {
        match &mut self.0 {
            Hasher::Sha1(hasher) => hasher.update(content),
            Hasher::Sha256(hasher) => hasher.update(content),
        }
    }

    /// The id. Fails where the content was made to collide under SHA-1 (`digest-10`); the path is for
    /// the error.
    pub fn id(self, path: &[u8]) -> Result<GitId, GitTreeError> {
        match self.0 {
            Hasher::Sha1(hasher) => match hasher.finalize() {
                Ok(digest) => Ok(GitId::Sha1(digest.to_bytes())),
                Err(_) => Err(GitTreeError::Collision { path: escaped(path) }),
            },
            Hasher::Sha256(hasher) => Ok(GitId::Sha256(hasher.finalize().into())),
        }
    }
}
