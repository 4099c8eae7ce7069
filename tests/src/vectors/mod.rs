//! The test vectors: cases as data, and the tree under `tests/vectors` that is made of them.

mod artifacts;
mod case;
mod envelope;
mod evidence;
mod files;
mod index;
mod json;
mod key;
mod loading;
mod locator;
mod manifest;
mod manifest_parts;
mod manifest_shape;
mod manifest_texts;
mod manifest_values;
mod pass;
mod policy;
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
    let areas = [
        json::cases(),
        manifest::cases(),
        locator::cases(),
        statement::cases(),
        envelope::cases(),
        signature::cases(),
        trust::cases(),
        files::cases(),
        loading::cases(),
        index::cases(),
        artifacts::cases(),
        evidence::cases(),
        policy::cases(),
        pass::cases(),
    ];
    areas.concat()
}
