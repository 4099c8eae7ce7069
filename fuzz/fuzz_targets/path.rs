//! Paths: one that is read stays below the directory that it is joined to.
#![no_main]

use std::path::{Component, Path};

use fullsource_format::path::{FileSelector, RelPath};
use fullsource_format::release_dir::{folded, is_nfc, left_out_file};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(selector) = text.parse::<FileSelector>() {
        assert_eq!(selector.to_string(), text);
    }
    let Ok(path) = text.parse::<RelPath>() else { return };
    assert_eq!(path.as_str(), text);
    let joined = Path::new("/base").join(path.as_str());
    let below: Vec<_> = joined.strip_prefix("/base").expect("it is below").components().collect();
    assert!(below.iter().all(|part| matches!(part, Component::Normal(_))), "{below:?}");
    assert_eq!(below.len(), path.parts().count());
    assert_eq!(Path::new(text).file_name().and_then(|name| name.to_str()), Some(path.file_name()));
    assert!(path.parts().all(|part| !part.is_empty() && part != "." && part != ".."));
    // One spelling is one spelling.
    let once = folded(text);
    assert_eq!(folded(&once), once);
    assert!(!text.is_ascii() || is_nfc(text));
    left_out_file(text, &|_| true);
});
