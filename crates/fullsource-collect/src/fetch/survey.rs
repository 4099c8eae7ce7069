//! What stands in a release directory before a fetch: kept where it is what was signed.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::os::fd::AsFd as _;

use fullsource_format::index::{FileRecord, FileTable};
use fullsource_format::release_dir;
use rustix::fs::{FileType, fstat};
use rustix::io::Errno;

use super::Fetch;
use crate::directory::Directory;
use crate::hash::{Wanted, hash_files};
use crate::progress::Stopped;

/// What is there and what is not.
#[derive(Debug, Default)]
pub struct Survey {
    /// Files that have to come, by their index in the table.
    pub(super) missing: Vec<usize>,
    /// Bytes of those.
    pub missing_bytes: u64,
    /// Files that are there, with the digest that was signed.
    pub kept: u64,
    /// What is in the way, by the index of the file.
    pub in_the_way: Vec<(usize, InTheWay)>,
}

/// What stands in the place of a file that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InTheWay {
    /// Another file: it may be replaced.
    Other,
    /// A symbolic link: the link itself may be replaced.
    Link,
    /// A directory or a special file.
    Special,
    /// A symbolic link or a file where a directory has to be.
    Above,
    /// The path is one that receiving needs for itself.
    Reserved,
    /// It cannot be read.
    Unreadable(String),
}

impl InTheWay {
    /// Whether the file that comes may take its place.
    pub const fn may_be_replaced(&self) -> bool {
        matches!(self, Self::Other | Self::Link)
    }
}

impl fmt::Display for InTheWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other => f.write_str("another file stands there"),
            Self::Link => f.write_str("a symbolic link stands there"),
            Self::Special => f.write_str("something that is not a file stands there"),
            Self::Above => {
                f.write_str("a symbolic link or a file stands where a directory has to be")
            }
            Self::Reserved => f.write_str("the path is one that fetching needs for itself"),
            Self::Unreadable(reason) => write!(f, "what stands there cannot be read: {reason}"),
        }
    }
}

enum Found {
    Nothing,
    SameSize,
    InTheWay(InTheWay),
}

impl Fetch<'_> {
    /// Looks at what stands there. Files of the right size are hashed, on all of these threads.
    pub fn survey(&self, files: &FileTable, threads: NonZeroUsize) -> Result<Survey, Stopped> {
        let mut survey = Survey::default();
        let mut indices = Vec::new();
        let directory = self.receiving.directory();
        for (index, record) in files.iter().enumerate() {
            self.progress.check()?;
            match find(directory, &record) {
                Found::Nothing => survey.miss(index, record.size),
                Found::InTheWay(what) => self.in_the_way(&mut survey, index, record.size, what),
                Found::SameSize => indices.push(index),
            }
        }
        let Some(mut hashed) = part_of(files, &indices) else {
            let reason = || InTheWay::Unreadable("it does not fit into one list".to_owned());
            survey.in_the_way.extend(indices.into_iter().map(|index| (index, reason())));
            return Ok(survey);
        };
        let troubles = hash_files(directory, &mut hashed, Wanted::Sha256, threads, self.progress)?;
        let troubles: BTreeMap<_, _> = troubles.into_iter().collect();
        for (nth, index) in indices.into_iter().enumerate() {
            let (found, signed) = (hashed.record(nth).sha256, files.record(index));
            let what = match troubles.get(&nth) {
                Some(trouble) => InTheWay::Unreadable(trouble.to_string()),
                None if found.is_some() && found == signed.sha256 => {
                    survey.kept += 1;
                    continue;
                }
                None => InTheWay::Other,
            };
            self.in_the_way(&mut survey, index, signed.size, what);
        }
        // The largest first, so that no connection is left with it alone at the end.
        survey.missing.sort_by_key(|index| std::cmp::Reverse(files.record(*index).size));
        survey.in_the_way.sort_by_key(|(index, _)| *index);
        Ok(survey)
    }

    fn in_the_way(&self, survey: &mut Survey, index: usize, size: u64, what: InTheWay) {
        match self.replace && what.may_be_replaced() {
            true => survey.miss(index, size),
            false => survey.in_the_way.push((index, what)),
        }
    }

    /// What stands under the name of one file.
    pub fn stands(&self, record: &FileRecord<'_>) -> Result<Stands, Stopped> {
        let mut one = FileTable::builder();
        let pushed = one.push(*record);
        let (Ok(()), Ok(one)) = (pushed, one.build()) else {
            return Ok(Stands::Other(InTheWay::Other));
        };
        let survey = Self { replace: false, ..*self }.survey(&one, NonZeroUsize::MIN)?;
        Ok(match survey.in_the_way.into_iter().next() {
            Some((_, what)) => Stands::Other(what),
            None if survey.kept == 1 => Stands::Same,
            None => Stands::Nothing,
        })
    }
}

/// What stands under the name of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stands {
    /// Nothing.
    Nothing,
    /// The file that was signed.
    Same,
    /// Something else, or something that cannot be read.
    Other(InTheWay),
}

impl Survey {
    fn miss(&mut self, index: usize, size: u64) {
        self.missing.push(index);
        self.missing_bytes += size;
    }

    /// How many files have to come.
    pub fn missing(&self) -> usize {
        self.missing.len()
    }
}

/// These files of a table, with no digest yet. Indices ascend.
fn part_of(files: &FileTable, indices: &[usize]) -> Option<FileTable> {
    let mut part = FileTable::builder();
    for index in indices {
        let bare = FileRecord { sha256: None, blake3: None, ..files.record(*index) };
        part.push(bare).ok()?;
    }
    part.build().ok()
}

fn find(directory: &Directory, record: &FileRecord<'_>) -> Found {
    use InTheWay::{Above, Link, Other, Reserved, Special, Unreadable};
    if record.path.split('/').next() == Some(release_dir::PARTIAL) {
        return Found::InTheWay(Reserved);
    }
    let fd = match directory.open_file(record.path.as_bytes()) {
        Ok(fd) => fd,
        Err(Errno::NOENT) => return Found::Nothing,
        Err(Errno::NXIO) => return Found::InTheWay(Special),
        Err(Errno::NOTDIR) => return Found::InTheWay(Above),
        Err(Errno::LOOP) => {
            let last = directory_of(directory, record.path);
            return Found::InTheWay(if last { Link } else { Above });
        }
        Err(error) => {
            return Found::InTheWay(Unreadable(crate::refusal::Refusal::from(error).to_string()));
        }
    };
    let Ok(about) = fstat(fd.as_fd()) else { return Found::InTheWay(Special) };
    if FileType::from_raw_mode(about.st_mode) != FileType::RegularFile {
        return Found::InTheWay(Special);
    }
    match u64::try_from(about.st_size) == Ok(record.size) {
        true => Found::SameSize,
        false => Found::InTheWay(Other),
    }
}

/// Whether all above a path are directories.
fn directory_of(directory: &Directory, path: &str) -> bool {
    let Some((parent, _)) = path.rsplit_once('/') else { return true };
    parent.parse().is_ok_and(|parent| directory.below(&parent).is_ok())
}
