//! `fullsource verify`: read, open, look, judge, tell.

pub(in crate::cmd) mod choose;
pub(crate) mod covered;
mod parents;
mod rebuilds;
mod recall;
mod supplied;

use std::collections::HashMap;
use std::process::ExitCode;

use fullsource_collect::directory::Directory;
use fullsource_collect::parents::Parents;
use fullsource_collect::places::{self, Places};
use fullsource_collect::progress::Stopped;
use fullsource_collect::release::{Look, OwnFiles};
use fullsource_format::digest::Sha256;
use fullsource_format::evidence::{self, Digests, Evidence, StatementRef, Tool};
use fullsource_format::index::FileTable;
use fullsource_format::manifest::Manifest;
use fullsource_format::text::Id;
use fullsource_verify::ArtifactIndex;
use fullsource_verify::class::rung_named;
use fullsource_verify::finding::Code;
use fullsource_verify::judge::{self, Claim, Expected, FilesAndIndexes, Provenance, Verifier};
use fullsource_verify::policy::Scope;
use fullsource_verify::report::Report;
use jiff::Timestamp;

use crate::cli::{DigestKind, ReportFormat, Verify};
use crate::cmd::cache;
use crate::exit::{Exit, Failure};
use crate::render::{self, origin::Origin};
use crate::{look, network, output, policy, suggest, trust};
use choose::Chosen;
use covered::CoveredFiles;
use recall::Recall;

pub(crate) fn run(args: &Verify) -> Result<ExitCode, Failure> {
    let report = match verified(args) {
        Ok(report) => report,
        // A program that reads a report gets one also where there was nothing to judge.
        Err(failure) => match failure.report().filter(|_| args.format != ReportFormat::Text) {
            Some(report) if failure.exit == Exit::CouldNotRun => {
                render::diagnostic::print(&failure);
                report
            }
            _ => return Err(failure),
        },
    };
    tell(args, &report)?;
    Ok(ExitCode::from(report.verdict().exit_code()))
}

fn verified(args: &Verify) -> Result<Report, Failure> {
    outputs_in_the_way(args)?;
    let verifier = verifier(args)?;
    recall::is_in_order(args, &verifier)?;
    let chosen = match choose::statement(args, &verifier)? {
        Ok(chosen) => chosen,
        Err(report) => return Ok(*report),
    };
    let directory = args.target.as_deref().map(look::open).transpose()?;
    let (files, trouble) = match covered::files(chosen.statement(), args.target.as_deref())? {
        CoveredFiles::Known(files) => (files, None),
        CoveredFiles::Lost(finding) => (FilesAndIndexes::default(), Some(finding)),
    };
    let claim = match &chosen {
        Chosen::Signed(statement) => Claim::signed(statement, &files),
        Chosen::WithoutKey(statement) => Claim::without_key(statement, &files),
        Chosen::Unsigned(statement) => Claim::unsigned(statement, &files),
    };
    let rebuilds = rebuilds::given(&args.rebuilds)?;
    let claim = claim.rebuilt(&rebuilds);
    if let Some(finding) = trouble {
        return Ok(judge::without_files(&claim, finding, &verifier));
    }
    let (supplied, provenance) = supplied::evidence(args, &verifier, chosen.id())?;
    let manifest = chosen.statement().manifest();
    let mut evidence = supplied.unwrap_or_else(|| nothing_seen(chosen.id(), verifier.now));
    if let (Some(directory), Some(target)) = (&directory, &args.target) {
        let mut recall = args.trust_mtime.then(|| Recall::of(directory, target)).flatten();
        let (release, own) = look::watched("verifying", |progress| {
            let look = Look {
                directory,
                manifest,
                covered: Some(&files.files),
                digests: digests(args.digests),
                threads: look::threads(),
                progress,
            };
            let sources = verifier.policy.scope() == Scope::Sources;
            let own = if sources { look.artifacts(verifier.now)? } else { OwnFiles::default() };
            let mut release = match &mut recall {
                Some(recall) => look.release_unread(&mut recall.record)?,
                None => look.release()?,
            };
            own.add_unread(&files.files, &mut release);
            Ok((release, own))
        })
        .map_err(|error| look::tree_failure(target, &error))?;
        recall.iter().for_each(Recall::keep);
        evidence.release = Some(release);
        evidence.artifacts.extend(own.artifacts);
        if provenance == Provenance::Own && verifier.policy.scope() == Scope::Sources {
            let sources = Sources { args, id: chosen.id(), manifest, files: &files, directory };
            sources.look(&mut evidence)?;
        }
    }
    save(args, &evidence)?;
    Ok(judge::judge(&claim, &evidence, provenance, &verifier))
}

/// What a release claims beyond itself.
struct Sources<'a> {
    args: &'a Verify,
    id: Sha256,
    manifest: &'a Manifest,
    files: &'a FilesAndIndexes,
    directory: &'a Directory,
}

impl Sources<'_> {
    /// Looks at the places outside the release that it claims, and at its parents.
    fn look(&self, evidence: &mut Evidence) -> Result<(), Failure> {
        let Self { args, id, manifest, files, directory } = *self;
        let given = &parents::given(args, manifest)?;
        let net = network::net(&args.looking.asking)?;
        // Where there is nothing to ask, nobody's credentials are read.
        let parents = manifest.artifacts().iter().any(|artifact| artifact.statement.is_some());
        if !places::are_claimed(manifest) && !parents && given.is_empty() {
            return Ok(());
        }
        let access = network::local_access(&args.looking)?;
        let cache = parents.then(cache::if_usable).flatten();
        let cache = cache.as_ref();
        let temporary = network::temporary()?;
        let read = files.indexes.iter().filter_map(|(id, index)| match index {
            ArtifactIndex::Read(index) => Some((id, &index.files)),
            _ => None,
        });
        let indexes: HashMap<&Id, &FileTable> = read.collect();
        look::watched("looking at sources", |progress| {
            let (jobs, temporary) = (network::jobs(&args.looking), temporary.path());
            let (net, access, indexes) = (&net, &access, &indexes);
            let places = Places { manifest, indexes, net, access, jobs, temporary, progress };
            evidence.artifacts.extend(places.look()?);
            let (release, seen) = (Some(directory), &evidence.artifacts[..]);
            let parents =
                Parents { net, access, release, given, cache, seen, jobs, temporary, progress };
            evidence.parents = parents.look(id, manifest)?;
            Ok(())
        })
        .map_err(|_: Stopped| Failure::interrupted())
    }
}

/// A verifier neither writes over what it reads nor leaves a file in the release.
fn outputs_in_the_way(args: &Verify) -> Result<(), Failure> {
    let outputs = args.output.iter().chain(&args.save_evidence);
    for out in outputs.filter(|out| out.as_os_str() != "-") {
        let read = args.trust.keys.iter().chain(&args.trust.trust).chain(&args.trust.revoked);
        let read = read.chain(&args.bundles).chain(&args.statement).chain(&args.evidence);
        let read = read.chain(&args.rebuilds);
        let parents: Vec<_> = args.parents.iter().map(|text| parents::file(text)).collect();
        let read = read.chain(&parents);
        output::not_an_input(out, read)?;
        if let Some(dir) = &args.target {
            output::beside_release(dir, out, &[])?;
        }
    }
    Ok(())
}

/// What to do about a rung that there is not.
const RUNGS: &str = "the rungs are open-weights, open-recipe, full-source, full-source-transitive; of \
    availability alone: weights-available, recipe-available, source-available, \
    source-available-transitive";

/// What the verifier brings, from its own side alone.
fn verifier(args: &Verify) -> Result<Verifier, Failure> {
    let policy = policy::read(args.policy.as_deref())?;
    let mut trust = trust::read(&args.trust)?;
    // The greater of the two holds (trust-18).
    trust.threshold = trust.threshold.max(policy.threshold().unwrap_or(1));
    let now = match &args.now {
        None => Timestamp::now(),
        Some(text) => text.parse().map_err(|_| {
            let text = format!("`--now {text}` is not a time");
            Failure::usage(text, "write it as 2026-01-31T12:00:00Z")
        })?,
    };
    let expect = args.expect.as_deref().map(|text| Expected { text: text.to_owned() });
    let require = args.require.clone();
    if let Some(rung) = require.as_deref().filter(|rung| rung_named(rung).is_none()) {
        let text = format!("`--require {rung}` names no rung");
        return Err(Failure::usage(text, suggest::helped(rung, suggest::rungs(), RUNGS)));
    }
    Ok(Verifier { trust, policy, now, require, expect, accept_evidence: args.accept_evidence })
}

const fn digests(kind: DigestKind) -> Digests {
    match kind {
        DigestKind::All => Digests::All,
        DigestKind::Sha256 => Digests::Sha256,
        DigestKind::Blake3 => Digests::Blake3,
    }
}

fn nothing_seen(id: Sha256, now: Timestamp) -> Evidence {
    Evidence {
        evidence_type: evidence::TYPE.to_owned(),
        statement: StatementRef { sha256: id },
        tool: Tool::this(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")),
        collected_at: now,
        release: None,
        artifacts: Vec::new(),
        parents: Vec::new(),
    }
}

fn save(args: &Verify, evidence: &Evidence) -> Result<(), Failure> {
    let Some(path) = &args.save_evidence else { return Ok(()) };
    let mut text = serde_json::to_vec_pretty(evidence)
        .map_err(|error| Failure::of(Code::EvidenceMalformed, error))?;
    text.push(b'\n');
    output::write(Some(path), &text)
}

fn tell(args: &Verify, report: &Report) -> Result<(), Failure> {
    let text = render::report(report, args.format, &origin(args), args.output.as_deref())?;
    output::write(args.output.as_deref(), text.as_bytes())
}

/// What the findings of the report are about, for the forms that point there.
fn origin(args: &Verify) -> Origin {
    if !args.format.points() {
        return Origin::default();
    }
    let origin = args.target.as_deref().map_or_else(Origin::default, Origin::of_release);
    match (&args.statement, args.bundles.first()) {
        // One that cannot be read is what the report says.
        (Some(statement), _) => {
            origin.with_manifest(statement).unwrap_or_else(|_| Origin::of_document(statement))
        }
        (None, Some(bundle)) => origin.or_document(bundle),
        (None, None) => origin,
    }
}
