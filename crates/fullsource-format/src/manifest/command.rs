//! Commands: a program and its arguments, with places where something is put in.
//!
//! Spec: `spec/v0.1/rebuild.md`, `reb-1`, and `spec/v0.1/manifest.md`, `man-24` and `man-25`.

use std::ffi::{OsStr, OsString};
use std::fmt;

use crate::text::{Id, Text};

/// A command whose items have been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command(Vec<Vec<Part>>);

/// A stretch of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Plain(String),
    Placeholder(Placeholder),
}

/// What stands for something that is put in when the command is run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Placeholder {
    /// `{input:ID}`: the place of the content of an artifact.
    Input(Id),
    /// `{output}`: the directory for outputs.
    Output,
    /// `{threads}`: the number of threads.
    Threads,
    /// `{checkpoint}`: the place of the content of the segment's `from`.
    Checkpoint,
}

/// Why a list of texts is no command: in which item, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct CommandError {
    /// The item, counted from 0.
    pub item: usize,
    /// What is wrong.
    pub fault: CommandFault,
}

/// What is wrong with an item of a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandFault {
    /// A brace that opens or closes nothing.
    #[error("a `{0}` that belongs to no placeholder is written `{0}{0}`")]
    Brace(char),
    /// A placeholder that there is not.
    #[error(
        "there is no placeholder `{{{0}}}`: there are `{{input:ID}}`, `{{output}}`, `{{threads}}` and `{{checkpoint}}`"
    )]
    Unknown(String),
    /// A program without a name.
    #[error("the first item is the program, and it is empty")]
    NoProgram,
    /// A character that no argument can hold.
    #[error("it holds a NUL character, which no argument can")]
    Nul,
    /// An input that the stage has not.
    #[error(
        "`{0}` is no input of the stage: it is not in its `code`, `config`, `environment`, `data` or `models`"
    )]
    NoInput(Id),
    /// A checkpoint where nothing is started from one.
    #[error(
        "`{{checkpoint}}` stands for the artifact that a segment starts from, and there is none"
    )]
    NoCheckpoint,
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(id) => write!(f, "{{input:{id}}}"),
            Self::Output => f.write_str("{output}"),
            Self::Threads => f.write_str("{threads}"),
            Self::Checkpoint => f.write_str("{checkpoint}"),
        }
    }
}

impl Command {
    /// Reads a command. One without items is none, and has no program to run.
    pub fn parse(items: &[Text]) -> Result<Self, CommandError> {
        let read = items.iter().enumerate().map(|(item, text)| {
            parts(text.as_str(), item == 0).map_err(|fault| CommandError { item, fault })
        });
        read.collect::<Result<_, _>>().map(Self)
    }

    /// Whether there is nothing to run.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The placeholders, each with the item that it stands in, counted from 0.
    pub fn placeholders(&self) -> impl Iterator<Item = (usize, &Placeholder)> {
        self.0.iter().enumerate().flat_map(|(item, parts)| {
            parts.iter().filter_map(move |part| match part {
                Part::Placeholder(placeholder) => Some((item, placeholder)),
                Part::Plain(_) => None,
            })
        })
    }

    /// The program and its arguments, with what `place` gives for each placeholder put in.
    pub fn expand<P: AsRef<OsStr>>(&self, place: impl Fn(&Placeholder) -> P) -> Vec<OsString> {
        let expand = |parts: &Vec<Part>| {
            let mut argument = OsString::new();
            for part in parts {
                match part {
                    Part::Plain(text) => argument.push(text),
                    Part::Placeholder(placeholder) => argument.push(place(placeholder)),
                }
            }
            argument
        };
        self.0.iter().map(expand).collect()
    }
}

/// Reads one item, from left to right: at a brace, two are one, and what is left is a placeholder.
fn parts(item: &str, first: bool) -> Result<Vec<Part>, CommandFault> {
    if item.contains('\0') {
        return Err(CommandFault::Nul);
    }
    if first && item.is_empty() {
        return Err(CommandFault::NoProgram);
    }
    let (mut parts, mut plain, mut rest) = (Vec::new(), String::new(), item);
    while let Some(at) = rest.find(['{', '}']) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(behind) = rest.strip_prefix("{{").or_else(|| rest.strip_prefix("}}")) {
            plain.push_str(&rest[..1]);
            rest = behind;
            continue;
        }
        let (name, behind) = rest
            .strip_prefix('{')
            .ok_or(CommandFault::Brace('}'))?
            .split_once('}')
            .ok_or(CommandFault::Brace('{'))?;
        if !plain.is_empty() {
            parts.push(Part::Plain(std::mem::take(&mut plain)));
        }
        parts.push(Part::Placeholder(placeholder(name)?));
        rest = behind;
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        parts.push(Part::Plain(plain));
    }
    Ok(parts)
}

/// What stands between two braces.
fn placeholder(name: &str) -> Result<Placeholder, CommandFault> {
    let input = name.strip_prefix("input:").and_then(|id| id.parse().ok());
    match (name, input) {
        (_, Some(id)) => Ok(Placeholder::Input(id)),
        ("output", _) => Ok(Placeholder::Output),
        ("threads", _) => Ok(Placeholder::Threads),
        ("checkpoint", _) => Ok(Placeholder::Checkpoint),
        _ => Err(CommandFault::Unknown(name.chars().take(40).collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(items: &[&str]) -> Result<Command, CommandError> {
        Command::parse(&items.iter().map(|item| item.parse().unwrap()).collect::<Vec<Text>>())
    }

    fn expanded(items: &[&str]) -> Vec<String> {
        let place = |placeholder: &Placeholder| match placeholder {
            Placeholder::Input(id) => format!("/in/{id}"),
            Placeholder::Output => "/out".to_owned(),
            Placeholder::Threads => "2".to_owned(),
            Placeholder::Checkpoint => "/in/{{half}}".to_owned(),
        };
        let expanded = command(items).unwrap().expand(place);
        expanded.into_iter().map(|item| item.into_string().unwrap()).collect()
    }

    #[test]
    fn what_is_put_in_is_not_read_again() {
        let items = ["{input:code}/a.sh", "{output}", "-j{threads}", "", "--from={checkpoint}"];
        assert_eq!(expanded(&items), ["/in/code/a.sh", "/out", "-j2", "", "--from=/in/{{half}}"]);
    }

    #[test]
    fn two_braces_are_one() {
        assert_eq!(expanded(&["a", "{{output}}", "{{{output}}}"]), ["a", "{output}", "{/out}"]);
        assert_eq!(expanded(&["é{{", "}}{output}é"]), ["é{", "}/outé"]);
    }

    #[test]
    fn every_other_brace_is_refused_where_it_stands() {
        let faults = [
            ("{", CommandFault::Brace('{')),
            ("}", CommandFault::Brace('}')),
            ("{output", CommandFault::Brace('{')),
            ("output}", CommandFault::Brace('}')),
            ("{output}}", CommandFault::Brace('}')),
            ("{Output}", CommandFault::Unknown("Output".into())),
            ("{}", CommandFault::Unknown(String::new())),
            ("{input:}", CommandFault::Unknown("input:".into())),
            ("{input:a b}", CommandFault::Unknown("input:a b".into())),
            ("{a{output}", CommandFault::Unknown("a{output".into())),
            ("a\0b", CommandFault::Nul),
        ];
        for (item, fault) in faults {
            assert_eq!(command(&["sh", item]), Err(CommandError { item: 1, fault }), "{item}");
        }
        let nothing = CommandError { item: 0, fault: CommandFault::NoProgram };
        assert_eq!(command(&["", "a"]), Err(nothing));
    }

    #[test]
    fn placeholders_are_told_with_their_items() {
        let command = command(&["a", "{input:x}{output}", "b", "{input:y}"]).unwrap();
        let told: Vec<_> = command.placeholders().map(|(at, one)| format!("{at} {one}")).collect();
        assert_eq!(told, ["1 {input:x}", "1 {output}", "3 {input:y}"]);
    }
}
