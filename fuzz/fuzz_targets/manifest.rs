//! Manifests: what is read is written and read again as the same manifest.
#![no_main]

use fullsource_format::json::UnknownFields;
use fullsource_format::manifest::{Manifest, ManifestError, wire};
use fullsource_fuzz::round_trip;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|document: &[u8]| {
    round_trip::<wire::Manifest>(document);
    match Manifest::parse(document, UnknownFields::Ignore) {
        Ok(manifest) => {
            let written = serde_json::to_vec(manifest.as_wire()).expect("a manifest can be written");
            let again = Manifest::parse(&written, UnknownFields::Refuse).expect("and read again");
            assert_eq!(manifest, again);
            if let Some(cycle) = manifest.cycle() {
                assert!(cycle.iter().all(|id| manifest.artifact(id).is_some()));
            }
        }
        Err(ManifestError::Rules(broken)) => assert!(!broken.is_empty()),
        Err(ManifestError::Json(_)) => {}
    }
});
