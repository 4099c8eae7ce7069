//! `fullsource init`: a manifest drafted from what lies in a directory.

mod ask;
mod draft;
mod license;
mod missing;
mod next;
mod release;
mod role;
mod seen;
mod source;
mod stage;
mod told;

use std::path::Path;
use std::process::ExitCode;

use fullsource_collect::tree::TreeError;
use fullsource_format::json::UnknownFields;
use fullsource_format::license::LicenseExpression;
use fullsource_format::manifest::{Manifest, Producer};
use fullsource_format::release_dir;
use fullsource_format::text::{Name, Text};
use fullsource_format::violation::Violation;
use fullsource_verify::finding::Code;

use crate::cli::Init;
use crate::exit::{Exit, Failure};
use crate::output::{self, Existing, PLAIN};
use crate::render::style::Style;
use crate::{input, look, suggest};
use ask::{Answers, Asker};
use draft::Identity;
use release::Release;
pub(super) use seen::is_license;

/// Stands for the producer where nobody says who it is. It is never taken from a base model's id.
const UNKNOWN_PRODUCER: &str = "unknown producer";

pub(crate) fn run(args: &Init) -> Result<ExitCode, Failure> {
    let target = args.output.clone().unwrap_or_else(|| args.dir.join(release_dir::MANIFEST));
    let printed = target.as_os_str() == "-";
    let existing = if args.force { Existing::Replace } else { Existing::Keep };
    if !printed && !args.force && target.symlink_metadata().is_ok() {
        return Err(already_there(&target));
    }
    let (identity, answers) = (identity(args)?, answers(args)?);
    let directory = look::open(&args.dir)?;
    let (release, mut seen) = look::watched("reading", |progress| {
        let release = Release::walk(&directory, progress)?;
        let seen = seen::read(&directory, &release, progress)?;
        Ok((release, seen))
    })
    .map_err(|error: TreeError| look::tree_failure(&args.dir, &error))?;
    let asker = ask::may_ask(args.no_input).then(Asker::start);
    let identity = match &asker {
        Some(asker) => asker.identity(identity, given(args))?,
        None => identity,
    };
    let refused = |broken: Vec<Violation>| input::rules_failure(&target, b"", &broken);
    let draft = draft::draft(identity, &release, &mut seen).map_err(refused)?;
    let answers = match &asker {
        Some(asker) => asker.rest(&draft.manifest, answers)?,
        None => answers,
    };
    let draft = draft.with(&answers).map_err(refused)?;
    let document = document(&target, &draft.manifest)?;
    let missing = missing::missing(&draft.manifest, &seen, &draft.licenses.lacking);
    let written = if printed { "on standard output".into() } else { target.to_string_lossy() };
    let next = next::steps(&args.dir, &target, &draft.manifest, &answers.elsewhere);
    let told = |style| told::told(&written, &release, &seen, &draft, &missing, &next, style);
    if printed {
        output::print(&document)?;
        tell_aside(&told(Style::of(&std::io::stderr())));
    } else {
        output::prepare(&target, &document, PLAIN, existing)?.place()?;
        output::tell(&told(Style::of(&std::io::stdout())))?;
    }
    Ok(Exit::Done.into())
}

/// What the command line says already, of what `Asker::identity` asks for.
fn given(args: &Init) -> [bool; 4] {
    [
        args.name.is_some(),
        args.release_version.is_some(),
        args.producer_name.is_some(),
        args.producer_uri.is_some(),
    ]
}

/// What the command line says of the rest.
fn answers(args: &Init) -> Result<Answers, Failure> {
    let license = args.license.as_deref().map(|text| {
        text.parse::<LicenseExpression>().map_err(|error| {
            let help = "`--license` takes an SPDX expression";
            Failure::usage(error, suggest::meant(suggest::license(text), help))
        })
    });
    let stage = args.stage.as_deref().map(|text| {
        let help = "`fullsource explain stages` tells what each is";
        ask::stage_kind(text).map_err(|reason| Failure::usage(reason, help))
    });
    Ok(Answers { license: license.transpose()?, stage: stage.transpose()?, elsewhere: Vec::new() })
}

fn already_there(target: &Path) -> Failure {
    let text = format!("`{}` is already there", target.display());
    Failure::of(Code::TargetUnreadable, text)
        .helping("`--force` replaces it, `-o FILE` writes elsewhere, `-o -` only prints")
}

/// What the command line says of the release, and the directory's name.
fn identity(args: &Init) -> Result<Identity, Failure> {
    let name = match &args.name {
        Some(name) => named("--name", name)?,
        None => {
            // `.` and `..` have a name, too.
            let whole = args.dir.canonicalize().unwrap_or_else(|_| args.dir.clone());
            let last = whole.file_name().map(|name| name.to_string_lossy().into_owned());
            Name::clipped(last.as_deref().unwrap_or("unnamed"))
        }
    };
    let version = args.release_version.as_deref().map(|text| named("--release-version", text));
    let producer = args.producer_name.as_deref().unwrap_or(UNKNOWN_PRODUCER);
    let uri = args.producer_uri.as_deref().map(|text| {
        text.parse::<Text>().map_err(|error| Failure::usage(error, "`--producer-uri` takes a URI"))
    });
    Ok(Identity {
        name,
        version: version.transpose()?,
        producer: Producer { name: named("--producer-name", producer)?, uri: uri.transpose()? },
    })
}

fn named(option: &str, text: &str) -> Result<Name, Failure> {
    text.parse().map_err(|error| Failure::usage(error, format!("`{option}` takes a name to show")))
}

/// The file's bytes, read back as `sign` and `check` will read them.
fn document(target: &Path, manifest: &Manifest) -> Result<Vec<u8>, Failure> {
    let written = draft::document(manifest);
    let written = written.map_err(|error| Failure::of(Code::ManifestMalformed, error))?;
    let Some(bytes) = written else {
        let text = "the draft would be larger than a manifest may be (64 MiB)";
        return Err(Failure::of(Code::LimitExceeded, text)
            .helping("put files of one kind into directories of their own, or fewer of them"));
    };
    Manifest::parse(&bytes, UnknownFields::Refuse)
        .map_err(|error| input::manifest_failure(target, &bytes, &error))?;
    Ok(bytes)
}

/// Tells on standard error, where the manifest goes to standard output.
fn tell_aside(text: &str) {
    use std::io::Write as _;
    // A standard error that is gone changes nothing.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
