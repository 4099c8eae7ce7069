//! What two GGUF files are compared by, beside their tensors: digests of metadata values, sizes of blocks.

use std::collections::BTreeMap;
use std::io::Read;

use fullsource_format::digest::Sha256;

use super::gguf::{Gguf, GgufError, HEADER_BYTES, check_size, read_start};
use super::gguf_bytes::Bytes;
use super::gguf_type;

/// Reads the header of a file of `size` bytes; also gives, by key, the SHA-256 of each metadata value: of its
/// type, its length and its bytes, as they stand in the file.
///
/// `source` is read in small pieces: give it a buffer.
pub fn read_with_values(
    source: impl Read,
    size: u64,
) -> Result<(Gguf, BTreeMap<String, Sha256>), GgufError> {
    let mut bytes = Bytes::new(source, size.min(HEADER_BYTES)).digesting();
    let (gguf, sizes) = read_start(&mut bytes)?;
    check_size(&sizes, size)?;
    Ok((gguf, bytes.into_digests()))
}

/// The elements and the bytes of a block of an element type, by ggml's name of it.
pub fn block_of(element_type: &str) -> Option<(u64, u64)> {
    gguf_type::by_name(element_type).map(|element| (element.block, element.bytes))
}
