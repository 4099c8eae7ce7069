//! One input record, altered under the verifier's seed (`reb-50`, `reb-51`).
//!
//! What is drawn can be drawn again by anybody who has the files and the seed: `tests/reference/probe.py` does.

use std::io;

use fullsource_collect::directory::Directory;
use fullsource_collect::hash::{OpenFile, open_file};
use fullsource_collect::progress::Progress;
use fullsource_format::digest::Sha256;
use fullsource_format::path::RelPath;

/// Where an input is altered, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alteration {
    /// The file of the input.
    pub path: RelPath,
    /// The byte.
    pub offset: u64,
    /// What it was.
    pub from: u8,
    /// What it becomes.
    pub to: u8,
}

/// Bytes of a file that tell whether it is a text.
const START: u64 = 64 << 10;
/// Bytes of a line that are looked at, before the drawn byte and from it on.
const LINE: u64 = 1 << 20;
/// Bytes behind a backslash that are no letters for themselves: `\n`, `\u00e9`.
const ESCAPE: usize = 5;
/// Lines that are drawn, one after the other, until one has a letter or a digit.
const TRIES: u64 = 64;

/// Draws a record of the input's files, weighted by their sizes, and what becomes of it. `files` are sorted by path
/// bytes. None where all files are empty, or where no line that is drawn has a letter or a digit.
pub fn draw(
    root: &Directory,
    files: &[RelPath],
    seed: &str,
    progress: &Progress,
) -> io::Result<Option<Alteration>> {
    let mut sizes = Vec::new();
    for path in files {
        progress.check().map_err(io::Error::other)?;
        let (_, size) = open_file(root, path).map_err(io::Error::other)?;
        sizes.push(size);
    }
    let total = sizes.iter().fold(0, |sum: u64, size| sum.saturating_add(*size));
    if total == 0 {
        return Ok(None);
    }
    for attempt in 0..TRIES {
        progress.check().map_err(io::Error::other)?;
        let drawn = Numbers { seed, attempt };
        let mut at = drawn.below(0, total);
        let nth = sizes.iter().position(|size| {
            let inside = at < *size;
            at -= if inside { 0 } else { *size };
            inside
        });
        let Some((path, size)) = nth.and_then(|nth| Some((files.get(nth)?, *sizes.get(nth)?)))
        else {
            return Ok(None);
        };
        let file =
            OpenFile::open(root, path.as_str().as_bytes(), size).map_err(io::Error::other)?;
        if let Some((offset, from, to)) = alter(&file, at, &drawn)? {
            file.still_same().map_err(io::Error::other)?;
            return Ok(Some(Alteration { path: path.clone(), offset, from, to }));
        }
    }
    Ok(None)
}

/// Numbers of a seed.
struct Numbers<'a> {
    seed: &'a str,
    attempt: u64,
}

impl Numbers<'_> {
    /// The number of this place, from 0 to `end − 1`: `⌊n·end / 2^64⌋`, where `n` is the first 8 bytes of SHA-256 of
    /// the seed, a zero byte, and the place with those of earlier attempts before it, in 8 bytes.
    fn below(&self, place: u64, end: u64) -> u64 {
        let mut hasher = Sha256::hasher();
        hasher.update(self.seed.as_bytes());
        hasher.update(&[0]);
        hasher.update(&(3 * self.attempt + place).to_be_bytes());
        let digest = hasher.finish();
        let number = digest.as_bytes().first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
        #[allow(clippy::cast_possible_truncation, reason = "below `end`")]
        let below = ((u128::from(number) * u128::from(end)) >> 64) as u64;
        below
    }
}

/// The byte that is altered where this one was drawn, what it is and what it becomes.
fn alter(file: &OpenFile, at: u64, drawn: &Numbers<'_>) -> io::Result<Option<(u64, u8, u8)>> {
    if !is_text(&bytes(file, 0, START)?, file.size() > START) {
        let from = bytes(file, at, at + 1)?.first().copied().unwrap_or_default();
        return Ok(Some((at, from, other_of(from, &[(0, 255)], drawn))));
    }
    let (start, line) = line(file, at)?;
    let candidates: Vec<usize> = (0..line.len()).filter(|nth| is_alterable(&line, *nth)).collect();
    if candidates.is_empty() {
        return Ok(None);
    }
    #[allow(clippy::cast_possible_truncation, reason = "below a length")]
    let nth = candidates[drawn.below(1, candidates.len() as u64) as usize];
    let to = other_of(line[nth], &[(b'0', b'9'), (b'a', b'z'), (b'A', b'Z')], drawn);
    Ok(Some((start + nth as u64, line[nth], to)))
}

/// The bytes of a file from one offset to another, as far as there are any.
fn bytes(file: &OpenFile, start: u64, end: u64) -> io::Result<Vec<u8>> {
    let end = end.min(file.size());
    let mut bytes = vec![0; usize::try_from(end - start).unwrap_or_default()];
    file.read_at(start, &mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}

/// Whether the start of a file is UTF-8 without a NUL; a character may be cut at its end where it goes on.
fn is_text(start: &[u8], goes_on: bool) -> bool {
    let utf8 = match std::str::from_utf8(start) {
        Ok(_) => true,
        Err(error) => goes_on && error.error_len().is_none(),
    };
    utf8 && !start.contains(&0)
}

/// The line that a byte lies in, a line feed in the one that it ends, and where it starts.
fn line(file: &OpenFile, at: u64) -> io::Result<(u64, Vec<u8>)> {
    let before = at.saturating_sub(LINE);
    let bytes = bytes(file, before, at.saturating_add(LINE))?;
    let drawn = usize::try_from(at - before).unwrap_or_default();
    let (head, tail) = bytes.split_at(drawn);
    let start = head.iter().rposition(|byte| *byte == b'\n').map_or(0, |feed| feed + 1);
    let end = tail.iter().position(|byte| *byte == b'\n').unwrap_or(tail.len());
    Ok((before + start as u64, bytes[start..drawn + end].to_vec()))
}

/// Whether a byte of a line is a letter or a digit of ASCII, and no part of an escape.
fn is_alterable(line: &[u8], nth: usize) -> bool {
    let before = &line[nth.saturating_sub(ESCAPE)..nth];
    line[nth].is_ascii_alphanumeric() && !before.contains(&b'\\')
}

/// Another byte of the same kind.
fn other_of(from: u8, kinds: &[(u8, u8)], drawn: &Numbers<'_>) -> u8 {
    let kind = kinds.iter().find(|(first, last)| (*first..=*last).contains(&from));
    let (first, last) = kind.copied().unwrap_or((0, 255));
    let size = u64::from(last - first) + 1;
    let place = u64::from(from - first) + 1 + drawn.below(2, size - 1);
    #[allow(clippy::cast_possible_truncation, reason = "at most the kind's last byte")]
    let to = first + (place % size) as u8;
    to
}

#[cfg(test)]
#[path = "probe/probe_tests.rs"]
mod tests;
