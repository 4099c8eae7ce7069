//! Long looks: opened, shown on a terminal, and ended by Ctrl-C.

use std::io::IsTerminal as _;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use fullsource_collect::directory::Directory;
use fullsource_collect::progress::Progress;
use fullsource_collect::tree::TreeError;
use fullsource_verify::finding::Code;
use indicatif::{ProgressBar, ProgressStyle};

use crate::exit::Failure;
use crate::render::escape;
use crate::render::text::size;
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
        if std::io::stderr().is_terminal() && !is_dumb() {
            scope.spawn(|| show(what, &progress, &done));
        }
        let result = work(&progress);
        done.store(true, Ordering::Relaxed);
        result
    })
}

/// Whether the terminal says that it can do no more than print.
pub(crate) fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// How far it has come, in one line that the end of the work removes.
fn show(what: &str, progress: &Progress, done: &AtomicBool) {
    let start = Instant::now();
    let mut line = None;
    while !done.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(50));
        if start.elapsed() < Duration::from_secs(1) {
            continue;
        }
        let line: &ProgressBar = line.get_or_insert_with(|| {
            let line = ProgressBar::new_spinner();
            let style = ProgressStyle::with_template("{spinner} {wide_msg}");
            line.with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
        });
        line.set_message(now(what, progress, start.elapsed()));
        line.tick();
    }
    if let Some(line) = line {
        line.finish_and_clear();
    }
}

/// What is done, how fast, how long the rest takes at that speed, and what is being looked at.
fn now(what: &str, progress: &Progress, elapsed: Duration) -> String {
    let (bytes, files) = (progress.bytes(), progress.files());
    let mut text = String::new();
    if bytes > 0 {
        #[allow(clippy::cast_precision_loss, reason = "shown with three digits")]
        let rate = bytes as f64 / elapsed.as_secs_f64();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 0")]
        let speed = format!("{}/s", size(rate as u64));
        let left = progress.expected().and_then(|expected| expected.checked_sub(bytes));
        #[allow(clippy::cast_precision_loss, reason = "shown with three digits")]
        let time = left.map(|left| Duration::from_secs_f64((left as f64 / rate).min(1e9)));
        text = match (progress.expected(), time) {
            (Some(expected), Some(time)) => {
                format!("{} of {}, {speed}, {} left, ", size(bytes), size(expected), span(time))
            }
            _ => format!("{}, {speed}, ", size(bytes)),
        };
    }
    text.push_str(&format!("{what}, {files} files"));
    let mut names = progress.under_way();
    names.dedup();
    let names: Vec<_> = names.iter().take(NAMED).map(|name| escape::shown(name)).collect();
    match names.is_empty() {
        true => text,
        false => format!("{text}: {}", names.join(", ")),
    }
}

/// A time for people: two units at most.
fn span(time: Duration) -> String {
    match time.as_secs() {
        seconds @ ..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::span;

    #[test]
    fn a_time_has_two_units_at_most() {
        let spans = [0, 59, 60, 3599, 3600, 90_061].map(|s| span(Duration::from_secs(s)));
        assert_eq!(spans, ["0 s", "59 s", "1 min 0 s", "59 min 59 s", "1 h 0 min", "25 h 1 min"]);
    }
}
