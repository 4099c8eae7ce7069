//! Whom a verifier trusts, for what, and when: a file in OpenSSH's `allowed_signers` form.
//!
//! Spec: `spec/v0.1/envelope.md`, rules `trust-*`. The form is that of `ssh-keygen(1)`, section
//! ALLOWED SIGNERS. Where this reader differs: it takes option values without quotes too, dates are
//! always in UTC, and a date that does not exist is an error.

mod line;

use std::fmt;
use std::ops::Range;

use jiff::Timestamp;

use crate::key::{KeyError, PublicKey};
use crate::limits;

/// What a trusted key may sign, by the namespace of its entry (`trust-2`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// `fullsource`: releases of its own.
    Producer,
    /// `fullsource-observer`: descriptions of other people's releases, and evidence.
    Observer,
    /// `fullsource-rebuilder`: that rebuilding a release gave the same bytes.
    Rebuilder,
}

impl Role {
    /// The namespace that gives the role.
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::Producer => "fullsource",
            Self::Observer => "fullsource-observer",
            Self::Rebuilder => "fullsource-rebuilder",
        }
    }

    fn of_namespace(namespace: &str) -> Option<Self> {
        [Self::Producer, Self::Observer, Self::Rebuilder]
            .into_iter()
            .find(|role| role.namespace() == namespace)
    }
}

/// Why an entry gives no role (`trust-3`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRole {
    /// It has no `namespaces` option, so OpenSSH takes it for every purpose.
    NoNamespaces,
    /// Its namespaces hold a pattern (`*`, `?`, `!`).
    NamespacePattern,
    /// Its principals hold a pattern (`*`, `?`, `!`), or none at all.
    PrincipalPattern,
    /// Its namespaces are those of other programs.
    OtherNamespaces,
}

impl fmt::Display for NoRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoNamespaces => "the entry has no `namespaces`",
            Self::NamespacePattern => "the entry's `namespaces` hold a pattern",
            Self::PrincipalPattern => "the entry's principals hold a pattern",
            Self::OtherNamespaces => "the entry's `namespaces` are those of other programs",
        })
    }
}

/// Whether a key is valid at a moment (`trust-4`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// It is.
    Valid,
    /// Only from this moment on.
    NotYet {
        /// The entry's `valid-after`.
        from: Timestamp,
    },
    /// Only until this moment.
    Expired {
        /// The entry's `valid-before`.
        until: Timestamp,
    },
}

/// One trusted key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustEntry {
    principals: Vec<String>,
    roles: Vec<Role>,
    no_role: Option<NoRole>,
    valid_after: Option<Timestamp>,
    valid_before: Option<Timestamp>,
    key: PublicKey,
    line: usize,
}

impl TrustEntry {
    /// Who holds the key, as the file has it. At least one; a pattern only where there is no role.
    pub fn principals(&self) -> &[String] {
        &self.principals
    }

    /// What the key may sign. Empty exactly when [`Self::no_role`] says why.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// Why the key has no role, if it has none.
    pub const fn no_role(&self) -> Option<NoRole> {
        self.no_role
    }

    /// Whether the key has the role, for this very principal. Case counts, and nothing is a pattern.
    pub fn allows(&self, role: Role, principal: &str) -> bool {
        self.roles.contains(&role) && self.principals.iter().any(|held| held == principal)
    }

    /// Whether the key is valid at `now`: from `valid-after` to `valid-before`, both included, to
    /// the second, as `ssh-keygen` has it.
    pub fn validity(&self, now: Timestamp) -> Validity {
        let second = now.as_second() - i64::from(now.subsec_nanosecond() < 0);
        match (self.valid_after, self.valid_before) {
            (Some(from), _) if second < from.as_second() => Validity::NotYet { from },
            (_, Some(until)) if second > until.as_second() => Validity::Expired { until },
            _ => Validity::Valid,
        }
    }

    /// Whether the key is valid at `now`. See [`Self::validity`].
    pub fn valid_at(&self, now: Timestamp) -> bool {
        self.validity(now) == Validity::Valid
    }

    /// The first second at which the key is valid, if the entry says.
    pub const fn valid_after(&self) -> Option<Timestamp> {
        self.valid_after
    }

    /// The last second at which the key is valid, if the entry says.
    pub const fn valid_before(&self) -> Option<Timestamp> {
        self.valid_before
    }

    /// The key.
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The line of the file, from 1.
    pub const fn line(&self) -> usize {
        self.line
    }
}

/// An entry whose key is of a type that cannot sign here, such as `ssh-rsa` or a security key. It is
/// passed over, so that a file shared with other programs stays usable (`trust-5`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The line of the file, from 1.
    pub line: usize,
    /// Who holds the key.
    pub principals: Vec<String>,
    /// The type of the key.
    pub key_type: String,
}

/// A trust file: its entries in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustFile {
    entries: Vec<TrustEntry>,
    skipped: Vec<Skipped>,
}

impl TrustFile {
    /// Reads a trust file. One line that is not understood is an error of the whole file: a typing
    /// error must not change whom one trusts.
    pub fn parse(file: &[u8]) -> Result<Self, TrustError> {
        let text = text_of(file).map_err(TrustError::File)?;
        let mut read = Self { entries: Vec::new(), skipped: Vec::new() };
        for line in Line::all(text) {
            let parsed = line::parse(line.text)
                .map_err(|(span, fault)| TrustError::Line { place: line.place(span), fault })?;
            let Some(parsed) = parsed else { continue };
            match parsed.key {
                line::Key::Supported(key) => {
                    let (roles, no_role) = match parsed.roles {
                        Ok(roles) => (roles, None),
                        Err(why) => (Vec::new(), Some(why)),
                    };
                    read.entries.push(TrustEntry {
                        principals: parsed.principals,
                        roles,
                        no_role,
                        valid_after: parsed.valid_after,
                        valid_before: parsed.valid_before,
                        key,
                        line: line.number,
                    });
                }
                line::Key::OtherType(key_type) => {
                    let principals = parsed.principals;
                    read.skipped.push(Skipped { line: line.number, principals, key_type });
                }
            }
        }
        if read.entries.is_empty() && read.skipped.is_empty() {
            return Err(TrustError::File(FileFault::Empty));
        }
        Ok(read)
    }

    /// The entries, in the order of the file, those without a role included.
    pub fn entries(&self) -> &[TrustEntry] {
        &self.entries
    }

    /// What was passed over, in the order of the file.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }
}

/// Where in a text file a fault is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// The bytes of the file.
    pub span: Range<usize>,
}

/// A line of a text file, without its end.
pub(crate) struct Line<'a> {
    /// From 1.
    pub(crate) number: usize,
    /// The byte of the file at which it starts.
    start: usize,
    pub(crate) text: &'a str,
}

impl<'a> Line<'a> {
    pub(crate) fn all(text: &'a str) -> impl Iterator<Item = Self> {
        let mut start = 0;
        text.split_inclusive('\n').zip(1..).map(move |(line, number)| {
            let this = Line { number, start, text: line.trim_end_matches(['\n', '\r']) };
            start += line.len();
            this
        })
    }

    /// Where these bytes of the line are in the file.
    pub(crate) fn place(&self, span: Range<usize>) -> Place {
        let before = self.text.get(..span.start).unwrap_or_default();
        Place {
            line: self.number,
            column: before.chars().count() + 1,
            span: self.start + span.start..self.start + span.end,
        }
    }
}

/// What is wrong with a whole trust or revocation file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// Nothing in it; in a trust file, nothing but comments.
    #[error("the file has no entry")]
    Empty,
    /// More than the limit.
    #[error("the file has {bytes} bytes, more than the limit of {limit}", limit = limits::TRUST_BYTES)]
    TooLong {
        /// Bytes found.
        bytes: usize,
    },
    /// Bytes that are no UTF-8, or a zero byte.
    #[error("the file is not UTF-8 text")]
    NotText,
    /// A byte order mark at its start.
    #[error("the file starts with a byte order mark")]
    ByteOrderMark,
}

/// The text of a trust or revocation file.
pub(crate) fn text_of(file: &[u8]) -> Result<&str, FileFault> {
    if file.len() > limits::TRUST_BYTES {
        return Err(FileFault::TooLong { bytes: file.len() });
    }
    match std::str::from_utf8(file) {
        Ok(text) if text.starts_with('\u{feff}') => Err(FileFault::ByteOrderMark),
        Ok(text) if !text.contains('\0') => Ok(text),
        _ => Err(FileFault::NotText),
    }
}

/// Why a trust file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// The file as a whole.
    #[error(transparent)]
    File(FileFault),
    /// One line of it.
    #[error("line {line}, column {column}: {fault}", line = place.line, column = place.column)]
    Line {
        /// Where.
        place: Place,
        /// What.
        fault: LineFault,
    },
}

/// What is wrong with a line of a trust file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// A quote that is not closed.
    #[error("the quote is not closed")]
    OpenQuote,
    /// Something right behind a closing quote.
    #[error("a closing quote is followed by `,` or a space")]
    AfterQuote,
    /// No principal, or an empty one.
    #[error("a principal is empty")]
    EmptyPrincipal,
    /// A public key line as it stands in a `.pub` file, without who holds the key.
    #[error("the line starts with the key; the principal is missing")]
    NoPrincipal,
    /// A line that ends before its key.
    #[error("the line has no key")]
    NoKey,
    /// A comma without an option.
    #[error("an option is missing beside the `,`")]
    EmptyOption,
    /// An option that does not exist.
    #[error("there is no option `{name}`")]
    UnknownOption {
        /// The option.
        name: String,
    },
    /// An option given twice.
    #[error("the option `{name}` is given twice")]
    TwiceOption {
        /// The option.
        name: &'static str,
    },
    /// An option without its value.
    #[error("the option `{name}` needs a value: `{name}=\"…\"`")]
    NoValue {
        /// The option.
        name: &'static str,
    },
    /// A certificate authority, which would let its holder name signers.
    #[error("`cert-authority` is not supported: trust names keys, not who may issue them")]
    CertAuthority,
    /// A text that is no date.
    #[error("`{found}` is not a date in the form YYYYMMDD[Z] or YYYYMMDDHHMM[SS][Z]")]
    Date {
        /// What was found.
        found: String,
    },
    /// A window that never opens.
    #[error("`valid-before` is not later than `valid-after`")]
    EmptyWindow,
    /// A key that cannot be read.
    #[error(transparent)]
    Key(KeyError),
}

impl TrustError {
    /// Where the fault is, if it is in one place.
    pub const fn place(&self) -> Option<&Place> {
        match self {
            Self::File(_) => None,
            Self::Line { place, .. } => Some(place),
        }
    }

    /// What to do about it.
    pub const fn help(&self) -> &'static str {
        const FORM: &str = "a line reads: PRINCIPAL namespaces=\"fullsource\",valid-before=\"20300101Z\" ssh-ed25519 AAAA…";
        match self {
            Self::File(FileFault::Empty) => FORM,
            Self::File(_) => "give a text file in OpenSSH's allowed_signers form",
            Self::Line { fault, .. } => match fault {
                LineFault::CertAuthority => "list the keys themselves, one line each",
                LineFault::Date { .. } => "dates are read in UTC, with or without the `Z`",
                LineFault::UnknownOption { .. } => {
                    "the options are `namespaces`, `valid-after` and `valid-before`"
                }
                LineFault::Key(error) => error.help(),
                LineFault::EmptyWindow => "exchange or correct the two dates",
                _ => FORM,
            },
        }
    }
}
