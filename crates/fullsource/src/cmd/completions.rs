//! `fullsource completions`: what a shell needs to complete our commands, options and words.

use std::process::ExitCode;

use clap::CommandFactory as _;
use clap::builder::PossibleValuesParser;
use clap_complete::{Shell as Form, generate};
use fullsource_format::manifest::StageKind;
use fullsource_format::role;
use fullsource_verify::finding::Code;

use crate::cli::{Cli, Completions, Shell};
use crate::exit::{Exit, Failure};
use crate::{output, policy, suggest};

pub(crate) fn run(args: &Completions) -> Result<ExitCode, Failure> {
    let form = match args.shell {
        Shell::Bash => Form::Bash,
        Shell::Zsh => Form::Zsh,
        Shell::Fish => Form::Fish,
    };
    let mut script = Vec::new();
    generate(form, &mut with_words(Cli::command()), "fullsource", &mut script);
    output::print(&script)?;
    Ok(Exit::Done.into())
}

/// The commands, with the words of the registries where they take one. The commands themselves take
/// others, too: a role that no registry has, a policy in a file.
fn with_words(cli: clap::Command) -> clap::Command {
    let licenses = ["Apache-2.0", "MIT", "BSD-3-Clause", "CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0"];
    let roles = || role::REGISTERED.to_vec();
    let kinds = StageKind::REGISTERED.to_vec();
    let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let (policies, rungs) = (policy::names().collect(), suggest::rungs().collect());
    let words: [(&str, &str, Vec<&'static str>); 7] = [
        ("init", "license", licenses.to_vec()),
        ("init", "stage", kinds),
        ("add", "role", roles()),
        ("add", "license", licenses.to_vec()),
        ("verify", "policy", policies),
        ("verify", "require", rungs),
        ("explain", "name", codes),
    ];
    words.into_iter().fold(cli, |cli, (command, argument, words)| {
        cli.mut_subcommand(command, |command| {
            command.mut_arg(argument, |arg| arg.value_parser(PossibleValuesParser::new(words)))
        })
    })
}
