//! What is not signed, and where a bundle must not go.

use std::path::Path;

use fullsource_format::evidence::{EntryKind, ReleaseSeen};
use fullsource_format::loadable::is_loadable;
use fullsource_format::release_dir::{self, Glob};

use crate::cli::Sign;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::render::escape::shown;

/// Entries that are named; the rest are counted.
const SHOWN: usize = 20;

/// Refuses what a release cannot hold (`stm-15`), all of it at once.
pub(super) fn unsignable(args: &Sign, dir: &Path, seen: &ReleaseSeen) -> Result<(), Failure> {
    let mut lines = Vec::new();
    for entry in &seen.entries {
        let path = entry.path.as_str();
        let detail = entry.detail.as_ref().map_or("", |detail| detail.as_str());
        let uncovered = || path.parse().is_ok_and(|path| is_loadable(&path));
        let reason = match entry.kind {
            // Told below, however another run has changed it meanwhile.
            _ if release_dir::is_temporary(path) && seen.files.get(path).is_some() => continue,
            EntryKind::Symlink => "a symbolic link",
            EntryKind::Special => "not a regular file",
            EntryKind::EmptyDirectory => "an empty directory",
            EntryKind::InvalidName | EntryKind::Unreadable | EntryKind::Unstable => detail,
            EntryKind::Ignored | EntryKind::Excluded if uncovered() => {
                "left out, and a framework may load it"
            }
            EntryKind::Ignored | EntryKind::Excluded => continue,
        };
        lines.push(format!("`{}`: {reason}", shown(path)));
    }
    for (first, second) in release_dir::twins(seen.files.iter().map(|file| file.path)) {
        lines.push(format!("`{second}`: differs from `{first}` in case or normalisation alone"));
    }
    let leftovers = seen.files.iter().filter(|file| release_dir::is_temporary(file.path));
    lines.extend(leftovers.map(|f| format!("`{}`: left behind by a run that was killed", f.path)));
    let secrets = args.keys.iter().chain(&args.passphrase_file);
    let secrets = secrets.filter_map(|path| output::name_in(dir, &path.canonicalize().ok()?));
    let secrets = secrets.filter(|name| seen.files.get(name).is_some());
    lines.extend(secrets.map(|name| format!("`{}`: a secret of yours", shown(&name))));
    if seen.files.is_empty() && lines.is_empty() {
        lines.push("there are no files to sign".to_owned());
    }
    if lines.is_empty() {
        return Ok(());
    }
    if lines.len() > SHOWN {
        let more = lines.len() - SHOWN;
        lines.truncate(SHOWN);
        lines.push(format!("and {more} more"));
    }
    let help = "remove or rename what is named, or leave it out with `--exclude GLOB`; what a \
                framework may load cannot be left out";
    let failure = Failure::usage("the release cannot be signed", help).listing(lines);
    Err(Failure { exit: Exit::Fail, code: "release-unsignable", ..failure })
}

/// Refuses an output that is an input, or that would lie in the release without being covered.
pub(super) fn output_in_the_way(args: &Sign, excluded: &[Glob]) -> Result<(), Failure> {
    let Some(out) = args.output.as_deref().filter(|path| path.as_os_str() != "-") else {
        return Ok(());
    };
    let read = args.keys.iter().chain(&args.statement).chain(&args.manifest);
    output::not_an_input(out, read.chain(&args.passphrase_file))?;
    let Some(dir) = &args.dir else { return Ok(()) };
    let bundles = [release_dir::BUNDLE, release_dir::ENVELOPE];
    match output::name_in(dir, out) {
        Some(name) if bundles.contains(&name.as_str()) => Ok(()),
        _ => output::beside_release(dir, out, excluded),
    }
}
