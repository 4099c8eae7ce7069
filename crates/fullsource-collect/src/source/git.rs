//! A commit of a git repository: `git+https:` and `git+file:`.
//!
//! Without the git program, and without anything that it would run or read on the way: no hooks,
//! filters, helpers, checkout, or configuration. Objects come from a server or from a directory; every
//! one is held against its id before it counts.
//!
//! Spec: `spec/v0.1/locator.md` (`loc-8`, `loc-14`), `spec/v0.1/looking.md`.

mod greeting;
mod hand_over;
mod local;
mod object;
mod pack;
mod packet;
mod reach;
mod receive;
mod refs;
mod remote;
mod smart;
mod store;
mod tree;

use std::path::PathBuf;

use fullsource_format::digest::{Digest, DigestSet, GitId};
use fullsource_format::evidence::{Access, ContentFact, ContentFactKind};
use fullsource_format::locator::{GitTransport, Locator};
use fullsource_format::path::RelPath;
use fullsource_format::text::Text;
use url::Url;

use super::{Context, Sink, Told, Trouble};
use crate::swhid::{Swhid, SwhidKind};
use hand_over::{Content, hand_over};
use local::Local;
use object::{Commit, Kind, format_of};
use pack::{Desk, OBJECT_BYTES};
use reach::Reach;
use remote::Fetching;
use smart::Remote;
use store::Objects;

/// Where a repository is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Behind HTTP, in git's own protocol.
    Http(Url),
    /// A directory on this machine.
    File(PathBuf),
}

impl Place {
    /// The repository that a locator names, or `None` where it names no host.
    pub fn of(transport: GitTransport, repository: &str) -> Option<Self> {
        Some(match transport {
            GitTransport::Https => Self::Http(format!("https://{repository}").parse().ok()?),
            GitTransport::File => Self::File(repository.into()),
        })
    }
}

/// What of a repository is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitPlace {
    /// The repository.
    pub repository: Place,
    /// The commit.
    pub commit: GitId,
    /// A file or a directory of its tree.
    pub path: Option<RelPath>,
}

impl GitPlace {
    /// The place that a locator names, or `None` where it is not one of git's or its host is none.
    pub fn of(locator: &Locator) -> Option<Self> {
        let Locator::Git { transport, repository, commit, path } = locator else { return None };
        let repository = Place::of(*transport, repository)?;
        Some(Self { repository, commit: *commit, path: path.clone() })
    }
}

/// Hands the tree of a commit, or what lies at a path of it, to a sink.
///
/// `Told::digests` has `gitCommit` and, for a tree, `gitTree`, both of what was read. Where branches and
/// tags of the repository do not lead to the commit, that is among the facts; where that is not known,
/// `Told::remark` says why.
pub fn look(place: &GitPlace, context: &Context<'_>, sink: &dyn Sink) -> Result<Told, Trouble> {
    match &place.repository {
        Place::Http(url) => look_behind(url, place, context, sink),
        Place::File(path) => {
            let local = Local::open(path)?;
            let content = hand_over_commit(&local.objects, place, context, sink)?;
            let reach = Reach::of(local.reach(place.commit, context))?;
            Ok(told(place.commit, content, reach))
        }
    }
}

fn look_behind(
    url: &Url,
    place: &GitPlace,
    context: &Context<'_>,
    sink: &dyn Sink,
) -> Result<Told, Trouble> {
    let directory = tempfile::tempdir_in(context.temporary)
        .map_err(|error| Trouble::skipped(format!("no place for temporary files: {error}")))?;
    let fetching = Fetching::new(url, context, directory.path())?;
    let objects = fetching.commit(place.commit)?;
    let content = hand_over_commit(&objects, place, context, sink)?;
    let reach = Reach::of(fetching.reach(place.commit))?;
    let endpoint = fetching.remote.endpoint();
    let endpoint = (endpoint != crate::net::shown(url)).then_some(endpoint);
    let proxied = fetching.remote.proxied;
    let access = Some(Access::Anonymous);
    Ok(Told { access, endpoint, proxied, ..told(place.commit, content, reach) })
}

fn hand_over_commit(
    objects: &Objects,
    place: &GitPlace,
    context: &Context<'_>,
    sink: &dyn Sink,
) -> Result<Content, Trouble> {
    let commit = read_commit(objects, &place.commit)?;
    hand_over(objects, commit.tree, place.path.as_ref(), context, sink)
}

fn read_commit(objects: &Objects, id: &GitId) -> Result<Commit, Trouble> {
    let Some(found) = objects.find(id, &mut Desk::default())? else {
        let text = format!("the repository has no commit {id}");
        return Err(objects.lacking(text, Trouble::absent));
    };
    let kind = found.kind;
    let content = found.whole(OBJECT_BYTES)?;
    if kind != Kind::Commit {
        // loc-14
        let hint = match object::tag_target(&content, format_of(id)) {
            Some(target) if kind == Kind::Tag => format!("; it points to {target}"),
            _ => String::new(),
        };
        let text = format!("{id} is the id of a {} object, not of a commit{hint}", kind.name());
        return Err(Trouble::absent(text));
    }
    let broken = || Trouble::faulty(format!("{id} is no commit object that can be read"));
    Commit::parse(&content, objects.format).ok_or_else(broken)
}

fn told(commit: GitId, content: Content, reach: Reach) -> Told {
    let digests = DigestSet::from(Digest::GitCommit(commit));
    let mut facts = Vec::new();
    let (digests, swhid) = match content {
        Content::Tree(id) => {
            (digests.with(Digest::GitTree(id)), Swhid::of(SwhidKind::Directory, &id))
        }
        Content::File(id) => (digests, Swhid::of(SwhidKind::Content, &id)),
    };
    let swhids = [Swhid::of(SwhidKind::Revision, &commit), swhid];
    facts.extend(swhids.iter().flatten().map(Swhid::fact));
    let remark = match reach {
        Reach::Reached => None,
        Reach::Unreached => {
            let fact = ContentFact::new(ContentFactKind::CommitUnreachable);
            facts.push(fact.saying(commit.to_string()));
            None
        }
        Reach::Unknown(why) => {
            let fact = ContentFact::new(ContentFactKind::CommitUnplaced);
            facts.push(fact.saying(commit.to_string()));
            let why = why.detail.as_str();
            let text = format!("whether a branch or a tag leads to the commit is not known: {why}");
            Some(Text::clipped(&text))
        }
    };
    Told { digests: Some(digests), facts, remark, ..Told::default() }
}

/// A name as it was resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The commit.
    pub commit: GitId,
    /// The ref that said so, in full (`refs/heads/main`), where it was one.
    pub reference: Option<String>,
}

/// The commit that a branch, a tag, `HEAD` (also where nothing is said), or an id, also an abbreviated
/// one, names at this moment.
///
/// A full id is taken as it is. An abbreviated one is sought among branches and tags, and in a
/// repository on this machine among all objects. Fails with [`Trouble::absent`] where nothing has the
/// name, and with [`Trouble::faulty`] where several things have it.
pub fn resolve(
    repository: &Place,
    reference: Option<&str>,
    context: &Context<'_>,
) -> Result<Resolved, Trouble> {
    let (refs, local) = match repository {
        Place::Http(url) => {
            let remote = Remote::connect(context.net, url)?;
            let other = reference.filter(|text| text.starts_with("refs/"));
            let prefixes = [Some("HEAD"), Some("refs/heads/"), Some("refs/tags/"), other];
            (remote.refs(&prefixes.into_iter().flatten().collect::<Vec<_>>())?, None)
        }
        Place::File(path) => {
            let local = Local::open(path)?;
            (local.refs()?, Some(local))
        }
    };
    if let Some((commit, found)) = refs::named(&refs, reference)? {
        let name = found.target.as_ref().unwrap_or(&found.name);
        let reference = Some(crate::tree::escaped(name));
        return Ok(Resolved { commit, reference });
    }
    let text = reference.unwrap_or("HEAD");
    let unknown = || {
        let name = crate::tree::escaped(text.as_bytes());
        Trouble::absent(format!("the repository has no branch, no tag and no commit `{name}`"))
    };
    if let Ok(commit) = text.parse() {
        let named = refs.iter().find(|found| found.commit() == commit && found.name != b"HEAD");
        let reference = named.map(|found| crate::tree::escaped(&found.name));
        return Ok(Resolved { commit, reference });
    }
    by_digits(text, &refs, local.as_ref()).unwrap_or_else(|| Err(unknown()))
}

/// The commit whose id begins with these digits, or `None` where that is no such text or names nothing.
fn by_digits(
    text: &str,
    refs: &[refs::Ref],
    local: Option<&Local>,
) -> Option<Result<Resolved, Trouble>> {
    let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !digits || !(4..64).contains(&text.len()) {
        return None;
    }
    let tips = refs.iter().map(refs::Ref::commit);
    let mut ids: Vec<GitId> = tips.filter(|id| id.to_string().starts_with(text)).collect();
    if let Some(local) = local {
        let is_commit = |id: &GitId| read_commit(&local.objects, id).is_ok();
        ids.extend(local.objects.abbreviated(text).into_iter().filter(is_commit));
    }
    ids.sort_unstable();
    ids.dedup();
    match ids.as_slice() {
        [] => None,
        [commit] => Some(Ok(Resolved { commit: *commit, reference: None })),
        _ => Some(Err(Trouble::faulty(format!("`{text}` is the beginning of several ids")))),
    }
}
