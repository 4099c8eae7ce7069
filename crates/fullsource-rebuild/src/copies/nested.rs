//! A file of an input, looked through as it is, as text, and inside archives of archives.

use std::io::{self, BufReader, Cursor, Read};
use std::sync::Mutex;

use fullsource_collect::progress::{Progress, Stopped};
use fullsource_collect::source::archive::{ArchiveLimits, Format, START, unpack};
use fullsource_collect::source::{Entry, Sink, SinkError, Want};
use fullsource_collect::tree::escaped;
use fullsource_format::digest::{DigestSet, GitId};

use super::covered::Covered;
use super::regions::Windows;
use super::scan::{Offsets, Scanner, Stretch};
use super::text::Texts;
use crate::packed::unpacked;

/// Archives in archives.
const DEPTH: u32 = 4;
/// Hits of one file that are kept to be told.
const HITS: usize = 100_000;
const BLOCK: usize = 256 << 10;

/// What is found in a file. What cannot be read to its end is looked through as far as it can, and noted as unseen.
pub(super) fn look(
    windows: &Windows<'_>,
    path: &str,
    bytes: &mut dyn Read,
    progress: &Progress,
) -> Result<Found, Stopped> {
    let search = Search { windows, progress, found: Mutex::default() };
    if let Err((_, error)) = search.look(path, bytes, 0) {
        windows.note_unseen(path, &error);
    }
    progress.check()?;
    Ok(search.found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
}

/// What was found in a file and in all that it holds.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) covered: Covered,
    pub(super) hits: Vec<Hit>,
}

/// A stretch, and the file and the member that it was found in.
#[derive(Debug)]
pub(super) struct Hit {
    pub(super) path: String,
    pub(super) stretch: Stretch,
}

struct Search<'a> {
    windows: &'a Windows<'a>,
    progress: &'a Progress,
    found: Mutex<Found>,
}

impl Search<'_> {
    /// Looks through a stream and, where it is an archive, through what it holds. Where the stream breaks off,
    /// gives how many bytes came, and why.
    fn look(&self, path: &str, bytes: &mut dyn Read, depth: u32) -> Result<(), (u64, String)> {
        let mut tee = Tee {
            inner: bytes,
            count: 0,
            broken: None,
            scanner: Scanner::new(self.windows, Offsets::Own),
            texts: Texts::new(self.windows),
            progress: self.progress,
        };
        if let Err(why) = self.look_inside(path, &mut tee, depth) {
            self.windows.note_unseen(path, &why);
        }
        // What an archive's reader left, too.
        let mut buffer = vec![0; BLOCK];
        while self.progress.check().is_ok()
            && tee.broken.is_none()
            && !matches!(tee.read(&mut buffer), Ok(0))
        {}
        let (count, broken) = (tee.count, tee.broken);
        let mut found = self.found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for seen in tee.texts.into_seen().into_iter().chain([tee.scanner.into_seen()]) {
            found.covered.add_all(&seen.covered);
            let room = HITS.saturating_sub(found.hits.len());
            let stretches = seen.stretches.into_iter().take(room);
            found.hits.extend(stretches.map(|stretch| Hit { path: path.to_owned(), stretch }));
        }
        broken.map_or(Ok(()), |why| Err((count, why)))
    }

    /// Says why it cannot be looked into, or not to its end. What breaks off in the stream itself is not told.
    fn look_inside(&self, path: &str, tee: &mut Tee<'_, '_>, depth: u32) -> Result<(), String> {
        let mut start = Vec::new();
        if tee.take(START as u64).read_to_end(&mut start).is_err() {
            return Ok(());
        }
        // Zeros may be a tar without members: so may other things.
        let format = Format::known(&start);
        let format = format.filter(|format| *format != Format::Tar || start[0] != 0);
        if format.is_some() && depth >= DEPTH {
            return Err(format!("it is an archive in {DEPTH} others"));
        }
        let mut whole = Cursor::new(start).chain(tee);
        match format {
            Some(format @ (Format::Gzip | Format::Zstd)) => {
                let inside = unpacked(format, whole, ArchiveLimits::default());
                let mut inside = inside.map_err(|error| error.to_string())?;
                match self.look(path, &mut inside, depth + 1) {
                    // Two bytes that gzip starts with: it is none.
                    Err((0, _)) if format == Format::Gzip => {}
                    Err((_, why)) => return Err(why),
                    Ok(()) => {}
                }
            }
            Some(Format::Tar | Format::Zip) => {
                let members = Members { search: self, path, depth };
                let limits = ArchiveLimits::default();
                let temporary = std::env::temp_dir();
                let mut bytes = BufReader::with_capacity(BLOCK, &mut whole);
                unpack(&mut bytes, &temporary, None, &limits, &members, self.progress)
                    .map_err(|trouble| trouble.to_string())?;
            }
            None => {}
        }
        Ok(())
    }
}

/// Members of an archive, each looked through.
struct Members<'a, 's> {
    search: &'a Search<'s>,
    path: &'a str,
    depth: u32,
}

impl Sink for Members<'_, '_> {
    fn want(&self, _: &Entry<'_>) -> Want {
        Want::Bytes
    }

    fn file(&self, entry: &Entry<'_>, bytes: &mut dyn Read) -> Result<(), SinkError> {
        let path = format!("{}#{}", self.path, escaped(entry.path));
        if let Err((_, error)) = self.search.look(&path, bytes, self.depth + 1) {
            self.search.windows.note_unseen(&path, &error);
        }
        Ok(self.search.progress.check()?)
    }

    fn word(&self, _: &Entry<'_>, _: &DigestSet) -> Result<(), SinkError> {
        Err(SinkError::Refused("an archive has the bytes of its members".to_owned()))
    }

    fn symlink(&self, _: &[u8], _: &[u8]) -> Result<(), SinkError> {
        Ok(())
    }

    fn submodule(&self, _: &[u8], _: &GitId) -> Result<(), SinkError> {
        Ok(())
    }
}

/// Looks through what is read through it.
struct Tee<'a, 'w> {
    inner: &'a mut dyn Read,
    /// Bytes that came.
    count: u64,
    /// Why no more came, the first time: a reader may say afterwards that it is at its end.
    broken: Option<String>,
    scanner: Scanner<'w>,
    texts: Texts<'w>,
    progress: &'a Progress,
}

impl Read for Tee<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.progress.check().map_err(io::Error::other)?;
        let length = self.inner.read(buffer).inspect_err(|error| {
            if error.kind() != io::ErrorKind::Interrupted {
                self.broken.get_or_insert_with(|| error.to_string());
            }
        })?;
        self.count += length as u64;
        self.scanner.feed(&buffer[..length], 0);
        self.texts.feed(&buffer[..length]);
        self.progress.add_bytes(length);
        Ok(length)
    }
}
