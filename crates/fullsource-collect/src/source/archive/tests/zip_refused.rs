//! zips in which two readers could see two trees, or that reach beyond themselves.

use super::refused;
use super::zip_bytes::{
    Head, Part, body, commented, crc, deflate, end, zip, zip64_end, zip64_extra,
};

/// A zip of a member of this name.
fn named(name: &str) -> Vec<u8> {
    zip(&[Part::stored(name, b"x")])
}

/// A zip of one sound member, changed.
fn changed(change: impl FnOnce(&mut Part)) -> Vec<u8> {
    zip(&[Part::deflated("m", b"content content").changed(change), Part::stored("n", b"x")])
}

fn both(change: impl Fn(&mut Head)) -> Vec<u8> {
    zip(&[Part::deflated("m", b"content content").both(change)])
}

fn pair(first: &str, second: &str) -> Vec<u8> {
    let part = |name: &str| Part::stored(name, if name.ends_with('/') { b"" } else { b"x" });
    zip(&[part(first), part(second)])
}

fn link(name: &str) -> Part {
    Part::stored(name, b"target").attributes(0o120_777 << 16)
}

#[test]
fn names() {
    refused(vec![
        ("absolute", named("/etc/passwd"), "absolute name"),
        ("dots", named("a/../../b"), "a part `..`"),
        ("dot before", named("./a"), "a part `.`"),
        ("dot inside", named("a/./b"), "a part `.`"),
        ("empty part", named("a//b"), "empty part"),
        ("none", named(""), "no name"),
        ("root", zip(&[Part::stored("/", b"")]), "no name"),
        ("NUL", named("a\0b"), "NUL byte"),
        ("backslash", named("a\\b"), "backslash"),
        ("too long", named(&"n".repeat(4096)), "4096 bytes"),
        ("too deep", named(&format!("{}f", "d/".repeat(257))), "deeper than 256"),
        (
            "no charset",
            both(|head| (head.name, head.flags) = ("é".into(), 0)),
            "not marked as UTF-8",
        ),
        ("not UTF-8", both(|head| head.name = b"\xe9".to_vec()), "marked as UTF-8 that is none"),
        ("twice", pair("a", "a"), "two members"),
        ("file, then below", pair("a", "a/b"), "not a directory"),
        ("below, then file", pair("a/b", "a"), "for a directory and"),
        ("file, then directory", pair("a", "a/"), "for a directory and"),
        ("through a link", zip(&[link("a"), Part::stored("a/b", b"")]), "below a symbolic link"),
        ("link over", zip(&[Part::stored("a/b", b""), link("a")]), "for a directory and"),
        (
            "another name in UTF-8",
            changed(|part| part.central.extra = b"up\x06\0\x01\0\0\0\0x".to_vec()),
            "two different names",
        ),
        (
            "another name in UTF-8 before the content",
            changed(|part| part.local.extra = b"up\x06\0\x01\0\0\0\0x".to_vec()),
            "two different names",
        ),
    ]);
}

#[test]
fn kinds() {
    let attributes = |name: &str, attributes| {
        let content: &[u8] = if name.ends_with('/') { b"" } else { b"x" };
        zip(&[Part::stored(name, content).attributes(attributes)])
    };
    let long = Part::stored("l", &[b't'; 4096]).attributes(0o120_777 << 16);
    let nul = Part::stored("l", b"t\0").attributes(0o120_777 << 16);
    let foreign = link("l").changed(|part| part.made_by = 0);
    refused(vec![
        ("FIFO", attributes("m", 0o010_644 << 16), "neither file"),
        ("device", attributes("m", 0o060_644 << 16), "neither file"),
        ("directory without a slash", attributes("m", 0o040_755 << 16), "not the same kind"),
        ("file with a slash", attributes("m/", 0o100_644 << 16), "not the same kind"),
        ("link with a slash", attributes("m/", 0o120_777 << 16), "not the same kind"),
        ("directory to DOS", attributes("m", 0x10), "not the same kind"),
        ("link that is none elsewhere", zip(&[foreign]), "not the same kind"),
        ("directory with content", named("m/"), "directory `m/` of the zip has content"),
        (
            "link to nothing",
            zip(&[Part::stored("l", b"").attributes(0o120_777 << 16)]),
            "no target",
        ),
        ("link to too much", zip(&[long]), "no target"),
        ("link with a NUL", zip(&[nul]), "no target"),
    ]);
}

#[test]
fn headers_that_differ() {
    refused(vec![
        ("names", changed(|part| part.local.name = b"x".to_vec()), "two different names"),
        (
            "names of two lengths",
            changed(|part| part.local.name = b"mm".to_vec()),
            "different names",
        ),
        ("methods", changed(|part| part.local.method = 0), "two different methods"),
        ("flags", changed(|part| part.local.flags |= 2), "two different flags"),
        ("CRC", changed(|part| part.local.crc ^= 1), "two different CRCs"),
        ("CRC of none", changed(|part| part.local.crc = 0), "two different CRCs"),
        ("size", changed(|part| part.local.size += 1), "two different sizes"),
        ("packed size", changed(|part| part.local.compressed -= 1), "two different sizes"),
        (
            "descriptor",
            zip(&[Part::stored("m", b"x")
                .streamed(true, false)
                .changed(|part| part.descriptor[8] ^= 1)]),
            "two different sizes or CRCs",
        ),
        (
            "signature of a descriptor",
            zip(&[Part::stored("m", b"x")
                .streamed(true, false)
                .changed(|part| part.descriptor[0] ^= 1)]),
            "two different sizes or CRCs",
        ),
        (
            "streamed, with another size",
            zip(&[Part::stored("m", b"x")
                .streamed(true, false)
                .changed(|part| part.local.size = 2)]),
            "two different sizes",
        ),
        (
            "wide sizes",
            changed(|part| {
                part.local.extra = zip64_extra(&[u64::from(part.local.size) + 1]);
                part.local.size = u32::MAX;
            }),
            "two different sizes",
        ),
    ]);
}

#[test]
fn what_is_not_unpacked() {
    refused(vec![
        ("encrypted", both(|head| head.flags |= 1), "is encrypted"),
        ("strongly", both(|head| head.flags |= 0x40), "is encrypted"),
        ("masked", both(|head| head.flags |= 0x2000), "is encrypted"),
        ("a patch", both(|head| head.flags |= 0x20), "flags (0x0820)"),
        ("bzip2", both(|head| head.method = 12), "method 12,"),
        ("lzma", both(|head| head.method = 14), "method 14,"),
        ("deflate64", both(|head| head.method = 9), "method 9,"),
        ("AES", both(|head| head.method = 99), "method 99,"),
        ("another disk", changed(|part| part.disk = 1), "several parts"),
        ("extra fields cut", changed(|part| part.central.extra = vec![1]), "extra fields of `m`"),
        (
            "local extra fields cut",
            changed(|part| part.local.extra = vec![9, 9, 1, 0]),
            "extra fields",
        ),
        (
            "zip64 not needed",
            changed(|part| part.central.extra = zip64_extra(&[1])),
            "extra fields",
        ),
        ("zip64 missing", changed(|part| part.central.size = u32::MAX), "extra fields"),
        (
            "zip64 twice",
            changed(|part| {
                part.central.size = u32::MAX;
                part.central.extra = [zip64_extra(&[15]), zip64_extra(&[15])].concat();
            }),
            "extra fields",
        ),
    ]);
}

#[test]
fn content_that_is_not_what_its_headers_say() {
    let packed = deflate(b"content content");
    let resized = |size: u32| both(move |head| head.size = size);
    let with = |data: Vec<u8>| {
        changed(move |part| {
            (part.local.compressed, part.central.compressed) =
                (data.len() as u32, data.len() as u32);
            part.data = data;
        })
    };
    let zstd = |data: Vec<u8>| {
        zip(&[Part::zstd("m", b"content content")
            .both(|head| head.compressed = data.len() as u32)
            .changed(|part| part.data = data.clone())])
    };
    let frame = zstd::encode_all(&b"content content"[..], 1).unwrap();
    refused(vec![
        ("CRC", both(|head| head.crc ^= 1), "CRC"),
        ("longer", resized(14), "longer than its header"),
        ("shorter", resized(16), "shorter than its header"),
        ("something behind", with([&packed[..], b"x"].concat()), "behind its packed content"),
        (
            "a second stream behind",
            with([&packed[..], &packed].concat()),
            "behind its packed content",
        ),
        ("cut", with(packed[..packed.len() - 1].to_vec()), "breaks off"),
        ("no stream", with(vec![0xff; 9]), "breaks off or is none"),
        // The last block says that another follows.
        (
            "no last block",
            with([&[0, 15, 0, 0xf0, 0xff], &b"content content"[..]].concat()),
            "breaks off",
        ),
        ("stored, cut", both(|head| head.method = 0), "shorter than"),
        ("zstd, cut", zstd(frame[..frame.len() - 1].to_vec()), "breaks off"),
        ("zstd, two frames", zstd([&frame[..], &frame].concat()), "behind its packed content"),
        ("zstd, none", zstd(vec![0; 20]), "breaks off or is none"),
        ("directory", zip(&[Part::stored("d/", b"").both(|head| head.crc = 1)]), "CRC"),
    ]);
    assert_eq!(crc(b"123456789"), 0xcbf4_3926);
}

/// A zip with bytes between the members and the central directory.
fn with_gap(gap: &[u8]) -> Vec<u8> {
    zip(&[Part::stored("m", b"x").changed(|part| part.descriptor = gap.to_vec())])
}

#[test]
fn bytes_that_belong_to_no_member_or_two() {
    let m = Part::stored("m", b"x");
    let n = || Part::stored("n", b"x");
    let sound = zip(&[m.clone(), n()]);
    let moved = |shift: u32| zip(&[m.clone().changed(|part| part.shift = shift), n()]);
    // The second member of the directory is the first once more, or lies inside of it.
    let again = zip(&[m.clone(), m.clone().changed(|part| part.offset = Some(0))]);
    let inner = zip(&[n()]);
    let quine = zip(&[Part::stored("m", &inner), n().changed(|part| part.offset = Some(31))]);
    let (bytes, start) = body(&[m.clone(), n()]);
    let size = (bytes.len() - start) as u32;
    let first = (size / 2) as usize;
    let mut swapped = bytes[..start].to_vec();
    swapped.extend([&bytes[start + first..], &bytes[start..start + first]].concat());
    swapped.extend(end([0; 2], [2; 2], size, start as u32, b""));
    refused(vec![
        ("before the first", moved(1), "bytes at 0 that"),
        (
            "not at its place",
            zip(&[m.clone(), n().changed(|part| part.shift = 1)]),
            "bytes at 31 that",
        ),
        ("the same twice", again, "that belong to no member, or to two"),
        ("one in the other", quine, "that belong to no member, or to two"),
        ("not in order", swapped, "bytes at 0 that"),
        ("a gap", with_gap(b"gap"), "bytes at 31 that"),
        ("a gap like a descriptor", with_gap(&[0; 12]), "bytes at 31 that"),
        (
            "a gap before a descriptor",
            zip(&[m.clone().streamed(true, true).changed(|part| part.descriptor.insert(0, 0))]),
            "that belong to no member",
        ),
        (
            "something before",
            [b"PK\x03\x04 prefix".to_vec(), sound.clone()].concat(),
            "does not end where",
        ),
        ("something behind", [sound.clone(), b"x".to_vec()].concat(), "no end record"),
        (
            "a hidden member",
            {
                let (mut bytes, start) = body(&[m.clone(), n()]);
                let size = (bytes.len() - start) as u32 / 2;
                bytes.truncate(start + size as usize);
                bytes.extend(end([0; 2], [1; 2], size, start as u32, b""));
                bytes
            },
            "bytes at 31 that",
        ),
    ]);
}

#[test]
fn ends() {
    let (bytes, start) = body(&[Part::stored("m", b"x")]);
    let (size, start) = ((bytes.len() - start) as u32, start as u32);
    let with = |end: Vec<u8>| [bytes.clone(), end].concat();
    let wide = |entries, size: u32, offset: u32| {
        let end = end([0; 2], [u16::MAX; 2], u32::MAX, u32::MAX, b"");
        [bytes.clone(), zip64_end(entries, size.into(), offset.into()), end].concat()
    };
    let sound = commented(&[Part::stored("m", b"x")], b"");
    let mut longer = zip64_end(1, size.into(), start.into());
    longer[4] = 45;
    let second = end([0; 2], [1; 2], size, start, b"");
    refused(vec![
        ("cut", sound[..sound.len() - 1].to_vec(), "breaks off"),
        ("none", bytes.clone(), "breaks off"),
        ("only a start", b"PK\x03\x04".to_vec(), "breaks off"),
        (
            "comment cut",
            with(end([0; 2], [1; 2], size, start, b"abc"))[..bytes.len() + 24].to_vec(),
            "breaks off",
        ),
        ("in the comment", commented(&[Part::stored("m", b"x")], &second), "two end records"),
        (
            "cut in the comment",
            commented(&[Part::stored("m", b"x")], b"PK\x05\x06"),
            "two end records",
        ),
        (
            "more members",
            with(end([0; 2], [2; 2], size, start, b"")),
            "has 1 members, the end record 2",
        ),
        (
            "fewer members",
            with(end([0; 2], [0; 2], size, start, b"")),
            "has 1 members, the end record 0",
        ),
        ("members elsewhere", with(end([0; 2], [1, 2], size, start, b"")), "several parts"),
        ("disks", with(end([1; 2], [1; 2], size, start, b"")), "several parts"),
        (
            "directory too long",
            with(end([0; 2], [1; 2], size + 1, start, b"")),
            "does not end where",
        ),
        (
            "directory too early",
            with(end([0; 2], [1; 2], size, start - 1, b"")),
            "does not end where",
        ),
        ("directory shifted", with(end([0; 2], [1; 2], size + 1, start - 1, b"")), "no header"),
        ("directory later", with(end([0; 2], [1; 2], size - 1, start + 1, b"")), "no header"),
        (
            "signature of a directory",
            with([&b"PK\x05\x05\0\0"[..], &end([0; 2], [1; 2], size, start, b"")].concat()),
            "does not end where",
        ),
        (
            "zip64 with other numbers",
            [
                bytes.clone(),
                zip64_end(1, size.into(), start.into()),
                end([0; 2], [2; 2], u32::MAX, u32::MAX, b""),
            ]
            .concat(),
            "not what the end record says",
        ),
        ("zip64 elsewhere", wide(1, size - 1, start), "not what the end record says"),
        ("zip64, more members", wide(2, size, start), "has 1 members, the end record 2"),
        (
            "zip64 with an extension",
            with([longer, end([0; 2], [u16::MAX; 2], u32::MAX, u32::MAX, b"")].concat()),
            "not what the end record says",
        ),
        (
            "zip64 announced, not there",
            with(end([0; 2], [u16::MAX; 2], u32::MAX, u32::MAX, b"")),
            "does not end where",
        ),
    ]);
}
