//! Facts of files that lie in the release, whose digests are known: only headers and small files are
//! read.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use fullsource_format::evidence::{ContentFact, ContentFactKind};
use fullsource_format::index::FileRecord;
use fullsource_format::path::RelPath;

use super::facts::one_line;
use super::kind::FileKind;
use super::look::{Look, Said};
use super::state::State;
use super::tee::{BLOCK, Tee};
use super::{Content, ContentError, Wanted};
use crate::directory::Directory;
use crate::hash::{locked, open_file};
use crate::progress::{Progress, Stopped};
use crate::read::window::{Source, Window};
use crate::read::zip_walk::{self, Sizes};

/// An artifact's files in a release.
#[derive(Debug)]
pub struct Local {
    /// What they say, with no digests and no table.
    pub content: Content,
    /// Files that could not be read, by their paths in the release, and why.
    pub unread: Vec<(RelPath, String)>,
}

/// The facts of an artifact's files in a release. `root` is the directory
/// that its paths are relative to, with a `/` at its end, or empty (`digest-7`). A file that cannot be
/// read, or no longer has its size, gives a fault, too. Uses `threads` threads, this one among them.
pub fn local(
    directory: &Directory,
    files: &[FileRecord<'_>],
    root: &str,
    wanted: &Wanted<'_>,
    threads: NonZeroUsize,
) -> Result<Local, LocalError> {
    let unread = Mutex::new(Vec::new());
    let (look, state) = (Look::new(wanted.roles, wanted.facts), Mutex::new(State::default()));
    let batches = Mutex::new(files.chunks(BATCH));
    let work = || -> Result<(), Stopped> {
        let mut buffer = vec![0; BLOCK];
        loop {
            let batch = locked(&batches).next();
            let Some(batch) = batch else { return Ok(()) };
            for file in batch {
                wanted.progress.map_or(Ok(()), Progress::check)?;
                let path = file.path.strip_prefix(root).unwrap_or(file.path);
                let kind = FileKind::of(path);
                match said(directory, file, path, kind, &look, &mut buffer) {
                    Ok(said) => locked(&state).hear(path, file.size, said),
                    Err(why) => {
                        not_read(&mut locked(&state), path, kind, &why);
                        let path = file.path.parse::<RelPath>().map(|path| (path, why));
                        locked(&unread).extend(path);
                    }
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.get().min(files.len().div_ceil(BATCH)) {
            // Where the system gives no more threads, those that there are do the work.
            let _ = std::thread::Builder::new().spawn_scoped(scope, work);
        }
        work()
    })?;
    wanted.progress.map_or(Ok(()), Progress::check)?;
    let state = state.into_inner().unwrap_or_else(PoisonError::into_inner);
    let (size, count) = (files.iter().map(|file| file.size).sum(), files.len() as u64);
    let wanted = Wanted { git: None, index: None, ..*wanted };
    let content = state.finish(&wanted, look.has_many()).map_err(ContentError::from)?;
    let content = Content { digests: None, table: None, size, files: count, ..content };
    Ok(Local { content, unread: unread.into_inner().unwrap_or_else(PoisonError::into_inner) })
}

/// Why there are no facts of files in the release.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// Stopped by the caller.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// The files are no content.
    #[error(transparent)]
    Content(#[from] ContentError),
}

/// Takes note of a file that says nothing.
fn not_read(state: &mut State, path: &str, kind: FileKind, why: &str) {
    let value = one_line(&format!("it cannot be read: {why}"));
    state.add_fact(ContentFact::new(ContentFactKind::Fault).at(path).saying(value));
    state.hear_unread(kind);
}

fn said(
    directory: &Directory,
    file: &FileRecord<'_>,
    path: &str,
    kind: FileKind,
    look: &Look,
    buffer: &mut [u8],
) -> Result<Said, String> {
    let full: RelPath = file.path.parse().map_err(|_| "its name is no path".to_owned())?;
    let (open, size) = open_file(directory, &full).map_err(|trouble| trouble.to_string())?;
    if size != file.size {
        return Err(format!("it has {size} bytes now, and had {}", file.size));
    }
    let mut source = InRelease { file: open, at: 0, size };
    let sizes = match kind {
        FileKind::Pickle(_) => source.sizes().map_err(|error| error.to_string())?,
        _ => Sizes::new(),
    };
    let keep = look.keep(kind).max(HEAD);
    let mut tee = Tee::new(&mut source, None, keep, None);
    // Of most files no more is needed than this.
    let block = keep.clamp(LEAST, buffer.len());
    let read = look.read(kind, &mut tee, &sizes, &mut buffer[..block]);
    if let Some(error) = tee.error.take() {
        return Err(error.to_string());
    }
    Ok(look.conclude(path, kind, size, &mut tee, read))
}

/// Files that one thread takes at once.
const BATCH: usize = 256;
/// Bytes that are read of every file, to know its form.
const HEAD: usize = 1024;
/// Bytes that are read at once, at least.
const LEAST: usize = 4096;

struct InRelease {
    file: File,
    at: u64,
    size: u64,
}

impl InRelease {
    /// The sizes of the members of a zip archive, by its directory; none where it has none that is read.
    fn sizes(&mut self) -> io::Result<Sizes> {
        let sizes = self.directory()?.and_then(|offset| {
            self.to(offset).ok()?;
            zip_walk::directory(&mut Window::new(self)).ok()
        });
        self.to(0)?;
        Ok(sizes.unwrap_or_default())
    }

    /// Where the directory of a zip archive starts.
    fn directory(&mut self) -> io::Result<Option<u64>> {
        const END: usize = 22;
        const LOCATOR: usize = 20;
        let Some(start) = self.size.checked_sub((END + LOCATOR) as u64) else { return Ok(None) };
        self.to(start)?;
        let mut tail = [0; END + LOCATOR];
        self.read_exact(&mut tail)?;
        let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b));
        let (locator, end) = tail.split_at(LOCATOR);
        if !end.starts_with(b"PK\x05\x06") {
            return Ok(None);
        }
        if !locator.starts_with(b"PK\x06\x07") {
            return Ok(Some(number(&end[16..20])));
        }
        let at = number(&locator[8..16]);
        if at.checked_add(56).is_none_or(|end| end > self.size) {
            return Ok(None);
        }
        self.to(at)?;
        let mut end = [0; 56];
        self.read_exact(&mut end)?;
        Ok(Some(number(&end[48..])))
    }

    fn to(&mut self, offset: u64) -> io::Result<()> {
        self.at = self.file.seek(SeekFrom::Start(offset))?;
        Ok(())
    }
}

impl Read for InRelease {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Source for InRelease {
    fn skip(&mut self, length: u64) -> io::Result<()> {
        match self.at.checked_add(length) {
            Some(to) if to <= self.size => self.to(to),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}
