//! Which item of one list is which of another: by one key after the other, one to one, in time that grows with
//! the lists alone.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// What belongs together, and what is left, as places in the two lists.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    pub(super) both: Vec<(usize, usize)>,
    pub(super) gone: Vec<usize>,
    pub(super) new: Vec<usize>,
}

impl Pairs {
    /// Nothing belongs together yet.
    pub(super) fn of<A, B>(before: &[A], after: &[B]) -> Self {
        let (gone, new) = ((0..before.len()).collect(), (0..after.len()).collect());
        Self { both: Vec::new(), gone, new }
    }

    /// Joins what is left and has a key in common; of several, the first of each list.
    pub(super) fn by<K: Hash + Eq>(
        mut self,
        before: impl Fn(usize) -> Vec<K>,
        after: impl Fn(usize) -> Vec<K>,
    ) -> Self {
        let mut waiting: HashMap<K, VecDeque<usize>> = HashMap::new();
        for nth in &self.gone {
            before(*nth)
                .into_iter()
                .for_each(|key| waiting.entry(key).or_default().push_back(*nth));
        }
        let mut taken = HashMap::new();
        let mut new = Vec::new();
        for nth in std::mem::take(&mut self.new) {
            let found = after(nth).into_iter().find_map(|key| {
                let line = waiting.get_mut(&key)?;
                // Whatever was taken by another of its keys is thrown away once.
                while line.front().is_some_and(|first| taken.contains_key(first)) {
                    line.pop_front();
                }
                line.pop_front()
            });
            match found {
                Some(first) => drop(taken.insert(first, nth)),
                None => new.push(nth),
            }
        }
        self.both.extend(taken.iter().map(|(first, nth)| (*first, *nth)));
        self.gone.retain(|nth| !taken.contains_key(nth));
        self.new = new;
        self
    }

    /// The same, in an order of what remains.
    pub(super) fn sorted<K: Ord>(
        mut self,
        before: impl Fn(usize) -> K,
        after: impl Fn(usize) -> K,
    ) -> Self {
        self.both.sort_by_cached_key(|(nth, other)| (after(*other), before(*nth)));
        self.gone.sort_by_cached_key(|nth| before(*nth));
        self.new.sort_by_cached_key(|nth| after(*nth));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::Pairs;

    #[test]
    fn each_is_used_once_and_the_first_key_goes_first() {
        let (before, after) = (["a1", "b1", "c2"], ["c1", "a9", "d2", "e1", "f1"]);
        let name = |text: &str| vec![text[..1].to_owned()];
        let number = |text: &str| vec![text[1..].to_owned()];
        let pairs = Pairs::of(&before, &after)
            .by(|nth| name(before[nth]), |nth| name(after[nth]))
            .by(|nth| number(before[nth]), |nth| number(after[nth]))
            .sorted(|nth| before[nth], |nth| after[nth]);
        assert_eq!(pairs.both, [(0, 1), (2, 0), (1, 3)]);
        assert_eq!(pairs.gone, [0; 0]);
        assert_eq!(pairs.new, [2, 4]);
    }
}
