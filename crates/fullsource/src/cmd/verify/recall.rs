//! What earlier runs with `--trust-mtime` read of a release (`tree-14` to `tree-18`).
//!
//! Nothing that is wrong with it stops a verification: what is not remembered is read.

use std::path::Path;
use std::time::SystemTime;

use fullsource_collect::cache::Cache;
use fullsource_collect::directory::Directory;
use fullsource_collect::record::{Record, RecordError};
use fullsource_verify::finding::Code;
use fullsource_verify::judge::Verifier;

use crate::cli::Verify;
use crate::cmd::cache;
use crate::exit::Failure;
use crate::render::diagnostic;

/// The record of a release directory, and the cache that keeps it.
pub(super) struct Recall {
    pub(super) record: Record,
    cache: Cache,
}

/// Refuses to start what would be refused at its end, after all that was asked for was read (`pol-18`).
pub(super) fn is_in_order(args: &Verify, verifier: &Verifier) -> Result<(), Failure> {
    let asked = match &verifier.require {
        Some(rung) => format!("`--require {rung}`"),
        None if verifier.policy.is_explicit() => "a policy".to_owned(),
        None => return Ok(()),
    };
    if !args.trust_mtime {
        return Ok(());
    }
    let text =
        format!("{asked} asks for files that were read, and `--trust-mtime` leaves some unread");
    Err(Failure::usage(text, "leave out one of the two"))
}

impl Recall {
    /// What is remembered of a directory. Says so where nothing can be.
    pub(super) fn of(directory: &Directory, path: &Path) -> Option<Self> {
        // The clock of the system, never the time that it is judged at.
        let now = SystemTime::now();
        let mut record = Record::empty(directory, path, now).map_err(|error| tell(&error)).ok()?;
        let cache = cache::if_usable()?;
        if let Err(error) = record.recall(&cache) {
            tell(&error);
        }
        Some(Self { record, cache })
    }

    /// Keeps it for the next run.
    pub(super) fn keep(&self) {
        if let Err(error) = self.record.keep(&self.cache) {
            tell(&error);
        }
    }
}

fn tell(error: &RecordError) {
    let failure = Failure::of(Code::TargetUnreadable, error).helping(error.help());
    diagnostic::print_as("note", &Failure { code: "not-remembered", ..failure });
}
