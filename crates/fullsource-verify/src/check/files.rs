//! The files of a release: changed, missing, added, and what a framework would load unsigned.
//!
//! Spec: `spec/v0.1/verification.md`, step "Files".

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use fullsource_format::evidence::{EntryKind, EntrySeen, Fact, ReleaseSeen, Unread};
use fullsource_format::index::{FileRecord, FileTable};
use fullsource_format::loadable::is_loadable;
use fullsource_format::manifest::Manifest;
use fullsource_format::release_dir;

use crate::finding::{Code, Finding, Severity};
use crate::policy::Policy;

/// What became of the files that a statement covers.
pub(crate) struct Files {
    pub(crate) findings: Vec<Finding>,
    /// For each covered file, in the order of the table, whether its bytes are what was signed.
    pub(crate) intact: Vec<bool>,
    /// Covered files that are something else now, or gone.
    pub(crate) changed: HashSet<usize>,
}

impl Files {
    /// Where nobody looked.
    pub(crate) fn unseen(intact: Vec<bool>) -> Self {
        Self { findings: Vec::new(), intact, changed: HashSet::new() }
    }
}

/// Holds the covered files against those seen. `asked`: whether the verifier asks for more than what the
/// release claims, by a policy or a rung.
pub(crate) fn check(
    manifest: &Manifest,
    covered: &FileTable,
    seen: &ReleaseSeen,
    policy: &Policy,
    asked: bool,
) -> Files {
    let mut findings = Vec::new();
    let troubled = Troubled::of(&seen.entries);
    let mut intact = vec![false; covered.len()];
    let mut changed = HashSet::new();
    for pair in merge(covered, &seen.files) {
        match pair {
            Pair::Both(index, claimed, found) => {
                let trouble = troubled.has(claimed.path);
                match compare(&claimed, &found) {
                    Compared::Equal => intact[index] = !trouble,
                    Compared::Differs(text) => {
                        changed.insert(index);
                        findings.push(Finding::new(Code::FileChanged, text).at(claimed.path));
                    }
                    // The entry for the trouble says why.
                    Compared::Unknown if trouble => {}
                    Compared::Unknown => findings.push(unchecked(&found).at(claimed.path)),
                }
            }
            Pair::Missing(index, claimed) => {
                let kind = troubled.kind(claimed.path);
                if matches!(kind, None | Some(EntryKind::Symlink | EntryKind::Special)) {
                    changed.insert(index);
                }
                if kind.is_none() {
                    let text = "the statement covers it, and it is not there";
                    findings.push(Finding::new(Code::FileMissing, text).at(claimed.path));
                }
            }
            Pair::Added(found) => {
                let text = match loadable_text(found.path) {
                    _ if release_dir::is_temporary(found.path) => {
                        "left behind by a run of fullsource that was killed"
                    }
                    true => "the statement does not cover it, and a framework may load it",
                    false => "the statement does not cover it",
                };
                findings.push(Finding::new(Code::FileAdded, text).at(found.path));
            }
        }
    }
    findings.extend(seen.entries.iter().filter_map(|seen| entry(manifest, seen)));
    findings.extend(names(covered, seen));
    findings.extend(seen.facts.iter().filter_map(|fact| loaded(covered, fact)));
    findings.extend(partial(seen, policy));
    findings.extend(unread(seen, asked));
    let excluded = manifest.as_wire().tree.iter().flat_map(|tree| &tree.excluded);
    findings.extend(excluded.map(|glob| {
        let text = "the statement covers nothing that this glob matches";
        Finding::new(Code::FileExcluded, text).at(glob.as_str())
    }));
    Files { findings, intact, changed }
}

/// Entries that stand where a covered file should, or above it (`ver-31`).
struct Troubled<'a>(HashMap<&'a str, EntryKind>);

impl<'a> Troubled<'a> {
    fn of(entries: &'a [EntrySeen]) -> Self {
        use EntryKind::{InvalidName, Special, Symlink, Unreadable, Unstable};
        let kinds = [InvalidName, Special, Symlink, Unreadable, Unstable];
        let relevant = entries.iter().filter(|entry| kinds.contains(&entry.kind));
        Self(relevant.map(|entry| (entry.path.as_str(), entry.kind)).collect())
    }

    fn kind(&self, path: &str) -> Option<EntryKind> {
        let above = path.match_indices('/').map(|(slash, _)| &path[..slash]);
        above.chain([path]).find_map(|path| self.0.get(path).copied())
    }

    fn has(&self, path: &str) -> bool {
        !self.0.is_empty() && self.kind(path).is_some()
    }
}

enum Compared {
    Equal,
    Differs(String),
    Unknown,
}

fn compare(claimed: &FileRecord, found: &FileRecord) -> Compared {
    if claimed.size != found.size {
        let text = format!("it has {} bytes, {} were signed", found.size, claimed.size);
        return Compared::Differs(text);
    }
    let differs =
        |algorithm: &str, claimed: &dyn std::fmt::Display, found: &dyn std::fmt::Display| {
            Compared::Differs(format!("its {algorithm} is {found}, {claimed} was signed"))
        };
    match (claimed.sha256, found.sha256, claimed.blake3, found.blake3) {
        (Some(c), Some(f), _, _) if c != f => differs("sha256", &c, &f),
        (_, _, Some(c), Some(f)) if c != f => differs("blake3", &c, &f),
        (Some(_), Some(_), _, _) | (_, _, Some(_), Some(_)) => Compared::Equal,
        _ => Compared::Unknown,
    }
}

/// A file of the signed size whose bytes were not held against anything (`ver-33`).
fn unchecked(found: &FileRecord) -> Finding {
    if found.sha256.is_none() && found.blake3.is_none() {
        let text = "it has the size that was signed, and nobody read it";
        return Finding::new(Code::FileUnchecked, text).helping("verify the release itself");
    }
    let text = "the statement has no digest of the kind that was computed";
    Finding::new(Code::FileUnchecked, text)
}

/// What an entry that is not a plain file of the release amounts to.
fn entry(manifest: &Manifest, entry: &EntrySeen) -> Option<Finding> {
    let detail = || entry.detail.as_ref().map_or("", |detail| detail.as_str());
    let path = entry.path.as_str();
    let loadable = || loadable_text(path);
    let (code, text) = match entry.kind {
        EntryKind::Symlink => {
            (Code::SymlinkPresent, format!("a symbolic link{}", spaced(" to ", detail())))
        }
        EntryKind::Special => {
            (Code::SpecialPresent, format!("not a file{}", spaced(": ", detail())))
        }
        EntryKind::EmptyDirectory => (Code::DirectoryEmpty, "a directory without files".to_owned()),
        EntryKind::Unreadable => {
            (Code::FileUnreadable, format!("it could not be read{}", spaced(": ", detail())))
        }
        EntryKind::Unstable => {
            (Code::FileUnstable, format!("it changed while it was read{}", spaced(": ", detail())))
        }
        EntryKind::InvalidName => {
            (Code::NameInvalid, format!("no path of a release{}", spaced(": ", detail())))
        }
        EntryKind::Ignored | EntryKind::Excluded if !left_out(manifest, entry) => {
            let text = "the statement does not cover it, and does not leave it out";
            (Code::FileAdded, text.to_owned())
        }
        EntryKind::Ignored | EntryKind::Excluded if loadable() => {
            let text = "not covered by the statement, and a framework may load it";
            (Code::LoadableUncovered, text.to_owned())
        }
        // The glob has a finding of its own.
        EntryKind::Excluded => return None,
        EntryKind::Ignored if reserved(manifest, path) => return None,
        EntryKind::Ignored => (Code::EntryIgnored, "not covered by the statement".to_owned()),
    };
    Some(Finding::new(code, text).at(path))
}

/// Whether an entry that the collector left out is one that the statement or the format leaves out.
fn left_out(manifest: &Manifest, entry: &EntrySeen) -> bool {
    let path = entry.path.as_str();
    if entry.kind == EntryKind::Excluded {
        let mut globs = manifest.as_wire().tree.iter().flat_map(|tree| &tree.excluded);
        return globs.any(|glob| glob.matches(path) || glob.matches_empty_directory(path));
    }
    let has_index = |id: &str| manifest.as_wire().indexed().any(|indexed| indexed == id);
    release_dir::left_out_directory(path) || release_dir::left_out_file(path, &has_index).is_some()
}

/// Whether the path is one that every signed release has beside its files.
fn reserved(manifest: &Manifest, path: &str) -> bool {
    let has_index = |id: &str| manifest.as_wire().indexed().any(|indexed| indexed == id);
    release_dir::left_out_file(path, &has_index) == Some(release_dir::LeftOut::Reserved)
}

fn spaced(before: &str, detail: &str) -> String {
    if detail.is_empty() { String::new() } else { format!("{before}{detail}") }
}

/// Names with several spellings, and names that a file system may take for one (`ver-35`).
fn names(covered: &FileTable, seen: &ReleaseSeen) -> Vec<Finding> {
    // One that lies there under that name has its finding as an entry.
    let reported: HashSet<&str> = seen
        .entries
        .iter()
        .filter(|entry| entry.kind == EntryKind::InvalidName)
        .map(|entry| entry.path.as_str())
        .collect();
    let odd = covered.iter().filter(|file| !release_dir::is_nfc(file.path));
    let spelt = odd.filter(|file| !reported.contains(file.path)).map(|file| {
        let text = "the name is not in Unicode normalisation form C";
        Finding::new(Code::NameInvalid, text).at(file.path)
    });
    let left_out = [EntryKind::Ignored, EntryKind::InvalidName];
    let others = seen.entries.iter().filter(|entry| !left_out.contains(&entry.kind));
    let mut others: Vec<&str> = others.map(|entry| entry.path.as_str()).collect();
    others.sort_unstable();
    let files = ascending(covered.iter().map(path), seen.files.iter().map(path));
    let names = ascending(files, others.into_iter());
    let twins = release_dir::twins(names).into_iter().map(|(first, second)| {
        let text = format!("differs from `{first}` in case or Unicode normalisation alone");
        Finding::new(Code::NameTwin, text).at(second)
    });
    spelt.chain(twins).collect()
}

fn path<'a>(file: FileRecord<'a>) -> &'a str {
    file.path
}

/// Two ascending sequences as one, what both have once.
fn ascending<'a>(
    left: impl Iterator<Item = &'a str> + Clone,
    right: impl Iterator<Item = &'a str> + Clone,
) -> impl Iterator<Item = &'a str> + Clone {
    let (mut left, mut right) = (left.peekable(), right.peekable());
    std::iter::from_fn(move || match (left.peek(), right.peek()) {
        (Some(one), Some(other)) if one == other => {
            right.next();
            left.next()
        }
        (Some(one), Some(other)) if one > other => right.next(),
        (Some(_), _) => left.next(),
        (None, _) => right.next(),
    })
}

/// What the covered configurations and indexes make a framework load (`ver-40` to `ver-42`).
fn loaded(covered: &FileTable, fact: &Fact) -> Option<Finding> {
    match fact {
        Fact::RemoteCode { path, value } => {
            let text = format!("it makes a framework load code from elsewhere: `{value}`");
            Some(Finding::new(Code::RemoteCode, text).at(path.as_str()))
        }
        Fact::ConfigUnread { path, value } => {
            let text = format!("what it makes a framework load is not known: {value}");
            let help = "a framework may read it in its own way; ask the publisher for plain JSON";
            Some(Finding::new(Code::FileUnchecked, text).at(path.as_str()).helping(help))
        }
        Fact::WeightMap { target, .. } if covered.get(target.as_str()).is_some() => None,
        Fact::WeightMap { path, target } => {
            let text = format!("it makes a framework load `{target}`, which is not covered");
            Some(Finding::new(Code::LoadableUncovered, text).at(path.as_str()))
        }
    }
}

fn partial(seen: &ReleaseSeen, policy: &Policy) -> Option<Finding> {
    use fullsource_format::evidence::Digests;
    let missing = match seen.digests {
        Digests::All => return None,
        Digests::Sha256 => "blake3",
        Digests::Blake3 => "sha256",
    };
    let finding =
        Finding::new(Code::DigestsPartial, format!("the files' {missing} was not computed"));
    match policy.digests().met_by(seen.digests) {
        false => Some(finding.weighing(Severity::Error)),
        // Where sha256 was computed, every file was held against what the envelope binds.
        true if seen.digests == Digests::Sha256 => None,
        true => Some(finding),
    }
}

/// Files that were taken for what they were (`ver-98`).
fn unread(seen: &ReleaseSeen, asked: bool) -> Option<Finding> {
    let Unread { files, since, .. } = seen.unread?;
    let text = format!(
        "{} of {} files were not read: they have the size, inode and times of when they were read ({} or later)",
        files.0,
        seen.files.len(),
        since.strftime("%Y-%m-%d %H:%M UTC"),
    );
    let finding = Finding::new(Code::FilesNotRead, text);
    Some(if asked { finding.weighing(Severity::Incomplete) } else { finding })
}

enum Pair<'a> {
    Both(usize, FileRecord<'a>, FileRecord<'a>),
    Missing(usize, FileRecord<'a>),
    Added(FileRecord<'a>),
}

/// Walks two tables in the order of their paths.
fn merge<'a>(claimed: &'a FileTable, seen: &'a FileTable) -> impl Iterator<Item = Pair<'a>> {
    let (mut left, mut right) = (0, 0);
    std::iter::from_fn(move || {
        let claim = (left < claimed.len()).then(|| claimed.record(left));
        let sight = (right < seen.len()).then(|| seen.record(right));
        let order = match (&claim, &sight) {
            (Some(claim), Some(sight)) => claim.path.cmp(sight.path),
            (Some(_), None) => Ordering::Less,
            (None, _) => Ordering::Greater,
        };
        if order != Ordering::Greater {
            left += 1;
        }
        if order != Ordering::Less {
            right += 1;
        }
        match (order, claim, sight) {
            (Ordering::Equal, Some(claim), Some(sight)) => Some(Pair::Both(left - 1, claim, sight)),
            (Ordering::Less, Some(claim), _) => Some(Pair::Missing(left - 1, claim)),
            (_, _, Some(sight)) => Some(Pair::Added(sight)),
            _ => None,
        }
    })
}

/// Whether a framework would load what has this path; a text that is no path is loaded by nothing.
fn loadable_text(path: &str) -> bool {
    path.parse().is_ok_and(|path| is_loadable(&path))
}
