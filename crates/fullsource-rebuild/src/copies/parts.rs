//! The parts of an output that are looked for, in files that are opened when they are read.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use fullsource_collect::directory::Directory;
use fullsource_collect::hash::{FileTrouble, OpenFile, open_file};
use fullsource_format::path::RelPath;

use super::regions::unseen_of;
use super::words;
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

    /// Takes one more file.
    fn add(&mut self, path: &RelPath) -> Result<Held, FileTrouble> {
        let (_, size) = open_file(self.root, path)?;
        let file = OpenFile::open(self.root, path.as_str().as_bytes(), size)?;
        let kind = Kind::of(&file)?;
        let set = Set::of_file(file, kind).unwrap_or_default();
        let elements = set.tensors.iter().map(|tensor| tensor.element_type).collect();
        let tensors = set.tensors.iter().filter(|tensor| tensor.bytes > 0);
        let mut tensors: Vec<Range<u64>> =
            tensors.map(|tensor| tensor.offset..tensor.offset + tensor.bytes).collect();
        tensors.sort_by_key(|tensor| (tensor.start, tensor.end));
        self.all.push((path.clone(), size));
        Ok(Held { size, tensors, elements })
    }

    /// Whether pieces of a file hold words: what stands around tensors does, too, unless something else was put there.
    fn are_words(&self, one: &Wanted) -> Result<bool, FileTrouble> {
        let file = self.open(one.file)?;
        for piece in &one.pieces {
            let length = piece.end - piece.start;
            let mut bytes = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
            file.read_at(piece.start, &mut bytes)?;
            // The head of GGUF is no text, and has a vocabulary.
            let is_head = length < file.size() && bytes.starts_with(b"GGUF");
            if !is_head && !words::are_words(&bytes) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// What a file holds.
struct Held {
    size: u64,
    /// Where its tensors lie, in their order.
    tensors: Vec<Range<u64>>,
    elements: Elements,
}

/// Types of elements, as their formats name them.
pub(super) type Elements = BTreeSet<&'static str>;

/// What is looked for.
pub(super) struct Parts<'r> {
    pub(super) files: Files<'r>,
    pub(super) regions: Vec<Region>,
    /// Where windows start, in the output: each tensor's own bytes, though they lie in one region with the next.
    pub(super) pieces: Vec<Range<u64>>,
    pub(super) elements: Elements,
    /// Whether they are weights.
    pub(super) strict: bool,
    /// The first file that could not be read, and why.
    pub(super) unseen: Option<String>,
}

/// Bytes that may stand beside weights without being looked for: a tokenizer has a few tens of millions.
const BESIDE: u64 = 64 << 20;

/// Pieces of one file that are looked for.
struct Wanted {
    file: usize,
    pieces: Vec<Range<u64>>,
}

impl<'r> Parts<'r> {
    /// Tensors, and all of each file that has none. Beside weights, which are those with tensors and those that are
    /// called so, what is rightly copied is left out as far as there is little of it: words by the name of a
    /// text, and what stands around tensors (`reb-40`).
    pub(super) fn of(root: &'r Directory, paths: &[RelPath], called: bool) -> Self {
        let mut files = Files { root, all: Vec::new(), open: Mutex::default() };
        let (mut wanted, mut beside) = (Vec::new(), Vec::new());
        let (mut strict, mut unseen, mut elements) = (called, None, Elements::new());
        for path in paths {
            let nth = files.all.len();
            let held = match files.add(path) {
                Ok(held) => held,
                Err(trouble) => {
                    unseen.get_or_insert_with(|| unseen_of(path.as_str(), &trouble));
                    continue;
                }
            };
            elements.extend(&held.elements);
            if held.tensors.is_empty() {
                let side = if is_text(path) { &mut beside } else { &mut wanted };
                side.push(Wanted { file: nth, pieces: std::iter::once(0..held.size).collect() });
            } else {
                strict = true;
                beside.push(Wanted { file: nth, pieces: around(&held) });
                wanted.push(Wanted { file: nth, pieces: held.tensors });
            }
        }
        let mut room = if strict && !wanted.is_empty() { BESIDE } else { 0 };
        for one in beside {
            match files.is_left_out(&one, &mut room) {
                Ok(true) => {}
                Ok(false) => wanted.push(one),
                Err(trouble) => {
                    unseen.get_or_insert_with(|| unseen_of(files.name(one.file), &trouble));
                }
            }
        }
        let (regions, pieces) = laid_out(wanted);
        Self { files, regions, pieces, elements, strict, unseen }
    }
}

impl Files<'_> {
    /// Whether something beside weights is not looked for, where there is room left for such things.
    fn is_left_out(&self, one: &Wanted, room: &mut u64) -> Result<bool, FileTrouble> {
        let bytes: u64 = one.pieces.iter().map(|piece| piece.end - piece.start).sum();
        if bytes > *room {
            return Ok(false);
        }
        let left_out = self.are_words(one)?;
        if left_out {
            *room -= bytes;
        }
        Ok(left_out)
    }
}

/// What stands in a file around its tensors: headers, and what no tensor has.
fn around(held: &Held) -> Vec<Range<u64>> {
    let (mut at, mut pieces) = (0, Vec::new());
    for tensor in &held.tensors {
        if at < tensor.start {
            pieces.push(at..tensor.start);
        }
        at = at.max(tensor.end);
    }
    if at < held.size {
        pieces.push(at..held.size);
    }
    pieces
}

/// Whether a file is named like what stands beside weights and is rightly copied: a tokenizer, a configuration, a
/// licence.
fn is_text(path: &RelPath) -> bool {
    let name = path.file_name().to_ascii_lowercase();
    let ends = [".json", ".txt", ".md", ".model", ".jinja"];
    let starts = ["tokenizer", "vocab", "merges", "license", "licence", "notice", "readme"];
    ends.iter().any(|end| name.ends_with(end)) || starts.iter().any(|start| name.starts_with(start))
}

/// Pieces that lie so near to each other are one region: a stretch of small ones goes across them.
const NEAR: u64 = 64;

/// Regions, one behind the other, and where the pieces in them start.
fn laid_out(wanted: Vec<Wanted>) -> (Vec<Region>, Vec<Range<u64>>) {
    let (mut regions, mut pieces, mut bytes): (Vec<Region>, _, u64) = (Vec::new(), Vec::new(), 0);
    for Wanted { file, pieces: lying } in wanted {
        for piece in lying.into_iter().filter(|piece| !piece.is_empty()) {
            let near = regions.last_mut().filter(|last| {
                let end = last.offset + last.bytes;
                last.file == file && (last.offset..=end.saturating_add(NEAR)).contains(&piece.start)
            });
            let region = match near {
                Some(last) => {
                    last.bytes = last.bytes.max(piece.end - last.offset);
                    last
                }
                None => {
                    let (offset, length) = (piece.start, piece.end - piece.start);
                    regions.push(Region { file, offset, bytes: length, start: bytes });
                    let Some(new) = regions.last_mut() else { continue };
                    new
                }
            };
            bytes = region.start + region.bytes;
            let start = region.start + (piece.start - region.offset);
            pieces.push(start..start + (piece.end - piece.start));
        }
    }
    (regions, pieces)
}
