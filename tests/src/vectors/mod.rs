//! The test vectors: cases as data, and the tree under `tests/vectors` that is made of them.

mod case;
mod envelope;
mod json;
mod key;
mod manifest;
mod manifest_parts;
mod manifest_shape;
mod manifest_texts;
mod manifest_values;
mod release;
mod seal;
mod signature;
mod statement;
mod tree;
mod trust;

pub use case::Case;
pub use tree::write;

/// All cases.
pub fn all() -> Vec<Case> {
    [
        json::cases(),
        manifest::cases(),
        statement::cases(),
        envelope::cases(),
        signature::cases(),
        trust::cases(),
    ]
    .concat()
}
