//! One stage on its way: its inputs, and what each of its commands made.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use fullsource_collect::directory::Directory;
use fullsource_collect::places::Brought;
use fullsource_format::digest::Match;
use fullsource_format::manifest::{Artifact, Stage};
use fullsource_format::path::RelPath;
use fullsource_format::rebuild::{Copy, Grade, OutputMade, Probe, Run};
use fullsource_format::role::Role;
use fullsource_format::text::{Count, Text};

use super::{RebuildError, Rebuilder};
use crate::copies::{Source, Stretches};
use crate::inputs::Inputs;
use crate::outputs::{self, Claimed, Made};
use crate::plan::{self, Part};
use crate::sandbox::{self, End, Job, Limits, Ran};

/// A stage on its way.
pub(super) struct Staged<'a> {
    pub(super) of: &'a Rebuilder<'a>,
    pub(super) stage: &'a Stage,
    pub(super) inputs: Inputs,
    pub(super) copies: Vec<Copy>,
    pub(super) probe: Option<Probe>,
}

/// An output of a part, and its claimed content, or why that is not here.
struct Expected<'a> {
    artifact: &'a Artifact,
    content: Result<(Brought, Directory), String>,
}

impl<'a> Expected<'a> {
    /// What is claimed of it: nothing of a result that was not published (`reb-36`).
    fn claimed(&self) -> Option<Claimed<'_>> {
        let Artifact { digest, locators, .. } = self.artifact;
        match (&self.content, digest) {
            (Ok((brought, directory)), _) => Some(Claimed::Content(brought, directory)),
            (Err(_), Some(digest)) => Some(Claimed::Digests(digest)),
            (Err(why), None) => {
                let published = self.artifact.selectors().next().is_some() || !locators.is_empty();
                let is_final = |role: &Role| role.as_str() == "weights.final";
                let told = published || self.artifact.roles.iter().any(is_final);
                told.then_some(Claimed::Gone(why))
            }
        }
    }
}

/// What a command made of an output.
pub(super) struct Outcome<'a> {
    pub(super) artifact: &'a Artifact,
    pub(super) made: Made,
    told: OutputMade,
}

impl<'a> Staged<'a> {
    pub(super) fn new(of: &'a Rebuilder<'a>, stage: &'a Stage, store: &Path) -> Self {
        Self { of, stage, inputs: Inputs::new(store), copies: Vec::new(), probe: None }
    }

    /// Brings all inputs of the stage; says of the first that is wanting why.
    pub(super) fn gather(&mut self) -> Result<Option<String>, RebuildError> {
        for id in plan::inputs_of(self.stage) {
            let found = self.inputs.bring(&self.of.bring, self.of.manifest, id)?;
            if let Err(why) = found {
                return Ok(Some(format!("the input `{id}` is not there: {why}")));
            }
        }
        Ok(None)
    }

    /// Runs one command, unless something is wanting.
    pub(super) fn part(&mut self, part: &Part<'a>) -> Result<Run, RebuildError> {
        let bare = self.of.asked.without.then(|| tempfile::tempdir_in(self.of.store));
        let bare = bare.transpose()?;
        let bare = bare.as_ref().map(|directory| directory.path());
        let (job, expected) = match self.prepared(part, bare)? {
            Ok(prepared) => prepared,
            Err(why) => return Ok(not_run(part, &why)),
        };
        let ran = sandbox::run(&job, self.of.progress)?;
        let run = measured(part, &ran);
        if let Some(why) = unfinished(&ran, &job.limits) {
            return Ok(Run { reason: Some(Text::clipped(&why)), ..run });
        }
        let outcomes = self.compared(&expected, &ran.output)?;
        let copied = match self.unchanged(part, &outcomes) {
            None => self.look_for_copies(&outcomes, &ran.output)?,
            found => found,
        };
        self.keep(&outcomes, &ran.output)?;
        if let Some(seed) = self.of.asked.probe.as_ref().filter(|_| self.probe.is_none()) {
            self.probe = self.probed(seed, &job, &outcomes, &ran.output)?;
        }
        let grade = Grade::of_all(outcomes.iter().map(|outcome| outcome.told.grade));
        let grade = grade.unwrap_or(Grade::NotRun);
        let worst = outcomes.iter().find(|outcome| outcome.told.grade == grade);
        let (grade, reason) = match copied {
            Some(why) if grade.is_rebuilt() => (Grade::NotRun, Some(Text::clipped(&why))),
            _ => (grade, worst.and_then(|outcome| outcome.told.detail.clone())),
        };
        let outputs = outcomes.into_iter().map(|outcome| outcome.told).collect();
        Ok(Run { grade, reason, outputs, ..run })
    }

    /// What is run and what it is to make, or why it is not. `bare`: where it runs without a sandbox.
    fn prepared(
        &mut self,
        part: &Part<'a>,
        bare: Option<&Path>,
    ) -> Result<Result<(Job<'a>, Vec<Expected<'a>>), String>, RebuildError> {
        if let Some(from) = part.from {
            let found = self.inputs.bring(&self.of.bring, self.of.manifest, from)?;
            if let Err(why) = found {
                return Ok(Err(format!("its start `{from}` is not there: {why}")));
            }
        }
        let root = bare.unwrap_or(Path::new("/"));
        let command = match part.expanded(&self.inputs, self.of.threads(self.stage), root) {
            Ok(command) => command,
            Err(why) => return Ok(Err(why)),
        };
        let expected = self.expected(part)?;
        if expected.iter().all(|expected| expected.claimed().is_none()) {
            return Ok(Err("nothing that it makes is published or has a digest".to_owned()));
        }
        let visible = plan::inputs_of(self.stage).into_iter().chain(part.from);
        let shown = visible.map(|id| self.inputs.shown(id)).collect();
        let directories = expected.iter().flat_map(|one| outputs::directories(one.artifact));
        let directories = directories.collect();
        let without = bare.map(Path::to_owned);
        let job = Job { command, shown, directories, without, ..self.of.job(self.stage) };
        Ok(Ok((job, expected)))
    }

    /// What a part is to make, with the claimed contents that can be had.
    fn expected(&mut self, part: &Part<'a>) -> Result<Vec<Expected<'a>>, RebuildError> {
        let mut expected = Vec::new();
        for id in &part.outputs {
            let Some(artifact) = self.of.manifest.artifact(id) else { continue };
            let found = self.inputs.bring(&self.of.bring, self.of.manifest, id)?.clone();
            let content = match found {
                Ok(brought) => Ok((brought, Directory::open(&self.inputs.directory_of(id))?)),
                Err(why) => Err(why),
            };
            expected.push(Expected { artifact, content });
        }
        Ok(expected)
    }

    /// Holds every output with claimed content against it.
    fn compared(
        &self,
        expected: &[Expected<'a>],
        output: &Directory,
    ) -> Result<Vec<Outcome<'a>>, RebuildError> {
        let (compare, progress) = (self.stage.compare.as_ref(), self.of.progress);
        let claimed = expected.iter().filter_map(|one| Some((one.artifact, one.claimed()?)));
        let outcomes = claimed.map(|(artifact, claimed)| {
            let (made, told) = outputs::compared(artifact, claimed, output, compare, progress)?;
            Ok(Outcome { artifact, made, told })
        });
        outcomes.collect()
    }

    /// Where an output is the content of a model that went in, or of what the segment starts from: nothing was
    /// trained (`reb-41`).
    fn unchanged(&self, part: &Part<'a>, outcomes: &[Outcome<'a>]) -> Option<String> {
        let models = self.stage.models.iter().map(|model| &model.artifact);
        for id in models.chain(part.from) {
            let Some(before) = self.inputs.get(id) else { continue };
            let same = |outcome: &&Outcome<'a>| {
                let made = outcome.told.made.as_ref();
                made.is_some_and(|made| before.digests.compare(made) == Match::Equal)
            };
            if let Some(Outcome { artifact, .. }) = outcomes.iter().find(same) {
                let output = &artifact.id;
                return Some(format!("`{output}` is `{id}`, unchanged: nothing was trained"));
            }
        }
        None
    }

    /// Looks for stretches of the outputs in the sources (`reb-40`); says where one of them stands that
    /// makes up so much of an output that no run shows how it was made (`reb-41`).
    fn look_for_copies(
        &mut self,
        outcomes: &[Outcome<'a>],
        output: &Directory,
    ) -> Result<Option<String>, RebuildError> {
        let (mut why, mut untold) = (None, None);
        for Outcome { artifact, made, .. } in outcomes {
            let (root, progress) = (made.root(output), self.of.progress);
            let seed = self.of.statement.as_bytes();
            let strict = artifact.roles.iter().any(|role| role.as_str().starts_with("weights."));
            let stretches = Stretches::of(&artifact.id, root, &made.files, strict, seed, progress)?;
            let found = stretches.find_in(&self.sources()?, progress)?;
            if let Some(first) = found.first().filter(|_| stretches.are_the_output()) {
                let (input, path, offset) = (&first.input, &first.path, first.offset.0);
                why.get_or_insert(format!(
                    "`{}` stands in the input `{input}`, in `{path}` from byte {offset} on: it was \
                     copied, and the run does not show how it was made",
                    artifact.id
                ));
            } else if let Some(unseen) = stretches.unseen() {
                let id = &artifact.id;
                untold.get_or_insert(format!(
                    "{unseen}; so it cannot be told whether `{id}` was copied"
                ));
            }
            self.copies.extend(found);
        }
        self.copies.truncate(COPIES);
        Ok(why.or(untold))
    }

    /// The files that are looked through (`reb-40`).
    fn sources(&self) -> Result<Vec<Source>, RebuildError> {
        let mut sources = Vec::new();
        for id in plan::sources_of(self.stage) {
            let Some(input) = self.inputs.get(id) else { continue };
            let directory = Arc::new(Directory::open(&self.inputs.directory_of(id))?);
            sources.extend(input.files.iter().map(|path| Source {
                input: id.clone(),
                directory: Arc::clone(&directory),
                path: path.clone(),
            }));
        }
        Ok(sources)
    }

    /// Keeps what the next segment starts from, where it is what is claimed and was not published.
    fn keep(&mut self, outcomes: &[Outcome<'a>], output: &Directory) -> Result<(), RebuildError> {
        for Outcome { artifact, made, told } in outcomes {
            let known = self.inputs.get(&artifact.id).is_some();
            if known || told.grade != Grade::RebuiltExact {
                continue;
            }
            let named = |path: &RelPath| -> Option<RelPath> {
                let name = if made.is_file { path.file_name() } else { path.as_str() };
                name.parse().ok()
            };
            let files = made.files.iter().filter_map(|path| Some((path.clone(), named(path)?)));
            let files: Vec<_> = files.collect();
            let digests = told.made.clone().unwrap_or_default();
            let root = made.root(output);
            self.inputs.keep(&artifact.id, root, &files, made.is_file, digests)?;
        }
        Ok(())
    }
}

/// Stretches that an attestation tells of.
const COPIES: usize = 100;

/// A part of which nothing came.
pub(super) fn not_run(part: &Part<'_>, why: &str) -> Run {
    Run {
        segment: part.name().cloned(),
        command: part.command.to_vec(),
        grade: Grade::NotRun,
        reason: Some(Text::clipped(why)),
        exit: None,
        outputs: Vec::new(),
        wall_milliseconds: None,
        cpu_milliseconds: None,
        peak_memory: None,
    }
}

/// What a command took.
fn measured(part: &Part<'_>, ran: &Ran) -> Run {
    let milliseconds = |time: Duration| Some(Count(time.as_millis().try_into().unwrap_or(0)));
    Run {
        reason: None,
        exit: if let End::Exited(code) = ran.end { Some(code) } else { None },
        wall_milliseconds: milliseconds(ran.wall),
        cpu_milliseconds: milliseconds(ran.cpu),
        peak_memory: Some(Count(ran.peak_memory)),
        ..not_run(part, "")
    }
}

/// Why a command made nothing (`reb-11`, `reb-14`), with the last that it said.
pub(super) fn unfinished(ran: &Ran, limits: &Limits) -> Option<String> {
    let why = match ran.end {
        End::Exited(0) => return None,
        End::Exited(code) => format!("the command ended with exit code {code}"),
        End::Killed(signal) => format!("the command was ended by signal {signal}"),
        End::Time => format!("the command was ended after {} s", limits.wall.as_secs()),
        End::Memory => format!("the command was ended at {} bytes of memory", limits.memory),
        End::Disk => format!("the command was ended at {} bytes of files", limits.disk),
        End::Processes => format!("the command was ended at {} processes", limits.processes),
    };
    let said = String::from_utf8_lossy(&ran.said);
    let tail: Vec<&str> =
        said.lines().rev().filter(|line| !line.trim().is_empty()).take(3).collect();
    let tail: Vec<&str> = tail.into_iter().rev().collect();
    Some(if tail.is_empty() { why } else { format!("{why}: {}", tail.join(" / ")) })
}
