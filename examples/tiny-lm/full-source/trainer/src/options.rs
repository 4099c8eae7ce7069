//! The arguments of a command: pairs of `--name value`.

use std::collections::BTreeMap;
use std::str::FromStr;

/// How a command was asked wrongly.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("no command given")]
    NoCommand,
    #[error("there is no command `{command}`")]
    UnknownCommand { command: String },
    #[error("`{argument}` is not an option")]
    NotAnOption { argument: String },
    #[error("`--{name}` is not an option of this command")]
    UnknownOption { name: String },
    #[error("`--{name}` needs a value")]
    NoValue { name: String },
    #[error("`--{name}` is given twice")]
    Twice { name: String },
    #[error("`--{name}` is needed")]
    Missing { name: &'static str },
    #[error("`--{name}` cannot be `{value}`: {reason}")]
    BadValue { name: &'static str, value: String, reason: String },
}

/// The options of a command, taken out one by one.
#[derive(Debug)]
pub(crate) struct Options {
    values: BTreeMap<String, String>,
}

impl Options {
    /// Reads `--name value` and `--name=value`.
    pub(crate) fn new(arguments: &[String]) -> Result<Self, Problem> {
        let mut values = BTreeMap::new();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let text = argument.strip_prefix("--").filter(|text| !text.is_empty());
            let text = text.ok_or_else(|| Problem::NotAnOption { argument: argument.clone() })?;
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (text, arguments.next().map(String::as_str)),
            };
            let value = value.ok_or_else(|| Problem::NoValue { name: name.into() })?;
            if values.insert(name.into(), value.into()).is_some() {
                return Err(Problem::Twice { name: name.into() });
            }
        }
        Ok(Self { values })
    }

    /// Takes out an option that may be absent.
    pub(crate) fn take<T: FromStr>(&mut self, name: &'static str) -> Result<Option<T>, Problem>
    where
        T::Err: ToString,
    {
        let Some(value) = self.values.remove(name) else { return Ok(None) };
        let parsed = value.parse();
        parsed.map(Some).map_err(|error: T::Err| Problem::BadValue {
            name,
            value,
            reason: error.to_string(),
        })
    }

    /// Takes out an option that must be there.
    pub(crate) fn need<T: FromStr>(&mut self, name: &'static str) -> Result<T, Problem>
    where
        T::Err: ToString,
    {
        self.take(name)?.ok_or(Problem::Missing { name })
    }

    /// Refuses what nobody has taken.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        match self.values.into_keys().next() {
            Some(name) => Err(Problem::UnknownOption { name }),
            None => Ok(()),
        }
    }
}
