//! What a pickle imports, without ever running it.
//!
//! The opcodes are walked with a stack that knows texts and nothing else, so that a name that is put
//! together on the stack (`STACK_GLOBAL`) is known where it was written out, even by way of the memo.
//! One that is not is told as such. The walk ends at `STOP`, where an unpickler ends too.
//!
//! Format: `Lib/pickle.py`, `Modules/_pickle.c` and `Lib/pickletools.py` of CPython 3.13.

use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, Read};

use super::pickle_harmless::is_harmless;
use super::pickle_machine::Machine;
use super::pickle_opcodes::{Argument, Effect, Spelling, opcode};

/// Imports that are kept of one file.
pub const IMPORTS: usize = 100;
/// Bytes of a module's or a class's name. Real ones have some 60.
pub const NAME_BYTES: usize = 256;
/// The newest protocol that there is.
const PROTOCOL: u8 = 5;

/// Something that a pickle imports, and would call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Import {
    /// By its name.
    Global {
        /// The module.
        module: String,
        /// The name in it, which may have dots.
        name: String,
    },
    /// By a number of a registry of the reading program (`copyreg.add_extension`).
    Extension(u32),
    /// By a name that does not stand in the pickle as it is, or is too long.
    Unnamed,
}

impl fmt::Display for Import {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Global { module, name } => write!(f, "{module}.{name}"),
            Self::Extension(code) => write!(f, "extension {code}"),
            Self::Unnamed => f.write_str("a name made while it is read"),
        }
    }
}

/// What pickles import beyond the list of harmless names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imports {
    /// At most [`IMPORTS`], the first that stand there.
    pub found: BTreeSet<Import>,
    /// Whether there are more.
    pub more: bool,
    /// Whether there was any import, harmless ones included.
    pub any: bool,
    /// Whether joblib's arrays stand between the opcodes.
    pub(super) joblib: bool,
}

impl Imports {
    fn add(&mut self, import: Import) {
        self.any = true;
        if let Import::Global { module, name } = &import {
            self.joblib |= module == "joblib.numpy_pickle" && name == "NumpyArrayWrapper";
            if is_harmless(module, name) {
                return;
            }
        }
        if self.found.len() < IMPORTS {
            self.found.insert(import);
        } else if !self.found.contains(&import) {
            self.more = true;
        }
    }
}

/// Why a pickle cannot be walked to its end.
#[derive(Debug, thiserror::Error)]
pub enum PickleError {
    /// It cannot be read, or ends before its `STOP`.
    #[error("byte {at}: {error}")]
    Io {
        /// Bytes of the pickle read before.
        at: u64,
        /// What the system says.
        error: io::Error,
    },
    /// A byte that is no opcode.
    #[error("byte {at}: 0x{byte:02x} is no opcode")]
    Opcode {
        /// Where.
        at: u64,
        /// The byte.
        byte: u8,
    },
    /// What an unpickler would stop at, too.
    #[error("byte {at}: {what}")]
    Malformed {
        /// Where.
        at: u64,
        /// What is wrong.
        what: &'static str,
    },
}

/// Walks one pickle up to its `STOP` and adds what it imports, also where it fails later: an unpickler
/// imports as it reads. Gives the bytes walked. `source` is read in small pieces: give it a buffer.
pub fn walk(source: &mut dyn Read, imports: &mut Imports) -> Result<u64, PickleError> {
    let mut walk = Walk { source, at: 0, machine: Machine::new(), imports };
    while walk.step()? {}
    Ok(walk.at)
}

struct Walk<'a> {
    source: &'a mut dyn Read,
    at: u64,
    machine: Machine,
    imports: &'a mut Imports,
}

impl Walk<'_> {
    /// One opcode; false at the end.
    fn step(&mut self) -> Result<bool, PickleError> {
        let at = self.at;
        let [byte] = self.array()?;
        let Some((argument, effect)) = opcode(byte) else {
            return Err(PickleError::Opcode { at, byte });
        };
        let done = match effect {
            Effect::Values(takes, gives) => {
                self.pass(argument)?;
                self.machine.replace(takes, gives)
            }
            Effect::Text(spelling) => {
                let text = self.text(argument, spelling)?;
                self.machine.push_text(text.as_deref())
            }
            Effect::Mark => self.machine.mark(),
            Effect::ToMark(gives) => self.machine.pop_to_mark(gives),
            Effect::Pop => self.machine.pop_or_mark(),
            Effect::Dup => self.machine.dup(),
            Effect::Get => self.number(argument)?.and_then(|key| self.machine.get(key)),
            Effect::Put => self.number(argument)?.and_then(|key| self.machine.put(key)),
            Effect::Memoize => self.machine.memoize(),
            Effect::Import { up_to_mark } => self.import(up_to_mark)?,
            Effect::StackImport => self.machine.pop_names().and_then(|names| {
                self.imports.add(named(names));
                self.machine.replace(0, 1)
            }),
            Effect::Extension => self.number(argument)?.and_then(|code| {
                self.imports.add(Import::Extension(code));
                self.machine.replace(0, 1)
            }),
            Effect::Protocol => match self.array()? {
                [0..=PROTOCOL] => Ok(()),
                [_] => Err("a protocol above 5"),
            },
            Effect::Stop => {
                return match self.machine.replace(1, 0) {
                    Ok(()) => Ok(false),
                    Err(what) => Err(PickleError::Malformed { at, what }),
                };
            }
        };
        done.map(|()| true).map_err(|what| PickleError::Malformed { at, what })
    }

    /// `GLOBAL` and `INST`.
    fn import(&mut self, up_to_mark: bool) -> Result<Result<(), &'static str>, PickleError> {
        let (module, name) = (self.line()?, self.line()?);
        self.imports.add(named((module, name)));
        Ok(if up_to_mark { self.machine.pop_to_mark(1) } else { self.machine.replace(0, 1) })
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], PickleError> {
        let mut array = [0; N];
        self.fill(&mut array)?;
        Ok(array)
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), PickleError> {
        let at = self.at;
        self.source
            .read_exact(buffer)
            .map_err(|error| PickleError::Io { at, error: clear(error) })?;
        self.at += buffer.len() as u64;
        Ok(())
    }

    /// Passes over bytes without keeping them: a length that lies makes nothing large.
    fn skip(&mut self, length: u64) -> Result<(), PickleError> {
        let at = self.at;
        if length <= 64 {
            let mut small = [0; 64];
            return self.fill(&mut small[..length as usize]);
        }
        let copied = io::copy(&mut (&mut self.source).take(length), &mut io::sink());
        let copied = copied.map_err(|error| PickleError::Io { at, error })?;
        self.at += copied;
        if copied == length {
            return Ok(());
        }
        Err(PickleError::Io { at: self.at, error: clear(io::ErrorKind::UnexpectedEof.into()) })
    }

    /// The length before a sized argument.
    fn length(&mut self, argument: Argument) -> Result<u64, PickleError> {
        let at = self.at;
        let (bytes, signed) = match argument {
            Argument::Sized(bytes) => (bytes, false),
            Argument::SizedSigned => (4, true),
            Argument::Bytes(bytes) => return Ok(bytes),
            Argument::Line | Argument::TwoLines => return Ok(0),
        };
        let mut length = [0; 8];
        self.fill(&mut length[..usize::from(bytes)])?;
        let length = u64::from_le_bytes(length);
        let negative = signed && length > i32::MAX as u64 || length > i64::MAX as u64;
        if negative {
            return Err(PickleError::Malformed { at, what: "a negative length" });
        }
        Ok(length)
    }

    fn pass(&mut self, argument: Argument) -> Result<(), PickleError> {
        match argument {
            Argument::Line => self.line().map(drop),
            Argument::TwoLines => self.line().and_then(|_| self.line()).map(drop),
            sized => {
                let length = self.length(sized)?;
                if length == 0 { Ok(()) } else { self.skip(length) }
            }
        }
    }

    /// A text, or none where it is too long to be a name or is not spelt plainly.
    fn text(
        &mut self,
        argument: Argument,
        spelling: Spelling,
    ) -> Result<Option<String>, PickleError> {
        if argument == Argument::Line {
            let Some(line) = self.line()? else { return Ok(None) };
            let quoted = |quote| line.strip_prefix(quote)?.strip_suffix(quote);
            let text = match spelling {
                Spelling::Quoted => quoted('\'').or_else(|| quoted('"')),
                _ => Some(line.as_str()),
            };
            return Ok(text.filter(|text| !text.contains('\\')).map(str::to_owned));
        }
        let length = self.length(argument)?;
        if length > NAME_BYTES as u64 {
            self.skip(length)?;
            return Ok(None);
        }
        let mut text = vec![0; usize::try_from(length).unwrap_or(NAME_BYTES)];
        self.fill(&mut text)?;
        Ok(String::from_utf8(text).ok())
    }

    /// Text up to a line feed; none where it is longer than a name or not UTF-8.
    fn line(&mut self) -> Result<Option<String>, PickleError> {
        let mut line = Vec::new();
        let mut long = false;
        loop {
            match self.array()? {
                [b'\n'] => break,
                _ if line.len() >= NAME_BYTES => long = true,
                [byte] => line.push(byte),
            }
        }
        Ok(if long { None } else { String::from_utf8(line).ok() })
    }

    /// The number of `GET`, `PUT` and `EXT`.
    fn number(&mut self, argument: Argument) -> Result<Result<u32, &'static str>, PickleError> {
        if argument == Argument::Line {
            let line = self.line()?;
            let digits = line.filter(|line| line.bytes().all(|b| b.is_ascii_digit()));
            let number = digits.and_then(|digits| digits.parse().ok());
            return Ok(number.ok_or("a number of the memo that is none"));
        }
        let bytes = usize::try_from(self.length(argument)?).unwrap_or(4);
        let mut number = [0; 4];
        self.fill(&mut number[..bytes.min(4)])?;
        Ok(Ok(u32::from_le_bytes(number)))
    }
}

/// The same error in plainer words.
pub(super) fn clear(error: io::Error) -> io::Error {
    match error.kind() {
        kind @ io::ErrorKind::UnexpectedEof => io::Error::new(kind, "it ends too early"),
        _ => error,
    }
}

fn named(names: (Option<String>, Option<String>)) -> Import {
    match names {
        (Some(module), Some(name)) => Import::Global { module, name },
        _ => Import::Unnamed,
    }
}

#[cfg(test)]
#[path = "pickle_tests.rs"]
mod tests;
