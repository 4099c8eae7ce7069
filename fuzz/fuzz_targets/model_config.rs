//! Configurations: every pointer to code, and every named source, stands where it is said to.
#![no_main]

use fullsource_collect::read::json::Value;
use fullsource_collect::read::model_config::ModelConfig;
use fullsource_collect::read::remote_code::remote_code;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|document: &[u8]| {
    if let Ok(value) = Value::parse(document, 10_000) {
        let _ = remote_code(&value);
    }
    let Ok(config) = ModelConfig::parse(document) else { return };
    let Ok(theirs) = serde_json::from_slice::<serde_json::Value>(document) else { return };
    let text = |pointer: &str| theirs.pointer(pointer).and_then(|value| value.as_str());
    for code in &config.remote_code {
        assert_eq!(text(&code.pointer), Some(code.reference.as_str()), "{code:?}");
        assert!(code.reference.contains(&code.module));
    }
    for source in &config.named {
        assert!(theirs.pointer(&source.pointer).is_some(), "{source:?}");
    }
    assert!(config.models().count() <= config.named.len());
});
