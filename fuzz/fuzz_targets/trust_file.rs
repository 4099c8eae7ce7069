//! Trust files: who has no role has a reason, and a key is a key.
#![no_main]

use fullsource_format::key::PublicKey;
use fullsource_format::trust::{Role, TrustFile};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| match TrustFile::parse(file) {
    Ok(trust) => {
        assert!(!trust.entries().is_empty() || !trust.skipped().is_empty());
        for entry in trust.entries() {
            assert_eq!(entry.roles().is_empty(), entry.no_role().is_some());
            assert!(!entry.principals().is_empty());
            let named = |principal: &String| entry.allows(Role::Producer, principal);
            assert!(!named(&"nobody, not in any list".to_owned()));
            if entry.principals().iter().any(|p| p.contains(['*', '?', '!'])) {
                assert!(!entry.principals().iter().any(named), "a pattern gives no role");
            }
            if let (Some(after), Some(before)) = (entry.valid_after(), entry.valid_before()) {
                // trust-7: both included.
                assert!(after < before && entry.valid_at(after) && entry.valid_at(before));
            }
            let pem = entry.key().to_pem();
            assert_eq!(PublicKey::from_text(pem.as_bytes()).as_ref(), Ok(entry.key()));
        }
    }
    Err(error) => {
        assert!(!error.help().is_empty());
        if let Some(place) = error.place() {
            assert!(place.line >= 1 && place.column >= 1);
            assert!(file.get(place.span.clone()).is_some(), "{place:?} of {}", file.len());
        }
    }
});
