//! tars made byte by byte.

use super::{Got, Tree, file, tree};

/// A header block, whose fields may be changed before it is sealed.
#[derive(Clone)]
pub(super) struct Block(pub(super) [u8; 512]);

impl Block {
    pub(super) fn new(kind: u8, name: &[u8], size: u64) -> Self {
        let mut block = Self([0; 512]);
        block.put(0, name).put(100, b"0000644\0").put(257, b"ustar\x0000");
        block.put(124, format!("{size:011o}\0").as_bytes());
        block.0[156] = kind;
        block
    }

    pub(super) fn put(&mut self, at: usize, bytes: &[u8]) -> &mut Self {
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
        self
    }

    pub(super) fn with(mut self, at: usize, bytes: &[u8]) -> Self {
        self.put(at, bytes);
        self
    }

    /// The block with the checksum that it needs.
    pub(super) fn sealed(mut self) -> [u8; 512] {
        self.put(148, b"        ");
        let sum: u32 = self.0.iter().map(|byte| u32::from(*byte)).sum();
        self.put(148, format!("{sum:06o}\0 ").as_bytes());
        self.0
    }
}

/// A tar being written.
#[derive(Default, Clone)]
pub(super) struct Tar(pub(super) Vec<u8>);

impl Tar {
    pub(super) fn block(mut self, block: Block) -> Self {
        self.0.extend(block.sealed());
        self
    }

    pub(super) fn member(self, block: Block, content: &[u8]) -> Self {
        let mut tar = self.block(block);
        tar.0.extend(content);
        tar.0.resize(tar.0.len().next_multiple_of(512), 0);
        tar
    }

    pub(super) fn file(self, name: &[u8], content: &[u8]) -> Self {
        self.member(Block::new(b'0', name, content.len() as u64), content)
    }

    pub(super) fn directory(self, name: &[u8]) -> Self {
        self.block(Block::new(b'5', name, 0))
    }

    pub(super) fn symlink(self, name: &[u8], target: &[u8]) -> Self {
        self.block(Block::new(b'2', name, 0).with(157, target))
    }

    /// A header of this kind with content, such as `x` with records.
    pub(super) fn extension(self, kind: u8, content: &[u8]) -> Self {
        self.member(Block::new(kind, b"extension", content.len() as u64), content)
    }

    pub(super) fn end(mut self) -> Vec<u8> {
        self.0.extend([0; 1024]);
        self.0
    }
}

/// A pax record.
pub(super) fn record(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = 1 + key.len() + 1 + value.len() + 1;
    let digits = (1..).find(|digits| (rest + digits).to_string().len() == *digits).unwrap();
    [format!("{} {key}=", rest + digits).as_bytes(), value, b"\n"].concat()
}

fn one(path: &[u8], content: &[u8]) -> Tree {
    Tree::from([(path.to_vec(), file(content))])
}

#[test]
fn plain_names_links_and_modes() {
    let executable = Block::new(b'0', b"./bin/run", 2).with(100, b"0000755\0");
    let tar = Tar::default()
        .directory(b"./")
        .directory(b"./bin/")
        .member(executable, b"#!")
        .file(b"latin-\xe9\\x", b"")
        .symlink(b"a", b"../../anywhere")
        .directory(b"./bin");
    let got = Tree::from([
        (b"a".to_vec(), Got::Symlink(b"../../anywhere".to_vec())),
        (b"bin/run".to_vec(), Got::File { content: b"#!".to_vec(), executable: true }),
        (b"latin-\xe9\\x".to_vec(), file(b"")),
    ]);
    assert_eq!(tree(&tar.end()).unwrap(), got);
}

#[test]
fn an_empty_tar_is_a_tree_without_entries() {
    assert_eq!(tree(&[0; 10_240]).unwrap(), Tree::new());
}

#[test]
fn every_dialect_is_read() {
    let gnu = Block::new(b'0', b"gnu", 1).with(257, b"ustar  \0").with(345, b"00000000000\0");
    let v7 = Block::new(0, b"v7", 1).with(257, &[0; 8]);
    let v7_directory = Block::new(0, b"d/", 0).with(257, &[0; 8]);
    let large = Block::new(b'0', b"base-256", 0).with(124, b"\x80\0\0\0\0\0\0\0\0\0\0\x01");
    let spaces = Block::new(b'0', b"spaces", 0).with(124, b"         1  ");
    let prefix = Block::new(b'0', b"name", 1).with(345, b"pre/fix");
    for (block, name) in [
        (gnu, "gnu"),
        (v7, "v7"),
        (large, "base-256"),
        (spaces, "spaces"),
        (prefix, "pre/fix/name"),
    ] {
        let tar = Tar::default().block(v7_directory.clone()).member(block, b"x").end();
        assert_eq!(tree(&tar).unwrap(), one(name.as_bytes(), b"x"), "{name}");
    }
}

#[test]
fn extensions_say_what_a_header_cannot() {
    let path = [record("mtime", b"1.5"), record("path", "模/é".as_bytes())].concat();
    let pax = Tar::default()
        .extension(b'g', &record("comment", b"0123"))
        .extension(b'x', &path)
        .file(b"short", b"x");
    assert_eq!(tree(&pax.end()).unwrap(), one("模/é".as_bytes(), b"x"));

    let size = Tar::default().extension(b'x', &record("size", b"3")).file(b"a", b"abc");
    assert_eq!(tree(&size.end()).unwrap(), one(b"a", b"abc"));

    let long = vec![b'n'; 300];
    let gnu = Tar::default()
        .extension(b'K', &[b"t".repeat(200), vec![0]].concat())
        .extension(b'L', &[&long[..], b"\0"].concat())
        .symlink(b"short", b"short");
    let got = Tree::from([(long.clone(), Got::Symlink(b"t".repeat(200)))]);
    assert_eq!(tree(&gnu.end()).unwrap(), got);
}
