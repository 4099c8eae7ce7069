//! Documents about parent models that the verifier's side has (`ver-94`).

use std::path::{Path, PathBuf};

use fullsource_collect::parents::Given;
use fullsource_format::digest::Sha256;
use fullsource_format::envelope::{Envelope, Unverified, joined};
use fullsource_format::evidence::Local;
use fullsource_format::json::UnknownFields;
use fullsource_format::limits;
use fullsource_format::manifest::Manifest;
use fullsource_format::text::Id;
use fullsource_verify::finding::Code;

use crate::cli::Verify;
use crate::exit::Failure;
use crate::input;

/// The documents that were given with `--parent`.
pub(super) fn given(args: &Verify, manifest: &Manifest) -> Result<Vec<Given>, Failure> {
    let mut all: Vec<Given> = Vec::new();
    for text in &args.parents {
        let (artifact, path) = split(text);
        if let Some(id) = artifact.as_ref().filter(|id| !has(manifest, id)) {
            let text = format!("`--parent {text}`: the statement has no artifact `{id}`");
            return Err(Failure::usage(text, "write the id of the model that the file is about"));
        }
        let given = read(path, artifact)?;
        // One document may be for several models.
        match all.iter_mut().find(|known| known.statement == given.statement) {
            Some(known) => known.local.artifacts.extend(given.local.artifacts),
            None => all.push(given),
        }
    }
    Ok(all)
}

/// The file in `FILE` or `ID=FILE`.
pub(super) fn file(text: &str) -> PathBuf {
    split(text).1.to_owned()
}

/// What looks like an id in front of `=` is one; `./a=b` is a file.
fn split(text: &str) -> (Option<Id>, &Path) {
    let named = text.split_once('=').and_then(|(id, file)| Some((id.parse().ok()?, file)));
    match named {
        Some((id, file)) => (Some(id), Path::new(file)),
        None => (None, Path::new(text)),
    }
}

fn has(manifest: &Manifest, id: &Id) -> bool {
    manifest.artifacts().iter().any(|artifact| artifact.id == *id)
}

fn read(path: &Path, artifact: Option<Id>) -> Result<Given, Failure> {
    let bytes = input::read(path, limits::ENVELOPE_BYTES)?;
    let statement = statement(path, &bytes)?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::of(Code::ManifestMalformed, format!("`{}` is not UTF-8", path.display()))
    })?;
    Ok(Given { statement, text, local: Local { artifacts: artifact.into_iter().collect() } })
}

/// The id of the one statement in a document; of a document without an envelope, SHA-256 of its bytes.
fn statement(path: &Path, bytes: &[u8]) -> Result<Sha256, Failure> {
    if let Ok(envelopes) = Envelope::parse_all(bytes) {
        let envelopes = joined(envelopes);
        let [envelope] = &envelopes[..] else {
            let text = format!("`{}` holds {} statements", path.display(), envelopes.len());
            return Err(Failure::of(Code::StatementConflict, text)
                .helping("give a file with the one that is meant"));
        };
        return Ok(Sha256::of(envelope.danger_payload()));
    }
    if Unverified::from_payload(bytes).is_err() {
        Manifest::parse(bytes, UnknownFields::Ignore)
            .map_err(|error| input::manifest_failure(path, bytes, &error))?;
    }
    Ok(Sha256::of(bytes))
}
