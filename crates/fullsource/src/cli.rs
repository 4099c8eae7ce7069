//! The command line, as `--help` shows it.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use fullsource_collect::net::AllowedHost;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::network;

/// Sign model releases and verify where their source is.
#[derive(Debug, Parser)]
#[command(
    name = "fullsource",
    version,
    about,
    long_about = "Sign model releases and verify where their source is.\n\n\
        A fullsource manifest links a model's weights to the training code, data sets, collecting \
        software, environment, licences and parent models of every training stage. `fullsource` \
        writes, signs and verifies it.",
    after_help = "Exit codes: 0 pass, 1 fail, 2 usage, 3 incomplete, 4 could not run, 130 interrupted.",
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(Init),
    Add(Add),
    Check(Check),
    Keygen(Keygen),
    Sign(Sign),
    Verify(Box<Verify>),
    Fetch(Fetch),
    Cache(Cache),
    Inspect(Inspect),
    Digest(Digest),
    Render(Render),
    Graph(Graph),
    Diff(Diff),
    Explain(Explain),
    Schema(Schema),
    Completions(Completions),
    Man(Man),
}

/// Draft `fullsource.json` from what lies in a model directory.
///
/// Reads weights (safetensors, GGUF), configurations, tokenizer files, the model card's front matter
/// and licence texts, writes what they say as a manifest that can be signed at once, and lists what
/// is missing for each rung. Nothing is invented: what the files do not say is left out, and what is
/// known by name alone is listed by name alone.
///
/// On a terminal it asks for what only you know, with what was found as the answer. It never asks in a
/// pipe, nor where `CI` is set; each question has an option.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  fullsource init ./my-model\n  \
    fullsource init ./my-model --no-input --producer-name 'Example Lab' --stage sft\n  \
    fullsource init ./my-model -o -")]
pub(crate) struct Init {
    /// The model directory.
    pub(crate) dir: PathBuf,
    /// The release's name; the directory's name where absent.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The release's version.
    #[arg(long)]
    pub(crate) release_version: Option<String>,
    /// Who releases it, by name. Never guessed: `unknown producer` where absent.
    #[arg(long)]
    pub(crate) producer_name: Option<String>,
    /// The producer's identity, as trust files name it, such as https://example.org.
    #[arg(long)]
    pub(crate) producer_uri: Option<String>,
    /// The licence of all that has none here, as an SPDX expression.
    #[arg(long, value_name = "EXPRESSION")]
    pub(crate) license: Option<String>,
    /// How the weights were made, such as `pretrain`, `sft` or `quantize`: drafts that stage.
    #[arg(long, value_name = "KIND")]
    pub(crate) stage: Option<String>,
    /// Ask nothing, also on a terminal.
    #[arg(long)]
    pub(crate) no_input: bool,
    /// Replace a manifest that is already there.
    #[arg(long)]
    pub(crate) force: bool,
    /// Write the manifest here instead; `-` is standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Resolve, pin, digest and record one artifact in `fullsource.json`.
///
/// Takes what you have: a path in the release, a web address, `org/name` on the hub. What can change
/// (a branch, a tag) is pinned to what it points to now; the content is read and digested, and a
/// licence text that is unchanged is recognised. Files of the release take no digest: its statement
/// pins them. The rest of the manifest stays as it is, byte by byte. What had to be assumed is told on
/// standard error. A place that cannot be seen is not recorded.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  fullsource add code.training train/ --stage pretrain\n  \
    fullsource add data.sft data/letters.jsonl --license CC0-1.0 --name 'Letters'\n\n\
    LOCATOR may be:\n  \
    train.py, data/                   a file, a directory of the release\n  \
    https://github.com/org/repo       a repository (GitLab, Codeberg, any `.git`), at its HEAD;\n  \
    .../tree/BRANCH/DIR, .../blob/... a directory, a file of it\n  \
    git+https://HOST/PATH@REF         a repository at a branch, a tag or a commit\n  \
    org/name, hf:datasets/org/name    a repository of the hub, or its address there\n  \
    https://HOST/corpus.tar.zst       a file; an archive is unpacked\n  \
    s3://BUCKET/PREFIX/, gs:, az:     an object, or with `/` at the end all below\n  \
    oci:REGISTRY/NAME:TAG, docker://  an image, an artifact\n  \
    swh:1:dir:ID                      an id of Software Heritage")]
pub(crate) struct Add {
    /// What the artifact is for, such as `code.training` or `data.pretraining`.
    pub(crate) role: String,
    /// Where it lies.
    pub(crate) locator: String,
    /// The manifest, or the directory of the release that it lies in.
    #[arg(long, value_name = "FILE|DIR", default_value = ".")]
    pub(crate) manifest: PathBuf,
    /// The artifact's id; made of the locator's last name where absent.
    #[arg(long)]
    pub(crate) id: Option<String>,
    /// A name to show.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Its licence, as an SPDX expression. Goes before what its content says.
    #[arg(long, value_name = "EXPRESSION")]
    pub(crate) license: Option<String>,
    /// The stage that it went into; its role says how.
    #[arg(long, value_name = "ID")]
    pub(crate) stage: Option<String>,
    /// A file or a directory inside, where not all of it is meant.
    #[arg(long)]
    pub(crate) path: Option<String>,
    /// Say that not everyone can have it. Found out where a credential is needed to look.
    #[arg(long, value_enum)]
    pub(crate) availability: Option<AddAvailability>,
    /// Print the artifact, and write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) asking: Asking,
    /// The output's form.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AddAvailability {
    Gated,
}

/// Check manifests, statements, evidence, reports or policies against the format, without a look.
///
/// Every field must be one that the format names, every reference must resolve, every locator must
/// be pinned. Errors point at the line. The kind of a document is told from its contents.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  fullsource check fullsource.json\n  \
    fullsource check fullsource.json --format sarif > check.sarif")]
pub(crate) struct Check {
    /// The documents; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The output's form.
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub(crate) format: CheckFormat,
}

/// The forms of what a check came to. There is no badge of it: a document alone shows nothing of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people.
    Text,
    /// The report that all other forms are made from.
    Json,
    /// A job's summary, a comment on a pull request.
    Markdown,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit's XML, for what shows test results.
    Junit,
    /// Annotations of GitHub Actions, on standard output.
    Github,
}

impl CheckFormat {
    /// The same form of a report; none for what is told while it is checked.
    pub(crate) const fn of_report(self) -> Option<ReportFormat> {
        match self {
            Self::Text => None,
            Self::Json => Some(ReportFormat::Json),
            Self::Markdown => Some(ReportFormat::Markdown),
            Self::Sarif => Some(ReportFormat::Sarif),
            Self::Junit => Some(ReportFormat::Junit),
            Self::Github => Some(ReportFormat::Github),
        }
    }
}

/// Make a key pair: PREFIX.key (secret, mode 0600) and PREFIX.pub.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  fullsource keygen --out release\n  \
    fullsource keygen --out release --type p256 --passphrase")]
pub(crate) struct Keygen {
    /// Where the two files go.
    #[arg(long, value_name = "PREFIX")]
    pub(crate) out: PathBuf,
    /// The signature scheme. p256 is the one that every other verifier reads.
    #[arg(long = "type", value_enum, default_value_t = KeyKind::Ed25519)]
    pub(crate) kind: KeyKind,
    /// Ask for a passphrase and encrypt the secret key with it.
    #[arg(long, conflicts_with = "passphrase_file")]
    pub(crate) passphrase: bool,
    /// Encrypt the secret key with the first line of this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum KeyKind {
    Ed25519,
    P256,
}

/// Sign a release directory, or a statement made elsewhere.
///
/// Hashes every file, fills in the manifest, and writes DIR/fullsource.sigstore.json (one key: a
/// Sigstore bundle) or DIR/fullsource.dsse.json (several keys: a DSSE envelope).
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  fullsource sign ./my-model --key release.key\n  \
    fullsource sign ./my-model --key release.key --exclude 'checkpoint-*/'\n  \
    fullsource sign --statement statement.json --key release.key -o bundle.sigstore.json")]
pub(crate) struct Sign {
    /// The release directory.
    #[arg(required_unless_present = "statement", conflicts_with = "statement")]
    pub(crate) dir: Option<PathBuf>,
    /// Sign the bytes of this statement instead.
    #[arg(long, value_name = "FILE", requires = "output")]
    pub(crate) statement: Option<PathBuf>,
    /// The secret key: PKCS#8 PEM or OpenSSH. Several keys make an envelope of several signatures.
    #[arg(long = "key", value_name = "FILE", required = true)]
    pub(crate) keys: Vec<PathBuf>,
    /// Read the passphrase from the first line of this file instead of asking.
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// The manifest; DIR/fullsource.json where absent.
    #[arg(long, value_name = "FILE", conflicts_with = "statement")]
    pub(crate) manifest: Option<PathBuf>,
    /// Leave out what matches; the statement lists it. A trailing `/` means all below.
    #[arg(long, value_name = "GLOB", conflicts_with = "statement")]
    pub(crate) exclude: Vec<String>,
    /// Where the bundle goes.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Verify a release: signature, files, claimed sources.
///
/// A pass (0) means: a trusted key signed this statement, the directory holds exactly the files
/// that it covers, and nothing that it claims was found to be otherwise. What could not be looked at
/// is never a pass: it ends in 3.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  fullsource verify ./my-model --key release.pub\n  \
    fullsource verify ./my-model --trust allowed_signers --threshold 2 --format json\n  \
    fullsource verify ./my-model --key release.pub --format sarif -o report.sarif\n  \
    fullsource verify ./my-model --key release.pub --policy weights-only")]
pub(crate) struct Verify {
    /// The release directory.
    #[arg(required_unless_present_any = ["statement", "bundles"])]
    pub(crate) target: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    /// A bundle or envelope elsewhere; may be given several times.
    #[arg(long = "bundle", value_name = "FILE", conflicts_with = "statement")]
    pub(crate) bundles: Vec<PathBuf>,
    /// Judge this unsigned statement. The verdict is `incomplete` at best.
    #[arg(long, value_name = "FILE")]
    pub(crate) statement: Option<PathBuf>,
    /// Of several statements, the one with this id (64 hexadecimal digits).
    #[arg(long, value_name = "SHA256")]
    pub(crate) statement_id: Option<String>,
    /// Fail unless the release has this name, and this version where given.
    #[arg(long, value_name = "NAME[@VERSION]")]
    pub(crate) expect: Option<String>,
    /// What to ask: `default`, `weights-only`, `osi`, `debian`, `mof-1`, `mof-2`, `mof-3`, or a policy
    /// file (TOML).
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) policy: Option<String>,
    /// Require this rung: open-weights, open-recipe, full-source, full-source-transitive, or on the
    /// chain of availability weights-available, recipe-available, source-available,
    /// source-available-transitive.
    #[arg(long, value_name = "RUNG-NAME")]
    pub(crate) require: Option<String>,
    #[command(flatten)]
    pub(crate) looking: Looking,
    /// Judge a parent model by this document, instead of looking for its statement: its bundle, or an
    /// unsigned statement or manifest that you wrote because nobody published one. It stands for the
    /// artifact ID, or for the model whose digests it states. May be given several times.
    #[arg(long = "parent", value_name = "[ID=]FILE", conflicts_with = "evidence")]
    pub(crate) parents: Vec<String>,
    /// Judge the claimed sources by this evidence instead of looking.
    #[arg(long, value_name = "FILE")]
    pub(crate) evidence: Option<PathBuf>,
    /// Let evidence that is not signed establish what it says.
    #[arg(long, requires = "evidence")]
    pub(crate) accept_evidence: bool,
    /// Write what was seen to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) save_evidence: Option<PathBuf>,
    /// Which digests to compute of every file.
    #[arg(long, value_enum, default_value_t = DigestKind::All)]
    pub(crate) digests: DigestKind,
    /// Judge at this time (RFC 3339) instead of now.
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<String>,
    /// The report's form.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub(crate) format: ReportFormat,
    /// Write the report to this file.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Show a saved report in another form.
///
/// Judge once with `verify --format json`, then make of that what each reader needs. Also takes a
/// release directory, a bundle, a statement or a manifest, and then shows what it claims: nothing was
/// looked at, and no signature was checked.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  fullsource verify ./my-model --key release.pub --format json -o report.json\n  \
    fullsource render report.json\n  \
    fullsource render report.json --format markdown >> \"$GITHUB_STEP_SUMMARY\"\n  \
    fullsource render report.json --format sarif --manifest my-model/fullsource.json -o report.sarif\n  \
    fullsource render report.json --format html -o report.html\n  \
    fullsource render report.json --format badge -o badge.svg"
)]
pub(crate) struct Render {
    /// The report.
    #[arg(value_name = "REPORT")]
    pub(crate) subject: PathBuf,
    /// Its form.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub(crate) format: ReportFormat,
    /// The manifest, or the statement, that findings point into (`sarif`, `github`); that of the release
    /// directory, where one is given.
    #[arg(long, value_name = "FILE")]
    pub(crate) manifest: Option<PathBuf>,
    /// Write it to this file.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Compare two releases, or two reports: what changed, and why the verdict moved.
///
/// Takes saved reports (`verify --format json`), release directories, bundles, statements or manifests, the
/// earlier first. Of a release only what it claims is compared: verify both first to compare what was seen.
/// Nothing is looked at here and no signature is checked: a report is anybody's word. What nobody could see
/// is never counted as gone.
///
/// Exit codes: 0 nothing of what `--fail-on` names happened, 1 it did, 3 something could be told before and
/// cannot be told now, 2 usage, 4 a side could not be read.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  fullsource diff old-report.json new-report.json\n  \
    fullsource diff ./my-model-1.0 ./my-model-1.1 --format markdown -o changes.md\n  \
    fullsource diff old-report.json new-report.json --fail-on worse,relicensed")]
pub(crate) struct Diff {
    /// The earlier release or report.
    pub(crate) before: PathBuf,
    /// The later release or report.
    pub(crate) after: PathBuf,
    /// What ends in exit code 1; several with commas between them.
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',', default_value = "worse")]
    pub(crate) fail_on: Vec<FailOn>,
    /// The comparison's form.
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    pub(crate) format: DiffFormat,
    /// Write it to this file.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// What a comparison fails on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Anything got worse: verdict, class, a freedom, access, a signature, a new error.
    Worse,
    /// The verdict or the class got worse, claims included.
    Verdict,
    /// An artifact is under another licence, better or worse.
    Relicensed,
    /// Anything differs.
    Any,
    /// Nothing: 0 whatever differs.
    Never,
}

/// The forms of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    Text,
    Markdown,
    Json,
}

/// The forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people, on one screen.
    Text,
    /// The report that all other forms are made from.
    Json,
    /// One page for a browser, which needs no other file and no script.
    Html,
    /// A job's summary, a comment on a pull request.
    Markdown,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit's XML, for what shows test results.
    Junit,
    /// Annotations of GitHub Actions, on standard output.
    Github,
    /// A badge, as SVG.
    Badge,
    /// The same badge, as the JSON that a shields endpoint answers.
    Shields,
}

impl ReportFormat {
    /// Whether it points findings at the files that they are about.
    pub(crate) const fn points(self) -> bool {
        matches!(self, Self::Sarif | Self::Github)
    }
}

/// Draw how a release was made: stages, what went into them, what came out, and its parents.
///
/// Takes what `render` takes. The report of `verify --format json` shows what was verified; anything else
/// shows what is claimed, and nothing is looked at. Shapes and words tell what is verified, gated, missing,
/// withheld or not established. What is too much for a picture is drawn together and counted.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  fullsource graph report.json -o graph.svg\n  \
    fullsource graph fullsource.json --format dot | dot -Tpdf -o graph.pdf\n  \
    fullsource graph ./my-model --format mermaid")]
pub(crate) struct Graph {
    /// A report, a release directory, a bundle, a statement or a manifest.
    pub(crate) subject: PathBuf,
    /// Its form.
    #[arg(long, value_enum, default_value_t = GraphFormat::Svg)]
    pub(crate) format: GraphFormat,
    /// Write it to this file.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// The forms of a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    /// A picture for a browser: one file, light and dark.
    Svg,
    /// For Graphviz.
    Dot,
    /// For Mermaid, which GitHub and GitLab show in Markdown.
    Mermaid,
}

/// Who may be asked.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct Reach {
    /// A host or network that may be asked although it is not public: HOST[:PORT], 10.0.0.0/8; with
    /// `http://` in front also by plain HTTP.
    #[arg(long, value_name = "HOST")]
    pub(crate) allow_host: Vec<AllowedHost>,
    /// Trust the authorities in this file (PEM), beside the system's.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Vec<PathBuf>,
}

/// What is asked, and what it may cost.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct Asking {
    #[command(flatten)]
    pub(crate) reach: Reach,
    /// Ask nothing outside this machine: what lies elsewhere is not looked at.
    #[arg(long)]
    pub(crate) offline: bool,
    /// Read at most so many bytes from all places together, such as 500M or 20G. [default: 32Gi]
    #[arg(long, value_name = "SIZE", value_parser = network::bytes)]
    pub(crate) max_bytes: Option<u64>,
    /// Take at most so much time for all places together, such as 90s or 2h. [default: 1h]
    #[arg(long, value_name = "TIME", value_parser = network::duration)]
    pub(crate) timeout: Option<Duration>,
    /// Ask the Software Heritage archive whether it has what `swh:` ids name.
    #[arg(long)]
    pub(crate) ask_software_heritage: bool,
}

/// How to look at the places that a manifest claims.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct Looking {
    #[command(flatten)]
    pub(crate) asking: Asking,
    /// Places looked at at once. [default: 8]
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Look at `git+file:` repositories below this directory.
    #[arg(long, value_name = "DIR")]
    pub(crate) allow_path: Vec<PathBuf>,
}

/// Whom to trust.
#[derive(Debug, Args)]
pub(crate) struct TrustArgs {
    /// The producer's public key: SPKI PEM or OpenSSH. May be given several times.
    #[arg(long = "key", value_name = "FILE")]
    pub(crate) keys: Vec<PathBuf>,
    /// A trust file in the form of OpenSSH's allowed_signers.
    #[arg(long, value_name = "FILE")]
    pub(crate) trust: Option<PathBuf>,
    /// How many principals must have signed.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) threshold: Option<u32>,
    /// Keys and statement ids that count no longer.
    #[arg(long, value_name = "FILE")]
    pub(crate) revoked: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DigestKind {
    All,
    Sha256,
    Blake3,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}

/// Download a release, verified while it streams.
///
/// The bundle is read first, and opened with your keys; each file that it covers is fetched from
/// beside it and gets its name only when its digests hold. A run that was ended goes on where it
/// stopped when it is run again. Without a key the files come all the same, and the exit is 3. The
/// claimed sources are not looked at: `fullsource verify DIR` does that.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  fullsource fetch https://example.org/m/fullsource.sigstore.json --to ./m --key release.pub\n  \
    fullsource fetch hf:models/lab/m@0123456789abcdef0123456789abcdef01234567 --to ./m --key lab.pub\n  \
    fullsource fetch bundle.json --from https://mirror.example/m/ --to ./m --trust allowed_signers"
)]
pub(crate) struct Fetch {
    /// The bundle: an address, a release's address that ends in `/`, hf:models/ORG/NAME@COMMIT, or a
    /// file with `--from`.
    pub(crate) bundle: String,
    /// The release directory that is made, or gone on with.
    #[arg(long, value_name = "DIR")]
    pub(crate) to: PathBuf,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    #[command(flatten)]
    pub(crate) reach: Reach,
    /// Where the files lie, if not beside the bundle.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) from: Option<String>,
    /// How many files come at once.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) jobs: u16,
    /// Replace files of the same names that differ.
    #[arg(long)]
    pub(crate) force: bool,
    /// Of several statements, the one with this id (64 hexadecimal digits).
    #[arg(long, value_name = "SHA256")]
    pub(crate) statement_id: Option<String>,
    /// Fetch nothing unless the release has this name, and this version where given.
    #[arg(long, value_name = "NAME[@VERSION]")]
    pub(crate) expect: Option<String>,
}

/// Show what the cache of fetched bytes holds, and make it smaller.
///
/// The cache is $FULLSOURCE_CACHE, else fullsource/ in $XDG_CACHE_HOME, else ~/.cache/fullsource.
/// What comes out of it has the digest that it is asked by. It proves digests, never that a source is
/// still there.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  fullsource cache\n  \
    fullsource cache prune --max-size 10G --max-age 30d\n  fullsource cache path")]
pub(crate) struct Cache {
    #[command(subcommand)]
    pub(crate) what: Option<CacheCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CacheCommand {
    /// What it holds, and where it is.
    Show,
    /// Remove what runs that were killed left behind, and what is too old or too much.
    Prune(Prune),
    /// Where it is.
    Path,
}

#[derive(Debug, Args)]
pub(crate) struct Prune {
    /// Keep so much, and remove first what was used longest ago, such as 500M or 10G.
    #[arg(long, value_name = "SIZE", value_parser = network::bytes)]
    pub(crate) max_size: Option<u64>,
    /// Keep what was used within this time, such as 12h or 30d.
    #[arg(long, value_name = "AGE", value_parser = network::duration)]
    pub(crate) max_age: Option<Duration>,
}

/// Show what a bundle or envelope holds, WITHOUT checking a signature.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  fullsource inspect my-model/fullsource.sigstore.json")]
pub(crate) struct Inspect {
    /// The bundle or envelope, or a release directory.
    pub(crate) bundle: PathBuf,
    /// Write the payload bytes as they were signed, and nothing else.
    #[arg(long)]
    pub(crate) payload: bool,
    /// The output's form.
    #[arg(long, value_enum, default_value_t = Format::Text, conflicts_with = "payload")]
    pub(crate) format: Format,
}

/// Print the digests of a file or a directory, as manifests have them.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  fullsource digest ./data --git")]
pub(crate) struct Digest {
    /// The file or directory.
    pub(crate) path: PathBuf,
    /// Compute git's tree ids, too.
    #[arg(long)]
    pub(crate) git: bool,
    /// Write a directory's file index to this file, too.
    #[arg(long, value_name = "FILE")]
    pub(crate) index: Option<PathBuf>,
    /// The output's form.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// Explain a finding, a rule, or a word of the format.
///
/// Of a finding: what it means, what to do, and the rules behind it. `roles`, `stages` and `rungs` list
/// the words that a manifest chooses among.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  fullsource explain artifact-placeholder\n  \
    fullsource explain cls-15\n  fullsource explain roles\n  fullsource explain full-source")]
pub(crate) struct Explain {
    /// The code of a finding, the id of a rule, a role, a kind of stage, a rung; or `roles`, `stages`,
    /// `rungs`. All codes where absent.
    #[arg(value_name = "WORD")]
    pub(crate) name: Option<String>,
}

/// Print a JSON Schema of the format (draft 2020-12).
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  fullsource schema manifest > manifest.schema.json")]
pub(crate) struct Schema {
    /// Which document.
    #[arg(value_enum)]
    pub(crate) name: SchemaName,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaName {
    Manifest,
    Statement,
    Evidence,
    Report,
    Diff,
    Policy,
}

/// Print what your shell needs to complete commands, options and words.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    fullsource completions bash > ~/.local/share/bash-completion/completions/fullsource\n  \
    fullsource completions zsh > ~/.zfunc/_fullsource   # with `fpath+=(~/.zfunc)` before `compinit`\n  \
    fullsource completions fish > ~/.config/fish/completions/fullsource.fish")]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// Print a manual page, or write all of them.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  fullsource man verify | man -l -\n  \
    fullsource man --to ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// The command; the program where absent.
    #[arg(conflicts_with = "to")]
    pub(crate) command: Option<String>,
    /// Write a page for each command into this directory.
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
}
