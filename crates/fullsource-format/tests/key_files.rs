//! Key files that are broken, hostile, or not what was asked for: each has its own error.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::time::{Duration, Instant};

use fullsource_format::key::{KeyError, KeyType, PublicKey, SecretKey};
use fullsource_format::limits;
use getrandom::SysRng;
use proptest::prelude::*;

fn ed25519() -> SecretKey {
    SecretKey::generate(KeyType::Ed25519, &mut SysRng).unwrap()
}

fn public_error(text: impl AsRef<[u8]>) -> KeyError {
    PublicKey::from_text(text.as_ref()).unwrap_err()
}

fn secret_error(text: impl AsRef<[u8]>) -> KeyError {
    SecretKey::from_text(text.as_ref(), Some(b"pw")).unwrap_err()
}

fn spki(key: &[u8; 32]) -> Vec<u8> {
    let head = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
    head.iter().chain(key).copied().collect()
}

fn armour(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----\n")
}

#[test]
fn what_is_not_one_key_is_refused_and_said() {
    let pem = ed25519().public().to_pem();
    let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";
    let malformed = |what| KeyError::Malformed { what };
    let cases: Vec<(Vec<u8>, KeyError)> = vec![
        ("".into(), KeyError::Empty),
        (" \r\n\t\n".into(), KeyError::Empty),
        ("\u{feff}".to_owned().into_bytes(), KeyError::ByteOrderMark),
        (format!("\u{feff}{pem}").into(), KeyError::ByteOrderMark),
        (b"0\x82\x01\x22".to_vec(), KeyError::NotText),
        (b"ssh-ed25519 \0".to_vec(), KeyError::NotText),
        (pem.encode_utf16().flat_map(u16::to_le_bytes).collect(), KeyError::NotText),
        ("{\"keytype\": \"ed25519\"}".into(), KeyError::NotAKey),
        ("untrusted comment: minisign public key".into(), KeyError::NotAKey),
        (format!("{pem}{pem}").into(), KeyError::SeveralKeys),
        (format!("{line}\n{line}\n").into(), KeyError::SeveralKeys),
        (format!("{pem}x\n").into(), KeyError::SurroundingText { place: "after" }),
        (format!("{line}\nx\n").into(), KeyError::SurroundingText { place: "after" }),
        (format!("{line}\n{pem}").into(), KeyError::SurroundingText { place: "before" }),
        (format!("x\n{pem}").into(), KeyError::SurroundingText { place: "before" }),
        (pem[..pem.len() - 9].into(), malformed("the PEM block has no end")),
        (pem.replace("MCow", "M*ow").into(), malformed("the PEM block is not base64")),
        (pem.replace("MCow", "").into(), malformed("it is not a DER SubjectPublicKeyInfo")),
        (pem.replace("MCow", "\u{e9}MCow").into(), malformed("the PEM block is not base64")),
        (
            armour("CERTIFICATE", b"x").into(),
            KeyError::OtherBlock { label: "CERTIFICATE".to_owned() },
        ),
        (
            armour("RSA PUBLIC KEY", b"x").into(),
            KeyError::Unsupported { algorithm: "RSA".to_owned() },
        ),
        (armour("EC PRIVATE KEY", b"x").into(), KeyError::PrivateGiven),
        ("ssh-ed25519".into(), KeyError::NotAKey),
        ("ssh-ed25519 A".into(), malformed("its second word is not base64")),
        (
            line.replace("ssh-ed25519 ", "ecdsa-sha2-nistp256 ").into(),
            malformed("its first word and its content differ"),
        ),
        (
            line.replace("SqtiA", "Sqti").replace("Sqti", "SqtiAAAA").into(),
            malformed("its OpenSSH encoding is cut off or inconsistent"),
        ),
        (
            "sk-ssh-ed25519@openssh.com AAAA".into(),
            KeyError::Unsupported { algorithm: "sk-ssh-ed25519@openssh.com".to_owned() },
        ),
    ];
    for (file, error) in cases {
        assert_eq!(public_error(&file), error, "{}", String::from_utf8_lossy(&file));
        assert!(!error.help().is_empty() && !error.to_string().ends_with('.'));
    }
    let long = vec![b'a'; limits::KEY_BYTES + 1];
    assert_eq!(public_error(&long), KeyError::TooLong { bytes: long.len() });
    assert_eq!(secret_error(&long), KeyError::TooLong { bytes: long.len() });
    assert_eq!(secret_error(line), KeyError::PublicGiven);
    assert_eq!(secret_error(&pem), KeyError::PublicGiven);
    assert_eq!("rsa".parse::<KeyType>(), Err(KeyError::UnknownType { found: "rsa".to_owned() }));
}

#[test]
fn a_key_type_is_read_by_its_name() {
    for (name, key_type) in [("ed25519", KeyType::Ed25519), ("p256", KeyType::P256)] {
        assert_eq!((name.parse(), key_type.to_string()), (Ok(key_type), name.to_owned()));
    }
    assert!("rsa".parse::<KeyType>().is_err());
}

#[test]
fn harmless_differences_of_the_file_do_not_matter() {
    let key = ed25519().public();
    let pem = key.to_pem();
    let unbroken = pem.replace('\n', "").replace("-----M", "-----\nM").replace("=-", "=\n-");
    for text in [pem.replace('\n', "\r\n"), format!("\n\n{pem}\n \n"), pem.trim().into(), unbroken]
    {
        assert_eq!(PublicKey::from_text(text.as_bytes()).as_ref(), Ok(&key), "{text:?}");
    }
    assert_eq!(key.key_id().to_string().parse(), Ok(key.key_id()));
    assert_eq!(key.key_id().to_string().len(), 44);
}

#[test]
fn weak_and_doubly_spelled_ed25519_points_are_refused() {
    let mut identity = [0; 32];
    identity[0] = 1;
    assert_eq!(public_error(armour("PUBLIC KEY", &spki(&identity))), KeyError::Weak);
    assert_eq!(public_error(armour("PUBLIC KEY", &spki(&[0; 32]))), KeyError::Weak);
    let mut refused = 0;
    // y + p for the small y: 2^255 - 19 + y.
    for y in 2..19 {
        let mut point = [0xff; 32];
        (point[0], point[31]) = (0xed + y, 0x7f);
        match PublicKey::from_spki_der(&spki(&point)) {
            Err(KeyError::NonCanonical) => refused += 1,
            Err(KeyError::NotAPoint) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(refused > 0);
}

#[test]
fn p256_points_have_two_spellings_and_one_identity() {
    let key = SecretKey::generate(KeyType::P256, &mut SysRng).unwrap().public();
    let der = key.to_spki_der();
    let (head, point) = der.split_at(26);
    let short = |tag: u8| {
        let mut der = vec![0x30, 0x39];
        der.extend_from_slice(&head[2..23]);
        der.extend_from_slice(&[3, 0x22, 0, tag]);
        der.extend_from_slice(&point[1..33]);
        der
    };
    let compressed = PublicKey::from_spki_der(&short(2 + (point[64] & 1))).unwrap();
    assert_eq!((&compressed, compressed.key_id()), (&key, key.key_id()));
    // The compact tag of SEC1 drafts, and a point off the curve.
    assert!(matches!(PublicKey::from_spki_der(&short(5)), Err(KeyError::Malformed { .. })));
    let mut off = der.to_vec();
    off[90] ^= 1;
    assert_eq!(PublicKey::from_spki_der(&off), Err(KeyError::NotAPoint));
}

#[test]
fn a_private_key_beside_another_public_key_is_refused() {
    let (one, other) = (ed25519(), ed25519());
    let pem = one.to_pem(None, &mut SysRng).unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let v1 = {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.decode(body).unwrap()
    };
    assert_eq!((v1.len(), v1[4]), (48, 0), "PKCS#8 v1, without public key");
    let v2 = |public: &PublicKey| {
        let mut der = v1.clone();
        (der[1], der[4]) = (0x51, 1);
        der.extend_from_slice(&[0x81, 0x21, 0]);
        der.extend_from_slice(&public.to_spki_der()[12..]);
        armour("PRIVATE KEY", &der)
    };
    let read = SecretKey::from_text(v2(&one.public()).as_bytes(), None).unwrap();
    assert_eq!(read.public(), one.public());
    assert_eq!(secret_error(v2(&other.public())), KeyError::PairMismatch);
}

/// An EncryptedPrivateKeyInfo with these KDF parameters, AES-256-CBC and rubbish inside.
fn sealed(kdf: &[u8], parameters: &[u8]) -> String {
    let seq = |tag: u8, parts: &[&[u8]]| {
        let body = parts.concat();
        let length = u8::try_from(body.len()).unwrap();
        let head = if length < 128 { vec![tag, length] } else { vec![tag, 0x81, length] };
        [head, body].concat()
    };
    let kdf = seq(0x30, &[&seq(6, &[kdf]), &seq(0x30, &[parameters])]);
    let aes = [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 0x2a];
    let cipher = seq(0x30, &[&seq(6, &[&aes]), &seq(4, &[&[7; 16]])]);
    let pbes2 = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 0x0d];
    let scheme = seq(0x30, &[&seq(6, &[&pbes2]), &seq(0x30, &[&kdf, &cipher])]);
    armour("ENCRYPTED PRIVATE KEY", &seq(0x30, &[&scheme, &seq(4, &[&[9; 48]])]))
}

#[test]
fn a_hostile_key_file_cannot_cost_much_time_or_memory() {
    const SCRYPT: &[u8] = &[0x2b, 6, 1, 4, 1, 0xda, 0x47, 4, 0x0b];
    const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 0x0c];
    let start = Instant::now();
    let scrypt = |n: &[u8], r: &[u8], p: &[u8]| {
        secret_error(sealed(SCRYPT, &[&[4, 2, 1, 2], n, r, p].concat()))
    };
    let cost = |error: KeyError| match error {
        KeyError::Cost { parameter, found, limit } if found > limit => parameter,
        other => panic!("{other:?}"),
    };
    let (one, eight) = ([2, 1, 1], [2, 1, 8]);
    assert_eq!(cost(scrypt(&[2, 3, 4, 0, 0], &eight, &one)), "scrypt memory in bytes");
    assert_eq!(
        cost(scrypt(&[2, 8, 0x40, 0, 0, 0, 0, 0, 0, 0], &eight, &one)),
        "scrypt memory in bytes"
    );
    assert_eq!(
        cost(scrypt(&[2, 2, 0x40, 0], &[2, 3, 0, 0xff, 0xff], &one)),
        "scrypt memory in bytes"
    );
    assert_eq!(cost(scrypt(&[2, 2, 0x40, 0], &eight, &[2, 2, 0x7f, 0xff])), "scrypt work (N·r·p)");
    // N = 0 makes pkcs5 panic.
    for n in [[2, 1, 0], [2, 1, 1], [2, 1, 3]] {
        assert!(matches!(scrypt(&n, &eight, &one), KeyError::Malformed { .. }), "{n:?}");
    }
    assert!(matches!(scrypt(&[2, 1, 2], &[2, 1, 0], &one), KeyError::Malformed { .. }));
    let prf = [0x30, 0x0c, 6, 8, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 9, 5, 0];
    let rounds =
        |rounds: &[u8]| secret_error(sealed(PBKDF2, &[&[4, 2, 1, 2], rounds, &prf].concat()));
    assert_eq!(cost(rounds(&[2, 4, 0x7f, 0, 0, 0])), "number of PBKDF2 rounds");
    assert_eq!(rounds(&[2, 1, 9]), KeyError::WrongPassphrase);
    let openssh = {
        let string = |s: &[u8]| [&u32::try_from(s.len()).unwrap().to_be_bytes(), s].concat();
        let options = [string(&[7; 16]), u32::MAX.to_be_bytes().to_vec()].concat();
        let public = [string(b"ssh-ed25519"), string(&ed25519().public().to_spki_der()[12..])];
        let parts = [string(b"aes256-ctr"), string(b"bcrypt"), string(&options)];
        let rest = [vec![0, 0, 0, 1], string(&public.concat()), string(&[0; 160])];
        [b"openssh-key-v1\0".to_vec(), parts.concat(), rest.concat()].concat()
    };
    let openssh = armour("OPENSSH PRIVATE KEY", &openssh);
    assert_eq!(cost(secret_error(&openssh)), "number of bcrypt rounds");
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn secrets_are_not_printed_and_an_empty_passphrase_is_refused() {
    let key = ed25519();
    assert_eq!(format!("{key:?}"), "SecretKey(ed25519 ..)");
    assert_eq!(key.to_pem(Some(b""), &mut SysRng).unwrap_err(), KeyError::EmptyPassphrase);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_file_makes_reading_panic(bytes: Vec<u8>) {
        let _ = PublicKey::from_text(&bytes);
        let _ = PublicKey::from_spki_der(&bytes);
        let labels = ["PUBLIC KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY", "EC PRIVATE KEY",
            "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY"];
        for label in labels {
            let _ = PublicKey::from_text(armour(label, &bytes).as_bytes());
            let _ = SecretKey::from_text(armour(label, &bytes).as_bytes(), Some(b"pw"));
        }
    }

    #[test]
    fn a_damaged_key_file_is_an_error_or_another_key(at in 0usize..600, bit in 0u32..8, which in 0usize..4) {
        let files = [
            include_bytes!("data/keys/openssh-ed25519").as_slice(),
            include_bytes!("data/keys/openssh-p256-encrypted"),
            include_bytes!("data/keys/pkcs8-p256"),
            include_bytes!("data/keys/pkcs8-ed25519-scrypt"),
        ];
        let mut file = files[which].to_vec();
        let at = at % file.len();
        file[at] ^= 1 << bit;
        if let Ok(key) = SecretKey::from_text(&file, Some(b"pw")) {
            prop_assert_eq!(key.public().verify(b"m", &key.sign(b"m")), Ok(()));
        }
        let _ = PublicKey::from_text(&file);
    }
}
