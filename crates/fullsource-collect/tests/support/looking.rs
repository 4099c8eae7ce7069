//! A look at a git place in a test.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;

use fullsource_collect::net::{Net, Settings};
use fullsource_collect::progress::Progress;
use fullsource_collect::source::git::{GitPlace, Place, Resolved, look, resolve};
use fullsource_collect::source::{Context, Told, Trouble, TroubleKind};
use fullsource_format::evidence::ContentFactKind;

use super::sink::{Keeping, Taken};

pub const THREADS: NonZeroUsize = NonZeroUsize::new(2).unwrap();

/// A place over HTTP.
pub fn at(url: &str, commit: &str) -> GitPlace {
    GitPlace {
        repository: Place::Http(url.parse().unwrap()),
        commit: commit.parse().unwrap(),
        path: None,
    }
}

/// A place on this machine.
pub fn within(path: &Path, commit: &str) -> GitPlace {
    GitPlace {
        repository: Place::File(path.to_owned()),
        commit: commit.parse().unwrap(),
        path: None,
    }
}

/// The same place, below a path.
pub fn below(place: &GitPlace, path: &str) -> GitPlace {
    GitPlace { path: Some(path.parse().unwrap()), ..place.clone() }
}

fn in_context<T>(settings: Settings, work: impl FnOnce(&Context<'_>) -> T) -> T {
    let net = Net::new(settings).unwrap();
    let progress = Progress::default();
    let temporary = tempfile::tempdir().unwrap();
    let (threads, path) = (THREADS, temporary.path());
    let done = work(&Context { net: &net, progress: &progress, threads, temporary: path });
    let left = std::fs::read_dir(path).unwrap().count();
    assert_eq!(left, 0, "something was left behind");
    done
}

/// Looks, and gives what was told and what was taken.
pub fn seen_with(place: &GitPlace, settings: Settings, sink: &Keeping) -> Result<Told, Trouble> {
    in_context(settings, |context| look(place, context, sink))
}

/// Looks at something that is there.
pub fn seen(place: &GitPlace) -> (Told, BTreeMap<String, Taken>) {
    let sink = Keeping::default();
    let told = seen_with(place, Settings::danger_loopback(), &sink);
    (told.unwrap_or_else(|trouble| panic!("{place:?}: {trouble:?}")), sink.taken())
}

/// Looks at something that gives trouble of a kind, whose text holds these words.
pub fn troubled(place: &GitPlace, kind: TroubleKind, words: &str) {
    let sink = Keeping::default();
    match seen_with(place, Settings::danger_loopback(), &sink) {
        Ok(_) => panic!("{place:?}: no trouble"),
        Err(trouble) => {
            assert_eq!(trouble.kind, kind, "{trouble}");
            assert!(trouble.detail.as_str().contains(words), "{trouble}");
        }
    }
}

/// Resolves a name.
pub fn resolved(place: &Place, name: Option<&str>) -> Result<Resolved, Trouble> {
    in_context(Settings::danger_loopback(), |context| resolve(place, name, context))
}

/// The digests told, by their names.
pub fn digests(told: &Told) -> BTreeMap<&'static str, String> {
    let set = told.digests.as_ref().unwrap();
    set.digests().map(|digest| (digest.algorithm(), digest.to_string())).collect()
}

/// The values of the facts of a kind.
pub fn facts(told: &Told, kind: ContentFactKind) -> Vec<String> {
    let of_kind = told.facts.iter().filter(|fact| fact.kind == kind);
    of_kind.map(|fact| fact.value.as_ref().unwrap().as_str().to_owned()).collect()
}

/// Whether the commit is known to be reachable (`Some(true)`) or not (`Some(false)`).
pub fn reachable(told: &Told) -> Option<bool> {
    let unreachable = !facts(told, ContentFactKind::CommitUnreachable).is_empty();
    match (unreachable, told.remark.is_some()) {
        (true, _) => Some(false),
        (false, false) => Some(true),
        (false, true) => None,
    }
}
