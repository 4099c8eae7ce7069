//! The test vectors: cases as data, and the tree under `tests/vectors` that is made of them.

mod artifact_index;
mod artifacts;
mod case;
mod class;
mod class_cases;
mod class_data;
mod class_decisions;
mod class_decoys;
mod class_indexed;
mod class_parents;
mod class_rules;
mod class_starts;
mod content;
mod envelope;
mod envelope_file;
mod evidence;
mod evidence_alone;
mod files;
mod index;
mod json;
mod key;
mod key_files;
mod left_out;
mod loading;
mod locator;
mod manifest;
mod manifest_again;
mod manifest_parts;
mod manifest_shape;
mod manifest_texts;
mod manifest_values;
mod pass;
mod places;
mod policy;
mod rebuild;
mod rebuild_broken;
mod rebuild_counted;
mod rebuild_weighed;
mod release;
mod seal;
mod signature;
mod standing;
mod statement;
mod tree;
mod trust;
mod trust_file;
mod unread;

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
        envelope_file::cases(),
        signature::cases(),
        key_files::cases(),
        trust::cases(),
        trust_file::cases(),
        standing::cases(),
        files::cases(),
        left_out::cases(),
        loading::cases(),
        index::cases(),
        artifact_index::cases(),
        artifacts::cases(),
        content::cases(),
        places::cases(),
        evidence::cases(),
        evidence_alone::cases(),
        unread::cases(),
        class::cases(),
        policy::cases(),
        rebuild::cases(),
        pass::cases(),
    ];
    areas.concat()
}
