//! One place, and what is wanted of it.

use std::path::Path;

use fullsource_format::digest::{Digest, DigestSet, GitId, Match, Sha256};
use fullsource_format::evidence::{
    Access as Who, ContentFact, ContentFactKind, Observation, Route, Sample, Status, Strength,
};
use fullsource_format::index::FileTable;
use fullsource_format::locator::{GitTransport, Locator};
use fullsource_format::manifest::{Artifact, PinnedLocator};
use fullsource_format::role::Role;
use fullsource_format::text::{Count, Id, Text};
use jiff::Timestamp;

use super::bring::NotBrought;
use super::keep::Keep;
use super::sample::Drawn;
use crate::content::{Content, Reader, Wanted};
use crate::git_tree::ObjectFormat;
use crate::hash::Wanted as Digests;
use crate::progress::Stopped;
use crate::source::{self, Access, Context, Entry, Told, Trouble, TroubleKind, Want};

/// How often a place is looked at that broke off in the middle, or gave something else than was
/// claimed: what a connection did is no claim's fault (`look-5`).
pub(crate) const LOOKS: usize = 3;

/// One place, what is wanted of it, and the artifacts that want it.
pub(super) struct Job<'a> {
    locator: &'a Locator,
    pin: Option<Sha256>,
    claimed: Option<&'a DigestSet>,
    roles: &'a [Role],
    index: Option<&'a FileTable>,
    index_of: Option<&'a Id>,
    /// Whether what is served is taken for an archive of what is meant (`look-3`).
    unpack: bool,
    pub(super) artifacts: Vec<&'a Id>,
}

/// What two artifacts must have in common to share a look.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Key<'a> {
    locator: &'a Locator,
    pin: Option<Sha256>,
    claimed: Vec<Digest>,
    roles: &'a [Role],
    index_of: Option<&'a Id>,
}

impl<'a> Job<'a> {
    pub(super) fn of(
        artifact: &'a Artifact,
        pinned: &'a PinnedLocator,
        index: Option<&'a FileTable>,
    ) -> Self {
        let claimed = artifact.digest.as_ref();
        let tree = |digest| matches!(digest, Digest::DirHash(_) | Digest::GitTree(_));
        let claims_tree = claimed.into_iter().flat_map(DigestSet::digests).any(tree);
        Self {
            locator: &pinned.uri,
            pin: pinned.sha256,
            claimed,
            roles: &artifact.roles,
            index,
            index_of: artifact.index.as_ref().map(|_| &artifact.id),
            unpack: artifact.index.is_some() || claims_tree,
            artifacts: vec![&artifact.id],
        }
    }

    /// A place of which nothing is claimed yet.
    pub(super) const fn unclaimed(locator: &'a Locator, unpack: bool, roles: &'a [Role]) -> Self {
        let (pin, claimed, index, index_of) = (None, None, None, None);
        Self { locator, pin, claimed, roles, index, index_of, unpack, artifacts: Vec::new() }
    }

    /// The artifact that it is for, and how many more.
    pub(super) fn name(&self) -> String {
        match self.artifacts[..] {
            [] => self.locator.to_string(),
            [one] => one.to_string(),
            [first, ..] => format!("{first} and {} more", self.artifacts.len() - 1),
        }
    }

    pub(super) fn key(&self) -> Key<'a> {
        let Self { locator, pin, roles, index_of, .. } = *self;
        Key { locator, pin, claimed: self.claims().collect(), roles, index_of }
    }

    /// Looks, and looks again where that may tell more.
    pub(super) fn look(
        &self,
        access: &Access,
        context: &Context<'_>,
    ) -> Result<Observation, Stopped> {
        let mut last: Option<Observation> = None;
        for _ in 0..LOOKS {
            context.progress.check()?;
            let (seen, again) = self.look_once(access, context)?;
            let certain = last.as_ref().is_some_and(|last| weight(last) > 0 && same(last, &seen));
            // What was seen is not forgotten because it could not be seen once more.
            last = last.filter(|last| weight(last) > weight(&seen)).or(Some(seen));
            if !again || certain {
                break;
            }
        }
        last.ok_or(Stopped)
    }

    /// One look, and whether another may come to something else.
    fn look_once(
        &self,
        access: &Access,
        context: &Context<'_>,
    ) -> Result<(Observation, bool), Stopped> {
        let at = Timestamp::now();
        let locator = self.locator.to_string();
        let blank = |status| Observation::new(&locator, at, status);
        let directory = match tempfile::tempdir_in(context.temporary) {
            Ok(directory) => directory,
            Err(error) => {
                let text = format!("no temporary directory: {error}");
                return Ok((blank(Status::Skipped).saying(&text), false));
            }
        };
        let net = context.net.counting();
        let context = Context { net: &net, temporary: directory.path(), ..*context };
        let drawn = self.drawn(net.budget().left());
        let seen = self.read(access, &context, &locator, drawn.as_ref(), None);
        match seen {
            Ok((told, content)) => {
                let sample = drawn.and_then(|drawn| self.sample(&drawn, &content));
                let other = content.index.as_ref().is_some_and(|index| index.differing > 0);
                let mut seen = self.seen(blank(Status::Seen), told, content);
                if sample.is_some() {
                    seen = Observation { sample, status: Status::Partial, ..seen };
                }
                let again = other || self.differs(&seen);
                Ok((seen, again))
            }
            Err(trouble) if trouble.kind == TroubleKind::Stopped => Err(Stopped),
            Err(trouble) => {
                // A budget that is spent is no larger the next time.
                let passing = !matches!(trouble.kind, TroubleKind::Skipped | TroubleKind::Closed);
                Ok((troubled(blank, &trouble), passing && net.has_answered()))
            }
        }
    }

    /// One look that keeps what it reads in an empty directory.
    pub(super) fn brought(
        &self,
        access: &Access,
        context: &Context<'_>,
        into: &Path,
    ) -> Result<Observation, NotBrought> {
        let directory = tempfile::tempdir_in(context.temporary)?;
        let context = Context { temporary: directory.path(), ..*context };
        let (at, locator) = (Timestamp::now(), self.locator.to_string());
        let blank = |status| Observation::new(&locator, at, status);
        match self.read(access, &context, &locator, None, Some(into)) {
            Ok((told, content)) => {
                let unlike = content.index.as_ref().map(|index| index.differing + index.missing);
                if unlike.is_some_and(|count| count > 0) {
                    let text = "its files are not those of its index".to_owned();
                    return Err(NotBrought::Wanting(text));
                }
                Ok(self.seen(blank(Status::Seen), told, content))
            }
            Err(trouble) if trouble.kind == TroubleKind::Stopped => Err(Stopped.into()),
            Err(trouble) => Ok(troubled(blank, &trouble)),
        }
    }

    /// What the place told, and what it held.
    fn read(
        &self,
        access: &Access,
        context: &Context<'_>,
        locator: &str,
        drawn: Option<&Drawn>,
        into: Option<&Path>,
    ) -> Result<(Told, Content), Trouble> {
        let budget = |entry: &Entry<'_>| match entry.size {
            Some(size) if size > context.net.budget().left() => Want::Word,
            _ => Want::Bytes,
        };
        let reader = Reader::new(Wanted {
            name: file_name(locator),
            digests: self.digests(),
            git: self.git(),
            index: self.index,
            sample: drawn.map(|drawn| &drawn.files[..]),
            budget: Some(&budget),
            roles: self.roles,
            facts: true,
            progress: Some(context.progress),
        });
        let told = match into {
            None => source::look(self.locator, self.unpack, access, context, &reader)?,
            Some(into) => {
                let keep = Keep::new(&reader, into, file_name(locator));
                let told = source::look(self.locator, self.unpack, access, context, &keep)?;
                keep.finish().map_err(|error| Trouble::skipped(error.to_string()))?;
                told
            }
        };
        let content = reader.finish().map_err(|error| Trouble::faulty(error.to_string()))?;
        Ok((told, content))
    }

    /// The files to read, where the place gives single ones and the budget does not hold all.
    fn drawn(&self, left: u64) -> Option<Drawn> {
        let selective = matches!(self.locator, Locator::Hub { .. } | Locator::Object { .. });
        let index = self.index.filter(|index| selective && index.total_bytes() > left)?;
        // Other places have to live, too.
        Drawn::from(index, left / 2)
    }

    fn sample(&self, drawn: &Drawn, content: &Content) -> Option<Sample> {
        let index = self.index?;
        let matched = content.index.as_ref()?;
        Some(Sample {
            seen: Count(matched.matched - matched.by_word),
            of: Count(index.len() as u64),
            differing: Count(matched.differing + matched.missing),
            seed: drawn.seed,
        })
    }

    /// Which git ids are computed: those claimed, but where the place tells no modes and no links
    /// (`look-14`), and where it has them itself.
    fn git(&self) -> Option<ObjectFormat> {
        let has = match self.locator {
            Locator::Hub { .. } | Locator::Object { .. } => return None,
            Locator::Git { commit, .. } => Some(format_of(commit)),
            _ => None,
        };
        let claimed = self.claims().find_map(|digest| match digest {
            Digest::GitTree(id) => Some(format_of(&id)),
            _ => None,
        });
        claimed.filter(|claimed| Some(*claimed) != has)
    }

    /// Which digests are computed: those that something is held against, or both where nothing is.
    fn digests(&self) -> Digests {
        // What stands in an index is told by both from what a place only says.
        if self.index.is_some() {
            return Digests::Both;
        }
        let pinned = self.pin.is_some() || matches!(self.locator, Locator::Oci { .. });
        let blake3 = self.claims().any(|digest| matches!(digest, Digest::Blake3(_)));
        let others = self.claims().any(|digest| !matches!(digest, Digest::Blake3(_)));
        match (blake3, others || pinned) {
            (true, false) => Digests::Blake3,
            (false, true) => Digests::Sha256,
            _ => Digests::Both,
        }
    }

    fn claims(&self) -> impl Iterator<Item = Digest> {
        self.claimed.into_iter().flat_map(DigestSet::digests)
    }

    fn seen(&self, blank: Observation, told: Told, content: Content) -> Observation {
        if let Locator::Swh(_) = self.locator {
            // There is nothing but the archive's word that it has it (`look-10`).
            let endpoint = told.endpoint.map(|text| Text::clipped(&text));
            let (strength, access) = (Some(Strength::Metadata), told.access);
            let route = told.proxied.then_some(Route::Proxy);
            return Observation { endpoint, strength, access, route, ..blank };
        }
        let seen = written(blank, told, content);
        match self.locator.carries_credential() || is_private(self.locator) {
            true => Observation { access: Some(Who::Credential), ..seen },
            false => seen,
        }
    }

    /// Whether what was seen is something else than was claimed.
    pub(super) fn differs(&self, seen: &Observation) -> bool {
        let whole = seen.served.as_ref().or(seen.digests.as_ref()).and_then(DigestSet::sha256);
        if self.pin.zip(whole).is_some_and(|(pin, whole)| pin != whole) {
            return true;
        }
        let observed = seen.digests.clone().unwrap_or_default();
        self.claimed
            .is_some_and(|claimed| matches!(claimed.compare(&observed), Match::Differs { .. }))
    }
}

/// What was seen, in the words of evidence.
pub(crate) fn written(blank: Observation, told: Told, content: Content) -> Observation {
    let mut facts = told.facts;
    facts.extend(content.facts);
    facts.sort();
    facts.dedup();
    let more = content.index.is_some_and(|index| index.extra > 0);
    let own = told.digests.iter().flat_map(DigestSet::digests);
    // The id of a tree that has more than is meant.
    let own = own.filter(|digest| !(more && matches!(digest, Digest::GitTree(_))));
    let digests = content.digests.iter().flat_map(DigestSet::digests).chain(own);
    let by_word = content.word_only > 0;
    Observation {
        status: if content.partial { Status::Partial } else { Status::Seen },
        endpoint: told.endpoint.map(|text| Text::clipped(&text)),
        digests: digests.fold(None, united),
        size: Some(Count(content.size)),
        strength: Some(if by_word { Strength::Metadata } else { Strength::Bytes }),
        access: Some(told.access.unwrap_or(Who::Anonymous)),
        served: told.served,
        route: told.proxied.then_some(Route::Proxy),
        facts,
        detail: told.remark,
        ..blank
    }
}

/// What a look is worth: one that came to a content more than one that was told that there is none,
/// and that more than one that was told nothing.
const fn weight(seen: &Observation) -> u8 {
    match seen.status {
        Status::Seen | Status::Partial => 2,
        Status::Absent => 1,
        Status::Closed | Status::Unreachable | Status::Skipped => 0,
    }
}

/// Whether two looks came to the same.
fn same(one: &Observation, other: &Observation) -> bool {
    *one == Observation { at: one.at, ..other.clone() }
}

/// What a file is called by the last part of its locator: of a path in it, where it selects one.
pub(crate) fn file_name(locator: &str) -> &str {
    let (place, path) = locator.split_once("#path=").unwrap_or((locator, ""));
    let text = if path.is_empty() { place.split(['?', '@']).next().unwrap_or(place) } else { path };
    text.rsplit('/').find(|part| !part.is_empty()).unwrap_or("content")
}

const fn format_of(id: &GitId) -> ObjectFormat {
    match id {
        GitId::Sha1(_) => ObjectFormat::Sha1,
        GitId::Sha256(_) => ObjectFormat::Sha256,
    }
}

/// Nobody outside can read a repository on this machine's disk (`loc-13`).
pub(crate) const fn is_private(locator: &Locator) -> bool {
    matches!(locator, Locator::Git { transport: GitTransport::File, .. })
}

fn united(set: Option<DigestSet>, digest: Digest) -> Option<DigestSet> {
    Some(match set {
        None => digest.into(),
        Some(set) if set.digests().any(|known| known.algorithm() == digest.algorithm()) => set,
        Some(set) => set.with(digest),
    })
}

pub(crate) fn troubled(blank: impl Fn(Status) -> Observation, trouble: &Trouble) -> Observation {
    let status = match trouble.kind {
        TroubleKind::Absent => Status::Absent,
        TroubleKind::Closed => Status::Closed,
        TroubleKind::Unreachable => Status::Unreachable,
        TroubleKind::Skipped | TroubleKind::Stopped => Status::Skipped,
        // Something is there, and nothing of it was taken for the content.
        TroubleKind::Faulty => Status::Seen,
    };
    let seen = blank(status).saying(trouble.detail.as_str());
    match trouble.kind {
        TroubleKind::Faulty => {
            let fault = ContentFact::new(ContentFactKind::Fault).saying(trouble.detail.as_str());
            Observation { facts: vec![fault], ..seen }
        }
        _ => seen,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digests(digest: &str, place: &str) -> Digests {
        let text = format!(
            r#"{{"id": "a", "roles": ["data.sft"], "license": "MIT", "locators": [{place}] {digest}}}"#
        );
        let artifact: Artifact = serde_json::from_str(&text).unwrap();
        Job::of(&artifact, &artifact.locators[0], None).digests()
    }

    #[test]
    fn only_digests_that_something_is_held_against_are_computed() {
        let [sha256, blake3] =
            ["sha256", "blake3"].map(|name| format!(r#""{name}": "{}""#, "0a".repeat(32)));
        let file = r#""https://example.org/a""#;
        let pinned = format!(r#"{{"uri": {file}, {sha256}}}"#);
        let claim = |digest: &str| format!(r#", "digest": {{{digest}}}"#);
        let both = claim(&format!("{sha256}, {blake3}"));
        let tree = claim(&format!(r#""gitTree": "{}""#, "0a".repeat(20)));
        for (digest, place, expected) in [
            ("", file, Digests::Both),
            (&both, file, Digests::Both),
            (&claim(&sha256), file, Digests::Sha256),
            (&claim(&blake3), file, Digests::Blake3),
            (&claim(&blake3), &pinned, Digests::Both),
            ("", &pinned, Digests::Sha256),
            (&tree, file, Digests::Sha256),
        ] {
            assert_eq!(digests(digest, place), expected, "{digest} at {place}");
        }
    }
}
