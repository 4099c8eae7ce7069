//! Whether a branch or a tag leads to a commit.
//!
//! A host that keeps all forks of a project in one store gives a fork's commit under the famous name.

use std::collections::HashSet;

use fullsource_format::digest::GitId;

use super::object::{Commit, Kind, tag_target};
use super::pack::Desk;
use super::refs::Ref;
use super::store::Objects;
use crate::source::{Context, Trouble, TroubleKind};

/// What is known of the way to a commit.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// A branch or a tag leads to it: each commit on the way was read.
    Reached,
    /// All that branches and tags lead to was looked at, and it is not among that.
    Unreached,
    /// Nobody could find out, and why.
    Unknown(Trouble),
}

/// Commits of a history. The largest public ones have some millions.
const COMMITS: usize = 10_000_000;

/// Whether a branch or a tag points to the commit itself.
pub(super) fn is_tip(refs: &[Ref], commit: &GitId) -> bool {
    refs.iter().filter(|found| found.is_own()).any(|found| found.commit() == *commit)
}

/// What to make of an object that is named and not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// It belongs to the history of the commit that is sought, which nobody asked for.
    Expected,
    /// The history has a hole.
    Hole,
}

/// Walks from all branches and tags towards the beginning.
pub(super) fn walk(
    objects: &Objects,
    refs: &[Ref],
    commit: &GitId,
    missing: Missing,
    context: &Context<'_>,
) -> Result<Reach, Trouble> {
    let mut next: Vec<GitId> = refs.iter().filter(|r| r.is_own()).map(|found| found.id).collect();
    let mut seen: HashSet<GitId> = next.iter().copied().collect();
    let mut hole = None;
    let mut desk = Desk::default();
    while let Some(id) = next.pop() {
        if id == *commit {
            return Ok(Reach::Reached);
        }
        context.progress.check()?;
        if let Err(trouble) = context.net.budget().time() {
            return Ok(Reach::Unknown(trouble));
        }
        let Some(parents) = parents(objects, &id, &mut desk)? else {
            hole = Some(id);
            continue;
        };
        next.extend(parents.into_iter().filter(|parent| seen.insert(*parent)));
        if seen.len() > COMMITS {
            return Ok(Reach::Unknown(Trouble::skipped(format!("more than {COMMITS} commits"))));
        }
    }
    Ok(match hole.filter(|_| missing == Missing::Hole) {
        None => Reach::Unreached,
        Some(id) => {
            let text = format!("the history is not whole: {id} is not there");
            Reach::Unknown(Trouble::skipped(text))
        }
    })
}

/// What a commit or a tag object leads to, or `None` where it is not there. Trees and blobs, to which
/// tags can point, lead nowhere.
fn parents(objects: &Objects, id: &GitId, desk: &mut Desk) -> Result<Option<Vec<GitId>>, Trouble> {
    let Some(found) = objects.find(id, desk)? else { return Ok(None) };
    let kind = found.kind;
    if !matches!(kind, Kind::Commit | Kind::Tag) {
        return Ok(Some(Vec::new()));
    }
    let content = found.whole(super::pack::OBJECT_BYTES)?;
    let broken = || Trouble::faulty(format!("{id} is no {} object that can be read", kind.name()));
    Ok(Some(match kind {
        Kind::Commit => Commit::parse(&content, objects.format).ok_or_else(broken)?.parents,
        _ => vec![tag_target(&content, objects.format).ok_or_else(broken)?],
    }))
}

impl Reach {
    /// Trouble on this way is no trouble of the content: it says only why the way is not known.
    pub(super) fn of(looked: Result<Self, Trouble>) -> Result<Self, Trouble> {
        match looked {
            Err(trouble) if trouble.kind == TroubleKind::Stopped => Err(trouble),
            Err(trouble) => Ok(Self::Unknown(trouble)),
            Ok(reach) => Ok(reach),
        }
    }
}
