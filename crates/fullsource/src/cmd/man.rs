//! `fullsource man`: manual pages, from the same words as `--help`.

use std::path::Path;
use std::process::ExitCode;

use clap::{Command, CommandFactory as _};

use crate::cli::{Cli, Man};
use crate::exit::{Exit, Failure};
use crate::output::{self, Existing, PLAIN};
use crate::suggest;

pub(crate) fn run(args: &Man) -> Result<ExitCode, Failure> {
    let mut cli = Cli::command();
    cli.build();
    let pages = pages(&cli);
    match &args.to {
        Some(dir) => {
            for page in &pages {
                let path = dir.join(format!("{}.1", page.name));
                output::prepare(&path, &page.render(dir)?, PLAIN, Existing::Replace)?.place()?;
            }
            let count = pages.len();
            output::tell(&format!("wrote {count} pages to {}\n", dir.display()))?;
        }
        None => {
            let wanted = args.command.as_deref().map_or_else(
                || "fullsource".to_owned(),
                |command| format!("fullsource-{}", command.replace(' ', "-")),
            );
            let page = pages.iter().find(|page| page.name == wanted);
            let page = page.ok_or_else(|| unknown(args.command.as_deref().unwrap_or(""), &cli))?;
            output::print(&page.render(Path::new("standard output"))?)?;
        }
    }
    Ok(Exit::Done.into())
}

/// One page: of the program, or of a command.
struct Page<'a> {
    name: String,
    command: &'a Command,
}

impl Page<'_> {
    fn render(&self, to: &Path) -> Result<Vec<u8>, Failure> {
        let command = self.command.clone().display_name(self.name.clone());
        let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let subcommands = command.has_subcommands();
        let page = clap_mangen::Man::new(command);
        let mut out = title(&self.name).into_bytes();
        let rendered = page
            .render_name_section(&mut out)
            .and_then(|()| page.render_synopsis_section(&mut out))
            .and_then(|()| page.render_description_section(&mut out))
            .and_then(|()| page.render_options_section(&mut out));
        rendered.map_err(|error| Failure::unwritten(to, &error))?;
        if subcommands {
            page.render_subcommands_section(&mut out)
                .map_err(|error| Failure::unwritten(to, &error))?;
        }
        out.extend_from_slice(notes(&examples).as_bytes());
        Ok(out)
    }
}

/// The head of a page. It has no date: what is told is told of a version.
fn title(name: &str) -> String {
    let (name, version) = (name.to_uppercase(), env!("CARGO_PKG_VERSION"));
    format!(".TH {name} 1 \"\" \"fullsource {version}\" \"fullsource\"\n")
}

/// What stands below the options of `--help`: examples, line by line as they are typed, or exit codes.
fn notes(text: &str) -> String {
    let heading = if text.starts_with("Example") { "EXAMPLES" } else { "NOTES" };
    let lines = text.lines().filter(|line| !line.starts_with("Example"));
    let line = |line: &str| format!("\\&{}\n", line.replace('\\', "\\e").replace('-', "\\-"));
    let lines: String = lines.map(line).collect();
    format!(".SH {heading}\n.nf\n{lines}.fi\n")
}

/// The page of the program, then one for each command and each command of it.
fn pages(cli: &Command) -> Vec<Page<'_>> {
    let mut pages = vec![Page { name: "fullsource".to_owned(), command: cli }];
    let mut next = 0;
    while let Some(page) = pages.get(next) {
        let (above, command) = (page.name.clone(), page.command);
        let below = command.get_subcommands().filter(|below| below.get_name() != "help");
        pages.extend(
            below.map(|below| Page {
                name: format!("{above}-{}", below.get_name()),
                command: below,
            }),
        );
        next += 1;
    }
    pages
}

fn unknown(name: &str, cli: &Command) -> Failure {
    let known = cli.get_subcommands().map(Command::get_name);
    let help = suggest::helped(name, known, "`fullsource --help` lists the commands");
    Failure::usage(format!("there is no command `{name}`"), help)
}
