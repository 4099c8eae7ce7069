//! Commands that hold a release against its statement, and whom they trust.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Looking, Reach, ReportFormat};

/// Verify a release: signature, files, claimed sources.
///
/// A pass (0) means: a trusted key signed this statement, the directory holds exactly the files
/// that it covers, and nothing that it claims was found to be otherwise. What could not be looked at
/// is never a pass: it ends in 3.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  fullsource verify ./my-model --key release.pub\n  \
    fullsource verify ./my-model --trust allowed_signers --threshold 2 --format json\n  \
    fullsource verify ./my-model --key release.pub --format sarif -o report.sarif\n  \
    fullsource verify ./my-model --trust allowed_signers --rebuild rebuild.json\n  \
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
    /// What somebody who ran its stages again attests (`fullsource rebuild --attest`). It counts where the
    /// trust file gives the signer the role rebuilder: `namespaces="fullsource-rebuilder"`. May be given
    /// several times.
    #[arg(long = "rebuild", value_name = "FILE")]
    pub(crate) rebuilds: Vec<PathBuf>,
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
    /// Take a file unread whose size, inode and times are what they were when a run with this option read
    /// it. The report says so; a policy or a required rung refuses it. You trust whoever can write to your
    /// cache directory, set the clock, or change the disk past its file system; a failing disk is not seen.
    #[arg(long, requires = "target")]
    pub(crate) trust_mtime: bool,
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
