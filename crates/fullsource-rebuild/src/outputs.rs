//! Outputs: where they are sought, and what they are held against (`reb-5`, `reb-25`, `reb-36`).

use std::num::NonZeroUsize;

use fullsource_collect::directory::Directory;
use fullsource_collect::hash::{self, Wanted};
use fullsource_collect::places::Brought;
use fullsource_collect::progress::{Progress, Stopped};
use fullsource_collect::tree::{self, EntryKind, TreeError};
use fullsource_format::digest::{Digest, DigestSet, Match};
use fullsource_format::index::{FileTable, dir_hash};
use fullsource_format::manifest::{Artifact, Compare};
use fullsource_format::path::{FileSelector, RelPath};
use fullsource_format::rebuild::{FileDifference, FileUnlike, Grade, OutputMade};
use fullsource_format::release_dir::{self, LeftOut};
use fullsource_format::text::Text;

use crate::compare::{self, Form, Side};

/// Files and members that an outcome tells of.
const UNLIKE: usize = 100;
/// Bytes that a made output may have whose claimed content is not here, beside 64 times its claimed size.
const MOST: u64 = 4 << 30;

/// What is claimed of an output.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Claimed<'a> {
    /// Its content, which lies in this directory.
    Content(&'a Brought, &'a Directory),
    /// Its digests are all that there is.
    Digests(&'a DigestSet),
    /// It is claimed to be somewhere, and cannot be had, or is not what was signed.
    Gone(&'a str),
}

/// What a command left of an output, as far as it is files and directories: nothing that is a link, and
/// nothing behind one.
#[derive(Debug)]
pub(crate) struct Made {
    /// What its paths start from, where that is not the directory for outputs itself.
    below: Option<Directory>,
    /// Its files, sorted by path bytes.
    pub(crate) files: Vec<RelPath>,
    /// What else stands in its tree, but for empty directories: nothing of that is claimed (`reb-20`).
    others: Vec<String>,
    /// Whether it is sought as one file.
    pub(crate) is_file: bool,
}

/// The directories that are there before a command starts.
pub(crate) fn directories(artifact: &Artifact) -> impl Iterator<Item = RelPath> {
    artifact.selectors().filter_map(|selector| match selector {
        FileSelector::File(path) => path.as_str().rsplit_once('/')?.0.parse().ok(),
        FileSelector::Below(path) => Some(path.clone()),
    })
}

impl Made {
    /// What was left of an output where it is sought. `tree`: whether one without `files` is claimed to
    /// be a tree.
    pub(crate) fn find(
        artifact: &Artifact,
        tree: bool,
        output: &Directory,
        progress: &Progress,
    ) -> Result<Self, TreeError> {
        let selectors: Vec<&FileSelector> = artifact.selectors().collect();
        let own = artifact.id.as_str().parse::<RelPath>();
        match (&selectors[..], own) {
            ([FileSelector::File(path)], _) => Ok(Self::file(path.clone())),
            ([FileSelector::Below(path)], _) => Self::tree(output, path, progress),
            ([], Ok(path)) if tree => Self::tree(output, &path, progress),
            ([], Ok(path)) => Ok(Self::file(path)),
            (several, _) => {
                let mut made = Self::nothing();
                for selector in several {
                    match selector {
                        FileSelector::File(path) => made.files.push(path.clone()),
                        FileSelector::Below(path) => {
                            let found = Self::tree(output, path, progress)?;
                            let full = |file: &RelPath| format!("{path}/{file}").parse().ok();
                            made.files.extend(found.files.iter().filter_map(full));
                            let full = |other: &String| format!("{path}/{other}");
                            made.others.extend(found.others.iter().map(full));
                        }
                    }
                }
                made.files.sort_by(|a, b| a.as_str().cmp(b.as_str()));
                made.files.dedup();
                Ok(made)
            }
        }
    }

    const fn nothing() -> Self {
        Self { below: None, files: Vec::new(), others: Vec::new(), is_file: false }
    }

    fn file(path: RelPath) -> Self {
        Self { files: vec![path], is_file: true, ..Self::nothing() }
    }

    /// What stands below a directory, as far as it would be signed (`tree-5`).
    fn tree(output: &Directory, path: &RelPath, progress: &Progress) -> Result<Self, TreeError> {
        let Ok(below) = output.below(path) else { return Ok(Self::nothing()) };
        let found = tree::walk(&below, &|path| release_dir::left_out_directory(path), progress)?;
        let ignored =
            |path: &str| release_dir::left_out_file(path, &|_| false) == Some(LeftOut::Ignored);
        let files = found.files.iter().filter(|file| !ignored(file.path));
        let files = files.filter_map(|file| file.path.parse().ok()).collect();
        let others = found
            .others
            .iter()
            .filter(|other| !matches!(other.kind, EntryKind::EmptyDirectory | EntryKind::Pruned));
        let others = others.map(|other| other.path.clone()).collect();
        Ok(Self { below: Some(below), files, others, is_file: false })
    }

    /// What its paths start from.
    pub(crate) fn root<'a>(&'a self, output: &'a Directory) -> &'a Directory {
        self.below.as_ref().unwrap_or(output)
    }

    /// The same outcome, which is none where something stands in the tree that nobody claims.
    fn with_others(&self, told: OutputMade) -> OutputMade {
        if self.others.is_empty() || !told.grade.is_rebuilt() {
            return told;
        }
        let added =
            |path: &String| FileUnlike { path: Text::clipped(path), how: FileDifference::Added };
        let files = self.others.iter().take(UNLIKE).map(added).collect();
        OutputMade { grade: Grade::Contradicted, files, ..told }
    }

    /// It as one side of a comparison.
    pub(crate) fn side<'a>(&'a self, output: &'a Directory) -> Side<'a> {
        let form = if self.is_file { Form::File } else { Form::Tree };
        Side { root: self.root(output), files: &self.files, form }
    }

    /// The bytes of its files that can be opened.
    fn bytes(&self, output: &Directory) -> u64 {
        let root = self.root(output);
        let sizes = self.files.iter().filter_map(|path| Some(hash::open_file(root, path).ok()?.1));
        sizes.fold(0, u64::saturating_add)
    }

    /// Its digests: of one file SHA-256 and BLAKE3, of a tree `dirHash`. None where a file is not there or
    /// cannot be read.
    pub(crate) fn digests(
        &self,
        output: &Directory,
        progress: &Progress,
    ) -> Result<Option<DigestSet>, Stopped> {
        let root = self.root(output);
        let mut files = FileTable::builder();
        for path in &self.files {
            let Ok((_, size)) = hash::open_file(root, path) else { return Ok(None) };
            let record = fullsource_format::index::FileRecord {
                path: path.as_str(),
                size,
                sha256: None,
                blake3: None,
            };
            if files.push(record).is_err() {
                return Ok(None);
            }
        }
        let Ok(mut files) = files.build() else { return Ok(None) };
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let troubles = hash::hash_files(root, &mut files, Wanted::Both, threads, progress)?;
        if !troubles.is_empty() {
            return Ok(None);
        }
        if self.is_file {
            let only = files.iter().next();
            let sha256 = only.and_then(|file| file.sha256).map(Digest::Sha256);
            let blake3 = only.and_then(|file| file.blake3).map(Digest::Blake3);
            let both = sha256.into_iter().chain(blake3);
            return Ok(Some(both.fold(DigestSet::default(), DigestSet::with)));
        }
        let hashed = files.iter().filter_map(|file| Some((file.path, file.sha256?)));
        Ok(dir_hash(hashed).ok().map(|hash| Digest::DirHash(hash).into()))
    }
}

/// Holds an output against what is claimed of it.
pub(crate) fn compared(
    artifact: &Artifact,
    claimed: Claimed<'_>,
    output: &Directory,
    compare: Option<&Compare>,
    progress: &Progress,
) -> Result<(Made, OutputMade), Stopped> {
    let tree = match claimed {
        Claimed::Content(brought, _) => !brought.is_file,
        Claimed::Digests(digests) => digests.sha256().is_none() && digests.blake3().is_none(),
        Claimed::Gone(_) => false,
    };
    let made = match Made::find(artifact, tree, output, progress) {
        Ok(made) => made,
        Err(TreeError::Stopped(stopped)) => return Err(stopped),
        Err(error) => {
            return Ok((Made::nothing(), contradicted(artifact, &error.to_string())));
        }
    };
    let told = match claimed {
        Claimed::Content(brought, directory) => {
            let form = if brought.is_file { Form::File } else { Form::Tree };
            let claimed = Side { root: directory, files: &brought.files, form };
            compare::output(&artifact.id, claimed, made.side(output), compare, progress)?
        }
        Claimed::Digests(digests) => by_digest(artifact, digests, &made, output, progress)?,
        Claimed::Gone(why) => {
            let detail = format!("what is claimed cannot be had: {why}");
            let detail = Some(Text::clipped(&detail));
            OutputMade { detail, ..outcome(artifact, Grade::NotRun) }
        }
    };
    let told = made.with_others(told);
    Ok((made, told))
}

/// Bytes alone, where the claimed content cannot be had (`reb-25`).
fn by_digest(
    artifact: &Artifact,
    claimed: &DigestSet,
    made: &Made,
    output: &Directory,
    progress: &Progress,
) -> Result<OutputMade, Stopped> {
    let most = artifact.size.map_or(0, |size| size.0.saturating_mul(64)).saturating_add(MOST);
    if made.bytes(output) > most {
        let detail = Some(Text::clipped("it has far more bytes than can be what is claimed"));
        return Ok(OutputMade { detail, ..outcome(artifact, Grade::NotRun) });
    }
    let Some(found) = made.digests(output, progress)? else {
        return Ok(contradicted(artifact, "it was not made, or cannot be read"));
    };
    let (grade, detail) = match claimed.compare(&found) {
        Match::Equal => (Grade::RebuiltExact, None),
        Match::Differs { .. } => (Grade::Contradicted, Some("it has another digest")),
        Match::Incomplete | Match::Weak => {
            (Grade::NotRun, Some("no strong digest that is claimed can be computed of it"))
        }
    };
    Ok(OutputMade {
        claimed: Some(claimed.clone()),
        made: Some(found),
        detail: detail.map(Text::clipped),
        ..outcome(artifact, grade)
    })
}

fn contradicted(artifact: &Artifact, detail: &str) -> OutputMade {
    OutputMade { detail: Some(Text::clipped(detail)), ..outcome(artifact, Grade::Contradicted) }
}

/// An output of which no more is known than this.
pub(crate) fn outcome(artifact: &Artifact, grade: Grade) -> OutputMade {
    let (claimed, made, detail, tensors) = (None, None, None, None);
    let artifact = artifact.id.clone();
    OutputMade { artifact, grade, claimed, made, detail, tensors, files: Vec::new() }
}
