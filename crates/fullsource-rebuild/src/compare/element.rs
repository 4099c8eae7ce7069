//! Elements of tensors: how many bytes, what value, which place in the order of all values (`reb-22`).

use super::measure::Measured;

/// How the elements of a tensor are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Element {
    /// Floating-point numbers of this form.
    Float(Float),
    /// Anything else: blocks of so many bytes that hold so many elements, and are equal or are not.
    Block {
        /// Bytes of a block.
        bytes: u64,
        /// Elements of a block.
        elements: u64,
    },
}

/// Forms of floating-point numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Float {
    F64,
    F32,
    F16,
    Bf16,
    /// One byte.
    Small(Small),
}

/// Forms of one byte, as safetensors names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Small {
    E4M3,
    E5M2,
    E4M3Fnuz,
    E5M2Fnuz,
    /// A power of two, without a sign.
    E8M0,
}

impl Element {
    /// Of a type as safetensors or ggml names it.
    pub(super) fn of(name: &str) -> Self {
        use Small::{E4M3, E4M3Fnuz, E5M2, E5M2Fnuz, E8M0};
        let block = |bytes, elements| Self::Block { bytes, elements };
        Self::Float(match name {
            "F64" => Float::F64,
            "F32" => Float::F32,
            "F16" => Float::F16,
            "BF16" => Float::Bf16,
            "F8_E4M3" => Float::Small(E4M3),
            "F8_E5M2" => Float::Small(E5M2),
            "F8_E4M3FNUZ" => Float::Small(E4M3Fnuz),
            "F8_E5M2FNUZ" => Float::Small(E5M2Fnuz),
            "F8_E8M0" => Float::Small(E8M0),
            "F4" => return block(1, 2),
            "F6_E2M3" | "F6_E3M2" => return block(3, 4),
            "C64" | "I64" | "U64" => return block(8, 1),
            "I32" | "U32" => return block(4, 1),
            "I16" | "U16" => return block(2, 1),
            "BOOL" | "I8" | "U8" => return block(1, 1),
            // Names of both formats come from tables; what ggml packs has its block there.
            _ => {
                let (elements, bytes) =
                    fullsource_collect::read::gguf_values::block_of(name).unwrap_or((1, 1));
                return block(bytes, elements);
            }
        })
    }

    /// Bytes that are compared at once.
    pub(super) const fn bytes(self) -> u64 {
        match self {
            Self::Float(Float::F64) => 8,
            Self::Float(Float::F32) => 4,
            Self::Float(Float::F16 | Float::Bf16) => 2,
            Self::Float(Float::Small(_)) => 1,
            Self::Block { bytes, .. } => bytes,
        }
    }

    /// Measures a piece of a tensor on both sides, of whole elements and equally many.
    pub(super) fn measure(self, claimed: &[u8], made: &[u8]) -> Measured {
        match self {
            Self::Float(Float::F64) => Measured::of(claimed, made, f64_of),
            Self::Float(Float::F32) => Measured::of(claimed, made, f32_of),
            Self::Float(Float::F16) => Measured::of(claimed, made, f16_of),
            Self::Float(Float::Bf16) => Measured::of(claimed, made, bf16_of),
            Self::Float(Float::Small(form)) => {
                let values = form.values();
                Measured::of(claimed, made, |[byte]: [u8; 1]| values[usize::from(byte)])
            }
            Self::Block { bytes, elements } => {
                let bytes = usize::try_from(bytes).unwrap_or(1);
                let pairs = claimed.chunks(bytes).zip(made.chunks(bytes));
                Measured::unlike(pairs.filter(|(a, b)| a != b).count() as u64 * elements)
            }
        }
    }

    /// The sum of the squares of a piece of a tensor; 0 of what is no floating-point number.
    pub(super) fn squares(self, piece: &[u8]) -> f64 {
        use super::measure::squares;
        match self {
            Self::Float(Float::F64) => squares(piece, |bytes| f64_of(bytes).value),
            Self::Float(Float::F32) => squares(piece, |bytes| f64::from(f32::from_le_bytes(bytes))),
            Self::Float(Float::F16) => squares(piece, |bytes| f16_of(bytes).value),
            Self::Float(Float::Bf16) => squares(piece, |bytes| bf16_of(bytes).value),
            Self::Float(Float::Small(form)) => {
                let values = form.values();
                squares(piece, |[byte]: [u8; 1]| values[usize::from(byte)].value)
            }
            Self::Block { .. } => 0.0,
        }
    }
}

/// A value, and how many values of its form are below it: none of what is not finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Value {
    pub(super) value: f64,
    pub(super) rank: Option<u64>,
}

fn f64_of(bytes: [u8; 8]) -> Value {
    let value = f64::from_le_bytes(bytes);
    Value { value, rank: value.is_finite().then(|| rank(value.to_bits(), 64)) }
}

fn f32_of(bytes: [u8; 4]) -> Value {
    let value = f32::from_le_bytes(bytes);
    let rank = value.is_finite().then(|| rank(value.to_bits().into(), 32));
    Value { value: value.into(), rank }
}

fn bf16_of(bytes: [u8; 2]) -> Value {
    let bits = u16::from_le_bytes(bytes);
    let value = f32::from_bits(u32::from(bits) << 16);
    Value { value: value.into(), rank: value.is_finite().then(|| rank(bits.into(), 16)) }
}

fn f16_of(bytes: [u8; 2]) -> Value {
    let bits = u16::from_le_bytes(bytes);
    let value = value_of(bits.into(), 16, 10, 15);
    if bits & 0x7c00 != 0x7c00 {
        return Value { value, rank: Some(rank(bits.into(), 16)) };
    }
    Value { value: if bits & 0x3ff == 0 { f64::INFINITY } else { f64::NAN }, rank: None }
}

/// The place of bits of sign and magnitude in the order of all values, −0 right below +0.
const fn rank(bits: u64, width: u32) -> u64 {
    let half = 1 << (width - 1);
    if bits & half == 0 { half + bits } else { half - 1 - (bits - half) }
}

/// The value of bits of sign, exponent and so many bits of mantissa, none of which means something else.
fn value_of(bits: u64, width: u32, mantissa_bits: u32, bias: i32) -> f64 {
    let sign = bits >> (width - 1);
    let mantissa = bits & ((1 << mantissa_bits) - 1);
    let exponent = (bits & ((1 << (width - 1)) - 1)) >> mantissa_bits;
    let magnitude = if exponent == 0 {
        #[allow(clippy::cast_precision_loss, reason = "at most ten bits")]
        let whole = mantissa as f64;
        whole * power_of_two(i64::from(1 - bias) - i64::from(mantissa_bits))
    } else {
        let one = power_of_two(exponent as i64 - i64::from(bias)).to_bits();
        f64::from_bits(one | mantissa << (52 - mantissa_bits))
    };
    if sign == 1 { -magnitude } else { magnitude }
}

/// 2 to a power that a double has as a normal number.
const fn power_of_two(power: i64) -> f64 {
    f64::from_bits(((power + 1023) as u64) << 52)
}

impl Small {
    /// The values of all bytes.
    fn values(self) -> [Value; 256] {
        std::array::from_fn(|bits| self.value(bits as u64))
    }

    fn value(self, bits: u64) -> Value {
        let none = Value { value: f64::NAN, rank: None };
        let of = |mantissa_bits, bias, rank| {
            let value = value_of(bits, 8, mantissa_bits, bias);
            Value { value, rank: Some(rank) }
        };
        // There is no −0: what would be it is the only NaN.
        let without_minus_zero = rank(bits, 8) + (bits >> 7);
        match self {
            Self::E4M3 if bits & 0x7f == 0x7f => none,
            Self::E4M3 => of(3, 7, rank(bits, 8)),
            Self::E5M2 if bits & 0x7f == 0x7c => Value { value: f64::INFINITY, rank: None },
            Self::E5M2 if bits & 0x7c == 0x7c => none,
            Self::E5M2 => of(2, 15, rank(bits, 8)),
            Self::E4M3Fnuz | Self::E5M2Fnuz if bits == 0x80 => none,
            Self::E4M3Fnuz => of(3, 8, without_minus_zero),
            Self::E5M2Fnuz => of(2, 16, without_minus_zero),
            Self::E8M0 if bits == 0xff => none,
            Self::E8M0 => Value { value: power_of_two(bits as i64 - 127), rank: Some(bits) },
        }
    }
}

#[cfg(test)]
#[path = "element_tests.rs"]
mod tests;
