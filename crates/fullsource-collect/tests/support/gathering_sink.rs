//! A sink that keeps what it is handed: paths, lengths, digests.

#![allow(dead_code, reason = "each test uses a part")]

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Mutex;

use fullsource_collect::source::{Entry, Sink, SinkError, Want};
use fullsource_format::digest::{DigestSet, GitId, Sha256};

/// One file as it was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Got {
    /// Its bytes: how many, and their digest.
    Bytes(u64, Sha256),
    /// The place's word.
    Word(Sha256),
}

/// What was handed over, by path.
#[derive(Default)]
pub(crate) struct GatheringSink {
    /// Files of more bytes are wanted by word only.
    pub(crate) most: Option<u64>,
    got: Mutex<BTreeMap<String, Got>>,
}

impl GatheringSink {
    /// What was handed over, by path.
    pub(crate) fn got(&self) -> BTreeMap<String, Got> {
        self.got.lock().unwrap().clone()
    }

    fn keep(&self, entry: &Entry<'_>, got: Got) -> Result<(), SinkError> {
        let path = String::from_utf8(entry.path.to_vec()).unwrap();
        match self.got.lock().unwrap().insert(path.clone(), got) {
            Some(_) => Err(SinkError::Refused(format!("`{path}` twice"))),
            None => Ok(()),
        }
    }
}

/// What a file of these bytes comes to.
pub(crate) fn bytes(of: &[u8]) -> Got {
    Got::Bytes(of.len() as u64, Sha256::of(of))
}

impl Sink for GatheringSink {
    fn want(&self, entry: &Entry<'_>) -> Want {
        match (self.most, entry.size) {
            (Some(most), Some(size)) if size > most => Want::Word,
            _ => Want::Bytes,
        }
    }

    fn file(&self, entry: &Entry<'_>, bytes: &mut dyn Read) -> Result<(), SinkError> {
        let (mut hasher, mut buffer, mut length) = (Sha256::hasher(), vec![0; 1 << 16], 0);
        loop {
            let count = bytes.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            hasher.update(&buffer[..count]);
            length += count as u64;
        }
        if let Some(size) = entry.size {
            assert_eq!(size, length, "the size that was told");
        }
        self.keep(entry, Got::Bytes(length, hasher.finish()))
    }

    fn word(&self, entry: &Entry<'_>, digests: &DigestSet) -> Result<(), SinkError> {
        self.keep(entry, Got::Word(digests.sha256().unwrap()))
    }

    fn symlink(&self, _: &[u8], _: &[u8]) -> Result<(), SinkError> {
        Err(SinkError::Refused("no symbolic link was expected".to_owned()))
    }

    fn submodule(&self, _: &[u8], _: &GitId) -> Result<(), SinkError> {
        Err(SinkError::Refused("no submodule was expected".to_owned()))
    }
}
