//! A repository behind HTTP: one commit of it, and whether the repository calls it its own.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use fullsource_format::digest::GitId;
use url::Url;

use super::object::format_of;
use super::pack::Desk;
use super::reach::{self, Missing, Reach};
use super::receive::receive;
use super::refs::Ref;
use super::smart::{Answer, Remote, Wish};
use super::store::Objects;
use crate::source::{Context, Trouble, TroubleKind};

/// Bytes of a history that is fetched only to see whether it leads to a commit: commits without trees
/// of the largest public projects, or a small project as a whole.
const HISTORY_BYTES: u64 = 1 << 30;
/// The refs that a repository calls its own.
const OWN: &[&str] = &["refs/heads/", "refs/tags/"];

/// A repository and where its packs go.
pub(super) struct Fetching<'a> {
    pub(super) remote: Remote<'a>,
    context: &'a Context<'a>,
    directory: PathBuf,
}

/// What came of a wish.
enum Fetched {
    Objects { objects: Objects, shortened: bool },
    Refused(String),
}

impl<'a> Fetching<'a> {
    pub(super) fn new(
        repository: &Url,
        context: &'a Context<'a>,
        directory: &Path,
    ) -> Result<Self, Trouble> {
        let remote = Remote::connect(context.net, repository)?;
        Ok(Self { remote, context, directory: directory.to_owned() })
    }

    /// The objects of one commit, without its history where the server can do that.
    pub(super) fn commit(&self, commit: GitId) -> Result<Objects, Trouble> {
        if format_of(&commit) != self.remote.format {
            let text = "the repository's commit ids have another length";
            return Err(Trouble::absent(text));
        }
        let wish = Wish { wants: vec![commit], shallow: true, ..Wish::default() };
        match self.fetch(&wish, u64::MAX)? {
            Fetched::Objects { objects, .. } => Ok(objects),
            // Of all versions only the second gives every object that is there.
            Fetched::Refused(words)
                if self.remote.is_version_two() && words.contains("not our ref") =>
            {
                Err(Trouble::absent(format!("the server answers: {words}")))
            }
            Fetched::Refused(words) => self.among_all(commit, &words),
        }
    }

    /// The last resort: everything that any ref leads to, and the commit perhaps among it.
    fn among_all(&self, commit: GitId, words: &str) -> Result<Objects, Trouble> {
        let absent = || {
            let text = format!("no ref leads to the commit, and the server answers: {words}");
            Trouble::absent(text)
        };
        let refs = self.remote.refs(&["refs/", "HEAD"])?;
        if refs.is_empty() {
            return Err(absent());
        }
        let wish = |bare| Wish { wants: wants(&refs), bare, ..Wish::default() };
        let stages: &[bool] = if self.remote.can_filter() { &[true, false] } else { &[false] };
        let mut last = None;
        for bare in stages {
            match self.fetch(&wish(*bare), u64::MAX)? {
                Fetched::Refused(words) => {
                    return Err(Trouble::unreachable(format!("the server answers: {words}")));
                }
                Fetched::Objects { objects, .. } => {
                    if objects.find(&commit, &mut Desk::default())?.is_none() {
                        return Err(absent());
                    }
                    last = Some(objects);
                }
            }
        }
        last.ok_or_else(absent)
    }

    /// Whether a branch or a tag leads to a commit that the server has.
    pub(super) fn reach(&self, commit: GitId) -> Result<Reach, Trouble> {
        let refs = self.remote.refs(OWN)?;
        if reach::is_tip(&refs, &commit) {
            return Ok(Reach::Reached);
        }
        let own: Vec<Ref> = refs.into_iter().filter(Ref::is_own).collect();
        if own.is_empty() {
            return Ok(Reach::Unreached);
        }
        // With the commit as something that need not be sent, no more comes than what is newer.
        let haves = vec![commit];
        let wish = Wish { wants: wants(&own), haves, bare: true, ..Wish::default() };
        match self.fetch(&wish, HISTORY_BYTES)? {
            Fetched::Refused(words) => {
                let text = format!("the server answers: {words}");
                Ok(Reach::Unknown(Trouble::unreachable(text)))
            }
            Fetched::Objects { objects, shortened } => {
                // What the server itself does not have, it cannot send.
                let missing = if shortened { Missing::Hole } else { Missing::Expected };
                reach::walk(&objects, &own, &commit, missing, self.context)
            }
        }
    }

    /// Asks for objects, and again where the answer breaks off: a pack cannot be taken up where it ended.
    fn fetch(&self, wish: &Wish, limit: u64) -> Result<Fetched, Trouble> {
        let mut left = self.context.net.settings().tries.max(1);
        loop {
            left -= 1;
            match self.fetch_once(wish, limit) {
                Err(trouble) if trouble.kind == TroubleKind::Unreachable && left > 0 => {}
                fetched => return fetched,
            }
        }
    }

    fn fetch_once(&self, wish: &Wish, limit: u64) -> Result<Fetched, Trouble> {
        let (answer, shortened) = self.remote.fetch(wish)?;
        let pack = match answer {
            Answer::Refused(words) => return Ok(Fetched::Refused(words)),
            Answer::Pack(pack) => pack,
        };
        let (net, threads) = (self.context.net, self.context.threads.get());
        let mut pack = Bounded { inner: pack, left: limit, limit };
        let pack = receive(&mut pack, &self.directory, self.remote.format, threads, net)?;
        let objects = Objects::received(self.remote.format, pack);
        Ok(Fetched::Objects { objects, shortened })
    }
}

/// The objects that refs point to, each once.
fn wants(refs: &[Ref]) -> Vec<GitId> {
    let mut ids: Vec<GitId> = refs.iter().map(|found| found.id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Fails where more comes than the limit.
struct Bounded<R> {
    inner: R,
    left: u64,
    limit: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let left = self.left.checked_sub(read as u64);
        self.left = left.ok_or_else(|| {
            let text = format!("a history of more than {} bytes", self.limit);
            io::Error::other(Trouble::skipped(text))
        })?;
        Ok(read)
    }
}
