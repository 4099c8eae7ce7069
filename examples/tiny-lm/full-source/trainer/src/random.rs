//! The only source of chance: SplitMix64.
//!
//! Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014); the variant
//! and constants of Vigna's public-domain `splitmix64.c`. Its whole state is one number, which makes
//! a checkpoint complete.

/// A stream of random numbers that depends on its seed alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    /// The stream that starts at `state`: a seed, or a state that [`SplitMix64::state`] gave.
    pub fn new(state: u64) -> Self {
        Self { state }
    }

    /// What [`SplitMix64::new`] needs to go on from here.
    pub fn state(&self) -> u64 {
        self.state
    }

    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = self.state;
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number from 0 up to, not including, `end`. Its bias is at most `end` / 2^64.
    pub fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(end)) >> 64) as u64
    }

    /// A number from 0 up to, not including, 1: a multiple of 2^-24, which `f32` holds exactly.
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / 16_777_216.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_the_published_stream() {
        let mut random = SplitMix64::new(1_234_567);
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973];
        assert_eq!([random.bits(), random.bits()], expected);
    }

    #[test]
    fn goes_on_from_its_state() {
        let mut random = SplitMix64::new(7);
        random.bits();
        let mut resumed = SplitMix64::new(random.state());
        assert_eq!(random.bits(), resumed.bits());
        assert!((0..1000).all(|_| random.below(3) < 3 && random.unit() < 1.0));
    }
}
