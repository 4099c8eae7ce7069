//! One line of a file index: the form that every producer writes, read directly, and any other JSON
//! spelling of it, read by the general reader.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};

use super::IndexEntry;
use crate::digest::{Blake3, Sha256, hex};
use crate::json::{self, JsonError, UnknownFields};
use crate::limits;
use crate::path::{self, RelPath};
use crate::text::Count;

/// What a line says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub(super) path: Cow<'a, str>,
    pub(super) size: u64,
    pub(super) sha256: Sha256,
    pub(super) blake3: Option<Blake3>,
}

impl Line<'_> {
    pub(super) fn entry(&self) -> IndexEntry<'_> {
        let Self { path, size, sha256, blake3 } = self;
        IndexEntry { path, size: *size, sha256: *sha256, blake3: *blake3 }
    }
}

/// Reads a line without its newline.
pub(super) fn read(line: &[u8], unknown: UnknownFields) -> Result<Line<'_>, JsonError> {
    match read_plain(line) {
        Some(plain) => Ok(plain),
        None => read_any(line, unknown),
    }
}

/// Writes a line with its newline, in the form that [`read`] is fastest with.
pub(super) fn write(entry: &IndexEntry<'_>, to: &mut Vec<u8>) {
    to.extend_from_slice(b"{\"path\":\"");
    // A path holds no backslash and no control character: the quote is all there is to escape.
    for byte in entry.path.bytes() {
        if byte == b'"' {
            to.push(b'\\');
        }
        to.push(byte);
    }
    to.extend_from_slice(b"\",\"size\":");
    to.extend_from_slice(entry.size.to_string().as_bytes());
    to.extend_from_slice(b",\"sha256\":\"");
    to.extend_from_slice(&hex(entry.sha256.as_bytes()));
    if let Some(blake3) = &entry.blake3 {
        to.extend_from_slice(b"\",\"blake3\":\"");
        to.extend_from_slice(&hex(blake3.as_bytes()));
    }
    to.extend_from_slice(b"\"}\n");
}

/// The plain form only: this order of fields, no white space, no escapes. `None` means that the
/// general reader has to say what the line is.
fn read_plain(line: &[u8]) -> Option<Line<'_>> {
    let rest = line.strip_prefix(b"{\"path\":\"")?;
    let end = rest.iter().position(|b| matches!(b, b'"' | b'\\'))?;
    let path = std::str::from_utf8(&rest[..end]).ok()?;
    path::check(path).ok()?;
    let (size, rest) = read_size(rest[end..].strip_prefix(b"\",\"size\":")?)?;
    let (sha256, rest) = read_digest(rest.strip_prefix(b",\"sha256\":\"")?)?;
    let (blake3, rest) = match rest.strip_prefix(b",\"blake3\":\"") {
        Some(rest) => read_digest(rest).map(|(digest, rest)| (Some(Blake3::new(digest)), rest))?,
        None => (None, rest),
    };
    let path = Cow::Borrowed(path);
    (rest == b"}").then_some(Line { path, size, sha256: Sha256::new(sha256), blake3 })
}

fn read_size(text: &[u8]) -> Option<(u64, &[u8])> {
    let digits = text.iter().take(17).take_while(|b| b.is_ascii_digit()).count();
    let (number, rest) = text.split_at(digits);
    if digits == 0 || (number[0] == b'0' && digits > 1) {
        return None;
    }
    let size = number.iter().fold(0, |size, digit| 10 * size + u64::from(digit - b'0'));
    (size <= limits::MAX_INTEGER).then_some((size, rest))
}

/// 64 lower-case digits and the closing quote.
fn read_digest(text: &[u8]) -> Option<([u8; 32], &[u8])> {
    let (digits, rest) = text.split_first_chunk::<64>()?;
    let mut digest = [0; 32];
    let mut bad = 0;
    for (byte, pair) in digest.iter_mut().zip(digits.chunks_exact(2)) {
        let (high, low) = (NIBBLES[usize::from(pair[0])], NIBBLES[usize::from(pair[1])]);
        bad |= high | low;
        *byte = high << 4 | low & 15;
    }
    (bad < 16).then_some((digest, rest.strip_prefix(b"\"")?))
}

/// The value of a lower-case hexadecimal digit, 255 for any other byte.
const NIBBLES: [u8; 256] = {
    let mut table = [255; 256];
    let digits = b"0123456789abcdef";
    let mut value = 0;
    while value < digits.len() {
        table[digits[value] as usize] = value as u8;
        value += 1;
    }
    table
};

#[derive(Deserialize)]
struct WireLine {
    path: RelPath,
    size: Count,
    sha256: Sha256,
    #[serde(default, deserialize_with = "present")]
    blake3: Option<Blake3>,
}

/// A field that may be absent, but is not `null`.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Blake3>, D::Error> {
    Blake3::deserialize(from).map(Some)
}

fn read_any(line: &[u8], unknown: UnknownFields) -> Result<Line<'static>, JsonError> {
    let WireLine { path, size, sha256, blake3 } =
        json::parse(line, limits::INDEX_LINE_BYTES, unknown)?;
    Ok(Line { path: Cow::Owned(path.as_str().to_owned()), size: size.0, sha256, blake3 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::JsonFault;

    const SHA: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn the_fast_and_the_general_reader_agree() {
        let plain = format!(r#"{{"path":"a/b c","size":12,"sha256":"{SHA}","blake3":"{SHA}"}}"#);
        let read = read_plain(plain.as_bytes()).unwrap();
        assert_eq!(read, read_any(plain.as_bytes(), UnknownFields::Refuse).unwrap());
        // Every way to spoil one byte: what the fast reader takes, the general one takes alike.
        let mut taken = 0;
        for place in 0..plain.len() {
            for byte in 0..=255 {
                let mut line = plain.clone().into_bytes();
                line[place] = byte;
                if let Some(fast) = read_plain(&line) {
                    assert_eq!(Ok(fast), read_any(&line, UnknownFields::Refuse), "{place} {byte}");
                    taken += 1;
                }
            }
        }
        assert!(taken > 128 * 16, "{taken}");
        // Nor do two wrong digits make up for each other.
        let twice = plain.replace(SHA, &format!("zz{}", &SHA[2..]));
        assert!(read_plain(twice.as_bytes()).is_none());
    }

    #[test]
    fn a_size_has_one_spelling_and_a_limit() {
        let size = |text: &str| {
            let line = format!(r#"{{"path":"a","size":{text},"sha256":"{SHA}"}}"#);
            read(line.as_bytes(), UnknownFields::Refuse).map(|line| line.size).ok()
        };
        assert_eq!(size("0"), Some(0));
        assert_eq!(size("9007199254740991"), Some(limits::MAX_INTEGER));
        for bad in
            ["9007199254740992", "99999999999999999999", "007", "-0", "1.0", "1e3", "\"1\"", ""]
        {
            assert_eq!(size(bad), None, "{bad}");
        }
    }

    #[test]
    fn other_spellings_are_read_and_faults_are_placed() {
        let spaced = format!(r#"{{ "size": 1, "sha256": "{SHA}", "pa\u0074h": "\u0061\"" }}"#);
        let line = read(spaced.as_bytes(), UnknownFields::Refuse).unwrap();
        assert_eq!((line.path.as_ref(), line.size), ("a\"", 1));
        let refused = |line: String| read(line.as_bytes(), UnknownFields::Refuse).unwrap_err();
        let start = format!(r#"{{"path":"a","size":1,"sha256":"{SHA}""#);
        let twice = refused(format!(r#"{start},"\u0070ath":"b"}}"#));
        assert_eq!(twice.fault, JsonFault::DuplicateKey("path".into()));
        assert_eq!(twice.place.column, start.len() + 2);
        let null = refused(format!(r#"{start},"blake3":null}}"#));
        assert_eq!(null.pointer, "/blake3");
        let unknown = format!(r#"{start},"mode":"755"}}"#);
        assert!(read(unknown.as_bytes(), UnknownFields::Ignore).is_ok());
        assert_eq!(refused(unknown).fault, JsonFault::UnknownField("mode".into()));
        for path in ["..", "/a", "a\\\\b", ""] {
            let line = start.replace("\"a\"", &format!("\"{path}\"")) + "}";
            assert_eq!(refused(line).pointer, "/path");
        }
    }

    #[test]
    fn what_is_written_is_read_by_the_fast_reader() {
        let sha256 = SHA.parse().unwrap();
        let blake3 = Some(Blake3::new([7; 32]));
        let mut line = Vec::new();
        write(&IndexEntry { path: "模/x", size: 5, sha256, blake3 }, &mut line);
        let read = read_plain(line.strip_suffix(b"\n").unwrap()).unwrap();
        assert_eq!(read.entry(), IndexEntry { path: "模/x", size: 5, sha256, blake3 });
        line.clear();
        write(&IndexEntry { path: "q\"", size: 5, sha256, blake3: None }, &mut line);
        assert_eq!(super::read(&line, UnknownFields::Refuse).unwrap().path, "q\"");
    }
}
