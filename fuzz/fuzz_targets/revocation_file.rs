//! Revocation files: one more line revokes one thing more, and joins keep it.
#![no_main]

use fullsource_format::revoked::RevocationList;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| match RevocationList::parse(file) {
    Ok(list) => {
        // A further line revokes one more and takes nothing back.
        let id = "7".repeat(64);
        let longer = [file, b"\nsha256:", id.as_bytes(), b"\n"].concat();
        let longer = RevocationList::parse(&longer).expect("one more line can be read");
        assert!(longer.revokes_statement(&id.parse().expect("this is a digest")));
        let again = [file, b"\n", file].concat();
        assert!(file.starts_with(b"\xef\xbb\xbf") || RevocationList::parse(&again) == Ok(list));
    }
    Err(error) => {
        assert!(!error.help().is_empty());
        if let Some(place) = error.place() {
            assert!(file.get(place.span.clone()).is_some(), "{place:?} of {}", file.len());
        }
    }
});
