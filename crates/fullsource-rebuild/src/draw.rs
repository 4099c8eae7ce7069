//! The segments that an audit runs, drawn after publication (`reb-55` to `reb-57`).
//!
//! All arithmetic is exact. A cost has at most 40 digits before the point and 20 behind it: it is held
//! as an integer of units of 10^-20, and every fraction with the sum of costs as its denominator.

mod cost;

use fullsource_format::digest::Sha256;
use fullsource_format::manifest::Segment;
use fullsource_format::rebuild::Audit;
use fullsource_format::text::{Amount, Count, Text};
use num_bigint::BigUint;

/// What was drawn.
#[derive(Debug)]
pub struct Drawn {
    /// The numbers of the drawn segments, ascending.
    pub segments: Vec<usize>,
    /// What an attestation says of it.
    pub audit: Audit,
}

/// Why nothing can be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// More segments asked for than there are, or none.
    #[error("{asked} of {of} segments cannot be drawn")]
    Number {
        /// Asked for.
        asked: usize,
        /// Segments of the stage.
        of: usize,
    },
}

/// Draws `k` segments by the seed, weighted by their cost.
pub fn draw(
    segments: &[Segment],
    k: usize,
    seed: &str,
    statement: &Sha256,
) -> Result<Drawn, DrawError> {
    let of = segments.len();
    if k == 0 || k > of {
        return Err(DrawError::Number { asked: k, of });
    }
    let stated: Vec<Option<&Amount>> = segments.iter().map(|one| one.cost.as_ref()).collect();
    let weights = cost::weights(&stated);
    let chances = Chances::of(&weights, k);
    let drawn = chances.drawn(first_number(seed, statement));
    let costs_of_drawn = drawn.iter().filter_map(|nth| stated.get(*nth).copied());
    let audit = Audit {
        seed: Text::clipped(seed),
        drawn: Count(k as u64),
        of: Count(of as u64),
        miss_worst: chances.miss_worst(),
        miss_even: fraction(BigUint::from(of - k), BigUint::from(of)),
        cost: cost::sum(costs_of_drawn).filter(|_| stated.iter().all(Option::is_some)),
        cost_of_all: cost::sum(stated.iter().copied()),
    };
    Ok(Drawn { segments: drawn, audit })
}

/// Segments that the caller named, by their numbers, ascending. Nothing was drawn: what is false in another
/// goes unnoticed for certain.
pub fn chosen(segments: &[Segment], numbers: Vec<usize>) -> Drawn {
    let (drawn, of) = (numbers.len(), segments.len());
    let stated: Vec<Option<&Amount>> = segments.iter().map(|one| one.cost.as_ref()).collect();
    let costs_of_drawn = numbers.iter().filter_map(|nth| stated.get(*nth).copied());
    let missed = u8::from(drawn < of);
    let audit = Audit {
        seed: Text::clipped("none: these segments were named"),
        drawn: Count(drawn as u64),
        of: Count(of as u64),
        miss_worst: fraction(BigUint::from(missed), BigUint::from(1u8)),
        miss_even: fraction(BigUint::from(of - drawn), BigUint::from(of)),
        cost: cost::sum(costs_of_drawn).filter(|_| stated.iter().all(Option::is_some)),
        cost_of_all: cost::sum(stated.iter().copied()),
    };
    Drawn { segments: numbers, audit }
}

/// `u` of `reb-56`, times 2^64.
fn first_number(seed: &str, statement: &Sha256) -> u64 {
    let mut hasher = Sha256::hasher();
    hasher.update(seed.as_bytes());
    hasher.update(&[0]);
    hasher.update(statement.as_bytes());
    let digest = hasher.finish();
    let first = digest.as_bytes().iter().take(8);
    first.fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// With which chance each segment is drawn.
struct Chances<'a> {
    weights: &'a [BigUint],
    /// By segment whether it is drawn in any case.
    certain: Vec<bool>,
    /// How many of the others are drawn: `K'`.
    left: usize,
    /// The sum of their weights: `C'`. Not 0 where `left` is not.
    sum: BigUint,
}

impl<'a> Chances<'a> {
    /// Takes those out that would be drawn more than once, the heaviest first. To take one out never makes
    /// another less likely, so that this ends where taking them out together, again and again, does.
    fn of(weights: &'a [BigUint], k: usize) -> Self {
        let mut by_weight: Vec<usize> = (0..weights.len()).collect();
        by_weight.sort_by(|a, b| weights[*b].cmp(&weights[*a]));
        let mut chances = Self {
            weights,
            certain: vec![false; weights.len()],
            left: k,
            sum: weights.iter().sum(),
        };
        for nth in by_weight {
            if chances.left == 0 || &weights[nth] * chances.left < chances.sum {
                break;
            }
            chances.certain[nth] = true;
            chances.left -= 1;
            chances.sum -= &weights[nth];
        }
        chances
    }

    /// The drawn segments, where `u` is this by 2^64.
    fn drawn(&self, u: u64) -> Vec<usize> {
        // All by C'·2^64: the next integer plus `u`, the step to the one behind it, and the running sum.
        let mut next = &self.sum * u;
        let step = &self.sum << 64;
        let mut running = BigUint::ZERO;
        let mut drawn = Vec::new();
        for (nth, weight) in self.weights.iter().enumerate() {
            if self.certain[nth] {
                drawn.push(nth);
                continue;
            }
            running += (weight * self.left) << 64;
            if next < running {
                drawn.push(nth);
                next += &step;
            }
        }
        drawn
    }

    /// `1 − min p`.
    fn miss_worst(&self) -> Text {
        let uncertain = self.weights.iter().zip(&self.certain).filter(|(_, certain)| !**certain);
        match uncertain.map(|(weight, _)| weight).min() {
            Some(least) => fraction(&self.sum - least * self.left, self.sum.clone()),
            None => fraction(BigUint::ZERO, BigUint::from(1u8)),
        }
    }
}

/// A fraction in lowest terms, as a text.
fn fraction(numerator: BigUint, denominator: BigUint) -> Text {
    let (mut divisor, mut rest) = (denominator.clone(), numerator.clone());
    while rest != BigUint::ZERO {
        (divisor, rest) = (rest.clone(), divisor % rest);
    }
    Text::clipped(&format!("{}/{}", numerator / &divisor, denominator / divisor))
}

#[cfg(test)]
#[path = "draw/draw_tests.rs"]
mod tests;
