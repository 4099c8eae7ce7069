//! One file of a hub repository: its bytes, held against what the hub's own listing says of them.

use std::fmt;
use std::io::{self, Read};

use fullsource_format::digest::{GitId, Sha256, Sha256Hasher};
use url::Url;

use super::ask::Asked;
use super::listing::HubWord;
use crate::net::{Request, Response};
use crate::source::{Entry, Sink, SinkError, Trouble};
use crate::tree::escaped;

/// A file to be fetched.
pub(super) struct Wanted<'a> {
    pub(super) commit: GitId,
    pub(super) url: &'a Url,
    pub(super) entry: Entry<'a>,
    pub(super) size: u64,
    pub(super) word: HubWord,
}

/// Hands a file's bytes to the sink. Bytes that are not what the listing says are asked for once
/// more, since a transfer can break; then the place cannot be read.
pub(super) fn fetch(
    asked: &Asked<'_>,
    wanted: &Wanted<'_>,
    sink: &dyn Sink,
) -> Result<(), Trouble> {
    match fetch_once(asked, wanted, sink) {
        Err(Failure::Differs(_)) => {}
        Err(Failure::Trouble(trouble)) => return Err(trouble),
        Ok(()) => return Ok(()),
    }
    fetch_once(asked, wanted, sink).map_err(|failure| match failure {
        Failure::Differs(differs) => wanted.faulty(&differs),
        Failure::Trouble(trouble) => trouble,
    })
}

/// Asks whether the hub would serve the file, and as what its listing says, without reading it. Who may
/// list a gated repository may not always read it.
pub(super) fn confirm(asked: &Asked<'_>, wanted: &Wanted<'_>) -> Result<(), Trouble> {
    let mut url = wanted.url.clone();
    for _ in 0..=RENAMES {
        let head = || Request::head(&url).without_redirects().accept(REDIRECTS);
        let answer = asked.send(&head)?;
        wanted.check_headers(&answer).map_err(|differs| wanted.faulty(&differs))?;
        let linked = answer.header("x-linked-etag").is_some();
        let to = answer.header("location").and_then(|location| url.join(location).ok());
        match to.filter(|to| !linked && to.origin() == url.origin()) {
            Some(to) => url = to,
            None => return Ok(()),
        }
    }
    Err(Trouble::skipped(format!("more than {RENAMES} redirects")))
}

/// Redirects within the hub: a repository that was renamed, a file from its cache.
const RENAMES: usize = 5;
const REDIRECTS: &[u16] = &[301, 302, 303, 307, 308];

impl Wanted<'_> {
    fn faulty(&self, differs: &Differs) -> Trouble {
        let path = escaped(self.entry.path);
        Trouble::faulty(format!("`{path}` is not what the hub's listing says: {differs}"))
    }

    /// Holds what an answer says of the file against the listing. The hub's own answers have the
    /// commit; one that redirects to the file store has the store's size and SHA-256, too.
    fn check_headers(&self, answer: &Response) -> Result<(), Differs> {
        if let Some(commit) = answer.header("x-repo-commit")
            && commit != self.commit.to_string()
        {
            return Err(Differs::Commit(commit.to_owned()));
        }
        let linked = answer.header("x-linked-size").and_then(|size| size.parse().ok());
        if let Some(served) = linked.filter(|size| *size != self.size) {
            return Err(Differs::Size { listed: self.size, served });
        }
        let tag = answer.header("x-linked-etag").map(|tag| tag.trim_matches('"').parse());
        match (self.word, tag) {
            (HubWord::Sha256(listed), Some(Ok(served))) => same(listed, served, "sha256"),
            _ => Ok(()),
        }
    }
}

enum Failure {
    Differs(Differs),
    Trouble(Trouble),
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

fn fetch_once(asked: &Asked<'_>, wanted: &Wanted<'_>, sink: &dyn Sink) -> Result<(), Failure> {
    let response = asked.send(&|| Request::get(wanted.url))?;
    wanted.check_headers(&response).map_err(Failure::Differs)?;
    if let Some(length) = response.length()
        && length != wanted.size
    {
        return Err(Failure::Differs(Differs::Size { listed: wanted.size, served: length }));
    }
    let mut bytes = Checked::new(response, wanted.size, wanted.word);
    match sink.file(&wanted.entry, &mut bytes) {
        Ok(()) => Ok(()),
        Err(SinkError::Read(error)) => Err(failure(error)),
        Err(SinkError::Refused(why)) => Err(Trouble::faulty(why).into()),
        Err(SinkError::Stopped(stopped)) => Err(Trouble::from(stopped).into()),
    }
}

fn failure(error: io::Error) -> Failure {
    match error.downcast::<Differs>() {
        Ok(differs) => Failure::Differs(differs),
        Err(error) => Failure::Trouble(Trouble::of(&error)),
    }
}

/// How what was served differs from what was listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Differs {
    #[error("it is served from commit `{0}`")]
    Commit(String),
    #[error("{listed} bytes are listed, {served} or more are served")]
    Size { listed: u64, served: u64 },
    #[error("{listed} is listed, {served} is served")]
    Digest { listed: String, served: String },
    #[error("its bytes are made to collide under SHA-1")]
    Collision,
}

/// Bytes that end in an error where they are not what was listed.
struct Checked<R> {
    bytes: R,
    size: u64,
    seen: u64,
    hasher: Hasher,
}

enum Hasher {
    Sha256 { listed: Sha256, seen: Sha256Hasher },
    Blob { listed: [u8; 20], seen: Box<sha1dc::Hasher> },
    None,
}

impl<R> Checked<R> {
    fn new(bytes: R, size: u64, word: HubWord) -> Self {
        let hasher = match word {
            HubWord::Sha256(listed) => Hasher::Sha256 { listed, seen: Sha256::hasher() },
            HubWord::Blob(listed) => {
                let mut seen = Box::<sha1dc::Hasher>::default();
                seen.update(format!("blob {size}\0").as_bytes());
                Hasher::Blob { listed, seen }
            }
            HubWord::None => Hasher::None,
        };
        Self { bytes, size, seen: 0, hasher }
    }

    fn check_end(&mut self) -> Result<(), Differs> {
        let (listed, served) = (self.size, self.seen);
        if served != listed {
            return Err(Differs::Size { listed, served });
        }
        match std::mem::replace(&mut self.hasher, Hasher::None) {
            Hasher::Sha256 { listed, seen } => same(listed, seen.finish(), "sha256"),
            Hasher::Blob { listed, seen } => match seen.finalize() {
                Ok(id) => same(GitId::Sha1(listed), GitId::Sha1(id.to_bytes()), "git blob"),
                Err(_) => Err(Differs::Collision),
            },
            Hasher::None => Ok(()),
        }
    }
}

fn same<T: PartialEq + fmt::Display>(listed: T, served: T, what: &str) -> Result<(), Differs> {
    if listed == served {
        return Ok(());
    }
    Err(Differs::Digest { listed: format!("{what} {listed}"), served: served.to_string() })
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let count = self.bytes.read(buffer)?;
        if count == 0 {
            self.check_end().map_err(io::Error::other)?;
            return Ok(0);
        }
        self.seen += count as u64;
        if self.seen > self.size {
            let (listed, served) = (self.size, self.seen);
            return Err(io::Error::other(Differs::Size { listed, served }));
        }
        let bytes = &buffer[..count];
        match &mut self.hasher {
            Hasher::Sha256 { seen, .. } => seen.update(bytes),
            Hasher::Blob { seen, .. } => seen.update(bytes),
            Hasher::None => {}
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], size: u64, word: HubWord) -> Result<Vec<u8>, Differs> {
        let mut read = Vec::new();
        match Checked::new(bytes, size, word).read_to_end(&mut read) {
            Ok(_) => Ok(read),
            Err(error) => Err(error.downcast::<Differs>().unwrap()),
        }
    }

    #[test]
    fn bytes_pass_that_are_what_was_listed() {
        let abc = HubWord::Sha256(Sha256::of(b"abc"));
        assert_eq!(read(b"abc", 3, abc).unwrap(), b"abc");
        assert!(matches!(read(b"abd", 3, abc), Err(Differs::Digest { .. })));
        assert!(matches!(read(b"ab", 3, abc), Err(Differs::Size { served: 2, .. })));
        assert!(matches!(read(b"abcd", 3, abc), Err(Differs::Size { .. })));
        assert_eq!(read(b"abc", 3, HubWord::None).unwrap(), b"abc");
    }

    #[test]
    fn a_file_kept_in_git_is_held_against_its_blob_id() {
        // `git hash-object` of an empty file, and of `abc`.
        let blob = |id: &str| match id.parse().unwrap() {
            GitId::Sha1(id) => HubWord::Blob(id),
            GitId::Sha256(_) => HubWord::None,
        };
        let empty = blob("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
        let abc = blob("f2ba8f84ab5c1bce84a7b441cb1959cfc7093b7f");
        assert_eq!(read(b"", 0, empty).unwrap(), b"");
        assert_eq!(read(b"abc", 3, abc).unwrap(), b"abc");
        assert!(matches!(read(b"abd", 3, abc), Err(Differs::Digest { .. })));
    }
}
