//! The parts of an output that are looked for, in files that are opened when they are read.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use fullsource_collect::directory::Directory;
use fullsource_collect::hash::{FileTrouble, OpenFile, open_file};
use fullsource_format::path::RelPath;

use super::regions::unseen_of;
use crate::compare::set::{Kind, Set};

/// Files that are open at once: an output may have more than a process may open.
const OPEN: usize = 64;

/// A part of an output that is looked for, without its name.
#[derive(Debug)]
pub(super) struct Region {
    pub(super) file: usize,
    /// In the file.
    pub(super) offset: u64,
    pub(super) bytes: u64,
    /// The bytes of all regions before it: where it is in the output.
    pub(super) start: u64,
}

/// The files of an output, of which a few are open.
#[derive(Debug)]
pub(super) struct Files<'r> {
    root: &'r Directory,
    /// With their sizes when they were first seen.
    all: Vec<(RelPath, u64)>,
    open: Mutex<VecDeque<(usize, Arc<OpenFile>)>>,
}

impl<'r> Files<'r> {
    /// The name of a file.
    pub(super) fn name(&self, nth: usize) -> &str {
        self.all.get(nth).map_or("", |(path, _)| path.as_str())
    }

    /// Opens a file, unless it is open.
    pub(super) fn open(&self, nth: usize) -> Result<Arc<OpenFile>, FileTrouble> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, file)) = open.iter().find(|(other, _)| *other == nth) {
            return Ok(Arc::clone(file));
        }
        let (path, size) = &self.all[nth];
        let file = Arc::new(OpenFile::open(self.root, path.as_str().as_bytes(), *size)?);
        if open.len() >= OPEN {
            open.pop_front();
        }
        open.push_back((nth, Arc::clone(&file)));
        Ok(file)
    }

    /// Takes one more file; gives its size, and its tensors where it has any.
    fn add(&mut self, path: &RelPath) -> Result<(u64, Vec<(u64, u64)>), FileTrouble> {
        let (_, size) = open_file(self.root, path)?;
        let file = OpenFile::open(self.root, path.as_str().as_bytes(), size)?;
        let kind = Kind::of(&file)?;
        let set = Set::of_file(file, kind).unwrap_or_default();
        let tensors = set.tensors.iter().filter(|tensor| tensor.bytes > 0);
        let tensors = tensors.map(|tensor| (tensor.offset, tensor.bytes)).collect();
        self.all.push((path.clone(), size));
        Ok((size, tensors))
    }
}

/// What is looked for.
pub(super) struct Parts<'r> {
    pub(super) files: Files<'r>,
    pub(super) regions: Vec<Region>,
    /// Whether they are weights.
    pub(super) strict: bool,
    /// The first file that could not be read, and why.
    pub(super) unseen: Option<String>,
}

impl<'r> Parts<'r> {
    /// Tensors, and all of each file that has none. Beside weights, which are those with tensors and those that are
    /// called so, what is named like a text is left out, unless nothing else is there.
    pub(super) fn of(root: &'r Directory, paths: &[RelPath], called: bool) -> Self {
        let mut files = Files { root, all: Vec::new(), open: Mutex::default() };
        let (mut parts, mut texts) = (Vec::new(), Vec::new());
        let (mut strict, mut unseen) = (called, None);
        for path in paths {
            let nth = files.all.len();
            match files.add(path) {
                Ok((size, tensors)) if tensors.is_empty() => {
                    let side = if is_text(path) { &mut texts } else { &mut parts };
                    side.push((nth, 0, size));
                }
                Ok((_, tensors)) => {
                    strict = true;
                    parts.extend(tensors.iter().map(|(offset, bytes)| (nth, *offset, *bytes)));
                }
                Err(trouble) => {
                    unseen.get_or_insert_with(|| unseen_of(path.as_str(), &trouble));
                }
            }
        }
        if !strict || parts.is_empty() {
            parts.append(&mut texts);
        }
        Self { files, regions: laid_out(parts), strict, unseen }
    }
}

/// Whether a file is named like what stands beside weights and is rightly copied: a tokenizer, a configuration, a
/// licence.
fn is_text(path: &RelPath) -> bool {
    let name = path.file_name().to_ascii_lowercase();
    let ends = [".json", ".txt", ".md", ".model", ".jinja"];
    let starts = ["tokenizer", "vocab", "merges", "license", "licence", "notice", "readme"];
    ends.iter().any(|end| name.ends_with(end)) || starts.iter().any(|start| name.starts_with(start))
}

/// Parts with bytes, one behind the other.
fn laid_out(parts: Vec<(usize, u64, u64)>) -> Vec<Region> {
    let mut start = 0;
    let parts = parts.into_iter().filter(|(_, _, bytes)| *bytes > 0);
    let regions = parts.map(|(file, offset, bytes)| {
        start += bytes;
        Region { file, offset, bytes, start: start - bytes }
    });
    regions.collect()
}
