//! Where a release comes from: its bundle, and the place of its files.

use std::path::{Path, PathBuf};

use fullsource_collect::fetch::{Base, BaseError};
use fullsource_collect::net::{Net, Request, shown};
use fullsource_collect::source::hub::HubAccess;
use fullsource_collect::source::{Trouble, TroubleKind};
use fullsource_format::digest::Sha256;
use fullsource_format::index::FileRecord;
use fullsource_format::path::RelPath;
use fullsource_format::{limits, release_dir};
use fullsource_verify::finding::Code;
use url::Url;

use super::missed;
use crate::cli;
use crate::exit::Failure;
use crate::input;

/// Bundles, and where what they cover lies.
pub(super) struct Origin {
    pub(super) documents: Vec<Document>,
    pub(super) base: Base,
}

/// A bundle or an envelope, whole.
pub(super) struct Document {
    /// Where it was read, for messages.
    pub(super) from: PathBuf,
    /// Its name in the release.
    pub(super) name: RelPath,
    pub(super) bytes: Vec<u8>,
}

impl Document {
    fn named(name: &str, from: PathBuf, bytes: Vec<u8>) -> Result<Self, Failure> {
        let name = name.parse().map_err(|error| Failure::of(Code::NameInvalid, error))?;
        Ok(Self { from, name, bytes })
    }

    pub(super) fn record(&self) -> FileRecord<'_> {
        let (path, size) = (self.name.as_str(), self.bytes.len() as u64);
        FileRecord { path, size, sha256: Some(Sha256::of(&self.bytes)), blake3: None }
    }
}

impl Origin {
    /// Reads the bundle that the command line names.
    pub(super) fn open(args: &cli::Fetch, net: &Net) -> Result<Self, Failure> {
        let elsewhere = args.from.as_deref().map(place).transpose()?;
        if args.bundle.starts_with("hf:") {
            let base = place(&args.bundle)?;
            let documents = of_release(&base, net)?;
            return Ok(Self { documents, base: elsewhere.unwrap_or(base) });
        }
        let Some(url) = url(&args.bundle) else {
            let Some(base) = elsewhere else {
                let text = format!("`{}` is a file: where do the files lie?", args.bundle);
                let help = "give `--from ADDRESS`, or the address of the bundle";
                return Err(Failure::usage(text, help));
            };
            let path = Path::new(&args.bundle);
            let bytes = input::read(path, limits::ENVELOPE_BYTES)
                .map_err(|failure| failure.unread(Code::BundleMissing))?;
            let name = name_of(path.file_name().and_then(|name| name.to_str()));
            let documents = vec![Document::named(name, path.to_owned(), bytes)?];
            return Ok(Self { documents, base });
        };
        let base = Base::beside(&url).map_err(|error| no_place(&error))?;
        let documents = match url.path().ends_with('/') {
            true => of_release(&base, net)?,
            false => vec![of_address(&url, net)?],
        };
        Ok(Self { documents, base: elsewhere.unwrap_or(base) })
    }
}

/// An address on the network; a file's path is none.
fn url(text: &str) -> Option<Url> {
    let url: Url = text.parse().ok()?;
    matches!(url.scheme(), "https" | "http").then_some(url)
}

fn place(text: &str) -> Result<Base, Failure> {
    let base = if text.starts_with("hf:") {
        let hub = HubAccess::from_environment(&|name| std::env::var(name).ok());
        let hub = hub.map_err(|error| {
            Failure::usage(error, "set HF_ENDPOINT and HF_TOKEN as the hub's own tools have them")
        })?;
        Base::hub(text, &hub)
    } else {
        let url = url(text).ok_or_else(|| no_place(&BaseError::Form(text.to_owned())))?;
        Base::directory(&url)
    };
    base.map_err(|error| no_place(&error))
}

fn no_place(error: &BaseError) -> Failure {
    Failure::usage(
        error,
        "name the bundle by its https: address, or the release on the hub by a commit",
    )
}

/// The bundle of a release by the names that it may have (`ver-3`).
fn of_release(base: &Base, net: &Net) -> Result<Vec<Document>, Failure> {
    let mut documents = Vec::new();
    for name in [release_dir::BUNDLE, release_dir::ENVELOPE] {
        let from = PathBuf::from(shown(&base.file(name)));
        match base.document(net, name, limits::ENVELOPE_BYTES as u64) {
            Ok(bytes) => documents.push(Document::named(name, from, bytes)?),
            Err(absent) if absent.kind == TroubleKind::Absent => {}
            Err(trouble) => return Err(unread(&trouble)),
        }
    }
    if documents.is_empty() {
        let text =
            format!("{base:?} has neither {} nor {}", release_dir::BUNDLE, release_dir::ENVELOPE);
        return Err(Failure::of(Code::BundleMissing, text).helping("check the address"));
    }
    Ok(documents)
}

fn of_address(url: &Url, net: &Net) -> Result<Document, Failure> {
    let answer = net.send(&Request::get(url)).map_err(|trouble| unread(&trouble))?;
    let bytes = answer.into_bytes(limits::ENVELOPE_BYTES as u64);
    let bytes = bytes.map_err(|trouble| match trouble.kind {
        // lim-2: of a body that came nothing else is at fault than that there is too much of it.
        TroubleKind::Faulty => {
            Failure::of(Code::LimitExceeded, trouble).helping("check the address")
        }
        _ => unread(&trouble),
    })?;
    let name = name_of(url.path().rsplit('/').next());
    Document::named(name, PathBuf::from(shown(url)), bytes)
}

/// The name that a bundle gets in the release.
fn name_of(name: Option<&str>) -> &'static str {
    match name {
        Some(release_dir::ENVELOPE) => release_dir::ENVELOPE,
        _ => release_dir::BUNDLE,
    }
}

fn unread(trouble: &Trouble) -> Failure {
    if trouble.kind == TroubleKind::Stopped {
        return missed::stopped();
    }
    // ver-4: what is there and cannot be read is not missing.
    let code = match trouble.kind {
        TroubleKind::Faulty => Code::TargetUnreadable,
        _ => Code::BundleMissing,
    };
    let failure = Failure::of(code, trouble);
    failure.helping(missed::help(trouble.kind, "check the address"))
}
