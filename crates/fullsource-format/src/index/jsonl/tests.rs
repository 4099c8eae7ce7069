//! Indexes read and written back, and what is refused where.

use super::*;
use crate::index::{FileRecord, dir_hash};

fn line(path: &str) -> String {
    format!(r#"{{"path":"{path}","size":{},"sha256":"{}"}}"#, path.len(), sha(path)) + "\n"
}

fn sha(path: &str) -> Sha256 {
    Sha256::of(path.as_bytes())
}

fn read(text: &[u8]) -> Result<FileIndex, IndexError> {
    read_index(text, UnknownFields::Refuse)
}

#[track_caller]
fn refused(text: &[u8]) -> (u64, usize, IndexFault) {
    let IndexError { line, column, fault } = read(text).expect_err("this index is refused");
    (line, column, fault)
}

#[test]
fn an_index_is_bound_by_its_bytes_its_lines_and_its_tree() {
    let text = line("a") + &line("b/c") + &line("b/d");
    let index = read(text.as_bytes()).unwrap();
    let digests = &index.digests;
    assert_eq!((digests.file_count, digests.total_bytes), (3, 7));
    assert_eq!(digests.size, text.len() as u64);
    assert_eq!(digests.sha256, Sha256::of(text.as_bytes()));
    let lines = index.files.iter().map(|file| (file.path, file.sha256.unwrap()));
    assert_eq!(digests.dir_hash, dir_hash(lines).unwrap());
    let mut tree = MerkleTree::default();
    index.files.iter().for_each(|file| tree.push(&file.entry().unwrap()));
    assert_eq!(digests.merkle_root, tree.root());
    let mut written = Vec::new();
    assert_eq!(write_index(&index.files, &mut written).unwrap(), *digests);
    assert_eq!(String::from_utf8(written).unwrap(), text);
}

#[test]
fn no_bytes_are_the_index_of_no_files() {
    let index = read(b"").unwrap();
    assert_eq!((index.files.len(), index.digests.sha256), (0, Sha256::of(b"")));
    assert!(matches!(refused(b"\n"), (1, _, IndexFault::Line(_))));
}

#[test]
fn order_and_twins_are_refused_with_their_line() {
    let unsorted = line("b") + &line("c") + &line("a");
    assert!(matches!(refused(unsorted.as_bytes()), (3, 1, IndexFault::Order { .. })));
    let twice = line("b") + &line("b");
    assert!(matches!(refused(twice.as_bytes()), (2, 1, IndexFault::Duplicate { .. })));
    let escaped = line("b") + &line("\\u0062");
    assert!(matches!(refused(escaped.as_bytes()), (2, 1, IndexFault::Duplicate { .. })));
    // UTF-16 order would take these; bytes decide.
    let astral = line("\u{ff5e}") + &line("\u{1f600}");
    assert!(read(astral.as_bytes()).is_ok());
    let astral = line("\u{1f600}") + &line("\u{ff5e}");
    assert!(matches!(refused(astral.as_bytes()), (2, 1, IndexFault::Order { .. })));
}

#[test]
fn a_cut_index_is_refused() {
    let text = line("a") + &line("b");
    let cut = &text.as_bytes()[..text.len() - 1];
    assert!(matches!(refused(cut), (2, column, IndexFault::Unterminated) if column > 90));
    assert!(matches!(refused(&cut[..cut.len() - 30]), (2, _, IndexFault::Unterminated)));
}

#[test]
fn faults_in_a_line_have_its_number_and_their_column() {
    let bad = line("a") + &line("b").replace("\"size\":1", "\"size\":1.0");
    let (line_number, column, fault) = refused(bad.as_bytes());
    assert_eq!((line_number, column), (2, 22));
    assert!(fault.to_string().contains("integer"), "{fault}");
    let bom = "\u{feff}".to_owned() + &line("a");
    assert!(matches!(refused(bom.as_bytes()), (1, 1, IndexFault::Line(_))));
}

/// Endless bytes, counted.
struct Endless(u64);
impl std::io::Read for Endless {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        to.fill(b' ');
        self.0 += to.len() as u64;
        Ok(to.len())
    }
}

#[test]
fn a_line_without_end_is_not_read_to_its_end() {
    let mut source = std::io::BufReader::new(Endless(0));
    let error = read_index(&mut source, UnknownFields::Ignore).unwrap_err();
    assert!(matches!(error.fault, IndexFault::LineTooLong));
    assert!(source.get_ref().0 < 3 * limits::INDEX_LINE_BYTES as u64);
}

#[test]
fn a_writer_refuses_what_a_reader_would() {
    let entry = |path| IndexEntry { path, size: 1, sha256: sha("x"), blake3: None };
    let mut writer = IndexWriter::new(Vec::new());
    writer.push(&entry("b")).unwrap();
    for path in ["a", "b", "../c", "c\\d", "c\\/d", "c\nd"] {
        assert!(matches!(writer.push(&entry(path)), Err(WriteError::Entry(_))), "{path}");
    }
    assert_eq!(writer.finish().unwrap().file_count, 1);
    let mut files = FileTable::builder();
    files.push(FileRecord { path: "a", size: 1, sha256: None, blake3: None }).unwrap();
    let refused = write_index(&files.build().unwrap(), Vec::new());
    assert!(matches!(refused, Err(WriteError::Undigested { .. })));
}

/// `lim-7`, `lim-8`: up to the limit, and not a byte more; the line feed counts.
#[test]
fn an_index_and_its_lines_have_all_the_bytes_that_they_may() {
    let refused = |bytes: usize, before: u64| {
        let text = [vec![b' '; bytes - 1], b"\n".to_vec(), b"next\n".to_vec()].concat();
        let mut line = Vec::new();
        let read = read_line(&mut &text[..], &mut line, before);
        read.is_ok().then(|| assert_eq!(line.len(), bytes));
        read.err().map(|fault| matches!(fault, IndexFault::LineTooLong))
    };
    let (most, all) = (limits::INDEX_LINE_BYTES, limits::INDEX_BYTES);
    assert_eq!((refused(most, 0), refused(most + 1, 0)), (None, Some(true)));
    assert_eq!((refused(8, all - 8), refused(8, all - 7)), (None, Some(false)));
    let entry = IndexEntry { path: "a", size: 1, sha256: sha("a"), blake3: None };
    let bytes = line("a").len() as u64;
    for (before, fits) in [(all - bytes, true), (all - bytes + 1, false)] {
        let mut writer = IndexWriter::new(Vec::new());
        writer.binding.size = before;
        assert_eq!(writer.push(&entry).is_ok(), fits);
    }
}

#[test]
fn all_files_together_have_as_many_bytes_as_an_integer_tells() {
    let sized = |path: &str, size: u64| {
        line(path).replace(&format!("\"size\":{}", path.len()), &format!("\"size\":{size}"))
    };
    let most = sized("a", limits::MAX_INTEGER - 1) + &sized("b", 1);
    assert_eq!(read(most.as_bytes()).unwrap().digests.total_bytes, limits::MAX_INTEGER);
    let more = sized("a", limits::MAX_INTEGER - 1) + &sized("b", 2);
    let total = IndexFault::from(TableError::TotalBytes).to_string();
    assert_eq!(refused(more.as_bytes()).2.to_string(), total);
}
