//! Bundles and envelopes: no bytes that a fuzzer finds are signed by a key that it does not have.
#![no_main]

use std::sync::LazyLock;

use fullsource_format::envelope::{Envelope, EnvelopeError, OpenError};
use fullsource_format::key::PublicKey;
use fullsource_fuzz::{assert_inside, fixed_key};
use libfuzzer_sys::fuzz_target;

static KEYS: LazyLock<[PublicKey; 1]> = LazyLock::new(|| [fixed_key().public()]);

fuzz_target!(|document: &[u8]| {
    match Envelope::parse_all(document) {
        Ok(envelopes) => {
            assert!(!envelopes.is_empty());
            for envelope in envelopes {
                assert!(envelope.signature_count() > 0);
                let opened = envelope.open(&*KEYS);
                assert!(matches!(opened, Err(OpenError::Untrusted { keys: 1, .. })), "{opened:?}");
                let _ = envelope.danger_unverified();
            }
        }
        Err(EnvelopeError::Json(error)) => assert_inside(document, &error),
        Err(error) => assert!(!error.code().is_empty()),
    }
});
