//! What is told: the command line of fullsource.

mod cli;
mod cmd;
mod exit;
mod input;
mod look;
mod network;
mod output;
mod passphrase;
mod policy;
mod render;
mod signals;
mod subject;
mod suggest;
mod trust;

use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command};

fn main() -> ExitCode {
    if let Some(exit) = fullsource_rebuild::sandbox::entered() {
        return exit;
    }
    signals::catch_file_size_limit();
    let done = match Cli::parse().command {
        Command::Init(args) => cmd::init::run(&args),
        Command::Add(args) => cmd::add::run(&args),
        Command::Check(args) => cmd::check::run(&args),
        Command::Keygen(args) => cmd::keygen::run(&args),
        Command::Sign(args) => cmd::sign::run(&args),
        Command::Verify(args) => cmd::verify::run(&args),
        Command::Fetch(args) => cmd::fetch::run(&args),
        Command::Rebuild(args) => cmd::rebuild::run(&args),
        Command::Cache(args) => cmd::cache::run(&args),
        Command::Inspect(args) => cmd::inspect::run(&args),
        Command::Digest(args) => cmd::digest::run(&args),
        Command::Render(args) => cmd::render::run(&args),
        Command::Graph(args) => cmd::graph::run(&args),
        Command::Diff(args) => cmd::diff::run(&args),
        Command::Explain(args) => cmd::explain::run(&args),
        Command::Schema(args) => cmd::schema::run(&args),
        Command::Completions(args) => cmd::completions::run(&args),
        Command::Man(args) => cmd::man::run(&args),
    };
    done.unwrap_or_else(|failure| {
        render::diagnostic::print(&failure);
        failure.exit.into()
    })
}
