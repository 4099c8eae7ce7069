//! Repositories of the Hugging Face hub, at a commit.
//!
//! What lies there is the tree of the commit, with the content of files that are kept outside git
//! (LFS, Xet) in place of the pointers that git has. The hub does not tell which files are
//! executable or symbolic links: a link is a file that holds its target. So a `gitTree` of a commit
//! that has such is not to be had here, only by git.
//!
//! Spec: `spec/v0.1/locator.md`, `spec/v0.1/looking.md`.

mod access;
mod address;
mod ask;
mod file;
mod listing;
mod revision;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use fullsource_format::digest::{Digest, DigestSet, GitId};
use fullsource_format::limits;
use fullsource_format::locator::HubKind;
use fullsource_format::path::RelPath;

use crate::net::Request;
use crate::source::{Context, Entry, Sink, SinkError, Told, Trouble, Want};
use crate::tree::escaped;
use address::Repository;
use ask::Asked;
use listing::{HubWord, Kind, Listed};

pub use access::{HubAccess, HubAccessError, Secret};
pub use revision::{Gate, Resolved, resolve};

/// Bytes of one page of a listing: a thousand entries, each with the longest path, escaped.
const PAGE_BYTES: u64 = 32 << 20;
/// Pages without an entry after which a listing is taken to have no end.
const EMPTY_PAGES: usize = 100;
/// Files fetched at once, however few threads there are: they wait more than they work.
const AT_ONCE: usize = 4;

/// What an `hf:` locator names.
#[derive(Debug, Clone, Copy)]
pub struct HubPlace<'a> {
    /// Models or data sets.
    pub kind: HubKind,
    /// `ORG/NAME` or `NAME` (`loc-9`).
    pub name: &'a str,
    /// The commit.
    pub commit: GitId,
    /// A file or a directory of the commit's tree.
    pub path: Option<&'a RelPath>,
}

/// Hands over what lies at a place of a hub: the files of a commit, of a directory in it, or one file.
///
/// Each is held against the hub's own listing on the way. Of a file that the sink wants only the word
/// of, the hub's is handed over where it is kept outside git, once the hub was seen to serve it; where
/// not, the file is fetched all the same.
pub fn look(
    place: &HubPlace<'_>,
    access: &HubAccess,
    context: &Context<'_>,
    sink: &dyn Sink,
) -> Result<Told, Trouble> {
    let HubPlace { kind, name, commit, path } = *place;
    let repository = Repository { endpoint: access.endpoint(), kind, name };
    let asked = Asked::new(context.net, access, repository);
    revision::check_commit(&asked, &commit)?;
    let entries = list(&asked, &commit, path.map(RelPath::as_str), context)?;
    let all = Handover { asked: &asked, commit, below: &entries.below, context, sink };
    all.hand_over(&entries.listed)?;
    Ok(Told {
        access: Some(asked.who()),
        endpoint: Some(repository.page()),
        proxied: asked.proxied(),
        ..Told::default()
    })
}

/// What was selected of a commit's tree.
struct Selected {
    listed: Vec<Listed>,
    /// What is cut off the front of every path.
    below: String,
}

fn list(
    asked: &Asked<'_>,
    commit: &GitId,
    path: Option<&str>,
    context: &Context<'_>,
) -> Result<Selected, Trouble> {
    let Some(path) = path else {
        let listed = list_tree(asked, commit, "", context)?;
        return Ok(Selected { listed, below: String::new() });
    };
    let found = look_up(asked, commit, path)?;
    match found.kind {
        Kind::Directory => {
            let listed = list_tree(asked, commit, path, context)?;
            Ok(Selected { listed, below: format!("{path}/") })
        }
        Kind::File { .. } => Ok(Selected { listed: vec![found], below: path.to_owned() }),
        Kind::Submodule(commit) => {
            Err(Trouble::faulty(format!("`{path}` is commit {commit} of another repository")))
        }
    }
}

/// The entry at one path.
fn look_up(asked: &Asked<'_>, commit: &GitId, path: &str) -> Result<Listed, Trouble> {
    let url = asked.repository.paths_info(commit)?;
    let question = serde_json::json!({ "paths": [path], "expand": false }).to_string();
    let request = || {
        Request::post(&url, question.clone().into_bytes())
            .header("content-type", "application/json")
    };
    let answer = asked.send(&request)?.into_bytes(PAGE_BYTES)?;
    let mut entries = listing::read_page(&answer)?.into_iter();
    entries
        .find(|entry| entry.path == path)
        .ok_or_else(|| Trouble::absent(format!("the commit has no `{path}`")))
}

/// Everything below a directory of the commit.
fn list_tree(
    asked: &Asked<'_>,
    commit: &GitId,
    directory: &str,
    context: &Context<'_>,
) -> Result<Vec<Listed>, Trouble> {
    let mut entries = Vec::new();
    let mut cursor: Option<String> = None;
    let mut empty = 0;
    loop {
        context.progress.check()?;
        let url = asked.repository.tree(commit, directory, cursor.as_deref())?;
        let response = asked.send(&|| Request::get(&url))?;
        let link = response.header("link").unwrap_or_default();
        let next = listing::next_cursor(link, &url)?;
        let page = listing::read_page(&response.into_bytes(PAGE_BYTES)?)?;
        empty += usize::from(page.is_empty());
        entries.extend(page);
        if entries.len() > limits::FILES {
            return Err(Trouble::skipped(format!("more than {} entries", limits::FILES)));
        }
        if next.is_none() {
            return Ok(entries);
        }
        if next == cursor || empty > EMPTY_PAGES {
            return Err(Trouble::faulty("the hub's listing does not come to an end"));
        }
        cursor = next;
    }
}

/// Everything selected, on its way to the sink.
struct Handover<'a> {
    asked: &'a Asked<'a>,
    commit: GitId,
    below: &'a str,
    context: &'a Context<'a>,
    sink: &'a dyn Sink,
}

impl Handover<'_> {
    /// Hands over every entry, several at once; gives up at the first trouble.
    fn hand_over(&self, listed: &[Listed]) -> Result<(), Trouble> {
        let next = AtomicUsize::new(0);
        let over = AtomicBool::new(false);
        let first: Mutex<Option<Trouble>> = Mutex::new(None);
        let work = || {
            while let Some(entry) = listed.get(next.fetch_add(1, Ordering::Relaxed)) {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                if let Err(trouble) = self.hand_over_one(entry) {
                    over.store(true, Ordering::Relaxed);
                    first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(trouble);
                    return;
                }
            }
        };
        let workers = self.context.threads.get().max(AT_ONCE).min(listed.len());
        std::thread::scope(|scope| {
            (1..workers).for_each(|_| drop(scope.spawn(work)));
            work();
        });
        first.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }

    fn hand_over_one(&self, listed: &Listed) -> Result<(), Trouble> {
        self.context.progress.check()?;
        let path = listed.path.strip_prefix(self.below).ok_or_else(|| {
            let path = escaped(listed.path.as_bytes());
            Trouble::faulty(format!("the hub lists `{path}` below `{}`", self.below))
        })?;
        match listed.kind {
            Kind::Directory => Ok(()),
            Kind::Submodule(commit) => {
                self.sink.submodule(path.as_bytes(), &commit).map_err(from_sink)
            }
            Kind::File { size, word } => self.hand_over_file(listed, path, size, word),
        }
    }

    fn hand_over_file(
        &self,
        listed: &Listed,
        path: &str,
        size: u64,
        word: HubWord,
    ) -> Result<(), Trouble> {
        let entry = Entry { path: path.as_bytes(), size: Some(size), executable: false };
        let want = self.sink.want(&entry);
        if want == Want::Name {
            return self.sink.word(&entry, &DigestSet::default()).map_err(from_sink);
        }
        let url = &self.asked.repository.file(&self.commit, &listed.path)?;
        let wanted = file::Wanted { commit: self.commit, url, entry, size, word };
        if let (Want::Word, HubWord::Sha256(sha256)) = (want, word) {
            file::confirm(self.asked, &wanted)?;
            let digests = DigestSet::from(Digest::Sha256(sha256));
            return self.sink.word(&entry, &digests).map_err(from_sink);
        }
        file::fetch(self.asked, &wanted, self.sink)
    }
}

fn from_sink(error: SinkError) -> Trouble {
    match error {
        SinkError::Read(error) => Trouble::of(&error),
        SinkError::Refused(why) => Trouble::faulty(why),
        SinkError::Stopped(stopped) => stopped.into(),
    }
}
