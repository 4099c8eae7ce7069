//! Numbers, as the elements that they may be.

use super::lane::Lane;
use super::runs::{Digits, Kind, kinds};
use super::streams::Search;

/// Bytes of a number.
const LONGEST: usize = 40;

/// How a number is written as bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Byte,
    I16,
    I32,
    I64,
    F16,
    Bf16,
    F32,
    F64,
}

/// Numbers one behind the other, read as each type that the elements of the output have, and as bytes.
pub(super) struct Numbers<'s> {
    lanes: Vec<(Form, Vec<u8>, Lane<'s>)>,
    /// The number that goes on.
    token: Vec<u8>,
}

impl<'s> Numbers<'s> {
    pub(super) fn new(search: &'s Search<'s>, lane: impl Fn() -> Lane<'s>) -> Self {
        let named = [
            ("I16", Form::I16),
            ("I32", Form::I32),
            ("I64", Form::I64),
            ("F16", Form::F16),
            ("BF16", Form::Bf16),
            ("F32", Form::F32),
            ("F64", Form::F64),
        ];
        let elements = &search.windows.elements;
        let of = named.into_iter().filter(|(name, form)| {
            // Where no types are known, the common ones.
            let usual = elements.is_empty() && matches!(form, Form::F32 | Form::F64);
            usual || elements.contains(name)
        });
        let forms = [Form::Byte].into_iter().chain(of.map(|(_, form)| form));
        let lanes = forms.map(|form| (form, Vec::new(), lane())).collect();
        Self { lanes, token: Vec::new() }
    }

    pub(super) fn into_lanes(self) -> Vec<Lane<'s>> {
        self.lanes.into_iter().map(|(_, _, lane)| lane).collect()
    }

    /// A number has ended.
    fn number(&mut self) {
        if self.token.is_empty() {
            return;
        }
        // `0.5f`, as C has it.
        let text = std::str::from_utf8(&self.token).unwrap_or_default();
        let text = text.trim_end_matches(['f', 'F']);
        let integer = text.parse::<i64>().ok();
        let number = text.parse::<f64>().ok();
        for (form, bytes, lane) in &mut self.lanes {
            if !form.write(integer, number, text, bytes) {
                lane.feed(bytes, 0);
                bytes.clear();
                lane.cut();
            }
        }
        self.token.clear();
    }
}

impl Form {
    /// Writes a number; false where it is none of this form.
    fn write(
        self,
        integer: Option<i64>,
        number: Option<f64>,
        text: &str,
        to: &mut Vec<u8>,
    ) -> bool {
        let of_integer = |least: i64, most: i64| integer.filter(|it| (least..=most).contains(it));
        let single = || text.parse::<f32>().ok();
        let written: Option<()> = (|| {
            match self {
                Self::Byte => to.push(of_integer(-128, 255)? as u8),
                Self::I16 => to.extend((of_integer(-0x8000, 0xffff)? as u16).to_le_bytes()),
                Self::I32 => {
                    to.extend((of_integer(-0x8000_0000, 0xffff_ffff)? as u32).to_le_bytes());
                }
                Self::I64 => to.extend(integer?.to_le_bytes()),
                Self::F16 => to.extend(half(number?).to_le_bytes()),
                Self::Bf16 => to.extend(brain(number?).to_le_bytes()),
                Self::F32 => to.extend(single()?.to_le_bytes()),
                Self::F64 => to.extend(number?.to_le_bytes()),
            }
            Some(())
        })();
        written.is_some()
    }
}

/// The upper half of a single, rounded to even.
fn brain(number: f64) -> u16 {
    let bits = (number as f32).to_bits();
    let rounded = bits.wrapping_add(0x7fff + (bits >> 16 & 1));
    (rounded >> 16) as u16
}

/// IEEE 754 binary16, rounded to even.
fn half(number: f64) -> u16 {
    let sign = if number.is_sign_negative() { 0x8000 } else { 0 };
    let size = number.abs();
    if size >= 65520.0 || size.is_nan() {
        return sign | 0x7c00;
    }
    // The distance of neighbours: that of the subnormal numbers at the least.
    let exponent = ((size.to_bits() >> 52) as i32 - 1023).max(-14);
    let steps = (size * 2f64.powi(10 - exponent)).round_ties_even() as u16;
    // What is rounded up to the next power carries into the exponent.
    sign | ((((exponent + 14) as u16) << 10) + steps)
}

impl Digits for Numbers<'_> {
    const LEAST: usize = 128;
    const KINDS: [Kind; 256] = kinds(b"0123456789+-.eEfF", b"\t\n\x0b\x0c\r ,;[](){}", b"");

    fn take(&mut self, bytes: &[u8], at: u64) {
        for byte in bytes {
            if Self::KINDS[usize::from(*byte)] != Kind::Digit {
                self.number();
            } else if self.token.len() < LONGEST {
                self.token.push(*byte);
            }
        }
        for (_, bytes, lane) in &mut self.lanes {
            lane.feed(bytes, at);
            bytes.clear();
        }
    }

    fn end(&mut self) {
        self.number();
        for (_, bytes, lane) in &mut self.lanes {
            lane.feed(bytes, 0);
            bytes.clear();
            lane.cut();
        }
        self.token.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_rounded_to_even() {
        for (number, bits) in [
            (0.0, 0),
            (-0.0, 0x8000),
            (1.0, 0x3c00),
            (-2.0, 0xc000),
            (65504.0, 0x7bff),
            (65519.9, 0x7bff),
            (65520.0, 0x7c00),
            (0.333_251_953_125, 0x3555),
            (5.960_464_477_539_063e-8, 1),
            (2.980_232_238_769_531_3e-8, 0),
            (6.103_515_625e-5, 0x0400),
            (6.097_555_160_522_461e-5, 0x03ff),
            (2049.0, 0x6800),
            (2051.0, 0x6802),
            (4095.9, 0x6c00),
        ] {
            assert_eq!(half(number), bits, "{number}");
        }
        assert_eq!((brain(1.0), brain(-0.1), brain(1.00390625)), (0x3f80, 0xbdcd, 0x3f80));
    }
}
