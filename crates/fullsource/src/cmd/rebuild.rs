//! `fullsource rebuild`: choose what is run, run it, tell what came out, attest it.

mod attest;
mod told;

use std::collections::HashMap;
use std::process::ExitCode;

use fullsource_collect::directory::Directory;
use fullsource_collect::places::Bring;
use fullsource_format::digest::Sha256;
use fullsource_format::evidence::Tool;
use fullsource_format::index::FileTable;
use fullsource_format::manifest::{CompareMode, Manifest, Stage};
use fullsource_format::rebuild::{Grade, Rebuild};
use fullsource_format::text::Id;
use fullsource_rebuild::draw;
use fullsource_rebuild::plan;
use fullsource_rebuild::run::{Asked, Environments, Extent, RebuildError, Rebuilder};
use fullsource_rebuild::sandbox::{Limits, SandboxError};
use fullsource_verify::ArtifactIndex;
use fullsource_verify::finding::{Code, Severity};
use fullsource_verify::judge::{FilesAndIndexes, Verifier};
use jiff::Timestamp;

use crate::cli::{self, Format, Segments};
use crate::cmd::verify::choose::{self, Chosen};
use crate::cmd::verify::covered::{self, CoveredFiles};
use crate::cmd::vouched::{refused, signature, weighty};
use crate::exit::{Exit, Failure};
use crate::render::diagnostic;
use crate::{look, network, output, policy, suggest};
use attest::Keys;

pub(crate) fn run(args: &cli::Rebuild) -> Result<ExitCode, Failure> {
    let keys = Keys::read(args)?;
    outputs_in_the_way(args)?;
    let directory = look::open(&args.target)?;
    let chosen = statement(args, &keys)?;
    let files = covered(args, &chosen)?;
    let manifest = chosen.statement().manifest();
    let seed = seed(args)?;
    let planned = planned(args, manifest, chosen.id(), &seed)?;
    told::announce(&planned);
    if args.stages.is_empty() {
        told::announce_others(manifest, &planned);
    }
    if args.dry_run {
        return Ok(Exit::Done.into());
    }
    let rebuilds = rebuilt(args, &directory, &chosen, &files, seed, planned)?;
    if args.probe {
        told::announce_unprobed(&rebuilds);
    }
    if let Some(path) = &args.attest {
        keys.attest(path, &chosen, &files.files, &rebuilds)?;
    }
    let text = match args.format {
        Format::Text => told::text(manifest, &rebuilds),
        Format::Json => told::json(&rebuilds)?,
    };
    output::write(args.output.as_deref(), text.as_bytes())?;
    Ok(exit(manifest, &rebuilds).into())
}

/// A stage, and what of it is run.
struct Planned<'a> {
    stage: &'a Stage,
    extent: Extent,
}

fn outputs_in_the_way(args: &cli::Rebuild) -> Result<(), Failure> {
    let outputs = args.output.iter().chain(&args.attest);
    for out in outputs.filter(|out| out.as_os_str() != "-") {
        let read = args.trust.keys.iter().chain(&args.trust.trust).chain(&args.trust.revoked);
        output::not_an_input(out, read.chain(&args.bundles))?;
        output::beside_release(&args.target, out, &[])?;
    }
    Ok(())
}

/// The statement of the release. Where no key of its producer was given, one that nobody vouches for: what
/// is run is kept in all the same, and an attestation names its id.
fn statement(args: &cli::Rebuild, keys: &Keys) -> Result<Chosen, Failure> {
    let verifier = Verifier {
        trust: keys.trust.clone(),
        policy: policy::read(Some("weights-only"))?,
        now: Timestamp::now(),
        require: None,
        expect: None,
        accept_evidence: false,
    };
    let id = args.statement_id.as_deref();
    let chosen = match choose::of_release(Some(&args.target), &args.bundles, id, &verifier)? {
        Ok(chosen) => chosen,
        Err(report) => return Err(refused(&report)),
    };
    let report = signature(&chosen, &verifier);
    if !weighty(&report, Severity::Error).is_empty() {
        return Err(refused(&report));
    }
    for finding in weighty(&report, Severity::Incomplete) {
        let failure = Failure::of(finding.code, &finding.message).helping(&finding.help);
        diagnostic::print_as("warning", &failure);
    }
    Ok(chosen)
}

fn covered(args: &cli::Rebuild, chosen: &Chosen) -> Result<FilesAndIndexes, Failure> {
    match covered::files(chosen.statement(), Some(&args.target))? {
        CoveredFiles::Known(files) => Ok(files),
        CoveredFiles::Lost(finding) => {
            let failure = Failure::of(finding.code, &finding.message).helping(&finding.help);
            Err(Failure { exit: Exit::Fail, ..failure })
        }
    }
}

/// What is run of each stage.
fn planned<'a>(
    args: &cli::Rebuild,
    manifest: &'a Manifest,
    id: Sha256,
    seed: &str,
) -> Result<Vec<Planned<'a>>, Failure> {
    let named: Result<Vec<Id>, _> = args.stages.iter().map(|name| name.parse()).collect();
    let named = named.map_err(|error| Failure::usage(error, "name the id of a stage"))?;
    let stages = plan::stages(manifest, &named).map_err(|name| {
        let ids = manifest.stages().iter().map(|stage| stage.id.as_str());
        let help = suggest::helped(name.as_str(), ids, "`fullsource inspect` shows the stages");
        Failure::usage(format!("there is no stage `{name}`"), help)
    })?;
    if stages.is_empty() {
        let text = "no stage of this release says how it is run again";
        let help = "a stage that can be rebuilt has `command`, or `segments` with commands";
        return Err(
            Failure { exit: Exit::Incomplete, ..Failure::of(Code::NotLooked, text) }.helping(help)
        );
    }
    stages
        .into_iter()
        .map(|stage| Ok(Planned { stage, extent: extent(args, stage, seed, id)? }))
        .collect()
}

/// The seed, drawn here where the caller has none.
fn seed(args: &cli::Rebuild) -> Result<String, Failure> {
    if let Some(seed) = &args.seed {
        return Ok(seed.clone());
    }
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        Failure::of(Code::TargetUnreadable, format!("no random number: {error}"))
    })?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn extent(args: &cli::Rebuild, stage: &Stage, seed: &str, id: Sha256) -> Result<Extent, Failure> {
    let all = stage.segments.len();
    let usage = |text: String| Failure::usage(text, "`fullsource inspect` shows the segments");
    if !args.segment.is_empty() {
        let find = |name: &String| {
            let number = stage.segments.iter().position(|segment| segment.id.as_str() == name);
            number.ok_or_else(|| usage(format!("stage `{}` has no segment `{name}`", stage.id)))
        };
        let mut numbers: Vec<usize> = args.segment.iter().map(find).collect::<Result<_, _>>()?;
        numbers.sort_unstable();
        numbers.dedup();
        return Ok(Extent::Segments(draw::chosen(&stage.segments, numbers)));
    }
    let drawn = |k| {
        draw::draw(&stage.segments, k, seed, &id)
            .map(Extent::Segments)
            .map_err(|error| usage(format!("stage `{}`: {error}", stage.id)))
    };
    match args.segments {
        Some(Segments::Drawn(k)) => drawn(k),
        Some(Segments::All) => drawn(all),
        None if stage.command.is_empty() && all > 0 => drawn(all),
        None => Ok(Extent::Whole),
    }
}

/// Runs every stage.
fn rebuilt(
    args: &cli::Rebuild,
    directory: &Directory,
    chosen: &Chosen,
    files: &FilesAndIndexes,
    seed: String,
    planned: Vec<Planned<'_>>,
) -> Result<Vec<Rebuild>, Failure> {
    let net = network::net(&args.looking.asking)?;
    let access = network::local_access(&args.looking)?;
    let (store, temporary) = (network::temporary()?, network::temporary()?);
    let read = files.indexes.iter().filter_map(|(id, index)| match index {
        ArtifactIndex::Read(index) => Some((id, &index.files)),
        _ => None,
    });
    let indexes: HashMap<&Id, &FileTable> = read.collect();
    look::watched("rebuilding", |progress| {
        let bring = Bring {
            release: Some(directory),
            covered: &files.files,
            indexes: &indexes,
            net: &net,
            access: &access,
            temporary: temporary.path(),
            progress,
        };
        let rebuilder = Rebuilder {
            statement: chosen.id(),
            manifest: chosen.statement().manifest(),
            bring,
            store: store.path(),
            asked: asked(args, seed)?,
            progress,
            tool: Tool::this(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")),
            environments: Environments::default(),
        };
        let run = |Planned { stage, extent }| rebuilder.stage(stage, extent).map_err(failed);
        planned.into_iter().map(run).collect()
    })
}

fn asked(args: &cli::Rebuild, seed: String) -> Result<Asked, Failure> {
    let real = |path: &std::path::PathBuf| {
        path.canonicalize().map_err(|error| Failure::system("read", path, &error))
    };
    Ok(Asked {
        threads: args.threads,
        tools: args.tools.iter().map(real).collect::<Result<_, _>>()?,
        limits: Limits {
            wall: args.wall,
            memory: args.memory,
            disk: args.disk,
            processes: args.processes,
        },
        scratch: args.scratch.as_ref().map(real).transpose()?,
        without: args.danger_no_sandbox,
        probe: args.probe.then_some(seed),
    })
}

fn failed(error: RebuildError) -> Failure {
    match error {
        RebuildError::Stopped(_) | RebuildError::Sandbox(SandboxError::Stopped(_)) => {
            Failure::interrupted()
        }
        RebuildError::Sandbox(error) => {
            let help = "allow user namespaces to this user, or run elsewhere; \
                        `--danger-no-sandbox` runs what the release brings with all that you may do";
            Failure { code: "no-sandbox", ..Failure::of(Code::TargetUnreadable, error) }
                .helping(help)
        }
        RebuildError::Here(error) => Failure::system("write below", &std::env::temp_dir(), &error),
    }
}

/// How the stage says that outputs compare (`reb-37`).
fn mode(stage: &Stage) -> CompareMode {
    stage.compare.as_ref().map_or(CompareMode::Exact, |compare| compare.mode)
}

/// Whether what came out is what the manifest claims.
fn meets(manifest: &Manifest, rebuild: &Rebuild) -> bool {
    let stage = manifest.stages().iter().find(|stage| stage.id == rebuild.stage);
    stage.is_some_and(|stage| rebuild.grade.meets(mode(stage)))
}

fn exit(manifest: &Manifest, rebuilds: &[Rebuild]) -> Exit {
    let differs = |one: &Rebuild| one.grade != Grade::NotRun && !meets(manifest, one);
    match rebuilds {
        _ if rebuilds.iter().any(differs) => Exit::Fail,
        _ if rebuilds.iter().all(|one| meets(manifest, one)) => Exit::Done,
        _ => Exit::Incomplete,
    }
}
