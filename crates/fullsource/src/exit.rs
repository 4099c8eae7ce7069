//! How a run ends: exit codes, and failures that say what happened, where, and what to do.

use std::fmt;
use std::path::Path;

use fullsource_format::json::{Place, Position};
use fullsource_format::release_dir;
use fullsource_verify::finding::{Code, Finding};
use fullsource_verify::report::Report;

/// Exit codes that are promised to scripts (design: 0 pass, 1 fail, 3 incomplete come with a
/// report's verdict).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// It was done, or it passes.
    Done = 0,
    /// What was checked is wrong.
    Fail = 1,
    /// The command line is wrong.
    Usage = 2,
    /// What was asked for could not be established.
    Incomplete = 3,
    /// It could not run: a bad input file, no key, a full disk.
    CouldNotRun = 4,
    /// Ended by Ctrl-C (128 + SIGINT, as shells have it).
    Interrupted = 130,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command did not do what it was asked for.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// What the message is about, one line each.
    pub(crate) list: Vec<String>,
    pub(crate) help: String,
    pub(crate) excerpt: Option<Box<Excerpt>>,
    /// What is wrong besides, in the same document.
    pub(crate) others: Box<[Failure]>,
}

/// Bytes of a line that are kept before a fault, and from it on: more than is shown.
const EXCERPT_BYTES: usize = 512;

/// A place in a document, with the part of its line that is about it.
#[derive(Debug)]
pub(crate) struct Excerpt {
    pub(crate) document: String,
    pub(crate) place: Place,
    /// The same place as editors count it; none in what a file holds encoded.
    pub(crate) position: Option<Position>,
    /// Whether the line starts before what is kept of it.
    cut: bool,
    before: String,
    after: String,
}

impl Excerpt {
    /// Some characters of the line before the fault, and so many from it on; and whether there are
    /// more before.
    pub(crate) fn around(&self, characters: usize) -> (&str, &str, bool) {
        let start = self.before.char_indices().rev().nth(characters);
        let start = start.map_or(0, |(start, _)| start);
        let end =
            self.after.char_indices().nth(characters).map_or(self.after.len(), |(end, _)| end);
        (&self.before[start..], &self.after[..end], self.cut || start > 0)
    }
}

impl Failure {
    /// A failure with a code of the findings' registry, whose help it brings.
    pub(crate) fn of(code: Code, message: impl fmt::Display) -> Self {
        Self {
            exit: Exit::CouldNotRun,
            code: code.as_str(),
            message: message.to_string(),
            list: Vec::new(),
            help: code.help().to_owned(),
            excerpt: None,
            others: Box::default(),
        }
    }

    /// A command line that makes no sense as a whole.
    pub(crate) fn usage(message: impl fmt::Display, help: impl fmt::Display) -> Self {
        Self {
            exit: Exit::Usage,
            code: "usage",
            message: message.to_string(),
            list: Vec::new(),
            help: help.to_string(),
            excerpt: None,
            others: Box::default(),
        }
    }

    /// Something that the system refused.
    pub(crate) fn system(what: impl fmt::Display, path: &Path, error: &std::io::Error) -> Self {
        let message = format!("cannot {what} `{}`: {}", path.display(), reason(error));
        Self::of(Code::TargetUnreadable, message).helping(system_help(error))
    }

    /// An output that the system refused. It is no finding: nothing that was judged is wrong.
    pub(crate) fn unwritten(path: &Path, error: &std::io::Error) -> Self {
        Self { code: "output-unwritable", ..Self::system("write", path, error) }
    }

    /// Ended by Ctrl-C.
    pub(crate) fn interrupted() -> Self {
        Self {
            exit: Exit::Interrupted,
            code: "interrupted",
            message: "stopped before the end; nothing was written".to_owned(),
            list: Vec::new(),
            help: "run the command again".to_owned(),
            excerpt: None,
            others: Box::default(),
        }
    }

    /// The same, with another help.
    pub(crate) fn helping(mut self, help: impl fmt::Display) -> Self {
        self.help = help.to_string();
        self
    }

    /// The same, about several things.
    pub(crate) fn listing(mut self, lines: Vec<String>) -> Self {
        self.list = lines;
        self
    }

    /// The same, as a finding of another code.
    pub(crate) fn coded(mut self, code: Code) -> Self {
        self.code = code.as_str();
        self
    }

    /// The same, as a finding of another code where the system refused (`ver-1`).
    pub(crate) fn unread(self, code: Code) -> Self {
        if self.code == Code::TargetUnreadable.as_str() { self.coded(code) } else { self }
    }

    /// The same, at a place of a document. Of one that a release only links to nothing is quoted: the
    /// link may lead to any file of whoever looks at the release.
    pub(crate) fn at(mut self, document: &Path, bytes: &[u8], place: Place) -> Self {
        if leads_elsewhere(document) {
            self.message = format!("`{}`, a symbolic link: {}", document.display(), self.message);
            return self;
        }
        let fault = place.offset.min(bytes.len());
        let column = place.column.saturating_sub(1).min(fault);
        let characters = String::from_utf8_lossy(&bytes[fault - column..fault]).chars().count();
        // A document may be one line of many megabytes, and have many faults.
        let (before, after) = (column.min(EXCERPT_BYTES), (bytes.len() - fault).min(EXCERPT_BYTES));
        let rest = bytes[fault..fault + after].split(|b| *b == b'\n').next().unwrap_or_default();
        self.excerpt = Some(Box::new(Excerpt {
            document: document.display().to_string(),
            place,
            position: Some(Position { line: place.line as u64, column: characters as u64 + 1 }),
            cut: before < column,
            before: String::from_utf8_lossy(&bytes[fault - before..fault]).into_owned(),
            after: String::from_utf8_lossy(rest).into_owned(),
        }));
        self
    }

    /// The same, where the document is the payload of an envelope: its places are none of the file.
    pub(crate) fn in_payload(mut self) -> Self {
        let others = std::mem::take(&mut self.others).into_vec().into_iter();
        self.others = others.map(Self::in_payload).collect();
        if let Some(excerpt) = &mut self.excerpt {
            excerpt.position = None;
        }
        self
    }

    /// The report of a run that ended in this failure.
    pub(crate) fn report(&self) -> Option<Report> {
        let faults = std::iter::once(self).chain(&self.others);
        let findings: Option<Vec<_>> = faults.map(Self::finding).collect();
        findings.map(Report::unjudged)
    }

    fn finding(&self) -> Option<Finding> {
        let code = Code::from_text(self.code)?;
        let place = self.excerpt.as_ref();
        let path = place.map(|excerpt| excerpt.document.clone());
        let finding = Finding::new(code, self.message.clone()).helping(self.help.clone());
        Some(Finding { path, ..finding }.placed(place.and_then(|excerpt| excerpt.position)))
    }
}

/// The system's words, without its number; ours where the error did not come from there.
pub(crate) fn reason(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    let text = match (error.raw_os_error(), error.kind()) {
        (_, ErrorKind::AlreadyExists) => "it is there already".to_owned(),
        (None, ErrorKind::IsADirectory) => "it is a directory".to_owned(),
        (None, ErrorKind::TimedOut) => "nothing came through this pipe".to_owned(),
        _ => error.to_string(),
    };
    match text.find(" (os error") {
        Some(end) => text[..end].to_lowercase(),
        None => text,
    }
}

fn system_help(error: &std::io::Error) -> &'static str {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "check the path",
        ErrorKind::PermissionDenied => "check the permissions of the path and of its directory",
        ErrorKind::IsADirectory => "name a file, not a directory",
        ErrorKind::NotADirectory => "name a directory, not a file",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "free some space; nothing was written",
        ErrorKind::ReadOnlyFilesystem => "write elsewhere with `-o`; nothing was written",
        ErrorKind::FileTooLarge => {
            "raise the limit on file sizes (`ulimit -f`); nothing was written"
        }
        ErrorKind::OutOfMemory => "let the program have more memory",
        ErrorKind::TimedOut => "name a file, or start the program that writes to the pipe first",
        ErrorKind::AlreadyExists => "choose another name, or remove what is there",
        _ => "check the path, its permissions and the disk",
    }
}

/// Whether what a release should hold under this name lies elsewhere.
fn leads_elsewhere(document: &Path) -> bool {
    let names = [release_dir::BUNDLE, release_dir::ENVELOPE, release_dir::MANIFEST];
    let found = document.file_name().is_some_and(|name| names.iter().any(|known| name == *known));
    found && document.is_symlink()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_quoted_of_what_a_release_links_to() {
        let directory = tempfile::tempdir().unwrap();
        let link = directory.path().join(release_dir::BUNDLE);
        std::os::unix::fs::symlink("/etc/passwd", &link).unwrap();
        let place = Place::at(b"root:x", 0, 1);
        let failure = Failure::of(Code::BundleMalformed, "no JSON").at(&link, b"root:x", place);
        assert!(failure.excerpt.is_none() && failure.message.contains("a symbolic link: no JSON"));
    }

    #[test]
    fn of_a_long_line_only_the_part_about_the_fault_is_kept() {
        let line = format!("first\n{}FAULT{}\nlast", "é".repeat(1 << 20), "y".repeat(1 << 20));
        let offset = line.find("FAULT").unwrap();
        let place = Place::at(line.as_bytes(), offset, 5);
        let failure = Failure::of(Code::ManifestMalformed, "x");
        let failure = failure.at(Path::new("m.json"), line.as_bytes(), place);
        let excerpt = failure.excerpt.unwrap();
        assert!(excerpt.before.len() + excerpt.after.len() < 2000);
        assert_eq!(excerpt.around(2), ("ééé", "FA", true));
        let place = Place::at(line.as_bytes(), 2, 9);
        let failure = Failure::of(Code::ManifestMalformed, "x");
        let failure = failure.at(Path::new("m.json"), line.as_bytes(), place);
        assert_eq!(failure.excerpt.unwrap().around(60), ("fi", "rst", false));
        let place = Place::at(b"", 0, 1);
        let failure = Failure::of(Code::ManifestMalformed, "x").at(Path::new("m"), b"", place);
        assert_eq!(failure.excerpt.unwrap().around(60), ("", "", false));
    }
}
