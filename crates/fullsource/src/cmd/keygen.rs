//! `fullsource keygen`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use fullsource_format::key::{KeyType, SecretKey};
use fullsource_verify::finding::Code;

use crate::cli::{KeyKind, Keygen};
use crate::exit::{Exit, Failure};
use crate::output::{self, Existing, PLAIN, SECRET};
use crate::passphrase;
use crate::render::escape::shown;

pub(crate) fn run(args: &Keygen) -> Result<ExitCode, Failure> {
    let passphrase = match &args.passphrase_file {
        Some(path) => Some(passphrase::from_file(path)?),
        None if args.passphrase => Some(passphrase::ask_new()?),
        None => None,
    };
    let kind = match args.kind {
        KeyKind::Ed25519 => KeyType::Ed25519,
        KeyKind::P256 => KeyType::P256,
    };
    let refused = |error| Failure::of(Code::KeyUnreadable, error);
    let key = SecretKey::generate(kind, &mut getrandom::SysRng).map_err(refused)?;
    let pem = key
        .to_pem(passphrase.as_ref().map(|text| text.as_slice()), &mut getrandom::SysRng)
        .map_err(refused)?;
    let (secret_path, public_path) = (with(args, ".key"), with(args, ".pub"));
    let secret = output::prepare(&secret_path, pem.as_bytes(), SECRET, Existing::Keep)?;
    let public_pem = key.public().to_pem();
    let public = output::prepare(&public_path, public_pem.as_bytes(), PLAIN, Existing::Keep)?;
    // The public key first: a secret key without its public half would be the worse remnant.
    secret.sync()?;
    public.place()?;
    if let Err(failure) = secret.place() {
        let _ = std::fs::remove_file(&public_path);
        return Err(failure);
    }
    let text = format!(
        "{} (secret, keep it)\n{} (give it to those who verify)\nkey id {}\n",
        shown(&secret_path.display().to_string()),
        shown(&public_path.display().to_string()),
        key.public().key_id()
    );
    output::tell(&text)?;
    Ok(Exit::Done.into())
}

fn with(args: &Keygen, ending: &str) -> PathBuf {
    let mut path = OsString::from(&args.out);
    path.push(ending);
    path.into()
}
