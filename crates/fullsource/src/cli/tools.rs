//! Commands beside: the cache, envelopes, digests, rules, schemas, shells, manuals.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::Format;
use crate::network;

/// Show what the cache holds, and make it smaller: fetched bytes, and records of `--trust-mtime`.
///
/// The cache is $FULLSOURCE_CACHE, else fullsource/ in $XDG_CACHE_HOME, else ~/.cache/fullsource.
/// What comes out of it has the digest that it is asked by. It proves digests, never that a source is
/// still there. Records are what `verify --trust-mtime` read of release directories; they prove nothing.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  fullsource cache\n  \
    fullsource cache prune --max-size 10G --max-age 30d\n  fullsource cache path")]
pub(crate) struct Cache {
    #[command(subcommand)]
    pub(crate) what: Option<CacheCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CacheCommand {
    /// What it holds, and where it is.
    Show,
    /// Remove what runs that were killed left behind, and what is too old or too much.
    Prune(Prune),
    /// Where it is.
    Path,
}

#[derive(Debug, Args)]
pub(crate) struct Prune {
    /// Keep so much, and remove first what was used longest ago, such as 500M or 10G.
    #[arg(long, value_name = "SIZE", value_parser = network::bytes)]
    pub(crate) max_size: Option<u64>,
    /// Keep what was used within this time, such as 12h or 30d.
    #[arg(long, value_name = "AGE", value_parser = network::duration)]
    pub(crate) max_age: Option<Duration>,
}

/// Show what a bundle or envelope holds, WITHOUT checking a signature.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  fullsource inspect my-model/fullsource.sigstore.json")]
pub(crate) struct Inspect {
    /// The bundle or envelope, or a release directory.
    pub(crate) bundle: PathBuf,
    /// Write the payload bytes as they were signed, and nothing else.
    #[arg(long)]
    pub(crate) payload: bool,
    /// The output's form.
    #[arg(long, value_enum, default_value_t = Format::Text, conflicts_with = "payload")]
    pub(crate) format: Format,
}

/// Print the digests of a file or a directory, as manifests have them.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  fullsource digest ./data --git")]
pub(crate) struct Digest {
    /// The file or directory.
    pub(crate) path: PathBuf,
    /// Compute git's tree ids, too.
    #[arg(long)]
    pub(crate) git: bool,
    /// Write a directory's file index to this file, too.
    #[arg(long, value_name = "FILE")]
    pub(crate) index: Option<PathBuf>,
    /// The output's form.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// Explain a finding, a rule, or a word of the format.
///
/// Of a finding: what it means, what to do, and the rules behind it. `roles`, `stages` and `rungs` list
/// the words that a manifest chooses among.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  fullsource explain artifact-placeholder\n  \
    fullsource explain cls-15\n  fullsource explain roles\n  fullsource explain full-source")]
pub(crate) struct Explain {
    /// The code of a finding, the id of a rule, a role, a kind of stage, a rung; or `roles`, `stages`,
    /// `rungs`. All codes where absent.
    #[arg(value_name = "WORD")]
    pub(crate) name: Option<String>,
}

/// Print a JSON Schema of the format (draft 2020-12).
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  fullsource schema manifest > manifest.schema.json")]
pub(crate) struct Schema {
    /// Which document.
    #[arg(value_enum)]
    pub(crate) name: SchemaName,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaName {
    Manifest,
    Statement,
    Evidence,
    Rebuild,
    Report,
    Diff,
    Policy,
}

/// Print what your shell needs to complete commands, options and words.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    fullsource completions bash > ~/.local/share/bash-completion/completions/fullsource\n  \
    fullsource completions zsh > ~/.zfunc/_fullsource   # with `fpath+=(~/.zfunc)` before `compinit`\n  \
    fullsource completions fish > ~/.config/fish/completions/fullsource.fish")]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// Print a manual page, or write all of them.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  fullsource man verify | man -l -\n  \
    fullsource man --to ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// The command; the program where absent.
    #[arg(conflicts_with = "to")]
    pub(crate) command: Option<String>,
    /// Write a page for each command into this directory.
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
}
