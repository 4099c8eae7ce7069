//! What is looked for: windows of an output's tensors, by a hash that nobody can foresee.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{Mutex, PoisonError};

use fullsource_collect::progress::{Progress, Stopped};
use fullsource_format::digest::Sha256;

use super::parts::{Files, Parts, Region};

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
    /// Whether a thousandth of it is a copy, not half.
    strict: bool,
    /// By its hash where a window is in the output; the first of several.
    by_hash: HashMap<u64, u64>,
    /// A bit is set for each hash: most of what is no window ends here.
    filter: Vec<u64>,
    /// Of how many windows one is kept.
    step: u64,
    /// The base of the hash, odd.
    pub(super) base: u64,
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
        let Parts { files, regions, strict, unseen } = parts;
        let bytes = regions.iter().map(|region| region.bytes).sum();
        let count: u64 = regions.iter().map(|region| region.bytes / WINDOW as u64).sum();
        // One bit in 64 is set at most; 8 MiB for a million windows.
        let words = count.min(most).next_power_of_two().max(64);
        let filter = vec![0; usize::try_from(words).unwrap_or(64)];
        let base = drawn(seed, u64::MAX) | 1;
        let step = count.div_ceil(most).max(1);
        let by_hash = HashMap::new();
        let unseen = Mutex::new(unseen);
        let mut windows =
            Self { files, regions, bytes, strict, by_hash, filter, step, base, unseen };
        windows.fill(step, seed, progress)?;
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

    /// Keeps one of every `step` windows of each region.
    fn fill(&mut self, step: u64, seed: &[u8], progress: &Progress) -> Result<(), Stopped> {
        let (mut buffer, mut at) = (Vec::new(), 0..0);
        for nth in 0..self.regions.len() {
            let (start, count) = (self.regions[nth].start, self.regions[nth].bytes / WINDOW as u64);
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
                if let Some(bytes) =
                    buffer.get(from..from + WINDOW).filter(|bytes| !is_plain(bytes))
                {
                    self.keep(hash(bytes, self.base), place);
                }
            }
        }
        Ok(())
    }

    fn keep(&mut self, hash: u64, place: u64) {
        self.by_hash.entry(hash).or_insert(place);
        let (word, bit) = self.bit(hash);
        self.filter[word] |= bit;
    }

    fn bit(&self, hash: u64) -> (usize, u64) {
        // The high bits of a product depend on all bits of the hash.
        let mixed = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let word = usize::try_from(mixed >> 6).unwrap_or_default() & (self.filter.len() - 1);
        (word, 1 << (mixed & 63))
    }

    /// Whether a window may have this hash.
    #[inline]
    pub(super) fn may_have(&self, hash: u64) -> bool {
        let (word, bit) = self.bit(hash);
        self.filter[word] & bit != 0
    }

    /// Where in the output the window with this hash and these bytes is.
    pub(super) fn find(&self, hash: u64, bytes: &[u8]) -> Option<u64> {
        let place = *self.by_hash.get(&hash)?;
        (self.read(place, WINDOW) == bytes).then_some(place)
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

/// The hash of a window: its bytes as a polynomial of the base, mod 2^64.
pub(super) fn hash(bytes: &[u8], base: u64) -> u64 {
    bytes
        .iter()
        .fold(0, |hash: u64, byte| hash.wrapping_mul(base).wrapping_add(u64::from(*byte) + 1))
}

/// A number of the seed.
fn drawn(seed: &[u8], nth: u64) -> u64 {
    let mut hasher = Sha256::hasher();
    hasher.update(seed);
    hasher.update(&nth.to_be_bytes());
    hasher.finish().as_bytes().first_chunk().map_or(1, |bytes| u64::from_be_bytes(*bytes))
}
