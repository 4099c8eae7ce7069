//! `fullsource fetch`: the bundle, the signature, then each file as it was signed.

mod missed;
mod origin;

use std::io::BufReader;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use fullsource_collect::fetch::{
    Fetch, Fetched, InTheWay, ReceiveError, Receiving, Stands, Survey,
};
use fullsource_collect::hash;
use fullsource_collect::net::Net;
use fullsource_format::index::{FileIndex, FileRecord, FileTable, read_index};
use fullsource_format::json::UnknownFields;
use fullsource_format::manifest::IndexRef;
use fullsource_format::statement::{Covered, Statement};
use fullsource_verify::finding::{Code, Severity};
use fullsource_verify::judge::{Expected, Verifier};
use fullsource_verify::report::Report;
use jiff::Timestamp;

use crate::cli;
use crate::cmd::verify::choose;
use crate::cmd::verify::covered;
use crate::cmd::vouched::{refused, signature, weighty};
use crate::exit::{Exit, Failure};
use crate::render::escape::shown;
use crate::render::{diagnostic, text};
use crate::{input, look, network, output, policy, trust};
use origin::{Document, Origin};

pub(crate) fn run(args: &cli::Fetch) -> Result<ExitCode, Failure> {
    let verifier = verifier(args)?;
    let net = network::unbounded(&args.reach)?;
    let origin = Origin::open(args, &net)?;
    let chosen = match statement(args, &origin, &verifier)? {
        Ok(chosen) => chosen,
        Err(report) => return Err(refused(&report)),
    };
    let report = signature(&chosen, &verifier);
    let mut open = weighty(&report, Severity::Error);
    if !open.is_empty() {
        return Err(refused(&report));
    }
    open = weighty(&report, Severity::Incomplete);
    let receiving = Receiving::open(&args.to).map_err(|error| unreceivable(&args.to, &error))?;
    let done = brought(args, &origin, &net, &receiving, chosen.statement());
    let came = match done {
        Ok(came) => came,
        Err(failure) => {
            receiving.abandon();
            return Err(failure);
        }
    };
    receiving.finish().map_err(|error| missed::unwritten(&args.to, &error))?;
    tell(args, &report, &came)?;
    for finding in &open {
        let failure = Failure::of(finding.code, &finding.message).helping(&finding.help);
        diagnostic::print_as("incomplete", &failure);
    }
    Ok(if open.is_empty() { Exit::Done } else { Exit::Incomplete }.into())
}

/// What the user's side trusts. The files are looked at here, the claimed sources never.
fn verifier(args: &cli::Fetch) -> Result<Verifier, Failure> {
    Ok(Verifier {
        trust: trust::read(&args.trust)?,
        policy: policy::read(Some("weights-only"))?,
        now: Timestamp::now(),
        require: None,
        expect: args.expect.as_deref().map(|text| Expected { text: text.to_owned() }),
        accept_evidence: false,
    })
}

fn statement(
    args: &cli::Fetch,
    origin: &Origin,
    verifier: &Verifier,
) -> Result<choose::Choice, Failure> {
    let mut envelopes = Vec::new();
    for document in &origin.documents {
        envelopes.extend(choose::read(&document.from, &document.bytes)?);
    }
    let paths: Vec<_> = origin.documents.iter().map(|document| document.from.clone()).collect();
    choose::signed_statement(&paths, envelopes, args.statement_id.as_deref(), verifier)
}

fn unreceivable(path: &Path, error: &ReceiveError) -> Failure {
    let help = match error {
        ReceiveError::System(error) => return missed::unwritten(path, error),
        ReceiveError::Busy => "wait until it is done, or name another directory",
        ReceiveError::Partial(_) => "remove it, or name another directory",
    };
    let text = format!("cannot write `{}`: {error}", path.display());
    Failure { code: "output-unwritable", ..Failure::of(Code::TargetUnreadable, text) }.helping(help)
}

/// What came, in all.
#[derive(Default)]
struct Came {
    files: u64,
    bytes: u64,
    received: u64,
    resumed: u64,
    kept: u64,
}

impl Came {
    fn add(&mut self, files: &FileTable, survey: &Survey, fetched: &Fetched) {
        self.files += files.len() as u64;
        self.bytes += files.total_bytes();
        self.received += fetched.received;
        self.resumed += fetched.resumed;
        self.kept += survey.kept;
    }
}

/// Brings the files, then the file indexes, then the bundle: a release that has its bundle is whole.
fn brought(
    args: &cli::Fetch,
    origin: &Origin,
    net: &Net,
    receiving: &Receiving,
    statement: &Statement,
) -> Result<Came, Failure> {
    let jobs = NonZeroUsize::new(args.jobs.into()).unwrap_or(NonZeroUsize::MIN);
    look::watched("fetching", |progress| {
        let (base, replace) = (&origin.base, args.force);
        let fetch = Fetch { net, base, receiving, jobs, replace, progress };
        let bundles = bundles(&fetch, args, origin)?;
        let files = match statement.covered() {
            Covered::Listed(files) => files.clone(),
            Covered::Indexed(index) => indexed(&fetch, statement, index)?.files,
        };
        let mut came = Came::default();
        bring(&fetch, args, &files, &mut came)?;
        let mut beside = Came::default();
        bring(&fetch, args, &indexes(statement)?, &mut beside)?;
        for document in bundles {
            receiving
                .write(&document.name, &document.bytes, args.force)
                .map_err(|error| missed::unwritten(&args.to, &error))?;
        }
        Ok(came)
    })
}

/// The bundles that are not there yet.
fn bundles<'o>(
    fetch: &Fetch<'_>,
    args: &cli::Fetch,
    origin: &'o Origin,
) -> Result<Vec<&'o Document>, Failure> {
    let mut missing = Vec::new();
    for document in &origin.documents {
        match fetch.stands(&document.record()).map_err(|_| missed::stopped())? {
            Stands::Same => {}
            Stands::Other(what) if !args.force => {
                let what = match what {
                    InTheWay::Other => "another bundle stands there".to_owned(),
                    what => what.to_string(),
                };
                return Err(missed::in_the_way(&args.to, &[(document.name.to_string(), what)]));
            }
            Stands::Nothing | Stands::Other(_) => missing.push(document),
        }
    }
    Ok(missing)
}

fn bring(
    fetch: &Fetch<'_>,
    args: &cli::Fetch,
    files: &FileTable,
    came: &mut Came,
) -> Result<(), Failure> {
    let survey = fetch.survey(files, look::threads()).map_err(|_| missed::stopped())?;
    if !survey.in_the_way.is_empty() {
        let list = survey.in_the_way.iter();
        let list =
            list.map(|(index, what)| (files.record(*index).path.to_owned(), what.to_string()));
        return Err(missed::in_the_way(&args.to, &list.collect::<Vec<_>>()));
    }
    let fetched = fetch.files(files, &survey);
    came.add(files, &survey, &fetched);
    missed::failure(args, files, fetched).map_or(Ok(()), Err)
}

/// The release's file index, read as soon as its digest holds (`idx-6`, `idx-8`).
fn indexed(
    fetch: &Fetch<'_>,
    statement: &Statement,
    index: &IndexRef,
) -> Result<FileIndex, Failure> {
    let record = record(index);
    let stands = fetch.stands(&record).map_err(|_| missed::stopped())?;
    let file = match stands {
        Stands::Same => hash::open_file(fetch.receiving.directory(), &index.name)
            .map(|(file, _)| file)
            .map_err(|error| Failure::of(Code::FileUnreadable, error))?,
        Stands::Nothing | Stands::Other(_) => {
            fetch.hold(&record).map_err(|missed| missed::of(index.name.as_str(), &missed))?
        }
    };
    let path = PathBuf::from(index.name.as_str());
    let read = read_index(BufReader::with_capacity(1 << 16, file), UnknownFields::Ignore)
        .map_err(|error| covered::index_failure(&path, &error))?;
    if read.digests.sha256 != index.sha256 {
        let text = format!("`{}` changed while it was read", index.name);
        return Err(Failure::of(Code::FileChanged, text));
    }
    let broken = statement.index_violations(index, &read);
    if broken.is_empty() { Ok(read) } else { Err(input::rules_failure(&path, b"", &broken)) }
}

/// The file indexes that lie in the release: its own, and those of artifacts.
fn indexes(statement: &Statement) -> Result<FileTable, Failure> {
    let own = match statement.covered() {
        Covered::Indexed(index) => Some(index),
        Covered::Listed(_) => None,
    };
    let theirs = statement.manifest().artifacts().iter().filter_map(|a| a.index.as_deref());
    let mut table = FileTable::builder();
    for index in own.into_iter().chain(theirs) {
        table.push(record(index)).map_err(|error| Failure::of(Code::IndexConflict, error))?;
    }
    table.build().map_err(|error| Failure::of(Code::IndexConflict, error))
}

fn record(index: &IndexRef) -> FileRecord<'_> {
    let (path, size, sha256) = (index.name.as_str(), index.size.0, Some(index.sha256));
    FileRecord { path, size, sha256, blake3: None }
}

fn tell(args: &cli::Fetch, report: &Report, came: &Came) -> Result<(), Failure> {
    let dir = shown(&args.to.display().to_string());
    let mut out = format!("{dir}: {} files, {}", came.files, text::size(came.bytes));
    if let Some(release) = report.release() {
        let version = release.version.as_ref().map_or_else(String::new, |v| format!(" {v}"));
        let says = format!("{}{version}, says {}", release.name, release.producer);
        out = format!("{out} of {}", shown(&says));
    }
    out.push('\n');
    if report.signers().is_empty() {
        out.push_str("  UNVERIFIED: no trusted key signed this; all of it is anybody's word\n");
    }
    let mut line = |label: &str, text: String| out.push_str(&format!("  {label:<10} {text}\n"));
    if let Some(id) = report.statement() {
        line("statement", id.to_string());
    }
    for signer in report.signers() {
        line("signed by", text::signed_by(signer));
    }
    line("came", text::size(came.received));
    if came.resumed > 0 {
        line("went on", format!("after {} of an earlier run", text::size(came.resumed)));
    }
    if came.kept > 0 {
        line("was there", format!("{} files, as they were signed", came.kept));
    }
    let key = args.trust.keys.first();
    let key = key.map_or_else(String::new, |key| format!(" --key {}", key.display()));
    out.push_str(&format!(
        "  Every file is the one that the statement covers. The claimed sources were not looked at:\n  \
         fullsource verify {dir}{}\n",
        shown(&key)
    ));
    output::tell(&out)
}
