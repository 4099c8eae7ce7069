//! Licence texts: an exact one adds and lacks nothing, and white space is no change.
#![no_main]

use fullsource_collect::read::license_text::{LicenseText, RecognizedBy};
use fullsource_format::license::LicenseExpression;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let Ok(read) = LicenseText::recognize(text) else { return };
    let Some(license) = &read.license else { return };
    assert!((0.0..=1.0).contains(&license.score), "{}", license.score);
    assert!(license.id.parse::<LicenseExpression>().is_ok(), "{}", license.id);
    if license.exact && license.by == RecognizedBy::Text {
        assert!(license.score == 1.0 && license.extra.is_empty() && license.missing.is_empty());
        let spaced = [b"\n\n", text, b"\n \n"].concat();
        let again = LicenseText::recognize(&spaced).ok().and_then(|read| read.license);
        assert!(again.is_some_and(|again| again.exact && again.id == license.id));
    }
});
