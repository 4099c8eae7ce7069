//! OpenSSH's forms of keys: the public line, and the `openssh-key-v1` private container.
//!
//! Sources: RFC 4251 section 5, RFC 5656, RFC 8709, and `PROTOCOL.key` of OpenSSH.

use aes::cipher::{KeyIvInit as _, StreamCipher as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::pem::printable;
use super::secret::SecretKey;
use super::{KeyError, PublicKey};

/// Rounds of bcrypt_pbkdf. `ssh-keygen` does 16 or 24 unasked; 512 take some seconds.
const BCRYPT_ROUNDS: u32 = 512;

const MAGIC: &[u8] = b"openssh-key-v1\0";
const CUT: KeyError =
    KeyError::Malformed { what: "its OpenSSH encoding is cut off or inconsistent" };

/// Whether a word is the name of an OpenSSH key type, supported or not.
pub(crate) fn is_key_type(word: &str) -> bool {
    ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-", "webauthn-sk-"]
        .iter()
        .any(|start| word.starts_with(start))
        && !word.contains(['=', '"', ','])
}

/// Whether a public key line names the type that stands inside its key (`key-7`), whatever that is.
pub(crate) fn names_its_type(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    let (Some(kind), Some(base64)) = (words.next(), words.next()) else { return false };
    let blob = STANDARD.decode(base64).unwrap_or_default();
    Wire(&blob).string().is_ok_and(|inside| inside == kind.as_bytes())
}

/// Reads a file that holds one public key line, `type base64 [comment]`.
pub(super) fn read_public_text(text: &str) -> Result<PublicKey, KeyError> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let line = lines.next().ok_or(KeyError::Empty)?;
    if !line.split_ascii_whitespace().next().is_some_and(is_key_type) {
        return Err(KeyError::NotAKey);
    }
    match lines.next() {
        None => PublicKey::from_openssh(line),
        Some(next) if next.split_ascii_whitespace().next().is_some_and(is_key_type) => {
            Err(KeyError::SeveralKeys)
        }
        Some(_) => Err(KeyError::SurroundingText { place: "after" }),
    }
}

impl PublicKey {
    /// Reads an OpenSSH public key line: `type base64 [comment]`.
    pub fn from_openssh(line: &str) -> Result<Self, KeyError> {
        let mut words = line.split_ascii_whitespace();
        let (Some(kind), Some(base64)) = (words.next(), words.next()) else {
            return Err(KeyError::NotAKey);
        };
        if !matches!(kind, "ssh-ed25519" | "ecdsa-sha2-nistp256") {
            return Err(KeyError::Unsupported { algorithm: printable(kind) });
        }
        let blob = STANDARD
            .decode(base64)
            .map_err(|_| KeyError::Malformed { what: "its second word is not base64" })?;
        let mut wire = Wire(&blob);
        if wire.string()? != kind.as_bytes() {
            return Err(KeyError::Malformed { what: "its first word and its content differ" });
        }
        let key = read_public_rest(kind.as_bytes(), &mut wire)?;
        wire.end().map(|()| key)
    }
}

/// Reads what follows the type in a public key.
fn read_public_rest(kind: &[u8], wire: &mut Wire<'_>) -> Result<PublicKey, KeyError> {
    match kind {
        b"ssh-ed25519" => PublicKey::from_ed25519(wire.string()?),
        b"ecdsa-sha2-nistp256" => match wire.string()? {
            b"nistp256" => PublicKey::from_p256(wire.string()?),
            _ => Err(CUT),
        },
        other => {
            Err(KeyError::Unsupported { algorithm: printable(&String::from_utf8_lossy(other)) })
        }
    }
}

/// Reads the bytes of an `OPENSSH PRIVATE KEY` block.
pub(super) fn read_secret(bytes: &[u8], passphrase: Option<&[u8]>) -> Result<SecretKey, KeyError> {
    let mut wire = Wire(bytes.strip_prefix(MAGIC).ok_or(CUT)?);
    let cipher = wire.string()?;
    let kdf = wire.string()?;
    let kdf_options = wire.string()?;
    if wire.u32()? != 1 {
        return Err(KeyError::SeveralKeys);
    }
    let mut public = Wire(wire.string()?);
    let kind = public.string()?;
    let claimed = read_public_rest(kind, &mut public)?;
    public.end()?;
    let sealed = wire.string()?;
    wire.end()?;
    let (opened, encrypted) = match (cipher, kdf) {
        (b"none", b"none") if kdf_options.is_empty() => (Zeroizing::new(sealed.to_vec()), false),
        (b"aes256-ctr", b"bcrypt") => (decrypt(sealed, kdf_options, passphrase)?, true),
        (cipher, _) => {
            let scheme = printable(&String::from_utf8_lossy(cipher));
            return Err(KeyError::UnsupportedEncryption { scheme });
        }
    };
    let mut wire = Wire(&opened);
    // Two equal random numbers tell whether the passphrase was right.
    if wire.u32()? != wire.u32()? {
        return Err(if encrypted { KeyError::WrongPassphrase } else { CUT });
    }
    let secret = read_secret_list(kind, wire)?;
    if secret.public() != claimed { Err(KeyError::PairMismatch) } else { Ok(secret) }
}

/// Reads the decrypted part after its check numbers: one key, its comment, padding 1, 2, 3, ….
fn read_secret_list(kind: &[u8], mut wire: Wire<'_>) -> Result<SecretKey, KeyError> {
    if wire.string()? != kind {
        return Err(CUT);
    }
    let public = read_public_rest(kind, &mut wire)?;
    let secret = match kind {
        b"ssh-ed25519" => {
            // The seed, and the public key once more.
            let (seed, again) = wire.string()?.split_first_chunk::<32>().ok_or(CUT)?;
            if PublicKey::from_ed25519(again)? != public {
                return Err(KeyError::PairMismatch);
            }
            SecretKey::from_ed25519(seed)
        }
        _ => {
            let mut scalar = Zeroizing::new([0; 32]);
            let digits = wire.string()?;
            // A signed number: a zero byte keeps a high bit from being a sign, no other is written.
            let digits = digits.strip_prefix(&[0]).unwrap_or(digits);
            let start = scalar.len().checked_sub(digits.len()).ok_or(CUT)?;
            scalar[start..].copy_from_slice(digits);
            SecretKey::from_p256(&*scalar)?
        }
    };
    let _comment = wire.string()?;
    let padding = wire.0;
    if padding.len() > 16 || padding.iter().zip(1..).any(|(found, wanted)| *found != wanted) {
        return Err(CUT);
    }
    if secret.public() != public { Err(KeyError::PairMismatch) } else { Ok(secret) }
}

/// Opens the private part: bcrypt_pbkdf gives the key and the first counter of AES-256-CTR.
fn decrypt(
    sealed: &[u8],
    kdf_options: &[u8],
    passphrase: Option<&[u8]>,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut wire = Wire(kdf_options);
    let salt = wire.string()?;
    let rounds = wire.u32()?;
    wire.end()?;
    if rounds > BCRYPT_ROUNDS {
        let (found, limit) = (rounds.into(), BCRYPT_ROUNDS.into());
        return Err(KeyError::Cost { parameter: "number of bcrypt rounds", found, limit });
    }
    if rounds == 0 || salt.is_empty() || sealed.is_empty() || !sealed.len().is_multiple_of(16) {
        return Err(CUT);
    }
    let passphrase = passphrase.ok_or(KeyError::NeedsPassphrase)?;
    if passphrase.is_empty() {
        return Err(KeyError::WrongPassphrase);
    }
    let mut derived = Zeroizing::new([0; 48]);
    bcrypt_pbkdf::bcrypt_pbkdf(passphrase, salt, rounds, derived.as_mut_slice())
        .map_err(|_| CUT)?;
    let (key, counter) = derived.split_at(32);
    let mut opened = Zeroizing::new(sealed.to_vec());
    let mut cipher =
        ctr::Ctr128BE::<aes::Aes256>::new_from_slices(key, counter).map_err(|_| CUT)?;
    cipher.apply_keystream(&mut opened);
    Ok(opened)
}

/// The data types of RFC 4251, read from the front.
struct Wire<'a>(&'a [u8]);

impl<'a> Wire<'a> {
    fn u32(&mut self) -> Result<u32, KeyError> {
        let (number, rest) = self.0.split_first_chunk::<4>().ok_or(CUT)?;
        self.0 = rest;
        Ok(u32::from_be_bytes(*number))
    }

    fn string(&mut self) -> Result<&'a [u8], KeyError> {
        let length = usize::try_from(self.u32()?).map_err(|_| CUT)?;
        let (string, rest) = self.0.split_at_checked(length).ok_or(CUT)?;
        self.0 = rest;
        Ok(string)
    }

    fn end(&self) -> Result<(), KeyError> {
        if self.0.is_empty() { Ok(()) } else { Err(CUT) }
    }
}
