//! zips made byte by byte.

use std::io::Read;

use super::{Got, Tree, file, tree};

/// What one of the two headers of a member says.
#[derive(Clone)]
pub(super) struct Head {
    pub(super) name: Vec<u8>,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) compressed: u32,
    pub(super) size: u32,
    pub(super) extra: Vec<u8>,
}

/// A member of a zip, whose headers may be changed one by one.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) local: Head,
    pub(super) central: Head,
    pub(super) made_by: u16,
    pub(super) attributes: u32,
    pub(super) disk: u16,
    /// Added to where the central directory says that the member lies.
    pub(super) shift: u32,
    pub(super) offset: Option<u32>,
    pub(super) data: Vec<u8>,
    pub(super) descriptor: Vec<u8>,
}

pub(super) fn crc(content: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(content);
    crc.sum()
}

pub(super) fn deflate(content: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    flate2::read::DeflateEncoder::new(content, flate2::Compression::best())
        .read_to_end(&mut packed)
        .unwrap();
    packed
}

impl Part {
    fn packed(name: &str, content: &[u8], method: u16, data: Vec<u8>) -> Self {
        let local = Head {
            name: name.as_bytes().to_vec(),
            flags: 0x0800,
            method,
            crc: crc(content),
            compressed: data.len() as u32,
            size: content.len() as u32,
            extra: vec![],
        };
        let (made_by, attributes, descriptor) = (3 << 8, 0, vec![]);
        let central = local.clone();
        let (disk, shift, offset) = (0, 0, None);
        Self { local, central, made_by, attributes, disk, shift, offset, data, descriptor }
    }

    pub(super) fn stored(name: &str, content: &[u8]) -> Self {
        Self::packed(name, content, 0, content.to_vec())
    }

    pub(super) fn deflated(name: &str, content: &[u8]) -> Self {
        Self::packed(name, content, 8, deflate(content))
    }

    pub(super) fn zstd(name: &str, content: &[u8]) -> Self {
        Self::packed(name, content, 93, zstd::encode_all(content, 3).unwrap())
    }

    pub(super) fn attributes(mut self, attributes: u32) -> Self {
        self.attributes = attributes;
        self
    }

    pub(super) fn changed(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Changes both headers alike.
    pub(super) fn both(mut self, change: impl Fn(&mut Head)) -> Self {
        change(&mut self.local);
        change(&mut self.central);
        self
    }

    /// With the sizes behind the content, and none before it.
    pub(super) fn streamed(self, signed: bool, wide: bool) -> Self {
        self.both(|head| head.flags |= 8).changed(|part| {
            let Head { crc, compressed, size, .. } = part.central;
            (part.local.crc, part.local.compressed, part.local.size) = (0, 0, 0);
            let number = |n: u32| {
                if wide { u64::from(n).to_le_bytes().to_vec() } else { n.to_le_bytes().to_vec() }
            };
            let signature: &[u8] = if signed { b"PK\x07\x08" } else { b"" };
            part.descriptor =
                [signature, &crc.to_le_bytes(), &number(compressed), &number(size)].concat();
        })
    }
}

fn head(out: &mut Vec<u8>, head: &Head) {
    for field in [head.flags, head.method, 0, 0x21] {
        out.extend(field.to_le_bytes());
    }
    for field in [head.crc, head.compressed, head.size] {
        out.extend(field.to_le_bytes());
    }
    out.extend((head.name.len() as u16).to_le_bytes());
    out.extend((head.extra.len() as u16).to_le_bytes());
}

/// The members, and where the central directory starts.
pub(super) fn body(parts: &[Part]) -> (Vec<u8>, usize) {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for part in parts {
        let offset = part.offset.unwrap_or(out.len() as u32 + part.shift);
        out.extend(b"PK\x03\x04\x2d\0");
        head(&mut out, &part.local);
        out.extend(
            [&part.local.name[..], &part.local.extra, &part.data, &part.descriptor].concat(),
        );
        directory.extend(b"PK\x01\x02");
        directory.extend(part.made_by.to_le_bytes());
        directory.extend(b"\x2d\0");
        head(&mut directory, &part.central);
        directory.extend([[0; 2], part.disk.to_le_bytes(), [0; 2]].concat());
        directory.extend(part.attributes.to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend([&part.central.name[..], &part.central.extra].concat());
    }
    let start = out.len();
    out.extend(directory);
    (out, start)
}

/// An end record.
pub(super) fn end(
    disks: [u16; 2],
    entries: [u16; 2],
    size: u32,
    offset: u32,
    comment: &[u8],
) -> Vec<u8> {
    let mut end = b"PK\x05\x06".to_vec();
    end.extend([disks, entries].concat().into_iter().flat_map(u16::to_le_bytes));
    end.extend([size, offset].into_iter().flat_map(u32::to_le_bytes));
    end.extend((comment.len() as u16).to_le_bytes());
    end.extend(comment);
    end
}

/// A zip with this comment.
pub(super) fn commented(parts: &[Part], comment: &[u8]) -> Vec<u8> {
    let (mut zip, start) = body(parts);
    let size = zip.len() - start;
    zip.extend(end([0; 2], [parts.len() as u16; 2], size as u32, start as u32, comment));
    zip
}

pub(super) fn zip(parts: &[Part]) -> Vec<u8> {
    commented(parts, b"")
}

/// A zip64 end record and its locator.
pub(super) fn zip64_end(entries: u64, size: u64, offset: u64) -> Vec<u8> {
    let mut end = b"PK\x06\x06\x2c\0\0\0\0\0\0\0\x2d\x03\x2d\0\0\0\0\0\0\0\0\0".to_vec();
    end.extend([entries, entries, size, offset].into_iter().flat_map(u64::to_le_bytes));
    end.extend(b"PK\x06\x07\0\0\0\0");
    end.extend((offset + size).to_le_bytes());
    end.extend(1u32.to_le_bytes());
    end
}

/// The extra field of zip64.
pub(super) fn zip64_extra(numbers: &[u64]) -> Vec<u8> {
    let mut extra = vec![1, 0, 8 * numbers.len() as u8, 0];
    extra.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    extra
}

#[test]
fn every_method_and_every_kind() {
    let text = b"text ".repeat(1000);
    let parts = [
        Part::stored("stored", &text),
        Part::deflated("dé/flated", &text),
        Part::zstd("d2/zstd", &text),
        Part::stored("empty", b""),
        Part::deflated("d2/", b""),
        Part::stored("run", b"#!").attributes(0o100_755 << 16),
        Part::stored("no Unix", b"#!").attributes(0o100_755 << 16).changed(|part| part.made_by = 0),
        Part::stored("link", b"../x").attributes(0o120_777 << 16),
        Part::deflated("link2", b"../x").attributes(0o120_777 << 16),
        Part::deflated("streamed", &text).streamed(true, false),
        Part::deflated("streamed, wide", &text).streamed(true, true),
        Part::deflated("streamed, unsigned", &text).streamed(false, false),
        Part::stored("streamed, unsigned, wide", &text).streamed(false, true),
    ];
    let got = tree(&commented(&parts, b"a comment")).unwrap();
    let link = Got::Symlink(b"../x".to_vec());
    let run = Got::File { content: b"#!".to_vec(), executable: true };
    let mut expected = Tree::from([
        (b"empty".to_vec(), file(b"")),
        (b"run".to_vec(), run),
        (b"no Unix".to_vec(), file(b"#!")),
        (b"link".to_vec(), link.clone()),
        (b"link2".to_vec(), link),
    ]);
    for name in ["stored", "dé/flated", "d2/zstd"] {
        expected.insert(name.as_bytes().to_vec(), file(&text));
    }
    for name in ["", ", wide", ", unsigned", ", unsigned, wide"] {
        expected.insert(format!("streamed{name}").into_bytes(), file(&text));
    }
    assert_eq!(got, expected);
}

#[test]
fn an_empty_zip_is_a_tree_without_entries() {
    assert_eq!(tree(&zip(&[])).unwrap(), Tree::new());
}

#[test]
fn numbers_of_64_bits() {
    let wide = |head: &mut Head, local: bool| {
        let offset: &[u64] = if local { &[] } else { &[0] };
        head.extra = zip64_extra(&[&[3, 3], offset].concat());
        (head.size, head.compressed) = (u32::MAX, u32::MAX);
    };
    let part = Part::stored("a", b"abc").changed(|part| {
        wide(&mut part.local, true);
        wide(&mut part.central, false);
        part.offset = Some(u32::MAX);
    });
    let (mut zip, start) = body(&[part, Part::stored("b", b"abc")]);
    let size = zip.len() - start;
    zip.extend(zip64_end(2, size as u64, start as u64));
    for end in [
        end([0; 2], [u16::MAX; 2], u32::MAX, u32::MAX, b""),
        end([u16::MAX; 2], [2; 2], size as u32, u32::MAX, b"comment"),
    ] {
        let got = tree(&[zip.clone(), end].concat()).unwrap();
        let expected = [(b"a".to_vec(), file(b"abc")), (b"b".to_vec(), file(b"abc"))];
        assert_eq!(got, Tree::from(expected));
    }
}

#[test]
fn a_zip_in_a_zip_is_a_file() {
    let inner = commented(&[Part::stored("a", b"x")], b"inner");
    let outer = zip(&[Part::stored("b", b"y"), Part::stored("inner.zip", &inner)]);
    let expected = [(b"b".to_vec(), file(b"y")), (b"inner.zip".to_vec(), file(&inner))];
    assert_eq!(tree(&outer).unwrap(), Tree::from(expected));
}

#[test]
fn a_zip_leaves_no_file_behind() {
    let directory = tempfile::tempdir().unwrap();
    let keeper = super::Keeper::default();
    let limits = super::ArchiveLimits::default();
    let progress = super::Progress::default();
    let zip = zip(&[Part::stored("a", b"x")]);
    super::unpack(&mut &zip[..], directory.path(), None, &limits, &keeper, &progress).unwrap();
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    // Where there is no room for it, nobody was looked at.
    let nowhere = directory.path().join("nowhere");
    let trouble = super::unpack(&mut &zip[..], &nowhere, None, &limits, &keeper, &progress);
    assert_eq!(trouble.unwrap_err().kind, super::TroubleKind::Skipped);
}
