//! What is selected, what is no archive, and whose trouble it is.

use std::io::{self, Read, Write};

use super::tar_bytes::Tar;
use super::zip_bytes::{Part, zip};
use super::*;

fn sample() -> Tar {
    Tar::default()
        .file(b"top/a", b"1")
        .file(b"top/d/b", b"22")
        .file(b"top/d/e/c", b"333")
        .file(b"top/d2", b"4")
        .directory(b"top/empty/")
        .symlink(b"top/latest", b"d")
}

fn sample_zip() -> Vec<u8> {
    let link = Part::stored("top/latest", b"d").attributes(0o120_777 << 16);
    zip(&[
        Part::stored("top/a", b"1"),
        Part::stored("top/d/b", b"22"),
        Part::stored("top/d/e/c", b"333"),
        Part::stored("top/d2", b"4"),
        Part::stored("top/empty/", b""),
        link,
    ])
}

#[test]
fn a_file_or_what_lies_below_a_directory() {
    for archive in [sample().end(), sample_zip()] {
        let select = |path| run(&archive, Some(path), &ArchiveLimits::default()).map(|got| got.1);
        assert_eq!(select("top/d/b").unwrap(), Tree::from([(vec![], file(b"22"))]));
        let below = Tree::from([(b"b".to_vec(), file(b"22")), (b"e/c".to_vec(), file(b"333"))]);
        assert_eq!(select("top/d").unwrap(), below);
        assert_eq!(select("top").unwrap().len(), 5);
        assert_eq!(select("top/empty").unwrap(), Tree::new());
        for (path, kind, words) in [
            ("d/b", TroubleKind::Absent, "no member `d/b`"),
            ("top/latest/b", TroubleKind::Absent, "no member"),
            ("top/latest", TroubleKind::Faulty, "symbolic link to `d`, which is not followed"),
        ] {
            let trouble = select(path).unwrap_err();
            assert_eq!(trouble.kind, kind, "{path}: {trouble}");
            assert!(trouble.detail.as_str().contains(words), "{path}: {trouble}");
        }
        assert_eq!(tree(&archive).unwrap().len(), 5);
    }
}

#[test]
fn what_is_not_selected_must_be_sound_all_the_same() {
    let tar = sample().file(b"../x", b"").end();
    let trouble = run(&tar, Some("top/a"), &ArchiveLimits::default()).unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Faulty);
}

#[test]
fn other_formats_are_named() {
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    refused(vec![
        ("nothing", vec![], "there are no bytes"),
        ("one byte", b"x".to_vec(), "no format known here"),
        ("xz", b"\xfd7zXZ\0rest".to_vec(), "looks like xz"),
        ("bzip2", b"BZh91AY".to_vec(), "looks like bzip2"),
        ("7z", b"7z\xbc\xaf\x27\x1c".to_vec(), "looks like 7z"),
        ("rar", b"Rar!\x1a\x07\x01\0".to_vec(), "looks like rar"),
        ("lz4", b"\x04\x22\x4d\x18".to_vec(), "looks like lz4"),
        ("self-extracting", [b"MZ".to_vec(), sample_zip()].concat(), "self-extracting"),
        ("parts", [b"PK\x07\x08".to_vec(), sample_zip()].concat(), "several parts"),
        ("a page", b"\n <!DOCTYPE html>".to_vec(), "a web page"),
        ("an answer", b"{\"error\": 1}".to_vec(), "JSON"),
        ("a packed file", gzip(b"no tar"), "what gzip packed here is no tar"),
        ("a tar packed twice", gzip(&gzip(&sample().end())), "what gzip packed here is no tar"),
        ("a packed zip", gzip(&sample_zip()), "what gzip packed here is no tar"),
        ("a cut head", gzip(b"no tar")[..5].to_vec(), "damaged"),
        ("something behind", [gzip(&sample().end()), b"more".to_vec()].concat(), "damaged"),
        ("a cut tail", gzip(&sample().end())[..100].to_vec(), "damaged"),
    ]);
}

/// Gives some bytes, one at a time, and then an error.
struct Cut<'a>(&'a [u8], Option<io::Error>);

impl Read for Cut<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.1.take_if(|_| self.0.is_empty()) {
            Some(error) => Err(error),
            None => {
                let length = buffer.len().min(1);
                self.0.read(&mut buffer[..length])
            }
        }
    }
}

fn cut(bytes: &[u8], error: io::Error) -> Trouble {
    let (keeper, progress) = (Keeper::default(), Progress::default());
    let limits = ArchiveLimits::default();
    let mut cut = Cut(bytes, Some(error));
    unpack(&mut cut, &std::env::temp_dir(), None, &limits, &keeper, &progress).unwrap_err()
}

#[test]
fn the_trouble_of_the_source_comes_back_as_it_is() {
    let zstd = zstd::encode_all(&sample().end()[..], 1).unwrap();
    for archive in [sample().end(), sample_zip(), zstd] {
        for at in [0, 1, 30, 64, archive.len() - 1, archive.len()] {
            let closed = Trouble::closed("the door");
            let got = cut(&archive[..at], io::Error::other(closed.clone()));
            assert_eq!(got, closed, "at {at}");
            let got = cut(&archive[..at], io::ErrorKind::ConnectionReset.into());
            assert_eq!(got.kind, TroubleKind::Unreachable, "at {at}: {got}");
        }
    }
}

#[test]
fn a_stop_is_a_stop() {
    let (keeper, progress) = (Keeper::default(), Progress::default());
    progress.stop();
    let limits = ArchiveLimits::default();
    let tar = sample().end();
    let got = unpack(&mut &tar[..], &std::env::temp_dir(), None, &limits, &keeper, &progress);
    assert_eq!(got.unwrap_err().kind, TroubleKind::Stopped);
}

/// A sink that reads nothing of a file, and one that refuses it.
struct Lazy(bool);

impl Sink for Lazy {
    fn want(&self, _: &Entry<'_>) -> Want {
        Want::Bytes
    }
    fn file(&self, _: &Entry<'_>, _: &mut dyn Read) -> Result<(), SinkError> {
        if self.0 { Ok(()) } else { Err(SinkError::Refused("too many".to_owned())) }
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

#[test]
fn a_sink_that_does_not_read_changes_nothing() {
    let mut damaged = sample_zip();
    damaged[30 + 5] ^= 1;
    let limits = ArchiveLimits::default();
    let run = |bytes: &[u8], reads| {
        let (temporary, progress) = (std::env::temp_dir(), Progress::default());
        unpack(&mut &bytes[..], &temporary, None, &limits, &Lazy(reads), &progress)
    };
    for archive in [sample().end(), sample_zip()] {
        assert_eq!(run(&archive, true).unwrap().served_bytes, archive.len() as u64);
        assert_eq!(run(&archive, false).unwrap_err(), Trouble::faulty("too many"));
    }
    assert!(run(&damaged, true).unwrap_err().detail.as_str().contains("CRC"));
}
