//! PEM as other programs write it, the names of keys that are not supported, and where limits begin.
#![allow(clippy::unwrap_used, clippy::panic)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fullsource_format::key::{KeyError, KeyType, PublicKey, SecretKey};
use fullsource_format::limits;
use getrandom::SysRng;
use pkcs8::der::asn1::ObjectIdentifier;

fn armour(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

/// DER of this tag, of fewer than 65,536 bytes.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let [high, low] = u16::try_from(body.len()).unwrap().to_be_bytes();
    let head = if body.len() < 128 { vec![tag, low] } else { vec![tag, 0x82, high, low] };
    let head = if body.len() > 127 && high == 0 { vec![tag, 0x81, low] } else { head };
    [head, body].concat()
}

fn oid(text: &str) -> Vec<u8> {
    der(6, &[ObjectIdentifier::new_unwrap(text).as_bytes()])
}

fn made(key_type: KeyType) -> SecretKey {
    SecretKey::generate(key_type, &mut SysRng).unwrap()
}

const P256: &str = "1.2.840.10045.3.1.7";

/// An ECPrivateKey (RFC 5915) on this curve.
fn sec1(curve: &str) -> Vec<u8> {
    der(0x30, &[&[2, 1, 1], &der(4, &[&[7; 32]]), &der(0xa0, &[&oid(curve)])])
}

#[test]
fn a_public_key_is_written_in_lines_of_64() {
    for (key_type, lines) in [(KeyType::Ed25519, &[60][..]), (KeyType::P256, &[64, 60])] {
        let pem = made(key_type).public().to_pem();
        let body = pem.strip_prefix("-----BEGIN PUBLIC KEY-----\n").unwrap();
        let body = body.strip_suffix("\n-----END PUBLIC KEY-----\n").unwrap();
        assert_eq!(body.split('\n').map(str::len).collect::<Vec<_>>(), lines, "{key_type}");
    }
}

#[test]
fn a_key_file_has_so_many_bytes_and_no_more() {
    let key = made(KeyType::P256).public();
    let mut file = key.to_pem().into_bytes();
    file.resize(limits::KEY_BYTES, b'\n');
    assert_eq!(PublicKey::from_text(&file), Ok(key));
    file.push(b'\n');
    assert_eq!(PublicKey::from_text(&file), Err(KeyError::TooLong { bytes: file.len() }));
}

/// `openssl ecparam -genkey` writes the curve before the key; nothing else may stand there.
#[test]
fn an_ec_key_may_follow_its_curve() {
    let (curve, key) = (armour("EC PARAMETERS", &oid(P256)), armour("EC PRIVATE KEY", &sec1(P256)));
    let read = |text: &str| SecretKey::from_text(text.as_bytes(), None);
    let alone = read(&key).unwrap().public();
    assert_eq!(read(&format!("{curve}{key}")).unwrap().public(), alone);
    let other = armour("PRIVATE KEY", b"x");
    for text in [format!("{curve}{other}"), format!("{other}{key}"), format!("{curve}{key}{key}")] {
        assert_eq!(read(&text).unwrap_err(), KeyError::SeveralKeys, "{text}");
    }
    let note = format!("{curve}x\n");
    assert_eq!(read(&note).unwrap_err(), KeyError::SurroundingText { place: "after" });
}

#[test]
fn pem_that_holds_no_readable_key_is_said() {
    let old = armour("EC PRIVATE KEY", b"x").replacen('\n', "\nProc-Type: 4,ENCRYPTED\n", 1);
    let scheme = "traditional PEM encryption".to_owned();
    let refused = SecretKey::from_text(old.as_bytes(), Some(b"pw")).unwrap_err();
    assert_eq!(refused, KeyError::UnsupportedEncryption { scheme });
    let empty = PublicKey::from_text(armour("PUBLIC KEY", b"").as_bytes());
    assert_eq!(empty, Err(KeyError::Malformed { what: "the PEM block is not base64" }));
    let refused = |text: &str| SecretKey::from_text(text.as_bytes(), None).unwrap_err();
    assert_eq!(refused("minisign public key"), KeyError::NotAKey);
    let label = "CERTIFICATE".to_owned();
    assert_eq!(refused(&armour("CERTIFICATE", b"x")), KeyError::OtherBlock { label });
    let control = PublicKey::from_text(armour("A\u{1b}[2J", b"x").as_bytes());
    assert_eq!(control, Err(KeyError::OtherBlock { label: "A\u{fffd}[2J".to_owned() }));
}

#[test]
fn algorithms_and_curves_that_are_not_supported_are_named() {
    let spki = |algorithm: &[&[u8]]| {
        let der = der(0x30, &[&der(0x30, algorithm), &der(3, &[&[0, 4]])]);
        PublicKey::from_spki_der(&der).unwrap_err()
    };
    let unsupported = |name: &str| KeyError::Unsupported { algorithm: name.to_owned() };
    let algorithms = [
        ("1.2.840.113549.1.1.1", "RSA"),
        ("1.2.840.113549.1.1.10", "RSA-PSS"),
        ("1.2.840.10040.4.1", "DSA"),
        ("1.3.101.110", "X25519"),
        ("1.3.101.111", "X448"),
        ("1.3.101.113", "Ed448"),
        ("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
        ("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
        ("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
        ("1.2.3.4", "1.2.3.4"),
    ];
    for (number, name) in algorithms {
        assert_eq!(spki(&[&oid(number)]), unsupported(name));
    }
    let curves = [
        ("1.3.132.0.34", "P-384"),
        ("1.3.132.0.35", "P-521"),
        ("1.3.132.0.10", "secp256k1"),
        ("1.2.156.10197.1.301", "SM2"),
    ];
    let ec = oid("1.2.840.10045.2.1");
    for (number, name) in curves {
        assert_eq!(spki(&[&ec, &oid(number)]), unsupported(name));
        let secret = armour("EC PRIVATE KEY", &sec1(number));
        let refused = SecretKey::from_text(secret.as_bytes(), None).unwrap_err();
        assert_eq!(refused, unsupported(name));
    }
    assert_eq!(spki(&[&ec, &[0x30, 0]]), unsupported("EC with explicit parameters"));
    let parameters = KeyError::Malformed { what: "its algorithm has the wrong parameters" };
    assert_eq!(spki(&[&ec]), parameters);
    assert_eq!(spki(&[&oid("1.3.101.112"), &[5, 0]]), parameters);
}

const PBES2: &str = "1.2.840.113549.1.5.13";
const PBKDF2: &str = "1.2.840.113549.1.5.12";
const SCRYPT: &str = "1.3.6.1.4.1.11591.4.11";
const AES: &str = "2.16.840.1.101.3.4.1.42";

/// An EncryptedPrivateKeyInfo with this scheme.
fn encrypted(scheme: &str, parameters: &[&[u8]]) -> String {
    let scheme = der(0x30, &[&oid(scheme), &der(0x30, parameters)]);
    armour("ENCRYPTED PRIVATE KEY", &der(0x30, &[&scheme, &der(4, &[&[9; 48]])]))
}

/// The same of PBES2 with this key derivation.
fn sealed(kdf: &str, parameters: &[&[u8]], cipher: &str) -> String {
    let kdf = der(0x30, &[&oid(kdf), &der(0x30, parameters)]);
    let cipher = der(0x30, &[&oid(cipher), &der(4, &[&[7; 16]])]);
    encrypted(PBES2, &[&kdf, &cipher])
}

#[test]
fn an_encryption_that_is_not_supported_is_named() {
    let scheme = |text: String| match SecretKey::from_text(text.as_bytes(), Some(b"pw")) {
        Err(KeyError::UnsupportedEncryption { scheme }) => scheme,
        other => panic!("{other:?}"),
    };
    let (salt, rounds) = ([4, 2, 1, 2], [2, 1, 9]);
    let pbes1 = "1.2.840.113549.1.12.1.3";
    assert_eq!(scheme(encrypted(pbes1, &[&salt, &rounds])), pbes1);
    let (camellia, argon) = ("1.2.392.200011.61.1.1.1.4", "1.2.3.4");
    let other = format!("PBES2 {PBKDF2} {camellia}");
    assert_eq!(scheme(sealed(PBKDF2, &[&salt, &rounds], camellia)), other);
    assert_eq!(scheme(sealed(argon, &[&salt, &rounds], AES)), format!("PBES2 {argon} {AES}"));
    // HMAC-SHA-1, which is meant where no function is named.
    assert_eq!(scheme(sealed(PBKDF2, &[&salt, &rounds], AES)), "1.2.840.113549.2.7");
}

/// What may be tried asks for a passphrase; one step more is refused before.
#[test]
fn the_cost_of_a_passphrase_has_a_limit() {
    let read = |text: String| SecretKey::from_text(text.as_bytes(), None).unwrap_err();
    let salt = [4, 2, 1, 2];
    let prf = der(0x30, &[&oid("1.2.840.113549.2.9"), &[5, 0]]);
    let pbkdf2 = |rounds: &[u8]| read(sealed(PBKDF2, &[&salt, rounds, &prf], AES));
    assert_eq!(pbkdf2(&[2, 4, 0, 0x98, 0x96, 0x80]), KeyError::NeedsPassphrase);
    let cost = |parameter, found, limit| KeyError::Cost { parameter, found, limit };
    let most = 10_000_000;
    let refused = cost("number of PBKDF2 rounds", most + 1, most);
    assert_eq!(pbkdf2(&[2, 4, 0, 0x98, 0x96, 0x81]), refused);
    let scrypt = |n: &[u8], r: &[u8], p: &[u8]| {
        read(sealed(SCRYPT, &[&salt, &der(2, &[n]), &der(2, &[r]), &der(2, &[p])], AES))
    };
    let n = [2, 0, 0];
    assert_eq!(scrypt(&n, &[8], &[8]), KeyError::NeedsPassphrase);
    let work = 1 << 20;
    assert_eq!(scrypt(&n, &[8], &[9]), cost("scrypt work (N·r·p)", 9 * work, 8 * work));
    let memory = 129 << 20;
    let needed = ((1 << 17) + 1) * 128 * 9;
    assert_eq!(scrypt(&n, &[9], &[1]), cost("scrypt memory in bytes", needed, memory));
    assert_eq!(scrypt(&[2], &[1], &[1]), KeyError::NeedsPassphrase);
}
