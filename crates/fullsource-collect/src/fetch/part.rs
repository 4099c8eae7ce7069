//! Files on their way: kept apart until their digests hold.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;

use fullsource_format::digest::{Blake3, Sha256, Sha256Hasher};
use fullsource_format::index::FileRecord;
use fullsource_format::path::RelPath;
use fullsource_format::release_dir;

use super::Difference;
use crate::directory::{Directory, Standing};
use crate::progress::Progress;

/// Bytes read at once.
const BLOCK: usize = 256 << 10;
/// Digits of the path's own digest in the name of a part: two files of one content have two parts.
const PATH_DIGITS: usize = 16;
/// Ending of the names of parts.
const ENDING: &str = ".part";

/// A release directory that files come into, by one run at a time.
#[derive(Debug)]
pub struct Receiving {
    pub(super) directory: Directory,
    partial: Directory,
}

/// Why a directory cannot receive a release.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// Another run writes there.
    #[error("another `fetch` writes to it")]
    Busy,
    /// Something else stands where the parts would lie.
    #[error("`{}` in it cannot be used: {_0}", release_dir::PARTIAL)]
    Partial(#[source] io::Error),
    /// The system refused.
    #[error(transparent)]
    System(#[from] io::Error),
}

impl Receiving {
    /// Opens a release directory, made with all above it where it is not there.
    pub fn open(path: &Path) -> Result<Self, ReceiveError> {
        std::fs::create_dir_all(path)?;
        let directory = Directory::open(path)?;
        let partial = directory.make_directory(release_dir::PARTIAL, 0o700);
        let partial = partial.map_err(ReceiveError::Partial)?;
        if partial.lock()? { Ok(Self { directory, partial }) } else { Err(ReceiveError::Busy) }
    }

    /// The release directory.
    pub const fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Writes a small file whose bytes are here already, under its name when it is whole.
    pub fn write(&self, path: &RelPath, bytes: &[u8], replace: bool) -> io::Result<()> {
        let sha256 = Some(Sha256::of(bytes));
        let size = bytes.len() as u64;
        let record = FileRecord { path: path.as_str(), size, sha256, blake3: None };
        let mut part = Part::open(self, &record)?;
        part.restart()?;
        part.push(bytes)?;
        part.place(path, if replace { Standing::Replaced } else { Standing::Kept })?;
        self.directory.sync()
    }

    /// Removes what was needed to receive the release, parts of other versions included.
    pub fn finish(self) -> io::Result<()> {
        let names: Vec<_> = self.partial.list()?.collect::<io::Result<_>>()?;
        for listed in names {
            let name = String::from_utf8(listed.name).unwrap_or_default();
            if name.ends_with(ENDING) {
                self.partial.remove(&name)?;
            }
        }
        self.directory.remove_directory(release_dir::PARTIAL)?;
        self.directory.sync()
    }

    /// Ends before the release is here. What came stays for the next run; where nothing came,
    /// nothing stays.
    pub fn abandon(self) {
        // It fails where there is something to go on with.
        let _ = self.directory.remove_directory(release_dir::PARTIAL);
    }

    pub(super) fn sync_directory(&self, path: &str) -> io::Result<()> {
        match path.parse::<RelPath>() {
            Ok(path) => self.directory.below(&path)?.sync(),
            Err(_) => self.directory.sync(),
        }
    }
}

/// The first bytes of a file, and their digests.
pub(super) struct Part<'r> {
    receiving: &'r Receiving,
    name: String,
    file: File,
    length: u64,
    sha256: Sha256Hasher,
    blake3: Option<Box<blake3::Hasher>>,
}

impl<'r> Part<'r> {
    /// Opens what came of a file so far. Its bytes are not known yet: see [`Part::read_again`].
    pub(super) fn open(receiving: &'r Receiving, record: &FileRecord<'_>) -> io::Result<Self> {
        let name = name_of(record);
        let file = receiving.partial.open_or_create(&name, 0o644)?;
        let blake3 = record.blake3.map(|_| Box::default());
        Ok(Self { receiving, name, file, length: 0, sha256: Sha256::hasher(), blake3 })
    }

    /// Hashes what an earlier run left. More than the file can have is thrown away.
    pub(super) fn read_again(&mut self, size: u64, progress: &Progress) -> io::Result<()> {
        if self.file.metadata()?.len() > size {
            return self.restart();
        }
        let mut buffer = vec![0; BLOCK];
        while progress.check().is_ok() {
            match self.file.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => self.digest(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Bytes so far.
    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    /// Whether nothing came, of an earlier run neither.
    pub(super) fn is_empty(&self) -> io::Result<bool> {
        Ok(self.file.metadata()?.len() == 0)
    }

    /// Throws away what came.
    pub(super) fn restart(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.length = 0;
        self.sha256 = Sha256::hasher();
        self.blake3 = self.blake3.as_ref().map(|_| Box::default());
        Ok(())
    }

    /// Takes the next bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.digest(bytes);
        Ok(())
    }

    fn digest(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        if let Some(blake3) = &mut self.blake3 {
            blake3.update(bytes);
        }
        self.length += bytes.len() as u64;
    }

    /// How the whole file differs from the one that was signed, if it does.
    pub(super) fn difference(&self, record: &FileRecord<'_>) -> Option<Difference> {
        if self.length != record.size {
            return Some(Difference::Size { served: self.length, signed: record.size });
        }
        let served = self.sha256.clone().finish();
        if record.sha256 != Some(served) {
            let signed = record.sha256.map_or_else(String::new, |digest| digest.to_string());
            let served = served.to_string();
            return Some(Difference::Digest { algorithm: "sha256", served, signed });
        }
        let served = self.blake3.as_ref().map(|hasher| Blake3::new(hasher.finalize().into()));
        let (served, signed) = (served?, record.blake3?);
        let (served_text, signed_text) = (served.to_string(), signed.to_string());
        (served != signed).then_some(Difference::Digest {
            algorithm: "blake3",
            served: served_text,
            signed: signed_text,
        })
    }

    /// Removes it from the disk.
    pub(super) fn discard(self) -> io::Result<()> {
        self.receiving.partial.remove(&self.name)
    }

    /// Gives the file its name: on the disk before it is seen.
    pub(super) fn place(self, path: &RelPath, standing: Standing) -> io::Result<()> {
        self.file.sync_all()?;
        let (directory, name) = self.receiving.directory.make_parents(path)?;
        self.receiving.partial.rename(&self.name, &directory, name, standing)
    }

    /// The file, at its start.
    pub(super) fn into_file(mut self) -> io::Result<File> {
        self.file.rewind()?;
        Ok(self.file)
    }
}

fn name_of(record: &FileRecord<'_>) -> String {
    let content = record.sha256.map_or_else(String::new, |digest| digest.to_string());
    let mut path = Sha256::of(record.path.as_bytes()).to_string();
    path.truncate(PATH_DIGITS);
    format!("{content}-{path}{ENDING}")
}
