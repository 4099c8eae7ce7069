//! Damage: whatever becomes of the bytes, nothing panics, and where a checksum stands, nothing else is
//! handed over than what was packed.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use proptest::prelude::*;

use super::tar_bytes::{Tar, record};
use super::zip_bytes::{Part, body, commented, end, zip64_end, zip64_extra};
use super::{Got, Tree, tree};

fn sample_tar() -> Vec<u8> {
    Tar::default()
        .directory(b"d/")
        .extension(b'x', &record("path", b"d/long"))
        .file(b"short", b"some text, and text")
        .symlink(b"l", b"d")
        .extension(b'L', b"by GNU\0")
        .file(b"short", &[7; 600])
        .end()
}

fn sample_zip() -> Vec<u8> {
    let text = b"text, and text, and more text";
    let parts = [
        Part::deflated("d/deflated", text).attributes(0o100_755 << 16),
        Part::stored("stored", text),
        Part::zstd("zstd", text),
        Part::deflated("d2/", b""),
        Part::deflated("streamed", text).streamed(true, false),
        Part::stored("link", b"d").attributes(0o120_777 << 16),
    ];
    commented(&parts, b"comment")
}

fn sample_zip64() -> Vec<u8> {
    let part = Part::stored("a", b"abc").both(|head| {
        head.extra = zip64_extra(&[3, 3]);
        (head.size, head.compressed) = (u32::MAX, u32::MAX);
    });
    let (mut zip, start) = body(&[part, Part::stored("b", b"x").streamed(true, true)]);
    let size = zip.len() - start;
    zip.extend(zip64_end(2, size as u64, start as u64));
    zip.extend(end([0; 2], [u16::MAX; 2], u32::MAX, u32::MAX, b""));
    zip
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    flate2::read::GzEncoder::new(bytes, flate2::Compression::best())
        .read_to_end(&mut packed)
        .unwrap();
    packed
}

fn zstd_checked(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The bytes under each path. No checksum covers whether a file may be executed, or is a link.
fn contents(tree: Tree) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let content = |got| match got {
        Got::File { content, .. } | Got::Symlink(content) => content,
    };
    tree.into_iter().map(|(path, got)| (path, content(got))).collect()
}

#[test]
fn a_flipped_bit_changes_no_content_where_a_checksum_stands() {
    let tar = sample_tar();
    for archive in [sample_zip(), sample_zip64(), gzip(&tar), zstd_checked(&tar)] {
        let sound = contents(tree(&archive).unwrap());
        for at in 0..8 * archive.len() {
            let mut damaged = archive.clone();
            damaged[at / 8] ^= 1 << (at % 8);
            if let Ok(tree) = tree(&damaged) {
                assert_eq!(contents(tree), sound, "bit {} of byte {}", at % 8, at / 8);
            }
        }
    }
}

#[test]
fn a_cut_archive_is_refused() {
    let tar = sample_tar();
    for archive in [tar.clone(), sample_zip(), sample_zip64(), gzip(&tar), zstd_checked(&tar)] {
        for end in 0..archive.len() {
            assert!(tree(&archive[..end]).is_err(), "{end} of {} bytes", archive.len());
        }
    }
}

/// Starts that lead random bytes into each reader.
fn start() -> impl Strategy<Value = Vec<u8>> {
    let tar = sample_tar();
    let starts =
        [&b"PK\x03\x04"[..], b"PK\x05\x06", b"\x1f\x8b\x08\0", b"\x28\xb5\x2f\xfd", &tar[..512]];
    proptest::sample::select(starts.map(<[u8]>::to_vec).to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(start in start(), bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let _ = tree(&[start, bytes].concat());
    }

    #[test]
    fn bytes_in_another_place_never_panic(
        which in 0..4usize,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        moved in any::<(prop::sample::Index, prop::sample::Index)>(),
    ) {
        let tar = sample_tar();
        let mut bytes = [sample_zip(), sample_zip64(), gzip(&tar), tar][which].clone();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let (from, to) = (moved.0.index(bytes.len()), moved.1.index(bytes.len()));
        let _ = tree(&bytes);
        bytes.rotate_left(from);
        bytes.truncate(to);
        let _ = tree(&bytes);
    }
}
