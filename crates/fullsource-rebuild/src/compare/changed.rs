//! How much of an output came out otherwise than before (`reb-50`).

use fullsource_collect::progress::{Progress, Stopped};
use fullsource_format::path::RelPath;

use super::looked::{Both, Looked};
use super::set::{Kind, Set};
use super::tensors::{self, NotCompared};
use super::{Form, Side};

/// Elements of all tensors of an output, or bytes where there are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Changed {
    /// Of the output as it came out first.
    pub elements: u64,
    /// Of those, the ones that are others now, or are no longer there.
    pub changed: u64,
}

/// Holds what came out of a run with an altered input against what came out before. None where one of
/// them could not be read to the end.
pub fn changed(
    before: Side<'_>,
    after: Side<'_>,
    progress: &Progress,
) -> Result<Option<Changed>, Stopped> {
    let both = Looked::both(before, after, progress)?;
    let seen = |side: &Looked<'_>| side.refused.is_none() && side.troubles.is_empty();
    if !seen(&both.claimed) || both.made.refused.is_some() {
        return Ok(None);
    }
    let mut counts = Counts::default();
    for file in both.claimed.files.iter() {
        let Ok(path) = file.path.parse::<RelPath>() else { continue };
        let other = match both.claimed.form {
            Form::Tree => both.made.files.get(file.path),
            Form::File => both.made.files.iter().next(),
        };
        let other = other.and_then(|other| other.path.parse().ok());
        match counts.add(&both, &path, other.as_ref(), progress) {
            Ok(()) => {}
            Err(NotCompared::Stopped(stopped)) => return Err(stopped),
            Err(NotCompared::File(_)) => return Ok(None),
        }
    }
    let Counts { tensors, bytes } = counts;
    Ok(Some(if tensors.elements > 0 { tensors } else { bytes }))
}

#[derive(Default)]
struct Counts {
    tensors: Changed,
    bytes: Changed,
}

impl Counts {
    fn add(
        &mut self,
        both: &Both<'_>,
        path: &RelPath,
        other: Option<&RelPath>,
        progress: &Progress,
    ) -> Result<(), NotCompared> {
        let file = both.claimed.open(path)?;
        let size = file.size();
        let kind = Kind::of(&file)?;
        let Ok(before) = Set::of_file(file, kind) else {
            self.bytes.elements += size;
            self.bytes.changed += match other {
                Some(other) => bytes_changed(both, path, other, progress)?,
                None => size,
            };
            return Ok(());
        };
        let elements = before.tensors.iter().map(|tensor| tensor.elements);
        let elements = elements.fold(0, u64::saturating_add);
        self.tensors.elements = self.tensors.elements.saturating_add(elements);
        let after = other.map(|other| both.made.open(other)).transpose()?;
        let after = after.and_then(|file| Set::of_file(file, kind).ok());
        let changed = match after {
            Some(after) => {
                let found = tensors::compare(&before, &after, progress)?;
                let unlike = found.unlike.iter().map(|one| one.differing);
                let apart = found.apart.iter().map(|one| one.claimed_elements);
                unlike.chain(apart).fold(0, u64::saturating_add)
            }
            None => elements,
        };
        self.tensors.changed = self.tensors.changed.saturating_add(changed);
        Ok(())
    }
}

/// Bytes of a file that are others at their offset in another, or are not there.
fn bytes_changed(
    both: &Both<'_>,
    path: &RelPath,
    other: &RelPath,
    progress: &Progress,
) -> Result<u64, NotCompared> {
    let (before, after) = (both.claimed.open(path)?, both.made.open(other)?);
    let common = before.size().min(after.size());
    let (mut a, mut b) = (vec![0; 256 << 10], vec![0; 256 << 10]);
    let (mut at, mut changed) = (0, before.size() - common);
    while at < common {
        progress.check()?;
        let length = usize::try_from(common - at).map_or(a.len(), |left| left.min(a.len()));
        before.read_at(at, &mut a[..length])?;
        after.read_at(at, &mut b[..length])?;
        let pairs = a[..length].iter().zip(&b[..length]);
        changed += pairs.filter(|(a, b)| a != b).count() as u64;
        at += length as u64;
    }
    Ok(changed)
}
