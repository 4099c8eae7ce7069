//! Costs of segments as exact integers, in units of 10^-20.

use fullsource_format::limits;
use fullsource_format::text::Amount;
use num_bigint::BigUint;

/// Digits behind the point of an amount, at most.
const DECIMALS: usize = 20;
/// Digits before the point of an amount, at most.
const WHOLE: usize = 40;

/// What segments are weighted by (`reb-55`): none is 0.
pub(super) fn weights(stated: &[Option<&Amount>]) -> Vec<BigUint> {
    let costs: Vec<BigUint> =
        stated.iter().map(|cost| cost.map(units).unwrap_or_default()).collect();
    let least = costs.iter().filter(|cost| **cost != BigUint::ZERO).min().cloned();
    let least = least.unwrap_or_else(|| BigUint::from(1u8));
    costs.into_iter().map(|cost| if cost == BigUint::ZERO { least.clone() } else { cost }).collect()
}

/// The sum of costs; none where one is not stated, or where it has more digits than an amount.
pub(super) fn sum<'a>(stated: impl Iterator<Item = Option<&'a Amount>>) -> Option<Amount> {
    let units: Vec<BigUint> = stated.map(|cost| cost.map(units)).collect::<Option<_>>()?;
    amount(&units.into_iter().sum())
}

fn units(amount: &Amount) -> BigUint {
    let text = match amount {
        Amount::Integer(whole) => return BigUint::from(*whole) * scale(),
        Amount::Decimal(text) => text,
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    // An amount is digits, with 20 behind the point at most.
    let digits = format!("{whole}{fraction:0<DECIMALS$}");
    BigUint::parse_bytes(digits.as_bytes(), 10).unwrap_or_default()
}

fn scale() -> BigUint {
    BigUint::from(10u8).pow(DECIMALS as u32)
}

fn amount(units: &BigUint) -> Option<Amount> {
    let whole = units / scale();
    let fraction = (units % scale()).to_string();
    let fraction = format!("{fraction:0>DECIMALS$}");
    let fraction = fraction.trim_end_matches('0');
    if !fraction.is_empty() {
        let text = format!("{whole}.{fraction}");
        return (text.len() <= WHOLE + 1 + fraction.len()).then_some(Amount::Decimal(text));
    }
    match u64::try_from(&whole) {
        Ok(small) if small <= limits::MAX_INTEGER => Some(Amount::Integer(small)),
        _ => Some(whole.to_string()).filter(|text| text.len() <= WHOLE).map(Amount::Decimal),
    }
}
