//! A double as an amount of the format, never smaller than it is.

use fullsource_format::text::Amount;
use num_bigint::BigUint;

/// Digits behind the point of an amount, at most.
const DECIMALS: usize = 20;
/// Digits before the point of an amount, at most.
const WHOLE: usize = 40;
/// Digits behind the point of a double, at most.
const ALL: usize = 1074;

/// A number that is finite and not negative, rounded up to 20 decimals; none where it has more than 40 digits
/// before the point.
pub(super) fn rounded_up(value: f64) -> Option<Amount> {
    if !value.is_finite() || value < 0.0 {
        return None;
    }
    let text = format!("{value:.ALL$}");
    let (whole, fraction) = text.split_once('.')?;
    let (kept, dropped) = fraction.split_at(DECIMALS);
    let mut units = BigUint::parse_bytes(format!("{whole}{kept}").as_bytes(), 10)?;
    if dropped.bytes().any(|digit| digit != b'0') {
        units += 1u8;
    }
    let digits = format!("{units:0>width$}", width = DECIMALS + 1);
    let (whole, fraction) = digits.split_at(digits.len() - DECIMALS);
    if whole.len() > WHOLE {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    Some(match (fraction, whole.parse()) {
        ("", Ok(small)) if small <= fullsource_format::limits::MAX_INTEGER => {
            Amount::Integer(small)
        }
        ("", _) => Amount::Decimal(whole.to_owned()),
        _ => Amount::Decimal(format!("{whole}.{fraction}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(value: f64) -> Option<String> {
        rounded_up(value).map(|amount| match amount {
            Amount::Integer(whole) => whole.to_string(),
            Amount::Decimal(text) => text,
        })
    }

    #[test]
    fn what_does_not_fit_is_rounded_up() {
        for (value, expected) in [
            (0.0, "0"),
            (1.0, "1"),
            (0.5, "0.5"),
            // 0.01000000000000000020816…
            (0.01, "0.01000000000000000021"),
            (1e-30, "0.00000000000000000001"),
            (f64::MIN_POSITIVE / 4.0, "0.00000000000000000001"),
            // 0.29999999999999998889776975…
            (0.3, "0.29999999999999998890"),
            (1e20, "100000000000000000000"),
        ] {
            let expected = expected.trim_end_matches('0');
            let shown = text(value).unwrap();
            let same = shown == expected || shown.trim_end_matches('0') == expected;
            assert!(same || value == 0.0 && shown == "0", "{value}: {shown}");
        }
        for none in [f64::NAN, f64::INFINITY, -1.0, 1e41] {
            assert_eq!(text(none), None);
        }
    }

    proptest! {
        #[test]
        fn it_reads_as_no_less_and_is_an_amount(value in 0.0..1e30f64) {
            let amount = rounded_up(value).unwrap();
            prop_assert!(amount.to_f64() >= value);
            let json = serde_json::to_string(&amount).unwrap();
            prop_assert_eq!(serde_json::from_str::<Amount>(&json).unwrap(), amount);
        }
    }
}
