//! `fullsource inspect`: what an envelope holds, without checking a signature.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use fullsource_format::digest::Sha256;
use fullsource_format::envelope::{Envelope, Unverified};
use fullsource_format::statement::{Covered, Statement};
use fullsource_format::{limits, release_dir};
use fullsource_verify::finding::Code;

use crate::cli::{Format, Inspect};
use crate::exit::{Exit, Failure};
use crate::render::escape::{in_json, shown};
use crate::render::text::size;
use crate::{input, output};

pub(crate) fn run(args: &Inspect) -> Result<ExitCode, Failure> {
    let (path, bytes) = match args.bundle.is_dir() {
        true => in_release(&args.bundle)?,
        false => (args.bundle.clone(), input::read(&args.bundle, limits::ENVELOPE_BYTES)?),
    };
    let envelopes = Envelope::parse_all(&bytes)
        .map_err(|error| input::envelope_failure(&path, &bytes, &error))?;
    for envelope in &envelopes {
        if args.payload {
            output::print(envelope.danger_payload())?;
        } else {
            output::print(about(envelope, args.format).as_bytes())?;
        }
    }
    Ok(Exit::Done.into())
}

/// The bundle of a release directory.
fn in_release(dir: &Path) -> Result<(PathBuf, Vec<u8>), Failure> {
    let names = [release_dir::BUNDLE, release_dir::ENVELOPE];
    let paths = names.map(|name| dir.join(name));
    let Some(path) = paths.into_iter().find(|path| input::may_be_there(path)) else {
        let text = format!("`{}` holds neither {} nor {}", dir.display(), names[0], names[1]);
        return Err(Failure::of(Code::BundleMissing, text));
    };
    let bytes = input::read_regular(&path, limits::ENVELOPE_BYTES)?;
    Ok((path, bytes))
}

fn about(envelope: &Envelope, format: Format) -> String {
    let payload = envelope.danger_payload();
    let id = Sha256::of(payload);
    if format == Format::Json {
        let statement: Option<serde_json::Value> = serde_json::from_slice(payload).ok();
        let document = serde_json::json!({
            "verified": false,
            "payloadType": envelope.payload_type(),
            "signatures": envelope.signature_count(),
            "statement": { "sha256": id },
            "payload": statement,
        });
        return in_json(&format!("{document:#}\n"));
    }
    let mut out = String::from("NOT VERIFIED: no signature was checked\n");
    let mut line = |label: &str, text: String| out.push_str(&format!("  {label:<12} {text}\n"));
    line("payload type", shown(envelope.payload_type()));
    line("signatures", envelope.signature_count().to_string());
    line("statement", id.to_string());
    match envelope.danger_unverified() {
        Ok(statement) => release(&statement, &mut line),
        Err(error) => line("unreadable", shown(&error.to_string())),
    }
    out
}

fn release(statement: &Unverified<Statement>, line: &mut impl FnMut(&str, String)) {
    let manifest = statement.value().manifest();
    let release = manifest.release();
    let version = release.version.as_ref().map_or_else(String::new, |v| format!(" {v}"));
    line("release", shown(&format!("{}{version}", release.name)));
    line("producer", shown(release.producer.name.as_str()));
    match statement.value().covered() {
        Covered::Listed(files) => {
            line("files", format!("{}, {}", files.len(), size(files.total_bytes())));
        }
        Covered::Indexed(index) => line("files", format!("listed in {}", index.name)),
    }
    for artifact in manifest.artifacts() {
        let roles: Vec<_> = artifact.roles.iter().map(ToString::to_string).collect();
        let license = artifact.license.as_ref().map_or("no licence", |license| license.as_str());
        line("artifact", shown(&format!("{}: {} ({license})", artifact.id, roles.join(", "))));
    }
    for stage in manifest.stages() {
        let outputs: Vec<_> = stage.outputs.iter().map(ToString::to_string).collect();
        line("stage", shown(&format!("{}: {} → {}", stage.id, stage.kind, outputs.join(", "))));
    }
}
