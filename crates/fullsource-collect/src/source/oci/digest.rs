//! Digests of blobs, and bytes that are held against them while they come.

use std::fmt;
use std::io::{self, Read};

use fullsource_format::digest::Sha256;
use sha2::Digest as _;

use crate::source::Trouble;

/// A digest of a blob or a manifest, as descriptors write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum BlobDigest {
    /// `sha256:` and 64 digits.
    Sha256(Sha256),
    /// `sha512:` and 128 digits.
    Sha512([u8; 64]),
}

impl BlobDigest {
    /// Reads a digest of an algorithm that OCI registers.
    pub(super) fn parse(text: &str) -> Result<Self, Trouble> {
        let no = || Trouble::faulty(format!("`{text}` is no digest in SHA-256 or SHA-512"));
        match text.split_once(':').ok_or_else(no)? {
            ("sha256", digits) => digits.parse().map(Self::Sha256).map_err(|_| no()),
            ("sha512", digits) => sha512(digits).map(Self::Sha512).ok_or_else(no),
            _ => Err(no()),
        }
    }
}

/// Two digests of SHA-256's length are all of SHA-512.
fn sha512(digits: &str) -> Option<[u8; 64]> {
    let (left, right) = (digits.get(..64)?, digits.get(64..)?);
    let halves: [Sha256; 2] = [left.parse().ok()?, right.parse().ok()?];
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(halves[0].as_bytes());
    bytes[32..].copy_from_slice(halves[1].as_bytes());
    Some(bytes)
}

impl fmt::Display for BlobDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sha256(digest) => write!(f, "sha256:{digest}"),
            Self::Sha512(bytes) => {
                f.write_str("sha512:")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}

enum Hasher {
    Sha256(sha2::Sha256),
    Sha512(Box<sha2::Sha512>),
}

/// Bytes that end well only where they are those of a digest. The error at their end holds a
/// [`Trouble`].
pub(super) struct Held<R> {
    bytes: R,
    digest: BlobDigest,
    size: u64,
    read: u64,
    hasher: Hasher,
    ended: bool,
}

impl<R: Read> Held<R> {
    pub(super) fn new(bytes: R, digest: BlobDigest, size: u64) -> Self {
        let hasher = match digest {
            BlobDigest::Sha256(_) => Hasher::Sha256(sha2::Sha256::new()),
            BlobDigest::Sha512(_) => Hasher::Sha512(Box::default()),
        };
        Self { bytes, digest, size, read: 0, hasher, ended: false }
    }

    /// Reads to the end, for the sake of the digest.
    pub(super) fn drain(mut self) -> Result<(), Trouble> {
        let copied = io::copy(&mut self, &mut io::sink());
        copied.map(drop).map_err(|error| Trouble::of(&error))
    }

    fn holds(&self) -> bool {
        match (&self.hasher, &self.digest) {
            (Hasher::Sha256(hasher), BlobDigest::Sha256(digest)) => {
                hasher.clone().finalize().as_slice() == digest.as_bytes()
            }
            (Hasher::Sha512(hasher), BlobDigest::Sha512(digest)) => {
                hasher.clone().finalize().as_slice() == digest
            }
            _ => false,
        }
    }

    fn wrong(&self, how: &str) -> io::Error {
        io::Error::other(Trouble::faulty(format!("blob {}: {how}", self.digest)))
    }
}

impl<R: Read> Read for Held<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended || buffer.is_empty() {
            return Ok(0);
        }
        let count = self.bytes.read(buffer)?;
        self.read += count as u64;
        if self.read > self.size || (count == 0 && self.read < self.size) {
            return Err(
                self.wrong(&format!("it has not the {} bytes it is said to have", self.size))
            );
        }
        match &mut self.hasher {
            Hasher::Sha256(hasher) => hasher.update(&buffer[..count]),
            Hasher::Sha512(hasher) => hasher.update(&buffer[..count]),
        }
        if count == 0 {
            if !self.holds() {
                return Err(self.wrong("its bytes have another digest"));
            }
            self.ended = true;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it cannot go on")]
    use super::*;
    use crate::source::TroubleKind;

    const SHA512: &str = "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                          2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

    #[test]
    fn bytes_end_well_only_where_they_are_the_right_ones() {
        for digest in [BlobDigest::Sha256(Sha256::of(b"abc")), BlobDigest::parse(SHA512).unwrap()] {
            assert_eq!(BlobDigest::parse(&digest.to_string()).unwrap(), digest);
            let held = |bytes: &'static [u8], size| Held::new(bytes, digest, size).drain();
            held(b"abc", 3).unwrap();
            for (bytes, size) in [(&b"abd"[..], 3), (b"ab", 3), (b"abcd", 3), (b"abc", 4), (b"", 0)]
            {
                assert_eq!(held(bytes, size).unwrap_err().kind, TroubleKind::Faulty);
            }
        }
    }

    #[test]
    fn other_algorithms_are_refused() {
        for text in ["", "sha256:", "sha1:0", "md5:d41d8cd98f00b204e9800998ecf8427e", &SHA512[..80]]
        {
            assert!(BlobDigest::parse(text).is_err(), "{text}");
        }
    }
}
