//! The command line, as `--help` shows it.

mod network;
mod rebuild;
mod release;
mod report;
mod tools;
mod verify;

use clap::{Parser, Subcommand, ValueEnum};

pub(crate) use network::{Asking, Looking, Reach};
pub(crate) use rebuild::{Rebuild, Segments};
pub(crate) use release::{Add, Check, CheckFormat, Init, KeyKind, Keygen, Sign};
pub(crate) use report::{Diff, DiffFormat, FailOn, Graph, GraphFormat, Render, ReportFormat};
pub(crate) use tools::{
    Cache, CacheCommand, Completions, Digest, Explain, Inspect, Man, Prune, Schema, SchemaName,
    Shell,
};
pub(crate) use verify::{DigestKind, Fetch, TrustArgs, Verify};

/// Sign model releases and verify where their source is.
#[derive(Debug, Parser)]
#[command(
    name = "fullsource",
    version,
    about,
    long_about = "Sign model releases and verify where their source is.\n\n\
        A fullsource manifest links a model's weights to the training code, data sets, collecting \
        software, environment, licences and parent models of every training stage. `fullsource` \
        writes, signs and verifies it.",
    after_help = "Exit codes: 0 pass, 1 fail, 2 usage, 3 incomplete, 4 could not run, 130 interrupted.",
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(Init),
    Add(Add),
    Check(Check),
    Keygen(Keygen),
    Sign(Sign),
    Verify(Box<Verify>),
    Fetch(Fetch),
    Rebuild(Box<Rebuild>),
    Cache(Cache),
    Inspect(Inspect),
    Digest(Digest),
    Render(Render),
    Graph(Graph),
    Diff(Diff),
    Explain(Explain),
    Schema(Schema),
    Completions(Completions),
    Man(Man),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}
