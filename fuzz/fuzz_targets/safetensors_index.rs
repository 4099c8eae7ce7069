//! Indexes of shards: what is taken is JSON in which every weight has a file beside the index.
#![no_main]

use fullsource_collect::read::safetensors_index::SafetensorsIndex;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|document: &[u8]| {
    let Ok(index) = SafetensorsIndex::parse(document) else { return };
    let Ok(value) = serde_json::from_slice::<Value>(document) else {
        // Python's constants, and numbers beyond a double, elsewhere in the document.
        return;
    };
    let map = value["weight_map"].as_object().expect("it has a weight map");
    assert_eq!(map.len(), index.tensors);
    for file in map.values() {
        let file = file.as_str().expect("names of files");
        assert!(index.files.iter().any(|known| known.as_str() == file), "{file}");
    }
    assert!(index.files.len() <= map.len());
});
