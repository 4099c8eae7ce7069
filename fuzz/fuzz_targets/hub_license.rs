//! The hub's licence ids: what comes out is a licence expression of the format. The first line is the
//! id, the rest the name.
#![no_main]

use fullsource_collect::read::hub_license::{HubLicense, hub_license};
use fullsource_format::license::LicenseExpression;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let (id, name) = match input.split_once('\n') {
        Some((id, name)) => (id, Some(name)),
        None => (input, None),
    };
    match hub_license(id, name) {
        HubLicense::Expression { expression, .. } | HubLicense::Other(Some(expression)) => {
            let read = expression.parse::<LicenseExpression>();
            assert!(read.is_ok_and(|read| read.unlisted().is_empty()), "{id:?}: {expression:?}");
        }
        HubLicense::Unlisted(text) => assert!(text.chars().count() <= 200),
        HubLicense::Family(_) | HubLicense::Other(None) | HubLicense::Unknown => {}
    }
});
