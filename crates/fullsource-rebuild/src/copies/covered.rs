//! Which bytes of an output were found, each counted once.

use std::collections::BTreeMap;

/// Ranges that do not touch, by their starts.
#[derive(Debug, Default)]
pub(super) struct Covered(BTreeMap<u64, u64>);

impl Covered {
    /// Adds the bytes from one offset to another.
    pub(super) fn add(&mut self, mut start: u64, mut end: u64) {
        while let Some((&other, &other_end)) = self.0.range(..=end).next_back()
            && other_end >= start
        {
            (start, end) = (start.min(other), end.max(other_end));
            self.0.remove(&other);
        }
        self.0.insert(start, end);
    }

    /// Adds all of another.
    pub(super) fn add_all(&mut self, other: &Self) {
        other.0.iter().for_each(|(start, end)| self.add(*start, *end));
    }

    /// How many bytes they are.
    pub(super) fn bytes(&self) -> u64 {
        self.0.iter().map(|(start, end)| end - start).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_byte_counts_once(ranges in proptest::collection::vec((0..200u64, 1..30u64), 0..40)) {
            let (mut covered, mut slow) = (Covered::default(), [false; 256]);
            for (start, length) in ranges {
                covered.add(start, start + length);
                (start..start + length).for_each(|at| slow[at as usize] = true);
            }
            prop_assert_eq!(covered.bytes(), slow.iter().filter(|byte| **byte).count() as u64);
        }
    }
}
