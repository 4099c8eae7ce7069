//! What a place holds: digests of it, and what its bytes say about themselves, in one read of them, in
//! bounded memory, from several threads.
//!
//! A million files with paths of 40 bytes take some 140 MB, and 60 MB more where git's ids are asked
//! for. Of a file that goes by, no more is kept than its header, or the whole of a small one that is
//! read for facts.
//!
//! Spec: `spec/v0.1/looking.md`, `spec/v0.1/digest.md`.

mod compressed;
mod facts;
mod hollow;
mod index;
mod kind;
mod layers;
mod legal;
mod listing;
mod local;
mod look;
mod names;
mod package;
mod state;
mod tee;
mod text_scan;
mod use_terms;
mod weights;

use std::io::{self, Cursor, Read as _};
use std::sync::{Mutex, PoisonError};

use fullsource_format::digest::{DigestSet, GitId};
use fullsource_format::evidence::ContentFact;
use fullsource_format::index::{FileTable, TableError};
use fullsource_format::role::Role;

use crate::git_tree::{GitObject, LeafKind, ObjectFormat};
use crate::hash::{Wanted as Digests, locked};
use crate::progress::{Progress, Stopped};
use crate::read::window::Streamed;
use crate::read::zip_walk::Sizes;
use crate::source::{Entry, Sink, SinkError, Want};
use crate::tree::escaped;
pub use index::IndexMatch;
use kind::FileKind;
use listing::File;
pub use local::{Local, LocalError, local};
use look::Look;
use state::State;
use tee::{BLOCK, FileDigests, Hashers, Tee};

/// What is wanted of a content.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// What a single file is called, as the last part of its locator: what is read of it goes by its
    /// name, and its facts name it so.
    pub name: &'a str,
    /// Which digests of a single file are wanted. The files of a tree have a SHA-256 in any case:
    /// their tree's digest is made of these.
    pub digests: Digests,
    /// Whether git's ids are wanted, and of which repositories.
    pub git: Option<ObjectFormat>,
    /// The index of the artifact: exactly its files are meant. Others are not asked for.
    pub index: Option<&'a FileTable>,
    /// The files of the index that are drawn as a sample, by their numbers in it, ascending: only they
    /// are asked for.
    pub sample: Option<&'a [usize]>,
    /// Says of a file whether the budget holds its bytes; without it, it does.
    pub budget: Option<&'a (dyn Fn(&Entry<'_>) -> Want + Sync)>,
    /// The roles of the artifact.
    pub roles: &'a [Role],
    /// Whether facts are wanted beside digests.
    pub facts: bool,
    /// Where bytes and files are counted, and whether to go on is asked.
    pub progress: Option<&'a Progress>,
}

impl Default for Wanted<'_> {
    /// Digests and facts, of an artifact of no role, without git's ids.
    fn default() -> Self {
        let (git, index, sample, budget, progress) = (None, None, None, None, None);
        let (name, digests) = ("content", Digests::Both);
        Self { name, digests, git, index, sample, budget, roles: &[], facts: true, progress }
    }
}

/// What a place held.
#[derive(Debug)]
pub struct Content {
    /// Of one file those that were wanted; of a tree `dirHash`, and `gitTree` where it was asked for and
    /// all files were read. Where [`word_only`](Self::word_only) is not 0 they rest on the place's
    /// word. Absent where there is none, and where a sample was drawn.
    pub digests: Option<DigestSet>,
    /// Bytes of all files, as far as their sizes were told.
    pub size: u64,
    /// The number of regular files.
    pub files: u64,
    /// Of those, the ones of which only the place's word was taken.
    pub word_only: u64,
    /// Whether a part lies elsewhere: pointers of Git LFS, submodules.
    pub partial: bool,
    /// What the bytes say, sorted.
    pub facts: Vec<ContentFact>,
    /// The files of a tree, but for those whose names are no paths of a release, and for those that are
    /// what the index says. None for one file.
    pub table: Option<FileTable>,
    /// What became of the files of the index that was given.
    pub index: Option<IndexMatch>,
}

/// Why what was handed over is no content.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// The files cannot be held in one table.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// Takes what lies at a place, and tells what it is.
pub struct Reader<'a> {
    wanted: Wanted<'a>,
    look: Look,
    state: Mutex<State>,
    /// Buffers that are in no use.
    buffers: Mutex<Vec<Vec<u8>>>,
}

/// Bytes of a file whose size nobody told that are held to know it: git's ids start with it.
const AHEAD: u64 = 1 << 20;

impl<'a> Reader<'a> {
    /// A reader of one content.
    pub fn new(wanted: Wanted<'a>) -> Self {
        Self {
            wanted,
            look: Look::new(wanted.roles, wanted.facts),
            state: Mutex::default(),
            buffers: Mutex::default(),
        }
    }

    /// What was handed over, once all was.
    pub fn finish(self) -> Result<Content, ContentError> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(state.finish(&self.wanted, self.look.has_many())?)
    }

    /// Whether a file is one of those that are meant, and drawn.
    fn is_meant(&self, entry: &Entry<'_>) -> bool {
        let Some(index) = self.wanted.index else { return true };
        match (self.number(index, entry), self.wanted.sample) {
            (Some(number), Some(sample)) => sample.binary_search(&number).is_ok(),
            (number, None) => number.is_some(),
            (None, _) => false,
        }
    }

    /// The number of a file in the index.
    fn number(&self, index: &FileTable, entry: &Entry<'_>) -> Option<usize> {
        index.index_of(std::str::from_utf8(entry.path).ok()?)
    }

    /// Takes note of a file that is not meant.
    fn pass_over(&self, entry: &Entry<'_>) {
        if self.wanted.index.is_some_and(|index| self.number(index, entry).is_none()) {
            locked(&self.state).extra(&self.path_of(entry));
        }
    }

    /// The path of a file in its facts.
    fn path_of(&self, entry: &Entry<'_>) -> String {
        if entry.path.is_empty() { self.wanted.name.to_owned() } else { escaped(entry.path) }
    }

    fn digests_of(&self, entry: &Entry<'_>) -> Digests {
        match self.wanted.digests {
            Digests::Blake3 if !entry.path.is_empty() => Digests::Both,
            digests => digests,
        }
    }

    fn buffer(&self) -> Vec<u8> {
        locked(&self.buffers).pop().unwrap_or_else(|| vec![0; BLOCK])
    }

    /// Reads a file that is meant.
    fn take(
        &self,
        entry: &Entry<'_>,
        size: Option<u64>,
        bytes: &mut dyn io::Read,
    ) -> Result<(), SinkError> {
        let path = self.path_of(entry);
        let kind = FileKind::of(&path);
        let blob = self.wanted.git.zip(size);
        let mut source = Streamed(bytes);
        let hashers = Some(Hashers::new(self.digests_of(entry), blob));
        let mut tee = Tee::new(&mut source, hashers, self.look.keep(kind), self.wanted.progress);
        let mut buffer = self.buffer();
        let read = self.look.read(kind, &mut tee, &Sizes::new(), &mut buffer);
        locked(&self.buffers).push(buffer);
        if let Some(error) = tee.error.take() {
            return Err(trouble(error));
        }
        let count = tee.count;
        if let Some(size) = size.filter(|size| *size != count) {
            let error = format!("`{path}` has {count} bytes where {size} were told");
            return Err(SinkError::Read(io::Error::new(io::ErrorKind::InvalidData, error)));
        }
        let refused = |error: crate::git_tree::GitTreeError| SinkError::Refused(error.to_string());
        let Some(digests) = tee.hashers.take().map(|hashers| hashers.finish(entry.path)) else {
            return Ok(());
        };
        let FileDigests { sha256, blake3, blob } = digests.map_err(refused)?;
        let said = self.look.conclude(&path, kind, count, &mut tee, read);
        let file = File {
            path: entry.path,
            size: count,
            executable: entry.executable,
            sha256,
            blake3,
            blob,
        };
        let indexed = self.wanted.index.and_then(|index| Some((index, self.number(index, entry)?)));
        let mut state = locked(&self.state);
        state.add(&file, indexed, self.wanted.git.is_some()).map_err(SinkError::Refused)?;
        state.hear(&path, count, said);
        drop(state);
        self.wanted.progress.inspect(|progress| progress.add_file());
        Ok(())
    }
}

impl Sink for Reader<'_> {
    fn want(&self, entry: &Entry<'_>) -> Want {
        match self.wanted.budget {
            _ if !self.is_meant(entry) => Want::Name,
            Some(budget) => budget(entry),
            None => Want::Bytes,
        }
    }

    fn file(&self, entry: &Entry<'_>, bytes: &mut dyn io::Read) -> Result<(), SinkError> {
        if !self.is_meant(entry) {
            io::copy(bytes, &mut io::sink())?;
            self.pass_over(entry);
            return Ok(());
        }
        if self.wanted.git.is_none() || entry.size.is_some() {
            return self.take(entry, entry.size, bytes);
        }
        let mut ahead = Vec::new();
        (&mut *bytes).take(AHEAD + 1).read_to_end(&mut ahead)?;
        let length = ahead.len() as u64;
        let size = (length <= AHEAD).then_some(length);
        self.take(entry, size, &mut Cursor::new(ahead).chain(bytes))
    }

    fn word(&self, entry: &Entry<'_>, digests: &DigestSet) -> Result<(), SinkError> {
        if !self.is_meant(entry) {
            self.pass_over(entry);
            return Ok(());
        }
        let path = self.path_of(entry);
        let file = File {
            path: entry.path,
            size: entry.size.unwrap_or_default(),
            executable: entry.executable,
            sha256: digests.sha256(),
            blake3: None,
            blob: None,
        };
        let indexed = self.wanted.index.and_then(|index| Some((index, self.number(index, entry)?)));
        let mut state = locked(&self.state);
        state.add(&file, indexed, self.wanted.git.is_some()).map_err(SinkError::Refused)?;
        state.hear_word(FileKind::of(&path));
        Ok(())
    }

    fn symlink(&self, path: &[u8], target: &[u8]) -> Result<(), SinkError> {
        let id = self.wanted.git.map(|format| GitObject::of(format, "blob", target).id(path));
        let id = id.transpose().map_err(|error| SinkError::Refused(error.to_string()))?;
        locked(&self.state).link(path, LeafKind::Symlink, id).map_err(SinkError::Refused)
    }

    fn submodule(&self, path: &[u8], commit: &GitId) -> Result<(), SinkError> {
        let id = self.wanted.git.map(|_| *commit);
        let mut state = locked(&self.state);
        state.link(path, LeafKind::Submodule, id).map_err(SinkError::Refused)?;
        state.hear_submodule(&escaped(path), commit);
        Ok(())
    }
}

/// What the source said, or that it is time to stop.
fn trouble(error: io::Error) -> SinkError {
    let stopped = error.get_ref().and_then(|inner| inner.downcast_ref::<Stopped>());
    match stopped {
        Some(stopped) => SinkError::Stopped(*stopped),
        None => SinkError::Read(error),
    }
}

#[cfg(test)]
#[path = "content/content_tests.rs"]
mod tests;
