//! A stage, run again: its inputs brought, its commands run, its outputs compared.

mod probed;
mod staged;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use fullsource_collect::places::{Bring, NotBrought};
use fullsource_collect::progress::{Progress, Stopped};
use fullsource_format::digest::Sha256;
use fullsource_format::evidence::{StatementRef, Tool};
use fullsource_format::manifest::{Manifest, Stage};
use fullsource_format::rebuild::{Environment, Grade, Rebuild};
use jiff::Timestamp;

use crate::draw::Drawn;
use crate::plan::{self, Part};
use crate::sandbox::{self, Job, Limits, SandboxError};
use staged::{Staged, not_run};

/// How stages are run again.
#[derive(Debug)]
pub struct Rebuilder<'a> {
    /// The id of the statement.
    pub statement: Sha256,
    /// What it claims.
    pub manifest: &'a Manifest,
    /// Where contents come from.
    pub bring: Bring<'a>,
    /// An empty directory of this user's own, for contents.
    pub store: &'a Path,
    /// What the caller asks for.
    pub asked: Asked,
    /// Told of progress, and asked whether to stop.
    pub progress: &'a Progress,
    /// What runs it.
    pub tool: Tool,
    /// What is known already of where it runs.
    pub environments: Environments,
}

/// Where stages run, each environment asked about once: by the threads and the program.
#[derive(Debug, Default)]
pub struct Environments(RefCell<BTreeMap<(u32, OsString), Environment>>);

/// What the caller asks for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Threads, where they are not those of the stage.
    pub threads: Option<u32>,
    /// Directories of the system that commands may use beside its own.
    pub tools: Vec<PathBuf>,
    /// What commands are held to.
    pub limits: Limits,
    /// Where they write, instead of memory.
    pub scratch: Option<PathBuf>,
    /// Run them with nothing that keeps them in.
    pub without: bool,
    /// The seed of a probe, where one is asked for.
    pub probe: Option<String>,
}

/// What of a stage is run.
#[derive(Debug)]
pub enum Extent {
    /// Its command.
    Whole,
    /// These segments, as they were drawn.
    Segments(Drawn),
}

/// Why nothing can be told of a stage.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The sandbox.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// This machine refused.
    #[error("a content cannot be written here: {0}")]
    Here(#[from] std::io::Error),
    /// Stopped by the caller.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl From<NotBrought> for RebuildError {
    fn from(error: NotBrought) -> Self {
        match error {
            NotBrought::Here(error) => Self::Here(error),
            NotBrought::Stopped(stopped) => stopped.into(),
            NotBrought::Wanting(why) => Self::Here(std::io::Error::other(why)),
        }
    }
}

impl Rebuilder<'_> {
    /// Runs a stage, or segments of it, and tells what came out.
    pub fn stage(&self, stage: &Stage, extent: Extent) -> Result<Rebuild, RebuildError> {
        let started_at = Timestamp::now();
        let store = tempfile::tempdir_in(self.store)?;
        let mut staged = Staged::new(self, stage, store.path());
        let (parts, audit) = match extent {
            Extent::Whole => (vec![Part::whole(stage)], None),
            Extent::Segments(Drawn { segments, audit }) => {
                let parts = segments.iter().filter_map(|nth| Part::segment(stage, *nth));
                (parts.collect(), Some(audit))
            }
        };
        let wanting = staged.gather()?;
        let mut runs = Vec::new();
        for part in &parts {
            runs.push(match &wanting {
                Some(why) => not_run(part, why),
                None => staged.part(part)?,
            });
        }
        let grade = Grade::of_all(runs.iter().map(|run| run.grade)).unwrap_or(Grade::NotRun);
        let reason = runs.iter().find(|run| run.grade == grade).and_then(|run| run.reason.clone());
        let used = plan::inputs_of(stage).into_iter().filter_map(|id| staged.inputs.used(id));
        Ok(Rebuild {
            statement: StatementRef { sha256: self.statement },
            stage: stage.id.clone(),
            grade,
            reason,
            audit,
            inputs: used.collect(),
            runs,
            environment: self.environment(stage)?,
            copies: staged.copies,
            probe: staged.probe,
            tool: self.tool.clone(),
            started_at,
            finished_at: Timestamp::now(),
        })
    }

    /// Threads that a stage is given.
    fn threads(&self, stage: &Stage) -> u32 {
        let declared = stage.runtime.as_ref().and_then(|runtime| runtime.threads);
        let declared = declared.and_then(|count| u32::try_from(count.0).ok());
        self.asked.threads.or(declared).unwrap_or(1).max(1)
    }

    /// A command that sees nothing but the system's programs.
    fn job(&self, stage: &Stage) -> Job<'_> {
        Job {
            command: Vec::new(),
            shown: Vec::new(),
            tools: &self.asked.tools,
            directories: Vec::new(),
            threads: self.threads(stage),
            source_date_epoch: self.epoch(),
            limits: self.asked.limits,
            scratch: self.asked.scratch.clone(),
            without: None,
        }
    }

    fn environment(&self, stage: &Stage) -> Result<Environment, RebuildError> {
        let of_segment = stage.segments.iter().flat_map(|segment| &segment.command);
        let program = stage.command.iter().chain(of_segment).next();
        let program: OsString = program.map(|text| text.as_str().into()).unwrap_or_default();
        let key = (self.threads(stage), program.clone());
        if let Some(known) = self.environments.0.borrow().get(&key) {
            return Ok(known.clone());
        }
        let bare = self.asked.without.then(|| tempfile::tempdir_in(self.store)).transpose()?;
        let without = bare.as_ref().map(|directory| directory.path().to_owned());
        let job = Job { command: vec![program], without, ..self.job(stage) };
        let found = sandbox::environment(&job, self.progress)?;
        self.environments.0.borrow_mut().insert(key, found.clone());
        Ok(found)
    }

    /// What commands take for now (`reb-12`).
    fn epoch(&self) -> u64 {
        let released = self.manifest.release().released_on.map(|day| day.to_string());
        let midnight =
            released.and_then(|day| format!("{day}T00:00:00Z").parse::<Timestamp>().ok());
        midnight.and_then(|time| u64::try_from(time.as_second()).ok()).unwrap_or(WITHOUT_A_DAY)
    }
}

/// 1980-01-01, the first day that a zip archive can hold.
const WITHOUT_A_DAY: u64 = 315_532_800;
