//! Inputs, brought together and held against their digests (`reb-2` to `reb-4`).
//!
//! Each lies in a directory of its own that nobody else writes to, so that what a command sees is what was
//! hashed.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use fullsource_collect::directory::Directory;
use fullsource_collect::places::{Bring, Brought, NotBrought};
use fullsource_collect::progress::Stopped;
use fullsource_format::digest::DigestSet;
use fullsource_format::manifest::Manifest;
use fullsource_format::path::RelPath;
use fullsource_format::rebuild::InputUsed;
use fullsource_format::text::{Count, Id};

use crate::sandbox::{INPUT, Shown};

/// Contents of artifacts that are here, and why others are not.
#[derive(Debug)]
pub struct Inputs {
    store: PathBuf,
    known: BTreeMap<Id, Result<Brought, String>>,
}

impl Inputs {
    /// None yet; contents go into directories of this one, which is empty and private.
    pub fn new(store: &Path) -> Self {
        Self { store: store.to_owned(), known: BTreeMap::new() }
    }

    /// Brings a content here, once; what is wanting stays so.
    pub fn bring(
        &mut self,
        bring: &Bring<'_>,
        manifest: &Manifest,
        id: &Id,
    ) -> Result<&Result<Brought, String>, NotBrought> {
        if !self.known.contains_key(id) {
            let found = match manifest.artifact(id) {
                Some(artifact) => {
                    let into = self.directory_of(id);
                    std::fs::create_dir(&into)?;
                    match bring.artifact(artifact, &into) {
                        Ok(brought) => Ok(brought),
                        Err(NotBrought::Wanting(why)) => Err(why),
                        Err(other) => return Err(other),
                    }
                }
                None => Err("there is no such artifact".to_owned()),
            };
            self.known.insert(id.clone(), found);
        }
        self.known.get(id).ok_or(NotBrought::Stopped(Stopped))
    }

    /// Keeps what a segment made as the content that the next one starts from: a copy of these files.
    pub fn keep(
        &mut self,
        id: &Id,
        made: &Directory,
        files: &[(RelPath, RelPath)],
        is_file: bool,
        digests: DigestSet,
    ) -> io::Result<()> {
        let into = self.directory_of(id);
        let mut bytes = 0;
        for (from, to) in files {
            let to = into.join(to.as_str());
            std::fs::create_dir_all(to.parent().unwrap_or(&into))?;
            let opened = fullsource_collect::hash::open_file(made, from);
            let (mut from, _) = opened.map_err(|trouble| io::Error::other(trouble.to_string()))?;
            bytes += io::copy(&mut from, &mut std::fs::File::create(to)?)?;
        }
        let files = files.iter().map(|(_, to)| to.clone()).collect();
        self.known.insert(id.clone(), Ok(Brought { files, is_file, bytes, digests }));
        Ok(())
    }

    /// What is here.
    pub fn get(&self, id: &Id) -> Option<&Brought> {
        self.known.get(id)?.as_ref().ok()
    }

    /// The directory that all of them lie in, each below its id.
    pub fn store(&self) -> &Path {
        &self.store
    }

    /// The directory that a content lies in, on this machine.
    pub fn directory_of(&self, id: &Id) -> PathBuf {
        self.store.join(id.as_str())
    }

    /// Where a command sees a content (`reb-3`).
    pub fn place(&self, id: &Id) -> Option<String> {
        Some(match self.get(id)? {
            Brought { is_file: true, files, .. } => format!("{INPUT}/{id}/{}", files.first()?),
            _ => format!("{INPUT}/{id}"),
        })
    }

    /// How a content is shown to a command.
    pub fn shown(&self, id: &Id) -> Shown {
        Shown { from: self.directory_of(id), at: PathBuf::from(INPUT).join(id.as_str()) }
    }

    /// How an attestation tells it.
    pub fn used(&self, id: &Id) -> Option<InputUsed> {
        let brought = self.get(id)?;
        Some(InputUsed {
            artifact: id.clone(),
            files: Count(brought.files.len() as u64),
            bytes: Count(brought.bytes),
            digest: Some(brought.digests.clone()),
        })
    }
}
