//! Forms of files that can hold more bytes than they weigh.

/// Marks at the start of a file.
const MAGIC: &[&[u8]] = &[
    b"\x1f\x8b",           // gzip
    b"\x28\xb5\x2f\xfd",   // zstd
    b"\xfd7zXZ\0",         // xz
    b"\x04\x22\x4d\x18",   // lz4
    b"\xff\x06\0\0sNaPpY", // snappy, framed
    b"7z\xbc\xaf\x27\x1c", // 7z
    b"Rar!\x1a\x07",       // rar
    b"PK\x03\x04",         // zip, and what is one: jar, npz, docx
    b"PAR1",               // Parquet
    b"ORC",                // ORC
    b"Obj\x01",            // Avro
    b"ARROW1",             // Arrow, whose record batches may be compressed
    b"\xff\xff\xff\xff",   // Arrow as a stream
    b"FEA1",               // Feather
    b"\x89HDF\r\n\x1a\n",  // HDF5
    b"LZIP",               // lzip
];
/// Extensions of forms without a mark.
const EXTENSIONS: &[&str] = &["br", "lzma", "arrow", "mds", "tar"];

/// Whether a file is of such a form, by its first bytes and its name. An archive counts where its
/// members may be: which they are cannot be told from its start.
pub(super) fn is_compressed(name: &str, head: &[u8]) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let bzip2 = matches!(head, [b'B', b'Z', b'h', b'1'..=b'9', ..]);
    MAGIC.iter().any(|magic| head.starts_with(magic))
        || bzip2
        || head.get(257..262) == Some(b"ustar")
        || extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()))
}
