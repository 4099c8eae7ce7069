//! The members of an archive on their way to the sink: names checked, the selected ones handed over.

use std::io::Read;

use fullsource_format::path::RelPath;

use super::super::{Entry, Sink, SinkError, Trouble};
use super::names::{Kind, MemberPath, Names};
use super::{ArchiveLimits, unpacked};
use crate::progress::Progress;
use crate::tree::escaped;

/// Takes the members of one archive, as its format's reader finds them.
pub(super) struct Members<'a> {
    select: Option<&'a RelPath>,
    sink: &'a dyn Sink,
    progress: &'a Progress,
    names: Names,
    found: bool,
}

/// A regular file of an archive.
pub(super) struct MemberFile<'a> {
    pub(super) path: &'a MemberPath,
    pub(super) size: u64,
    pub(super) executable: bool,
}

impl<'a> Members<'a> {
    pub(super) fn new(
        select: Option<&'a RelPath>,
        limits: &ArchiveLimits,
        sink: &'a dyn Sink,
        progress: &'a Progress,
    ) -> Self {
        let names = Names::new(limits.entries);
        Self { select, sink, progress, names, found: select.is_none() }
    }

    /// Takes a directory: only its name counts.
    pub(super) fn directory(&mut self, path: &MemberPath) -> Result<(), Trouble> {
        self.add(path, Kind::Directory).map(drop)
    }

    /// Takes a symbolic link.
    pub(super) fn symlink(&mut self, path: &MemberPath, target: &[u8]) -> Result<(), Trouble> {
        match self.add(path, Kind::Symlink)? {
            Some(b"") => Err(Trouble::faulty(format!(
                "`{}` is a symbolic link to `{}`, which is not followed",
                path.shown(),
                escaped(target)
            ))),
            Some(path) => self.sink.symlink(path, target).map_err(trouble),
            None => Ok(()),
        }
    }

    /// Takes a file. Where it is selected, reads `content` to its end; else does not touch it.
    pub(super) fn file(
        &mut self,
        file: &MemberFile<'_>,
        content: &mut dyn Read,
    ) -> Result<(), Trouble> {
        let Some(path) = self.add(file.path, Kind::File)? else { return Ok(()) };
        let entry = Entry { path, size: Some(file.size), executable: file.executable };
        self.sink.file(&entry, content).map_err(trouble)?;
        // What follows the content is checked behind its last byte.
        unpacked::drain(content)
    }

    /// Says so where nothing had the selected name.
    pub(super) fn finish(self) -> Result<(), Trouble> {
        match self.select {
            Some(select) if !self.found => {
                Err(Trouble::absent(format!("the archive has no member `{select}`")))
            }
            _ => Ok(()),
        }
    }

    /// Takes a name, and says under which path it is handed over, if it is.
    fn add<'p>(&mut self, path: &'p MemberPath, kind: Kind) -> Result<Option<&'p [u8]>, Trouble> {
        self.progress.check()?;
        self.names.add(path, kind)?;
        let path = path.as_bytes();
        let selected = match self.select {
            None => Some(path),
            Some(select) => match path.strip_prefix(select.as_str().as_bytes()) {
                Some(b"") => Some(&path[..0]),
                Some([b'/', rest @ ..]) => Some(rest),
                _ => None,
            },
        };
        self.found |= selected.is_some();
        Ok(selected)
    }
}

fn trouble(error: SinkError) -> Trouble {
    match error {
        SinkError::Read(error) => unpacked::trouble(error),
        SinkError::Refused(why) => Trouble::faulty(why),
        SinkError::Stopped(stopped) => stopped.into(),
    }
}
