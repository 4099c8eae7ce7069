//! Two sets of tensors, held against each other: by name, then by their bytes in pieces, on all cores.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

use fullsource_collect::hash::FileTrouble;
use fullsource_collect::progress::{Progress, Stopped};

use super::measure::{Measured, relative_l2};
use super::set::{Set, Tensor};
use super::ties;

/// What two sets of tensors differ in.
#[derive(Debug, Default)]
pub(super) struct Differences {
    /// Claimed tensors, and their elements.
    pub(super) total: u64,
    pub(super) elements: u64,
    /// Tensors of the same name, type and shape with other values.
    pub(super) unlike: Vec<Unlike>,
    /// Tensors that have no counterpart, and are tied to nothing.
    pub(super) apart: Vec<Apart>,
    /// Tensors without a counterpart that are tied.
    pub(super) tied: u64,
}

/// A tensor with other values.
#[derive(Debug)]
pub(super) struct Unlike {
    pub(super) name: String,
    pub(super) differing: u64,
    pub(super) ulp: Option<u64>,
    pub(super) relative_l2: Option<f64>,
}

/// A tensor that one side has alone, or with another type or shape.
#[derive(Debug)]
pub(super) struct Apart {
    pub(super) name: String,
    /// Its elements where it is claimed; 0 of one that is not.
    pub(super) claimed_elements: u64,
    pub(super) how: How,
}

/// Why a tensor has no counterpart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Missing,
    Added,
    OtherType,
}

/// Why two sets could not be compared to the end.
#[derive(Debug, Clone, Copy)]
pub(super) enum NotCompared {
    /// A file changed, or could not be read.
    File(FileTrouble),
    Stopped(Stopped),
}

impl From<FileTrouble> for NotCompared {
    fn from(trouble: FileTrouble) -> Self {
        Self::File(trouble)
    }
}

impl From<Stopped> for NotCompared {
    fn from(stopped: Stopped) -> Self {
        Self::Stopped(stopped)
    }
}

/// Compares two sets.
pub(super) fn compare(
    claimed: &Set,
    made: &Set,
    progress: &Progress,
) -> Result<Differences, NotCompared> {
    let matched = Matched::of(claimed, made);
    let mut differences = Differences {
        total: claimed.tensors.len() as u64,
        elements: claimed.tensors.iter().map(|tensor| tensor.elements).fold(0, u64::saturating_add),
        unlike: unlike(claimed, made, &matched.pairs, progress)?,
        ..Differences::default()
    };
    differences.apart.extend(matched.other_type);
    let claimed_common = matched.pairs.iter().map(|pair| pair.claimed);
    let missing = ties::untied(claimed, claimed_common, &matched.missing, progress)?;
    let made_common = matched.pairs.iter().map(|pair| pair.made);
    let added = ties::untied(made, made_common, &matched.added, progress)?;
    let alone = matched.missing.len() + matched.added.len();
    differences.tied = (alone - missing.len() - added.len()) as u64;
    differences.apart.extend(missing.into_iter().map(|tensor| Apart {
        name: tensor.name.clone(),
        claimed_elements: tensor.elements,
        how: How::Missing,
    }));
    differences.apart.extend(added.into_iter().map(|tensor| Apart {
        name: tensor.name.clone(),
        claimed_elements: 0,
        how: How::Added,
    }));
    for file in claimed.files.iter().chain(&made.files) {
        file.still_same()?;
    }
    Ok(differences)
}

/// Two tensors of the same name, type and shape.
#[derive(Clone, Copy)]
struct Pair<'a> {
    claimed: &'a Tensor,
    made: &'a Tensor,
}

#[derive(Default)]
struct Matched<'a> {
    pairs: Vec<Pair<'a>>,
    other_type: Vec<Apart>,
    missing: Vec<&'a Tensor>,
    added: Vec<&'a Tensor>,
}

impl<'a> Matched<'a> {
    fn of(claimed: &'a Set, made: &'a Set) -> Self {
        let mut matched = Self::default();
        let find = |set: &'a Set, name: &str| {
            let nth = set.tensors.binary_search_by(|tensor| tensor.name.as_str().cmp(name));
            nth.ok().and_then(|nth| set.tensors.get(nth))
        };
        for tensor in &claimed.tensors {
            match find(made, &tensor.name) {
                Some(other) if tensor.is_alike(other) => {
                    matched.pairs.push(Pair { claimed: tensor, made: other });
                }
                Some(_) => matched.other_type.push(Apart {
                    name: tensor.name.clone(),
                    claimed_elements: tensor.elements,
                    how: How::OtherType,
                }),
                None => matched.missing.push(tensor),
            }
        }
        let added = made.tensors.iter().filter(|tensor| find(claimed, &tensor.name).is_none());
        matched.added.extend(added);
        matched
    }
}

/// Bytes of a tensor that are compared at once: both sides' stay in a core's own cache.
const PIECE: u64 = 256 << 10;
/// Pieces whose outcomes are held at once, before they are added up in their order.
const WINDOW: usize = 4096;

/// Where a piece of a pair lies.
#[derive(Clone, Copy)]
struct Piece {
    pair: usize,
    at: u64,
    length: usize,
}

/// What is added up of a pair, piece by piece.
#[derive(Clone, Copy, Default)]
struct Sum {
    measured: Measured,
    /// The sum of the squares of the claimed values.
    norm: f64,
}

/// The tensors of the pairs that differ.
fn unlike(
    claimed: &Set,
    made: &Set,
    pairs: &[Pair<'_>],
    progress: &Progress,
) -> Result<Vec<Unlike>, NotCompared> {
    let mut sums = vec![Sum::default(); pairs.len()];
    let all: Vec<usize> = (0..pairs.len()).collect();
    in_pieces(pairs, &all, progress, &mut sums, |pair, piece, buffers| {
        let Buffers { a, b } = buffers;
        read(claimed, pair.claimed, piece, a)?;
        read(made, pair.made, piece, b)?;
        progress.add_bytes(2 * piece.length);
        let measured =
            if a == b { Measured::default() } else { pair.claimed.element.measure(a, b) };
        Ok(Sum { measured, norm: 0.0 })
    })?;
    // What a difference is relative to is asked of the tensors that differ alone.
    let unlike: Vec<usize> =
        (0..pairs.len()).filter(|nth| sums[*nth].measured.differing > 0).collect();
    in_pieces(pairs, &unlike, progress, &mut sums, |pair, piece, buffers| {
        read(claimed, pair.claimed, piece, &mut buffers.a)?;
        progress.add_bytes(piece.length);
        Ok(Sum { norm: pair.claimed.element.squares(&buffers.a), ..Sum::default() })
    })?;
    Ok(unlike.into_iter().map(|nth| told(pairs[nth].claimed, &sums[nth])).collect())
}

fn told(tensor: &Tensor, sum: &Sum) -> Unlike {
    let Measured { differing, ulp, difference } = sum.measured;
    Unlike {
        name: tensor.name.clone(),
        differing,
        // An integer of the format ends at 2^53 − 1: what is farther is farther than any limit.
        ulp: ulp.filter(|ulp| *ulp <= fullsource_format::limits::MAX_INTEGER),
        relative_l2: relative_l2(difference, sum.norm),
    }
}

#[derive(Default)]
struct Buffers {
    a: Vec<u8>,
    b: Vec<u8>,
}

fn read(set: &Set, tensor: &Tensor, piece: Piece, buffer: &mut Vec<u8>) -> Result<(), FileTrouble> {
    buffer.resize(piece.length, 0);
    set.files[tensor.file].read_at(tensor.offset + piece.at, buffer)
}

/// Looks at all pieces of some pairs, on all cores, and adds up in the order of the pieces.
fn in_pieces(
    pairs: &[Pair<'_>],
    wanted: &[usize],
    progress: &Progress,
    sums: &mut [Sum],
    look: impl Fn(&Pair<'_>, Piece, &mut Buffers) -> Result<Sum, FileTrouble> + Sync,
) -> Result<(), NotCompared> {
    let mut pieces = wanted.iter().flat_map(|pair| pieces_of(*pair, pairs[*pair].claimed));
    let mut window = Vec::with_capacity(WINDOW);
    loop {
        window.clear();
        window.extend(pieces.by_ref().take(WINDOW));
        if window.is_empty() {
            return Ok(());
        }
        for (nth, sum) in look_at(pairs, &window, progress, &look)? {
            let total = &mut sums[window[nth].pair];
            total.measured = total.measured.and(sum.measured);
            total.norm += sum.norm;
        }
    }
}

/// The pieces of a tensor, each of whole elements.
fn pieces_of(pair: usize, tensor: &Tensor) -> impl Iterator<Item = Piece> + use<> {
    let (unit, bytes) = (tensor.element.bytes(), tensor.bytes);
    let step = PIECE / unit * unit;
    (0..bytes.div_ceil(step)).map(move |nth| {
        let at = nth * step;
        #[allow(clippy::cast_possible_truncation, reason = "at most a piece")]
        let length = step.min(bytes - at) as usize;
        Piece { pair, at, length }
    })
}

/// What is found of each piece of a window, by its number, ascending.
fn look_at(
    pairs: &[Pair<'_>],
    window: &[Piece],
    progress: &Progress,
    look: &(impl Fn(&Pair<'_>, Piece, &mut Buffers) -> Result<Sum, FileTrouble> + Sync),
) -> Result<Vec<(usize, Sum)>, NotCompared> {
    let next = AtomicUsize::new(0);
    let work = || -> Result<Vec<(usize, Sum)>, NotCompared> {
        let (mut buffers, mut found) = (Buffers::default(), Vec::new());
        loop {
            progress.check()?;
            let nth = next.fetch_add(1, Ordering::Relaxed);
            let Some(piece) = window.get(nth) else { return Ok(found) };
            found.push((nth, look(&pairs[piece.pair], *piece, &mut buffers)?));
        }
    };
    let helpers = std::thread::available_parallelism().map_or(1, NonZeroUsize::get) - 1;
    let mut found: Vec<(usize, Sum)> = std::thread::scope(|scope| {
        let start = |_| std::thread::Builder::new().spawn_scoped(scope, work).ok();
        let started: Vec<_> = (0..helpers.min(window.len() / 8)).filter_map(start).collect();
        let mut found = work()?;
        for helper in started {
            match helper.join() {
                Ok(more) => found.extend(more?),
                Err(_) => return Err(NotCompared::Stopped(Stopped)),
            }
        }
        Ok(found)
    })?;
    found.sort_by_key(|(nth, _)| *nth);
    Ok(found)
}
