//! Bombs, and what comes close to them.

use super::tar_bytes::{Block, Tar, record};
use super::zip_bytes::{Part, zip};
use super::*;

fn skipped(bytes: &[u8], limits: &ArchiveLimits, reason: &str) {
    let trouble = run(bytes, None, limits).unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Skipped, "{trouble}");
    assert!(trouble.detail.as_str().contains(reason), "{trouble}");
}

/// A sink that forgets.
struct Forgets;

impl Sink for Forgets {
    fn want(&self, _: &Entry<'_>) -> Want {
        Want::Bytes
    }
    fn file(&self, _: &Entry<'_>, bytes: &mut dyn Read) -> Result<(), SinkError> {
        std::io::copy(bytes, &mut std::io::sink())?;
        Ok(())
    }
    fn word(&self, _: &Entry<'_>, _: &DigestSet) -> Result<(), SinkError> {
        Ok(())
    }
    fn symlink(&self, _: &[u8], _: &[u8]) -> Result<(), SinkError> {
        Ok(())
    }
    fn submodule(&self, _: &[u8], _: &GitId) -> Result<(), SinkError> {
        Ok(())
    }
}

fn forget(mut bytes: &[u8]) -> Result<Unpacked, Trouble> {
    let (temporary, progress) = (std::env::temp_dir(), Progress::default());
    unpack(&mut bytes, &temporary, None, &ArchiveLimits::default(), &Forgets, &progress)
}

/// A tar of one file of zeros, which is never whole in memory.
fn zeros(bytes: u64) -> impl Read {
    let header = Tar::default().block(Block::new(b'0', b"zeros", bytes)).0;
    std::io::Cursor::new(header).chain(std::io::repeat(0).take(bytes + 1024))
}

#[test]
fn a_bomb_ends_early() {
    let bomb = zstd::encode_all(zeros(1 << 30), 1).unwrap();
    assert!(bomb.len() < 1 << 18, "{}", bomb.len());
    let trouble = forget(&bomb).unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Skipped);
    assert!(trouble.detail.as_str().contains("more than 2000 times"), "{trouble}");
    // Of a zip the headers tell, before anything is unpacked.
    let part = Part::deflated("a", b"abc").both(|head| head.size = 65 << 20);
    skipped(&zip(&[part]), &ArchiveLimits::default(), "more than 2000 times");
}

#[test]
fn a_few_zeros_are_no_bomb() {
    let small = zstd::encode_all(zeros(32 << 20), 1).unwrap();
    assert!(forget(&small).is_ok());
    let mut gzip = Vec::new();
    flate2::read::GzEncoder::new(zeros(128 << 20), flate2::Compression::best())
        .read_to_end(&mut gzip)
        .unwrap();
    assert!(forget(&gzip).is_ok());
}

#[test]
fn totals() {
    let tar = Tar::default().file(b"a", &[1; 1000]).file(b"d/b", &[2; 1000]).end();
    let zip = zip(&[Part::deflated("a", &[1; 1000]), Part::deflated("d/b", &[2; 1000])]);
    let limits = ArchiveLimits::default();
    for archive in [&tar, &zip] {
        skipped(archive, &ArchiveLimits { total_bytes: 1999, ..limits }, "more than 1999 bytes");
        // Two files and a directory that only a name tells of.
        skipped(archive, &ArchiveLimits { entries: 2, ..limits }, "more than 2 files");
        assert!(run(archive, None, &ArchiveLimits { entries: 3, ..limits }).is_ok());
    }
    let spooled_bytes = zip.len() as u64 - 1;
    skipped(&zip, &ArchiveLimits { spooled_bytes, ..limits }, "more than is kept at once");
    assert!(run(&tar, None, &ArchiveLimits { spooled_bytes: 0, ..limits }).is_ok());
}

#[test]
fn a_file_said_to_be_huge_takes_no_memory() {
    let size = record("size", b"9007199254740991");
    let tar = Tar::default().extension(b'x', &size).block(Block::new(b'0', b"a", 0)).end();
    assert!(forget(&tar).unwrap_err().detail.as_str().contains("breaks off"));
}

#[test]
fn a_zstd_window_beyond_the_limit_is_refused() {
    use std::io::Write;
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(28).unwrap();
    encoder.write_all(&Tar::default().file(b"a", b"x").end()).unwrap();
    let trouble = tree(&encoder.finish().unwrap()).unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Faulty);
    assert!(trouble.detail.as_str().contains("memory"), "{trouble}");
}
