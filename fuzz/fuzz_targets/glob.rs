//! Globs: match what a plain backtracking reader of `tree-10` to `tree-12` matches, and long ones in
//! time for the engine's own limit (`-timeout`). The first line is the glob, the rest the path.
#![no_main]

use fullsource_format::release_dir::Glob;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let Some((pattern, path)) = input.split_once('\n') else { return };
    let Ok(glob) = Glob::parse(pattern) else { return };
    let matched = glob.matches(path);
    if pattern.contains(['[', ']']) || pattern.len() > 12 || path.len() > 24 {
        return;
    }
    let (pattern_chars, path_chars): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), path.chars().collect());
    let expected = match pattern_chars.strip_suffix(&['/']) {
        Some(body) => (0..path_chars.len())
            .any(|at| path_chars[at] == '/' && matches(body, &path_chars[..at])),
        None => matches(&pattern_chars, &path_chars),
    };
    assert_eq!(matched, expected, "{pattern:?} on {path:?}");
});

fn matches(pattern: &[char], path: &[char]) -> bool {
    match pattern {
        [] => path.is_empty(),
        ['*', '*', rest @ ..] => (0..=path.len()).any(|at| matches(rest, &path[at..])),
        ['*', rest @ ..] => {
            let part = path.iter().position(|c| *c == '/').unwrap_or(path.len());
            (0..=part).any(|at| matches(rest, &path[at..]))
        }
        ['?', rest @ ..] => path.first().is_some_and(|c| *c != '/') && matches(rest, &path[1..]),
        [one, rest @ ..] => path.first() == Some(one) && matches(rest, &path[1..]),
    }
}
