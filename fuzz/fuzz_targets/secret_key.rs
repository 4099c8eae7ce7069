//! Private keys: as a file, and as the bytes below its base64. No passphrase is given, so that no
//! key derivation is paid for; its cost has tests of its own.
#![no_main]

use fullsource_format::key::{KeyError, PublicKey, SecretKey};
use fullsource_fuzz::base64;
use getrandom::SysRng;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((form, rest)) = input.split_first() else { return };
    let armour = |label: &str| {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", base64(rest)).into_bytes()
    };
    let file = match form % 5 {
        0 => armour("PRIVATE KEY"),
        1 => armour("ENCRYPTED PRIVATE KEY"),
        2 => armour("OPENSSH PRIVATE KEY"),
        3 => armour("EC PRIVATE KEY"),
        _ => rest.to_vec(),
    };
    match SecretKey::from_text(&file, None) {
        Ok(key) => {
            let signature = key.sign(b"message");
            assert!(key.public().verify(b"message", &signature).is_ok());
            assert!(key.public().verify(b"massage", &signature).is_err());
            let pem = key.to_pem(None, &mut SysRng).expect("a key can be written");
            let again = SecretKey::from_text(pem.as_bytes(), None).expect("and read again");
            assert_eq!(again.public(), key.public());
            assert_eq!(PublicKey::from_text(pem.as_bytes()), Err(KeyError::PrivateGiven));
        }
        Err(error) => assert!(!error.help().is_empty()),
    }
});
