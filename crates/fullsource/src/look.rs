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
use crate::signals;

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

fn show(what: &str, progress: &Progress, done: &AtomicBool) {
    let wait = Duration::from_millis(50);
    let mut waited = Duration::ZERO;
    let mut bar = None;
    while !done.load(Ordering::Relaxed) {
        std::thread::sleep(wait);
        waited += wait;
        if waited < Duration::from_secs(1) {
            continue;
        }
        let bar: &ProgressBar = bar.get_or_insert_with(|| {
            let style = ProgressStyle::with_template("{spinner} {msg} {bytes} ({bytes_per_sec})");
            let bar = ProgressBar::new_spinner();
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar
        });
        bar.set_message(format!("{what}: {} files", progress.files()));
        bar.set_position(progress.bytes());
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
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
