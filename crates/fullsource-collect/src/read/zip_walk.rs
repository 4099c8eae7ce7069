//! Zip archives from front to back, as they come: every member's place, and the bytes of some.
//!
//! Readers of zip archives look for the directory at the end and go by it; what stands there must
//! agree with what was walked over, or another reader would see another archive. Nothing may stand
//! before the first member, between members, or behind the end.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, BufRead as _, Read};

use flate2::bufread::DeflateDecoder;

use super::window::Window;
use super::zip_record::{CENTRAL, Central, DESCRIPTOR, END, END_64, End, LOCAL, LOCATOR_64, Local};

/// Members of one archive. The largest checkpoints have some 10,000 tensors.
const MEMBERS: usize = 1_000_000;
/// Bytes that are inflated of one member.
const INFLATED_BYTES: u64 = 256 << 20;

/// Why an archive cannot be walked to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ZipError {
    /// It cannot be read, or ends too early.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// What the archive is not, or should not be.
    #[error("{0}")]
    Form(&'static str),
}

/// Sizes of members, by where they start: what the directory says, where it could be read first.
pub(crate) type Sizes = BTreeMap<u64, u64>;

/// Walks an archive. `wanted` says by its name whether a member's bytes are wanted; `take` gets them
/// and need not read them to their end.
pub(super) fn walk(
    window: &mut Window<'_>,
    sizes: &Sizes,
    wanted: &dyn Fn(&[u8]) -> bool,
    take: &mut dyn FnMut(&[u8], &mut dyn Read),
) -> Result<(), ZipError> {
    let (names, mut members) = (RandomState::new(), BTreeMap::new());
    while window.peek(4)? == LOCAL {
        if members.len() >= MEMBERS {
            return Err(ZipError::Form("more members than are read"));
        }
        let at = window.at();
        window.skip(4)?;
        let local = Local::read(window)?;
        members.insert(at, names.hash_one(&local.name));
        let taker: Option<Take<'_>> = if wanted(&local.name) { Some(take) } else { None };
        member(window, &local, sizes.get(&at).copied(), taker)?;
    }
    let start = window.at();
    let mut listed = 0;
    while window.peek(4)? == CENTRAL {
        window.skip(4)?;
        let central = Central::read(window)?;
        listed += 1;
        if members.get(&central.offset) != Some(&names.hash_one(&central.name)) {
            return Err(ZipError::Form("its directory names a member that is not there"));
        }
    }
    end(window, End { members: listed, offset: start })
}

/// The sizes of all members by the directory; the window stands at its start.
pub(crate) fn directory(window: &mut Window<'_>) -> Result<Sizes, ZipError> {
    let mut sizes = Sizes::new();
    while window.peek(4)? == CENTRAL && sizes.len() < MEMBERS {
        window.skip(4)?;
        let central = Central::read(window)?;
        sizes.insert(central.offset, central.size);
    }
    Ok(sizes)
}

fn end(window: &mut Window<'_>, seen: End) -> Result<(), ZipError> {
    let at = window.at();
    let mut in_64 = false;
    let fits = |end: bool| {
        if end { Ok(()) } else { Err(ZipError::Form("its end points at another directory")) }
    };
    if window.peek(4)? == END_64 {
        window.skip(4)?;
        fits(End::read_64(window)? == seen)?;
        in_64 = true;
    }
    if window.peek(4)? == LOCATOR_64 {
        window.skip(8)?;
        fits(in_64 && u64::from_le_bytes(window.array()?) == at)?;
        window.skip(4)?;
    } else {
        fits(!in_64)?;
    }
    if window.array()? != END {
        return Err(ZipError::Form("something stands between its members and its end"));
    }
    let old = End::read(window)?;
    fits(if in_64 { seen.agrees(old) } else { seen == old })
}

type Take<'a> = &'a mut dyn FnMut(&[u8], &mut dyn Read);

fn member(
    window: &mut Window<'_>,
    local: &Local,
    known: Option<u64>,
    take: Option<Take<'_>>,
) -> Result<(), ZipError> {
    let start = window.at();
    match (take, local.deflated) {
        (Some(take), false) => match local.size {
            Some(size) => take(&local.name, &mut (&mut *window).take(size)),
            None => take(&local.name, window),
        },
        (Some(take), true) => {
            let mut plain = DeflateDecoder::new(&mut *window).take(INFLATED_BYTES);
            take(&local.name, &mut plain);
            io::copy(&mut plain, &mut io::sink())?;
            if plain.limit() == 0 {
                return Err(ZipError::Form("a member inflates to more bytes than are read"));
            }
        }
        (None, _) => {}
    }
    let read = window.at() - start;
    match local.size.or(known) {
        Some(size) => window.skip(size.checked_sub(read).ok_or(ZipError::Form(MISFIT))?)?,
        None if local.deflated && read == 0 => {
            return Err(ZipError::Form("a member is deflated and does not say its size"));
        }
        None => {}
    }
    match local.size {
        Some(_) => Ok(()),
        None => descriptor(window, start),
    }
}

const MISFIT: &str = "a member has another size than it says";

/// Finds the record behind a member that has its size: as far behind the start as it says itself, and
/// with another record behind it.
fn descriptor(window: &mut Window<'_>, start: u64) -> Result<(), ZipError> {
    loop {
        let size = window.at() - start;
        let ahead = window.peek(28)?;
        if ahead.len() < 20 {
            return Err(ZipError::Form(MISFIT));
        }
        if let Some(length) = descriptor_bytes(ahead, size) {
            return Ok(window.skip(length)?);
        }
        window.consume(1);
        let held = window.fill_buf()?;
        let next = held.iter().position(|b| *b == DESCRIPTOR[0]).unwrap_or(held.len());
        window.consume(next);
    }
}

/// The bytes of the record, where there is one for a member of this size.
fn descriptor_bytes(ahead: &[u8], size: u64) -> Option<u64> {
    let rest = ahead.strip_prefix(&DESCRIPTOR)?.get(4..)?;
    let record = |at: usize| rest.get(at..at + 4).is_some_and(|b| b == LOCAL || b == CENTRAL);
    let number = |bytes: usize| rest[..bytes].iter().rev().fold(0, |n, b| n << 8 | u64::from(*b));
    if record(8) && number(4) == size {
        Some(16)
    } else if record(16) && number(8) == size {
        Some(24)
    } else {
        None
    }
}
