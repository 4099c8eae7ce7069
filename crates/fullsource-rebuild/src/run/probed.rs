//! The same command once more, with one record of a data input altered (`reb-50`).

use std::fs;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use fullsource_collect::directory::Directory;
use fullsource_format::path::RelPath;
use fullsource_format::rebuild::Probe;
use fullsource_format::text::{Count, Id, Text};

use super::RebuildError;
use super::staged::{Outcome, Staged, unfinished};
use crate::compare;
use crate::outputs::Made;
use crate::probe::{self, Alteration};
use crate::sandbox::{self, Job, Shown};

impl<'a> Staged<'a> {
    /// What an altered record changes of what a command made. None where the stage has no data with a
    /// record, and where the command does not end well with it.
    pub(super) fn probed(
        &self,
        seed: &str,
        job: &Job<'a>,
        outcomes: &[Outcome<'a>],
        output: &Directory,
    ) -> Result<Option<Probe>, RebuildError> {
        // Without a sandbox the outputs of the first run stand where the second would write.
        let Some((input, alteration)) = self.drawn(seed)?.filter(|_| job.without.is_none()) else {
            return Ok(None);
        };
        let copy = tempfile::tempdir_in(self.of.store)?;
        let altered = copy.path().join("altered");
        linked(&self.inputs.directory_of(&input), &altered)?;
        alter(&altered, &alteration)?;
        let job =
            Job { shown: shown(job, &self.inputs.directory_of(&input), &altered), ..again(job) };
        let ran = sandbox::run(&job, self.of.progress)?;
        if unfinished(&ran, &job.limits).is_some() {
            return Ok(None);
        }
        let (mut elements, mut changed) = (0_u64, 0_u64);
        for Outcome { artifact, made, .. } in counted(outcomes) {
            let progress = self.of.progress;
            let Ok(after) = Made::find(artifact, !made.is_file, &ran.output, progress) else {
                return Ok(None);
            };
            let (before, after) = (made.side(output), after.side(&ran.output));
            let Some(counted) = compare::changed(before, after, progress)? else { return Ok(None) };
            elements = elements.saturating_add(counted.elements);
            changed = changed.saturating_add(counted.changed);
        }
        Ok(Some(Probe {
            seed: Text::clipped(seed),
            input,
            path: Text::clipped(alteration.path.as_str()),
            offset: Count(alteration.offset),
            elements: Count(elements),
            changed: Count(changed),
        }))
    }

    /// The record that the seed draws, of all data inputs as one sequence of files, and the input that it is of.
    fn drawn(&self, seed: &str) -> Result<Option<(Id, Alteration)>, RebuildError> {
        let mut files: Vec<RelPath> = Vec::new();
        for data in &self.stage.data {
            let id = &data.artifact;
            let known = self.inputs.get(id).map(|brought| &brought.files[..]).unwrap_or_default();
            files.extend(known.iter().filter_map(|path| format!("{id}/{path}").parse().ok()));
        }
        files.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        files.dedup();
        let store = Directory::open(self.inputs.store())?;
        let Some(found) = probe::draw(&store, &files, seed, self.of.progress)? else {
            return Ok(None);
        };
        let split = found.path.as_str().split_once('/');
        let split = split.and_then(|(id, path)| Some((id.parse().ok()?, path.parse().ok()?)));
        Ok(split.map(|(id, path)| (id, Alteration { path, ..found })))
    }
}

/// The final weights, where a command makes some: a checkpoint may be older than the record's first use.
fn counted<'o, 'a>(outcomes: &'o [Outcome<'a>]) -> Vec<&'o Outcome<'a>> {
    let is_final = |outcome: &&Outcome<'_>| {
        outcome.artifact.roles.iter().any(|role| role.as_str() == "weights.final")
    };
    let finals: Vec<_> = outcomes.iter().filter(is_final).collect();
    if finals.is_empty() { outcomes.iter().collect() } else { finals }
}

/// The same job, to be run again.
fn again<'a>(job: &Job<'a>) -> Job<'a> {
    Job {
        command: job.command.clone(),
        shown: job.shown.clone(),
        tools: job.tools,
        directories: job.directories.clone(),
        scratch: job.scratch.clone(),
        without: job.without.clone(),
        ..*job
    }
}

/// What a job is shown, with one directory in the place of another.
fn shown(job: &Job<'_>, of: &Path, altered: &Path) -> Vec<Shown> {
    let replaced = |from: &PathBuf| if from == of { altered.to_owned() } else { from.clone() };
    let shown = job.shown.iter();
    shown.map(|one| Shown { from: replaced(&one.from), at: one.at.clone() }).collect()
}

/// The same directory once more: its files are those of the first.
fn linked(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        match entry.file_type()? {
            kind if kind.is_dir() => linked(&entry.path(), &to)?,
            kind if kind.is_symlink() => symlink(fs::read_link(entry.path())?, to)?,
            _ => fs::hard_link(entry.path(), to)?,
        }
    }
    Ok(())
}

/// Alters one byte of a copy of the file, in its place.
fn alter(directory: &Path, alteration: &Alteration) -> io::Result<()> {
    let path = directory.join(alteration.path.as_str());
    let mut original = fs::File::open(&path)?;
    fs::remove_file(&path)?;
    let mut file = fs::File::options().read(true).write(true).create_new(true).open(&path)?;
    file.set_permissions(original.metadata()?.permissions())?;
    io::copy(&mut original, &mut file)?;
    file.seek(SeekFrom::Start(alteration.offset))?;
    let mut found = [0];
    file.read_exact(&mut found)?;
    if found != [alteration.from] {
        return Err(io::Error::other("the input changed while it was altered"));
    }
    file.seek(SeekFrom::Start(alteration.offset))?;
    file.write_all(&[alteration.to])
}
