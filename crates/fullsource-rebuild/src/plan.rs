//! What is run: the commands of a stage or of its segments, with their placeholders (`reb-1` to `reb-6`).

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use fullsource_format::manifest::{Command, Manifest, Placeholder, Segment, Stage};
use fullsource_format::text::{Id, Text};

use crate::inputs::Inputs;
use crate::sandbox::OUTPUT;

/// One command of a stage, with what it starts from and what it is to make.
#[derive(Debug, Clone)]
pub struct Part<'a> {
    /// The segment; none for the whole stage.
    pub segment: Option<&'a Segment>,
    /// The command, with its placeholders.
    pub command: &'a [Text],
    /// The artifact that it starts from, where that is one.
    pub from: Option<&'a Id>,
    /// The artifacts that it is to make.
    pub outputs: Vec<&'a Id>,
}

impl<'a> Part<'a> {
    /// The stage as a whole.
    pub fn whole(stage: &'a Stage) -> Self {
        let outputs = stage.outputs.iter().collect();
        Self { segment: None, command: &stage.command, from: None, outputs }
    }

    /// One of its segments, by its number in the chain.
    pub fn segment(stage: &'a Stage, number: usize) -> Option<Self> {
        let segment = stage.segments.get(number)?;
        // A first `from` that is `init` is a state, whatever artifact may have that id (man-16).
        let from = (number > 0 || segment.from.as_str() != "init").then_some(&segment.from);
        let outputs = vec![&segment.to];
        Some(Self { segment: Some(segment), command: &segment.command, from, outputs })
    }

    /// What it is called where it is told.
    pub fn name(&self) -> Option<&'a Id> {
        self.segment.map(|segment| &segment.id)
    }

    /// The program and its arguments; why there are none. `root`: what stands below `/` in a sandbox stands
    /// below this directory, where there is none.
    pub fn expanded(
        &self,
        inputs: &Inputs,
        threads: u32,
        root: &Path,
    ) -> Result<Vec<OsString>, String> {
        let command = Command::parse(self.command).map_err(|error| error.to_string())?;
        if command.is_empty() {
            return Err(match self.segment {
                None => "the stage has no `command`".to_owned(),
                Some(segment) => format!("the segment `{}` has no `command`", segment.id),
            });
        }
        let at = |place: &str| root.join(place.trim_start_matches('/')).into_os_string();
        let input = |id: &Id| inputs.place(id).map(|place| at(&place)).unwrap_or_default();
        Ok(command.expand(|placeholder| match placeholder {
            Placeholder::Input(id) => input(id),
            Placeholder::Output => at(OUTPUT),
            Placeholder::Threads => threads.to_string().into(),
            Placeholder::Checkpoint => self.from.map(input).unwrap_or_default(),
        }))
    }
}

/// The inputs of a stage, each once (`reb-2`).
pub fn inputs_of(stage: &Stage) -> BTreeSet<&Id> {
    let named = stage.code.iter().chain(&stage.config).chain(&stage.environment);
    let data = stage.data.iter().map(|data| &data.artifact);
    named.chain(data).chain(stage.models.iter().map(|model| &model.artifact)).collect()
}

/// Those that are looked through for stretches of the outputs: models are not, as long as they are nothing
/// else (`reb-40`).
pub fn sources_of(stage: &Stage) -> BTreeSet<&Id> {
    let named = stage.code.iter().chain(&stage.config).chain(&stage.environment);
    named.chain(stage.data.iter().map(|data| &data.artifact)).collect()
}

/// The stages that can be run: those named, else all that have a command or a segment with one.
pub fn stages<'a>(manifest: &'a Manifest, named: &[Id]) -> Result<Vec<&'a Stage>, Id> {
    if named.is_empty() {
        let runs = |stage: &&Stage| {
            !stage.command.is_empty() || stage.segments.iter().any(|part| !part.command.is_empty())
        };
        return Ok(manifest.stages().iter().filter(runs).collect());
    }
    let find = |id: &Id| manifest.stages().iter().find(|stage| stage.id == *id);
    named.iter().map(|id| find(id).ok_or_else(|| id.clone())).collect()
}
