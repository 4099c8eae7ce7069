//! What a report and a long look are like on a terminal: its width, its colours, how far it has come.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::File;
use std::path::Path;

use fullsource_tests::program::fullsource;
use fullsource_tests::terminal::Terminal;

/// What a terminal of so many columns shows.
fn shown(directory: &Path, columns: u16, words: &str, set: &[(&str, &str)]) -> String {
    let command = format!("stty cols {columns}; {} {words}", fullsource().display());
    // An empty one is none.
    let set: Vec<_> = [("NO_COLOR", "")].iter().chain(set).copied().collect();
    let (_, screen) = Terminal::run(directory, &command, &set).ends();
    screen.replace('\r', "")
}

/// The text without its colours.
fn plain(screen: &str) -> String {
    let mut parts = screen.split("\u{1b}[");
    let first = parts.next().unwrap().to_owned();
    let rest = parts.map(|part| part.split_once(|c: char| c.is_ascii_alphabetic()).unwrap().1);
    first + &rest.collect::<String>()
}

fn examples() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").canonicalize().unwrap()
}

#[test]
fn a_report_fits_the_width_and_loses_no_word() {
    let report = "render wild/deepseek-r1-distill-llama-8b.json";
    let words = |screen: &str| -> String { plain(screen).split_whitespace().collect() };
    let whole = shown(&examples(), 1000, report, &[]);
    assert!(whole.contains("DeepSeek-R1-Distill-Llama-8B") && whole.contains("start from a model"));
    for columns in [120, 80, 40, 20] {
        let screen = shown(&examples(), columns, report, &[]);
        assert_eq!(words(&screen), words(&whole), "{columns}");
        for line in plain(&screen).lines() {
            assert!(line.chars().count() <= columns.into(), "{columns}: {line}");
        }
    }
}

#[test]
fn colour_is_there_on_a_terminal_that_takes_it_and_says_nothing_by_itself() {
    let verify = "verify tiny-lm/weights-only --key tiny-lm/release.pub";
    let coloured = shown(&examples(), 200, verify, &[]);
    assert!(coloured.contains("\u{1b}[1;32mPASS\u{1b}[0m"), "{coloured}");
    for set in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let without = shown(&examples(), 200, verify, &[set]);
        assert!(!without.contains("\u{1b}["), "{without}");
        assert!(plain(&coloured).contains(without.trim_end()), "{without}");
    }
}

#[test]
fn a_long_look_tells_bytes_rate_time_left_and_what_is_looked_at() {
    let place = tempfile::tempdir().unwrap();
    // Holes are read like any bytes.
    let file = File::create(place.path().join("model-00001.safetensors")).unwrap();
    file.set_len(6 << 30).unwrap();
    let screen = shown(place.path(), 100, "digest . --format json", &[]);
    for told in ["of 6.44 GB, ", "/s, ", "s left, hashing", "files: model-00001.safetensors"] {
        assert!(screen.contains(told), "{told}: {screen}");
    }
    // What is left at the end is the answer alone.
    assert!(screen.trim_end().ends_with('}'), "{screen}");
}
