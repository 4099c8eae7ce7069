//! A sink that keeps what it is given.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Mutex;

use fullsource_collect::source::{Entry, Sink, SinkError, Want};
use fullsource_format::digest::{DigestSet, GitId};

/// One entry, kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    File { executable: bool, bytes: Vec<u8> },
    Symlink(Vec<u8>),
    Submodule(String),
}

/// All entries by their paths.
#[derive(Debug, Default)]
pub struct Keeping {
    pub entries: Mutex<BTreeMap<String, Taken>>,
    /// Bytes of a file that are wanted no more.
    pub limit: Option<u64>,
}

impl Keeping {
    pub fn taken(&self) -> BTreeMap<String, Taken> {
        self.entries.lock().unwrap().clone()
    }

    fn keep(&self, path: &[u8], taken: Taken) -> Result<(), SinkError> {
        let path = String::from_utf8_lossy(path).into_owned();
        match self.entries.lock().unwrap().insert(path.clone(), taken) {
            None => Ok(()),
            Some(_) => Err(SinkError::Refused(format!("`{path}` came twice"))),
        }
    }
}

impl Sink for Keeping {
    fn want(&self, entry: &Entry<'_>) -> Want {
        match (self.limit, entry.size) {
            (Some(limit), Some(size)) if size >= limit => Want::Word,
            _ => Want::Bytes,
        }
    }

    fn file(&self, entry: &Entry<'_>, bytes: &mut dyn Read) -> Result<(), SinkError> {
        let mut read = Vec::new();
        bytes.read_to_end(&mut read)?;
        assert_eq!(entry.size, Some(read.len() as u64));
        self.keep(entry.path, Taken::File { executable: entry.executable, bytes: read })
    }

    fn word(&self, _: &Entry<'_>, _: &DigestSet) -> Result<(), SinkError> {
        panic!("a repository has no word to give");
    }

    fn symlink(&self, path: &[u8], target: &[u8]) -> Result<(), SinkError> {
        self.keep(path, Taken::Symlink(target.to_vec()))
    }

    fn submodule(&self, path: &[u8], commit: &GitId) -> Result<(), SinkError> {
        self.keep(path, Taken::Submodule(commit.to_string()))
    }
}
