//! The text of a key file: one PEM block, or one OpenSSH public key line, and nothing else.

use pkcs8::der::pem;
use zeroize::Zeroizing;

use super::KeyError;
use crate::limits;

/// The width at which RFC 7468 breaks base64 lines.
pub(super) const LINE: usize = 64;

/// What a key file holds.
pub(super) enum KeyText<'a> {
    /// The bytes of a PEM block.
    Block { label: &'a str, bytes: Zeroizing<Vec<u8>> },
    /// A line that does not start a PEM block.
    Line(&'a str),
}

impl<'a> KeyText<'a> {
    /// Reads the one key of a file. Lines may end in CRLF, and may be broken at any width.
    pub(super) fn read(file: &'a [u8]) -> Result<Self, KeyError> {
        if file.len() > limits::KEY_BYTES {
            return Err(KeyError::TooLong { bytes: file.len() });
        }
        let text = std::str::from_utf8(file).map_err(|_| KeyError::NotText)?;
        if text.contains('\0') {
            return Err(KeyError::NotText);
        }
        if text.starts_with('\u{feff}') {
            return Err(KeyError::ByteOrderMark);
        }
        match text.trim() {
            "" => Err(KeyError::Empty),
            text if begin_label(first_line(text)).is_some() => read_block(text),
            text if text.lines().any(|line| begin_label(line).is_some()) => {
                Err(KeyError::SurroundingText { place: "before" })
            }
            text => Ok(Self::Line(text)),
        }
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim_end()
}

/// The label of a line `-----BEGIN label-----`.
pub(crate) fn begin_label(line: &str) -> Option<&str> {
    line.trim_end().strip_prefix("-----BEGIN ")?.strip_suffix("-----")
}

/// The label of a line `-----END label-----`.
fn end_label(line: &str) -> Option<&str> {
    line.trim_end().strip_prefix("-----END ")?.strip_suffix("-----")
}

fn read_block(text: &str) -> Result<KeyText<'_>, KeyError> {
    let label = begin_label(first_line(text)).unwrap_or_default();
    let mut lines = text.lines().skip(1);
    let mut base64 = Zeroizing::new(String::with_capacity(text.len()));
    loop {
        match lines.next() {
            None => return Err(KeyError::Malformed { what: "the PEM block has no end" }),
            Some(line) if end_label(line) == Some(label) => break,
            Some(line) if line.starts_with("Proc-Type:") => {
                let scheme = "traditional PEM encryption".to_owned();
                return Err(KeyError::UnsupportedEncryption { scheme });
            }
            Some(line) => base64.push_str(line.trim()),
        }
    }
    let rest: Vec<&str> = lines.filter(|line| !line.trim().is_empty()).collect();
    match rest.first().copied() {
        None => Ok(KeyText::Block { label, bytes: decode(label, &base64)? }),
        // `openssl ecparam -genkey` writes the curve in a block of its own before the key.
        Some(next) if label == "EC PARAMETERS" && begin_label(next) == Some("EC PRIVATE KEY") => {
            let start = text.find("-----BEGIN EC PRIVATE KEY-----").unwrap_or_default();
            read_block(text.get(start..).unwrap_or_default())
        }
        Some(_) if rest.iter().any(|line| begin_label(line).is_some()) => {
            Err(KeyError::SeveralKeys)
        }
        Some(_) => Err(KeyError::SurroundingText { place: "after" }),
    }
}

/// Decodes in constant time, as the bytes may be secret. The decoder wants one line width.
fn decode(label: &str, base64: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    const BAD: KeyError = KeyError::Malformed { what: "the PEM block is not base64" };
    if !base64.is_ascii() || base64.is_empty() {
        return Err(BAD);
    }
    // The label is ours: the caller sorts labels, the decoder would refuse unusual ones.
    let capacity = base64.len() + base64.len() / LINE + 64 + 2 * label.len();
    let mut text = Zeroizing::new(String::with_capacity(capacity));
    text.push_str("-----BEGIN KEY-----\n");
    for line in base64.as_bytes().chunks(LINE) {
        text.push_str(std::str::from_utf8(line).map_err(|_| BAD)?);
        text.push('\n');
    }
    text.push_str("-----END KEY-----\n");
    let (_, bytes) = pem::decode_vec(text.as_bytes()).map_err(|_| BAD)?;
    Ok(Zeroizing::new(bytes))
}

/// The error of a PEM block that is not the kind of key which is needed.
pub(super) fn unfit(label: &str) -> KeyError {
    match label.strip_suffix(" PRIVATE KEY").or(label.strip_suffix(" PUBLIC KEY")) {
        Some(algorithm) => KeyError::Unsupported { algorithm: printable(algorithm) },
        None => KeyError::OtherBlock { label: printable(label) },
    }
}

/// What a message may quote of a hostile file.
pub(crate) fn printable(text: &str) -> String {
    text.chars().take(64).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
