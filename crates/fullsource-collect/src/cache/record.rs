//! Records of what looks at directories read, each under the digest of what tells its directory from others.
//! What is in them is taken at its word, so only what is this user's own is read.

use std::fs::{File, FileTimes};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::time::SystemTime;

use fullsource_format::digest::Sha256;
use rustix::io::Errno;

use super::{Cache, place_of};
use crate::directory::Directory;
use crate::record::heading;

/// Bytes of a record. A million files with paths of some 300 bytes fit.
const BYTES: u64 = 512 << 20;

/// Why a record is not read, or not kept.
#[derive(Debug, thiserror::Error)]
pub enum RecordTrouble {
    /// It belongs to another user.
    #[error("the record of this directory belongs to user {owner}, not to you (user {you})")]
    Foreign {
        /// Its owner's number.
        owner: u32,
        /// This process's user.
        you: u32,
    },
    /// Others may write to it.
    #[error("the record of this directory may be written to by others (mode {0:03o})")]
    Writable(u32),
    /// A link, a directory or a device in its place.
    #[error("the record of this directory is not a file")]
    NotAFile,
    /// More bytes than are read.
    #[error("the record of this directory has {0} bytes, at most {BYTES} are used")]
    TooLarge(u64),
    /// The system refused.
    #[error("the record of this directory cannot be read or written: {0}")]
    System(#[from] io::Error),
}

impl Cache {
    /// The bytes of a record.
    pub(crate) fn record(&self, key: &Sha256) -> Result<Option<Vec<u8>>, RecordTrouble> {
        let Some(file) = self.opened_record(key)? else { return Ok(None) };
        let about = file.metadata()?;
        if !about.is_file() {
            return Err(RecordTrouble::NotAFile);
        }
        yours_alone(about.uid(), about.mode())?;
        if about.len() > BYTES {
            return Err(RecordTrouble::TooLarge(about.len()));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or_default());
        file.take(BYTES).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    fn opened_record(&self, key: &Sha256) -> Result<Option<File>, RecordTrouble> {
        let (directory, name) = place_of(key);
        let directory = match self.records.open_directory(directory.as_bytes()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        let about = directory.about().map_err(io::Error::from)?;
        yours_alone(about.st_uid, about.st_mode)?;
        match directory.open_file(name.as_bytes()).map_err(io::Error::from) {
            Ok(fd) => Ok(Some(File::from(fd))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
                Err(RecordTrouble::NotAFile)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps a record in the place of an older one.
    pub(crate) fn keep_record(&self, key: &Sha256, bytes: &[u8]) -> Result<(), RecordTrouble> {
        if bytes.len() as u64 > BYTES {
            return Err(RecordTrouble::TooLarge(bytes.len() as u64));
        }
        let (directory, name) = place_of(key);
        let directory = self.records.make_directory(&directory, 0o700)?;
        let mut new = self.incoming().map_err(io::Error::other)?;
        new.write_all(bytes)?;
        // Not synced: one that is cut short is seen to be damaged, and the files are read.
        Ok(new.rename(&directory, &name)?)
    }

    /// Its time is when it was used last. Where it cannot be set, it is removed earlier.
    pub(crate) fn record_was_used(&self, key: &Sha256) {
        if let Ok(Some(file)) = self.opened_record(key) {
            let _ = file.set_times(FileTimes::new().set_modified(SystemTime::now()));
        }
    }
}

/// Fails where something is another user's, or others may write to it.
fn yours_alone(owner: u32, mode: u32) -> Result<(), RecordTrouble> {
    let you = rustix::process::geteuid().as_raw();
    match mode & 0o777 {
        _ if owner != you => Err(RecordTrouble::Foreign { owner, you }),
        mode if mode & 0o022 != 0 => Err(RecordTrouble::Writable(mode)),
        _ => Ok(()),
    }
}

/// Whether what is filed under a key says that it is the record of it.
pub(super) fn is_of(directory: &Directory, name: &str, key: &Sha256) -> bool {
    let mut start = [0; 64];
    let read = directory.open_file(name.as_bytes()).map(File::from);
    let read = read.map(|mut file| file.read_exact(&mut start).is_ok());
    read == Ok(true) && heading(&start) == Some(*key)
}
