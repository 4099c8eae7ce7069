//! What is no longer trusted: a list of keys and statements.
//!
//! Spec: `spec/v0.1/envelope.md`, rules `revoked-*`.

use std::collections::BTreeSet;

use crate::digest::{DigestError, Sha256};
use crate::key::{
    KeyError, KeyId, KeyIdError, PublicKey, begin_label, is_key_type, names_its_type, printable,
};
use crate::trust::{FileFault, Line, Place, text_of};

/// The revoked keys and statements of a `--revoked` file. Each line is one of
/// - a statement id: 64 hexadecimal digits, or `sha256:` and these;
/// - a key id: 44 characters of base64, or `key:` and these;
/// - an OpenSSH public key line;
/// - a PEM block `PUBLIC KEY`, over several lines;
/// - a comment, from `#` on, also behind a statement or key id; or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RevocationList {
    statements: BTreeSet<Sha256>,
    keys: BTreeSet<KeyId>,
}

impl RevocationList {
    /// Reads a revocation file. One line that is not understood is an error of the whole file, and so
    /// is an empty file; one with a comment alone revokes nothing. Keys of types that cannot sign here
    /// revoke nothing.
    pub fn parse(file: &[u8]) -> Result<Self, RevokedError> {
        let text = text_of(file).map_err(RevokedError::File)?;
        if text.trim().is_empty() {
            return Err(RevokedError::File(FileFault::Empty));
        }
        let mut list = Self::default();
        let mut block: Option<Block<'_>> = None;
        for line in Line::all(text) {
            let at = |fault| RevokedError::Line { place: line.place(0..line.text.len()), fault };
            if let Some(open) = &mut block {
                open.text.push_str(line.text);
                open.text.push('\n');
                if line.text.starts_with("-----END ") {
                    let key = PublicKey::from_text(open.text.as_bytes());
                    list.add_key(key).map_err(|fault| open.error(fault))?;
                    block = None;
                }
            } else if begin_label(line.text.trim_start()).is_some() {
                block = Some(Block { text: format!("{}\n", line.text.trim_start()), first: line });
            } else {
                list.add_line(line.text.trim()).map_err(at)?;
            }
        }
        match block {
            Some(open) => Err(open.error(RevokedFault::OpenBlock)),
            None => Ok(list),
        }
    }

    /// Whether the key is revoked.
    pub fn revokes_key(&self, key: &PublicKey) -> bool {
        self.keys.contains(&key.key_id())
    }

    /// Whether the statement with this id is revoked.
    pub fn revokes_statement(&self, id: &Sha256) -> bool {
        self.statements.contains(id)
    }

    fn add_line(&mut self, line: &str) -> Result<(), RevokedFault> {
        let word = line.split_ascii_whitespace().next().unwrap_or_default();
        if word.is_empty() || word.starts_with('#') {
            return Ok(());
        }
        if is_key_type(word) {
            return match PublicKey::from_openssh(line) {
                // A type with a typo would revoke nothing, and say nothing.
                Err(KeyError::Unsupported { .. }) if !names_its_type(line) => {
                    Err(RevokedFault::Unknown { found: printable(word) })
                }
                key => self.add_key(key),
            };
        }
        let rest = line.strip_prefix(word).unwrap_or_default().trim_start();
        if !rest.is_empty() && !rest.starts_with('#') {
            return Err(RevokedFault::Trailing);
        }
        if let Some(id) = word.strip_prefix("sha256:") {
            self.statements.insert(id.parse()?);
        } else if let Some(id) = word.strip_prefix("key:") {
            self.keys.insert(id.parse()?);
        } else if word.len() == 64 {
            self.statements.insert(word.parse()?);
        } else if word.len() == 44 {
            self.keys.insert(word.parse()?);
        } else {
            return Err(RevokedFault::Unknown { found: printable(word) });
        }
        Ok(())
    }

    fn add_key(&mut self, key: Result<PublicKey, KeyError>) -> Result<(), RevokedFault> {
        match key {
            Ok(key) => self.keys.insert(key.key_id()),
            // Such a key is never trusted, so there is nothing to take back.
            Err(KeyError::Unsupported { .. } | KeyError::Weak) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        Ok(())
    }
}

/// A PEM block that is being read.
struct Block<'a> {
    text: String,
    first: Line<'a>,
}

impl Block<'_> {
    fn error(&self, fault: RevokedFault) -> RevokedError {
        RevokedError::Line { place: self.first.place(0..self.first.text.len()), fault }
    }
}

/// Why a revocation file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RevokedError {
    /// The file as a whole.
    #[error(transparent)]
    File(FileFault),
    /// One line of it, or a PEM block that starts there.
    #[error("line {line}: {fault}", line = place.line)]
    Line {
        /// Where.
        place: Place,
        /// What.
        fault: RevokedFault,
    },
}

/// What is wrong with a line of a revocation file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RevokedFault {
    /// A line in none of the forms.
    #[error("`{found}` is neither a statement id, nor a key id, nor a public key")]
    Unknown {
        /// Its first word.
        found: String,
    },
    /// Something behind an id.
    #[error("there is text behind the id; a comment starts with `#`")]
    Trailing,
    /// A PEM block without an end.
    #[error("the PEM block has no end")]
    OpenBlock,
    /// A statement id that is none.
    #[error(transparent)]
    Statement(#[from] DigestError),
    /// A key id that is none.
    #[error(transparent)]
    KeyId(#[from] KeyIdError),
    /// A key that cannot be read.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl RevokedError {
    /// Where the fault is, if it is in one place.
    pub const fn place(&self) -> Option<&Place> {
        match self {
            Self::File(_) => None,
            Self::Line { place, .. } => Some(place),
        }
    }

    /// What to do about it.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Line { fault: RevokedFault::Key(error), .. } => error.help(),
            _ => {
                "a line is `sha256:` and a statement id, `key:` and a key id, an OpenSSH public key, \
                 or part of a PEM public key; `fullsource inspect` prints the ids of a bundle"
            }
        }
    }
}
