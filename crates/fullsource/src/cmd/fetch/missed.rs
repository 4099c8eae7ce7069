//! What did not come, and what to do about it.

use std::io;
use std::path::Path;

use fullsource_collect::fetch::{Fetched, Missed};
use fullsource_collect::source::TroubleKind;
use fullsource_format::index::FileTable;
use fullsource_verify::finding::Code;

use crate::cli;
use crate::exit::{Exit, Failure};

/// Files that are told one by one.
const SHOWN: usize = 10;

/// The failure of a run in which files did not come.
pub(super) fn failure(args: &cli::Fetch, files: &FileTable, fetched: Fetched) -> Option<Failure> {
    let missed = fetched.missed;
    if missed.iter().any(|(_, missed)| is_stop(missed)) {
        return Some(stopped());
    }
    let write = missed.iter().find_map(|(_, missed)| match missed {
        Missed::Write(error) => Some(error),
        _ => None,
    });
    if let Some(error) = write {
        return Some(unwritten(&args.to, error));
    }
    // What contradicts the signature weighs more than what could not be had.
    let mut failures: Vec<_> =
        missed.iter().map(|(index, missed)| of(files.record(*index).path, missed)).collect();
    failures.sort_by_key(|failure| failure.exit != Exit::Fail);
    let more = failures.len().saturating_sub(SHOWN);
    let mut failures = failures.into_iter().take(SHOWN);
    let mut first = failures.next()?;
    first.others = failures.collect();
    if more > 0 {
        first.list.push(format!("and {more} more files did not come"));
    }
    Some(first)
}

fn is_stop(missed: &Missed) -> bool {
    match missed {
        Missed::Stopped(_) => true,
        Missed::Place(trouble) => trouble.kind == TroubleKind::Stopped,
        Missed::Differs(_) | Missed::Write(_) => false,
    }
}

/// The failure of one file.
pub(super) fn of(path: &str, missed: &Missed) -> Failure {
    let text = format!("{path}: {missed}");
    let trouble = match missed {
        Missed::Differs(_) => {
            let failure = Failure::of(Code::FileChanged, text);
            return Failure { exit: Exit::Fail, ..failure };
        }
        Missed::Write(error) => return unwritten(Path::new(path), error),
        Missed::Stopped(_) => return stopped(),
        Missed::Place(trouble) => trouble,
    };
    match trouble.kind {
        TroubleKind::Stopped => stopped(),
        TroubleKind::Absent => {
            let failure = Failure::of(Code::FileMissing, text);
            Failure { exit: Exit::Fail, ..failure }
                .helping("the statement covers it, and it is not there; tell the publisher")
        }
        kind => {
            let failure = Failure::of(Code::FileUnreadable, text);
            let again = "run the command again: it goes on where it stopped";
            Failure { exit: Exit::Incomplete, ..failure }.helping(help(kind, again))
        }
    }
}

/// What to do where a place could not be read.
pub(super) const fn help(kind: TroubleKind, otherwise: &'static str) -> &'static str {
    match kind {
        TroubleKind::Closed => {
            "it takes a credential or a consent that this command does not have; for the hub set HF_TOKEN"
        }
        TroubleKind::Skipped => "allow it if you trust that host",
        TroubleKind::Unreachable => "check the network, and run the command again",
        _ => otherwise,
    }
}

/// A directory that takes no more. What came is kept.
pub(super) fn unwritten(path: &Path, error: &io::Error) -> Failure {
    let failure = Failure::unwritten(path, error);
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => failure
            .helping("free some space and run the command again: it goes on where it stopped"),
        io::ErrorKind::ReadOnlyFilesystem => {
            failure.helping("name another directory with `--to`, or make this one writable")
        }
        _ => failure,
    }
}

/// Ended by the user.
pub(super) fn stopped() -> Failure {
    Failure {
        message: "stopped before the end; what came is kept apart".to_owned(),
        help: "run the command again: it goes on where it stopped".to_owned(),
        ..Failure::interrupted()
    }
}

/// What stands in the directory and would be lost, by its path.
pub(super) fn in_the_way(to: &Path, list: &[(String, String)]) -> Failure {
    let text = format!("`{}` holds what would be lost; nothing was fetched", to.display());
    let more = list.len().saturating_sub(SHOWN);
    let mut lines: Vec<_> =
        list.iter().take(SHOWN).map(|(path, what)| format!("{path}: {what}")).collect();
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    Failure { code: "output-unwritable", ..Failure::of(Code::TargetUnreadable, text) }
        .listing(lines)
        .helping("name another directory, or replace files that differ with `--force`")
}
