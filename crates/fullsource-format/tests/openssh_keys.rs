//! The private container of OpenSSH, built here part by part: one part is wrong at a time.
#![allow(clippy::unwrap_used)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fullsource_format::key::{KeyError, KeyType, PublicKey, SecretKey};

const SECRET: [u8; 32] = [7; 32];
const CUT: KeyError =
    KeyError::Malformed { what: "its OpenSSH encoding is cut off or inconsistent" };

fn armour(label: &str, bytes: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(bytes))
}

fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

/// The key whose secret is `SECRET`, as OpenSSL would write it.
fn key(key_type: KeyType) -> SecretKey {
    let (label, head, tail): (_, &[u8], &[u8]) = match key_type {
        KeyType::Ed25519 => ("PRIVATE KEY", b"0.\x02\x01\x000\x05\x06\x03+ep\x04\x22\x04\x20", b""),
        KeyType::P256 => (
            "EC PRIVATE KEY",
            b"01\x02\x01\x01\x04\x20",
            b"\xa0\x0a\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07",
        ),
    };
    SecretKey::from_text(armour(label, &[head, &SECRET, tail].concat()).as_bytes(), None).unwrap()
}

/// What follows the magic word, `PROTOCOL.key` of OpenSSH.
#[derive(Clone)]
struct Container {
    cipher: &'static [u8],
    kdf: &'static [u8],
    options: Vec<u8>,
    count: u32,
    public: Vec<u8>,
    after_public: &'static [u8],
    checks: [u8; 8],
    inner: Inner,
    after: &'static [u8],
}

/// What the encryption is for.
#[derive(Clone)]
struct Inner {
    kind: Vec<u8>,
    public: Vec<u8>,
    secret: Vec<u8>,
    padding: Vec<u8>,
}

impl Container {
    fn of(key_type: KeyType) -> Self {
        let (kind, public, secret) = parts(key_type);
        Self {
            cipher: b"none",
            kdf: b"none",
            options: Vec::new(),
            count: 1,
            public: [string(&kind), public.clone()].concat(),
            after_public: b"",
            checks: *b"samesame",
            inner: Inner { kind, public, secret, padding: vec![1, 2, 3] },
            after: b"",
        }
    }

    fn read(&self, passphrase: Option<&[u8]>) -> Result<PublicKey, KeyError> {
        let Inner { kind, public, secret, padding } = &self.inner;
        let opened = [string(kind), public.clone(), string(secret), string(b"a comment")].concat();
        let sealed = [self.checks.as_slice(), &opened, padding].concat();
        let outer = [string(self.cipher), string(self.kdf), string(&self.options)].concat();
        let public = string(&[&self.public, self.after_public].concat());
        let count = self.count.to_be_bytes();
        let all = [b"openssh-key-v1\0", &outer[..], &count, &public, &string(&sealed), self.after];
        let file = armour("OPENSSH PRIVATE KEY", &all.concat());
        SecretKey::from_text(file.as_bytes(), passphrase).map(|key| key.public())
    }
}

/// The type, what follows it in the public key, and the secret.
fn parts(key_type: KeyType) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let public = key(key_type).public();
    match key_type {
        KeyType::Ed25519 => {
            let point = &public.to_spki_der()[12..];
            (b"ssh-ed25519".to_vec(), string(point), [&SECRET, point].concat())
        }
        KeyType::P256 => {
            let curve = [string(b"nistp256"), string(&public.to_spki_der()[26..])];
            (b"ecdsa-sha2-nistp256".to_vec(), curve.concat(), SECRET.to_vec())
        }
    }
}

/// Another valid key: what follows the type.
fn other_public(key_type: KeyType) -> Vec<u8> {
    let mut rng = getrandom::SysRng;
    let other = SecretKey::generate(key_type, &mut rng).unwrap().public();
    match key_type {
        KeyType::Ed25519 => string(&other.to_spki_der()[12..]),
        KeyType::P256 => [string(b"nistp256"), string(&other.to_spki_der()[26..])].concat(),
    }
}

const TYPES: [KeyType; 2] = [KeyType::Ed25519, KeyType::P256];

#[test]
fn a_container_is_read_with_up_to_sixteen_bytes_of_padding() {
    for key_type in TYPES {
        for most in [0, 1, 16] {
            let mut container = Container::of(key_type);
            container.inner.padding = (1..=most).collect();
            assert_eq!(container.read(None), Ok(key(key_type).public()), "{key_type} {most}");
        }
    }
    let mut signed = Container::of(KeyType::P256);
    signed.inner.secret.insert(0, 0);
    assert_eq!(signed.read(None), Ok(key(KeyType::P256).public()));
}

#[test]
fn a_container_with_one_wrong_part_is_refused() {
    type Damage = fn(&mut Container);
    let cases: [(KeyError, Damage); 11] = [
        (KeyError::SeveralKeys, |c| c.count = 2),
        (CUT, |c| c.checks[7] ^= 1),
        (CUT, |c| c.inner.padding = (1..=17).collect()),
        (CUT, |c| c.inner.padding = vec![1, 2, 4]),
        (CUT, |c| c.inner.kind.push(b'x')),
        (CUT, |c| c.after_public = b"x"),
        (CUT, |c| c.after = b"x"),
        (KeyError::UnsupportedEncryption { scheme: "none".to_owned() }, |c| c.kdf = b"bcrypt"),
        (KeyError::UnsupportedEncryption { scheme: "aes256-ctr".to_owned() }, |c| {
            c.cipher = b"aes256-ctr";
        }),
        (KeyError::UnsupportedEncryption { scheme: "none".to_owned() }, |c| c.options = vec![1]),
        (KeyError::UnsupportedEncryption { scheme: "3des".to_owned() }, |c| c.cipher = b"3des"),
    ];
    for key_type in TYPES {
        for (nth, (error, damage)) in cases.iter().enumerate() {
            let mut container = Container::of(key_type);
            damage(&mut container);
            assert_eq!(container.read(Some(b"pw")), Err(error.clone()), "{key_type} {nth}");
        }
    }
}

#[test]
fn a_secret_of_another_length_is_refused() {
    let read = |key_type, secret: Vec<u8>| {
        let mut container = Container::of(key_type);
        container.inner.secret = secret;
        container.read(None)
    };
    assert_eq!(read(KeyType::Ed25519, vec![7; 31]), Err(CUT));
    assert_eq!(read(KeyType::P256, vec![7; 33]), Err(CUT));
    let zero = KeyError::Malformed { what: "its number is not a P-256 scalar" };
    assert_eq!(read(KeyType::P256, Vec::new()), Err(zero));
}

/// Whoever reads the public half sees one key, and whoever signs uses another.
#[test]
fn a_container_of_two_keys_that_say_to_be_one_is_refused() {
    for key_type in TYPES {
        let (kind, _, _) = parts(key_type);
        let mut outside = Container::of(key_type);
        outside.public = [string(&kind), other_public(key_type)].concat();
        let mut inside = Container::of(key_type);
        inside.inner.public = other_public(key_type);
        for container in [outside, inside] {
            assert_eq!(container.read(None), Err(KeyError::PairMismatch), "{key_type}");
        }
    }
    let mut again = Container::of(KeyType::Ed25519);
    again.inner.secret.truncate(32);
    again.inner.secret.extend_from_slice(&other_public(KeyType::Ed25519)[4..]);
    assert_eq!(again.read(None), Err(KeyError::PairMismatch));
    let mut curve = Container::of(KeyType::P256);
    let at = curve.public.len() - 65 - 4 - 1;
    curve.public[at] = b'7';
    assert_eq!(curve.read(None), Err(CUT));
}

/// Before a passphrase is asked for, what cannot be opened with any is refused.
#[test]
fn an_encrypted_container_says_what_it_needs() {
    let read = |salt: &[u8], rounds: u32, length: usize, passphrase: Option<&[u8]>| {
        let mut container = Container::of(KeyType::Ed25519);
        (container.cipher, container.kdf) = (b"aes256-ctr", b"bcrypt");
        container.options = [string(salt), rounds.to_be_bytes().to_vec()].concat();
        let now = 8 + 15 + 36 + 68 + 13;
        container.inner.padding = vec![9; length.saturating_sub(now)];
        container.read(passphrase).unwrap_err()
    };
    assert_eq!(read(&[7; 16], 512, 160, None), KeyError::NeedsPassphrase);
    let (found, limit) = (513, 512);
    let cost = KeyError::Cost { parameter: "number of bcrypt rounds", found, limit };
    assert_eq!(read(&[7; 16], 513, 160, None), cost);
    assert_eq!(read(&[7; 16], 0, 160, None), CUT);
    assert_eq!(read(&[], 1, 160, None), CUT);
    assert_eq!(read(&[7; 16], 1, 161, None), CUT);
    assert_eq!(read(&[7; 16], 1, 160, Some(b"")), KeyError::WrongPassphrase);
    assert_eq!(read(&[7; 16], 1, 160, Some(b"pw")), KeyError::WrongPassphrase);
}

/// What `ssh-keygen` and OpenSSL wrote once, where neither is there to write it again.
#[test]
fn keys_of_other_programs_are_read() {
    let files: [(&[u8], KeyType, bool); 4] = [
        (include_bytes!("data/keys/openssh-ed25519"), KeyType::Ed25519, false),
        (include_bytes!("data/keys/openssh-p256-encrypted"), KeyType::P256, true),
        (include_bytes!("data/keys/pkcs8-p256"), KeyType::P256, false),
        (include_bytes!("data/keys/pkcs8-ed25519-scrypt"), KeyType::Ed25519, true),
    ];
    for (file, key_type, sealed) in files {
        let read = |passphrase| SecretKey::from_text(file, passphrase);
        let key = read(Some(b"pw")).unwrap();
        assert_eq!(key.key_type(), key_type);
        assert_eq!(key.public().verify(b"m", &key.sign(b"m")), Ok(()));
        assert!(key.public().verify(b"n", &key.sign(b"m")).is_err());
        if sealed {
            assert_eq!(read(None).unwrap_err(), KeyError::NeedsPassphrase);
            assert_eq!(read(Some(b"px")).unwrap_err(), KeyError::WrongPassphrase);
        } else {
            assert_eq!(read(None).unwrap().public(), key.public());
        }
    }
}
