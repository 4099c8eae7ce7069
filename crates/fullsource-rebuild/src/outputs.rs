//! Outputs: where they are sought, and what they are held against (`reb-5`, `reb-25`, `reb-36`).

use std::num::NonZeroUsize;

use fullsource_collect::directory::Directory;
use fullsource_collect::hash::{self, Wanted};
use fullsource_collect::places::Brought;
use fullsource_collect::progress::{Progress, Stopped};
use fullsource_collect::tree::{self, TreeError};
use fullsource_format::digest::{Digest, DigestSet, Match};
use fullsource_format::index::{FileTable, dir_hash};
use fullsource_format::manifest::{Artifact, Compare};
use fullsource_format::path::{FileSelector, RelPath};
use fullsource_format::rebuild::{Grade, OutputMade};
use fullsource_format::text::Text;

use crate::compare::{self, Form, Side};

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
                let mut files = Vec::new();
                for selector in several {
                    match selector {
                        FileSelector::File(path) => files.push(path.clone()),
                        FileSelector::Below(path) => {
                            let found = Self::tree(output, path, progress)?.files;
                            let full = |file: &RelPath| format!("{path}/{file}").parse().ok();
                            files.extend(found.iter().filter_map(full));
                        }
                    }
                }
                files.sort_by(|a, b| a.as_str().cmp(b.as_str()));
                files.dedup();
                Ok(Self { below: None, files, is_file: false })
            }
        }
    }

    fn file(path: RelPath) -> Self {
        Self { below: None, files: vec![path], is_file: true }
    }

    fn tree(output: &Directory, path: &RelPath, progress: &Progress) -> Result<Self, TreeError> {
        let Ok(below) = output.below(path) else {
            return Ok(Self { below: None, files: Vec::new(), is_file: false });
        };
        let found = tree::walk(&below, &|_| false, progress)?;
        let files = found.files.iter().filter_map(|file| file.path.parse().ok()).collect();
        Ok(Self { below: Some(below), files, is_file: false })
    }

    /// What its paths start from.
    pub(crate) fn root<'a>(&'a self, output: &'a Directory) -> &'a Directory {
        self.below.as_ref().unwrap_or(output)
    }

    /// It as one side of a comparison.
    pub(crate) fn side<'a>(&'a self, output: &'a Directory) -> Side<'a> {
        let form = if self.is_file { Form::File } else { Form::Tree };
        Side { root: self.root(output), files: &self.files, form }
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
            let nothing = Made { below: None, files: Vec::new(), is_file: false };
            return Ok((nothing, contradicted(artifact, &error.to_string())));
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
