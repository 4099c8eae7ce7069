//! Public keys: as a file, and as the bytes below its base64. One that is read is written and read
//! again, under one id, and does not take a signature that nobody made.
#![no_main]

use fullsource_format::key::{KeyError, PublicKey};
use fullsource_fuzz::base64;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((form, rest)) = input.split_first() else { return };
    let read = match form % 4 {
        0 => PublicKey::from_spki_der(rest),
        1 => PublicKey::from_openssh(&format!("ssh-ed25519 {}", base64(rest))),
        2 => PublicKey::from_openssh(&format!("ecdsa-sha2-nistp256 {}", base64(rest))),
        _ => PublicKey::from_text(rest),
    };
    match read {
        Ok(key) => {
            assert_eq!(PublicKey::from_text(key.to_pem().as_bytes()).as_ref(), Ok(&key));
            let again = PublicKey::from_spki_der(key.to_spki_der()).expect("its own spelling");
            assert_eq!(again.key_id(), key.key_id());
            for length in [0, 1, 64, 70] {
                assert!(key.verify(b"message", &vec![0; length]).is_err());
            }
            assert!(key.verify(b"message", rest).is_err());
        }
        Err(error) => assert!(!error.help().is_empty() && error != KeyError::Random),
    }
});
