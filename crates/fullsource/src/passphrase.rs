//! Passphrases: from a file, or asked for on a terminal, never from the command line.

use std::io::IsTerminal as _;
use std::path::Path;

use fullsource_format::limits;
use zeroize::Zeroizing;

use crate::exit::Failure;
use crate::input;

/// The first line of a file.
pub(crate) fn from_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut bytes = Zeroizing::new(input::read(path, limits::KEY_BYTES)?);
    let end = bytes.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(bytes.len());
    bytes.truncate(end);
    if bytes.is_empty() {
        let text = format!("the first line of `{}` is empty", path.display());
        return Err(Failure::usage(text, "write the passphrase on its first line"));
    }
    Ok(bytes)
}

/// Asks for the passphrase of a key.
pub(crate) fn ask(prompt: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    if !std::io::stdin().is_terminal() {
        let text = "a passphrase is needed, and there is no terminal to ask for it";
        return Err(Failure::usage(text, "give it with `--passphrase-file FILE`"));
    }
    let entered = rpassword::prompt_password(prompt)
        .map_err(|error| Failure::system("read", Path::new("the terminal"), &error))?;
    Ok(Zeroizing::new(entered.into_bytes()))
}

/// Asks for a new passphrase, twice.
pub(crate) fn ask_new() -> Result<Zeroizing<Vec<u8>>, Failure> {
    let first = ask("Passphrase: ")?;
    if first.is_empty() {
        let help = "leave `--passphrase` out for a key without one";
        return Err(Failure::usage("the passphrase is empty", help));
    }
    if ask("Again: ")? == first {
        Ok(first)
    } else {
        Err(Failure::usage("the two passphrases differ", "run the command again"))
    }
}
