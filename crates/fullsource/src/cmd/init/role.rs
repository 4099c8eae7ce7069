//! From guessed roles to artifacts of files: each weight file in a `weights.*` artifact, few
//! selectors, a bounded number of artifacts.

use std::collections::{BTreeMap, BTreeSet};

use fullsource_collect::read::role_guess::{Certainty, RoleGuess, RoleGuesses};
use fullsource_format::loadable::is_weight_file;
use fullsource_format::path::{FileSelector, RelPath};

use super::seen::Seen;

/// Artifacts of one role. The rest of its files make one more.
const OF_ONE_ROLE: usize = 500;
/// Above this number of files, directories that hold nothing else stand for theirs.
const LISTED: usize = 24;

/// Files that make one artifact.
pub(super) struct Part {
    pub(super) id: String,
    pub(super) roles: Vec<&'static str>,
    /// At least one, sorted.
    pub(super) files: Vec<RelPath>,
    pub(super) certainty: Certainty,
}

impl Part {
    pub(super) fn has(&self, role: &str) -> bool {
        self.roles.contains(&role)
    }

    /// The form of weights: the extension of the first file that is not an index.
    pub(super) fn form(&self) -> String {
        let file = self.files.iter().find(|file| is_weight_file(file)).or(self.files.first());
        file.and_then(RelPath::extension).unwrap_or_default()
    }
}

/// The artifacts that guesses amount to, and what had to be assumed.
pub(super) fn parts(guesses: RoleGuesses, seen: &Seen) -> (Vec<Part>, Vec<String>) {
    let mut assumed = Vec::new();
    let mut of_role: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut parts: Vec<Part> = Vec::new();
    for guess in guesses.artifacts {
        for guess in split(guess) {
            let count = of_role.entry(guess.role).or_default();
            *count += 1;
            if *count > OF_ONE_ROLE
                && let Some(last) = parts.iter_mut().rev().find(|part| part.roles[0] == guess.role)
            {
                last.files.extend(guess.files);
                last.certainty = last.certainty.min(guess.certainty);
                continue;
            }
            parts.push(part(guess, seen, &mut assumed));
        }
    }
    if of_role.values().any(|count| *count > OF_ONE_ROLE) {
        assumed.push(format!(
            "there are more than {OF_ONE_ROLE} artifacts of one role: the last takes the rest"
        ));
    }
    let mut taken = BTreeSet::new();
    for part in &mut parts {
        part.files.sort_unstable();
        let (base, mut number) = (part.id.clone(), 1);
        while !taken.insert(part.id.clone()) {
            number += 1;
            part.id = format!("{base}-{number}");
        }
    }
    (parts, assumed)
}

/// Licence texts are artifacts of their own each; weight files that a name gives another role stand
/// apart from the rest.
fn split(guess: RoleGuess) -> Vec<RoleGuess> {
    let RoleGuess { id, role, files, certainty } = guess;
    let one = |id: String, files| RoleGuess { id, role, files, certainty };
    if role == "doc.license" {
        return files.into_iter().map(|file| one(license_id(&file), vec![file])).collect();
    }
    if role.starts_with("weights.") {
        return vec![one(id, files)];
    }
    let (weights, others): (Vec<_>, Vec<_>) = files.into_iter().partition(is_weight_file);
    let both = [(format!("{id}-weights"), weights), (id.clone(), others)];
    both.into_iter().filter(|(_, f)| !f.is_empty()).map(|(id, files)| one(id, files)).collect()
}

/// `license` for a text at the root, `license-tools` for `tools/LICENSE`.
fn license_id(file: &RelPath) -> String {
    match file.as_str().rsplit_once('/') {
        None => "license".to_owned(),
        Some((directory, _)) => slug("license", directory),
    }
}

/// An id of a word and what a text leaves of itself.
pub(super) fn slug(word: &str, text: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || "._".contains(c) { c } else { '-' };
    let text: String = text.chars().map(allowed).take(80).collect();
    let text = text.trim_matches(['-', '.', '_']);
    if text.is_empty() { word.to_owned() } else { format!("{word}-{text}") }
}

fn part(guess: RoleGuess, seen: &Seen, assumed: &mut Vec<String>) -> Part {
    let RoleGuess { id, role, files, certainty } = guess;
    let mut roles = vec![role];
    if role == "weights.final" {
        roles.extend(inside(&files, seen));
    } else if !role.starts_with("weights.") && files.iter().any(is_weight_file) {
        // Every weight file belongs to an artifact with a `weights.*` role, or rung 1 is lost.
        let first = &files[0];
        if matches!(role, "data.calibration" | "tokenizer.model") {
            roles.push("weights.intermediate");
            assumed.push(format!(
                "`{first}` has the form of weights and is not the model: `{role}`, and \
                 `weights.intermediate` for its form"
            ));
        } else {
            roles = vec!["weights.final"];
            assumed.push(format!("`{first}` has the form of weights: it is taken for them"));
        }
    }
    Part { id, roles, files, certainty }
}

/// What weights carry inside: GGUF files hold the model's settings and its tokenizer.
fn inside(files: &[RelPath], seen: &Seen) -> Vec<&'static str> {
    let headers: Vec<_> = files.iter().filter_map(|file| seen.facts.ggufs.get(file)).collect();
    let settings = headers.iter().any(|header| header.architecture().is_some());
    let tokenizer = headers.iter().any(|header| header.tokenizer_model().is_some());
    let roles = [(settings, "config.model"), (tokenizer, "tokenizer.model")];
    roles.into_iter().filter(|(is, _)| *is).map(|(_, role)| role).collect()
}

/// Selectors of files: the files, or, of many, the directories that hold nothing else. `all` are the
/// files of the release, sorted, as `files` are.
pub(super) fn selectors(files: &[RelPath], all: &[RelPath]) -> Vec<FileSelector> {
    if files.len() <= LISTED {
        return files.iter().cloned().map(FileSelector::File).collect();
    }
    let mut selectors = Vec::new();
    let mut rest = files;
    while let Some(first) = rest.first() {
        let whole = first.as_str().match_indices('/').find_map(|(slash, _)| {
            let directory = &first.as_str()[..slash];
            let count = below(rest, directory);
            let start = all.partition_point(|file| file < first);
            // Sorted by bytes, what lies below a directory stands in a row.
            let before = start > 0 && is_below(&all[start - 1], directory);
            (!before && below(&all[start..], directory) == count).then_some((directory, count))
        });
        let (selector, count) = match whole {
            Some((directory, count)) => match directory.parse() {
                Ok(directory) => (FileSelector::Below(directory), count),
                Err(_) => (FileSelector::File(first.clone()), 1),
            },
            None => (FileSelector::File(first.clone()), 1),
        };
        selectors.push(selector);
        rest = &rest[count..];
    }
    selectors
}

/// How many of the first files lie below a directory.
fn below(files: &[RelPath], directory: &str) -> usize {
    files.partition_point(|file| is_below(file, directory))
}

fn is_below(file: &RelPath, directory: &str) -> bool {
    file.as_str().strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(names: impl IntoIterator<Item = String>) -> Vec<RelPath> {
        let mut paths: Vec<RelPath> = names.into_iter().map(|n| n.parse().unwrap()).collect();
        paths.sort_unstable();
        paths
    }

    #[test]
    fn directories_stand_for_many_files_that_are_all_theirs() {
        let code = |n: usize| format!("src/{}/{n}.py", n % 3);
        let mut files = paths((0..30).map(code));
        let mut all = paths((0..30).map(code).chain(["src.txt".into(), "src/2/data".into()]));
        let texts = |files: &[RelPath], all: &[RelPath]| {
            selectors(files, all).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let found = texts(&files, &all);
        assert_eq!(found[..2], ["src/0/", "src/1/"]);
        assert_eq!(found.len(), 12);
        all.retain(|file| file.as_str() != "src/2/data");
        assert_eq!(texts(&files, &all), ["src/"]);
        files.truncate(3);
        assert_eq!(texts(&files, &all).len(), 3);
    }

    #[test]
    fn every_selection_is_exact() {
        let all = paths((0..200).map(|n: u32| {
            let (a, b) = (n.wrapping_mul(2_654_435_761) % 7, n % 5);
            format!("d{a}/e{b}/f{n}")
        }));
        for keep in 1..7 {
            let of = |file: &&RelPath| file.as_str().as_bytes()[1] - b'0' < keep;
            let files: Vec<RelPath> = all.iter().filter(of).cloned().collect();
            let selectors = selectors(&files, &all);
            let selected: Vec<_> =
                all.iter().filter(|f| selectors.iter().any(|s| s.selects(f))).cloned().collect();
            assert_eq!(selected, files);
        }
    }
}
