//! The little-endian pieces that a GGUF header is made of, read within a budget of bytes.

use std::collections::BTreeMap;
use std::io::{self, Read};

use fullsource_format::digest::{Sha256, Sha256Hasher};

use super::gguf::GgufError;

pub(super) struct Bytes<R> {
    source: Tap<R>,
    at: u64,
    end: u64,
    /// Digests of the values of keys, where they are wanted.
    digests: Option<BTreeMap<String, Sha256>>,
}

/// Digests what is read through it, while that is wanted.
struct Tap<R> {
    source: R,
    hasher: Option<Sha256Hasher>,
}

impl<R: Read> Read for Tap<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.source.read(buffer)?;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&buffer[..length]);
        }
        Ok(length)
    }
}

impl<R: Read> Bytes<R> {
    /// Reads at most `end` bytes of `source`.
    pub(super) fn new(source: R, end: u64) -> Self {
        Self { source: Tap { source, hasher: None }, at: 0, end, digests: None }
    }

    /// The same, with digests of the values of all keys.
    pub(super) fn digesting(self) -> Self {
        Self { digests: Some(BTreeMap::new()), ..self }
    }

    /// The digests, if they were wanted.
    pub(super) fn into_digests(self) -> BTreeMap<String, Sha256> {
        self.digests.unwrap_or_default()
    }

    /// Reads the value of a key, and digests the bytes of it where that is wanted.
    pub(super) fn digested<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&mut Self) -> Result<T, GgufError>,
    ) -> Result<T, GgufError> {
        self.source.hasher = self.digests.is_some().then(Sha256::hasher);
        let value = read(self)?;
        if let (Some(hasher), Some(digests)) = (self.source.hasher.take(), &mut self.digests) {
            digests.insert(key.to_owned(), hasher.finish());
        }
        Ok(value)
    }

    /// Bytes read so far.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    pub(super) fn malformed(&self, what: &'static str) -> GgufError {
        GgufError::Malformed { at: self.at, what }
    }

    pub(super) fn limit(&self, what: &'static str, given: u64, most: u64) -> GgufError {
        GgufError::Limit { at: self.at, what, given, most }
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], GgufError> {
        let mut array = [0; N];
        self.reserve(N as u64)?;
        self.source.read_exact(&mut array).map_err(|error| GgufError::Io { at: self.at, error })?;
        self.at += N as u64;
        Ok(array)
    }

    pub(super) fn u32(&mut self) -> Result<u32, GgufError> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, GgufError> {
        self.array().map(u64::from_le_bytes)
    }

    /// A count of at most `most`.
    pub(super) fn count(&mut self, what: &'static str, most: u64) -> Result<u64, GgufError> {
        let given = self.u64()?;
        if given > most { Err(self.limit(what, given, most)) } else { Ok(given) }
    }

    /// A string of at most `most` bytes.
    pub(super) fn string(&mut self, what: &'static str, most: u64) -> Result<String, GgufError> {
        let length = self.count(what, most)?;
        self.reserve(length)?;
        let mut text = Vec::new();
        let read = (&mut self.source).take(length).read_to_end(&mut text);
        let read = read.map_err(|error| GgufError::Io { at: self.at, error })?;
        self.at += read as u64;
        if read as u64 != length {
            return Err(self.ended());
        }
        String::from_utf8(text).map_err(|_| self.malformed("a string is not UTF-8"))
    }

    /// Passes over this many bytes.
    pub(super) fn skip(&mut self, length: u64) -> Result<(), GgufError> {
        self.reserve(length)?;
        let skipped = std::io::copy(&mut (&mut self.source).take(length), &mut std::io::sink());
        let skipped = skipped.map_err(|error| GgufError::Io { at: self.at, error })?;
        self.at += skipped;
        if skipped == length { Ok(()) } else { Err(self.ended()) }
    }

    /// Fails before a length that lies makes anything large.
    fn reserve(&self, length: u64) -> Result<(), GgufError> {
        if length > self.end - self.at { Err(self.ended()) } else { Ok(()) }
    }

    fn ended(&self) -> GgufError {
        GgufError::Io { at: self.at, error: std::io::ErrorKind::UnexpectedEof.into() }
    }
}
