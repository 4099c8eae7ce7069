//! One place, and what is wanted of it.

use std::num::NonZeroUsize;

use fullsource_format::digest::{Digest, DigestSet, GitId, Match};
use fullsource_format::evidence::{
    Access as Who, ContentFact, ContentFactKind, Observation, Route, Sample, Status, Strength,
};
use fullsource_format::index::FileTable;
use fullsource_format::locator::{GitTransport, Locator};
use fullsource_format::manifest::{Artifact, PinnedLocator};
use fullsource_format::role::Role;
use fullsource_format::text::{Count, Id, Text};
use jiff::Timestamp;

use super::Places;
use super::sample::Drawn;
use crate::content::{Content, ContentError, Reader, Wanted};
use crate::git_tree::ObjectFormat;
use crate::hash::Wanted as Digests;
use crate::progress::Stopped;
use crate::source::{self, Context, Entry, Told, Trouble, TroubleKind, Want};

/// How often a place is looked at that broke off in the middle, or gave something else than was
/// claimed: what a connection did is no claim's fault.
const LOOKS: u32 = 3;

/// One place, what is wanted of it, and the artifacts that want it.
pub(super) struct Job<'a> {
    locator: &'a Locator,
    claimed: Option<&'a DigestSet>,
    roles: &'a [Role],
    index: Option<&'a FileTable>,
    index_of: Option<&'a Id>,
    /// Whether the locator pins the SHA-256 of what is served.
    pinned: bool,
    pub(super) artifacts: Vec<&'a Id>,
}

/// What two artifacts must have in common to share a look.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Key<'a> {
    locator: &'a Locator,
    claimed: Vec<Digest>,
    roles: &'a [Role],
    index_of: Option<&'a Id>,
    pinned: bool,
}

impl<'a> Job<'a> {
    pub(super) fn of(
        artifact: &'a Artifact,
        place: &'a PinnedLocator,
        index: Option<&'a FileTable>,
    ) -> Self {
        Self {
            locator: &place.uri,
            pinned: place.sha256.is_some(),
            claimed: artifact.digest.as_ref(),
            roles: &artifact.roles,
            index,
            index_of: artifact.index.as_ref().map(|_| &artifact.id),
            artifacts: vec![&artifact.id],
        }
    }

    pub(super) fn key(&self) -> Key<'a> {
        let Self { locator, roles, index_of, pinned, .. } = *self;
        Key { locator, claimed: self.claims().collect(), roles, index_of, pinned }
    }

    /// Looks, and looks again where that may tell more.
    pub(super) fn look(&self, places: &Places<'_>) -> Result<Observation, Stopped> {
        let mut left = LOOKS;
        loop {
            left -= 1;
            places.progress.check()?;
            let (observation, again) = self.look_once(places)?;
            if left == 0 || !again {
                return Ok(observation);
            }
        }
    }

    /// One look, and whether another may come to something else.
    fn look_once(&self, places: &Places<'_>) -> Result<(Observation, bool), Stopped> {
        let at = Timestamp::now();
        let locator = self.locator.to_string();
        let blank = |status| Observation::new(&locator, at, status);
        let directory = match tempfile::tempdir_in(places.temporary) {
            Ok(directory) => directory,
            Err(error) => {
                let text = format!("no temporary directory: {error}");
                return Ok((blank(Status::Skipped).saying(&text), false));
            }
        };
        let context = Context {
            net: places.net,
            progress: places.progress,
            threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            temporary: directory.path(),
        };
        let name = file_name(&locator);
        let budget = |entry: &Entry<'_>| match entry.size {
            Some(size) if size > places.net.budget().left() => Want::Word,
            _ => Want::Bytes,
        };
        let drawn = self.drawn(places.net.budget().left());
        let reader = Reader::new(Wanted {
            name,
            digests: self.digests(),
            git: self.git(),
            index: self.index,
            sample: drawn.as_ref().map(|drawn| &drawn.files[..]),
            budget: Some(&budget),
            roles: self.roles,
            facts: true,
            progress: Some(places.progress),
        });
        let before = places.net.budget().left();
        let told = source::look(self.locator, self.unpacks(), places.access, &context, &reader);
        let begun = places.net.budget().left() < before;
        let finished = |told| Ok((told, reader.finish().map_err(no_content)?));
        let seen = told.and_then(finished);
        match seen {
            Ok((told, content)) => {
                let sample = drawn.and_then(|drawn| self.sample(&drawn, &content));
                let mut seen = self.seen(blank(Status::Seen), told, content);
                if sample.is_some() {
                    seen = Observation { sample, status: Status::Partial, ..seen };
                }
                let differs = self.differs(&seen);
                Ok((seen, differs))
            }
            Err(trouble) if trouble.kind == TroubleKind::Stopped => Err(Stopped),
            Err(trouble) => {
                let again = begun && trouble.kind == TroubleKind::Unreachable;
                Ok((troubled(blank, &trouble), again))
            }
        }
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
        let pinned = self.pinned || matches!(self.locator, Locator::Oci { .. });
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

    /// Whether what is served is taken for an archive of what is claimed (`look-3`).
    fn unpacks(&self) -> bool {
        let tree = |digest| matches!(digest, Digest::DirHash(_) | Digest::GitTree(_));
        self.index_of.is_some() || self.claims().any(tree)
    }

    fn seen(&self, blank: Observation, told: Told, content: Content) -> Observation {
        let mut facts = told.facts;
        facts.extend(content.facts);
        facts.sort();
        facts.dedup();
        let own = told.digests.iter().flat_map(DigestSet::digests);
        let digests = content.digests.iter().flat_map(DigestSet::digests).chain(own);
        let by_word = content.word_only > 0;
        if by_word {
            facts.push(ContentFact::new(ContentFactKind::WordOnly).counting(content.word_only));
        }
        // Of an id that nobody looked up there is nothing but the archive's word.
        let by_word = by_word || matches!(self.locator, Locator::Swh(_));
        let gated = self.locator.carries_credential() || is_private(self.locator);
        Observation {
            status: if content.partial { Status::Partial } else { Status::Seen },
            endpoint: told.endpoint.map(|text| Text::clipped(&text)),
            digests: digests.fold(None, united),
            size: Some(Count(content.size)),
            strength: Some(if by_word { Strength::Metadata } else { Strength::Bytes }),
            access: Some(if gated {
                Who::Credential
            } else {
                told.access.unwrap_or(Who::Anonymous)
            }),
            served: told.served,
            route: told.proxied.then_some(Route::Proxy),
            facts,
            detail: told.remark,
            ..blank
        }
    }

    /// Whether what was seen is something else than was claimed.
    fn differs(&self, seen: &Observation) -> bool {
        let observed = seen.digests.clone().unwrap_or_default();
        self.claimed
            .is_some_and(|claimed| matches!(claimed.compare(&observed), Match::Differs { .. }))
    }
}

/// What a file is called by the last part of its locator: of a path in it, where it selects one.
fn file_name(locator: &str) -> &str {
    let (place, path) = locator.split_once("#path=").unwrap_or((locator, ""));
    let text = if path.is_empty() { place.split(['?', '@']).next().unwrap_or(place) } else { path };
    text.rsplit('/').find(|part| !part.is_empty()).unwrap_or("content")
}

fn no_content(error: ContentError) -> Trouble {
    Trouble::faulty(error.to_string())
}

const fn format_of(id: &GitId) -> ObjectFormat {
    match id {
        GitId::Sha1(_) => ObjectFormat::Sha1,
        GitId::Sha256(_) => ObjectFormat::Sha256,
    }
}

/// Nobody outside can read a repository on this machine's disk (`loc-13`).
const fn is_private(locator: &Locator) -> bool {
    matches!(locator, Locator::Git { transport: GitTransport::File, .. })
}

fn united(set: Option<DigestSet>, digest: Digest) -> Option<DigestSet> {
    Some(match set {
        None => digest.into(),
        Some(set) if set.digests().any(|known| known.algorithm() == digest.algorithm()) => set,
        Some(set) => set.with(digest),
    })
}

fn troubled(blank: impl Fn(Status) -> Observation, trouble: &Trouble) -> Observation {
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
