//! Lines that share a gutter or a corridor: each gets a lane, and lines that overlap get different ones.

/// A line's stretch along its channel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stretch {
    pub(super) from: f64,
    pub(super) to: f64,
}

impl Stretch {
    pub(super) const fn of(a: f64, b: f64) -> Self {
        Self { from: a.min(b), to: a.max(b) }
    }

    pub(super) const fn joined(self, other: Self) -> Self {
        Self { from: self.from.min(other.from), to: self.to.max(other.to) }
    }

    pub(super) fn length(self) -> f64 {
        self.to - self.from
    }

    fn overlaps(self, other: Self) -> bool {
        self.from <= other.to && other.from <= self.to
    }
}

/// Lanes of one channel; lines beyond them share the last.
const AT_MOST: usize = 14;

/// The lane of each stretch, the first that is free, in the given order; and how many lanes there are.
pub(super) fn lanes(stretches: &[Stretch]) -> (Vec<usize>, usize) {
    let mut taken: Vec<Vec<Stretch>> = Vec::new();
    let given: Vec<usize> = stretches
        .iter()
        .map(|stretch| {
            let free = |lane: &Vec<Stretch>| !lane.iter().any(|other| other.overlaps(*stretch));
            let lane = taken.iter().position(free).unwrap_or(taken.len()).min(AT_MOST - 1);
            if lane == taken.len() {
                taken.push(Vec::new());
            }
            taken[lane].push(*stretch);
            lane
        })
        .collect();
    (given, taken.len())
}
