//! Files kept as they go by: what is read to be digested is written to a directory, too.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use fullsource_format::digest::{DigestSet, GitId};
use fullsource_format::path::RelPath;

use crate::content::Reader;
use crate::hash::locked;
use crate::source::{Entry, Sink, SinkError, Want};

/// Hands everything on to a reader, and keeps the files that it takes. Nobody else writes to the
/// directory, and no link is made in it before [`finish`](Self::finish): nothing is written elsewhere.
pub(super) struct Keep<'a> {
    reader: &'a Reader<'a>,
    into: &'a Path,
    /// What a single file is called.
    name: &'a str,
    links: Mutex<Vec<(PathBuf, Vec<u8>)>>,
    /// What this machine refused, which is no fault of the place.
    refused: Mutex<Option<io::Error>>,
}

impl<'a> Keep<'a> {
    pub(super) fn new(reader: &'a Reader<'a>, into: &'a Path, name: &'a str) -> Self {
        Self { reader, into, name, links: Mutex::default(), refused: Mutex::default() }
    }

    /// Makes the links, once all files are there.
    pub(super) fn finish(self) -> io::Result<()> {
        if let Some(error) = locked(&self.refused).take() {
            return Err(error);
        }
        for (path, target) in locked(&self.links).drain(..) {
            make_above(&path)?;
            symlink(std::ffi::OsStr::from_bytes(&target), path)?;
        }
        Ok(())
    }

    fn place(&self, path: &[u8]) -> Result<PathBuf, SinkError> {
        let text = if path.is_empty() { Ok(self.name) } else { std::str::from_utf8(path) };
        let path = text.ok().and_then(|text| text.parse::<RelPath>().ok());
        let path = path.ok_or_else(|| {
            SinkError::Refused("it has a name that is none in a release".to_owned())
        })?;
        Ok(self.into.join(path.as_str()))
    }

    fn create(&self, entry: &Entry<'_>) -> Result<File, SinkError> {
        let path = self.place(entry.path)?;
        created(&path, entry.executable).map_err(|error| self.refuse(error))
    }

    fn refuse(&self, error: io::Error) -> SinkError {
        let text = format!("it cannot be written here: {error}");
        locked(&self.refused).get_or_insert(error);
        SinkError::Refused(text)
    }
}

/// A file that replaces what an earlier attempt left.
pub(super) fn created(path: &Path, executable: bool) -> io::Result<File> {
    make_above(path)?;
    let file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    file.set_permissions(Permissions::from_mode(if executable { 0o755 } else { 0o644 }))?;
    Ok(file)
}

fn make_above(path: &Path) -> io::Result<()> {
    let above = path.parent().unwrap_or(path);
    DirBuilder::new().recursive(true).mode(0o755).create(above)
}

impl Sink for Keep<'_> {
    fn want(&self, entry: &Entry<'_>) -> Want {
        self.reader.want(entry)
    }

    fn file(&self, entry: &Entry<'_>, bytes: &mut dyn Read) -> Result<(), SinkError> {
        if self.reader.want(entry) == Want::Name {
            return self.reader.file(entry, bytes);
        }
        let to = self.create(entry)?;
        let mut copied = Copied { from: bytes, to, refused: None };
        let taken = self.reader.file(entry, &mut copied);
        match copied.refused {
            Some(error) => Err(self.refuse(error)),
            None => taken,
        }
    }

    fn word(&self, entry: &Entry<'_>, digests: &DigestSet) -> Result<(), SinkError> {
        self.reader.word(entry, digests)
    }

    fn symlink(&self, path: &[u8], target: &[u8]) -> Result<(), SinkError> {
        self.reader.symlink(path, target)?;
        locked(&self.links).push((self.place(path)?, target.to_owned()));
        Ok(())
    }

    fn submodule(&self, path: &[u8], commit: &GitId) -> Result<(), SinkError> {
        self.reader.submodule(path, commit)
    }
}

/// Bytes that are written as they are read.
struct Copied<'a> {
    from: &'a mut dyn Read,
    to: File,
    refused: Option<io::Error>,
}

impl Read for Copied<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        self.to.write_all(&buffer[..count]).map_err(|error| {
            let told = io::Error::other(error.to_string());
            self.refused.get_or_insert(error);
            told
        })?;
        Ok(count)
    }
}
