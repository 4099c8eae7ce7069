//! Keys exchanged with the programs that people have: `openssl` and `ssh-keygen`, in both
//! directions. A program that is not installed is passed over.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::fs;
use std::path::Path;
use std::process::Command;

use fullsource_format::key::{KeyError, KeyType, PublicKey, SecretKey};
use getrandom::SysRng;
use tempfile::TempDir;

const MESSAGE: &[u8] = b"what is signed";
const TYPES: [KeyType; 2] = [KeyType::Ed25519, KeyType::P256];

/// Runs a program in a directory; its words are separated by one space, `~` stands for no word.
/// `None` when it is not installed, else whether it succeeded.
fn run(dir: &Path, command: &str) -> Option<bool> {
    let mut words = command.split(' ').map(|word| if word == "~" { "" } else { word });
    let mut program = Command::new(words.next()?);
    match program.args(words).current_dir(dir).output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            if !output.status.success() {
                println!("{command}: {said}");
            }
            Some(output.status.success())
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => panic!("{command}: {error}"),
    }
}

fn read(dir: &TempDir, name: &str) -> Vec<u8> {
    fs::read(dir.path().join(name)).unwrap()
}

#[test]
fn openssl_reads_our_keys_and_accepts_our_signatures() {
    for key_type in TYPES {
        for passphrase in [None, Some("a pass phrase")] {
            let dir = TempDir::new().unwrap();
            let write = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).unwrap();
            let key = SecretKey::generate(key_type, &mut SysRng).unwrap();
            let pem = key.to_pem(passphrase.map(str::as_bytes), &mut SysRng).unwrap();
            write("a.key", pem.as_bytes());
            write("a.pub", key.public().to_pem().as_bytes());
            write("pass", passphrase.unwrap_or("unused").as_bytes());
            write("message", MESSAGE);
            write("sig", &key.sign(MESSAGE));
            let pkey = "openssl pkey -in a.key -passin file:pass -pubout -out b.pub";
            let Some(read_it) = run(dir.path(), pkey) else { return };
            assert!(read_it, "{key_type}");
            assert_eq!(read(&dir, "b.pub"), read(&dir, "a.pub"));
            let digest = if key_type == KeyType::P256 { " -digest sha256" } else { "" };
            let verify =
                "openssl pkeyutl -verify -pubin -inkey a.pub -rawin -in message -sigfile sig";
            assert_eq!(run(dir.path(), &format!("{verify}{digest}")), Some(true), "{key_type}");
            let sign =
                "openssl pkeyutl -sign -inkey a.key -passin file:pass -rawin -in message -out s2";
            assert_eq!(run(dir.path(), &format!("{sign}{digest}")), Some(true), "{key_type}");
            assert_eq!(key.public().verify(MESSAGE, &read(&dir, "s2")), Ok(()));
        }
    }
}

#[test]
fn keys_made_by_openssl_are_read_plain_and_under_both_key_derivations() {
    let dir = TempDir::new().unwrap();
    let made = [
        ("ed25519", "openssl genpkey -algorithm ed25519 -out plain"),
        ("p256", "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out plain"),
        ("compressed", "openssl ecparam -name prime256v1 -genkey -conv_form compressed -out plain"),
        ("sec1", "openssl ecparam -name prime256v1 -genkey -out plain"),
        ("sec1 alone", "openssl ecparam -name prime256v1 -genkey -noout -out plain"),
    ];
    for (name, command) in made {
        let Some(true) = run(dir.path(), command) else { return };
        assert_eq!(run(dir.path(), "openssl pkey -in plain -pubout -out public"), Some(true));
        let key = SecretKey::from_text(&read(&dir, "plain"), None).unwrap();
        assert_eq!(PublicKey::from_text(&read(&dir, "public")), Ok(key.public()), "{name}");
        for scheme in ["-v2 aes-256-cbc", "-v2 aes-128-cbc -v2prf hmacWithSHA512", "-scrypt"] {
            let encrypt =
                format!("openssl pkcs8 -topk8 {scheme} -in plain -out sealed -passout pass:pw");
            assert_eq!(run(dir.path(), &encrypt), Some(true), "{name} {scheme}");
            let sealed = read(&dir, "sealed");
            let opened = SecretKey::from_text(&sealed, Some(b"pw")).unwrap();
            assert_eq!(opened.public(), key.public(), "{name} {scheme}");
            let wrong = SecretKey::from_text(&sealed, Some(b"px")).unwrap_err();
            assert_eq!(wrong, KeyError::WrongPassphrase, "{name} {scheme}");
            let none = SecretKey::from_text(&sealed, None).unwrap_err();
            assert_eq!(none, KeyError::NeedsPassphrase, "{name} {scheme}");
        }
    }
}

#[test]
fn keys_of_other_types_are_refused_by_name() {
    let dir = TempDir::new().unwrap();
    let made = [
        ("RSA", "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out key"),
        ("P-384", "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out key"),
        ("P-384", "openssl ecparam -name secp384r1 -genkey -noout -out key"),
        ("Ed448", "openssl genpkey -algorithm ed448 -out key"),
        ("X25519", "openssl genpkey -algorithm x25519 -out key"),
    ];
    for (algorithm, command) in made {
        let Some(true) = run(dir.path(), command) else { return };
        assert_eq!(run(dir.path(), "openssl pkey -in key -pubout -out public"), Some(true));
        let unsupported = KeyError::Unsupported { algorithm: algorithm.to_owned() };
        assert_eq!(PublicKey::from_text(&read(&dir, "public")), Err(unsupported.clone()));
        assert_eq!(SecretKey::from_text(&read(&dir, "key"), None).unwrap_err(), unsupported);
        assert_eq!(PublicKey::from_text(&read(&dir, "key")), Err(KeyError::PrivateGiven));
        assert_eq!(
            SecretKey::from_text(&read(&dir, "public"), None).unwrap_err(),
            KeyError::PublicGiven
        );
    }
    let old = "openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES -in key -out sealed -passout pass:pw";
    let Some(true) = run(dir.path(), old) else { return };
    let refused = SecretKey::from_text(&read(&dir, "sealed"), Some(b"pw")).unwrap_err();
    assert!(matches!(refused, KeyError::UnsupportedEncryption { .. }), "{refused}");
}

#[test]
fn openssh_keys_are_read_plain_and_encrypted() {
    for (kind, key_type) in [("ed25519", KeyType::Ed25519), ("ecdsa", KeyType::P256)] {
        let dir = TempDir::new().unwrap();
        let keygen = format!("ssh-keygen -q -t {kind} -C a~comment -f key -N");
        let Some(true) = run(dir.path(), &format!("{keygen} ~")) else { return };
        let public = PublicKey::from_text(&read(&dir, "key.pub")).unwrap();
        let key = SecretKey::from_text(&read(&dir, "key"), None).unwrap();
        assert_eq!((key.public(), key.key_type()), (public.clone(), key_type));
        assert_eq!(public.verify(MESSAGE, &key.sign(MESSAGE)), Ok(()));
        assert_eq!(run(dir.path(), "ssh-keygen -q -p -P ~ -N pw -f key"), Some(true));
        let sealed = read(&dir, "key");
        assert_eq!(SecretKey::from_text(&sealed, Some(b"pw")).unwrap().public(), public);
        assert_eq!(
            SecretKey::from_text(&sealed, Some(b"px")).unwrap_err(),
            KeyError::WrongPassphrase
        );
        assert_eq!(SecretKey::from_text(&sealed, None).unwrap_err(), KeyError::NeedsPassphrase);
        let cipher = "ssh-keygen -q -p -Z aes256-cbc -P pw -N pw -f key";
        assert_eq!(run(dir.path(), cipher), Some(true));
        let refused = SecretKey::from_text(&read(&dir, "key"), Some(b"pw")).unwrap_err();
        assert_eq!(refused, KeyError::UnsupportedEncryption { scheme: "aes256-cbc".to_owned() });
    }
}

#[test]
fn openssh_files_of_other_types_are_refused_by_name() {
    let dir = TempDir::new().unwrap();
    for (options, name) in [
        ("-t rsa -b 1024", "ssh-rsa"),
        ("-t ecdsa -b 384", "ecdsa-sha2-nistp384"),
        ("-t ecdsa -b 521", "ecdsa-sha2-nistp521"),
    ] {
        let _ = fs::remove_file(dir.path().join("key"));
        let keygen = format!("ssh-keygen -q {options} -f key -N ~");
        let Some(true) = run(dir.path(), &keygen) else { return };
        let unsupported = KeyError::Unsupported { algorithm: name.to_owned() };
        assert_eq!(PublicKey::from_text(&read(&dir, "key.pub")), Err(unsupported.clone()));
        assert_eq!(SecretKey::from_text(&read(&dir, "key"), None).unwrap_err(), unsupported);
        assert_eq!(PublicKey::from_text(&read(&dir, "key")), Err(KeyError::PrivateGiven));
    }
}

/// OpenSSH writes the secret number without leading zero bytes, so one key in 256 is shorter.
#[test]
fn an_openssh_p256_key_with_a_short_secret_is_read() {
    let dir = TempDir::new().unwrap();
    let curve = "1.2.840.10045.3.1.7";
    // A key whose secret starts with two zero bytes, through PKCS#8, which `ssh-keygen` converts.
    let scalar: Vec<u8> = std::iter::repeat_n(0, 2).chain(3..33).collect();
    let hex: String = scalar.iter().map(|b| format!("{b:02x}")).collect();
    let asn1 = format!(
        "asn1=SEQUENCE:key\n[key]\nversion=INTEGER:1\nscalar=FORMAT:HEX,OCTETSTRING:{hex}\n\
         curve=EXPLICIT:0,OID:{curve}\n"
    );
    fs::write(dir.path().join("asn1"), asn1).unwrap();
    let commands = [
        "openssl asn1parse -genconf asn1 -noout -out der",
        "openssl ec -inform DER -in der -out key",
        "chmod 600 key",
    ];
    for command in commands {
        let Some(true) = run(dir.path(), command) else { return };
    }
    let before = SecretKey::from_text(&read(&dir, "key"), None).unwrap();
    let Some(true) = run(dir.path(), "ssh-keygen -q -p -P ~ -N ~ -f key") else { return };
    let file = read(&dir, "key");
    assert!(file.starts_with(b"-----BEGIN OPENSSH PRIVATE KEY-----"));
    assert_eq!(SecretKey::from_text(&file, None).unwrap().public(), before.public());
}
