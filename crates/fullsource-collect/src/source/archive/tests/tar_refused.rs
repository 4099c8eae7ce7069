//! tars in which two readers could see two trees, or that reach beyond themselves.

use fullsource_format::limits;

use super::refused;
use super::tar_bytes::{Block, Tar, record};

fn tar() -> Tar {
    Tar::default()
}

fn typed(kind: u8) -> Vec<u8> {
    tar().block(Block::new(kind, b"m", 0)).end()
}

fn pax(records: &[u8]) -> Vec<u8> {
    tar().extension(b'x', records).file(b"m", b"").end()
}

#[test]
fn names_that_cannot_be() {
    let deep = [b"d/".repeat(limits::TREE_DEPTH + 1), b"f".to_vec()].concat();
    let long = b"n".repeat(limits::PATH_BYTES + 1);
    refused(vec![
        ("absolute", tar().file(b"/etc/passwd", b"").end(), "absolute name"),
        ("absolute behind ./", tar().file(b".//etc", b"").end(), "absolute name"),
        ("dots", tar().file(b"a/../../b", b"").end(), "a part `..`"),
        ("only dots", tar().directory(b"..").end(), "a part `..`"),
        ("dot inside", tar().file(b"a/./b", b"").end(), "a part `.`"),
        ("dot twice", tar().file(b"././a", b"").end(), "a part `.`"),
        ("empty part", tar().file(b"a//b", b"").end(), "empty part"),
        ("no name", tar().file(b"./", b"").end(), "name of a directory"),
        ("no name at all", pax(&record("path", b"./")), "name of a directory"),
        ("file with a slash", tar().file(b"a/", b"").end(), "name of a directory"),
        ("NUL in the header", tar().file(b"a\0b", b"").end(), "behind a NUL"),
        ("NUL in pax", pax(&record("path", b"a\0b")), "`path` that cannot be"),
        ("NUL in a GNU name", tar().extension(b'L', b"a\0b\0").file(b"m", b"").end(), "NUL byte"),
        ("two NULs", tar().extension(b'L', b"a\0\0").file(b"m", b"").end(), "NUL byte"),
        ("empty GNU name", tar().extension(b'L', b"\0").file(b"m", b"").end(), "no name"),
        ("dots in pax", pax(&record("path", b"../a")), "a part `..`"),
        ("dots in prefix", tar().block(Block::new(b'0', b"a", 0).with(345, b"..")).end(), "`..`"),
        ("too deep", pax(&record("path", &deep)), "deeper than 256"),
        ("too long", tar().extension(b'L', &long).file(b"m", b"").end(), "4096 bytes"),
        (
            "too long for GNU",
            tar().extension(b'L', &[0; 4097]).file(b"m", b"").end(),
            "long name of",
        ),
        ("too long for pax", pax(&record("path", &[long, b"nn".to_vec()].concat())), "cannot be"),
    ]);
}

#[test]
fn names_that_cannot_be_beside_each_other() {
    refused(vec![
        ("twice", tar().file(b"a", b"1").file(b"a", b"2").end(), "two members"),
        ("twice, spelt twice", tar().file(b"a", b"").file(b"./a", b"").end(), "two members"),
        ("file and link", tar().file(b"a", b"").symlink(b"a", b"x").end(), "two members"),
        ("file, then below", tar().file(b"a", b"").file(b"a/b", b"").end(), "not a directory"),
        ("below, then file", tar().file(b"a/b", b"").file(b"a", b"").end(), "for a directory and"),
        (
            "file, then directory",
            tar().file(b"a", b"").directory(b"a/").end(),
            "for a directory and",
        ),
        (
            "directory, then file",
            tar().directory(b"a/").file(b"a", b"").end(),
            "for a directory and",
        ),
        (
            "through a link",
            tar().symlink(b"a", b"/").file(b"a/b", b"").end(),
            "below a symbolic link",
        ),
        (
            "through a link, deeper",
            tar().symlink(b"d/a", b".").file(b"d/a/b/c", b"").end(),
            "below a symbolic link",
        ),
        ("link over", tar().file(b"a/b", b"").symlink(b"a", b"x").end(), "for a directory and"),
        ("directory over link", tar().symlink(b"a", b"x").directory(b"a/").end(), "directory and"),
        (
            "directory below link",
            tar().symlink(b"a", b"x").directory(b"a/b/").end(),
            "below a symbolic link",
        ),
    ]);
}

#[test]
fn types_that_are_not_unpacked() {
    let sparse = record("GNU.sparse.major", b"1");
    refused(vec![
        ("hard link", tar().file(b"a", b"").block(Block::new(b'1', b"b", 0)).end(), "hard link"),
        ("character device", typed(b'3'), "a device"),
        ("block device", typed(b'4'), "a device"),
        ("FIFO", typed(b'6'), "a FIFO"),
        ("contiguous", typed(b'7'), "contiguous"),
        ("sparse", typed(b'S'), "sparse file"),
        ("sparse in pax", pax(&sparse), "sparse file (`GNU.sparse.major`)"),
        ("sparse of star", pax(&record("SCHILY.realsize", b"9")), "sparse file"),
        ("volume", typed(b'V'), "label of a volume"),
        ("rest of a file", typed(b'M'), "another volume"),
        ("Solaris", typed(b'X'), "Solaris"),
        ("unknown", typed(b'Z'), "unknown type `Z`"),
        ("link to nothing", tar().symlink(b"a", b"").end(), "no target"),
        (
            "link with content",
            tar().block(Block::new(b'2', b"a", 3).with(157, b"t")).end(),
            "content",
        ),
        ("directory with content", tar().block(Block::new(b'5', b"a", 3)).end(), "has content"),
    ]);
}

#[test]
fn headers_that_two_readers_read_as_two() {
    let block = |at, bytes: &[u8]| tar().block(Block::new(b'0', b"m", 0).with(at, bytes)).end();
    let mut unsealed = tar().file(b"a", b"").file(b"b", b"").end();
    unsealed[512] = b'c';
    refused(vec![
        ("checksum", unsealed, "checksum does not fit"),
        ("size is no number", block(124, b"0000000000x\0"), "size is no number"),
        ("size in two parts", block(124, b"00000 00001\0"), "size is no number"),
        ("size is an 8", block(124, b"00000000008\0"), "size is no number"),
        (
            "negative size",
            block(124, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
            "no number",
        ),
        ("huge size", block(124, b"\x80\0\0\x01\0\0\0\0\0\0\0\0"), "size is no number"),
        (
            "size beyond the stream",
            block(124, b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff"),
            "breaks off",
        ),
        ("mode", block(100, b"8\0"), "mode is no number"),
        ("version", block(263, b"11"), "neither ustar"),
        ("xstar", block(508, b"tar\0"), "neither ustar"),
        ("v7 with more", block(257, b"\0\0\0\0\0\0\0\0root"), "neither ustar"),
        (
            "two sizes",
            tar().extension(b'x', &record("size", b"0")).file(b"a", b"abc").end(),
            "two sizes, 3 and 0",
        ),
        // A reader that passes over the size takes the content for a member.
        (
            "smuggled member",
            tar()
                .extension(b'x', &record("size", b"1024"))
                .block(Block::new(b'0', b"a", 0))
                .file(b"b", &[b'x'; 512])
                .end(),
            "two sizes, 0 and 1024",
        ),
        (
            "global path",
            tar().extension(b'g', &record("path", b"a")).file(b"m", b"").end(),
            "global pax",
        ),
        (
            "global size",
            tar().extension(b'g', &record("size", b"1")).file(b"m", b"x").end(),
            "global pax",
        ),
        (
            "global between",
            tar().extension(b'x', b"").extension(b'g', b"").file(b"m", b"").end(),
            "two ways",
        ),
        (
            "pax twice",
            tar().extension(b'x', b"").extension(b'x', b"").file(b"m", b"").end(),
            "two ways",
        ),
        (
            "pax and GNU",
            tar().extension(b'x', b"").extension(b'L', b"n\0").file(b"m", b"").end(),
            "two ways",
        ),
        (
            "GNU twice",
            tar().extension(b'L', b"n\0").extension(b'L', b"o\0").file(b"m", b"").end(),
            "two ways",
        ),
        (
            "links twice",
            tar().extension(b'K', b"n\0").extension(b'K', b"o\0").file(b"m", b"").end(),
            "two ways",
        ),
        ("pax of nothing", tar().extension(b'x', b"").end(), "announces nothing"),
        ("GNU of nothing", tar().extension(b'L', b"n\0").end(), "announces nothing"),
    ]);
}

#[test]
fn records_that_are_none() {
    let twice = [record("path", b"a"), record("path", b"b")].concat();
    refused(vec![
        ("no length", pax(b"path=a\n"), "not `LENGTH KEY=VALUE`"),
        ("length zero", pax(b"0 path=a\n"), "not `LENGTH"),
        ("length too short", pax(b"9 path=a\n0"), "not `LENGTH"),
        ("length too long", pax(b"99 path=a\n"), "not `LENGTH"),
        ("length signed", pax(b"+10 path=a\n"), "not `LENGTH"),
        ("length beyond all", pax(b"99999999999999999999999999 path=a\n"), "not `LENGTH"),
        ("no newline", pax(b"9 path=a "), "not `LENGTH"),
        ("no key", pax(b"5 =a\n"), "not `LENGTH"),
        ("no value", pax(b"8 path=\n"), "`path` that cannot be"),
        ("path twice", pax(&twice), "`path` twice"),
        ("size is no number", pax(&record("size", b"0x1")), "`size` that cannot be"),
        ("size beyond all", pax(&record("size", b"99999999999999999999")), "`size` that cannot be"),
        ("link without a target", pax(&record("linkpath", b"")), "`linkpath` that cannot be"),
        (
            "too large",
            tar().block(Block::new(b'x', b"p", 2 << 20)).end(),
            "pax header of 2097152 bytes",
        ),
    ]);
}

#[test]
fn ends_that_are_none() {
    let start = tar().file(b"a", b"abc");
    let with = |rest: &[u8]| [start.0.as_slice(), rest].concat();
    let second = tar().file(b"b", b"").end();
    refused(vec![
        ("no end", with(b""), "no end mark"),
        ("half an end", with(&[0; 512]), "no end mark"),
        ("cut in the end", with(&[0; 1000]), "breaks off"),
        ("cut in a header", with(&second[..300]), "breaks off"),
        ("cut in content", start.0[..513].to_vec(), "breaks off"),
        ("cut in padding", start.0[..600].to_vec(), "breaks off"),
        (
            "cut in a pax header",
            tar().extension(b'x', &record("path", b"a")).0[..520].to_vec(),
            "breaks off",
        ),
        ("a block of zeros inside", with(&[&[0; 512], &second[..]].concat()), "behind the end"),
        ("a second tar", with(&[&[0; 1024], &second[..]].concat()), "behind the end"),
        ("one byte behind", with(&[&[0; 20_480], &b"x"[..]].concat()), "behind the end"),
    ]);
}
