//! How far two pieces of a tensor are apart. Sums are always taken in the same order, so that they do not
//! depend on the number of threads.

use super::element::Value;

/// What two pieces of a tensor, or two tensors, differ in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measured {
    /// Elements with other bits.
    pub(super) differing: u64,
    /// The largest ulp distance; none where one is farther than any limit.
    pub(super) ulp: Option<u64>,
    /// The sum of the squares of the differences; none where elements have no differences.
    pub(super) difference: Option<f64>,
}

impl Default for Measured {
    /// Of equal pieces.
    fn default() -> Self {
        Self { differing: 0, ulp: Some(0), difference: Some(0.0) }
    }
}

/// Sums that go on side by side: additions do not wait for each other.
const LANES: usize = 8;

impl Measured {
    /// Of elements that are equal or are not.
    pub(super) fn unlike(differing: u64) -> Self {
        if differing == 0 {
            Self::default()
        } else {
            Self { differing, ulp: None, difference: None }
        }
    }

    pub(super) fn of<const N: usize>(
        claimed: &[u8],
        made: &[u8],
        value: impl Fn([u8; N]) -> Value,
    ) -> Self {
        let (mut differing, mut ulp, mut sums) = (0, Some(0), [0.0; LANES]);
        let pairs = claimed.as_chunks::<N>().0.iter().zip(made.as_chunks::<N>().0);
        for (nth, (claimed, made)) in pairs.enumerate().filter(|(_, (a, b))| a != b) {
            let (claimed, made) = (value(*claimed), value(*made));
            differing += 1;
            ulp = farther(ulp, claimed.rank.zip(made.rank).map(|(a, b)| a.abs_diff(b)));
            sums[nth % LANES] += square(made.value - claimed.value);
        }
        Self { differing, ulp, difference: Some(sums.iter().sum()) }
    }

    /// Of both, the other one after this.
    pub(super) fn and(self, next: Self) -> Self {
        Self {
            differing: self.differing + next.differing,
            ulp: farther(self.ulp, next.ulp),
            difference: self.difference.zip(next.difference).map(|(a, b)| a + b),
        }
    }
}

/// The larger of two distances, none of them larger than any.
pub(super) fn farther(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    a.zip(b).map(|(a, b)| a.max(b))
}

/// A square, which is 0 of 0 alone.
fn square(difference: f64) -> f64 {
    let square = difference * difference;
    if square == 0.0 && difference != 0.0 { f64::MIN_POSITIVE } else { square }
}

/// The sum of the squares of all elements.
pub(super) fn squares<const N: usize>(piece: &[u8], value: impl Fn([u8; N]) -> f64) -> f64 {
    let mut sums = [0.0; LANES];
    let (whole, rest) = piece.as_chunks::<N>().0.as_chunks::<LANES>();
    for eight in whole {
        for (sum, bytes) in sums.iter_mut().zip(eight) {
            let value = value(*bytes);
            *sum += value * value;
        }
    }
    for (sum, bytes) in sums.iter_mut().zip(rest) {
        let value = value(*bytes);
        *sum += value * value;
    }
    sums.iter().sum()
}

/// The relative L2 of a tensor, of the sums of squares (`reb-23`).
pub(super) fn relative_l2(difference: Option<f64>, norm: f64) -> Option<f64> {
    let difference = difference?;
    if difference == 0.0 && norm.is_finite() {
        return Some(0.0);
    }
    let relative = (difference / norm).sqrt();
    let finite = difference.is_finite() && norm.is_finite() && norm > 0.0;
    Some(relative).filter(|relative| finite && relative.is_finite())
}
