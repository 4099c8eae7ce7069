//! `fullsource cache`: what it holds, and making it smaller.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::SystemTime;

use fullsource_collect::cache::{Bounds, Cache, CacheError};
use fullsource_verify::finding::Code;

use crate::cli::{self, CacheCommand, Prune};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::render::escape::shown;
use crate::render::{diagnostic, text};

/// Names the cache's directory.
const OVERRIDE: &str = "FULLSOURCE_CACHE";
/// The directory's name where it is not named.
const NAME: &str = "fullsource";

pub(crate) fn run(args: &cli::Cache) -> Result<ExitCode, Failure> {
    let path = path()?;
    let shown_path = shown(&path.display().to_string());
    let text = match &args.what {
        Some(CacheCommand::Path) => format!("{shown_path}\n"),
        // What is not there is not made to be shown.
        _ if path.symlink_metadata().is_err() => format!("{shown_path}: nothing is cached\n"),
        None | Some(CacheCommand::Show) => show(&opened(&path)?)?,
        Some(CacheCommand::Prune(bounds)) => prune(&opened(&path)?, bounds)?,
    };
    output::print(text.as_bytes())?;
    Ok(Exit::Done.into())
}

/// Where the cache is.
pub(crate) fn path() -> Result<PathBuf, Failure> {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    // By the XDG Base Directory Specification a relative path there is ignored.
    let absolute = |name: &str| named(name).map(PathBuf::from).filter(|path| path.is_absolute());
    named(OVERRIDE)
        .map(PathBuf::from)
        .or_else(|| absolute("XDG_CACHE_HOME").map(|path| path.join(NAME)))
        .or_else(|| absolute("HOME").map(|path| path.join(".cache").join(NAME)))
        .ok_or_else(|| {
            let text = "there is no place for the cache: HOME is not set";
            Failure::usage(text, format!("name a directory in {OVERRIDE}"))
        })
}

/// The cache at a path.
pub(crate) fn opened(path: &std::path::Path) -> Result<Cache, Failure> {
    Cache::open(path).map_err(|error| failure(&error))
}

/// The cache, for a run that can do without: one that cannot be used is told and left alone.
pub(crate) fn if_usable() -> Option<Cache> {
    match path().and_then(|path| opened(&path)) {
        Ok(cache) => Some(cache),
        Err(failure) => {
            diagnostic::print_as("warning", &failure);
            None
        }
    }
}

fn failure(error: &CacheError) -> Failure {
    Failure { code: "cache-unusable", ..Failure::of(Code::TargetUnreadable, error) }
        .helping(error.help())
}

fn show(cache: &Cache) -> Result<String, Failure> {
    let usage = cache.usage().map_err(|error| failure(&error))?;
    let mut out = format!(
        "{}\n  objects    {}, {}\n  notes      {}\n  records    {}, {}\n",
        shown(&cache.path().display().to_string()),
        usage.objects,
        text::size(usage.bytes),
        usage.notes,
        usage.records,
        text::size(usage.record_bytes),
    );
    if usage.unfinished > 0 {
        let bytes = text::size(usage.unfinished_bytes);
        out.push_str(&format!("  unfinished {}, {bytes}\n", usage.unfinished));
    }
    Ok(out)
}

fn prune(cache: &Cache, bounds: &Prune) -> Result<String, Failure> {
    let bounds = Bounds { bytes: bounds.max_size, age: bounds.max_age };
    let pruned = cache.prune(bounds, SystemTime::now()).map_err(|error| failure(&error))?;
    Ok(format!(
        "removed {} objects, {} notes, {} records, {} unfinished files: {}\n",
        pruned.objects,
        pruned.notes,
        pruned.records,
        pruned.unfinished,
        text::size(pruned.bytes),
    ))
}
