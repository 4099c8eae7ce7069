//! Locators: one that is read prints to a text that reads as the same one.
#![no_main]

use fullsource_format::locator::{Locator, SCHEMES};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(locator) = text.parse::<Locator>() else { return };
    let printed = locator.to_string();
    assert_eq!(printed.parse::<Locator>().as_ref(), Ok(&locator), "{printed}");
    assert!(!printed.contains(char::is_control));
    match &locator {
        Locator::Relative(_) => assert_eq!((locator.scheme(), printed.as_str()), ("path", text)),
        _ => {
            assert!(SCHEMES.contains(&locator.scheme()));
            assert!(printed.starts_with(locator.scheme()) && !printed.contains(char::is_whitespace));
        }
    }
    if let Locator::Https { url, .. } = &locator {
        let host = url["https://".len()..].split(['/', '?']).next().unwrap_or_default();
        assert!(!host.is_empty() && !host.contains(['@', '#']));
    }
});
