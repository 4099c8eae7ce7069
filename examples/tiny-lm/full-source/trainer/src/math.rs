//! `exp`, `ln`, `sigmoid` and `tanh` from additions, multiplications and divisions alone.
//!
//! IEEE 754 fixes the last bit of `+ - * /` and `sqrt`, but not of `exp`: two C libraries, or two
//! versions of one, may differ. A model made with them could not be made again elsewhere. These are
//! Cody and Waite's reduction with a Taylor polynomial, right to a few units in the last place,
//! and free of branches so that the compiler can compute many at once.

/// Adding this to a small `f32` rounds it to an integer, which then stands in the lowest bits: it is
/// 1.5 * 2^23, where neighbouring floats are 1 apart.
const ROUNDER: f32 = 12_582_912.0;

/// ln 2 in two parts. The first has so few bits that its product with a small integer is exact.
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// e to the power of `x`, with `x` limited to -87 ... 88 so that the result is a normal number.
#[inline]
pub fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 88.0);
    // x = k ln 2 + r with an integer k and |r| <= ln 2 / 2, so e^x = 2^k e^r.
    let shifted = x * std::f32::consts::LOG2_E + ROUNDER;
    let k = shifted - ROUNDER;
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    // e^r = 1 + r + r^2/2! + ... + r^7/7!
    let mut sum = 1.0 / 5040.0;
    for coefficient in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        sum = sum * r + coefficient;
    }
    // 2^k: k stands in the lowest bits of `shifted`; 127 is the bias of the exponent field.
    sum * f32::from_bits(shifted.to_bits().wrapping_add(127) << 23)
}

/// 1 / (1 + e^-x): from 0 to 1, a soft switch.
#[inline]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// Hyperbolic tangent: from -1 to 1.
#[inline]
pub fn tanh(x: f32) -> f32 {
    2.0 * sigmoid(2.0 * x) - 1.0
}

/// Natural logarithm of a positive normal number. Used to report the loss, never to compute weights.
pub fn ln(x: f32) -> f32 {
    // x = m 2^k with m in [1, 2), so ln x = k ln 2 + ln m, and ln m = 2 artanh((m - 1) / (m + 1)).
    let bits = x.to_bits();
    let k = ((bits >> 23) & 0xff) as f32 - 127.0;
    let m = f32::from_bits((bits & 0x007f_ffff) | 0x3f80_0000);
    let s = (m - 1.0) / (m + 1.0);
    let mut sum = 0.0;
    for odd in [13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        sum = sum * (s * s) + 1.0 / odd;
    }
    k * std::f32::consts::LN_2 + 2.0 * s * sum
}

/// `base` to the power of `exponent`, by repeated squaring in one fixed order.
pub fn power(base: f64, exponent: u64) -> f64 {
    let (mut result, mut square, mut rest) = (1.0, base, exponent);
    while rest > 0 {
        if rest & 1 == 1 {
            result *= square;
        }
        square *= square;
        rest >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_platform_to_a_few_units_in_the_last_place() {
        for step in -8000..=8000 {
            let x = step as f32 / 100.0;
            let exact = f64::from(x).exp();
            assert!(((f64::from(exp(x)) - exact) / exact).abs() < 3e-7, "exp({x})");
            assert!((f64::from(tanh(x)) - f64::from(x).tanh()).abs() < 3e-7, "tanh({x})");
            let (logarithm, exact) = (f64::from(ln(exp(x))), f64::from(exp(x)).ln());
            assert!((logarithm - exact).abs() < 1e-5, "ln(exp({x}))");
        }
    }

    #[test]
    fn gives_these_bits_on_every_machine() {
        let bits: Vec<u32> = [-3.7, 0.1, 1.0, 20.5].map(|x| exp(x).to_bits()).into();
        assert_eq!(bits, [0x3cca_88fe, 0x3f8d_763e, 0x402d_f854, 0x4e3e_b628]);
    }

    #[test]
    fn stays_finite_at_the_ends() {
        assert!(exp(-1e30) > 0.0 && exp(1e30).is_finite());
        assert_eq!((sigmoid(1e30), tanh(-1e30)), (1.0, -1.0));
    }

    #[test]
    fn power_of_zero_and_more() {
        assert_eq!((power(0.9, 0), power(2.0, 10), power(0.5, 3)), (1.0, 1024.0, 0.125));
    }
}
