//! What is looked for: windows of an output's tensors, by a hash that nobody can foresee.

use std::collections::HashMap;
use std::fmt::Display;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use fullsource_collect::progress::{Progress, Stopped};
use fullsource_format::digest::Sha256;

use super::parts::{Elements, Files, Parts, Region};

/// Bytes of a window.
pub(super) const WINDOW: usize = 64;
/// Windows that are kept (`reb-40`).
pub(super) const MOST: u64 = 1_000_000;
/// Windows from one that is kept to the next, up to which the output is read as a whole.
const DENSE: u64 = 64;
/// Bytes read at once.
const BLOCK: usize = 256 << 10;

/// Windows of an output.
#[derive(Debug)]
pub(super) struct Windows<'r> {
    files: Files<'r>,
    regions: Vec<Region>,
    bytes: u64,
    /// The types of its elements, as numbers in a text may be.
    pub(super) elements: Elements,
    /// Whether a thousandth of it is a copy, not half.
    strict: bool,
    /// By its hash where a window is in the output; the first of several.
    by_hash: HashMap<u64, u64>,
    /// A bit is set for each hash: most of what is no window ends here.
    filter: Vec<u64>,
    /// Of how many windows one is kept.
    step: u64,
    /// What the hashes multiply with, odd.
    factors: [u64; 3],
    /// The first thing that could not be looked at, and why.
    unseen: Mutex<Option<String>>,
}

impl<'r> Windows<'r> {
    pub(super) fn of(
        parts: Parts<'r>,
        seed: &[u8],
        most: u64,
        progress: &Progress,
    ) -> Result<Self, Stopped> {
        let Parts { files, regions, pieces, elements, strict, unseen } = parts;
        let bytes = regions.iter().map(|region| region.bytes).sum();
        let count: u64 = pieces.iter().map(windows_of).sum();
        // Two bits in 64 are set at most; 8 MiB for a million windows.
        let words = count.min(most).next_power_of_two().max(64);
        let filter = vec![0; usize::try_from(words).unwrap_or(64)];
        let factors = [0, 1, 2].map(|nth| drawn(seed, u64::MAX - nth) | 1);
        let step = count.div_ceil(most).max(1);
        let by_hash = HashMap::new();
        let unseen = Mutex::new(unseen);
        let mut windows =
            Self { files, regions, bytes, elements, strict, by_hash, filter, step, factors, unseen };
        windows.fill(&pieces, seed, progress)?;
        Ok(windows)
    }

    /// Whether so many bytes are enough for a copy (`reb-41`): of weights a thousandth of all. Anything
    /// else, such as a text made of others, rightly holds much of what it was made from; of that, half.
    pub(super) const fn are_copied(&self, found: u64) -> bool {
        let times = if self.strict { 1000 } else { 2 };
        found > 0 && found.saturating_mul(times) >= self.bytes
    }

    /// Notes that something could not be looked at.
    pub(super) fn note_unseen(&self, what: &str, why: &dyn Display) {
        let mut unseen = self.unseen.lock().unwrap_or_else(PoisonError::into_inner);
        unseen.get_or_insert_with(|| unseen_of(what, why));
    }

    /// The first thing that could not be looked at, and why.
    pub(super) fn unseen(&self) -> Option<String> {
        self.unseen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Bytes from the start of a stretch to the first window of it that is kept, at most.
    pub(super) fn gap(&self) -> usize {
        usize::try_from(self.step.saturating_mul(2 * WINDOW as u64)).unwrap_or(usize::MAX)
    }

    /// Keeps one of every `step` windows of each piece.
    fn fill(
        &mut self,
        pieces: &[Range<u64>],
        seed: &[u8],
        progress: &Progress,
    ) -> Result<(), Stopped> {
        let (step, mut buffer, mut at) = (self.step, Vec::new(), 0..0);
        for piece in pieces {
            let (start, count) = (piece.start, windows_of(piece));
            for stratum in 0..count.div_ceil(step) {
                let within = if step == 1 { 0 } else { drawn(seed, start / 64 + stratum) % step };
                let window = stratum * step + within;
                if window >= count {
                    continue;
                }
                let place = start + window * WINDOW as u64;
                if !(at.start <= place && place + WINDOW as u64 <= at.end) {
                    progress.check()?;
                    let most = if step > DENSE { WINDOW } else { BLOCK };
                    buffer = self.read(place, most);
                    at = place..place + buffer.len() as u64;
                }
                let from = usize::try_from(place - at.start).unwrap_or_default();
                if let Some(bytes) = buffer.get(from..).and_then(|bytes| bytes.first_chunk())
                    && !is_plain(bytes)
                {
                    self.keep(bytes, place);
                }
            }
        }
        Ok(())
    }

    fn keep(&mut self, window: &[u8; WINDOW], place: u64) {
        let hash = self.hash(window);
        self.by_hash.entry(hash).or_insert(place);
        let (word, bits) = self.bits(window);
        self.filter[word] |= bits;
    }

    /// Where a window stands in the filter: a word, and two bits of it. Sixteen of its bytes tell, and none of the
    /// windows before it, so that a processor looks at several at once.
    #[inline]
    fn bits(&self, window: &[u8; WINDOW]) -> (usize, u64) {
        let [first, second, _] = self.factors;
        let product = (word(window, FIRST).wrapping_mul(first))
            .wrapping_add(word(window, SECOND).rotate_left(32).wrapping_mul(second));
        // The high bits of a product depend on all bits below.
        let mixed = product ^ (product >> 32);
        let mixed = mixed.wrapping_mul(first);
        let nth = usize::try_from(mixed >> 44).unwrap_or_default() & (self.filter.len() - 1);
        (nth, 1 << ((mixed >> 38) & 63) | 1 << ((mixed >> 32) & 63))
    }

    /// The first window in these bytes that the filter has, from a place on.
    #[inline]
    pub(super) fn candidate(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let windows = bytes.get(from..)?.windows(WINDOW);
        let mut firsts = windows.filter_map(|window| window.first_chunk());
        let found = firsts.position(|window| {
            let (word, bits) = self.bits(window);
            self.filter[word] & bits == bits
        });
        found.map(|nth| from + nth)
    }

    /// Where in the output the window with these bytes is.
    pub(super) fn find(&self, window: &[u8]) -> Option<u64> {
        let place = *self.by_hash.get(&self.hash(window.first_chunk()?))?;
        (self.read(place, WINDOW) == window).then_some(place)
    }

    /// The hash of a window, of all of its bytes.
    fn hash(&self, window: &[u8; WINDOW]) -> u64 {
        let words = (0..WINDOW).step_by(8).map(|at| word(window, at));
        words.fold(0, |hash, word| {
            let mixed = (hash ^ word).wrapping_mul(self.factors[2]);
            mixed ^ (mixed >> 29)
        })
    }

    /// Up to so many bytes of the output, of one region; fewer at its end, and none where they cannot be read.
    pub(super) fn read(&self, place: u64, most: usize) -> Vec<u8> {
        let Some(region) = self.region(place) else { return Vec::new() };
        let inside = place - region.start;
        let left = usize::try_from(region.bytes - inside).unwrap_or(usize::MAX);
        let mut bytes = vec![0; left.min(most)];
        let file = self.files.open(region.file);
        match file.and_then(|file| file.read_at(region.offset + inside, &mut bytes)) {
            Ok(()) => bytes,
            Err(trouble) => {
                self.note_unseen(self.files.name(region.file), &trouble);
                Vec::new()
            }
        }
    }

    /// Up to so many bytes of the output right before a place, of one region.
    pub(super) fn read_before(&self, place: u64, most: usize) -> Vec<u8> {
        let Some(region) = self.region(place) else { return Vec::new() };
        let length = (place - region.start).min(most as u64);
        self.read(place - length, usize::try_from(length).unwrap_or_default())
    }

    fn region(&self, place: u64) -> Option<&Region> {
        let after = self.regions.partition_point(|region| region.start <= place);
        let region = self.regions.get(after.checked_sub(1)?)?;
        (place - region.start < region.bytes).then_some(region)
    }
}

/// What could not be looked at, for people.
pub(super) fn unseen_of(what: &str, why: &dyn Display) -> String {
    format!("`{what}` could not be looked through: {why}")
}

/// Bytes of an element that may repeat itself in a window that says nothing.
const PERIOD: usize = 16;
/// Values that the bytes of a window have at the least that says something.
const VALUES: u32 = 8;

/// Whether a window says nothing: few values stand in it, or it is one element again and again.
pub(super) fn is_plain(window: &[u8]) -> bool {
    let mut values = [0u64; 4];
    window.iter().for_each(|byte| values[usize::from(byte >> 6)] |= 1 << (byte & 63));
    let values: u32 = values.iter().map(|some| some.count_ones()).sum();
    values < VALUES
        || (1..=PERIOD)
            .any(|period| window.get(period..) == window.get(..window.len().saturating_sub(period)))
}

/// Where the bytes of a window stand that the filter goes by: far apart, so that not both are of one word or of
/// zeros.
const FIRST: usize = 8;
const SECOND: usize = 44;

fn word(window: &[u8; WINDOW], at: usize) -> u64 {
    window[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// The windows that start in a piece, the last of which may reach beyond it.
fn windows_of(piece: &Range<u64>) -> u64 {
    (piece.end - piece.start).div_ceil(WINDOW as u64)
}

/// A number of the seed.
fn drawn(seed: &[u8], nth: u64) -> u64 {
    let mut hasher = Sha256::hasher();
    hasher.update(seed);
    hasher.update(&nth.to_be_bytes());
    hasher.finish().as_bytes().first_chunk().map_or(1, |bytes| u64::from_be_bytes(*bytes))
}
