//! The look at a release directory: its files, every other entry, and what its configurations make
//! a framework load.
//!
//! Spec: `spec/v0.1/digest.md`, section "The walk over a release".

mod loads;

use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};
use std::num::NonZeroUsize;

use fullsource_format::digest::{Digest, DigestSet, GitId};
use fullsource_format::evidence::{
    Access, ArtifactSeen, Digests, EntryKind, EntrySeen, FILES, Observation, ReleaseSeen, Status,
    Strength,
};
use fullsource_format::index::{FileRecord, FileTable};
use fullsource_format::manifest::{Artifact, Manifest};
use fullsource_format::path::{FileSelector, RelPath};
use fullsource_format::release_dir::{self, Glob, LeftOut};
use fullsource_format::text::{Count, Text};
use jiff::Timestamp;
use rustix::fs::Stat;

use crate::content::{self, Local, LocalError};
use crate::directory::Directory;
use crate::git_tree::{ObjectFormat, git_tree_of};
use crate::hash::{FileTrouble, Wanted, hash_and_mark, hash_needed};
use crate::progress::{Progress, Stopped};
use crate::record::Record;
use crate::tree::{self, Known, Tree, TreeError};

/// How to look at a release directory.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// The directory.
    pub directory: &'a Directory,
    /// What the release claims: its globs and file indexes decide what is left out.
    pub manifest: &'a Manifest,
    /// The files that the statement covers: others, and those that have another size than it states, are
    /// not read (`tree-19`). None where a statement is being made: then every file is read.
    pub covered: Option<&'a FileTable>,
    /// Which digests to compute.
    pub digests: Digests,
    /// Threads to use.
    pub threads: NonZeroUsize,
    /// Told of progress, and asked whether to stop.
    pub progress: &'a Progress,
}

/// The artifacts' own files in the release.
#[derive(Debug, Default)]
pub struct OwnFiles {
    /// What was seen of them.
    pub artifacts: Vec<ArtifactSeen>,
    /// Files that could not be read, and why.
    unread: BTreeMap<RelPath, String>,
}

impl OwnFiles {
    /// Adds to the entries of the release the files that were read to be hashed, and not to be looked
    /// at: what they would have said of the release nobody knows. Of one that differs from what the
    /// statement covers, that it differs is what counts.
    pub fn add_unread(&self, covered: &FileTable, release: &mut ReleaseSeen) {
        for (path, why) in &self.unread {
            let (found, stated) = (release.files.get(path.as_str()), covered.get(path.as_str()));
            if found.zip(stated).is_some_and(|(found, stated)| is_intact(&found, &stated)) {
                release.entries.push(entry(path.as_str(), EntryKind::Unreadable, why));
            }
        }
        release.entries.sort_by(|a, b| (a.path.as_str(), a.kind).cmp(&(b.path.as_str(), b.kind)));
    }
}

impl Look<'_> {
    /// Walks the directory, hashes the files whose bytes matter, and reads its configurations.
    ///
    /// Fails where the directory cannot be walked to its end, or where it was stopped. Everything
    /// else that goes wrong is part of what was seen.
    pub fn release(&self) -> Result<ReleaseSeen, TreeError> {
        let (mut files, entries) = self.sorted(self.walked(&|_, _| (None, None))?)?;
        let (wanted, needed) = (self.wanted(), |file: &FileRecord<'_>| self.needs(file));
        let (threads, progress) = (self.threads, self.progress);
        let troubles = hash_needed(self.directory, &mut files, wanted, &needed, threads, progress)?;
        Ok(self.seen(files, entries, troubles))
    }

    /// The same, but a file that has all the marks that it has in the record is not read (`tree-14`). What
    /// is read goes into the record.
    pub fn release_unread(&self, record: &mut Record) -> Result<ReleaseSeen, TreeError> {
        // What step 6 of a verification reads is read, and so it is hashed.
        let wanted = self.wanted();
        let known = |path: &str, about: &Stat| {
            let (size, sha256, blake3) = (size_of(about), None, None);
            let needed = self.needs(&FileRecord { path, size, sha256, blake3 });
            match needed && !loads::reads(path) {
                true => record.unchanged(path, about, wanted),
                false => (None, None),
            }
        };
        let (mut files, entries) = self.sorted(self.walked(&known)?)?;
        let has_digest = |file: FileRecord<'_>| file.sha256.is_some() || file.blake3.is_some();
        let taken: Vec<bool> = files.iter().map(has_digest).collect();
        let needed = |file: &FileRecord<'_>| self.needs(file);
        let (threads, progress) = (self.threads, self.progress);
        let hashed = hash_and_mark(self.directory, &mut files, wanted, &needed, threads, progress)?;
        let unread = record.told(&files, &taken);
        record.replace(&files, &taken, &hashed.marks);
        Ok(ReleaseSeen { unread, ..self.seen(files, entries, hashed.troubles) })
    }

    fn walked(&self, known: &dyn Fn(&str, &Stat) -> Known) -> Result<Tree, TreeError> {
        let prune = |path: &str| release_dir::left_out_directory(path);
        tree::walk_knowing(self.directory, &prune, known, self.progress)
    }

    /// Whether the bytes of a file can make a difference. Where it is not covered, or has another size than
    /// was signed, that is all there is to say of it (`tree-19`).
    fn needs(&self, file: &FileRecord<'_>) -> bool {
        self.covered.is_none() || self.covered(file.path).is_some_and(|c| c.size == file.size)
    }

    /// What the statement says of a file; none where it does not cover it.
    fn covered(&self, path: &str) -> Option<FileRecord<'_>> {
        self.covered.and_then(|covered| covered.get(path))
    }

    const fn wanted(&self) -> Wanted {
        match self.digests {
            Digests::All => Wanted::Both,
            Digests::Sha256 => Wanted::Sha256,
            Digests::Blake3 => Wanted::Blake3,
        }
    }

    /// What the files come to, once they have their digests.
    fn seen(
        &self,
        files: FileTable,
        mut entries: Vec<EntrySeen>,
        troubles: Vec<(usize, FileTrouble)>,
    ) -> ReleaseSeen {
        for (index, trouble) in troubles {
            let path = files.record(index).path;
            entries.push(troubled(path, trouble));
        }
        let facts = loads::facts(self.directory, &files, &mut entries);
        entries.sort_by(|a, b| (a.path.as_str(), a.kind).cmp(&(b.path.as_str(), b.kind)));
        ReleaseSeen { digests: self.digests, files, entries, facts, unread: None }
    }

    /// Looks at the artifacts' own files in the release, as far as the table of files does not tell
    /// what is claimed of them or what they say about themselves: one observation `files` for each
    /// artifact that has some (`evd-18`).
    pub fn artifacts(&self, now: Timestamp) -> Result<OwnFiles, Stopped> {
        let mut own = OwnFiles::default();
        for artifact in self.manifest.artifacts() {
            let _at = self.progress.at(artifact.id.as_str());
            let tree = self.tree_of(artifact)?;
            let Some(Local { content, unread }) = self.content_of(artifact)? else { continue };
            own.unread.extend(unread);
            let observation = Observation {
                digests: tree.map(|id| Digest::GitTree(id).into()),
                size: Some(Count(content.size)),
                strength: Some(Strength::Bytes),
                access: Some(Access::Anonymous),
                facts: content.facts,
                ..Observation::new(FILES, now, Status::Seen)
            };
            let (id, observations) = (artifact.id.clone(), vec![observation]);
            own.artifacts.push(ArtifactSeen { id, observations });
        }
        Ok(own)
    }

    /// What the files of an artifact say about themselves.
    fn content_of(&self, artifact: &Artifact) -> Result<Option<Local>, Stopped> {
        let Some(covered) = self.covered else { return Ok(None) };
        let mut places = Vec::new();
        for selector in artifact.selectors() {
            match selector {
                FileSelector::File(path) => places.extend(covered.index_of(path.as_str())),
                FileSelector::Below(directory) => places.extend(covered.below(directory.as_str())),
            }
        }
        places.sort_unstable();
        places.dedup();
        if places.is_empty() {
            return Ok(None);
        }
        let files: Vec<_> = places.iter().map(|place| covered.record(*place)).collect();
        let root = artifact.root();
        let name = files.first().map_or("content", |file| file.path);
        let name = name.rsplit('/').next().unwrap_or(name);
        let wanted = content::Wanted { name, roles: &artifact.roles, ..Default::default() };
        match content::local(self.directory, &files, &root, &wanted, self.threads) {
            Ok(local) => Ok(Some(local)),
            Err(LocalError::Stopped(stopped)) => Err(stopped),
            // Covered files stand in one table already.
            Err(LocalError::Content(_)) => Ok(None),
        }
    }

    /// Tells files of the release from what is not one of them (`tree-2`).
    fn sorted(&self, tree: Tree) -> Result<(FileTable, Vec<EntrySeen>), TreeError> {
        let wire = self.manifest.as_wire();
        let globs: Vec<&Glob> = wire.tree.iter().flat_map(|tree| &tree.excluded).collect();
        let indexed: HashSet<&str> = wire.indexed().collect();
        let has_index = |id: &str| indexed.contains(id);
        let excluded = |path: &str| globs.iter().any(|glob| glob.matches(path));
        let kind_of = |path: &str| match release_dir::left_out_file(path, &has_index) {
            _ if !release_dir::is_nfc(path) => Some(EntryKind::InvalidName),
            Some(LeftOut::Reserved | LeftOut::Ignored) => Some(EntryKind::Ignored),
            None if self.covered(path).is_some() => None,
            None => excluded(path).then_some(EntryKind::Excluded),
        };
        let mut entries: Vec<EntrySeen> =
            tree.others.iter().map(|other| self.other(other, &globs)).collect();
        let left_out = tree.files.iter().filter_map(|file| Some((file.path, kind_of(file.path)?)));
        entries.extend(left_out.map(|(path, kind)| entry(path, kind, not_nfc(kind))));
        let kept = tree.files.iter().filter(|file| kind_of(file.path).is_none());
        let mut files = FileTable::builder();
        for file in kept {
            files.push(file)?;
        }
        Ok((files.build()?, entries))
    }

    fn other(&self, other: &tree::Entry, globs: &[&Glob]) -> EntrySeen {
        let path = other.path.as_str();
        let excluded = self.covered(path).is_none() && globs.iter().any(|g| g.matches(path));
        let emptied = || globs.iter().any(|glob| glob.matches_empty_directory(path));
        let (kind, detail) = match &other.kind {
            tree::EntryKind::InvalidName(fault) => (EntryKind::InvalidName, fault.to_string()),
            _ if !release_dir::is_nfc(path) => {
                (EntryKind::InvalidName, not_nfc(EntryKind::InvalidName).to_owned())
            }
            tree::EntryKind::Pruned => (EntryKind::Ignored, String::new()),
            tree::EntryKind::EmptyDirectory if emptied() => (EntryKind::Excluded, String::new()),
            tree::EntryKind::EmptyDirectory => (EntryKind::EmptyDirectory, String::new()),
            _ if excluded => (EntryKind::Excluded, String::new()),
            tree::EntryKind::Symlink => (EntryKind::Symlink, String::new()),
            tree::EntryKind::Special => (EntryKind::Special, String::new()),
            tree::EntryKind::Unreadable(reason) => (EntryKind::Unreadable, reason.to_string()),
        };
        entry(path, kind, &detail)
    }

    /// The git tree id that an artifact claims of one directory of the release, computed (`digest-12`).
    fn tree_of(&self, artifact: &Artifact) -> Result<Option<GitId>, Stopped> {
        let claimed = artifact
            .digest
            .iter()
            .flat_map(DigestSet::digests)
            .find_map(|digest| if let Digest::GitTree(id) = digest { Some(id) } else { None });
        let (Some(claimed), [FileSelector::Below(path)]) = (claimed, &artifact.files[..]) else {
            return Ok(None);
        };
        self.progress.check()?;
        let format = match claimed {
            GitId::Sha1(_) => ObjectFormat::Sha1,
            GitId::Sha256(_) => ObjectFormat::Sha256,
        };
        // Of a file that is changed by its size alone nobody needs the tree (tree-19).
        let changed = Cell::new(false);
        let covered = |below: &[u8], size| {
            let below = std::str::from_utf8(below).ok();
            let Some(file) = below.and_then(|below| self.covered(&format!("{path}/{below}")))
            else {
                return false;
            };
            changed.set(changed.get() || file.size != size);
            file.size == size
        };
        let id = self.directory.below(path).ok().and_then(|directory| {
            git_tree_of(&directory, format, &covered, self.threads, self.progress).ok()
        });
        Ok(id.filter(|_| !changed.get()))
    }
}

/// Whether every digest that was computed is the one that is stated, and there is one.
fn is_intact(found: &FileRecord<'_>, stated: &FileRecord<'_>) -> bool {
    let differs = found.sha256.is_some() && found.sha256 != stated.sha256
        || found.blake3.is_some() && stated.blake3.is_some() && found.blake3 != stated.blake3;
    !differs && (found.sha256.is_some() || found.blake3.is_some())
}

#[allow(clippy::cast_sign_loss, reason = "a size is not negative")]
const fn size_of(about: &Stat) -> u64 {
    about.st_size as u64
}

fn entry(path: &str, kind: EntryKind, detail: &str) -> EntrySeen {
    let detail = (!detail.is_empty()).then(|| Text::clipped(detail));
    EntrySeen { path: Text::clipped(path), kind, detail }
}

const fn not_nfc(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::InvalidName => "the name is not in Unicode normalisation form C",
        _ => "",
    }
}

fn troubled(path: &str, trouble: FileTrouble) -> EntrySeen {
    match trouble {
        FileTrouble::Unstable(change) => entry(path, EntryKind::Unstable, &change.to_string()),
        FileTrouble::Unreadable(reason) => entry(path, EntryKind::Unreadable, &reason.to_string()),
    }
}
