//! Code and data that are the same content (`ver-73`).

use std::collections::{BTreeMap, HashMap};

use fullsource_format::digest::{Digest, DigestSet};
use fullsource_format::manifest::Artifact;
use fullsource_format::path::FileSelector;

/// What tells that two artifacts are the same.
#[derive(PartialEq, Eq, Hash)]
enum Same<'a> {
    Digest(Digest),
    Files(&'a [FileSelector]),
}

/// The artifacts that are code and data at once, by their places, each with one of the other side: itself,
/// or one with equal `files` or an equal digest. `artifacts` come with the digests that are known.
pub(crate) fn code_and_data<'a>(
    artifacts: impl Iterator<Item = (&'a Artifact, &'a DigestSet)> + Clone,
) -> BTreeMap<usize, usize> {
    let all = artifacts.enumerate();
    let mut first: [HashMap<Same<'a>, usize>; 2] = [HashMap::new(), HashMap::new()];
    for (nth, (artifact, digests)) in all.clone() {
        for (side, first) in SIDES.iter().zip(&mut first) {
            if is_of(artifact, side) {
                same(artifact, digests).for_each(|key| {
                    first.entry(key).or_insert(nth);
                });
            }
        }
    }
    let mut found = BTreeMap::new();
    for (nth, (artifact, digests)) in all {
        let sides = SIDES.map(|side| is_of(artifact, side));
        match sides {
            [true, true] => drop(found.insert(nth, nth)),
            [false, false] => {}
            [code, _] => {
                let others = &first[usize::from(code)];
                let other = same(artifact, digests).find_map(|key| others.get(&key));
                found.extend(other.map(|other| (nth, *other)));
            }
        }
    }
    found
}

const SIDES: [&str; 2] = ["code.", "data."];

fn is_of(artifact: &Artifact, side: &str) -> bool {
    artifact.roles.iter().any(|role| role.as_str().starts_with(side))
}

fn same<'a>(artifact: &'a Artifact, digests: &DigestSet) -> impl Iterator<Item = Same<'a>> {
    // A commit says nothing of the part of it that is meant.
    let tells = |digest: &Digest| !matches!(digest, Digest::GitCommit(_));
    let digests: Vec<Digest> = digests.digests().filter(tells).collect();
    let files = (!artifact.files.is_empty()).then_some(Same::Files(&artifact.files));
    digests.into_iter().map(Same::Digest).chain(files)
}
