//! The element types of ggml tensors.

/// How the elements of a tensor lie in its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ElementType {
    /// `ggml_type` as GGUF stores it.
    pub(super) id: u32,
    /// ggml's name.
    pub(super) name: &'static str,
    /// Elements of a block.
    pub(super) block: u64,
    /// Bytes of a block.
    pub(super) bytes: u64,
}

/// The type of this number, if ggml has it.
pub(super) fn by_id(id: u32) -> Option<&'static ElementType> {
    TYPES.iter().find(|element| element.id == id)
}

/// The type of this name, if ggml has it.
pub(super) fn by_name(name: &str) -> Option<&'static ElementType> {
    TYPES.iter().find(|element| element.name == name)
}

const fn of(id: u32, name: &'static str, block: u64, bytes: u64) -> ElementType {
    ElementType { id, name, block, bytes }
}

/// `enum ggml_type` of `include/ggml.h` and the block structs of `src/ggml-common.h`
/// (ggml d99724f2, August 2026); equal to `GGML_QUANT_SIZES` of the Python package gguf 0.19.0,
/// which lacks `Q2_0`. The missing numbers were removed from the format.
#[rustfmt::skip]
const TYPES: &[ElementType] = &[
    of(0, "F32", 1, 4),
    of(1, "F16", 1, 2),
    of(2, "Q4_0", 32, 18),
    of(3, "Q4_1", 32, 20),
    of(6, "Q5_0", 32, 22),
    of(7, "Q5_1", 32, 24),
    of(8, "Q8_0", 32, 34),
    of(9, "Q8_1", 32, 40),
    of(10, "Q2_K", 256, 84),
    of(11, "Q3_K", 256, 110),
    of(12, "Q4_K", 256, 144),
    of(13, "Q5_K", 256, 176),
    of(14, "Q6_K", 256, 210),
    of(15, "Q8_K", 256, 292),
    of(16, "IQ2_XXS", 256, 66),
    of(17, "IQ2_XS", 256, 74),
    of(18, "IQ3_XXS", 256, 98),
    of(19, "IQ1_S", 256, 50),
    of(20, "IQ4_NL", 32, 18),
    of(21, "IQ3_S", 256, 110),
    of(22, "IQ2_S", 256, 82),
    of(23, "IQ4_XS", 256, 136),
    of(24, "I8", 1, 1),
    of(25, "I16", 1, 2),
    of(26, "I32", 1, 4),
    of(27, "I64", 1, 8),
    of(28, "F64", 1, 8),
    of(29, "IQ1_M", 256, 56),
    of(30, "BF16", 1, 2),
    of(34, "TQ1_0", 256, 54),
    of(35, "TQ2_0", 256, 66),
    of(39, "MXFP4", 32, 17),
    of(40, "NVFP4", 64, 36),
    of(41, "Q1_0", 128, 18),
    of(42, "Q2_0", 64, 18),
];
