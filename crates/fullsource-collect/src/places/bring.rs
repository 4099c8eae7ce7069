//! An artifact's content, brought into a directory of its own and held against what is claimed of it.

use std::collections::HashMap;
use std::io::{self, Read as _, Write as _};
use std::num::NonZeroUsize;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use fullsource_format::digest::{Digest, DigestSet, Match, Sha256};
use fullsource_format::evidence::{Observation, Status, Strength};
use fullsource_format::index::{FileRecord, FileTable, dir_hash};
use fullsource_format::locator::Locator;
use fullsource_format::manifest::{Artifact, Availability, PinnedLocator};
use fullsource_format::path::{FileSelector, RelPath};
use fullsource_format::text::Id;

use super::job::Job;
use super::keep::created;
use crate::directory::Directory;
use crate::hash::open_file;
use crate::net::Net;
use crate::progress::{Progress, Stopped};
use crate::source::{Access, Context};
use crate::tree::walk;

/// Where contents are brought from.
#[derive(Debug, Clone, Copy)]
pub struct Bring<'a> {
    /// The release, where its directory was given.
    pub release: Option<&'a Directory>,
    /// The files that its statement covers.
    pub covered: &'a FileTable,
    /// The file indexes of artifacts, where they were read.
    pub indexes: &'a HashMap<&'a Id, &'a FileTable>,
    /// The network, with its budget.
    pub net: &'a Net,
    /// Credentials, endpoints, and what is allowed.
    pub access: &'a Access,
    /// Where temporary files go.
    pub temporary: &'a Path,
    /// Told of progress, and asked whether to stop.
    pub progress: &'a Progress,
}

/// A content that is here, and is what is claimed.
#[derive(Debug, Clone)]
pub struct Brought {
    /// Its files, from the directory that it was brought into, sorted by path bytes.
    pub files: Vec<RelPath>,
    /// Whether it is one file, and no tree that has one.
    pub is_file: bool,
    /// Bytes of all files.
    pub bytes: u64,
    /// What was computed of it.
    pub digests: DigestSet,
}

/// Why a content is not here.
#[derive(Debug, thiserror::Error)]
pub enum NotBrought {
    /// It cannot be had, or is not what is claimed.
    #[error("{0}")]
    Wanting(String),
    /// This machine refused.
    #[error("it cannot be written here: {0}")]
    Here(#[from] io::Error),
    /// Stopped by the caller.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

fn wanting<T>(why: impl Into<String>) -> Result<T, NotBrought> {
    Err(NotBrought::Wanting(why.into()))
}

impl Bring<'_> {
    /// Brings an artifact's content into an empty directory: from the release where it has files there,
    /// else from the first of its places that has what is claimed.
    pub fn artifact(&self, artifact: &Artifact, into: &Path) -> Result<Brought, NotBrought> {
        let _at = self.progress.at(artifact.id.as_str());
        match artifact.availability {
            Availability::Withheld => return wanting("it is withheld"),
            Availability::RecipeOnly => return wanting("there is no more than a recipe for it"),
            Availability::Public | Availability::Gated => {}
        }
        if artifact.selectors().next().is_some() {
            return self.own(artifact, into);
        }
        if artifact.digest.is_none() && artifact.index.is_none() {
            return wanting("no digest is claimed of it");
        }
        let mut why = "no place is claimed for it".to_owned();
        for pinned in &artifact.locators {
            match self.place(artifact, pinned, into) {
                Err(NotBrought::Wanting(text)) => why = format!("{}: {text}", pinned.uri),
                other => return other,
            }
            emptied(into)?;
        }
        wanting(why)
    }

    /// The artifact's files of the release.
    fn own(&self, artifact: &Artifact, into: &Path) -> Result<Brought, NotBrought> {
        let Some(release) = self.release else { return wanting("it lies in the release") };
        let mut numbers = Vec::new();
        for selector in artifact.selectors() {
            match selector {
                FileSelector::File(path) => numbers.extend(self.covered.index_of(path.as_str())),
                FileSelector::Below(path) => numbers.extend(self.covered.below(path.as_str())),
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        if numbers.is_empty() {
            return wanting("the statement covers none of its files");
        }
        let only = matches!(&artifact.selectors().collect::<Vec<_>>()[..], [FileSelector::File(_)]);
        let root = artifact.root();
        let mut kept = FileTable::builder();
        for number in numbers {
            let record = self.covered.record(number);
            let name = match only {
                true => record.path.rsplit('/').next().unwrap_or(record.path),
                false => record.path.strip_prefix(root.as_str()).unwrap_or(record.path),
            };
            self.copy(release, &record, &into.join(name))?;
            let kept_as = FileRecord { path: name, ..record };
            kept.push(kept_as).map_err(|error| NotBrought::Wanting(error.to_string()))?;
        }
        let kept = kept.build().map_err(|error| NotBrought::Wanting(error.to_string()))?;
        let brought = of_table(&kept, only)?;
        match artifact.digest.as_ref().map(|claimed| claimed.compare(&brought.digests)) {
            Some(Match::Differs { claimed, observed }) => wanting(other(claimed, observed)),
            _ => Ok(brought),
        }
    }

    /// One file of the release, if its bytes are those that were signed.
    fn copy(
        &self,
        release: &Directory,
        record: &FileRecord<'_>,
        to: &Path,
    ) -> Result<(), NotBrought> {
        let path = record.path;
        let not = |why: String| NotBrought::Wanting(format!("`{path}`: {why}"));
        let full: RelPath = path.parse().map_err(|_| not("its name is no path".to_owned()))?;
        let opened = open_file(release, &full).map_err(|trouble| not(trouble.to_string()))?;
        let (mut from, size) = opened;
        if size != record.size {
            return Err(not(format!("it has {size} bytes, {} were signed", record.size)));
        }
        let executable = from.metadata()?.permissions().mode() & 0o100 != 0;
        let mut to = created(to, executable)?;
        let (mut hasher, mut buffer) = (Sha256::hasher(), vec![0; BLOCK]);
        loop {
            self.progress.check()?;
            let count = from.read(&mut buffer).map_err(|error| not(error.to_string()))?;
            if count == 0 {
                break;
            }
            hasher.update(&buffer[..count]);
            to.write_all(&buffer[..count])?;
            self.progress.add_bytes(count);
        }
        if Some(hasher.finish()) != record.sha256 {
            return Err(not("it is not what was signed".to_owned()));
        }
        self.progress.add_file();
        Ok(())
    }

    /// What one place has, if it is what is claimed.
    fn place(
        &self,
        artifact: &Artifact,
        pinned: &PinnedLocator,
        into: &Path,
    ) -> Result<Brought, NotBrought> {
        if let Locator::Swh(_) = pinned.uri {
            return wanting("the archive's word that it has it is no content");
        }
        let Self { net, access, temporary, progress, .. } = *self;
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let context = Context { net, progress, threads, temporary };
        let job = Job::of(artifact, pinned, self.indexes.get(&artifact.id).copied());
        let seen = job.brought(access, &context, into)?;
        if let Some(why) = faulty(&seen) {
            return wanting(why);
        }
        if job.differs(&seen) {
            return wanting("what is there is not what is claimed");
        }
        let observed = seen.digests.unwrap_or_default();
        let known = artifact.digest.as_ref().map(|claimed| claimed.compare(&observed));
        match known {
            // With an index alone, its files were held against it one by one.
            Some(Match::Equal) | None => {}
            Some(Match::Differs { claimed, observed }) => return wanting(other(claimed, observed)),
            Some(Match::Incomplete | Match::Weak) => {
                return wanting("no strong digest that is claimed could be computed");
            }
        }
        self.listed(into, observed)
    }

    /// What was kept.
    fn listed(&self, into: &Path, digests: DigestSet) -> Result<Brought, NotBrought> {
        let tree = walk(&Directory::open(into)?, &|_| false, self.progress);
        let tree = tree.map_err(|error| NotBrought::Wanting(error.to_string()))?;
        let files = tree.files.iter().filter_map(|file| file.path.parse().ok()).collect();
        let bytes = tree.files.total_bytes();
        let is_file = digests.dir_hash().is_none();
        Ok(Brought { files, is_file, bytes, digests })
    }
}

/// Bytes that are copied at once.
const BLOCK: usize = 1 << 18;

/// Why what was seen is no content.
fn faulty(seen: &Observation) -> Option<String> {
    let detail = || seen.detail.as_ref().map_or(String::new(), |text| format!(": {text}"));
    match seen.status {
        Status::Seen if seen.strength == Some(Strength::Bytes) => None,
        Status::Seen => Some(format!("it could not be read{}", detail())),
        Status::Partial => Some("a part of it lies elsewhere".to_owned()),
        Status::Absent => Some(format!("it is not there{}", detail())),
        Status::Closed => Some(format!("the door is closed{}", detail())),
        Status::Unreachable => Some(format!("it cannot be reached{}", detail())),
        Status::Skipped => Some(format!("nobody looked{}", detail())),
    }
}

fn other(claimed: Digest, observed: Digest) -> String {
    format!("{claimed} is claimed of it, and it has {observed}")
}

fn of_table(files: &FileTable, is_file: bool) -> Result<Brought, NotBrought> {
    let hashed = files.iter().filter_map(|file| Some((file.path, file.sha256?)));
    let digest = match files.iter().find_map(|file| file.sha256).filter(|_| is_file) {
        Some(sha256) => Digest::Sha256(sha256),
        None => match dir_hash(hashed) {
            Ok(hash) => Digest::DirHash(hash),
            Err(error) => return wanting(error.to_string()),
        },
    };
    let paths = files.iter().filter_map(|file| file.path.parse().ok()).collect();
    Ok(Brought { files: paths, is_file, bytes: files.total_bytes(), digests: digest.into() })
}

/// What an attempt left is no part of the next one.
fn emptied(directory: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => std::fs::remove_dir_all(entry.path())?,
            false => std::fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}
