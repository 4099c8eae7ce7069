//! Both sides, opened and digested. Only the files that are listed are opened, and none is followed elsewhere.

use std::num::NonZeroUsize;

use fullsource_collect::directory::Directory;
use fullsource_collect::hash::{Change, FileTrouble, OpenFile, Wanted, hash_files, open_file};
use fullsource_collect::progress::{Progress, Stopped};
use fullsource_format::digest::{Digest, DigestSet};
use fullsource_format::index::{FileRecord, FileTable, dir_hash};
use fullsource_format::path::RelPath;

use super::{Form, Side};

/// Both sides.
pub(super) struct Both<'a> {
    pub(super) claimed: Looked<'a>,
    pub(super) made: Looked<'a>,
}

/// One side.
pub(super) struct Looked<'a> {
    pub(super) root: &'a Directory,
    pub(super) form: Form,
    /// What could be opened.
    pub(super) files: FileTable,
    /// What could not, or not to the end, sorted by path.
    pub(super) troubles: Vec<(RelPath, Trouble)>,
    /// Why there was no look at all.
    pub(super) refused: Option<String>,
}

/// Why a file has no digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// There is none.
    Missing,
    /// It is a link, a directory, a FIFO or the like.
    NoFile,
    /// It could not be read, or changed meanwhile.
    Unread(FileTrouble),
}

impl From<FileTrouble> for Trouble {
    fn from(trouble: FileTrouble) -> Self {
        match trouble {
            FileTrouble::Unstable(Change::Gone) => Self::Missing,
            FileTrouble::Unstable(Change::Replaced) => Self::NoFile,
            other => Self::Unread(other),
        }
    }
}

/// Bytes that may have been made in any case, and of which multiple of the claimed bytes beside: what is larger
/// was written to keep a verifier busy.
pub(super) const FREE: u64 = 4 << 30;
pub(super) const TIMES: u64 = 64;

impl<'a> Looked<'a> {
    /// Looks at both sides at once.
    pub(super) fn both(
        claimed: Side<'a>,
        made: Side<'a>,
        progress: &Progress,
    ) -> Result<Both<'a>, Stopped> {
        let (mut claimed, mut made) = (Self::listed(claimed), Self::listed(made));
        let most = claimed.files.total_bytes().saturating_mul(TIMES).saturating_add(FREE);
        if made.files.total_bytes() > most {
            let bytes = made.files.total_bytes();
            made.refused =
                Some(format!("what was made has {bytes} bytes, at most {most} are read"));
        }
        std::thread::scope(|scope| {
            let other = scope.spawn(|| claimed.hash(progress));
            let done = made.hash(progress);
            // A thread that panicked has hashed nothing: its files have no digests.
            other.join().unwrap_or(Ok(())).and(done)
        })?;
        Ok(Both { claimed, made })
    }

    fn listed(side: Side<'a>) -> Self {
        let (mut files, mut troubles) = (FileTable::builder(), Vec::new());
        let mut refused = None;
        for path in side.files {
            match open_file(side.root, path) {
                Ok((_, size)) => {
                    let file = FileRecord { path: path.as_str(), size, sha256: None, blake3: None };
                    refused = refused.or(files.push(file).err());
                }
                Err(trouble) => troubles.push((path.clone(), trouble.into())),
            }
        }
        let (files, refused) = match (files.build(), refused) {
            (Ok(files), None) => (files, None),
            (Err(error), _) | (_, Some(error)) => (FileTable::default(), Some(error.to_string())),
        };
        Self { root: side.root, form: side.form, files, troubles, refused }
    }

    fn hash(&mut self, progress: &Progress) -> Result<(), Stopped> {
        if self.refused.is_some() {
            return Ok(());
        }
        let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get) / 2;
        let threads = NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN);
        let troubles = hash_files(self.root, &mut self.files, Wanted::Both, threads, progress)?;
        for (index, trouble) in troubles {
            if let Ok(path) = self.files.record(index).path.parse() {
                self.troubles.push((path, trouble.into()));
            }
        }
        self.troubles.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(())
    }

    /// What is the matter with a file, if anything is.
    pub(super) fn trouble(&self, path: &RelPath) -> Option<Trouble> {
        let nth = self.troubles.binary_search_by(|(other, _)| other.cmp(path)).ok()?;
        self.troubles.get(nth).map(|(_, trouble)| *trouble)
    }

    /// Opens a file again.
    pub(super) fn open(&self, path: &RelPath) -> Result<OpenFile, FileTrouble> {
        let size = self.files.get(path.as_str()).map(|file| file.size).unwrap_or_default();
        OpenFile::open(self.root, path.as_str().as_bytes(), size)
    }

    /// The digests of the whole, where all of it was read.
    pub(super) fn digests(&self) -> Option<DigestSet> {
        let whole = self.refused.is_none() && self.troubles.is_empty();
        match self.form {
            Form::File => {
                let file = self.files.iter().next().filter(|_| whole)?;
                let set = DigestSet::from(Digest::Sha256(file.sha256?));
                Some(set.with(Digest::Blake3(file.blake3?)))
            }
            Form::Tree => {
                let lines = self.files.iter().map(|file| Some((file.path, file.sha256?)));
                let lines: Vec<_> = lines.collect::<Option<_>>().filter(|_| whole)?;
                Some(Digest::DirHash(dir_hash(lines).ok()?).into())
            }
        }
    }
}

impl Both<'_> {
    /// Whether a file at a path has the same bytes on both sides.
    pub(super) fn is_same(&self, path: &RelPath) -> bool {
        let digests = |side: &Looked<'_>| {
            let file = side.files.get(path.as_str())?;
            Some((file.size, file.sha256?, file.blake3?))
        };
        let claimed = digests(&self.claimed);
        claimed.is_some() && claimed == digests(&self.made)
    }
}
