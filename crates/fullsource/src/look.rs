//! Long looks: opened, shown on a terminal, and ended by Ctrl-C.

use std::io::IsTerminal as _;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fullsource_collect::directory::Directory;
use fullsource_collect::progress::Progress;
use fullsource_collect::tree::TreeError;
use fullsource_verify::finding::Code;
use indicatif::{ProgressBar, ProgressStyle};

use crate::exit::Failure;
use crate::render::escape;
use crate::signals;

/// Names of what is being looked at that are shown.
const NAMED: usize = 8;

/// Opens the directory that the user named.
pub(crate) fn open(path: &Path) -> Result<Directory, Failure> {
    Directory::open(path).map_err(|error| Failure::system("read", path, &error))
}

/// As many threads as the process may use.
pub(crate) fn threads() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Does something long, which Ctrl-C ends and a terminal shows after a second.
pub(crate) fn watched<T>(what: &str, work: impl FnOnce(&Progress) -> T) -> T {
    let progress = Progress::stopped_by(signals::stop_flag());
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        if std::io::stderr().is_terminal() {
            scope.spawn(|| show(what, &progress, &done));
        }
        let result = work(&progress);
        done.store(true, Ordering::Relaxed);
        result
    })
}

/// How far it has come, in one line that the end of the work removes.
fn show(what: &str, progress: &Progress, done: &AtomicBool) {
    let wait = Duration::from_millis(50);
    let mut waited = Duration::ZERO;
    let mut shown = None;
    while !done.load(Ordering::Relaxed) {
        std::thread::sleep(wait);
        waited += wait;
        if waited < Duration::from_secs(1) {
            continue;
        }
        let bar: &ProgressBar = shown.get_or_insert_with(|| {
            let bar = ProgressBar::new_spinner();
            bar.with_elapsed(waited)
        });
        let bytes = progress.bytes();
        match progress.expected().filter(|expected| *expected >= bytes) {
            _ if bytes == 0 => bar.set_style(style(NOTHING)),
            Some(expected) => {
                bar.set_length(expected);
                bar.set_style(style(KNOWN));
            }
            None => bar.set_style(style(UNKNOWN)),
        }
        bar.set_message(now(what, progress));
        bar.set_position(bytes);
    }
    if let Some(bar) = shown {
        bar.finish_and_clear();
    }
}

/// Where it is known how much there is.
const KNOWN: &str = "{spinner} {decimal_bytes} of {decimal_total_bytes}, {decimal_bytes_per_sec}, \
    {eta} left, {wide_msg}";
/// Where it is not.
const UNKNOWN: &str = "{spinner} {decimal_bytes}, {decimal_bytes_per_sec}, {wide_msg}";

/// Before the first byte.
const NOTHING: &str = "{spinner} {wide_msg}";

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

/// What is done, and what is being looked at.
fn now(what: &str, progress: &Progress) -> String {
    let files = progress.files();
    let mut names = progress.under_way();
    names.dedup();
    let names: Vec<_> = names.iter().take(NAMED).map(|name| escape::shown(name)).collect();
    match names.is_empty() {
        true => format!("{what}, {files} files"),
        false => format!("{what}, {files} files: {}", names.join(", ")),
    }
}

/// A directory that cannot be walked to its end.
pub(crate) fn tree_failure(path: &Path, error: &TreeError) -> Failure {
    match error {
        TreeError::Stopped(_) => Failure::interrupted(),
        TreeError::Root(error) => Failure::system("read", path, error),
        TreeError::TooDeep { .. } | TreeError::TooManyEntries | TreeError::Table(_) => {
            Failure::of(Code::LimitExceeded, format!("`{}`: {error}", path.display()))
        }
    }
}
