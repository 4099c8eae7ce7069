//! Places: what lies at a locator, handed over entry by entry.
//!
//! A source knows how a place is asked; what its bytes come to (digests, facts) is the business of
//! the [`Sink`] that it hands them to. A source has no opinion and sees no claimed digest.
//!
//! Spec: `spec/v0.1/locator.md`, `spec/v0.1/looking.md`.

mod access;
pub mod archive;
pub mod git;
pub mod http;
pub mod hub;
pub mod object;
pub mod oci;
mod several;
pub mod swh;

use std::io::Read;
use std::num::NonZeroUsize;
use std::path::Path;

use fullsource_format::digest::{DigestSet, GitId};
use fullsource_format::evidence;
use fullsource_format::text::Text;

pub use access::{Access, AccessError, look};

use crate::net::Net;
use crate::progress::{Progress, Stopped};

/// What every look at a place needs.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The network.
    pub net: &'a Net,
    /// Told of progress, and asked whether to stop.
    pub progress: &'a Progress,
    /// Threads to use within one place.
    pub threads: NonZeroUsize,
    /// A directory for temporary files, which is empty and goes away after the look.
    pub temporary: &'a Path,
}

/// One regular file on its way from a place to a [`Sink`].
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Its path from the root that the locator names, parts joined by `/`, as the place has it: any
    /// bytes. Empty where what lies at the locator is this one file.
    pub path: &'a [u8],
    /// Its size in bytes, where the place tells it before the bytes come.
    pub size: Option<u64>,
    /// Whether its owner may execute it.
    pub executable: bool,
}

/// What a sink wants of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// Its bytes.
    Bytes,
    /// What the place says of it: the budget does not hold its bytes.
    Word,
    /// That it is there: it is not part of what is looked at. [`Sink::word`] takes it without a digest.
    Name,
}

/// Takes what lies at a place. Sources may call it from several threads at once; one entry comes
/// from one thread.
pub trait Sink: Sync {
    /// Asks, before the bytes are fetched, whether they are wanted. A source that cannot give its
    /// word on a file's digest hands over the bytes all the same, or gives up with
    /// [`Trouble::skipped`].
    fn want(&self, entry: &Entry<'_>) -> Want;

    /// Takes a file. Reads `bytes` to their end. An error of `bytes` is the source's own: it comes
    /// back as [`SinkError::Read`], and nothing of this file counts; the source may hand the file over
    /// again from its start.
    fn file(&self, entry: &Entry<'_>, bytes: &mut dyn Read) -> Result<(), SinkError>;

    /// Takes a place's word on a file whose bytes nobody reads; without digests where only its name was
    /// wanted.
    fn word(&self, entry: &Entry<'_>, digests: &DigestSet) -> Result<(), SinkError>;

    /// Takes a symbolic link, by the text it holds.
    fn symlink(&self, path: &[u8], target: &[u8]) -> Result<(), SinkError>;

    /// Takes a commit of another repository, which git has in place of a directory.
    fn submodule(&self, path: &[u8], commit: &GitId) -> Result<(), SinkError>;
}

/// Why a sink did not take an entry.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// The bytes did not come to their end. The error holds what the source said, unchanged.
    #[error(transparent)]
    Read(#[from] std::io::Error),
    /// Two entries of one path, more entries than the limit, or a path that cannot be: the place
    /// cannot be read as one tree.
    #[error("{0}")]
    Refused(String),
    /// Stopped by the caller.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// What a place told beside the entries, once all were handed over.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// Whether a credential was needed for any of it.
    pub access: Option<evidence::Access>,
    /// What answered, where that is not the locator itself: without credentials and query.
    pub endpoint: Option<String>,
    /// Digests of what was asked for as a whole: an archive as it was served, a commit.
    pub served: Option<DigestSet>,
    /// Digests of the content that the source itself computed from the bytes, which the sink cannot
    /// know: `gitCommit`.
    pub digests: Option<DigestSet>,
    /// What the source noticed: see `fullsource_format::evidence::ContentFact`.
    pub facts: Vec<fullsource_format::evidence::ContentFact>,
    /// Whether a proxy stood between, so that addresses could not be checked.
    pub proxied: bool,
    /// What could not be found out beside the content, and why: for `Observation::detail`.
    pub remark: Option<Text>,
}

/// Why a place could not be seen, in the words of `evd-6`. Never an opinion.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Trouble {
    /// What kind of trouble.
    pub kind: TroubleKind,
    /// What the other side said, or why there was no look: one line, escaped, without credentials.
    pub detail: Text,
}

/// The kinds of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TroubleKind {
    /// The place answers that there is no such thing: 404, 410, no such commit, no such member.
    Absent,
    /// The place refuses: 401, 403, a form to fill in.
    Closed,
    /// No answer after repeated tries: time-out, 5xx, no such host, a TLS error.
    Unreachable,
    /// Not tried, or not to the end: offline, over the budget, an address that is not allowed.
    Skipped,
    /// Something lies there, and it cannot be read as what the locator asks for: a broken or hostile
    /// archive, an object that is not what its id says.
    Faulty,
    /// Stopped by the caller.
    Stopped,
}

impl Trouble {
    /// Trouble of a kind; control characters are escaped, and what is too long is clipped.
    pub fn new(kind: TroubleKind, detail: impl AsRef<str>) -> Self {
        Self { kind, detail: Text::clipped(detail.as_ref()) }
    }
    /// The place has no such thing.
    pub fn absent(detail: impl AsRef<str>) -> Self {
        Self::new(TroubleKind::Absent, detail)
    }
    /// The place refuses.
    pub fn closed(detail: impl AsRef<str>) -> Self {
        Self::new(TroubleKind::Closed, detail)
    }
    /// The place does not answer.
    pub fn unreachable(detail: impl AsRef<str>) -> Self {
        Self::new(TroubleKind::Unreachable, detail)
    }
    /// There was no look, or not to the end.
    pub fn skipped(detail: impl AsRef<str>) -> Self {
        Self::new(TroubleKind::Skipped, detail)
    }
    /// What lies there cannot be read.
    pub fn faulty(detail: impl AsRef<str>) -> Self {
        Self::new(TroubleKind::Faulty, detail)
    }
}

impl From<Stopped> for Trouble {
    fn from(stopped: Stopped) -> Self {
        Self::new(TroubleKind::Stopped, stopped.to_string())
    }
}
