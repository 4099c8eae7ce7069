//! The file index as a stream of lines, read and written in memory of one line.
//!
//! Spec: `spec/v0.1/file-index.md`.

use std::io::{BufRead, Read as _, Write};

use sha2::Digest as _;

use super::dir_hash::{DirHashError, DirHasher};
use super::line::{self, Line};
use super::{FileTable, IndexDigests, IndexEntry, MerkleTree, TableError};
use crate::digest::Sha256;
use crate::json::{JsonError, UnknownFields};
use crate::limits;

/// Why a file index is refused, and where.
#[derive(Debug, thiserror::Error)]
#[error("line {line}, column {column}: {fault}")]
pub struct IndexError {
    /// The line, from 1.
    pub line: u64,
    /// The column in bytes, from 1.
    pub column: usize,
    /// What is wrong.
    #[source]
    pub fault: IndexFault,
}

/// What is wrong with a file index.
#[derive(Debug, thiserror::Error)]
pub enum IndexFault {
    /// The index could not be read.
    #[error("cannot be read: {0}")]
    Read(#[source] std::io::Error),
    /// A line longer than the limit.
    #[error("a line has at most {limit} bytes", limit = limits::INDEX_LINE_BYTES)]
    LineTooLong,
    /// An index longer than the limit.
    #[error("a file index has at most {limit} bytes", limit = limits::INDEX_BYTES)]
    TooLarge,
    /// The last line has no newline: the index was cut short, or not written by a producer.
    #[error("the last line does not end in a newline")]
    Unterminated,
    /// A line that ends in CR LF.
    #[error("the line has a carriage return before its newline")]
    CarriageReturn,
    /// The line is not an entry.
    #[error("{}", .0.fault)]
    Line(#[source] JsonError),
    /// A path that does not come after the one before it, by bytes.
    #[error("`{path}` does not come after `{previous}` in the order of bytes")]
    Order {
        /// The path.
        path: String,
        /// The path of the line before.
        previous: String,
    },
    /// One path twice.
    #[error("`{path}` is listed twice")]
    Duplicate {
        /// The path.
        path: String,
    },
    /// More files or bytes than a table holds.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A name for which dirHash is undefined.
    #[error(transparent)]
    DirHash(#[from] DirHashError),
}

/// A file index in memory, and what binds it.
#[derive(Debug, Clone)]
pub struct FileIndex {
    /// Its entries.
    pub files: FileTable,
    /// What binds it.
    pub digests: IndexDigests,
}

/// Reads a whole index.
pub fn read_index(source: impl BufRead, unknown: UnknownFields) -> Result<FileIndex, IndexError> {
    let mut reader = IndexReader::new(source, unknown);
    let mut files = FileTable::builder();
    while let Some(entry) = reader.next_entry()? {
        if let Err(error) = files.push(entry.into()) {
            return Err(reader.refuse(1, error.into()));
        }
    }
    let files = files.build().map_err(|error| reader.refuse(1, error.into()))?;
    Ok(FileIndex { files, digests: reader.digests() })
}

/// Reads an index entry by entry, and digests it on the way.
#[derive(Debug)]
pub struct IndexReader<R> {
    source: R,
    unknown: UnknownFields,
    line: Vec<u8>,
    line_number: u64,
    previous: String,
    binding: Binding,
}

impl<R: BufRead> IndexReader<R> {
    /// A reader at the start of an index.
    pub fn new(source: R, unknown: UnknownFields) -> Self {
        let binding = Binding::default();
        let previous = String::new();
        Self { source, unknown, line: Vec::new(), line_number: 0, previous, binding }
    }

    /// The next entry, or `None` at the end. Entries ascend strictly by path bytes.
    pub fn next_entry(&mut self) -> Result<Option<IndexEntry<'_>>, IndexError> {
        let number = self.line_number + 1;
        let refuse = |column, fault| IndexError { line: number, column, fault };
        self.line.clear();
        read_line(&mut self.source, &mut self.line, self.binding.size)
            .map_err(|fault| refuse(self.line.len().max(1), fault))?;
        let Some(text) = self.line.strip_suffix(b"\n") else {
            return match self.line.len() {
                0 => Ok(None),
                length => Err(refuse(length, IndexFault::Unterminated)),
            };
        };
        self.line_number = number;
        if text.ends_with(b"\r") {
            return Err(refuse(text.len(), IndexFault::CarriageReturn));
        }
        let line = line::read(text, self.unknown)
            .map_err(|error| refuse(error.place.column, IndexFault::Line(error)))?;
        check_order(&self.previous, &line).map_err(|fault| refuse(1, fault))?;
        self.binding.push(&line.entry(), &self.line).map_err(|fault| refuse(1, fault))?;
        let Line { path, size, sha256, blake3 } = line;
        self.previous.clear();
        self.previous.push_str(&path);
        Ok(Some(IndexEntry { path: &self.previous, size, sha256, blake3 }))
    }

    /// What binds the entries read so far: the index, once [`next_entry`](Self::next_entry) has
    /// given `None`.
    pub fn digests(&self) -> IndexDigests {
        self.binding.digests()
    }

    fn refuse(&self, column: usize, fault: IndexFault) -> IndexError {
        IndexError { line: self.line_number, column, fault }
    }
}

/// Reads up to and with the next newline, and one byte more than the limits let a line have at the most.
fn read_line(source: &mut impl BufRead, line: &mut Vec<u8>, before: u64) -> Result<(), IndexFault> {
    let most = limits::INDEX_LINE_BYTES as u64;
    source.take(most + 1).read_until(b'\n', line).map_err(IndexFault::Read)?;
    let length = line.len() as u64;
    if before + length > limits::INDEX_BYTES {
        return Err(IndexFault::TooLarge);
    }
    if length > most { Err(IndexFault::LineTooLong) } else { Ok(()) }
}

fn check_order(previous: &str, line: &Line<'_>) -> Result<(), IndexFault> {
    let path = line.path.as_ref();
    match path.cmp(previous) {
        std::cmp::Ordering::Greater => Ok(()),
        std::cmp::Ordering::Equal => Err(IndexFault::Duplicate { path: path.to_owned() }),
        std::cmp::Ordering::Less => {
            Err(IndexFault::Order { path: path.to_owned(), previous: previous.to_owned() })
        }
    }
}

/// The digests of the lines so far.
#[derive(Debug, Clone, Default)]
struct Binding {
    bytes: sha2::Sha256,
    size: u64,
    lines: DirHasher,
    tree: MerkleTree,
    total_bytes: u64,
}

impl Binding {
    fn push(&mut self, entry: &IndexEntry<'_>, line: &[u8]) -> Result<(), IndexFault> {
        let total_bytes = self.total_bytes.saturating_add(entry.size);
        if total_bytes > limits::MAX_INTEGER {
            return Err(TableError::TotalBytes.into());
        }
        if self.tree.count() >= limits::FILES as u64 {
            return Err(TableError::TooManyFiles.into());
        }
        self.lines.push(entry.path, &entry.sha256)?;
        self.tree.push(entry);
        self.bytes.update(line);
        self.size += line.len() as u64;
        self.total_bytes = total_bytes;
        Ok(())
    }

    fn digests(&self) -> IndexDigests {
        IndexDigests {
            sha256: Sha256::new(self.bytes.clone().finalize().into()),
            size: self.size,
            dir_hash: self.lines.clone().finish(),
            merkle_root: self.tree.root(),
            file_count: self.tree.count(),
            total_bytes: self.total_bytes,
        }
    }
}

/// Why a file index cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The destination takes no more.
    #[error("cannot be written: {0}")]
    Write(#[source] std::io::Error),
    /// A file whose SHA-256 is not known.
    #[error("the sha256 of `{path}` is not known")]
    Undigested {
        /// The path.
        path: String,
    },
    /// An entry that a reader would refuse.
    #[error(transparent)]
    Entry(#[from] IndexFault),
}

/// Writes the index of a table, and gives what binds it. Fails where a file's SHA-256 is not known.
pub fn write_index(files: &FileTable, to: impl Write) -> Result<IndexDigests, WriteError> {
    let mut writer = IndexWriter::new(to);
    for file in files.iter() {
        let entry =
            file.entry().ok_or_else(|| WriteError::Undigested { path: file.path.to_owned() })?;
        writer.push(&entry)?;
    }
    writer.finish()
}

/// Writes an index entry by entry, and digests it on the way.
#[derive(Debug)]
pub struct IndexWriter<W: Write> {
    to: std::io::BufWriter<W>,
    line: Vec<u8>,
    previous: String,
    binding: Binding,
}

impl<W: Write> IndexWriter<W> {
    /// A writer of an index without entries yet.
    pub fn new(to: W) -> Self {
        let to = std::io::BufWriter::with_capacity(1 << 16, to);
        Self { to, line: Vec::new(), previous: String::new(), binding: Binding::default() }
    }

    /// Writes one entry. Fails where it does not come after the one before it, or a limit is passed.
    pub fn push(&mut self, entry: &IndexEntry<'_>) -> Result<(), WriteError> {
        self.line.clear();
        line::write(entry, &mut self.line);
        let text = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        let line = line::read(text, UnknownFields::Refuse).map_err(IndexFault::Line)?;
        check_order(&self.previous, &line)?;
        if self.binding.size + self.line.len() as u64 > limits::INDEX_BYTES {
            return Err(IndexFault::TooLarge.into());
        }
        self.binding.push(entry, &self.line)?;
        self.previous.clear();
        self.previous.push_str(entry.path);
        self.to.write_all(&self.line).map_err(WriteError::Write)
    }

    /// What binds the index, all of it written to the destination.
    pub fn finish(mut self) -> Result<IndexDigests, WriteError> {
        self.to.flush().map_err(WriteError::Write)?;
        Ok(self.binding.digests())
    }
}

#[cfg(test)]
mod tests;
