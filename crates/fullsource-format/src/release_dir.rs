//! What a release directory covers: reserved names, ignored entries, excluded globs.
//!
//! Spec: `spec/v0.1/digest.md`, section "The walk over a release".

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// The author's manifest.
pub const MANIFEST: &str = "fullsource.json";
/// The signed bundle.
pub const BUNDLE: &str = "fullsource.sigstore.json";
/// The envelope of several signers.
pub const ENVELOPE: &str = "fullsource.dsse.json";
/// The release's own file index.
pub const FILE_INDEX: &str = "fullsource.files.jsonl";
/// Ending of the file indexes of artifacts, at the root.
pub const INDEX_ENDING: &str = ".files.jsonl";
/// Folders, or files, of version control anywhere in the release.
pub const VERSION_CONTROL: &[&str] = &[".git", ".hg", ".svn", ".bzr"];
/// Where the hub's client keeps its download records, at the root.
pub const HUB_RECORDS: &str = ".cache/huggingface";
/// Ending of detached signatures, anywhere.
pub const SIGNATURE_ENDING: &str = ".sig";

/// Start and end of the names under which our own tools write a file before it gets its name. A run
/// that was killed leaves such a file behind.
pub const TEMPORARY: (&str, &str) = (".fullsource-", ".tmp");

/// Where the files of a release lie until their digests hold, at its root. A run of `fetch` that was
/// ended leaves it behind for the next one.
pub const PARTIAL: &str = ".fullsource-partial";

/// Whether a path is one that a run of ours left behind.
pub fn is_temporary(path: &str) -> bool {
    if path.split('/').next() == Some(PARTIAL) {
        return true;
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_prefix(TEMPORARY.0).is_some_and(|rest| rest.ends_with(TEMPORARY.1))
}

/// Why an entry of a release directory is neither a subject nor an addition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    /// A name that the format keeps for itself (`tree-4`).
    Reserved,
    /// A detached signature, version control, or download records (`tree-5`).
    Ignored,
}

/// Whether a regular file is left out by its path (`tree-4`, `tree-5`). `has_index` tells whether
/// an artifact with this id has a file index of its own.
pub fn left_out_file(path: &str, has_index: &dyn Fn(&str) -> bool) -> Option<LeftOut> {
    let artifact_index = || path.strip_suffix(INDEX_ENDING).is_some_and(has_index);
    let reserved = matches!(path, MANIFEST | BUNDLE | ENVELOPE | FILE_INDEX);
    if reserved || (!path.contains('/') && artifact_index()) {
        return Some(LeftOut::Reserved);
    }
    let hub = path.strip_prefix(HUB_RECORDS).is_some_and(|rest| rest.starts_with('/'));
    let control = path.split('/').any(|part| VERSION_CONTROL.contains(&part));
    (hub || control || path.ends_with(SIGNATURE_ENDING)).then_some(LeftOut::Ignored)
}

/// Whether a directory, and with it all that lies below, is left out (`tree-5`).
pub fn left_out_directory(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    path == HUB_RECORDS || VERSION_CONTROL.contains(&name)
}

/// A glob of what a release does not cover (`tree-10` to `tree-12`): `*` and `?` stay within a part, `**` crosses
/// parts, `[a-z]` and `[!a-z]` name one character, and a trailing `/` means all below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    pattern: String,
    items: Vec<Item>,
    below: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Item {
    One(char),
    Any,
    Set { negated: bool, ranges: Vec<(char, char)> },
    Star,
    Crossing,
}

/// What the items of a glob, without its final `/`, match.
struct Run {
    /// A directory above the path.
    above: bool,
    /// The path.
    itself: bool,
}

/// Why a text is not a glob.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GlobError {
    /// Nothing, or more than 1024 characters.
    #[error("a glob has 1 to 1024 characters")]
    Length,
    /// `[` without `]`.
    #[error("the glob `{0}` has a `[` without a `]`")]
    Set(String),
    /// A leading `/`, which no path of a release has.
    #[error("the glob `{0}` starts with `/`; it is matched against a path such as `data/a.txt`")]
    Absolute(String),
}

impl Glob {
    /// Reads a glob.
    pub fn parse(pattern: &str) -> Result<Self, GlobError> {
        if pattern.is_empty() || pattern.chars().count() > 1024 {
            return Err(GlobError::Length);
        }
        if pattern.starts_with('/') {
            return Err(GlobError::Absolute(pattern.to_owned()));
        }
        let below = pattern.ends_with('/');
        let body = pattern.strip_suffix('/').unwrap_or(pattern);
        let mut rest = body.chars().peekable();
        let mut items = Vec::new();
        while let Some(c) = rest.next() {
            items.push(match c {
                '*' if rest.next_if_eq(&'*').is_some() => Item::Crossing,
                '*' => Item::Star,
                '?' => Item::Any,
                '[' => set(&mut rest).ok_or_else(|| GlobError::Set(pattern.to_owned()))?,
                c => Item::One(c),
            });
        }
        Ok(Self { pattern: pattern.to_owned(), items, below })
    }

    /// The glob as written.
    pub fn as_str(&self) -> &str {
        &self.pattern
    }

    /// Whether an empty directory is matched: by its path, or as one that the glob means to empty
    /// (`tree-9`).
    pub fn matches_empty_directory(&self, path: &str) -> bool {
        let found = self.run(path);
        found.itself || (self.below && found.above)
    }

    /// Whether the path is matched. Takes time in the product of both lengths at most.
    pub fn matches(&self, path: &str) -> bool {
        let found = self.run(path);
        if self.below { found.above } else { found.itself }
    }

    /// Keeps the set of items that the text read so far can have reached.
    fn run(&self, path: &str) -> Run {
        let end = self.items.len();
        let mut reached = vec![false; end + 1];
        let mut next = reached.clone();
        let mut above = false;
        reached[0] = true;
        self.skip_stars(&mut reached);
        for c in path.chars() {
            above |= c == '/' && reached[end];
            next.fill(false);
            for (at, item) in self.items.iter().enumerate().filter(|(at, _)| reached[*at]) {
                match item {
                    Item::Crossing => next[at] = true,
                    Item::Star if c != '/' => next[at] = true,
                    item if item.takes(c) => next[at + 1] = true,
                    _ => {}
                }
            }
            self.skip_stars(&mut next);
            std::mem::swap(&mut reached, &mut next);
        }
        Run { above, itself: reached[end] }
    }

    fn skip_stars(&self, reached: &mut [bool]) {
        for (at, item) in self.items.iter().enumerate() {
            if reached[at] && matches!(item, Item::Star | Item::Crossing) {
                reached[at + 1] = true;
            }
        }
    }
}

impl Serialize for Glob {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.pattern)
    }
}

impl<'de> Deserialize<'de> for Glob {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Glob {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Glob".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[^/]",
            "maxLength": 1024,
            "examples": ["checkpoint-*/", "**/*.log"],
            "description": "`*` and `?` stay within a part of a path, `**` crosses parts, a trailing `/` means all below."
        })
    }
}

impl Item {
    fn takes(&self, c: char) -> bool {
        match self {
            Self::One(one) => *one == c,
            Self::Any => c != '/',
            Self::Set { negated, ranges } => {
                c != '/' && ranges.iter().any(|(from, to)| (*from..=*to).contains(&c)) != *negated
            }
            Self::Star | Self::Crossing => false,
        }
    }
}

fn set(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<Item> {
    let negated = rest.next_if_eq(&'!').is_some();
    let mut ranges = Vec::new();
    loop {
        let from = rest.next()?;
        if from == ']' && !ranges.is_empty() {
            return Some(Item::Set { negated, ranges });
        }
        let mut ahead = rest.clone();
        let is_range = ahead.next() == Some('-') && ahead.peek().is_some_and(|c| *c != ']');
        if is_range {
            rest.next();
            ranges.push((from, rest.next()?));
        } else {
            ranges.push((from, from));
        }
    }
}

/// One spelling for names that a file system or a person may take for the same (`path-10`): NFC;
/// each character by its upper case and that by its lower case, where these are one character;
/// NFC again.
pub fn folded(path: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    if path.is_ascii() {
        return path.to_ascii_lowercase();
    }
    let fold = |c: char| {
        let upper = only(c.to_uppercase()).unwrap_or(c);
        only(upper.to_lowercase()).unwrap_or(upper)
    };
    path.nfc().map(fold).nfc().collect()
}

/// The character, where there is exactly one.
fn only(mut characters: impl Iterator<Item = char>) -> Option<char> {
    let first = characters.next();
    first.filter(|_| characters.next().is_none())
}

/// Pairs of different files or directories that have one [`folded`] spelling, among paths that
/// ascend by their bytes. Holds eight bytes a name, and more only for names that have a twin.
pub fn twins<'a>(paths: impl Iterator<Item = &'a str> + Clone) -> Vec<(&'a str, &'a str)> {
    use std::hash::BuildHasher as _;
    let hasher = std::hash::RandomState::new();
    let hash = |name: &str| hasher.hash_one(folded(name));
    let mut hashes = Vec::new();
    each_name(paths.clone(), |name| hashes.push(hash(name)));
    hashes.sort_unstable();
    let twice = hashes.windows(2).filter(|pair| pair[0] == pair[1]);
    let twice: std::collections::HashSet<u64> = twice.map(|pair| pair[0]).collect();
    drop(hashes);
    if twice.is_empty() {
        return Vec::new();
    }
    let mut first = std::collections::HashMap::new();
    let mut found = Vec::new();
    each_name(paths, |name| {
        if !twice.contains(&hash(name)) {
            return;
        }
        let earlier: &mut &str = first.entry(folded(name)).or_insert(name);
        if *earlier != name {
            found.push((*earlier, name));
        }
    });
    found
}

/// Calls for every path and for every directory that leads to one, each once.
fn each_name<'a>(paths: impl Iterator<Item = &'a str>, mut call: impl FnMut(&'a str)) {
    let mut previous = "";
    for path in paths {
        let shared = path.bytes().zip(previous.bytes()).take_while(|(a, b)| a == b).count();
        // A directory that the path before lies in, too, was called for with it.
        let ends = path.match_indices('/').map(|(slash, _)| slash).chain([path.len()]);
        ends.filter(|end| *end >= shared && path[..*end] != *previous)
            .for_each(|end| call(&path[..end]));
        previous = path;
    }
}

/// Whether a name is in Unicode normalisation form C (`path-9`).
pub fn is_nfc(path: &str) -> bool {
    path.is_ascii() || unicode_normalization::is_nfc(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        Glob::parse(pattern).unwrap().matches(path)
    }

    #[test]
    fn reserved_names_are_reserved_at_the_root_only() {
        let file = |path| left_out_file(path, &|id| id == "corpus");
        assert_eq!(file("fullsource.json"), Some(LeftOut::Reserved));
        assert_eq!(file("corpus.files.jsonl"), Some(LeftOut::Reserved));
        assert_eq!(file("other.files.jsonl"), None);
        assert_eq!(file("sub/fullsource.json"), None);
        assert_eq!(file("sub/.git"), Some(LeftOut::Ignored));
        assert_eq!(file(".gitignore"), None);
        assert_eq!(file("a/model.sig"), Some(LeftOut::Ignored));
        assert_eq!(file(".cache/huggingface/download/x"), Some(LeftOut::Ignored));
        assert!(left_out_directory(".cache/huggingface"));
        assert!(left_out_directory("a/.git"));
        assert!(!left_out_directory("a/.cache/huggingface"));
        assert!(!left_out_directory("model.sig"));
    }

    #[test]
    fn a_star_stays_within_a_part_and_two_cross() {
        assert!(matches("*.bin", "a.bin"));
        assert!(!matches("*.bin", "a/b.bin"));
        assert!(matches("**/b.bin", "a/c/b.bin"));
        assert!(matches("a/**", "a/b/c"));
        assert!(matches("checkpoint-*/", "checkpoint-10/optimizer.pt"));
        assert!(!matches("checkpoint-*/", "checkpoint-10"));
        assert!(matches("[!a-c]?.txt", "dx.txt"));
        assert!(!matches("[!a-c]?.txt", "bx.txt"));
        assert!(matches("[]]", "]"));
    }

    #[test]
    fn a_deep_path_is_read_once_for_all_that_lies_below() {
        // Once for each of its directories this would take 4,000,000,000 steps.
        let (glob, path) = ("*?".repeat(500) + "x/", "a/".repeat(2000) + "a");
        assert!(!matches(&glob, &path));
        assert!(matches("**/", &path));
        assert!(Glob::parse("a/**/").unwrap().matches_empty_directory("a/b"));
    }

    #[test]
    fn globs_that_say_nothing_are_refused() {
        for bad in ["", "/x", "[a", "[", "[]"] {
            assert!(Glob::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn twins_differ_in_case_or_normalisation_alone() {
        let found = twins(["A", "D/y", "a", "d/x", "e\u{301}", "\u{e9}"].into_iter());
        assert_eq!(found, [("A", "a"), ("D", "d"), ("e\u{301}", "\u{e9}")]);
        assert!(twins(["a", "a.b", "a/b", "a/c", "b/c"].into_iter()).is_empty());
    }

    #[test]
    fn a_hostile_glob_takes_no_exponential_time() {
        let pattern = "*a".repeat(400);
        assert!(!matches(&pattern, &"a".repeat(4000).replace('a', "ab")));
    }
}
