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
/// Bytes of a gram, by which a window is found: where in a window it stands, its content says. So only the grams of
/// an input that are marked, too, are looked up, and not every byte of it.
pub(super) const GRAM: usize = 32;
/// Where the word stands in a gram that says whether it is marked.
const MARK: usize = 12;
/// Of so many grams one is marked: in 62 of 10,000 windows none is.
const MARKED: u64 = 7;
/// Grams of a window.
const GRAMS: u64 = (WINDOW - GRAM + 1) as u64;
/// Grams that are looked at together.
const BATCH: usize = 4096;
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
    /// By the hash of its gram, where a window is in the output, and where in it the gram; the first of several.
    by_hash: HashMap<u64, (u64, usize)>,
    /// Two bits are set for each hash: most of what is no gram of the output ends here.
    filter: Vec<u64>,
    /// Of how many windows one is kept.
    step: u64,
    /// The least that a word times the first factor is that marks no gram.
    marked: u64,
    /// What the hashes multiply with, odd.
    factors: [u64; 2],
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
        let factors = [0, 1].map(|nth| drawn(seed, u64::MAX - nth) | 1);
        let step = count.div_ceil(most).max(1);
        let share = if step == 1 { MARKED } else { GRAMS.saturating_mul(step) };
        let marked = u64::MAX / share;
        let by_hash = HashMap::new();
        let unseen = Mutex::new(unseen);
        let mut windows = Self {
            files,
            regions,
            bytes,
            elements,
            strict,
            by_hash,
            filter,
            step,
            marked,
            factors,
            unseen,
        };
        windows.fill(&pieces, progress)?;
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

    /// Bytes from the start of a stretch to the first window of it that is kept, at most, but for rare cases.
    pub(super) fn gap(&self) -> usize {
        usize::try_from(self.step.saturating_mul(16 * WINDOW as u64)).unwrap_or(usize::MAX)
    }

    /// Keeps the windows of each piece, or one of every `step`: those that have a gram that is marked.
    fn fill(&mut self, pieces: &[Range<u64>], progress: &Progress) -> Result<(), Stopped> {
        let (mut buffer, mut at) = (Vec::new(), 0..0);
        for piece in pieces {
            for window in 0..windows_of(piece) {
                let place = piece.start + window * WINDOW as u64;
                if !(at.start <= place && place + WINDOW as u64 <= at.end) {
                    progress.check()?;
                    buffer = self.read(place, BLOCK);
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

    /// Keeps a window by its gram whose mark is the least: of equal windows it is the same one, wherever they are.
    fn keep(&mut self, window: &[u8; WINDOW], place: u64) {
        let grams = window.windows(GRAM).filter_map(<[u8]>::first_chunk).enumerate();
        let marked = grams.filter(|(_, gram)| self.is_marked(gram) && !is_dull(gram));
        let least = marked.min_by_key(|(_, gram)| self.mark(gram));
        if let Some((nth, gram)) = least {
            let hash = self.hash(gram);
            self.by_hash.entry(hash).or_insert((place, nth));
            let (word, bits) = self.bits(hash);
            self.filter[word] |= bits;
        }
    }

    #[inline]
    fn mark(&self, gram: &[u8; GRAM]) -> u64 {
        // Zeros are no mark: there are too many of them.
        (word(gram, MARK) ^ self.factors[1]).wrapping_mul(self.factors[0])
    }

    #[inline]
    fn is_marked(&self, gram: &[u8; GRAM]) -> bool {
        self.mark(gram) < self.marked
    }

    /// Where a hash stands in the filter: a word, and two bits of it.
    #[inline]
    fn bits(&self, hash: u64) -> (usize, u64) {
        let nth = usize::try_from(hash >> 44).unwrap_or_default() & (self.filter.len() - 1);
        (nth, 1 << ((hash >> 38) & 63) | 1 << ((hash >> 32) & 63))
    }

    /// The hash of a gram, of all of its bytes.
    #[inline]
    fn hash(&self, gram: &[u8; GRAM]) -> u64 {
        let words = [0, 8, 16, 24].map(|at| word(gram, at));
        words.iter().fold(0, |hash, word| {
            let mixed = (hash ^ word).wrapping_mul(self.factors[1]);
            mixed ^ (mixed >> 29)
        })
    }

    /// Appends where the grams in these bytes start that may be in the output. First all that are marked, without a
    /// branch, then those of them that the filter has: so a processor waits for many words of it at once.
    pub(super) fn grams(&self, bytes: &[u8], to: &mut Vec<usize>) {
        let mut marked = [0u32; BATCH + 1];
        for (nth, batch) in bytes.chunks(BATCH).enumerate() {
            let start = nth * BATCH;
            let batch = &bytes[start..(start + batch.len() + GRAM - 1).min(bytes.len())];
            let mut count = 0;
            for (at, gram) in (0..).zip(batch.windows(GRAM)) {
                marked[count.min(BATCH)] = at;
                count += usize::from(gram.first_chunk().is_some_and(|gram| self.is_marked(gram)));
            }
            for at in &marked[..count] {
                let at = *at as usize;
                let Some(gram) = batch.get(at..).and_then(<[u8]>::first_chunk) else { continue };
                let (word, bits) = self.bits(self.hash(gram));
                if self.filter[word] & bits == bits {
                    to.push(start + at);
                }
            }
        }
    }

    /// Where the window starts in these bytes, and in the output, that has the gram at a place in them.
    pub(super) fn find(&self, bytes: &[u8], at: usize) -> Option<(usize, u64)> {
        let gram = bytes.get(at..)?.first_chunk()?;
        let (place, nth) = *self.by_hash.get(&self.hash(gram))?;
        let start = at.checked_sub(nth)?;
        let window = bytes.get(start..start + WINDOW)?;
        (self.read(place, WINDOW) == window).then_some((start, place))
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
/// Values that the bytes of a window have at the least that says something, and of a gram.
const VALUES: (u32, u32) = (8, 5);

/// Whether a window says nothing: few values stand in it, or it is one element again and again.
pub(super) fn is_plain(window: &[u8]) -> bool {
    values_of(window) < VALUES.0 || repeats(window)
}

/// Whether a gram stands in too much to be looked for.
fn is_dull(gram: &[u8; GRAM]) -> bool {
    values_of(gram) < VALUES.1
}

fn values_of(bytes: &[u8]) -> u32 {
    let mut values = [0u64; 4];
    bytes.iter().for_each(|byte| values[usize::from(byte >> 6)] |= 1 << (byte & 63));
    values.iter().map(|some| some.count_ones()).sum()
}

fn repeats(window: &[u8]) -> bool {
    let length = window.len();
    (1..=PERIOD).any(|period| window.get(period..) == window.get(..length.saturating_sub(period)))
}

/// A word of a gram.
#[inline]
fn word(gram: &[u8; GRAM], at: usize) -> u64 {
    gram[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
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
