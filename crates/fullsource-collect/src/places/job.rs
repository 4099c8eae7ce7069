//! One place, and what is wanted of it.

use std::num::NonZeroUsize;

use fullsource_format::digest::{Digest, DigestSet, GitId, Match};
use fullsource_format::evidence::{
    Access as Who, ContentFact, ContentFactKind, Observation, Route, Sample, Status, Strength,
};
use fullsource_format::index::FileTable;
use fullsource_format::locator::{GitTransport, Locator};
use fullsource_format::manifest::Artifact;
use fullsource_format::role::Role;
use fullsource_format::text::{Count, Id, Text};
use jiff::Timestamp;

use super::Places;
use super::sample::Drawn;
use crate::content::{Content, ContentError, Reader, Wanted};
use crate::git_tree::ObjectFormat;
use crate::progress::Stopped;
use crate::source::{self, Context, Entry, Told, Trouble, TroubleKind, Want};

/// How often a place is looked at that broke off in the middle, or gave something else than was
/// claimed: what a connection did is no claim's fault.
pub(crate) const LOOKS: u32 = 3;

/// One place, what is wanted of it, and the artifacts that want it.
pub(super) struct Job<'a> {
    locator: &'a Locator,
    claimed: Option<&'a DigestSet>,
    roles: &'a [Role],
    index: Option<&'a FileTable>,
    index_of: Option<&'a Id>,
    pub(super) artifacts: Vec<&'a Id>,
}

/// What two artifacts must have in common to share a look.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Key<'a> {
    locator: &'a Locator,
    claimed: Vec<Digest>,
    roles: &'a [Role],
    index_of: Option<&'a Id>,
}

impl<'a> Job<'a> {
    pub(super) fn of(
        artifact: &'a Artifact,
        locator: &'a Locator,
        index: Option<&'a FileTable>,
    ) -> Self {
        Self {
            locator,
            claimed: artifact.digest.as_ref(),
            roles: &artifact.roles,
            index,
            index_of: artifact.index.as_ref().map(|_| &artifact.id),
            artifacts: vec![&artifact.id],
        }
    }

    pub(super) fn key(&self) -> Key<'a> {
        let Self { locator, roles, index_of, .. } = self;
        Key { locator, claimed: self.claims().collect(), roles, index_of: *index_of }
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
    /// (`look-14`).
    fn git(&self) -> Option<ObjectFormat> {
        if matches!(self.locator, Locator::Hub { .. } | Locator::Object { .. }) {
            return None;
        }
        self.claims().find_map(|digest| match digest {
            Digest::GitTree(GitId::Sha1(_)) => Some(ObjectFormat::Sha1),
            Digest::GitTree(GitId::Sha256(_)) => Some(ObjectFormat::Sha256),
            _ => None,
        })
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
        // Of an id that nobody looked up there is nothing but the archive's word.
        let by_word = matches!(self.locator, Locator::Swh(_));
        let seen = written(blank, told, content, by_word);
        match self.locator.carries_credential() || is_private(self.locator) {
            true => Observation { access: Some(Who::Credential), ..seen },
            false => seen,
        }
    }

    /// Whether what was seen is something else than was claimed.
    fn differs(&self, seen: &Observation) -> bool {
        let observed = seen.digests.clone().unwrap_or_default();
        self.claimed
            .is_some_and(|claimed| matches!(claimed.compare(&observed), Match::Differs { .. }))
    }
}

/// What was seen, in the words of evidence.
pub(crate) fn written(
    blank: Observation,
    told: Told,
    content: Content,
    by_word: bool,
) -> Observation {
    let mut facts = told.facts;
    facts.extend(content.facts);
    facts.sort();
    facts.dedup();
    let own = told.digests.iter().flat_map(DigestSet::digests);
    let digests = content.digests.iter().flat_map(DigestSet::digests).chain(own);
    if content.word_only > 0 {
        facts.push(ContentFact::new(ContentFactKind::WordOnly).counting(content.word_only));
    }
    let by_word = by_word || content.word_only > 0;
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

/// What a file is called by the last part of its locator: of a path in it, where it selects one.
pub(crate) fn file_name(locator: &str) -> &str {
    let (place, path) = locator.split_once("#path=").unwrap_or((locator, ""));
    let text = if path.is_empty() { place.split(['?', '@']).next().unwrap_or(place) } else { path };
    text.rsplit('/').find(|part| !part.is_empty()).unwrap_or("content")
}

pub(crate) fn no_content(error: ContentError) -> Trouble {
    Trouble::faulty(error.to_string())
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
