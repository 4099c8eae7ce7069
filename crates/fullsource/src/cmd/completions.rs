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
    let mut cli = with_words(Cli::command());
    let mut script = Vec::new();
    generate(form, &mut cli, "fullsource", &mut script);
    if form == Form::Fish {
        script.extend(cli.get_subcommands().flat_map(words_of_fish));
    }
    output::print(&script)?;
    Ok(Exit::Done.into())
}

/// The words that a command takes without an option, which the generator for fish leaves out.
fn words_of_fish(command: &clap::Command) -> Vec<u8> {
    let lines = command.get_positionals().filter_map(|argument| {
        let words: Vec<_> = argument.get_possible_values();
        let words: Vec<_> = words.iter().map(clap::builder::PossibleValue::get_name).collect();
        let condition = format!("__fish_fullsource_using_subcommand {}", command.get_name());
        let words = words.join(" ");
        (!words.is_empty())
            .then(|| format!("complete -c fullsource -n \"{condition}\" -a \"{words}\"\n"))
    });
    lines.collect::<String>().into_bytes()
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
    // In place: to take one out and put it back would change the order of arguments.
    cli.mut_subcommands(|command| {
        let own: Vec<_> = words.iter().filter(|(name, ..)| *name == command.get_name()).collect();
        command.mut_args(|arg| match own.iter().find(|(_, id, _)| arg.get_id() == *id) {
            Some((.., words)) => arg.value_parser(PossibleValuesParser::new(words.clone())),
            None => arg,
        })
    })
}
