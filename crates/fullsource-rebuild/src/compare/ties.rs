//! Tied weights: one tensor under two names of which a layout may leave one out (`reb-21`).

use std::collections::HashSet;

use fullsource_collect::progress::Progress;

use super::set::{Set, Tensor};
use super::tensors::NotCompared;

/// Bytes that are digested at once.
const PIECE: u64 = 256 << 10;

/// What a tensor must have of another to be tied to it: type, shape, values.
type Content = (&'static str, Vec<u64>, blake3::Hash);

/// Those of the tensors that stand on one side alone which are no other tensor of that side that both have.
/// Each tensor is read once at most.
pub(super) fn untied<'a>(
    set: &Set,
    common: impl Iterator<Item = &'a Tensor>,
    alone: &[&'a Tensor],
    progress: &Progress,
) -> Result<Vec<&'a Tensor>, NotCompared> {
    let wanted: HashSet<_> = alone.iter().map(|tensor| kind(tensor)).collect();
    let mut held: HashSet<Content> = HashSet::new();
    for tensor in common.filter(|tensor| wanted.contains(&kind(tensor))) {
        held.extend(content(set, tensor, progress)?);
    }
    let mut untied = Vec::new();
    for tensor in alone {
        let content = content(set, tensor, progress)?;
        if !content.is_some_and(|content| held.contains(&content)) {
            untied.push(*tensor);
        }
    }
    Ok(untied)
}

fn kind(tensor: &Tensor) -> (&'static str, &[u64]) {
    (tensor.element_type, &tensor.shape)
}

/// None of a tensor whose elements are all the same, or of one without any: that two biases are 0, or two norms
/// 1, ties nothing to anything.
fn content(
    set: &Set,
    tensor: &Tensor,
    progress: &Progress,
) -> Result<Option<Content>, NotCompared> {
    let (mut hasher, mut at, mut varied) = (blake3::Hasher::new(), 0, false);
    let unit = tensor.element.bytes();
    let step = PIECE / unit * unit;
    let (mut buffer, mut first) = (Vec::new(), Vec::new());
    while at < tensor.bytes {
        progress.check()?;
        #[allow(clippy::cast_possible_truncation, reason = "at most a piece")]
        buffer.resize(step.min(tensor.bytes - at) as usize, 0);
        set.files[tensor.file].read_at(tensor.offset + at, &mut buffer)?;
        hasher.update(&buffer);
        let mut elements = buffer.chunks(usize::try_from(unit).unwrap_or(1));
        if at == 0 {
            first = elements.next().unwrap_or_default().to_vec();
        }
        varied = varied || elements.any(|element| element != first);
        at += buffer.len() as u64;
    }
    let content = (tensor.element_type, tensor.shape.clone(), hasher.finalize());
    Ok(varied.then_some(content))
}
